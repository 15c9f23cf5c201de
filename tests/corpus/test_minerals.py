"""Minerals: the statement of each, charges in formulas, the variety of wordings, hostile tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.minerals import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop


def _read(text: str) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("mins.csv", text.encode())))


def test_charges_leave_the_formula() -> None:
    """Red when `{3+}` stays in a formula or the ion is lost."""
    (document,) = _read("name,group,formula\nmagnetite,spinel,Fe{2+}Fe{3+}2O4\n")
    assert isinstance(document, Document)
    assert document.text.startswith("# Magnetite\n\n")
    assert "spinel" in document.text.lower()
    assert "FeFe2O4" in document.text
    assert document.text.endswith("It is made of iron and oxygen. It holds Fe²⁺ and Fe³⁺ ions.")


def test_claims_and_refusals() -> None:
    assert SOURCE.claims("data/mineral/mins.csv", b"name,group,formula\n")
    assert not SOURCE.claims("data/people.csv", b"name,group,formula\n")
    assert not SOURCE.claims("mins.csv", b"name,formula\n")
    drops = _read('name,group,formula\na,,SiO2\nb[END_REF],c,SiO2\n"' + "x" * 300_000)
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == [
        "no name, group or formula",
        "spells a control token",
        "not a table",
    ]


@pytest.mark.corpus
def test_real_minerals(corpus_root: Path) -> None:
    """All 83 minerals, some of them asked for, most of them stated, each the same when read again."""
    (file,) = (
        one
        for one in archives.walk(corpus_root / "minerals-pyrolite.tar.xz")
        if isinstance(one, RawFile) and one.name == "mins.csv"
    )
    assert SOURCE.claims(file.where, file.data)
    texts = [one.text for one in SOURCE.read(file) if isinstance(one, Document)]
    assert len(texts) == 83
    assert 10 < sum("Question: " in text for text in texts) < 60
    assert texts == [one.text for one in SOURCE.read(file) if isinstance(one, Document)]
