"""Compounds: tab-separated tables drawn from PubChem, one line each: CID, CAS number, formula, molecular weight, Kekulé SMILES,
InChI without its prefix, InChIKey, IUPAC name, common name, then any number of synonyms."""

from __future__ import annotations

from collections.abc import Iterator

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Source
from galactica.corpus.sources import compound_text
from galactica.corpus.sources.compound_text import Compound
from galactica.files import RawFile
from galactica.types import Document, Drop


def _claims(where: str, head: bytes) -> bool:
    if not where.lower().endswith(".tsv"):
        return False
    columns = head.split(b"\n", 1)[0].decode("utf-8", "replace").split("\t")
    return len(columns) >= 8 and columns[0].lstrip("-").isdigit() and compound_text.CAS.match(columns[1]) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(file.data.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip():
            found = _document([field.strip() for field in line.rstrip("\r").split("\t")])
            yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(row: list[str]) -> Document | str:
    """The document of a line, or the reason why there is none."""
    if len(row) < 8:
        return "fewer than eight columns"
    if markup.control_tokens("\t".join(row)):
        return "spells a control token"
    cid, cas, formula, weight, smiles, _, inchikey, iupac = row[:8]
    key = f"cid-{cid}" if cid.isdigit() and cid != "0" else f"cas-{cas}" if cas else inchikey or smiles
    return compound_text.document(
        Compound(
            key=key,
            smiles=smiles,
            name=iupac or (row[8] if len(row) > 8 else ""),
            formula=formula,
            stated={"Molecular Weight": weight},
            synonyms=row[8:],
            record={"cid": cid, "cas": cas, "inchikey": inchikey},
        ),
        SOURCE.licence,
    )


SOURCE = Source(
    name=compound_text.NAME,
    group="knowledge bases",
    format="tab-separated compound table",
    origin="https://pubchem.ncbi.nlm.nih.gov",
    licence="public domain (PubChem)",
    published=compound_text.PUBLISHED,
    claims=_claims,
    read=_read,
    split=split.lines,
)
