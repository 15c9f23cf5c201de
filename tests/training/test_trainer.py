"""A run on small shards: it learns, and a run that was cut goes on bit for bit as if it had not been."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from galactica.errors import BadConfig, BadData
from galactica.training import curves, loss
from galactica.training.config import GuardConfig, OptimConfig
from galactica.training.monitor import METRICS
from galactica.training.optim import learning_rate, make_optimizer
from galactica.training.trainer import STATES, Trainer, new_model

from .runs import CONFIG, MODEL, OPTIM, records, trainer, without_dropout, write_shards

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shards(tmp_path_factory.mktemp("shards"))


def assert_same_weights(one: Trainer, other: Trainer) -> None:
    for left, right in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(left, right)


def test_learns_and_reports_by_source(shards: Path, tmp_path: Path) -> None:
    result = trainer(shards, tmp_path).run()
    assert result.ended == "tokens"
    assert result.tokens == CONFIG.tokens
    rows = result.validation["sources"]
    assert set(rows) == {"papers", "proteins"}
    assert rows["papers"]["loss"] < 4.16 - 0.3  # a uniform guess over 64
    # two bytes a token, as the shards say
    assert rows["papers"]["bits_per_byte"] == pytest.approx(rows["papers"]["loss"] / 0.6931 / 2, rel=1e-3)
    assert [path.suffix for path in curves.draw(tmp_path / METRICS, tmp_path / "curves")] == [".png", ".svg"]
    assert (tmp_path / "curves.png").stat().st_size > 10_000


@pytest.mark.parametrize("cut", [1, 5, 11])
def test_a_cut_run_goes_on_exactly(shards: Path, tmp_path: Path, cut: int) -> None:
    whole = trainer(shards, tmp_path / "whole")
    whole_losses = [whole.train_step() for _ in range(12)]
    first = trainer(shards, tmp_path / "cut")
    for _ in range(cut):
        first.train_step()
    first.save()
    first.train_step()  # work after the last saved state is lost, as in a kill
    second = trainer(shards, tmp_path / "cut")
    assert second.step == cut
    assert [second.train_step() for _ in range(12 - cut)] == whole_losses[cut:]
    assert_same_weights(whole, second)


def test_a_state_is_of_the_moment_it_was_asked_for(shards: Path, tmp_path: Path) -> None:
    """It is written beside the steps that follow."""
    run = trainer(shards, tmp_path / "run")
    run.train_step()
    run.save(wait=False)
    run.train_step()
    run._checkpoints.finish()
    whole = trainer(shards, tmp_path / "whole")
    whole.train_step()
    assert_same_weights(trainer(shards, tmp_path / "run"), whole)


SCRIPT = """
    import sys
    from dataclasses import replace
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from training.runs import CONFIG, trainer
    config = replace(CONFIG, tokens=600 * 64, save_every_minutes=0.0005, validate_every=0.3)
    run = trainer(Path(sys.argv[1]), Path(sys.argv[2]), config)
    run.run()
    print("done", flush=True)
"""


def run_script(shards: Path, folder: Path) -> subprocess.Popen[str]:
    script = textwrap.dedent(SCRIPT.format(tests=str(HERE.parent)))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script, str(shards), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_kill_minus_nine_at_any_moment(shards: Path, tmp_path: Path) -> None:
    """States are saved several times a second; the run is killed at four moments, in the middle of whatever it does."""
    whole = run_script(shards, tmp_path / "whole")
    assert whole.communicate(timeout=120)[0] == "done\n"
    kills = 0
    for delay in (0.3, 0.11, 0.57, 0.23):
        cut = run_script(shards, tmp_path / "cut")
        until = time.monotonic() + 60
        while not (tmp_path / "cut" / METRICS).exists() and time.monotonic() < until and cut.poll() is None:
            time.sleep(0.02)
        time.sleep(delay)
        kills += cut.poll() is None
        cut.kill()
        cut.wait()
    assert kills >= 1
    last = run_script(shards, tmp_path / "cut")
    assert last.communicate(timeout=120)[0] == "done\n"
    for kind in ("train", "validation"):
        found = [[(row["step"], row["loss"]) for row in records(tmp_path / name, kind)] for name in ("whole", "cut")]
        assert found[0] == found[1]
        assert found[0]


def test_micro_batches_sum_to_the_batch(shards: Path, tmp_path: Path) -> None:
    """Without dropout the accumulated gradient is that of the whole batch."""
    runs = [
        trainer(shards, tmp_path / str(size), replace(CONFIG, micro_batch=size), without_dropout()) for size in (1, 4)
    ]
    found = [[run.train_step() for _ in range(4)] for run in runs]
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_a_finished_run_that_is_run_again_says_the_same(shards: Path, tmp_path: Path) -> None:
    first = trainer(shards, tmp_path).run()
    again = trainer(shards, tmp_path).run()
    assert again == first


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_taken_between_steps(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Ctrl-C, or a cluster's SIGTERM, inside a step: the step is finished, the state saved, and the run goes on as if uncut."""
    whole = trainer(shards, tmp_path / "whole")
    whole.run()
    cut = trainer(shards, tmp_path / "cut")
    forward = loss.LossModel.forward

    def pressed(self: loss.LossModel, batch: Any) -> torch.Tensor:
        if cut.step == 3:
            signal.raise_signal(number)
        return forward(self, batch)

    monkeypatch.setattr(loss.LossModel, "forward", pressed)
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    monkeypatch.undo()
    second = trainer(shards, tmp_path / "cut")
    assert second.step == 4
    second.run()
    assert_same_weights(whole, second)


