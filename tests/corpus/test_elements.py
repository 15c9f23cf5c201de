"""Chemical elements: mendeleev's table, the Blue Obelisk's CML, Kalzium's glossary, hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.elements import CML_SOURCE, GLOSSARY_SOURCE, SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

SOURCES = (SOURCE, CML_SOURCE, GLOSSARY_SOURCE)

TABLE = (
    "atomic_number,block,description,electronic_configuration,group_id,lattice_structure,name,series_id,symbol,top_3_producers,uses\n"
    '26,d,"A grey metal,\nand a strong one.",[Ar] 3d6 4s2,8,BCC,Testium,8,Te,"1) Here  2) There  3) Nowhere","Tests."\n'
    ",,,,,,Nothing,,,,\n"
)
CML = """<list convention="bodr:elements" xmlns="http://www.xml-cml.org/schema"><atom id="Xx">
<scalar dictRef="bo:atomicNumber">0</scalar></atom><atom id="Tt"><scalar dictRef="bo:atomicNumber">26</scalar>
<label dictRef="bo:symbol" value="Tt"/><label dictRef="bo:name" value="Testium"/>
<scalar dictRef="bo:boilingpoint" units="siUnits:kelvin">20.28</scalar><scalar dictRef="bo:electronicConfiguration">Ar 3d10</scalar>
<scalar dictRef="bo:discoveryDate">0</scalar>
<array dictRef="bo:discoverers">A. Tester;B. Writer</array><scalar dictRef="bo:nameOrigin">A 'test'</scalar></atom></list>"""
ISOTOPES = """<cml convention="bodr:isotopes" xmlns="http://www.xml-cml.org/schema"><isotopeList id="U"><isotope number="235">
<scalar dictRef="bo:atomicNumber">92</scalar><scalar dictRef="bo:exactMass">235.04</scalar>
<scalar dictRef="bo:halfLife" units="units:y">703800000</scalar><scalar dictRef="bo:alphaDecay">4.6793</scalar></isotope>
</isotopeList></cml>"""
GLOSSARY = """<?xml version="1.0" encoding="UTF-8"?>
<wissen><item><name>Tester</name><desc>It [i]tests[/i] 10[sup]-27[/sup] things[br]of a kind.</desc></item></wissen>"""


def test_table() -> None:
    """Red when a unit-less code (lattice, series, configuration) is printed as it stands."""
    assert SOURCE.claims("elements.csv", TABLE.encode())
    document, drop = SOURCE.read(RawFile("a.csv", TABLE.encode()))
    assert isinstance(document, Document)
    assert document.text == (
        "# Testium\n\nTestium is the chemical element with the symbol Te and atomic number 26. A grey metal, and a strong one.\n\n"
        "## Properties\n\n- Group: 8\n- Block: d\n- Series: transition metals\n- Electron configuration: [Ar] 3d⁶ 4s²\n"
        "- Crystal structure: body-centred cubic\n- Main producers: Here, There, Nowhere\n\n## Uses\n\nTests."
    )
    assert isinstance(drop, Drop)


def test_cml() -> None:
    assert CML_SOURCE.claims("elements.xml", CML.encode())
    assert not CML_SOURCE.claims("x.xml", b'<molecule xmlns="http://www.xml-cml.org/schema">')
    drop, document = CML_SOURCE.read(RawFile("a.xml", CML.encode()))
    assert isinstance(drop, Drop)
    assert isinstance(document, Document)
    assert (
        "- Boiling point: 20.28 kelvin\n- Electron configuration: [Ar] 3d¹⁰\n- Discovered by: A. Tester, B. Writer"
        in document.text
    )
    assert document.text.endswith("## Name\n\nA 'test'.")
    (isotopes,) = CML_SOURCE.read(RawFile("b.xml", ISOTOPES.encode()))
    assert isinstance(isotopes, Document)
    assert isotopes.text == (
        "# Isotopes of uranium\n\n"
        "- U-235: mass 235.04 atomic mass units, half-life 703800000 years, alpha decay with 4.6793 megaelectronvolts"
    )


def test_glossary() -> None:
    (document,) = GLOSSARY_SOURCE.read(RawFile("a.xml", GLOSSARY.encode()))
    assert isinstance(document, Document)
    assert document.text == "# Tester\n\nIt tests 10⁻²⁷ things of a kind."


@pytest.mark.parametrize(
    "data", [b"<a>" * 10_000, b"\x00\xff", b'"' + b"x" * 300_000, CML.replace("Testium", "&lt;s>").encode()]
)
def test_hostile_files(data: bytes) -> None:
    for source in SOURCES:
        assert all(isinstance(one, Drop) for one in source.read(RawFile("a", data)))


@pytest.mark.corpus
@pytest.mark.parametrize(("archive", "least"), [("elements", 118 + 118 + 30), ("bodr-elements", 118 + 110)])
def test_real_tables(corpus_root: Path, archive: str, least: int) -> None:
    documents: dict[str, Document] = {}
    for file in archives.walk(corpus_root / f"{archive}.tar.xz"):
        if isinstance(file, RawFile) and (
            source := next((one for one in SOURCES if one.claims(file.where, file.data[:4096])), None)
        ):
            documents |= {one.id: one for one in source.read(file) if isinstance(one, Document)}
    assert len(documents) >= least
