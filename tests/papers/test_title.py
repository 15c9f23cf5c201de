"""Titles as users give them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import markup
from galactica.papers.title import MAX_SLUG, MAX_TITLE, slug, title_problem


@pytest.mark.parametrize("title", ["", "   ", "\n\t", "...", "\x00"])
def test_a_title_without_words_is_refused(title: str) -> None:
    assert "Give some words" in (title_problem(title) or "")


@pytest.mark.parametrize("token", [*markup.SPECIAL_TOKENS, markup.SPLIT_MARKER])
def test_a_title_that_spells_a_control_token_is_refused_by_name(token: str) -> None:
    problem = title_problem(f"On the {token} of things")
    assert problem is not None
    assert token in problem
    assert "\n" not in problem


def test_length_is_counted_after_white_space_collapses() -> None:
    assert title_problem("a" * MAX_TITLE) is None
    assert title_problem("a" + " \n" * 1000 + "b") is None
    problem = title_problem("a" * 10_000)
    assert problem is not None
    assert "10,000" in problem
    assert len(problem) < 200


@pytest.mark.parametrize(
    "title", ["</script><b>x</b>", "$(rm -rf /)", r"\input{/etc/passwd}", '#read("/etc/passwd")', '"; DROP', "深層学習"]
)
def test_characters_of_other_languages_are_allowed(title: str) -> None:
    assert title_problem(title) is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (
            "Attention mechanisms in protein structure prediction",
            "attention-mechanisms-in-protein-structure-prediction",
        ),
        ("Über Größe und Ørsted", "uber-grosse-und-orsted"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf /", "rf"),
        ("a" * 100, "a" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_slug(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_titles_in_another_script_have_folders_of_their_own() -> None:
    assert slug("深層学習") != slug("機械学習")


@given(st.text())
def test_a_slug_is_always_a_plain_name(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(title))
    assert len(slug(title)) <= MAX_SLUG
