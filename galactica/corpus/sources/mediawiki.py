"""Pages of Wikipedia, Wikibooks, Wikiversity and ProofWiki, in XML dumps of MediaWiki and as raw wikitext -> one document a page.

Source: MediaWiki export format 0.3 to 0.11 (https://www.mediawiki.org/xml/export-0.11.xsd), as dumps.wikimedia.org
and proofwiki.org write it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from lxml import etree

from galactica.corpus import split
from galactica.corpus.source import Published, Source
from galactica.corpus.wikitext.page import read_page
from galactica.corpus.wikitext.reading import Wiki
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DUMP = re.compile(rb"<mediawiki\b[^<>]{0,2000}export-0\.\d", re.IGNORECASE)
_LANGUAGE = re.compile(rb"<mediawiki\b[^<>]{0,2000}?\bxml:lang=[\"']([\w-]{1,20})")
_STATED = re.compile(rb"<(sitename|dbname|base)>([^<]{1,300})</\1>")
_NAMES: tuple[tuple[Wiki, re.Pattern[str]], ...] = (
    ("proofwiki", re.compile(r"proof ?wiki", re.IGNORECASE)),
    ("wikibooks", re.compile(r"wikibooks", re.IGNORECASE)),
    ("wikiversity", re.compile(r"wikiversity", re.IGNORECASE)),
    ("wikipedia", re.compile(r"wikipedia|^(?:[a-z]{2,3}|simple)wiki$", re.IGNORECASE)),
)
_OF_FILE_NAME: tuple[tuple[Wiki, re.Pattern[str]], ...] = (
    ("proofwiki", re.compile(r"proofwiki")),
    ("wikibooks", re.compile(r"wikibooks")),
    ("wikiversity", re.compile(r"wikiversity")),
    ("wikipedia", re.compile(r"wikipedia|(?:^|[^a-z])(?:en|simple)wiki(?![a-z])")),
)
_ENGLISH = ("en", "simple")
_NAMESPACES = _words(
    "talk user wikipedia file image mediawiki template help category portal book draft module timedtext "
    "special media project wikibooks wikiversity "
    "proofwiki cookbook wikijunior subject school topic transwiki shelf collection education_program "
    "gadget symbols mathematician "
    "translations"
)
"""Prefixes of pages that are no articles, for formats before 0.5, which do not number them."""
_PROOFWIKI_PREFIXES = ("Definition:", "Axiom:")
"""Namespaces of ProofWiki with mathematics of their own, beside the theorems."""
_MAX_HEAD = 2**20
_TAIL = b"\n</mediawiki>"
_LICENCES: dict[Wiki, str] = {
    "wikipedia": "CC BY-SA 4.0",
    "wikibooks": "CC BY-SA 4.0",
    "wikiversity": "CC BY-SA 4.0",
    "proofwiki": "CC BY-SA 3.0",
}


def _wiki_of(where: str, head: bytes) -> Wiki | None:
    """Which wiki a dump is of: by what it states, else by its file's name; None where it is no dump, or of another wiki."""
    if not _DUMP.search(head):
        return None
    stated = {match[1]: match[2].decode("utf-8", "replace") for match in _STATED.finditer(head)}
    if stated:
        told = [stated[key] for key in (b"sitename", b"dbname", b"base") if key in stated]
        return next((wiki for text in told for wiki, pattern in _NAMES if pattern.search(text)), None)
    name = PurePosixPath(where).name.lower()
    return next((wiki for wiki, pattern in _OF_FILE_NAME if pattern.search(name)), None)


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces of whole pages, each with the dump's own head: it names the wiki and its language."""
    first = stream.read(_MAX_HEAD)
    end = first.find(b"<page>")
    head = first[:end] if end >= 0 else b"<mediawiki>"
    joined = cast(IO[bytes], _Joined(first, stream))  # of a stream `between` asks for `read` alone
    yield from split.between(b"<page>", b"</page>", head, _TAIL)(joined)


