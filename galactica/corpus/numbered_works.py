"""Works that a page lists by number ("[3] A. Author, Title ...") and the numbers in brackets that point to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from galactica.corpus.marks import MAX_RANGE, Marks
from galactica.references.citation_text import parse_citation
from galactica.types import Reference

MAX_ENTRY = 1500

_HEADING = re.compile(
    r"^#{1,6}[ \t]*(?:\d{1,2}\.?[ \t]*)?(?:references|bibliography|literature)[ \t]*(?:<[^<>\n]{0,100}>[ \t]*){0,3}#*[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_NEXT_HEADING = re.compile(r"^#{1,6}[ \t]*\S", re.MULTILINE)
_ENTRY = re.compile(r"^[ \t]{0,8}(?:[-*+][ \t]+)?(?:\[(\d{1,3})\][.:]?|(\d{1,3})\.)[ \t]+(?=\S)", re.MULTILINE)
_RUN_ON = re.compile(r"(?:(?<=\s)|^)\[(\d{1,3})\]:?\s+(?=[A-Z\"“]|https?:)")
_TAG = re.compile(r"<[^<>\n]{0,300}>")
_LINK = re.compile(r"\[([^\[\]\n]{0,500})\]\([^()\s]{0,1000}\)")
_EMPHASISED = re.compile(r"(?<![*_\w])(\*\*?|__?)([^*_\n]{1,300})\1(?![*_\w])")
_QUOTED = re.compile(r"[\"“]")
_MIN_TITLE_WORDS = 4
_SHOWN = r"[1-9]\d{0,2}(?: ?[,–-] ?[1-9]\d{0,2}){0,20}"
_NUMBERS = re.compile(rf"\[ ?({_SHOWN}) ?\](?!\()")
_AFTER_WORDS = re.compile(
    rf"(?<=[^\s(\[=<>])(?<!\b[Ff])(?<!range)(?<!interval) ?\[ ?({_SHOWN}) ?\](?=[,.;:)–-]|\s(?! ?[=<>])|$)"
)
_POINTER = re.compile(
    rf"<sup>\s?\[({_SHOWN})\]\(#[\w-]{{0,60}}\)\s?</sup>|\[({_SHOWN})\]\(#(?:ref|bib|cit|lit)[\w-]{{0,60}}\)",
    re.IGNORECASE,
)


def works_below_heading(text: str) -> tuple[str, dict[str, Reference | None]]:
    """A Markdown page without the numbered list that it has under "References", and number -> work; None for an entry without a
    title."""
    kept: list[str] = []
    works: dict[str, Reference | None] = {}
    end = 0
    for heading in _HEADING.finditer(text):
        following = _NEXT_HEADING.search(text, heading.end())
        after = following.start() if following else len(text)
        section = text[heading.end() : after]
        starts = list(_ENTRY.finditer(section))
        for number, work in _listed(section, starts):
            works.setdefault(number, work)
        if starts:
            kept.append(text[end : heading.start()])
            end = after
    return "".join([*kept, text[end:]]), works


def works_at_end(text: str) -> tuple[str, dict[str, Reference | None]]:
    """The text without the list of works that it ends in ("[1] ... [2] ...", counted from 1), and number -> work."""
    starts = list(_RUN_ON.finditer(text))
    at = len(starts)
    while at and int(starts[at - 1][1]) == (int(starts[at][1]) - 1 if at < len(starts) else int(starts[-1][1])):
        at -= 1
    if len(starts) - at < 2 or int(starts[at][1]) != 1:
        return text, {}
    return text[: starts[at].start()].rstrip(), dict(_listed(text, starts[at:]))


def _listed(text: str, starts: list[re.Match[str]]) -> Iterator[tuple[str, Reference | None]]:
    """Number -> work of the entries that begin at `starts`, each ending where the next begins."""
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, end in zip(starts, ends, strict=False):
        yield next(filter(None, start.groups())), _work(text[start.end() : end])


def marked(text: str, marks: Marks, numbers: Collection[str] | None) -> str:
    """The text with placeholders for the numbers in brackets that point to a list of these `numbers` (None: whatever they are)."""

    def mark(match: re.Match[str]) -> str:
        identifiers = _spelled_out(match[1])
        if numbers is not None and not all(identifier in numbers for identifier in identifiers):
            return match[0]
        return f"[{marks.mark(identifiers)}]"

    return _NUMBERS.sub(mark, _POINTER.sub(lambda match: f"[{match[1] or match[2]}]", text) if numbers else text)


def without_numbers(sentence: str) -> str:
    """A sentence of a paper whose list nobody has, without the numbers in brackets that point to it; "" where it then lacks its
    object."""
    marks = Marks({})
    marked = _AFTER_WORDS.sub(lambda match: f" [{marks.mark(_spelled_out(match[1]))}]", sentence)
    return marks.resolve(marked) if marked != sentence else sentence


def _spelled_out(shown: str) -> list[str]:
    """ "1, 3-5" -> 1, 3, 4, 5."""
    found: list[str] = []
    for part in shown.split(","):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        end = last[0] if last and first < last[0] <= first + MAX_RANGE else first
        found += [str(number) for number in range(first, end + 1)]
    return found


def _work(entry: str) -> Reference | None:
    """The work of an entry in Markdown, whose title may be emphasised where it is not in quotes."""
    text = _LINK.sub(r"\1", _TAG.sub(" ", entry[:MAX_ENTRY]))
    is_quoted = _QUOTED.search(text) is not None

    def bare(match: re.Match[str]) -> str:
        nonlocal is_quoted
        is_title = not is_quoted and len(match[2].split()) >= _MIN_TITLE_WORDS
        is_quoted = is_quoted or is_title
        return f"“{match[2].strip(' ,.')},”" if is_title else match[2]

    return parse_citation(" ".join(_EMPHASISED.sub(bare, text).replace("\\", "").split()))
