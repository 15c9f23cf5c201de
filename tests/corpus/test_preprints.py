"""What the services of ChemRxiv, OSF and PubAg answer: their records as documents, what is left out, whose file is whose."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from galactica.corpus.source import Source
from galactica.corpus.sources import chemrxiv, osf, pubag
from galactica.files import RawFile
from galactica.types import Document, Drop

SENTENCES = "The height of the plants was measured in each of the plots and compared with that of the control plots."
TEXT = f"Title: Growth of plants\n\nAuthors: A. G. Okafor, Plot Group\n\n# Abstract\n\n{SENTENCES}\n\nCO₂ was used."

CHEMRXIV = {
    "id": "60fcd0dc", "doi": "10.26434/chemrxiv-2021-AB1", "title": "Growth of <i>plants</i>",
    "abstract": f"<p>{SENTENCES}</p><p>CO<sub>2</sub> was used.</p>", "contentType": {"name": "Working Paper"},
    "categories": [{"id": "1", "name": "Agriculture and Food Chemistry"}], "status": "PUBLISHED",
    "license": {"id": "1", "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "publishedDate": "2021-07-26T08:00:00.000Z",
    "authors": [{"firstName": "Ada G.", "lastName": "Okafor", "institutions": []}, {"firstName": "", "lastName": "Plot Group"}],
}  # fmt: skip
OSF: dict[str, Any] = {
    "id": "egcsk", "type": "preprints",
    "attributes": {
        "date_published": "2021-07-19T07:41:43.501204", "original_publication_date": None, "doi": None, "title": "Growth of plants",
        "description": f"{SENTENCES}\r\n\r\nCO<sub>2</sub> was used.", "is_published": True, "is_preprint_orphan": False,
        "date_withdrawn": None, "reviews_state": "accepted", "tags": ["plots"],
        "subjects": [[{"id": "1", "text": "Agriculture and Food Chemistry"}]] * 2,
    },
    "relationships": {
        "provider": {"data": {"id": "agrixiv", "type": "preprint-providers"}},
        "license": {"links": {"related": {"href": "https://api.osf.io/v2/licenses/1/"}}},
    },
    "embeds": {
        "contributors": {"data": [
            {"attributes": {"bibliographic": True}, "embeds": {"users": {"data": {"attributes":
                {"full_name": "Ada G. Okafor", "given_name": "Ada G.", "family_name": "Okafor"}}}}},
            {"attributes": {"bibliographic": False}, "embeds": {"users": {"data": {"attributes": {"full_name": "Hidden"}}}}},
            {"attributes": {}, "embeds": {"users": {"data": {"attributes": {"full_name": "Plot Group", "family_name": ""}}}}},
        ]},
        "license": {"data": {"attributes": {"name": "CC BY 4.0"}}},
    },
    "links": {"html": "https://osf.io/egcsk/", "preprint_doi": "https://doi.org/10.31219/osf.io/EGCSK"},
}  # fmt: skip
PUBAG = {
    "id": "7001", "agid": 7001, "title": "Growth of plants", "abstract": f"{SENTENCES}<br/><br/>CO<sub>2</sub> was used.",
    "author": ["Okafor, Ada G.", "Plot Group"], "journal": "Journal of plots", "publication_year": "2021", "subject": ["plots", 1],
    "doi": "https://doi.org/10.1234/plots", "rights": "CC BY 4.0",
}  # fmt: skip

PAGES = [
    (
        chemrxiv.SOURCE,
        CHEMRXIV,
        {"totalCount": 1, "itemHits": [{"item": CHEMRXIV}]},
        "chemrxiv:10.26434/chemrxiv-2021-ab1",
    ),
    (
        osf.SOURCE,
        OSF,
        {"data": [OSF], "links": {"next": None}, "meta": {"version": "2.20"}},
        "osf:10.31219/osf.io/egcsk",
    ),
    (pubag.SOURCE, PUBAG, {"request": {"totalPages": 1}, "resultCount": 1, "resultList": [PUBAG]}, "pubag:7001"),
]


@pytest.mark.parametrize(("source", "record", "page", "identifier"), PAGES)
def test_a_page_and_records_a_line_give_the_same(
    source: Source, record: dict[str, Any], page: dict[str, Any], identifier: str
) -> None:
    for data in (json.dumps(page, indent=1).encode(), json.dumps(page).encode(), json.dumps(record).encode()):
        assert source.claims("a.json", data[:4096])
        (item,) = source.read(RawFile("a.json", data))
        assert isinstance(item, Document), item
        assert item.text == TEXT
        assert (item.id, item.licence, item.metadata["year"]) == (identifier, "CC BY 4.0", 2021)
        assert item.metadata.get("fields") in (None, ["Agriculture and Food Chemistry"])
        assert not any(other.claims("a.json", data[:4096]) for other, *_ in PAGES if other is not source)


def test_large_files_are_cut_where_their_lines_end() -> None:
    assert chemrxiv.SOURCE.split is not None
    record = json.dumps(CHEMRXIV).encode()
    pieces = list(chemrxiv.SOURCE.split(io.BytesIO(b"\n".join([record] * 9000))))
    assert len(pieces) > 2
    assert sum(len(list(chemrxiv.SOURCE.read(RawFile("a.json", piece)))) for piece in pieces) == 9000
    page = json.dumps({"itemHits": [{"item": CHEMRXIV}] * 9}, indent=1).encode()
    assert list(chemrxiv.SOURCE.split(io.BytesIO(page))) == [page]


def test_what_is_left_out_says_why() -> None:
    def reasons(source: Source, *records: Any) -> list[str]:
        data = b"\n".join([*(json.dumps(record).encode() for record in records), b"{", b"[" * 50_000, b"\xff"])
        return [item.reason for item in source.read(RawFile("a.json", data)) if isinstance(item, Drop)]

    withdrawn = {**OSF, "attributes": {**OSF["attributes"], "date_withdrawn": "2022-01-01"}}
    spelling = {**OSF, "attributes": {**OSF["attributes"], "description": "&lt;work&gt; " + SENTENCES}}
    nothing = "not a preprint of OSF"
    assert reasons(osf.SOURCE, withdrawn, spelling, {"type": "users"}, 1) == [
        "withdrawn",
        "spells a control token",
        *[nothing] * 5,
    ]
    changes = ({"status": "WITHDRAWN"}, {"abstract": None}, {"title": 1})
    assert reasons(chemrxiv.SOURCE, *({**CHEMRXIV, **change} for change in changes)) == [
        "withdrawn", "no abstract", "no title", *["not an item of ChemRxiv"] * 3,
    ]  # fmt: skip
    assert reasons(pubag.SOURCE, {**PUBAG, "abstract": [["x"]]}, {"resultList": None})[:2] == [
        "no abstract",
        "not a record of PubAg",
    ]


def test_other_json_is_not_claimed() -> None:
    others = (
        b'{"title": "a", "abstract": "b", "DOI": "10.1/x"}',
        b'{"data": [{"type": "users", "attributes": {}}]}',
        b"resultList",
    )
    assert not any(source.claims("a.json", head) for source, *_ in PAGES for head in others)
