"""Lipids: the structure database of LIPID MAPS (LMSD) as one structure-data file.

Source: https://www.lipidmaps.org/databases/lmsd/download.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import compound_text, pubchem, sdf
from galactica.corpus.sources.compound_text import Compound
from galactica.files import RawFile
from galactica.types import Document, Drop

_IDENTIFIER = re.compile(r"LM[A-Z]{2}[0-9A-Z]{4,12}\Z")
_TITLE = re.compile(rb"LM[A-Z]{2}[0-9A-Z]{4,12}\s*\n|[^>]{0,4000}> *<LM_ID>")
_CODE = re.compile(r"(?:(?<!\s)\s+)?\[[A-Z]{2}[0-9A-Z]{0,10}\]\Z")
_LEVELS = ("CATEGORY", "MAIN_CLASS", "SUB_CLASS", "CLASS_LEVEL4")


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(sdf.records(file.data.decode("utf-8", "replace")), start=1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: sdf.Record) -> Document | str:
    """The document of a record, or the reason why there is none."""
    fields = record.fields
    identifier = fields.get("LM_ID", "")
    if not _IDENTIFIER.match(identifier):
        return "no LIPID MAPS identifier"
    if markup.control_tokens("\n".join(fields.values())):
        return "spells a control token"
    common = pubchem.first(fields, ("NAME", "COMMON_NAME"))
    name = fields.get("SYSTEMATIC_NAME", "") or common
    smiles = fields.get("SMILES", "") or pubchem.structure(record.block)
    if smiles is None:
        return "structure that is no molecule"
    sections = [
        ("Lipid Classification", "; ".join(_CODE.sub("", fields[level]) for level in _LEVELS if fields.get(level)))
    ]
    if common != name:
        sections.append(("Common Name", common))
    sections.append(("Abbreviation", fields.get("ABBREVIATION", "")))
    compound = Compound(
        key=identifier,
        smiles=smiles,
        name=name,
        formula=fields.get("FORMULA", ""),
        sections=tuple((heading, text) for heading, text in sections if text),
        synonyms=fields.get("SYNONYMS", "").replace("\n", ";").split(";"),
        record={"lm_id": identifier, "cid": fields.get("PUBCHEM_CID", ""), "inchikey": fields.get("INCHI_KEY", "")},
    )
    return compound_text.document(compound, SOURCE.licence, SOURCE.name)


SOURCE = Source(
    name="lipidmaps",
    group="knowledge bases",
    format="structure-data file (SDF)",
    origin="https://www.lipidmaps.org/databases/lmsd/download",
    licence="CC BY 4.0 (LIPID MAPS)",
    published=Published(45_273, 30_000_000),
    claims=lambda where, head: _TITLE.match(head) is not None and sdf.is_sdf(head),
    read=_read,
    split=split.after(b"$$$$\n"),
)
