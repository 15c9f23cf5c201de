"""Molecules given as atoms and bonds -> SMILES in the Kekulé form: molfiles (V2000 and V3000), lists of atoms. All by rdkit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rdkit import Chem, rdBase
from rdkit.Geometry import Point3D

from galactica.errors import BadInput
from galactica.modalities import molecules

MAX_BLOCK_CHARACTERS = 200_000
MAX_ATOMS = 1000
"""More is a protein or an attack."""

_BOND_ORDERS = {"1": 1, "S": 1, "2": 2, "D": 2, "3": 3, "T": 3, "A": 12, "1.5": 12}
"""Orders as CML writes them -> rdkit's numbers of bond types (12: aromatic)."""


class Atom(NamedTuple):
    """An atom: symbol, charge, mass number (0: natural), hydrogens beside explicit ones (None: as valence asks), place."""

    element: str
    charge: int = 0
    isotope: int = 0
    hydrogens: int | None = None
    place: tuple[float, float, float] | None = None


class Bond(NamedTuple):
    """A bond between two atoms by their positions in the list; `order` is 1, 2, 3 or S, D, T, A."""

    first: int
    second: int
    order: str


def from_mol_block(block: str) -> str:
    """The Kekulé SMILES of a molfile, with its stereochemistry. Raises BadInput where it is not a molecule."""
    if len(block) > MAX_BLOCK_CHARACTERS:
        raise BadInput(f"a molfile of {len(block)} characters; allowed: {MAX_BLOCK_CHARACTERS}.")
    with rdBase.BlockLogs():
        try:
            molecule = Chem.MolFromMolBlock(block)
            return _smiles(molecule)
        except Exception as error:  # rdkit raises many kinds, some of them plain Boost errors
            raise BadInput(f"a molfile that cannot be read: {type(error).__name__}.") from None


def from_atoms(atoms: Sequence[Atom], bonds: Sequence[Bond]) -> str:
    """The Kekulé SMILES of a molecule; places in space, where all atoms have one, give the stereochemistry.
    Raises BadInput where it is not a molecule."""
    if not 0 < len(atoms) <= MAX_ATOMS:
        raise BadInput(f"{len(atoms)} atoms; allowed: 1 to {MAX_ATOMS}.")
    with rdBase.BlockLogs():
        try:
            molecule = _built(atoms, bonds)
            Chem.SanitizeMol(molecule)
            if all(atom.place for atom in atoms):
                _place(molecule, atoms)
                Chem.AssignStereochemistryFrom3D(molecule)
            return _smiles(Chem.RemoveHs(molecule))
        except Exception as error:  # as above; also symbols, positions and orders that are none
            raise BadInput(f"not a molecule: {type(error).__name__}.") from None


def from_smiles(smiles: str) -> str:
    """The Kekulé SMILES with its hydrogens left to valence ("[H]O[H]" -> "O"). Raises BadInput where it is not a molecule."""
    reason = molecules.problem(smiles)
    if reason is not None:
        raise BadInput(f"{smiles[:80]!r} is not a molecule: {reason}.")
    with rdBase.BlockLogs():
        try:
            return _smiles(Chem.MolFromSmiles(smiles))
        except Exception as error:
            raise BadInput(f"{smiles[:80]!r} is not a molecule: {type(error).__name__}.") from None


def _built(atoms: Sequence[Atom], bonds: Sequence[Bond]) -> Any:
    molecule = Chem.RWMol()
    for atom in atoms:
        made = Chem.Atom(atom.element)
        made.SetFormalCharge(atom.charge)
        made.SetIsotope(atom.isotope)
        if atom.hydrogens is not None:
            made.SetNumExplicitHs(atom.hydrogens)
        molecule.AddAtom(made)
    for bond in bonds:
        molecule.AddBond(bond.first, bond.second, Chem.BondType.values[_BOND_ORDERS[bond.order]])
    return molecule.GetMol()


def _place(molecule: Any, atoms: Sequence[Atom]) -> None:
    conformer = Chem.Conformer(len(atoms))
    conformer.Set3D(True)
    for index, atom in enumerate(atoms):
        conformer.SetAtomPosition(index, Point3D(*(atom.place or (0.0, 0.0, 0.0))))
    molecule.AddConformer(conformer)


def _smiles(molecule: Any) -> str:
    """Raises BadInput for no molecule at all and for one with an atom left open (an R group)."""
    if molecule is None or molecule.GetNumAtoms() == 0 or molecule.GetNumAtoms() > MAX_ATOMS:
        raise BadInput("not a molecule.")
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    smiles = str(Chem.MolToSmiles(molecule, kekuleSmiles=True))
    if "*" in smiles:
        raise BadInput("a molecule with an atom left open.")
    return smiles
