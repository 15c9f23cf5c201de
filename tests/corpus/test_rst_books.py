"""Books in reStructuredText: whole documents, what pages know of each other, and hostile pages.

Red by: a page that is lost for another's, a pointer that shows a label, works that a list of another page holds and that are not
found, the table of contents as text, inclusion and nesting without end.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus.sources.rst_books import SOURCE
from galactica.types import Document

FILL = (
    "It is said in the text of this book that the thing is as we have seen it, and that it is so for all of them. "
    "What is more, nobody has found another that is not as this one is, although many have looked for it in all places, and "
    "although much was said of it in the books that were written before, which we do not want to repeat in this one at all. "
    "So we leave it at this, and say no more of it but that it is so, and that it has been so for as long as one knows of it."
)
INDEX = f"""The book of sums
================

.. toctree::
   :maxdepth: 2

   one
   two

{FILL}

Indices and tables
==================

* :ref:`genindex`
"""
ONE = f"""
.. _sums:

Sums
====

{FILL} [Pea1889]_ See :ref:`products`, :doc:`two`, :ref:`fig-a`, :ref:`gone` and |name|.

.. |name| replace:: what it *stands* for

.. include:: more.inc

Of two
------

.. math:: a + b
   :label: ab

It follows---from :eq:`ab`::

    a = 1

.. figure:: a.png
   :name: fig-a

   A figure.

====  =====
name  sign
====  =====
sum   ``+``
====  =====
"""
TWO = f"""
.. _products:

Products
********

{FILL}

References
----------

