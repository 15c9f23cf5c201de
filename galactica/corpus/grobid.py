"""A client of a running GROBID server: PDFs -> TEI, which `sources/tei.py` reads.

Source: GROBID's REST API (https://grobid.readthedocs.io/en/latest/Grobid-service): `GET /api/isalive` answers "true";
`POST /api/processFulltextDocument` takes the PDF as the part `input` of a multipart form; it answers 200 with TEI, 204 where
nothing could be read, 503 where all its threads are at work, 500 with a JSON of the fault.
"""

from __future__ import annotations

import http.client
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from galactica.errors import BadConfig, BadData, GalacticaError
from galactica.files import write_file

SUFFIX = ".tei.xml"
MAX_PDF_BYTES = 512 * 2**20
MAX_TEI_BYTES = 128 * 2**20

_PDF = b"%PDF"
_BUSY = (429, 502, 503, 504)
_LONGEST_PAUSE_SECONDS = 60.0
_FIELDS = {"consolidateHeader": "0", "consolidateCitations": "0", "includeRawCitations": "1"}
"""Without look-ups at outside services; raw citations let a reference whose title GROBID missed be read once more."""


class GrobidError(GalacticaError):
    """A server that cannot be reached, stays busy, or says that it could not read a PDF."""


@dataclass(frozen=True, slots=True)
class GrobidConfig:
    """Which server, and how patiently: `concurrency` should not exceed the server's threads; a busy server is asked again after
    `pause_seconds`, twice as long each time, `retries` times in all."""

    server: str = "http://localhost:8070"
    concurrency: int = 4
    timeout_seconds: float = 180.0
    retries: int = 6
    pause_seconds: float = 2.0

    def __post_init__(self) -> None:
        address = urlsplit(self.server)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise BadConfig(f"the GROBID server is {self.server!r}; allowed: an address like http://localhost:8070")
        if not 1 <= self.concurrency <= 256:
            raise BadConfig(f"concurrency is {self.concurrency}; allowed: 1 to 256")
        if self.timeout_seconds <= 0 or self.retries < 0 or self.pause_seconds < 0:
            raise BadConfig("timeout_seconds must be above 0, retries and pause_seconds 0 or more")


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of the PDFs of a folder: TEI files written, there already, and for each PDF that failed the reason."""

    n_written: int
    n_present: int
    failed: Mapping[str, str]


def is_alive(config: GrobidConfig) -> bool:
    """Whether a GROBID server answers at the address."""
    try:
        with urllib.request.urlopen(_url(config, "isalive"), timeout=min(config.timeout_seconds, 30.0)) as response:
            return bool(response.read(16).strip() == b"true")
    except (OSError, http.client.HTTPException):
        return False


def process_pdf(pdf: bytes, name: str, config: GrobidConfig, sleep: Callable[[float], None] = time.sleep) -> bytes:
    """The TEI of a PDF. Raises GrobidError where the server stays busy or away, or cannot read it."""
    boundary, body = _form(pdf, name)
    request = urllib.request.Request(
        _url(config, "processFulltextDocument"),
        data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/xml"},
    )
    problem = ""
    for attempt in range(config.retries + 1):
        if attempt:
            sleep(min(config.pause_seconds * 2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS))
        try:
            with urllib.request.urlopen(request, timeout=config.timeout_seconds) as response:
                return _checked(response.status, response.read(MAX_TEI_BYTES + 1))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in _BUSY:
                raise GrobidError(f"GROBID answered {error.code}") from None
            problem = "GROBID stayed busy"
        except (OSError, http.client.HTTPException) as error:  # refused, reset, cut short, timed out
            problem = f"GROBID could not be reached: {type(getattr(error, 'reason', error)).__name__}"
    raise GrobidError(problem)


def process_folder(
    pdfs: Path, output: Path, config: GrobidConfig, progress: Callable[[str], None] = lambda line: None
) -> Processed:
    """Write `NAME.tei.xml` into `output` for each PDF under `pdfs`, at the same place below it; those that are there stay.

    A file is whole or absent, so that a run that was stopped goes on where it stood. Raises BadData where there is no PDF, and
    GrobidError where no server answers before the first.
    """
    found = sorted(path for path in pdfs.rglob("*") if path.suffix.lower() == ".pdf" and path.is_file())
    if not found:
        raise BadData(f"{pdfs} holds no PDF. Give a folder of .pdf files.")
    waiting = [path for path in found if not _target(path, pdfs, output).exists()]
    if waiting and not is_alive(config):
        raise GrobidError(f"no GROBID server answers at {config.server}. Start one, or give its address with --server.")
    failed: dict[str, str] = {}
    n_written = 0
    with ThreadPoolExecutor(config.concurrency) as pool:
        for path, problem in _results(pool, waiting, pdfs, output, config):
            n_written += not problem
            if problem:
                failed[path.relative_to(pdfs).as_posix()] = problem
            progress(f"{n_written + len(failed)} of {len(waiting)} PDFs")
    return Processed(n_written, len(found) - len(waiting), dict(sorted(failed.items())))


def _results(
    pool: ThreadPoolExecutor, waiting: list[Path], pdfs: Path, output: Path, config: GrobidConfig
) -> Iterator[tuple[Path, str]]:
    """Each PDF with its problem ("" where none) as it is done; no more are begun than work at a time."""
    running: dict[Future[str], Path] = {}
    rest = iter(waiting)
    try:
        while True:
            while len(running) < config.concurrency and (path := next(rest, None)) is not None:
                running[pool.submit(_process, path, _target(path, pdfs, output), config)] = path
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _process(path: Path, target: Path, config: GrobidConfig) -> str:
    """Why the PDF has no TEI; "" where it has."""
    try:
        if path.is_symlink():
            return "a symbolic link"
        if path.stat().st_size > MAX_PDF_BYTES:
            return f"larger than {MAX_PDF_BYTES} bytes"
        with path.open("rb") as stream:
            if stream.read(len(_PDF)) != _PDF:
                return "no PDF: it does not begin with %PDF"
        write_file(target, process_pdf(path.read_bytes(), path.name, config))
    except GrobidError as error:
        return str(error)
    except OSError as error:
        return f"not read or not written: {type(error).__name__}"
    return ""


def _target(path: Path, pdfs: Path, output: Path) -> Path:
    relative = path.relative_to(pdfs)
    return output / relative.with_name(relative.name[: -len(path.suffix)] + SUFFIX)


def _checked(status: int, data: bytes) -> bytes:
    if status == http.client.NO_CONTENT or not data.strip():
        raise GrobidError("GROBID found no text in it")
    if len(data) > MAX_TEI_BYTES:
        raise GrobidError(f"the TEI is larger than {MAX_TEI_BYTES} bytes")
    if b"<TEI" not in data[:4096]:
        raise GrobidError("GROBID answered something that is no TEI")
    return data


def _form(pdf: bytes, name: str) -> tuple[str, bytes]:
    """The boundary and the body of the form; a name from outside cannot break out of its header."""
    boundary = f"galactica-{secrets.token_hex(16)}"
    safe = "".join(
        character if character.isalnum() or character in "-_." else "_" for character in name if character.isascii()
    )
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in _FIELDS.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="input"; filename="{safe or "paper.pdf"}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return boundary, b"".join([*parts, head.encode(), pdf, f"\r\n--{boundary}--\r\n".encode()])


def _url(config: GrobidConfig, service: str) -> str:
    return f"{config.server.rstrip('/')}/api/{service}"
