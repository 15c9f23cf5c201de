"""Textbooks in PreTeXt -> one document a chapter, or a section where a chapter is long.

Source: repositories of PreTeXt books (https://pretextbook.org), a tree of XML files that xi:include joins.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from galactica.corpus.headings import shifted
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import Expander, package_definitions
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import tokenise
from galactica.corpus.package_files import licence_of, page, text_of
from galactica.corpus.pretext_body import STATEMENTS, XML_ID, Body, name
from galactica.corpus.prose import Prose
from galactica.corpus.source import Package, PackageSource
from galactica.references.citation_text import parse_citation, reference_from_parts
from galactica.types import Document, Drop, Reference
from galactica.xml_tree import parsed

NAME = "pretext"
MAX_CHAPTER = 60_000
"""Characters of a chapter that is one document; a longer one is a document a section."""
MAX_DEPTH = 100
"""Elements inside each other; books have less than thirty."""
MAX_FILES = 2_000

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROOT = re.compile(rb"<(?:pretext|mathbook)(?=[\s>])")
_INCLUDE = "{http://www.w3.org/2001/XInclude}include"
_NUMBERED = STATEMENTS - {"assemblage", "data"}
_COUNTED_ALONE = {"figure": "Figure", "table": "Table", "listing": "Listing"}
_LICENCE = re.compile(r"licen[cs]e|copying|index|notation|hints|solutions|answers", re.IGNORECASE)
"""Titles of appendices that are no text of the book."""
_OWN_MACROS = r"\def\lt{<}\def\gt{>}\def\amp{&}"


def _roots(package: Package) -> list[str]:
    return [path for path in package.ending(".xml", ".ptx", ".mbx") if _ROOT.search(package.files[path][:4096])]


def _read(package: Package) -> Iterator[Document | Drop]:
    licence = licence_of(package)
    seen: set[str] = set()
    for path in _roots(package):
        root = _parsed(package.files[path])
        if root is None:
            yield Drop(f"{package.where}/{path}", NAME, "not well-formed")
            continue
        _join(package, path, root, {path})
        if _is_deep(root):
            yield Drop(f"{package.where}/{path}", NAME, "nested too deep")
            continue
        for item in _book(package, f"{package.where}/{path}", root, licence):
            if isinstance(item, Document) and item.id in seen:
                yield Drop(item.id, NAME, "in two roots of the book")
                continue
            seen.add(item.id if isinstance(item, Document) else "")
            yield item


def _parsed(data: bytes) -> etree._Element | None:
    try:
        return parsed(data, remove_comments=True, remove_pis=True)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _join(package: Package, path: str, root: etree._Element, joined: set[str]) -> None:
    """Puts the files that the tree includes in their places, each file once."""
    waiting = [(node, path) for node in root.iter(_INCLUDE)]
    while waiting:
        node, base = waiting.pop()
        parent = node.getparent()
        target = posixpath.normpath(posixpath.join(posixpath.dirname(base), node.get("href") or ""))
        if parent is None:
            continue
        if target in joined or target not in package.files or len(joined) > MAX_FILES:
            parent.remove(node) if not (node.tail or "").strip() else None
            continue
        joined.add(target)
        if node.get("parse") == "text":
            before = node.getprevious()
            holder = _NOT_XML.sub("", text_of(package.files[target]))
            if before is None:
                parent.text = f"{parent.text or ''}{holder}{node.tail or ''}"
            else:
                before.tail = f"{before.tail or ''}{holder}{node.tail or ''}"
            parent.remove(node)
            continue
        tree = _parsed(package.files[target])
        if tree is None:
            continue
        tree.tail = node.tail
        parent.replace(node, tree)
        waiting += [(inner, target) for inner in tree.iter(_INCLUDE)]
        if tree.tag == _INCLUDE:
            waiting.append((tree, target))


def _is_deep(root: etree._Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _book(package: Package, where: str, root: etree._Element, licence: str) -> Iterator[Document | Drop]:
    definitions = _definitions(root)
    references = dict(_works(root))
    chapters = [node for node in root.iter("chapter", "appendix") if isinstance(node.tag, str)]
    articles = (
        [] if chapters else [node for parent in root.iter("article", "book") for node in parent.iterchildren("section")]
    )
    labels = _labels(chapters or articles)
    if not chapters and not articles:
        yield Drop(where, NAME, "no chapters")
    for number, chapter in enumerate(chapters or articles, 1):
        if _LICENCE.search(_text(chapter.find("title"))):
            yield Drop(where, NAME, "appendix that is no text")
            continue
        yield from _chapter(package, chapter, number, labels, references, definitions, licence)


def _chapter(
    package: Package, chapter: etree._Element, number: int, labels: Mapping[str, str],
    references: Mapping[str, Reference | None], definitions: Definitions, licence: str,
) -> Iterator[Document | Drop]:  # fmt: skip
    """The chapter, or each section where it is long."""
    key = chapter.get(XML_ID) or f"chapter-{number}"
    references = {**references, **_numbered(chapter)}
    prose = Prose(references, definitions)
    body = Body(prose, labels)
    blocks = [f"# {body.title(chapter)}", *body.blocks(chapter), *body.exercises]
    sections = [node for node in chapter if name(node) == "section"]
    if len("\n\n".join(blocks)) <= MAX_CHAPTER or len(sections) < 2:
        yield page(package, key, NAME, blocks, prose, licence, _exercise_counts(body))
        return
    title = body.title(chapter)
    for node in sections:
        chapter.remove(node)
    opening = Prose(references, definitions)
    head = Body(opening, labels)
    parts = [(key, [f"# {title}", *head.blocks(chapter), *head.exercises], opening, head)]
    for index, section in enumerate(sections, 1):
        prose = Prose(references, definitions)
        body = Body(prose, labels)
        written = shifted(body.blocks(section), 2)
        parts.append(
            (
                f"{key}/{section.get(XML_ID) or index}",
                [f"# {body.title(section)}", *written, *body.exercises],
                prose,
                body,
            )
        )
    for path, blocks, prose, body in parts:
        yield page(package, path, NAME, blocks, prose, licence, {"chapter": title, **_exercise_counts(body)})


def _text(element: etree._Element | None) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def _exercise_counts(body: Body) -> dict[str, int]:
    return {"n_exercises": len(body.exercises), "exercises_left_out": body.n_unsolved}


def _definitions(root: etree._Element) -> Definitions:
    definitions = package_definitions().copy()
    expander = Expander({}, definitions)
    texts = [_OWN_MACROS, *("".join(str(part) for part in node.itertext()) for node in root.iter("macros"))]
    for text in texts:
        try:
            expander.run(tokenise(text))
        except TooLongError:
            break
    return definitions


def _works(root: etree._Element) -> Iterator[tuple[str, Reference | None]]:
    """The works of the book's lists by their ids."""
    for entry in root.iter("biblio"):
        if identifier := entry.get(XML_ID):
            yield identifier, _work(entry)


