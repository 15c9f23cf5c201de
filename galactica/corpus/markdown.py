"""Markdown of every dialect (CommonMark, pandoc, kramdown, MkDocs, d2l, R Markdown) -> blocks of the document language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from galactica.corpus import text_tables
from galactica.corpus.headings import without_empty_sections
from galactica.corpus.markdown_inline import PICTURE, Inline
from galactica.corpus.markdown_scan import BLOCK, Scanner, dedented
from galactica.corpus.prose import Prose, add_paragraph, has_words
from galactica.corpus.tables import markdown_grid, one_line

Dialect = Literal["pandoc", "kramdown", "mkdocs", "d2l", "knitr"]
MAX_DEPTH = 8
"""Lists and quotations in each other: what lies deeper is read as running text."""

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(\S.*))?[ \t]*$")
_HEADING_TIGHT = re.compile(r"(#{1,6})(?=[^\s#])(.*)$")
_HEADING_ATTRIBUTES = re.compile(r"(?:(?<!\s)\s+)?\{:?[^{}]{0,300}\}\s*$")
_EMPHASISED = re.compile(r"(?:\*\*|__?|\*)([^*_]+)(?:\*\*|__?|\*)")
_RULE = re.compile(r" {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"( {0,3})([-*+]|\d{1,4}[.)]|\(\d{1,3}\)|\(?[a-zA-Z#@][.)])(?: {1,4}|$)(?=(.?))")
_ADMONITION = re.compile(r" {0,3}(?:!!!|\?\?\?\+?|===\+?)\s+(?:[\w-]+(?=\s|$))?\s*(?:\"([^\"]{0,300})\")?.*$")
_DIV = re.compile(r" {0,3}:{3,}")
_LINK_DEFINITION = re.compile(r" {0,3}\[[^\]\n]{1,300}\]:\s")
_FOOTNOTE = re.compile(r" {0,3}\[\^[^\]\s]{1,100}\]:")
_TERM_MEANING = re.compile(r" {0,3}[:~]\s{1,4}(?=\S)")
_ABBREVIATION = re.compile(r"\*\[[^\]]{1,100}\]:")
_ATTRIBUTES_ALONE = re.compile(
    r"\s*(?:\{:[^{}]{0,500}\}|\[?toc\]?|\\(?:newpage|pagebreak|clearpage|bigskip|medskip|noindent|appendix|fvset|[vh]space\*?)(?:\{[^{}]{0,60}\})?|&nbsp;)\s*",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:(?<!\s)\s+)?(?:Table)?:\s+(?=\S)")
_HTML_HEADING = re.compile(r"<h([1-6])(?:\s[^<>]{0,300})?>([^\n]{0,500}?)</h\1>", re.IGNORECASE)
_HTML_ITEM = re.compile(r"<li(?:\s[^<>]{0,300})?>\s*", re.IGNORECASE)
_HTML_BLOCK = re.compile(
    r"</?(?:p|div|center|figure|figcaption|ul|ol|details|summary|section|blockquote|header|footer|article|aside|nav|hr|dl|dt|dd|d-[a-z]+-?[a-z]*|h[1-6])(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_INLINE_D = re.compile(r"</?d-(?:cite|footnote|math)", re.IGNORECASE)
_EXPAND = re.compile(r"\s?\((?:[Cc]lick to (?:expand|show|see)[^()\n]{0,40})\)")
_ROW = re.compile(r"<tr(?:\s[^<>]{0,300})?>", re.IGNORECASE)
_CELL = re.compile(r"<(t[dh])(?:\s[^<>]{0,500})?>", re.IGNORECASE)
_PICTURE_NAME = re.compile(r"(?:\S+|(?:image|figure|plot|screenshot|img|logo|badge)\b.{0,20}|\S+ \S+)", re.IGNORECASE)

CodeRule = Callable[[str, str, str], tuple[str, str] | None]
"""(language, attributes, code) of a fence -> (language, code), or None where it is left out."""


def as_it_stands(language: str, attributes: str, code: str) -> tuple[str, str] | None:
    """Code as it stands, but for languages that draw pictures."""
    return None if language in ("mermaid", "graph", "dot", "plantuml", "include") else (language, code)


class Markdown:
    """Reads the texts of one document."""

    def __init__(
        self, prose: Prose, dialect: Dialect, labels: Mapping[str, str] | None = None, code: CodeRule = as_it_stands
    ) -> None:
        self.prose = prose
        self.inline = Inline(prose, labels or {}, dialect)
        self._code_rule = code
        self._scanner = Scanner(prose, self.inline.role, self._html_table, self._code)
        self._n_figures = 0

    def blocks(self, text: str) -> list[str]:
        """The text's blocks, without headings that nothing follows."""
        text = self._scanner.scan(text)
        text = _HTML_HEADING.sub(lambda match: f"\n\n{'#' * int(match[1])} {match[2]}\n\n", _EXPAND.sub("", text))
        text = _HTML_ITEM.sub(lambda match: f"\n{_indent(match)}- ", text)
        text = _HTML_BLOCK.sub(lambda match: match[0] if _INLINE_D.match(match[0]) else f"\n\n{_indent(match)}", text)
        return without_empty_sections(self._blocks(text.split("\n"), 0))

    def line(self, text: str) -> str:
        """The text on one line."""
        return self.inline.line(self._scanner.scan(text).replace("\n", " "))

    def _code(self, language: str, attributes: str, code: str) -> list[str]:
        found = self._code_rule(language, attributes, code)
        return self.prose.code_block(self.prose.released(found[1]), found[0]) if found else []

    # --- blocks -----------------------------------------------------------------------------------------------------

    def _blocks(self, lines: Sequence[str], depth: int) -> list[str]:
        out: list[str] = []
        paragraph: list[str] = []
        at, end = 0, len(lines)
        while at < end:
            line = lines[at]
            bare = line.strip()
            if not bare:
                self._flush(paragraph, out)
                at += 1
                continue
            after = self._block(lines, at, paragraph, out, depth)
            if after is None:
                paragraph.append(line)
                after = at + 1
            at = after
        self._flush(paragraph, out)
        return out

    def _block(self, lines: Sequence[str], at: int, paragraph: list[str], out: list[str], depth: int) -> int | None:
        """Reads the block that starts at this line and returns where it ends; None where the line is running text."""
        line = lines[at]
        bare = line.strip()
        first = bare[0]
        if first == "\ue020" and (stored := BLOCK.match(bare)) is not None:
            self._flush(paragraph, out)
            out += self._scanner.stored[int(stored[1])]
            rest = bare[stored.end() :]
            if has_words(rest) or "\ue020" in rest:
                return (self._block([rest], 0, paragraph, out, depth) and at + 1) or self._carry(rest, paragraph, at)
            return at + 1
        if first == "#" and (match := _HEADING.match(line) or _HEADING_TIGHT.match(line)) is not None:
            self._flush(paragraph, out)
            out += self._heading(_without_closing(match[2] or ""), len(match[1]))
            return at + 1
        if paragraph and first in "=-" and (match := _UNDERLINE.match(line)) is not None and len(paragraph) <= 3:
            title = " ".join(part.strip() for part in paragraph)
            if not BLOCK.search(title) and len(bare) > 1:
                paragraph.clear()
                out += self._heading(title, 1 if first == "=" else 2)
                return at + 1
        if first in "-*_" and _RULE.match(line):
            self._flush(paragraph, out)
            return at + 1
        if first == ">":
            self._flush(paragraph, out)
            return self._quotation(lines, at, out, depth)
        if (item := _ITEM.match(line)) is not None and self._starts_list(item, bool(paragraph)):
            self._flush(paragraph, out)
            return self._list(lines, at, out, depth)
        return self._table_or_directive(lines, at, bare, paragraph, out, depth)

    @staticmethod
    def _carry(rest: str, paragraph: list[str], at: int) -> int:
        paragraph.append(rest)
        return at + 1

    def _table_or_directive(
        self, lines: Sequence[str], at: int, bare: str, paragraph: list[str], out: list[str], depth: int
    ) -> int | None:
        line, following = lines[at], lines[at + 1] if at + 1 < len(lines) else ""
        if "|" in bare and "-" in following and "|" in following and text_tables.PIPE_RULE.fullmatch(following):
            end = _while(lines, at, lambda row: "|" in row)
            return self._table(text_tables.pipe_table(lines[at:end]), end, lines, paragraph, out)
        if bare.startswith("+-") and text_tables.GRID_RULE.fullmatch(line):
            end = _while(lines, at, lambda row: row.lstrip()[:1] in ("+", "|") and bool(row.strip()))
            return self._table(
                text_tables.grid_table([row.strip() for row in lines[at:end]]), end, lines, paragraph, out
            )
        if text_tables.DASHED_RULE.fullmatch(following) and not text_tables.DASHED_RULE.fullmatch(line):
            end = _while(lines, at, lambda row: bool(row.strip()))
            rows = text_tables.simple_table(lines[at:end], text_tables.DASHED_RULE)
            return self._table(rows, end, lines, paragraph, out)
        if bare[0] in "!?=" and (match := _ADMONITION.match(line)) is not None:
            self._flush(paragraph, out)
            end = _indented_end(lines, at + 1, 4)
            inner = self._inner(lines[at + 1 : end], depth)
            out += [f"**{self.inline.line(match[1])}**", *inner] if inner and match[1] else inner
            return end
        if _DIV.match(line) or _ATTRIBUTES_ALONE.fullmatch(line):
            self._flush(paragraph, out)
            return at + 1
        if bare[0] == "[" and _FOOTNOTE.match(line):
            self._flush(paragraph, out)
            return _indented_end(lines, at + 1, 2)
        if (bare[0] == "[" and _LINK_DEFINITION.match(line)) or _ABBREVIATION.match(bare):
            return at + 1
        if bare[0] in ":~" and paragraph and len(paragraph) == 1 and (match := _TERM_MEANING.match(line)) is not None:
            return self._meaning(lines, at, match.end(), paragraph, out, depth)
        return None

    def _heading(self, text: str, level: int) -> list[str]:
        text = self.inline.line(_HEADING_ATTRIBUTES.sub("", text))
        text = match[1] if (match := _EMPHASISED.fullmatch(text)) else text
        return [f"{'#' * level} {text}"] if has_words(text) else []

    def _flush(self, paragraph: list[str], out: list[str]) -> None:
        """Writes the paragraph that was gathered, and empties it. Pictures that stand alone leave their captions."""
        if not paragraph:
            return
        text = " ".join(line.strip().rstrip("\\") for line in paragraph)
        paragraph.clear()
        if "![" in text:
            for picture in PICTURE.finditer(text):
                out += self._figure(picture[1])
        text = self.inline.placeholders(text)
        cut = BLOCK.split(text)
        for index, part in enumerate(cut):
            if index % 2:
                out += self._scanner.stored[int(part)]
                continue
            add_paragraph(out, self.prose.line(part))

    def _figure(self, caption: str) -> list[str]:
        caption = self.inline.line(caption)
        if not has_words(caption):
            return []
        self._n_figures += 1
        return [] if _PICTURE_NAME.fullmatch(caption) else [f"Figure {self._n_figures}: {caption}"]

    def _inner(self, lines: Sequence[str], depth: int) -> list[str]:
        lines = dedented(list(lines)).split("\n")
        if depth < MAX_DEPTH:
            return self._blocks(lines, depth + 1)
        out: list[str] = []
        self._flush([line.lstrip(" >-*+") for line in lines if line.strip()], out)
        return out

    def _quotation(self, lines: Sequence[str], at: int, out: list[str], depth: int) -> int:
        end = _while(lines, at, lambda row: row.lstrip().startswith(">"))
        inside = [re.sub(r"^\s{0,3}> ?", "", line) for line in lines[at:end]]
        inside = [line for line in inside if not re.fullmatch(r"\s*\[!\w{2,20}\].{0,80}", line)]
        inner = "\n\n".join(self._inner(inside, depth))
        if inner:
            out.append("\n".join(f"> {line}".rstrip() for line in inner.split("\n")))
        return end

    @staticmethod
    def _starts_list(item: re.Match[str], in_paragraph: bool) -> bool:
        """A list may interrupt a paragraph where it has bullets or begins with one; a letter opens none without a parenthesis."""
        mark = item[2]
        if not item[3] and in_paragraph:
            return False
        if mark[0].isalpha() and mark[1] == ".":
            return False
        return not in_paragraph or mark in "-*+" or mark.strip("().") in ("1", "a")

    def _list(self, lines: Sequence[str], at: int, out: list[str], depth: int) -> int:
        items: list[str] = []
        is_tight = True
        number = 0
        while at < len(lines) and (item := _ITEM.match(lines[at])) is not None and not _RULE.match(lines[at]):
            is_ordered = item[2] not in "-*+"
            end = _item_end(lines, at + 1, item.end())
            inner = self._inner([" " * item.end() + lines[at][item.end() :], *lines[at + 1 : end]], depth)
            if inner:
                start = int(item[2].strip("().")) if not number and item[2].strip("().").isdigit() else number + 1
                number = start if is_ordered else number
                mark = f"{number}. " if is_ordered else "- "
                is_tight = is_tight and all(part.startswith(("- ", "1. ")) for part in inner[1:])
                body = ("\n" if all(part.startswith(("- ", "1. ")) for part in inner[1:]) else "\n\n").join(inner)
                items.append(
                    mark + "\n".join(f"{' ' * len(mark)}{row}" if row else "" for row in body.split("\n")).lstrip()
                )
            at = end
            while at < len(lines) and not lines[at].strip():
                at += 1
        if items:
            out.append(("\n" if is_tight else "\n\n").join(items))
        return at

    def _meaning(
        self, lines: Sequence[str], at: int, start: int, paragraph: list[str], out: list[str], depth: int
    ) -> int:
        term = self.inline.line(paragraph.pop()).strip("*")
        end = _item_end(lines, at + 1, 2)
        inner = self._inner([" " * start + lines[at][start:], *lines[at + 1 : end]], depth)
        if inner:
            inner[0] = f"**{term}**: {inner[0]}"
        out += inner
        return end

    def _table(
        self, table: text_tables.TextTable, end: int, lines: Sequence[str], paragraph: list[str], out: list[str]
    ) -> int:
        """Writes the table and its caption, which pandoc puts before or after it as "Table: ..." """
        caption = ""
        if paragraph and _CAPTION.match(paragraph[0]):
            caption, paragraph[:] = " ".join(paragraph), []
        self._flush(paragraph, out)
        after = end
        while after < len(lines) and not lines[after].strip():
            after += 1
        if not caption and after < len(lines) and (lines[after].startswith(("Table:", ": "))):
            end = _while(lines, after, lambda row: bool(row.strip()))
            caption = " ".join(lines[after:end])
        caption = self.inline.line(_HEADING_ATTRIBUTES.sub("", _CAPTION.sub("", caption, count=1)))
        grid = markdown_grid([[self._cell(cell) for cell in row] for row in table.rows], table.n_header)
        if grid and caption:
            out.append(f"Table: {caption}")
        out += grid
        return end

    def _cell(self, text: str) -> str:
        out: list[str] = []
        self._flush([line for line in text.split("\n") if line.strip()], out)
        return (one_line(out) or self.inline.line(" ".join(text.split()))).replace("|", "/")

    def _html_table(self, inside: str) -> list[str]:
        rows = []
        for row in _ROW.split(self._scanner_text(inside))[1:]:
            cells = _CELL.split(row)
            rows.append([self._cell(re.sub(r"</t[dh]>.*", "", cell, flags=re.DOTALL)) for cell in cells[2::2]])
        return markdown_grid([row for row in rows if any(row)], 1)

    def _scanner_text(self, inside: str) -> str:
        return self._scanner.scan(re.sub(r"<table[^<>]{0,500}>", "", inside))


