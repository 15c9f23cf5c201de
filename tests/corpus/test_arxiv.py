"""Papers in LaTeX packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from galactica.archives import plan
from galactica.corpus.source import Package
from galactica.corpus.sources.arxiv import SOURCE
from galactica.corpus.units import UnitReader
from galactica.types import Document, Drop

MAIN = r"""\documentclass[prl]{revtex4}
\usepackage{own}
\newcommand{\abs}[1]{\left|#1\right|}
\begin{document}
\title{On the Size of Things\thanks{Supported.}}
\author{Ada B. Lovelace$^{1}$, Emmy Noether\footnote{e@x.org} \\ University of Somewhere}
\begin{abstract}We measure \things{} of every kind.\end{abstract}
\maketitle
\keywords{size, things}
\section{Introduction}
\input{body}
\section{Acknowledgements} We thank everybody for everything.
\bibliography{refs}
\end{document}
"""
BODY = (
    r"The size $\abs{x}$ of the things is known from the work of \citet{shannon}, and it is as it was \cite{shannon,gone}. "
    + (
        "This is the text of the paper, and we say in it that the size of a thing is what it is, for all of the things. "
        * 14
    )
)
BIB = (
    "@article{Shannon, author = {Claude E. Shannon}, title = {A Mathematical Theory of {C}ommunication}, year = 1948}\n"
)


def package(where: str = "x.tar/1807/1807.01234.gz", **changes: str) -> Package:
    files = {"main.tex": MAIN, "body.tex": BODY, "refs.bib": BIB, "own.sty": r"\newcommand{\things}{the things}"}
    files |= {name.replace("_", "."): text for name, text in changes.items()}
    return Package(where, {name: text.encode() for name, text in sorted(files.items())})


def read(of: Package) -> Document | Drop:
    assert SOURCE.claims(of)
    (result,) = SOURCE.read(of)
    return result


def test_a_paper() -> None:
    document = read(package())
    assert isinstance(document, Document)
    cited = "[START_REF] A Mathematical Theory of Communication, Shannon[END_REF]"
    assert document.text.startswith(
        "Title: On the Size of Things\n\nAuthors: A. B. Lovelace, E. Noether\n\n"
        "# Abstract\n\nWe measure the things of every kind.\n\n# 1 Introduction\n\n"
        rf"The size \( \left|x\right| \) of the things is known from the work of Shannon {cited}, "
        rf"and it is as it was {cited}. This"
    )
    assert "thank" not in document.text
    assert "keywords" not in document.text.lower()
    assert document.id == "arxiv:1807.01234"
    assert document.metadata["year"] == 2018
    assert (document.metadata["n_marks"], document.metadata["n_resolved"]) == (3, 2)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"body_tex": r"\def\a{\a}\a"}, "macros expand without end"),
        ({"body_tex": "{" * 100_000}, "groups nested too deep"),
        ({"body_tex": f"{BODY} [START_REF]"}, "spells a control token"),
        ({"body_tex": "Short."}, "shorter than 1500 characters"),
        (
            {"main_tex": MAIN.replace("On the Size of Things", "Erratum: the size of things")},
            "correction or retraction",
        ),
        ({"body_tex": "Das ist der Text, und er ist lang genug. " * 60}, "not English"),
        ({"body_tex": BODY + r"$\mystery x$ " * 40}, "too many formulas that cannot be typeset"),
    ],
)
def test_why_a_paper_is_left_out(changes: dict[str, str], reason: str) -> None:
    result = read(package(**changes))
    assert isinstance(result, Drop)
    assert result.reason == reason


def test_what_is_no_paper_is_not_claimed() -> None:
    assert not SOURCE.claims(package(main_tex=MAIN.replace("revtex4", "beamer")))
    assert not SOURCE.claims(Package("x", {"a.tex": b"\\section{A chapter}", "b.bib": b""}))
    assert not SOURCE.claims(Package("x", {"paper.tex": MAIN.encode(), **{f"{i}.py": b"" for i in range(9)}}))


@pytest.mark.corpus
def test_the_papers_of_the_corpus(corpus_root: Path, tmp_path: Path) -> None:
    shutil.copy(corpus_root / "livecoms-papers.tar.xz", tmp_path)
    results = [item for unit in plan(tmp_path) for item in UnitReader(unit, (SOURCE,), {}).read()]
    documents = [item for item in results if isinstance(item, Document)]
    assert len(documents) == 3
    assert sum(document.metadata["n_resolved"] for document in documents) >= 0.99 * sum(
        document.metadata["n_marks"] for document in documents
    )
    assert not any(sum(document.metadata["formulas_left_out"].values()) for document in documents)
