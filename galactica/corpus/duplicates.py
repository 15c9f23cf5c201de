"""Documents that say the same: equal texts by digest, near-duplicates by MinHash. The first one stays.

Broder 1997; 5-word shingles, 64 hash functions in 16 bands of 4, so that a pair of Jaccard similarity 0.8 is compared
with probability 0.9998 and one of 0.3 with probability 0.12.

What is compared lies on disk: rows of digest and signature, records of bands, pairs found alike. Memory follows a budget.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from galactica.corpus.key_runs import KeyRuns, Runs
from galactica.corpus.pairs import Pairs

SHINGLE_WORDS = 5
N_HASHES = 64
N_BANDS = 16
KEPT, SAME_TEXT, NEARLY_SAME = range(3)
REASONS = {SAME_TEXT: "the same text came before", NEARLY_SAME: "nearly the same text came before"}

_LOOK_BACK = 24
"""How many of those before it that agree with it in a band a document is compared with, beside the first of all."""
_BYTES_PER_PAIR = 1 << 11
"""Two signatures, their copies and their comparison."""
_BYTES_PER_ROW = 1 << 12
"""A row and the records of its bands, unsorted and sorted."""
_MOST_AT_ONCE = 1 << 16

_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20221115)
_MULTIPLIERS = _RANDOM.integers(1, 2**63, N_HASHES, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, N_HASHES, dtype=np.uint64)

Array = np.ndarray[Any, np.dtype[Any]]
Signature = np.ndarray[tuple[int], np.dtype[np.uint32]]

ROW = np.dtype([("digest", "<u8", 2), ("signature", "<u4", N_HASHES), ("has_signature", "?")], align=True)
"""What is kept of a document to compare it with others."""
_SIGNATURE_AT = 16


def signature(text: str) -> Signature | None:
    """The MinHash of a text's word shingles, (N_HASHES,) uint32; None where the text has too few words to compare."""
    words = _WORD.findall(text.lower())
    if len(words) < 2 * SHINGLE_WORDS:
        return None
    hashes = {
        zlib.crc32(" ".join(words[i : i + SHINGLE_WORDS]).encode()) for i in range(len(words) - SHINGLE_WORDS + 1)
    }
    shingles = np.fromiter(hashes, np.uint64, len(hashes))
    lowest = np.full(N_HASHES, 2**32 - 1, np.uint32)
    for start in range(0, len(shingles), 4096):
        mixed = shingles[start : start + 4096, None] * _MULTIPLIERS + _OFFSETS  # multiply-shift hashing, modulo 2**64
        lowest = np.minimum(lowest, (mixed >> np.uint64(32)).astype(np.uint32).min(0))
    return lowest


def row(text: str, is_signed: bool) -> bytes:
    """The `ROW` of a text; with `is_signed` off it is compared as a whole only."""
    made = np.zeros((), ROW)
    made["digest"] = np.frombuffer(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest(), "<u8")
    if is_signed and (found := signature(text)) is not None:
        made["signature"], made["has_signature"] = found, True
    return made.tobytes()


def n_rows(path: Path) -> int:
    """How many documents a file of `ROW`s stands for."""
    return path.stat().st_size // ROW.itemsize


