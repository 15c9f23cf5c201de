r"""The title and the authors of a paper, from what its `\title` and `\author` hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from galactica.corpus.latex.commands import commands
from galactica.corpus.latex.tree import Env, Group, Maths, Node
from galactica.corpus.latex.writer import Writer
from galactica.corpus.papers import MAX_AUTHORS
from galactica.references.bibtex import split_authors

_AND = commands("and And AND IEEEauthorblockN authorblockN qand")
_LINE_END = commands("\\ newline IEEEauthorblockA authorblockA affil affiliation institute address par") | {"\n\n"}
_NOT_NAMES = commands(
    "altaffilmark arabic note thanks inst footnote footnotemark textsuperscript email orcidlink orcid orcidID "
    "corref fnref IEEEmembership "
    "IEEEauthorrefmark authornote altaffiliation tnoteref thanksref fnmsep label href authfn ead authorrefmark "
    "includegraphics"
)
"""Commands that stand with a name, with an argument that is none."""
_LONG_TITLE = 20
_SEPARATOR = re.compile(r"(?<!\s)\s*[,;]\s+(?:and\s+|&\s*)?|,?(?<!\s)\s+(?:and|&)\s+|(?<!\s)\s*[;·•|]\s*|\s{3,}")
_NO_NAME = re.compile(
    r"\d|@|universit|institut|department|laborator|school|college|centre|center|faculty|research|academy|division|"
    r"http|\bemail\b|\binc\b|collaboration|\bteam\b|\bgroup\b|observator|\bstreet\b|anonymous|authors?\b|national|technolog|corresponding|"
    r"contribut|hospital",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"^(?:dr|prof|mr|ms|sir)\.?\s+|,?(?<!\s)\s+(?:ph\.?d\.?|m\.?d\.?|jr\.?|(?:senior |student )?member, ieee|fellow, ieee)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’.\-]*")


def title(writer: Writer) -> str:
    """The title, "" where there is none; marks of footnotes are gone."""
    for name in ("title", "icmltitle"):
        for nodes in writer.front.get(name, []):
            text = writer.captured(_without(nodes, _NOT_NAMES)).strip(" .*†")
            if text:
                text = _lowered(text)
                return re.sub(r"\s*\[(?:Article|Review|Perpetual)[^\]]*\]$", "", text)
    return ""


def authors(writer: Writer) -> tuple[str, ...]:
    """The authors as "Family, Given", as far as they read like names; at most `MAX_AUTHORS`."""
    found: list[str] = []
    for name in ("author", "icmlauthor", "Author", "name", "fullname"):
        for nodes in writer.front.get(name, []):
            for piece in _pieces(nodes):
                found += _names(writer.captured(piece))
            if len(found) >= MAX_AUTHORS:
                break
        if found:
            break
    return tuple(dict.fromkeys(split_authors(" and ".join(found[:MAX_AUTHORS]))))


def _lowered(title: str) -> str:
    """A title in capitals as a sentence; its formulas are left alone."""
    pieces = re.split(r"(\\\(.*?\\\))", title)
    if len(title) < _LONG_TITLE or not "".join(pieces[::2]).isupper():
        return title
    return "".join(
        piece if index % 2 else piece.lower() if index else piece.capitalize() for index, piece in enumerate(pieces)
    )


def _pieces(nodes: Sequence[Node]) -> list[list[Node]]:
    r"""What stands before the first line end of each part between `\and`s."""
    pieces: list[list[Node]] = [[]]
    is_name = True
    for node in _without(nodes, _NOT_NAMES):
        if isinstance(node, str) and node in _AND:
            pieces.append([])
            is_name = True
        elif isinstance(node, str) and node in _LINE_END:
            is_name = not any(not isinstance(part, str) or part.strip() for part in pieces[-1])
        elif isinstance(node, Env):
            pieces += _pieces(node.nodes)
        elif isinstance(node, Group) and any(isinstance(part, str) and part in _AND | _LINE_END for part in node.nodes):
            if is_name:
                pieces += _pieces(node.nodes)
        elif is_name and not isinstance(node, Maths):
            pieces[-1].append(node)
    return pieces


def _without(nodes: Sequence[Node], commands: frozenset[str]) -> list[Node]:
    """The nodes without these commands and their arguments."""
    kept: list[Node] = []
    at = 0
    while at < len(nodes):
        node = nodes[at]
        at += 1
        if isinstance(node, str) and node.rstrip("*") in commands:
            while at < len(nodes) and nodes[at] == "[":
                end = next((index for index in range(at, min(at + 20, len(nodes))) if nodes[index] == "]"), None)
                if end is None:
                    break
                at = end + 1
            if at < len(nodes) and isinstance(nodes[at], Group):
                at += 1
        else:
            kept.append(node)
    return kept


def _names(text: str) -> list[str]:
    """The names in a line, in the order of reading: "A. Foo, B. Bar and C. Baz"."""
    found: list[str] = []
    for part in _SEPARATOR.split(text):
        name = _TITLES.sub("", _TITLES.sub("", part.strip(" ,;:*†‡§¶⁎∗.^"))).strip(" ,;*")
        words = _WORD.findall(name)
        if (
            not 2 <= len(words) <= 6
            or _NO_NAME.search(name)
            or not (words[0][0].isupper() and words[-1][0].isupper())
            or len(name) > 60
        ):
            continue
        found.append(name)
    return found