class _Joined:
    """A stream that begins with bytes read already."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int) -> bytes:
        if self._first:
            block, self._first = self._first[:size], self._first[size:]
            return block
        return self._rest.read(size)


def _pages(data: bytes) -> Iterator[bytes]:
    """The bytes of each page; the last one may lack its end."""
    at = 0
    while (start := data.find(b"<page>", at)) >= 0:
        end = data.find(b"</page>", start)
        at = end + len(b"</page>") if end >= 0 else len(data)
        yield data[start:at]


def _reader(wiki: Wiki) -> Callable[[RawFile], Iterator[Document | Drop]]:
    def read(file: RawFile) -> Iterator[Document | Drop]:
        if wiki == "wikipedia" and not _DUMP.search(file.data[:8192]):
            yield from _read_wikitext(file)
            return
        language = match[1].decode() if (match := _LANGUAGE.search(file.data[:8192])) else "en"
        for page in _pages(file.data):
            document = _document(page, wiki, language)
            yield Drop(file.where, wiki, document) if isinstance(document, str) else document

    return read


def _document(data: bytes, wiki: Wiki, language: str) -> Document | str:
    """The document of a page, or why there is none."""
    if language.split("-")[0] not in _ENGLISH:
        return "not English"
    try:
        page = parsed(data, remove_comments=True)
    except (etree.XMLSyntaxError, ValueError):
        return "not well-formed"
    title = " ".join((page.findtext("title") or "").replace("_", " ").split())
    if not title:
        return "no title"
    if not _is_article(title, page.findtext("ns"), wiki):
        return "not an article"
    if page.find("redirect") is not None:
        return "a redirect"
    revisions = page.findall("revision")
    revision = revisions[-1] if revisions else page
    if (revision.findtext("model") or "wikitext") != "wikitext":
        return "not wikitext"
    read = read_page(title, revision.findtext("text") or "", wiki)
    if isinstance(read, str):
        return read
    number = page.findtext("id") or title
    metadata = {**read.metadata, "language": "en", "year": _year(revision.findtext("timestamp"))}
    return Document(f"{wiki}:{number}", read.text, wiki, _LICENCES[wiki], metadata, read.pending)


def _is_article(title: str, namespace: str | None, wiki: Wiki) -> bool:
    if wiki == "proofwiki" and title.startswith(_PROOFWIKI_PREFIXES):
        return True
    if namespace is not None:
        return namespace.strip() == "0"
    prefix, colon, _ = title.partition(":")
    return not colon or prefix.lower().replace(" ", "_").removesuffix("_talk") not in _NAMESPACES


def _year(timestamp: str | None) -> int | None:
    return int(timestamp[:4]) if timestamp and timestamp[:4].isascii() and timestamp[:4].isdigit() else None


# --- files of raw wikitext ------------------------------------------------------------------------------------------

_BOLD = re.compile(r"(?<!')'''++([^'\n\[\]{}<>]{2,100}(?:'[^'\n\[\]{}<>]{1,50})?)'''+")
_BOLD_BYTES = re.compile(rb"'''[^'\n]{1,200}'''")
_LINK_BYTES = re.compile(rb"\[\[[^\[\]\n]{1,300}\]\]")
_TEMPLATE_BYTES = re.compile(rb"^ ?\{\{\s{0,9}[\w -]{2,60}\s{0,9}(?:\||\}\}|<!--|\n)|^\{\| ?class=", re.MULTILINE)
_HEADING_BYTES = re.compile(rb"^={2,5}[^=\n]{1,200}={2,5}\s{0,9}$", re.MULTILINE)
_MAX_LINE = 10_000
"""Characters a line of wikitext has on average where its line ends are lost."""
_REDIRECT_BYTES = re.compile(rb"\s{0,99}#redirect\s{0,9}\[\[", re.IGNORECASE)


def _is_wikitext(where: str, head: bytes) -> bool:
    """Whether a text file is a page of wikitext: links, and two of bold words, templates at a line's beginning, headings."""
    name = where.lower()
    if not name.endswith((".txt", ".wiki", ".wikitext", ".mediawiki", ".mw")) or b"\x00" in head:
        return False
    if _REDIRECT_BYTES.match(head):
        return True
    if not name.endswith(".txt"):
        return _LINK_BYTES.search(head) is not None
    signs = (_BOLD_BYTES, _TEMPLATE_BYTES, _HEADING_BYTES)
    n_links = len(_LINK_BYTES.findall(head))
    n_signs = sum(1 for pattern in signs if pattern.search(head))
    return (n_links > 0 and n_signs >= 2) or (n_links >= 5 and n_signs >= 1)


def _read_wikitext(file: RawFile) -> Iterator[Document | Drop]:
    wikitext = file.data.decode("utf-8-sig", "replace")
    if "&lt;ref" in wikitext and "<ref" not in wikitext:  # cut out of a dump with the escapes of its XML
        wikitext = html.unescape(wikitext)
    if len(wikitext) > _MAX_LINE and wikitext.count("\n") < len(wikitext) // _MAX_LINE and "==" in wikitext:
        yield Drop(file.where, "wikipedia", "line ends are lost")
        return
    title = _title_of(file, wikitext)
    read = read_page(title, wikitext, "wikipedia")
    if isinstance(read, str):
        yield Drop(file.where, "wikipedia", read)
    else:
        key = f"wikipedia:{title.replace(' ', '_')}"
        yield Document(key, read.text, "wikipedia", _LICENCES["wikipedia"], read.metadata, read.pending)


def _title_of(file: RawFile, wikitext: str) -> str:
    """The page's name: the bold words of its lead where they begin as the file's name does, else the file's name."""
    stem = re.sub(r"[-_\s]+", " ", PurePosixPath(file.where).stem).strip()
    letters = re.sub(r"\W+", "", stem).lower()
    for match in _BOLD.finditer(wikitext[:20_000]):
        if (found := re.sub(r"\W+", "", match[1]).lower()) and (
            letters.startswith(found[:8]) or found.startswith(letters[:8])
        ):
            return " ".join(match[1].split())
    return stem[:1].upper() + stem[1:]


def _source(wiki: Wiki, origin: str, published: Published) -> Source:
    def claims(where: str, head: bytes) -> bool:
        return _wiki_of(where, head) == wiki or (wiki == "wikipedia" and _is_wikitext(where, head))

    return Source(
        name=wiki,
        group="reference material",
        format="MediaWiki XML dump; raw wikitext" if wiki == "wikipedia" else "MediaWiki XML dump",
        origin=origin,
        licence=_LICENCES[wiki],
        published=published,
        claims=claims,
        read=_reader(wiki),
        split=_split,
    )


SOURCES = (
    _source("proofwiki", "https://proofwiki.org/xmldump", Published(32_389, 12_000_000)),
    _source("wikibooks", "https://dumps.wikimedia.org/enwikibooks", Published(74_705, 110_000_000)),
    _source("wikiversity", "https://dumps.wikimedia.org/enwikiversity", Published(38_138, 52_000_000)),
    _source("wikipedia", "https://dumps.wikimedia.org/enwiki", Published(6_000_000, 5_000_000_000)),
)
