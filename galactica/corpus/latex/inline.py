r"""What is done at the commands of running text: a table from command to handler.

A handler gets the writer, the command, the nodes and the place behind the command, and returns the place to go on at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from galactica.corpus.latex import science
from galactica.corpus.latex.arguments import argument, braced, options
from galactica.corpus.latex.commands import (
    ACCENTS,
    ARGUMENTS,
    DIMENSIONS,
    LENGTH,
    SECTIONS,
)
from galactica.corpus.latex.pointers import Target
from galactica.corpus.latex.tokens import source
from galactica.corpus.latex.tree import Group, Maths, Node, text_of
from galactica.corpus.scripts import script

if TYPE_CHECKING:
    from galactica.corpus.latex.writer import Writer

Handler = Callable[["Writer", str, Sequence[Node], int], int]
COMMANDS: dict[str, Handler] = {}

_REGISTER = re.compile(r"\\[a-z]*@[a-z@]+|\\count|\\dimen|\\skip")
_SETTINGS = re.compile(r"[a-zA-Z][a-zA-Z .-]{0,40}=[^=\s]{1,60}(?:,|\s*$)")
"""What a command that sets something up has for an argument: keys and values."""
_FRONT = ("title", "author", "name", "icmlauthor", "Author", "icmltitle", "subtitle@", "fullname")


def handles(names: str) -> Callable[[Handler], Handler]:
    """Registers what is done at these commands (names without backslash)."""

    def register(handler: Handler) -> Handler:
        COMMANDS.update(dict.fromkeys(("\\" + name for name in names.split()), handler))
        return handler

    return register


def unknown(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    """A command without a meaning here: what it sets stays, its options go."""
    if token in DIMENSIONS:
        return _after_length(nodes, at, writer)
    known = ARGUMENTS.get(token) or ARGUMENTS.get(token.rstrip("*"))
    if known is None:
        _, after = options(nodes, at)
        if after >= len(nodes) or not isinstance(group := nodes[after], Group):
            return at
        return after + 1 if _SETTINGS.match(text_of(group.nodes)) else after
    signature, is_kept = known
    inner: list[Node] | None = None
    for kind in signature:
        if kind == "o":
            _, at = options(nodes, at)
            continue
        inner, at = braced(nodes, at)
        if inner is None:
            break
        _, at = options(nodes, at) if "m" in signature[signature.index(kind) + 1 :] else ([], at)
    if is_kept and inner:
        writer.run(inner)
    return at


def _after_length(nodes: Sequence[Node], at: int, writer: Writer) -> int:
    r"""The place behind a length or a number: `3pt plus 1pt`, `\textwidth`, `\count1 by 2`; what is left of its text stays."""
    if at < len(nodes) and isinstance(node := nodes[at], str) and (node in DIMENSIONS or _REGISTER.fullmatch(node)):
        at += 1
    if (
        at < len(nodes)
        and isinstance(node := nodes[at], str)
        and node[0] not in "\\[]&~$"
        and (match := LENGTH.match(node))
    ):
        if match.end() == len(node):
            return _after_length(nodes, at + 1, writer) if not any(map(str.isdigit, node)) else at + 1
        if any(map(str.isdigit, match[0])):
            writer.parts.append(node[match.end() :])
            return at + 1
    return at


# --- structure --------------------------------------------------------------------------------------------------------------


@handles(" ".join(name[1:] for name in SECTIONS))
def _section(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    is_starred = token[-1] == "*"
    level = SECTIONS[token.rstrip("*")]
    _, at = options(nodes, at)
    inner, at = argument(nodes, at)
    writer.flush()
    number = "" if is_starred or token.startswith("\\add") else writer.numbering.section(level)
    title = writer.captured(inner).strip()
    if title.isupper() and len(title) > 7:
        title = title.capitalize()
    kind = (
        "Appendix"
        if writer.numbering.in_appendix and level == (1 if writer.numbering.has_chapters else 2)
        else "Chapter"
        if level == 1
        else "Part"
        if not level
        else "Section"
    )
    writer.target = Target(kind, number, title)
    if not title:
        return at
    if level > 4:
        writer.begin(f"{title.rstrip('.:')}.")
    else:
        depth = max(1, level - writer.top + 1)
        shown = number if level >= writer.top else ""
        writer.blocks.append(f"{'#' * min(depth, 6)} {f'{shown} ' if shown else ''}{title}")
    return at


@handles("appendix")
def _appendix(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    writer.flush()
    writer.numbering.begin_appendix()
    return at


@handles("setcounter")
def _setcounter(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    counter, at = argument(nodes, at)
    value, at = argument(nodes, at)
    number = text_of(value)
    if number.lstrip("-").isdecimal() and len(number) < 5:
        writer.numbering.set(text_of(counter), int(number))
    return at


@handles("par endgraf parbreak")
def _par(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    writer.end_paragraph()
    return at


@handles("\\ newline linebreak break tabularnewline")
def _line_break(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    writer.parts.append(" ")
    if at < len(nodes) and isinstance(node := nodes[at], str) and node[0] == "*":
        if len(node) > 1:
            writer.parts.append(node[1:])
        at += 1
    _, at = options(nodes, at)
    return at


@handles("label")
def _label(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner, at = argument(nodes, at)
    writer.labels[text_of(inner)] = writer.target
    return at


@handles("caption captionof tablecaption subcaption figcaption")
def _caption(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    if token.startswith("\\captionof"):
        _, at = argument(nodes, at)
    _, at = options(nodes, at)
    inner, at = argument(nodes, at)
    target = writer.target
    writer.flush()
    text = writer.captured(inner)
    if len(text.split()) > 1 and target.kind in ("Figure", "Table", "Algorithm") and token != "\\subcaption":
        writer.blocks.append(f"{target.kind} {target.number}: {text}")
    return at


@handles("item")
def _item(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    """An item without a list around it that is known: a paragraph."""
    writer.flush()
    _, at = options(nodes, at)
    return at


@handles(" ".join(_FRONT))
def _front(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    inner, at = braced(nodes, at)
    if inner is not None:
        writer.front.setdefault(token[1:], []).append(inner)
    return at


@handles("abstract")
def _abstract(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner, after = braced(nodes, at)
    if inner is not None:
        writer.abstract += writer.captured_blocks(inner)
    return after


@handles("subfloat subfigure subtable")
def _subfloat(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    _, at = braced(nodes, at)
    return at


# --- characters and fonts -----------------------------------------------------------------------------------------------------


def _accent(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner: list[Node]
    if at < len(nodes) and isinstance(node := nodes[at], str) and node[0] not in "\\[]~&":
        node = node.lstrip() if token[1:].isalpha() else node
        if not node:
            return at + 1
        writer.parts.append(_combined(node[0], ACCENTS[token]))
        if len(node) > 1:
            writer._text(node[1:])
        return at + 1
    inner, at = argument(nodes, at)
    letter = writer.captured(inner)
    writer.parts.append(_combined(letter[:1] or " ", ACCENTS[token]) + letter[1:])
    return at


for _command in ACCENTS:
    COMMANDS[_command] = _accent


def _combined(letter: str, accent: str) -> str:
    letter = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", letter + accent) if letter.isalpha() else letter.strip()


@handles("textsuperscript textsubscript up textsuper")
def _script(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner, at = argument(nodes, at)
    parts = writer.parts
    writer.parts = []
    writer.run(inner)
    text = "".join(writer.parts)
    writer.parts = parts
    if writer.marks.only_marks(text):
        writer.parts.append(writer.marks.superscript(text))
    elif text.strip() and all(ord(character) < 0xE000 for character in text) and len(text) < 100:
        writer.parts.append(writer.marks.hold(script(text, token != "\\textsubscript")))
    else:
        writer.parts.append(text)
    return at


@handles("texttt code lstinline mintinline")
def _code(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    inner, at = argument(nodes, at)
    is_code, writer.is_code = writer.is_code, True
    text = writer.captured(inner)
    writer.is_code = is_code
    is_plain = text.strip() and "`" not in text and all(ord(character) < 0xE000 for character in text)
    writer.parts.append(writer.marks.hold(f"`{text}`") if is_plain and not is_code and "\\(" not in text else text)
    return at


@handles("ding")
def _ding(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner, at = argument(nodes, at)
    writer.parts.append({"51": "✓", "52": "✔", "55": "✗", "56": "✘"}.get(text_of(inner), ""))
    return at


@handles("inputminted lstinputlisting VerbatimInput verbatiminput DisplayProof")
def _lost(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    """Code of another file, a proof tree: nothing that can be shown."""
    if token != "\\DisplayProof":
        _, at = options(nodes, at)
        inner, at = braced(nodes, at)
        _, at = braced(nodes, at) if token == "\\inputminted" else (inner, at)
    writer.lose()
    return at


@handles(
    "AxiomC UnaryInfC BinaryInfC TrinaryInfC Axiom UnaryInf BinaryInf TrinaryInf RightLabel LeftLabel DeduceC "
    "Deduce fCenter noLine"
)
def _proof_tree(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    """A line of a `bussproofs` tree."""
    if at < len(nodes) and isinstance(nodes[at], (Group, Maths)):
        at += 1
    return at


# --- science --------------------------------------------------------------------------------------------------------------------


@handles("ce cf ch chem")
def _chemistry(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    inner, at = argument(nodes, at)
    writer.parts.append(writer.marks.hold(science.chemistry(_flat(inner))))
    return at


@handles("SI qty SIlist")
def _quantity(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    number, at = argument(nodes, at)
    _, at = options(nodes, at)
    sign, at = braced(nodes, at)
    writer.parts.append(f"{writer.captured(number).replace(';', ', ')} {science.unit(_flat(sign or []))}".strip())
    return at


@handles("SIrange qtyrange numrange")
def _range(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    first, at = argument(nodes, at)
    last, at = argument(nodes, at)
    sign, at = braced(nodes, at) if token != "\\numrange" else (None, at)
    writer.parts.append(
        f"{writer.captured(first)} to {writer.captured(last)} {science.unit(_flat(sign or []))}".rstrip()
    )
    return at


@handles("si unit")
def _unit(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    sign, at = argument(nodes, at)
    writer.parts.append(science.unit(_flat(sign)))
    return at


def _flat(nodes: Sequence[Node]) -> str:
    """The source that the nodes were read from, near enough for formulas of chemistry and units."""
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Group):
            parts += ["{", _flat(node.nodes), "}"]
        elif isinstance(node, Maths):
            parts.append(source(node.tokens))
    return "".join(parts)
