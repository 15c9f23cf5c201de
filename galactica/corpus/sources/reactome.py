"""Pathways of Reactome: what one does, step by step, with its literature.

BioPAX level 3 (biopax.zip, a file per species) is the download that holds everything: summations as comments, reactions, works with
title and authors. `pathway2summation.txt` is a table of the human summations alone. Source: https://reactome.org/download-data.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from galactica import markup
from galactica.corpus.fragments import paragraphs
from galactica.corpus.marks import Marks
from galactica.corpus.source import Published, Source
from galactica.corpus.sources.described import described
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop, Reference
from galactica.xml_tree import check_entities

NAME = "reactome"
LICENCE = "CC0 1.0 (Reactome)"
PUBLISHED = Published(156, 10_000_000)

MAX_STEPS = 60
MAX_WORKS = 30

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_BIOPAX = re.compile(rb"biopax\.org/release/biopax-level3\.owl")
_ROW = re.compile(rb"(?:#?[^\t\n]{0,80}\t[^\t\n]{0,80}\t[^\t\n]{0,80}\n)?R-[A-Z]{3}-\d+\t[^\t\n]+\t")
_STABLE = re.compile(r"(?:R-[A-Z]{3}-\d{1,10}|REACT_\d{1,10})(?:\.\d+)?\Z")
_EVENTS = (
    "BiochemicalReaction", "BlackBoxEvent", "Catalysis", "ComplexAssembly", "Conversion", "Degradation", "Interaction",
    "Modulation", "MolecularInteraction", "TemplateReaction", "Transport", "TransportWithBiochemicalReaction",
)  # fmt: skip
_NO_SUMMATION = re.compile(
    r"(?:Authored|Edited|Reviewed|Revised|Created|Modified|Converted from|Reactome DB_ID|Reactome stable|Inferred from|"
    r"Derived from|Same Catalyst|This event was computationally inferred)\b"
)
_INFERRED = "computationally inferred"

_IN_PARENTHESES = re.compile(r"\(([^()]{6,400})\)")
_WORD = r"[^\W\d_][\w’'\-]{0,40}"
_AUTHOR_YEAR = re.compile(
    rf"(?:see |see also |reviewed (?:in|by) |reviewed: |e\.g\.,? )?((?:(?:van|von|de|der|den|la|le|di) )*{_WORD})"
    rf"(?: {_WORD})?(?:,? et al\.?|,? (?:and|&) (?:colleagues|{_WORD}(?: {_WORD})?))?,? ((?:19|20)\d\d)[a-z]?"
)
_YEAR = re.compile(r"((?:19|20)\d\d)[a-z]?")
_BETWEEN = re.compile(r"\s*(?:[;,]\s*(?:and\s+|&\s*)?|and\s+|\Z)")


@dataclass(slots=True)
class _Event:
    """A pathway or reaction as the file gives it; references are identifiers in the file."""

    name: str = ""
    comments: list[str] = field(default_factory=list)
    organism: str = ""
    components: list[str] = field(default_factory=list)
    xrefs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Model:
    pathways: dict[str, _Event] = field(default_factory=dict)
    reactions: dict[str, _Event] = field(default_factory=dict)
    works: dict[str, Reference | None] = field(default_factory=dict)
    stable: dict[str, str] = field(default_factory=dict)
    organisms: dict[str, str] = field(default_factory=dict)


def _read(file: RawFile) -> Iterator[Document | Drop]:
    model = _Model()
    try:
        for element in _elements(file.data):
            _add(model, element)
    except (etree.XMLSyntaxError, ValueError):
        yield Drop(file.where, NAME, "not well-formed")
    for identifier, pathway in model.pathways.items():
        found = _document(model, pathway)
        yield Drop(f"{file.where}:{identifier}", NAME, found) if isinstance(found, str) else found


def _elements(data: bytes) -> Iterator[etree._Element]:
    """The children of the root, each let go before the next is read."""
    options = {
        "resolve_entities": False,
        "no_network": True,
        "huge_tree": False,
        "load_dtd": False,
        "remove_comments": True,
    }
    depth = 0
    for event, element in etree.iterparse(io.BytesIO(data), events=("start", "end"), **options):
        depth += 1 if event == "start" else -1
        if event == "end" and depth == 1:
            check_entities(element)
            yield element
            parent = element.getparent()
            element.clear()
            while parent is not None and len(parent) > 1:
                del parent[0]


def _add(model: _Model, element: etree._Element) -> None:
    kind = etree.QName(element).localname if isinstance(element.tag, str) else ""
    identifier = element.get(f"{_RDF}ID") or element.get(f"{_RDF}about", "").rpartition("#")[2]
    if kind == "Pathway":
        model.pathways[identifier] = _event(element)
    elif kind in _EVENTS:
        model.reactions[identifier] = _event(element)
    elif kind == "PublicationXref":
        year = _text(element, "year")
        people = [" ".join((author.text or "").split()) for author in element.iterfind("{*}author")]
        venue = _text(element, "source")
        model.works[identifier] = make_reference(
            _text(element, "title"), people, int(year) if year.isdecimal() and len(year) == 4 else None, venue, None
        )
    elif kind == "UnificationXref" and _STABLE.match(_text(element, "id")):
        model.stable[identifier] = _text(element, "id").partition(".")[0]
    elif kind == "BioSource":
        model.organisms[identifier] = _text(element, "displayName") or _text(element, "name")


def _event(element: etree._Element) -> _Event:
    def targets(name: str) -> list[str]:
        return [one.get(f"{_RDF}resource", "").rpartition("#")[2] for one in element.iterfind(f"{{*}}{name}")]

    return _Event(
        name=_text(element, "displayName") or _text(element, "name"),
        comments=[one.text for one in element.iterfind("{*}comment") if one.text],
        organism=next(iter(targets("organism")), ""),
        components=targets("pathwayComponent"),
        xrefs=targets("xref"),
    )


def _text(element: etree._Element, name: str) -> str:
    return " ".join((element.findtext(f"{{*}}{name}") or "").split())


def _document(model: _Model, pathway: _Event) -> Document | str:
    """The document of a pathway, or the reason why there is none."""
    if not pathway.name:
        return "no name"
    if any(_INFERRED in comment for comment in pathway.comments):
        return "inferred from another species"
    events = [pathway, *(model.reactions[one] for one in pathway.components if one in model.reactions)][: MAX_STEPS + 1]
    xrefs = dict.fromkeys(xref for event in events for xref in event.xrefs)
    works = [work for xref in xrefs if (work := model.works.get(xref)) is not None]
    marks = Marks({f"{work.surname.lower()} {work.year}": work for work in reversed(works)})
    told = [_summation(event.comments, marks) for event in events]
    if any(text is None for text in told):
        return "spells a control token"
    if not told[0]:
        return "no description"
    steps = [f"### {event.name}\n\n{text}" for event, text in zip(events[1:], told[1:], strict=True) if text]
    parts = [model.pathways[one].name for one in pathway.components if one in model.pathways]
    sections = [
        ("Description", told[0]),
        ("Organism", model.organisms.get(pathway.organism, "")),
        ("Parts", "\n".join(f"* {name}" for name in dict.fromkeys(parts) if name)),
        ("Steps", "\n\n".join(steps)),
    ]
    sections = [(heading, text) for heading, text in sections if text]
    names = [pathway.name, *parts, *(event.name for event in events), *model.organisms.values()]
    if markup.control_tokens("\n".join(names)):
        return "spells a control token"
    stable = next((model.stable[xref] for xref in pathway.xrefs if xref in model.stable), "")
    key = f"{NAME}:{stable or pathway.name}"
    cited = [(work.title, work.surname) for work in works[:MAX_WORKS] if work.surname]
    return _made(key, pathway.name, sections, cited, marks)


def _made(key: str, name: str, sections: list[tuple[str, str]], works: list[tuple[str, str]], marks: Marks) -> Document:
    questions = {"Description": (f"What is {name}?", f"What is known of this pathway: {name}?")}
    metadata = {
        "title": name,
        "n_marks": marks.n_marks,
        "n_resolved": marks.n_resolved,
        "unresolved": dict(marks.unresolved),
    }
    return Document(key, described(key, name, sections, questions, "", works), NAME, LICENCE, metadata)


def _summation(comments: list[str], marks: Marks) -> str | None:
    """The text of the comments that say what happens, citations for the works named in parentheses; None where it spells a
    control token."""
    kept: list[str] = []
    for comment in comments:
        if _NO_SUMMATION.match(comment.lstrip()):
            continue
        found = paragraphs(comment)
        if found is None:
            return None
        kept += [marks.resolve(_IN_PARENTHESES.sub(lambda match: _marked(match, marks), text)) for text in found]
    return "\n\n".join(text for text in kept if text)


def _marked(match: re.Match[str], marks: Marks) -> str:
    """A parenthesis of authors and years as marks; any other as it stands."""
    identifiers: list[str] = []
    surname, at, text = "", 0, match[1].strip()
    while at < len(text):
        named = _AUTHOR_YEAR.match(text, at)
        found = named or (_YEAR.match(text, at) if surname else None)
        between = _BETWEEN.match(text, found.end()) if found else None
        if found is None or between is None:
            return match[0]
        surname = named[1].lower() if named else surname
        identifiers.append(f"{surname} {named[2] if named else found[1]}")
        at = between.end()
    return f"({' '.join(marks.mark([identifier]) for identifier in identifiers)})"


# --- the table of summations ------------------------------------------------------------------------------------------


def _read_table(file: RawFile) -> Iterator[Document | Drop]:
    rows: dict[tuple[str, str], list[str]] = {}
    for line in file.data.decode("utf-8", "replace").split("\n"):
        columns = line.rstrip("\r").split("\t")
        if len(columns) >= 3 and _STABLE.match(columns[0]):
            rows.setdefault((columns[0], columns[1].strip()), []).append(columns[2])
    for (identifier, name), texts in rows.items():
        marks = Marks({})
        text = _summation(texts, marks)
        if text is None or markup.control_tokens(name):
            yield Drop(f"{file.where}:{identifier}", NAME, "spells a control token")
        elif not text or not name:
            yield Drop(f"{file.where}:{identifier}", NAME, "no description")
        else:
            # the same pathway stands in BioPAX too, told at more length: the prefix keeps the two documents apart
            yield _made(f"{NAME}:summation-{identifier}", name, [("Description", text)], [], marks)


def _claims_table(where: str, head: bytes) -> bool:
    return "summation" in where.lower() and _ROW.match(head) is not None


SOURCE = Source(
    name=NAME,
    group="knowledge bases",
    format="BioPAX level 3 (OWL)",
    origin="https://reactome.org/download/current/biopax.zip",
    licence=LICENCE,
    published=PUBLISHED,
    claims=lambda where, head: _BIOPAX.search(head) is not None,
    read=_read,
)

SUMMATIONS = Source(
    name=NAME,
    group="knowledge bases",
    format="pathway2summation.txt",
    origin="https://reactome.org/download/current/pathway2summation.txt",
    licence=LICENCE,
    published=PUBLISHED,
    claims=_claims_table,
    read=_read_table,
)
