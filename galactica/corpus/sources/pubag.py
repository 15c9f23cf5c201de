"""Abstracts of PubAg, the literature of agriculture -> papers that end after the abstract.

Source: the search API of the National Agricultural Library (https://api.nal.usda.gov/pubag/rest/search/): pages with their records
in `resultList`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from galactica.corpus.abstracts import abstract_document
from galactica.corpus.fragments import paragraphs, plain
from galactica.corpus.json_records import json_records, list_field, split_json, text_field
from galactica.corpus.source import Published, Source
from galactica.files import RawFile
from galactica.references.medline import year_in
from galactica.references.record import clean_doi, make_reference
from galactica.types import Document, Drop


def _claims(where: str, head: bytes) -> bool:
    if head.lstrip()[:1] not in (b"{", b"["):
        return False
    names_it = b'"agid"' in head or b"nal.usda.gov" in head or "pubag" in str(PurePosixPath(where)).lower()
    return names_it and (b'"resultList"' in head or (b'"abstract"' in head and b'"title"' in head))


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(json_records(file.data, "resultList"), 1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: Any) -> Document | str:
    """The document, or why there is none."""
    identifier = text_field(record, "agid", "id")
    if not identifier:
        return "not a record of PubAg"
    blocks = paragraphs(text_field(record, "abstract"))
    if blocks is None:
        return "spells a control token"
    work = make_reference(
        title=plain(text_field(record, "title")),
        authors=_authors(record),
        year=year_in(text_field(record, "publication_year", "publication_date")),
        venue=plain(text_field(record, "journal", "source")) or None,
        doi=clean_doi(text_field(record, "doi", "doi_url")),
    )
    return abstract_document(
        work,
        blocks,
        source=SOURCE.name,
        key=identifier,
        licence=text_field(record, "rights", "license"),
        metadata={"subjects": [subject for subject in list_field(record, "subject") if isinstance(subject, str)]},
    )


def _authors(record: dict[str, Any]) -> list[str]:
    """The names, "Family, Given": in a list, or in one line with semicolons."""
    listed = list_field(record, "author") or list_field(record, "authors")
    if not listed:
        listed = text_field(record, "author", "authors").split(";")
    return [plain(name) for name in listed if isinstance(name, str) and name.strip()]


SOURCE = Source(
    name="pubag",
    group="papers",
    format="PubAg API JSON",
    origin="https://api.nal.usda.gov/pubag/rest/search/",
    licence="per abstract; works of the USDA's own are in the public domain",
    published=Published(308_235, 105_000_000),
    claims=_claims,
    read=_read,
    split=split_json,
)
