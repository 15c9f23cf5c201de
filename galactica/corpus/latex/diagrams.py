r"""Commutative diagrams as lines of formulas: each arrow of an `\xymatrix`, a `tikzcd` or a `CD` as "A \xrightarrow{f} B"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_ARROWS = 30
_STEPS = {"r": (0, 1), "l": (0, -1), "u": (-1, 0), "d": (1, 0)}
_SHORT = re.compile(r"\\([rlud]{1,3})ar\*?")
_STARTS = frozenset(("\\xymatrix", "\\begin{tikzcd}", "\\begin{CD}"))
_ARROW_COMMANDS = frozenset(("\\ar", "\\arrow"))


class Arrow(NamedTuple):
    """An arrow from the cell it stands in: rows down, columns to the right, its labels, whether it is an equality."""

    down: int
    right: int
    labels: tuple[tuple[str, ...], ...]
    is_equality: bool = False


def linear(tokens: Sequence[str]) -> list[str]:
    """The tokens of a formula with its diagrams as lists of arrows; a diagram that cannot be read stays as it is."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        found = _diagram(tokens, at) if token in _STARTS else None
        if found is None:
            out.append(token)
            at += 1
        else:
            arrows, at = found
            out += arrows
    return out


def has_diagram(tokens: Sequence[str]) -> bool:
    """Whether a diagram stands among the tokens."""
    return not _STARTS.isdisjoint(tokens)


def _diagram(tokens: Sequence[str], at: int) -> tuple[list[str], int] | None:
    token = tokens[at]
    if token == "\\xymatrix":
        start = at + 1
        while start < len(tokens) and tokens[start] != "{":
            start += 1
        end = _closing(tokens, start, "{", "}")
        inside, after = tokens[start + 1 : end], end + 1
    else:
        closing = f"\\end{{{token[7:-1]}}}"
        if closing not in tokens[at:]:
            return None
        end = tokens.index(closing, at)
        inside, after = tokens[at + 1 : end], end + 1
    fine = [part for token in inside for part in (token if token[0] not in "\\\x00" and len(token) > 1 else [token])]
    arrows = _ams(fine) if token == "\\begin{CD}" else _grid(fine, is_xy=token == "\\xymatrix")
    if not arrows or len(arrows) > MAX_ARROWS:
        return None
    joined: list[str] = []
    for arrow in arrows:
        joined += [*([",", "\\quad", " "] if joined else []), *arrow]
    return joined, after


def _closing(tokens: Sequence[str], at: int, opened: str, closed: str) -> int:
    """The place of the token that closes the one at `at`; the last place where none does."""
    level = 0
    for index in range(at, len(tokens)):
        level += (tokens[index] == opened) - (tokens[index] == closed)
        if not level:
            return index
    return max(len(tokens) - 1, at)


def _rows(fine: Sequence[str]) -> list[list[list[str]]]:
    rows: list[list[list[str]]] = [[[]]]
    level = 0
    for token in fine:
        level += (token == "{") - (token == "}")
        if token == "&" and not level:
            rows[-1].append([])
        elif token == "\\\\" and not level:
            rows.append([[]])
        else:
            rows[-1][-1].append(token)
    return rows


def _grid(fine: Sequence[str], is_xy: bool) -> list[list[str]]:
    if not is_xy and fine and fine[0] == "[":
        fine = fine[_closing(fine, 0, "[", "]") + 1 :]
    objects: dict[tuple[int, int], list[str]] = {}
    arrows: list[tuple[int, int, Arrow]] = []
    for row, cells in enumerate(_rows(fine)):
        for column, cell in enumerate(cells):
            rest: list[str] = []
            at = 0
            while at < len(cell):
                short = _SHORT.fullmatch(cell[at]) if not is_xy else None
                if cell[at] in _ARROW_COMMANDS or short:
                    arrow, at = (
                        _xy_arrow(cell, at + 1) if is_xy else _tikz_arrow(cell, at + 1, short[1] if short else "")
                    )
                    if arrow is not None:
                        arrows.append((row, column, arrow))
                else:
                    rest.append(cell[at])
                    at += 1
            objects[row, column] = _trimmed(rest)
    lines: list[list[str]] = []
    n_of_dots = 0
    for row, column, arrow in arrows:
        source, target = objects.get((row, column)), objects.get((row + arrow.down, column + arrow.right))
        if source and target:
            lines.append([*source, *_sign(arrow), *target])
            n_of_dots += source[0] == target[0] == "\\bullet"
    return lines if 2 * n_of_dots < max(1, len(lines)) else []  # what dots mean their places tell


def _trimmed(tokens: list[str]) -> list[str]:
    text = [token for token in tokens if token not in ("\n", "%")]
    while text and text[0].isspace():
        text = text[1:]
    while text and text[-1].isspace():
        text = text[:-1]
    return text


def _sign(arrow: Arrow) -> list[str]:
    if arrow.is_equality:
        return [" ", "=", " "]
    labels = [label for label in arrow.labels if any(not token.isspace() for token in label)]
    if not labels:
        return [" ", "\\to", " "]
    inside = [token for index, label in enumerate(labels) for token in ((",", " ", *label) if index else label)]
    return ["\\xrightarrow", "{", *inside, "}", " "]


def _steps(letters: str) -> tuple[int, int]:
    return sum(_STEPS[letter][0] for letter in letters), sum(_STEPS[letter][1] for letter in letters)


