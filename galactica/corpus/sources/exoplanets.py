"""Planets of other stars: the Open Exoplanet Catalogue (XML) and the tables of the NASA Exoplanet Archive -> one document a planet.

Sources: https://github.com/OpenExoplanetCatalogue (README, "Data Structure": Jupiter and solar units, limits as attributes);
https://exoplanetarchive.ipac.caltech.edu/docs/API_PS_columns.html (tables `ps` and `pscomppars`).
The order of characteristics is random, seeded by the document's id.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import IO

from lxml import etree

from galactica import markup
from galactica.corpus import split
from galactica.corpus.papers import clean
from galactica.corpus.source import Published, Source
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_NAME = "exoplanets"
_PUBLISHED = Published(5_021, 10_000_000)
_MIN_CHARACTERISTICS = 3
_CATALOGUE_LICENCE = "MIT (Open Exoplanet Catalogue)"
_ARCHIVE_LICENCE = "public domain (NASA Exoplanet Archive)"

Lines = list[tuple[str, str]]
"""Characteristics: a label and a value with its unit."""
_Field = tuple[str, str]
"""Label and unit."""

_PLANET: Mapping[str, _Field] = {
    "mass": ("Mass", "Jupiter masses"), "radius": ("Radius", "Jupiter radii"), "period": ("Orbital period", "days"),
    "semimajoraxis": ("Semi-major axis of the orbit", "astronomical units"), "eccentricity": ("Eccentricity", ""),
    "inclination": ("Inclination of the orbit", "degrees"), "periastron": ("Longitude of periastron", "degrees"),
    "longitude": ("Mean longitude", "degrees"), "ascendingnode": ("Longitude of the ascending node", "degrees"),
    "meananomaly": ("Mean anomaly", "degrees"), "impactparameter": ("Impact parameter of the transit", ""),
    "temperature": ("Temperature", "kelvin"), "age": ("Age", "billion years"), "spectraltype": ("Spectral type", ""),
    "transittime": ("Time of transit (Julian date)", ""), "periastrontime": ("Time of periastron (Julian date)", ""),
    "spinorbitalignment": ("Spin-orbit alignment", "degrees"), "tilt": ("Axial tilt", "degrees"),
    "discoveryyear": ("Year of discovery", ""),
}  # fmt: skip
_STAR: Mapping[str, _Field] = {
    "mass": ("Mass", "solar masses"), "radius": ("Radius", "solar radii"), "temperature": ("Effective temperature", "kelvin"),
    "metallicity": ("Metallicity (logarithm, relative to the Sun)", ""), "spectraltype": ("Spectral type", ""),
    "age": ("Age", "billion years"), "magV": ("Visual magnitude", ""), "magB": ("B magnitude", ""),
    "magJ": ("J magnitude", ""), "magH": ("H magnitude", ""), "magK": ("K magnitude", ""),
}  # fmt: skip
_METHODS = {
    "RV": "radial velocity", "timing": "variation of the timing of its star or of other transits", "imaging": "direct imaging",
    "microlensing": "gravitational microlensing",
}  # fmt: skip
_STATES = {
    "Retracted planet candidate": ("a planet candidate", "; it has been retracted"),
    "Controversial": ("a planet", "; its existence is controversial"),
    "Solar System": ("a planet of the Solar System", ""),
    "Confirmed planets": ("a confirmed planet", ""),
    "Kepler Objects of Interest": ("a Kepler Object of Interest", "; it is a possible planet, not a confirmed one"),
}
"""List of the catalogue -> what its planets are, and what is to be said of them."""
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_ABOUT_THE_CATALOGUE = re.compile(
    r"parameters listed here|Open Exoplanet Catalogue|Exoplanet Archive|exoplanet\.eu|spacecraft and is part of|data release|"
    r"dataset\.|flagged as a possible transit|to be a false positive|of being a false positive"
)
_LONG_NUMBER = re.compile(r"(-?\d{1,20})\.(\d{0,20}?)0{2,20}")
_EXPONENT = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?[eE][-+]?\d{1,2}")


# --- Open Exoplanet Catalogue ---------------------------------------------------------------------------------------


def _claims(where: str, head: bytes) -> bool:
    return (
        re.match(
            rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<systems>\s*)?<system>\s*<(?:name|declination|rightascension)>", head
        )
        is not None
    )


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        root = parsed(file.data, remove_comments=True, remove_pis=True)
    except (etree.XMLSyntaxError, ValueError):
        yield Drop(file.where, _NAME, "not well-formed")
        return
    planets = list(root.iter("planet"))
    for planet in planets:
        found = _catalogued(planet)
        yield Drop(file.where, _NAME, found) if isinstance(found, str) else found
    if not planets:
        yield Drop(file.where, _NAME, "a system without planets")


def _catalogued(planet: etree._Element) -> Document | str:
    """The document of a planet of the catalogue, or the reason why there is none."""
    names = _texts(planet, "name")
    if not names:
        return "no name"
    system = next((one for one in planet.iterancestors("system")), planet)
    lists = _texts(planet, "list")
    state, remark = next((texts for name, texts in _STATES.items() if name in lists), ("a planet", ""))
    host = planet.getparent()
    sentences = _SENTENCE_END.split(_text(planet, "description"))
    telling = [f"{one.rstrip('.')}." for one in sentences if one.strip(". ") and not _ABOUT_THE_CATALOGUE.search(one)]
    opening = " ".join((f"{names[0]} is {state}{_host(host)}{remark}.", *telling))
    of_planet = [*_characteristics(planet, _PLANET), *_words_of(planet)]
    if len(of_planet) < _MIN_CHARACTERISTICS:
        return "fewer than three characteristics"
    sections = [("Characteristics", of_planet), ("Planetary system", _system(system, planet))]
    for star in _stars(host):
        sections.append((f"Star {_text(star, 'name')}".strip(), _characteristics(star, _STAR)))
    others = ", ".join(names[1:6])
    return _document(f"{_text(system, 'name')}/{names[0]}", names[0], opening, others, sections, _CATALOGUE_LICENCE)


def _host(host: etree._Element | None) -> str:
    name = _text(host, "name") if host is not None else ""
    if host is None or host.tag not in ("star", "binary"):
        return " without a star" if host is not None and host.tag == "system" else ""
    return (
        f" that orbits {'both stars of the binary' if host.tag == 'binary' else 'the star'} {name}".rstrip()
        if name
        else ""
    )


def _stars(host: etree._Element | None) -> Iterable[etree._Element]:
    if host is None:
        return ()
    return [host] if host.tag == "star" else host.iter("star") if host.tag == "binary" else ()


def _words_of(planet: etree._Element) -> Lines:
    found = []
    if method := _text(planet, "discoverymethod"):
        found.append(("Method of discovery", _METHODS.get(method, method)))
    if _text(planet, "istransiting") in ("0", "1"):
        found.append(("Transits its star", "yes" if _text(planet, "istransiting") == "1" else "no"))
    if moons := [name for moon in planet.iterfind("satellite") if (name := _text(moon, "name"))]:
        found.append(("Moons", ", ".join(moons[:20])))
    for element in planet.iterfind("separation"):
        unit = {"AU": "astronomical units", "arcsec": "seconds of arc"}.get(element.get("unit", ""), "")
        if (value := _value(element)) and unit:
            found.append(("Projected separation from its star", f"{value} {unit}"))
    return found


def _system(system: etree._Element, planet: etree._Element) -> Lines:
    found = _characteristics(
        system, {"distance": ("Distance from the Sun", "parsecs"), "constellation": ("Constellation", "")}
    )
    for tag, label, signs in (("rightascension", "Right ascension", "hms"), ("declination", "Declination", "°′″")):
        parts = _text(system, tag).split()
        if len(parts) == 3:
            found.append((label, " ".join(part + sign for part, sign in zip(parts, signs, strict=True))))
    siblings = [name for one in system.iter("planet") if one is not planet and (name := _text(one, "name"))]
    if siblings:
        found.append(("Other planets of the system", ", ".join(siblings[:20])))
    return found


def _characteristics(element: etree._Element, fields: Mapping[str, _Field]) -> Lines:
    found = []
    for tag, (label, unit) in fields.items():
        for child in element.iterfind(tag):
            if value := _value(child):
                label = "Minimum mass (mass times sine of the inclination)" if child.get("type") == "msini" else label
                found.append((label, f"{value} {unit}".strip()))
                break
    return found


def _value(element: etree._Element) -> str:
    value = " ".join((element.text or "").split())
    return _with_errors(value, element.get, "errorplus", "errorminus") or _between(
        element.get("lowerlimit", ""), element.get("upperlimit", "")
    )


def _between(low: str, high: str) -> str:
    return (
        f"between {low} and {high}"
        if low and high
        else f"more than {low}"
        if low
        else f"less than {high}"
        if high
        else ""
    )


def _with_errors(value: str, get: Callable[[str], str | None], plus_name: str, minus_name: str) -> str:
    plus, minus = (get(plus_name) or "").lstrip("+-"), (get(minus_name) or "").lstrip("+-")
    value, plus, minus = _number(value), _number(plus), _number(minus)
    if not value or not plus or not minus or plus == "0" == minus:
        return value
    return f"{value} ± {plus}" if plus == minus else f"{value} (+{plus}, -{minus})"


def _number(text: str) -> str:
    """The number without exponent and without zeros that only fill a column."""
    text = f"0{text}" if text.startswith(".") else text
    if _EXPONENT.fullmatch(text):
        return format(Decimal(text).normalize(), "f")
    if match := _LONG_NUMBER.fullmatch(text):
        return f"{match[1]}.{match[2]}".rstrip(".")
    return text


def _texts(element: etree._Element, tag: str) -> list[str]:
    return [text for child in element.iterfind(tag) if (text := " ".join(clean(child.text).split()))]


def _text(element: etree._Element | None, tag: str) -> str:
    return next(iter(_texts(element, tag)), "") if element is not None else ""


# --- NASA Exoplanet Archive -----------------------------------------------------------------------------------------

_COLUMNS: Mapping[str, Mapping[str, _Field]] = {
    "Characteristics": {
        "pl_orbper": ("Orbital period", "days"), "pl_orbsmax": ("Semi-major axis of the orbit", "astronomical units"),
        "pl_rade": ("Radius", "Earth radii"), "pl_radj": ("Radius", "Jupiter radii"), "pl_bmasse": ("Mass", "Earth masses"),
        "pl_bmassj": ("Mass", "Jupiter masses"), "pl_dens": ("Density", "grams per cubic centimetre"),
        "pl_orbeccen": ("Eccentricity", ""), "pl_insol": ("Insolation flux", "times that of Earth"),
        "pl_eqt": ("Equilibrium temperature", "kelvin"), "pl_orbincl": ("Inclination of the orbit", "degrees"),
        "pl_tranmid": ("Time of transit (Julian date)", ""), "pl_imppar": ("Impact parameter of the transit", ""),
        "pl_trandep": ("Depth of the transit", "percent"), "pl_trandur": ("Duration of the transit", "hours"),
        "pl_ratdor": ("Ratio of semi-major axis to stellar radius", ""),
        "pl_ratror": ("Ratio of planet radius to stellar radius", ""),
        "pl_orbtper": ("Time of periastron (Julian date)", ""), "pl_orblper": ("Argument of periastron", "degrees"),
        "pl_rvamp": ("Radial velocity amplitude", "metres per second"), "pl_projobliq": ("Projected obliquity", "degrees"),
        "pl_angsep": ("Angular separation", "milliseconds of arc"), "discoverymethod": ("Method of discovery", ""),
        "disc_year": ("Year of discovery", ""), "disc_facility": ("Facility of discovery", ""),
        "disc_locale": ("Place of discovery", ""),
        "disc_telescope": ("Telescope of discovery", ""), "disc_instrument": ("Instrument of discovery", ""),
    },
    "Host star": {
        "st_spectype": ("Spectral type", ""), "st_teff": ("Effective temperature", "kelvin"), "st_rad": ("Radius", "solar radii"),
        "st_mass": ("Mass", "solar masses"), "st_met": ("Metallicity (logarithm, relative to the Sun)", ""),
        "st_lum": ("Luminosity (logarithm, in solar units)", ""), "st_logg": ("Surface gravity (logarithm, in cm/s²)", ""),
        "st_age": ("Age", "billion years"), "st_dens": ("Density", "grams per cubic centimetre"),
        "st_vsin": ("Projected rotational velocity", "kilometres per second"), "st_rotp": ("Rotation period", "days"),
        "st_radv": ("Systemic radial velocity", "kilometres per second"),
    },
    "Planetary system": {
        "sy_snum": ("Number of stars", ""), "sy_pnum": ("Number of planets", ""), "sy_dist": ("Distance", "parsecs"),
        "sy_plx": ("Parallax", "milliseconds of arc"), "sy_vmag": ("Visual magnitude", ""), "sy_kmag": ("K magnitude", ""),
        "sy_bmag": ("B magnitude", ""), "sy_jmag": ("J magnitude", ""), "sy_hmag": ("H magnitude", ""),
        "sy_gaiamag": ("Gaia magnitude", ""), "sy_pm": ("Proper motion", "milliseconds of arc per year"),
        "ra": ("Right ascension", "degrees"), "dec": ("Declination", "degrees"),
    },
}  # fmt: skip


def _claims_archive(where: str, head: bytes) -> bool:
    header = next((line for line in head.split(b"\n") if line.strip() and not line.startswith(b"#")), b"")
    return {b"pl_name", b"hostname", b"discoverymethod"} <= {column.strip(b' "\r') for column in header.split(b",")}


def _split_archive(stream: IO[bytes]) -> Iterator[bytes]:
    line = b"#"
    while line.startswith(b"#"):
        line = stream.readline(split.PIECE_BYTES)
    for piece in split.lines(stream):
        yield line + piece


def _read_archive(file: RawFile) -> Iterator[Document | Drop]:
    lines = (line for line in file.data.decode("utf-8", "replace").split("\n") if not line.startswith("#"))
    rows = csv.DictReader(io.StringIO("\n".join(lines)))
    try:
        for row in rows:
            found = _archived(
                {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
            )
            yield Drop(f"{file.where}:{rows.line_num}", _NAME, found) if isinstance(found, str) else found
    except csv.Error:
        yield Drop(file.where, _NAME, "not a table")


def _archived(row: Mapping[str, str]) -> Document | str:
    """The document of a row, or the reason why there is none."""
    if row.get("default_flag", "1") == "0":
        return "not the default set of parameters"
    name, host = (" ".join(row.get(column, "").split()) for column in ("pl_name", "hostname"))
    if not name:
        return "no name"
    sections = [(title, _of_row(row, columns)) for title, columns in _COLUMNS.items()]
    if len(sections[0][1]) < _MIN_CHARACTERISTICS:
        return "fewer than three characteristics"
    state, remark = _STATES["Controversial" if row.get("pl_controv_flag") == "1" else "Confirmed planets"]
    binary = "both stars of the binary" if row.get("cb_flag") == "1" else "the star"
    opening = f"{name} is {state}{f' that orbits {binary} {host}' if host else ''}{remark}."
    return _document(name, name, opening, "", sections, _ARCHIVE_LICENCE)


def _of_row(row: Mapping[str, str], columns: Mapping[str, _Field]) -> Lines:
    found = []
    for column, (label, unit) in columns.items():
        value = re.sub(r"<[^<>]{0,500}>", "", row.get(column, "")).strip()
        if not value:
            continue
        limit = row.get(f"{column}lim", "")
        value = {"1": f"less than {value}", "-1": f"more than {value}"}.get(limit.partition(".")[0]) or _with_errors(
            value, row.get, f"{column}err1", f"{column}err2"
        )
        if label == "Mass" and row.get("pl_bmassprov", "").lower().startswith("msin") and column.startswith("pl_"):
            label = "Minimum mass (mass times sine of the inclination)"
        found.append((label, f"{value} {unit}".strip()))
    return found


# --- documents ------------------------------------------------------------------------------------------------------


def _document(
    record: str, name: str, opening: str, others: str, sections: list[tuple[str, Lines]], licence: str
) -> Document | str:
    key = f"{_NAME}:{'nasa' if licence == _ARCHIVE_LICENCE else 'oec'}-{record}"
    rng = random.Random(key)
    rng.shuffle(sections)
    parts = [markup.heading(name).strip(), opening]
    if others:
        parts.append(f"Other names: {others}")
    for title, lines in sections:
        if lines:
            rng.shuffle(lines)
            parts.append(markup.heading(title, 2) + "\n".join(f"- {label}: {clean(value)}" for label, value in lines))
    text = "\n\n".join(parts)
    if markup.control_tokens(text):
        return "spells a control token"
    return Document(key, text, _NAME, licence, {"title": name, "subject": "astronomy"})


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="Open Exoplanet Catalogue XML",
    origin="https://github.com/OpenExoplanetCatalogue/open_exoplanet_catalogue",
    licence=_CATALOGUE_LICENCE,
    published=_PUBLISHED,
    claims=_claims,
    read=_read,
    split=split.between(b"<system>", b"</system>", b"<systems>", b"</systems>"),
)

ARCHIVE_SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="NASA Exoplanet Archive CSV (ps, pscomppars)",
    origin="https://exoplanetarchive.ipac.caltech.edu",
    licence=_ARCHIVE_LICENCE,
    published=_PUBLISHED,
    claims=_claims_archive,
    read=_read_archive,
    split=_split_archive,
)
