"""What the names of a reStructuredText book stand for: labels, page titles, substitutions, link targets, works in its lists."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from galactica.references.citation_text import parse_citation, reference_from_parts
from galactica.types import Reference

_LABEL = re.compile(r"^[ \t]*\.\. _`?([^`:\n]{1,100})`?:[ \t]*$", re.MULTILINE)
_TITLE_AFTER = re.compile(
    r"\s{0,200}(?:([!-/:-@\[-`{-~])\1{2,}\n)?[ \t]{0,40}(\S[^\n]{0,200})\n([!-/:-@\[-`{-~])\3{2,}[ \t]*(?:\n|\Z)"
)
_OBJECT_AFTER = re.compile(
    r"\s{0,50}(?:\.\. _[^\n]{1,100}:\s{1,50}){0,10}\.\. (figure|table|csv-table|list-table|math|plot)::"
)
_NEXT_LABEL = re.compile(r"\s{0,50}\.\. _[^\n]{1,100}:[ \t]*\n")
_NAMED = re.compile(
    r"^[ \t]*\.\. (figure|table|csv-table|list-table|math|code-block)::[^\n]*"
    r"(?:\n[ \t]+\S[^\n]*){0,60}?\n?[ \t]+:(?:label|name): ?([^\n]{1,100})",
    re.MULTILINE,
)
_AUTONUMBER = re.compile(r":autonumber:`([^`\n]{1,100})`")
_SUBSTITUTION = re.compile(
    r"^\.\. \|([^|\n]{1,60})\| (replace|unicode)::[ \t]*([^\n]{0,300}(?:\n[ \t]+\S[^\n]{0,300}){0,5})", re.MULTILINE
)
_TARGET = re.compile(r"^[ \t]*\.\. _`?([^`:\n]{1,100})`?:[ \t]+\S", re.MULTILINE)
_ITEM = re.compile(
    r"^\.\. \[([A-Za-z][\w.:+-]{1,60})\][ \t]+([^\n]{0,500}(?:\n[ \t]+\S[^\n]{0,500}){0,30})", re.MULTILINE
)
_NUMBERED_ITEM = re.compile(
    r"^\.\. _([\w.-]{2,60}):[ \t]*\n\s*\n:sup:`\d+`\s+([^\n]{1,500}(?:\n\S[^\n]{0,500}){0,20})", re.MULTILINE
)
_ROLE = re.compile(r":[\w:-]{1,80}:`([^`<]{0,500}?)(?:\s*<[^`>]*>)?`")
_IN_QUOTES = re.compile(r"[“\"]\s*([^“”\"]{8,300}?)[.,;]?\s*[”\"]")
_EMPHASISED = re.compile(r"(?<![*\w])\*([^*\n]{8,300}?)\*(?![*\w])", re.DOTALL)
_KINDS = {
    "figure": "Figure",
    "plot": "Figure",
    "table": "Table",
    "csv-table": "Table",
    "list-table": "Table",
    "math": "Equation",
    "code-block": "Listing",
}
_KNOWN = {"Gromacs": "GROMACS"}
"""A substitution that GROMACS defines in its configuration."""


def page_titles(texts: Mapping[str, str]) -> dict[str, str]:
    """Name of a page without its folder and ending -> its title in quotes."""
    found: dict[str, str] = {}
    for path, text in texts.items():
        if match := re.search(r"(?:^|\n)" + _TITLE_AFTER.pattern, text[:20_000]):
            found.setdefault(posixpath.splitext(posixpath.basename(path))[0], _quoted(match[2]))
    return found


def pointed(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """For each page every label of the book and what a pointer from that page shows: a title in quotes, a number on its page, or
    "another figure"."""
    shared: dict[str, str] = {}
    own: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        own[path] = _numbers(text)
        shared |= {label: f"another {shown.partition(' ')[0].lower()}" for label, shown in own[path].items()}
        for match in _LABEL.finditer(text):
            if title := _TITLE_AFTER.match(text, _after_labels(text, match.end())):
                shared[match[1]] = _quoted(title[2])
    return {path: shared | numbers for path, numbers in own.items()}


def _after_labels(text: str, at: int) -> int:
    for _ in range(10):
        if (match := _NEXT_LABEL.match(text, at)) is None:
            break
        at = match.end()
    return at


def _numbers(text: str) -> dict[str, str]:
    """Labels of figures, tables and formulas with their numbers on the page."""
    places: list[tuple[int, str, str]] = []
    for match in _LABEL.finditer(text):
        if found := _OBJECT_AFTER.match(text, match.end()):
            places.append((found.end(), _KINDS[found[1]], match[1]))
    for match in _NAMED.finditer(text):
        places.append((match.start(), _KINDS[match[1]], match[2].strip()))
    for match in _AUTONUMBER.finditer(text):
        places.append((match.start(), match[1].partition(",")[0].strip().capitalize(), match[1]))
    counts: dict[str, int] = {}
    numbers: dict[str, str] = {}
    for _, kind, label in sorted(places):
        if label not in numbers:
            counts[kind] = counts.get(kind, 0) + 1
            numbers[label] = f"{kind} {counts[kind]}"
    return numbers


def substitutions(texts: Mapping[str, str]) -> dict[str, str]:
    """Name of a substitution of any page -> its text."""
    found = dict(_KNOWN)
    for text in texts.values():
        for name, _, value in _SUBSTITUTION.findall(text):
            found[name] = " ".join(value.split())
    return found


def targets(text: str) -> frozenset[str]:
    """The names of links that a page gives addresses to, in lower case."""
    return frozenset(name.strip().lower() for name in _TARGET.findall(text))


def listed_works(text: str) -> Iterator[tuple[str, Reference | None]]:
    """The works of lists (`.. [Key] Authors, *Title*, ...`), and of GROMACS' numbered one."""
    for key, item in _ITEM.findall(text):
        yield key, _work(item)
    for key, item in _NUMBERED_ITEM.findall(text):
        yield key, _work(item)


def _work(item: str) -> Reference | None:
    item = _ROLE.sub(r"\1", re.sub(r"\\(\S)", r"\1", item)).replace("``", "")
    item = re.sub(r"`([^`<]*?)(?:\s*<[^`>]*>)?`__?", r"\1", item)
    lines = [line.strip() for line in item.split("\n") if line.strip()]
    text = " ".join(lines)
    title = _IN_QUOTES.search(text) or _EMPHASISED.search(text)
    if title is not None:
        authors = text[: title.start()].strip(" .,:;(").replace(" Eds", "")
        if work := reference_from_parts(authors, title[1], text[title.end() :].replace("*", "")):
            return work
    elif len(lines) > 1 and lines[0].endswith((",", ".")):  # a field a line, as Sage's lists have it
        name, _, rest = (
            "\n".join(lines[1:]).partition(",\n")
            if ",\n" in "\n".join(lines[1:])
            else " ".join(lines[1:]).partition(". ")
        )
        if len(name.split()) >= 3 and (
            work := reference_from_parts(lines[0].rstrip(",."), " ".join(name.split()), rest)
        ):
            return work
    return parse_citation(text.replace("*", ""))


def _quoted(title: str) -> str:
    title = _ROLE.sub(r"\1", title).replace("``", "").replace("`", "").replace("*", "").replace("|Gromacs|", "GROMACS")
    return f"“{' '.join(title.split())}”"
