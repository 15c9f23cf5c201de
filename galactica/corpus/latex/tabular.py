"""Tables: the nodes of a `tabular` as rows of cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from galactica.corpus.latex.commands import commands
from galactica.corpus.latex.environments import WIDTH_ARGUMENT
from galactica.corpus.latex.tree import Group, Node, text_of
from galactica.corpus.tables import MAX_COLUMNS, MAX_ROWS, markdown_grid

_RULES = commands(
    "hline toprule midrule bottomrule cline cmidrule specialrule Xhline hdashline cdashline noalign endhead "
    "endfirsthead "
    "endfoot endlastfoot addlinespace morecmidrules rowcolor rowcolors colrule botrule topline thickhline hhline "
    "svhline "
    "startdata enddata tablehead tablewidth tablecolumns tabletypesize tablecaption"
)
_HEADER_ENDS = frozenset(("\\midrule", "\\endhead", "\\endfirsthead", "\\colrule", "\\startdata"))
_LATER_HEADS = frozenset(("\\endhead", "\\endfoot", "\\endlastfoot"))
_BORDERED = frozenset(("\\hline", "\\cline", "\\hhline", "\\Xhline"))
_MAX_NODES = 20_000


def grid(nodes: Sequence[Node], name: str, inline_text: Callable[[list[Node]], str]) -> list[str]:
    """The table as one Markdown block; no block where it is larger than a page's."""
    nodes = list(nodes)[_arguments(nodes, name) :]
    if len(nodes) > _MAX_NODES:
        return []
    rows: list[list[list[Node]]] = [[[]]]
    n_header, n_lines = 0, 0
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        if node == "&":
            rows[-1].append([])
        elif node in ("\\\\", "\\tabularnewline", "\\cr"):
            at = _after_break(nodes, at)
            rows.append([[]])
        elif isinstance(node, str) and node.rstrip("*") in _RULES:
            at = _after_rule(nodes, at)
            n_above = sum(map(_is_filled, rows))
            if node in _LATER_HEADS:
                rows = [row for index, row in enumerate(rows) if index < n_header] + [[[]]]
            elif node in _HEADER_ENDS or (node in _BORDERED and n_above and not n_lines):
                n_header = n_header or n_above
            n_lines += bool(n_above)
        else:
            rows[-1][-1].append(node)
    rows = [row for row in rows if _is_filled(row)]
    if not 1 < len(rows) <= MAX_ROWS or max(map(len, rows)) > MAX_COLUMNS:
        return []
    cells = [[text for cell in row for text in _cell(cell, inline_text)] for row in rows]
    return markdown_grid(cells, min(n_header, 3) if n_header < len(rows) else 1)


def _arguments(nodes: Sequence[Node], name: str) -> int:
    """How many nodes the options, the width and the columns take."""
    wanted = 2 if name in WIDTH_ARGUMENT or name == "tabular*" else 1
    at = in_brackets = 0
    while at < len(nodes) and (wanted or in_brackets or nodes[at] == "["):
        node = nodes[at]
        if node == "[":
            in_brackets = 1
        elif node == "]":
            in_brackets = 0
        elif isinstance(node, Group) and not in_brackets:
            wanted -= 1
        elif not in_brackets and not (isinstance(node, str) and (node.isspace() or node[0] == "\\")):
            break
        at += 1
        if not wanted and not in_brackets:
            break
    return at


def _is_filled(row: list[list[Node]]) -> bool:
    return any(not isinstance(node, str) or not node.isspace() for cell in row for node in cell)


def _after_break(nodes: Sequence[Node], at: int) -> int:
    if at < len(nodes) and nodes[at] == "[":
        end = next((index for index in range(at, min(at + 4, len(nodes))) if nodes[index] == "]"), at - 1)
        return end + 1
    return at


def _after_rule(nodes: Sequence[Node], at: int) -> int:
    r"""Passes over the arguments of a rule: `\cline{1-2}`, `\cmidrule(lr){2-3}`, `\rowcolor[gray]{.9}`."""
    while at < len(nodes):
        node = nodes[at]
        if node == "[":
            at = _after_break(nodes, at)
            if nodes[at - 1] != "]":
                break
        elif isinstance(node, Group) or (isinstance(node, str) and re.fullmatch(r"\s*\([lr]{1,2}\)\s*", node)):
            at += 1
        else:
            break
    return at


def _cell(nodes: list[Node], inline_text: Callable[[list[Node]], str]) -> list[str]:
    """The text of a cell, and empty cells for the further columns that it spans."""
    span = 1
    inner = [node for node in nodes if not (isinstance(node, str) and node.isspace())]
    if inner and inner[0] == "\\multicolumn" and len(inner) > 1 and isinstance(inner[1], Group):
        digits = text_of(inner[1].nodes)
        span = min(int(digits), MAX_COLUMNS) if digits.isdecimal() and len(digits) < 3 else 1
    return [inline_text(nodes).replace("|", "/").replace("\n", " "), *[""] * (span - 1)]
