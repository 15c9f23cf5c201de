"""Records that share a key, brought together on disk in memory that does not grow with them.

Records go into parts by the first bits of their keys, which are hashes and so deal them out evenly; a part fits the
memory and is sorted there. Where one key has more records than fit, the part is taken piece by piece, and of the
pieces before it only those records are carried along that a later one can be compared with.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_RECORD = np.dtype([("high", "<u8"), ("low", "<u8"), ("row", "<i8")])
_BYTES_PER_RECORD = 128
"""A record, its sorted copy, the order and the runs while a piece is sorted."""
_FILL = 0.4
"""How much of what fits a part of mean size takes: a piece takes half, what is carried along the other half."""


class Runs(NamedTuple):
    """Rows in runs of one key, ascending in each: `starts` is where in `rows` the run of each begins. Those not `is_new` were given
    before and stand here to be compared with."""

    rows: Array
    starts: Array
    is_new: Array


class KeyRuns:
    """Takes records (key of 128 bits that are a hash, row) of ascending rows, then gives the runs of equal keys.

    A record is given with the first of its run and at least the `look_back` before it.
    """

    def __init__(self, folder: Path, n_records: int, look_back: int, budget_bytes: int) -> None:
        self._folder = folder
        self._look_back = look_back
        self._at_once = max(1, budget_bytes // _BYTES_PER_RECORD // 2)
        self._bits = max(0, -(-n_records // max(1, int(2 * _FILL * self._at_once))) - 1).bit_length()
        folder.mkdir()

    def add(self, high: Array, low: Array, rows: Array) -> None:
        """Append records: halves of their keys, uint64, and their rows, int64."""
        records = np.empty(len(rows), _RECORD)
        records["high"], records["low"], records["row"] = high, low, rows
        parts = high >> np.uint64(64 - self._bits) if self._bits else np.zeros(len(rows), np.uint64)
        order = np.argsort(parts, kind="stable")
        bounds = np.searchsorted(parts[order], np.arange(2**self._bits + 1, dtype=np.uint64))
        for part, (first, end) in enumerate(pairwise(bounds)):
            if first < end:
                with self._path(part).open(
                    "ab"
                ) as stream:  # opened anew: there may be more parts than a process may open
                    stream.write(records[order[first:end]].tobytes())

    def runs(self) -> Iterator[Runs]:
        """Every record once as a new one. What was added is gone afterwards."""
        for part in range(2**self._bits):
            if self._path(part).exists():
                yield from self._part(self._path(part))
                self._path(part).unlink()

    def _path(self, part: int) -> Path:
        return self._folder / f"{part}"

    def _part(self, path: Path) -> Iterator[Runs]:
        seen = np.empty(0, _RECORD)
        with path.open("rb") as stream:
            while len(new := np.fromfile(stream, _RECORD, self._at_once)):
                is_last = len(new) < self._at_once
                records = np.concatenate([seen, new])
                order = np.lexsort((records["low"], records["high"]))  # stable: rows ascend in each run
                is_new = order >= len(seen)
                del seen, new
                records = records[order]
                del order
                begins = np.ones(len(records), bool)
                begins[1:] = (records["high"][1:] != records["high"][:-1]) | (records["low"][1:] != records["low"][:-1])
                starts = np.maximum.accumulate(np.where(begins, np.arange(len(records)), 0))
                yield Runs(records["row"], starts, is_new)
                if is_last:
                    return
                seen = records[begins | self._among_last(begins)]

    def _among_last(self, begins: Array) -> Array:
        """Whether a record is one of the last `look_back` of its run."""
        firsts = np.append(np.flatnonzero(begins), len(begins))
        ends = np.repeat(firsts[1:], np.diff(firsts))
        among: Array = ends - np.arange(len(begins)) <= self._look_back
        return among
