"""Molecules: published values of PubChem, and laws over SMILES and noise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica.errors import BadInput
from galactica.modalities import molecules

CAFFEINE = "CN1C=NC2=C1C(=O)N(C(=O)N2C)C"
BENZOIC = "c1ccccc1C(=O)O"


def test_descriptors_of_caffeine_are_pubchems() -> None:
    found = molecules.descriptors(
        CAFFEINE
    )  # CID 2519; acceptors there are 3 (PubChem counts no aromatic n with a methyl)
    assert found["Molecular Weight"] == 194.19
    assert found["Exact Mass"] == 194.0804
    assert found["Hydrogen Bond Donor Count"] == 0
    assert found["Rotatable Bond Count"] == 0
    assert found["Heavy Atom Count"] == 14
    assert found["Formal Charge"] == 0
    assert found["Topological Polar Surface Area"] == pytest.approx(
        58.4, abs=4.0
    )  # rdkit and PubChem differ by rounding of types


@pytest.mark.parametrize(
    ("smiles", "formula"),
    [(CAFFEINE, "C8H10N4O2"), ("C(C(=O)O)N", "C2H5NO2"), ("[Na+].[Cl-]", "ClNa"), ("O", "H2O"), ("[NH4+]", "H4N+")],
)
def test_formula_is_in_hill_order(smiles: str, formula: str) -> None:
    assert molecules.formula(smiles) == formula


def test_kekule_form_has_no_aromatic_atom_and_is_the_same_molecule() -> None:
    form = molecules.kekule(BENZOIC)
    assert form == form.upper()
    assert molecules.canonical(form) == molecules.canonical(BENZOIC)
    assert molecules.kekule(form) == form
    assert molecules.canonical(BENZOIC) == "O=C(O)c1ccccc1"  # kekule() must not change the molecule it was given


def test_stereochemistry_survives() -> None:
    assert molecules.canonical("C[C@H](N)C(=O)O") != molecules.canonical("C[C@@H](N)C(=O)O")
    assert molecules.kekule("F/C=C/F") != molecules.kekule("F/C=C\\F")


@pytest.mark.parametrize(
    "smiles",
    [
        "",
        "  ",
        "C(",
        "C1CC",
        "c1cccc1",
        "C(C)(C)(C)(C)C",
        "CC O",
        "Ω",
        "C" * 2001,
        "[START_SMILES]C",
        "C\x00C",
        "(" * 1999,
    ],
)
def test_problem_says_why(smiles: str) -> None:
    assert molecules.problem(smiles)
    with pytest.raises(BadInput):
        molecules.formula(smiles)


@given(st.one_of(st.text(max_size=60), st.text(alphabet="CNOc1=#()[]@+-.%Hn2/\\", max_size=40)))
def test_noise_never_raises_and_what_passes_has_a_kekule_form(text: str) -> None:
    if molecules.problem(text) is None:
        assert molecules.problem(molecules.kekule(text)) is None
        assert molecules.formula(molecules.canonical(text)) == molecules.formula(text)


def test_rejecting_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    molecules.problem("c1cccc1")
    molecules.problem("C1CC")
    assert capfd.readouterr().err == ""
