"""Tables of wikitext: the lines between `{|` and `|}` -> Markdown, spans spread, tables for layout and boxes left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from galactica.corpus.tables import MAX_COLUMNS, MAX_ROWS, markdown_table

_BOX = re.compile(
    r"navbox|infobox|sidebar|metadata|mbox|noprint|toc\b|toccolours|vevent|floatright|chess", re.IGNORECASE
)
_ATTRIBUTES = re.compile(
    r"""\s*+(?:[\w\-]{1,30}\s{0,9}=\s{0,9}(?:"[^"]{0,500}"|'[^']{0,500}'|[^\s"']{0,200})\s{0,9}|nowrap\s{0,9}){0,12}\s*"""
)
_SPAN = re.compile(r"""\b(colspan|rowspan)\s{0,9}=\s{0,9}["']?\s{0,9}(\d{1,3})""", re.IGNORECASE)
_CELLS = re.compile(r"\|\|")
_HEADER_CELLS = re.compile(r"\|\||!!")


@dataclass(slots=True)
class _Cell:
    attributes: str
    lines: list[str]
    is_header: bool


@dataclass(slots=True)
class _Table:
    attributes: str
    caption: str = ""
    rows: list[list[_Cell]] = field(default_factory=lambda: [[]])


def table_pairs(lines: Sequence[str]) -> dict[int, int]:
    """Line of each `{|` that is closed -> line of its `|}`."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for number, line in enumerate(lines):
        start = line.lstrip(": \t")[:2]
        if start == "{|":
            opened.append(number)
        elif start == "|}" and opened:
            found[opened.pop()] = number
    return found


def table_blocks(lines: Sequence[str], cell_text: Callable[[str], str]) -> list[str]:
    """The table of these lines, its first and last the `{|` and `|}`, as blocks; none where it is a box, empty or too large.
    `cell_text` writes wikitext on one line."""
    table = _read(lines)
    rows = [row for row in table.rows if row]
    if _BOX.search(table.attributes) or not 1 < len(rows) <= MAX_ROWS or max(map(len, rows)) > MAX_COLUMNS:
        return []
    cells: list[_Cell] = []
    root = etree.Element("table")
    in_head = True
    for row in rows:
        in_head = in_head and all(cell.is_header for cell in row)
        element = etree.SubElement(etree.SubElement(root, "thead" if in_head else "tbody"), "tr")
        for cell in row:
            node = etree.SubElement(element, "th" if cell.is_header else "td", at=str(len(cells)))
            for name, number in _SPAN.findall(cell.attributes):
                node.set(name.lower(), number)
            cells.append(cell)
    blocks = markdown_table(root, lambda node: cell_text("\n".join(cells[int(node.get("at", "0"))].lines)))
    caption = cell_text(table.caption) if blocks and table.caption.strip() else ""
    return [caption, *blocks] if caption else blocks


def _read(lines: Sequence[str]) -> _Table:
    table = _Table(lines[0].lstrip(": \t")[2:])
    depth = 0
    for line in lines[1:-1]:
        stripped = line.lstrip()
        start = stripped[:2]
        if start == "{|":
            depth += 1
        elif start == "|}" and depth:
            depth -= 1
        elif depth:
            continue  # a table in a table
        elif start == "|-":
            if table.rows[-1]:
                table.rows.append([])
        elif start == "|+":
            table.caption = _cell(stripped[2:], False).lines[0]
        elif stripped[:1] == "|":
            table.rows[-1] += [_cell(text, False) for text in _CELLS.split(stripped[1:])]
        elif stripped[:1] == "!":
            table.rows[-1] += [_cell(text, True) for text in _HEADER_CELLS.split(stripped[1:])]
        elif table.rows[-1]:
            table.rows[-1][-1].lines.append(line)
    return table


def _cell(text: str, is_header: bool) -> _Cell:
    attributes, bar, rest = text.partition("|")
    if bar and _ATTRIBUTES.fullmatch(attributes):
        return _Cell(attributes, [rest.strip()], is_header)
    return _Cell("", [text.strip()], is_header)
