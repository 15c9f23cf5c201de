"""Near-duplicate documents by MinHash: the first one seen stays.

Broder 1997; 5-word shingles, 64 hash functions in 16 bands of 4, so that a pair of Jaccard similarity 0.8 is compared
with probability 0.9998 and one of 0.3 with probability 0.12.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict

import numpy as np

SHINGLE_WORDS = 5
N_HASHES = 64
N_BANDS = 16

_WORD = re.compile(r"\w+")
_RANDOM = np.random.default_rng(20221115)
_MULTIPLIERS = _RANDOM.integers(1, 2**63, N_HASHES, dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, N_HASHES, dtype=np.uint64)

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


class NearDuplicates:
    """Signatures seen so far. `find` tells which earlier document a new one repeats, and remembers the new one if none."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._signatures: list[Signature] = []
        self._ids: list[str] = []
        self._buckets: dict[tuple[int, bytes], list[int]] = defaultdict(list)

    def find(self, document_id: str, found: Signature) -> str | None:
        """The id of an earlier document whose estimated Jaccard similarity reaches the threshold, or None."""
        rows = N_HASHES // N_BANDS
        keys = [(band, found[band * rows : (band + 1) * rows].tobytes()) for band in range(N_BANDS)]
        candidates = {index for key in keys for index in self._buckets.get(key, ())}
        for index in sorted(candidates):
            if float((self._signatures[index] == found).mean()) >= self._threshold:
                return self._ids[index]
        for key in keys:
            self._buckets[key].append(len(self._ids))
        self._signatures.append(found)
        self._ids.append(document_id)
        return None
