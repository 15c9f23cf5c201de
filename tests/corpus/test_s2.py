"""Semantic Scholar: abstracts of every release, S2ORC in both forms (one paper written in each gives one text), halves joined."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from galactica import archives, markup
from galactica.corpus.join import join_lines
from galactica.corpus.sources import s2abstracts, s2orc, unarxive
from galactica.files import RawFile
from galactica.types import Document, Drop

SENTENCES = "The height of the plants was measured in each of the plots and compared with that of the control plots."
FILLER = " ".join([SENTENCES] * 18)
KELLY, LEE = markup.cite("Light and growth", "Kelly"), markup.cite("Water and growth", "Lee")

PAPER = {
    "corpusid": 7,
    "externalids": {"DOI": "10.1234/Plots", "ArXiv": None},
    "title": "Growth of <i>plants</i>",
    "authors": [{"authorId": "1", "name": "Ada G. Okafor"}],
    "year": 2020,
    "citationcount": 3,
    "s2fieldsofstudy": [{"category": "Biology", "source": "s2-fos-model"}, {"category": "Biology", "source": "external"}],
    "journal": {"name": "Journal of plots", "pages": "1-2"},
}  # fmt: skip
ABSTRACT = {"corpusid": 7, "openaccessinfo": {"license": "CCBY", "status": "GOLD"}, "abstract": SENTENCES}
PARSE = {
    "paper_id": "7",
    "_pdf_hash": "00",
    "abstract": [],
    "body_text": [
        {"section": "Introduction", "text": "Plants grow [1, 2] (Fig. 1). They do.", "ref_spans": [{"start": 20, "end": 26,
         "ref_id": "FIGREF0"}],
         "cite_spans": [{"start": 12, "end": 15, "text": "[1,", "ref_id": "BIBREF0"}, {"start": 16, "end": 18, "text": "2]",
          "ref_id": "BIBREF1"}]},
        {"section": "Introduction", "text": "So EQUATION is small.", "cite_spans": [], "eq_spans": [{"start": 3, "end": 11,
         "latex": "x^2", "ref_id": "EQREF0"}]},
        {"section": "Results", "text": FILLER, "cite_spans": [{"start": 5, "end": 999_999, "ref_id": "BIBREF0"}], "ref_spans": []},
        {"section": "Acknowledgements", "text": "We thank all.", "cite_spans": [], "ref_spans": []},
    ],
    "bib_entries": {
        "BIBREF0": {"title": "Light and growth", "authors": [{"first": "Bo", "middle": ["C"], "last": "Kelly"}],
         "year": "2001", "venue": "J"},
        "BIBREF1": {"title": "Water and growth", "authors": [{"first": "Di", "middle": [], "last": "Lee"}], "year": "",
         "venue": ""},
    },
    "ref_entries": {"FIGREF0": {"text": "Figure 1. The plots seen from above.", "type": "figure"}},
}  # fmt: skip
METADATA = {
    "paper_id": "7", "title": "Growth of plants", "authors": [{"first": "Ada", "middle": ["G."], "last": "Okafor", "suffix": ""}],
    "abstract": SENTENCES, "year": 2020, "doi": "10.1234/Plots", "journal": "Journal of plots", "mag_id": "1",
    "mag_field_of_study": ["Biology"], "inbound_citations": ["1", "2", "3"], "has_pdf_parse": True,
}  # fmt: skip
BODY = (
    f"# 1 Introduction\n\nPlants grow {KELLY} {LEE} (Fig. 1). They do.\n\nFigure 1: The plots seen from above.\n\n"
    f"So \\( x^2 \\) is small.\n\n# 2 Results\n\n{FILLER}"
)  # fmt: skip
HEAD = f"Title: Growth of plants\n\nAuthors: A. G. Okafor\n\n# Abstract\n\n{SENTENCES}"


def annotated(**changes: Any) -> dict[str, Any]:
    """The paper as S2ORC writes it since 2023: a text put together of pieces, and where each of them stands."""
    text = ""
    notes: dict[str, list[dict[str, Any]]] = {}

    def add(piece: str, *kinds: str, **attributes: str) -> None:
        nonlocal text
        for kind in kinds:
            note: dict[str, Any] = {"start": len(text), "end": len(text) + len(piece)}
            notes.setdefault(kind, []).extend(
                [note | ({"attributes": attributes} if attributes else {})] * 2
            )  # each twice
        text += piece

    def paragraph(*pieces: tuple[str, str, str]) -> None:
        nonlocal text
        start = len(text)
        for piece, kind, identifier in pieces:
            add(piece, *([kind] if kind else []), **({"ref_id": identifier} if identifier else {}))
        notes.setdefault("paragraph", []).append({"start": start, "end": len(text)})
        text += "\n\n"

    add("\n")
    add("Growth of plants", "title")
    add("\n2020\n\n")
    start = len(text)
    add("Ada G.", "authorfirstname")
    add(" ")
    add("Okafor", "authorlastname")
    notes["author"] = [{"start": start, "end": len(text)}]
    add("\n")
    add(SENTENCES, "abstract")
    add("\n\n")
    add("Introduction", "sectionheader", n="1")
    add("\n\n")
    paragraph(
        ("Plants grow ", "", ""), ("[1,", "bibref", "b0"), (" ", "", ""), ("2]", "bibref", "b1"), (" (", "", ""),
        ("Fig. 1", "figureref", "fig_0"), ("). They do.", "", ""),
    )  # fmt: skip
    add("y = αz (1)", "formula")
    add("\n\n")
    add("Results", "sectionheader", n="2")
    add("\n\n")
    paragraph((FILLER, "", ""))
    add("Acknowledgements", "sectionheader")
    add("\n")
    paragraph(("We thank all.", "", ""))
    start = len(text)
    add("Fig. 1: ")
    add("The plots seen from above.", "figurecaption")
    notes["figure"] = [{"start": start, "end": len(text), "attributes": {"id": "fig_0"}}]
    for number, (title, first, last) in enumerate(
        (("Light and growth", "Bo", "Kelly"), ("Water and growth", "Di", "Lee"))
    ):
        add("\n\n")
        start = len(text)
        add(title, "bibtitle")
        add(". ")
        author = len(text)
        add(first, "bibauthorfirstname")
        add(" ")
        add(last, "bibauthorlastname")
        notes.setdefault("bibauthor", []).append({"start": author, "end": len(text)})
        add(", 2001")
        notes.setdefault("bibentry", []).append(
            {"start": start, "end": len(text), "attributes": {"id": f"b{number}", "matched_paper_id": "1"}}
        )
    annotations = {kind: json.dumps(found) for kind, found in notes.items()} | {
        "tableref": None,
        "venue": '[{"end":9e9,"start":1}]',
    }
    source = {"pdfurls": None, "oainfo": {"license": "CCBY", "status": "GOLD"}}
    ids = {"doi": "10.1234/Plots", "arxiv": None}
    return {
        "corpusid": 7,
        "externalids": ids,
        "content": {"source": source, "text": text, "annotations": annotations},
    } | changes


def read(source: Any, *records: Any) -> list[Document | Drop]:
    data = b"\n".join(json.dumps(record).encode() for record in records)
    assert source.SOURCE.claims("x.jsonl", data[:4096])
    return list(source.SOURCE.read(RawFile("x.jsonl", data)))


@pytest.mark.parametrize(
    "record",
    [
        {**PAPER, **ABSTRACT},
        {"id": "7", "title": "Growth of plants", "paperAbstract": SENTENCES, "authors": [{"name": "Ada G. Okafor", "ids": ["1"]}],
         "inCitations": ["1", "2", "3"], "year": 2020, "journalName": "Journal of plots", "fieldsOfStudy": ["Biology"],
          "doi": "10.1234/Plots"},
        {"paperId": "7", "title": "Growth of plants", "abstract": SENTENCES, "authors": PAPER["authors"], "year": 2020,
         "citationCount": 3,
         "journal": {"name": "Journal of plots"}, "externalIds": {"DOI": "10.1234/Plots"},
          "s2FieldsOfStudy": [{"category": "Biology"}]},
        METADATA,
    ],
)  # fmt: skip
def test_abstracts_of_every_release(record: dict[str, Any]) -> None:
    (item,) = read(s2abstracts, record)
    assert isinstance(item, Document), item
    assert item.text == HEAD
    assert item.id == "s2abstracts:7"
    known = {
        "doi": "10.1234/plots",
        "year": 2020,
        "journal": "Journal of plots",
        "fields": ["Biology"],
        "n_citations": 3,
    }
    assert {name: item.metadata[name] for name in known} == known


def test_an_abstract_is_text() -> None:
    text = f"<p>Abstract: {SENTENCES} CO<sub>2</sub> &lt; 2 and p<0.05.</p><p>We bound $L^2$ for $5 and $6.</p>"
    (item,) = read(s2abstracts, PAPER | {"abstract": text})
    assert isinstance(item, Document)
    assert (
        item.text.partition("# Abstract\n\n")[2]
        == f"{SENTENCES} CO₂ < 2 and p<0.05.\n\nWe bound \\( L^2 \\) for $5 and $6."
    )


def test_abstracts_that_are_left_out_say_why() -> None:
    contents = "Preface Introduction to the Theory of Plots Growth of the Plants in the Plots Conclusion " * 12
    items = read(
        s2abstracts, PAPER, ABSTRACT, {**PAPER, "abstract": contents}, {**PAPER, "abstract": "&lt;/<b></b>s&gt; " + SENTENCES},
        {**PAPER, "abstract": {"x": 1}}, [1], {**PAPER, "title": ["x"], "abstract": SENTENCES},
    )  # fmt: skip
    items += s2abstracts.SOURCE.read(RawFile("x.jsonl", b"[" * 100_000 + b"\n{\xff"))
    assert [item.reason for item in items if isinstance(item, Drop)] == [
        "no abstract", "no title", "a list, not an abstract", "spells a control token", "no abstract",
        "not a record of Semantic Scholar", "no title", "not a record of Semantic Scholar", "not a record of Semantic Scholar",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "record",
    [
        {**METADATA, "pdf_parse": PARSE},
        {**METADATA, "header": {"generated_with": "S2ORC 1.0.0"}, "latex_parse": PARSE},
        {"paper_id": "7", "metadata": {**METADATA, "year": "2020"}, "s2_pdf_hash": "0", "grobid_parse": PARSE},
    ],
)
def test_parses_with_spans(record: dict[str, Any]) -> None:
    (item,) = read(s2orc, record)
    assert isinstance(item, Document), item
    assert item.text == f"{HEAD}\n\n{BODY}"
    assert (item.id, item.metadata["n_marks"], item.metadata["n_resolved"]) == ("s2orc:7", 2, 2)
    assert item.metadata["fields"] == ["Biology"]


def test_annotations_by_offset() -> None:
    (item,) = read(s2orc, annotated())
    assert isinstance(item, Document), item
    assert item.text == f"{HEAD}\n\n" + BODY.replace("So \\( x^2 \\) is small.", "\\[ y = \\alpha z \\]")
    assert (item.id, item.licence) == ("s2orc:7", "CCBY")
    assert (item.metadata["n_marks"], item.metadata["n_resolved"], item.metadata["doi"]) == (2, 2, "10.1234/plots")


def test_annotations_of_the_later_data_set() -> None:
    content = annotated()["content"]
    notes = {
        kind.replace("section", "section_").replace("bib", "bib_"): value
        for kind, value in content["annotations"].items()
    }
    part = {"text": content["text"], "annotations": notes}
    record = {
        "corpusid": 7,
        "title": "Growth of plants",
        "authors": [{"name": "Ada G. Okafor"}],
        "body": part,
        "bibliography": part,
    }
    (item,) = read(s2orc, record | {"openaccessinfo": {"license": "CCBY"}})
    assert isinstance(item, Document), item
    assert item.text.startswith(HEAD)
    assert (item.licence, item.metadata["n_resolved"]) == ("CCBY", 2)


def test_papers_that_are_left_out_say_why() -> None:
    whole = {**METADATA, "pdf_parse": PARSE}
    items = read(
        s2orc, PARSE, whole | {"title": "Erratum to: Growth"}, whole | {"pdf_parse": {**PARSE,
         "body_text": PARSE["body_text"][:1]}},
        whole | {"pdf_parse": {**PARSE, "body_text": [{"section": "</s>", "text": FILLER}]}},
         whole | {"pdf_parse": {"body_text": [{}]}},
        whole | {"pdf_parse": {**PARSE, "body_text": [{"text": "x", "cite_spans": [{"start": "a", "end": 1}]}]}}, {"corpusid": 1},
        annotated(content={"text": "x", "annotations": {"paragraph": "not JSON"}}), annotated(content={"text": "",
         "annotations": {}}),
        annotated(content={"text": SENTENCES, "annotations": {"title": [{"start": -4, "end": 10**9}], "paragraph": {"start": 0}}}),
    )  # fmt: skip
    assert [item.reason for item in items if isinstance(item, Drop)] == [
        "no title", "correction or retraction", "shorter than 1500 characters", "spells a control token",
        *["not a record of S2ORC"] * 5, "no title",
    ]  # fmt: skip


def test_claims_tell_the_forms_apart() -> None:
    heads = {name: json.dumps(record).encode()[:4096] for name, record in (
        ("papers", PAPER), ("abstracts", ABSTRACT), ("metadata", METADATA), ("parse", PARSE), ("annotated", annotated()),
    )}  # fmt: skip
    assert [name for name, head in heads.items() if s2abstracts.SOURCE.claims("a.jsonl", head)] == [
        "papers",
        "abstracts",
        "metadata",
    ]
    assert [name for name, head in heads.items() if s2orc.SOURCE.claims("a.jsonl", head)] == ["parse", "annotated"]
    arxiv = b'{"paper_id": "1", "_source_hash": "0", "body_text": [], "bib_entries": {}}'
    assert unarxive.SOURCE.claims("a.jsonl", arxiv)
    assert not s2orc.SOURCE.claims("a.jsonl", arxiv)
    assert not s2abstracts.SOURCE.claims("a.jsonl", b'{"title": "x", "abstract": "y", "authors": []}')


@pytest.mark.parametrize(
    ("left", "right", "key", "source"),
    [
        (PAPER, ABSTRACT, "corpusid", s2abstracts),
        (METADATA, PARSE, "paper_id", s2orc),
        (PAPER, annotated(), "corpusid", s2orc),
    ],
)
def test_halves_are_joined(tmp_path: Path, left: dict[str, Any], right: dict[str, Any], key: str, source: Any) -> None:
    for name, record in (("left", left), ("right", right)):
        lines = [
            json.dumps(record | {key: type(record[key])(number)}) for number in range(40 if name == "left" else 30)
        ]
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text("\n".join(["{broken", *lines]))
    assert join_lines(tmp_path / "left", tmp_path / "right", tmp_path / "both", key) == 30
    found: list[Document | Drop] = []
    for file in archives.walk(tmp_path / "both"):
        assert isinstance(file, RawFile)
        assert source.SOURCE.claims(file.where, file.data[:4096])
        found += source.SOURCE.read(file)
    assert all(isinstance(item, Document) and item.metadata["fields"] == ["Biology"] for item in found)
    assert {item.id for item in found if isinstance(item, Document)} == {
        f"{source.SOURCE.name}:{number}" for number in range(30)
    }
