"""Repeated spans across sources, held to a whole suffix array by another implementation."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica.corpus import seeds, spans
from galactica.corpus.seeds import MIN_BYTES, SEPARATOR
from galactica.corpus.shared_keys import shared
from galactica.corpus.spans import Repeats, Text

WORDS = [f"word{i} " for i in range(50)]


def joined(sources: list[list[str]]) -> tuple[np.ndarray, list[int]]:  # type: ignore[type-arg]
    data = bytearray()
    starts = []
    for documents in sources:
        starts.append(len(data))
        for document in documents:
            data += document.encode() + bytes([SEPARATOR])
    return np.frombuffer(bytes(data), np.uint8), starts


def found(
    text: np.ndarray, starts: list[int], folder: Path, parts: int = 1, budget: int = 10**8
) -> tuple[set[int], Repeats]:  # type: ignore[type-arg]
    """The windows that the parts find, and the spans that they are joined to."""
    path = folder / "text.bin"
    path.write_bytes(text.tobytes())
    whole = Text(path, starts, folder, parts, budget)
    for chunk in range(spans.n_chunks(len(text))):
        spans.scan(whole, chunk)
    windows: set[int] = set()
    for part in range(parts):
        spans.find(whole, part)
        for first, end in np.fromfile(whole.rows(part), np.int64).reshape(-1, 2).tolist():
            windows |= set(range(first, end - MIN_BYTES + 1))
    spans.join(whole, folder / "spans.bin")
    return windows, Repeats(folder / "spans.bin")


def by_suffix_array(text: np.ndarray, starts: list[int]) -> set[int]:  # type: ignore[type-arg]
    """The same windows from one suffix array with its common prefixes: runs of neighbours that agree over 100 bytes."""
    pydivsufsort = pytest.importorskip("pydivsufsort")
    suffixes = pydivsufsort.divsufsort(text.copy())
    common = pydivsufsort.kasai(text.copy(), suffixes)
    found: set[int] = set()
    run = [int(suffixes[0])]
    for rank in range(1, len(suffixes) + 1):
        if rank < len(suffixes) and common[rank - 1] >= MIN_BYTES:
            run.append(int(suffixes[rank]))
            continue
        run = [p for p in run if SEPARATOR not in text[p : p + MIN_BYTES]]
        sources = {p: int(np.searchsorted(starts, p, side="right")) for p in run}
        if len(set(sources.values())) > 1:
            found |= {p for p in run if sources[p] == min(sources.values())}
        run = [int(suffixes[rank])] if rank < len(suffixes) else []
    return found


def sources_with_repeats(seed: int) -> list[list[str]]:
    rng = random.Random(seed)
    pool = ["".join(rng.choices(WORDS, k=rng.randint(5, 60))) for _ in range(12)]
    return [
        [
            "\n\n".join(rng.choice(pool) if rng.random() < 0.5 else "".join(rng.choices(WORDS, k=40)) for _ in range(4))
            for _ in range(rng.randint(1, 6))
        ]
        for _ in range(4)
    ]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("parts", "budget"), [(1, 10**8), (8, 10**8), (2, 40_000)])
def test_the_same_windows_as_one_suffix_array(
    seed: int, parts: int, budget: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one part and in several, in chunks and blocks that end anywhere, and within a budget that holds few keys at a time."""
    monkeypatch.setattr(spans, "CHUNK_BYTES", 7_001)
    monkeypatch.setattr(spans, "BLOCK_BYTES", 1_009)
    text, starts = joined(sources_with_repeats(seed))
    windows, repeats = found(text, starts, tmp_path, parts, budget)
    assert len(windows) > 0
    assert windows == by_suffix_array(text, starts)
    covered = np.zeros(len(text) + 1, bool)
    for first in windows:
        covered[first : first + MIN_BYTES] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], covered])))
    assert np.array(repeats.spans(0, len(text))).tolist() == _merged(edges.reshape(-1, 2).tolist())


