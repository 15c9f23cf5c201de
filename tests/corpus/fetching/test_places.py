"""The places of the sources, held to their form, and their listings to pages of the form that the places document. None was
reached."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from galactica.corpus import fetch as fetching
from galactica.corpus.downloads import is_loopback
from galactica.corpus.fetch import fetch
from galactica.corpus.listings import Fixed, Items, Links, Numbered, Paths, Sums
from galactica.corpus.places import PLACES
from galactica.corpus.sources import SOURCES

HOST = "data.example.org"
DATA = bytes(range(256)) * 2000


def names(server: Any, source: str, limit: int) -> list[str]:
    """The files of a real place, asked from the server."""
    server.lines.clear()
    fetch(source, server.output, limit, server.lines.append, base_url=server.base_url, sleep=server.waits.append)
    return server.left()


def test_files_that_are_read_only_together_count_as_one(server: Any) -> None:
    """Red where the limit cuts between the names and the terms of the OEIS."""
    for name in ("names.gz", "stripped.gz"):
        server.has(f"/{name}", gzip.compress(name.encode()), "oeis.org")
    assert names(server, "oeis", 1) == ["names.gz", "stripped.gz"]


def test_pubmed_is_walked_and_verified(server: Any) -> None:
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


def test_wikibooks_is_found_in_the_checksums_of_its_dump(server: Any) -> None:
    name = "enwikibooks-20261101-pages-articles.xml.bz2"
    sha1 = hashlib.sha1(DATA).hexdigest()
    sums = f"{sha1}  enwikibooks-20261101-pages-articles-multistream.xml.bz2\n{sha1}  {name}\n"
    server.has("/enwikibooks/latest/enwikibooks-latest-sha1sums.txt", sums.encode(), "dumps.wikimedia.org")
    server.has(f"/enwikibooks/20261101/{name}", DATA, "dumps.wikimedia.org")
    assert names(server, "wikibooks", 5) == [name]


def test_europe_pmc_is_walked_by_its_cursor(server: Any) -> None:
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


def test_arxiv_identifiers_of_both_ages_become_file_names(server: Any) -> None:
    listing = PLACES["arxiv/sources"].listings[0]
    assert isinstance(listing, Links)
    page = b"<id>http://arxiv.org/abs/2201.00001v2</id> <id>http://arxiv.org/abs/hep-th/9901001v1</id> <id>http://arxiv.org/api/x</id>"
    found = list(replace(listing, step=0).files(lambda url: page))
    assert [(wanted.name, wanted.url) for wanted in found] == [
        ("2201.00001.gz", "https://export.arxiv.org/e-print/2201.00001"),
        ("hep-th_9901001.gz", "https://export.arxiv.org/e-print/hep-th/9901001"),
    ]


def test_stackexchange_takes_the_sites_of_the_paper_with_their_sha1(server: Any) -> None:
    sha1 = hashlib.sha1(b"7z\xbc\xaf'\x1c").hexdigest()
    files = [
        {"name": name, "sha1": sha1}
        for name in ("cooking.stackexchange.com.7z", "physics.stackexchange.com.7z", "x.torrent")
    ]
    server.has("/metadata/stackexchange", json.dumps({"files": files}).encode(), "archive.org")
    server.has("/download/stackexchange/physics.stackexchange.com.7z", b"7z\xbc\xaf'\x1c", "archive.org")
    assert names(server, "stackexchange", 5) == ["physics.stackexchange.com.7z"]


def test_zenodo_and_common_crawl_and_pages_of_an_api(server: Any) -> None:
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
