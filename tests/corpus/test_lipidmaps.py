"""LIPID MAPS: the document of a compound with its place among the lipids, in records of the documented tags."""

from __future__ import annotations

import pytest

from galactica.corpus.sources import pubchem
from galactica.corpus.sources.lipidmaps import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

BLOCK = """LMFA01010002
  LIPDMAPS01012500002D

  4  3  0     0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.0000    0.0000    0.0000 C   0  0
    2.0000    0.5000    0.0000 O   0  0
    2.0000   -0.5000    0.0000 O   0  0
  1  2  1  0
  2  3  2  0
  2  4  1  0
M  END
"""
FIELDS = {
    "LM_ID": "LMFA01010002",
    "NAME": "Acetic acid",
    "SYSTEMATIC_NAME": "ethanoic acid",
    "CATEGORY": "Fatty Acyls [FA]",
    "MAIN_CLASS": "Fatty Acids and Conjugates [FA01]",
    "SUB_CLASS": "Straight chain fatty acids [FA0101]",
    "FORMULA": "C2H4O2",
    "ABBREVIATION": "FA 2:0",
    "SYNONYMS": "Ethylic acid; C2:0; Vinegar acid",
}


def read(fields: dict[str, str], block: str = BLOCK) -> list[Document | Drop]:
    text = block + "".join(f"> <{tag}>\n{value}\n\n" for tag, value in fields.items()) + "$$$$\n"
    assert SOURCE.claims("LMSD.sdf", text.encode())
    return list(SOURCE.read(RawFile("LMSD.sdf", text.encode())))


def test_document() -> None:
    (document,) = read(FIELDS)
    assert isinstance(document, Document)
    assert document.id == "lipidmaps:LMFA01010002"
    assert document.text.startswith("[START_I_SMILES]CC(=O)O[END_I_SMILES]\n\n### Molecular Formula\n\nC2H4O2")
    assert "The following are chemical properties for ethanoic acid." in document.text
    assert document.text.endswith(
        "### Lipid Classification\n\nFatty Acyls; Fatty Acids and Conjugates; Straight chain fatty acids\n\n"
        "### Common Name\n\nAcetic acid\n\n### Abbreviation\n\nFA 2:0\n\n### Synonyms\n\nEthylic acid, Vinegar acid"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"LM_ID": ""}, "no LIPID MAPS identifier"),
        ({"SYNONYMS": "[END_SMILES]"}, "spells a control token"),
        ({"SMILES": "C(("}, "invalid SMILES"),
        ({"SYSTEMATIC_NAME": "", "NAME": ""}, "no name"),
    ],
)
def test_drops(change: dict[str, str], reason: str) -> None:
    (drop,) = read(FIELDS | change)
    assert isinstance(drop, Drop)
    assert drop.reason == reason


def test_an_open_structure_is_dropped_and_other_files_are_not_claimed() -> None:
    (drop,) = read(FIELDS, BLOCK.replace(" C   0", " R   0", 1))
    assert isinstance(drop, Drop)
    assert drop.reason == "structure that is no molecule"
    other = BLOCK.replace("LMFA01010002", "acetic acid").encode()
    assert not SOURCE.claims("x.sdf", other)
    assert pubchem.SOURCE.claims("x.sdf", other)
