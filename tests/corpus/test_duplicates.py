"""Documents that say the same: the first one stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica import archives
from galactica.corpus import duplicates, units
from galactica.corpus.duplicates import KEPT, N_BANDS, N_HASHES, NEARLY_SAME, ROW, SAME_TEXT
from galactica.corpus.key_runs import KeyRuns
from galactica.corpus.pipeline import sample_folder
from galactica.corpus.sources import SOURCES
from galactica.types import Document

REPOSITORY = Path(__file__).parents[2]
Rows = np.ndarray[Any, np.dtype[Any]]


def verdicts(*texts: str, threshold: float = 0.8) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.rows"
        path.write_bytes(b"".join(duplicates.row(text, is_signed=True) for text in texts))
        return duplicates.keep_first([path], threshold, Path(folder), 10**7).tolist()


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
    texts = [" ".join([*words("w", 120), f"n{i}"]) for i in range(2000)]
    assert verdicts(*texts).count(KEPT) < 10


def by_the_rule(rows: Rows, threshold: float) -> list[int]:
    """The rule said plainly: each document against the first, and the 24 before it, of those that agree with it in a band."""
    found = [KEPT] * len(rows)
    texts: set[bytes] = set()
    for i, digest in enumerate(rows["digest"]):
        found[i] = SAME_TEXT if digest.tobytes() in texts else KEPT
        texts.add(digest.tobytes())
    before: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for i in np.flatnonzero(rows["has_signature"] & (np.array(found) == KEPT)).tolist():
        signature = rows["signature"][i]
        for band, values in enumerate(signature.reshape(N_BANDS, -1)):
            peers = before[band, values.tobytes()]
            for j in [*peers[:1], *peers[-24:]]:
                if found[j] == KEPT and (signature == rows["signature"][j]).mean() >= threshold:
                    found[i] = NEARLY_SAME
            peers.append(i)
    return found


@contextmanager
def traced() -> Iterator[list[int]]:
    """Holds, after the block, the most bytes that were held in it, mapped files aside."""
    peak: list[int] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


def kept(rows: Rows, budget_bytes: int, n_files: int = 1) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}.rows" for i in range(n_files)]
        for path, part in zip(paths, np.array_split(rows, n_files), strict=True):
            part.tofile(path)
        return duplicates.keep_first(paths, 0.75, Path(folder), budget_bytes).tolist()


def made_rows(seed: int, n: int, n_families: int, n_changed: int) -> Rows:
    """Rows in families: signatures that differ from their family's in up to `n_changed` hashes, and some texts that are equal."""
    random = np.random.default_rng(seed)
    rows = np.zeros(n, ROW)
    is_copy = random.random(n) < 0.1
    rows["digest"] = random.integers(0, 2**64, (n, 2), np.uint64)[np.where(is_copy, random.integers(0, n, n), range(n))]
    rows["signature"] = random.integers(0, 2**32, (n_families, N_HASHES))[random.integers(0, n_families, n)]
    for _ in range(n_changed):
        rows["signature"][np.arange(n), random.integers(0, N_HASHES, n)] = random.integers(0, 2**32, n)
    rows["has_signature"] = random.random(n) < 0.9
    return rows


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    n=st.integers(1, 150),
    n_families=st.integers(1, 40),
    n_changed=st.integers(0, 20),
    budget_bytes=st.sampled_from([2_000, 6_000, 30_000, 10**8]),
    n_files=st.integers(1, 4),
)
def test_the_rule_holds_at_any_budget(
    seed: int, n: int, n_families: int, n_changed: int, budget_bytes: int, n_files: int
) -> None:
    """Down to a few records at a time. Red where a run that is taken in pieces carries along one row less than it must."""
    rows = made_rows(seed, n, n_families, n_changed)
    assert kept(rows, budget_bytes, n_files) == by_the_rule(rows, 0.75)


def test_the_rule_holds_on_real_documents() -> None:
    """The sample's papers and textbooks, each with copies that lack ever more of their words."""
    texts: list[str] = []
    for unit in archives.plan(sample_folder()):
        for item in units.UnitReader(unit, SOURCES, {}).read():
            if isinstance(item, Document) and item.source in ("jats", "textbooks") and len(texts) < 120:
                words = item.text.split(" ")
                texts += [" ".join(words[n:]) for n in (0, 0, 3, len(words) // 10, len(words) // 5, len(words) // 3)]
    rows = np.frombuffer(b"".join(duplicates.row(text, is_signed=True) for text in texts), ROW)
    for budget_bytes in (20_000, 10**8):
        found = kept(rows, budget_bytes)
        assert found == by_the_rule(rows, 0.75)
        assert {KEPT, SAME_TEXT, NEARLY_SAME} == set(found)


MEASURED = """
import sys, tracemalloc
from pathlib import Path
from galactica.corpus import duplicates
tracemalloc.start()
found = duplicates.keep_first([Path(sys.argv[1]) / "rows"], 0.75, Path(sys.argv[1]), int(sys.argv[2]))
print((found == duplicates.NEARLY_SAME).sum(), tracemalloc.get_traced_memory()[1])
"""


def test_memory_follows_the_budget_and_not_the_documents(tmp_path: Path) -> None:
    """Ten times the budget in rows and records of bands. Red where either is read whole, or the pairs found are held."""
    budget_bytes, n = 3_000_000, 50_000
    assert n * (ROW.itemsize + N_BANDS * 24) > 10 * budget_bytes
    made_rows(1, n, n // 2, 7).tofile(tmp_path / "rows")
    # In a process of its own: Python's table of names, which is of any size in this one, may double at any moment.
    command = [sys.executable, "-c", MEASURED, str(tmp_path), str(budget_bytes)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    n_near, peak = map(int, done.stdout.split())
    assert n_near > 5_000
    assert peak < budget_bytes


def test_a_key_with_more_records_than_fit_is_taken_in_pieces(tmp_path: Path) -> None:
    budget_bytes, n = 2_000_000, 600_000
    runs = KeyRuns(tmp_path / "runs", n, 24, budget_bytes)
    for start in range(0, n, 10_000):
        zeros = np.zeros(10_000, np.uint64)
        runs.add(zeros, zeros, np.arange(start, start + 10_000))
    before = 0
    with traced() as peak:
        for rows, starts, is_new in runs.runs():
            assert rows[0] == starts.max() == 0
            assert not before or rows[~is_new].tolist() == [0, *range(before - 24, before)]
            before += is_new.sum()
    assert before == n
    assert peak[0] < budget_bytes