def test_another_config_is_refused_with_what_differs(shards: Path, tmp_path: Path) -> None:
    trainer(shards, tmp_path).save()
    with pytest.raises(BadConfig, match=r"training\.seed: 0 -> 5"):
        trainer(shards, tmp_path, replace(CONFIG, seed=5))
    with pytest.raises(BadConfig, match=r"optim\.learning_rate: 0\.01 -> 0\.02"):
        trainer(shards, tmp_path, optim=replace(OPTIM, learning_rate=0.02))
    trainer(shards, tmp_path, replace(CONFIG, minutes=3.0, micro_batch=1))


def test_a_torn_state_is_skipped(shards: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = trainer(shards, tmp_path)
    for _ in range(3):
        run.train_step()
        run.save()
    states = tmp_path / STATES
    assert sorted(path.name for path in states.glob("[!.]*")) == ["step-00000002", "step-00000003"]
    for file in states.glob("step-00000003/*.distcp"):
        file.write_bytes(file.read_bytes()[:-100])
    with caplog.at_level(logging.WARNING):
        assert trainer(shards, tmp_path).step == 2
    assert "step-00000003 is damaged" in caplog.text


def test_the_best_weights_are_left_in_the_model(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trainer(shards, tmp_path)
    result = run.run()
    losses = [row["loss"] for row in records(tmp_path, "validation")]
    assert result.validation["loss"] == min(losses)
    assert run.measured(run.model) == pytest.approx(result.validation["loss"], rel=1e-6)


def test_early_stop_waits_until_every_source_rises(shards: Path, tmp_path: Path) -> None:
    run = trainer(shards, tmp_path, replace(CONFIG, patience=2))
    for papers, proteins, risen in ((3, 3, 0), (4, 2, 0), (4, 3, 1), (4, 2, 0), (3.5, 2.5, 1), (3.1, 2.1, 2)):
        run._judge_sources({"papers": papers, "proteins": proteins})
        assert run._risen == risen
    run._risen = 0
    run._best_by_source = {"papers": 0.0, "proteins": 0.0}
    assert run.run().ended == "patience"
    assert len(records(tmp_path, "validation")) == 2


def test_a_spike_is_skipped_and_many_stop_the_run(shards: Path, tmp_path: Path) -> None:
    run = trainer(shards, tmp_path, replace(CONFIG, guard=GuardConfig(spike=5.0, window=4, max_skipped=3)))
    for _ in range(5):
        run.train_step()
    before = [parameter.clone() for parameter in run.model.parameters()]
    sound = run._accumulate

    def spoilt(value: float) -> Any:
        def accumulate() -> Any:
            found = sound()
            for parameter in run.model.parameters():
                assert parameter.grad is not None
                parameter.grad *= value
            return found

        return accumulate

    run._accumulate = spoilt(100.0)  # type: ignore[method-assign]
    run.train_step()
    run._accumulate = spoilt(float("nan"))  # type: ignore[method-assign]
    run.train_step()
    assert all(torch.equal(a, b) for a, b in zip(before, run.model.parameters(), strict=True))
    assert [row["reason"] for row in records(tmp_path, "skipped")] == ["spike", "not finite"]
    with pytest.raises(BadData, match="3 steps in a row were skipped"):
        run.train_step()


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


@pytest.mark.parametrize(
    ("key", "value"),
    [("tokens", 0), ("seq_len", 0), ("batch_tokens", 63), ("validate_every", 0.0), ("patience", -1), ("keep", 0)],
)
def test_bad_config(key: str, value: int) -> None:
    with pytest.raises(BadConfig, match=f"training.{key} is {value}"):
        replace(CONFIG, **{key: value})


def test_tokens_or_epochs() -> None:
    with pytest.raises(BadConfig, match="one of tokens"):
        replace(CONFIG, epochs=1.0)
    assert replace(CONFIG, tokens=None, epochs=2.0).n_steps(100) == 50


def test_a_sequence_longer_than_the_context(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="the model has 16 positions"):
        trainer(shards, tmp_path, replace(CONFIG, seq_len=32))
