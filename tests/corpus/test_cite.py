"""Untitled entries through the library: a passage is as if the list had named the title, or as if nobody had asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from galactica import files, markup
from galactica.corpus import cite, pipeline
from galactica.corpus.documents import read_documents
from galactica.corpus.jobs import JobsConfig
from galactica.corpus.marks import NO_ENTRY, PLACEHOLDERS, UNTITLED, Marks
from galactica.corpus.pipeline import CorpusConfig
from galactica.references.record import make_reference
from galactica.references.store import build
from galactica.references.untitled import NOT_FOUND
from galactica.types import Document, Reference, UntitledEntry

KNOWN = make_reference(
    "Root hairs of barley grown under salt", ["Holm, A"], 2001, "J Bot", None, volume="12", page="345"
)
OTHER = make_reference("Leaf wax of barley grown in shade", ["Moe, B"], 1999, "J Bot", None)
UNTITLED_KNOWN, UNTITLED_UNKNOWN = (UntitledEntry(text, "Holm", 2001, "12", text) for text in ("345", "7"))
TITLES: dict[str, Reference | None] = {"a": OTHER, "b": None, "c": None, "d": None}
ENTRIES = {"b": UNTITLED_KNOWN, "c": UNTITLED_UNKNOWN}
CITED, CITED_OTHER = (markup.cite(work.title, work.surname) for work in (KNOWN, OTHER) if work)


def find(entry: UntitledEntry) -> Reference | str:
    return KNOWN if entry.page == "345" and KNOWN else NOT_FOUND


def document(*paragraphs: list[str | tuple[str, str]]) -> Document:
    """A document of paragraphs of text and marks (identifier, shown)."""
    marks = Marks(TITLES, untitled=ENTRIES)
    texts = [
        marks.resolve("".join(part if isinstance(part, str) else marks.mark([part[0]], part[1]) for part in paragraph))
        for paragraph in paragraphs
    ]
    counts = {"n_marks": marks.n_marks, "n_resolved": marks.n_resolved, "unresolved": dict(marks.unresolved)}
    return Document("x:1", "\n\n".join(texts), "jats", "CC0", counts, tuple(marks.pending))


PARAGRAPHS: list[tuple[list[str | tuple[str, str]], str, str]] = [
    (["Salt makes the hairs of its roots shorter [", ("b", "1"), "]."],
     "Salt makes the hairs of its roots shorter.", f"Salt makes the hairs of its roots shorter {CITED}."),
    (["Salt makes the hairs shorter in all of them (", ("c", "1"), "; ", ("b", "2"), ", ", ("a", "3"), "), as is known."],
     f"Salt makes the hairs shorter in all of them {CITED_OTHER}, as is known.",
     f"Salt makes the hairs shorter in all of them {CITED} {CITED_OTHER}, as is known."),
    (["Barley is grown on most of the salted fields. It was measured by ", ("b", "[1]"), "."],
     "Barley is grown on most of the salted fields.",
     f"Barley is grown on most of the salted fields. It was measured by {CITED}."),
    (["Wax protects the leaves that stand in the shade", ("c", "1"), " of others", ("d", "2"), "."],
     "Wax protects the leaves that stand in the shade of others.",
     "Wax protects the leaves that stand in the shade of others."),
]  # fmt: skip


@pytest.mark.parametrize(("paragraph", "without", "with_library"), PARAGRAPHS)
def test_a_passage_with_and_without_the_library(
    paragraph: list[str | tuple[str, str]], without: str, with_library: str
) -> None:
    raw = document(paragraph)
    assert raw.text == without
    assert cite.completed(raw, lambda entry: NOT_FOUND).text == without
    assert cite.completed(raw, find).text == with_library


@pytest.mark.parametrize(
    ("paragraph", "written"),
    [
        (["Salt stops what they need to.", ("d", "2"), " It does."], "Salt stops what they need to. It does."),
        (["Salt stops what was seen by ", ("d", "2"), ". It does."], "It does."),
        (["In Lisbon, Portugal", ("a", "3"), " and Rome"], f"In Lisbon, Portugal {CITED_OTHER} and Rome"),
        (["Barley (Holm, ", ("a", "1999"), "), Moe", ("a", "3")], f"Barley {CITED_OTHER}, Moe {CITED_OTHER}"),
    ],
)
def test_only_names_in_brackets_and_objects_of_a_sentence_go_with_a_mark(
    paragraph: list[str | tuple[str, str]], written: str
) -> None:
    assert document(paragraph).text == written


def test_counts_add_up() -> None:
    done = cite.completed(document(*(paragraph for paragraph, _, _ in PARAGRAPHS)), find)
    assert done.pending == ()
    assert done.metadata["n_marks"] == 7
    assert done.metadata["n_resolved"] == 4
    assert done.metadata["n_from_library"] == 3
    assert done.metadata["unresolved"] == {NOT_FOUND: 2, UNTITLED: 1}
    assert NO_ENTRY not in done.metadata["unresolved"]


def test_a_passage_that_the_text_does_not_hold_once_stays() -> None:
    raw = document(PARAGRAPHS[0][0])
    for text in (raw.text.replace("hairs", "hair"), f"{raw.text}\n\n{raw.text}"):
        done = cite.completed(replace(raw, text=text), find)
        assert done.text == text
        assert done.metadata["unresolved"] == {cite.MOVED: 1}
        assert done.metadata["n_resolved"] == 0


def test_no_text_spells_a_pending_citation() -> None:
    spelt = "Salt makes the hairs of its roots shorter \ue0000\ue001 \ue0021\ue003 and \ue0010."
    marks = Marks(TITLES, untitled=ENTRIES)
    text = marks.resolve(spelt.translate(PLACEHOLDERS))  # as every reader takes text in
    assert marks.pending == []
    raw = Document("x:1", f"{text} {spelt}", "jats", "CC0")
    assert cite.completed(raw, find) is raw


def test_a_hostile_entry_cites_the_librarys_words_alone() -> None:
    hostile = UntitledEntry(f"{markup.START_REF} Evil{markup.END_REF} \ue0000\ue001", "Holm", 2001, "12", "345")
    marks = Marks({"b": None}, untitled={"b": hostile})
    text = marks.resolve(f"Salt makes the hairs of its roots shorter [{marks.mark(['b'], '1')}].")
    done = cite.completed(Document("x:1", text, "jats", "CC0", {}, tuple(marks.pending)), find)
    assert done.text == PARAGRAPHS[0][2]


ARTICLE = """<?xml version="1.0"?><article><front><article-meta><article-id pub-id-type="doi">10.1/{n}</article-id><title-group>
<article-title>Salted fields of the {n} coast</article-title></title-group></article-meta></front><body><sec><title>Results</title>
<p>The hairs of barley roots are shorter where the soil is salted <xref ref-type="bibr" rid="r1">1</xref>, and the {n} fields are
no other. {filler}</p></sec></body><back><ref-list>
<ref id="r1"><mixed-citation>A. Holm, J. Bot. 12, 345 (2001).</mixed-citation></ref></ref-list></back></article>"""


def test_workers_cite_the_same(tmp_path: Path) -> None:
    assert KNOWN is not None
    build(tmp_path / "works", [KNOWN])
    raw = tmp_path / "raw"
    for n in ("northern", "southern", "western"):
        filler = " ".join(
            f"In the {n} year {year} we have seen the same of the plants that grew there." for year in range(20)
        )
        files.write_file(raw / n / "paper.xml", ARTICLE.format(n=n, filler=filler))
    digests = []
    for workers in (1, 2):
        output = tmp_path / str(workers)
        config = CorpusConfig(near_duplicate_threshold=1.0)
        counts = pipeline.build(raw, output, config, tmp_path / "works", jobs=JobsConfig(workers=workers))
        digests.append(counts["files"])
        row = counts["sources"]["jats"]
        assert (row["marks"], row["resolved"], row["resolved_by_library"], row["unresolved"]) == (3, 3, 3, {})
    assert digests[0] == digests[1]
    texts = [d.text for path in (tmp_path / "1").rglob("jats.jsonl.zst") for d in read_documents(path)]
    assert len(texts) == 3
    assert all(text.count(CITED) == 1 for text in texts)
