"""Tables as Markdown: a grid of cells, and the XHTML tables that JATS and others share."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

MAX_ROWS = 40
MAX_COLUMNS = 12


def markdown_table(table: etree._Element, inline_text: Callable[[etree._Element], str]) -> list[str]:
    """The table as one block, or no block where it is empty or larger than `MAX_ROWS` x `MAX_COLUMNS`.

    `inline_text` writes a cell on one line. Rows of a header of several are joined into one; spanned cells stay empty.
    """
    rows = list(table.iter("tr"))
    if not 1 < len(rows) <= MAX_ROWS:
        return []
    grid: list[list[str]] = []
    waiting: dict[int, int] = {}  # column -> rows that a cell from above still covers
    n_header = 0
    for row in rows:
        n_header += (parent := row.getparent()) is not None and parent.tag == "thead"
        grid.append(_row(row, waiting, inline_text))
        if len(grid[-1]) > MAX_COLUMNS:
            return []
    return markdown_grid(grid, n_header)


def markdown_grid(grid: list[list[str]], n_header: int) -> list[str]:
    """The rows, the first `n_header` of them joined into one header, as one block; no block where the table is empty, has one
    column or is larger than `MAX_ROWS` x `MAX_COLUMNS`."""
    width = max((len(row) for row in grid), default=0)
    if not 1 < len(grid) <= MAX_ROWS or width > MAX_COLUMNS:
        return []
    grid = [row + [""] * (width - len(row)) for row in grid]
    n_header = max(n_header, 1)
    header = [" ".join(part for part in column if part) for column in zip(*grid[:n_header], strict=True)]
    rows_below = [row for row in grid[n_header:] if any(row)]
    if width < 2 or not rows_below:
        return []
    return ["\n".join([_line(header), _line(["---"] * width), *map(_line, rows_below)])]


def one_line(blocks: list[str]) -> str:
    """The blocks as the text of a table cell or a list item: on one line, displayed formulas as inline ones."""
    return " ".join(blocks).replace("\n", " ").replace(r"\[ ", r"\( ").replace(r" \]", r" \)")


def _row(row: etree._Element, waiting: dict[int, int], inline_text: Callable[[etree._Element], str]) -> list[str]:
    cells: list[str] = []

    def skip_covered() -> None:
        while waiting.get(len(cells), 0) > 0:
            waiting[len(cells)] -= 1
            cells.append("")

    for cell in row:
        if cell.tag not in ("td", "th"):
            continue
        skip_covered()
        columns, below = _span(cell, "colspan"), _span(cell, "rowspan") - 1
        for offset in range(columns):
            if below:
                waiting[len(cells)] = below
            cells.append(inline_text(cell).replace("|", "/") if not offset else "")
    skip_covered()
    return cells


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "1")
    return min(int(value), MAX_ROWS) if value.isascii() and value.isdigit() and int(value) > 0 else 1


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
