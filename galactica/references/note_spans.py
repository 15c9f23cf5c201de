"""A note in wikitext -> what in it is set apart (in quotes, in italics, as the words of a link), and the names around that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from galactica.references.names import listed, names_collective, reads_as_people

QUOTED, ITALIC, LINK = "\ufdd0\ufdd1", "\ufdd2\ufdd3", "\ufdd4\ufdd5"
"""What a title is set in, each a pair of characters that no text may hold."""
SIGNS = QUOTED + ITALIC + LINK
_NO_SIGNS = dict.fromkeys(map(ord, SIGNS))
END = " .,;:"
_ADDRESS = re.compile(r"\[(?:https?:|ftp:)?//[^\s\[\]]{1,1000}(?:\s+([^\[\]]{0,400}))?\]")
_BARE = re.compile(r"(?:https?|ftp)://\S{1,1000}")
_BOLD = re.compile(r"'{5}|'{3}")
_IN_ITALICS = re.compile(r"''([^'\n]{2,250}(?:'[^'\n]{1,250}){0,3})''")
_IN_QUOTES = re.compile(r"[\"“”]([^\"“”\n]{2,300})[\"“”]")
_IN_SINGLE_QUOTES = re.compile(r"(?<![\w'])['‘]([A-Z][^'’\n]{5,200}(?:['’](?:s|t)\b[^'’\n]{1,200})?)['’](?![\w'])")
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Autumn|Fall|Winter)[a-z]{0,6}\.?"
_DAY = re.compile(rf"\(?(?:\d{{1,2}} )?\b{_MONTHS} (?:\d{{1,2}}, )?((?:19|20)\d\d)\)?")
"""A full date, which would be read as names."""
_SPAN = re.compile(rf"[{QUOTED[0]}{ITALIC[0]}{LINK[0]}]")
_LEAD = re.compile(
    r"^(?:[^.]{0,150}?[,;:.(] ?|[^.]{0,150} )?\b(?:[Ss]ee(?: also| e\.g\.| for example| for instance)?|[Cc]f\.?|"
    r"[Qq]uoted (?:in|from)|[Cc]ited (?:in|by)|[Aa]s in|[Ff]rom|[Ss]ource|[Ii]n|[Bb]y)\b[,:]? (?=[A-Z(])"
)
"""What leads to a reference: "On its growth see Smith, J."."""
_TRANSLATOR = re.compile(
    r"(?<![\s,.;(])[\s,.;(]+(?:[Tt]rans(?:l)?\.|[Tt]ranslated by|[Tt]ranslator:)\s[^.]{0,60}(?:[A-Z]\.[^.]{0,60}){0,3}[\s.]*$"
)
_BESIDE_NAMES = re.compile(
    r"^(?:[Ss]ee(?: also)?|[Cc]f\.?|[Ff]rom|[Aa]lso|[Ss]ource:?|[Ee]xamples?:?|[Nn]ote:?|[Qq]uote:?)(?= |$)|\(?\b[Hh]rsg\b\.?\)?|"
    r"\(?\b(?:1[5-9]|20)\d\d[a-z]?\b\)?|\(?\bn\.d\.\)?|"
    r"\bet al\b\.?|\(?\b(?:[Ee]ds?|[Tt]rans(?:l)?|[Ee]ditors?|[Tt]ranslators?|comp)\b\.?\)?|"
    r"\(?\bedited by\b|[\[\]()]"
)
_WRITTEN_BY = re.compile(
    r"[\s,.;(]{0,4}(?:(?:written |edited )?by|[Ee]d(?:s?\.|ited) by) "
    r"((?:[A-Z]\. ?){0,3}[A-Z][^,.;()–\ufdd0-\ufdd5\d]{2,60}(?:[A-Z]\.[^,.;()–\ufdd0-\ufdd5\d]{1,60}){0,3})"
)
_SIGNED = re.compile(
    r"[,.]{0,2} ((?:[A-Z]\. ?){0,2}[A-Z][\w'’-]+ (?:[A-Z]\.? |[a-z]{2,3} )?[A-Z][\w'’-]+), (?:\(\d{4}\), )?(?=\ufdd2)"
)
"""A name between the title and the newspaper: "Rain in June", Jane Roe, ''The Herald''."""


class Span(NamedTuple):
    """Words that are set apart: where they begin and end in the note, in what, and the words."""

    start: int
    end: int
    kind: str
    text: str


def set_apart(note: str) -> str:
    """The note as plain text in which titles in quotes, in italics and in links stand between the signs of `QUOTED` and so on."""
    text = re.sub(r"<[^<>]{0,200}>", "", note)
    text = text.replace("&nbsp;", " ").replace("&quot;", '"').replace("&amp;", "&").replace("&ndash;", "–")
    text = _ADDRESS.sub(lambda match: f"{LINK[0]}{match[1].strip()}{LINK[1]}" if (match[1] or "").strip() else "", text)
    text = _BARE.sub("", text)
    text = _IN_ITALICS.sub(
        rf"{ITALIC[0]}\1{ITALIC[1]}", _BOLD.sub(lambda match: "''" if len(match[0]) == 5 else "", text)
    )
    if re.search(r"[\"“”]", text):
        text = _IN_QUOTES.sub(rf"{QUOTED[0]}\1{QUOTED[1]}", text)
    else:
        text = _IN_SINGLE_QUOTES.sub(rf"{QUOTED[0]}\1{QUOTED[1]}", text)
    return " ".join(_DAY.sub(r"(\1)", text.replace("''", "")).split())


def spans(shown: str) -> Iterator[Span]:
    """The outermost spans from left to right; of one inside another, which is set in two ways, the words are the same. A link
    that holds a whole reference, with its title in quotes or italics, is looked at inside."""
    at = 0
    while (match := _SPAN.search(shown, at)) is not None:
        kind = _kind(match[0])
        end = shown.find(kind[1], match.end())
        if end < 0:
            at = match.end()
            continue
        inside = shown[match.end() : end]
        within = _SPAN.search(inside)
        leading = inside[: within.start()] if within else ""
        if kind == LINK and leading.strip(END) and (names_before(leading) or leading.rstrip()[-1] in ".,"):
            at = match.end()
            continue
        if within and inside[: within.start()].strip(END) == "":  # quotes around italics around a link: one title
            inner = _kind(within[0])
            close = inside.find(inner[1], within.end())
            if close >= 0 and len(inside[close + 1 :].strip(END)) > 2:
                inside, end = inside[within.end() : close], match.end() + close
            kind = QUOTED if QUOTED in (kind, inner) else ITALIC if ITALIC in (kind, inner) else LINK
        yield Span(match.start(), end + 1, kind, _plain(inside))
        at = end + 1


def names_before(before: str) -> str | None:
    """What stands before a title, if that is nothing or names of authors: the names."""
    text = _plain(before)
    led = _LEAD.sub("", text)
    for candidate in (text, led if " " in led.strip(END) else text):
        candidate = _TRANSLATOR.sub("", candidate)
        stripped = names_alone(candidate)
        if re.search(r"\bIn$", candidate.rstrip(" :")):  # "Title. In ''Book''": the title stands before
            return None
        if not any(map(str.isalpha, stripped)):
            return "" if len(stripped) < 4 else None
        if reads_as_people(stripped):
            return stripped
    return None


def names_alone(text: str) -> str:
    """The text without what stands beside names: "see also", "(Eds.)", a year."""
    return " ".join(_BESIDE_NAMES.sub(" ", text).split()).strip(" .,;:–-*'\"")


def named_after(after: str) -> list[str]:
    """The people of `by Jane Roe` behind a title."""
    match = _WRITTEN_BY.match(after) or _SIGNED.match(after)
    is_name = (
        match is not None and reads_as_people(match[1]) and (match.re is _WRITTEN_BY or not names_collective(match[1]))
    )
    return list(listed(match[1])) if match and is_name else []


def without_signs(text: str) -> str:
    """The text without the signs that set titles apart, which no text from outside may bring."""
    return text.translate(_NO_SIGNS)


def _kind(opening: str) -> str:
    return next(pair for pair in (QUOTED, ITALIC, LINK) if pair[0] == opening)


def _plain(text: str) -> str:
    return " ".join(without_signs(text).split())
