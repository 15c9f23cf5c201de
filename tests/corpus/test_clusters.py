"""Clusters of galaxies and deep-sky objects: what is said of each, unknown values, hostile tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.clusters import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

ABELL = "name,ra_deg_J2000,dec_deg_J2000,bautz_morgan_type,mag,constellation\n"
SIZES = "major_deg,minor_deg,redshift,distance"
OBJECTS = f"dso_id,messier,caldwell,ngc,ic,ra_deg,dec_deg,bmag,vmag,type_code,morphology,{SIZES},constellation\n"


def _read(text: str) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("a.csv", text.encode("utf-8"))))


def test_cluster() -> None:
    """Red when the mark of an uncertain type, or 99 for no magnitude, is printed as it stands."""
    assert SOURCE.claims("a.csv", ABELL.encode())
    assert not SOURCE.claims("a.csv", b"name,constellation\n")
    (document,) = _read("\ufeff" + ABELL + "Abell 90002,2.1130,-19.6380,II:,99,Cetus\n")
    assert isinstance(document, Document)
    assert document.text.startswith("# Abell 90002\n\n")
    assert "galaxy cluster" in document.text
    assert "Cetus" in document.text
    assert "Its Bautz-Morgan type is II, with doubt." in document.text
    assert "Its right ascension is 2.113 degrees and its declination -19.638 degrees (J2000)." in document.text
    assert "magnitude" not in document.text


def test_object() -> None:
    assert SOURCE.claims("a.csv", OBJECTS.encode())
    (document,) = _read(OBJECTS + "7,31,,224,,10.68,41.27,4.36,3.4400000572,0,SA(s)b,3.0,1.0,-0.001,785.0,Andromeda\n")
    assert isinstance(document, Document)
    assert document.text.startswith("# Messier 31\n\n")
    assert "galaxy" in document.text
    for fact in (
        "It is also known as NGC 224.",
        "Its visual magnitude is 3.44 and its blue magnitude is 4.36.",
        "Its morphological type is SA(s)b.",
        "Its apparent size is 180 by 60 minutes of arc.",
        "Its distance is 785 kiloparsecs.",
    ):
        assert fact in document.text


def test_refusals() -> None:
    drops = _read(ABELL + 'Abell 1,nan,x,,inf,\nAbell 2,1,2,,3,Ce</s>tus\n"' + "x" * 300_000)
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == [
        "no name or no constellation",
        "spells a control token",
        "not a table",
    ]


@pytest.mark.corpus
def test_real_catalogues(corpus_root: Path) -> None:
    """Every row of both tables is a document of its own id, with several wordings."""
    documents: list[Document] = []
    for file in archives.walk(corpus_root / "galaxy-clusters.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            documents += [one for one in SOURCE.read(file) if isinstance(one, Document)]
    assert len(documents) == len({document.id for document in documents}) == 5_249 + 10_834
    assert 0.2 < sum("Question: " in document.text for document in documents) / len(documents) < 0.5
