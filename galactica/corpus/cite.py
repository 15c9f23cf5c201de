"""One name for one work: citation keys in a document rewritten to the form the library gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from galactica import markup
from galactica.types import Document, Reference

Find = Callable[[str], Reference | None]
"""From "Title, Surname" as a paper writes it to the library's record."""


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
