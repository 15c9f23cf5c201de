r"""What is done at citations and at references to labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from galactica.corpus.latex.arguments import argument, options
from galactica.corpus.latex.commands import CITATIONS, CITED_AUTHORS, CITED_YEARS, NARRATIVE, REFERENCES
from galactica.corpus.latex.inline import handles
from galactica.corpus.latex.tree import Node, text_of
from galactica.corpus.marks import HOLE

if TYPE_CHECKING:
    from galactica.corpus.latex.writer import Writer

_PAGE_NOTE = re.compile(r"\s*(?:pp?\.|pages?)?\s*[\d\s,–-]+\s*(?:ff?\.?)?", re.IGNORECASE)


@handles(" ".join(name[1:] for name in REFERENCES))
def _reference(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    inner, at = argument(nodes, at)
    manner = REFERENCES.get(token) or REFERENCES[token.rstrip("*")]
    writer.parts.append(writer.pointer(text_of(inner), manner))
    return at


def _citation(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    notes, at = options(nodes, at)
    inner, at = argument(nodes, at)
    keys = [key for part in text_of(inner).split(",") if (key := part.strip())]
    before = writer.captured(notes[0]) if len(notes) > 1 else ""
    after = writer.captured(notes[-1]) if notes else ""
    if not keys:
        return at
    marks = (
        [_narrative(writer, key) for key in keys]
        if token.rstrip("*") in NARRATIVE
        else [writer.marks.mark([key]) for key in keys]
    )
    text = (" and " if token.rstrip("*") in NARRATIVE else " ").join(marks)
    if before and any(character.isalpha() for character in before):
        text = f"{before.rstrip(' ,')} {text}"
    if after and not _PAGE_NOTE.fullmatch(after):
        text = f"{text}{' ' if after.startswith(('and ', '(')) else ', '}{after}"
    if not (writer.parts and writer.parts[-1].endswith(("(", "["))):
        text = f" {text}"
    writer.parts.append(text)
    return at


handles(" ".join(name[1:] for name in (*CITATIONS, *NARRATIVE)))(_citation)


def _narrative(writer: Writer, key: str) -> str:
    """The names that stand in the sentence and the mark; the sentence goes where neither names nor record are known."""
    names, _ = writer.names.get(key, ("", ""))
    if names:
        return f"{names} {writer.marks.mark([key])}"
    return (
        writer.marks.mark([key])
        if writer.marks.references.get(key) is not None
        else f"{writer.marks.mark([key])}{HOLE}"
    )


@handles(" ".join(name[1:] for name in (*CITED_AUTHORS, *CITED_YEARS)))
def _part_of_citation(writer: Writer, token: str, nodes: Sequence[Node], at: int) -> int:
    _, at = options(nodes, at)
    inner, at = argument(nodes, at)
    index = 0 if token.rstrip("*") in CITED_AUTHORS else 1
    found = [writer.names.get(key.strip(), ("", ""))[index] for key in text_of(inner).split(",")]
    writer.parts.append(", ".join(found) if all(found) else HOLE)
    return at
