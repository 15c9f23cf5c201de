"""Which keys stand in several sources, out of a stream of any length in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

BYTES_PER_KEY = 96
"""A key with its first and last source, waiting, sorted and merged."""


class Shared(NamedTuple):
    """Keys that stand in several sources, ascending, and the first source of each."""

    keys: Array
    first: Array

    def find(self, keys: Array) -> tuple[Array, Array]:
        """Which of `keys` are among them (bool), and the first source of each that is."""
        if not len(self.keys):
            return np.zeros(len(keys), bool), self.first
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        is_shared = self.keys[at] == keys
        return is_shared, self.first[at[is_shared]]


def shared(stream: Callable[[], Iterable[tuple[Array, Array]]], budget_bytes: int) -> Iterator[Shared]:
    """The keys in several sources, by ascending ranges of keys. `stream()` gives keys (uint64) with their sources (uint16), the
    same each time: it is asked for once where the distinct keys fit the budget, else once for each range that does."""
    most = max(2, budget_bytes // BYTES_PER_KEY)
    table: _Table | None = _Table(0, most)
    while table is not None:
        for keys, sources in stream():
            table.add(keys, sources)
        yield table.shared()
        table = _Table(table.end, most) if table.end is not None else None


class _Table:
    """The distinct keys from `begin` up to `end`, which sinks as they grow too many."""

    def __init__(self, begin: int, most: int) -> None:
        self.end: int | None = None
        self._begin, self._most = begin, most
        self._keys: Array = np.empty(0, np.uint64)
        self._first: Array = np.empty(0, np.uint16)
        self._last: Array = np.empty(0, np.uint16)
        self._waiting: list[tuple[Array, Array]] = []
        self._n_waiting = 0

    def add(self, keys: Array, sources: Array) -> None:
        if self._begin or self.end is not None:
            is_in = keys >= np.uint64(self._begin)
            if self.end is not None:
                is_in &= keys < np.uint64(self.end)
            keys, sources = keys[is_in], sources[is_in]
        self._waiting.append((keys, sources))
        self._n_waiting += len(keys)
        if self._n_waiting > self._most // 2:
            self._merge()

    def shared(self) -> Shared:
        self._merge()
        is_shared = self._first != self._last
        return Shared(self._keys[is_shared], self._first[is_shared])

    def _merge(self) -> None:
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._waiting)])
        sources = [sources for _, sources in self._waiting]
        first, last = np.concatenate([self._first, *sources]), np.concatenate([self._last, *sources])
        self._waiting, self._n_waiting = [], 0
        order = np.argsort(keys)
        keys = keys[order]
        begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else order
        self._keys = keys[begins]
        self._first = np.minimum.reduceat(first[order], begins) if len(keys) else first
        self._last = np.maximum.reduceat(last[order], begins) if len(keys) else last
        if len(self._keys) > self._most:
            half = self._most // 2
            self.end = int(self._keys[half])
            self._keys, self._first, self._last = (a[:half].copy() for a in (self._keys, self._first, self._last))
