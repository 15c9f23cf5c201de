"""The dictionary of computing: the whole of it, and the marks that must not remain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.sources.foldoc import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

HEAD = "\n00-database-short\n     The Free On-line Dictionary of Computing\n\n"
LONG = (
    "   <language> A {language} of plots, seen at {(http://plots.org/)} and in {Plot\n   Two}.  "
    + "It has words that are long enough.\n   " * 9
)
ENTRIES = f"""Plotter

{LONG}

      plot (x)
      plot (y)

   or {{shell}}:

    main() {{for(;;)fork();}}

   Newsgroups: {{news:comp.a}}, {{news:comp.b}},
   {{news:comp.c}}.

   E-mail: <a@plots.org>.

   E-mail: Ada Okafor <a@plots.org>.

   ["On the Language of Plots", Ada Okafor et al, Proc Plots, 1988].

   [What else?]

   (1996-02-26)

PL/1

   <unit> Another thing [?] of forty characters and a few more[?].

PL/2

   [START_REF] A third thing of forty characters and a few more.

PL/3

   Short.
"""
WRAPPED = """
Wrapped
alias

   <unit> A link to {another
plot} that is broken at the margin, and a word of the
margin	that is no headword.

   {An introduction
   
(http://plots.org/a/very/long/address/that/fits/no/line.html)}.

   See {also
   
(asterisk)} here.

Next

   <unit> Another thing of forty characters and a few more.
"""  # dictfmt leaves the indentation before a word that is too long for its line


def test_entries() -> None:
    long, drop, short, together = SOURCE.read(RawFile("foldoc.dict", (HEAD + ENTRIES).encode()))
    assert isinstance(long, Document)
    assert isinstance(drop, Drop)
    assert isinstance(short, Drop)
    assert isinstance(together, Document)
    assert long.text.startswith("# Plotter\n\nA language of plots, seen at http://plots.org/ and in Plot Two. It has")
    assert long.text.endswith(
        "```\nplot (x)\nplot (y)\n```\n\nor shell:\n\n```\nmain() {for(;;)fork();}\n```\n\n"
        "[START_REF] On the Language of Plots, Okafor[END_REF]."
    )
    assert (drop.reason, short.reason) == ("spells a control token", "shorter than 40 characters")
    assert together.text == "# PL/1\n\nAnother thing of forty characters and a few more."


def test_words_that_dictfmt_left_at_the_margin_are_no_headwords() -> None:
    (together,) = SOURCE.read(RawFile("foldoc.dict", (HEAD + WRAPPED).encode()))
    assert isinstance(together, Document)
    assert together.text == (
        "# Terms of computing: Wrapped to Next\n\n**Wrapped**: A link to another plot that is broken at the margin, and a word of "
        "the margin that is no headword.\n\nSee also (asterisk) here.\n\n"
        "**Next**: Another thing of forty characters and a few more."
    )


def test_hostile_input() -> None:
    for text in (
        "{" * 200_000,
        "{(http:" * 50_000,
        "<a " * 100_000,
        "[" * 100_000,
        '["x' * 50_000,
        "\0" * 1000,
        "E-mail: <" * 30_000,
    ):
        list(SOURCE.read(RawFile("foldoc.dict", f"{HEAD}Word\n\n   {text}\n".encode())))


@pytest.mark.corpus
def test_the_real_dictionary(corpus_root: Path) -> None:
    files = [file for file in archives.walk(corpus_root / "foldoc.tar.xz") if isinstance(file, RawFile)]
    (file,) = [file for file in files if SOURCE.claims(file.where, file.data[:4096])]
    found = list(SOURCE.read(file))
    documents = [item for item in found if isinstance(item, Document)]
    assert len(documents) > 5000
    assert len({item.id for item in documents}) == len(documents)
    assert sum(len(markup.citations(item.text)) for item in documents) > 800
    text = "\n".join(re.sub(r"(?s)```.*?```", "", item.text) for item in documents)
    assert len(re.findall(r"\{[^{}\n]*\}", text)) < 20
    assert len(re.findall(r"\{[^{}\n]*$", text, re.MULTILINE)) < 15, "a cross-reference that is not closed"
    assert text.count("http") < 150
    titles = {item.metadata["title"] for item in documents}
    assert "2(05) 1959 May]." not in titles
    assert not re.search(r"\(\d{4}-\d\d-\d\d\)", text)
