"""HTML to blocks: formulas of every spelling, lists, tables, code, links to papers, and pages made to break a reader."""

from __future__ import annotations

import time

import pytest

from galactica.corpus.headings import shifted, without_empty_sections
from galactica.corpus.html import TOO_DEEP, Reading, to_blocks
from galactica.corpus.html_maths import pieces

PLAIN = Reading("plain")


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("Let $x_1$ be.", [r"Let \( x_1 \) be."]),
        ("So $$a \\le b$$, and", [r"So", r"\[ a \leq b, \]", "and"]),
        (r"\begin{align} a &= b \\[2pt] c &= d \end{align}", [r"\[ \begin{aligned} a &= b \\ c &= d \end{aligned} \]"]),
        (r"it is \(y\) or \[z\]", [r"it is \( y \) or", r"\[ z \]"]),
        ("a formula $\\text{over <em>tags</em>}$", [r"a formula \( \text{over tags} \)"]),
        ("It costs $5 and $10 a day.", ["It costs $5 and $10 a day."]),
        ("<code>$x$</code> is code, 5$ is money", ["`$x$` is code, 5$ is money"]),
        ('<script type="math/tex; mode=display">E=mc^2</script>', [r"\[ E=mc^2 \]"]),
        ('see <span class="MathJax_Preview">x</span><script type="math/tex">x</script>', [r"see \( x \)"]),
        ("n <math><msup><mi>x</mi><mn>2</mn></msup></math>", [r"n \( x^{2} \)"]),
        (
            '<span class="katex"><span class="katex-mathml"><math><semantics><mi>y</mi><annotation encoding="application/x-tex">'
            '\\frac{1}{2}</annotation></semantics></math></span><span class="katex-html">12</span></span>',
            [r"\( \frac{1}{2} \)"],
        ),
        ('<img class="latex" alt="\\pi^2"> is a formula', [r"\( \pi^2 \) is a formula"]),
    ],
)
def test_formulas(source: str, written: list[str]) -> None:
    assert to_blocks(f"<p>{source}</p>", PLAIN) == written


def test_escaped_dollars_are_those_of_the_electronics_site() -> None:
    assert to_blocks(r"<p>A $3 part of \$R_1\$.</p>", Reading("escaped")) == [r"A $3 part of \( R_1 \)."]


def test_structure() -> None:
    source = """<h2>Head</h2><p><b>Note.</b> H<sub>2</sub>O, 10<sup>-3</sup>, x<sup>max</sup>, <b>plain</b><s>gone</s>.<br>
    Next line</p>
    <ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start="3"><li><p>one</p><pre class="lang-py"><code>if x:
    `y`</code></pre></li></ol><blockquote><p>q<p>r</blockquote><dl><dt>T<dd>meaning</dl>
    <table><caption>Cap</caption><tr><th>u<th>v|w<tr><td>1<td>2</table><img src=x alt=y><script>evil()</script>
    <h2>Empty</h2><h3>Empty too</h3>"""
    assert to_blocks(source) == [
        "## Head",
        "**Note.** H₂O, 10⁻³, x[START_SUP]max[END_SUP], plain.\nNext line",
        "- a\n  - b\n- c",
        "3. one\n\n   ```py\n   if x:\n       `y`\n   ```",
        "> q\n>\n> r",
        "**T**: meaning",
        "Cap",
        "| u | v/w |\n| --- | --- |\n| 1 | 2 |",
    ]


def test_tables_that_lay_out_a_page_are_read_as_blocks() -> None:
    inner = "<table><tr><td>inner</td></tr></table>"
    source = f"<table><tr><td><h2>Left</h2><p>first</p><p>second</p></td><td>{inner}</td></tr></table>"
    assert to_blocks(source) == ["## Left", "first", "second", "inner"]


def test_links_to_papers() -> None:
    arxiv, here = "https://arxiv.org/abs/1706.03762", "https://example.org/x"
    assert to_blocks(
        f'<p>In <a href="{arxiv}">Attention is all you need</a>, <a href="{here}">Words of a link here</a>.</p>'
    ) == ["In [START_REF] Attention is all you need[END_REF], Words of a link here."]
    assert to_blocks(f'<p>See <a href="{arxiv}">this paper</a>.</p>') == [f"See [this paper]({arxiv})."]
    menu = f'<ul><li><a href="{here}">Home</a><li><a href="{here}">About</a> us</ul>'
    links = f'{menu}<p>A text with one <a href="{here}">link</a>.</p>'
    assert to_blocks(links, Reading(without_link_lists=True)) == ["A text with one link."]


@pytest.mark.parametrize(
    "spelt",
    [
        "[START_REF] x", "<code>[END_REF]</code>", "[START_<b>REF]</b>", "[START_<script>x</script>REF]", "[START_\u200bREF]",
        "[ START_SUP ]", "x<sup>[END_SUP]</sup>", "$a [START_SMILES]$", "&lt;/s&gt;", "[START_\ue001REF]",
    ],
)  # fmt: skip
def test_spelt_control_tokens_are_seen_however_they_are_hidden(spelt: str) -> None:
    found = to_blocks(f"<p>{spelt} y</p>", PLAIN)
    assert found == "spells a control token" or not any("[START_" in block or "[END_" in block for block in found)


def test_characters_that_stand_for_tokens_cannot_be_smuggled_in() -> None:
    everything = "".join(map(chr, range(0xE000, 0xE030)))
    assert to_blocks(f"<p>a{everything}b</p>") in (
        [f"a{''.join(map(chr, (0xE006, *range(0xE008, 0xE010), *range(0xE027, 0xE030))))}b"],
    )


HOSTILE = {
    "nested": "<div>" * 50_000 + "x",
    "nested inline": "<b>" * 50_000 + "x",
    "nested lists": "<ul><li>" * 20_000 + "x",
    "open formulas": r"\(" * 200_000,
    "dollars": "$ x" * 100_000,
    "environments": r"\begin{align}" * 50_000,
    "rows": "<table>" + "<tr><td>x" * 30_000,
    "breaks": "<br>" * 100_000 + "x",
    "brackets": "(" * 200_000,
    "an attribute of 5 MB": f"<p title='{'y' * 5_000_000}'>x</p>",
    "entities": "&#0;&bogus;&#xD800;&amp;lt;" * 20_000,
    "no end": "<!--" + "x" * 100_000,
    "null": "<p>a\0b\ud800</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markup_is_read_or_left_in_linear_time(name: str) -> None:
    start = time.process_time()
    found = to_blocks(HOSTILE[name], PLAIN)
    assert time.process_time() - start < 5
    if name.startswith("nested"):
        assert found == TOO_DEEP


def test_scripts_and_external_entities_give_nothing() -> None:
    source = '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>b &a;</p><script>c</script><style>d</style>'
    found = to_blocks(source)
    assert not isinstance(found, str)
    assert "root:" not in "".join(found)
    assert not any(block in ("c", "d") for block in found)


def test_headings() -> None:
    assert shifted(["# A", "x", "### B", "y"], 2) == ["## A", "x", "#### B", "y"]
    assert without_empty_sections(["# A", "## B", "# C", "x", "# D"]) == ["# C", "x"]


def test_pieces_lose_no_character_of_the_text() -> None:
    text = r"a $b$ \$ c \\( d $$e$$ f $ g \( h"
    assert [piece.text for piece in pieces(text, "plain")] == ["a ", "b", r" \$ c \\( d ", "e", r" f $ g \( h"]
