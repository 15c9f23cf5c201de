"""Abstracts of OSF Preprints and the archives on its platform -> papers that end after the abstract. Full texts are made of the
PDFs (`tei.py`).

Source: the API of the Open Science Framework (https://developer.osf.io, JSON:API): pages of `preprints`, with
`embed=contributors` and `embed=license` where authors and licences are wanted.
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

_FIELDS = (b'"is_preprint_orphan"', b'"reviews_state"', b'"preprint_doi_created"', b'"is_published"')


def _claims(where: str, head: bytes) -> bool:
    is_preprint = b'"preprints"' in head and b'"attributes"' in head and b'"description"' in head
    return (
        head.lstrip()[:1] in (b"{", b"[")
        and is_preprint
        and (b"osf.io" in head or any(name in head for name in _FIELDS))
    )


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(json_records(file.data, "data"), 1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: Any) -> Document | str:
    """The document, or why there is none."""
    identifier, stated = text_field(record, "id"), dict_field(record, "attributes")
    if not identifier or not stated or text_field(record, "type") != "preprints":
        return "not a preprint of OSF"
    if stated.get("date_withdrawn") or stated.get("reviews_state") in ("withdrawn", "rejected"):
        return "withdrawn"
    blocks = paragraphs(text_field(stated, "description"))
    if blocks is None:
        return "spells a control token"
    doi = clean_doi(text_field(dict_field(record, "links"), "preprint_doi")) or clean_doi(text_field(stated, "doi"))
    work = make_reference(
        title=plain(text_field(stated, "title")),
        authors=list(_authors(record)),
        year=year_in(text_field(stated, "original_publication_date", "date_published", "date_created")),
        venue=None,
        doi=doi,
    )
    fields = [text_field(item, "text") for item in _flat(list_field(stated, "subjects"))]
    return abstract_document(
        work,
        blocks,
        source=SOURCE.name,
        key=doi or identifier,
        licence=_licence(record),
        metadata={
            "fields": list(dict.fromkeys(filter(None, fields))),
            "provider": text_field(dict_field(record, "relationships", "provider", "data"), "id"),
        },
    )


def _authors(record: Any) -> Iterator[str]:
    """The contributors where they are embedded, those that its citation names."""
    for contributor in list_field(dict_field(record, "embeds", "contributors"), "data"):
        if dict_field(contributor, "attributes").get("bibliographic", True):
            user = dict_field(contributor, "embeds", "users", "data", "attributes")
            family = text_field(user, "family_name")
            yield family_given(family, text_field(user, "given_name")) if family else text_field(user, "full_name")


def _licence(record: Any) -> str:
    """The licence's name where it is embedded, else the address of its record."""
    name = text_field(dict_field(record, "embeds", "license", "data", "attributes"), "name")
    return name or text_field(dict_field(record, "relationships", "license", "links", "related"), "href")


def _flat(subjects: list[Any]) -> Iterator[Any]:
    """Subjects come as paths from the general to the special, or as one list."""
    for subject in subjects:
        yield from subject if isinstance(subject, list) else [subject]


SOURCE = Source(
    name="osf",
    group="papers",
    format="OSF API JSON",
    origin="https://api.osf.io/v2/preprints/",
    licence="per paper, as its archive states it",
    published=Published(54_905, 428_000_000),
    claims=_claims,
    read=_read,
    split=split_json,
)
