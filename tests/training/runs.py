"""What the tests of training share: small shards, a small model, and a run of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from galactica.model.config import ModelConfig
from galactica.model.transformer import empty_model, first_weights
from galactica.tokenizer.shards import write_index
from galactica.training import data
from galactica.training.config import OptimConfig, TrainingConfig
from galactica.training.monitor import METRICS
from galactica.training.parallel import Layout
from galactica.training.trainer import Trainer
from galactica.types import TokenShard

MODEL = ModelConfig(64, 16, 2, 2, max_seq_len=16)
CONFIG = TrainingConfig(
    tokens=12 * 64,
    batch_tokens=64,
    micro_batch=2,
    seq_len=16,
    precision="float32",
    validate_every=0.05,
    validation_tokens=100,
)
OPTIM = OptimConfig(learning_rate=1e-2, warmup_tokens=128)


def write_shards(folder: Path, n_tokens: int = 4000) -> Path:
    """Two sources of skewed ids below 64, two bytes a token."""
    random = np.random.default_rng(0)
    splits: dict[str, list[TokenShard]] = {}
    for split, size in (("train", n_tokens), ("validation", 150)):
        splits[split] = []
        for source in ("papers", "proteins"):
            path = folder / split / f"{source}.bin"
            path.parent.mkdir(exist_ok=True, parents=True)
            (random.zipf(1.5, size) % 64).astype(np.uint16).tofile(path)
            splits[split].append(TokenShard(path, source, size, 3, 2 * size, "x"))
    write_index(folder, splits, np.dtype(np.uint16))
    return folder


def trainer(
    shards: Path,
    folder: Path,
    config: TrainingConfig = CONFIG,
    model: ModelConfig = MODEL,
    layout: Layout | None = None,
    optim: OptimConfig = OPTIM,
    progress: Callable[[Any], None] = lambda record: None,
) -> Trainer:
    return Trainer(
        empty_model(model),
        config,
        optim,
        data.open_windows(shards, config.seq_len, config.seed, config.repeats),
        data.open_validation(shards, config.seq_len, config.validation_tokens),
        folder,
        weights=first_weights(model, 0),
        identity={"shards": "x"},
        layout=layout,
        progress=progress,
    )


def records(folder: Path, kind: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (folder / METRICS).read_text().splitlines()]
    return [row for row in rows if row["kind"] == kind]


def without_dropout(model: ModelConfig = MODEL) -> ModelConfig:
    return replace(model, dropout=0.0, attention_dropout=0.0)
