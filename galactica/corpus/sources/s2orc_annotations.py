"""S2ORC since 2023: one text, and lists of character offsets (JSON in strings) that say what its parts are.

Source: the data set `s2orc` of Semantic Scholar's API (https://api.semanticscholar.org/api-docs/datasets), whose lists name most
annotations twice. `s2orc_v2` keeps body and bibliography apart, with underscores in the names.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from galactica.corpus.json_records import text_field
from galactica.corpus.printed import Part, PrintedPaper, Span
from galactica.corpus.sources import s2abstracts
from galactica.references.citation_text import parse_citation
from galactica.references.medline import family_given, year_in
from galactica.references.record import clean_doi, make_reference
from galactica.types import Reference, UntitledEntry

MAX_SPAN = 100_000
"""Characters of one annotation: a paragraph that is longer is a fault of the page's reader."""


class _Note(NamedTuple):
    """An annotation: characters `start` to `end`, and the identifier or number that it carries."""

    start: int
    end: int
    value: str


class _Annotated:
    """A text with its annotations, each kind in order and once."""

    def __init__(self, part: Any) -> None:
        part = part if isinstance(part, dict) else {}
        self.text = str(part.get("text") or "")
        listed = part.get("annotations")
        self._notes = {
            str(kind).replace("_", "").lower(): value
            for kind, value in (listed if isinstance(listed, dict) else {}).items()
        }
        self._read: dict[str, list[_Note]] = {}

    def notes(self, kind: str) -> list[_Note]:
        if kind not in self._read:
            found: list[_Note] = []
            for note in sorted(set(self._parse(self._notes.get(kind)))):
                if not found or note.start >= found[-1].end:  # what lies over another of its kind is a fault
                    found.append(note)
            self._read[kind] = found
        return self._read[kind]

    def _parse(self, value: Any) -> Iterator[_Note]:
        listed = json.loads(value) if isinstance(value, str) else value
        for item in listed if isinstance(listed, list) else []:
            start, end = int(item["start"]), int(item["end"])
            if 0 <= start < end <= len(self.text) and end - start <= MAX_SPAN:
                attributes = item.get("attributes")
                yield _Note(
                    start, end, text_field(attributes, "ref_id", "id", "n") if isinstance(attributes, dict) else ""
                )

    def within(self, kind: str, outer: _Note) -> list[_Note]:
        """The annotations of this kind that lie inside `outer`."""
        notes = self.notes(kind)
        first = bisect_left(notes, (outer.start, 0, ""))
        last = bisect_right(notes, (outer.end, 0, ""))
        return [note for note in notes[first:last] if note.end <= outer.end]

    def __getitem__(self, note: _Note) -> str:
        return " ".join(self.text[note.start : note.end].split())


def read_annotated(record: dict[str, Any]) -> PrintedPaper | str:
    """The paper of a record with annotations, or why there is none."""
    key = text_field(record, "corpusid", "corpusId")
    content = record.get("content")
    body = _Annotated(content if isinstance(content, dict) else record.get("body"))
    bibliography = _Annotated(record["bibliography"]) if isinstance(record.get("bibliography"), dict) else body
    if not key or not body.text:
        return "not a record of S2ORC"
    source = content.get("source") if isinstance(content, dict) else None
    access = (source.get("oainfo") if isinstance(source, dict) else None) or record.get("openaccessinfo")
    licence = text_field(access, "license") if isinstance(access, dict) else ""
    abstract = [_piece(body, note.start, note.end) for note in body.notes("abstract")[:1]]
    notes = {note.value: note for note in bibliography.notes("bibentry") if note.value}
    references = {identifier: _entry(bibliography, note) for identifier, note in notes.items()}
    return PrintedPaper(
        key,
        _work(record, body),
        references,
        abstract,
        _sections(body),
        _floats(body),
        licence,
        s2abstracts.metadata(record),
        {
            identifier: _untitled(bibliography, notes[identifier])
            for identifier, work in references.items()
            if work is None
        },
    )


