"""Compounds: tab-separated tables drawn from PubChem, one line each: CID, CAS number, formula, molecular weight, Kekulé SMILES,
InChI without its prefix, InChIKey, IUPAC name, common name, then any number of synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from galactica import markup
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.modalities import molecules
from galactica.types import Document, Drop

MAX_SYNONYMS = 5
MAX_NAME_CHARACTERS = 400
"""A longer "name" is a peptide or a mixture spelt out: it would fill a context without teaching nomenclature."""

_CAS = re.compile(r"\d{2,7}-\d\d-\d\Z")
_INDEX_MARK = re.compile(r" \(\d{1,2}ci\)\Z", re.IGNORECASE)  # "(9CI)": Chemical Abstracts' ninth collective index
_WORD = re.compile(r"[a-z]{4}", re.IGNORECASE)
_REGISTRY = re.compile(
    r"(?:c\.?i\.?|nsc|einecs|unii|chebi|chembl|hsdb|ccris|brn|mfcd|ec|un|fema|epa|caswell|dtxsid|schembl|zinc|akos|stk|agn-pc)"
    r"[ :#\-]*\d|[a-z]{1,7}[ :\-]?\d{4,}",
    re.IGNORECASE,
)


def _claims(where: str, head: bytes) -> bool:
    if not where.lower().endswith(".tsv"):
        return False
    columns = head.split(b"\n", 1)[0].decode("utf-8", "replace").split("\t")
    return len(columns) >= 8 and columns[0].lstrip("-").isdigit() and _CAS.match(columns[1]) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(file.data.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip():
            found = _document([field.strip() for field in line.rstrip("\r").split("\t")])
            yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(row: list[str]) -> Document | str:
    """The document of a line, or the reason why there is none."""
    if len(row) < 8:
        return "fewer than eight columns"
    cid, cas, formula, weight, smiles, _, inchikey, iupac = row[:8]
    name = _INDEX_MARK.sub("", iupac) or (row[8] if len(row) > 8 else "")
    if not smiles:
        return "no SMILES"
    if not name:
        return "no name"
    if len(name) > MAX_NAME_CHARACTERS:
        return f"name longer than {MAX_NAME_CHARACTERS} characters"
    reason = molecules.problem(smiles)
    if reason is not None:
        return f"invalid SMILES: {reason}"
    if markup.control_tokens("\t".join(row)):
        return "spells a control token"
    text = _text(smiles, formula or molecules.formula(smiles), weight, name, synonyms(name, row[8:]))
    key = f"cid-{cid}" if cid.isdigit() and cid != "0" else f"cas-{cas}" if cas else inchikey or smiles
    metadata = {"cid": cid, "cas": cas, "inchikey": inchikey, "name": name, "smiles": smiles}
    return Document(f"compounds:{key}", text, SOURCE.name, SOURCE.licence, metadata)


def _text(smiles: str, formula: str, weight: str, name: str, others: list[str]) -> str:
    properties = molecules.descriptors(smiles)
    rows = [f"| {label} | {value}" for label, value in properties.items() if label != "Molecular Weight"]
    text = (
        markup.wrap(smiles, markup.I_SMILES)
        + "\n\n"
        + markup.heading("Molecular Formula", 3)
        + f"{formula}\n\n"
        + markup.heading("Chemical and Physical Properties", 2)
        + f"The following are chemical properties for {name}.\n\n"
        + markup.heading("Computed Properties", 3)
        + "| Property Name | Property Value\n| --- | ----------- |\n"
        + f"| Molecular Weight | {_weight(weight, properties['Molecular Weight'])}\n"
        + "\n".join(rows)
    )
    if others:
        text += "\n\n" + markup.heading("Synonyms", 3) + ", ".join(others)
    return text


def _weight(stated: str, computed: float | int) -> str:
    """The record's own weight with two decimals, or the computed one where it states none."""
    try:
        return f"{float(stated):.2f}"
    except ValueError:
        return f"{computed:.2f}"


def synonyms(name: str, others: list[str]) -> list[str]:
    """Up to `MAX_SYNONYMS` of the other names that are words: no registry numbers, supplier codes or inverted index names."""
    kept: list[str] = []
    seen = {name.lower()}
    for other in others:
        other = _INDEX_MARK.sub("", other)
        if other.lower() in seen or not _is_word(other):
            continue
        seen.add(other.lower())
        kept.append(other)
        if len(kept) == MAX_SYNONYMS:
            break
    return kept


def _is_word(name: str) -> bool:
    if not 4 <= len(name) <= 80 or ", " in name or _REGISTRY.match(name) or not _WORD.search(name):
        return False
    return sum(character.isdigit() for character in name) <= 0.3 * len(name)


SOURCE = Source(
    name="compounds",
    group="knowledge bases",
    format="tab-separated compound table",
    origin="https://pubchem.ncbi.nlm.nih.gov",
    licence="public domain (PubChem)",
    claims=_claims,
    read=_read,
)
