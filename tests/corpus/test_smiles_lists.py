"""Lists of SMILES: which lines are compounds, whose files they are, hostile lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.smiles_lists import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop


def read(text: str) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("a.smi", text.encode())))


def test_a_line_with_a_name_is_a_compound() -> None:
    (found,) = read("smiles title\nc1ccccc1O\tphenol\n")
    assert isinstance(found, Document)
    assert found.text.startswith("[START_I_SMILES]OC1=CC=CC=C1[END_I_SMILES]\n\n### Molecular Formula\n\nC6H6O\n\n")
    assert "The following are chemical properties for phenol.\n\n" in found.text
    (of_cas,) = read("108-95-2 c1ccccc1O carbolic acid\n")
    assert (of_cas.id, of_cas.metadata["name"]) == ("compounds:cas-108-95-2", "carbolic acid")  # type: ignore[union-attr]


def test_the_other_lines_say_why() -> None:
    lines = (
        "CCO 1\nCCO\nCCO NSC 1234\n100-00-5 CCO\nC1CC ring\n'said' ring\n[START_REF] methane\nC [START_REF] methane\n"
    )
    lines += f"{'C' * 100_000} polymer\n" + "\0\n" + "(" * 3000 + " brackets\n"
    assert [item.reason for item in read(lines) if isinstance(item, Drop)] == [
        *["no name"] * 4, "invalid SMILES", "no SMILES", "no SMILES", "spells a control token", "no name", "no SMILES",
        "invalid SMILES",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "head", "is_claimed"),
    [
        ("a.smi", b"CCO ethanol\nC methane\n", True),
        ("a.smi", b"smiles name\nCCO ethanol\n", True),
        ("a.smi", b"<SMIL><body/></SMIL>\n", False),
        ("a.smi", b"We have a text\n", False),
        ("a.txt", b"64-17-5 CCO\n74-82-8 C\n", True),
        ("a.txt", b"CCO ethanol\n", False),
        ("a.txt", b"I am a text\n", False),
        ("a.csv", b"64-17-5 CCO\n", False),
        ("a.smi", b"", False),
    ],
)
def test_whose_file_it_is(where: str, head: bytes, is_claimed: bool) -> None:
    assert SOURCE.claims(where, head) is is_claimed


@pytest.mark.corpus
def test_lists_of_registry_numbers_give_reasons(corpus_root: Path) -> None:
    files = [file for file in archives.walk(corpus_root / "rdkit-data.tar.xz") if isinstance(file, RawFile)]
    claimed = [file for file in files if SOURCE.claims(file.where, file.data[:4096])]
    assert [file.name for file in claimed] == ["first_5k.smi", "rtecs_smiles.5000.txt"]
    assert {item.reason for file in claimed for item in SOURCE.read(file) if isinstance(item, Drop)} <= {
        "no name",
        "no SMILES",
    }
