"""The client, against a server of this machine: what it goes on with, waits for, refuses and verifies."""

from __future__ import annotations

import hashlib
import socket
from email.utils import formatdate
from typing import Any

import pytest

from galactica.corpus import downloads
from galactica.corpus.downloads import FetchFailed, Key, NotThere, WrongChecksum
from galactica.corpus.fetch import Fetched
from galactica.corpus.listings import Fixed
from galactica.errors import BadInput, GalacticaError

HOST = "data.example.org"
DATA = bytes(range(256)) * 2000
ONE = Fixed(f"https://{HOST}/a.bin")
WITH_MD5 = Fixed(f"https://{HOST}/a.bin", checksum_ending=".md5")


def md5_of(data: bytes) -> bytes:
    return f"MD5(a.bin)= {hashlib.md5(data).hexdigest()}\n".encode()


def test_a_file_is_fetched_once_and_then_present(server: Any) -> None:
    server.has("/a.bin", DATA)
    assert server.fetch(ONE) == Fetched(1, len(DATA), 0)
    assert server.fetch(ONE) == Fetched(0, 0, 1)
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.left() == ["a.bin"]
    assert all("galactica" in headers["User-Agent"] for _, headers in server.answers.asked)


def test_a_cut_connection_is_gone_on_with_and_no_byte_comes_twice(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.answers.cuts = [100_000, 250_000]
    assert server.fetch(ONE).n_bytes == len(DATA)
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.answers.n_sent == len(DATA)  # red when Range is not sent
    assert [headers.get("Range") for _, headers in server.answers.asked] == [None, "bytes=100000-", "bytes=350000-"]


def test_what_a_stopped_call_left_is_gone_on_with(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.answers.cuts = [100_000] + [0] * 5
    with pytest.raises(FetchFailed, match="run the command again"):
        server.fetch(ONE)
    assert server.left() == ["a.bin.part", "a.bin.part.origin"]
    assert server.fetch(ONE).n_bytes == len(DATA) - 100_000
    assert (server.output / "a.bin").read_bytes() == DATA
    assert server.left() == ["a.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server: Any) -> None:
    server.has("/a.bin", b"old " * 1000)
    server.answers.cuts = [1000] + [0] * 5
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    server.has("/a.bin", DATA)
    server.answers.etag = '"v2"'
    server.fetch(ONE)
    assert (server.output / "a.bin").read_bytes() == DATA  # red without If-Range


def test_a_server_without_ranges_sends_the_file_anew(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.answers.has_ranges = False
    server.answers.cuts = [100_000]
    server.fetch(ONE)
    assert (server.output / "a.bin").read_bytes() == DATA  # red when a 200 is appended
    assert server.answers.n_sent == len(DATA) + 100_000


def test_a_server_without_ranges_that_always_breaks_off_is_not_asked_for_ever(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.answers.has_ranges = False
    server.answers.cuts = [1000] * 100
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    assert len(server.answers.asked) < 10


def test_a_part_that_is_whole_already_is_not_asked_for_again(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.has("/a.bin.md5", md5_of(DATA))
    server.output.mkdir()
    (server.output / "a.bin.part").write_bytes(DATA)
    (server.output / "a.bin.part.origin").write_text(f'https://{HOST}/a.bin\n"v1"\n')
    assert server.fetch(WITH_MD5).n_files == 1
    assert (server.output / "a.bin").read_bytes() == DATA


def test_a_wrong_checksum_leaves_no_file(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.has("/a.bin.md5", md5_of(b"other"))
    with pytest.raises(WrongChecksum, match=hashlib.md5(DATA).hexdigest()):
        server.fetch(WITH_MD5)
    assert server.left() == []


def test_a_damaged_part_is_found_by_the_checksum_and_fetched_anew(server: Any) -> None:
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
def test_a_busy_server_is_waited_for_as_it_asks(server: Any, headers: dict[str, str], waits: list[float]) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(429, headers)]
    assert server.fetch(ONE).n_files == 1
    assert server.waits == waits


def test_a_server_that_stays_busy_or_asks_for_hours_ends_the_call(server: Any) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(503, {})] * 20
    with pytest.raises(FetchFailed, match="503"):
        server.fetch(ONE)
    assert server.waits == [2.0, 4.0, 8.0, 16.0, 32.0]
    server.answers.statuses = [(429, {"Retry-After": "86400"})]
    with pytest.raises(FetchFailed, match="86,400 s"):
        server.fetch(ONE)


def test_a_host_that_never_answered_is_named_within_seconds(server: Any) -> None:
    """Red where no network costs as long as a busy server: 62 seconds."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # and does not listen
        base_url = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(
            FetchFailed, match=r"127\.0\.0\.1 could not be reached for 14 s: .*refused.* Is there a network"
        ):
            server.fetch(ONE, base_url=base_url)
    assert server.waits == [2.0, 4.0, 8.0]


def test_a_host_that_lets_connections_hang_is_given_up_soon(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red where the wait for a connection is as long as that for an answer."""
    asked = []

    def hang(address: Any, timeout: float, *arguments: Any) -> socket.socket:
        asked.append(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", hang)
    with pytest.raises(FetchFailed, match="could not be reached"):
        server.fetch(ONE)
    assert set(asked) == {6.0}


def test_a_slow_answer_is_waited_for(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red where the short wait for the connection holds for what comes after it."""
    server.has("/a.bin", DATA)
    server.answers.delay_seconds = 0.3
    monkeypatch.setattr(downloads, "_CONNECT_SECONDS", 0.1)
    assert server.fetch(ONE) == Fetched(1, len(DATA), 0)


def test_requests_to_a_host_are_paced(server: Any) -> None:
    for name in "ab":
        server.has(f"/{name}.bin", DATA)
    server.fetch(ONE, Fixed(f"https://{HOST}/b.bin"), place={"seconds_between": 5.0})
    assert len(server.waits) == 1
    assert 4.0 < server.waits[0] <= 5.0


@pytest.mark.parametrize(
    "location", ["http://other.example.org/a.bin", "file:///etc/passwd", "ftp://other.example.org/a.bin"]
)
def test_redirects_away_from_https_are_refused(server: Any, location: str) -> None:
    server.has("/a.bin", DATA)
    server.answers.statuses = [(302, {"Location": location})]
    with pytest.raises(FetchFailed):
        server.fetch(ONE)
    assert server.left() == []


def test_a_redirect_is_followed_without_the_key(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", "secret")
    server.has("/a.bin", DATA)
    server.has("/b.bin", DATA, "mirror.example.org")
    server.answers.statuses = [(302, {"Location": f"{server.base_url}/mirror.example.org/b.bin"})]
    key = Key("TEST_KEY", "X-Key", HOST, "https://example.org/keys")
    assert server.fetch(ONE, place={"key": key}).n_files == 1
    assert [headers.get("X-Key") for _, headers in server.answers.asked] == ["secret", None]


def test_a_missing_key_is_named_before_anything_is_asked(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    with pytest.raises(BadInput, match="TEST_KEY"):
        server.fetch(ONE, place={"key": Key("TEST_KEY", "X-Key", HOST, "https://example.org/keys")})
    assert server.answers.asked == []


@pytest.mark.parametrize(
    "address", [f"http://{HOST}/a.bin", "file:///etc/passwd", "https://user@h.org/a.bin", "https://127.0.0.1/a"]
)
def test_addresses_that_are_not_public_https_are_refused(server: Any, address: str) -> None:
    with pytest.raises(FetchFailed, match="not an address"):
        server.fetch(Fixed(address, "a.bin"))
    assert server.answers.asked == []


def test_a_page_of_html_is_no_archive(server: Any) -> None:
    server.has("/a.tar.gz", b"<html>Please log in</html>")
    with pytest.raises(NotThere, match="not what its name"):
        server.fetch(Fixed(f"https://{HOST}/a.tar.gz"))
    assert server.left() == []


def test_errors_are_one_line_and_tell_no_signature(server: Any) -> None:
    for url in (f"https://{HOST}/none?Signature=secret", f"https://{HOST}/a\nb?Signature=secret"):
        with pytest.raises(GalacticaError) as raised:
            server.fetch(Fixed(url, "a.bin"))
        assert "\n" not in str(raised.value)
        assert "secret" not in str(raised.value)
