"""Wikitext on small pages that hold every construct, and on pages made to be slow, deep or confusing."""

from __future__ import annotations

import time

import pytest

from galactica import markup
from galactica.corpus.marks import UNTITLED
from galactica.corpus.wikitext.page import MIN_CHARACTERS, Page, read_page
from galactica.corpus.wikitext.reading import MAX_NESTING, Wiki

FILLER = "The force acts along the line that joins the two bodies and falls with the square of their distance. " * 3


def page(wikitext: str, wiki: Wiki = "wikipedia") -> Page:
    read = read_page("Force", f"{wikitext}\n\n{FILLER}", wiki)
    assert isinstance(read, Page), read
    return read


def blocks(wikitext: str, wiki: Wiki = "wikipedia") -> list[str]:
    """The blocks between the title and the filler."""
    return page(wikitext, wiki).text.split("\n\n")[1:-1]


@pytest.mark.parametrize(
    ("wikitext", "shown"),
    [
        ("A '''force''' is ''any'' [[interaction]] of [[Body (physics)|bodies]] or [[field]]s.",
         "A force is any interaction of bodies or fields."),
        ("L'''Étranger'' is '''here'''.", "L'Étranger is here."),
        ("{{Infobox|a={{b|c}}}}[[File:A.png|thumb|A [[link]] {{x}}]]One [[:Category:Laws|law]] [http://a.b site] of&nbsp;it.",
         "One law site of it."),
        ("Water, H<sub>2</sub>O or {{chem|H|2|O}}, SO<sub>4</sub><sup>2−</sup>, x<sup>max</sup>.",
         f"Water, H₂O or H₂O, SO₄²⁻, x{markup.wrap('max', markup.SUP)}."),
        ("It is {{convert|5|to|10|km2|sqmi}}, {{convert|6|ft|2|in}}, {{val|1.5|0.2|e=-7|u=kg}} and {{frac|3|1|2}}.",
         "It is 5 to 10 km², 6 feet 2 inches, 1.5±0.2×10⁻⁷ kg and 3 1/2."),
        ("With <math>E = m c^2</math>, {{math|''x''<sup>2</sup> ≤ {{sqrt|2}}}} and {{mvar|α}}.",
         r"With \( E = m c^2 \), \( x^{2} \leq \sqrt{2} \) and \( \alpha \)."),
        ("In Greek ({{lang-el|δύναμις}}, {{lang|la|vis}}) it ({{IPAc-en|f|ɔːr|s}}) is {{nowrap|a {{as of|2010|1}} word}}.",
         "In Greek (δύναμις, vis) it is a As of January 2010 word."),
        ("Einstein ({{IPAc-en|aɪ|n}}, 'one stone') was.", "Einstein ('one stone') was."),
        ("Use <code>x = [1]</code> and <nowiki>'''[[this]]'''</nowiki>.<!-- {{no}} -->", "Use `x = [1]` and '''[[this]]'''."),
        ("It has a charge of {{unknown unit|3|C}} here. It moves{{dubious|date=May 2010}} on.", "It moves on."),
        ("Known {{clarify|reason={{{1|why}}}}}as {{small|the [[a|b]] {{big|c}}}} &lt;d&gt; 1 < 2.", "Known as the b c <d> 1 < 2."),
    ],
)  # fmt: skip
def test_running_text(wikitext: str, shown: str) -> None:
    """Red: take any rule of `templates.TEMPLATES`, `links.link_text`, `tags.without_tags` or `Blocks.line` away."""
    assert blocks(wikitext) == [shown]


def test_headings_lists_and_code() -> None:
    """Red: let `_list` count all depths together, or keep a heading that nothing follows."""
    assert blocks(
        "{{About|this}}\nLead.\n== Motion ==\n* one\n** [[two]]\n# first\n## inner\n# second\n"
        "; term : meaning\n: quoted\n== Empty ==\n"
        '=== At rest ===\n<syntaxhighlight lang="Python">'
        "\nx = 1\ny = [[2]]\n</syntaxhighlight>\nEnd\n----\n{{quote|Words.|Somebody}}"
        "\n:<math>a^2</math>.\n== See also ==\n* [[Other]]\n=== Below ===\n* [[Another]]\n== Last =="
    ) == [
        "Lead.", "## Motion", "- one\n  - two\n1. first\n  1. inner\n2. second", "**term**: meaning", "quoted", "## Empty",
        "### At rest",
        "```python\nx = 1\ny = [[2]]\n```", "End", "Words. — Somebody", r"\[ a^2. \]", "## Last",
    ]  # fmt: skip


