"""A passage in the document language -> blocks of a pandoc document.

Read are paragraphs, headings, lists, tables, fenced code, emphasis, formulas, scripts, sequences and citations. Everything
else (HTML, links, images, LaTeX outside formulas) is plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from galactica import markup
from galactica.modalities import formulas
from galactica.papers import nodes
from galactica.papers.nodes import Node
from galactica.types import Citation

_SCRIPTS = {markup.SUP: "Superscript", markup.SUB: "Subscript"}


def _between(opened: str, closed: str) -> str:
    """The text between two tokens, without another opening of the same kind."""
    return rf"{re.escape(opened)}(?:(?!{re.escape(opened)}|{re.escape(closed)}).)*{re.escape(closed)}"


_MARK = _between(markup.START_REF, markup.END_REF)
_MARKS = rf"{_MARK}(?:[ \t,;]*\n?[ \t]*{_MARK})*"
# A formula holds no other mark of maths and no empty line: one that is not closed must not swallow the paragraphs after it.
_LATEX = r"(?:\\\\|\\(?![\\()\[\]])|[^\\\n]|\n(?![ \t]*\n))*"
_SEQUENCES = "|".join(
    _between(markup.opening(kind), markup.closing(kind)) for kind in (*markup.SPLIT_KINDS, markup.SUP, markup.SUB)
)
_INLINE = re.compile(
    rf"(?P<citations>[ \t\n]{{0,4}}(?:\([ \t]*{_MARKS}[ \t]*\)|\[[ \t]*{_MARKS}[ \t]*\]|{_MARKS}))"
    rf"|(?<!\\)\\\((?P<inline>{_LATEX})\\\)|(?<!\\)\\\[(?P<display>{_LATEX})\\\]"
    rf"|(?P<sequence>{_SEQUENCES})"
    r"|(?<!`)`(?P<code>[^`\n]+)`(?!`)"
    r"|\*\*(?=[^\s*])(?P<strong>[^*\n]+)(?<=\S)\*\*"
    r"|(?<![\w*])\*(?=[^\s*])(?P<emphasis>[^*\n]+)(?<=\S)\*(?![\w*])",
    re.DOTALL,
)
_FORMULA = re.compile(rf"(?<!\\)\\\(({_LATEX})\\\)")
_ATOMS = ("citations", "inline", "display", "sequence")
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)[^`\n]*$")
_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)(?:\d+(?:\.\d+)*\.?[ \t]+)?")
_RULE = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*")
_BULLET = re.compile(r"[ ]{0,6}[-*+•][ \t]+(?=\S)")
_NUMBER = re.compile(r"[ ]{0,6}(\d{1,3})[.)][ \t]+(?=\S)")
_HIDDEN = "\x00"


class _Line(NamedTuple):
    """A line of the passage, from `start` to `end`; `shown` has formulas, citations and sequences blotted out."""

    start: int
    end: int
    shown: str


@dataclass(slots=True)
class Passages:
    """Reads the passages of one paper.

    `names` gives the citation name of each work by its id; `unset` holds formulas that are shown as LaTeX source, because
    they cannot be typeset. `problems` and `dropped` collect what was shown otherwise than it was written.
    """

    names: Mapping[str, str]
    unset: Set[str] = frozenset()
    problems: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    _text: str = ""
    _works: dict[int, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def blocks(self, text: str, citations: Sequence[Citation] = ()) -> list[Node]:
        """The blocks of a passage. A citation mark without a record is left out and noted in `dropped`."""
        self._text = text
        self._works = {citation.start: self.names[citation.reference.id] for citation in citations}
        self._keys = {
            markup.citation_key(citation.reference.title, citation.reference.surname): self.names[citation.reference.id]
            for citation in citations
        }
        lines = self._lines()
        found: list[Node] = []
        at = 0
        while at < len(lines):
            taken = self._block(lines, at, found)
            at += taken
        return found

    def title(self, text: str) -> list[Node]:
        """The title of a work, on one line: formulas are set, everything else is plain characters."""
        found: list[Node] = []
        at = 0
        for match in _FORMULA.finditer(text):
            found += [*nodes.text(text[at : match.start()]), self._formula(match[1].strip(), display=False)]
            at = match.end()
        return nodes.trimmed([*found, *nodes.text(text[at:])])

    def _lines(self) -> list[_Line]:
        shown = self._text
        for match in _INLINE.finditer(self._text):
            if match.lastgroup in _ATOMS:
                start = match.start() + len(match[0]) - len(match[0].lstrip())
                shown = shown[:start] + _HIDDEN * (match.end() - start) + shown[match.end() :]
        found = []
        start = 0
        for line in shown.split("\n"):
            found.append(_Line(start, start + len(line), line))
            start += len(line) + 1
        return found

    def _block(self, lines: Sequence[_Line], at: int, found: list[Node]) -> int:
        """Reads the block that begins at line `at` into `found`; returns the number of lines it takes."""
        line = lines[at].shown
        if not line.strip():
            return 1
        if fence := _FENCE.match(self._text[lines[at].start : lines[at].end]):
            return self._fenced(lines, at, fence[1], found)
        if match := _HEADING.match(line):
            inside = self._inlines(lines[at].start + match.end(), lines[at].end)
            found.append(nodes.heading(max(2, min(len(match[1]), 4)), inside))
            return 1
        if self._opens_table(lines, at):
            return self._table(lines, at, found)
        for marker in (_BULLET, _NUMBER):
            if marker.match(line):
                return self._list(lines, at, marker, found)
        end = at + 1
        while end < len(lines) and not self._ends_paragraph(lines, end):
            end += 1
        self._paragraph(self._inlines(lines[at].start, lines[end - 1].end), found)
        return end - at

    def _ends_paragraph(self, lines: Sequence[_Line], at: int) -> bool:
        line = lines[at].shown
        starts = (_FENCE, _HEADING, _BULLET, _NUMBER)
        return not line.strip() or any(start.match(line) for start in starts) or self._opens_table(lines, at)

    def _paragraph(self, inlines: list[Node], found: list[Node]) -> None:
        if not inlines:
            return
        is_displayed = all(node["t"] in ("Math", "Space") for node in inlines) and any(
            node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath" for node in inlines
        )
        if is_displayed and found and found[-1]["t"] == "Para":
            # A displayed formula belongs to the sentence before it: no paragraph space, no page break between.
            found[-1]["c"] += [{"t": "Space"}, *inlines]
        else:
            found.append(nodes.paragraph(inlines))

    def _fenced(self, lines: Sequence[_Line], at: int, fence: str, found: list[Node]) -> int:
        end = at + 1
        while end < len(lines) and not lines[end].shown.strip().startswith(fence):
            end += 1
        inside = self._text[lines[at].end + 1 : max(lines[end - 1].end, lines[at].end + 1)] if end > at + 1 else ""
        found.append(nodes.code_block(inside))
        return end - at + 1

    def _opens_table(self, lines: Sequence[_Line], at: int) -> bool:
        return (
            lines[at].shown.lstrip().startswith("|")
            and at + 1 < len(lines)
            and "-" in lines[at + 1].shown
            and _RULE.fullmatch(lines[at + 1].shown.strip()) is not None
        )

    def _table(self, lines: Sequence[_Line], at: int, found: list[Node]) -> int:
        end = at + 2
        while end < len(lines) and lines[end].shown.lstrip().startswith("|"):
            end += 1
        header = self._cells(lines[at])
        rows = [self._cells(line) for line in lines[at + 2 : end]]
        width = max(map(len, [header, *rows]))
        empty: list[Node] = []
        padded = [row + [empty] * (width - len(row)) for row in [header, *rows]]
        found.append(nodes.table(padded[0], padded[1:]))
        return end - at

    def _cells(self, line: _Line) -> list[list[Node]]:
        bars = [match.start() for match in re.finditer(r"\|", line.shown)]
        closes = line.shown.rstrip().endswith("|") and len(bars) > 1
        borders = bars if closes else [*bars, len(line.shown)]
        return [self._inlines(line.start + left + 1, line.start + right) for left, right in pairwise(borders)]

    def _list(self, lines: Sequence[_Line], at: int, marker: re.Pattern[str], found: list[Node]) -> int:
        items: list[list[Node]] = []
        first = marker.match(lines[at].shown)
        assert first is not None
        end = at
        while end < len(lines) and (match := marker.match(lines[end].shown)):
            start, end = end, end + 1
            while end < len(lines) and not self._ends_paragraph(lines, end):
                end += 1
            items.append(self._inlines(lines[start].start + match.end(), lines[end - 1].end))
        found.append(nodes.bullets(items) if marker is _BULLET else nodes.numbered(items, int(first[1])))
        return end - at

    # --- inside a line ---

    def _inlines(self, start: int, end: int) -> list[Node]:
        """The inlines of the characters `start` to `end`, without outer spaces."""
        found: list[Node] = []
        at = start
        for match in _INLINE.finditer(self._text, start, end):
            found += nodes.text(self._text[at : match.start()])
            found += self._inline(match, has_before=bool(found))
            at = match.end()
        return nodes.trimmed([*found, *nodes.text(self._text[at:end])])

    def _inline(self, match: re.Match[str], has_before: bool) -> list[Node]:
        kind = match.lastgroup
        assert kind is not None
        if kind == "citations":
            mark = self._cite(match)
            return [{"t": "Space"}, mark] if mark and has_before else [mark] if mark else []
        if kind in ("inline", "display"):
            return [self._formula(match[kind].strip(), kind == "display")]
        if kind == "sequence":
            token = match[0][: match[0].index("]") + 1]
            for script, name in _SCRIPTS.items():
                if token == markup.opening(script):
                    inside = match[0].removeprefix(token).removesuffix(markup.closing(script))
                    return [nodes.wrapped(name, nodes.trimmed(nodes.text(inside)))]
            return [nodes.code(match[0][len(token) : match[0].rindex("[")])]
        if kind == "code":
            return [nodes.code(match[kind])]
        inside_nodes = self._inlines(match.start(kind), match.end(kind))
        return [nodes.wrapped("Strong" if kind == "strong" else "Emph", inside_nodes)]

    def _cite(self, match: re.Match[str]) -> Node | None:
        names: list[str] = []
        for mark in markup.citations(match[0]):
            name = self._works.get(match.start() + mark.start) or self._keys.get(mark.key)
            if name is None:
                self.dropped.append(mark.key)
            elif name not in names:
                names.append(name)
        return nodes.cite(names, ", ".join(names)) if names else None

    def _formula(self, latex: str, display: bool) -> Node:
        latex = nodes.printable(latex)
        problem = "it cannot be typeset" if latex in self.unset else formulas.problem(latex)
        if problem is None:
            return nodes.maths(latex, display)
        self.problems[latex] = problem
        return nodes.code(latex)
