r"""Markdown of several dialects: formulas, citations, pointers, lists, tables, HTML, code; and texts made to break a reader.

Red by: a `$` read as maths in "costs $5", a mark of pandoc kept with its page numbers, code whose indentation is lost, HTML that
ends a list, recursion for each level of a list, a search that is quadratic in a paragraph.
"""

from __future__ import annotations

import time

import pytest

from galactica.corpus.front_matter import front_matter, names
from galactica.corpus.liquid import without_liquid
from galactica.corpus.markdown import Dialect, Markdown
from galactica.corpus.prose import Prose
from galactica.references.record import make_reference

WORK = make_reference(
    "Array programming with NumPy", ["Harris, Charles", "Millman, Jarrod", "Walt, Stéfan"], 2020, None, None
)
CITED = "[START_REF] Array programming with NumPy, Harris[END_REF]"


def blocks(text: str, dialect: Dialect = "pandoc", labels: dict[str, str] | None = None) -> list[str]:
    return Markdown(Prose({"numpy": WORK, "untitled": None}), dialect, labels).blocks(text)


@pytest.mark.parametrize(
    ("dialect", "text", "written"),
    [
        ("pandoc", "Arrays [see @numpy, pp. 3-5; @numpy] are fast.", f"Arrays {CITED} are fast."),
        ("pandoc", "As @numpy [p. 3] show.", f"As Harris et al. {CITED} show."),
        ("pandoc", "Arrays [@untitled] and [@missing].", "Arrays."),
        ("pandoc", "Mail a@numpy.org or @nobody.", "Mail a@numpy.org or @nobody."),
        ("pandoc", "See [@fig:a] and @fig:b.", "See (Figure 1) and the figure."),
        ("pandoc", "H~2~O at 10^-3^ m, ~~gone~~ a[^1]^[b] [c]{.d}.", "H₂O at 10⁻³ m, a c."),
        ("d2l", "It :cite:`numpy` is in :numref:`sec_a`.", f"It {CITED} is in “Sums”."),
        ("d2l", "As :citet:`numpy` say.", f"As Harris et al. {CITED} say."),
        ("d2l", "[**Kept**] and (~~not shown~~) a--b.", "Kept and a–b."),
        ("kramdown", 'Arrays<d-cite key="numpy"></d-cite> of.', f"Arrays {CITED} of."),
        ("kramdown", 'As Roe [2020] <d-cite key="numpy"></d-cite> in [2021].', f"As Roe {CITED} in [2021]."),
        ("kramdown", "<b>n</b> &lt; 3<d-footnote>no</d-footnote>.", "n < 3."),
        ("kramdown", "Let $$x_1$$ be.", r"Let \( x_1 \) be."),
        ("mkdocs", "[Text](http://a.b/c_(d) \"t\"), ![p](q.png) [x][y], <http://e.f> `[z](w)`.", "Text, x, http://e.f `[z](w)`."),
        ("mkdocs", r"From \$5 to $6, and \(a+b\), $x$.", r"From $5 to $6, and \( a+b \), \( x \)."),
        ("mkdocs", "`` `$x$` `` and `$y$`.", r"`` `$x$` `` and \( y \)."),
    ],
)  # fmt: skip
def test_running_text(dialect: Dialect, text: str, written: str) -> None:
    assert blocks(text, dialect, {"fig:a": "Figure 1", "sec_a": "“Sums”"}) == [written]


def test_displayed_formulas_stand_alone_with_their_punctuation() -> None:
    text = (
        "We have\n$$\n\\begin{align}\na &= b \\\\\n&= c\n\\end{align}\n$$,\nwhere $a$ is.\n\n"
        "\\begin{equation}\\label{x} d = e \\end{equation}"
    )
    assert blocks(text) == [
        "We have",
        r"\[ \begin{aligned} a &= b \\ &= c \end{aligned}, \]",
        r"where \( a \) is.",
        r"\[ d = e \]",
    ]


def test_macros_of_the_document_are_expanded() -> None:
    assert blocks("$\\newcommand{\\E}[1]{\\mathbb{E}[#1]}$\n\nThe mean $\\E{x}$ is.") == [
        r"The mean \( \mathbb{E}[x] \) is."
    ]


