"""Chemical elements: mendeleev's table (CSV), the Blue Obelisk's elements and isotopes (CML), Kalzium's glossary -> one document
an element, one for its isotopes, one a term.

Sources: https://mendeleev.readthedocs.io (units of the columns), https://github.com/BlueObelisk/bodr (dictRef names).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from galactica import markup
from galactica.corpus.papers import clean
from galactica.corpus.scripts import script
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_NAME = "elements"
_BODR_LICENCE = "MIT (Blue Obelisk Data Repository)"
_MENDELEEV_LICENCE = "MIT (mendeleev)"
_KALZIUM_LICENCE = "GPL-2+ (Kalzium)"
_MIN_PROPERTIES = 3

Lines = list[tuple[str, str]]
"""Properties: a label and a value with its unit."""

_SERIES = (
    "nonmetals", "noble gases", "alkali metals", "alkaline earth metals", "metalloids", "halogens", "poor metals",
    "transition metals", "lanthanides", "actinides",
)  # fmt: skip
_LATTICES = {
    "BCC": "body-centred cubic", "FCC": "face-centred cubic", "HEX": "hexagonal", "TET": "tetragonal", "RHL": "rhombohedral",
    "ORC": "orthorhombic", "MCL": "monoclinic", "DIA": "diamond", "SC": "simple cubic", "CUB": "cubic",
}  # fmt: skip
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "group_id": ("Group", ""), "period": ("Period", ""), "block": ("Block", ""), "series_id": ("Series", ""),
    "electronic_configuration": ("Electron configuration", ""), "atomic_weight": ("Atomic weight", ""),
    "cas": ("CAS registry number", ""), "density": ("Density", "grams per cubic centimetre"),
    "evaporation_heat": ("Heat of evaporation", "kilojoules per mole"), "fusion_heat": ("Heat of fusion", "kilojoules per mole"),
    "heat_of_formation": ("Heat of formation of the gaseous atom", "kilojoules per mole"),
    "specific_heat_capacity": ("Specific heat capacity", "joules per gram and kelvin"),
    "molar_heat_capacity": ("Molar heat capacity", "joules per mole and kelvin"),
    "thermal_conductivity": ("Thermal conductivity", "watts per metre and kelvin"),
    "electron_affinity": ("Electron affinity", "electronvolts"), "en_pauling": ("Electronegativity (Pauling)", ""),
    "en_allen": ("Electronegativity (Allen)", "electronvolts"), "atomic_radius": ("Atomic radius", "picometres"),
    "covalent_radius_pyykko": ("Covalent radius (Pyykkö)", "picometres"), "vdw_radius": ("Van der Waals radius", "picometres"),
    "metallic_radius": ("Metallic radius", "picometres"), "dipole_polarizability": ("Dipole polarizability", "atomic units"),
    "proton_affinity": ("Proton affinity", "kilojoules per mole"), "gas_basicity": ("Gas basicity", "kilojoules per mole"),
    "lattice_structure": ("Crystal structure", ""), "lattice_constant": ("Lattice constant", "ångströms"),
    "abundance_crust": ("Abundance in the Earth's crust", "milligrams per kilogram"),
    "abundance_sea": ("Abundance in the sea", "milligrams per litre"), "goldschmidt_class": ("Goldschmidt class", ""),
    "geochemical_class": ("Geochemical class", ""), "discoverers": ("Discovered by", ""),
    "discovery_year": ("Year of discovery", ""),
    "discovery_location": ("Place of discovery", ""), "top_3_producers": ("Main producers", ""),
    "top_3_reserve_holders": ("Main reserves", ""),
}  # fmt: skip
_PROSE = (("uses", "Uses"), ("sources", "Sources"), ("name_origin", "Name"))
_BODR: Mapping[str, tuple[str, str]] = {
    "mass": ("Atomic mass", "atomic mass units"), "exactMass": ("Mass of the main isotope", "atomic mass units"),
    "ionization": ("First ionisation energy", "electronvolts"), "electronAffinity": ("Electron affinity", "electronvolts"),
    "electronegativityPauling": ("Electronegativity (Pauling)", ""), "radiusCovalent": ("Covalent radius", "ångströms"),
    "radiusVDW": ("Van der Waals radius", "ångströms"), "boilingpoint": ("Boiling point", "kelvin"),
    "meltingpoint": ("Melting point", "kelvin"), "period": ("Period", ""), "group": ("Group", ""),
    "periodTableBlock": ("Block", ""),
    "electronicConfiguration": ("Electron configuration", ""), "family": ("Family", ""), "oxidation": ("Oxidation states", ""),
    "discoveryDate": ("Year of discovery", ""), "discoverers": ("Discovered by", ""),
}  # fmt: skip
_FAMILIES = {
    "Noblegas": "noble gas", "Alkali_Earth": "alkali metal", "Alkaline_Earth": "alkaline earth metal",
    "Transition": "transition metal", "Metalloids": "metalloid",
}  # fmt: skip
_SHELL = re.compile(r"\b(\d[spdfg])(\d{1,2})?(?= |$)")
_CODE = re.compile(r"\[(su[bp])\]([^\[\]]{1,40})\[/\1\]|\[br\]|\[/?\w{1,3}\]")


# --- mendeleev ------------------------------------------------------------------------------------------------------


def _claims_table(where: str, head: bytes) -> bool:
    return {b"atomic_number", b"symbol", b"electronic_configuration"} <= set(
        head.split(b"\n", 1)[0].strip().split(b",")
    )


def _read_table(file: RawFile) -> Iterator[Document | Drop]:
    rows = csv.DictReader(io.StringIO(file.data.decode("utf-8", "replace"), newline=""))
    try:
        for row in rows:
            found = _tabled(
                {key: clean(value) for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
            )
            yield Drop(f"{file.where}:{rows.line_num}", _NAME, found) if isinstance(found, str) else found
    except csv.Error:
        yield Drop(file.where, _NAME, "not a table")


def _tabled(row: Mapping[str, str]) -> Document | str:
    """The document of a row, or the reason why there is none."""
    name, symbol, number = (row.get(column, "").strip() for column in ("name", "symbol", "atomic_number"))
    lines = []
    for column, (label, unit) in _COLUMNS.items():
        value = row.get(column, "").strip().removesuffix(".0")
        if column == "series_id":
            value = _SERIES[int(value) - 1] if value in map(str, range(1, len(_SERIES) + 1)) else ""
        elif column == "electronic_configuration":
            value = _configuration(value)
        elif column.startswith("top_3"):
            value = re.sub(r"\s*\b[23]\)\s*", ", ", value.removeprefix("1)")).strip()
        value = value.replace("litophile", "lithophile")
        if value:
            lines.append((label, f"{_LATTICES.get(value, value)} {unit}".strip()))
    prose = [(title, text) for column, title in _PROSE if (text := " ".join(row.get(column, "").split()))]
    return _document(
        f"mendeleev-{symbol}", (name, symbol, number), row.get("description", ""), lines, prose, _MENDELEEV_LICENCE
    )


def _configuration(text: str) -> str:
    """ "[Ar] 3d6 4s2" -> "[Ar] 3d⁶ 4s²"."""
    return _SHELL.sub(lambda match: match[1] + (script(match[2], True) if match[2] else "¹"), text)


# --- Blue Obelisk ---------------------------------------------------------------------------------------------------


def _claims_cml(where: str, head: bytes) -> bool:
    return b'convention="bodr:elements"' in head or b'convention="bodr:isotopes"' in head


def _read_cml(file: RawFile) -> Iterator[Document | Drop]:
    root = _root(file.data)
    if root is None:
        yield Drop(file.where, _NAME, "not well-formed")
        return
    kinds: tuple[tuple[str, Callable[[etree._Element], Document | str]], ...] = (
        ("atom", _element),
        ("isotopeList", _isotopes),
    )
    for tag, make in kinds:
        for record in root.iter(f"{{*}}{tag}"):
            found = make(record)
            yield Drop(f"{file.where}:{record.get('id', '')}", _NAME, found) if isinstance(found, str) else found


def _root(data: bytes) -> etree._Element | None:
    try:
        return parsed(data)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _element(atom: etree._Element) -> Document | str:
    """The document of an element, or the reason why there is none."""
    values = _values(atom)
    number = values.get("atomicNumber", "")
    if number == "0":
        return "a placeholder, not an element"
    values["oxidation"] = ", ".join(values.get("oxidation", "").replace(",", " ").split())
    values["discoverers"] = ", ".join(part.strip() for part in values.get("discoverers", "").split(";"))
    values["electronicConfiguration"] = _configuration(
        re.sub(r"^(\w\w) ", r"[\1] ", values.get("electronicConfiguration", ""))
    )
    if values.get("radiusVDW") == "2":  # stands for unknown
        del values["radiusVDW"]
    values["family"] = _FAMILIES.get(values.get("family", ""), values.get("family", "").replace("_", " ").lower())
    lines = [(label, f"{values[key]} {unit}".strip()) for key, (label, unit) in _BODR.items() if values.get(key)]
    origin = values.get("nameOrigin", "").strip()
    prose = [("Name", f"{origin.rstrip('.')}.")] if origin else []
    identity = (values.get("name", ""), values.get("symbol", ""), number)
    return _document(f"bodr-{identity[1]}", identity, "", lines, prose, _BODR_LICENCE)


def _values(element: etree._Element) -> dict[str, str]:
    """What an element's properties are, by the last part of their dictRef; an unknown value is left out."""
    found: dict[str, str] = {}
    for child in element.iterchildren("{*}scalar", "{*}label", "{*}array"):
        value = " ".join(clean(child.get("value") or child.text).split())
        name = child.get("dictRef", "").rpartition(":")[2]
        if value and value not in ("-", "0.0", "0.00") and (name, value) != ("discoveryDate", "0"):  # known of old
            found.setdefault(name, value)
    return found


