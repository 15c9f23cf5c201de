"""Tables that are drawn with characters, as Markdown and reStructuredText have them -> the text of their cells.

Source: GitHub Flavored Markdown 4.10; docutils' grid and simple tables, which pandoc shares.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import NamedTuple

PIPE_RULE = re.compile(r"\s*(?:\|\s*)?:?-+:?\s*(?:\|\s*:?-+:?\s*)*(?:\|\s*)?")
GRID_RULE = re.compile(r"\s*\+(?:[-=:]+\+)+\s*")
SIMPLE_RULE = re.compile(r"\s*=+(?: +=+)+\s*")
DASHED_RULE = re.compile(r"\s*-{2,}(?: +-{2,})+\s*")
MAX_COLUMNS = 60
"""A table that is wider is none: what it costs grows with its lines and its columns."""

_PIPE = re.compile(r"(?<!\\)\|")


class TextTable(NamedTuple):
    """The cells of a table row by row, of which the first `n_header` are its head; a cell may have several lines."""

    rows: list[list[str]]
    n_header: int


def pipe_table(lines: Sequence[str]) -> TextTable:
    """`| a | b |` with a rule below the first line."""
    rows = [_pipe_cells(line) for line in lines]
    return TextTable([rows[0], *rows[2:]], 1)


def _pipe_cells(line: str) -> list[str]:
    cells = [cell.strip().replace("\\|", "|") for cell in _PIPE.split(line.strip())]
    if cells and not cells[0]:
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1] else cells


def grid_table(lines: Sequence[str]) -> TextTable:
    """`+---+---+` with `|` between cells. A cell that spans columns stands in the first, one that spans rows in the top one."""
    borders = sorted({at for line in lines if GRID_RULE.fullmatch(line) for at, sign in enumerate(line) if sign == "+"})
    columns = list(itertools.pairwise(borders))
    if len(columns) > MAX_COLUMNS:
        return TextTable([], 0)
    rows: list[list[list[str]]] = [[[] for _ in columns]]
    n_header = 0
    for line in lines[1:]:
        if GRID_RULE.fullmatch(line):
            if "=" in line:
                n_header = len(rows)
            rows.append([[] for _ in columns])
            continue
        start = 0
        for column, (_, end) in enumerate(columns):
            if end < len(line) and line[end] in "|+":
                cell = line[columns[start][0] + 1 : end]
                if not re.fullmatch(r"[-=+ ]*", cell):
                    rows[-1][start].append(cell.rstrip())
                start = column + 1
    return TextTable([[_cell(cell) for cell in row] for row in rows if any(any(cell) for cell in row)], n_header)


def simple_table(lines: Sequence[str], rule: re.Pattern[str] = SIMPLE_RULE) -> TextTable:
    """Columns under `=== ===` (or, with DASHED_RULE, `--- ---`): a row whose first cell is empty goes on with the one above."""
    ruled = next(line for line in lines if rule.fullmatch(line))
    starts = [match.start() for match in re.finditer(r"[=-]+", ruled)]
    if len(starts) > MAX_COLUMNS:
        return TextTable([], 0)
    spans = list(zip(starts, [*starts[1:], None], strict=True))
    rows: list[list[list[str]]] = []
    n_header = n_rules = 0
    joins = False
    for line in lines:
        if rule.fullmatch(line):
            n_rules += 1
            if (n_rules == 2 and rule is SIMPLE_RULE) or (n_rules == 1 and rule is not SIMPLE_RULE):
                n_header = len(rows)
            joins = False
            continue
        if not line.strip("- \t"):  # a blank line, or a rule below cells that span columns
            joins = False
            continue
        cells = [line[start:end].rstrip() for start, end in spans]
        if rows and joins and not cells[0].strip():
            for cell, text in zip(rows[-1], cells, strict=True):
                cell.append(text)
        else:
            rows.append([[text] for text in cells])
        joins = True
    return TextTable([[_cell(cell) for cell in row] for row in rows], min(n_header, max(len(rows) - 1, 0)))


def _cell(lines: list[str]) -> str:
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines).strip("\n")
