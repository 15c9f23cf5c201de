"""A server of this machine that does what servers do: ranges, cuts, wrong bytes, redirects, pauses. No real place is reached."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus import fetch as fetching
from galactica.corpus.fetch import Fetched, fetch
from galactica.corpus.listings import Listing
from galactica.corpus.places import Place

HOST = "data.example.org"


@dataclass
class Answers:
    """What the server has and how it behaves: `cuts` end answers after so many bytes, `statuses` come before the first good one."""

    files: dict[str, bytes] = field(default_factory=dict)
    has_ranges: bool = True
    etag: str = '"v1"'
    cuts: list[int] = field(default_factory=list)
    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    n_sent: int = 0
    delay_seconds: float = 0.0


class Handler(BaseHTTPRequestHandler):
    answers: Answers

    def do_GET(self) -> None:
        answers = self.answers
        answers.asked.append((self.path, dict(self.headers)))
        time.sleep(answers.delay_seconds)
        data = answers.files.get(self.path)
        if data is not None and answers.statuses:
            status, headers = answers.statuses.pop(0)
            self._begin(status, {"Content-Length": "0", **headers})
            return
        if data is None:
            self._begin(404, {"Content-Length": "0"})
            return
        start = self._start(len(data))
        if start >= len(data) > 0:
            self._begin(416, {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"})
            return
        headers = {"Content-Length": str(len(data) - start), "ETag": answers.etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._begin(206 if start else 200, headers)
        body = data[start:]
        if answers.cuts:
            body = body[: answers.cuts.pop(0)]
        answers.n_sent += len(body)
        self.wfile.write(body)

    def _start(self, n_bytes: int) -> int:
        wanted = self.headers.get("Range", "")
        if (
            not self.answers.has_ranges
            or not wanted
            or self.headers.get("If-Range", self.answers.etag) != self.answers.etag
        ):
            return 0
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class Server:
    answers: Answers
    base_url: str
    output: Path
    waits: list[float]
    lines: list[str]
    patch: pytest.MonkeyPatch

    def has(self, path: str, data: bytes, host: str = HOST) -> None:
        self.answers.files[f"/{host}{path}"] = data

    def fetch(
        self, *listings: Listing, limit: int = 10, place: dict[str, Any] | None = None, **options: Any
    ) -> Fetched:
        """Fetch a place of these listings from the server."""
        made = Place(documented="https://example.org", listings=listings, **{"seconds_between": 0.0, **(place or {})})
        self.patch.setattr(fetching, "PLACES", {"test": made})
        options = {"base_url": self.base_url, "sleep": self.waits.append, **options}
        return fetch("test", self.output, limit, self.lines.append, **options)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.output.iterdir())


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    answers = Answers()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), type("_Handler", (Handler,), {"answers": answers}))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Server(answers, f"http://127.0.0.1:{httpd.server_address[1]}", tmp_path / "raw", [], [], monkeypatch)
    httpd.shutdown()
    httpd.server_close()
    thread.join()
