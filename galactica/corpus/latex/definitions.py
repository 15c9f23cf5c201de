"""What a document defines for itself: macros, environments, theorem-like environments, switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

ParameterKind = Literal["mandatory", "optional", "star", "until", "literal"]

TRUE, FALSE, NO_VALUE = "\x02T", "\x02F", "\x02N"
"""Tokens that an argument of an `xparse` macro is tested by."""


class Parameter(NamedTuple):
    """One parameter of a macro. `value` is the default of an optional one, the character of a star, the tokens that end one that
    reaches `until` them, the tokens that have to stand there of a `literal` (which gives no argument)."""

    kind: ParameterKind
    value: tuple[str, ...] = ()


MANDATORY = Parameter("mandatory")


class Macro(NamedTuple):
    """A macro; `is_final` where what it stands for is a command of LaTeX that is not expanded again."""

    parameters: tuple[Parameter, ...]
    body: tuple[str, ...]
    is_final: bool = False


class Environment(NamedTuple):
    """An environment of the document's own: what stands for its beginning and its end."""

    parameters: tuple[Parameter, ...]
    begin: tuple[str, ...]
    end: tuple[str, ...]


class Theorem(NamedTuple):
    """A theorem-like environment: what it is called, the counter it shares, the counter it is counted within; no counter
    where it is not numbered."""

    title: tuple[str, ...]
    counter: str
    within: str = ""


@dataclass(slots=True)
class Definitions:
    """Everything that was defined so far, by name (macros with their backslash)."""

    macros: dict[str, Macro] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    theorems: dict[str, Theorem] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    verbatim: frozenset[str] = frozenset()

    def copy(self) -> Definitions:
        """Definitions that can be added to without a change to these."""
        return Definitions(
            dict(self.macros),
            dict(self.environments),
            dict(self.theorems),
            dict(self.switches),
            dict(self.within),
            dict(self.aliases),
            self.verbatim,
        )


def simple(n_arguments: int, default: Sequence[str] | None) -> tuple[Parameter, ...]:
    r"""The parameters of `\newcommand{\x}[n][default]`."""
    n_arguments = min(max(n_arguments, 0), 9)
    if default is None or not n_arguments:
        return (MANDATORY,) * n_arguments
    return (Parameter("optional", tuple(default)), *(MANDATORY,) * (n_arguments - 1))


def primitive(text: Sequence[str]) -> tuple[Parameter, ...]:
    r"""The parameters of `\def\x#1.#2{...}`: `text` is what stands between the name and the body."""
    found: list[Parameter] = []
    literal: list[str] = []
    open_parameter = False
    for token in [*text, ""]:
        if token and token[0] != "#":
            literal.append(token.strip() or token)
            continue
        ends = tuple(part for part in literal if part.strip())
        if open_parameter:
            found.append(Parameter("until", ends) if ends else MANDATORY)
        elif ends:
            found.append(Parameter("literal", ends))
        literal = []
        open_parameter = bool(token)
    return tuple(found)


def document_command(specification: Sequence[str]) -> tuple[Parameter, ...]:
    """The parameters of an `xparse` specification such as `s O{x} m o`."""
    found: list[Parameter] = []
    tokens = list(_characters(specification))
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token in ("m", "r", "v"):
            found.append(MANDATORY)
        elif token == "s":
            found.append(Parameter("star", ("*",)))
        elif token == "o":
            found.append(Parameter("optional", (NO_VALUE,)))
        elif token in ("O", "t"):
            value, at = _value(tokens, at)
            found.append(Parameter("optional" if token == "O" else "star", value))
    return tuple(found)


def _characters(specification: Sequence[str]) -> list[str]:
    return [
        part
        for token in specification
        for part in ([token] if token[0] in "\\{}" else token.replace(" ", "").replace("\n", ""))
    ]


def _value(tokens: list[str], at: int) -> tuple[tuple[str, ...], int]:
    if at < len(tokens) and tokens[at] != "{":
        return (tokens[at],), at + 1
    end, level = at, 0
    while end < len(tokens):
        level += (tokens[end] == "{") - (tokens[end] == "}")
        end += 1
        if not level:
            break
    return tuple(tokens[at + 1 : end - 1]), end
