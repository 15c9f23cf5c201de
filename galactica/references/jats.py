"""JATS and NLM articles as sources of references: the works in their reference lists, and the article itself.

Source: NLM Journal Archiving tag sets 2.0-3.0, JATS 1.0-1.3 (NISO Z39.96), as PubMed Central, PLOS and Open Journals write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from galactica.modalities import mathml
from galactica.references.citation_text import parse_citation
from galactica.references.record import clean_doi, make_reference
from galactica.types import Reference, UntitledEntry


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CITATIONS = frozenset(("element-citation", "mixed-citation", "citation", "nlm-citation"))
_TITLES = ("article-title", "chapter-title", "part-title", "data-title")
_PEOPLE = frozenset(("name", "person-group", "string-name", "name-alternatives", "collab", "etal"))
_NOT_TEXT = frozenset(
    ("xref", "fn", "tex-math", "graphic", "inline-graphic", "label", "ext-link", "object-id", "alt-text", "sec-meta")
)
_BOOKS = _words("book thesis report software data dataset conference confproc web webpage manual other gov patent")
_OTHER_ABSTRACTS = _words(
    "toc graphical teaser summary editor short video executive-summary web-summary key-points precis"
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_EMPTY_BRACKETS = re.compile(r"(?<![^ ])[(\[] ?[)\]]")
"""Alone, where a name was lost; those of "printf()" stay."""


def reference_list(article: etree._Element) -> dict[str, Reference | None]:
    """Id of each entry of the article's reference lists -> its record, or None where the entry names no title."""
    found: dict[str, Reference | None] = {}
    for entry in article.iter("ref"):
        records: list[tuple[str | None, Reference | None]] = []
        for citation in entry.iter(*CITATIONS):
            records.append((citation.get("id"), _record(citation)))
        best = next((record for _, record in records if record is not None), None)
        for identifier, record in records:
            if identifier:
                found[identifier] = record or best
        if identifier := entry.get("id"):
            found[identifier] = best
    return found


def untitled_entries(article: etree._Element, references: Mapping[str, Reference | None]) -> dict[str, UntitledEntry]:
    """What each entry that names no title says of its work; `references` is the article's `reference_list`."""
    untitled = {identifier for identifier, reference in references.items() if reference is None}
    found: dict[str, UntitledEntry] = {}
    for entry in article.iter("ref") if untitled else ():
        citations = list(entry.iter(*CITATIONS))
        identifiers = [identifier for node in (entry, *citations) if (identifier := node.get("id")) in untitled]
        if identifiers and len(citations) == 1:  # of several works in one entry none is the one that a mark means
            found.update(dict.fromkeys(identifiers, _untitled(citations[0])))
    return found


def front_matter(article: etree._Element) -> Reference | None:
    """The article itself: title, authors, earliest year of publication, journal, DOI, abstract as plain text."""
    meta = article.find("front/article-meta")
    if meta is None:
        meta = article.find("front-stub")
    if meta is None:
        return None
    title = meta.find("title-group/article-title")
    dates = [*meta.findall("pub-date"), *meta.findall("pub-date-not-available")]
    years = [int(match[0]) for date in dates if (match := _YEAR.search(date.findtext("year") or ""))]
    journal = article.find("front/journal-meta")
    venue = next((text_of(node) for node in journal.iter("journal-title")), None) if journal is not None else None
    abstract = main_abstract(meta)
    return make_reference(
        title=title_of(title) if title is not None else "",
        authors=[name for group in meta.findall("contrib-group") for name in _contributors(group)],
        year=min(years) if years else None,
        venue=venue,
        doi=article_ids(article).get("doi"),
        abstract=" ".join(text_of(node) for node in abstract.iter("p")) if abstract is not None else None,
        volume=meta.findtext("volume"),
        page=meta.findtext("fpage") or meta.findtext("elocation-id"),
    )


def main_abstract(meta: etree._Element) -> etree._Element | None:
    """The abstract proper of an `article-meta`, without the ones for contents pages, editors and the press."""
    return next(
        (node for node in meta.findall("abstract") if node.get("abstract-type", "") not in _OTHER_ABSTRACTS), None
    )


def article_ids(article: etree._Element) -> dict[str, str]:
    """The article's own identifiers by kind: doi, pmc, pmid, publisher-id."""
    found: dict[str, str] = {}
    meta = article.find("front/article-meta")
    for node in meta.findall("article-id") if meta is not None else ():
        kind, value = node.get("pub-id-type", ""), (node.text or "").strip()
        if kind == "doi":
            value = clean_doi(value) or ""
        if kind and value:
            found.setdefault("pmc" if kind == "pmcid" else kind, value)
    return found


def text_of(element: etree._Element) -> str:
    """The element's text on one line, MathML as inline LaTeX, without footnote marks and labels."""
    parts: list[str] = []
    _collect(element, parts)
    return " ".join("".join(parts).split())


def title_of(element: etree._Element) -> str:
    """The text of a title: words that are a link are kept, and brackets that the source left empty are not."""
    parts: list[str] = []
    _collect(element, parts, is_title=True)
    return " ".join(_EMPTY_BRACKETS.sub("", " ".join("".join(parts).split())).split())


