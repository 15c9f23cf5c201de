"""Compounds as structure-data files, PubChem's JSON and CML: the document of the specification, refusals, the real files."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.source import Source
from galactica.corpus.sources import cml, pubchem, pubchem_json
from galactica.files import RawFile
from galactica.types import Document, Drop

BLOCK = """750
  -OEChem-01012500002D

  5  4  0     0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 N   0  0
    1.0000    0.0000    0.0000 C   0  0
    2.0000    0.0000    0.0000 C   0  0
    3.0000    0.5000    0.0000 O   0  0
    3.0000   -0.5000    0.0000 O   0  0
  1  2  1  0
  2  3  1  0
  3  4  2  0
  3  5  1  0
M  END
"""
FIELDS = {
    "PUBCHEM_COMPOUND_CID": "750",
    "PUBCHEM_IUPAC_NAME": "2-aminoacetic acid",
    "PUBCHEM_IUPAC_TRADITIONAL_NAME": "glycine",
    "PUBCHEM_OPENEYE_ISO_SMILES": "C(C(=O)O)N",
    "PUBCHEM_MOLECULAR_FORMULA": "C2H5NO2",
    "PUBCHEM_MOLECULAR_WEIGHT": "75.07",
    "PUBCHEM_XLOGP3_AA": "-3.2",
    "PUBCHEM_CACTVS_HBOND_ACCEPTOR": "3",
    "PUBCHEM_CACTVS_COMPLEXITY": "42.9",
    "PUBCHEM_COMPOUND_CANONICALIZED": "1",
}
SPECIFIED = """[START_I_SMILES]C(C(=O)O)N[END_I_SMILES]

### Molecular Formula

C2H5NO2

## Chemical and Physical Properties

The following are chemical properties for 2-aminoacetic acid.

### Computed Properties

| Property Name | Property Value
| --- | ----------- |
| Molecular Weight | 75.07
| XLogP3-AA Log P | -3.2
| Hydrogen Bond Donor Count | 2
| Hydrogen Bond Acceptor Count | 3
| Rotatable Bond Count | 1
| Topological Polar Surface Area | 63.3
"""


def sdf(fields: dict[str, str], block: str = BLOCK) -> str:
    return block + "".join(f"> <{tag}>\n{value}\n\n" for tag, value in fields.items()) + "$$$$\n"


def read(source: Source, text: str, where: str = "x") -> list[Document | Drop]:
    return list(source.read(RawFile(where, text.encode())))


def only(found: list[Document | Drop]) -> Document:
    (document,) = found
    assert isinstance(document, Document)
    return document


def test_pubchem_sdf_is_the_document_of_the_specification() -> None:
    """Red where a computed value takes the place of a stated one, or Crippen's log P stands beside XLogP3."""
    assert pubchem.SOURCE.claims("x/Compound.sdf", sdf(FIELDS).encode())
    document = only(read(pubchem.SOURCE, sdf(FIELDS)))
    assert document.id == "compounds:cid-750"
    assert document.text.startswith(SPECIFIED)
    assert "| Complexity | 42.9\n| Compound Is Canonicalized | Yes\n\n### Synonyms\n\nglycine" in document.text
    assert "Crippen" not in document.text
    assert document.licence == "public domain (PubChem)"


def test_structure_is_read_from_the_molfile_where_no_smiles_is_given() -> None:
    block = BLOCK.replace("750", "amino_acetate", 1)
    documents = read(
        pubchem.SOURCE, sdf({"SOL": "1"}, block) * 2 + sdf({}, "aspirin" + BLOCK[3:].replace(" N ", " R "))
    )
    assert [type(one) for one in documents] == [Document, Document, Drop]
    assert only(documents[:1]).text.startswith("[START_I_SMILES]NCC(=O)O[END_I_SMILES]")
    assert "properties for amino acetate." in only(documents[:1]).text


