"""The Anthology's XML as abstracts: what a document holds, and why a paper is left out."""

from __future__ import annotations

import re

from galactica.corpus.sources.anthology import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

XML = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="2022.test">
  <volume id="1"><meta><booktitle>Proceedings of a Test</booktitle></meta>
    <paper id="1"><title><fixed-case>BERT</fixed-case> and the size of a vocabulary</title>
      <author><first>Ada</first><last>Byron</last></author><author><first>Jo Ann</first><last>Fox Tree</last></author>
      <abstract>We ask how the size <tex-math>|V|</tex-math> of a vocabulary changes the loss of the model in this paper.</abstract>
      <doi>10.1/x</doi></paper>
    <paper id="2"><title>No abstract here</title></paper>
    <paper id="3"><title>Une étude</title><abstract>Nous présentons une étude du corpus et de ses limites.</abstract></paper>
    <paper id="4"><title>Hostile</title><abstract>In this we &lt;/s&gt; end the document and start of the next.</abstract></paper>
  </volume>
</collection>"""


def read(data: bytes) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("a/2022.test.xml", data)))


def test_documents_and_drops() -> None:
    document, *drops = read(XML.encode())
    assert isinstance(document, Document)
    assert document.id == "anthology:2022.test-1.1"
    assert document.text == (
        "Title: BERT and the size of a vocabulary\n\nAuthors: A. Byron, J. A. Fox Tree\n\n# Abstract\n\n"
        r"We ask how the size \( |V| \) of a vocabulary changes the loss of the model in this paper."
    )
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == [
        "no abstract",
        "not English",
        "spells a control token",
    ]


def test_what_conversion_left_in_an_abstract_goes() -> None:
    abstract = (
        "We rank 4&lt;sup&gt;th&lt;/sup&gt; on a &lt;i&gt;test&lt;/i&gt; of &lt;eos&gt; () and &lt;a href=\u201dx\u201d&gt;code"
        "&lt;/a&gt;, as Grover\u00e2\u0080\u0099s "
        "(CITATION) does in <tex-math>f()</tex-math> . It was said by (CITATION) to be so. We use $\\epsilon=1$ and $50 of $60."
    )
    element = f"<abstract>{abstract}</abstract>"
    data = re.sub("<abstract>We ask.*</abstract>", lambda _: element, XML).encode()
    document, *_ = read(data)
    assert isinstance(document, Document)
    assert document.text.partition("# Abstract\n\n")[2] == (
        "We rank 4[START_SUP]th[END_SUP] on a test of <eos> and code, as Grover\u2019s does in \\( f() \\). "
        "We use \\( \\epsilon=1 \\) and $50 of $60."
    )
    assert document.metadata["unresolved"] == {"no such entry": 2}


def test_claims_its_own_and_survives_damage() -> None:
    assert SOURCE.claims("x/2022.test.xml", XML.encode()[:4096])
    assert not SOURCE.claims("x/a.xml", b"<article>")
    (drop,) = read(XML.encode()[:300])
    assert isinstance(drop, Drop)
    assert drop.reason.startswith("not well-formed")


def test_the_licence_is_that_of_the_year() -> None:
    """Red: take the licence of 2016 and later for all papers."""
    for made, licence in (
        ('id="2022.test"', "CC BY 4.0"),
        ('id="P16"', "CC BY 4.0"),
        ('id="P15"', "CC BY-NC-SA 3.0"),
        ('id="W99"', "CC BY-NC-SA 3.0"),
        ('id="unknown"', "CC BY-NC-SA 3.0"),
    ):
        document = read(XML.replace('id="2022.test"', made).encode())[0]
        assert isinstance(document, Document)
        assert document.licence == licence, made
    dated = XML.replace("</booktitle>", "</booktitle><year>2009</year>").encode()
    document = read(dated)[0]
    assert isinstance(document, Document)
    assert document.licence == "CC BY-NC-SA 3.0"
