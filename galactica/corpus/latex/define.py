r"""What is done at the commands that define macros, environments, theorems and switches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from galactica.corpus.latex import definitions as d
from galactica.corpus.latex.commands import STRUCTURE
from galactica.corpus.latex.definitions import Environment, Macro, Theorem
from galactica.corpus.latex.environments import KNOWN
from galactica.corpus.latex.handlers import HANDLERS, handles
from galactica.corpus.latex.stream import END_OF_FILE
from galactica.corpus.latex.tokens import plain

if TYPE_CHECKING:
    from galactica.corpus.latex.expand import Expander

_PRIMITIVE = frozenset(("\\setbox", "\\catcode", "\\lccode", "\\futurelet", "\\halign"))
"""What does such a thing cannot be followed here: the command keeps the meaning that it has without the definition."""
_KEY_VALUE = re.compile(r"(?<![a-zA-Z])([a-zA-Z]+)\s*=\s*(\{[^{}]*\}|[^,{}]*)")


def _name(expander: Expander) -> str:
    tokens = [token for token in expander.argument() if not token.isspace()]
    return tokens[0].strip() if tokens and tokens[0][0] == "\\" else ""


def define(expander: Expander, name: str, macro: Macro, is_weak: bool = False) -> None:
    """Keeps a macro, unless its name is one whose meaning is not the document's to change; of a style file also those that do
    the work of a style are passed over."""
    macros = expander.definitions.macros
    if not name or name in STRUCTURE or name in HANDLERS or (is_weak and name in macros):
        return
    if expander.is_library and any("@" in token and token[0] == "\\" for token in (name, *macro.body)):
        return
    if not _PRIMITIVE.isdisjoint(macro.body):
        macros.pop(name, None)
        return
    macros[name] = macro


@handles(
    "newcommand renewcommand providecommand DeclareRobustCommand newrobustcmd renewrobustcmd newcommandx renewcommandx"
)
def _newcommand(expander: Expander) -> None:
    expander.skip_star()
    name = _name(expander)
    count = plain(expander.option() or [])
    default = expander.option()
    body = expander.argument()
    define(expander, name, Macro(d.simple(int(count) if count.isdecimal() else 0, default), tuple(body)))


@handles("def gdef edef xdef")
def _def(expander: Expander) -> None:
    if not expander.stack:
        return
    name = expander.stack.pop()
    text: list[str] = []
    while expander.stack and expander.stack[-1] != "{" and expander.stack[-1][0] != END_OF_FILE and len(text) < 30:
        text.append(expander.stack.pop())
    body = expander.argument()
    if name[0] == "\\":
        define(expander, name, Macro(d.primitive(text), tuple(body)))


@handles("let")
def _let(expander: Expander) -> None:
    name = expander.argument()
    if expander.peek() == "=":
        expander.literal(("=",))
    value = expander.argument()
    if name and value and name[0][0] == "\\":
        known = expander.definitions.macros.get(value[0])
        if known is None and value[0] in HANDLERS:
            known = Macro((), (value[0],))
        define(expander, name[0], known or Macro((), (value[0],), is_final=True))


@handles(
    "NewDocumentCommand RenewDocumentCommand ProvideDocumentCommand DeclareDocumentCommand "
    "NewExpandableDocumentCommand DeclareExpandableDocumentCommand"
)
def _document_command(expander: Expander) -> None:
    name, specification, body = _name(expander), expander.argument(), expander.argument()
    define(expander, name, Macro(d.document_command(specification), tuple(body)))


@handles("DeclareDocumentMacro")
def _document_macro(expander: Expander) -> None:
    name, body = _name(expander), expander.argument()
    define(expander, name, Macro((), tuple(body)))


@handles("DeclareMathOperator")
def _operator(expander: Expander) -> None:
    command = "\\operatorname*" if expander.skip_star() else "\\operatorname"
    name, text = _name(expander), expander.argument()
    define(expander, name, Macro((), (command, "{", *text, "}")))


@handles("DeclarePairedDelimiter")
def _delimiter(expander: Expander) -> None:
    name, left, right = _name(expander), expander.argument(), expander.argument()
    grows = (
        "\\IfBooleanTF",
        "#1",
        "{",
        "\\left",
        "}",
        "{",
        "}",
        *left,
        "#3",
        "\\IfBooleanTF",
        "#1",
        "{",
        "\\right",
        "}",
        "{",
        "}",
        *right,
    )
    define(expander, name, Macro(d.document_command(["s", "o", "m"]), grows))


@handles("csname")
def _csname(expander: Expander) -> None:
    name = plain(expander.until(("\\endcsname",)))
    if name.isalpha():
        expander.push(["\\" + name])


# --- environments, theorems, switches ---------------------------------------------------------------------------------------


@handles("newenvironment renewenvironment provideenvironment")
def _newenvironment(expander: Expander) -> None:
    expander.skip_star()
    name = plain(expander.argument())
    count = plain(expander.option() or [])
    default = expander.option()
    begin, end = expander.argument(), expander.argument()
    _environment(expander, name, d.simple(int(count) if count.isdecimal() else 0, default), begin, end)


@handles("NewDocumentEnvironment RenewDocumentEnvironment DeclareDocumentEnvironment")
def _document_environment(expander: Expander) -> None:
    name, specification = plain(expander.argument()), expander.argument()
    begin, end = expander.argument(), expander.argument()
    _environment(expander, name, d.document_command(specification), begin, end)


def _environment(
    expander: Expander, name: str, parameters: tuple[d.Parameter, ...], begin: Sequence[str], end: Sequence[str]
) -> None:
    if name.rstrip("*") in KNOWN or name in expander.definitions.theorems:
        return
    if expander.is_library and any("@" in token and token[0] == "\\" for token in begin):
        return
    opened, closed = _marks(begin, "\\", "begin"), _marks(end, "\\end", "end")
    expander.definitions.environments[name] = Environment(parameters, opened, closed)


def _marks(tokens: Sequence[str], start: str, word: str) -> tuple[str, ...]:
    r"""The tokens with `\equation` and `\endequation`, as one writes them in definitions, as the marks of the environment."""
    return tuple(
        f"\\{word}{{{token[len(start) :]}}}" if token.startswith(start) and token[len(start) :] in KNOWN else token
        for token in tokens
    )


@handles("excludecomment")
def _exclude(expander: Expander) -> None:
    name = plain(expander.argument())
    expander.definitions.environments[name] = Environment((), ("\\begin{comment}",), ("\\end{comment}",))


@handles("newtheorem newmdtheoremenv newshadetheorem newproof")
def _newtheorem(expander: Expander) -> None:
    is_starred = expander.skip_star()
    name = plain(expander.argument())
    shared = expander.option()
    title = expander.argument()
    within = expander.option()
    _theorem(expander, name, title, plain(shared or []) or name, plain(within or []), is_starred)


@handles("spnewtheorem")
def _spnewtheorem(expander: Expander) -> None:
    is_starred = expander.skip_star()
    name = plain(expander.argument())
    shared = expander.option()
    title = expander.argument()
    within = expander.option()
    expander.argument(), expander.argument()
    _theorem(expander, name, title, plain(shared or []) or name, plain(within or []), is_starred)


@handles("declaretheorem newtcbtheorem")
def _declaretheorem(expander: Expander) -> None:
    before = expander.option()
    name = plain(expander.argument())
    options = [*(before or []), ",", *(expander.option() or [])]
    found = {match[1].strip(): match[2].strip(" {}") for match in _KEY_VALUE.finditer("".join(options))}
    title = (
        [token for token in options if token[0] == "\\"]
        if found.get("name", "").startswith("\\")
        else [found.get("name") or name.capitalize()]
    )
    shared = found.get("sibling") or found.get("sharenumber") or found.get("numberlike") or name
    within = found.get("parent") or found.get("numberwithin") or found.get("within") or ""
    is_unnumbered = "unnumbered" in "".join(options) or found.get("numbered") == "no"
    _theorem(expander, name, title[:1], shared, within, is_unnumbered)


@handles("newaliascnt")
def _alias(expander: Expander) -> None:
    name, counter = plain(expander.argument()), plain(expander.argument())
    expander.definitions.aliases[name] = counter


def _theorem(
    expander: Expander, name: str, title: Sequence[str], counter: str, within: str, is_unnumbered: bool
) -> None:
    counter = expander.definitions.aliases.get(counter, counter)
    if name and not name.startswith("\\"):
        expander.definitions.theorems[name] = Theorem(tuple(title), "" if is_unnumbered else counter, within)
        expander.definitions.environments.pop(name, None)


@handles("numberwithin counterwithin")
def _within(expander: Expander) -> None:
    expander.skip_star()
    expander.option()
    counter, within = plain(expander.argument()), plain(expander.argument())
    expander.definitions.within[counter] = within


@handles("newif")
def _newif(expander: Expander) -> None:
    name = _name(expander)
    if name[:3] == "\\if" and len(name) > 3:
        _switch(expander, name, value=False)
        for value in (True, False):
            switch = "\\" + name[3:] + ("true" if value else "false")
            expander.definitions.macros[switch] = Macro((), ("\\SetSwitch", name, d.TRUE if value else d.FALSE))


@handles("SetSwitch")
def _set_switch(expander: Expander) -> None:
    if len(expander.stack) > 1:
        name, value = expander.stack.pop(), expander.stack.pop()
        _switch(expander, name, value == d.TRUE)


def _switch(expander: Expander, name: str, value: bool) -> None:
    if name[:3] == "\\if" and name not in ("\\iff", "\\ifthenelse"):
        expander.definitions.switches[name] = value
