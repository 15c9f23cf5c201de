"""A run on small shards: it learns, and a run that was cut goes on bit for bit as if it had not been."""

from __future__ import annotations

import json
import logging
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from galactica.errors import BadConfig
from galactica.model.config import ModelConfig
from galactica.tokenizer.shards import write_index
from galactica.training import checkpoint, curves
from galactica.training.optim import OptimConfig, learning_rate, make_optimizer
from galactica.training.trainer import METRICS, STATES, Trainer, TrainingConfig, new_model
from galactica.types import TokenShard

MODEL = ModelConfig(64, 16, 2, 2, max_seq_len=16)
CONFIG = TrainingConfig(
    tokens=12 * 64,
    batch_tokens=64,
    micro_batch=2,
    seq_len=16,
    precision="float32",
    validate_every_tokens=256,
    validation_tokens=100,
)
OPTIM = OptimConfig(learning_rate=1e-2, warmup_tokens=128)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    random = np.random.default_rng(0)
    splits = {}
    for split, size in (("train", 4000), ("validation", 150)):
        splits[split] = []
        for source in ("papers", "proteins"):
            path = folder / split / f"{source}.bin"
            path.parent.mkdir(exist_ok=True)
            (random.zipf(1.5, size) % 64).astype(np.uint16).tofile(path)
            splits[split].append(TokenShard(path, source, size, 3, 2 * size, "x"))
    write_index(folder, splits, np.dtype(np.uint16))
    return folder


def losses(folder: Path) -> list[tuple[int, float]]:
    return [(row["step"], row["loss"]) for row in map(json.loads, (folder / METRICS).read_text().splitlines())]


def trainer(shards: Path, folder: Path, config: TrainingConfig = CONFIG) -> Trainer:
    return Trainer(new_model(MODEL, 0), config, OPTIM, shards, folder)


def test_learns_and_reports_by_source(shards: Path, tmp_path: Path) -> None:
    result = trainer(shards, tmp_path).run()
    assert result.ended == "tokens"
    assert result.tokens == CONFIG.tokens
    rows = result.validation["sources"]
    assert set(rows) == {"papers", "proteins"}
    assert rows["papers"]["loss"] < np.log(64) - 0.3
    # two bytes a token, as the shards say
    assert rows["papers"]["bits_per_byte"] == pytest.approx(rows["papers"]["loss"] / np.log(2) / 2)
    assert [path.suffix for path in curves.draw(tmp_path / METRICS, tmp_path / "curves")] == [".png", ".svg"]
    assert (tmp_path / "curves.png").stat().st_size > 10_000


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_a_cut_run_goes_on_exactly(shards: Path, tmp_path: Path, cut: int) -> None:
    whole = trainer(shards, tmp_path / "whole")
    whole.run()
    first = trainer(shards, tmp_path / "cut")
    for _ in range(cut):
        first._train_step()
    first.save()
    first._train_step()  # work after the last saved state is lost, as in a kill
    second = trainer(shards, tmp_path / "cut")
    assert second.step == cut
    second.run()
    whole_losses = dict(losses(tmp_path / "whole"))
    assert {step: loss for step, loss in losses(tmp_path / "cut") if step > cut} == {
        step: loss for step, loss in whole_losses.items() if step > cut
    }
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_micro_batches_sum_to_the_batch(shards: Path, tmp_path: Path) -> None:
    """Without dropout the accumulated gradient is that of the whole batch."""
    model = replace(MODEL, dropout=0.0, attention_dropout=0.0)
    runs = [
        Trainer(new_model(model, 0), replace(CONFIG, micro_batch=size), OPTIM, shards, tmp_path / str(size))
        for size in (1, 4)
    ]
    found = [[run._train_step() for _ in range(4)] for run in runs]
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_a_finished_run_that_is_run_again_says_the_same(shards: Path, tmp_path: Path) -> None:
    first = trainer(shards, tmp_path).run()
    again = trainer(shards, tmp_path).run()
    assert again == first


def test_an_interrupt_is_taken_between_steps(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C inside a step: the step is finished, the state saved, and the run goes on as if nothing had been."""
    whole = trainer(shards, tmp_path / "whole")
    whole.run()
    cut = trainer(shards, tmp_path / "cut")
    loss_of = cut._loss

    def pressed(batch: torch.Tensor) -> torch.Tensor:
        if cut.step == 3:
            signal.raise_signal(signal.SIGINT)
        return loss_of(batch)

    monkeypatch.setattr(cut, "_loss", pressed)
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    second = trainer(shards, tmp_path / "cut")
    assert second.step == 4
    second.run()
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_another_config_is_refused(shards: Path, tmp_path: Path) -> None:
    trainer(shards, tmp_path).save()
    with pytest.raises(BadConfig, match="another config"):
        trainer(shards, tmp_path, replace(CONFIG, seed=5))


def test_a_torn_state_is_skipped(shards: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = trainer(shards, tmp_path)
    run._train_step()
    run.save()
    run._train_step()
    run.save()
    newest = tmp_path / STATES / "step-00000002.pt"
    newest.write_bytes(newest.read_bytes()[:-100])
    with caplog.at_level(logging.WARNING):
        assert trainer(shards, tmp_path).step == 1
    assert "step-00000002.pt is damaged" in caplog.text


def test_only_the_last_states_are_kept(tmp_path: Path) -> None:
    for step in range(5):
        checkpoint.save(tmp_path, step, {"step": step})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"step-0000000{step}.{ending}" for step in (3, 4) for ending in ("pt", "sha256")
    )


def test_schedule() -> None:
    config = OptimConfig(learning_rate=1.0, warmup_tokens=100, final_fraction=0.1)
    assert learning_rate(config, 0, 1100) == pytest.approx(0.01)
    assert learning_rate(config, 100, 1100) == pytest.approx(1.0)
    assert learning_rate(config, 600, 1100) == pytest.approx(0.55)
    assert learning_rate(config, 1100, 1100) == pytest.approx(0.1)


def test_only_matrices_decay() -> None:
    model = new_model(replace(MODEL, bias=True, layer_norm_affine=True), 0)
    decayed, plain = make_optimizer(model, OPTIM).param_groups
    assert {p.ndim for p in decayed["params"]} == {2}
    assert {p.ndim for p in plain["params"]} == {1}
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.1, 0.0)
    assert sum(p.numel() for g in (decayed, plain) for p in g["params"]) == model.config.n_parameters


@pytest.mark.parametrize(("key", "value"), [("tokens", 0), ("seq_len", 0), ("batch_tokens", 63)])
def test_bad_config(key: str, value: int) -> None:
    with pytest.raises(BadConfig, match=f"training.{key} is {value}"):
        replace(CONFIG, **{key: value})


def test_a_sequence_longer_than_the_context(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="the model has 16 positions"):
        trainer(shards, tmp_path, replace(CONFIG, seq_len=32))
