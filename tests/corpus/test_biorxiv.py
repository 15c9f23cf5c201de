"""Preprints of bioRxiv and medRxiv in their packages: whose they are, and that each has its own line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus import units
from galactica.corpus.sources import SOURCES
from galactica.types import Document, Drop

SENTENCES = "The height of the plants was measured in each of the plots and compared with that of the control. " * 8


def article(journal: str, title: str = "Growth of plants", doi: str = "10.1101/2020.01.01.123456") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD v1.2d1 20170631//EN"
 "JATS-archivearticle1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="article" dtd-version="1.2d1"
 specific-use="production" xml:lang="en">
<front><journal-meta>{journal}<publisher><publisher-name>Cold Spring Harbor Laboratory</publisher-name></publisher></journal-meta>
<article-meta><article-id pub-id-type="doi">{doi}</article-id><article-version>1.1</article-version>
<title-group><article-title>{title}</article-title></title-group><permissions><license license-type="creative-commons"
 xlink:href="http://creativecommons.org/licenses/by/4.0/"/></permissions>
<abstract><p>Plants grow.</p></abstract></article-meta></front>
<body><sec><title>Results</title><p>{SENTENCES}</p></sec></body></article>""".encode()


def publisher_id(name: str) -> str:
    title = {"BIORXIV": "bioRxiv", "MEDRXIV": "medRxiv"}.get(name, name)
    return f'<journal-id journal-id-type="publisher-id">{name}</journal-id><journal-title>{title}</journal-title>'


def read(folder: Path) -> list[Document | Drop]:
    found = [item for unit in archives.plan(folder) for item in units.UnitReader(unit, SOURCES, {}).read()]
    return [item for item in found if not (isinstance(item, Drop) and item.reason.startswith("no source reads"))]


@pytest.mark.parametrize(
    ("journal", "source"),
    [
        (publisher_id("BIORXIV"), "biorxiv"),
        (publisher_id("MEDRXIV"), "medrxiv"),
        ('<journal-id journal-id-type="hwp">biorxiv</journal-id>', "biorxiv"),
        (
            "<journal-title-group><journal-title>bioRxiv : the preprint server for biology</journal-title></journal-title-group>",
            "biorxiv",
        ),
        (publisher_id("plos"), "jats"),
        (publisher_id("Journal of the bioRxiv"), "jats"),
        ("", "jats"),
    ],
)
def test_a_package_goes_to_its_server(tmp_path: Path, journal: str, source: str) -> None:
    with zipfile.ZipFile(tmp_path / "0b1f.meca", "w") as package:
        package.writestr("manifest.xml", '<manifest xmlns="http://manuscriptexchange.org"><item/></manifest>')
        package.writestr("content/123456.xml", article(journal))
        package.writestr("content/123456.pdf", b"%PDF-1.4")
    (item,) = read(tmp_path)
    assert isinstance(item, Document), item
    assert (item.source, item.id) == (source, f"{source}:10.1101/2020.01.01.123456")
    assert item.text.startswith("Title: Growth of plants\n\n# Abstract\n\nPlants grow.\n\n# 1 Results")
    assert item.licence == "http://creativecommons.org/licenses/by/4.0/"


def test_what_is_left_out_is_the_servers(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(article(publisher_id("BIORXIV"), "WITHDRAWN: Growth of plants"))
    (tmp_path / "b.xml").write_bytes(article(publisher_id("MEDRXIV"))[:-20])
    (tmp_path / "c.meca").write_bytes(b"PK\x03\x04 cut short")
    assert [(item.source, item.reason) for item in read(tmp_path) if isinstance(item, Drop)] == [
        ("biorxiv", "correction or retraction"),
        ("medrxiv", "not well-formed: XMLSyntaxError"),
        ("files", "damaged or unreadable: BadZipFile"),
    ]


def test_each_server_has_a_line_after_the_papers_they_became() -> None:
    names = [source.name for source in SOURCES]
    assert names.index("jats") < names.index("biorxiv") < names.index("medrxiv")
    lines = {source.name: source for source in SOURCES}
    assert (lines["biorxiv"].published, lines["medrxiv"].published) == ((128_059, 1_000_000_000), (24_019, 176_000_000))
