"""Seeds: one place in every window of 100 bytes, which the bytes of the window alone determine, so that equal windows have
equal seeds (winnowing, Schleimer et al. 2003).

The seed is where the hash of 32 bytes is lowest, the first of equals. Neighbouring windows mostly share theirs: text has one
in some 35 bytes, and instead of all windows their seeds are sorted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

MIN_BYTES = 100
SEPARATOR = 0xFF
"""Ends each document in the text of all: no byte of UTF-8."""
SEED_BYTES = 32
BLOCK_BYTES = 1 << 16

RECORD = np.dtype([("key", "<u8"), ("place", "<u8")])
"""A seed: the hash of its 32 bytes, and where it is, beside the windows that it is the seed of (see `windows`)."""

_N_OFFSETS = MIN_BYTES - SEED_BYTES + 1
_OFFSET_BITS = 7
_PLACE_BITS = 17
"""A block's places fit into them."""
ROWS = 256
"""Seeds whose windows are read at a time."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_AROUND = 2 * MIN_BYTES - SEED_BYTES
"""The bytes of all windows that may have one seed."""

Array = np.ndarray[Any, np.dtype[Any]]


def seeds(text: Array, start: int) -> Array:
    """The `RECORD`s of the windows that lie in `text`, (n,) uint8, and in one document; `start` is where it lies in the whole.
    At most `BLOCK_BYTES` windows."""
    if len(text) < MIN_BYTES:
        return np.empty(0, RECORD)
    hashes = _mixed(_words(text))
    for width in (8, 16):
        hashes = _joined(hashes, width)
    mask = np.uint64((1 << _PLACE_BITS) - 1)
    ranked = (hashes & ~mask) | np.arange(len(hashes), dtype=np.uint64)
    at = (_lowest(ranked) & mask).astype(np.int64)
    ended = np.concatenate([[0], np.cumsum(text == SEPARATOR, dtype=np.int32)])
    is_whole = ended[MIN_BYTES:] == ended[:-MIN_BYTES]
    goes_on = is_whole[1:] & is_whole[:-1] & (at[1:] == at[:-1])
    first = np.flatnonzero(is_whole & ~np.concatenate([[False], goes_on]))
    last = np.flatnonzero(is_whole & ~np.concatenate([goes_on, [False]]))
    found = np.empty(len(first), RECORD)
    found["key"] = _mixed(hashes[at[first]])  # spread evenly again: those chosen are low
    place = (start + at[first]) << _OFFSET_BITS | (at[first] - first)
    found["place"] = place << _OFFSET_BITS | (last - first)
    return found


def positions(records: Array) -> Array:
    """Where the seeds are, int64."""
    found: Array = (records["place"] >> np.uint64(2 * _OFFSET_BITS)).astype(np.int64)
    return found


class Windows:
    """The windows of seeds, read from the file of the text where they are asked for."""

    def __init__(self, text: Path) -> None:
        self._stream = text.open("rb", buffering=0)

    def __enter__(self) -> Windows:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def of(self, records: Array) -> tuple[Array, Array]:
        """Keys (uint64: hashes of all 100 bytes) and first bytes (int64) of the windows of at most `ROWS` seeds."""
        at = positions(records)
        begins = at - (_N_OFFSETS - 1)
        around = np.zeros((len(records), _AROUND), np.uint8)
        for row, begin in zip(around, begins.tolist(), strict=True):
            self._stream.seek(max(0, begin))
            self._stream.readinto(row[max(0, -begin) :].data)
        hashes = _mixed(np.ndarray((len(records), _AROUND - 7), np.dtype("<u8"), around.data, strides=(_AROUND, 1)))
        for width in (8, 16, 32, MIN_BYTES - 64):
            hashes = _joined(hashes, width)
        mask = np.uint64((1 << _OFFSET_BITS) - 1)
        first = _N_OFFSETS - 1 - (records["place"] >> np.uint64(_OFFSET_BITS) & mask).astype(np.int64)
        last = first + (records["place"] & mask).astype(np.int64)
        offsets = np.arange(_N_OFFSETS)
        is_its = (offsets >= first[:, None]) & (offsets <= last[:, None])
        return hashes[is_its], (begins[:, None] + offsets)[is_its]


def _words(text: Array) -> Array:
    """Eight bytes from every position on, as one number, without a copy."""
    return np.ndarray((len(text) - 7,), np.dtype("<u8"), buffer=text.data, strides=(1,))


def _mixed(numbers: Array) -> Array:
    numbers = numbers * _MULTIPLIER
    numbers ^= numbers >> np.uint64(32)
    numbers *= _MULTIPLIER
    numbers ^= numbers >> np.uint64(29)
    return numbers


def _joined(hashes: Array, width: int) -> Array:
    """Hashes of what each and the one `width` further on (along the last axis) are hashes of, together."""
    return _mixed(hashes[..., :-width] * np.uint64(3) + hashes[..., width:])


def _lowest(numbers: Array) -> Array:
    """The lowest of each `_N_OFFSETS` that follow each other."""
    width = 1
    while 2 * width <= _N_OFFSETS:
        numbers = np.minimum(numbers[:-width], numbers[width:])
        width *= 2
    rest = _N_OFFSETS - width
    return np.minimum(numbers[:-rest], numbers[rest:]) if rest else numbers
