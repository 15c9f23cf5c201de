"""Compounds as documents, whatever format they came in: the structure, its properties under PubChem's names, other names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from galactica import markup
from galactica.corpus.source import Published
from galactica.modalities import molecules
from galactica.types import Document

NAME = "compounds"
PUBLISHED = Published(1_700_000, 1_000_000_000)

MAX_SYNONYMS = 5
MAX_NAME_CHARACTERS = 400
"""A longer "name" is a peptide or a mixture spelt out: it would fill a context without teaching nomenclature."""

CAS = re.compile(r"\d{2,7}-\d\d-\d\Z")

_INDEX_MARK = re.compile(r" \(\d{1,2}ci\)\Z", re.IGNORECASE)  # "(9CI)": Chemical Abstracts' ninth collective index
_WORD = re.compile(r"[a-z]{4}", re.IGNORECASE)
_REGISTRY = re.compile(
    r"(?:c\.?i\.?|nsc|einecs|unii|chebi|chembl|hsdb|ccris|brn|mfcd|ec|un|fema|epa|caswell|dtxsid|schembl|zinc|akos|stk|agn-pc)"
    r"[ :#\-]*\d|[a-z]{1,7}[ :\-]?\d{4,}",
    re.IGNORECASE,
)
_FILE = re.compile(r"[\\/]|\.(?:mol|tpl|sdf|pdb|cml|xyz|log)\Z", re.IGNORECASE)
_PARTITION = ("XLogP3-AA Log P", "XLogP3 Log P", "Crippen Log P")
_ROWS = (
    "Molecular Weight", *_PARTITION, "Hydrogen Bond Donor Count", "Hydrogen Bond Acceptor Count", "Rotatable Bond Count",
    "Topological Polar Surface Area", "Heavy Atom Count", "Formal Charge", "Exact Mass", "Monoisotopic Mass", "Complexity",
    "Isotope Atom Count", "Defined Atom Stereocenter Count", "Undefined Atom Stereocenter Count",
    "Defined Bond Stereocenter Count", "Undefined Bond Stereocenter Count", "Covalently-Bonded Unit Count",
    "Compound Is Canonicalized",
)  # fmt: skip
"""The order of the table. What a record does not state is computed where rdkit can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """What a record says of a compound. `key` identifies it among all compounds; `stated` holds its own values of properties in
    `_ROWS`, `measured` those of experiments; `sections` are further (heading, text); `record` goes into the metadata."""

    key: str
    smiles: str
    name: str
    formula: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    measured: tuple[tuple[str, str], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()
    synonyms: Iterable[str] = ()
    record: Mapping[str, str] = field(default_factory=dict)


def document(compound: Compound, licence: str, source: str = NAME) -> Document | str:
    """The document of a compound, or the reason why there is none."""
    name = bare_name(compound.name)
    if not name:
        return "no name"
    if not compound.smiles:
        return "no SMILES"
    if len(name) > MAX_NAME_CHARACTERS:
        return f"name longer than {MAX_NAME_CHARACTERS} characters"
    if molecules.problem(compound.smiles) is not None:
        return "invalid SMILES"
    text = _text(compound, name)
    if markup.control_tokens(text.replace(markup.wrap(compound.smiles, markup.I_SMILES), "", 1)):
        return "spells a control token"
    metadata = {**compound.record, "name": name, "smiles": compound.smiles}
    return Document(f"{source}:{compound.key}", text, source, licence, metadata)


def bare_name(name: str) -> str:
    """The name on one line, without the mark of a collective index."""
    return _INDEX_MARK.sub("", " ".join(name.split()))


def is_name(text: str) -> bool:
    """Whether a field or a title line names a compound in words, rather than by a registry number or as a file."""
    return bool(_WORD.search(text)) and not _REGISTRY.match(text) and not _FILE.search(text)


def _text(compound: Compound, name: str) -> str:
    text = (
        markup.wrap(compound.smiles, markup.I_SMILES)
        + "\n\n"
        + markup.heading("Molecular Formula", 3)
        + f"{compound.formula or molecules.formula(compound.smiles)}\n\n"
        + markup.heading("Chemical and Physical Properties", 2)
        + f"The following are chemical properties for {name}.\n\n"
        + markup.heading("Computed Properties", 3)
        + table(_properties(compound))
    )
    if compound.measured:
        text += "\n\n" + markup.heading("Experimental Properties", 3) + table(compound.measured)
    for heading, section in compound.sections:
        text += "\n\n" + markup.heading(heading, 3) + section
    if others := synonyms(name, compound.synonyms):
        text += "\n\n" + markup.heading("Synonyms", 3) + ", ".join(others)
    return text


def table(rows: Iterable[tuple[str, object]]) -> str:
    """Properties and values in the form of the specification."""
    lines = [f"| {label} | {value}" for label, value in rows]
    return "\n".join(("| Property Name | Property Value", "| --- | ----------- |", *lines))


def _properties(compound: Compound) -> list[tuple[str, object]]:
    computed = molecules.descriptors(compound.smiles)
    found: dict[str, object] = {**computed, **compound.stated}
    found["Molecular Weight"] = _weight(compound.stated.get("Molecular Weight", ""), computed["Molecular Weight"])
    weaker = [label for label in _PARTITION if label in found][1:]
    return [(label, found[label]) for label in _ROWS if label in found and label not in weaker]


def _weight(stated: str, computed: float | int) -> str:
    """The record's own weight with two decimals, or the computed one where it states none."""
    try:
        return f"{float(stated):.2f}"
    except ValueError:
        return f"{computed:.2f}"


def synonyms(name: str, others: Iterable[str]) -> list[str]:
    """Up to `MAX_SYNONYMS` of the other names that are words: no registry numbers, supplier codes, inverted index names
    or names that lost a letter or a part."""
    kept: list[str] = []
    seen = {name.lower()}
    for other in others:
        other = bare_name(html.unescape(other)).rstrip(",;")
        if other.lower() in seen or not _is_word(other):
            continue
        seen.add(other.lower())
        kept.append(other)
        if len(kept) == MAX_SYNONYMS:
            break
    return kept


def _is_word(name: str) -> bool:
    if not 4 <= len(name) <= 80 or ", " in name or not is_name(name):
        return False
    if set("?<;") & set(name) or any(name.count(left) != name.count(right) for left, right in ("()", "[]", "{}")):
        return False
    return sum(character.isdigit() for character in name) <= 0.3 * len(name)
