"""Books in Markdown, notebooks and vignettes: whole documents, their licences, and hostile pages.

Red by: tabs of other frameworks, outputs that are pictures, chunks that set a page up, a hole where R puts a result, a bibliography
of another folder, searches that are quadratic in a page.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus import crossrefs, d2l
from galactica.corpus.notebooks import notebook_script, notebook_text
from galactica.corpus.sources.markdown_books import SOURCE
from galactica.corpus.text_tables import DASHED_RULE, PIPE_RULE, grid_table, simple_table
from galactica.types import Document

FILL = (
    "It is said in the text of this book that the thing is as we have seen it, and that it is so for all of them. "
    "What is more, nobody has found another that is not as this one is, although many have looked for it in all places, and "
    "although much was said of it in the books that were written before, which we do not want to repeat in this one at all. "
    "So we leave it at this, and say no more of it but that it is so, and that it has been so for as long as one knows of it."
)
BIB = """@article{numpy, title = {Array programming with {NumPy}}, author = {Harris, Charles R.}, year = 2020, journal = {Nature}}
"""
CITED = "[START_REF] Array programming with NumPy, Harris[END_REF]"


def book(**more: str | bytes) -> dict[str, str | bytes]:
    pages: dict[str, str | bytes] = {
        f"docs/{name}.md": f"# {name.title()}\n\n{FILL}\n" for name in ("one", "two", "three")
    }
    return pages | {"LICENSE": "Attribution-ShareAlike 4.0 International", "README.md": "# Book\n"} | more


def page(reading: Any, files: dict[str, str | bytes], path: str) -> Document:
    (found,) = [document for document in reading.documents(SOURCE, files) if document.id.endswith(f"/{path}")]
    return found


def test_a_page_is_a_document(reading: Any) -> None:
    files = book(
        **{
            "docs/sum.md": f"---\ntitle: Menu\ntags: [a]\n---\n\n# Sums\n\n## Of two\n\n{FILL} $a+b$\n\n## References\n\n- one\n"
        }
    )
    found = page(reading, files, "sum.md")
    assert found.text == f"# Sums\n\n## Of two\n\n{FILL} \\( a+b \\)"
    assert (found.id, found.licence) == ("markdown-books:b/sum.md", "Attribution-ShareAlike 4.0 International")
    assert found.metadata["n_formulas"] == 1
    assert reading.documents(SOURCE, dict(reversed(files.items()))) == reading.documents(SOURCE, files)
    assert len(reading.documents(SOURCE, files)) == 4  # and none of the README


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"# T\n\n{FILL} &lt;/s&gt;", "spells a control token"),
        (f"# T\n\n{FILL} \\<work>", "spells a control token"),
        (f"# T\n\n{FILL}\n\n```\n[START_SMILES]\n```\n", "spells a control token"),
        ("# T\n", "no text"),
        ("# T\n\nShort.", "shorter than 400 characters"),
        (f"# T\n\n{'a' * 50_000_000}", "larger than a page of text"),
    ],
)
def test_pages_that_are_no_documents(reading: Any, text: str, reason: str) -> None:
    assert reading.reasons(SOURCE, book(**{"docs/bad.md": text})) == [reason]


def test_a_title_is_not_made_of_a_name_that_spells_a_token(reading: Any) -> None:
    assert reading.reasons(SOURCE, book(**{"docs/<work>.md": f"{FILL}\n\n{FILL}"})) == ["no title"]


def test_bytes_of_every_kind(reading: Any) -> None:
    text = f"# Café\n\n{FILL} naïve\0"
    for data in (
        text.encode(),
        text.encode("latin-1"),
        text.encode("utf-16"),
        text.encode().replace(b"#", b"#", 1) + b"\x80",
    ):
        assert page(reading, book(**{"docs/a.md": data}), "a.md").text == f"# Café\n\n{FILL} naïve"


# --- d2l ------------------------------------------------------------------------------------------------------------


def test_a_book_of_d2l(reading: Any) -> None:
    text = f"""# Sums
:label:`sec_sums`

{FILL} :cite:`numpy` As :eqref:`eq_a` and :numref:`sec_other` say.

:begin_tab:`mxnet`
Not shown.
:end_tab:

:begin_tab:`pytorch, jax`
Shown.
:end_tab:

$$a = b$$
:eqlabel:`eq_a`

```{{.python .input}}
%%tab pytorch
a = 1  #@save
```

```{{.python .input}}
%%tab mxnet
a = 2
```

