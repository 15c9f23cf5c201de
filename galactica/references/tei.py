"""GROBID's TEI as a source of references: the paper itself, and the works in its list.

Source: TEI P5 (https://tei-c.org/ns/1.0) as GROBID writes it (https://grobid.readthedocs.io).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from galactica.references.citation_text import parse_citation
from galactica.references.medline import family_given, year_in
from galactica.references.record import first_page, make_reference
from galactica.types import Reference, UntitledEntry

NAMESPACE = "{http://www.tei-c.org/ns/1.0}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_ENTRIES = "text/back//listBibl/biblStruct"


def strip_namespace(root: etree._Element) -> None:
    """Take TEI's name space off every element of the tree, so that "div" finds what is written with it and without."""
    for node in root.iter(f"{NAMESPACE}*"):
        node.tag = node.tag[len(NAMESPACE) :]


def reference_list(root: etree._Element) -> dict[str, Reference | None]:
    """Id of each entry of the paper's list -> its record, or None where the entry names no title. The tree has no name space."""
    found: dict[str, Reference | None] = {}
    for entry in root.iterfind(_ENTRIES):
        if identifier := entry.get(_ID):
            found[identifier] = _entry(entry)
    return found


def untitled_entries(root: etree._Element, references: Mapping[str, Reference | None]) -> dict[str, UntitledEntry]:
    """What each entry that names no title says of its work; `references` is the paper's `reference_list`."""
    return {
        identifier: _untitled(entry)
        for entry in root.iterfind(_ENTRIES)
        if (identifier := entry.get(_ID, "")) in references and references[identifier] is None
    }


def front_matter(root: etree._Element) -> Reference | None:
    """The paper itself: title, authors, year, journal, DOI. The tree has no name space."""
    source = root.find("teiHeader/fileDesc/sourceDesc/biblStruct")
    title = root.find("teiHeader/fileDesc/titleStmt/title")
    dates = [node.get("when") or "" for node in root.iterfind("teiHeader/fileDesc/publicationStmt/date")]
    return make_reference(
        title=text_of(title),
        authors=list(_people(source.find("analytic"))) if source is not None else [],
        year=next((year for date in dates if (year := year_in(date))), None)
        or (_year(source) if source is not None else None),
        venue=_title(source, "j") or _title(source, "m") if source is not None else None,
        doi=_doi(source) if source is not None else None,
    )


def text_of(element: etree._Element | None) -> str:
    """The element's text on one line; "" for None."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def _entry(entry: etree._Element) -> Reference | None:
    raw = _raw(entry)
    analytic, monograph = entry.find("analytic"), entry.find("monogr")
    title = text_of(analytic.find("title[@level='a']")) if analytic is not None else ""
    venue: str | None = _title(entry, "j") or _title(entry, "m") or None
    authors = list(_people(analytic)) if analytic is not None else []
    if not title:  # a book, a thesis, a report: a title on level "j" alone is that of a journal
        title, venue = _title(entry, "m"), None
        authors = authors or (list(_people(monograph)) if monograph is not None else [])
    found = (
        make_reference(
            title=title,
            authors=authors,
            year=_year(entry),
            venue=venue,
            doi=_doi(entry),
            volume=_scope(entry, "volume"),
            page=first_page(_scope(entry, "page")),
        )
        if title
        else None
    )
    return found or (parse_citation(raw) if raw else None)


def _untitled(entry: etree._Element) -> UntitledEntry:
    parts = entry.findall("analytic") + entry.findall("monogr")
    authors = next((people for part in parts if (people := list(_people(part)))), [])
    venue, volume, page = (
        _title(entry, "j") or _title(entry, "m"),
        _scope(entry, "volume"),
        first_page(_scope(entry, "page")),
    )
    year = _year(entry)
    shown = [*(author.replace(",", "") for author in authors), venue, volume, page, f"({year})" if year else ""]
    return UntitledEntry(
        text=_raw(entry) or ", ".join(part for part in shown if part),
        surname=authors[0].partition(",")[0] if authors else "",
        year=year,
        volume=volume,
        page=page,
        doi=_doi(entry),
    )


def _raw(entry: etree._Element) -> str:
    """The entry as it was printed; "" where GROBID was not asked for that."""
    return next((text_of(note) for note in entry.iter("note") if note.get("type") == "raw_reference"), "")


def _scope(entry: etree._Element, unit: str) -> str:
    node = entry.find(f"monogr/imprint/biblScope[@unit='{unit}']")
    return (text_of(node) or node.get("from") or "") if node is not None else ""


def _title(entry: etree._Element, level: str) -> str:
    titles = entry.iterfind(f"monogr/title[@level='{level}']")
    return next((text for node in titles if node.get("type") != "abbrev" and (text := text_of(node))), "")


def _people(element: etree._Element | None) -> Iterator[str]:
    for author in element.iterfind("author") if element is not None else ():
        name = author.find("persName")
        if name is not None:
            given = " ".join(text_of(node) for node in name.iterfind("forename"))
            yield family_given(text_of(name.find("surname")), given)
        elif collective := text_of(author.find("orgName")):
            yield collective.replace(",", " ")


def _year(entry: etree._Element) -> int | None:
    date = entry.find("monogr/imprint/date")
    return year_in(date.get("when") or text_of(date)) if date is not None else None


def _doi(entry: etree._Element) -> str | None:
    return next(
        (node.text for node in entry.iter("idno") if (node.get("type") or "").upper() == "DOI" and node.text), None
    )
