"""Fetching against a server of this machine that does what servers do: ranges, cuts, wrong bytes, redirects, pauses.

The real places were not reached; `places.py` is held to its form, and its listings to pages of the form that the places document.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from galactica.corpus import downloads
from galactica.corpus import fetch as fetching
from galactica.corpus.downloads import FetchFailed, Key, NotThere, TooMuch, WrongChecksum, is_loopback
from galactica.corpus.fetch import Fetched, fetch
from galactica.corpus.listings import BadListing, Fixed, Items, Links, Listing, Numbered, Paths, Sums
from galactica.corpus.places import PLACES, Place
from galactica.corpus.sources import SOURCES
from galactica.errors import BadInput, GalacticaError

HOST = "data.example.org"
DATA = bytes(range(256)) * 2000


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


ONE = Fixed(f"https://{HOST}/a.bin")
WITH_MD5 = Fixed(f"https://{HOST}/a.bin", checksum_ending=".md5")


def md5_of(data: bytes) -> bytes:
    return f"MD5(a.bin)= {hashlib.md5(data).hexdigest()}\n".encode()


def test_a_file_is_fetched_once_and_then_present(server: Server) -> None:
    server.has("/a.bin", DATA)
    assert server.fetch(ONE) == Fetched(1, len(DATA), 0)
    assert server.fetch(ONE) == Fetched(0, 0, 1)
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.left() == ["a.bin"]
    assert all("galactica" in headers["User-Agent"] for _, headers in server.answers.asked)


def test_a_cut_connection_is_gone_on_with_and_no_byte_comes_twice(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.answers.cuts = [100_000, 250_000]
    assert server.fetch(ONE).n_bytes == len(DATA)
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.answers.n_sent == len(DATA)  # red when Range is not sent
    assert [headers.get("Range") for _, headers in server.answers.asked] == [None, "bytes=100000-", "bytes=350000-"]


def test_what_a_stopped_call_left_is_gone_on_with(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.answers.cuts = [100_000] + [0] * 5
    with pytest.raises(FetchFailed, match="run the command again"):
        server.fetch(ONE)
    assert server.left() == ["a.bin.part", "a.bin.part.origin"]
    assert server.fetch(ONE).n_bytes == len(DATA) - 100_000
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.left() == ["a.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server: Server) -> None:
    server.has("/a.bin", b"old " * 1000)
    server.answers.cuts = [1000] + [0] * 5
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    server.has("/a.bin", DATA)
    server.answers.etag = '"v2"'
    server.fetch(ONE)
    assert (server.output / "a.bin").read_bytes() == DATA  # red without If-Range


def test_a_server_without_ranges_sends_the_file_anew(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.answers.has_ranges = False
    server.answers.cuts = [100_000]
    server.fetch(ONE)
    assert (server.output / "a.bin").read_bytes() == DATA  # red when a 200 is appended
    assert server.answers.n_sent == len(DATA) + 100_000


def test_a_server_without_ranges_that_always_breaks_off_is_not_asked_for_ever(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.answers.has_ranges = False
    server.answers.cuts = [1000] * 100
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    assert len(server.answers.asked) < 10


def test_a_part_that_is_whole_already_is_not_asked_for_again(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.has("/a.bin.md5", md5_of(DATA))
    server.output.mkdir()
    (server.output / "a.bin.part").write_bytes(DATA)
    (server.output / "a.bin.part.origin").write_text(f'https://{HOST}/a.bin\n"v1"\n')
    assert server.fetch(WITH_MD5).n_files == 1
    assert (server.output / "a.bin").read_bytes() == DATA


def test_a_wrong_checksum_leaves_no_file(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.has("/a.bin.md5", md5_of(b"other"))
    with pytest.raises(WrongChecksum, match=hashlib.md5(DATA).hexdigest()):
        server.fetch(WITH_MD5)
    assert server.left() == []


def test_a_damaged_part_is_found_by_the_checksum_and_fetched_anew(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.has("/a.bin.md5", md5_of(DATA))
    server.output.mkdir()
    (server.output / "a.bin.part").write_bytes(b"x" * 1000)
    (server.output / "a.bin.part.origin").write_text(f'https://{HOST}/a.bin\n"v1"\n')
    server.fetch(WITH_MD5)
    assert (server.output / "a.bin").read_bytes() == DATA


@pytest.mark.parametrize(
    ("headers", "waits"),
    [({"Retry-After": "17"}, [17.0]), ({}, [2.0]), ({"Retry-After": formatdate(0, usegmt=True)}, [0.0])],
)
def test_a_busy_server_is_waited_for_as_it_asks(server: Server, headers: dict[str, str], waits: list[float]) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(429, headers)]
    assert server.fetch(ONE).n_files == 1
    assert server.waits == waits


def test_a_server_that_stays_busy_or_asks_for_hours_ends_the_call(server: Server) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(503, {})] * 20
    with pytest.raises(FetchFailed, match="503"):
        server.fetch(ONE)
    assert server.waits == [2.0, 4.0, 8.0, 16.0, 32.0]
    server.answers.statuses = [(429, {"Retry-After": "86400"})]
    with pytest.raises(FetchFailed, match="86,400 s"):
        server.fetch(ONE)


def test_a_host_that_never_answered_is_named_within_seconds(server: Server) -> None:
    """Red where no network costs as long as a busy server: 62 seconds."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # and does not listen
        base_url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(
            FetchFailed, match=r"127\.0\.0\.1 could not be reached for 14 s: .*refused.* Is there a network"
        ):
            server.fetch(ONE, base_url=base_url)
    assert server.waits == [2.0, 4.0, 8.0]


