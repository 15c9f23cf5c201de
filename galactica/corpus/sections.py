"""The sections of papers that were read off a page, where they are a flat list: levels and numbers of the headings.

GROBID's TEI and S2ORC, which is made of it, give a heading its printed number where it found one and no depth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from galactica.corpus.papers import is_left_out

MAX_HEADING = 150

_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}")
_ROMAN = re.compile(r"[IVX]{1,5}")
_LETTER = re.compile(r"[A-Z]")
_LEADING = re.compile(
    r"(?:section\s+)?(\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.)\s*[:.–-]?\s+(?=[^\W\d_])", re.IGNORECASE
)
_MAIN = re.compile(
    r"introduction|background|related works?|(?:materials?|methods?|methodology|experiments?)(?: (?:and|&) (?:materials?|methods?|"
    r"results?))?|experimental(?: section| procedures?)?|(?:results?|findings)(?: (?:and|&) discussions?)?|"
    r"discussions?(?: (?:and|&) conclusions?)?|(?:summary and )?conclusions?(?: (?:and|&) (?:future works?|discussion|outlook))?|"
    r"concluding remarks|summary|evaluation|preliminaries|literature review|theory|model|case (?:report|presentation)",
    re.IGNORECASE,
)
_TORN_CASE = re.compile(r"^[a-z]|[a-z][A-Z]|[A-Z]{3}")
"""Small capitals, as a page gives them: "dIscussIon", "results", "METHODS"."""
_UNNUMBERED = re.compile(r"appendi\w+.*|abbreviations?|glossary|nomenclature|highlights|keywords?", re.IGNORECASE)
_NOT_A_HEADING = re.compile(r"[\W\d_]*|(?:fig(?:ure)?|table)\b.*", re.IGNORECASE)


class FlatSection(NamedTuple):
    """A section as found: its printed number ("2.1", "IV", "" where none), its heading ("" for text before any), its blocks."""

    number: str
    title: str
    blocks: list[str]


class _Placed(NamedTuple):
    level: int
    is_numbered: bool
    section: FlatSection


def write_sections(sections: Sequence[FlatSection]) -> list[str]:
    """The blocks of the body under Markdown headings. Sections without science and empty ones are left out, sections without a
    heading join the one before; numbers are counted anew where the paper's own are not whole numbers with points."""
    placed = _placed([_with_number(section) for section in sections])
    kept = [place for index, place in enumerate(placed) if _has_text(placed, index)]
    if any(place.section.title for place in kept) and kept and not kept[0].section.title:
        first = kept[1].section.title if len(kept) > 1 else ""
        if "introduction" not in first.lower():
            kept[0] = _Placed(
                1, True, kept[0].section._replace(title="Introduction", number="0" if _starts_at_one(kept) else "")
            )
    blocks: list[str] = []
    counts = [0, 0, 0, 0]
    for place in kept:
        if place.section.title:
            blocks.append(_heading(place, counts))
        blocks += place.section.blocks
    return blocks


def _with_number(section: FlatSection) -> FlatSection:
    """The section with its number apart from its title, and one kind of white space."""
    title, number = " ".join(section.title.split()).strip(" .:;–-"), section.number.strip().rstrip(".")
    if match := _LEADING.match(title):
        title, number = title[match.end() :], number or match[1].rstrip(".")
    if len(title) > MAX_HEADING or _NOT_A_HEADING.fullmatch(title):
        return FlatSection("", "", section.blocks)
    is_torn = _MAIN.fullmatch(title) and _TORN_CASE.search(title)
    if is_torn or (title.isupper() and len(title) > 12):
        title = title.capitalize()
    return FlatSection(number, title, section.blocks)


def _placed(sections: list[FlatSection]) -> list[_Placed]:
    """Sections with their levels, without those that are left out and what stands under them."""
    has_numbers = sum(_level_of_number(section.number) > 0 for section in sections) >= 2
    has_main = sum(_MAIN.fullmatch(section.title) is not None for section in sections) >= 2
    found: list[_Placed] = []
    level, left_out_at = 1, 0
    for section in sections:
        own = _level(section, level, has_numbers, has_main) if section.title else level
        if left_out_at and section.title and own <= left_out_at:
            left_out_at = 0
        if section.title and not left_out_at and is_left_out(section.title):
            left_out_at = own
        if left_out_at:
            continue
        if section.title:
            level = own if not has_numbers or _level_of_number(section.number) else level
        is_numbered = not _UNNUMBERED.fullmatch(section.title) and not (
            has_numbers and not _level_of_number(section.number)
        )
        found.append(_Placed(min(own, 4), is_numbered, section))
    return found


def _level(section: FlatSection, current: int, has_numbers: bool, has_main: bool) -> int:
    if own := _level_of_number(section.number):
        return own
    is_main = _MAIN.fullmatch(section.title) or _UNNUMBERED.fullmatch(section.title) or is_left_out(section.title)
    if is_main:
        return 1
    if has_numbers:
        return current + 1
    return 2 if has_main else 1


def _level_of_number(number: str) -> int:
    """1 for "2" and "IV", 2 for "2.1" and "B", 0 where it is no number."""
    if _NUMBER.fullmatch(number):
        return number.count(".") + 1
    if _ROMAN.fullmatch(number):
        return 1
    return 2 if _LETTER.fullmatch(number) else 0


def _has_text(placed: list[_Placed], index: int) -> bool:
    """Whether the section or one under it holds text."""
    if placed[index].section.blocks:
        return True
    for place in placed[index + 1 :]:
        if not placed[index].section.title or (place.section.title and place.level <= placed[index].level):
            return False
        if place.section.blocks:
            return True
    return False


def _starts_at_one(kept: list[_Placed]) -> bool:
    return any(_NUMBER.fullmatch(place.section.number) for place in kept)


def _heading(place: _Placed, counts: list[int]) -> str:
    marks, title = "#" * place.level, place.section.title
    if not place.is_numbered or place.level > 3:
        return f"{marks} {title}"
    number = place.section.number
    if number == "0":
        return f"{marks} {title}"
    if _NUMBER.fullmatch(number):
        counts[:] = [*(int(part) for part in number.split(".")), 0, 0, 0, 0][:4]
        return f"{marks} {number} {title}"
    counts[place.level - 1] += 1
    counts[place.level :] = [0] * (4 - place.level)
    return f"{marks} {'.'.join(str(count) for count in counts[: place.level])} {title}"
