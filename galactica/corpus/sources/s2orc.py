"""Full papers of S2ORC -> papers with resolved citations.

Source: S2ORC's own description (https://github.com/allenai/s2orc) of its releases until 2020, where a paragraph is a text with
spans; the output of its program doc2json, of the same form; the form since 2023 is read by `s2orc_annotations.py`. The parses
of 2020 hold no titles: join them with the metadata first (`corpus/join.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from galactica.corpus.fragments import plain
from galactica.corpus.json_records import split_json, text_field
from galactica.corpus.printed import Part, PrintedPaper, Span, paper_document
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import s2abstracts
from galactica.corpus.sources.s2abstracts import as_list, author_name
from galactica.corpus.sources.s2orc_annotations import read_annotated
from galactica.files import RawFile
from galactica.references.citation_text import parse_citation
from galactica.references.medline import year_in
from galactica.references.record import clean_doi, first_page, make_reference
from galactica.types import Document, Drop, Reference, UntitledEntry

_PARSES = ("pdf_parse", "latex_parse", "grobid_parse")
_CLAIMED = re.compile(
    rb'"(?:_pdf_hash|pdf_parse|latex_parse|grobid_parse|_joined|has_grobid_parse)"|"generated_with"\s*:\s*"S2ORC'
)


def _claims(where: str, head: bytes) -> bool:
    if head.lstrip()[:1] != b"{" or b'"_source_hash"' in head:
        return False
    if b'"corpusid"' in head:
        return re.search(rb'"(?:content|body)"\s*:\s*\{', head) is not None
    return b'"paper_id"' in head and _CLAIMED.search(head) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(_lines(file.data), 1):
        if line.strip():
            found = _document(line)
            yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _lines(data: bytes) -> list[bytes]:
    """The lines of the file; the whole of it where it is one record on many lines, as doc2json writes it."""
    return [data] if re.match(rb"\s*\{\s*\n", data) else data.split(b"\n")


def _document(line: bytes) -> Document | str:
    """The document, or why there is none."""
    try:
        record = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return "not JSON"
    try:
        paper = read_record(record)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError):
        return "not a record of S2ORC"
    return paper if isinstance(paper, str) else paper_document(paper, SOURCE.name)


def read_record(record: dict[str, Any]) -> PrintedPaper | str:
    """The paper of a record of any form, or why there is none."""
    is_annotated = isinstance(record.get("content"), dict) or isinstance(record.get("body"), dict)
    return read_annotated(record) if is_annotated else _parsed(record)


# --- paragraphs with spans, until 2020 -------------------------------------------------------------------------------


def _parsed(record: dict[str, Any]) -> PrintedPaper | str:
    inner = next((record[name] for name in _PARSES if isinstance(record.get(name), dict)), record)
    metadata = {**record, **(record["metadata"] if isinstance(record.get("metadata"), dict) else {})}
    key = text_field(record, "paper_id")
    if not key or not isinstance(inner.get("body_text"), list):
        return "not a record of S2ORC"
    body: list[tuple[str, str, list[Part]]] = []
    for item in inner["body_text"]:
        number, title = str(item.get("sec_num") or ""), str(item.get("section") or "")
        if not body or body[-1][:2] != (number, title):
            body.append((number, title, []))
        body[-1][2].append(_paragraph(item))
    entries = {str(identifier): entry for identifier, entry in (inner.get("bib_entries") or {}).items()}
    references = {identifier: _entry(entry) for identifier, entry in entries.items()}
    return PrintedPaper(
        key,
        s2abstracts.work(metadata),
        references,
        _stated_abstract(metadata) or [_paragraph(item) for item in as_list(inner.get("abstract"))],
        body,
        {str(name): part for name, entry in (inner.get("ref_entries") or {}).items() if (part := _float(entry))},
        metadata=s2abstracts.metadata(metadata),
        untitled={
            identifier: _untitled(entries[identifier]) for identifier, work in references.items() if work is None
        },
    )


def _stated_abstract(metadata: dict[str, Any]) -> list[Part]:
    """The publisher's abstract, which is better than the one read off the page."""
    stated = metadata.get("abstract")
    blocks = stated.split(":::") if isinstance(stated, str) else []  # its sign for a new line
    return [Part(text) for block in blocks if (text := plain(block))]


def _paragraph(item: dict[str, Any]) -> Part:
    spans = [
        Span(int(span["start"]), int(span["end"]), True, str(span["ref_id"]) if span.get("ref_id") else None)
        for span in as_list(item.get("cite_spans"))
    ]
    for span in as_list(item.get("eq_spans")):
        spans.append(
            Span(int(span["start"]), int(span["end"]), False, str(span["latex"]) if span.get("latex") else None)
        )
    mentions = [str(span["ref_id"]) for span in as_list(item.get("ref_spans")) if span.get("ref_id")]
    return Part(str(item["text"]), spans, mentions=mentions)


def _entry(entry: dict[str, Any]) -> Reference | None:
    found = make_reference(
        title=str(entry.get("title") or ""),
        authors=_authors(entry),
        year=year_in(str(entry.get("year") or "")),
        venue=str(entry["venue"]) if entry.get("venue") else None,
        doi=_doi(entry),
        volume=str(entry.get("volume") or ""),
        page=first_page(str(entry.get("pages") or "")),
    )
    return found or parse_citation(str(entry.get("raw_text") or ""))


def _untitled(entry: dict[str, Any]) -> UntitledEntry:
    authors, year = _authors(entry), year_in(str(entry.get("year") or ""))
    named = [str(entry.get(name) or "") for name in ("venue", "volume", "pages")]
    shown = [*(author.replace(",", "") for author in authors), *named, f"({year})" if year else ""]
    return UntitledEntry(
        text=str(entry.get("raw_text") or "") or ", ".join(part for part in shown if part),
        surname=authors[0].partition(",")[0] if authors else "",
        year=year,
        volume=named[1],
        page=first_page(named[2]),
        doi=clean_doi(_doi(entry)),
    )


def _authors(entry: dict[str, Any]) -> list[str]:
    return [name for author in as_list(entry.get("authors")) if (name := author_name(author))]


def _doi(entry: dict[str, Any]) -> str | None:
    return next((str(doi) for doi in as_list((entry.get("other_ids") or {}).get("DOI"))), None)


def _float(entry: dict[str, Any]) -> Part | None:
    kind, text = entry.get("type") or entry.get("type_str"), str(entry.get("text") or "")
    if kind == "figure":
        return Part(text, kind="figure")
    return Part(text, kind="table") if kind == "table" else None


SOURCE = Source(
    name="s2orc",
    group="papers",
    format="S2ORC JSON lines",
    origin="https://api.semanticscholar.org/api-docs/datasets",
    licence="the collection ODC-BY; per paper where Unpaywall knows",
    published=Published(3_000_000, 18_000_000_000),
    claims=_claims,
    read=_read,
    split=split_json,
)
