r"""Expanded tokens as a tree of groups, environments and formulas.

Sources have slips: a brace or an `\end` without its beginning is passed over, what is open at the end is closed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from galactica.corpus.latex.environments import MATHS
from galactica.corpus.latex.tokens import PARAGRAPH

MAX_DEPTH = 60
"""Groups and environments in each other: papers have less than twenty, and the reader of the tree calls itself for each."""


class TooDeepError(Exception):
    """Groups or environments are nested deeper than `MAX_DEPTH`."""


@dataclass(slots=True)
class Group:
    """What stands in braces."""

    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Env:
    """An environment. Its arguments are the first of its nodes."""

    name: str
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Maths:
    r"""A formula as tokens; `environment` is "" between dollars and the like."""

    tokens: list[str]
    is_display: bool
    environment: str = ""


Node = str | Group | Env | Maths

_CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}


def parse(tokens: Sequence[str]) -> list[Node]:
    """The tree; raises TooDeepError."""
    root: list[Node] = []
    nodes = root
    stack: list[tuple[list[Node], str]] = []  # the list around, and what closes the list that is open
    at, end = 0, len(tokens)
    while at < end:
        token = tokens[at]
        at += 1
        first = token[0]
        if first == "{":
            group = Group()
            nodes.append(group)
            _descend(stack, nodes, "}")
            nodes = group.nodes
        elif first == "}" and len(token) == 1:
            if stack and stack[-1][1] == "}":
                nodes = stack.pop()[0]
        elif token in _CLOSING:
            found = _formula(tokens, at, token)
            if found is not None:
                nodes.append(Maths(list(tokens[at:found]), token in ("$$", "\\["), ""))
                at = found + 1
        elif first == "\\" and token[-1] == "}" and len(token) > 6:
            name = token[token.index("{") + 1 : -1]
            if token.startswith("\\begin"):
                if name.rstrip("*") in MATHS:
                    found = _environment_end(tokens, at, name)
                    nodes.append(Maths(list(tokens[at:found]), name != "math", name))
                    at = found + 1
                else:
                    environment = Env(name)
                    nodes.append(environment)
                    _descend(stack, nodes, name)
                    nodes = environment.nodes
            elif any(closing == name for _, closing in stack):
                while True:
                    nodes, closing = stack.pop()
                    if closing == name:
                        break
        else:
            nodes.append(token)
    return root


def _descend(stack: list[tuple[list[Node], str]], nodes: list[Node], closing: str) -> None:
    if len(stack) >= MAX_DEPTH:
        raise TooDeepError
    stack.append((nodes, closing))


def _formula(tokens: Sequence[str], at: int, opening: str) -> int | None:
    """Where the formula that opens before `at` closes; None where its paragraph ends first."""
    closing = _CLOSING[opening]
    level = 0
    for index in range(at, len(tokens)):
        token = tokens[index]
        if token == closing and not level:
            return index
        if token == "{":
            level += 1
        elif token == "}":
            level -= 1
            if level < 0:
                return None
        elif (token == PARAGRAPH and opening != "\\[" and not level) or (
            not level and ((token == "$$" and opening == "$") or (token == opening and token[0] == "\\"))
        ):
            return None
    return None


def _environment_end(tokens: Sequence[str], at: int, name: str) -> int:
    begin, end = f"\\begin{{{name}}}", f"\\end{{{name}}}"
    level = 0
    for index in range(at, len(tokens)):
        token = tokens[index]
        if token == end:
            if not level:
                return index
            level -= 1
        elif token == begin:
            level += 1
    return len(tokens)


def text_of(nodes: Sequence[Node]) -> str:
    """The characters of a name (a label, a key, a path) that stands in nodes."""
    return "".join(
        node if isinstance(node, str) else text_of(node.nodes) if isinstance(node, Group) else "" for node in nodes
    ).strip()