def _xy_arrow(cell: Sequence[str], at: int) -> tuple[Arrow | None, int]:
    r"""An arrow of Xy-pic: `\ar@{-->}@<1ex>[rd]^-{f}_g`."""
    style, letters = "->", ""
    labels: list[tuple[str, ...]] = []
    pairs = {"{": "}", "<": ">", "/": "/", "(": ")", "[": "]"}
    while at < len(cell):
        token = cell[at]
        if token.isspace():
            at += 1
        elif token == "@":
            at += 1
            while at < len(cell) and (cell[at].isdigit() or cell[at] in "!?*"):
                at += 1
            if at < len(cell) and (closing := pairs.get(cell[at])):
                end = (
                    _closing(cell, at, "{", "}")
                    if closing == "}"
                    else next((i for i in range(at + 1, len(cell)) if cell[i] == closing), at)
                )
                style = "".join(cell[at + 1 : end]) if closing == "}" else style
                at = end + 1
        elif token == "[" and not letters:
            end = _closing(cell, at, "[", "]")
            letters = "".join(cell[at + 1 : end]).strip()
            at = end + 1
        elif token in "^_|" and letters:
            label, at = _xy_label(cell, at + 1)
            labels.append(label)
        else:
            break
    if not letters or not set(letters) <= _STEPS.keys() or not style:
        return None, at
    return Arrow(*_steps(letters), tuple(labels), style in ("=", "==")), at


def _xy_label(cell: Sequence[str], at: int) -> tuple[tuple[str, ...], int]:
    while at < len(cell) and (cell[at] in "-+<>*!" or cell[at].isspace()):
        at += 1
    if at < len(cell) and cell[at] == "(":
        at = next((i for i in range(at, len(cell)) if cell[i] == ")"), at) + 1
    if at >= len(cell):
        return (), at
    if cell[at] == "{":
        end = _closing(cell, at, "{", "}")
        return tuple(cell[at + 1 : end]), end + 1
    return (cell[at],) if cell[at] != "\\hole" else (), at + 1


def _tikz_arrow(cell: Sequence[str], at: int, letters: str) -> tuple[Arrow | None, int]:
    r"""An arrow of tikz-cd: `\arrow[rd, "f"', dashed]`, `\arrow{r}{f}`, `\rar["f"]`."""
    labels: list[tuple[str, ...]] = []
    is_equality = is_hidden = False
    while at < len(cell) and cell[at].isspace():
        at += 1
    if at < len(cell) and cell[at] == "[":
        end = _closing(cell, at, "[", "]")
        for option in _options(cell[at + 1 : end]):
            text = "".join(option).strip()
            if text.startswith('"'):
                inner = [token for token in option if not token.isspace() or token == " "]
                start = inner.index('"')
                close = next((i for i in range(start + 1, len(inner)) if inner[i] == '"'), len(inner))
                labels.append(tuple(inner[start + 1 : close]))
            elif text and set(text) <= _STEPS.keys() and not letters:
                letters = text
            is_equality |= text in ("equal", "equals", "=")
            is_hidden |= text in ("phantom", "draw=none")
        at = end + 1
    else:
        while at < len(cell) and cell[at] == "{":
            end = _closing(cell, at, "{", "}")
            text = "".join(cell[at + 1 : end])
            if not letters and set(text) <= _STEPS.keys():
                letters = text
            else:
                labels.append(tuple(cell[at + 1 : end]))
            at = end + 1
    if not letters or is_hidden:
        return None, at
    return Arrow(*_steps(letters), tuple(labels), is_equality), at


def _options(tokens: Sequence[str]) -> list[list[str]]:
    """The options between commas that stand in no braces and no quotes."""
    found: list[list[str]] = [[]]
    level, is_quoted = 0, False
    for token in tokens:
        level += (token == "{") - (token == "}")
        is_quoted ^= token == '"'
        if token == "," and not level and not is_quoted:
            found.append([])
        else:
            found[-1].append(token)
    return found


def _ams(fine: Sequence[str]) -> list[list[str]]:
    r"""A `CD` of amsmath: rows of `A @>f>> B`, between them rows of `@VgVV`."""
    rows = ["".join(row) for row in _split(fine, "\\\\")]
    grid: list[list[str]] = []
    down: list[list[tuple[str, bool]]] = []
    lines: list[list[str]] = []
    for row in rows:
        if re.match(r"\s*@[VA|]", row):
            down.append(
                [
                    (" ".join(part for part in match[1].split(match[0][1]) if part.strip()), match[0][1] == "A")
                    for match in re.finditer(r"@[VA|]([^@]*)", row)
                ]
            )
            continue
        parts = re.split(r"@(?:>([^>]*)>([^>]*)>|<([^<]*)<([^<]*)<|(=))", row)
        objects = [part.strip() for part in parts[::6]]
        grid.append(objects)
        for index in range(len(objects) - 1):
            above, below, left_above, left_below, equal = (part or "" for part in parts[6 * index + 1 : 6 * index + 6])
            label = (above + below + left_above + left_below).strip()
            is_left = bool(left_above or left_below) or (parts[6 * index + 3] is not None)
            first, last = objects[index : index + 2][:: -1 if is_left else 1]
            lines.append([first, " = " if equal else f" \\xrightarrow{{{label}}} " if label else " \\to ", last])
    for index, arrows in enumerate(down):
        if index + 1 < len(grid):
            for column, (label, is_up) in enumerate(arrows):
                if column < len(grid[index]) and column < len(grid[index + 1]):
                    first, last = (grid[index][column], grid[index + 1][column])[:: -1 if is_up else 1]
                    lines.append([first, f" \\xrightarrow{{{label.strip()}}} " if label.strip() else " \\to ", last])
    return lines


def _split(tokens: Sequence[str], at_token: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == at_token:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
