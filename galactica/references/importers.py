"""Raw files -> References: JATS, BibTeX, CSL-JSON, RIS, MEDLINE, ACL Anthology, GROBID and unarXive, told apart by content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from galactica import xml_tree
from galactica.files import RawFile
from galactica.references import csl, jats, medline, tei, unarxive
from galactica.references.bibtex import bibtex_references, plain_text
from galactica.references.medline import family_given, year_in
from galactica.references.record import clean_doi, make_reference
from galactica.types import Drop, Reference

SOURCE = "references"
SNIFF_BYTES = 4096

_ROOT = re.compile(rb"<([A-Za-z][\w.-]*)")
_BIBTEX = re.compile(rb"\s*@[A-Za-z]{3,20}\s*[{(]")
_RIS_LINE = re.compile(r"([A-Z][A-Z0-9]) {1,2}- ?(.*)")
_NOTICES = frozenset(("correction", "retraction", "addendum", "expression-of-concern", "partial-retraction", "erratum"))
_DASHES = frozenset("-–—‐‑−")

Found = Iterator[Reference | str]
"""Records, and for each one left out the reason."""


def references_in(file: RawFile) -> Iterator[Reference | Drop]:
    """The works that a file names: its reference list and itself, or the entries of a bibliography. What holds none, or
    cannot be read, is a Drop; nothing is raised for bad data."""
    reader = _reader(file)
    if reader is None:
        yield Drop(file.where, SOURCE, "not a bibliography format")
        return
    try:
        for item in reader(file.data):
            yield Drop(file.where, SOURCE, item) if isinstance(item, str) else item
    # One file is one task of a build over thousands: a fault of a parser must not end the others.
    except Exception as error:
        yield Drop(file.where, SOURCE, f"unreadable: {type(error).__name__}")


def _reader(file: RawFile) -> Callable[[bytes], Found] | None:
    head = file.data[:SNIFF_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return _XML_READERS.get(_root_tag(head))
    if head.startswith(b"{") and unarxive.is_record(head):
        return unarxive.references
    if head.startswith((b"[", b"{")):
        data = file.data
        is_csl = b'"title"' in data and (b'"issued"' in data or b'"container-title"' in data)
        return _csl_json if is_csl else None
    if head.startswith(b"PMID-"):
        return _medline_text
    if re.match(rb"TY {1,2}- ", head):
        return _ris
    if file.name.endswith((".bib", ".bibtex", ".biblatex")) or _BIBTEX.match(head):
        return _bibtex
    return None


def _root_tag(head: bytes) -> str:
    """Name of the first element after declaration, comments and document type."""
    while head.startswith((b"<?", b"<!")):
        in_doctype = b"[" in head.partition(b">")[0]
        closing = b"-->" if head.startswith(b"<!--") else b"]>" if in_doctype else b">"
        head = head.partition(closing)[2].lstrip()
    match = _ROOT.match(head)
    return match[1].decode() if match else ""


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parse(data: bytes) -> etree._Element:
    return xml_tree.parsed(data, remove_comments=True, remove_pis=True)


# --- XML -------------------------------------------------------------------------------------------------------------


def _jats(data: bytes) -> Found:
    root = _parse(data)
    for article in [root] if root.tag == "article" else root.iter("article"):
        yield from _article(article)


def _article(article: etree._Element) -> Found:
    """The article and its reference list; `n_citations` of a work is how often the text points to it."""
    if article.get("article-type", "") not in _NOTICES:
        yield jats.front_matter(article) or "article without a title"
    marks = _marks(article)
    n_citations: Counter[int] = Counter()
    works: dict[int, Reference] = {}
    for identifier, reference in jats.reference_list(article).items():
        if reference is None:
            yield "reference without a title"
        else:
            # One entry may be listed under its own id and that of the citation inside it.
            works[id(reference)] = reference
            n_citations[id(reference)] += marks[identifier]
    for key, reference in works.items():
        yield replace(reference, n_citations=n_citations[key])


def _marks(article: etree._Element) -> Counter[str]:
    """How often the text points to each entry. The ends of a range ("15-17", two marks) count for what lies between."""
    order = [entry.get("id") or "" for entry in article.iter("ref")]
    place = {identifier: index for index, identifier in enumerate(order)}
    found: Counter[str] = Counter()
    for mark in article.iter("xref"):
        if mark.get("ref-type") != "bibr":
            continue
        identifiers = (mark.get("rid") or "").split()
        found.update(identifiers)
        before = mark.getprevious()
        if identifiers and before is not None and before.tag == "xref" and (before.tail or "").strip() in _DASHES:
            first, last = place.get((before.get("rid") or "").strip()), place.get(identifiers[0])
            if first is not None and last is not None and last - first < 100:
                found.update(order[first + 1 : last])
    return found


def _anthology(data: bytes) -> Found:
    """ACL Anthology: the papers of each volume, without abstracts (26,000 of them would double the library)."""
    for volume in _parse(data).iter("volume"):
        meta = volume.find("meta")
        venue = _inline(meta.find("booktitle")) if meta is not None else ""
        year = year_in(meta.findtext("year")) if meta is not None else None
        for paper in volume.iter("paper"):
            people = paper.findall("author") or paper.findall("editor")
            yield (
                make_reference(
                    title=_inline(paper.find("title")),
                    authors=[family_given(person.findtext("last"), person.findtext("first")) for person in people],
                    year=year or year_in(paper.findtext("year")),
                    venue=venue,
                    doi=paper.findtext("doi"),
                )
                or "no title"
            )


def _inline(element: etree._Element | None) -> str:
    """Text of an Anthology element, its formulas as plain characters."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        inside = _inline(child)
        parts += [plain_text(f"${inside}$") if child.tag == "tex-math" else inside, child.tail or ""]
    return " ".join("".join(parts).split())


