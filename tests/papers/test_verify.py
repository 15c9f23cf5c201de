"""What is looked at in a written passage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import markup
from galactica.papers import verify

CITED = markup.cite("Deep learning. A review, part 2", "LeCun")


def test_sentences_keep_formulas_citations_and_abbreviations_whole() -> None:
    text = (
        rf"Smith et al. found it {CITED}. The rate is \( k = 0.5 \). Is it so? E.g. in E. coli it is. \[ a = b. \] Half"
    )
    assert verify.sentences(text) == [
        f"Smith et al. found it {CITED}. ",
        r"The rate is \( k = 0.5 \). ",
        "Is it so? ",
        "E.g. in E. coli it is. ",
        r"\[ a = b. \] Half",
    ]


@given(st.text(st.sampled_from("aB. ?!()[]\\\n5"), max_size=60))
def test_sentences_lose_nothing(text: str) -> None:
    assert "".join(verify.sentences(text)) == text


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("It ends.", True),
        (f"It is cited {CITED}.", True),
        (f"It ends. {CITED}", True),
        ("It does not end", False),
        ("", False),
        ("Cut,", False),
    ],
)
def test_ends_sentence(sentence: str, whole: bool) -> None:
    assert verify.ends_sentence(sentence) is whole


@pytest.mark.parametrize(
    "sentence",
    [
        "The results are in Table 2.",
        "See Fig. 3A for it.",
        "Additional file 1 holds it.",
        "By Eq. (4) we get it.",
        "See https://x.org.",
    ],
)
def test_points_nowhere(sentence: str) -> None:
    assert verify.points_nowhere(sentence)


def test_a_title_of_a_work_points_nowhere_but_is_no_pointer() -> None:
    assert not verify.points_nowhere(f"It was shown before {markup.cite('A table 2 of figures', 'Lee')}.")
    assert not verify.points_nowhere("The figure of merit is the table of elements.")


def test_bare_marks_go_and_citations_stay() -> None:
    text = f"It was found (Smith et al., 2010) in mice [12, 14] and men {CITED} ()."
    assert verify.without_bare_marks(text) == f"It was found in mice and men {CITED}."


def test_formulas() -> None:
    text = r"Let \( x = 1 \) and \[ y = \frac{a}{b} \] hold."
    assert [(f.latex, f.display) for f in verify.find_formulas(text)] == [("x = 1", False), (r"y = \frac{a}{b}", True)]
    assert verify.formula_problem(text) is None
    assert verify.formula_problem(r"Let \( x = \frac{a \) hold.") is not None
    assert verify.formula_problem(r"Let \( x hold.") is not None


def test_prose() -> None:
    assert verify.is_prose("The model is trained on many proteins.")
    assert verify.is_prose(r"The rate \( k_{cat}/K_M = 10^{6} M^{-1}s^{-1} \) is high in all of them.")
    assert not verify.is_prose("1 2 3 4 5 6 (7) 8; 9.")
    assert not verify.is_prose("No.")
    assert verify.is_prose("In the expression of the rice (A), we found that the profiles differ.")
    for formula in ("P_{C}_A", "P^{2}", r"\alpha", "P _ { C }", "{P}_1"):
        assert not verify.is_prose(f"In the expression of the rice ({formula}), we found that the profiles differ.")


def test_repeats_are_seen_across_case_and_punctuation() -> None:
    before = set(verify.ngrams("The structure of the protein is known, and more."))
    assert before & set(verify.ngrams("It is that the Structure of the protein is known."))
    assert not before & set(verify.ngrams("The structure of the molecule is known, and more."))


def test_count_words() -> None:
    assert verify.count_words(rf"One two {CITED} three \( a + b \).") == 5


def test_other_forms() -> None:
    for sentence in (
        "Question: What is it?",
        "# Methods It is.",
        "It is [START_AMINO]MKV[END_AMINO].",
        "Authors: A. Smith.",
        "| a | b |",
    ):
        assert verify.is_of_another_form(sentence)
    assert not verify.is_of_another_form(f"At 10 [START_SUP]14[END_SUP] cells it holds {CITED}.")
