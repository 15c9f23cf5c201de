"""Reactome: BioPAX in the form of its export, and the table of summations; small records of our own."""

from __future__ import annotations

import pytest

from galactica import markup
from galactica.corpus.sources.reactome import SOURCE, SUMMATIONS
from galactica.files import RawFile
from galactica.types import Document, Drop

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:bp="http://www.biopax.org/release/biopax-level3.owl#" xml:base="http://www.reactome.org/biopax/1/2#">'
)
BODY = """
<bp:Pathway rdf:ID="Pathway1"><bp:displayName>Making of tests</bp:displayName><bp:organism rdf:resource="#BioSource1"/>
<bp:pathwayComponent rdf:resource="#BiochemicalReaction1"/><bp:pathwayComponent rdf:resource="#Pathway2"/>
<bp:xref rdf:resource="#UnificationXref1"/><bp:xref rdf:resource="#PublicationXref1"/><bp:xref rdf:resource="#PublicationXref2"/>
<bp:comment>Authored: Somebody, 2006-10-10</bp:comment>
<bp:comment>Tests are made of CO&lt;sub&gt;2&lt;/sub&gt; (Doe et al. 2001, van Roe &amp; Poe 1999). They hold (as was said in 2001).
&lt;BR&gt;&lt;BR&gt;They end (Nobody 1950).</bp:comment></bp:Pathway>
<bp:Pathway rdf:ID="Pathway2"><bp:displayName>Ending of tests</bp:displayName><bp:comment>Reviewed: X</bp:comment></bp:Pathway>
<bp:Pathway rdf:ID="Pathway3"><bp:displayName>Mouse tests</bp:displayName>
<bp:comment>This event has been computationally inferred from an event in another species.</bp:comment></bp:Pathway>
<bp:Pathway rdf:ID="Pathway4"><bp:displayName>Hostile</bp:displayName><bp:comment>Ends &lt;/s&gt; here</bp:comment></bp:Pathway>
<bp:BiochemicalReaction rdf:ID="BiochemicalReaction1"><bp:displayName>A test is written</bp:displayName>
<bp:comment>It is written by hand (Doe, 2001).</bp:comment></bp:BiochemicalReaction>
<bp:BioSource rdf:ID="BioSource1"><bp:name>Homo sapiens</bp:name></bp:BioSource>
<bp:UnificationXref rdf:ID="UnificationXref1"><bp:db>Reactome</bp:db><bp:id>R-HSA-123</bp:id></bp:UnificationXref>
<bp:PublicationXref rdf:ID="PublicationXref1"><bp:year>2001</bp:year><bp:title>A study of all tests</bp:title>
<bp:author>Doe, J</bp:author><bp:author>Moe, K</bp:author></bp:PublicationXref>
<bp:PublicationXref rdf:ID="PublicationXref2"><bp:year>1999</bp:year><bp:title>How many tests there are</bp:title>
<bp:author>van Roe, C</bp:author></bp:PublicationXref>
"""
DOE, ROE = "[START_REF] A study of all tests, Doe[END_REF]", "[START_REF] How many tests there are, van Roe[END_REF]"


def read(body: str = BODY, head: str = HEAD, tail: str = "</rdf:RDF>") -> list[Document | Drop]:
    data = (head + body + tail).encode()
    return list(SOURCE.read(RawFile("Homo_sapiens.owl", data)))


def test_document_cites_the_works_that_the_text_names() -> None:
    assert SOURCE.claims("Homo_sapiens.owl", HEAD.encode())
    document, *drops = read()
    assert isinstance(document, Document)
    assert document.id == "reactome:R-HSA-123"
    text = document.text.replace("Question: What is Making of tests?\n\nAnswer: ", "## Description\n\n").replace(
        "Question: What is known of this pathway: Making of tests?\n\nAnswer: ", "## Description\n\n"
    )
    assert text == (
        f"# Making of tests\n\n## Description\n\nTests are made of CO₂ {DOE} {ROE}. They hold (as was said in 2001).\n\n"
        "They end.\n\n"
        "## Organism\n\nHomo sapiens\n\n## Parts\n\n* Ending of tests\n\n"
        f"## Steps\n\n### A test is written\n\nIt is written by hand {DOE}.\n\n"
        f"## References\n\nQuestion: What are some articles for Making of tests?\n\nAnswer: \n\n{DOE}\n\n{ROE}"
    )
    assert (document.metadata["n_marks"], document.metadata["n_resolved"]) == (4, 3)
    reasons = [one.reason for one in drops if isinstance(one, Drop)]
    assert reasons == ["no description", "inferred from another species", "spells a control token"]


@pytest.mark.parametrize(
    "body", ["<a>" * 10_000, BODY + "<bp:Pathway", "<bp:Pathway rdf:ID='x'>&e;</bp:Pathway>" * 3, "\0"]
)
def test_damaged_files_are_read_as_far_as_they_go(body: str) -> None:
    found = read(body)
    assert found
    assert isinstance(found[-1] if "Pathway1" not in body else found[0], Drop)


def test_external_entities_are_not_read() -> None:
    head = HEAD.replace("<rdf:RDF", '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><rdf:RDF')
    assert all(
        "root:" not in one.text for one in read(BODY.replace("Tests are", "&e; are"), head) if isinstance(one, Document)
    )


def test_table_of_summations() -> None:
    table = (
        "R-HSA-1\tMaking of tests\tTests are made by hand (Doe 2001) and <i>always</i> hold.\n"
        "R-HSA-1\tMaking of tests\tThey end when they are red.\n"
        "R-HSA-2\tHostile\tEnds [END_REF] here.\nR-HSA-3\tNothing\t \nmalformed line\n"
    )
    assert SUMMATIONS.claims("reactome/pathway2summation.txt", table.encode())
    assert not SUMMATIONS.claims("reactome/ReactomePathways.txt", b"R-HSA-1\tMaking of tests\tHomo sapiens\n")
    document, *drops = list(SUMMATIONS.read(RawFile("pathway2summation.txt", table.encode())))
    assert isinstance(document, Document)
    assert document.id == "reactome:summation-R-HSA-1"
    assert document.text.endswith("Tests are made by hand and always hold.\n\nThey end when they are red.")
    assert not markup.citations(document.text)
    assert [one.reason for one in drops if isinstance(one, Drop)] == ["spells a control token", "no description"]


def test_hostile_parentheses_are_quick() -> None:
    for text in ("(" * 200_000, "(van " * 50_000 + "1999)", "(a, " * 50_000, "(" + "Doe 2001, " * 30 + "x)"):
        list(SUMMATIONS.read(RawFile("pathway2summation.txt", f"R-HSA-1\tName\t{text}\n".encode())))