.. [Pea1889] Giuseppe Peano. *The principles of arithmetic, presented by a new method*. Bocca, 1889.
"""


def book(**more: str | bytes) -> dict[str, str | bytes]:
    pages: dict[str, str | bytes] = {
        "index.rst": INDEX,
        "one.rst": ONE,
        "two.rst": TWO,
        "more.inc": "*Included* text.\n",
    }
    return pages | {"LICENSE": "MIT License", "conf.py": "raise SystemExit"} | more


def page(reading: Any, name: str, **more: str | bytes) -> Document:
    (found,) = [item for item in reading.documents(SOURCE, book(**more)) if item.id == f"rst-books:b/{name}"]
    return found


def test_a_page_is_a_document(reading: Any) -> None:
    found = page(reading, "one.rst")
    cited = "[START_REF] The principles of arithmetic, presented by a new method, Peano[END_REF]"
    assert found.text == (
        f"# Sums\n\n{FILL} {cited} See “Products”, “Products”, Figure 1, another section and what it *stands* for.\n\n"
        "*Included* text.\n\n## Of two\n\n\\[ a + b \\]\n\nIt follows—from Equation 1:\n\n```\na = 1\n```\n\n"
        "Figure 1: A figure.\n\n| name | sign |\n| --- | --- |\n| sum | `+` |"
    )
    assert found.licence == "MIT License"
    assert (found.metadata["n_resolved"], found.metadata["n_formulas"]) == (1, 1)
    assert page(reading, "index.rst").text == f"# The book of sums\n\n{FILL}"
    assert page(reading, "two.rst").text == f"# Products\n\n{FILL}"


def test_the_order_of_files_does_not_matter(reading: Any) -> None:
    assert reading.documents(SOURCE, dict(reversed(book().items()))) == reading.documents(SOURCE, book())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"T\n=\n\n{FILL} </s>", "spells a control token"),
        (f"T\n=\n\n{FILL} \\[START_REF]", "spells a control token"),
        (f"T\n=\n\n{FILL}\n\n::\n\n    <work>\n", "spells a control token"),
        (f"T\n=\n\n{FILL} |t|\n\n.. |t| replace:: [IMAGE]\n", "spells a control token"),
        ("", "no text"),
        ("Title\n=====\n\nShort.", "shorter than 400 characters"),
        ("Title\n=====\n\n" + "a" * 50_000_000, "larger than a page of text"),
    ],
)
def test_pages_that_are_no_documents(reading: Any, text: str, reason: str) -> None:
    assert reading.reasons(SOURCE, book(**{"bad.rst": text})) == [reason]


def test_bytes_of_every_kind(reading: Any) -> None:
    text = f"Café\n====\n\n{FILL} naïve\0"
    for data in (text.encode(), text.encode("latin-1"), text.encode("utf-16"), text.encode() + b"\x80"):
        assert page(reading, "a.rst", **{"a.rst": data}).text == f"# Café\n\n{FILL} naïve"


def test_a_page_that_includes_itself(reading: Any) -> None:
    started = time.process_time()
    looped = f"T\n=\n\n{FILL}\n\n" + ".. include:: a.rst\n\n" * 50
    assert len(page(reading, "a.rst", **{"a.rst": looped}).text) < 1_000_000
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "unit",
    [
        ".. |a| replace:: ", ".. |a| replace:: b\n", "|a| ", ".. _a:\n", ".. _a:\n\n", "`", ":ref:`", ":ref:`a",
        ".. [A1] ", ".. [A1] b\n",
        "[A1]_ ",
        "=== ===\n", "+-+\n", "* ", "* a\n", ":a: ", "\\", "a\n=\n", "====\n", ".. figure:: a\n", ".. math::\n", "::\n\n",
        ".. a::\n   ", "--- ",
        "``", "<", "a_ ", "| ",
    ],
)  # fmt: skip
def test_a_long_run_of_openings_costs_no_more_than_its_length(reading: Any, unit: str) -> None:
    run = unit * (50_000 // len(unit))
    started = time.process_time()
    reading.items(SOURCE, book(**{"a.rst": f"T\n=\n\n{run}", "b.rst": run}))
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "* " * 10_000 + "x",
        "\n".join(" " * n + "x" for n in range(3000)),
        "\n\n".join(" " * (2 * n) + "* x" for n in range(3000)),
    ],
)
def test_nesting_without_end(reading: Any, text: str) -> None:
    started = time.process_time()
    reading.items(SOURCE, book(**{"a.rst": f"T\n=\n\n{FILL}\n\n{text}"}))
    assert time.process_time() - started < 5


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "n_documents", "n_resolved", "n_formulas"),
    [("sagemath-docs", 156, 100, 3_000), ("gromacs-manual", 74, 150, 1_500), ("openmm-docs", 35, 40, 200),
     ("gudhi-docs", 20, 0, 50)],
)  # fmt: skip
def test_the_books_of_the_corpus(
    reading: Any, corpus_root: Path, name: str, n_documents: int, n_resolved: int, n_formulas: int
) -> None:
    path = corpus_root / f"{name}.tar.xz"
    for document in reading.books(SOURCE, path, n_documents, n_resolved, n_formulas):
        assert "toctree" not in document.text.replace("`toctree`", ""), document.id


def test_dollars_are_formulas_where_a_book_has_them(reading: Any) -> None:
    """Red if prices become formulas in a book without any, or what a program prints becomes one."""
    text = (
        f"Sums\n====\n\n{FILL} For $x \\in \\mathbb{{R}}$ it is $2$ or $\\alpha$, of $f(x) = 3$.\n\n$$\\frac{{a}}{{b}}$$\n\n"
        ">>> latex(x)\n'$\\alpha$'\n"
    )
    pages = {"a.rst": text, "b.rst": f"Other\n=====\n\n{FILL}", "c.rst": f"Third\n=====\n\n{FILL}"}
    found = next(one for one in reading.documents(SOURCE, pages) if one.text.startswith("# Sums"))
    assert found.text.partition(FILL)[2] == (
        r" For \( x \in \mathbb{R} \) it is \( 2 \) or \( \alpha \), of \( f(x) = 3 \)."
        "\n\n"
        r"\[ \frac{a}{b} \]"
        "\n\n```python\n>>> latex(x)\n'$\\alpha$'\n```"
    )
    pages["a.rst"] = f"Sums\n====\n\n{FILL} It costs $5 or $6 and $x$."
    found = next(one for one in reading.documents(SOURCE, pages) if one.text.startswith("# Sums"))
    assert found.text.endswith("It costs $5 or $6 and $x$.")
