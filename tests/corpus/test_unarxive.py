"""arXiv papers of unarXive: formulas and citations back in the text, what is faulty left out with a reason."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from galactica import archives, markup
from galactica.corpus.sources.unarxive import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

FILLER = "The norm of the operator is bounded by a constant that depends on the dimension alone. " * 20

_FORMULA = re.compile(r"\\\[.*?\\\]|\\\(.*?\\\)", re.DOTALL)
_HOLES = re.compile(
    r"\b(?:from|by|By|see|of|in|In|and) (?:Theorem|Lemma|Proposition|Corollary|Section|Table|Figure|Fig\.|Eqs?\.)s?(?: and)?[.,;)]"
    r"|\bthe (?:figure|table|section)[a-rt-z]|\b[Ii]n Refs?\.[.,]"
)


def record(text: str, entries: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "paper_id": "2301.00001",
        "_source_hash": "0",
        "metadata": {
            "title": "Bounds for\n operators on $L^2$",
            "authors_parsed": [["Okafor", "Ada Grace", ""]],
            "license": "http://creativecommons.org/licenses/by/4.0/",
            "versions": [{"created": "Sun, 1 Jan 2023 10:00:00 GMT"}],
            "doi": None,
        },
        "abstract": {"text": "We bound $\\|T\\|$ after M\\'{e}tier."},
        "body_text": [
            {"section": "Introduction", "sec_number": "1", "sec_type": "section", "text": text},
            {"section": "Results", "sec_number": "7", "sec_type": "section", "text": FILLER},
            {"section": "Acknowledgements", "sec_number": "8", "sec_type": "section", "text": "We thank all."},
        ],
        "bib_entries": {
            "aa": {"bib_entry_raw": "A. Kelly and T. Markland, Strong bounds for weak operators, J. Op. 12 (2004) 3."},
            "bb": {"bib_entry_raw": "R. Cave and M. Newton, J. Chem. Phys. 106, 9213 (1997)."},
        },
        "ref_entries": {key: {"type": "formula", "latex": latex} for key, latex in (entries or {}).items()},
    } | changes


def read(*records: object) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("x.jsonl", b"\n".join(json.dumps(item).encode() for item in records))))


KELLY = markup.cite("Strong bounds for weak operators", "Kelly")


def introduction(text: str, entries: dict[str, str] | None = None) -> str:
    (item,) = read(record(text, entries))
    assert isinstance(item, Document), item
    return item.text.split("# 1 Introduction\n\n")[1].split("\n\n# 2 Results")[0]


def test_the_form_of_a_paper() -> None:
    (item,) = read(record("Operators are bounded."))
    assert isinstance(item, Document)
    assert item.text.startswith(
        "Title: Bounds for operators on \\( L^2 \\)\n\nAuthors: A. G. Okafor\n\n# Abstract\n\n"
        "We bound \\( \\|T\\| \\) after Métier.\n\n"
        "# 1 Introduction\n\n"
    )
    assert "# 2 Results" in item.text
    assert "thank" not in item.text
    assert (item.id, item.metadata["year"]) == ("arxiv:2301.00001", 2023)


@pytest.mark.parametrize(
    ("text", "entries", "written"),
    [
        ("Let {{formula:f-1}}  be small.", {"f-1": " x^{2} "}, r"Let \( x^{2} \) be small."),
        ("We have\n[1]\n{{formula:f-1}} \nand more.", {"f-1": "x\\le y,"}, "We have\n\n\\[ x\\leq y, \\]\n\nand more."),
        ("We have\n{{formula:f-1}} \nand more.", {"f-1": "x\\le y,"}, "We have\n\n\\[ x\\leq y, \\]\n\nand more."),
        (
            "So {{formula:f-1}} holds.",
            {"f-1": r"{\begin{@align*}{1}{-1}a&=b\end{@align*}}"},
            "So\n\n\\[ \\begin{aligned}a&=b\\end{aligned} \\]\n\nholds.",
        ),
        ("It is {{formula:f-1}} here.", {"f-1": "a&=b"}, "It is\n\n\\[ \\begin{aligned} a&=b \\end{aligned} \\]\n\nhere."),
        ("As in {{cite:aa}} and elsewhere {{cite:bb}}.", {}, f"As in {KELLY} and elsewhere."),
        ("Short. Shown by {{cite:bb}}. End.", {}, "Short. End."),
        ("Short. By Eq. (REF ) it holds (see Section REF ). End.", {}, "Short. By the equation it holds. End."),
        (
            "A claim of KellyThis claim is from a talk.: It is open.",
            {},
            "A claim of Kelly (This claim is from a talk): It is open.",
        ),
        (
            "It may growThe bound is {{formula:f-1}} here. So it is.",
            {"f-1": "x"},
            r"It may grow (The bound is \( x \) here). So it is.",
        ),
        ("It is so. tocsectionReferences So it ends.", {}, "It is so. So it ends."),
        ("In {{figure:a-1}}Results of {{formula:f-1}}Then it holds.", {"f-1": "x"}, r"In Results of \( x \) Then it holds."),
        ("Short. The authors in Refs. {{cite:bb}} say so. End.", {}, "Short. End."),
        ("Short. {{cite:bb}} showed that it holds in the whole of the space. End.", {}, "Short. End."),
        ("It is so (see Ref. {{cite:bb}} for details). As Rao et al. {{cite:bb}} say.", {}, "It is so. As Rao et al. say."),
    ],
)  # fmt: skip
def test_formulas_and_citations_return(text: str, entries: dict[str, str], written: str) -> None:
    assert introduction(text, entries) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("It follows from Lemmas REF and REF .", "It follows from the lemmas."),
        ("Fig. REF (a) shows it, as Figs. REF -REF b do, and Table\xa0REF  too.",
         "The figure shows it, as the figures do, and the table too."),
        ("By (REF ) and (REF ), the bound (REF ) holds.\nIt is so in\xa0(REF ).",
         "By the equations, the bound holds. It is so in the equation."),
        ("We use the Bellman equation (REF ) and our Theorem REF .", "We use the Bellman equation and our theorem."),
        ("We invert Eq. (REF ), as Fig.\xa0REF (c) and (d) said.", "We invert the equation, as the figure said."),
        ("Solve Eq.\xa0(REF )first [Eqs. (REF )-(REF )], so that\n(REF ) holds.",
         "Solve the equation first, so that the equation holds."),
        ("As fig.outline tells, Main Theorem REF is true.", "As the figure tells, the theorem is true."),
        ("The definition (cf. Definition REF ) is so, see REF . End.", "End."),
        # what was lost leaves its space behind
        ("In Section\xa0\nwe say so; see Sections  and , and Appendix\xa0.",
         "In the section we say so; see the sections, and the appendix."),
        ("Short. It was claimed in\xa0 and confirmed in\xa0, , .\nThe term\xa0, is so. End.", "Short. The term, is so. End."),
        ("It is as in Eq.\xa0(). It is given by (). End.", "It is as in the equation. It is given by the equation. End."),
        ("There are layers.  presents a way to make them. End.", "There are layers. End."),
        # and what was not stays
        ("By Definition 2 and the Central Limit Theorem, it is in. The Appendix, too, is by us.",
         "By Definition 2 and the Central Limit Theorem, it is in. The Appendix, too, is by us."),
    ],
)  # fmt: skip
def test_cross_references_in_words(text: str, written: str) -> None:
    assert introduction(text) == written


def test_headings_do_not_end_in_holes() -> None:
    (item,) = read(
        record("Short.", body_text=[{"section": "Proof of Theorem\xa0", "sec_type": "section", "text": FILLER}])
    )
    assert isinstance(item, Document)
    assert "# 1 Proof of the theorem\n\n" in item.text


@pytest.mark.parametrize("run", ["REF ", "(REF )", "Fig. REF, ", "in\xa0, ", "(", " ,", "[REF ", "Lemma "])
def test_long_runs_are_read_in_good_time(run: str) -> None:
    started = time.perf_counter()
    read(record(run * (100_000 // len(run))))
    assert time.perf_counter() - started < 5


def test_a_paper_of_which_a_dollar_sign_was_lost_goes() -> None:
    lost = {"f-1": r"z\in  which is not an atom of ", "f-2": " and every "}
    (item,) = read(record("Lost {{formula:f-1}} x {{formula:f-2}} y.", lost))
    assert isinstance(item, Drop)
    assert item.reason == "text and formulas are mixed up"


def test_what_is_left_out_says_why() -> None:
    mixed = {f"f-{n}": f" satisfying the bound of the operator number {n} " for n in range(10)}
    items = read(
        record("{{formula:f-0}} x {{formula:f-1}} y", mixed),
        record("Short.", body_text=[]),
        {"paper_id": "1"},
        [1],
        record("x", metadata={"title": "ab"}),
    )
    items += SOURCE.read(RawFile("x.jsonl", b"{not json"))
    assert [item.reason for item in items if isinstance(item, Drop)] == [
        "text and formulas are mixed up",
        "shorter than 1500 characters",
        "not a record of unarXive",
        "not a record of unarXive",
        "no title",
        "not JSON",
    ]


@pytest.mark.corpus
def test_formulas_of_the_real_corpus_are_kept(corpus_root: Path) -> None:
    items = []
    for file in archives.walk(corpus_root / "unarxive-sample.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            items += list(SOURCE.read(file))
    documents = [item for item in items if isinstance(item, Document)]
    assert len(items) == 49
    assert len(documents) >= 45
    kept = sum(document.metadata["n_formulas"] for document in documents)
    left_out = sum(sum(document.metadata["formulas_left_out"].values()) for document in documents)
    assert kept > 17_000
    assert left_out < 0.04 * kept
    texts = [_FORMULA.sub("X", markup.without_citations(document.text)) for document in documents]
    holes = sum(len(_HOLES.findall(text)) for text in texts)
    assert holes <= 6, "535 where each reference went without its noun"
    assert sum(document.metadata["n_lost_pointers"] for document in documents) < 250
    assert not any("{{" in document.text.replace("{{{", "") and "{{formula" in document.text for document in documents)