def _isotopes(group: etree._Element) -> Document | str:
    """The document of an element's isotopes, or the reason why there is none."""
    symbol = group.get("id", "")
    rows = [line for isotope in group.iterchildren("{*}isotope") if (line := _isotope(isotope, symbol))]
    name = _element_name(group)
    if not name or not rows:
        return "no isotopes of an element"
    title = f"Isotopes of {name.lower()}"
    if markup.control_tokens("".join(rows)):
        return "spells a control token"
    return _finished(f"isotopes-{symbol}", title, f"{markup.heading(title)}{chr(10).join(rows)}", _BODR_LICENCE)


def _element_name(group: etree._Element) -> str:
    from rdkit import Chem  # heavy; only isotopes need it

    number = next((_values(isotope).get("atomicNumber", "") for isotope in group.iterchildren("{*}isotope")), "")
    return (
        str(Chem.GetPeriodicTable().GetElementName(int(number)))
        if re.fullmatch(r"[1-9]\d?|10\d|11[0-8]", number)
        else ""
    )


def _isotope(isotope: etree._Element, symbol: str) -> str:
    values = _values(isotope)
    number = isotope.get("number", "")
    if not number.isdecimal() or "exactMass" not in values:
        return ""
    facts = [f"mass {values['exactMass']} atomic mass units"]
    if "relativeAbundance" in values:
        facts.append(f"natural abundance {values['relativeAbundance']} percent")
    if "spin" in values:
        facts.append(f"spin {values['spin']}")
    if "magneticMoment" in values:
        facts.append(f"magnetic moment {values['magneticMoment']} nuclear magnetons")
    for element in isotope.iterchildren("{*}scalar"):
        if element.get("dictRef") == "bo:halfLife" and element.text:
            unit = {"siUnits:s": "seconds", "units:y": "years"}.get(element.get("units", ""))
            facts += [f"half-life {element.text.strip()} {unit}"] if unit else []
    for key, mode in (
        ("alpha", "alpha"),
        ("betaminus", "beta minus"),
        ("betaplus", "beta plus"),
        ("ec", "electron capture"),
    ):
        if energy := values.get(f"{key}Decay"):
            facts.append(f"{mode}{'' if key == 'ec' else ' decay'} with {energy} megaelectronvolts")
    return f"- {symbol}-{number}: {', '.join(facts)}"


