"""Raw citation strings -> records: exactly by "Title, Surname", or the likeliest work for any formatted reference."""

from __future__ import annotations

import re

import numpy as np

from galactica.references.merge import key_hash
from galactica.references.record import clean_doi, normalise_title
from galactica.references.store import Library
from galactica.types import Reference

THRESHOLD = 0.75
"""Scores below this are more often another work than the one meant: measured on the formatted references of the corpus,
see tests/references/test_match.py."""

_CANDIDATES = 8
_MAX_RAW = 1_000
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_TRIGRAM_TITLE = 3


class KeyIndex:
    """Exact look-up of works by "Title, Surname", also by the other spellings that were merged into a record: two sorted
    arrays, 12 bytes a key. Of two works with one key the more cited stands for it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        keys = np.fromiter(
            (key_hash(work.title, work.surname) for work in library), dtype=np.uint64, count=len(library)
        )
        rows = np.arange(len(library), dtype=np.uint32)
        n_citations = np.asarray(library.n_citations)
        aliases = library.aliases
        keys = np.concatenate([keys, aliases["key"]])
        is_alias = np.concatenate([np.zeros(len(rows), dtype=bool), np.ones(len(aliases), dtype=bool)])
        rows = np.concatenate([rows, aliases["row"]])
        # A record's own key before an alias, the more cited before the less; the first of equal keys is kept.
        order = np.lexsort((rows, -n_citations[rows].astype(np.int64), is_alias, keys))
        self._keys, first = np.unique(keys[order], return_index=True)
        self._rows = rows[order][first]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, title_and_surname: str) -> Reference | None:
        """The work that "Title, Surname" names up to case, accents, punctuation and LaTeX; None where there is none."""
        row = self.row(title_and_surname)
        return None if row is None else self._library[row]

    def row(self, title_and_surname: str) -> int | None:
        """Row of the work that `find` would return."""
        title, comma, surname = title_and_surname.rpartition(",")
        pairs = [(title, surname), (title_and_surname, "")] if comma else [(title_and_surname, "")]
        for key in (key_hash(*pair) for pair in pairs):
            place = int(np.searchsorted(self._keys, np.uint64(key)))
            if place < len(self._keys) and int(self._keys[place]) == key:
                return int(self._rows[place])
        return None


def match(library: Library, raw: str, threshold: float = THRESHOLD) -> tuple[Reference, float] | None:
    """The work that a raw reference ("Title, Surname", or authors, title, journal and year in any style) names, with a score
    of 0 to 1; None where no work reaches `threshold`."""
    raw = " ".join(raw.split())[:_MAX_RAW]
    best: tuple[Reference, float] | None = None
    for reference, _ in library.search(raw, limit=_CANDIDATES):
        score = similarity(reference, raw)
        if best is None or score > best[1]:
            best = reference, score
    return best if best is not None and best[1] >= threshold else None


def similarity(reference: Reference, raw: str) -> float:
    """How well a record explains a raw reference, 0 to 1.

    The share of the title that the text holds (by letter trigrams, so a slip of the pen costs little), lowered where the
    first author or the year do not fit and where the text has words that are in no field of the record.
    """
    text = normalise_title(raw)
    title = normalise_title(reference.title)
    doi = clean_doi(raw)
    if reference.doi and doi:
        # A DOI that the text states settles it, unless the title says something quite different.
        held = _share(_trigrams(title), _trigrams(text))
        return (0.5 + 0.5 * held) if doi == reference.doi else 0.5 * held
    held = _share(_trigrams(title), _trigrams(text))
    words = text.split()
    surname = normalise_title(reference.surname).rpartition(" ")[2]
    has_surname = not surname or surname in words
    years = {int(year) for year in _YEAR.findall(raw)} - {int(year) for year in _YEAR.findall(reference.title)}
    year_fits = not years or reference.year is None or any(abs(reference.year - year) <= 1 for year in years)
    return (
        held * (1.0 if has_surname else 0.7) * (1.0 if year_fits else 0.85) * (0.5 + 0.5 * _explained(reference, words))
    )


def _explained(reference: Reference, words: list[str]) -> float:
    """Share of the text's words that stand in a field of the record; numbers, initials and the journal's words do not count,
    and neither does what a full reference has beside the title as long as the title is the larger part."""
    fields = " ".join((reference.title, " ".join(reference.authors), reference.venue or ""))
    known = set(normalise_title(fields).split())
    counted = [word for word in words if len(word) > _TRIGRAM_TITLE and not word.isdigit()]
    if not counted:
        return 1.0
    share = sum(word in known for word in counted) / len(counted)
    return min(1.0, share * 2)


def _trigrams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[index : index + 3] for index in range(len(padded) - 2)}


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0