@pytest.mark.parametrize(
    ("fields", "block", "reason"),
    [
        ({"PUBCHEM_COMPOUND_CID": "1"}, BLOCK, "no name"),
        ({}, "tpls\\mol-1.tpl" + BLOCK[3:], "no name"),
        ({}, "ZINC03814457" + BLOCK[3:], "no name"),
        ({"NAME": "evil </s> name"}, BLOCK, "spells a control token"),
        ({"NAME": "propane"}, "\n\n\n  1  0\nM  END\n", "structure that is no molecule"),
        ({"NAME": "propane"}, "\n\n\n" + "C" * 300_000 + "\nM  END\n", "structure that is no molecule"),
        ({**FIELDS, "PUBCHEM_OPENEYE_ISO_SMILES": "(" * 100_000}, BLOCK, "invalid SMILES"),
    ],
)
def test_what_is_no_compound_is_dropped(fields: dict[str, str], block: str, reason: str) -> None:
    (drop,) = read(pubchem.SOURCE, sdf(fields, block))
    assert isinstance(drop, Drop)
    assert drop.reason == reason


def test_the_three_kinds_of_json_and_the_sdf_agree() -> None:
    """The same compound in four formats is the same text but for what a format does not carry."""
    urns = [
        ("IUPAC Name", "Preferred", "2-aminoacetic acid"), ("IUPAC Name", "Traditional", "glycine"),
        ("SMILES", "Isomeric", "C(C(=O)O)N"), ("Molecular Formula", None, "C2H5NO2"), ("Molecular Weight", None, "75.07"),
        ("Log P", "XLogP3-AA", -3.2), ("Count", "Hydrogen Bond Acceptor", 3), ("Compound Complexity", None, 42.9),
        ("Compound", "Canonicalized", 1),
    ]  # fmt: skip
    props = [
        {
            "urn": {"label": label} | ({"name": name} if name else {}),
            "value": {"sval" if isinstance(value, str) else "ival" if isinstance(value, int) else "fval": value},
        }
        for label, name, value in urns
    ]
    rest = {"PC_Compounds": [{"id": {"id": {"cid": 750}}, "props": props}]}
    row = {"CID": 750, "IUPACName": "2-aminoacetic acid", "Title": "glycine", "SMILES": "C(C(=O)O)N", "XLogP": -3.2}
    row |= {"MolecularFormula": "C2H5NO2", "MolecularWeight": "75.07", "HBondAcceptorCount": 3, "Complexity": 42.9}
    expected = only(read(pubchem.SOURCE, sdf(FIELDS))).text
    for page in (rest, {"PropertyTable": {"Properties": [row]}}):
        for text in (json.dumps(page), json.dumps(page, indent=1)):
            assert pubchem_json.SOURCE.claims("x.json", text.encode()[:4096])
            document = only(read(pubchem_json.SOURCE, text))
            assert document.id == "compounds:cid-750"
            shown = document.text.replace("XLogP3 Log P", "XLogP3-AA Log P")
            assert shown.replace("| Compound Is Canonicalized | Yes\n", "") == expected.replace(
                "| Compound Is Canonicalized | Yes\n", ""
            )


def view(*sections: dict[str, object]) -> str:
    references = [
        {"ReferenceNumber": 1, "SourceName": "A", "LicenseNote": "CC BY 4.0"},
        {"ReferenceNumber": 2, "SourceName": "B", "LicenseURL": "https://creativecommons.org/licenses/by-nc/4.0/"},
    ]
    record = {"RecordType": "CID", "RecordNumber": 750, "RecordTitle": "Glycine", "Section": list(sections)}
    return json.dumps({"Record": {**record, "Reference": references}}, indent=2)


def leaf(heading: str, *values: str, reference: int = 1) -> dict[str, object]:
    facts = [{"ReferenceNumber": reference, "Value": {"StringWithMarkup": [{"String": value}]}} for value in values]
    return {"TOCHeading": heading, "Information": facts}


def test_a_page_adds_descriptions_and_measurements_but_not_those_of_closed_sources() -> None:
    computed = [leaf("IUPAC Name", "2-aminoacetic acid"), leaf("SMILES", "C(C(=O)O)N")]
    measured = [leaf("Melting Point", "233 °C (decomposes)"), leaf("Solubility", "closed value", reference=2)]
    page = view(
        {"TOCHeading": "Names and Identifiers", "Section": [
            leaf("Record Description", "Glycine is the simplest amino acid."),
            leaf("Record Description", "Words that may not be used.", reference=2),
            {"TOCHeading": "Computed Descriptors", "Section": computed}]},
        {"TOCHeading": "Chemical and Physical Properties", "Section": [
            {"TOCHeading": "Experimental Properties", "Section": measured}]},
    )  # fmt: skip
    assert pubchem_json.SOURCE.claims("compound/750/JSON", page.encode())
    text = only(read(pubchem_json.SOURCE, page)).text
    assert "The following are chemical properties for 2-aminoacetic acid." in text
    assert (
        "### Experimental Properties\n\n| Property Name | Property Value\n| --- | ----------- |\n| Melting Point | 233 °C"
        in text
    )
    assert text.endswith("### Description\n\nGlycine is the simplest amino acid.\n\n### Synonyms\n\nGlycine")
    assert "closed" not in text
    assert "may not" not in text


