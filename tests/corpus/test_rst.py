r"""reStructuredText: roles, directives, lists, tables, citations; and texts made to break a reader.

Red by: titles whose level is not the order of their marks, a directive's options in its text, a formula's label in the formula,
`\ ` kept, a literal block without its announcement's colon, recursion for each level of indentation.
"""

from __future__ import annotations

import time

import pytest

from galactica.corpus.prose import Prose
from galactica.corpus.rst import Rst
from galactica.corpus.rst_inline import Names
from galactica.corpus.rst_names import listed_works, page_titles, pointed
from galactica.references.record import make_reference

WORK = make_reference("Array programming with NumPy", ["Harris, Charles"], 2020, None, None)
CITED = "[START_REF] Array programming with NumPy, Harris[END_REF]"
NAMES = Names(
    labels={"sums": "“Sums”", "fig-a": "Figure 2", "eq-a": "Equation 1"},
    pages={"intro": "“First steps”"},
    substitutions={"G": "*GROMACS*"},
    targets=frozenset(("docs",)),
)


def blocks(text: str, names: Names = NAMES) -> list[str]:
    return Rst(Prose({"Har20": WORK, "Untitled": None}), names).blocks(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("See [Har20]_ and [Untitled]_, a note [1]_.", f"See {CITED}, a note."),
        ("As :cite:t:`Har20` say :cite:p:`Har20`.", f"As Harris {CITED} say {CITED}."),
        (r":math:`\alpha^2` and *x*\ :sub:`0`\ .", r"\( \alpha^2 \) and *x*₀."),
        ("``code`` :func:`~a.b.run` :class:`Box <a.Box>` :file:`x.py`", "`code` `run` `Box` `x.py`"),
        (
            ":ref:`sums`, :ref:`this <sums>`, :doc:`/a/intro`, eqn. :eq:`eq-a`",
            "“Sums”, this, “First steps”, Equation 1",
        ),
        (":numref:`Fig. %s <fig-a>` and :numref:`fig-a`, :numref:`fig-z`", "Fig. 2 and Figure 2, another figure"),
        ("|G| `text <http://a.b>`__ Docs_ my_name http://a.b/c_d", "*GROMACS* text Docs my_name http://a.b/c_d"),
        ("It is known (**???**). It was shown in (**???**).", "It is known."),
        (
            r"`{}_pF_q` of `x_1`, `\alpha`, `a_name` and `\begin`",
            r"\( {}_pF_q \) of \( x_1 \), \( \alpha \), *a_name* and `\begin`",
        ),
        (
            "`~astropy.units.Quantity`, `scipy.fft`, `run()` and `a word`",
            "`Quantity`, `scipy.fft`, `run()` and *a word*",
        ),
        (":ref:`sphx_glr_auto_examples_cluster_plot_kmeans_digits.py`", "the example “kmeans digits”"),
        (":arxiv:`1234.5678` :unknown:`word`", "arXiv:1234.5678 word"),
    ],
)
def test_running_text(text: str, written: str) -> None:
    assert blocks(text) == [written]


def test_titles_take_their_level_from_the_order_of_their_marks() -> None:
    assert blocks("====\nBook\n====\n\nChapter\n~~~~~~~\na\n\nSection\n=======\nb\n\nNext\n~~~~\nc") == [
        "# Book", "## Chapter", "a", "### Section", "b", "## Next", "c",
    ]  # fmt: skip


def test_the_name_of_a_file_above_it_goes() -> None:
    assert blocks(".. centered:: ../data/a_b.txt\n\n.. centered:: A table\n\nText.") == ["A table", "Text."]


def test_formulas() -> None:
    text = (
        ".. math:: a = b\n   :label: eq-a\n\n.. math::\n   :nowrap:\n\n   \\begin{eqnarray}\n   c &=& d\n"
        "   \\end{eqnarray}\n\n.. math::\n\n   e\n\n   f"
    )
    assert blocks(text) == [r"\[ a = b \]", r"\[ \begin{aligned} c &=& d \end{aligned} \]", r"\[ e \]", r"\[ f \]"]


