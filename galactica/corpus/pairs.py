"""Pairs of numbers put in order on disk, in memory that does not grow with them: dealt by their first numbers to files of ever
shorter ranges until each fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_WAYS = 64
_FEWEST = 400
"""Pairs that are held whatever the budget."""

Array = np.ndarray[Any, np.dtype[Any]]


class Pairs:
    """Takes pairs whose first numbers are below `n_rows`, and gives them in order. `folder` is scratch."""

    def __init__(self, folder: Path, n_rows: int, budget_bytes: int) -> None:
        self._folder, self._n_rows = folder, n_rows
        self._at_once = max(_FEWEST, budget_bytes // 256)  # a pair as two of Python's numbers in a list
        self._waiting: list[Array] = []
        folder.mkdir()

    def add(self, pairs: Array) -> None:
        """Append pairs, (n, 2) int64."""
        self._waiting.append(pairs)
        if sum(map(len, self._waiting)) >= self._at_once:
            self._write()

    def in_order(self) -> Iterator[Array]:
        """Every pair once, in blocks, in ascending order."""
        self._write()
        for pairs in self._in_order(self._folder, 0, self._n_rows):
            yield _distinct(pairs)

    def _write(self) -> None:
        if self._waiting:
            _deal(np.concatenate(self._waiting), self._folder, 0, self._n_rows)
            self._waiting.clear()

    def _in_order(self, folder: Path, first: int, n_rows: int) -> Iterator[Array]:
        width = -(-n_rows // _WAYS)
        for way in range(_WAYS):
            if not (path := folder / f"{way}").exists():
                continue
            if width == 1 or path.stat().st_size <= 16 * self._at_once:
                yield np.fromfile(path, np.int64).reshape(-1, 2)
                continue
            parts = folder / f"{way}.parts"
            parts.mkdir()
            with path.open("rb") as stream:
                while len(pairs := np.fromfile(stream, np.int64, 2 * self._at_once)):
                    _deal(pairs.reshape(-1, 2), parts, first + way * width, width)
            path.unlink()
            yield from self._in_order(parts, first + way * width, width)


def _deal(pairs: Array, folder: Path, first: int, n_rows: int) -> None:
    """Append pairs to the files of the `_WAYS` ranges of rows that `n_rows` from `first` on are cut into."""
    pairs = _distinct(pairs)
    width = -(-n_rows // _WAYS)
    bounds = np.searchsorted(pairs[:, 0], first + width * np.arange(_WAYS + 1))
    for way in np.flatnonzero(np.diff(bounds)):
        with (folder / f"{way}").open("ab") as stream:
            stream.write(pairs[bounds[way] : bounds[way + 1]].tobytes())


def _distinct(pairs: Array) -> Array:
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    is_new = np.ones(len(pairs), bool)
    is_new[1:] = (pairs[1:] != pairs[:-1]).any(1)
    return pairs[is_new]
