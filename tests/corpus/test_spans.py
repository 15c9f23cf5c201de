"""Repeated spans across sources, held to a whole suffix array by another implementation."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica.corpus import spans

WORDS = [f"word{i} " for i in range(50)]


def joined(sources: list[list[str]]) -> tuple[np.ndarray, list[int]]:  # type: ignore[type-arg]
    data = bytearray()
    starts = []
    for documents in sources:
        starts.append(len(data))
        for document in documents:
            data += document.encode() + bytes([spans.SEPARATOR])
    return np.frombuffer(bytes(data), np.uint8), starts


def by_suffix_array(text: np.ndarray, starts: list[int]) -> set[int]:  # type: ignore[type-arg]
    """The same windows from one suffix array with its common prefixes: runs of neighbours that agree over 100 bytes."""
    pydivsufsort = pytest.importorskip("pydivsufsort")
    suffixes = pydivsufsort.divsufsort(text.copy())
    common = pydivsufsort.kasai(text.copy(), suffixes)
    found: set[int] = set()
    run = [int(suffixes[0])]
    for rank in range(1, len(suffixes) + 1):
        if rank < len(suffixes) and common[rank - 1] >= spans.MIN_BYTES:
            run.append(int(suffixes[rank]))
            continue
        run = [p for p in run if spans.SEPARATOR not in text[p : p + spans.MIN_BYTES]]
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
@pytest.mark.parametrize("parts", [1, 8])
def test_the_same_windows_as_one_suffix_array(seed: int, parts: int) -> None:
    text, starts = joined(sources_with_repeats(seed))
    found = [spans.repeated(text, starts, part, parts) for part in range(parts)]
    assert set(np.concatenate(found).tolist()) == by_suffix_array(text, starts)
    assert sum(map(len, found)) > 0


def test_the_first_file_loses_the_span_and_later_ones_keep_it(tmp_path: Path) -> None:
    shared = "A paragraph that stands in several sources, " * 4
    text, starts = joined([[f"one\n\n{shared}\n\nend"], [f"{shared}\n\ntwo"], [f"three\n\n{shared}"]])
    np.save(tmp_path / "0.npy", spans.repeated(text, starts, 0, 1))
    found = spans.Repeats([tmp_path / "0.npy"])
    first = f"one\n\n{shared}\n\nend"
    assert spans.without_spans(first, found.spans(0, len(first))) == ("one\n\nend", len(shared))
    for begin, end in ((starts[1], starts[2] - 1), (starts[2], len(text) - 1)):
        assert found.spans(begin, end) == []


def test_what_repeats_inside_one_file_alone_is_kept() -> None:
    shared = "The same notice at the head of every page of one source. " * 3
    text, starts = joined([[shared, shared], ["something else"]])
    assert not len(spans.repeated(text, starts, 0, 1))


def test_ninety_nine_bytes_are_no_span_and_a_hundred_are() -> None:
    for n, expected in ((99, 0), (100, 1)):
        shared = "".join(random.Random(1).choices("abcdefgh", k=n))
        text, starts = joined([[f"X{shared}Y"], [f"Z{shared}W"]])
        assert len(spans.repeated(text, starts, 0, 1)) == expected


def test_spans_four_bytes_apart_are_one_and_five_are_two(tmp_path: Path) -> None:
    for gap, expected in ((4, 1), (5, 2)):
        np.save(tmp_path / "0.npy", np.array([10, 10 + spans.MIN_BYTES + gap]))
        assert len(spans.Repeats([tmp_path / "0.npy"]).spans(0, 1000)) == expected


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
    assert spans.n_parts(10**9, 10**9) == spans.n_parts(10**10, 10**10) == 128
