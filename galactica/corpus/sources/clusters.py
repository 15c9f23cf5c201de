"""Clusters of galaxies, and galaxies, star clusters and nebulae, with the constellation they lie in: Abell's catalogue and the
NGC/IC objects of Stellarium as CSV -> one document an object.

The wording of each is drawn by its id, so that the constellation is asked for and stated in several ways.
Types are the numbers of Stellarium's deep-sky catalogue, distances in it are kiloparsecs.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterator, Mapping

from galactica import markup
from galactica.corpus import split
from galactica.corpus.papers import clean
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop

_NAME = "clusters"
_KINDS = {
    "0": "galaxy", "1": "active galaxy", "2": "radio galaxy", "3": "interacting galaxy", "4": "quasar", "5": "star cluster",
    "6": "open star cluster", "7": "globular star cluster", "8": "stellar association", "9": "star cloud", "10": "nebula",
    "11": "planetary nebula", "12": "dark nebula", "13": "reflection nebula", "14": "bipolar nebula", "15": "emission nebula",
    "16": "star cluster with nebulosity", "17": "H II region", "18": "supernova remnant", "19": "cloud of interstellar matter",
    "20": "emission object", "21": "BL Lacertae object", "22": "blazar", "23": "molecular cloud",
}  # fmt: skip
_PLACE = (
    "{name} is {a} {kind} in the constellation {constellation}.",
    "The {kind} {name} lies in the constellation {constellation}.",
    "{name}, {a} {kind}, is found in the constellation {constellation}.",
    "The {kind} {name} is located in the constellation {constellation}.",
    "Question: In which constellation does the {kind} {name} lie?\n\nAnswer: {constellation}",
    "Question: What is the constellation of the {kind} {name}?\n\nAnswer: {constellation}",
)
_NO_MAGNITUDE = 50  # the catalogue writes 99
_CATALOGUES = (("messier", "Messier"), ("ngc", "NGC"), ("ic", "IC"), ("caldwell", "Caldwell"))


def _header(head: bytes) -> list[str]:
    return head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")


def _claims(where: str, head: bytes) -> bool:
    columns = set(_header(head))
    return {"constellation"} < columns and (
        {"name", "bautz_morgan_type"} <= columns or {"ngc", "ic", "type_code"} <= columns
    )


def _read(file: RawFile) -> Iterator[Document | Drop]:
    rows = csv.DictReader(io.StringIO(file.data.decode("utf-8-sig", "replace"), newline=""))
    try:
        for row in rows:
            found = _document(
                {key: clean(value).strip() for key, value in row.items() if key and isinstance(value, str)}
            )
            yield Drop(f"{file.where}:{rows.line_num}", _NAME, found) if isinstance(found, str) else found
    except csv.Error:
        yield Drop(file.where, _NAME, "not a table")


def _document(row: Mapping[str, str]) -> Document | str:
    """The document of a row, or the reason why there is none."""
    constellation = row.get("constellation", "")
    names = (
        [row["name"]]
        if row.get("name")
        else [f"{label} {row[column]}" for column, label in _CATALOGUES if row.get(column)]
    )
    if not names or not constellation:
        return "no name or no constellation"
    if markup.control_tokens("\n".join(row.values())):
        return "spells a control token"
    is_cluster = "bautz_morgan_type" in row
    kind = "galaxy cluster" if is_cluster else _KINDS.get(row.get("type_code", ""), "deep-sky object")
    key = f"{_NAME}:{names[0]}" if is_cluster else f"{_NAME}:{names[0]}-{row.get('dso_id', '')}"
    rng = random.Random(key)
    words = {"name": names[0], "kind": kind, "a": "an" if kind[0] in "aeioH" else "a", "constellation": constellation}
    place = rng.choice(_PLACE).format_map(words)
    facts = _of_cluster(row) if is_cluster else _of_object(row, names[1:])
    rng.shuffle(facts)
    text = f"{markup.heading(names[0])}{place}{chr(10) * 2 if chr(10) in place else ' '}{' '.join(facts)}".strip()
    return Document(key, text, _NAME, SOURCE.licence, {"title": names[0], "subject": "astronomy"})


def _of_cluster(row: Mapping[str, str]) -> list[str]:
    facts = _position(_number(row, "ra_deg_J2000"), _number(row, "dec_deg_J2000"))
    kind = row.get("bautz_morgan_type", "").rstrip(":?")
    if set(kind) <= set("I-") and kind:
        doubt = ", with doubt" if kind != row["bautz_morgan_type"] else ""
        facts.append(f"Its Bautz-Morgan type is {kind}{doubt}.")
    if (magnitude := _number(row, "mag")) and magnitude < _NO_MAGNITUDE:
        facts.append(f"Its magnitude in Abell's catalogue is {magnitude:.4g}.")
    return facts


def _of_object(row: Mapping[str, str], others: list[str]) -> list[str]:
    facts = _position(_number(row, "ra_deg"), _number(row, "dec_deg"))
    if others:
        facts.append(f"It is also known as {' and '.join(others)}.")
    blue, visual = _number(row, "bmag"), _number(row, "vmag")
    magnitudes = [f"{label} magnitude is {value:.4g}" for label, value in (("visual", visual), ("blue", blue)) if value]
    if magnitudes:
        facts.append(f"Its {' and its '.join(magnitudes)}.")
    if row.get("type_code") in ("0", "1", "2", "3") and any(map(str.isalpha, row.get("morphology", ""))):
        facts.append(f"Its morphological type is {row['morphology'].rstrip('.')}.")
    major, minor = _number(row, "major_deg"), _number(row, "minor_deg")
    if major:
        size = f"{major * 60:.3g} by {minor * 60:.3g}" if minor else f"{major * 60:.3g}"
        facts.append(f"Its apparent size is {size} minutes of arc.")
    if redshift := _number(row, "redshift"):
        facts.append(f"Its redshift is {redshift:.4g}.")
    if distance := _number(row, "distance"):
        amount = f"{distance:.4g} kiloparsecs" if distance < 1000 else f"{distance / 1000:.4g} megaparsecs"
        facts.append(f"Its distance is {amount}.")
    return facts


def _position(right_ascension: float | None, declination: float | None) -> list[str]:
    if right_ascension is None or declination is None:
        return []
    return [
        f"Its right ascension is {right_ascension:.6g} degrees and its declination {declination:.6g} degrees (J2000)."
    ]


def _number(row: Mapping[str, str], column: str) -> float | None:
    """The number in a column; None where there is none."""
    try:
        value = float(row.get(column, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="CSV of Abell clusters or NGC/IC objects with constellations",
    origin="https://stellarium.org",
    licence="GPL-2+ (Stellarium)",
    claims=_claims,
    read=_read,
    split=split.after(b"\n", head_lines=1),
)
