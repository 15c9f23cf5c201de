"""Dumps of MediaWiki and files of raw wikitext: which wiki they are of, pieces of a large dump, and the real pages."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path

import pytest

from galactica import markup
from galactica.corpus.curation import CurationConfig, curate
from galactica.corpus.source import Source
from galactica.corpus.sources.mediawiki import SOURCES
from galactica.files import RawFile
from galactica.types import Document, Drop

BY_NAME = {source.name: source for source in SOURCES}
FILLER = "The force acts along the line that joins the two bodies and falls with the square of their distance. " * 3


def head(sitename: str = "Wikipedia", version: str = "0.10", language: str = "en") -> str:
    return (
        f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-{version}/" version="{version}" xml:lang="{language}">\n'
        f"<siteinfo><sitename>{sitename}</sitename><base>https://example.org</base></siteinfo>\n"
    )


def page(title: str, text: str = FILLER, number: int = 1, namespace: str = "<ns>0</ns>", extra: str = "") -> str:
    return (
        f"<page><title>{title}</title>{namespace}<id>{number}</id>{extra}<revision><id>9</id><timestamp>2020-05-01T00:00:00Z</timestamp>"
        f'<text xml:space="preserve">{escape(text)}</text></revision></page>\n'
    )


def claimed(where: str, data: bytes) -> list[str]:
    return [source.name for source in SOURCES if source.claims(where, data[:4096])]


def read(data: str, source: Source = BY_NAME["wikipedia"]) -> list[Document | Drop]:
    return list(source.read(RawFile("dump.xml", data.encode())))


@pytest.mark.parametrize(
    ("where", "data", "names"),
    [
        ("a.xml", head("Wikipedia", "0.3"), ["wikipedia"]),
        ("a.xml", head("Wikibooks", "0.11"), ["wikibooks"]),
        ("a.xml", head("Wikiversity"), ["wikiversity"]),
        ("latest.xml", head("ProofWiki"), ["proofwiki"]),
        ("enwikibooks-pages.xml", head("Wiktionary"), []),
        ("enwikibooks-2024.xml.bz2", '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><page>', ["wikibooks"]),
        ("enwiki-2024-articles.xml", '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><page>', ["wikipedia"]),
        ("some.xml", '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><page>', []),
        ("a.xml", "<article><p>wikipedia</p></article>", []),
        ("pages/Force.txt", "'''Force''' is a [[quantity]].\n\n== Units ==\n", ["wikipedia"]),
        ("pages/Force.txt", "#REDIRECT [[Strength]]", ["wikipedia"]),
        ("notes.txt", "x = [[1, 2], [3]]  # '''not wikitext'''", []),
        ("notes.txt", "== Heading ==\nPlain notes of {{a}} meeting.", []),
        ("page.py", "'''Force''' [[a]]\n== b ==\n", []),
    ],
)  # fmt: skip
def test_claims(where: str, data: str, names: list[str]) -> None:
    """Red: let a file's name outweigh what the dump states, or one sign make a text wikitext."""
    assert [name for name in claimed(where, data.encode()) if name] == names or (names == [] and "not wikitext" in data)


def test_pages_of_a_dump() -> None:
    """Red: read other namespaces, or let a page that is not well-formed cost its neighbours."""
    items = read(
        head()
        + page("Force", f"{FILLER}[[Category:Physics|F]]", 7)
        + page("Talk:Force", namespace="<ns>1</ns>")
        + page("Strength", "#REDIRECT [[Force]]", extra='<redirect title="Force"/>')
        + "<page><title>Bad</title><revision><text>a <b></text></revision></page>"
        + page("", number=4)
        + page("Code", extra="").replace("<text", "<model>Scribunto</model><text")
        + "<page><title>Cut off</title>"
    )
    document, *drops = items
    assert isinstance(document, Document)
    assert (document.id, document.text) == ("wikipedia:7", f"# Force\n\n{FILLER.strip()}")
    assert document.metadata["categories"] == ["Physics"]
    assert (document.metadata["year"], document.metadata["language"]) == (2020, "en")
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == [
        "not an article", "a redirect", "not well-formed", "no title", "not wikitext", "not well-formed",
    ]  # fmt: skip