def test_tables_spread_their_spans_and_boxes_go() -> None:
    """Red: read a cell's attributes as text, or forget `rowspan`."""
    table = '{| class="wikitable"\n|+ Planets\n! Name !! scope="col" | Mass<ref>{{cite web|title=The masses|last=Roe}}</ref>\n|-\n'
    table += '| rowspan="2" | [[Mars|Ares]] || 1\n|-\n| align=right | 2{{!}}3\n{| \n| inner\n|}\n|}'
    cited = markup.cite("The masses", "Roe")
    assert blocks(table) == ["Planets", f"| Name | Mass {cited} |\n| --- | --- |\n| Ares | 1 |\n|  | 2/3 |"]
    assert blocks("a\n<table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table>") == [
        "a",
        "| x | y |\n| --- | --- |\n| 1 | 2 |",
    ]
    assert blocks('{| class="infobox"\n|-\n| a || b\n|-\n| c || d\n|}\n{|\n| never closed') == []


WORK = "{{cite journal|last=Newton|first=Isaac|title=Laws of motion|year=1687}}"


def test_footnotes_in_every_form() -> None:
    """Red: resolve a named footnote when it is met (`a` comes before its definition), or miss a form."""
    law, optics, book = (
        markup.cite("Laws of motion", "Newton"),
        markup.cite("Treatise of light", "Huygens"),
        markup.cite("Harmonices of the world", "Kepler"),
    )
    read = page(
        'One.<ref name="a"/> Two<ref name=b group="n">A remark.</ref><ref>{{harvnb|Huygens|1690|p=3}}; '
        f"{WORK}</ref> three{{{{sfn|Huygens|1690}}}}{{{{r|a}}}}. {{{{harvtxt|Huygens|1690}}}} says so.<ref>Kepler 1619, p. 5</ref>"
        "<ref>Somebody 1999, p. 3</ref><ref>Oral remark</ref> Four.<ref name=none/>\n== References ==\n{{reflist|refs=\n"
        f'<ref name="a">{WORK}</ref>}}}}\n*'
        "{{Cite book |author=Christiaan Huygens |title=Treatise of light|date=3 May 1690|ref=harv}}\n"
        "* Kepler, Johannes (1619). ''Harmonices of the world''. Linz: Plancus, 1619."
    )
    assert read.text.split("\n\n")[1] == (
        f"One {law}. Two {optics} {law} three {optics} {law}. Huygens {optics} says so {book}. Four."
    )
    assert read.metadata["n_resolved"] == 7
    assert read.metadata["unresolved"] == {
        "a short citation without its entry": 1,
        UNTITLED: 1,
        "a footnote that is not defined": 1,
    }
    assert "References" not in read.text


def test_a_short_note_that_spells_a_title_cites_that_title() -> None:
    """Red: let a surname and a year outweigh the title that the note itself gives, or the short title the full entry."""
    text = blocks(
        "One.<ref>Huygens 1690, p. 5</ref> Two.<ref>Huygens, ''Treatise of Light'', 1690, p. 5</ref> "
        "Three.<ref>Huygens, ''The Clock of Pendulums'', 1690</ref>\n"
        "== References ==\n{{Cite book |last=Huygens |title=Treatise of light and colour|year=1690}}\n== After =="
    )[0]
    light = markup.cite("Treatise of light and colour", "Huygens")
    assert text == f"One {light}. Two {light}. Three {markup.cite('The Clock of Pendulums', 'Huygens')}."


def test_what_a_remark_cites_is_cited() -> None:
    """Red: drop {{efn}} with all in it, or show its text."""
    work = "{{cite book|last=Huygens|title=Treatise of light}}"
    shown = f"One {markup.cite('Treatise of light', 'Huygens')}."
    for remark in (
        "{{efn|A remark.<ref>%s</ref>}}",
        "{{refn|group=n|A remark.<ref>%s</ref>}}",
        "{{#tag:ref|A %s|group=n}}",
    ):
        assert blocks(f"One.{remark % work}") == [shown]
    assert blocks("One.{{efn|A remark.}}") == ["One."]
    entry = "One.<ref>{{sep entry|light|Treatise of light|Christiaan Huygens|1690}}</ref>"
    assert blocks(entry) == [shown]


def test_proofwiki_equations() -> None:
    """Red: leave a macro of the site as it is, or the remark of an {{eqn}} out."""
    wikitext = (
        "Let $S = \\set {x \\in \\R: \\size x \\le 1}$ be a [[Definition:Set|set]].\n:$\\ds \\map f x \\rd x$\n{{begin-eqn}}\n"
        "{{eqn | l = \\paren {x + y}^2\n | r = x^2 + y^2\n | c = [[Definition:Sum]] as $x y = 0$\n}}\n"
        "{{eqn | ll= \\leadsto | q = \\exists x\n | l = x\n | o = \\in\n | r = \\left\\{{x}\\right\\}\n}}\n"
        "{{end-eqn}}\n{{qed}}"
    )
    assert blocks(wikitext, "proofwiki") == [
        r"Let \( S = \left\{ {x \in\mathbb{R}: \left|{x}\right| \leq1} \right\} \) be a set.",
        r"\[ f \left({x}\right) \,\mathrm{d}x \]",
        r"\[ \begin{aligned} \left({x + y}\right)^2 & = x^2 + y^2 && \text{Sum as } x y = 0 \\ "
        r"\implies\exists x: \, x & \in \left\{{x}\right\} \end{aligned} \]",
        "∎",
    ]


