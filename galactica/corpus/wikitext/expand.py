"""Templates, links and footnotes resolved from the inside out, in one pass and without recursion.

What is open stands on a stack; a closing bracket puts the text of the innermost pair in its place. So the depth of nesting costs
nothing, and brackets that never close end as plain text.
"""

from __future__ import annotations

import re
from typing import Literal

from galactica.corpus.wikitext.arguments import Arguments
from galactica.corpus.wikitext.links import link_text
from galactica.corpus.wikitext.reading import LOST, MAX_NESTING, Reading
from galactica.corpus.wikitext.templates import template_text

_BRACKETS = r"\{\{+|\}\}+|\[\[|\]\]|<ref(?=[\s/>])[^<>]{0,1000}>|</ref\s{0,9}>"
_OUTSIDE = re.compile(_BRACKETS, re.IGNORECASE)
_INSIDE = re.compile(rf"{_BRACKETS}|\|", re.IGNORECASE)


class _Frame:
    """Something open: braces (`count` of them), a link, a footnote with its attributes, or the page. `arguments` are lists of
    parts, of which the first of each is text of the page."""

    __slots__ = ("arguments", "attributes", "count", "kind", "n_cited")

    def __init__(
        self, kind: Literal["page", "{", "[", "ref"], count: int = 0, attributes: str = "", n_cited: int = 0
    ) -> None:
        self.kind = kind
        self.count = count
        self.attributes = attributes
        self.n_cited = n_cited
        self.arguments: list[list[str]] = [[]]

    def add(self, text: str) -> None:
        self.arguments[-1].append(text)


def expand(text: str, reading: Reading) -> str:
    """The text without templates, links and footnotes, each replaced by what it shows. Where more than `MAX_NESTING` stand inside
    each other the page is `is_too_deep`, and its text is of no use."""
    return _Expander(reading).run(text)


class _Expander:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.stack = [_Frame("page")]
        self.n_open = {"{": 0, "[": 0, "ref": 0}

    def run(self, text: str) -> str:
        at = 0
        while True:
            top = self.stack[-1]
            pattern = _INSIDE if top.kind in "{[" else _OUTSIDE
            match = pattern.search(text, at)
            if match is None:
                top.add(text[at:])
                break
            top.add(text[at : match.start()])
            at = match.end()
            self._token(match[0])
            if len(self.stack) > MAX_NESTING:
                self.reading.is_too_deep = True
                break
        self._unwind_to(0)
        return "".join(part for argument in self.stack[0].arguments for part in argument)

    def _token(self, token: str) -> None:
        first = token[0]
        if first == "|":
            self.stack[-1].arguments.append([])
        elif first == "{":
            self._push(_Frame("{", len(token)))
        elif first == "}":
            self._close_braces(len(token))
        elif first == "[":
            self._push(_Frame("["))
        elif first == "]":
            self._close_link()
        elif token[1] == "/":
            self._close_footnote()
        elif token.endswith("/>"):
            self.stack[-1].add(self.reading.footnotes.footnote(token[4:-2], None, self.reading.footnotes.n_cited))
        else:
            if self.n_open["ref"]:
                self._unwind_to(self._last("ref"))  # footnotes do not nest: the one before was not closed
            self._push(_Frame("ref", attributes=token[4:-1], n_cited=self.reading.footnotes.n_cited))

    def _push(self, frame: _Frame) -> None:
        self.stack.append(frame)
        self.n_open[frame.kind] += 1

    def _pop(self) -> _Frame:
        frame = self.stack.pop()
        self.n_open[frame.kind] -= 1
        return frame

    def _last(self, kind: str) -> int:
        return next(index for index in range(len(self.stack) - 1, -1, -1) if self.stack[index].kind == kind)

    def _unwind_to(self, height: int) -> None:
        """Takes what was never closed off the stack down to the frame at `height`, which is taken off too but for the page;
        their text goes on in the frame below."""
        height = max(height, 1)
        unclosed = self.stack[height:]
        below = self.stack[height - 1]
        for frame in unclosed:
            self.n_open[frame.kind] -= 1
            if frame.kind == "{":
                below.add(LOST)
            for number, argument in enumerate(frame.arguments):
                if number:
                    below.add("|")
                below.arguments[-1].extend(argument)
        del self.stack[height:]

    def _close_braces(self, n: int) -> None:
        while n >= 2 and self.n_open["{"]:
            height = self._last("{")
            if height < len(self.stack) - 1:
                self._unwind_to(height + 1)
            frame = self.stack[-1]
            taken = 3 if n >= 3 and frame.count >= 3 else 2
            value = self._parameter(frame) if taken == 3 else self._template(frame)
            n -= taken
            frame.count -= taken
            if frame.count >= 2:
                frame.arguments = [["", value]]
                continue
            self._pop()
            if frame.count == 1:
                self.stack[-1].add("{")
            self.stack[-1].add(value)
        if n:
            self.stack[-1].add("}" * n)

    def _parameter(self, frame: _Frame) -> str:
        """The default of `{{{name|default}}}`."""
        return "".join(frame.arguments[1]) if len(frame.arguments) > 1 else ""

    def _template(self, frame: _Frame) -> str:
        name = "".join(frame.arguments[0])
        return template_text(name, Arguments(frame.arguments[1:]), self.reading)

    def _close_link(self) -> None:
        top = self.stack[-1]
        if top.kind != "[":
            top.add("]]")
            return
        self._pop()
        target = "".join(top.arguments[0])
        shown = "|".join("".join(argument) for argument in top.arguments[1:]) if len(top.arguments) > 1 else None
        self.stack[-1].add(link_text(target, shown, self.reading))

    def _close_footnote(self) -> None:
        if not self.n_open["ref"]:
            return
        height = self._last("ref")
        if height < len(self.stack) - 1:
            self._unwind_to(height + 1)
        frame = self._pop()
        content = "".join(part for argument in frame.arguments for part in argument)
        self.stack[-1].add(self.reading.footnotes.footnote(frame.attributes, content, frame.n_cited))
