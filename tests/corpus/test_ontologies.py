"""Ontologies: what a term's document holds in each dialect of OBO, and what is left out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.sources import ontologies
from galactica.corpus.sources.ontologies import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

OBO = r"""format-version: 1.2
ontology: test

[Term]
id: CHEBI:1
name: water
def: "An \"inorganic\" hydroxy compound\, that is wet. It has formula H2O." [PMID:1]
synonym: "oxidane" EXACT IUPAC_NAME [IUPAC:]
synonym: "Wasser" RELATED [ChEBI:]
synonym: "agua" RELATED [IUPAC:]
synonym: "dihydrogen oxide" RELATED [ChemIDplus:]
synonym: "WATER" EXACT [PDBeChem:]
synonym: "H2O" RELATED FORMULA [ChEBI:]
synonym: "[H]O[H]" RELATED SMILES [ChEBI:]
synonym: "InChI=1S/H2O/h1H2" RELATED InChI [ChEBI:]
xref: Wikipedia:Water "Wikipedia"
is_a: CHEBI:2
relationship: has_role CHEBI:3 ! amphiprotic solvent
relationship: has_part CHEBI:99

[Term]
id: CHEBI:2
name: oxygen hydride
def: "Hydrides of oxygen that are known so far." []
synonym: "[H]O*" RELATED SMILES [ChEBI:]

[Term]
id: GO:0000001
name: tRNA inheritance
namespace: biological_process
def: "The distribution of tRNA into daughter cells." [GOC:mcc]
synonym: "tRNA heritage" EXACT []
synonym: "broader thing" BROAD []
is_a: GO:2 {x="y"} ! organelle inheritance
relationship: part_of GO:3 ! cell division

[Typedef]
id: part_of
name: part_of

[Term]
id: SO:1
name: lnc_RNA
property_value: chemrof:smiles_string "CCO" xsd:string
is_a: SO:2 ! nc_RNA

[Term]
id: X:1
name: old
is_obsolete: true

[Term]
id: X:2
name: nothing is said

[Term]
id: X:3
name: hostile
def: "Ends </s> here." []
"""


def read(data: bytes) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("x.obo", data)))


def test_documents() -> None:
    assert SOURCE.claims("x.obo", OBO.encode())
    water, hydride, trna, rna, *drops = read(OBO.encode())
    assert isinstance(water, Document)
    sections = (
        "## Definition\n\nAn \"inorganic\" hydroxy compound, that is wet. It has formula H2O.\n\n## Molecular Formula\n\nH2O\n\n"
        "## Synonyms\n\noxidane, dihydrogen oxide\n\n"
        "## Classification\n\nWater is a kind of oxygen hydride. It has the role of amphiprotic solvent."
    )  # fmt: skip
    assert sections.removeprefix("## Definition") in water.text.replace("Answer: ", "\n\n")
    assert "[START_I_SMILES]O[END_I_SMILES]" in water.text
    assert isinstance(hydride, Document)
    assert "SMILES" not in hydride.text
    assert isinstance(trna, Document)
    assert trna.text.endswith(
        "## Synonyms\n\ntRNA heritage\n\n## Classification\n\ntRNA inheritance is a biological process, a kind of organelle "
        "inheritance. It is part of cell division."
    )
    assert trna.licence == "CC BY 4.0 (Gene Ontology)"
    assert isinstance(rna, Document)
    assert "[START_I_SMILES]CCO[END_I_SMILES]" in rna.text
    assert "Lnc RNA is a kind of nc RNA." in rna.text
    reasons = [drop.reason for drop in drops if isinstance(drop, Drop)]
    assert reasons == ["obsolete", "neither a definition nor a structure", "spells a control token"]


def test_a_line_of_another_encoding_costs_nothing() -> None:
    (document,) = read(b'[Term]\nid: A:1\nname: caf\x8e\ndef: "What one drinks in a caf\xc3\xa9." []\n')
    assert isinstance(document, Document)
    assert "# café\n" in document.text
    assert "in a café." in document.text


def test_pieces_of_a_large_file_hold_every_term(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = "".join(f'[Term]\nid: A:{n}\nname: term {n}\ndef: "{"word " * 60}" []\n\n' for n in range(12_000))
    monkeypatch.setattr(ontologies, "PIECE_BYTES", 2**20)
    assert SOURCE.split is not None
    pieces = list(SOURCE.split(io.BytesIO(terms.encode())))
    assert len(pieces) > 2
    assert [one for piece in pieces for one in read(piece)] == read(terms.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"[Term]\n" * 3000,
        b'[Term]\nid: A:1\nname: x\ndef: "' + b"\\" * 200_001 + b"\n",
        b'[Term]\nid: CHEBI:1\nname: x\nsynonym: "' + b"C(" * 50_000 + b'" RELATED SMILES []\nis_a: ' + b"! " * 50_000,
        b"[Term]\nid: A:1\n\x00\xff" + b"name: " * 100_000,
    ],
)
def test_hostile_terms_are_dropped(data: bytes) -> None:
    assert all(isinstance(one, Drop) for one in read(data))


def test_claims_by_content() -> None:
    assert SOURCE.claims("EDAM.txt", b"format-version: 1.2\nontology: x\n")
    assert SOURCE.claims("x", b"! comment\n[Term]\nid: A:1\n")
    assert not SOURCE.claims("x.obo", b"[Terms]\nid: A:1\n")
    assert not SOURCE.claims("x.toml", b"[Term]\nname = 1\n")


@pytest.mark.corpus
def test_real_ontologies(corpus_root: Path) -> None:
    """The small ones whole: every term that is not obsolete and is defined is a document."""
    found: dict[str, list[Document | Drop]] = {}
    for file in archives.walk(corpus_root / "obo-emboss.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]) and len(file.data) < 2_000_000:
            found[file.name] = list(SOURCE.read(file))
    assert {name: sum(isinstance(one, Document) for one in items) for name, items in found.items()} == {
        "edam.obo": 2254,
        "ro.obo": 6,
        "so.obo": 1722,
    }
    texts = [one.text for items in found.values() for one in items if isinstance(one, Document)]
    assert not any("\\" in text or "\ufffd" in text or markup.control_tokens(text) for text in texts)
