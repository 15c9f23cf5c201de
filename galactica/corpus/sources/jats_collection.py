"""Books of abstracts in JATS (the proceedings of a meeting as one article) -> the abstracts that they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from galactica.corpus.papers import is_left_out
from galactica.corpus.sources.jats_body import Body

MIN_ABSTRACTS = 10

_TYPES = frozenset(("abstract", "meeting-report", "collection", "proceedings", "other"))
_TITLE = re.compile(r"\babstracts?\b|\bproceedings\b|\bmeeting\b|\bcongress\b", re.IGNORECASE)
_CODE = re.compile(r"(?:[A-Z]{1,4}[-. ]?\d{1,4}(?:\.\d{1,3})?)[.:]?\s+(?=\S)")
"""What opens the title of a poster or a talk: "CO-01", "P12", "O 3.1"."""
_PLACE = re.compile(r".{0,100}\b(?:19|20)\d\d\s*,\s*\d{1,4}\s*\(\s*Suppl.{0,60}")
"""Where the abstract itself was printed: "J. Test 2018, 8(Suppl 1):P12"."""


class Abstract(NamedTuple):
    """One abstract: the identifier of its section, its title without its code, and the section."""

    key: str
    title: str
    section: etree._Element


def abstracts(article: etree._Element, body: Body) -> list[Abstract]:
    """The abstracts of a book of them; [] for an article of another kind."""
    main = article.find("body")
    title = body.inline_text(article.find("front/article-meta/title-group/article-title"))
    if main is None or (article.get("article-type") not in _TYPES and not _TITLE.search(title)):
        return []
    found: list[Abstract] = []
    waiting = [main]
    while waiting:
        section = waiting.pop()
        shown = body.inline_text(section.find("title"))
        if (code := _CODE.match(shown)) is not None and section is not main:
            found.append(Abstract(section.get("id") or code[0].strip(" .:"), shown[code.end() :], section))
        else:
            waiting += reversed(section.findall("sec"))
    return found if len(found) >= MIN_ABSTRACTS else []


def paragraphs(body: Body, section: etree._Element) -> list[str]:
    """The paragraphs of an abstract, those of a section of it under its title ("Methods: ..."); names, places and addresses are
    the titles of sections that hold one other and no text."""
    blocks: list[str] = []
    for inner, title in _sections(section, body):
        own = [child for child in inner if isinstance(child.tag, str) and child.tag not in ("title", "label", "sec")]
        written = [block for block in body.blocks(own) if not _PLACE.fullmatch(block)]
        if written and title and inner is not section:
            written[0] = f"{title.rstrip('.:')}: {written[0]}"
        blocks += written
    return blocks


def _sections(section: etree._Element, body: Body) -> Iterator[tuple[etree._Element, str]]:
    """The section and those in it that say something, with titles where those are headings and not names."""
    is_chain = True
    for inner in section.iter("sec"):
        children = inner.findall("sec")
        title = body.inline_text(inner.find("title")) if inner is not section and not is_chain else ""
        is_chain = is_chain and len(children) == 1 and inner.find("p") is None
        if not is_left_out(title):
            yield inner, title
