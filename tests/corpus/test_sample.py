"""The sample that ships in the package: every record is claimed by one source, read without a drop, and correct."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import galactica
from galactica import archives, markup
from galactica.corpus.source import SNIFF_BYTES, Source
from galactica.corpus.sources import SOURCES
from galactica.files import RawFile
from galactica.modalities import molecules
from galactica.types import Document

SAMPLE = Path(galactica.__file__).parent / "corpus" / "sample"
EXPECTED = {"jats": 14, "textbooks": 6, "compounds": 150, "proteins": 8, "reasoning": 40}


def _raw() -> list[RawFile]:
    return [file for file in archives.walk(SAMPLE) if isinstance(file, RawFile)]


@pytest.fixture(scope="module")
def documents() -> dict[str, list[Document]]:
    """Source name -> documents, read as the pipeline does."""
    found: dict[str, list[Document]] = {}
    for file in _raw():
        claims = [
            source
            for source in SOURCES
            if isinstance(source, Source) and source.claims(file.where, file.data[:SNIFF_BYTES])
        ]
        assert len(claims) == 1, f"{file.where} is claimed by {[source.name for source in claims]}"
        for record in claims[0].read(file):
            assert isinstance(record, Document), record
            found.setdefault(claims[0].name, []).append(record)
    return found


def test_every_record_is_read(documents: dict[str, list[Document]]) -> None:
    assert set(documents) == set(EXPECTED)
    for source, least in EXPECTED.items():
        ids = [document.id for document in documents[source]]
        assert len(set(ids)) == len(ids) >= least


def test_the_sample_is_small() -> None:
    assert sum(len(file.data) for file in _raw()) < 600_000


def test_every_citation_mark_of_the_articles_is_a_citation(documents: dict[str, list[Document]]) -> None:
    marks = sum(len(re.findall(rb'<xref [^>]*ref-type="bibr"', file.data)) for file in _raw())
    citations = [one for document in documents["jats"] for one in markup.citations(document.text)]
    assert len(citations) == marks > 100
    assert "Attention is All You Need, Vaswani" in {one.key for one in citations}
    for document in documents["jats"]:
        assert len({one.key for one in markup.citations(document.text)}) >= 6
        assert "\\[" in document.text
        assert document.text.startswith("Title: ")
        assert len(document.text.split()) > 500


def test_textbook_sections_hold_formulas_and_solved_problems(documents: dict[str, list[Document]]) -> None:
    for document in documents["textbooks"]:
        assert "\\[" in document.text
        assert document.text.count("Question: ") == document.text.count("\n\nAnswer: ") >= 2
        assert len(document.text.split()) > 400


def test_compound_columns_agree_with_their_smiles() -> None:
    """Formula and weight belong to the SMILES, registry numbers have right check digits, no atom is aromatic."""
    table = (SAMPLE / "compounds/common_molecules.tsv").read_text()
    for line in table.splitlines():
        row = line.split("\t")
        assert molecules.formula(row[4]) == row[2]
        assert molecules.descriptors(row[4])["Molecular Weight"] == pytest.approx(float(row[3]), abs=0.006)
        digits = [int(digit) for digit in row[1].replace("-", "")]
        assert sum(place * digit for place, digit in enumerate(reversed(digits[:-1]), start=1)) % 10 == digits[-1], row[
            8
        ]
        assert not re.search(r"(?<![A-Z])[cnosp]", row[4])


def test_problems_are_worked_to_their_answers(documents: dict[str, list[Document]]) -> None:
    lines = (SAMPLE / "reasoning/problems.jsonl").read_text().splitlines()
    stated = {json.loads(line)["answer"].rsplit("#### ", 1)[1] for line in lines}
    assert {document.metadata["answer"] for document in documents["reasoning"]} == stated
    assert sum("calculate.py" in document.text for document in documents["reasoning"]) > 30
