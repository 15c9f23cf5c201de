"""Compounds: what PubChem's web services answer. A record of PUG-REST (`PC_Compounds`), a table of properties (`PropertyTable`), or
a page of PUG-View (`Record`), which adds descriptions and measured properties to the computed ones.

Source: https://pubchem.ncbi.nlm.nih.gov/docs/pug-rest and /docs/pug-view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from galactica import markup
from galactica.corpus.json_records import dict_field, json_records, list_field, text_field
from galactica.corpus.source import Source
from galactica.corpus.sources import compound_text, pubchem
from galactica.corpus.sources.compound_text import Compound
from galactica.files import RawFile
from galactica.types import Document, Drop

MAX_VALUES = 2
"""Of one measured property: sources repeat each other."""
MAX_VALUE_CHARACTERS = 200
MAX_PARAGRAPHS = 3
MAX_PARAGRAPH_CHARACTERS = 2000

_PROPS = {
    "Molecular Weight": "Molecular Weight",
    "Log P, XLogP3-AA": "XLogP3-AA Log P",
    "Log P, XLogP3": "XLogP3 Log P",
    "Count, Hydrogen Bond Donor": "Hydrogen Bond Donor Count",
    "Count, Hydrogen Bond Acceptor": "Hydrogen Bond Acceptor Count",
    "Count, Rotatable Bond": "Rotatable Bond Count",
    "Topological, Polar Surface Area": "Topological Polar Surface Area",
    "Mass, Exact": "Exact Mass",
    "Weight, MonoIsotopic": "Monoisotopic Mass",
    "Compound Complexity": "Complexity",
    "Compound, Canonicalized": "Compound Is Canonicalized",
    "count heavy_atom": "Heavy Atom Count",
    "count isotope_atom": "Isotope Atom Count",
    "count atom_chiral_def": "Defined Atom Stereocenter Count",
    "count atom_chiral_undef": "Undefined Atom Stereocenter Count",
    "count bond_chiral_def": "Defined Bond Stereocenter Count",
    "count bond_chiral_undef": "Undefined Bond Stereocenter Count",
    "count covalent_unit": "Covalently-Bonded Unit Count",
    "charge": "Formal Charge",
}
"""Label and name of a `urn`, or place in the record -> row of the document."""

_COLUMNS = {
    "MolecularWeight": "Molecular Weight",
    "XLogP": "XLogP3 Log P",
    "HBondDonorCount": "Hydrogen Bond Donor Count",
    "HBondAcceptorCount": "Hydrogen Bond Acceptor Count",
    "RotatableBondCount": "Rotatable Bond Count",
    "TPSA": "Topological Polar Surface Area",
    "HeavyAtomCount": "Heavy Atom Count",
    "Charge": "Formal Charge",
    "ExactMass": "Exact Mass",
    "MonoisotopicMass": "Monoisotopic Mass",
    "Complexity": "Complexity",
    "IsotopeAtomCount": "Isotope Atom Count",
    "DefinedAtomStereoCount": "Defined Atom Stereocenter Count",
    "UndefinedAtomStereoCount": "Undefined Atom Stereocenter Count",
    "DefinedBondStereoCount": "Defined Bond Stereocenter Count",
    "UndefinedBondStereoCount": "Undefined Bond Stereocenter Count",
    "CovalentUnitCount": "Covalently-Bonded Unit Count",
}

_HEADINGS = {label: label for label in pubchem.PROPERTIES.values()} | {
    "XLogP3": "XLogP3 Log P",
    "XLogP3-AA": "XLogP3-AA Log P",
}
"""Of the computed properties of a page."""

_SECTIONS = {
    "Record Description": "Description",
    "Uses": "Uses",
    "Drug Indication": "Drug Indication",
    "Mechanism of Action": "Mechanism of Action",
    "Pharmacodynamics": "Pharmacodynamics",
    "Absorption, Distribution and Excretion": "Absorption, Distribution and Excretion",
    "Metabolism/Metabolites": "Metabolism",
    "Methods of Manufacturing": "Methods of Manufacturing",
    "Toxicity Summary": "Toxicity",
}
"""Headings of a page whose text the document keeps, and what they are called there."""

_CLOSED = re.compile(r"\bnc\b|non-?commercial|all rights reserved|no license", re.IGNORECASE)
_KNOWN = re.compile(rb'"(?:PC_Compounds|PropertyTable)"|"RecordType"\s*:\s*"CID"')


def _claims(where: str, head: bytes) -> bool:
    return head.lstrip()[:1] in (b"{", b"[") and _KNOWN.search(head) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(json_records(file.data, "PC_Compounds"), start=1):
        rows = list_field(dict_field(record, "PropertyTable"), "Properties")
        for place, row in enumerate(rows or [record], start=1):
            found = _document(row)
            where = f"{file.where}:{number}" + (f".{place}" if rows else "")
            yield Drop(where, SOURCE.name, found) if isinstance(found, str) else found


def _document(record: Any) -> Document | str:
    """The document of a record of any of the three kinds, or the reason why there is none."""
    if not isinstance(record, dict):
        return "not JSON"
    if "Record" in record:
        compound = _page(dict_field(record, "Record"))
    elif "props" in record:
        compound = _rest(record)
    elif "CID" in record:
        compound = _row(record)
    else:
        return "a record of an unknown form"
    if not compound.key.removeprefix("cid-").isdigit():
        return "no compound identifier"
    if markup.control_tokens("\n".join((compound.name, compound.smiles, compound.formula, *compound.synonyms))):
        return "spells a control token"
    return compound_text.document(compound, pubchem.LICENCE)


def _compound(
    cid: str, names: list[str], smiles: str, formula: str, stated: Mapping[str, str], inchikey: str
) -> Compound:
    names = [name for name in names if name]
    return Compound(
        key=f"cid-{cid}",
        smiles=smiles,
        name=names[0] if names else "",
        formula=formula,
        stated=stated,
        synonyms=names[1:],
        record={"cid": cid, "inchikey": inchikey},
    )


def _rest(record: Mapping[str, Any]) -> Compound:
    fields: dict[str, str] = {"charge": text_field(record, "charge")}
    for prop in list_field(record, "props"):
        urn, value = dict_field(prop, "urn"), dict_field(prop, "value")
        label = ", ".join(part for part in (text_field(urn, "label"), text_field(urn, "name")) if part)
        number = next((value[kind] for kind in ("fval", "ival") if kind in value), "")
        fields.setdefault(label, text_field(value, "sval") or str(number))
    for name, number in dict_field(record, "count").items():
        fields[f"count {name}"] = str(number)
    kinds = ("Preferred", "Systematic", "Traditional", "CAS-like Style", "Allowed")
    return _compound(
        text_field(dict_field(record, "id", "id"), "cid"),
        [fields.get(f"IUPAC Name, {kind}", "") for kind in kinds],
        pubchem.first(fields, (f"SMILES, {kind}" for kind in ("Absolute", "Isomeric", "Connectivity", "Canonical"))),
        fields.get("Molecular Formula", ""),
        pubchem.stated(fields, _PROPS),
        fields.get("InChIKey, Standard", ""),
    )


def _row(record: Mapping[str, Any]) -> Compound:
    fields = {name: str(value) for name, value in record.items() if isinstance(value, str | int | float)}
    return _compound(
        fields.get("CID", ""),
        [fields.get("IUPACName", ""), fields.get("Title", "")],
        pubchem.first(fields, ("SMILES", "IsomericSMILES", "ConnectivitySMILES", "CanonicalSMILES")),
        fields.get("MolecularFormula", ""),
        pubchem.stated(fields, _COLUMNS),
        fields.get("InChIKey", ""),
    )


# --- pages of PUG-View ------------------------------------------------------------------------------------------------


def _page(record: Mapping[str, Any]) -> Compound:
    closed = {
        text_field(reference, "ReferenceNumber")
        for reference in list_field(record, "Reference")
        if _CLOSED.search(text_field(reference, "LicenseNote") + " " + text_field(reference, "LicenseURL"))
    }
    by_heading: dict[str, list[str]] = {}
    measured: list[tuple[str, str]] = []
    for path, information in _leaves(record):
        values = [value for item in information for value in _values(item, closed)]
        by_heading.setdefault(path[-1], []).extend(values)
        if "Experimental Properties" in path:
            kept = [value for value in dict.fromkeys(values) if len(value) <= MAX_VALUE_CHARACTERS][:MAX_VALUES]
            measured.extend((path[-1], value) for value in kept)
    one = {heading: values[0] for heading, values in by_heading.items() if values}
    compound = _compound(
        text_field(record, "RecordNumber"),
        [
            one.get("IUPAC Name", ""),
            text_field(record, "RecordTitle"),
            *by_heading.get("Depositor-Supplied Synonyms", []),
        ],
        pubchem.first(one, ("SMILES", "Isomeric SMILES", "Canonical SMILES")),
        one.get("Molecular Formula", ""),
        pubchem.stated(one, _HEADINGS),
        one.get("InChIKey", ""),
    )
    sections = [
        (shown, "\n\n".join(list(dict.fromkeys(paragraphs))[:MAX_PARAGRAPHS]))
        for heading, shown in _SECTIONS.items()
        if (paragraphs := [text for text in by_heading.get(heading, []) if len(text) <= MAX_PARAGRAPH_CHARACTERS])
    ]
    return replace(compound, measured=tuple(measured), sections=tuple(sections))


def _leaves(record: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """The headings that lead to each list of facts, and the list. The service nests three deep."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), record)]
    while waiting:
        path, section = waiting.pop()
        if path and (information := list_field(section, "Information")):
            yield path, information
        if len(path) < 6:
            children = [(((*path, text_field(one, "TOCHeading"))), one) for one in list_field(section, "Section")]
            waiting.extend(reversed(children))


def _values(item: Any, closed: set[str]) -> list[str]:
    """The texts or numbers of a fact, with their unit; none where its source does not let it be used."""
    if text_field(item, "ReferenceNumber") in closed:
        return []
    value = dict_field(item, "Value")
    unit = text_field(value, "Unit")
    found = [text_field(one, "String") for one in list_field(value, "StringWithMarkup")]
    found += [str(one) for one in list_field(value, "Number") if isinstance(one, int | float)]
    shown = [" ".join(one.split()).replace("|", "/") for one in found if one]
    return [f"{one} {unit}" if unit and one.replace(".", "").isdigit() else one for one in shown]


SOURCE = Source(
    name=compound_text.NAME,
    group="knowledge bases",
    format="PubChem PUG-REST and PUG-View JSON",
    origin="https://pubchem.ncbi.nlm.nih.gov/rest/pug",
    licence=pubchem.LICENCE + "; depositors' text where its licence allows any use",
    published=compound_text.PUBLISHED,
    claims=_claims,
    read=_read,
)