[Discussions](https://discuss.d2l.ai/t/1)
"""
    files = book(**{"docs/sums.md": text, "docs/other.md": f"# Other\n:label:`sec_other`\n\n{FILL}", "d2l.bib": BIB})
    assert page(reading, files, "docs/sums.md").text == (
        f"# Sums\n\n{FILL} {CITED} As Equation 1 and “Other” say.\n\nShown.\n\n\\[ a = b \\]\n\n```python\na = 1\n```"
    )


# --- notebooks ------------------------------------------------------------------------------------------------------

NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "metadata": {"language_info": {"name": "julia"}},
    "cells": [
        {"cell_type": "markdown", "source": ["# Sums\n", "\n", FILL]},
        {"cell_type": "raw", "source": "not shown"},
        {
            "cell_type": "code",
            "source": ["%matplotlib inline\n", "a = 1\n", "a + 1"],
            "outputs": [
                {"output_type": "stream", "name": "stderr", "text": "Warning"},
                {"output_type": "execute_result", "data": {"text/plain": ["2"], "image/png": "iVBO"}},
                {"output_type": "display_data", "data": {"text/plain": "<Figure size 432x288 with 1 Axes>"}},
                {"output_type": "error", "evalue": "x"},
            ],
        },
    ],
}


def test_a_notebook_as_a_page_and_as_a_program(reading: Any) -> None:
    found = page(reading, book(**{"docs/a.ipynb": json.dumps(NOTEBOOK)}), "a.ipynb")
    assert found.text == f"# Sums\n\n{FILL}\n\n```julia\na = 1\na + 1\n```\n\n```\n2\n```"
    assert notebook_script(json.dumps(NOTEBOOK).encode()) == (f"# # Sums\n#\n# {FILL}\n\na = 1\na + 1", "julia")


def test_a_notebook_of_pictures_is_as_large_as_its_text(reading: Any) -> None:
    output = {"output_type": "display_data", "data": {"image/png": "A" * 6_000_000}}
    cells = [*NOTEBOOK["cells"], {"cell_type": "code", "source": "plot()", "outputs": [output]}]
    found = page(reading, book(**{"docs/a.ipynb": json.dumps(NOTEBOOK | {"cells": cells})}), "a.ipynb")
    assert found.text.endswith("```julia\nplot()\n```")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("[" * 100_000, "not a notebook"),
        ('{"cells":' * 100_000, "not a notebook"),
        ("[]", "not a notebook"),
        (b"\xff\xfe\0\0", "not a notebook"),
        ('{"cells": 1}', "not a notebook"),
        ('{"cells": [1, null, [], {"cell_type": 3, "source": {"a": 1}}, {"cell_type": "code", "source": [1, "x"]}]}',
         "shorter"),
        ('{"cells": [{"cell_type": "heading", "level": 9e9, "source": "T"}, {"cell_type": "code", "source": "x", "outputs": [3]}]}',
         "shorter"),
        (json.dumps({"cells": [{"cell_type": "markdown", "source": "word " * 1_000_000}]}), "larger than a page of text"),
        (json.dumps({"cells": [{"cell_type": "code", "source": f"# T\n{FILL * 2}</s>"}]}), "spells a control token"),
    ],
)  # fmt: skip
def test_hostile_notebooks(reading: Any, data: str | bytes, reason: str) -> None:
    (found,) = reading.reasons(SOURCE, book(**{"docs/a.ipynb": data}))
    assert found.startswith(reason)


def test_half_a_surrogate_pair_can_be_written() -> None:
    text = notebook_text(b'{"cells": [{"cell_type": "markdown", "source": "a\\ud800\\u0000b"}]}')
    assert text == "a?b"


# --- vignettes ------------------------------------------------------------------------------------------------------

DESCRIPTION = "Package: sums\nLicense: GPL (>= 2)\n"
RMD = f"""---
title: "Sums in R"
bibliography: refs.bib
vignette: >
  %\\VignetteIndexEntry{{Sums}}
---

```{{r setup, include = FALSE}}
knitr::opts_chunk$set(echo = TRUE)
```

{FILL} [@numpy] See Figure \\@ref(fig:plot).\\footnote{{A note in \\emph{{LaTeX}}.}} There are `r n` sums. More.

# Introduction

Text.

```{{r plot, fig.cap = "A plot."}}
#| echo: true
x <- 1
```

# Session info

```{{r}}
sessionInfo()
```
"""
RNW = rf"""\documentclass{{article}}
%\VignetteIndexEntry{{Sums in Sweave}}
\title{{Sums in Sweave}}\author{{A}}
\DefineShortVerb{{\|}}\setkeys{{Gin}}{{width=0.4\textwidth}}
\begin{{document}}\maketitle
\section{{Adding}}
{FILL} \cite{{numpy}} The function |sum(x, "a")| adds.
There are \Sexpr{{n}} of them. It is $\mbox{{\Sexpr{{n}}}}$. \R{{}} is \pkg{{sums}}.
<<one, echo=TRUE>>=
x <- c(1, 2)
@
<<two, echo=FALSE>>=
y <- 2
@ %def
Then:
<<three>>=
z <- 3
<<four>>=
sum(z)
@
\bibliography{{refs}}
\end{{document}}
"""


def vignettes(**more: str | bytes) -> dict[str, str | bytes]:
    return {
        "DESCRIPTION": DESCRIPTION,
        "vignettes/sums.Rmd": RMD,
        "vignettes/sums.Rnw": RNW,
        "vignettes/refs.bib": BIB,
        "inst/refs.bib": BIB.replace("Array programming", "Another work"),
    } | more


def test_vignettes(reading: Any) -> None:
    sweave, markdown = sorted(reading.documents(SOURCE, vignettes()), key=lambda found: found.id[-2:] == "md")
    assert (
        markdown.text
        == f"# Sums in R\n\n{FILL} {CITED} See Figure 1. More.\n\n## Introduction\n\nText.\n\n```r\nx <- 1\n```"
    )
    assert sweave.text == (
        f'# Sums in Sweave\n\n## 1 Adding\n\n{FILL} {CITED} The function `sum(x, "a")` adds. R is sums.\n\n'
        "```\nx <- c(1, 2)\n```\n\nThen:\n\n```\nz <- 3\n```\n\n```\nsum(z)\n```"
    )
    assert {sweave.licence, markdown.licence} == {"GPL (>= 2)"}
    assert (sweave.metadata["n_resolved"], markdown.metadata["n_resolved"]) == (1, 1)
    assert reading.documents(SOURCE, dict(reversed(vignettes().items()))) == reading.documents(SOURCE, vignettes())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{article}", "{beamer}", "slides"),
        (r"\begin{document}", "", "no whole LaTeX document"),
        ("Then:", "</s>", "spells a control token"),
        ("Then:", r"[START\_REF]", "spells a control token"),
        ("Then:", r"\def\a{\a\a}\a", "macros expand without end"),
        ("Then:", "{" * 10_000, "groups nested too deep"),
        ("Sums in Sweave", "", "no title"),
    ],
)
def test_vignettes_that_are_no_documents(reading: Any, old: str, new: str, reason: str) -> None:
    files = vignettes(**{"vignettes/sums.Rnw": RNW.replace(old, new)})
    assert reading.reasons(SOURCE, files) == [reason]


# --- hostile texts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    [
        "<<a>>=\n", "@\n", "\\Sexpr{", "|a",
        ":begin_tab:`a`\n", ":end_tab:\n", "# a\n\n", "# " + " " * 300, "\\@ref(", "\\label{fig:", 
        "{#fig:a", "```{r a,", "- \n", "> ", "[^a",
        "\\footnote{", "[![a](", "\ue000", ":label:`", "$$ ", "<d-cite key=", "---\n",
        "%%tab ",
        ":cite:`", "{% ", "| - |\n", "+-+\n", "a\n-- --\n", "&lt;", "\\[", "1. ", "{ a=",
    ],
)  # fmt: skip
def test_a_long_run_of_openings_costs_no_more_than_its_length(reading: Any, unit: str) -> None:
    run = unit * (50_000 // len(unit))
    started = time.process_time()
    reading.items(SOURCE, book(**{"docs/a.md": f"# T\n:label:`a`\n\n{run}", "docs/b.md": f"# T\n\n{run}"}))
    reading.items(SOURCE, vignettes(**{"vignettes/a.Rmd": run, "vignettes/a.Rnw": RNW.replace("Then:", run)}))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "line",
    [" " * 50_000 + "x", "|" + " " * 50_000 + "x", "|--" + " " * 50_000 + "x", "-" * 50_000 + "x", "- " * 25_000 + "x"],
)
def test_rules_of_tables_are_found_in_linear_time(line: str) -> None:
    started = time.process_time()
    assert PIPE_RULE.fullmatch(f"{line}x") is None
    simple_table(["a b", "-- --", f"{line}x", "c d"], DASHED_RULE)
    assert time.process_time() - started < 1


def test_tables_without_bound_are_none() -> None:
    started = time.process_time()
    assert grid_table(["+-" * 20_000 + "+", *["+-+", "| |"] * 10_000]).rows == []
    assert simple_table(["-- " * 20_000, *["a"] * 10_000], DASHED_RULE).rows == []
    assert d2l.without_tabs(":begin_tab:`mxnet`\n" * 3 + "a\n:end_tab:\nb") == "b"
    assert (
        crossrefs.without_pointers(r"Table \ref{tab:a} and \ref{x}", {"tab:a": "Table 1"}) == "Table 1 and the section"
    )
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    ["- " * 10_000 + "x", "\n".join(" " * (2 * n) + "- x" for n in range(3000)), "> " * 10_000 + "x", "[" * 10_000],
)
def test_nesting_without_end(reading: Any, text: str) -> None:
    started = time.process_time()
    reading.items(SOURCE, book(**{"docs/a.md": f"# T\n\n{FILL}\n\n{text}"}))
    assert time.process_time() - started < 5


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "n_documents", "n_resolved", "n_formulas"),
    [("d2l-en", 183, 670, 4_000), ("cp-algorithms", 163, 0, 9_000), ("qiskit-textbook", 85, 0, 3_000),
     ("r-vignettes", 150, 350, 1_500)],
)  # fmt: skip
def test_the_books_of_the_corpus(
    reading: Any, corpus_root: Path, name: str, n_documents: int, n_resolved: int, n_formulas: int
) -> None:
    path = corpus_root / f"{name}.tar.xz"
    for document in reading.books(SOURCE, path, n_documents, n_resolved, n_formulas):
        assert not any(sign in document.text for sign in (":begin_tab:", ":numref:`", "\\Sexpr")), document.id
