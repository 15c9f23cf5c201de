"""Titles that may be spellings of one work, found without holding them: what they share is looked up by keys on disk.

Of each title a few sketches are dealt by what it could share with another: a DOI, a main title, the beginning or the end of its
letters. Those that come together and pass the test of their rule are joined; titles joined, over any number of steps, are
a cluster, and a `Merger` then says what in it is one work. The tests are the merger's own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from galactica.references import runs
from galactica.references.mentions import Spelling
from galactica.references.merge import (
    MAX_COMPARED,
    MIN_MAIN_TITLE,
    are_alike,
    doi_hash,
    is_slip,
    last_word,
    main_title_keys,
    slip_keys,
)  # fmt: skip
from galactica.references.record import normalise_title

SKETCHES, JOINS, STRAYS = "sketches", "joins", "strays"
_SAME_DOI, _SAME_MAIN, _SLIP = range(3)
_MAX_SHARING = 200
"""Titles that one DOI, or one main title, may join; what more have in common names no work."""
_HEAD = struct.Struct(">BQQ")
"""Big-endian, so that sketches of one key sort by rule and by where the title stood first."""
_KEY = struct.Struct("<Q")
_KEYS = np.dtype("<u8")

Array = np.ndarray[Any, np.dtype[Any]]


class _Sketch(NamedTuple):
    """What a rule must know of the title `key`; its first author is `surname`, in one word. Title and surname are normalised."""

    rule: int
    place: int
    key: int
    title: str = ""
    surname: str = ""
    doi: str = ""

    def pack(self) -> bytes:
        text = "\t".join((self.title, self.surname, self.doi))
        return _HEAD.pack(self.rule, self.place, self.key) + text.encode("utf-8", "replace")

    @classmethod
    def unpack(cls, payload: bytes) -> _Sketch:
        title, surname, doi = payload[_HEAD.size :].decode().split("\t")
        rule, place, key = _HEAD.unpack_from(payload)
        return cls(rule, place, key, title, surname, doi)


def sketches(key: int, spellings: Sequence[Spelling]) -> Iterator[runs.Record]:
    """What the title `key` could share with another, by the keys of that."""
    found = [(one.place, one.reference()) for one in spellings]
    place, first = found[0]
    title, surname = normalise_title(first.title), last_word(first.surname)
    dois: dict[str, int] = {}
    mains: set[int] = set()
    years: set[int] = set()
    for at, reference in found:
        if reference.doi:
            dois.setdefault(reference.doi, at)
        if reference.year:
            years.add(reference.year)
        mains |= main_title_keys(reference)
    for doi, at in dois.items():
        yield doi_hash(doi), _Sketch(_SAME_DOI, at, key, title, surname, doi).pack()
    for main in mains - {key}:
        yield main, _Sketch(_SAME_MAIN, place, key).pack()
    if surname and len(title) >= MIN_MAIN_TITLE:
        for year in years:
            for shared in slip_keys(title, surname, year):
                yield shared, _Sketch(_SLIP, place, key, title).pack()


def find(records: Iterable[runs.Record], titles: Array, joined: runs.RunWriter, strays: runs.RunWriter) -> None:
    """Write the pairs of titles that sketches of one key join, in both directions, and the DOIs that stray titles have to lose: a
    chapter's with that of its book, or a slip of the source. `titles` are the keys, sorted, of all titles in the range of keys."""

    def join(one: int, other: int) -> None:
        joined.add(one, _KEY.pack(other))
        joined.add(other, _KEY.pack(one))

    for key, payloads in runs.groups(records):
        if len(payloads) == 1 and payloads[0][0] != _SAME_MAIN:
            continue
        for rule, group in groupby(map(_Sketch.unpack, payloads), key=attrgetter("rule")):
            found = list(group)
            if rule == _SAME_DOI:
                for stray, doi in _by_doi(found, join):
                    strays.add(stray, doi.encode())
            elif rule == _SLIP:
                for one, other in combinations(found[:MAX_COMPARED], 2):
                    if is_slip(one.title, other.title):
                        join(one.key, other.key)
            elif len(found) <= _MAX_SHARING and _holds(titles, key):
                for one in found:
                    join(key, one.key)


def _by_doi(found: list[_Sketch], join: Callable[[int, int], None]) -> Iterator[tuple[int, str]]:
    """Join the titles with one DOI to the one that had it first, where they are like one that is joined to it. Gives the others."""
    holders: list[tuple[set[str], str]] = []
    for one in found:
        words = set(one.title.split())
        if not holders:
            holders.append((words, one.surname))
        elif len(holders) < _MAX_SHARING and any(are_alike(words, one.surname, *holder) for holder in holders):
            holders.append((words, one.surname))
            join(found[0].key, one.key)
        else:
            yield one.key, one.doi


def _holds(keys: Array, key: int) -> bool:
    place = int(np.searchsorted(keys, np.uint64(key)))
    return place < len(keys) and int(keys[place]) == key


def write_clusters(pairs: Sequence[Path], folder: Path, parts: int) -> None:
    """Write the titles that are joined to another, sorted, and for each the key of its cluster: the lowest in it. `pairs` are runs
    that `find` wrote. What is held is a part of them; the rest is mapped from the files."""
    with (folder / "titles").open("wb") as stream:
        for part in range(parts):
            found = np.fromiter((key for key, _ in runs.read(pairs, runs.key_range(part, parts))), _KEYS)
            stream.write(np.unique(found).tobytes())
    titles = _mapped(folder / "titles")
    np.arange(len(titles), dtype="<i8").tofile(folder / "parents")
    parents = _mapped(folder / "parents", "<i8", "r+")

    def root_of(place: int) -> int:
        while (parent := int(parents[place])) != place:
            parents[place] = place = int(parents[parent])
        return place

    for part in range(parts):
        both = [(key, _KEY.unpack(other)[0]) for key, other in runs.read(pairs, runs.key_range(part, parts))]
        places = np.searchsorted(titles, np.array(both, _KEYS).reshape(-1, 2))
        for one, other in places[places[:, 0] < places[:, 1]].tolist():
            low, high = sorted((root_of(one), root_of(other)))
            parents[high] = low
    with (folder / "clusters").open("wb") as stream:
        for place in range(len(titles)):
            stream.write(_KEY.pack(int(titles[root_of(place)])))
    (folder / "parents").unlink()


def clusters(folder: Path, keys: tuple[int, int]) -> dict[int, int]:
    """Titles of a range of keys that are joined to another -> their clusters."""
    titles, found = _mapped(folder / "titles"), _mapped(folder / "clusters")
    low, high = (len(titles) if key >= 2**64 else int(np.searchsorted(titles, np.uint64(key))) for key in keys)
    return dict(zip(titles[low:high].tolist(), found[low:high].tolist(), strict=True))


def _mapped(path: Path, dtype: str = "<u8", mode: Any = "r") -> Array:
    return np.memmap(path, dtype, mode) if path.stat().st_size else np.empty(0, dtype)
