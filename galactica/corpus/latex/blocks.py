"""What becomes of environments: theorems, proofs, lists, tables, floats, abstracts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from galactica.corpus.latex import environments, tabular
from galactica.corpus.latex.arguments import option, skipped
from galactica.corpus.latex.pointers import Target
from galactica.corpus.latex.tree import Env, Group, Node, parse
from galactica.corpus.tables import one_line

if TYPE_CHECKING:
    from galactica.corpus.latex.writer import Writer

_ARGUMENTS = {
    **dict.fromkeys(("multicols",), "mo"),
    **dict.fromkeys(("minipage",), "oom"),
    **dict.fromkeys(
        ("adjustbox", "spacing", "otherlanguage", "textblock", "block", "floatingfigure", "framedminipage"), "m"
    ),
    **dict.fromkeys(("list", "changemargin", "adjustwidth", "CJK"), "mm"),
    **dict.fromkeys(("labeling", "addmargin", "column", "frame"), "om"),
    **dict.fromkeys(("wrapfigure", "wraptable"), "omom"),
}
"""Environments with other first arguments that are no text than some in brackets (o in brackets, m in braces)."""
_APART = environments.QUOTES | {"center", "minipage", "frontmatter", "flushleft", "flushright", "multicols"}
ABSTRACT = "\ue00a"
"""A block that stands where the abstract stood."""
_LIST_LINE = re.compile(r"- |\d+\. ")
_CAPTIONS = ("\\caption", "\\caption*", "\\captionof", "\\tablecaption")


def write_environment(writer: Writer, node: Env) -> None:
    """Writes an environment into the paragraph and the blocks that are open."""
    name, nodes = node.name.rstrip("*"), node.nodes
    target, theorems = writer.target, writer.definitions.theorems
    if name in environments.DROPPED:
        if name in environments.PICTURES:
            writer.lose()
    elif name == "abstract":
        writer.abstract += writer.captured_blocks(nodes)
        writer.blocks.append(ABSTRACT)
    elif (theorem := theorems.get(node.name) or theorems.get(name)) is not None:
        _theorem(writer, nodes, _title(writer, theorem.title), theorem.counter if node.name == name else "")
    elif name in environments.LISTS:
        _list(writer, nodes[skipped(nodes, _ARGUMENTS.get(name, "o")) :], environments.LISTS[name])
    elif name in environments.FLOATS:
        _float(writer, node, environments.FLOATS[name])
    elif name in environments.TABULARS:
        _tabular(writer, node)
    elif name in environments.PROOFS:
        note, at = option(nodes, 0)
        title = writer.captured(note).strip(" .:") if note is not None else ""
        _headed(writer, f"{title or environments.PROOFS[name]}.", nodes[at:])
    elif name in environments.THEOREMS:
        _theorem(writer, nodes, environments.THEOREMS[name], name)
    else:
        if name in ("appendices", "appendix"):
            writer.numbering.begin_appendix()
        if name in _APART:
            writer.flush()
        if name == "multicols":  # what stands over the columns may be a heading: [\section{Other chapters}]
            over, _ = option(nodes, skipped(nodes, "m"))
            writer.run(over or [])
            writer.flush()
        writer.run(nodes[skipped(nodes, _ARGUMENTS.get(name, "o")) :])
        if name in _APART:
            writer.flush()
    writer.target = target


def _title(writer: Writer, title: Sequence[str]) -> str:
    macros = writer.definitions.macros
    expanded = [part for token in title for part in (macros[token].body if token in macros else (token,))]
    return writer.captured(parse(expanded))


def _theorem(writer: Writer, nodes: Sequence[Node], title: str, counter: str) -> None:
    number = ""
    if counter:
        writer.numbering.step(counter)
        number = writer.numbering.number(counter)
    writer.target = Target(title or "Statement", number)
    note, at = option(nodes, 0)
    name = writer.captured(note).strip() if note is not None else ""
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1]
    head = " ".join(part for part in (title, number) if part)
    note_shown = f" ({name})" if name and "=" not in name else ""
    _headed(writer, f"{head}{note_shown}.", nodes[at:])


def _headed(writer: Writer, head: str, nodes: Sequence[Node]) -> None:
    writer.begin(head)
    writer.run(nodes)
    if "".join(writer.parts).strip() == writer.head.strip():  # nothing follows it
        writer.parts.clear()
    writer.flush()


# --- lists ----------------------------------------------------------------------------------------------------------------


def _list(writer: Writer, nodes: Sequence[Node], kind: str) -> None:
    """A list, its items on lines of their own."""
    writer.flush()
    items: list[tuple[str, list[Node]]] = []
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        if node in ("\\item", "\\task"):
            label, at = option(nodes, at)
            items.append((writer.captured(label).strip() if label is not None else "", []))
        elif items:
            items[-1][1].append(node)
    lines: list[str] = []
    target = writer.target
    for number, (shown, inner) in enumerate(items, 1):
        if kind == "numbers":
            writer.target = Target("Item", shown.strip("().: ") if 0 < len(shown) < 8 else str(number))
        _item(writer, writer.captured_blocks(inner), _item_head(shown, number, kind), lines)
    writer.target = target
    _end_lines(writer, lines)


def _item(writer: Writer, blocks: list[str], head: str, lines: list[str]) -> None:
    """Puts an item on a line; what does not fit on one (code, tables) is a block of its own, a list within is indented."""
    text: list[str] = []
    for block in blocks:
        if block.startswith(("```", "| ")):
            lines.append(f"{head}{one_line(text)}")
            _end_lines(writer, lines)
            writer.blocks.append(block)
            head, text = "", []
        elif "\n" in block or _LIST_LINE.match(block):
            lines.append(f"{head}{one_line(text)}")
            lines += [f"  {line}" for line in block.split("\n")]
            head, text = "  ", []
        else:
            text.append(block)
    if text:
        lines.append(f"{head}{one_line(text)}")


def _item_head(label: str, number: int, kind: str) -> str:
    if kind == "terms" and label:
        return f"**{label.rstrip(':. ')}**: "
    if kind == "numbers" and not label:
        return f"{number}. "
    return f"- {label} " if any(character.isalnum() for character in label) else "- "


def _end_lines(writer: Writer, lines: list[str]) -> None:
    kept = [line for line in lines if any(character.isalnum() for character in line.lstrip(" -0123456789."))]
    if kept:
        writer.blocks.append("\n".join(kept))
    lines.clear()


# --- floats and tables ------------------------------------------------------------------------------------------------------


def _tabular(writer: Writer, node: Env) -> None:
    blocks = tabular.grid(node.nodes, node.name, writer.captured)
    if not blocks:
        writer.lose()
    elif any(part.strip() for part in writer.parts):
        writer.waiting += blocks
    else:
        writer.blocks += blocks


def _float(writer: Writer, node: Env, kind: str) -> None:
    """The captions of a float, and the tables of one that holds tables; after the paragraph that it stands in."""
    name = node.name.rstrip("*")
    nodes = node.nodes[skipped(node.nodes, _ARGUMENTS.get(name, "o")) :]
    number = ""
    if _holds(nodes, _CAPTIONS, 0):
        writer.numbering.step(kind.lower())
        number = writer.numbering.number(kind.lower())
    writer.target = Target(kind, number)
    blocks = tabular.grid(node.nodes, node.name, writer.captured) if name in environments.TABULARS else []
    found = writer.captured_blocks(nodes)
    captions = [block for block in found if block.startswith(f"{kind} {number}: ")]
    if kind == "Table":
        found = [*captions, *blocks, *(block for block in found if block.startswith("| "))]
    elif kind == "Figure":
        found = captions
    if any(part.strip() for part in writer.parts):
        writer.waiting += found
    else:
        writer.blocks += found


def _holds(nodes: Sequence[Node], commands: tuple[str, ...], depth: int) -> bool:
    return any(
        node in commands
        if isinstance(node, str)
        else isinstance(node, (Group, Env)) and depth < 20 and _holds(node.nodes, commands, depth + 1)
        for node in nodes
    )
