"""Sequences: the standard code by known genes and properties of the published table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica.errors import BadInput
from galactica.modalities import sequences


def test_standard_code_by_known_facts() -> None:
    code = sequences.STANDARD_CODE
    assert len(code) == 64
    assert {codon for codon, residue in code.items() if residue == "*"} == {"TAA", "TAG", "TGA"}
    assert [codon for codon, residue in code.items() if residue == "M"] == ["ATG"]
    assert [codon for codon, residue in code.items() if residue == "W"] == ["TGG"]
    degeneracy = {residue: list(code.values()).count(residue) for residue in sequences.AMINO_ACIDS}
    assert {residue for residue, n in degeneracy.items() if n == 6} == set("LSR")


def test_translate_start_of_human_beta_globin() -> None:
    assert sequences.translate("ATGGTGCATCTGACTCCTGAGGAGAAGTCTGCCGTTACTGCC") == "MVHLTPEEKSAVTA"  # HBB, NM_000518


def test_translate_rna_ambiguity_and_rest() -> None:
    assert sequences.translate("AUGGGNRAYUAAC") == "MGX*"


@pytest.mark.parametrize("text", ["", "ACGZ", "acgt", "ACGTU", "AC GT"])
def test_problem_dna(text: str) -> None:
    assert sequences.problem_dna(text)
    with pytest.raises(BadInput):
        sequences.translate(text)


@pytest.mark.parametrize(
    ("text", "ok"), [("MKVLAAGUXBZOJ", True), ("", False), ("MK*", False), ("mkv", False), ("M KV", False)]
)
def test_problem_protein(text: str, ok: bool) -> None:
    assert (sequences.problem_protein(text) is None) is ok


@given(st.text(alphabet="ACGTN", min_size=1, max_size=60), st.text(alphabet="ACGT", min_size=1, max_size=30))
def test_translation_of_a_join_at_a_codon_border_is_the_join(first: str, second: str) -> None:
    first = first[: len(first) // 3 * 3]
    if first:
        assert sequences.translate(first + second) == sequences.translate(first) + sequences.translate(second)
