"""A page of a wiki: its wikitext -> the text of a document, with what is known of it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any, NamedTuple

from galactica.corpus.headings import shifted, without_empty_sections
from galactica.corpus.veil import SPELLS, unveil
from galactica.corpus.wikitext import proofwiki
from galactica.corpus.wikitext.blocks import Blocks
from galactica.corpus.wikitext.expand import expand
from galactica.corpus.wikitext.footnotes import FOOTNOTE
from galactica.corpus.wikitext.reading import NOT_TEXT, PRIVATE, Reading, Wiki
from galactica.corpus.wikitext.tags import without_tags
from galactica.corpus.wikitext.verbatim import set_aside
from galactica.types import Pending

MIN_CHARACTERS = 200
_MIN_CHARACTERS_OF_PROOF = 100
MAX_WIKITEXT = 4 * 2**20
"""MediaWiki itself takes no page above 2 MiB."""
_REDIRECT = re.compile(
    r"\s*#\s{0,9}(?:redirect|weiterleitung|doorverwysing|aanstuur|redirection|omdirigering)\s{0,9}:?\s{0,9}\[\[",
    re.IGNORECASE,
)
_DISAMBIGUATION = re.compile(
    r"(?:disambig(?:uation)?(?:[ -].*)?|dab|disamb|hndis|geodis|numberdis|mathdab|hospital disambiguation|human "
    r"name disambiguation|"
    r"(?:place|chemistry|mathematical|airport|call ?sign|letter-number|molecular formula|species latin name)[ "
    r"-]?(?:name )?disambiguation.*|"
    r"begriffsklärung|surname|given name|set index article|sia|ship index|shipindex|mountain index|road index|"
    r"sport index)"
)
_MOVED = frozenset(
    (
        "softredirect",
        "soft redirect",
        "softredir",
        "wiktionary redirect",
        "wikibooks redirect",
        "moved",
        "now in wikiversity",
        "delete",
        "db",
    )
)
_LEFT_OUT = re.compile(
    r"(?:references?|notes?|foot ?notes?|end ?notes?|citations?|sources?|bibliograph(?:y|ies)|(?:primary|"
    r"secondary|general|external|online|other) sources|"
    r"see also|external (?:links?|references|websites?)|further (?:reading|information|study|resources)|"
    r"suggested (?:reading|readings)|readings?|"
    r"(?:selected |annotated )?bibliography|notes (?:and|&) references|references (?:and|&) (?:notes|links|"
    r"sources|further reading)|footnotes (?:and|&) references|"
    r"works cited|literature|general references|cited (?:works|references)|references cited|sources (?:and|&) "
    r"(?:references|further reading)|"
    r"gallery|image gallery|galleries|media|related pages|links|weblinks|web links|external sources|also see|"
    r"navigation|contents|table of contents|"
    r"einzelnachweise|literatur|siehe auch|linked from|sister projects?|explanatory notes|notes and citations|"
    r"citations and notes|resources|"
    r"subpages|contributors|authors?|active participants|wikiversity resources|learning materials list)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(={1,6})([^\n]{1,300}?)=+\s{0,99}$")
_OF_WORKS = re.compile(r"bibliograph|references|sources|literature|works cited|further reading|notes", re.IGNORECASE)
_LINK_LINE = re.compile(r"^[*#:;]+ {0,9}'{0,5}\[\[[^\[\]\n]{1,300}\]\]'{0,5}[^\[\]\n]{0,30}$", re.MULTILINE)
_MIN_LINKS, _MAX_SHARE_OF_LINKS = 5, 0.6
_NAVIGATION = re.compile(r".*/(?:print(?:able)? version|print(?:version)?|cover|contents|table of contents|toc|"
r"authors|contributors|navigation|header|footer|"
                         r"collections?|templates?|sandbox|status|to do|license|gfdl|glossary of links|links|"
                         r"resources|index)", re.IGNORECASE)  # fmt: skip


class Page(NamedTuple):
    """What a page gives: the text that follows its title, and what is known of it."""

    text: str
    metadata: dict[str, Any]
    pending: tuple[Pending, ...]


_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{1,8};?")


def read_page(title: str, wikitext: str, wiki: Wiki) -> Page | str:
    """The page, or why it gives no document."""
    if _REDIRECT.match(wikitext[:200]):
        return "a redirect"
    if not wikitext.strip():
        return "no text"
    if len(wikitext) > MAX_WIKITEXT:
        return f"longer than {MAX_WIKITEXT} characters"
    if wiki != "wikipedia" and _NAVIGATION.fullmatch(title):
        return "a page of navigation"
    if wiki != "wikipedia" and _is_contents(wikitext):
        return "a page of links"
    reading = Reading(wiki, title)
    plain = _resolved(wikitext, reading)
    if reading.is_too_deep:
        return "nested too deep"
    if title.lower().endswith("(disambiguation)") or any(map(_DISAMBIGUATION.fullmatch, reading.templates)):
        return "a disambiguation page"
    if _MOVED & reading.templates:
        return "moved or to be deleted"
    writer = Blocks(reading)
    body = without_empty_sections(shifted(writer.of(_without_sections(plain)), 2))
    text, _ = unveil("\n\n".join([f"# {writer.line(_shown(title, wiki))}", *body]))
    if writer.spells_control_token:
        return SPELLS
    least = _MIN_CHARACTERS_OF_PROOF if wiki == "proofwiki" else MIN_CHARACTERS
    if len(text) < least:
        return f"shorter than {least} characters"
    return Page(text, _metadata(reading), tuple(map(_unveiled, reading.marks.pending)))


def _unveiled(passage: Pending) -> Pending:
    text, draft = unveil(passage.text)[0], unveil(passage.draft)[0]
    return replace(passage, text=text, draft=draft, held={n: unveil(held)[0] for n, held in passage.held.items()})


def _resolved(wikitext: str, reading: Reading) -> str:
    """The wikitext without comments, templates, links, footnotes and tags."""
    text = NOT_TEXT.sub("", wikitext)
    if "&#" in text:  # a character reference may not give what stands for something here
        text = _ENTITY.sub(lambda match: PRIVATE.sub("", unescape(match[0])) and match[0], text)
    text = proofwiki.with_braces(expand(set_aside(text, reading), reading))
    for definitions in reading.definitions:
        expand(set_aside(definitions, reading), reading)
    if reading.is_too_deep:
        return text
    _read_bibliography(text, reading)
    return without_tags(text, reading)


def _read_bibliography(text: str, reading: Reading) -> None:
    """Notes the works that the page lists without templates, so that its short citations find them."""
    is_list = False
    for line in text.split("\n"):
        if line.startswith("="):
            is_list = _OF_WORKS.search(line) is not None
        elif is_list and line.startswith(("*", "#", ":")) and not FOOTNOTE.search(line):
            reading.footnotes.list_entry(line.lstrip("*#: "))


def _without_sections(text: str) -> str:
    """The text without the sections of references and links, and what stands below them."""
    kept: list[str] = []
    above = 0  # level of the section that is being left out
    for line in text.split("\n"):
        if line.startswith("=") and (match := _HEADING.match(line)):
            level = len(match[1])
            if not above or level <= above:
                above = level if _LEFT_OUT.fullmatch(PRIVATE.sub("", match[2]).strip(" ':.=")) else 0
        if not above:
            kept.append(line)
    return "\n".join(kept)


def _is_contents(wikitext: str) -> bool:
    n_links = len(_LINK_LINE.findall(wikitext))
    return n_links >= _MIN_LINKS and n_links > _MAX_SHARE_OF_LINKS * sum(
        1 for line in wikitext.split("\n") if line.strip()
    )


def _shown(title: str, wiki: Wiki) -> str:
    """The page's name: a chapter of a book is "Calculus: Limits"."""
    return title if wiki == "wikipedia" else ": ".join(part for part in title.split("/") if part.strip())


def _metadata(reading: Reading) -> dict[str, Any]:
    notes, marks = reading.footnotes, reading.marks
    return {
        "title": reading.title,
        "categories": list(dict.fromkeys(reading.categories)),
        "n_marks": notes.n_marks,
        "n_resolved": marks.n_resolved,
        "unresolved": dict(notes.unresolved + marks.unresolved),
        "n_formulas": reading.formulas.n_formulas,
        "formulas_faulty": dict(reading.formulas.faulty),
    }
