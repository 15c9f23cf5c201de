"""Many mentions of works -> one record per work, junk refused.

Two mentions are one work when they share a DOI, or the normalised title and the first author's family name with years at most
one apart (a preprint and the published paper), or when one title is the other without its subtitle or with a slip of the
pen. Parts I and II, and titles that go on differently after the colon, stay apart.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from galactica.references.record import make_reference, normalise_title
from galactica.types import Reference

T = TypeVar("T")

_MAX_VARIANTS = 12
"""Spellings kept of one work; a later one only counts for a spelling that is there."""

MAX_COMPARED = 50
"""Titles of one author, year and beginning (or end) that are searched for slips of the pen, each with each."""

_PREPRINT_DOI = re.compile(r"10\.(?:48550|1101/(?:0|2020|2021|2022|2023)|26434|31234|31219|20944|21203)")
_SUBTITLE = re.compile(r"[:?.!–—] |: ?| - ")
MIN_MAIN_TITLE = 25
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_JUNK = re.compile(
    r"https?:|www\.|doi:|(?:available (?:at|from|online|on)|accessed|retrieved|online at|unpublished|in press$|submitted|"
    r"personal (?:communication|observation)|manuscript in|data not shown|pers\. ?comm|in preparation|last accessed|"
    r"downloaded from|see also|ibid|op\. ?cit|pp?\.? ?\d|vol(?:ume|\.)? ?\d|no\. ?\d|\d+ ?[-–] ?\d+$|pmid|pmc\d|isbn|issn|"
    r"et al\b|reviewers for volume)",
    re.IGNORECASE,
)
_JUNK_INSIDE = re.compile(
    r"https?://|www\.\w|\[cited |\baccessed (?:on|\d|[a-z]+ \d)|\bpersonal communication\b", re.IGNORECASE
)
_NOTICE = re.compile(
    r"(?:correction|corrigendum|erratum|corrigenda|errata|retraction|addendum)(?: note)?(?: to| for|:)", re.IGNORECASE
)
_NAMES_FIRST = re.compile(r"[&,;:@)\]}]|and [A-Z][a-z]+, [A-Z]\.|[^.,]{2,30}, (?:[A-Z]\. ?){1,3}(?:&|and|,) ")
_DAMAGED = re.compile(r"�|</?[a-z]{1,6}/?>|&(?:amp|lt|gt|nbsp|quot|#\d+);")
_LATEX = re.compile(r"\\\(.{0,2000}?\\\)")


def junk(reference: Reference) -> str | None:
    """Why a record does not name a work that one could look up; None where it does."""
    title = reference.title
    if _JUNK.match(title) or _JUNK_INSIDE.search(title):
        return "title is a note or an address"
    if _NOTICE.match(title):
        return "notice of a correction"
    if _NAMES_FIRST.match(title):
        return "title begins with authors"
    letters = sum(character.isalpha() for character in title)
    if letters * 2 < len(title):
        return "title is mostly not letters"
    if _DAMAGED.search(title) or set(_LATEX.sub("", title)) & set("\\{}"):
        return "title is damaged"
    if len(title) < 10 and not (reference.doi or (reference.authors and reference.year)):
        return "title too short without DOI, or authors and year"
    if not reference.authors and not reference.doi and not reference.year:
        return "title alone"
    return None


def key_hash(title: str, surname: str) -> int:
    """64 bits that name a work by normalised title and the last word of the family name ("van der Berg" is often "Berg")."""
    return _hash(f"{normalise_title(title)}|{last_word(surname)}")


def doi_hash(doi: str) -> int:
    """64 bits that name a DOI."""
    return _hash(doi)


def last_word(surname: str) -> str:
    """What of a family name all spell alike."""
    return normalise_title(surname).rpartition(" ")[2]


def main_title_keys(reference: Reference) -> set[int]:
    """The `key_hash` of the title without its subtitle, where there is one."""
    parts = _SUBTITLE.split(reference.title, maxsplit=1)
    is_cut = len(parts) == 2 and len(parts[0]) >= MIN_MAIN_TITLE and reference.surname
    return {key_hash(parts[0], reference.surname)} if is_cut else set()


def slip_keys(title: str, surname: str, year: int) -> list[int]:
    """Keys of which a work shares one with each that a slip of the pen made of it: the slip is in one half of the title, so the
    other end is the same. `title` is normalised, `surname` what `last_word` gives."""
    letters = _squashed(title)
    return [_hash(f"{letters[:12]} {year}|{surname}"), _hash(f"{year} {letters[-12:]}|{surname}")]


def are_alike(words: set[str], surname: str, other_words: set[str], other_surname: str) -> bool:
    """Whether two mentions with one DOI are one work: half of the shorter title's words, or a quarter and the same first author.
    Words are of normalised titles, surnames as `last_word` gives them."""
    shared = len(words & other_words) / max(1, min(len(words), len(other_words)))
    return shared >= (0.25 if surname and surname == other_surname else 0.5)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class _Work:
    """The distinct spellings of one work, each with the number of its mentions."""

    __slots__ = ("n_citations", "variants", "votes", "year")

    def __init__(self, reference: Reference, votes: int) -> None:
        self.year = reference.year
        self.n_citations = 0
        self.variants: list[Reference] = []
        self.votes: list[int] = []
        self.add(reference, votes)
        self.n_citations = reference.n_citations

    def add(self, reference: Reference, votes: int) -> None:
        said = _said(reference)
        for index, variant in enumerate(self.variants):
            if _said(variant) == said:
                self.votes[index] += votes
                if reference.page and not variant.page:
                    self.variants[index] = replace(variant, volume=reference.volume, page=reference.page)
                return
        if len(self.variants) < _MAX_VARIANTS:
            self.variants.append(reference)
            self.votes.append(votes)


def _said(reference: Reference) -> tuple[object, ...]:
    return reference.title, reference.authors, reference.year, reference.venue, reference.doi, reference.abstract


class Merger:
    """Takes mentions one by one; `works()` then gives one record each. Same mentions in the same order, same records."""

    def __init__(self) -> None:
        self._works: list[_Work | None] = []
        self._parent: list[int] = []
        self._by_doi: dict[int, int] = {}
        self._by_title: dict[int, tuple[int, ...]] = {}

    def add(self, reference: Reference, votes: int = 1) -> None:
        """Count `votes` mentions that say the same for the work they name, or for a new one."""
        title_key = key_hash(reference.title, reference.surname)
        same_title = self._near_year(title_key, reference.year)
        doi_key = doi_hash(reference.doi) if reference.doi else None
        same_doi = self._by_doi.get(doi_key) if doi_key is not None else None
        if same_doi is not None:
            same_doi = self._find(same_doi)
            if same_doi != same_title and not self._alike(reference, same_doi):
                # A chapter with its book's DOI, or a slip of the source: the DOI stays with the title that had it first.
                same_doi = doi_key = None
                reference = replace(reference, doi=None)
        target = same_doi if same_doi is not None else same_title
        if target is None:
            target = len(self._works)
            self._works.append(_Work(reference, votes))
            self._parent.append(target)
        else:
            work = self._work(target)
            work.add(reference, votes)
            work.n_citations += reference.n_citations
            if same_title is not None and same_title != target:
                target = self._unite(target, same_title)
        if doi_key is not None:
            self._by_doi.setdefault(doi_key, target)
        if same_title is None:
            self._by_title[title_key] = (*self._by_title.get(title_key, ()), target)

    def works(self) -> Iterator[tuple[Reference, frozenset[int]]]:
        """One record per work, with the `key_hash` of every spelling of it but the record's own."""
        self._absorb_bare_titles()
        self._absorb_slips()
        for index, work in enumerate(self._works):
            if work is not None:
                self._works[index] = None
                best = _best(work)
                keys = {key_hash(variant.title, variant.surname) for variant in work.variants}
                yield best, frozenset(keys - {key_hash(best.title, best.surname)})

    def _near_year(self, title_key: int, year: int | None) -> int | None:
        near: list[tuple[int, int]] = []
        for index in self._by_title.get(title_key, ()):
            root = self._find(index)
            other = self._work(root).year
            apart = 1 if year is None or other is None else abs(year - other)
            if apart <= 1:
                near.append((apart, root))
        return min(near)[1] if near else None

    def _alike(self, reference: Reference, root: int) -> bool:
        words, surname = set(normalise_title(reference.title).split()), last_word(reference.surname)
        return any(
            are_alike(words, surname, set(normalise_title(variant.title).split()), last_word(variant.surname))
            for variant in self._work(root).variants
        )

    def _absorb_bare_titles(self) -> None:
        """Unite "Main title" with "Main title: subtitle" where only one subtitle, author and year fit."""
        by_main: dict[int, set[int]] = {}
        for index, work in enumerate(self._works):
            for variant in work.variants if work is not None else ():
                for key in main_title_keys(variant):
                    by_main.setdefault(key, set()).add(index)
        for key, longer in by_main.items():
            for index in self._by_title.get(key, ()):
                bare = self._find(index)
                roots = {root for root in map(self._find, longer) if root != bare}
                if len(roots) == 1 and self._same_year_and_doi(bare, root := roots.pop()):
                    self._unite(root, bare)

    def _absorb_slips(self) -> None:
        """Unite works of one author and year whose titles differ by a slip of the pen."""
        blocks: dict[int, list[int]] = {}
        for index, work in enumerate(self._works):
            if work is not None and work.year and work.variants[0].surname:
                first = work.variants[0]
                for key in slip_keys(normalise_title(first.title), last_word(first.surname), work.year):
                    blocks.setdefault(key, []).append(index)
        for block in blocks.values():
            for place, index in enumerate(block[:MAX_COMPARED]):
                for other in block[:place]:
                    root, gone = self._find(other), self._find(index)
                    titles = [normalise_title(self._work(each).variants[0].title) for each in (root, gone)]
                    if root != gone and is_slip(*titles) and self._same_year_and_doi(root, gone):
                        self._unite(root, gone)

    def _same_year_and_doi(self, first: int, second: int) -> bool:
        one, other = self._work(first), self._work(second)
        dois = [{variant.doi for variant in work.variants if variant.doi} for work in (one, other)]
        conflict = bool(dois[0] and dois[1] and not dois[0] & dois[1])
        return one.year is not None and one.year == other.year and not conflict

    def _unite(self, root: int, other: int) -> int:
        kept, gone = self._work(root), self._work(other)
        for variant, votes in zip(gone.variants, gone.votes, strict=True):
            kept.add(variant, votes)
        kept.n_citations += gone.n_citations
        kept.year = kept.year or gone.year
        self._works[other] = None
        self._parent[other] = root
        return root

    def _find(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def _work(self, root: int) -> _Work:
        work = self._works[root]
        assert work is not None  # roots alone hold a work
        return work


def is_slip(one: str, other: str) -> bool:
    """Whether two normalised titles of some length differ in spaces and articles alone, or in one letter inside a word.

    Nothing less is safe: "in male rats" and "in female rats", IL-4 and IL-6, Part I and II are other works.
    """
    if min(len(one), len(other)) < MIN_MAIN_TITLE:
        return False
    if _squashed(one) == _squashed(other):
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    start = _n_shared(one, other)
    end = _n_shared(one[start:][::-1], other[start:][::-1])
    changed = [one[start : len(one) - end], other[start : len(other) - end]]
    at_word_start = start == 0 or one[start - 1] == " "
    words = [(text[:start].rpartition(" ")[2] + text[start:].partition(" ")[0]) for text in (one, other)]
    is_letter = all(len(text) <= 1 and (not text or text.isalpha()) for text in changed)
    return is_letter and not at_word_start and all(len(word) >= 5 and word.isalpha() for word in words)


@lru_cache(maxsize=1 << 12)  # a title is compared with up to MAX_COMPARED
def _squashed(title: str) -> str:
    return "".join(_ARTICLES.sub(" ", title).split())


def _n_shared(one: str, other: str) -> int:
    """Length of what both texts begin with."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _best(work: _Work) -> Reference:
    """The record to keep: each field as most mentions have it, among well-formed ones; the fullest list of authors."""
    if len(work.variants) == 1 and work.variants[0].n_citations == work.n_citations:
        return work.variants[0]
    weighted = list(zip(work.variants, work.votes, strict=True))
    titles = _tally((variant.title, votes) for variant, votes in weighted)
    title = max(titles, key=lambda text: (_is_well_cased(text), titles[text], len(text), text))
    surnames = _tally((normalise_title(variant.surname), votes) for variant, votes in weighted if variant.authors)
    surname = max(surnames, key=lambda text: (surnames[text], text)) if surnames else ""
    lists: list[tuple[str, ...]] = [
        variant.authors for variant in work.variants if normalise_title(variant.surname) == surname
    ]
    years = _tally((variant.year, votes) for variant, votes in weighted if variant.year)
    dois = _tally((variant.doi, votes) for variant, votes in weighted if variant.doi)
    venues = _tally((variant.venue, votes) for variant, votes in weighted if variant.venue)
    places = _tally(((variant.volume or "", variant.page), votes) for variant, votes in weighted if variant.page)
    volume, page = max(places, key=lambda place: (places[place], place)) if places else (None, None)
    authors = max(lists, key=_fullness) if lists else ()
    best = make_reference(
        title=title,
        authors=authors,
        # On a tie the later year and the publisher's DOI: the published version over its preprint.
        year=max(years, key=lambda year: (years[year], year)) if years else None,
        venue=max(venues, key=lambda text: ("arxiv" not in text.lower(), venues[text], len(text), text))
        if venues
        else None,
        doi=max(dois, key=lambda doi: (not _PREPRINT_DOI.match(doi), dois[doi], doi)) if dois else None,
        abstract=max((variant.abstract or "" for variant in work.variants), key=len) or None,
        n_citations=work.n_citations,
        volume=volume,
        page=page,
    )
    return best or work.variants[0]


def _tally(pairs: Iterable[tuple[T, int]]) -> Counter[T]:
    found: Counter[T] = Counter()
    for value, votes in pairs:
        found[value] += votes
    return found


def _fullness(authors: tuple[str, ...]) -> tuple[int, int]:
    """Sorts lists of authors: the longer first of all, then the one with given names in full."""
    return len(authors), sum(map(len, authors))


def _is_well_cased(title: str) -> bool:
    """Whether a title begins with a capital or a digit and is not written in capitals throughout."""
    letters = [character for character in title if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return not title[:1].islower() and capitals * 2 < len(letters)
