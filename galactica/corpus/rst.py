"""reStructuredText -> blocks of the document language.

Source: docutils' reStructuredText specification (https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from galactica.corpus import text_tables
from galactica.corpus.headings import without_empty_sections
from galactica.corpus.markdown_scan import dedented
from galactica.corpus.prose import PRIVATE, Prose, has_words
from galactica.corpus.rst_directives import Directives
from galactica.corpus.rst_inline import Names, RstInline
from galactica.corpus.tables import markdown_grid, one_line

MAX_DEPTH = 10
"""Lists, notes and quotations in each other: what lies deeper is read as running text."""

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*")
_DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|\n]{1,100}\|\s*)?([A-Za-z][\w:.+-]{0,60}?)\s?::(?:\s+(.*)|$)")
_EXPLICIT = re.compile(r"\.\.(?:\s|$)|__(?:\s|$)")
_BULLET = re.compile(r"([-*+•‣]) {1,5}(?=\S)|[-*+]$")
_NUMBERED = re.compile(r"(?:\(?(\d{1,4}|[a-zA-Z]|#|[ivxIVX]{2,6})[.)]) {1,5}(?=\S)")
_FIELD = re.compile(r":(?![ :])((?:[^:\\\n`]|\\.){1,100}):(?:\s+(.*)|$)")
_DOCTEST = re.compile(r">>> |sage: |In \[\d+\]: ")
_LINE_BLOCK = re.compile(r"\|(?: |$)")
_DOCINFO = frozenset(
    (
        "author",
        "authors",
        "date",
        "copyright",
        "version",
        "orphan",
        "status",
        "revision",
        "organization",
        "address",
        "contact",
        "tocdepth",
        "nosearch",
        "license",
        "release",
        "depth",
        "maxdepth",
    )
)


class Rst:
    """Reads the texts of one document. `include` finds the text of a file by its path, seen from the page."""

    def __init__(self, prose: Prose, names: Names, include: Callable[[str], str | None] = lambda path: None) -> None:
        self.prose = prose
        self.inline = RstInline(prose, names)
        self._include = include
        self._directives = Directives(self)
        self._styles: list[str] = []
        self._n_included = 0

    def blocks(self, text: str) -> list[str]:
        """The text's blocks, without headings that nothing follows."""
        return without_empty_sections(self.parse(_lines(text), 0))

    def line(self, text: str) -> str:
        """The text on one line."""
        return self.inline.line(text.translate(PRIVATE))

    def included(self, path: str) -> list[str]:
        """The lines of a file that the page reads in; none where it is not there or too many are."""
        self._n_included += 1
        text = self._include(path) if self._n_included < 200 else None
        return [] if text is None else _lines(text)

    def parse(self, lines: Sequence[str], depth: int) -> list[str]:
        """The blocks of lines that stand at the left margin."""
        if depth > MAX_DEPTH:
            return self.paragraph(lines)
        out: list[str] = []
        at, end = 0, len(lines)
        while at < end:
            line = lines[at]
            if not line.strip():
                at += 1
            elif line[0] == " ":
                after = _indented(lines, at)
                out += self.parse(dedented(list(lines[at:after])).split("\n"), depth + 1)
                at = after
            elif (title := _title(lines, at)) is not None:
                at = self._heading(title, out)
            elif _ADORNMENT.fullmatch(line) and len(line) >= 4:
                at += 1
            else:
                at = self._block(lines, at, out, depth)
        return out

    def _heading(self, title: tuple[str, str, int], out: list[str]) -> int:
        text, style, after = title
        if style not in self._styles:
            self._styles.append(style)
        if has_words(written := self.inline.line(text)):
            out.append(f"{'#' * min(6, self._styles.index(style) + 1)} {written}")
        return after

    def _block(self, lines: Sequence[str], at: int, out: list[str], depth: int) -> int:
        line = lines[at]
        if _EXPLICIT.match(line):
            return self._explicit(lines, at, out, depth)
        if _BULLET.match(line):
            return self._list(lines, at, out, depth, _BULLET, is_ordered=False)
        if _NUMBERED.match(line) and self._is_list(lines, at):
            return self._list(lines, at, out, depth, _NUMBERED, is_ordered=True)
        if line[0] == ":" and (field := _FIELD.match(line)) is not None:
            return self._field(lines, at, field, out, depth)
        if _DOCTEST.match(line):
            after = _while(lines, at, lambda row: bool(row.strip()))
            out += self.prose.code_block(dedented(list(lines[at:after])), "python")
            return after
        if line[0] == "|" and _LINE_BLOCK.match(line):
            after = _while(lines, at, lambda row: row[:1] == "|" or (row[:1] == " " and bool(row.strip())))
            joined = re.sub(r"\n(?!\|)\s*", " ", "\n".join(lines[at:after])).split("\n")
            rows = [self.inline.line(row.lstrip("| ")) for row in joined]
            out += ["\n".join(row for row in rows if row)] if any(rows) else []
            return after
        if text_tables.GRID_RULE.fullmatch(line):
            after = _while(lines, at, lambda row: row[:1] in ("+", "|"))
            out += self.table(text_tables.grid_table(lines[at:after]), depth)
            return after
        if text_tables.SIMPLE_RULE.fullmatch(line):
            after = _simple_end(lines, at)
            out += self.table(text_tables.simple_table(lines[at:after]), depth)
            return after
        return self._running(lines, at, out, depth)

    # --- running text ---------------------------------------------------------------------------------------------------

    def _running(self, lines: Sequence[str], at: int, out: list[str], depth: int) -> int:
        """A paragraph with the literal block that it announces, or the term of a definition with its meaning."""
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if following.strip() and following[0] == " " and not lines[at].endswith("::"):
            after = _indented(lines, at + 1)
            inner = self.parse(dedented(list(lines[at + 1 : after])).split("\n"), depth + 1)
            term = self.inline.line(re.sub(r" : .*$", "", lines[at])).strip("*")
            if inner and has_words(term) and not inner[0].startswith(("```", "#", "|", "\\[", "- ")):
                inner[0] = f"**{term}**: {inner[0]}"
            elif has_words(term):
                inner = [f"**{term}**", *inner]
            out += inner
            return after
        after = at + 1
        while (
            after < len(lines) and lines[after].strip() and lines[after][0] != " " and not _EXPLICIT.match(lines[after])
        ):
            if _title(lines, after) is not None and after > at:
                break
            after += 1
        text = " ".join(line.strip() for line in lines[at:after])
        announces = text.endswith("::")
        if announces:
            text = text.rstrip(": ") + ":"
        out += self.paragraph([text])
        return self._literal(lines, after, out) if announces else after

    def _literal(self, lines: Sequence[str], at: int, out: list[str]) -> int:
        while at < len(lines) and not lines[at].strip():
            at += 1
        if at >= len(lines) or lines[at][0] != " ":
            return at
        after = _indented(lines, at)
        code = dedented(list(lines[at:after]))
        out += self.prose.code_block(code, "python" if _DOCTEST.match(code) else "")
        return after

    def paragraph(self, lines: Sequence[str]) -> list[str]:
        """Running text as one block; no block where it says nothing."""
        text = self.inline.line(" ".join(line.strip() for line in lines))
        return [text] if has_words(text) and text not in ("another section", "another page") else []

    # --- lists, fields, tables ------------------------------------------------------------------------------------------

    @staticmethod
    def _is_list(lines: Sequence[str], at: int) -> bool:
        """A line that begins like an item but goes on at the margin is running text: "A. Author and ..."."""
        following = lines[at + 1] if at + 1 < len(lines) else ""
        return not following.strip() or following[0] == " " or _NUMBERED.match(following) is not None

    def _list(
        self, lines: Sequence[str], at: int, out: list[str], depth: int, mark: re.Pattern[str], is_ordered: bool
    ) -> int:
        items: list[str] = []
        is_tight = True
        while at < len(lines) and (match := mark.match(lines[at])) is not None:
            after = _indented(lines, at + 1)
            first = " " * match.end() + lines[at][match.end() :]
            inner = self.parse(dedented([first, *lines[at + 1 : after]]).split("\n"), depth + 1)
            if inner:
                sign = f"{len(items) + 1}. " if is_ordered else "- "
                are_lists = all(part.startswith(("- ", "1. ")) for part in inner[1:])
                is_tight = is_tight and are_lists
                body = ("\n" if are_lists else "\n\n").join(inner)
                items.append(
                    sign + "\n".join(f"{' ' * len(sign)}{row}" if row else "" for row in body.split("\n")).lstrip()
                )
            at = after
            while at < len(lines) and not lines[at].strip():
                at += 1
        if items:
            out.append(("\n" if is_tight else "\n\n").join(items))
        return at

    def _field(self, lines: Sequence[str], at: int, field: re.Match[str], out: list[str], depth: int) -> int:
        after = _indented(lines, at + 1)
        name = field[1].strip()
        if name.lower() in _DOCINFO or "`" in name:
            return after if name.lower() in _DOCINFO else self._running(lines, at, out, depth)
        inner = (
            self.parse(dedented([" " * 8 + (field[2] or ""), *lines[at + 1 : after]]).split("\n"), depth + 1)
            if not field[2]
            else None
        )
        if inner is None:
            inner = self.paragraph([field[2] or "", *lines[at + 1 : after]])
        name = self.inline.line(re.sub(r"^(?:param|type|parameter|arg|keyword|raises?|var|ivar)\s+", "", name))
        if inner:
            inner[0] = f"**{name}**: {inner[0]}"
        out += inner
        return after

    def table(self, table: text_tables.TextTable, depth: int) -> list[str]:
        """The table as one block; no block where it is empty or large."""
        rows = [[self.cell(cell, depth) for cell in row] for row in table.rows]
        return markdown_grid(rows, table.n_header)

    def cell(self, text: str, depth: int) -> str:
        """The blocks of a cell on one line."""
        written = one_line(self.parse(text.split("\n"), depth + 1)) or self.inline.line(text)
        return written.replace("|", "/").replace("```", "`")

    # --- explicit markup ------------------------------------------------------------------------------------------------

    def _explicit(self, lines: Sequence[str], at: int, out: list[str], depth: int) -> int:
        """A directive is carried out; targets, notes, substitutions and comments are left out."""
        after = _indented(lines, at + 1)
        directive = _DIRECTIVE.match(lines[at])
        if directive is not None and not lines[at].startswith(".. |"):
            body = dedented(list(lines[at + 1 : after])).split("\n")
            out += self._directives.blocks(directive[1].lower(), (directive[2] or "").strip(), body, depth)
        return after