def test_definitions_of_one_page_are_not_those_of_the_next() -> None:
    """Red: expand a formula that defines something, with the definitions that all pages share."""
    read_page("A", r"$\gdef\R{X} \def\a{\a\a} \a$ and $\newcommand{\N}{Y}$" + FILLER, "proofwiki")
    assert blocks(r"In $\R$ and $\N$.", "proofwiki") == [r"In \( \mathbb{R} \) and \( \mathbb{N} \)."]


@pytest.mark.parametrize(
    ("title", "wikitext", "reason"),
    [
        ("A", "#REDIRECT [[B]]", "a redirect"),
        ("A", " \n", "no text"),
        ("A", "'''A''' may be:\n* [[B]]\n{{disambiguation}}", "a disambiguation page"),
        ("A", "Short. {{stub}}", f"shorter than {MIN_CHARACTERS} characters"),
        ("A", FILLER + "[START_'''''REF] x", "spells a control token"),
        ("A", FILLER + "[START_<ref name=none/>REF]" * 3, "spells a control token"),
        ("A", FILLER + "&lt;/s&gt;", "spells a control token"),
        ("A", "{{a|" * 10_000 + "x" + "}}" * 10_000 + FILLER, "nested too deep"),
        ("A", FILLER + "[" * 5_000_000, "longer than 4194304 characters"),
    ],
)
def test_what_is_left_out_says_why(title: str, wikitext: str, reason: str) -> None:
    assert read_page(title, wikitext, "wikipedia") == reason


def test_pages_of_links_and_navigation_are_left_out_of_books() -> None:
    links = "".join(f"* [[Mechanics/{chapter}]]\n" for chapter in range(9))
    assert read_page("Mechanics", links + FILLER, "wikibooks") == "a page of links"
    assert read_page("Mechanics/Print version", FILLER, "wikibooks") == "a page of navigation"
    read = read_page("Mechanics/Force", FILLER, "wikibooks")
    assert isinstance(read, Page)
    assert read.text.startswith("# Mechanics: Force\n\n")


def test_placeholders_cannot_be_forged() -> None:
    """Red: leave private characters, or references to them, in the page."""
    read = page("A \ue022\x30\ue023 B &#xE022;0&#xE023;&#xe010;&#57344; <math>x</math>.")
    assert read.text.split("\n\n")[1] == r"A 0 B 0 \( x \)."


HOSTILE = {
    "braces": "{" * 500_000,
    "brackets": "[" * 500_000,
    "open footnotes": "<ref>a " * 50_000,
    "named footnotes": '<ref name="' * 50_000,
    "open formulas": "<math>a " * 50_000,
    "open code": "<code>" * 50_000 + "<pre>" * 50_000,
    "open tables": "{|\n|-\n| a\n" * 30_000,
    "tables in tables": "{|\n|\n" * 20_000 + "|}\n" * 20_000,
    "open links": "[[a " * 100_000,
    "addresses": "[http://a " * 100_000,
    "comments": "<!--" * 100_000,
    "emphasis": "'''''a " * 100_000,
    "quotes": "'" * 500_000,
    "half footnotes": "<ref name=" * 50_000,
    "tags": "<sup>" * 100_000 + "<a " * 100_000,
    "headings": "= " * 200_000 + "\n" + "=\n" * 100_000,
    "lists": "*" * 300_000 + " a\n" + ";a:b\n" * 50_000,
    "cells": "{|\n!" + "a!!" * 200_000 + "\n|}",
    "attributes": "{|\n|" + "a=b " * 50_000 + "|x\n|-\n|y||z\n|}",
    "roots": "{{math|" + "√a" * 20_000 + "}}",
    "dollars": "$ a " * 100_000,
    "spaces": " " * 1_000_000,
    "entities": "&#x" * 200_000,
    "brackets around nothing": "(, " * 200_000,
    "just not too deep": "{{small|" * (MAX_NESTING - 1) + FILLER * 1000 + "}}" * (MAX_NESTING - 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read_in_linear_time(name: str) -> None:
    """Red: look for a closing tag again after it was not found once (`verbatim`), or bound a pattern's repetition less."""
    for wiki in ("wikipedia", "proofwiki"):
        start = time.process_time()
        read = read_page("A", f"{FILLER}\n\n{HOSTILE[name]}", wiki)
        assert time.process_time() - start < 3
        assert isinstance(read, str) or "<ref" not in read.text
        assert isinstance(read, Page) or read in ("nested too deep", f"shorter than {MIN_CHARACTERS} characters")
