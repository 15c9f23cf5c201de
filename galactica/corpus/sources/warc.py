"""Scientific web pages out of Common Crawl's WARC files -> one document a page.

Pages of listed domains are taken (`assets/domains/science.txt`); where a classifier is given (`corpus/science.py`) they must be
scientific by it as well. Source: https://commoncrawl.org/get-started; the paper's ScientificCC.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from galactica.corpus import science
from galactica.corpus.html_page import decode, read_page
from galactica.corpus.papers import is_english
from galactica.corpus.source import Published, Source
from galactica.corpus.warc_records import Record, Response, http_response, records, split_responses
from galactica.files import RawFile
from galactica.types import Document, Drop

NAME = "scientific_cc"
MIN_CHARACTERS = 600
MIN_SCORE = 0.5
_HEAD = re.compile(rb"WARC/1\.\d\r?\n")
_HTML = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]{2,30})", re.IGNORECASE)


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith(".warc") and _HEAD.match(head) is not None


def _read(file: RawFile, classifier: Path | None = None) -> Iterator[Document | Drop]:
    for number, record in enumerate(records(file.data)):
        address = record.headers.get("warc-target-uri", "").strip("<>")
        document = _document(record, address, classifier)
        if isinstance(document, str):
            yield Drop(f"{file.where}:{address or number}"[:500], NAME, document)
        else:
            yield document


def _document(record: Record, address: str, classifier: Path | None) -> Document | str:
    """The document of a page, or why there is none; what costs least is asked first."""
    try:
        host = (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return "no address"
    if not host:
        return "no address"
    if not science.is_listed(host, science.bundled_domains()):
        return "not a scientific domain"
    if record.body is None:
        return "too long or cut short"
    response = _page_of(record)
    if isinstance(response, str):
        return response
    stated = _CHARSET.search(response.headers.get("content-type", ""))
    page = read_page(decode(response.content, stated[1] if stated else None))
    if isinstance(page, str):
        return page
    body = "\n\n".join(page.blocks)
    if not page.title:
        return "no title"
    if len(body) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if (page.language and not page.language.startswith("en")) or not is_english(body[:40_000]):
        return "not English"
    if classifier is not None and _loaded(classifier).score(body) < MIN_SCORE:
        return "not scientific by the classifier"
    return Document(
        f"{NAME}:{hashlib.sha256(address.encode('utf-8', 'replace')).hexdigest()[:16]}",
        f"# {page.title}\n\n{body}",
        NAME,
        page.licence or "not stated",
        {
            "title": page.title, "url": address[:500], "domain": host, "language": "en", "n_formulas": page.n_formulas,
            "date": record.headers.get("warc-date", "")[:10],
        },
    )  # fmt: skip


def _page_of(record: Record) -> Response | str:
    response = http_response(record.body or b"")
    if response is None:
        return "not a response of HTTP"
    if response.status != 200:
        return "HTTP status is not 200"
    if not _HTML.match(response.headers.get("content-type", "")):
        return "not HTML"
    return "compressed in an unknown way" if response.headers.get("content-encoding", "") == "br" else response


@lru_cache(maxsize=2)
def _loaded(classifier: Path) -> science.Classifier:
    return science.Classifier.load(classifier)


def page_texts(data: bytes) -> Iterator[tuple[str, str]]:
    """(domain, text) of every English page of a WARC file, whatever its domain: what a classifier is trained on and ranks."""
    for record in records(data):
        try:
            host = urlsplit(record.headers.get("warc-target-uri", "").strip("<>")).hostname or ""
        except ValueError:
            continue
        response = _page_of(record) if record.body is not None else ""
        if not host or isinstance(response, str):
            continue
        page = read_page(decode(response.content))
        if not isinstance(page, str) and is_english(text := "\n\n".join(page.blocks)):
            yield host.removeprefix("www."), text


def source(classifier: Path | None = None) -> Source:
    """The source; with a classifier's file, pages of listed domains that it finds unscientific are left out too."""
    return Source(
        name=NAME,
        group="common crawl",
        format="WARC",
        origin="https://data.commoncrawl.org (crawl-data/CC-MAIN-*/warc.paths.gz)",
        licence="per page, as its link to a licence states",
        published=Published(800_000, 700_000_000),
        claims=_claims,
        read=partial(_read, classifier=classifier),
        split=split_responses,
    )


SOURCE = source()
