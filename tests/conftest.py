"""Fixtures that several rooms' tests share: the development corpus, a small library, a tokenizer that knows its titles, a random
model in a checkpoint folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: tests share the cores, and threads that wait for each other spin

import pytest
import torch

from galactica.generation.engine import TorchEngine
from galactica.generation.galactica import Galactica
from galactica.model.config import ModelConfig
from galactica.model.convert import load_checkpoint, save_checkpoint
from galactica.model.transformer import Transformer
from galactica.references.record import make_reference
from galactica.references.store import Library, build
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train

PROSE = (
    "Proteins fold into structures that their sequences determine under physiological conditions. "
    "The prediction of these structures from sequence alone has been a question of biology for half a century, "
    "and attention has brought an answer to it that few had expected in this form. A second paragraph says something "
    "else about the machines that learn from many sequences at once. The numbers were also found by others."
)
WORKS = [
    ("Attention is all you need", ["Vaswani, Ashish"], 2017),
    ("Attention is not explanation", ["Jain, Sarthak"], 2019),
    ("Highly accurate protein structure prediction with AlphaFold", ["Jumper, John"], 2021),
    ("Long short-term memory", ["Hochreiter, Sepp"], 1997),
    ("Molecular structure of nucleic acids", ["Watson, James D.", "Crick, Francis"], 1953),
    ("A mathematical theory of communication", ["Shannon, Claude"], 1948),
    ("A mathematical theory of communication", ["Weaver, Warren"], 1949),
    ("Über die von der molekularkinetischen Theorie der Wärme geforderte Bewegung", ["Einstein, Albert"], 1905),
    ("Computing machinery and intelligence", ["Turing, Alan"], 1950),
    ("Deep learning", ["LeCun, Yann"], 2015),
    ("Deep learning in neural networks: an overview", ["Schmidhuber, Jürgen"], 2015),
]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Search indexes and token tables of the tests go into a folder of their own, not into the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def corpus_root() -> Path:
    """The development corpus beside the checkout; the test is skipped where it is absent."""
    root = Path(__file__).parents[2] / "shared" / "corpus"
    if not root.is_dir():
        pytest.skip(f"needs the development corpus at {root}")
    return root


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    references = [make_reference(title, authors, year, "Journal", None) for title, authors, year in WORKS]
    return build(tmp_path_factory.mktemp("library") / "works", [r for r in references if r], "test")


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    keys = [f"{title}, {authors[0]} is cited in the text of a paper.\n\n" for title, authors, _ in WORKS]
    return train([PROSE, *keys] * 20, 700)


@pytest.fixture(scope="session")
def checkpoint(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    model = Transformer(ModelConfig(tokenizer.vocab_size, 32, 2, 2, max_seq_len=128))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8)  # far from uniform, so that greedy and sampled text differ from noise
    root = tmp_path_factory.mktemp("checkpoint")
    tokenizer.save(root / "tokenizer")
    ids = {"bos_id": 0, "pad_id": tokenizer.pad_id, "eos_id": tokenizer.eos_id}
    save_checkpoint(model, root / "model", **ids, tokenizer_folder=root / "tokenizer")
    return root / "model"


@pytest.fixture(scope="session")
def model(checkpoint: Path, tokenizer: Tokenizer, library: Library) -> Galactica:
    return Galactica(TorchEngine(load_checkpoint(checkpoint)[0], tokenizer), tokenizer, library, "test")