def _merged(spans_: list[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for first, end in spans_:
        if merged and first - merged[-1][1] <= spans.MERGE_BYTES:
            merged[-1][1] = end
        else:
            merged.append([first, end])
    return merged


def test_runs_of_one_sign_and_short_periods_are_found_too(tmp_path: Path) -> None:
    """Every place of such text may be a seed, and thousands of windows are equal. A small budget for all of them."""
    texts = [["-" * 3_000 + "one", "ab" * 2_000], ["two" + "-" * 2_000, "x" + "ab" * 300], ["abc" * 1_000, "-" * 99]]
    text, starts = joined(texts)
    assert found(text, starts, tmp_path, 1, 60_000)[0] == by_suffix_array(text, starts)


def test_equal_windows_have_equal_seeds_and_few(tmp_path: Path) -> None:
    """Red where the choice depends on what stands around a window. A window's seed lies in it, and text has one in 35 bytes."""
    rng = np.random.default_rng(1)
    block = rng.integers(97, 123, 20_000, np.uint8)
    records = seeds.seeds(block, 5_000_000)
    counts = (records["place"] & np.uint64(127)).astype(int) + 1
    assert counts.sum() == len(block) - MIN_BYTES + 1
    assert 0.02 < len(records) / len(block) < 0.04
    at, key = seeds.positions(records) - 5_000_000, dict(zip(seeds.positions(records), records["key"], strict=True))
    for cut in range(1, 200, 7):
        again = seeds.seeds(block[cut : cut + 3_000].copy(), 5_000_000 + cut)
        assert set(seeds.positions(again)) <= set(at + 5_000_000)
        assert all(key[place] == k for place, k in zip(seeds.positions(again), again["key"], strict=True))


def test_the_first_file_loses_the_span_and_later_ones_keep_it(tmp_path: Path) -> None:
    shared = "A paragraph that stands in several sources, " * 4
    text, starts = joined([[f"one\n\n{shared}\n\nend"], [f"{shared}\n\ntwo"], [f"three\n\n{shared}"]])
    repeats = found(text, starts, tmp_path)[1]
    first = f"one\n\n{shared}\n\nend"
    assert spans.without_spans(first, repeats.spans(0, len(first))) == ("one\n\nend", len(shared))
    for begin, end in ((starts[1], starts[2] - 1), (starts[2], len(text) - 1)):
        assert repeats.spans(begin, end) == []


def test_what_repeats_inside_one_file_alone_is_kept(tmp_path: Path) -> None:
    shared = "The same notice at the head of every page of one source. " * 3
    text, starts = joined([[shared, shared], ["something else"]])
    assert not found(text, starts, tmp_path)[0]


def test_ninety_nine_bytes_are_no_span_and_a_hundred_are(tmp_path: Path) -> None:
    for n, expected in ((99, 0), (100, 1)):
        shared = "".join(random.Random(1).choices("abcdefgh", k=n))
        text, starts = joined([[f"X{shared}Y"], [f"Z{shared}W"]])
        (tmp_path / str(n)).mkdir()
        assert len(found(text, starts, tmp_path / str(n))[0]) == expected


def test_spans_four_bytes_apart_are_one_and_five_are_two(tmp_path: Path) -> None:
    for gap, expected in ((4, 1), (5, 2)):
        rows = np.array([[10, 110], [110 + gap, 310]])
        rows.tofile(tmp_path / "spans.bin")
        assert len(Repeats(tmp_path / "spans.bin").spans(0, 1000)) == expected


@pytest.mark.parametrize("budget_bytes", [10**6, 960, 1])
def test_keys_of_several_sources_whatever_the_budget(budget_bytes: int) -> None:
    rng = np.random.default_rng(3)
    blocks = [(rng.integers(0, 300, 50).astype(np.uint64), rng.integers(1, 4, 50).astype(np.uint16)) for _ in range(12)]
    expected: dict[int, set[int]] = {}
    for keys, sources in blocks:
        for key, source in zip(keys.tolist(), sources.tolist(), strict=True):
            expected.setdefault(key, set()).add(source)
    ranges = list(shared(lambda: iter(blocks), budget_bytes))
    pairs = [pair for one in ranges for pair in zip(one.keys.tolist(), one.first.tolist(), strict=True)]
    assert pairs == sorted((key, min(sources)) for key, sources in expected.items() if len(sources) > 1)
    assert (len(ranges) == 1) == (budget_bytes == 10**6)


@given(
    st.lists(st.text(alphabet="ab é\n", max_size=30), max_size=6),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90))),
)
@settings(max_examples=200)
def test_whole_paragraphs_go_and_the_rest_stays_in_order(blocks: list[str], ranges: list[tuple[int, int]]) -> None:
    text = "\n\n".join(blocks)
    kept, n_removed = spans.without_spans(text, [(a, a + b) for a, b in ranges])
    left = iter(text.split("\n\n"))
    assert all(paragraph in left for paragraph in kept.split("\n\n")) or kept == ""
    if not n_removed:
        assert kept == text


def test_parts_grow_with_the_text_and_shrink_with_the_budget() -> None:
    assert spans.n_parts(10**6, 10**9) == 1
    assert spans.n_parts(10**9, 10**9) == spans.n_parts(10**10, 10**10) == 16
