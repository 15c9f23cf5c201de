"""Raw citation strings -> records: exactly by "Title, Surname", or the likeliest work for any formatted reference."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import numpy as np

from galactica.references.lookup import KEYS, Lookup
from galactica.references.merge import key_hash
from galactica.references.record import clean_doi, normalise_title
from galactica.references.store import Library
from galactica.types import Reference

THRESHOLD = 0.9
"""Of 600 formatted references of the corpus 99 % score above 0.96; of 565 with half of the title's words exchanged 99 %
score below this (tests/references/test_match.py repeats the measurement)."""

_CANDIDATES = 8
_MAX_RAW = 1_000
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_SHORT_WORD = 3
_NUMBER = re.compile(r"\d|^[ivx]+$")


class KeyIndex:
    """Exact look-up of works by "Title, Surname", also by the other spellings that were merged into a record and by a title alone
    that works of one author have. Of two works with one key the more cited stands for it."""

    def __init__(self, lookup: Lookup) -> None:
        self._library = lookup.library
        self._hashes, self._rows = lookup.tables[KEYS]

    def __len__(self) -> int:
        return len(self._hashes)

    def find(self, title_and_surname: str) -> Reference | None:
        """The work that "Title, Surname" names up to case, accents, punctuation and LaTeX; None where there is none."""
        row = self.row(title_and_surname)
        return None if row is None else self._library[row]

    def row(self, title_and_surname: str) -> int | None:
        """Row of the work that `find` would return."""
        title, comma, surname = title_and_surname.rpartition(",")
        pairs = [(title, surname), (title_and_surname, "")] if comma else [(title_and_surname, "")]
        for key in (key_hash(*pair) for pair in pairs):
            place = int(np.searchsorted(self._hashes, np.uint64(key)))
            if place < len(self._hashes) and int(self._hashes[place]) == key:
                return int(self._rows[place])
        return None


def match(library: Library, raw: str, threshold: float = THRESHOLD) -> tuple[Reference, float] | None:
    """The work that a raw reference ("Title, Surname", or authors, title, journal and year in any style) names, with a score
    of 0 to 1; None where no work reaches `threshold`."""
    raw = " ".join(raw.split())[:_MAX_RAW]
    years = set(_YEAR.findall(raw))
    scored = [(reference, similarity(reference, raw)) for reference, _ in library.search(raw, limit=_CANDIDATES)]
    if not scored:
        return None
    # Editions of a book differ in the year alone; of spellings of one work the more cited is the better record.
    best = max(scored, key=lambda pair: (pair[1], str(pair[0].year) in years, pair[0].n_citations))
    return best if best[1] >= threshold else None


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
    score = held * (1.0 if has_surname else 0.7) * (1.0 if year_fits else 0.85)
    return score * (0.5 + 0.5 * _explained(reference, words)) * _wording(title.split(), words)


def _explained(reference: Reference, words: list[str]) -> float:
    """How much of the text the record accounts for, 0 to 1: its words of four letters and more that stand in a field of the
    record. Half of them is enough, since records often lack pages, places and all but the first authors."""
    fields = " ".join((reference.title, " ".join(reference.authors), reference.venue or ""))
    known = set(normalise_title(fields).split())
    counted = [word for word in words if len(word) > _SHORT_WORD and not word.isdigit()]
    if not counted:
        return 1.0
    share = sum(word in known for word in counted) / len(counted)
    return min(1.0, share * 2)


def _wording(title: list[str], words: list[str]) -> float:
    """1 where the text words the title as the record does; less for each other word among the title's ("is *not* all you
    need"), and where a number of the title ("Part II", "MEGA7") is not in the text."""
    present = set(words)
    factor = 1.0 if all(word in present for word in title if _NUMBER.search(word)) else 0.8
    blocks = SequenceMatcher(None, title, words, autojunk=False).get_matching_blocks()
    longest = max(blocks, key=lambda block: block.size)
    start = max(0, longest.b - longest.a - 1)
    near = [block for block in blocks if block.size and start <= block.b <= start + len(title) + 2]
    if not near:
        return factor
    window = words[near[0].b : near[-1].b + near[-1].size]
    joined = "".join(title)
    intruders = sum(word not in joined and not _is_slip(word, title) for word in window)
    return factor * max(0.6, 1 - 0.08 * intruders)


def _is_slip(word: str, title: list[str]) -> bool:
    """Whether a word is one of the title's with a letter or two amiss."""
    alike = (other for other in title if other[0] == word[0] and abs(len(other) - len(word)) <= 2)
    return any(SequenceMatcher(None, word, other).ratio() >= 0.8 for other in alike)


def _trigrams(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[index : index + 3] for index in range(len(padded) - 2)}


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / len(part) if part else 0.0