def _indent(match: re.Match[str]) -> str:
    """The indentation of the line that a tag stands in: what follows the tag keeps it."""
    start = match.string.rfind("\n", max(0, match.start() - 200), match.start()) + 1
    return re.match(" *", match.string[start : match.start()])[0] if start else ""  # type: ignore[index]  # it matches everywhere


def _while(lines: Sequence[str], at: int, belongs: Callable[[str], bool]) -> int:
    while at < len(lines) and belongs(lines[at]):
        at += 1
    return at


def _indented_end(lines: Sequence[str], at: int, indent: int) -> int:
    """Where the lines end that are indented at least so far, blank ones between them included."""
    end = at
    while at < len(lines):
        if lines[at].strip():
            if len(lines[at]) - len(lines[at].lstrip(" ")) < indent:
                break
            end = at + 1
        at += 1
    return end


def _item_end(lines: Sequence[str], at: int, indent: int) -> int:
    """Where a list item ends: lines indented to its text belong to it, and lines that go on with its paragraph."""
    end, after_blank = at, False
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            after_blank = True
        else:
            own = len(line) - len(line.lstrip(" "))
            starts_block = _ITEM.match(line) is not None or line.lstrip()[0] in "#>" or _DIV.match(line) is not None
            if own < min(indent, 2 if not after_blank else indent) and (after_blank or starts_block):
                break
            end, after_blank = at + 1, False
        at += 1
    return end


def _without_closing(title: str) -> str:
    """The text of a heading without the signs that may stand behind it: "# Title ##", but not "# C#"."""
    title = title.rstrip()
    bare = title.rstrip("#")
    return bare.rstrip() if bare[-1:] in ("", " ", "\t") else title