def _sections(body: _Annotated) -> list[tuple[str, str, list[Part]]]:
    abstracts = body.notes("abstract")
    pieces = [
        *((note, "heading") for note in body.notes("sectionheader")),
        *((note, "paragraph") for note in body.notes("paragraph")),
        *((note, "formula") for note in body.notes("formula")),
    ]
    sections: list[tuple[str, str, list[Part]]] = [("", "", [])]
    end = abstracts[0].end if abstracts else 0
    for note, kind in sorted(pieces):
        if note.start < end:
            continue
        if kind == "heading":
            sections.append((note.value, body[note], []))
        elif kind == "formula":
            sections[-1][2].append(Part(body[note], kind="formula"))
        else:
            sections[-1][2].extend(_paragraph(body, note))
        end = note.end
    return sections


def _floats(body: _Annotated) -> dict[str, Part]:
    """Captions with what stands before them in the figure, which is its label."""
    floats: dict[str, Part] = {}
    for figure in body.notes("figure"):
        if found := body.within("figurecaption", figure):
            text = body[figure._replace(end=found[0].end)]
            floats[figure.value or str(figure.start)] = Part(
                text, kind="table" if figure.value.startswith("tab") else "figure"
            )
    return floats


def _paragraph(body: _Annotated, paragraph: _Note) -> Iterator[Part]:
    """The paragraph, cut at the formulas that are displayed inside it."""
    at = paragraph.start
    for formula in body.within("formula", paragraph):
        if formula.start < at:
            continue
        yield _piece(body, at, formula.start)
        yield Part(body[formula], kind="formula")
        at = formula.end
    yield _piece(body, at, paragraph.end)


def _piece(body: _Annotated, start: int, end: int) -> Part:
    outer = _Note(start, end, "")
    marks = [
        Span(note.start - start, note.end - start, True, note.value or None) for note in body.within("bibref", outer)
    ]
    mentions = [note.value for kind in ("figureref", "tableref") for note in body.within(kind, outer) if note.value]
    return Part(body.text[start:end], marks, mentions=mentions)


def _work(record: dict[str, Any], body: _Annotated) -> Reference | None:
    """The paper itself: from the record where it was joined with its metadata, else from its first page."""
    if (stated := s2abstracts.work(record)) is not None:
        return stated
    titles = body.notes("title")
    authors = list(_people(body, "author", body.notes("author")))
    ids = record.get("externalids")
    return make_reference(
        title=body[titles[0]] if titles else "",
        authors=authors,
        year=None,
        venue=next((body[note] for note in body.notes("venue")), None),
        doi=text_field(ids, "doi", "DOI") if isinstance(ids, dict) else None,
    )


def _people(text: _Annotated, kind: str, notes: list[_Note]) -> Iterator[str]:
    for note in notes:
        family = next((text[name] for name in text.within(f"{kind}lastname", note)), "")
        given = " ".join(text[name] for name in text.within(f"{kind}firstname", note))
        if family:
            yield family_given(family, given)


def _entry(text: _Annotated, entry: _Note) -> Reference | None:
    titles = text.within("bibtitle", entry)
    whole = text[entry]
    if not titles:
        return parse_citation(whole)
    return make_reference(
        title=text[titles[0]],
        authors=list(_people(text, "bibauthor", text.within("bibauthor", entry))),
        year=year_in(whole),
        venue=next((text[note] for note in text.within("bibvenue", entry)), None),
        doi=whole,
    )


def _untitled(text: _Annotated, entry: _Note) -> UntitledEntry:
    authors = list(_people(text, "bibauthor", text.within("bibauthor", entry)))
    whole = text[entry]
    return UntitledEntry(
        text=whole,
        surname=authors[0].partition(",")[0] if authors else "",
        doi=clean_doi(whole),
    )
