"""Entries of reference lists that name no title -> works of the library: by DOI, by place in print, by a title inside the text.

A wrong work is far worse than none: each way asks for agreement beyond what it looks up by, and where two works fit there is none.
`tests/references/test_untitled.py` measures it on entries whose titles are known and hidden.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from galactica.references.citation_text import volumes_and_pages
from galactica.references.match import THRESHOLD, similarity
from galactica.references.record import clean_doi, normalise_title
from galactica.references.store import Library
from galactica.types import Reference, UntitledEntry

TOO_LITTLE = "entry without a title and with too little to find it by"
NOT_FOUND = "entry without a title, not in the library"
SEVERAL = "entry without a title that fits several works"

MAX_TEXT = 1_000
_WINDOW = 4
"""Words of a title that it is looked up by: its first and its last. Shorter titles are met in other titles."""
_MIN_TITLE = 20
_MAX_CANDIDATES = 8
_OPENING_WORDS = 8
"""A printed entry begins with its first author: initials, particles, a family name of several words."""
_HASHES = np.dtype("<u8")
_YEAR = re.compile(r"(?<![\d–-])((?:1[89]|20)\d\d)(?!\d)")


class UntitledIndex:
    """Works by DOI, by (year, volume, page) and by the words that their titles begin and end with: sorted arrays."""

    def __init__(self, library: Library) -> None:
        self._library = library
        tables = {name: (array("Q"), array("I")) for name in ("doi", "place", "title")}

        def add(name: str, key: int, row: int) -> None:
            keys, rows = tables[name]
            keys.append(key)
            rows.append(row)

        for row, work in enumerate(library):
            if work.doi:
                add("doi", _hash(work.doi), row)
            if work.year and work.volume and work.page:
                add("place", _place(work.year, work.volume, work.page), row)
            for key in _title_keys(work.title):
                add("title", key, row)
        self._tables = {name: _sorted(keys, rows) for name, (keys, rows) in tables.items()}

    def find(self, entry: UntitledEntry) -> Reference | str:
        """The work that the entry names, or why none is taken for it."""
        text = " ".join(entry.text[:MAX_TEXT].split())
        words = normalise_title(text).split()
        doi = clean_doi(entry.doi) or clean_doi(text)
        found: dict[int, Reference] = {}
        if doi:
            found = self._works("doi", [_hash(doi)])
            is_bare = not words and not entry.surname  # of nothing but a DOI there is nothing else to agree with
            found = {
                row: work for row, work in found.items() if work.doi == doi and (is_bare or _agrees(work, entry, words))
            }
        places = list(_places(entry, text))
        if not found and places:
            found = self._works("place", [_place(*place) for place in places])
            found = {
                row: work
                for row, work in found.items()
                if (work.surname and _agrees(work, entry, words)) and _is_at(work, places)
            }
        if not found and len(words) >= _WINDOW:
            found = self._by_title(entry, text, words)
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            return SEVERAL
        return NOT_FOUND if doi or places or len(words) > _WINDOW else TOO_LITTLE

    def _by_title(self, entry: UntitledEntry, text: str, words: list[str]) -> dict[int, Reference]:
        """The best of the works whose title stands in the text, those that explain it equally well all of them."""
        keys = [_hash(" ".join(words[start : start + _WINDOW])) for start in range(len(words) - _WINDOW + 1)]
        scored = {
            row: (similarity(work, text), work)
            for row, work in self._works("title", keys).items()
            if work.surname and _agrees(work, entry, words)
        }
        best = max((score for score, _ in scored.values()), default=0.0)
        if best < THRESHOLD:
            return {}
        return {row: work for row, (score, work) in scored.items() if score == best}

    def _works(self, name: str, keys: list[int]) -> dict[int, Reference]:
        hashes, rows = self._tables[name]
        wanted = np.array(sorted(set(keys)), dtype=_HASHES)
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
    own = _normal_place(work.year or 0, work.volume or "", work.page or "")
    return any(_normal_place(*place) == own for place in places)


def _title_keys(title: str) -> set[int]:
    words = normalise_title(title).split()
    if len(words) < _WINDOW or len(title) < _MIN_TITLE:
        return set()
    return {_hash(" ".join(words[:_WINDOW])), _hash(" ".join(words[-_WINDOW:]))}


def _place(year: int, volume: str, page: str) -> int:
    return _hash(_normal_place(year, volume, page))


def _normal_place(year: int, volume: str, page: str) -> str:
    """ "2001|12|e345" for volume "012" and page "E0345"."""
    return f"{year}|{volume.strip().lower().lstrip('0')}|{re.sub(r'(?<![0-9])0+', '', page.strip().lower())}"


def _last_word(surname: str) -> str:
    return normalise_title(surname).rpartition(" ")[2]


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def _sorted(keys: array[int], rows: array[int]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    hashes, numbers = np.array(keys, dtype=_HASHES), np.array(rows, dtype=np.uint32)
    order = np.lexsort((numbers, hashes))
    return hashes[order], numbers[order]
