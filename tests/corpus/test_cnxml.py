"""OpenStax modules on a small module that holds every block, and on the real corpus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.sources.cnxml import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

FILLER = "<para>The force acts along the line that joins the two bodies and falls with their distance. </para>" * 5


def module(content: str, title: str = "Forces", glossary: str = "") -> bytes:
    return f"""<document xmlns="http://cnx.rice.edu/cnxml" xmlns:m="http://www.w3.org/1998/Math/MathML"><title>{title}</title>
<metadata xmlns:md="http://cnx.rice.edu/mdml"><md:content-id>m1</md:content-id><md:title>Forces</md:title></metadata>
<content>{content}{FILLER}</content>{glossary}</document>""".encode()


def read(data: bytes) -> Document | Drop:
    (item,) = SOURCE.read(RawFile("m1/index.cnxml", data))
    return item


def blocks_of(content: str, glossary: str = "") -> list[str]:
    item = read(module(content, glossary=glossary))
    assert isinstance(item, Document), item
    return item.text.split("\n\n")


FRACTION = "<m:math><m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac></m:math>"


def test_sections_formulas_and_lists() -> None:
    blocks = blocks_of(
        f"<section><title>Motion</title><para>A half, {FRACTION} , is <equation>{FRACTION}</equation> here.</para>"
        "<list><item>one</item><item>two</item></list>"
        "<section><title>At rest</title><para>H<sub>2</sub>O, m<sup>2</sup>.</para></section></section>"
    )
    assert blocks[:8] == [
        "# Forces",
        "## Motion",
        r"A half, \( \frac{1}{2} \), is",
        r"\[ \frac{1}{2} \]",
        "here.",
        "- one\n- two",
        "### At rest",
        "H₂O, m².",
    ]


def test_links_without_words_show_their_target() -> None:
    blocks = blocks_of(
        '<para>See <link target-id="f1"/>, <link target-id="t9" document="m2"/>, <link target-id="CNX_Fig_02"/> and '
        '<link document="m3">Energy</link>.</para><para>It is so (see <link target-id="x" document="m2"/>), '
        'as <link target-id="e1"/> asks. <link target-id="y" document="m2"/> says it.</para><exercise id="e1"/>'
        '<figure id="f0"><caption>No.</caption></figure>'
        '<figure id="f1"><title>The bodies</title><media><image src="x.png"/></media><caption>Two bodies.</caption></figure>'
    )
    assert "See Figure 2, another section, another figure and Energy." in blocks
    assert "It is so, as another exercise asks. Another section says it." in blocks
    assert "Figure 2: The bodies. Two bodies." in blocks


def test_exercises_with_solutions_go_to_the_end_and_others_are_counted() -> None:
    item = read(
        module(
            "<exercise><problem><para>Why?</para></problem><solution><para>Because.</para></solution></exercise>"
            "<exercise><problem><para>How?</para></problem></exercise>"
            '<example id="e1"><exercise><problem><title>A case</title><para>What?</para></problem><solution><para>That.</para>'
            "</solution></exercise></example>"
        )
    )
    assert isinstance(item, Document)
    assert item.text.endswith("\n\nQuestion: Why?\n\nAnswer: Because.")
    assert "How?" not in item.text
    assert "**Example 1: A case**\n\nWhat?\n\nSolution: That." in item.text
    assert (item.metadata["n_exercises"], item.metadata["exercises_left_out"]) == (1, 1)


def test_code_in_a_line_stays_in_it() -> None:
    blocks = blocks_of(
        "<para>Press <code>ENTER</code>.</para><list><item>Then <code>STAT</code>.</item></list>"
        '<code display="block">x &lt;- 1</code><para>and\n<code>a\nb</code></para>'
    )
    assert blocks[1:5] == ["Press `ENTER`.", "- Then `STAT`.", "```\nx <- 1\n```", "and"]
    assert blocks[5] == "```\na\nb\n```"


def test_what_leads_in_a_run_of_exercises_stands_in_each_question() -> None:
    solved = "<exercise><problem><para>{}</para></problem><solution><para>{}</para></solution></exercise>"
    open_ones = "<exercise><problem><para>How?</para></problem></exercise>"
    item = read(
        module(
            "<section><title>Practice</title><section><title>Algebraic</title>"
            "<para>For the following exercises, find the domain.</para>"
            + solved.format("f", "all") + open_ones + solved.format("g", "none") + solved.format("Divide f.", "g") + "</section>"
            "<para>Use the following information to answer the next two exercises. A ball falls.</para>"
            "<table><tgroup><tbody><row><entry>s</entry><entry>1</entry></row><row><entry>t</entry><entry>2</entry></row></tbody></tgroup></table>"
            + solved.format("How fast?", "Fast.") + open_ones + solved.format("Why?", "So.") + "</section>"
        )
    )  # fmt: skip
    assert isinstance(item, Document)
    assert "Practice" not in item.text
    assert "following" not in item.text
    assert item.text.partition("\n\nQuestion: ")[2].split("\n\nQuestion: ") == [
        "Find the domain.\n\nf\n\nAnswer: all",
        "Find the domain.\n\ng\n\nAnswer: none",
        "Divide f.\n\nAnswer: g",
        "A ball falls.\n\n| s | 1 |\n| --- | --- |\n| t | 2 |\n\nHow fast?\n\nAnswer: Fast.",
        "Why?\n\nAnswer: So.",
    ]


def test_notes_tables_and_glossary() -> None:
    blocks = blocks_of(
        '<note class="os-teacher"><para>For teachers.</para></note><note><title>Careers</title><para>Engineers.</para></note>'
        '<table id="t1"><tgroup cols="2"><thead><row><entry>Units</entry></row>'
        "<row><entry>Name</entry><entry>Value</entry></row></thead>"
        f"<tbody><row><entry>half</entry><entry>{FRACTION}</entry></row></tbody></tgroup></table>",
        glossary="<glossary><definition><term>force</term><meaning>a push or a pull</meaning></definition></glossary>",
    )
    assert not any("For teachers" in block for block in blocks)
    assert blocks[1:3] == ["**Careers**", "Engineers."]
    assert "Table 1: Units" in blocks
    assert "| Name | Value |\n| --- | --- |\n| half | \\( \\frac{1}{2} \\) |" in blocks
    assert blocks[-2:] == ["## Glossary", "**force**: a push or a pull"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<collection xmlns="http://cnx.rice.edu/collxml"/>', "a collection or another root, not a module"),
        (b'<document xmlns="http://cnx.rice.edu/cnxml"/>', "no content"),
        (b'<document xmlns="http://cnx.rice.edu/cnxml"><content>', "not well-formed: XMLSyntaxError"),
        (module("", title="").replace(b"Forces", b""), "no title"),
        (module(f"<para>{markup.START_REF}</para>"), "spells a control token"),
        (module("").replace(FILLER.encode(), b"<para>Short.</para>"), "shorter than 400 characters"),
    ],
)
def test_what_is_left_out_says_why(data: bytes, reason: str) -> None:
    item = read(data)
    assert isinstance(item, Drop)
    assert item.reason == reason


def test_claims() -> None:
    assert SOURCE.claims("m1/index.cnxml", module("")[:4096])
    assert SOURCE.claims("a.collection.xml", b'<col:collection xmlns:col="http://cnx.rice.edu/collxml">')
    assert not SOURCE.claims("a.xml", b"<document><title/></document>")


@pytest.mark.corpus
def test_formulas_and_links_of_the_real_corpus_are_kept(corpus_root: Path) -> None:
    kept = left_out = n_documents = n_files = 0
    for file in archives.walk(corpus_root / "openstax-cnxml.tar.xz"):
        if n_files == 150:
            break
        if not (isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096])):
            continue
        n_files += 1
        for item in SOURCE.read(file):
            if isinstance(item, Document):
                n_documents += 1
                kept += item.metadata["n_formulas"]
                left_out += sum(item.metadata["formulas_left_out"].values())
                assert not re.search(r"</?(?:m:|para|link|term|emphasis)|shown in \.|[\ue000-\ue0ff]", item.text), (
                    item.id
                )
    assert n_documents > 0.9 * n_files
    assert kept + left_out == 0 or left_out <= 0.002 * (kept + left_out)
