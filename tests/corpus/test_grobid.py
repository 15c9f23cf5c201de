"""The GROBID client against a server on loopback that speaks GROBID's form: what is sent, what is asked again, what is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

import pytest

from galactica.corpus.grobid import GrobidConfig, GrobidError, is_alive, process_folder, process_pdf
from galactica.errors import BadConfig, BadData

TEI = b'<?xml version="1.0"?><TEI xmlns="http://www.tei-c.org/ns/1.0"><text>%s</text></TEI>'


class Server(ThreadingHTTPServer):
    """Answers a PDF with the statuses that its content lists, last one kept ("503 200"), and notes what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: dict[bytes, int] = {}
        self.fields: dict[str, bytes] = {}
        self.file_name = ""
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no fault of the test."""

    def config(self, concurrency: int = 4, timeout_seconds: float = 5.0, retries: int = 3) -> GrobidConfig:
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return GrobidConfig(address, concurrency, timeout_seconds, retries, pause_seconds=0.01)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/api/isalive" else 404, b"true")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = cast(list[Message], BytesParser().parsebytes(head + body).get_payload())
        fields = {str(part.get_param("name", header="content-disposition")): part for part in parts}
        with self.server.lock:
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            self.server.fields = {name: cast(bytes, part.get_payload(decode=True)) for name, part in fields.items()}
            self.server.file_name = str(fields["input"].get_filename())
            pdf = self.server.fields["input"]
            number = self.server.asked.get(pdf, 0)
            self.server.asked[pdf] = number + 1
        time.sleep(0.03 if b"slow" not in pdf else 1.0)
        statuses = [int(word) for word in pdf.split() if word.isdigit()] or [200]
        status = statuses[min(number, len(statuses) - 1)]
        with self.server.lock:
            self.server.at_once -= 1
        self._answer(status, b"" if b"empty" in pdf else b"<html>" if b"html" in pdf else TEI % pdf)

    def _answer(self, status: int, body: bytes) -> None:
        assert status != 404, self.path
        self.send_response(status)
        self.send_header("Content-Length", str(0 if status == 204 else len(body)))
        self.end_headers()
        self.wfile.write(b"" if status == 204 else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_pdf_goes_out_as_a_form_and_comes_back_as_tei(server: Server) -> None:
    pdf = b"%PDF-1.7\r\n--\r\n\x00\xff"
    assert is_alive(server.config())
    assert process_pdf(pdf, 'a"\r\nX: 1ü.pdf', server.config()) == TEI % pdf
    assert server.fields["input"] == pdf
    assert server.fields["includeRawCitations"] == b"1"
    assert server.file_name == "a___X__1.pdf"


def test_a_busy_server_is_asked_again_and_later_each_time(server: Server) -> None:
    pauses: list[float] = []
    assert process_pdf(b"503 503 200", "a.pdf", server.config(), pauses.append) == TEI % b"503 503 200"
    assert pauses == [0.01, 0.02]


@pytest.mark.parametrize(
    ("pdf", "problem", "n_asked"),
    [
        (b"503", "GROBID stayed busy", 4),
        (b"500", "GROBID answered 500", 1),
        (b"204", "GROBID found no text in it", 1),
        (b"empty", "GROBID found no text in it", 1),
        (b"html", "GROBID answered something that is no TEI", 1),
        (b"slow", "GROBID could not be reached: TimeoutError", 2),
    ],
)
def test_a_pdf_without_tei_says_why(server: Server, pdf: bytes, problem: str, n_asked: int) -> None:
    config = server.config(timeout_seconds=0.3, retries=1) if pdf == b"slow" else server.config()
    with pytest.raises(GrobidError, match=f"^{problem}$"):
        process_pdf(pdf, "a.pdf", config)
    assert server.asked[pdf] == n_asked


def test_a_folder_is_done_once(server: Server, tmp_path: Path) -> None:
    pdfs, output = tmp_path / "pdfs", tmp_path / "tei"
    (pdfs / "deep").mkdir(parents=True)
    for number in range(12):
        (pdfs / ("deep" if number % 2 else ".") / f"{number}.v1.PDF").write_bytes(b"%%PDF paper %c" % (65 + number))
    (pdfs / "bad.pdf").write_bytes(b"%PDF 500")
    first = process_folder(pdfs, output, server.config(concurrency=3))
    assert (first.n_written, first.n_present, first.failed) == (12, 0, {"bad.pdf": "GROBID answered 500"})
    assert (output / "deep" / "3.v1.tei.xml").read_bytes() == TEI % b"%PDF paper D"
    assert not [path for path in output.rglob("*") if path.is_file() and not path.name.endswith(".tei.xml")]
    assert 1 < server.most_at_once <= 3
    (output / "deep" / "3.v1.tei.xml").unlink()
    (pdfs / "bad.pdf").write_bytes(b"%PDF mended")
    again = process_folder(pdfs, output, server.config())
    assert (again.n_written, again.n_present, again.failed) == (2, 11, {})
    assert server.asked[b"%PDF paper A"] == 1


def test_a_wrong_address_or_an_empty_folder_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="holds no PDF"):
        process_folder(tmp_path, tmp_path / "tei", GrobidConfig())
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(GrobidError, match="no GROBID server answers at"):
        process_folder(tmp_path, tmp_path / "tei", GrobidConfig("http://127.0.0.1:9"))
    with pytest.raises(BadConfig, match="allowed: an address"):
        GrobidConfig("file:///etc/passwd")


def test_links_and_what_is_no_pdf_are_not_sent(server: Server, tmp_path: Path) -> None:
    """Red where a name alone makes a PDF."""
    (tmp_path / "pdfs").mkdir()
    (tmp_path / "secret").write_bytes(b"%PDF of another folder")
    (tmp_path / "pdfs/link.pdf").symlink_to(tmp_path / "secret")
    (tmp_path / "pdfs/empty.pdf").touch()
    done = process_folder(tmp_path / "pdfs", tmp_path / "tei", server.config())
    assert done.failed == {"link.pdf": "a symbolic link", "empty.pdf": "no PDF: it does not begin with %PDF"}
    assert done.n_written == 0