def test_a_sentence_does_not_survive_its_formula() -> None:
    markdown = Markdown(Prose({}), "pandoc")
    assert markdown.blocks(r"One. Here $\frac{a}$ is lost. Two.") == ["One. Two."]
    assert markdown.prose.metadata()["formulas_left_out"]


def test_code_is_kept_as_it_is() -> None:
    text = (
        "Run:\n\n```{.python .input n=1}\nif a:\n    b = '$x$ [@numpy]'\n```\n\n- item\n\n  ~~~r\n  x <- 1\n"
        "  ~~~\n\nEnd:\n\n    indented  code"
    )
    assert blocks(text) == [
        "Run:",
        "```python\nif a:\n    b = '$x$ [@numpy]'\n```",
        "- item\n\n  ```r\n  x <- 1\n  ```",
        "End:",
        "```\nindented  code\n```",
    ]


def test_lists_quotations_and_definitions() -> None:
    text = (
        "1. one\ngoes on\n2. two\n   - inner\n   - more\n\n> said\n> so\n\nTerm\n:   what it means\n\n"
        '!!! note "Mind"\n    <div>Inside</div>\n\n    still'
    )
    assert blocks(text) == [
        "1. one goes on\n2. two\n   - inner\n   - more",
        "> said so",
        "**Term**: what it means",
        "**Mind**",
        "Inside",
        "still",
    ]


def test_tables_of_every_kind() -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | \\( x \\) |"
    pipe = "a | b\n--|--\n1 | $x$\n\nTable: Sums {#tbl:s}"
    grid = "+---+-----+\n| a | b   |\n+===+=====+\n| 1 | $x$ |\n+---+-----+"
    html = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>$x$</td></tr></table>"
    assert blocks(pipe) == ["Table: Sums", table]
    assert blocks(grid) == [table]
    assert blocks(html, "mkdocs") == [table]


def test_headings_without_text_and_pictures_go_and_captions_stay() -> None:
    text = (
        "Top\n===\n\n![A tree of many nodes](a.png){#fig:a width=50%}\n\n[![b](c.svg)](http://d)\n\n"
        "## Empty {#e}\n\n## Full {.x}\n\ntext <sup>2</sup>"
    )
    assert blocks(text) == ["# Top", "Figure 1: A tree of many nodes", "## Full", "text ²"]


def test_liquid_is_resolved() -> None:
    text = "{% raw %}a{% endraw %} {{ site.url }}{% comment %}no{% endcomment %}\n{% highlight c %}\nint a;\n{% endhighlight %}"
    assert without_liquid(text).split() == ["a", "```c", "int", "a;", "```"]


def test_front_matter() -> None:
    head, rest = front_matter(
        "---\ntitle: 'A: b'\nauthors:\n  - name: Ada Lovelace\n  - name: C. van der Berg\n---\ntext"
    )
    assert (head["title"], names(head["authors"]), rest) == ("A: b", ["Ada Lovelace", "C. van der Berg"], "text")
    assert front_matter("---\ntitle: a: b: [\n---\n")[0] == {"title": "a: b: ["}
    assert front_matter("---\na: &a [x]\nb: [" + "[" * 5000 + "\ntitle: T\n---\n")[0] == {"title": "T"}


def test_text_that_spells_a_control_token_is_seen() -> None:
    for text in ("a [START_REF] b", "`</s>`", "```\n<work>\n```"):
        markdown = Markdown(Prose({}), "mkdocs")
        markdown.blocks(text)
        assert markdown.prose.spells_control_token, text
    markdown = Markdown(Prose({"numpy": WORK}), "pandoc")
    assert markdown.blocks("<s>struck</s> out [@numpy] CO<sub>2 max</sub>")
    assert not markdown.prose.spells_control_token


@pytest.mark.parametrize(
    "unit",
    ["[", "![", "[a](", "[@a;", "`` ` ", "$ ", "$a$$", "\\begin{align}", "<a ", "<d-cite key=", "<table>",
     "**a", "~a", "{#", "[a]{", "|a|\n|-|\n", "- a\n", "&#", "\\("],
)  # fmt: skip
def test_a_long_run_of_openings_costs_no_more_than_its_length(unit: str) -> None:
    start = time.process_time()
    blocks(unit * (50_000 // len(unit)))
    assert time.process_time() - start < 5


def test_nesting_without_end() -> None:
    assert blocks("\n".join(" " * (2 * depth) + "- a" for depth in range(1000)))
    assert blocks(">" * 10_000 + " deep")
