r"""A package of LaTeX files read: which file is the main one, and its front matter, abstract and body as text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import BEGIN_DOCUMENT, END_DOCUMENT, Expander, decoded
from galactica.corpus.latex.pointers import Target, point
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import tokenise, verbatim_environments
from galactica.corpus.latex.tree import TooDeepError, parse
from galactica.corpus.latex.writer import Writer
from galactica.corpus.marks import Marks, settles_as_it_is
from galactica.corpus.packages import is_licence
from galactica.corpus.source import Package
from galactica.types import Pending

MAX_SOURCE = 24 * 2**20
"""Characters that the files of one document may have."""


_LICENCE_NAMED = re.compile(
    r"(?:Creative\s+Commons\s+|\bCC[ -])(?:Attribution|BY|Zero|0)"
    r"(?:[\s-]+(?:Share-?Alike|Non-?Commercial|No-?Derivat\w+|SA|NC|ND|[\d.]+|International|Unported))*|"
    r"GNU\s+Free\s+Documentation\s+License|creativecommons\.org/[\w./-]+|\bMIT License|Attribution [\d.]+ International",
    re.IGNORECASE,
)
_RESTRICTED = re.compile(r"\bN[CD]\b|non-?commercial|no-?deriv", re.IGNORECASE)
_MAIN_NAME = re.compile(r"(?:main|ms|paper|article|manuscript|draft|root|arxiv|top)\b", re.IGNORECASE)
_OTHER_NAME = re.compile(
    r"suppl|append|response|rebuttal|cover|letter|template|example|sample|poster|slides|\bsi\b|diff", re.IGNORECASE
)
_CLASS = re.compile(r"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)


def texts_of(package: Package, endings: frozenset[str]) -> dict[str, str]:
    """The text of each file with one of these endings."""
    return {path: decoded(package.files[path]) for path in package.ending(*endings)}


def main_file(texts: Mapping[str, str]) -> str | None:
    """The file that the others are read into: it names a class, and more than others it has a title, an abstract, a telling
    name and length."""

    def rank(path: str) -> tuple[int, int, int, int]:
        text = texts[path]
        name = posixpath.basename(path)
        has_front = ("\\title" in text) + ("abstract" in text) + ("\\bibliography" in text or "thebibliography" in text)
        is_named = bool(_MAIN_NAME.match(name)) - bool(_OTHER_NAME.search(name))
        return is_named if is_named < 0 else 0, has_front, is_named, len(text)

    found = [
        path
        for path, text in texts.items()
        if path.lower().endswith((".tex", ".ltx", ".latex")) and _CLASS.search(text) and "\\begin{document}" in text
    ]
    if not found and len(sources := [path for path in texts if path.lower().endswith(".tex")]) == 1:
        return sources[0]
    return max(found, key=rank, default=None)


def licence(package: Package) -> str:
    """What the package's licence file names or begins with, else a licence that its texts name, else "not stated". Of a work that
    has two licences, the one that may be used for more."""
    stated = [decoded(package.files[path][:4000]) for path in sorted(filter(is_licence, package.files), key=len)]
    for text in (*stated, *(decoded(package.files[path][:20_000]) for path in package.ending(".tex", ".rbtex"))):
        if found := [" ".join(match[0].split()) for match in _LICENCE_NAMED.finditer(text)]:
            is_dual = re.search(r"\bdual\b", text, re.IGNORECASE) is not None
            return next((name for name in found if is_dual and not _RESTRICTED.search(name)), found[0])
    lines = [line.strip(" #*=-") for line in (stated[0] if stated else "").split("\n")]
    return " ".join(" ".join(lines).split())[:200] or "not stated"


def expanded(
    texts: Mapping[str, str], path: str, definitions: Definitions | None = None
) -> tuple[list[str], list[str], Definitions]:
    """The tokens before and after the beginning of the document in this file, and what it defines."""
    expander = Expander(texts, definitions, posixpath.dirname(path))
    if not expander.definitions.verbatim:
        expander.definitions.verbatim = verbatim_environments(texts.values())
    tokens = expander.run(tokenise(texts[path], expander.definitions.verbatim))
    start = tokens.index(BEGIN_DOCUMENT) + 1 if BEGIN_DOCUMENT in tokens else 0
    preamble, body = tokens[: max(start - 1, 0)], tokens[start:]
    if END_DOCUMENT in body:
        body = body[: body.index(END_DOCUMENT)]
    return preamble, body, expander.definitions


def to_text(definitions: Definitions, latex: str) -> str:
    """A stretch of LaTeX with the document's macros as plain text; "" where it has no end."""
    try:
        nodes = parse(Expander({}, definitions.copy()).run(tokenise(latex)))
    except (TooLongError, TooDeepError, RecursionError):
        return ""
    return Writer(definitions, Marks({}), {}).captured(nodes)


def resolved(text: str, writer: Writer, find: Callable[[str], Target | None] | None = None) -> str:
    """The text with its references to labels in words; `find` knows labels of other documents too."""
    return point(text, writer.pointers, find or writer.labels.get)


def pending_of(writer: Writer) -> tuple[Pending, ...]:
    """What only a library can resolve, its passages with references to labels in words as `resolved` gives them."""

    def words(passage: Pending) -> Pending:
        text, draft = (resolved(part, writer) for part in (passage.text, passage.draft))
        return replace(
            passage, text=text, draft=draft, held={n: resolved(held, writer) for n, held in passage.held.items()}
        )

    return tuple(passage for passage in map(words, writer.marks.pending) if settles_as_it_is(passage))
