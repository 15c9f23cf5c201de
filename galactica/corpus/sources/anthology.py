"""Abstracts of the ACL Anthology -> papers that end after the abstract.

Source: the Anthology's own XML, one collection a file (https://aclanthology.org/info/development).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from galactica import markup
from galactica.corpus.fragments import paragraphs
from galactica.corpus.marks import Marks
from galactica.corpus.papers import MAX_AUTHORS, is_english
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_ROOT = re.compile(rb"<collection\s+id=")
_MATHS = re.compile(r"\\\(.{1,2000}?\\\)")
_CITATION = re.compile(r"\b(?:CITATION|REF)\b(?=[^()]{0,60}\))")
"""What the Anthology writes for a citation, in parentheses."""

_YEAR_IN_NAME = re.compile(r"(\d{4})\.|[A-Z](\d\d)\b")
_OPEN_SINCE = 2016
"""https://aclanthology.org/faq/copyright: materials before that year are under CC BY-NC-SA 3.0."""


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith(".xml") and _ROOT.search(head) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        collection = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    for volume in collection.iterfind("volume"):
        licence = _licence(volume.findtext("meta/year") or "", str(collection.get("id")))
        for paper in volume.iterfind("paper"):
            number = f"{collection.get('id')}-{volume.get('id')}.{paper.get('id')}"
            document = _document(paper, number, licence)
            yield Drop(f"{file.where}:{number}", SOURCE.name, document) if isinstance(document, str) else document


def _licence(year: str, collection: str) -> str:
    """What the Anthology states for all papers of a year, which the collection's name tells too: "2022.acl", "P19", "W99"."""
    if not (year.strip().isascii() and year.strip().isdigit()) and (named := _YEAR_IN_NAME.match(collection)):
        year = named[1] or f"{'19' if named[2] > '60' else '20'}{named[2]}"
    is_open = year.strip().isascii() and year.strip().isdigit() and int(year.strip()[:4]) >= _OPEN_SINCE
    return "CC BY 4.0" if is_open else "CC BY-NC-SA 3.0"


def _document(paper: etree._Element, number: str, licence: str) -> Document | str:
    """The document, or why there is none."""
    marks = Marks({})
    title, abstract = _prose(paper.find("title"), marks), _prose(paper.find("abstract"), marks)
    if title is None or abstract is None:
        return "spells a control token"
    if not title:
        return "no title"
    if not abstract:
        return "no abstract"
    if not is_english(abstract):
        return "not English"
    authors = [
        f"{_text(person.find('last'))}, {_text(person.find('first'))}"
        for person in paper.findall("author")[:MAX_AUTHORS]
    ]
    text = markup.paper_head(title, authors) + markup.heading("Abstract") + abstract
    metadata = {
        "title": title,
        "doi": paper.findtext("doi"),
        "n_marks": marks.n_marks,
        "n_resolved": 0,
        "unresolved": dict(marks.unresolved),
    }
    return Document(f"anthology:{number}", text, SOURCE.name, licence, metadata)


def _prose(element: etree._Element | None, marks: Marks) -> str | None:
    """The element's text without the tags that were escaped in it, its citations counted; None where it spells a control token."""
    found = paragraphs(_text(element))
    if found is None:
        return None
    text = _MATHS.sub(lambda match: marks.hold(match[0]), " ".join(found))
    return marks.resolve(_CITATION.sub(lambda match: marks.mark([match[0]]), text))


def _text(element: etree._Element | None) -> str:
    """The element's text on one line; formulas in maths marks."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        inside = _text(child)
        parts += [markup.inline_maths(inside) if child.tag == "tex-math" else inside, child.tail or ""]
    return " ".join("".join(parts).split())


SOURCE = Source(
    name="anthology",
    group="papers",
    format="ACL Anthology XML",
    origin="https://aclanthology.org",
    licence="CC BY 4.0 (2016 and later), CC BY-NC-SA 3.0",
    claims=_claims,
    read=_read,
)
