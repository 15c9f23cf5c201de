"""Records with a key of 64 bits that is a hash, sorted on disk and read again by ranges of keys, in memory that a budget bounds.

A run is a file: zstd frames of some 64 KB of records in the order of their keys, then the first key and the place of each
frame. As keys are hashes, equal ranges of them hold equal shares of the records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

Record = tuple[int, bytes]
"""A key and what is said under it."""

_FRAME_BYTES = 1 << 16
_RECORD_BYTES = 200
"""What Python adds to the bytes of a record in a list."""
_HEAD = struct.Struct("<QI")
_TAIL = struct.Struct("<Q")
_INDEX = np.dtype([("key", "<u8"), ("start", "<u8")])


class RunWriter:
    """Takes records in any order, and leaves runs `NAME-0.run`, `NAME-1.run` ... in a folder when it is closed. `n_records`
    is how many it has taken."""

    def __init__(self, folder: Path, name: str, budget_bytes: int) -> None:
        self._folder, self._name = folder, name
        self._budget_bytes = budget_bytes
        self._records: list[Record] = []
        self._bytes = self._n_runs = self.n_records = 0

    def add(self, key: int, payload: bytes) -> None:
        """Take one record."""
        self._records.append((key, payload))
        self.n_records += 1
        self._bytes += len(payload) + _RECORD_BYTES
        if self._bytes >= self._budget_bytes:
            self._write()

    def close(self) -> None:
        """Write what is left."""
        if self._records:
            self._write()

    def _write(self) -> None:
        self._records.sort()
        write(self._folder / f"{self._name}-{self._n_runs}.run", self._records)
        self._records.clear()
        self._bytes, self._n_runs = 0, self._n_runs + 1


def write(path: Path, records: Iterable[Record]) -> None:
    """A run of records that come in the order of their keys."""
    compressor = zstandard.ZstdCompressor(level=1)
    index: list[tuple[int, int]] = []
    with path.open("wb") as stream:
        frame = bytearray()
        for key, payload in records:
            if not frame:
                index.append((key, stream.tell()))
            frame += _HEAD.pack(key, len(payload))
            frame += payload
            if len(frame) >= _FRAME_BYTES:
                stream.write(compressor.compress(bytes(frame)))
                frame.clear()
        if frame:
            stream.write(compressor.compress(bytes(frame)))
        end = stream.tell()
        stream.write(np.array(index, _INDEX).tobytes())
        stream.write(_TAIL.pack(end))


def key_range(part: int, parts: int) -> tuple[int, int]:
    """The keys of one of several equal parts: from the first number on, below the second."""
    return part * 2**64 // parts, (part + 1) * 2**64 // parts


def read(paths: Sequence[Path], keys: tuple[int, int]) -> Iterator[Record]:
    """The records of several runs in a range of keys, sorted. Those of one run are streamed, those of several held."""
    if len(paths) == 1:
        return _stream(paths[0], *keys)
    return iter(sorted(record for path in paths for record in _stream(path, *keys)))


def groups(records: Iterable[Record]) -> Iterator[tuple[int, list[bytes]]]:
    """Sorted records by key, the payloads of each in their order."""
    for key, group in groupby(records, key=itemgetter(0)):
        yield key, [payload for _, payload in group]


def _stream(path: Path, low: int, high: int) -> Iterator[Record]:
    with path.open("rb") as stream:
        size = stream.seek(-_TAIL.size, 2)
        (end,) = _TAIL.unpack(stream.read())
        stream.seek(end)
        index: np.ndarray[Any, np.dtype[Any]] = np.frombuffer(stream.read(size - end), _INDEX)
        if not len(index):
            return
        first = max(0, int(np.searchsorted(index["key"], np.uint64(low), "left")) - 1)
        ends = [*index["start"][first + 1 :].tolist(), end]
        for (key, start), stop in zip(index[first:].tolist(), ends, strict=True):
            if key >= high:
                return
            stream.seek(start)
            yield from _in_range(zstandard.ZstdDecompressor().decompress(stream.read(stop - start)), low, high)


def _in_range(frame: bytes, low: int, high: int) -> Iterator[Record]:
    place = 0
    while place < len(frame):
        key, size = _HEAD.unpack_from(frame, place)
        place += _HEAD.size
        if low <= key < high:
            yield key, frame[place : place + size]
        place += size
