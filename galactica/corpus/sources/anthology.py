"""Abstracts of the ACL Anthology -> papers that end after the abstract.

Source: the Anthology's own XML, one collection a file (https://aclanthology.org/info/development).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from galactica import markup
from galactica.corpus.papers import MAX_AUTHORS, is_english
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop

_ROOT = re.compile(rb"<collection\s+id=")


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith(".xml") and _ROOT.search(head) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        collection = etree.fromstring(file.data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    for volume in collection.iterfind("volume"):
        for paper in volume.iterfind("paper"):
            number = f"{collection.get('id')}-{volume.get('id')}.{paper.get('id')}"
            document = _document(paper, number)
            yield Drop(f"{file.where}:{number}", SOURCE.name, document) if isinstance(document, str) else document


def _document(paper: etree._Element, number: str) -> Document | str:
    """The document, or why there is none."""
    title, abstract = _text(paper.find("title")), _text(paper.find("abstract"))
    if not title:
        return "no title"
    if not abstract:
        return "no abstract"
    if markup.control_tokens(title + abstract):
        return "spells a control token"
    if not is_english(abstract):
        return "not English"
    authors = [
        f"{_text(person.find('last'))}, {_text(person.find('first'))}"
        for person in paper.findall("author")[:MAX_AUTHORS]
    ]
    text = markup.paper_head(title, authors) + markup.heading("Abstract") + abstract
    return Document(
        f"anthology:{number}", text, SOURCE.name, "CC BY 4.0", {"title": title, "doi": paper.findtext("doi")}
    )


def _text(element: etree._Element | None) -> str:
    """The element's text on one line; formulas in maths marks, e-mail and web addresses as they stand."""
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
    licence="CC BY 4.0 (2016 and later)",
    claims=_claims,
    read=_read,
)