def _tei(data: bytes) -> Found:
    """A paper that GROBID read, and the works in its list."""
    root = _parse(data)
    tei.strip_namespace(root)
    yield tei.front_matter(root) or "paper without a title"
    marks = Counter((node.get("target") or "").lstrip("#") for node in root.iter("ref") if node.get("type") == "bibr")
    for identifier, reference in tei.reference_list(root).items():
        yield replace(reference, n_citations=marks[identifier]) if reference else "reference without a title"


def _medline_xml(data: bytes) -> Found:
    for record in _parse(data).iter("MedlineCitation"):
        if record.find("Article") is None:
            yield "record without an article"
        else:
            yield medline.citation_reference(record) or "no title"


_XML_READERS: dict[str, Callable[[bytes], Found]] = {
    "article": _jats,
    "pmc-articleset": _jats,
    "collection": _anthology,
    "TEI": _tei,
    "PubmedArticleSet": _medline_xml,
    "MedlineCitationSet": _medline_xml,
}


# --- text ------------------------------------------------------------------------------------------------------------


def _bibtex(data: bytes) -> Found:
    return bibtex_references(_text(data))


def _csl_json(data: bytes) -> Found:
    """CSL-JSON as citeproc, Zotero, Crossref and Manubot write it: a list of items, or one under `items`."""
    for item in csl.items(data):
        is_csl = isinstance(item, dict) and ("issued" in item or "author" in item or "container-title" in item)
        yield (csl.reference(item) or "no title") if is_csl else "not a CSL item"


def _ris(data: bytes) -> Found:
    fields: dict[str, list[str]] = {}
    for line in _text(data).splitlines():
        match = _RIS_LINE.match(line)
        if match is None:
            continue
        if match[1] == "TY":
            fields = {}
        elif match[1] == "ER":
            yield _ris_record(fields) or "no title"
            fields = {}
        else:
            fields.setdefault(match[1], []).append(match[2].strip())
    if fields:
        yield _ris_record(fields) or "no title"


def _ris_record(fields: dict[str, list[str]]) -> Reference | None:
    def first(*tags: str) -> str | None:
        return next((fields[tag][0] for tag in tags if fields.get(tag)), None)

    return make_reference(
        title=first("TI", "T1", "CT", "BT") or "",
        authors=fields.get("AU") or fields.get("A1") or fields.get("A2") or fields.get("ED") or [],
        year=year_in(first("PY", "Y1", "DA")),
        venue=first("JO", "JF", "T2", "JA", "PB"),
        doi=first("DO") or clean_doi(first("UR", "L3")),
        abstract=first("AB", "N2"),
        volume=first("VL"),
        page=first("SP"),
    )


def _medline_text(data: bytes) -> Found:
    for fields in medline.nbib_records(_text(data)):
        yield medline.nbib_reference(fields) or "no title"
