"""The nodes of a pandoc document (pandoc-types 1.23), made from plain characters.

Text reaches pandoc as nodes and never as a language that is parsed again: nothing that is spelt in it can act in the output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Node = dict[str, Any]
"""An inline, a block or a metadata value: `{"t": type, "c": content}`."""

API_VERSION = [1, 23, 1]
_NO_ATTRIBUTES: list[Any] = ["", [], []]
_SPACE = re.compile(r"[ \t\r\n\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff\ue000]"
)
"""What XML cannot hold, marks that reorder the text around them, and the mark that `typeset` uses."""


def printable(characters: str) -> str:
    """The characters without those that no document may hold; white space stays."""
    return _UNPRINTABLE.sub("", characters)


def text(characters: str) -> list[Node]:
    """Words and single spaces. Outer spaces are kept, as what stands beside may need them."""
    nodes: list[Node] = []
    for number, word in enumerate(_SPACE.split(printable(characters))):
        if number:
            nodes.append({"t": "Space"})
        if word:
            nodes.append({"t": "Str", "c": word})
    return nodes


def trimmed(inlines: Sequence[Node]) -> list[Node]:
    """The inlines without spaces at either end."""
    start, end = 0, len(inlines)
    while start < end and inlines[start]["t"] == "Space":
        start += 1
    while end > start and inlines[end - 1]["t"] == "Space":
        end -= 1
    return list(inlines[start:end])


def maths(latex: str, display: bool) -> Node:
    """A formula, without its marks."""
    return {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, latex]}


def code(characters: str) -> Node:
    """A stretch of monospace characters in a line."""
    return {"t": "Code", "c": [_NO_ATTRIBUTES, _SPACE.sub(" ", printable(characters)).strip()]}


def wrapped(kind: str, inlines: Sequence[Node]) -> Node:
    """Inlines in `Emph`, `Strong`, `Superscript` or `Subscript`."""
    return {"t": kind, "c": list(inlines)}


def span(inlines: Sequence[Node], *classes: str) -> Node:
    """Inlines under class names."""
    return {"t": "Span", "c": [["", list(classes), []], list(inlines)]}


def cite(names: Iterable[str], fallback: str) -> Node:
    """One citation mark for the works of these names."""
    citations = [
        {
            "citationId": name,
            "citationPrefix": [],
            "citationSuffix": [],
            "citationMode": {"t": "NormalCitation"},
            "citationNoteNum": 0,
            "citationHash": 0,
        }
        for name in names
    ]
    return {"t": "Cite", "c": [citations, text(fallback)]}


def raw(target: str, characters: str) -> Node:
    """Characters that the writer of the format `target` copies; for constants of ours alone."""
    return {"t": "RawInline", "c": [target, characters]}


def paragraph(inlines: Sequence[Node]) -> Node:
    """A paragraph."""
    return {"t": "Para", "c": list(inlines)}


def heading(level: int, inlines: Sequence[Node], *classes: str) -> Node:
    """A heading without an identifier."""
    return {"t": "Header", "c": [level, ["", list(classes), []], list(inlines)]}


def code_block(characters: str) -> Node:
    """Lines of monospace characters."""
    return {"t": "CodeBlock", "c": [_NO_ATTRIBUTES, printable(characters)]}


def bullets(items: Iterable[Sequence[Node]]) -> Node:
    """A list with a mark before each item."""
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": list(item)}] for item in items]}


def numbered(items: Iterable[Sequence[Node]], start: int) -> Node:
    """A list counted from `start`."""
    attributes = [start, {"t": "Decimal"}, {"t": "Period"}]
    return {"t": "OrderedList", "c": [attributes, [[{"t": "Plain", "c": list(item)}] for item in items]]}


def table(header: Sequence[Sequence[Node]], rows: Sequence[Sequence[Sequence[Node]]]) -> Node:
    """A table; each row has as many cells as the header."""

    def row(cells: Sequence[Sequence[Node]]) -> list[Any]:
        default = {"t": "AlignDefault"}
        return [_NO_ATTRIBUTES, [[_NO_ATTRIBUTES, default, 1, 1, [{"t": "Plain", "c": list(cell)}]] for cell in cells]]

    columns = [[{"t": "AlignLeft"}, {"t": "ColWidthDefault"}] for _ in header]
    head = [_NO_ATTRIBUTES, [row(header)]]
    body = [_NO_ATTRIBUTES, 0, [], [row(cells) for cells in rows]]
    return {"t": "Table", "c": [_NO_ATTRIBUTES, [None, []], columns, head, [body], [_NO_ATTRIBUTES, []]]}


def meta(value: object) -> Node:
    """A metadata value: text, inlines (a list of nodes), lists and mappings of values."""
    if isinstance(value, str):
        return {"t": "MetaInlines", "c": trimmed(text(value))}
    if isinstance(value, bool):
        return {"t": "MetaBool", "c": value}
    if isinstance(value, Mapping):
        return {"t": "MetaMap", "c": {key: meta(item) for key, item in value.items()}}
    assert isinstance(value, list)
    if value and isinstance(value[0], dict) and "t" in value[0]:
        return {"t": "MetaInlines", "c": value}
    return {"t": "MetaList", "c": [meta(item) for item in value]}


def document(metadata: Mapping[str, object], blocks: Sequence[Node]) -> Node:
    """A whole document."""
    return {
        "pandoc-api-version": API_VERSION,
        "meta": {key: meta(value) for key, value in metadata.items()},
        "blocks": list(blocks),
    }
