"""The directives of docutils and Sphinx as blocks: formulas, code, notes, figures, tables; those that steer the tool go.

Source: https://docutils.sourceforge.io/docs/ref/rst/directives.html, https://www.sphinx-doc.org/en/master/usage/restructuredtext/directives.html.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from galactica.corpus.headings import heading_level
from galactica.corpus.markdown_scan import dedented
from galactica.corpus.prose import has_words
from galactica.corpus.tables import markdown_grid

if TYPE_CHECKING:
    from galactica.corpus.rst import Rst


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPTION = re.compile(r"\s*:([\w-]{1,40}):(?:\s+(.*)|$)")
_CODE = _words(
    "code code-block sourcecode parsed-literal testcode testoutput doctest prompt ipython ipython3 jupyter-execute "
    "highlight-block literal"
)
_NOTES = frozenset(["note", "warning", "tip", "important", "attention", "caution", "danger", "error", "hint"])
_TITLED = _words(
    "admonition topic sidebar dropdown card tab tab-item details theorem lemma proposition corollary definition "
    "proof example remark exercise solution algorithm conjecture"
)
_PLAIN = _words(
    "container compound rst-class class centered only ifconfig epigraph highlights pull-quote tab-set grid grid- "
    "item cssclass hlist samepage versionchanged versionadded div caption glossary line-block block-quote"
)
_OBJECTS = _words(
    "function class method attribute data exception module staticmethod classmethod property type macro member var "
    "enum struct object option program"
)
_SHOWN_IN = re.compile(r"\bhtml\b|\btext\b|not\s+latex|\Z")
_LANGUAGE = re.compile(r"[a-zA-Z][\w+#-]{0,20}")
_LANGUAGES = {
    "pycon": "python",
    "ipython": "python",
    "ipython3": "python",
    "python3": "python",
    "none": "",
    "default": "",
    "guess": "",
    "text": "",
    "console": "bash",
    "shell": "bash",
}
_DOCTEST = re.compile(r">>> |sage: ")

_PATH = re.compile(r"\.{0,2}/[\w./-]+\.\w{1,5}")
"""The name of a file that is shown above it."""


class Directives:
    """Carries out the directives of one document for its reader."""

    def __init__(self, reader: Rst) -> None:
        self._reader = reader
        self._prose = reader.prose
        self._n_figures = 0

    def blocks(self, name: str, argument: str, body: Sequence[str], depth: int) -> list[str]:
        """The blocks that a directive with this argument and these lines below it stands for."""
        if name in ("figure", "plot", "include", "literalinclude") and not argument:
            argument, body = next((line.strip() for line in body if line.strip()), ""), _after_first(body)
        options, content = _split(body)
        if name in ("math", "displaymath"):
            return self._maths(argument, content)
        if name in _CODE:
            return self._code(name, argument, content)
        if name in _NOTES:
            inner = self._parsed([argument, *content] if argument else content, depth)
            return _prefixed(f"{name.capitalize()}: ", inner)
        if name in _TITLED:
            inner = self._parsed(content, depth)
            title = self._reader.inline.line(argument)
            label = (
                ""
                if name in ("admonition", "topic", "sidebar", "dropdown", "card", "tab", "tab-item", "details")
                else name.capitalize()
            )
            head = f"{label}: {title}" if label and title else label or title
            return [f"**{head}**", *inner] if inner and head else inner
        if name == "figure":
            return self._figure(content, depth)
        if name in ("table", "csv-table", "list-table"):
            return self._table(name, argument, options, content, depth)
        if name == "include":
            return self._reader.parse(self._reader.included(argument), depth + 1)
        if name == "rubric":
            title = self._reader.inline.line(argument)
            return [f"**{title}**"] if has_words(title) else []
        if name in ("only", "ifconfig"):
            return self._parsed(content, depth) if name == "ifconfig" or _SHOWN_IN.match(argument) else []
        if name in _PLAIN:
            first = (
                [argument, ""]
                if argument
                and name in ("centered", "versionchanged", "versionadded", "caption")
                and not name.startswith("version")
                and not _PATH.fullmatch(argument)
                else []
            )
            return self._parsed([*first, *content], depth)
        if name.rpartition(":")[2] in _OBJECTS:
            inner = self._parsed(content, depth)
            return (
                [f"**`{' '.join(argument.split())}`**", *inner] if inner and argument and "`" not in argument else inner
            )
        return []

    def _parsed(self, lines: Sequence[str], depth: int) -> list[str]:
        return [
            block
            for block in self._reader.parse(dedented(list(lines)).split("\n"), depth + 1)
            if not heading_level(block)
        ]

    def _maths(self, argument: str, content: Sequence[str]) -> list[str]:
        """Formulas: a blank line parts them."""
        text = "\n".join([argument, *content]).strip()
        if "\\begin{" in text:
            return self._prose.display_maths(re.sub(r"\n\s*\n", "\n", text))
        return [
            block for part in re.split(r"\n\s*\n", text) if part.strip() for block in self._prose.display_maths(part)
        ]

    def _code(self, name: str, argument: str, content: Sequence[str]) -> list[str]:
        code = dedented(list(content)).strip("\n")
        if name == "parsed-literal":
            code = re.sub(r"\\(\S)", r"\1", re.sub(r":[\w-]+:`([^`<]*?)(?:\s*<[^`>]*>)?`", r"\1", code))
        language = _LANGUAGE.match(argument.lower()) if name in ("code", "code-block", "sourcecode", "prompt") else None
        tag = language[0] if language else "python" if name in ("testcode", "doctest") or _DOCTEST.match(code) else ""
        return self._prose.code_block(code, _LANGUAGES.get(tag, tag))

    def _figure(self, content: Sequence[str], depth: int) -> list[str]:
        """ "Figure 2: caption" and its legend."""
        inner = self._parsed(content, depth)
        self._n_figures += bool(inner)
        if not inner:
            return []
        if re.match(r"Figure \d", inner[0]):
            return inner
        return [f"Figure {self._n_figures}: {inner[0]}", *inner[1:]]

    def _table(self, name: str, title: str, options: dict[str, str], content: Sequence[str], depth: int) -> list[str]:
        if name == "table":
            blocks = self._parsed(content, depth)
        else:
            rows = self._csv(options, content, depth) if name == "csv-table" else self._listed(content, depth)
            n_header = options.get("header-rows", "")
            count = int(n_header) if n_header.isdigit() and len(n_header) < 3 else 0
            blocks = markdown_grid(rows, count + ("header" in options)) if rows else []
        caption = self._reader.inline.line(title)
        return [f"Table: {caption}", *blocks] if blocks and has_words(caption) else blocks

    def _csv(self, options: dict[str, str], content: Sequence[str], depth: int) -> list[list[str]]:
        delimiter = options.get("delim", ",").strip()
        delimiter = {"tab": "\t", "space": " "}.get(delimiter, delimiter[:1] or ",")
        lines = [*([options["header"]] if options.get("header") else []), *(line for line in content if line.strip())]
        try:
            rows = list(csv.reader(lines[:200], delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            return []
        return [[self._reader.cell(cell, depth) for cell in row] for row in rows]

    def _listed(self, content: Sequence[str], depth: int) -> list[list[str]]:
        """The cells of a list of lists: `* - a`, `  - b`."""
        rows: list[list[list[str]]] = []
        for line in content:
            if match := re.match(r"[*-]\s+([-*])(?:\s(.*)|$)", line):
                rows.append([[match[2] or ""]])
            elif rows and (match := re.match(r"\s+[-*](?:\s(.*)|$)", line)) and len(line) - len(line.lstrip()) <= 4:
                rows[-1].append([match[1] or ""])
            elif rows:
                rows[-1][-1].append(line.strip())
        return [[self._reader.cell("\n".join(cell), depth) for cell in row] for row in rows[:200]]


def _after_first(body: Sequence[str]) -> Sequence[str]:
    """The lines after the first that is not blank."""
    at = next((index for index, line in enumerate(body) if line.strip()), len(body))
    return dedented(list(body[at + 1 :])).split("\n")


def _split(body: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The options at the head of a directive, and the lines of its content."""
    options: dict[str, str] = {}
    at = 0
    while at < len(body) and (match := _OPTION.match(body[at])) is not None:
        options[match[1]] = (match[2] or "").strip()
        at += 1
        while at < len(body) and body[at].strip() and body[at].startswith("    ") and not _OPTION.match(body[at]):
            at += 1
    content = [line for line in body[at:] if not re.match(r"\s*:(?:label|nowrap|name|class)::?(?:\s|$)", line)]
    return options, content


def _prefixed(prefix: str, inner: list[str]) -> list[str]:
    if inner and inner[0][:1].isalnum():
        return [f"{prefix}{inner[0]}", *inner[1:]]
    return inner
