"""Patterns that text from outside meets take time in proportion to its length on the runs that made them take its square."""

from __future__ import annotations

import importlib
import time

import pytest

from galactica.corpus import liquid
from galactica.modalities import formulas

N = 100_000
"""Characters: the patterns as they were took 6 s and more."""
SPACES = " " * N
CASES = [
    ("corpus.abstracts", "_LEAD", f"Summary{SPACES}", "match"),
    ("corpus.d2l", "_SAVE", SPACES, "search"),
    ("corpus.html_page", "_TITLE_SEPARATOR", SPACES, "search"),
    ("corpus.markdown", "_CAPTION", SPACES, "match"),
    ("corpus.markdown", "_HEADING_ATTRIBUTES", f"Roots{SPACES}.", "search"),
    ("corpus.marks", "_EMPTY", SPACES, "search"),
    ("corpus.marks", "_EMPTY", f"({SPACES}", "search"),
    ("corpus.marks", "_EMPTY", f"[{SPACES}", "search"),
    ("corpus.marks", "_OPENING_STOP", SPACES, "search"),
    ("corpus.marks", "_SPACE_BEFORE", SPACES, "search"),
    ("corpus.marks", "_SPACE_INSIDE", SPACES, "search"),
    ("corpus.marks", "_SPACE_INSIDE", ", " * (N // 2), "search"),
    ("corpus.printed", "_CAPTION_LABEL", f"tab.{SPACES}", "match"),
    ("corpus.printed", "_FALLEN_SCRIPT", "a" * N, "search"),
    ("corpus.printed", "_LABEL_AT_END", f"Roots{SPACES}.", "search"),
    ("corpus.rst_inline", "_NUMBER", f"{'1' * N}!", "search"),
    ("corpus.rst_inline", "_SIGN", SPACES, "search"),
    ("corpus.rst_inline", "_TITLED", SPACES, "fullmatch"),
    ("corpus.rst_names", "_ROLE", ":" * N, "search"),
    ("corpus.sources.foldoc", "_EDITORIAL", SPACES, "search"),
    ("corpus.sources.foldoc", "_EMPTY", SPACES, "search"),
    ("corpus.sources.goldbook", "_LABEL", SPACES, "search"),
    ("corpus.sources.jats_body", "_SEPARATORS_LEFT", f"{SPACES}.", "search"),
    ("corpus.sources.markdown_books", "_SETUP", "\n" * N, "search"),
    ("corpus.sources.markdown_papers", "_OWN_NUMBER", "1.1" * (N // 3), "search"),
    ("corpus.sources.mediawiki", "_BOLD", "'" * N, "search"),
    ("corpus.sources.ontologies", "_SCOPE", f"NARROW{SPACES}", "match"),
    ("corpus.sources.ontologies", "_STRUCTURE", "smiles" * (N // 6), "match"),
    ("corpus.sources.prompts_choices", "_NUMBERED", SPACES, "search"),
    ("corpus.sources.sweave", "_SETUP", "\n" * N, "search"),
    ("corpus.sources.swissprot", "_EVIDENCE", SPACES, "search"),
    ("corpus.sources.unarxive_pointers", "_ASIDE", SPACES, "search"),
    ("corpus.sources.wikipathways", "_ADDRESS_IN_BRACKETS", SPACES, "search"),
    ("corpus.wikitext.links", "_DISAMBIGUATED", SPACES, "search"),
    ("corpus.wikitext.wikitables", "_ATTRIBUTES", f"{SPACES}!", "fullmatch"),
    ("modalities.formulas", "_LEAVE_OUT", "%" * N, "search"),
    ("modalities.mathml", "_SPACED_RELATION", SPACES, "search"),
    ("references.csl", "_STANDARD_ID", "\n" * N, "search"),
    ("references.names", "_ROLE", SPACES, "search"),
    ("references.note_spans", "_TRANSLATOR", SPACES, "search"),
    ("references.note_titles", "_GENERIC_SITE", SPACES, "search"),
    ("references.wikitext", "_COPIED_HEAD", SPACES, "search"),
    ("references.wikitext", "_DASH", SPACES, "search"),
    ("references.wikitext", "_ET_AL", SPACES, "search"),
    ("references.wikitext", "_SIGNED_YEAR", SPACES, "search"),
]


@pytest.mark.parametrize(("module", "name", "text", "method"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_a_long_run_is_read_in_linear_time(module: str, name: str, text: str, method: str) -> None:
    pattern = getattr(importlib.import_module(f"galactica.{module}"), name)
    start = time.process_time()
    getattr(pattern, method)(text)
    assert time.process_time() - start < 1


def test_openers_without_an_end_are_passed_over() -> None:
    start = time.process_time()
    assert liquid.without_liquid("{##" * N) == "{##" * N
    assert formulas.strip_tex_wrapper(r"\begin{document}" * N) == r"\begin{document}" * N
    assert time.process_time() - start < 1


def test_what_jinja_and_tex_wrap() -> None:
    assert liquid.without_liquid("a {## b {## c ##} d ##} e {## f") == "a  d ##} e {## f"
    assert liquid.without_liquid("a {##" + "b" * 20_001 + "{## c ##} d") == "a {##" + "b" * 20_001 + " d"
    assert formulas.strip_tex_wrapper(r"x\begin{document}$$ y $$\end{document}\end{document}") == "y"


@pytest.mark.parametrize(
    ("module", "name", "text", "left"),
    [
        ("corpus.marks", "_SPACE_INSIDE", "(  ,) [ ; a ( , b ,)", "() [a (b)"),
        ("corpus.marks", "_EMPTY", "a (see, e.g., ; ) b [ , and ] c (d)", "a b c (d)"),
        ("corpus.marks", "_SPACE_BEFORE", "a  . b , c", "a. b, c"),
        ("corpus.sources.goldbook", "_LABEL", "Synonym: acronym: x", "x"),
        ("corpus.sources.foldoc", "_EMPTY", "a () ( ) b", "a b"),
        ("references.wikitext", "_ET_AL", "Holm,  et al. and Moe et al", "Holm and Moe"),
        ("modalities.mathml", "_SPACED_RELATION", r"a \, = = b", "ab"),
    ],
)
def test_what_they_take_is_what_they_took(module: str, name: str, text: str, left: str) -> None:
    """`left` is what the patterns left before they were made linear."""
    assert getattr(importlib.import_module(f"galactica.{module}"), name).sub("", text) == left
