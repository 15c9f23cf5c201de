"""Adapters: they alone move, and merged they are a plain model with the function that was trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from galactica.errors import BadConfig
from galactica.training.config import ParallelConfig
from galactica.training.lora import LoraConfig, insert, merge
from galactica.training.trainer import Trainer, new_model

from .runs import CONFIG, MODEL, OPTIM, trainer, without_dropout, write_shards


def test_adapters_alone_move_and_merge_into_a_plain_model(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards")
    plain = trainer(shards, tmp_path / "x")
    model = new_model(without_dropout(), 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    insert(model, LoraConfig(rank=4), ParallelConfig())
    run = Trainer(model, CONFIG, OPTIM, plain.data, plain.validation, tmp_path / "run")
    first = run.train_step()
    for _ in range(5):
        last = run.train_step()
    assert last < first
    ids = torch.randint(0, 64, (2, 16))
    adapted = model.eval()(ids)
    merge(model)
    assert set(model.state_dict()) == set(before)
    torch.testing.assert_close(model(ids), adapted, rtol=1e-4, atol=1e-4)
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {name for name in before if name.startswith("blocks.")}


def test_states_of_adapters_go_on(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards")
    plain = trainer(shards, tmp_path / "x")

    def run() -> Trainer:
        model = new_model(without_dropout(), 0)
        torch.manual_seed(1)
        insert(model, LoraConfig(rank=4), ParallelConfig())
        return Trainer(model, CONFIG, OPTIM, plain.data, plain.validation, tmp_path / "run")

    first = run()
    first.train_step()
    first.save()
    expected = first.train_step()
    second = run()
    assert second.step == 1
    assert second.train_step() == expected


@pytest.mark.parametrize(
    ("key", "value"), [("rank", 0), ("alpha", 0), ("dropout", 1.0), ("layers", ("qkv", "embedding"))]
)
def test_bad_config(key: str, value: object) -> None:
    with pytest.raises(BadConfig, match=f"lora.{key} is"):
        replace(LoraConfig(), **{key: value})  # type: ignore[arg-type]


def test_split_matrices_are_refused() -> None:
    with pytest.raises(BadConfig, match="set it to 1"):
        insert(new_model(MODEL, 0), LoraConfig(), ParallelConfig(tensor=2))
