"""Lecture notes in DocOnce: a small one that holds every construct, the repository of the corpus, hostile texts."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from galactica import markup
from galactica.corpus.sources.doconce import SOURCE
from galactica.types import Document

FILL = "The height of the plants was measured in each of the plots and compared with that of the control. " * 4
NOTES = r"""TITLE: Plots and their *growth*, deadline May 1
AUTHOR: Ada Okafor {copyright, 1999-present|CC BY 4.0} at Department of Plots
DATE: today
# A comment

======= Growth =======
label{sec:growth}

We follow cite{okafor2020,nobody} and "the notes of
others":"https://plots.org/notes", and _bold_ words with `code_of_mine` and $x_1 + y_1 $. idx{growth}
The law in (ref{eq:law}) is shown in Figure ref{fig:one}, and Section ref{sec:growth} says why [^1].
[ao: Rewrite this.]

!bt
\begin{equation}
    p = \qty(\frac{1}{2})
label{eq:law}
\end{equation}
!et
!bt
\[
    q = p
\]
!et

FIGURE: [fig/plot.png, width=500 frac=0.8] A plot with $p$ plants. label{fig:one}

FIGURE: [fig/none.png, width=500]

!split
======= Growth =======

FILL

  * First item
    goes on here
    * inner item
  * second: item

  o one
  o two

!bc pycod
# not a comment
for x in "ref{eq:law}":
    print(x)   # _x_
!ec

|---------------|
| Plant | Height |
|---c------c----|
| oak   | $h_1$ |
|---------------|

!bblock A note
FILL
!eblock

===== {Exercise}: Measure =====
file=measure.py

!bsubex
Measure the height.
!bsol
Two metres.
!esol
!esubex

!bquiz
Q: Which grows?
Cr: 2.
Cw: A stone.
E: It does not.
!equiz

[^1]: A footnote.

===== Acknowledgement =====

To all.
""".replace("FILL", FILL)
BIB = "@article{okafor2020, title={Growth of plots}, author={Okafor, Ada}, year={2020}}"


def test_every_construct(reading: Any) -> None:
    (found,) = reading.documents(SOURCE, {"doc/notes.do.txt": NOTES, "doc/notes.bib": BIB, "LICENSE": "MIT License"})
    assert (found.id, found.licence) == ("doconce:b/notes.do.txt", "CC BY 4.0")
    assert found.text == (
        "# Plots and their *growth*\n\n## Growth\n\n"
        "We follow [START_REF] Growth of plots, Okafor[END_REF] and the notes of others, and **bold** words with "
        "`code_of_mine` and \\( x_1 + y_1 \\). The law in Equation 1 is shown in Figure 1, and “Growth” says why.\n\n"
        "\\[ p = (\\frac{1}{2}) \\]\n\n\\[ q = p \\]\n\nFigure 1: A plot with \\( p \\) plants.\n\n"
        f"{FILL.strip()}\n\n"
        "- First item goes on here\n  - inner item\n- second: item\n1. one\n2. two\n\n"
        '```python\n# not a comment\nfor x in "ref{eq:law}":\n    print(x)   # _x_\n```\n\n'
        "| Plant | Height |\n| --- | --- |\n| oak | \\( h_1 \\) |\n\n"
        f"**A note**\n\n{FILL.strip()}\n\n"
        "### Exercise: Measure\n\n**a)**\n\nMeasure the height.\n\n**Solution.**\n\nTwo metres.\n\n"
        "**Question.** Which grows?\n\n- 2.\n\n- A stone.\n\n  Explanation: It does not.\n\n**Answer.** 2."
    )
    assert (found.metadata["n_marks"], found.metadata["n_resolved"]) == (2, 1)


def test_what_is_left_out_says_why(reading: Any) -> None:
    files = {
        "a.do.txt": "TITLE: A\n\n${code(filename='apb')}\n\n" + FILL,
        "b.do.txt": "TITLE: Introduction to the course\n\n" + FILL,
        "c.do.txt": "TITLE: C\n\nDie Pflanzen wachsen. " * 40,
        "d.do.txt": "TITLE: D\n\n[START_REF] " + FILL,
        "e.do.txt": "TITLE: E\n\nThe plots of the field.",
    }
    assert reading.reasons(SOURCE, files) == [
        "a template of Mako",
        "about a course",
        "not English",
        "spells a control token",
        "shorter than 400 characters",
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "!bt\n" * 20_000,
        "!bc\n" + "`" * 100_000,
        "!bc\n" + "~" * 100_000,
        "  " * 20_000 + "* x",
        "\n".join(" " * (n % 40) + "* item" for n in range(20_000)),
        "=" * 100_000 + " x",
        "| " * 50_000 + "\n|---|\n",
        "|---\n" * 20_000,
        "ref{" * 50_000,
        "(ref{a}) " * 20_000,
        '"a":' * 50_000,
        '"' + "a" * 200_000 + '\n":"http://x"',
        "_a " * 50_000,
        "cite{" * 50_000,
        "<%" * 50_000,
        "$" * 100_000,
        "FIGURE: [" + "x" * 200_000,
        "!bquiz\n" + "Cr: x\n" * 20_000,
        "label{a}\n" * 20_000,
        "\0\ue020\ue021" * 1000,
        "!bblock\n" * 20_000,
    ],
)
def test_hostile_texts_cost_little(reading: Any, hostile: str) -> None:
    started = time.process_time()
    reading.items(SOURCE, {"a.do.txt": f"TITLE: T\n\n{hostile}\n"})
    assert time.process_time() - started < 8


@pytest.mark.corpus
def test_the_notes_of_the_corpus(reading: Any, corpus_root: Path) -> None:
    (package,) = reading.archive(corpus_root, "compphysics")
    assert reading.source(package) is SOURCE
    documents = [item for item in SOURCE.read(package) if isinstance(item, Document)]
    assert len(documents) >= 66
    assert sum(document.metadata["n_formulas"] for document in documents) > 7500
    assert sum(sum(document.metadata["formulas_left_out"].values()) for document in documents) < 5
    for document in documents:
        text = re.sub(r"```.*?```|`[^`]*`|\\\(.*?\\\)|\\\[.*?\\\]", " ", document.text, flags=re.DOTALL)
        assert not re.search(r"^!\w|\b(?:ref|label|cite|idx)\{|^={3,}|^(?:FIGURE|AUTHOR|DATE):", text, re.MULTILINE), (
            document.id
        )
        assert not markup.control_tokens(text)
