"""Citations through the library: what a paper's own list leaves without a title is looked up, and one work gets one name.

Untitled entries come beside the document (`Document.pending`) and never inside its text, so no text can spell one. Where the
library knows none of a passage's works, the passage stays as it is, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from galactica import markup
from galactica.corpus.marks import UNTITLED, settled
from galactica.types import Document, Pending, Reference, UntitledEntry

Find = Callable[[str], Reference | None]
"""From "Title, Surname" as a paper writes it to the library's record."""
FindUntitled = Callable[[UntitledEntry], Reference | str]
"""From what an entry says to the library's record, or why there is none."""

MOVED = "entry without a title, found, but its passage is not in the text"
_MIN_PASSAGE = 40
"""Characters; a shorter passage (a cell, a heading) may stand at another place too, in other words about something else."""


def canonical(document: Document, find: Find) -> tuple[Document, int, int]:
    """The document with each key that the library knows in the library's own spelling; citations in all, and known ones."""
    out: list[str] = []
    end = n_known = 0
    spans = markup.citations(document.text)
    for span in spans:
        reference = find(span.key)
        out.append(document.text[end : span.start])
        if reference is None:
            out.append(document.text[span.start : span.end])
        else:
            n_known += 1
            out.append(markup.cite(reference.title, reference.surname))
        end = span.end
    out.append(document.text[end:])
    return replace(document, text="".join(out)), len(spans), n_known


def completed(document: Document, find: FindUntitled) -> Document:
    """The document with a citation at each mark whose untitled entry the library knows, nothing pending, and its metadata's
    counts set right: `n_resolved`, `n_from_library`, `unresolved` by reason."""
    if not document.pending:
        return document
    text = document.text
    known: dict[UntitledEntry, Reference | str] = {}
    reasons: Counter[str] = Counter()
    n_found = 0
    for passage in document.pending:
        works = [known.get(entry) or known.setdefault(entry, find(entry)) for entry in passage.entries]
        reasons.update(work for work in works if isinstance(work, str))
        if n := sum(not isinstance(work, str) for work in works):
            rewritten = _with_works(text, passage, works)
            if rewritten is None:
                reasons[MOVED] += n
            else:
                text = rewritten
                n_found += n
    unresolved = Counter(document.metadata.get("unresolved") or {})
    unresolved[UNTITLED] -= n_found + reasons.total()
    counts = {
        "n_resolved": int(document.metadata.get("n_resolved") or 0) + n_found,
        "n_from_library": n_found,
        "unresolved": dict(+(unresolved + reasons)),
    }
    return replace(document, text=text, pending=(), metadata={**document.metadata, **counts})


def _with_works(text: str, passage: Pending, works: list[Reference | str]) -> str | None:
    """The text with the passage's works cited; None where the passage does not stand in it once, or holds no place for them."""
    before = passage.text.strip()
    if len(before) < _MIN_PASSAGE or text.count(before) != 1:
        return None
    citations = [None if isinstance(work, str) else markup.cite(work.title, work.surname) for work in works]
    after = settled(passage, citations).strip()
    return text.replace(before, after) if after != before else None
