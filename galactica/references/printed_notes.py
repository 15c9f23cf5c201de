"""References written out in wikitext without a template -> records: titles in quotes, in italics, as the words of a link, or told
by the punctuation alone.

The earliest of these that stands behind the names of authors, or behind nothing, is the title. Where that is not sure there is no
record: a journal, a web site or a quotation taken for a title would be a work that does not exist.
"""

from __future__ import annotations

import re

from galactica.references.citation_text import parse_citation
from galactica.references.names import listed, reads_as_people
from galactica.references.note_spans import (
    QUOTED,
    SIGNS,
    named_after,
    names_alone,
    names_before,
    set_apart,
    spans,
    without_signs,
)
from galactica.references.note_titles import MAX_TITLE, is_author, names_a_work, title_of, without_tail
from galactica.references.record import clean_doi, is_one_title, make_reference
from galactica.types import Reference

MAX_NOTE = 1500
MAX_WORKS = 12
_MIN_PRINTED = 20
_MANY = re.compile(r"\n[*#:]+|<br ?/?>|;\s+(?=[A-Z\[\"“'])|\.\s+(?:See also|Also see|Cf\.)\s+", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:says?|said|writes?|wrote|states?|stated|argue[sd]?|according|that|describe[sd]?|defin\w+|call(?:s|ed))\b",
    re.IGNORECASE,
)
_GIVEN = r"[A-Z][^\W\d_]{2,}(?:[- ][A-Z][^\W\d_]{2,})?(?: [A-Z]\.){0,2}"
_FAMILY_AND_GIVEN = re.compile(
    rf"([A-Z][\w'’-]+, {_GIVEN}(?:,? (?:and|&) (?:[A-Z][\w'’-]+, {_GIVEN}|{_GIVEN} [A-Z][\w'’-]+))?)(?:(?<=\.)|\.|(?= \()) "
    r"(?=[A-Z(\d])"
)
_CITY = re.compile(
    r"[,.] (?:London|New York|Oxford|Cambridge|Paris|Berlin|Boston|Chicago|Princeton|Edinburgh|Leipzig|Leiden|Toronto)\b"
)
_PRESS = re.compile(
    r"\b(?:Press|Books?|Publish\w*|Publications?|Verlag|University|Company|Co\.|[Ss]ons|Ltd|Inc|House|Editions?|Routledge|Springer|Wiley|"
    r"Elsevier|Blackwell|Penguin|Macmillan|Hall|iUniverse|Institute|London|New York|Oxford|Cambridge)(?!\w)"
)
_YEAR = re.compile(r"(?<![\d–-])(1[5-9]\d\d|20\d\d)(?:[a-z]\b)?(?![\d–])")
_SEEN = re.compile(r"(?:retrieved|accessed|archived)\b[^;]{0,40}", re.IGNORECASE)


def printed_references(note: str) -> list[Reference]:
    """The works that a note in wikitext cites, best told first; those after it have authors of their own."""
    note = without_signs(note)[:MAX_NOTE]
    first = _reference(note) if "\n*" not in note.strip() and not note.strip().startswith("*") else None
    found = [first] if first else []
    parts = _MANY.split(note)[: MAX_WORKS + 1]
    if len(parts) > 1:
        for part in parts:
            work = _reference(part)
            if (
                work
                and (work.authors or not found)
                and not any(is_one_title(work.title, known.title) for known in found)
            ):
                found.append(work)
    return found[:MAX_WORKS]


def _reference(note: str) -> Reference | None:
    shown = set_apart(note)
    if len(shown) < _MIN_PRINTED:
        return None
    doi = clean_doi(note)
    passed: list[str] = []
    for span in spans(shown):
        before, after = shown[: span.start], shown[span.end :]
        names = names_before(before)
        if names is None or any(text in names for text in passed if text):  # a site or a journal is no author
            passed.append(names_alone(span.text))
            continue
        is_set_off = not names or before.rstrip(SIGNS + " ")[-1:] in tuple(".,:;)")
        title = title_of(span, names, after, is_set_off)
        if title:
            people = list(listed(names)) or named_after(after)
            title = without_tail(title)
            if not people or not is_author(people[0]) or not names_a_work(title):
                return None  # a title without an author: a quotation, a page of the web, the name of a site
            return make_reference(title, people, _year(after, before), None, doi)
        if span.kind == QUOTED:
            return None  # what is quoted is a sentence, or too common a title
        passed.append(names_alone(span.text))
    plain = "".join('"' if sign in QUOTED else "" if sign in SIGNS else sign for sign in shown)
    if _SAID.search(plain[: plain.find('"')] if '"' in plain else "") or plain.startswith('"'):
        return None
    found = _book(plain) or parse_citation(plain)
    is_sound = (
        found is not None
        and found.authors
        and is_author(found.authors[0])
        and names_a_work(found.title)
        and len(found.title) < MAX_TITLE
        and ". " not in found.title
    )
    return found if is_sound and found is not None and reads_as_people(", ".join(found.authors)) else None


def _book(text: str) -> Reference | None:
    """The record of "Roe, Jane M. Growth of Crystals. Ice Press, 1962"; the name with its comma tells where the title begins."""
    match = _FAMILY_AND_GIVEN.match(text)
    rest = text[match.end() :] if match else ""
    dated = re.match(r"\(?((?:1[5-9]|20)\d\d)[a-z]?\)?[.,:]? ", rest)
    title, stop, after = (rest[dated.end() :] if dated else rest).partition(". ")
    place = _CITY.search(title)
    if place and not stop.strip():
        title, after = title[: place.start()], title[place.start() :]
    elif place:
        title, after = title[: place.start()], title[place.start() :] + ". " + after
    year = _YEAR.search(after) or (dated and _YEAR.search(dated[0]))
    is_book = (
        match and year and re.match(r"[^\d]{3,80}(?:\d|$)", f"{after}.") and title[:1].isupper() and '"' not in title
    )
    if not match or not is_book or not _names_a_book(title, after):
        return None
    return make_reference(title, list(listed(match[1])), int(year[1]) if year else None, None, None)


def _names_a_book(title: str, after: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", title)
    is_person = reads_as_people(title) and "," in title
    return (
        bool(words)
        and len(title) < MAX_TITLE
        and not is_person
        and not re.search(r"\d{3}|[()]", title)
        and (_PRESS.search(after) is not None)
    )


def _year(after: str, before: str) -> int | None:
    """The year of publication: the first behind the title, else one before it."""
    found = _YEAR.findall(_SEEN.sub("", after)[:300]) or _YEAR.findall(before)
    return int(found[0]) if found else None
