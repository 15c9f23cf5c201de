"""Minerals and the groups they belong to: a table of name, group and formula (pyrolite's `mins.csv`) -> one document a mineral.

The wording of each is drawn by its id, so that the group is asked for and stated in several ways.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator, Mapping

from galactica import markup
from galactica.corpus.papers import clean
from galactica.corpus.scripts import script
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop

_NAME = "minerals"
_COLUMNS = ("name", "group", "formula")
_ELEMENTS = {
    "Al": "aluminium", "B": "boron", "Be": "beryllium", "C": "carbon", "Ca": "calcium", "Ce": "cerium", "Cl": "chlorine",
    "Cr": "chromium", "Cu": "copper", "F": "fluorine", "Fe": "iron", "H": "hydrogen", "K": "potassium", "Li": "lithium",
    "Mg": "magnesium", "Mn": "manganese", "N": "nitrogen", "Na": "sodium", "Ni": "nickel", "O": "oxygen", "P": "phosphorus",
    "S": "sulfur", "Si": "silicon", "Ti": "titanium", "V": "vanadium", "Zn": "zinc", "Zr": "zirconium",
}  # fmt: skip
_GROUP = (
    "{Name} is a mineral of the {group} group.",
    "The mineral {name} belongs to the {group} group.",
    "{Name} is a member of the {group} group of minerals.",
    "Question: To which group of minerals does {name} belong?\n\nAnswer: {Group}",
    "Question: What is the mineral group of {name}?\n\nAnswer: {Group}",
)
_FORMULA = (
    "Its chemical formula is {formula}.",
    "The chemical formula of {name} is {formula}.",
    "{Name} has the composition {formula}.",
)
_CHARGED = re.compile(r"([A-Z][a-z]?)\{(\d[+-])\}")
_SYMBOL = re.compile(r"[A-Z][a-z]?")


def _claims(where: str, head: bytes) -> bool:
    line = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().lower()
    return tuple(line.split(",")[:3]) == _COLUMNS and "min" in where.lower()


def _read(file: RawFile) -> Iterator[Document | Drop]:
    rows = csv.DictReader(io.StringIO(file.data.decode("utf-8", "replace"), newline=""))
    try:
        for row in rows:
            found = _document(
                {(key or "").strip().lower(): value for key, value in row.items() if isinstance(value, str)}
            )
            yield Drop(f"{file.where}:{rows.line_num}", _NAME, found) if isinstance(found, str) else found
    except csv.Error:
        yield Drop(file.where, _NAME, "not a table")


def _document(row: Mapping[str, str]) -> Document | str:
    """The document of a row, or the reason why there is none."""
    name, group, stated = (" ".join(clean(row.get(column, "")).split()) for column in _COLUMNS)
    if not name or not group or not stated:
        return "no name, group or formula"
    if markup.control_tokens(name + group + stated):
        return "spells a control token"
    key = f"{_NAME}:{name.lower()}"
    rng = random.Random(key)
    formula = _CHARGED.sub(r"\1", stated)
    words = {"name": name, "Name": _capital(name), "group": group, "Group": _capital(group), "formula": formula}
    sentences = [rng.choice(_FORMULA).format_map(words), *_made_of(formula), *_ions(stated)]
    text = "\n\n".join((markup.heading(_capital(name)).strip(), rng.choice(_GROUP).format_map(words)))
    text += ("\n\n" if "\n" in text.partition("\n\n")[2] else " ") + " ".join(sentences)
    return Document(key, text, _NAME, SOURCE.licence, {"title": _capital(name), "subject": "mineralogy"})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _made_of(formula: str) -> list[str]:
    symbols = list(dict.fromkeys(_SYMBOL.findall(formula)))
    if not 1 < len(symbols) <= 12 or not set(symbols) <= set(_ELEMENTS):
        return []
    *first, last = (_ELEMENTS[symbol] for symbol in symbols)
    return [f"It is made of {', '.join(first)} and {last}."]


def _ions(stated: str) -> list[str]:
    ions = dict.fromkeys(f"{symbol}{script(charge, True)}" for symbol, charge in _CHARGED.findall(stated)[:8])
    return [f"It holds {' and '.join(ions)} ions."] if ions else []


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="CSV of minerals (name, group, formula)",
    origin="https://pypi.org/project/pyrolite",
    licence="MIT (pyrolite)",
    claims=_claims,
    read=_read,
)
