"""UniProt's XML: the same entry is the same document as in the flat file; what is damaged or hostile is dropped."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources import proteins
from galactica.corpus.sources.uniprot_xml import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

SEQUENCE = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
ENTRY = f"""<entry dataset="Swiss-Prot" version="1"><accession>P12345</accession><accession>Q99999</accession>
<name>TEST_HUMAN</name>
<protein><recommendedName><fullName evidence="1">Testing protein 1</fullName></recommendedName></protein>
<gene><name type="primary">TST1</name><name type="synonym">TST</name></gene>
<organism><name type="scientific">Homo sapiens</name><name type="common">Human</name></organism>
<reference key="1"><citation type="journal article"><title>A title about ubiquitin.</title><authorList>
<person name="von Testing T.F. Jr."/><person name="Second S."/></authorList></citation></reference>
<reference key="2"><citation type="submission"><authorList><consortium name="All"/></authorList></citation></reference>
<comment type="function"><text evidence="1">Marks proteins (PubMed:1, PubMed:2).</text></comment>
<comment type="catalytic activity"><reaction><text>A + B = C</text><dbReference type="Rhea" id="1"/></reaction></comment>
<comment type="subcellular location"><subcellularLocation><location>Membrane</location><topology>Lipid-anchor</topology>
</subcellularLocation><subcellularLocation><location>Cytoplasm</location></subcellularLocation></comment>
<comment type="interaction"><interactant intactId="EBI-1"/></comment>
<keyword id="KW-1">Nucleus</keyword><keyword id="KW-2">Repeat</keyword>
<feature type="chain" description="Testing"><location>
<begin position="1"/><end position="76" status="greater than"/></location></feature>
<feature type="strand"><location><begin position="2"/><end position="7"/></location></feature>
<feature type="binding site"><location><position position="54"/></location><ligand><name>GTP</name></ligand></feature>
<sequence length="76">{SEQUENCE[:40]}
{SEQUENCE[40:]}</sequence></entry>"""
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<uniprot xmlns="https://uniprot.org/uniprot" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{ENTRY}
<copyright>Somebody</copyright></uniprot>"""
FLAT = f"""ID   TEST_HUMAN              Reviewed;          76 AA.
AC   P12345; Q99999;
DE   RecName: Full=Testing protein 1 {{ECO:1}};
GN   Name=TST1; Synonyms=TST;
OS   Homo sapiens (Human).
RN   [1]
RA   von Testing T.F. Jr., Second S.;
RT   "A title about ubiquitin.";
CC   -!- FUNCTION: Marks proteins (PubMed:1, PubMed:2).
CC   -!- CATALYTIC ACTIVITY:
CC       Reaction=A + B = C; Xref=Rhea:1;
CC   -!- SUBCELLULAR LOCATION: Membrane; Lipid-anchor. Cytoplasm.
KW   Nucleus; Repeat.
FT   CHAIN           1..>76
FT                   /note="Testing"
FT   STRAND          2..7
FT   BINDING         54
FT                   /ligand="GTP"
FT                   /ligand_id="ChEBI:1"
SQ   SEQUENCE   76 AA;  8565 MW;  0 CRC64;
     {SEQUENCE}
//
"""


def read(text: str) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("x.xml", text.encode())))


def test_the_entry_is_the_document_that_the_flat_file_gives() -> None:
    """Red where a section is told, ordered or named differently in one of the two formats."""
    assert SOURCE.claims("x.xml", XML.encode())
    assert read(XML) == list(proteins.SOURCE.read(RawFile("x.dat", FLAT.encode())))
    (document,) = read(XML)
    assert isinstance(document, Document)
    assert "* Binding site, 54: GTP" in document.text


def test_pieces_of_a_large_file_are_files() -> None:
    assert SOURCE.split is not None
    (piece,) = SOURCE.split(io.BytesIO(XML.encode()))
    assert read(piece.decode()) == read(XML)


def test_pieces_of_fasta_and_flat_files_hold_every_record() -> None:
    fasta = "".join(f">sp|P{n:05}|X Name {n} OS=Y\n{SEQUENCE * 12}\n" for n in range(3000))
    flat = "".join(FLAT.replace("P12345", f"P{n:05}") for n in range(4000))
    assert proteins.SOURCE.split is not None
    for text in (fasta, flat):
        pieces = list(proteins.SOURCE.split(io.BytesIO(text.encode())))
        assert len(pieces) > 1
        found = [one for piece in pieces for one in proteins.SOURCE.read(RawFile("x", piece))]
        assert found == list(proteins.SOURCE.read(RawFile("x", text.encode())))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("P12345", "DUMMY", "no UniProt accession"),
        ("recommendedName>", "otherName>", "no name"),
        ("Testing protein 1", "&lt;/s&gt;", "spells a control token"),
        (SEQUENCE[40:], "123", "no protein"),
        ("</uniprot>", "", "not well-formed"),
        ("<keyword ", "<a>" * 9000 + "</a>" * 9000 + "<keyword ", "not well-formed"),
    ],
)
def test_drops(old: str, new: str, reason: str) -> None:
    (drop,) = read(XML.replace(old, new))
    assert isinstance(drop, Drop)
    assert drop.reason == reason


def test_entities_are_not_expanded_and_clusters_not_claimed() -> None:
    bomb = XML.replace("<uniprot", '<!DOCTYPE u [<!ENTITY e SYSTEM "file:///etc/passwd">]><uniprot', 1).replace(
        "Marks", "&e;Marks"
    )
    assert all("root:" not in one.text for one in read(bomb) if isinstance(one, Document))
    assert not SOURCE.claims("x.xml", b'<UniRef xmlns="http://uniprot.org/uniref"><entry id="UniRef90_P99999">')


@pytest.mark.corpus
def test_real_entries_of_both_formats_agree(corpus_root: Path) -> None:
    found: dict[str, dict[str, str]] = {"swissprot-dat": {}, "uniprot-xml": {}}
    for archive, source in (("swissprot-dat", proteins.SOURCE), ("uniprot-xml", SOURCE)):
        for file in archives.walk(corpus_root / f"{archive}.tar.xz"):
            if isinstance(file, RawFile) and source.claims(file.where, file.data[:4096]):
                documents = [one for one in source.read(file) if isinstance(one, Document)]
                found[archive] |= {document.id: document.text for document in documents}
    flat, xml = found.values()
    both = flat.keys() & xml.keys()
    assert len(xml) == 15
    assert len(both) == 11
    assert sum(flat[key] == xml[key] for key in both) >= 9