def test_a_host_that_lets_connections_hang_is_given_up_soon(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red where the wait for a connection is as long as that for an answer."""
    asked = []

    def hang(address: Any, timeout: float, *arguments: Any) -> socket.socket:
        asked.append(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", hang)
    with pytest.raises(FetchFailed, match="could not be reached"):
        server.fetch(ONE)
    assert set(asked) == {6.0}


def test_a_slow_answer_is_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red where the short wait for the connection holds for what comes after it."""
    server.has("/a.bin", DATA)
    server.answers.delay_seconds = 0.3
    monkeypatch.setattr(downloads, "_CONNECT_SECONDS", 0.1)
    assert server.fetch(ONE) == Fetched(1, len(DATA), 0)


def test_requests_to_a_host_are_paced(server: Server) -> None:
    for name in "ab":
        server.has(f"/{name}.bin", DATA)
    server.fetch(ONE, Fixed(f"https://{HOST}/b.bin"), place={"seconds_between": 5.0})
    assert len(server.waits) == 1
    assert 4.0 < server.waits[0] <= 5.0


@pytest.mark.parametrize(
    "location", ["http://other.example.org/a.bin", "file:///etc/passwd", "ftp://other.example.org/a.bin"]
)
def test_redirects_away_from_https_are_refused(server: Server, location: str) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(302, {"Location": location})]
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    assert server.left() == []