def _collect(element: etree._Element, parts: list[str], is_title: bool = False) -> None:
    if element.text:
        parts.append(element.text)
    for child in element:
        tag = child.tag
        is_words = is_title and tag == "ext-link" and "://" not in "".join(map(str, child.itertext()))
        if isinstance(tag, str) and (tag not in _NOT_TEXT or is_words):
            if tag.endswith("}math"):
                parts.append(rf"\( {mathml.from_mathml(child)} \)")
            elif tag == "break":
                parts.append(" ")
            else:
                _collect(child, parts, is_title)
        if child.tail:
            parts.append(child.tail)


def _record(citation: etree._Element) -> Reference | None:
    title = next((text for name in _TITLES if (text := _child_text(citation, name, title_of))), "")
    venue = _child_text(citation, "source") or None
    if not title and venue and not _is_journal(citation):
        title, venue = venue, _child_text(citation, "publisher-name") or None
    if not title:
        return parse_citation(text_of(citation)) if len(citation) < 8 else None
    year = _YEAR.search(_child_text(citation, "year") or _child_text(citation, "date"))
    return make_reference(
        title=title,
        authors=list(_authors(citation)),
        year=int(year[0]) if year else None,
        venue=venue,
        doi=_doi(citation),
        volume=_child_text(citation, "volume"),
        page=_first_page(citation),
    )


def _first_page(citation: etree._Element) -> str:
    return _child_text(citation, "fpage") or _child_text(citation, "elocation-id")


def _untitled(citation: etree._Element) -> UntitledEntry:
    authors = list(_authors(citation))
    year = _YEAR.search(_child_text(citation, "year"))
    is_glued = authors and not any(
        (child.tail or "").strip() for child in citation
    )  # nothing but tags between the parts
    parts = [" ".join(name.split()) for name in authors] + [
        text_of(child) for child in citation if child.tag not in _PEOPLE
    ]
    return UntitledEntry(
        text=" ".join(parts) if is_glued else text_of(citation),
        surname=authors[0].partition(",")[0] if authors else "",
        year=int(year[0]) if year else None,
        volume=_child_text(citation, "volume"),
        page=_first_page(citation),
        doi=_doi(citation),
    )


def _child_text(element: etree._Element, name: str, read: Callable[[etree._Element], str] = text_of) -> str:
    node = element.find(name)
    if node is None:
        node = next(element.iter(name), None)
    return read(node) if node is not None else ""


def _is_journal(citation: etree._Element) -> bool:
    kind = citation.get("publication-type") or citation.get("citation-type") or ""
    if kind in _BOOKS:
        return False
    return kind == "journal" or citation.find("volume") is not None or citation.find("issue") is not None


def _doi(citation: etree._Element) -> str | None:
    for node in citation.iter("pub-id", "article-id", "object-id"):
        if node.get("pub-id-type") == "doi" and (doi := clean_doi(node.text)):
            return doi
    for node in citation.iter("ext-link", "uri"):
        if doi := clean_doi(node.get("{http://www.w3.org/1999/xlink}href")):
            return doi
    return None


def _authors(citation: etree._Element) -> Iterator[str]:
    groups = list(citation.iter("person-group"))
    authors = [
        group for group in groups if group.get("person-group-type", "author") in ("author", "authors", "allauthors", "")
    ]
    found = False
    for group in authors or [citation]:
        for name in _names(group, without_groups=not authors):
            found = True
            yield name
    if not found:
        for group in groups[:1]:
            yield from _names(group, without_groups=False)


def _names(group: etree._Element, without_groups: bool) -> Iterator[str]:
    for node in group:
        if node.tag == "name-alternatives":
            node = next(iter(node), node)
        if node.tag == "name" or node.tag == "string-name":
            if name := _name(node):
                yield name
        elif node.tag == "collab" or node.tag == "institution":
            yield _collective(node)
        elif not without_groups and node.tag in ("anonymous", "etal"):
            continue


def _contributors(group: etree._Element) -> Iterator[str]:
    for contributor in group.findall("contrib"):
        if contributor.get("contrib-type", "author") not in ("author", "corresp", ""):
            continue
        nodes = list(contributor.iter("name", "string-name"))
        collective = contributor.find("collab")
        if collective is not None:
            yield _collective(collective)
        elif nodes and (name := _name(nodes[0])):
            yield name


def _name(node: etree._Element) -> str:
    family = text_of(surname) if (surname := node.find("surname")) is not None else ""
    given = text_of(names) if (names := node.find("given-names")) is not None else ""
    if not family:
        whole = text_of(node)
        family, comma, given = whole.partition(",")
        if not comma:
            given, _, family = whole.rpartition(" ")
    return f"{family.replace(',', ' ')}, {given}" if given else family.replace(",", " ")


def _collective(node: etree._Element) -> str:
    """A group of authors as one name; its members, which may stand inside, are not listed."""
    text = node.text or next(
        (text_of(child) for child in node if child.tag in ("institution", "named-content", "italic")), ""
    )
    return " ".join(text.replace(",", " ").split())
