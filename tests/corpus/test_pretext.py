"""PreTeXt books as whole documents; and books that are made to break a reader.

Red by: a number that a pointer does not show, an answer printed inside its question, an exercise without what introduces its group,
a chapter that is lost without a reason, recursion that follows the nesting of a file, entities that are resolved.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus.sources.pretext import SOURCE
from galactica.types import Document, Drop

FILL = "It is said in the text of this book that the thing is as we have seen it, and that it is so for all of them."
INCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{}.xml"/>'
BOOK = r"""<?xml version="1.0"?>
<pretext xmlns:xi="http://www.w3.org/2001/XInclude"><docinfo><macros>\newcommand{\Z}{\mathbb{Z}}</macros></docinfo>
<book><title>Sums</title>
<xi:include href="ch/one.ptx"/>
<chapter xml:id="two"><title>Products of <m>\Z</m></title><p>FILL FILL As <xref ref="thm-sum"/> in <xref ref="one"/> and
<xref ref="sec-a"/> show, see <xref ref="gone"/>.</p><p>FILL FILL</p></chapter>
<appendix><title>List of Notation</title><p>FILL</p></appendix>
</book></pretext>""".replace("FILL", FILL)
CHAPTER = r"""<chapter xml:id="one"><title>Adding up</title>
<introduction><p>We add <em>integers</em> of <m>\Z</m>,
as <q>Peano</q> did<fn>Not quite.</fn> <xref ref="bib-peano"/>.</p><p>It is in [1].</p></introduction>
<section xml:id="sec-a"><title>Sums</title>
<theorem xml:id="thm-sum"><title>Gauss</title><statement><p>We have
<me>\sum_{k=1}^n k = \frac{n(n+1)}{2}</me>.</p></statement><proof><p>By induction.</p></proof></theorem>
<p>Then<md><mrow>a \amp = b</mrow><mrow>\amp \lt c</mrow></md></p>
<p>Items:<ol><li><p>one</p></li><li><p>two</p></li></ol></p>
<table><title>Values</title><tabular><row><cell>n</cell><cell>sum</cell></row><row><cell><m>2</m></cell><cell>3</cell></row></tabular></table>
<sage><input>
  a = 1
  a + 1
</input><output>2</output></sage>
</section>
<exercises>
<exercise><statement><p>Find<ol><li><p><m>1+1</m></p></li><li><p><m>1+2</m></p></li></ol></p></statement>
<answer><p>(a) <m>2</m>; (b) <m>3</m>.</p></answer></exercise>
<exercise><statement><p>Prove it.</p></statement></exercise>
<exercisegroup><introduction><p>Compute the product.</p></introduction>
<exercise><p><m>2\cdot 3</m></p><hint><p>Count.</p></hint><solution><p><m>6</m></p></solution></exercise></exercisegroup>
<exercise><introduction><p>Let <m>n=2</m>.</p></introduction>
<task><statement><p>Double it.</p></statement><solution><p>Four.</p></solution></task>
<task><statement><p>Halve it.</p></statement><solution><p>One.</p></solution></task></exercise>
</exercises>
<references><biblio type="raw" xml:id="bib-peano">
Peano, G. <title>The principles of arithmetic</title>. Bocca, 1889.</biblio></references>
</chapter>"""
WRITTEN = r"""# Adding up

We add *integers* of \( \mathbb{Z} \), as “Peano” did [START_REF] The principles of arithmetic, Peano[END_REF].

It is in [START_REF] The principles of arithmetic, Peano[END_REF].

## Sums

**Theorem 1.1 (Gauss)**

We have

\[ \sum_{k=1}^n k = \frac{n(n+1)}{2}. \]

**Proof.** By induction.

Then

\[ \begin{aligned}a &= b \\ &<c\end{aligned} \]

Items:

1. one
2. two

Table 1.1: Values

| n | sum |
| --- | --- |
| \( 2 \) | 3 |

```python
a = 1
a + 1
```

```
2
```

Question: Find

(a) \( 1+1 \)
(b) \( 1+2 \)

Answer: (a) \( 2 \); (b) \( 3 \).

Question: Compute the product.

\( 2\cdot 3 \)

Answer: \( 6 \)

Question: Let \( n=2 \).

(a) Double it.

(b) Halve it.

Answer: (a) Four.

