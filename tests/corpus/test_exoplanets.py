"""Planets of other stars: nested systems of the Open Exoplanet Catalogue, rows of the NASA archive, hostile files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.exoplanets import ARCHIVE_SOURCE, SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

SYSTEM = """<system>
  <name>Testar</name>
  <rightascension>12 20 43.0</rightascension>
  <declination>-07 47 34</declination>
  <distance errorminus="1.7" errorplus="1.7">88.9</distance>
  <binary>
    <name>Testar AB</name>
    <star>
      <name>Testar A</name>
      <mass errorminus="0.1" errorplus="0.3">2.7</mass>
      <planet>
        <name>Testar A b</name><name>TST 1 b</name>
        <list>Confirmed planets</list>
        <mass type="msini">19.4</mass>
        <radius upperlimit="2.5" />
        <period errorminus="1.0000e-05" errorplus="1.0000e-05">3.709884000</period>
        <discoverymethod>RV</discoverymethod>
        <description>It is hot. The parameters listed here were taken from the NASA Exoplanet Archive</description>
      </planet>
    </star>
    <planet>
      <name>Testar AB c</name>
      <mass>1</mass><period>9</period><eccentricity>0.1</eccentricity>
    </planet>
    <planet><name>Testar AB d</name><mass>1</mass></planet>
  </binary>
  <constellation>Virgo</constellation>
</system>"""

TABLE = (
    "# This file was produced by a test\n# COLUMN pl_name: Planet Name\n"
    "pl_name,hostname,default_flag,discoverymethod,disc_year,pl_orbper,pl_orbpererr1,pl_orbpererr2,pl_orbperlim,pl_bmassj,"
    "pl_bmassjlim,pl_bmassprov,cb_flag,st_teff\n"
    'Testar b,Testar,1,"Radial Velocity",2008,326.03,0.32,-0.32,0,19.4,1,Msini,0,4742\n'
    "Testar b,Testar,0,Radial Velocity,2008,323.2,,,0,,,,0,\n"
)


def test_catalogue() -> None:
    """Red when a limit, an error, the host of a nested planet or the unit is lost, or words on the catalogue stay."""
    assert SOURCE.claims("a.xml", SYSTEM.encode())
    assert not SOURCE.claims("a.xml", b"<system><component/></system>")
    first, second, third = SOURCE.read(RawFile("a.xml", SYSTEM.encode()))
    assert isinstance(first, Document)
    assert first.text.startswith(
        "# Testar A b\n\nTestar A b is a confirmed planet that orbits the star Testar A. It is hot.\n\nOther names: TST 1 b\n\n"
    )
    lines = set(first.text.split("\n"))
    assert {
        "- Minimum mass (mass times sine of the inclination): 19.4 Jupiter masses",
        "- Radius: less than 2.5 Jupiter radii",
        "- Orbital period: 3.709884 ± 0.00001 days",
        "- Mass: 2.7 (+0.3, -0.1) solar masses",
        "- Distance from the Sun: 88.9 ± 1.7 parsecs",
        "- Declination: -07° 47′ 34″",
        "- Constellation: Virgo",
        "- Other planets of the system: Testar AB c, Testar AB d",
    } <= lines
    assert isinstance(second, Document)
    assert "orbits both stars of the binary Testar AB." in second.text
    assert isinstance(third, Drop)
    assert third.reason == "fewer than three characteristics"


def test_order_is_random_but_the_same_each_time() -> None:
    """Red when the order comes from global state, or is that of the file."""
    copies = [SYSTEM.replace("Testar", f"Testar{number}") for number in range(12)]
    read = [
        next(one.text for one in SOURCE.read(RawFile("a.xml", copy.encode())) if isinstance(one, Document))
        for copy in copies
    ]
    again = [
        next(one.text for one in SOURCE.read(RawFile("b.xml", copy.encode())) if isinstance(one, Document))
        for copy in copies
    ]
    assert read == again
    assert len({text.index("## Characteristics") < text.index("## Planetary system") for text in read}) == 2


def test_archive_table() -> None:
    assert ARCHIVE_SOURCE.claims("PSCompPars.csv", TABLE.encode())
    assert not ARCHIVE_SOURCE.claims("planets.csv", b"pl_name,mass\nx,1\n")
    assert ARCHIVE_SOURCE.split is not None
    (piece,) = ARCHIVE_SOURCE.split(io.BytesIO(TABLE.encode()))
    document, drop = ARCHIVE_SOURCE.read(RawFile("a.csv", piece))
    assert isinstance(document, Document)
    assert document.id == "exoplanets:nasa-Testar b"
    assert "- Orbital period: 326.03 ± 0.32 days" in document.text
    assert "- Minimum mass (mass times sine of the inclination): less than 19.4 Jupiter masses" in document.text
    assert "- Effective temperature: 4742 kelvin" in document.text
    assert isinstance(drop, Drop)
    assert drop.reason == "not the default set of parameters"


@pytest.mark.parametrize(
    "data",
    [
        b"<system><name>" * 10_000,
        b"<system>" * 10_000 + b"<planet/>" + b"</system>" * 10_000,
        b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><system><planet><name>&b;</name></planet></system>',
        b"\x00\xff<system>",
        SYSTEM.replace("TST 1", "[START_REF]").encode(),
    ],
)
def test_hostile_systems(data: bytes) -> None:
    assert any(isinstance(one, Drop) for one in SOURCE.read(RawFile("a.xml", data)))


def test_hostile_tables() -> None:
    head = b"pl_name,hostname,discoverymethod\n"
    for row in (b'"' + b"x" * 300_000, b"\x00\xff,\xff", b"a,b,c,d,e,f", b","):
        assert all(isinstance(one, Drop) for one in ARCHIVE_SOURCE.read(RawFile("a.csv", head + row)))


@pytest.mark.corpus
def test_real_systems(corpus_root: Path) -> None:
    """Of the catalogue's first 500 systems nearly every planet is a document, with a constellation."""
    found: list[Document | Drop] = []
    n_files = 0
    for file in archives.walk(corpus_root / "open-exoplanet-catalogue.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            found += SOURCE.read(file)
            n_files += 1
        if n_files == 500:
            break
    documents = [one for one in found if isinstance(one, Document)]
    assert len(documents) > 0.97 * len(found) > 500
    assert sum("- Constellation: " in document.text for document in documents) > 0.99 * len(documents)
    assert not any("Exoplanet Archive" in document.text for document in documents)
