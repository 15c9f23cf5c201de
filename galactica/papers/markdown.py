"""A pandoc document -> Markdown that GitHub, notebooks and pandoc show alike.

pandoc's own writer leaves `&lt;`, `---` and `\\(` in a text as they are, and a reader of its output would act on them. Here
every character of the text that any of these readers gives a meaning to is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from galactica.papers.nodes import Node

_SPECIAL = re.compile(r"[\\`*_\[\]{}<>#|~^$@]|&(?=[#\w])|:(?=[\w+-]+:)|(?<=\\)[()]")
_OPENS_BLOCK = re.compile(r"([-+=:%!.]|\d{1,9}(?=[.)])|[a-zA-Z]{1,5}(?=[.)](?: |$))|\()(?!\w{6})")
_AUTOLINK = re.compile(r"https://doi\.org/[\w./()-]+", re.ASCII)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MARKS = {
    "Emph": ("*", "*"),
    "Strong": ("**", "**"),
    "Superscript": ("<sup>", "</sup>"),
    "Subscript": ("<sub>", "</sub>"),
}
_QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}


def markdown(blocks: Sequence[Node]) -> str:
    """The Markdown of the blocks, each followed by an empty line."""
    return "".join(f"{block}\n\n" for block in map(_block, blocks) if block)


def _block(block: Node) -> str:
    kind: str = block["t"]
    content: Any = block.get("c")
    if kind in ("Para", "Plain"):
        return _paragraph(content)
    if kind == "Header":
        return f"{'#' * content[0]} {_line(content[2])}"
    if kind == "CodeBlock":
        fence = "`" * max(3, 1 + _longest_run(content[1]))
        return f"{fence}\n{content[1]}\n{fence}"
    if kind == "Div":
        return markdown(content[1]).strip("\n")
    if kind == "BulletList":
        return "\n".join(f"- {_item(item)}" for item in content)
    if kind == "OrderedList":
        return "\n".join(f"{number}. {_item(item)}" for number, item in enumerate(content[1], content[0][0]))
    assert kind == "Table", f"no Markdown for {kind}"
    head, bodies = content[3][1], content[4]
    rows = [[_line(cell[4][0]["c"]) for cell in row[1]] for row in [*head, *bodies[0][3]]]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _item(blocks: Sequence[Node]) -> str:
    return " ".join(_guarded(_line(block["c"])) for block in blocks)


def _paragraph(inlines: Sequence[Node]) -> str:
    """The inlines on one line; each displayed formula on lines of its own."""
    parts: list[str] = []
    start = 0
    for at, node in enumerate(inlines):
        if node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath":
            parts += [_guarded(_line(inlines[start:at])), f"$$\n{_latex(node)}\n$$"]
            start = at + 1
    parts.append(_guarded(_line(inlines[start:])))
    return "\n\n".join(part for part in parts if part)


def _guarded(line: str) -> str:
    """The line with what would open a list, rule, heading or definition at its beginning escaped."""
    match = _OPENS_BLOCK.match(line)
    if match is None:
        return line
    if match[1].isalnum():
        return f"{match[1]}\\{line[match.end() :]}"
    return f"\\{line}"


def _line(inlines: Sequence[Node]) -> str:
    return "".join(map(_inline, inlines)).strip()


def _inline(node: Node) -> str:
    kind: str = node["t"]
    content: Any = node.get("c")
    if kind == "Str":
        return _SPECIAL.sub(r"\\\g<0>", content)
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in _MARKS:
        before, after = _MARKS[kind]
        return f"{before}{_line(content)}{after}" if content else ""
    if kind == "Math":
        return f"${_latex(node)}$"
    if kind == "Code":
        return _code(content[1])
    if kind == "Quoted":
        before, after = _QUOTES[content[0]["t"]]
        return before + "".join(map(_inline, content[1])) + after
    if kind == "Link":
        inside, target = "".join(map(_inline, content[1])), content[2][0]
        # The works stand below; a mark in the text needs no address that only some readers can follow.
        if target.startswith("#"):
            return inside
        return f"<{target}>" if _AUTOLINK.fullmatch(target) else f"[{inside}](<{_address(target)}>)"
    if kind == "SmallCaps":
        return "".join(map(_inline, content))
    assert kind in ("Span", "Cite"), f"no Markdown for {kind}"
    return "".join(map(_inline, content[1]))


def _latex(node: Node) -> str:
    # A reader that knows no maths would take `<b` for a tag; to LaTeX the space means nothing.
    latex = _TAG.sub("< ", str(node["c"][1]))
    return " ".join(latex.split())


def _code(characters: str) -> str:
    ticks = "`" * (1 + _longest_run(characters))
    pad = " " if characters.startswith("`") or characters.endswith("`") else ""
    # A bar would end a cell where the code stands in a table; elsewhere it is rare enough not to tell the two apart.
    return f"{ticks}{pad}{characters}{pad}{ticks}"


def _longest_run(characters: str) -> int:
    return max((len(run) for run in re.findall("`+", characters)), default=0)


def _address(target: str) -> str:
    return re.sub(r"[<>\\\s]", lambda match: f"%{ord(match[0]):02X}", target)
