"""Properties of a molecule asked for: structure, question, value; for an assay with a known receptor the protein first."""

from __future__ import annotations

import random
from dataclasses import dataclass

from galactica import markup

TRAINING_SHARE = 0.8

_ISOMERIC = (
    "Here is a SMILES formula:\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "Here is an isomeric SMILES for a compound:\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "Question: {question}\n\n{smiles}\n\nAnswer: {answer}",
    "Here is the isomeric SMILES of a molecule:\n\n{smiles}\n\n{question}\n\nAnswer: {answer}",
    "Consider the following compound.\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
)
_FLAT = (
    "Here is a SMILES formula:\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "Here is the canonical SMILES of a compound:\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
)
_WITH_RECEPTOR = (
    "Here is a sequence for a protein:\n\n{protein}\n\nAnd here is an isomeric SMILES for a compound:\n\n{smiles}\n\n"
    "Question: {question}\n\nAnswer: {answer}",
    "Here is a protein sequence:\n\n{protein}\n\nHere is a SMILES formula:\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "{protein}\n\n{smiles}\n\nQuestion: {question}\n\nAnswer: {answer}",
    "Protein:\n\n{protein}\n\nCompound:\n\n{smiles}\n\n{question}\n\nAnswer: {answer}",
)
_AGAINST_RECEPTOR = (
    "Will the chemical compound be active against this protein?",
    "Is the compound active against the protein?",
    "Does the compound act on the protein above?",
)
_FLAT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Property:
    """A molecule (Kekulé SMILES), what is asked of it in several wordings, the answer as it is written. An assay's
    `receptor` is the sequence of its protein."""

    smiles: str
    questions: tuple[str, ...]
    answer: str
    receptor: str = ""

    @property
    def n_tokens(self) -> int:
        return 4 if self.receptor else 2

    def written(self, rng: random.Random) -> str:
        """A molecule without stereochemistry is wrapped as plain SMILES in a quarter of the documents, else as isomeric ones."""
        is_flat = not self.receptor and not is_isomeric(self.smiles) and rng.random() < _FLAT_SHARE
        forms = _WITH_RECEPTOR if self.receptor else _FLAT if is_flat else _ISOMERIC
        return rng.choice(forms).format(
            smiles=markup.wrap(self.smiles, markup.SMILES if is_flat else markup.I_SMILES),
            protein=markup.wrap(self.receptor, markup.AMINO),
            question=rng.choice((*self.questions, *_AGAINST_RECEPTOR) if self.receptor else self.questions),
            answer=self.answer,
        )


def is_isomeric(smiles: str) -> bool:
    """Whether a SMILES says more than its graph: stereochemistry, or an isotope."""
    return any(mark in smiles for mark in "@/\\") or any(f"[{digit}" in smiles for digit in "123456789")


def scaffold_training(scaffolds: list[str], share: float = TRAINING_SHARE) -> frozenset[int]:
    """The training molecules of DeepChem's scaffold split, which MoleculeNet's published scores stand on: sets of one scaffold,
    the largest first, of equal ones the later, as long as they fit (Wu et al. 2018, doi:10.1039/C7SC02664A)."""
    sets: dict[str, list[int]] = {}
    for index, scaffold in enumerate(scaffolds):
        sets.setdefault(scaffold, []).append(index)
    training: list[int] = []
    for members in sorted(sets.values(), key=lambda members: (len(members), members[0]), reverse=True):
        if len(training) + len(members) <= share * len(scaffolds):
            training += members
    return frozenset(training)


def number(value: str) -> str | None:
    """A measured value as one writes it: "-.72" -> "-0.72", "-0.9740000000000001" -> "-0.974"; None where it is no number."""
    try:
        found = float(value)
    except ValueError:
        return None
    if not abs(found) < 1e12:  # nan, infinity and slips
        return None
    written = f"{found:.6f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
