"""What a SMILES means: validity, canonical and Kekulé forms, formula, descriptors. All by rdkit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from rdkit.Chem.Scaffolds import MurckoScaffold

from galactica.errors import BadInput

MAX_SMILES_CHARACTERS = 2000
"""Longer strings are polymers or attacks; the parser's time grows faster than their length."""


def problem(smiles: str) -> str | None:
    """Why the SMILES is not a molecule, or None where it is one."""
    found = _parse(smiles)
    return found if isinstance(found, str) else None


def canonical(smiles: str) -> str:
    """rdkit's canonical isomeric SMILES, aromatic atoms in lower case. Raises BadInput where it is not a molecule."""
    return str(Chem.MolToSmiles(_molecule(smiles)))


def kekule(smiles: str) -> str:
    """The canonical SMILES with alternating double bonds and no lower-case atom, as PubChem writes it.
    Raises BadInput where it is not a molecule."""
    molecule = Chem.Mol(_molecule(smiles))
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    return str(Chem.MolToSmiles(molecule, kekuleSmiles=True))


def scaffold(smiles: str) -> str:
    """The SMILES of the molecule's Murcko scaffold (its rings and what links them) without stereochemistry; "" where it has no
    ring. Raises BadInput where it is not a molecule."""
    rings = MurckoScaffold.GetScaffoldForMol(_molecule(smiles))  # type: ignore[no-untyped-call]
    return str(Chem.MolToSmiles(rings, isomericSmiles=False))


def formula(smiles: str) -> str:
    """The molecular formula in Hill order (C, H, then the alphabet), charge at the end: "C2H5NO2".
    Raises BadInput where the SMILES is not a molecule."""
    return str(rdMolDescriptors.CalcMolFormula(_molecule(smiles)))


def descriptors(smiles: str) -> dict[str, float | int]:
    """Computed properties under PubChem's names, masses in g/mol, area in square ångström.

    PubChem's XLogP3-AA is a closed program: the octanol-water partition coefficient here is Wildman and Crippen's
    (J. Chem. Inf. Comput. Sci. 1999, 39, 868) and is named so. Acceptors are counted by rdkit's rule, which differs from
    PubChem's for some nitrogens; polar surface area counts N and O only. Raises BadInput where the SMILES is not a molecule.
    """
    molecule = _molecule(smiles)
    return {
        "Molecular Weight": round(float(rdMolDescriptors._CalcMolWt(molecule)), 2),
        "Crippen Log P": round(float(rdMolDescriptors.CalcCrippenDescriptors(molecule)[0]), 2) + 0.0,  # no "-0.0"
        "Hydrogen Bond Donor Count": int(rdMolDescriptors.CalcNumHBD(molecule)),
        "Hydrogen Bond Acceptor Count": int(rdMolDescriptors.CalcNumHBA(molecule)),
        "Rotatable Bond Count": int(rdMolDescriptors.CalcNumRotatableBonds(molecule)),
        "Topological Polar Surface Area": round(float(rdMolDescriptors.CalcTPSA(molecule)), 1),
        "Heavy Atom Count": int(molecule.GetNumHeavyAtoms()),
        "Formal Charge": int(Chem.GetFormalCharge(molecule)),
        "Exact Mass": round(float(rdMolDescriptors.CalcExactMolWt(molecule)), 4),
    }


def _molecule(smiles: str) -> Any:
    found = _parse(smiles)
    if isinstance(found, str):
        raise BadInput(f"{smiles[:80]!r} is not a molecule: {found}.")
    return found


@lru_cache(maxsize=64)
def _parse(smiles: str) -> Any:
    """The molecule, or a reason in words. Cached, since a record asks for several things of one molecule."""
    if not smiles.strip():
        return "empty"
    if len(smiles) > MAX_SMILES_CHARACTERS:
        return f"longer than {MAX_SMILES_CHARACTERS} characters"
    if not smiles.isascii() or any(character.isspace() or not character.isprintable() for character in smiles):
        return "holds a character that is no SMILES"
    with rdBase.BlockLogs():
        try:
            molecule: Any = Chem.MolFromSmiles(smiles, sanitize=False)
            if molecule is None:
                return "does not parse"
            if molecule.GetNumAtoms() == 0:
                return "no atoms"
            Chem.SanitizeMol(molecule)
            Chem.AssignStereochemistry(molecule, cleanIt=True)
        except Exception as error:  # rdkit raises many kinds, some of them plain Boost errors
            lines = str(error).strip().splitlines()
            return lines[0] if lines else type(error).__name__
    return molecule