def _lines(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(PRIVATE).expandtabs(8)
    return [line.rstrip() for line in text.split("\n")]


def _title(lines: Sequence[str], at: int) -> tuple[str, str, int] | None:
    """(text, style, line after it) of a title that starts here: underlined, or between two lines."""
    line = lines[at]
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if _ADORNMENT.fullmatch(line) and following.strip() and at + 2 < len(lines):
        below = lines[at + 2]
        if (
            len(line) >= 3
            and below[:1] == line[0]
            and _ADORNMENT.fullmatch(below)
            and len(below) >= 3
            and not _ADORNMENT.fullmatch(following.strip())
        ):
            return following.strip(), line[0] * 2, at + 3
        return None
    if not following or not _ADORNMENT.fullmatch(following) or line[0] == " ":
        return None
    is_long = len(following) >= len(line) or len(following) >= max(4, len(line) - 3)
    return (line, following[0], at + 2) if is_long and len(following) >= 2 and not _ADORNMENT.fullmatch(line) else None


def _while(lines: Sequence[str], at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(lines) and belongs(lines[at]):
        at += 1
    return at


def _indented(lines: Sequence[str], at: int) -> int:
    """Where the lines end that are indented, blank ones between them included."""
    end = at
    while at < len(lines):
        if lines[at]:
            if lines[at][0] != " ":
                break
            end = at + 1
        at += 1
    return end


def _simple_end(lines: Sequence[str], at: int) -> int:
    """Where a simple table ends: at its third rule, or its second where it has no head."""
    rules = [index for index in range(at, min(len(lines), at + 400)) if re.fullmatch(r"=+(?: +=+)*", lines[index])]
    end = at + 1
    for n_rules, index in enumerate(rules, 1):
        is_last = index + 1 >= len(lines) or not lines[index + 1].strip()
        end = index + 1
        if n_rules >= 2 and is_last:
            break
    return end
