"""The numbers that LaTeX prints: sections, theorems, equations, floats."""

from __future__ import annotations

from collections import Counter

from galactica.corpus.latex.commands import COUNTERS

_MAX_WITHIN = 4
"""Counters within each other; a document may declare a circle."""
_MAX_NUMBERED_LEVEL = 4
"""Subsubsections are the last that are numbered, as in the class `article`."""


class Numbering:
    """Counters of one document. `chapter` is the number of the chapter before it, None where chapters are not counted."""

    def __init__(self, within: dict[str, str], chapter: int | None = 0) -> None:
        self.within = within
        self.values: Counter[str] = Counter(chapter=chapter or 0)
        self.counts_chapters = chapter is not None
        self.has_chapters = False
        self.in_appendix = False

    def section(self, level: int) -> str:
        """Steps the counter of a section of this level; its number, "" where such sections have none."""
        if level > _MAX_NUMBERED_LEVEL or level == 0:
            return ""
        if level == 1 and not self.counts_chapters:
            self.step("chapter")
            return ""
        self.has_chapters = self.has_chapters or level == 1
        self.step(COUNTERS[level])
        return self.number(COUNTERS[level])

    def set(self, counter: str, value: int) -> None:
        """Sets a counter, as `\\setcounter` does; a chapter that is numbered by hand counts."""
        self.values[counter] = value
        if counter == "chapter":
            self.counts_chapters = True

    def step(self, counter: str, by: int = 1) -> None:
        """Counts on, and begins anew what is counted within this counter."""
        self.values[counter] += by
        self._reset_below(counter, 0)

    def number(self, counter: str, depth: int = 0) -> str:
        """The number as printed: "2", "3.1", "A.2"."""
        if counter in COUNTERS:
            return self._section_number(COUNTERS.index(counter))
        parent = self.within.get(counter, "")
        before = self.number(parent, depth + 1) if parent and depth < _MAX_WITHIN else ""
        return f"{before}.{self.values[counter]}" if before and before != "0" else str(self.values[counter])

    def begin_appendix(self) -> None:
        """From here on the highest sections have letters."""
        self.in_appendix = True
        self.values["chapter" if self.has_chapters else "section"] = 0

    def _section_number(self, level: int) -> str:
        top = 1 if self.has_chapters else 2
        if level < top:
            return ""
        numbers = [self.values[COUNTERS[index]] for index in range(top, level + 1)]
        if self.in_appendix and 0 < numbers[0] <= 26:
            return ".".join([chr(64 + numbers[0]), *map(str, numbers[1:])])
        return ".".join(map(str, numbers))

    def _reset_below(self, counter: str, depth: int) -> None:
        if depth > len(COUNTERS):
            return
        if counter in COUNTERS and counter != COUNTERS[-1]:
            below = COUNTERS[COUNTERS.index(counter) + 1]
            if counter != "part":
                self.values[below] = 0
                self._reset_below(below, depth + 1)
        for inner, outer in self.within.items():
            if outer == counter and inner not in COUNTERS:
                self.values[inner] = 0