def test_a_redirect_is_followed_without_the_key(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", "secret")
    server.has("/a.bin", DATA)
    server.has("/b.bin", DATA, "mirror.example.org")
    server.answers.statuses = [(302, {"Location": f"{server.base_url}/mirror.example.org/b.bin"})]
    key = Key("TEST_KEY", "X-Key", HOST, "https://example.org/keys")
    assert server.fetch(ONE, place={"key": key}).n_files == 1
    assert [headers.get("X-Key") for _, headers in server.answers.asked] == ["secret", None]


def test_a_missing_key_is_named_before_anything_is_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    with pytest.raises(BadInput, match="TEST_KEY"):
        server.fetch(ONE, place={"key": Key("TEST_KEY", "X-Key", HOST, "https://example.org/keys")})
    assert server.answers.asked == []


@pytest.mark.parametrize(
    "address", [f"http://{HOST}/a.bin", "file:///etc/passwd", "https://user@h.org/a.bin", "https://127.0.0.1/a"]
)
def test_addresses_that_are_not_public_https_are_refused(server: Server, address: str) -> None:
    with pytest.raises(FetchFailed, match="not an address"):
        server.fetch(Fixed(address, "a.bin"))
    assert server.answers.asked == []


HOSTILE = ["../evil", "..", "/etc/cron.d/evil", "a\\..\\b", ".bashrc", "a\nb", "x" * 300, "a.part", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_listing_writes_outside_the_folder(server: Server, name: str) -> None:
    server.has("/list.json", json.dumps({"files": [{"key": name, "self": f"https://{HOST}/"}]}).encode())
    server.has("/", DATA)
    with pytest.raises(BadListing, match="not a plain file name"):
        server.fetch(Items(f"https://{HOST}/list.json", "files", "key", "(?s).*", "self"))
    assert server.left() == []
    assert [path.name for path in server.output.parent.iterdir()] == ["raw"]


def test_encoded_slashes_of_an_address_are_no_folders(server: Server) -> None:
    server.has("/paths.gz", gzip.compress(b"crawl/..%2f..%2fevil\n"))
    server.has("/crawl/..%252f..%252fevil", DATA)
    with pytest.raises(BadListing):
        server.fetch(Paths(f"https://{HOST}/paths.gz", f"https://{HOST}/"), Fixed(f"https://{HOST}/x%2F..%2Fevil"))


@pytest.mark.parametrize("page", [b"", b"[1, 2]", b'{"files": {}}', b"[" * 100_000, b"\xff\x00" * 50])
def test_broken_listings_are_named(server: Server, page: bytes) -> None:
    server.has("/list", page)
    with pytest.raises(BadListing):
        server.fetch(Items(f"https://{HOST}/list", "files"))
    if page:
        with pytest.raises(BadListing):
            server.fetch(Paths(f"https://{HOST}/list", f"https://{HOST}/"))


def test_a_page_of_html_is_no_archive(server: Server) -> None:
    server.has("/a.tar.gz", b"<html>Please log in</html>")
    with pytest.raises(NotThere, match="not what its name"):
        server.fetch(Fixed(f"https://{HOST}/a.tar.gz"))
    assert server.left() == []


def test_limits_of_files_and_megabytes_hold(server: Server) -> None:
    files = [Fixed(f"https://{HOST}/{name}.bin") for name in "abc"]
    for name in "abc":
        server.has(f"/{name}.bin", DATA)
    assert server.fetch(*files, limit=2).n_files == 2
    assert server.fetch(*files, limit=2) == Fetched(0, 0, 2)  # the same call again has nothing to do
    (server.output / "a.bin").unlink()
    cut = server.fetch(*files, limit=3, max_megabytes=0.6)
    assert cut == Fetched(1, len(DATA), 1, is_cut=True)
    with pytest.raises(TooMuch):
        server.fetch(*files, limit=3, max_megabytes=0.1)
    assert server.left() == ["a.bin", "b.bin"]


def test_files_that_are_read_only_together_count_as_one(server: Server) -> None:
    """Red where the limit cuts between the names and the terms of the OEIS."""
    for name in ("names.gz", "stripped.gz"):
        server.has(f"/{name}", gzip.compress(name.encode()), "oeis.org")
    assert names(server, "oeis", 1) == ["names.gz", "stripped.gz"]


def test_files_that_a_place_lacks_are_left_out_where_it_may_lack_them(server: Server) -> None:
    server.has("/b.bin", DATA)
    missing = [ONE, Fixed(f"https://{HOST}/b.bin")]
    with pytest.raises(NotThere):
        server.fetch(*missing)
    assert server.fetch(*missing, place={"may_lack": True}).n_files == 1


def test_errors_are_one_line_and_tell_no_signature(server: Server) -> None:
    for url in (f"https://{HOST}/none?Signature=secret", f"https://{HOST}/a\nb?Signature=secret"):
        with pytest.raises(GalacticaError) as raised:
            server.fetch(Fixed(url, "a.bin"))
        assert "\n" not in str(raised.value)
        assert "secret" not in str(raised.value)


def names(server: Server, source: str, limit: int) -> list[str]:
    """The files of a real place, asked from the server."""
    server.lines.clear()
    fetch(source, server.output, limit, server.lines.append, base_url=server.base_url, sleep=server.waits.append)
    return server.left()


def test_pubmed_is_walked_and_verified(server: Server) -> None:
    folder = "/ftp.ncbi.nlm.nih.gov/pubmed/baseline/"
    name = "pubmed26n0001.xml.gz"
    data = gzip.compress(b"<PubmedArticleSet/>")
    page = f'<a href="README.txt">README.txt</a> <a href="{name}">{name}</a> <a href="{name}.md5">{name}.md5</a>'
    server.answers.files |= {
        folder: page.encode(),
        f"{folder}{name}": data,
        f"{folder}{name}.md5": f"MD5({name})= {hashlib.md5(data).hexdigest()}\n".encode(),
    }
    assert names(server, "pubmed", 5) == [name]


def test_wikibooks_is_found_in_the_checksums_of_its_dump(server: Server) -> None:
    name = "enwikibooks-20261101-pages-articles.xml.bz2"
    sha1 = hashlib.sha1(DATA).hexdigest()
    sums = f"{sha1}  enwikibooks-20261101-pages-articles-multistream.xml.bz2\n{sha1}  {name}\n"
    server.has("/enwikibooks/latest/enwikibooks-latest-sha1sums.txt", sums.encode(), "dumps.wikimedia.org")
    server.has(f"/enwikibooks/20261101/{name}", DATA, "dumps.wikimedia.org")
    assert names(server, "wikibooks", 5) == [name]


def test_europe_pmc_is_walked_by_its_cursor(server: Server) -> None:
    place = PLACES["jats"].listings[0]
    assert isinstance(place, Links)
    search = urlsplit(place.url.replace("{cursor}", "%2A"))
    host = "www.ebi.ac.uk"
    path = f"{search.path}?{search.query}"
    pages = [("PMC11", "Ao+/="), ("PMC12", "end"), ("PMC12", "end")]
    for number, (pmcid, following) in enumerate(pages):
        asked = path if not number else path.replace("%2A", ["", "Ao%2B%2F%3D", "end"][number])
        page = {"nextCursorMark": following, "resultList": {"result": [{"id": "1", "source": "MED", "pmcid": pmcid}]}}
        server.has(asked, json.dumps(page, separators=(",", ":")).encode(), host)
    for pmcid in ("PMC11", "PMC12"):
        server.has(f"/europepmc/webservices/rest/{pmcid}/fullTextXML", b"<article/>", host)
    assert names(server, "jats", 9) == ["PMC11.xml", "PMC12.xml"]


def test_arxiv_identifiers_of_both_ages_become_file_names(server: Server) -> None:
    listing = PLACES["arxiv/sources"].listings[0]
    assert isinstance(listing, Links)
    page = b"<id>http://arxiv.org/abs/2201.00001v2</id> <id>http://arxiv.org/abs/hep-th/9901001v1</id> <id>http://arxiv.org/api/x</id>"
    found = list(replace(listing, step=0).files(lambda url: page))
    assert [(wanted.name, wanted.url) for wanted in found] == [
        ("2201.00001.gz", "https://export.arxiv.org/e-print/2201.00001"),
        ("hep-th_9901001.gz", "https://export.arxiv.org/e-print/hep-th/9901001"),
    ]


def test_stackexchange_takes_the_sites_of_the_paper_with_their_sha1(server: Server) -> None:
    sha1 = hashlib.sha1(b"7z\xbc\xaf'\x1c").hexdigest()
    files = [
        {"name": name, "sha1": sha1}
        for name in ("cooking.stackexchange.com.7z", "physics.stackexchange.com.7z", "x.torrent")
    ]
    server.has("/metadata/stackexchange", json.dumps({"files": files}).encode(), "archive.org")
    server.has("/download/stackexchange/physics.stackexchange.com.7z", b"7z\xbc\xaf'\x1c", "archive.org")
    assert names(server, "stackexchange", 5) == ["physics.stackexchange.com.7z"]


def test_zenodo_and_common_crawl_and_pages_of_an_api(server: Server) -> None:
    data = b"\xfd7zXZ\x00"
    item = {
        "key": "unarXive_open.tar.xz",
        "checksum": f"md5:{hashlib.md5(data).hexdigest()}",
        "links": {"self": "https://zenodo.org/api/records/7752615/files/unarXive_open.tar.xz/content"},
    }
    server.has("/api/records/7752615", json.dumps({"files": [item]}).encode(), "zenodo.org")
    server.has("/api/records/7752615/files/unarXive_open.tar.xz/content", data, "zenodo.org")
    assert names(server, "arxiv", 5) == ["unarXive_open.tar.xz"]
    crawl, warc = "data.commoncrawl.org", "crawl-data/CC-MAIN-2022-21/segments/1/warc/CC-MAIN-1-00000.warc.gz"
    server.has("/crawl-data/CC-MAIN-2022-21/warc.paths.gz", gzip.compress(f"{warc}\n{warc}x\n".encode()), crawl)
    server.has(f"/{warc}", gzip.compress(b"WARC/1.0"), crawl)
    assert "CC-MAIN-1-00000.warc.gz" in names(server, "scientific_cc", 1)
    numbered = Numbered(f"https://{HOST}/items?skip={{}}", "page-{}.json", step=50)
    for skip in (0, 50):
        server.has(f"/items?skip={skip}", b"{}")
    server.fetch(numbered, limit=2)
    assert {"page-00001.json", "page-00002.json"} <= set(server.left())


def test_what_has_no_place_says_so(tmp_path: Path) -> None:
    say: Callable[[str], None] = [].append
    for name, words in (("wikibook", "nearest: wikibooks"), ("nosuch", "`galactica corpus sources`")):
        with pytest.raises(BadInput, match=words) as caught:
            fetch(name, tmp_path, 1, say)
        assert len(str(caught.value)) < 150  # and not every name
    with pytest.raises(FetchFailed, match="requester pay"):
        fetch("biorxiv", tmp_path, 1, say)
    with pytest.raises(BadInput, match="limit"):
        fetch("oeis", tmp_path, 0, say)
    for base_url in ("file:///etc", "http://mirror.example.org", "https://[", "https://127.0.0.1:99999"):
        with pytest.raises(FetchFailed, match="not an address"):
            fetch("oeis", tmp_path, 1, say, base_url=base_url)


def test_every_source_has_a_place_and_every_place_is_https() -> None:
    # red when a source is registered without saying where it is had; `tei` and `academiccc` are made of PDFs of any origin
    assert {source.name for source in SOURCES} - set(PLACES) <= {"tei", "academiccc"}
    for name, place in PLACES.items():
        assert place.listings or place.note, name
        for listing in place.listings:
            assert isinstance(listing, Fixed | Links | Sums | Paths | Items | Numbered)
            assert listing.url.startswith("https://"), name
            assert not is_loopback(listing.url)
        fixed = [
            wanted.name
            for listing in place.listings
            if isinstance(listing, Fixed)
            for wanted in listing.files(lambda url: b"")
        ]
        assert len(set(fixed)) == len(fixed), f"{name}: files of one name"
        assert all(fetching.checked_name(wanted) for wanted in fixed)
