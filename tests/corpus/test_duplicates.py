"""Documents that say the same: the first one stays."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from galactica.corpus import duplicates
from galactica.corpus.duplicates import KEPT, NEARLY_SAME, SAME_TEXT


def verdicts(*texts: str, threshold: float = 0.8) -> list[int]:
    found = [duplicates.signature(text) for text in texts]
    empty = np.zeros(duplicates.N_HASHES, np.uint32)
    digests = [np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), np.uint8) for text in texts]
    has_signature = np.array([one is not None for one in found])
    signatures = np.stack([empty if one is None else one for one in found])
    return duplicates.keep_first(np.stack(digests), signatures, has_signature, threshold).tolist()


def words(prefix: str, n: int) -> list[str]:
    return [f"{prefix}{i}" for i in range(n)]


def test_minhash_estimates_the_share_of_common_shingles() -> None:
    one = duplicates.signature(" ".join(words("w", 2000)))
    half = duplicates.signature(" ".join(words("w", 1000) + words("v", 1000)))
    other = duplicates.signature(" ".join(words("u", 2000)))
    assert one is not None
    assert half is not None
    assert other is not None
    assert (one == half).mean() == pytest.approx(1 / 3, abs=0.2)  # 1,000 of 3,000 distinct shingles
    assert (one == other).mean() < 0.1
    assert duplicates.signature("too few words") is None


def test_the_first_of_each_kind_stays() -> None:
    text = " ".join(words("w", 500))
    near = " ".join([*words("w", 490), *words("x", 10)])
    other = " ".join(words("u", 500))
    assert verdicts(text, other, near, text, "short", "short") == [
        KEPT, KEPT, NEARLY_SAME, SAME_TEXT, KEPT, SAME_TEXT,
    ]  # fmt: skip


def test_a_copy_of_a_dropped_copy_is_held_against_what_stayed() -> None:
    """A chain: b is near a, c is near b but not near a. b goes, so c stays."""
    a = words("w", 1000)
    b = [*a[:930], *words("x", 70)]
    c = [*a[:860], *words("y", 70), *words("x", 70)]
    assert verdicts(" ".join(a), " ".join(b), " ".join(c), threshold=0.82) == [KEPT, NEARLY_SAME, KEPT]


def test_thousands_of_copies_are_found_without_thousands_of_comparisons_each() -> None:
    texts = [" ".join([*words("w", 300), f"n{i}"]) for i in range(3000)]
    assert verdicts(*texts).count(KEPT) < 10
