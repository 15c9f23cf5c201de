"""Compounds: PubChem's structure-data files, and those of others that give names.

Source: the `PUBCHEM_` tags of ftp.ncbi.nlm.nih.gov/pubchem/Compound/CURRENT-Full/SDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Source
from galactica.corpus.sources import compound_text, sdf
from galactica.corpus.sources.compound_text import Compound
from galactica.errors import BadInput
from galactica.files import RawFile
from galactica.modalities import structures
from galactica.types import Document, Drop

LICENCE = "public domain (PubChem)"
_OTHER_LICENCE = "as the collection of the file states"

PROPERTIES = {
    "PUBCHEM_MOLECULAR_WEIGHT": "Molecular Weight",
    "PUBCHEM_XLOGP3_AA": "XLogP3-AA Log P",
    "PUBCHEM_XLOGP3": "XLogP3 Log P",
    "PUBCHEM_CACTVS_HBOND_DONOR": "Hydrogen Bond Donor Count",
    "PUBCHEM_CACTVS_HBOND_ACCEPTOR": "Hydrogen Bond Acceptor Count",
    "PUBCHEM_CACTVS_ROTATABLE_BOND": "Rotatable Bond Count",
    "PUBCHEM_CACTVS_TPSA": "Topological Polar Surface Area",
    "PUBCHEM_HEAVY_ATOM_COUNT": "Heavy Atom Count",
    "PUBCHEM_TOTAL_CHARGE": "Formal Charge",
    "PUBCHEM_EXACT_MASS": "Exact Mass",
    "PUBCHEM_MONOISOTOPIC_WEIGHT": "Monoisotopic Mass",
    "PUBCHEM_CACTVS_COMPLEXITY": "Complexity",
    "PUBCHEM_ISOTOPIC_ATOM_COUNT": "Isotope Atom Count",
    "PUBCHEM_ATOM_DEF_STEREO_COUNT": "Defined Atom Stereocenter Count",
    "PUBCHEM_ATOM_UDEF_STEREO_COUNT": "Undefined Atom Stereocenter Count",
    "PUBCHEM_BOND_DEF_STEREO_COUNT": "Defined Bond Stereocenter Count",
    "PUBCHEM_BOND_UDEF_STEREO_COUNT": "Undefined Bond Stereocenter Count",
    "PUBCHEM_COMPONENT_COUNT": "Covalently-Bonded Unit Count",
    "PUBCHEM_COMPOUND_CANONICALIZED": "Compound Is Canonicalized",
}
"""Tag -> row of the document."""

_SMILES = ("PUBCHEM_SMILES", "PUBCHEM_OPENEYE_ISO_SMILES", "PUBCHEM_CONNECTIVITY_SMILES", "PUBCHEM_OPENEYE_CAN_SMILES")
_NAMES = (
    "PUBCHEM_IUPAC_NAME",
    "PUBCHEM_IUPAC_SYSTEMATIC_NAME",
    "PUBCHEM_IUPAC_TRADITIONAL_NAME",
    "PUBCHEM_IUPAC_CAS_NAME",
    "PUBCHEM_IUPAC_OPENEYE_NAME",
)
_OTHER_NAMES = ("iupac_name", "iupac name", "iupac", "name", "generic_name", "common_name", "compound_name", "compound")
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?\Z")


def stated(fields: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, str]:
    """Row -> value of the fields that `labels` names and that hold a number."""
    found = {label: fields[tag] for tag, label in labels.items() if _NUMBER.match(fields.get(tag, ""))}
    if "Compound Is Canonicalized" in found:
        found["Compound Is Canonicalized"] = "Yes" if found["Compound Is Canonicalized"] == "1" else "No"
    return found


def first(fields: Mapping[str, str], tags: Iterable[str]) -> str:
    """The first of the fields that is there, or ""."""
    return next((fields[tag] for tag in tags if fields.get(tag)), "")


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(sdf.records(file.data.decode("utf-8", "replace")), start=1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: sdf.Record) -> Document | str:
    """The document of a record, or the reason why there is none."""
    if markup.control_tokens("\n".join((record.title, *record.fields.values()))):
        return "spells a control token"
    if "PUBCHEM_COMPOUND_CID" in record.fields:
        found = _pubchem(record.fields)
        licence = LICENCE
    else:
        name = _own_name(record)
        if not name:
            return "no name"
        found = Compound(key=f"sdf-{name.lower()}", smiles="", name=name)
        licence = _OTHER_LICENCE
    if found.name and not found.smiles:
        smiles = structure(record.block)
        if smiles is None:
            return "structure that is no molecule"
        return compound_text.document(replace(found, smiles=smiles), licence)
    return compound_text.document(found, licence)


def structure(block: str) -> str | None:
    """The SMILES of a molfile, None where it is no molecule."""
    try:
        return structures.from_mol_block(block)
    except BadInput:
        return None


def _pubchem(fields: Mapping[str, str]) -> Compound:
    names = [fields[tag] for tag in _NAMES if fields.get(tag)]
    cid = fields["PUBCHEM_COMPOUND_CID"]
    return Compound(
        key=f"cid-{cid}",
        smiles=first(fields, _SMILES),
        name=names[0] if names else "",
        formula=fields.get("PUBCHEM_MOLECULAR_FORMULA", ""),
        stated=stated(fields, PROPERTIES),
        synonyms=names[1:],
        record={"cid": cid, "inchikey": fields.get("PUBCHEM_IUPAC_INCHIKEY", "")},
    )


def _own_name(record: sdf.Record) -> str:
    """The name that a record of another collection gives in a field or in its title line, or ""."""
    fields = {tag.lower(): value for tag, value in record.fields.items()}
    named = (*(fields.get(tag, "") for tag in _OTHER_NAMES), record.title)
    name = next((" ".join(name.split()) for name in named if compound_text.is_name(name)), "")
    return name if " " in name else name.replace("_", " ")  # collections that allow no spaces write "ethyl_formate"


SOURCE = Source(
    name=compound_text.NAME,
    group="knowledge bases",
    format="structure-data file (SDF)",
    origin="https://ftp.ncbi.nlm.nih.gov/pubchem/Compound/CURRENT-Full/SDF",
    licence="public domain (PubChem); others as their collection states",
    published=compound_text.PUBLISHED,
    claims=lambda where, head: sdf.is_sdf(head),
    read=_read,
    split=split.after(b"$$$$\n"),
)