def _numbered(chapter: etree._Element) -> dict[str, Reference | None]:
    """Number -> work of the list that a chapter ends in, where its text points to it by numbers it writes itself: "[5]"."""
    lists = [node for node in chapter.iter("references") if isinstance(node.tag, str)]
    entries = list(lists[0].iter("biblio")) if len(lists) == 1 else []
    return {str(number): _work(entry) for number, entry in enumerate(entries, 1)}


def _work(entry: etree._Element) -> Reference | None:
    text, marked = _text(entry), _text(next(entry.iter("title"), None))
    authors, _, rest = text.partition(marked) if marked else ("", "", "")
    quoted = next(entry.iter("q"), None)
    told = reference_from_parts(authors.strip(" ,.:"), marked, rest) if marked and quoted is None else None
    return told or parse_citation(text)


def _labels(chapters: list[etree._Element]) -> dict[str, str]:
    """Id -> what a pointer shows: the kind and number of what has one ("Theorem 3.14"), the title of a division in quotes."""
    labels: dict[str, str] = {}
    for number, chapter in enumerate(chapters, 1):
        counts: dict[str, int] = {}
        for node in chapter.iter():
            kind = name(node)
            identifier = node.get(XML_ID) if isinstance(node.tag, str) else None
            if kind in _NUMBERED or kind in _COUNTED_ALONE:
                group = kind if kind in _COUNTED_ALONE else "statement"
                counts[group] = counts.get(group, 0) + 1
                if identifier is None:  # it shows its number all the same
                    identifier = f" {kind} {number}.{counts[group]}"
                    node.set(XML_ID, identifier)
                labels[identifier] = f"{kind.capitalize()} {number}.{counts[group]}"
            elif kind == "exercise":
                counts[kind] = counts.get(kind, 0) + 1
                if identifier is not None:
                    labels[identifier] = f"Exercise {number}.{node.get('number') or counts[kind]}"
            elif identifier is not None and kind in ("men", "mrow", "md", "mdn"):
                labels[identifier] = "the equation above"
            elif identifier is not None and (title := node.find("title")) is not None:
                labels[identifier] = f"“{_text(title)}”" if kind not in ("chapter", "appendix") else f"Chapter {number}"
    return labels


SOURCE = PackageSource(
    name=NAME,
    group="reference material",
    format="PreTeXt XML",
    origin="https://pretextbook.org/catalog (repositories of the books)",
    licence="per book, as its licence file states (GFDL, CC BY-SA, ...)",
    endings=frozenset((".xml", ".ptx", ".mbx")),
    claims=lambda package: bool(_roots(package)),
    read=_read,
)
