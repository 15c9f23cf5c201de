"""Documents that say the same: equal texts by digest, near-duplicates by MinHash. The first one stays.

Broder 1997; 5-word shingles, 64 hash functions in 16 bands of 4, so that a pair of Jaccard similarity 0.8 is compared
with probability 0.9998 and one of 0.3 with probability 0.12.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np

SHINGLE_WORDS = 5
N_HASHES = 64
N_BANDS = 16
KEPT, SAME_TEXT, NEARLY_SAME = range(3)
REASONS = {SAME_TEXT: "the same text came before", NEARLY_SAME: "nearly the same text came before"}

_LOOK_BACK = 24
"""How many of those before it that agree with it in a band a document is compared with, beside the first of all."""
_PAIRS_AT_ONCE = 1 << 16

_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20221115)
_MULTIPLIERS = _RANDOM.integers(1, 2**63, N_HASHES, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, N_HASHES, dtype=np.uint64)

Array = np.ndarray[Any, np.dtype[Any]]
Signature = np.ndarray[tuple[int], np.dtype[np.uint32]]


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


def keep_first(digests: Array, signatures: Array, has_signature: Array, threshold: float) -> Array:
    """What becomes of each of N documents, (N,) uint8: `KEPT`, `SAME_TEXT` or `NEARLY_SAME`. Of documents alike the first stays.

    `digests` (N, 16) uint8 are of the whole texts, `signatures` (N, N_HASHES) uint32 may be memory-mapped, and stand for a document
    only where `has_signature`.
    """
    verdicts = np.where(_is_repeat(digests), SAME_TEXT, KEPT).astype(np.uint8)
    rows = np.flatnonzero(has_signature & (verdicts == KEPT))
    pairs = [_alike(signatures, rows, band, threshold) for band in range(N_BANDS)] if len(rows) else []
    if pairs and len(found := np.unique(np.concatenate(pairs), axis=0)):
        for later, earlier in found:  # sorted by the later one: the verdict on the earlier one stands already
            if verdicts[earlier] == KEPT:
                verdicts[later] = NEARLY_SAME
    return verdicts


def _is_repeat(digests: Array) -> Array:
    columns = np.ascontiguousarray(digests).view(np.uint64).reshape(len(digests), 2)
    order = np.lexsort((columns[:, 1], columns[:, 0]))  # stable: of equal ones the first comes first
    same = np.zeros(len(digests), bool)
    if len(order) > 1:
        same[order[1:]] = (columns[order[1:]] == columns[order[:-1]]).all(1)
    return same


def _alike(signatures: Array, rows: Array, band: int, threshold: float) -> Array:
    """Pairs (later, earlier) of rows that agree in a band and reach the threshold, (n, 2) int64."""
    width = N_HASHES // N_BANDS
    part = (
        np.ascontiguousarray(signatures[rows, band * width : (band + 1) * width]).view(np.uint64).reshape(len(rows), -1)
    )
    order = np.lexsort(part.T[::-1])
    part, ordered = part[order], rows[order]
    same_as_before = np.zeros(len(ordered), bool)
    same_as_before[1:] = (part[1:] == part[:-1]).all(1)
    position = np.arange(len(ordered))
    run_start = np.maximum.accumulate(np.where(same_as_before, 0, position))
    found = []
    for back in range(
        _LOOK_BACK + 1
    ):  # 0 stands for the first of the run, which stays whatever becomes of those between
        earlier = run_start if not back else position - back
        later = np.flatnonzero((earlier >= run_start) & (earlier < position))
        for start in range(0, len(later), _PAIRS_AT_ONCE):
            block = later[start : start + _PAIRS_AT_ONCE]
            one, two = ordered[block], ordered[earlier[block]]
            alike = (signatures[one] == signatures[two]).mean(1) >= threshold
            found.append(np.stack([one[alike], two[alike]], 1))
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)
