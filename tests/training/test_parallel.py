"""Many ranks, as processes on this machine: the losses of one rank, states that go from one layout to another.

Red by: a gradient averaged over the tensor ranks too, windows that depend on the number of ranks, dropout drawn per rank, a state
that holds one rank's part, a norm over local parts.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from galactica.errors import BadConfig
from galactica.training.config import ParallelConfig
from galactica.training.parallel import Layout, join

from .runs import CONFIG, trainer, write_shards

HERE = Path(__file__).parent
SCRIPT = """
    import json, sys
    from dataclasses import replace
    from pathlib import Path
    import torch
    sys.path.insert(0, {tests!r})
    torch.set_num_threads(1)
    from training.runs import CONFIG, MODEL, trainer
    from galactica.training import parallel
    from galactica.training.config import ParallelConfig

    shards, folder, steps, options = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
    dropout = options.pop("dropout", 0.0)
    compiled = options.pop("compile", False)
    config = replace(CONFIG, micro_batch=1, parallel=ParallelConfig(**options), compile=compiled)
    run = trainer(shards, folder, config, replace(MODEL, dropout=dropout, attention_dropout=0.0))
    losses = [run.train_step() for _ in range(steps)]
    run._validate(losses[-1])
    run.save()
    if run.layout.is_first:
        print(json.dumps(losses + [run.best_record["loss"]]))
    parallel.leave()
"""


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shards(tmp_path_factory.mktemp("shards"))


def losses(shards: Path, folder: Path, ranks: int, steps: int, **options: float) -> list[float]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = folder.parent / "rank.py"
    script.write_text(textwrap.dedent(SCRIPT.format(tests=str(HERE.parent))))
    launch = [sys.executable]
    if ranks > 1:
        launch += ["-m", "torch.distributed.run", f"--nproc-per-node={ranks}", f"--master-port={port}"]
    command = [*launch, str(script), str(shards), str(folder), str(steps), json.dumps(options)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    found = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=250, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    result: list[float] = json.loads(found.stdout.splitlines()[-1])
    return result


@pytest.fixture(scope="module")
def one_rank(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    return losses(shards, tmp_path_factory.mktemp("one") / "run", 1, 6)


@pytest.mark.parametrize(
    ("ranks", "options"),
    [
        (2, {}),
        (2, {"tensor": 2}),
        (4, {"tensor": 2, "checkpoint_activations": True}),
        (2, {"replicate": 2}),
    ],
    ids=["sharded", "tensor", "2x2 with checkpointed activations", "replicated"],
)
def test_losses_are_those_of_one_rank(
    shards: Path, tmp_path: Path, one_rank: list[float], ranks: int, options: dict[str, float]
) -> None:
    assert losses(shards, tmp_path / "run", ranks, 6, **options) == pytest.approx(one_rank, abs=2e-5)


def test_dropout_does_not_depend_on_the_number_of_ranks(shards: Path, tmp_path: Path) -> None:
    one = losses(shards, tmp_path / "one", 1, 3, dropout=0.3)
    assert losses(shards, tmp_path / "two", 2, 3, dropout=0.3) == pytest.approx(one, abs=2e-5)


def test_a_state_goes_on_in_another_layout(shards: Path, tmp_path: Path, one_rank: list[float]) -> None:
    """Two steps on one rank, two on two ranks that share matrices, two on one rank again."""
    folder = tmp_path / "run"
    found = losses(shards, folder, 1, 2)[:2]
    found += losses(shards, folder, 2, 2, tensor=2)[:2]
    found += losses(shards, folder, 1, 2)[:2]
    assert found == pytest.approx(one_rank[:6], abs=2e-5)


def test_ranks_that_do_not_fit(shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadConfig, match="4 micro-batches; 3 ranks"):
        trainer(shards, tmp_path, replace(CONFIG, micro_batch=1), layout=Layout(torch.device("cpu"), n_data=3))
    with pytest.raises(BadConfig, match="asks for 2 ranks and this is one process"):
        trainer(shards, tmp_path, replace(CONFIG, parallel=ParallelConfig(tensor=2)))
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(BadConfig, match="4 ranks were started"):
        join(ParallelConfig(tensor=3))