def keep_first(paths: Sequence[Path], threshold: float, folder: Path, budget_bytes: int) -> Array:
    """What becomes of each of N documents, (N,) uint8: `KEPT`, `SAME_TEXT` or `NEARLY_SAME`. Of documents alike the first stays.

    `paths` are files of `ROW`s, one after the other. `folder` is scratch, some 700 bytes a document; the verdicts are mapped
    from a file in it. They do not depend on the budget.
    """
    sizes = [n_rows(path) for path in paths]
    if not sum(sizes):
        return np.empty(0, np.uint8)
    verdicts: Array = np.memmap(folder / "verdicts", np.uint8, "w+", shape=(sum(sizes),))
    digests = KeyRuns(folder / "digests", len(verdicts), 0, budget_bytes)
    n_signed = 0
    for start, rows in _blocks(paths, budget_bytes):
        digests.add(rows["digest"][:, 0], rows["digest"][:, 1], np.arange(start, start + len(rows)))
        n_signed += int(rows["has_signature"].sum())
    for runs in digests.runs():
        verdicts[runs.rows[_is_later(runs)]] = SAME_TEXT
    bands = KeyRuns(folder / "bands", n_signed * N_BANDS, _LOOK_BACK, budget_bytes // 2)
    for start, rows in _blocks(paths, budget_bytes):
        signed = np.flatnonzero(rows["has_signature"] & (verdicts[start : start + len(rows)] == KEPT))
        bands.add(*_band_keys(rows["signature"][signed]), np.repeat(signed + start, N_BANDS))
    signatures = _Signatures(paths, np.cumsum([0, *sizes]))
    alike = Pairs(folder / "alike", len(verdicts), budget_bytes // 4)
    for runs in bands.runs():
        for one, two in _candidates(runs, budget_bytes // 8):
            alike.add(np.stack([one, two], 1)[signatures.similarity(one, two) >= threshold])
    for pairs in alike.in_order():
        for later, earlier in pairs.tolist():  # the verdict on the earlier one stands already
            if verdicts[earlier] == KEPT:
                verdicts[later] = NEARLY_SAME
    return verdicts


def _blocks(paths: Sequence[Path], budget_bytes: int) -> Iterator[tuple[int, Array]]:
    """The rows of all files in blocks, each with the number of its first row."""
    at_once = min(_MOST_AT_ONCE, budget_bytes // _BYTES_PER_ROW + 1)
    start = 0
    for path in paths:
        with path.open("rb") as stream:
            while len(rows := np.fromfile(stream, ROW, at_once)):
                yield start, rows
                start += len(rows)


def _band_keys(signatures: Array) -> tuple[Array, Array]:
    """Halves of a key of 128 bits for each band of each signature: equal where band and hashes are, and spread evenly."""
    halves = np.ascontiguousarray(signatures).view(np.uint64).reshape(-1, N_BANDS, 2)
    low = halves[:, :, 1]
    high = _mixed(halves[:, :, 0] ^ _mixed(low ^ _mixed(np.arange(1, N_BANDS + 1, dtype=np.uint64))))
    return high.ravel(), low.ravel()


def _mixed(numbers: Array) -> Array:
    """A hash of 64 bits that no two numbers share (splitmix64, Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Array = numbers ^ (numbers >> np.uint64(31))
    return mixed


def _is_later(runs: Runs) -> Array:
    later: Array = runs.is_new & (runs.starts < np.arange(len(runs.rows)))
    return later


def _candidates(runs: Runs, budget_bytes: int) -> Iterator[tuple[Array, Array]]:
    """Rows (later, earlier) that agree in a band: each with the first of its run, which stays whatever becomes of those between,
    and with the `_LOOK_BACK` before it."""
    at_once = min(_MOST_AT_ONCE, budget_bytes // _BYTES_PER_PAIR + 1)
    later = np.flatnonzero(_is_later(runs))
    for back in range(_LOOK_BACK + 1):
        if back:
            later = later[later - back > runs.starts[later]]
        for start in range(0, len(later), at_once):
            block = later[start : start + at_once]
            yield runs.rows[block], runs.rows[block - back if back else runs.starts[block]]


class _Signatures:
    """Signatures by row, read from the files of rows where they are asked for. `starts` are the first rows of the files, and N."""

    def __init__(self, paths: Sequence[Path], starts: Array) -> None:
        self._paths, self._starts = paths, starts

    def similarity(self, one: Array, two: Array) -> Array:
        """Share of equal hashes of each pair of rows."""
        rows, places = np.unique(np.concatenate([one, two]), return_inverse=True)
        found = self._read(rows)
        equal: Array = (found[places[: len(one)]] == found[places[len(one) :]]).mean(1)
        return equal

    def _read(self, rows: Array) -> Array:
        found = np.empty((len(rows), N_HASHES), np.uint32)
        bounds = np.searchsorted(rows, self._starts)
        for i in np.flatnonzero(np.diff(bounds)).tolist():
            first, end = bounds[i], bounds[i + 1]
            with self._paths[i].open("rb", buffering=0) as stream:
                for place, offset in enumerate(((rows[first:end] - self._starts[i]) * ROW.itemsize).tolist(), first):
                    stream.seek(offset + _SIGNATURE_AT)
                    stream.readinto(found[place])
        return found
