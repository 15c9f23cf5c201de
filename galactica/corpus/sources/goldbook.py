"""Terms of chemistry out of the IUPAC Gold Book (JSON and XML) -> one document a term, some posed as a question.

Source: https://goldbook.iupac.org (`/terms/view/CODE/json`, `/terms/view/CODE/xml`; the vocabulary and all terms as one file).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from galactica import markup
from galactica.corpus.html import Converter, Reading, parse
from galactica.corpus.json_items import load
from galactica.corpus.source import Published, Source
from galactica.corpus.tables import one_line
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

MIN_CHARACTERS = 20
QUESTION_SHARE = 0.3
_QUESTIONS = ("What is {}?", "What is {}?", "What is meant by {} in chemistry?", "How is {} defined?")
_SOURCE_TITLE = re.compile(r"\(([^()]{10,300}(?:\([^()]{1,60}\)[^()]{0,60})?)\)")
_LABEL = re.compile(r"(?:(?<!\s)\s+)?(?:synonyms?|initialism|acronym|abbreviation)\s*:\s*", re.IGNORECASE)


class Term(NamedTuple):
    """A term as its file states it; texts are HTML."""

    code: str
    title: str
    definitions: list[str]
    notes: list[str]
    sources: list[str]
    also: str


def _claims(where: str, head: bytes) -> bool:
    if b"goldbook" not in head.lower() and "goldbook" not in where.lower():
        return False
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"{"):
        return re.search(rb'"(?:term|terms|entries)"\s*:', head) is not None
    return (
        start.startswith((b"<?xml", b"<term", b"<vocab"))
        and re.search(rb"<(?:term|terms|vocabulary|entry)[\s>]", head) is not None
    )


def _read(file: RawFile) -> Iterator[Document | Drop]:
    terms = list(
        _xml_terms(file.data)
        if file.data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        else _json_terms(load(file.data))
    )
    if not terms:
        yield Drop(file.where, SOURCE.name, "holds no terms")
    for term in terms:
        document = _document(term)
        yield Drop(f"{file.where}:{term.code}"[:300], SOURCE.name, document) if isinstance(document, str) else document


def _document(term: Term) -> Document | str:
    """The document, or why there is none."""
    if not term.title or not term.code:
        return "no title"
    converter = Converter(Reading("plain"))
    title = _line(converter, term.title)
    paragraphs: list[str] = []
    for number, definition in enumerate(term.definitions, 1):
        blocks = _blocks(converter, definition)
        if blocks and len(term.definitions) > 1:
            blocks[0] = f"{number}. {blocks[0]}"
        paragraphs += blocks
    if sum(map(len, paragraphs)) < MIN_CHARACTERS:
        return "no definition"
    paragraphs += [f"Note: {line}" for note in term.notes if (line := _line(converter, note))]
    if also := _LABEL.sub("", _line(converter, term.also)):
        paragraphs.append(f"Also called: {also}.")
    if not title or converter.spells_control_token:
        return "spells a control token" if converter.spells_control_token else "no title"
    identifier = f"goldbook:{term.code}"
    chance = random.Random(identifier)
    if chance.random() < QUESTION_SHARE:
        text = f"Question: {chance.choice(_QUESTIONS).format(title)}\n\nAnswer: " + "\n\n".join(paragraphs)
    else:
        text = "\n\n".join([f"# {title}", *paragraphs])
    cited = dict.fromkeys(citation for source in term.sources if (citation := _citation(converter, source)))
    if cited:
        text += f"\n\nSource: {' '.join(cited)}"
    metadata = {
        "title": title,
        "doi": f"10.1351/goldbook.{term.code}",
        "language": "en",
        "n_formulas": converter.formulas.n_formulas,
    }
    return Document(identifier, text, SOURCE.name, "CC BY-SA 4.0", metadata)


def _citation(converter: Converter, source: str) -> str:
    """ "PAC, 1996, 68, 2223. (Glossary of terms ... (IUPAC Recommendations 1996)) on page 2223" by its title."""
    match = _SOURCE_TITLE.search(_line(converter, source))
    reference = make_reference(match[1], [], None, None, None) if match else None
    return markup.cite(reference.title, reference.surname) if reference else ""


def _blocks(converter: Converter, html: str) -> list[str]:
    root = parse(html.replace("\\n", "\n"))
    return [] if isinstance(root, str) else converter.blocks(root)


def _line(converter: Converter, html: str) -> str:
    return one_line(_blocks(converter, html)).strip(" \"'")


def _json_terms(tree: Any) -> Iterator[Term]:
    if not isinstance(tree, dict):
        return
    if isinstance(tree.get("term"), dict):
        yield _json_term(str(tree["term"].get("code") or tree["term"].get("id") or ""), tree["term"])
        return
    entries = tree.get("entries")
    if entries is None and isinstance(tree.get("terms"), dict):
        entries = tree["terms"].get("list")
    if isinstance(entries, list):
        entries = {str(index): entry for index, entry in enumerate(entries)}
    for code, entry in entries.items() if isinstance(entries, dict) else ():
        if isinstance(entry, dict):
            yield _json_term(str(entry.get("code") or entry.get("id") or code), entry)


def _json_term(code: str, entry: dict[str, Any]) -> Term:
    definitions, notes, sources = [], [], []
    for definition in _list(entry.get("definitions")) or _list(entry.get("definition")):
        if isinstance(definition, dict):
            definitions.append(str(definition.get("text") or ""))
            notes += [str(note) for note in _list(definition.get("notes"))]
            sources += [str(source) for source in _list(definition.get("sources"))]
        elif definition:
            definitions.append(str(definition))
    sources += [str(source) for source in _list(entry.get("sources"))]
    title = str(entry.get("title") or entry.get("term") or "")
    return Term(code, title, definitions, notes, sources, str(entry.get("synonym") or entry.get("initialism") or ""))


def _list(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _xml_terms(data: bytes) -> Iterator[Term]:
    try:
        root = parsed(data)
    except (etree.XMLSyntaxError, ValueError):
        return
    entries = [node for node in root.iter("term", "entry") if len(node)]
    for entry in entries:
        titles = [_inner(node) for node in (*entry.findall("title"), *entry.findall("term"))]
        definitions = [
            text
            for node in entry.iter("text", "definition", "def")
            if not len(node.findall(".//text")) and (text := _inner(node))
        ]
        code = entry.findtext("code") or entry.get("code") or entry.findtext("id") or entry.get("id") or ""
        sources = [_inner(node) for node in entry.iter("source") if not len(node)]
        notes = [_inner(node) for node in entry.iter("note") if not len(node)]
        yield Term(
            code.strip(), titles[0] if titles else "", definitions, notes, sources, entry.findtext("synonym") or ""
        )


def _inner(node: etree._Element) -> str:
    """The element's content as HTML: escaped markup as it stands, elements written out."""
    return (node.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in node)


SOURCE = Source(
    name="goldbook",
    group="reference material",
    format="IUPAC Gold Book JSON and XML",
    origin="https://goldbook.iupac.org",
    licence="CC BY-SA 4.0",
    published=Published(6_788, 1_000_000),
    claims=_claims,
    read=_read,
)
