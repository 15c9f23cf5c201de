"""Spans that stand in several sources: identical stretches of 100 bytes and more (Lee et al. 2022).

They are found by a suffix array, built in parts that fit.

Only whether two suffixes agree over their first 100 bytes matters, so suffixes are sorted to that depth and no
further, and those whose first eight bytes hash alike are sorted together: a part holds every suffix that could agree
with one of its own, whatever the size of the whole. Those that a table of hashes shows to stand in one source alone
are not sorted at all. The result is that of one suffix array with the lengths of its common prefixes; a test holds it
to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MIN_BYTES = 100
MERGE_BYTES = 4
SEPARATOR = 0xFF
"""Ends each document in the text of all: no byte of UTF-8."""

_KEY_OFFSETS = (*range(0, MIN_BYTES - 8, 8), MIN_BYTES - 8)
_HASHED_OFFSETS = (0, 32, 64, MIN_BYTES - 8)
_SLOTS_PER_SUFFIX = 4
_BLOCK = 1 << 22
_BYTES_PER_SUFFIX = 48
"""Position, key, order and source of a suffix while its part is sorted."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Array = np.ndarray[Any, np.dtype[Any]]


def n_parts(n_bytes: int, budget_bytes: int) -> int:
    """How many parts make each fit the budget: a power of two, with room for parts that are half again as large as the mean."""
    wanted = -(-n_bytes * _BYTES_PER_SUFFIX * 3 // (2 * budget_bytes))
    return 1 << max(0, wanted - 1).bit_length()


def repeated(text: Array, source_starts: Sequence[int], part: int, parts: int) -> Array:
    """Positions (sorted, int64) of this part's windows of `MIN_BYTES` that stand in several sources, in the first of these.

    `text` (uint8, memory-mapped) holds the sources one after the other, in the order of their ranks, every document ended by
    `SEPARATOR`; `source_starts` says where each source begins; `parts` is a power of two.
    """
    if len(text) < MIN_BYTES:
        return np.empty(0, np.int64)
    starts = np.asarray(source_starts, np.int64)
    positions = np.concatenate(list(_positions(text, part, parts)))
    positions = _whole_windows(text, _candidates(text, positions, starts))
    groups = np.zeros(len(positions), np.int64)
    for offset in _KEY_OFFSETS:
        keys = _keys(text, positions + offset)
        order = np.lexsort((keys, groups))
        positions, keys, groups = positions[order], keys[order], groups[order]
        positions, groups = _across_sources(positions, _groups(keys, groups), starts)
        if not len(positions):
            return positions
    return _in_first_source(positions, groups, starts)


def _positions(text: Array, part: int, parts: int) -> Iterator[Array]:
    """Positions whose first eight bytes hash to this part."""
    last = len(text) - MIN_BYTES + 1
    view = _words(text)
    shift = np.uint64(64 - (parts.bit_length() - 1))
    for start in range(0, last, _BLOCK):
        end = min(start + _BLOCK, last)
        if parts == 1:
            yield np.arange(start, end)
        else:
            yield np.flatnonzero((view[start:end] * _MULTIPLIER) >> shift == part) + start


def _candidates(text: Array, positions: Array, starts: Array) -> Array:
    """The positions whose window may stand in another source too: a table by hash says for each slot which source came there,
    or that several did. Most windows are alone in their slot, and never sorted."""
    hashed = np.zeros(len(positions), np.uint64)
    for offset in _HASHED_OFFSETS:
        hashed = (hashed ^ _keys(text, positions + offset)) * _MULTIPLIER
        hashed ^= hashed >> np.uint64(29)
    bits = max(10, int(len(positions) * _SLOTS_PER_SUFFIX).bit_length())
    slots = (hashed * _MULTIPLIER) >> np.uint64(64 - bits)
    table = np.zeros(1 << bits, np.uint16)
    several = np.uint16(len(starts) + 1)
    bounds = np.searchsorted(positions, [*starts[1:], len(text)])
    for source, (first, end) in enumerate(zip([0, *bounds[:-1]], bounds, strict=True), 1):
        mine = slots[first:end]
        there = table[mine]
        table[mine[there == 0]] = source
        table[mine[(there != 0) & (there != source)]] = several
    candidates: Array = positions[table[slots] == several]
    return candidates


def _whole_windows(text: Array, positions: Array) -> Array:
    """The positions whose window lies in one document."""
    ends = np.flatnonzero(text == SEPARATOR)
    if not len(ends) or not len(positions):
        return positions
    next_end = np.append(ends, len(text) + MIN_BYTES)[np.searchsorted(ends, positions)]
    return positions[next_end >= positions + MIN_BYTES]


def _words(text: Array) -> Array:
    """Eight bytes from every position on, as one number, without a copy."""
    return np.ndarray((len(text) - 7,), np.dtype("<u8"), buffer=text.data, strides=(1,))


def _keys(text: Array, positions: Array) -> Array:
    return _words(text)[positions]


def _groups(keys: Array, within: Array) -> Array:
    """The number of the run that each row belongs to; rows are sorted by (within, keys)."""
    if not len(keys):
        return np.empty(0, np.int64)
    is_new = np.ones(len(keys), bool)
    is_new[1:] = (keys[1:] != keys[:-1]) | (within[1:] != within[:-1])
    return np.cumsum(is_new)


def _across_sources(positions: Array, groups: Array, starts: Array) -> tuple[Array, Array]:
    """The rows of the groups that stand in more than one source."""
    if not len(positions):
        return positions, groups
    sources = np.searchsorted(starts, positions, side="right")
    first, counts = _runs(groups)
    spread = np.maximum.reduceat(sources, first) != np.minimum.reduceat(sources, first)
    keep = np.repeat(spread, counts)
    return positions[keep], groups[keep]


def _in_first_source(positions: Array, groups: Array, starts: Array) -> Array:
    if not len(positions):
        return positions
    sources = np.searchsorted(starts, positions, side="right")
    first, counts = _runs(groups)
    lowest = np.repeat(np.minimum.reduceat(sources, first), counts)
    return np.sort(positions[sources == lowest])


def _runs(groups: Array) -> tuple[Array, Array]:
    first = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
    return first, np.diff(np.append(first, len(groups)))


class Repeats:
    """The windows found in every part, memory-mapped, to be asked for document by document."""

    def __init__(self, parts: Iterable[Path]) -> None:
        self._parts = [found for path in parts if len(found := np.load(path, mmap_mode="r"))]

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The repeated spans of the document at bytes `start` to `end`, relative to its start: windows joined, and spans at most
        `MERGE_BYTES` apart merged."""
        found = [part[np.searchsorted(part, start) : np.searchsorted(part, end)] for part in self._parts]
        positions = np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)
        if not len(positions):
            return []
        breaks = np.flatnonzero(np.diff(positions) > MIN_BYTES + MERGE_BYTES)
        first = positions[np.concatenate(([0], breaks + 1))] - start
        last = positions[np.append(breaks, len(positions) - 1)] + MIN_BYTES - start
        return list(zip(first.tolist(), last.tolist(), strict=True))


def without_spans(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """The text without the paragraphs that lie wholly in one of the spans (in bytes of UTF-8), and the bytes removed."""
    if not spans:
        return text, 0
    kept: list[bytes] = []
    at = n_removed = 0
    for paragraph in text.encode("utf-8", "replace").split(b"\n\n"):
        end = at + len(paragraph)
        if any(first <= at and end <= last for first, last in spans if paragraph):
            n_removed += len(paragraph)
        else:
            kept.append(paragraph)
        at = end + 2
    return b"\n\n".join(kept).decode("utf-8"), n_removed