(b) One."""


def book(chapter: str = CHAPTER, **more: str) -> dict[str, str]:
    return {"book.ptx": BOOK, "ch/one.ptx": chapter, "COPYING": "GNU Free Documentation License"} | more


def test_a_chapter_is_a_document_with_its_solved_exercises_at_its_end(reading: Any) -> None:
    first, second = reading.documents(SOURCE, book())
    assert first.text == WRITTEN
    assert (first.id, first.licence) == ("pretext:b/one", "GNU Free Documentation License")
    assert first.metadata["title"] == "Adding up"
    assert (first.metadata["n_marks"], first.metadata["n_resolved"]) == (2, 2)
    assert (first.metadata["n_exercises"], first.metadata["exercises_left_out"]) == (3, 1)
    assert second.text.startswith(r"# Products of \( \mathbb{Z} \)" + "\n\n")
    assert "As Theorem 1.1 in Chapter 1 and “Sums” show, see above." in second.text
    assert reading.reasons(SOURCE, book()) == ["appendix that is no text"]


def test_the_order_of_files_does_not_matter(reading: Any) -> None:
    assert reading.documents(SOURCE, book()) == reading.documents(SOURCE, dict(reversed(book().items())))


def test_a_long_chapter_is_a_document_a_section(reading: Any) -> None:
    sections = "".join(
        f"<section xml:id='s{n}'><title>Part {n}</title>{f'<p>{FILL}</p>' * 300}</section>" for n in (1, 2)
    )
    found = reading.documents(
        SOURCE, book(f"<chapter xml:id='one'><title>Long</title><p>{FILL * 5}</p>{sections}</chapter>")
    )
    assert [document.id for document in found[:3]] == ["pretext:b/one", "pretext:b/one/s1", "pretext:b/one/s2"]
    assert found[1].text.startswith("# Part 1\n\n")
    assert found[1].metadata["chapter"] == "Long"


@pytest.mark.parametrize(
    ("chapter", "reason"),
    [
        ("<chapter><title>T</title><p>FILL FILL FILL FILL &lt;/s&gt;</p></chapter>", "spells a control token"),
        (r"<chapter><title>T</title><p>FILL FILL FILL FILL <m>[START _REF]</m></p></chapter>", "spells a control token"),
        ("<chapter><p>FILL FILL FILL FILL</p></chapter>", "no title"),
        ("<chapter><title>T</title></chapter>", "no text"),
        ("<chapter><title>T</title><p>Short.</p></chapter>", "shorter than 400 characters"),
        ("<section>" * 10_000, "no chapters"),
        ("<section>" * 90 + "<p>x</p>" + "</section>" * 90, "nested too deep"),
    ],
)  # fmt: skip
def test_chapters_that_are_no_documents(reading: Any, chapter: str, reason: str) -> None:
    text = chapter.replace("FILL", FILL)
    files = {"b.xml": f"<pretext><book>{INCLUDE.format('c')}</book></pretext>", "c.xml": text}
    if reason == "nested too deep":  # files of a depth that is allowed, in each other
        inner = text.replace("<p>x</p>", INCLUDE.format("d"))
        files |= {"c.xml": inner, "d.xml": text}
    assert reading.reasons(SOURCE, files) == [reason]


def test_entities_are_not_resolved_and_files_of_the_machine_are_not_read(reading: Any) -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    text = f'<!DOCTYPE pretext [<!ENTITY a0 "ha">{bomb}<!ENTITY f SYSTEM "file:///etc/passwd">]>' + BOOK.partition(
        "?>"
    )[2].replace(FILL, f"{FILL} &a8; &f;", 1)
    started = time.process_time()
    found = reading.documents(SOURCE, book() | {"book.ptx": text})
    assert time.process_time() - started < 5
    assert all("haha" not in document.text and "root:" not in document.text for document in found)
    assert reading.documents(SOURCE, book() | {"book.ptx": BOOK.replace("ch/one.ptx", "../../../../etc/passwd")})


def test_what_is_no_xml_and_text_that_xml_cannot_hold(reading: Any) -> None:
    assert reading.reasons(SOURCE, {"b.xml": "<pretext><book>"}) == ["not well-formed"]
    assert reading.reasons(SOURCE, {"b.xml": f"<pretext><book><p>{'a' * 12_000_000}</p></book></pretext>"}) == [
        "not well-formed"
    ]
    code = (
        '<chapter xmlns:xi="http://www.w3.org/2001/XInclude"><title>T</title>'
        '<p>FILL FILL FILL FILL</p><program><input><xi:include parse="text" href="c.py"/></input></program></chapter>'
    )
    files = {
        "b.xml": f"<pretext><book>{code.replace('FILL', FILL)}</book></pretext>",
        "c.py": b"a = '\x00\x1b\xef\xbf\xbeb'\n",
    }
    assert reading.documents(SOURCE, files)[0].text.endswith("```\na = 'b'\n```")


def test_a_file_is_included_once(reading: Any) -> None:
    looped = (
        '<chapter xmlns:xi="http://www.w3.org/2001/XInclude" xml:id="one"><title>T</title>'
        '<p>FILL FILL FILL FILL</p><xi:include href="one.ptx"/><xi:include href="../book.ptx"/></chapter>'
    )
    assert len(reading.documents(SOURCE, book(looped.replace("FILL", FILL)))) == 2


def test_what_introduces_a_group_is_not_multiplied_without_bound(reading: Any) -> None:
    exercise = "<exercise><statement><p>x</p></statement><answer><p>y</p></answer></exercise>"
    group = f"<exercisegroup><introduction><p>{'word ' * 20_000}</p></introduction>{exercise * 500}</exercisegroup>"
    (found,) = reading.documents(
        SOURCE,
        {"b.xml": f"<pretext><book><chapter><title>T</title><exercises>{group}</exercises></chapter></book></pretext>"},
    )
    assert len(found.text) < 100_000


@pytest.mark.corpus
def test_the_book_of_the_corpus(reading: Any, corpus_root: Path) -> None:
    (package,) = reading.archive(corpus_root, "aata-pretext")
    assert SOURCE.claims(package)
    items = list(SOURCE.read(package))
    found = [item for item in items if isinstance(item, Document)]
    assert len(found) == 36
    assert sum(isinstance(item, Drop) for item in items) == 2
    assert sum(document.metadata["n_formulas"] for document in found) > 16_500
    assert sum(sum(document.metadata["formulas_left_out"].values()) for document in found) <= 2
    assert sum(document.metadata["n_exercises"] for document in found) > 200
    assert all("<" not in document.text.partition("\n")[0] for document in found)