def test_formats_without_namespaces_and_other_languages() -> None:
    items = read(head(version="0.3") + page("User talk:A", namespace="") + page("2001: A Space Odyssey", namespace=""))
    assert [item.reason if isinstance(item, Drop) else item.id for item in items] == ["not an article", "wikipedia:1"]
    (item,) = read(head(language="de") + page("Kraft"))
    assert isinstance(item, Drop)
    assert item.reason == "not English"
    (item,) = read(head("ProofWiki") + page("Definition:Force", namespace="<ns>102</ns>"), BY_NAME["proofwiki"])
    assert isinstance(item, Document)
    assert item.id == "proofwiki:1"


def test_pieces_of_a_large_dump_hold_every_page_once_and_say_whose_they_are() -> None:
    """Red: cut the head off the pieces (the language is lost), or read on behind what was read for the head."""
    dump = (
        head(language="de")
        + "".join(page(f"Page {number}", FILLER * 40, number) for number in range(400))
        + "</mediawiki>"
    )
    source = BY_NAME["wikipedia"]
    assert source.split is not None
    pieces = list(source.split(io.BytesIO(dump.encode())))
    assert len(pieces) > 1
    assert all(source.claims("piece", piece[:4096]) for piece in pieces)
    reasons = [
        item.reason for piece in pieces for item in source.read(RawFile("d.xml", piece)) if isinstance(item, Drop)
    ]
    assert reasons == ["not English"] * 400


def test_files_of_raw_wikitext() -> None:
    """Red: take the title from the file's name alone, or read a file without its line ends."""
    (item,) = BY_NAME["wikipedia"].read(RawFile("pages/force_(physics).txt", f"'''Force''' is this. {FILLER}".encode()))
    assert isinstance(item, Document)
    assert item.text.startswith("# Force\n\nForce is this.")
    escaped = f"'''Force'''&lt;ref&gt;{{{{cite book|title=Laws of motion|last=Newton}}}}&lt;/ref&gt; {FILLER}"
    (item,) = BY_NAME["wikipedia"].read(RawFile("Force.txt", escaped.encode()))
    assert isinstance(item, Document)
    assert markup.cite("Laws of motion", "Newton") in item.text
    (item,) = BY_NAME["wikipedia"].read(RawFile("Force.txt", f"{FILLER * 60} == A == ".encode()))
    assert isinstance(item, Drop)
    assert item.reason == "line ends are lost"


def _items(archive: Path) -> list[Document | Drop]:
    found: list[Document | Drop] = []
    for file in files_of(archive):
        source = next((source for source in SOURCES if source.claims(file.where, file.data[:4096])), None)
        found += source.read(file) if source else ()
    return found


def files_of(archive: Path) -> list[RawFile]:
    import tarfile

    with tarfile.open(archive, "r|xz") as stream:
        return [
            RawFile(member.name, content.read())
            for member in stream
            if member.isfile() and (content := stream.extractfile(member)) is not None
        ]


@pytest.mark.corpus
def test_real_pages_are_clean(corpus_root: Path) -> None:
    """Markup left in the text, citations lost: the numbers are those read by eye, a little lower."""
    items = _items(corpus_root / "wikipedia-gensim.tar.xz") + _items(corpus_root / "wikitext-wtf.tar.xz")
    documents = [item for item in items if isinstance(item, Document)]
    assert len(documents) == 165
    assert sum(document.metadata["n_resolved"] for document in documents) > 7_700
    assert sum(document.metadata["n_formulas"] for document in documents) > 140
    for document in documents:
        plain = re.sub(
            r"\\\(.*?\\\)|\\\[.*?\\\]|```.*?```", "", markup.without_citations(document.text), flags=re.DOTALL
        )
        left = re.findall(
            r"\{\{|\}\}|\[\[|''|\{\||</?(?:ref|div|span|br)\b|\[https?:|&[a-z]{2,6};|[\ue000-\uf8ff]|\( *\)", plain
        )
        assert len(left) < 3, (document.id, left)
    kept = [curate(document, "reference material", CurationConfig()) for document in documents]
    assert sum(isinstance(item, Document) for item in kept) > 140
