"""The arguments of commands and environments, in a list of nodes."""

from __future__ import annotations

from collections.abc import Sequence

from galactica.corpus.latex.tokens import PARAGRAPH
from galactica.corpus.latex.tree import Group, Node

_MAX_OPTION = 400


def option(nodes: Sequence[Node], at: int) -> tuple[list[Node] | None, int]:
    """What stands in brackets at this place, None where nothing does, and the place behind it."""
    start = at
    while (
        start < len(nodes)
        and isinstance(nodes[start], str)
        and str(nodes[start]).isspace()
        and nodes[start] != PARAGRAPH
    ):
        start += 1
    if start >= len(nodes) or nodes[start] != "[":
        return None, at
    level = 0
    for end in range(start, min(len(nodes), start + _MAX_OPTION)):
        level += (nodes[end] == "[") - (nodes[end] == "]")
        if not level:
            return list(nodes[start + 1 : end]), end + 1
    return None, at


def skipped(nodes: Sequence[Node], signature: str) -> int:
    """The place behind arguments that are no text."""
    at = 0
    for kind in signature:
        if kind == "o":
            _, at = option(nodes, at)
            continue
        start = at
        while start < len(nodes) and isinstance(nodes[start], str) and str(nodes[start]).isspace():
            start += 1
        if start < len(nodes) and isinstance(nodes[start], Group):
            at = start + 1
    return at


def options(nodes: Sequence[Node], at: int) -> tuple[list[list[Node]], int]:
    """All arguments in brackets at this place, four at most, and the place behind them."""
    found: list[list[Node]] = []
    while len(found) < 4:
        inner, after = option(nodes, at)
        if inner is None:
            break
        found.append(inner)
        at = after
    return found, at


def argument(nodes: Sequence[Node], at: int) -> tuple[list[Node], int]:
    """The nodes of one argument in braces, or a single token; and the place behind it."""
    while at < len(nodes) and isinstance(node := nodes[at], str) and node.isspace():
        at += 1
    if at >= len(nodes):
        return [], at
    node = nodes[at]
    return (node.nodes if isinstance(node, Group) else [node]), at + 1


def braced(nodes: Sequence[Node], at: int) -> tuple[list[Node] | None, int]:
    """The nodes of the group at this place, None where none stands there."""
    start = at
    while start < len(nodes) and isinstance(node := nodes[start], str) and node.isspace():
        start += 1
    if start < len(nodes) and isinstance(group := nodes[start], Group):
        return group.nodes, start + 1
    return None, at
