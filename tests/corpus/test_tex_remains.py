"""LaTeX that is left in abstracts of web services."""

from __future__ import annotations

import time

from galactica.corpus.fragments import paragraphs
from galactica.corpus.marks import Marks
from galactica.corpus.tex_remains import without_tex


def read(text: str) -> str | None:
    found = paragraphs(text)
    assert found is not None
    return without_tex(" ".join(found), Marks({}))


def test_commands_go_and_their_words_stay() -> None:
    text = (
        r"We start from~\cite{BDJP17} , which \citet{doe} said. It is {\em so}, as is known \citep[see][p. 3]{a, b}. ``\emph{Fast "
        r"\textbf{sums}}'' of 5\% at \url{https://a.org}\iffalse -- not here -- \fi for $O(1)$ "
        r"of $500$ by $2$-$4$x \cut{old} with $\alpha \textrm{b}$."
    )
    assert read(text) == (
        "It is so, as is known. “Fast sums” of 5% at https://a.org for \\( O(1) \\) of 500 by 2-4x with "
        "\\( \\alpha \\text{b} \\)."
    )
    assert read("It costs $5 or $6 now .") == "It costs $5 or $6 now."


def test_a_text_with_commands_of_its_own_is_none() -> None:
    assert read(r"We present \OurName, which is fast.") is None
    assert read(r"A map to $\Real$ is sought.") is None


def test_long_runs_take_no_time() -> None:
    started = time.perf_counter()
    for text in (r"\emph{", r"\cite{a", r"\iffalse ", r"\( ", r"{\em a", "~"):
        without_tex(text * 20_000, Marks({}))
    assert time.perf_counter() - started < 8
