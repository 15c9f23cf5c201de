"""Abstracts of Semantic Scholar -> papers that end after the abstract.

Source: the releases of the Semantic Scholar Open Research Corpus until 2022 (`paperAbstract`), the data sets `papers` and
`abstracts` of its API joined on `corpusid` (`corpus/join.py`), records of its Graph API (`paperId`), and the metadata of S2ORC
(https://api.semanticscholar.org/api-docs, https://github.com/allenai/s2orc).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from galactica.corpus.abstracts import abstract_document
from galactica.corpus.fragments import paragraphs, plain
from galactica.corpus.json_records import json_records, split_json, text_field
from galactica.corpus.source import Published, Source
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop, Reference

_S2ORC = re.compile(rb'"(?:content|body|body_text|pdf_parse|latex_parse|grobid_parse|_pdf_hash|_joined)"')


def _claims(where: str, head: bytes) -> bool:
    if head.lstrip()[:1] != b"{" or _S2ORC.search(head):
        return False
    if b'"paperAbstract"' in head or (b'"mag_id"' in head and b'"paper_id"' in head):
        return True
    if b'"corpusid"' in head:
        return b'"s2fieldsofstudy"' in head or b'"openaccessinfo"' in head or b'"abstract"' in head
    return b'"paperId"' in head and b'"abstract"' in head and b'"title"' in head


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(json_records(file.data, "data"), 1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: Any) -> Document | str:
    """The document, or why there is none."""
    if not isinstance(record, dict):
        return "not a record of Semantic Scholar"
    key = text_field(record, "corpusid", "corpusId", "paper_id", "paperId", "id")
    if not key:
        return "not a record of Semantic Scholar"
    abstract = text_field(record, "abstract", "paperAbstract")
    if not abstract:
        return "no abstract"
    blocks = paragraphs(abstract.replace(":::", "\n\n"))  # S2ORC's sign for a new line
    if blocks is None:
        return "spells a control token"
    return abstract_document(
        work(record),
        blocks,
        source=SOURCE.name,
        key=key,
        licence=_licence(record),
        metadata=metadata(record),
    )


def work(record: dict[str, Any]) -> Reference | None:
    """The paper of a record of `papers`, of the Open Research Corpus or of S2ORC's metadata."""
    year = record.get("year")
    return make_reference(
        title=plain(text_field(record, "title")),
        authors=[author for author in map(author_name, as_list(record.get("authors"))) if author],
        year=int(year) if isinstance(year, int) or (isinstance(year, str) and year.isdigit()) else None,
        venue=_journal(record),
        doi=text_field(record, "doi") or text_field(_external(record), "DOI", "doi"),
    )


def metadata(record: dict[str, Any]) -> dict[str, Any]:
    """What filters ask for: fields of study, and how often the paper is cited where the record says."""
    listed = next((record[name] for name in ("s2fieldsofstudy", "s2FieldsOfStudy") if record.get(name)), None)
    names = [item.get("category") for item in as_list(listed) if isinstance(item, dict)] or as_list(
        record.get("fieldsOfStudy") or record.get("mag_field_of_study")
    )
    count = next((record[name] for name in ("citationcount", "citationCount", "numCitedBy") if name in record), None)
    if count is None and isinstance(cited_by := record.get("inCitations", record.get("inbound_citations")), list):
        count = len(cited_by)
    known: dict[str, Any] = {"fields": list(dict.fromkeys(name for name in names if isinstance(name, str)))}
    return known | ({"n_citations": count} if isinstance(count, int) else {})


def author_name(author: Any) -> str:
    """ "Family, Given" of an author: parts as S2ORC has them, or a name on one line."""
    if not isinstance(author, dict):
        return ""
    if last := text_field(author, "last"):
        middle = [part for part in as_list(author.get("middle")) if isinstance(part, str)]
        given = " ".join(filter(None, [text_field(author, "first"), *middle]))
        return f"{last.replace(',', ' ')}, {given}" if given else last
    name = text_field(author, "name").replace(",", " ")
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given else family


def as_list(value: Any) -> list[Any]:
    """The value where it is a list, else none."""
    return value if isinstance(value, list) else []


def _external(record: dict[str, Any]) -> dict[str, Any]:
    ids = record.get("externalids") or record.get("externalIds")
    return ids if isinstance(ids, dict) else {}


def _journal(record: dict[str, Any]) -> str | None:
    journal = record.get("journal")
    name = text_field(journal, "name") if isinstance(journal, dict) else text_field(record, "journal", "journalName")
    return plain(name or text_field(record, "venue")) or None


def _licence(record: dict[str, Any]) -> str:
    for name in ("openaccessinfo", "openAccessPdf"):
        if isinstance(info := record.get(name), dict) and (licence := text_field(info, "license")):
            return licence
    return ""


SOURCE = Source(
    name="s2abstracts",
    group="papers",
    format="Semantic Scholar JSON lines",
    origin="https://api.semanticscholar.org/api-docs/datasets",
    licence="the collection ODC-BY; per abstract where Unpaywall knows",
    published=Published(19_000_000, 4_000_000_000),
    claims=_claims,
    read=_read,
    split=split_json,
)
