"""The states of a run when something went wrong: damage, a full disk, another process, an end that is given again."""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from galactica.errors import BadConfig, BadData
from galactica.training import curves
from galactica.training.checkpoint import STATE
from galactica.training.monitor import METRICS, Monitor
from galactica.training.trainer import STATES

from .runs import CONFIG, MODEL, records, trainer, write_shards


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shards(tmp_path_factory.mktemp("shards"))


def saved(shards: Path, folder: Path, steps: int) -> Path:
    """The states of a run that was cut after some steps, one for each that is kept."""
    run = trainer(shards, folder)
    for _ in range(steps):
        run.train_step()
        run.save()
    return folder / STATES


def spoil(state: Path) -> None:
    for file in state.glob("*.distcp"):
        file.write_bytes(file.read_bytes()[:-100])


def names(states: Path) -> list[str]:
    return sorted(path.name for path in states.iterdir() if not path.name.startswith("."))


def test_damaged_states_do_not_count_as_kept(shards: Path, tmp_path: Path) -> None:
    states = saved(shards, tmp_path, 3)
    spoil(states / "step-00000003")
    run = trainer(shards, tmp_path)
    assert names(states) == ["damaged-step-00000003", "step-00000002"]
    run.step = 1  # a name before the damaged one's
    run.save()
    assert "step-00000001" in names(states)


def test_damaged_states_alone_stop_the_run(shards: Path, tmp_path: Path) -> None:
    states = saved(shards, tmp_path, 2)
    for path in states.iterdir():
        spoil(path)
    for _ in range(2):  # the second attempt finds what the first found
        with pytest.raises(BadData, match=r"step-00000002 \(.*step-00000001 \(.*delete"):
            trainer(shards, tmp_path)


@pytest.mark.parametrize("edit", ["risen", "best_by_source", "torn"])
def test_an_edited_state_json_is_damage(shards: Path, tmp_path: Path, edit: str) -> None:
    path = saved(shards, tmp_path, 2) / "step-00000002" / STATE
    content = json.loads(path.read_text())
    if edit == "risen":
        content["state"]["risen"] = 7
    else:
        content["state"].pop("best_by_source")
    path.write_text(json.dumps(content)[: -30 if edit == "torn" else None])
    assert trainer(shards, tmp_path).step == 1


def test_an_early_stop_given_again_stops_there(shards: Path, tmp_path: Path) -> None:
    config = replace(CONFIG, patience=2)
    run = trainer(shards, tmp_path, config)
    run._best_by_source = {"papers": 0.0, "proteins": 0.0}
    first = run.run()
    assert first.ended == "patience"
    assert trainer(shards, tmp_path, config).run() == first
    late = trainer(shards, tmp_path / "late", replace(CONFIG, minutes=1e-9)).run()
    assert (late.ended, late.tokens) == ("minutes", 64)
    assert trainer(shards, tmp_path / "late", replace(CONFIG, minutes=1e-9)).run() == late


def test_without_a_state_the_records_are_forgotten(shards: Path, tmp_path: Path) -> None:
    (tmp_path / METRICS).write_text('{"kind": "train", "step": 10, "loss": 1.0}\n{"kind": "tr')
    trainer(shards, tmp_path)
    assert records(tmp_path, "train") == []


def test_another_shape_is_refused_before_tensors_are_read(shards: Path, tmp_path: Path) -> None:
    states = saved(shards, tmp_path, 3)
    spoil(states / "step-00000003")
    with pytest.raises(BadConfig, match=r"model\.d_model: 16 -> 32"):
        trainer(shards, tmp_path, model=replace(MODEL, d_model=32))
    assert "step-00000003" in names(states)  # a run that is refused changes nothing


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows beyond 4 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk(shards: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = trainer(shards, tmp_path)
    run.train_step()
    with full_disk(), caplog.at_level(logging.WARNING):
        run.save(wait=False)
        run.train_step()
        with pytest.raises(
            BadData, match=r"step-00000002 could not be written \(.*MB of that disk are free\)"
        ) as error:
            run.save()
    assert "\n" not in str(error.value)
    assert "step-00000001 could not be written" in caplog.text
    assert [path.name for path in (tmp_path / STATES).iterdir()] == [".lock"]
    run.save()
    assert trainer(shards, tmp_path).step == 2


def test_damaged_best_weights_are_forgotten(shards: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    first = trainer(shards, tmp_path)
    first.run()
    spoil(tmp_path / STATES / f"best-{first.best_step:08d}")
    with caplog.at_level(logging.WARNING):
        again = trainer(shards, tmp_path)
        assert (again.best_step, again.best_record) == (None, {})
        result = again.run()
    assert "are lost" in caplog.text
    assert result.validation == records(tmp_path, "validation")[-1]
    assert again.measured(again.model) == pytest.approx(result.validation["loss"], rel=1e-6)


def test_a_second_process_is_refused(shards: Path, tmp_path: Path) -> None:
    script = (
        "import fcntl, sys\nlock = open(sys.argv[1], 'a')\nfcntl.flock(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    (tmp_path / STATES).mkdir()
    command = [sys.executable, "-c", script, str(tmp_path / STATES / ".lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BadData, match="another process trains"):
            trainer(shards, tmp_path)
        other.communicate()
    trainer(shards, tmp_path)


def test_metrics_are_json_and_may_be_cut(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path, lambda record: None, writes=True, tensorboard=False)
    monitor.log({"kind": "skipped", "step": 1, "loss": float("nan"), "inner": {"loss": float("inf")}})
    path = tmp_path / METRICS
    assert "NaN" not in path.read_text()
    path.write_text(path.read_text() + '{"kind": "train", "st')
    assert curves.read_metrics(path) == [{"kind": "skipped", "step": 1, "loss": None, "inner": {"loss": None}}]
