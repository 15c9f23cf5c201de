"""A small library, a tokenizer that knows its titles, and a random model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from galactica.generation.engine import TorchEngine
from galactica.generation.galactica import Galactica
from galactica.model.config import ModelConfig
from galactica.model.convert import save_checkpoint
from galactica.model.transformer import Transformer
from galactica.references.record import make_reference
from galactica.references.store import Library, build
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train

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


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    references = [make_reference(title, authors, year, "Journal", None) for title, authors, year in WORKS]
    return build(tmp_path_factory.mktemp("library") / "works", [r for r in references if r], "test")


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train(
        [f"{title}, {authors[0]} is cited in the text of a paper.\n\n" for title, authors, _ in WORKS] * 20, 500
    )


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
    from galactica.model.convert import load_checkpoint

    return Galactica(TorchEngine(load_checkpoint(checkpoint)[0], tokenizer), tokenizer, library, "test")
