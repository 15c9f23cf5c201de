"""Entries of reference lists that name no title -> works of the library: by DOI, by place in print, by a title inside the text.

A wrong work is far worse than none: each way asks for agreement beyond what it looks up by, and where two works fit there is none.
`tests/references/test_untitled.py` measures it on entries whose titles are known and hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

from galactica.references.citation_text import volumes_and_pages
from galactica.references.lookup import DOIS, PLACES, WINDOW, WORDS, Lookup, hash_of, normal_place, place_hash
from galactica.references.match import THRESHOLD, similarity
from galactica.references.record import clean_doi, normalise_title
from galactica.types import Reference, UntitledEntry

TOO_LITTLE = "entry without a title and with too little to find it by"
NOT_FOUND = "entry without a title, not in the library"
SEVERAL = "entry without a title that fits several works"

MAX_TEXT = 1_000
_MAX_CANDIDATES = 8
_OPENING_WORDS = 8
"""A printed entry begins with its first author: initials, particles, a family name of several words."""
_YEAR = re.compile(r"(?<![\d–-])((?:1[89]|20)\d\d)(?!\d)")


class UntitledIndex:
    """Works by DOI, by (year, volume, page) and by the words that their titles begin and end with."""

    def __init__(self, lookup: Lookup) -> None:
        self._library, self._tables = lookup.library, lookup.tables

    def find(self, entry: UntitledEntry) -> Reference | str:
        """The work that the entry names, or why none is taken for it."""
        text = " ".join(entry.text[:MAX_TEXT].split())
        words = normalise_title(text).split()
        doi = clean_doi(entry.doi) or clean_doi(text)
        found: dict[int, Reference] = {}
        if doi:
            found = self._works(DOIS, [hash_of(doi)])
            is_bare = not words and not entry.surname  # of nothing but a DOI there is nothing else to agree with
            found = {
                row: work for row, work in found.items() if work.doi == doi and (is_bare or _agrees(work, entry, words))
            }
        places = list(_places(entry, text))
        if not found and places:
            found = self._works(PLACES, [place_hash(*place) for place in places])
            found = {
                row: work
                for row, work in found.items()
                if (work.surname and _agrees(work, entry, words)) and _is_at(work, places)
            }
        if not found and len(words) >= WINDOW:
            found = self._by_title(entry, text, words)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            return SEVERAL
        return NOT_FOUND if doi or places or len(words) > WINDOW else TOO_LITTLE

    def _by_title(self, entry: UntitledEntry, text: str, words: list[str]) -> dict[int, Reference]:
        """The best of the works whose title stands in the text, those that explain it equally well all of them."""
        keys = [hash_of(" ".join(words[start : start + WINDOW])) for start in range(len(words) - WINDOW + 1)]
        scored = {
            row: (similarity(work, text), work)
            for row, work in self._works(WORDS, keys).items()
            if work.surname and _agrees(work, entry, words)
        }
        best = max((score for score, _ in scored.values()), default=0.0)
        if best < THRESHOLD:
            return {}
        return {row: work for row, (score, work) in scored.items() if score == best}

    def _works(self, name: str, keys: list[int]) -> dict[int, Reference]:
        hashes, rows = self._tables[name]
        wanted = np.array(sorted(set(keys)), dtype=np.uint64)
        first, last = np.searchsorted(hashes, wanted, "left"), np.searchsorted(hashes, wanted, "right")
        found: dict[int, Reference] = {}
        for start, end in zip(first.tolist(), last.tolist(), strict=True):
            for row in rows[start : min(end, start + _MAX_CANDIDATES)].tolist():
                found.setdefault(row, self._library[row])
        return found


def _agrees(work: Reference, entry: UntitledEntry, words: list[str]) -> bool:
    """Whether the entry opens with the work's first author and states no other year."""
    surname = _last_word(work.surname)
    opening = [_last_word(entry.surname)] if entry.surname else words[:_OPENING_WORDS]
    years = {entry.year} if entry.year else {int(year) for year in _YEAR.findall(entry.text[:MAX_TEXT])}
    year_fits = not years or work.year is None or any(abs(work.year - year) <= 1 for year in years)
    return surname in opening and year_fits


def _places(entry: UntitledEntry, text: str) -> Iterator[tuple[int, str, str]]:
    """Each (year, volume, page) that the entry may state."""
    years = [entry.year] if entry.year else sorted({int(year) for year in _YEAR.findall(text)})[:3]
    pairs = [(entry.volume, entry.page)] if entry.volume and entry.page else volumes_and_pages(text)
    # Journals that number no pages are given page 1 by some.
    yield from ((year, volume, page) for year in years for volume, page in pairs if volume != str(year) and page != "1")


def _is_at(work: Reference, places: Iterable[tuple[int, str, str]]) -> bool:
    own = normal_place(work.year or 0, work.volume or "", work.page or "")
    return any(normal_place(*place) == own for place in places)


def _last_word(surname: str) -> str:
    return normalise_title(surname).rpartition(" ")[2]