def test_code_comments_and_what_steers_the_tool() -> None:
    text = """Run this::

    if a:
        b()

::

  >>> 1 + 1
  2

>>> 2 + 2
4

.. code-block:: python
   :linenos:

   x = 1

.. a comment
   that goes on

.. toctree::
   :maxdepth: 1

   a

.. _label:

.. index:: x
"""
    assert blocks(text) == [
        "Run this:",
        "```\nif a:\n    b()\n```",
        "```python\n>>> 1 + 1\n2\n```",
        "```python\n>>> 2 + 2\n4\n```",
        "```python\nx = 1\n```",
    ]


def test_lists_definitions_notes_and_figures() -> None:
    text = """- one
  goes on

  - inner

#. first
#. second

term : type
    what it *means*

.. note:: Mind
   this.

.. admonition:: Aside

   Said.

.. figure:: a.png
   :width: 3cm

   A tree.
"""
    assert blocks(text) == [
        "- one goes on\n  - inner",
        "1. first\n2. second",
        "**term**: what it *means*",
        "Note: Mind this.",
        "**Aside**",
        "Said.",
        "Figure 1: A tree.",
    ]


TABLE = "| a | b |\n| --- | --- |\n| 1 | \\( x \\) |"


@pytest.mark.parametrize(
    "text",
    [
        "=== =======\na   b\n=== =======\n1   :math:`x`\n=== =======",
        "+---+-----------+\n| a | b         |\n+===+===========+\n| 1 | :math:`x` |\n+---+-----------+",
        ".. list-table::\n   :header-rows: 1\n\n   * - a\n     - b\n   * - 1\n     - :math:`x`",
        ".. csv-table::\n   :header: a, b\n\n   1, :math:`x`",
    ],
)
def test_tables(text: str) -> None:
    assert blocks(text) == [TABLE]


def test_names_of_a_book() -> None:
    page = ".. _sums:\n\nSums\n====\n\n.. _fig-a:\n\n.. figure:: a.png\n\n   Caption\n\n.. math:: a\n   :label: eq-a\n"
    shown = pointed({"a.rst": page, "b.rst": "x"})
    assert shown["a.rst"] == {"sums": "“Sums”", "fig-a": "Figure 1", "eq-a": "Equation 1"}
    assert shown["b.rst"]["fig-a"] == "another figure"
    assert page_titles({"x/a.rst": page}) == {"a": "“Sums”"}


def test_works_of_a_list() -> None:
    text = (
        ".. [Wat1953] \\J. Watson and \\F. Crick, *Molecular Structure of Nucleic Acids*, Nature\n"
        "   171 (1953), 737.\n\n.. [Web] Home page, http://a.b\n"
    )
    works = dict(listed_works(text))
    assert works["Web"] is None
    work = works["Wat1953"]
    assert work is not None
    assert (work.title, work.surname, work.year) == ("Molecular Structure of Nucleic Acids", "Watson", 1953)


@pytest.mark.parametrize(
    "unit",
    [
        "`",
        "``",
        "|a",
        ":a:`",
        "[a]_ ",
        "* ",
        ".. a::\n",
        ".. _a:\n",
        "a\n b\n",
        "a_ ",
        "\\",
        "=\n",
        "+-",
        ":a: ",
        "::\n\n ",
    ],
)
def test_a_long_run_of_openings_costs_no_more_than_its_length(unit: str) -> None:
    start = time.process_time()
    blocks(unit * (50_000 // len(unit)))
    pointed({"a": unit * (50_000 // len(unit))})
    assert time.process_time() - start < 5


def test_nesting_without_end() -> None:
    assert blocks("\n".join(" " * depth + "a" for depth in range(1500)))
    assert blocks("\n\n".join(" " * (3 * depth) + ".. note:: a" for depth in range(1000)))
