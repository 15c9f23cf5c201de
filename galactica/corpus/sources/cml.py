"""Compounds: molecules in the Chemical Markup Language that have a name (Blue Obelisk's chemical-structures, Avogadro, exports)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from galactica import markup
from galactica.corpus.source import Source
from galactica.corpus.sources import compound_text
from galactica.corpus.sources.compound_text import Compound
from galactica.errors import BadInput
from galactica.files import RawFile
from galactica.modalities import molecules, structures
from galactica.modalities.structures import Atom, Bond
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_ROOT = re.compile(rb"<(?:\w{1,20}:)?(?:molecule|cml)\b[^>]{0,2000}xml-cml\.org/")
_MEASURED = {"cml:mp": "Melting Point", "cml:bp": "Boiling Point"}
_UNITS = {"units:celsius": "°C", "units:kelvin": "K", "units:k": "K", "units:c": "°C"}
_NUMBER = re.compile(r"-?\d{1,6}(?:\.\d{1,6})?\Z")
_CONCISE = re.compile(r"([A-Z][a-z]?) +(\d{1,4})(?: |\Z)")


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        root = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError):
        yield Drop(file.where, SOURCE.name, "not well-formed")
        return
    found = [one for one in root.iter("{*}molecule") if one.find("{*}atomArray") is not None]
    for number, molecule in enumerate(found, start=1):
        document = _document(molecule)
        yield Drop(f"{file.where}:{number}", SOURCE.name, document) if isinstance(document, str) else document
    if not found:
        yield Drop(file.where, SOURCE.name, "no molecule with atoms")


def _document(molecule: etree._Element) -> Document | str:
    """The document of a molecule, or the reason why there is none."""
    names = [name for element in molecule.iterfind("{*}name") if (name := " ".join((element.text or "").split()))]
    if not names:
        return "no name"
    if markup.control_tokens("\n".join(names)):
        return "spells a control token"
    try:
        smiles = _smiles(molecule)
    except BadInput:
        return "structure that is no molecule"
    if not _agrees(molecule, smiles):
        return "structure that disagrees with the formula"
    compound = Compound(
        key=f"cml-{smiles}",
        smiles=smiles,
        name=names[0],
        measured=tuple(_measured(molecule)),
        synonyms=names[1:],
    )
    return compound_text.document(compound, SOURCE.licence)


def _smiles(molecule: etree._Element) -> str:
    atoms: list[Atom] = []
    places: dict[str, int] = {}
    for element in molecule.iterfind("{*}atomArray/{*}atom"):
        if len(atoms) > structures.MAX_ATOMS:
            break
        places[element.get("id", "")] = len(atoms)
        atoms.append(_atom(element))
    bonds: list[Bond] = []
    for element in molecule.iterfind("{*}bondArray/{*}bond"):
        ends = element.get("atomRefs2", "").split()
        if len(ends) != 2 or not all(end in places for end in ends):
            raise BadInput("a bond without its two atoms.")
        bonds.append(Bond(places[ends[0]], places[ends[1]], element.get("order", "1")))
    return structures.from_atoms(atoms, bonds)


def _atom(element: etree._Element) -> Atom:
    def whole(name: str) -> int | None:
        value = element.get(name, "").strip()
        return int(value) if re.fullmatch(r"[-+]?\d{1,3}", value) else None

    place = [element.get(axis, "").strip() for axis in ("x3", "y3", "z3")]
    return Atom(
        element.get("elementType", ""),
        whole("formalCharge") or 0,
        whole("isotopeNumber") or whole("isotope") or 0,
        whole("hydrogenCount"),
        (float(place[0]), float(place[1]), float(place[2])) if all(map(_NUMBER.match, place)) else None,
    )


def _agrees(molecule: etree._Element, smiles: str) -> bool:
    """Whether the structure has the atoms of the formula that stands beside it, where one does."""
    formula = molecule.find("{*}formula")
    concise = formula.get("concise", "") if formula is not None else ""
    stated = {element: int(count) for element, count in _CONCISE.findall(concise.strip()[:500])}
    found = {
        element: int(count or 1) for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", molecules.formula(smiles))
    }
    return not stated or stated == found


def _measured(molecule: etree._Element) -> Iterator[tuple[str, str]]:
    for scalar in molecule.iterfind("{*}propertyList/{*}property/{*}scalar"):
        label, unit = _MEASURED.get(scalar.get("dictRef", "")), _UNITS.get(scalar.get("units", "").lower())
        value = (scalar.text or "").strip()
        if label and unit and _NUMBER.match(value):
            yield label, f"{value} {unit}"


SOURCE = Source(
    name=compound_text.NAME,
    group="knowledge bases",
    format="Chemical Markup Language (CML)",
    origin="https://github.com/BlueObelisk, Debian chemical-structures-data",
    licence="as the collection of the file states",
    published=compound_text.PUBLISHED,
    claims=lambda where, head: _ROOT.search(head) is not None,
    read=_read,
)