# --- Kalzium's glossary ---------------------------------------------------------------------------------------------


def _claims_glossary(where: str, head: bytes) -> bool:
    return re.match(rb"\s*<\?xml[^>]{0,200}>\s*<wissen>\s*<item>", head) is not None


def _read_glossary(file: RawFile) -> Iterator[Document | Drop]:
    root = _root(file.data)
    if root is None:
        yield Drop(file.where, _NAME, "not well-formed")
        return
    for item in root.iterchildren("item"):
        name, text = (" ".join(clean(item.findtext(tag)).split()) for tag in ("name", "desc"))
        found = _term(name, text) if name and text and "see " not in text[:8] else "a term without explanation"
        yield Drop(f"{file.where}:{name[:60]}", _NAME, found) if isinstance(found, str) else found


def _term(name: str, text: str) -> Document | str:
    if markup.control_tokens(name + text):  # before scripts bring tokens of their own
        return "spells a control token"
    text = _CODE.sub(lambda match: script(match[2], match[1] == "sup") if match[1] else " ", text)
    return _finished(f"term-{name}", name, markup.heading(name) + " ".join(text.split()), _KALZIUM_LICENCE)


# --- documents ------------------------------------------------------------------------------------------------------


def _document(
    key: str, identity: tuple[str, str, str], description: str, lines: Lines, prose: list[tuple[str, str]], licence: str
) -> Document | str:
    name, symbol, number = identity
    if not name or not symbol or not number.isdecimal():
        return "no name, symbol or number"
    if len(lines) < _MIN_PROPERTIES:
        return "fewer than three properties"
    opening = f"{name} is the chemical element with the symbol {symbol} and atomic number {number}. {' '.join(description.split())}"
    properties = markup.heading("Properties", 2) + "\n".join(f"- {label}: {value}" for label, value in lines)
    sections = [markup.heading(title, 2) + text for title, text in prose]
    text = "\n\n".join((markup.heading(name) + opening.strip(), properties, *sections))
    return "spells a control token" if markup.control_tokens(text) else _finished(key, name, text, licence)


def _finished(key: str, title: str, text: str, licence: str) -> Document:
    edition = hashlib.sha256(text.encode()).hexdigest()[:8]  # the same element stands in several editions of one table
    return Document(f"{_NAME}:{key}-{edition}", text, _NAME, licence, {"title": title, "subject": "chemistry"})


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="mendeleev CSV",
    origin="https://pypi.org/project/mendeleev",
    licence=_MENDELEEV_LICENCE,
    claims=_claims_table,
    read=_read_table,
)

CML_SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="Blue Obelisk CML (elements, isotopes)",
    origin="https://github.com/BlueObelisk/bodr",
    licence=_BODR_LICENCE,
    claims=_claims_cml,
    read=_read_cml,
)

GLOSSARY_SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="Kalzium glossary XML",
    origin="https://invent.kde.org/education/kalzium",
    licence=_KALZIUM_LICENCE,
    claims=_claims_glossary,
    read=_read_glossary,
)
