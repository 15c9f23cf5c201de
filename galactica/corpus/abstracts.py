"""Papers of which a source has the abstract alone: one form of document for MEDLINE, Semantic Scholar, PubAg, OSF and ChemRxiv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from galactica import markup
from galactica.corpus.papers import MAX_AUTHORS, is_english, is_notice
from galactica.types import Document, Reference

MIN_CHARACTERS = 100

_LEAD = re.compile(
    r"(?:abstract|summary)\b\s*[:.\-–—|]?\s*(?=[A-Z0-9])|(?:abstract|summary)(?=[A-Z][a-z])", re.IGNORECASE
)
_NOT_TEXT = re.compile(
    r"\s*\(ABSTRACT TRUNCATED AT \d+ WORDS\)|\s*\[(?:abstract|truncated)[^\[\]]{0,60}\]", re.IGNORECASE
)
_RIGHTS = re.compile(
    r"\s*(?:Copyright\s*)?(?:©|\([cC]\)|Copyright)\s*(?:Copyright\s*)?(?:19|20)\d\d\b[^©]{0,200}$"
    r"|\s*(?:©|Copyright\b)[^.©]{0,150}(?:\.?\s*All rights reserved)?\.?$"
)
_LABEL = re.compile(r"[A-Z][A-Z ,/&'’()-]{2,70}")
_NO_LABELS = frozenset(("UNLABELLED", "UNLABELED", "UNASSIGNED", "ABSTRACT", "SUMMARY"))


def abstract_document(
    reference: Reference | None,
    paragraphs: list[str],
    *,
    source: str,
    key: str,
    licence: str,
    metadata: Mapping[str, Any],
) -> Document | str:
    """The document of a work and the paragraphs of its abstract, or why there is none. `key` names the record in its source."""
    if reference is None:
        return "no title"
    if is_notice(reference.title):
        return "correction or retraction"
    paragraphs = _tidied(paragraphs)
    abstract = "\n\n".join(paragraphs)
    if not abstract:
        return "no abstract"
    if len(abstract) < MIN_CHARACTERS:
        return f"abstract shorter than {MIN_CHARACTERS} characters"
    if not is_english(abstract):
        return "not English"
    head = markup.paper_head(reference.title, reference.authors[:MAX_AUTHORS]) + markup.heading("Abstract")
    known = {
        "title": reference.title,
        "doi": reference.doi,
        "year": reference.year,
        "journal": reference.venue,
        "language": "en",
    }
    return Document(f"{source}:{key}", head + abstract, source, licence or "not stated", {**known, **metadata})


def labelled(label: str, text: str) -> str:
    """A paragraph of a structured abstract: "Methods: We asked ..."."""
    label = " ".join(label.split()).rstrip(":. ")
    if not label or label.upper() in _NO_LABELS:
        return text
    return f"{label.capitalize() if _LABEL.fullmatch(label) else label}: {text}"


def _tidied(paragraphs: list[str]) -> list[str]:
    found = [_NOT_TEXT.sub("", paragraph).strip() for paragraph in paragraphs]
    if found:
        found[0] = _LEAD.sub("", found[0], count=1) if _LEAD.match(found[0]) else found[0]
        tail = found[-1][-400:]
        found[-1] = found[-1][: -len(tail)] + _RIGHTS.sub("", tail) if tail else ""
    return [paragraph for paragraph in found if any(character.isalpha() for character in paragraph)]
