"""Proteins: UniProt's XML, entries told as the flat file's are.

Source: https://www.uniprot.org/docs/uniprot.xsd.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from galactica.corpus import split
from galactica.corpus.source import Source
from galactica.corpus.sources import proteins, swissprot
from galactica.corpus.sources.swissprot import Entry, without_evidence
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_LABELS = {
    "initiator methionine": "INIT_MET", "signal peptide": "SIGNAL", "transit peptide": "TRANSIT", "propeptide": "PROPEP",
    "chain": "CHAIN", "peptide": "PEPTIDE", "topological domain": "TOPO_DOM", "transmembrane region": "TRANSMEM",
    "intramembrane region": "INTRAMEM", "domain": "DOMAIN", "repeat": "REPEAT", "region of interest": "REGION",
    "short sequence motif": "MOTIF", "coiled-coil region": "COILED", "DNA-binding region": "DNA_BIND",
    "zinc finger region": "ZN_FING", "calcium-binding region": "CA_BIND", "nucleotide phosphate-binding region": "NP_BIND",
    "active site": "ACT_SITE", "metal ion-binding site": "METAL", "binding site": "BINDING", "site": "SITE",
    "modified residue": "MOD_RES", "lipid moiety-binding region": "LIPID", "glycosylation site": "CARBOHYD",
    "disulfide bond": "DISULFID", "cross-link": "CROSSLNK",
}  # fmt: skip
"""Types of features -> keys of the flat file."""

_STATUS = {"less than": "<", "greater than": ">", "uncertain": "?"}
_NAMES = ("recommendedName", "submittedName", "alternativeName")


def _claims(where: str, head: bytes) -> bool:
    return b"<uniprot" in head and b"uniprot.org/uniprot" in head


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        root = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError):
        yield Drop(file.where, proteins.NAME, "not well-formed")
        return
    yield from proteins.made((_entry(entry) for entry in root.iterfind("{*}entry")), file.where)


def _entry(entry: etree._Element) -> Entry | str:
    accession = _text(entry.find("{*}accession"))
    if not swissprot.ACCESSION.match(accession):
        return "no UniProt accession"
    full = [element for kind in _NAMES for element in entry.iterfind(f"{{*}}protein/{{*}}{kind}/{{*}}fullName")]
    if not full:
        return "no name"
    comments = _comments(entry)
    headings = dict.fromkeys(swissprot.TOPICS.values())
    sections = [(heading, comments[heading]) for heading in headings if heading in comments]
    if keywords := [_text(word) for word in entry.iterfind("{*}keyword")]:
        sections.append(("Keywords", ", ".join(keywords)))
    if features := list(_features(entry)):
        sections.append(("Features", "\n".join(features[: swissprot.MAX_FEATURES])))
    return Entry(
        accession=accession,
        name=_text(full[0]),
        sequence="".join((entry.findtext("{*}sequence") or "").split()),
        organism=_organism(entry),
        gene=_text(entry.find("{*}gene/{*}name")),
        sections=tuple(sections),
        works=tuple(_works(entry))[: swissprot.MAX_CITATIONS],
    )


def _text(element: etree._Element | None) -> str:
    return without_evidence(element.text or "") if element is not None else ""


def _organism(entry: etree._Element) -> str:
    names = {name.get("type"): _text(name) for name in entry.iterfind("{*}organism/{*}name")}
    others = [name for name in (names.get("common", ""), names.get("synonym", "")) if name]
    return " ".join((names.get("scientific", ""), *(f"({name})" for name in others)))


def _comments(entry: etree._Element) -> dict[str, str]:
    """Heading -> text of the comments that `swissprot.TOPICS` names; comments of one topic become paragraphs."""
    found: dict[str, list[str]] = {}
    for comment in entry.iterfind("{*}comment"):
        heading = swissprot.TOPICS.get(comment.get("type", "").upper())
        text = _comment(comment) if heading else ""
        if heading and text:
            found.setdefault(heading, []).append(text)
    return {heading: "\n\n".join(texts) for heading, texts in found.items()}


def _comment(comment: etree._Element) -> str:
    parts = [_text(element) for element in comment.iterfind("{*}reaction/{*}text")]
    parts += [_text(element) for element in comment.iterfind("{*}cofactor/{*}name")]
    places = [
        "; ".join(_text(part) for part in place if (part.text or "").strip())
        for place in comment.iterfind("{*}subcellularLocation")
    ]
    if places:
        parts.append(". ".join(places) + ".")
    for disease in comment.iterfind("{*}disease"):
        parts.append(f"{_text(disease.find('{*}name'))}: {_text(disease.find('{*}description'))}")
    facts = "; ".join(parts)
    notes = " ".join(_text(element).removeprefix("Note=") for element in comment.iterfind("{*}text"))
    return f"{facts} {notes}".strip()


def _features(entry: etree._Element) -> Iterator[str]:
    """One line per feature with its position."""
    for feature in entry.iterfind("{*}feature"):
        key = _LABELS.get(feature.get("type", ""))
        location = feature.find("{*}location")
        if key is None or location is None:
            continue
        start, end = (_position(location, name) for name in ("begin", "end"))
        place = _position(location, "position") or (start if start == end else f"{start} to {end}")
        detail = without_evidence(feature.get("description", "")) or _text(feature.find("{*}ligand/{*}name"))
        yield f"* {swissprot.FEATURES[key]}, {place}" + (f": {detail}" if detail else "")


def _position(location: etree._Element, name: str) -> str:
    found = location.find(f"{{*}}{name}")
    if found is None:
        return ""
    return _STATUS.get(found.get("status", ""), "") + found.get("position", "") or "?"


def _works(entry: etree._Element) -> Iterator[tuple[str, str]]:
    """Title and first author's surname of each reference that has both."""
    for citation in entry.iterfind("{*}reference/{*}citation"):
        title = _text(citation.find("{*}title")).strip('". ')
        author = citation.find("{*}authorList/{*}person")
        surname = swissprot.surname(author.get("name", "")) if author is not None else ""
        if title and surname:
            yield title, surname


SOURCE = Source(
    name=proteins.NAME,
    group="knowledge bases",
    format="UniProt XML",
    origin="https://www.uniprot.org",
    licence=proteins.LICENCE,
    published=proteins.PUBLISHED,
    claims=_claims,
    read=_read,
    split=split.between(
        b"<entry ",
        b"</entry>",
        head=b'<uniprot xmlns="http://uniprot.org/uniprot" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n',
        tail=b"\n</uniprot>",
    ),
)
