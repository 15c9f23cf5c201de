"""Abstracts of ChemRxiv -> papers that end after the abstract. Full texts are made of the PDFs (`tei.py`).

Source: the Open Engage API of ChemRxiv (https://chemrxiv.org/engage/chemrxiv/public-api/documentation): pages of `itemHits`, or
items alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from galactica.corpus.abstracts import abstract_document
from galactica.corpus.fragments import paragraphs, plain
from galactica.corpus.json_records import dict_field, json_records, list_field, split_json, text_field
from galactica.corpus.source import Published, Source
from galactica.files import RawFile
from galactica.references.medline import family_given, year_in
from galactica.references.record import clean_doi, make_reference
from galactica.types import Document, Drop

_FIELDS = (b'"contentType"', b'"statusDate"', b'"publishedDate"', b'"firstName"')


def _claims(where: str, head: bytes) -> bool:
    if head.lstrip()[:1] not in (b"{", b"["):
        return False
    return b'"itemHits"' in head or (b"10.26434/" in head and any(name in head for name in _FIELDS))


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(json_records(file.data, "itemHits"), 1):
        found = _document(dict_field(record, "item") or record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(item: Any) -> Document | str:
    """The document, or why there is none."""
    identifier = text_field(item, "id")
    if not identifier:
        return "not an item of ChemRxiv"
    if text_field(item, "status") in ("WITHDRAWN", "REMOVED") or item.get("withdrawn"):
        return "withdrawn"
    blocks = paragraphs(text_field(item, "abstract"))
    if blocks is None:
        return "spells a control token"
    doi = clean_doi(text_field(item, "doi"))
    work = make_reference(
        title=plain(text_field(item, "title")),
        authors=[
            family_given(text_field(one, "lastName"), text_field(one, "firstName"))
            for one in list_field(item, "authors")
        ],
        year=year_in(text_field(item, "publishedDate", "approvedDate", "statusDate")),
        venue="ChemRxiv",
        doi=doi,
    )
    licence = dict_field(item, "license")
    return abstract_document(
        work,
        blocks,
        source=SOURCE.name,
        key=doi or identifier,
        licence=text_field(licence, "name", "url"),
        metadata={"fields": [name for one in list_field(item, "categories") if (name := text_field(one, "name"))]},
    )


SOURCE = Source(
    name="chemrxiv",
    group="papers",
    format="Open Engage API JSON",
    origin="https://chemrxiv.org/engage/chemrxiv/public-api/v1/items",
    licence="per paper, as its archive states it",
    published=Published(7_617, 67_000_000),
    claims=_claims,
    read=_read,
    split=split_json,
)
