"""Fetching out of listings: which files, how many, under which names."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus.downloads import FetchFailed, NotThere, TooMuch
from galactica.corpus.fetch import Fetched, fetch
from galactica.corpus.listings import BadListing, Fixed, Items, Paths
from galactica.errors import BadInput

HOST = "data.example.org"
DATA = bytes(range(256)) * 2000
ONE = Fixed(f"https://{HOST}/a.bin")
HOSTILE = ["../evil", "..", "/etc/cron.d/evil", "a\\..\\b", ".bashrc", "a\nb", "x" * 300, "a.part", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_listing_writes_outside_the_folder(server: Any, name: str) -> None:
    server.has("/list.json", json.dumps({"files": [{"key": name, "self": f"https://{HOST}/"}]}).encode())
    server.has("/", DATA)
    with pytest.raises(BadListing, match="not a plain file name"):
        server.fetch(Items(f"https://{HOST}/list.json", "files", "key", "(?s).*", "self"))
    assert server.left() == []
    assert [path.name for path in server.output.parent.iterdir()] == ["raw"]


def test_encoded_slashes_of_an_address_are_no_folders(server: Any) -> None:
    server.has("/paths.gz", gzip.compress(b"crawl/..%2f..%2fevil\n"))
    server.has("/crawl/..%252f..%252fevil", DATA)
    with pytest.raises(BadListing):
        server.fetch(Paths(f"https://{HOST}/paths.gz", f"https://{HOST}/"), Fixed(f"https://{HOST}/x%2F..%2Fevil"))


@pytest.mark.parametrize("page", [b"", b"[1, 2]", b'{"files": {}}', b"[" * 100_000, b"\xff\x00" * 50])
def test_broken_listings_are_named(server: Any, page: bytes) -> None:
    server.has("/list", page)
    with pytest.raises(BadListing):
        server.fetch(Items(f"https://{HOST}/list", "files"))
    if page:
        with pytest.raises(BadListing):
            server.fetch(Paths(f"https://{HOST}/list", f"https://{HOST}/"))


def test_limits_of_files_and_megabytes_hold(server: Any) -> None:
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


def test_files_that_a_place_lacks_are_left_out_where_it_may_lack_them(server: Any) -> None:
    server.has("/b.bin", DATA)
    missing = [ONE, Fixed(f"https://{HOST}/b.bin")]
    with pytest.raises(NotThere):
        server.fetch(*missing)
    assert server.fetch(*missing, place={"may_lack": True}).n_files == 1


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
