"""Token shards: the text comes back, and a changed file is refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from galactica.errors import BadData
from galactica.tokenizer.shards import dtype_of, open_shards, read_index, write_index, write_shard
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train

TEXTS = ["alpha beta gamma", "[START_AMINO]MKV[END_AMINO]\n", "β-sheet ½"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train(["alpha beta gamma delta " * 20], 300)


@pytest.fixture
def folder(tmp_path: Path, tokenizer: Tokenizer) -> Path:
    shard = write_shard(tmp_path / "train/papers.bin", "papers", TEXTS, tokenizer)
    empty = write_shard(tmp_path / "train/none.bin", "none", [], tokenizer)
    write_index(tmp_path, {"train": [shard, empty]}, dtype_of(tokenizer.vocab_size))
    return tmp_path


def test_documents_come_back(folder: Path, tokenizer: Tokenizer) -> None:
    ids = open_shards(folder, "train")["papers"]
    assert tokenizer.decode(ids.tolist()) == "".join(text + "</s>" for text in TEXTS)
    shard = read_index(folder, "train")[0]
    assert (shard.n_documents, shard.n_tokens) == (3, len(ids))
    assert shard.n_bytes == sum(len(text.encode()) for text in TEXTS)
    assert len(open_shards(folder, "train")["none"]) == 0


def test_a_changed_shard_is_refused(folder: Path) -> None:
    path = folder / "train/papers.bin"
    ids = np.fromfile(path, np.uint16)
    ids[0] += 1
    ids.tofile(path)
    with pytest.raises(BadData, match=r"papers\.bin has changed"):
        open_shards(folder, "train")
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(BadData, match=r"papers\.bin is missing or not of"):
        open_shards(folder, "train")
    with pytest.raises(BadData, match="no split 'test'"):
        open_shards(folder, "test")
