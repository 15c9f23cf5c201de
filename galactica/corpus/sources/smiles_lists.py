"""Compounds: lists of SMILES, one a line with what follows it (Daylight's form: SMILES, white space, a title), or CAS number and
SMILES -> one document a compound that has a name.

A compound without a name is none: the form of the specification names it ("The following are chemical properties for ..."), and all
else that such a line says rdkit would compute. Lists of registry numbers (NCI's first 5,000, RTECS) so give reasons alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from galactica.corpus import split
from galactica.corpus.source import Source
from galactica.corpus.sources import compound_text
from galactica.corpus.sources.compound_text import CAS, Compound
from galactica.errors import BadInput
from galactica.files import RawFile
from galactica.modalities import molecules, structures
from galactica.types import Document, Drop

_ENDINGS = (".smi", ".smiles", ".ism", ".can")
_N_LOOKED_AT = 5
_HEADER = re.compile(r"(?:canonical_|isomeric_)?smiles\b.*", re.IGNORECASE)
_NOT_SMILES = re.compile(r"[^A-Za-z0-9@+\-\[\]()=#$:/\\.%*~]")


def _claims(where: str, head: bytes) -> bool:
    """Whether the first lines are SMILES with a title, or CAS numbers with SMILES in a file whose name says nothing of it."""
    name = where.lower()
    if not name.endswith((*_ENDINGS, ".txt")):
        return False
    lines = [line for line in head.decode("utf-8", "replace").split("\n")[:-1] if line.strip()][:_N_LOOKED_AT]
    if lines and name.endswith(_ENDINGS) and _HEADER.fullmatch(lines[0].strip()):
        lines = lines[1:] or lines
    found = [_fields(line) for line in lines]
    is_list = bool(found) and all(fields is not None and molecules.problem(fields[0]) is None for fields in found)
    return is_list and (name.endswith(_ENDINGS) or all(CAS.match(line.split()[0]) for line in lines))


def _fields(line: str) -> tuple[str, str, str] | None:
    """SMILES, title and CAS number of a line; None where it holds no SMILES."""
    first, *rest = line.split(None, 1) or [""]
    title = " ".join(rest[0].split()) if rest else ""
    if CAS.match(first):
        smiles, _, title = title.partition(" ")
        return (smiles, title, first) if smiles and not _NOT_SMILES.search(smiles) else None
    return (first, title, title if CAS.match(title) else "") if first and not _NOT_SMILES.search(first) else None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(file.data.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip() and not (number == 1 and _HEADER.fullmatch(line.strip())):
            found = _document(line)
            yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(line: str) -> Document | str:
    """The document of a line, or the reason why there is none."""
    fields = _fields(line[: 2 * molecules.MAX_SMILES_CHARACTERS])
    if fields is None:
        return "no SMILES"
    smiles, title, cas = fields
    if not compound_text.is_name(title):
        return "no name"
    try:
        smiles = structures.from_smiles(smiles)
    except BadInput:
        return "invalid SMILES"
    key = f"cas-{cas}" if cas else f"smiles-{hashlib.sha256(smiles.encode()).hexdigest()[:16]}"
    return compound_text.document(Compound(key=key, smiles=smiles, name=title, record={"cas": cas}), SOURCE.licence)


SOURCE = Source(
    name=compound_text.NAME,
    group="knowledge bases",
    format="lists of SMILES",
    origin="any program of chemistry",
    licence="not stated",
    claims=_claims,
    read=_read,
    split=split.lines,
)
