"""Training windows: every one once an epoch, in an order that depends on (seed, index) alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica.errors import BadConfig, BadData
from galactica.tokenizer.shards import dtype_of, write_index, write_shard
from galactica.tokenizer.train import train
from galactica.training.data import Windows, documents, open_validation, permuted

SEQ_LEN = 4


def make(repeats: dict[str, float] | None = None, seed: int = 1) -> Windows:
    ids = {
        "a": np.arange(41, dtype=np.uint16),
        "b": np.arange(1000, 1022, dtype=np.uint16),
        "short": np.arange(2, dtype=np.uint16),
    }
    return Windows(ids, SEQ_LEN, seed, repeats or {})


@settings(deadline=None)
@given(size=st.integers(1, 400), seed=st.integers(0, 10))
def test_permutation(size: int, seed: int) -> None:
    assert sorted(permuted(i, size, seed) for i in range(size)) == list(range(size))


def test_an_epoch_holds_every_window_once() -> None:
    windows = make()
    assert len(windows) == 10 + 5
    for epoch in range(2):
        begins = windows.batch(epoch * 15, 15).ids_BT[:, 0].tolist()
        assert sorted(begins) == [*range(0, 40, 4), *range(1000, 1020, 4)]
    assert windows.batch(0, 15).ids_BT[:, 0].tolist() != windows.batch(15, 15).ids_BT[:, 0].tolist()


def test_neighbouring_windows_share_the_target_of_the_last_token() -> None:
    ids, targets, _ = make().batch(0, 1)
    first = int(ids[0, 0])
    assert ids[0].tolist() == list(range(first, first + SEQ_LEN))
    assert targets[0].tolist() == list(range(first + 1, first + SEQ_LEN + 1))


def test_order_is_the_same_however_it_is_cut() -> None:
    windows = make()
    whole = windows.batch(0, 30).ids_BT
    assert torch.equal(whole, torch.cat([windows.batch(i, 5).ids_BT for i in range(0, 30, 5)]))
    assert torch.equal(whole, make().batch(0, 30).ids_BT)
    assert not torch.equal(whole, make(seed=2).batch(0, 30).ids_BT)


def test_documents_are_numbered_within_a_window() -> None:
    """`</s>` is id 0 here; it closes its document."""
    ids = torch.tensor([[5, 0, 6, 7], [0, 0, 8, 0]])
    assert documents(ids, 0).tolist() == [[0, 0, 1, 1], [0, 1, 2, 2]]


def test_repeats() -> None:
    windows = make({"a": 0.5, "b": 2.0})
    assert len(windows) == 5 + 10
    seen = Counter(windows.batch(0, 30).ids_BT[:, 0].tolist())
    assert {begin: seen[begin] for begin in range(0, 40, 4)} == dict.fromkeys(range(0, 40, 4), 1)
    assert {begin: seen[begin] for begin in range(1000, 1020, 4)} == dict.fromkeys(range(1000, 1020, 4), 4)
    assert windows.epochs(30) == {"a": 1.0, "b": 4.0}


def test_sources_without_a_window_are_named() -> None:
    assert make({"b": 0.0}).left_out == ["short"]
    assert make({"b": 0.05}).left_out == ["b", "short"]


def test_bytes_are_those_of_the_tokens_that_are_measured(tmp_path: Path) -> None:
    """Few tokens of many bytes, then many of few: red by the mean over the whole shard."""
    texts = ["characters" * 10, "a " * 400]
    tokenizer = train(["characters"] * 50, 300)
    shard = write_shard(tmp_path / "validation/x.bin", "x", texts, tokenizer)
    write_index(tmp_path, {"validation": [shard]}, dtype_of(tokenizer.vocab_size))
    ids = tokenizer.encode(texts[0])

    def per_token(max_tokens: int) -> float:
        found = open_validation(tmp_path, 4, max_tokens, decode=lambda ids: tokenizer.decode(ids, skip=["</s>"]))
        return found["x"].bytes_per_token

    n = len(ids) - 1
    assert per_token(n) == len(tokenizer.decode(ids[1:])) / n > 2 * per_token(10**6)
    assert per_token(10**6) == shard.n_bytes / shard.n_tokens


def test_bad_input() -> None:
    with pytest.raises(BadConfig, match="names 'c'"):
        make({"c": 1.0})
    with pytest.raises(BadData, match="window of 5 tokens"):
        Windows({"short": np.arange(3, dtype=np.uint16)}, SEQ_LEN, 0, {})
