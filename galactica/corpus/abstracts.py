"""Papers of which a source has the abstract alone: one form of document for MEDLINE, Semantic Scholar, PubAg, OSF and ChemRxiv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from galactica import markup
from galactica.corpus.papers import MAX_AUTHORS, is_english, is_left_out, is_notice
from galactica.types import Document, Reference

MIN_CHARACTERS = 100

_LEAD = re.compile(
    r"(?:abstract|summary)\b\s*+(?:[:.\-–—|]\s*+)?(?=[A-Z0-9])|(?:abstract|summary)(?=[A-Z][a-z])", re.IGNORECASE
)
_NOT_TEXT = re.compile(
    r"(?<!\s)\s*(?:\(ABSTRACT TRUNCATED AT \d+ WORDS\)|\[(?:abstract|truncated)[^\[\]]{0,60}\])", re.IGNORECASE
)
_RIGHTS = re.compile(
    r"\s*(?:Copyright\s*)?(?:©|\([cC]\)|Copyright)\s*(?:Copyright\s*)?(?:19|20)\d\d\b[^©]{0,200}$"
    r"|\s*(?:©|Copyright\b)[^.©]{0,150}(?:\.?\s*All rights reserved)?\.?$"
)
_TAIL = re.compile(r"\s*Language: en\.?$|\s*\(author(?:'s)? abstract\)$|\s*Key ?words:.{0,300}$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][)\]”\"]?(?:\s|$)")
_WORDS_PER_SENTENCE = 80
"""An abstract of longer sentences is the table of contents of a book."""
_CAPITALS = re.compile(r"[A-Z][A-Z ,/&'’()-]{2,70}")
_LABEL = re.compile(
    r"(?:(?<=^)|(?<=[.!?)] ))([A-Z][A-Z ,/&()-]{3,60}|(?:Backgrounds?|Introduction|Aims?|Objectives?|Purpose|Methods?|Design|"
    r"Setting|Patients|Results?|Findings|Discussion|Conclusions?|Significance)(?: (?:and|&) [A-Za-z]{4,12})?): ?(?=[^\s:])"
)
"""The headings of a structured abstract where the text runs them on: "... are few. RESULTS: We found"."""
_ONE_OF_MANY = re.compile(
    r"(?:BACKGROUND|AIMS?|OBJECTIVES?|PURPOSE|METHODS?|RESULTS?|FINDINGS|CONCLUSIONS?|MOTIVATION|AVAILABILITY|SUMMARY|UNLABELLED)\b",
    re.IGNORECASE,
)
_LABELS_LEFT_OUT = re.compile(
    r"availability.*|contacts?|.*trial registration.*|key ?words?|level of evidence.*|copyright.*", re.IGNORECASE
)
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
    paragraphs = tidy_abstract(paragraphs)
    abstract = "\n\n".join(paragraphs)
    if not abstract:
        return "no abstract"
    if len(abstract) < MIN_CHARACTERS:
        return f"abstract shorter than {MIN_CHARACTERS} characters"
    if not is_english(abstract):
        return "not English"
    if len(abstract.split()) > _WORDS_PER_SENTENCE * max(1, len(_SENTENCE_END.findall(abstract))):
        return "a list, not an abstract"
    head = markup.paper_head(reference.title, reference.authors[:MAX_AUTHORS]) + markup.heading("Abstract")
    known = {
        "title": reference.title,
        "doi": reference.doi,
        "year": reference.year,
        "journal": reference.venue,
        "language": "en",
    }
    return Document(f"{source}:{key}", head + abstract, source, licence or "not stated", {**known, **metadata})


def tidy_abstract(paragraphs: list[str]) -> list[str]:
    """The paragraphs without the word "Abstract", copyright lines and what else is no part of it; one for each heading."""
    found = [_NOT_TEXT.sub("", paragraph).strip() for paragraph in paragraphs]
    if found:
        found[0] = _LEAD.sub("", found[0], count=1) if _LEAD.match(found[0]) else found[0]
        tail = found[-1][-400:]
        found[-1] = found[-1][: -len(tail)] + _RIGHTS.sub("", _TAIL.sub("", tail)) if tail else ""
    structured: list[str] = []
    label = ""
    for paragraph in found:
        if _CAPITALS.fullmatch(paragraph) and _ONE_OF_MANY.match(paragraph):  # a heading on a line of its own
            label = paragraph
            continue
        structured += [labelled(label, paragraph)] if label else _structured(paragraph)
        label = ""
    return [paragraph for paragraph in structured if any(character.isalpha() for character in paragraph)]


def labelled(label: str, text: str) -> str:
    """A paragraph of a structured abstract, "Methods: We asked ..."; "" where what stands under this label is no science."""
    label = " ".join(label.split()).rstrip(":. ")
    if is_left_out(label) or _LABELS_LEFT_OUT.fullmatch(label):
        return ""
    if not label or label.upper() in _NO_LABELS:
        return text
    return f"{label.capitalize() if _CAPITALS.fullmatch(label) else label}: {text}"


def _structured(abstract: str) -> list[str]:
    """The parts of an abstract with headings, each with its own; another abstract as it is."""
    if not any(_ONE_OF_MANY.match(label) for label in _LABEL.findall(abstract)):
        return [abstract]
    before, *pieces = _LABEL.split(abstract)
    parts = zip(["", *pieces[::2]], [before, *pieces[1::2]], strict=True)
    return [labelled(label, text.strip()) for label, text in parts if text.strip()]