@pytest.mark.parametrize(
    "text", ["", "{", '{"PC_Compounds": [1, {"props": 3}, {}]}', "[" * 100_000, '{"Record": []}', "\x00"]
)
def test_json_of_another_shape_is_dropped(text: str) -> None:
    assert all(isinstance(found, Drop) for found in read(pubchem_json.SOURCE, text))


CML = """<?xml version="1.0"?><molecule xmlns="http://www.xml-cml.org/schema" id="x">
<formula concise=" C 1 H 1 Br 1 Cl 1 F 1 "/><name convention="IUPAC">(R)-bromochlorofluoromethane</name><atomArray>
<atom id="a1" elementType="C" x3="0" y3="0" z3="0"/><atom id="a2" elementType="H" x3="0" y3="0" z3="1.1"/>
<atom id="a3" elementType="Br" x3="1.8" y3="0" z3="-0.6"/><atom id="a4" elementType="Cl" x3="-0.9" y3="-1.5" z3="-0.6"/>
<atom id="a5" elementType="F" x3="-0.7" y3="1.2" z3="-0.4"/></atomArray><bondArray><bond atomRefs2="a1 a2" order="1"/>
<bond atomRefs2="a1 a3" order="1"/><bond atomRefs2="a1 a4" order="S"/><bond atomRefs2="a1 a5"/></bondArray><propertyList>
<property><scalar dictRef="cml:bp" units="units:celsius">36</scalar></property></propertyList></molecule>"""


def test_cml_gives_stereochemistry_from_places_in_space() -> None:
    """Mirroring the molecule gives the other enantiomer: red where places are not used."""
    assert cml.SOURCE.claims("x.cml", CML.encode())
    document = only(read(cml.SOURCE, CML))
    mirrored = only(read(cml.SOURCE, CML.replace('y3="-1.5"', 'y3="1.5"').replace('y3="1.2"', 'y3="-1.2"')))
    assert {document.metadata["smiles"], mirrored.metadata["smiles"]} == {"F[C@H](Cl)Br", "F[C@@H](Cl)Br"}
    assert document.text.endswith("| Boiling Point | 36 °C")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Br 1 Cl 1", "Br 1 Cl 2", "structure that disagrees with the formula"),
        ('elementType="F"', 'elementType="Xx"', "structure that is no molecule"),
        ('"a1 a5"', '"a1 a9"', "structure that is no molecule"),
        ('order="S"', 'order="9"', "structure that is no molecule"),
        ("(R)-", "[START_REF]", "spells a control token"),
        ("</molecule>", "", "not well-formed"),
        ("<atomArray>", "<x/>" * 3 + "<atomArray>" + "<y>" * 5000 + "</y>" * 5000, "not well-formed"),
    ],
)
def test_cml_that_cannot_be_used_is_dropped(old: str, new: str, reason: str) -> None:
    (drop,) = read(cml.SOURCE, CML.replace(old, new))
    assert isinstance(drop, Drop)
    assert drop.reason == reason


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("archive", "source", "n_documents"),
    [("rdkit-data", pubchem.SOURCE, 1200), ("chemical-structures-cml", cml.SOURCE, 550)],
)
def test_real_files(archive: str, source: Source, n_documents: int, corpus_root: Path) -> None:
    found: Counter[str] = Counter()
    for file in archives.walk(corpus_root / f"{archive}.tar.xz"):
        if isinstance(file, RawFile) and source.claims(file.where, file.data[:4096]):
            found.update(one.reason if isinstance(one, Drop) else "document" for one in source.read(file))
    assert found["document"] >= n_documents
    assert found["structure that is no molecule"] < 10
