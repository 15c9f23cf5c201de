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
from typing import Any

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
    result: list[float] = launched(SCRIPT, shards, folder, ranks, steps, **options)
    return result


def launched(script_text: str, shards: Path, folder: Path, ranks: int, steps: int, **options: float) -> Any:
    """What the first rank printed last."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = folder.parent / "rank.py"
    script.write_text(textwrap.dedent(script_text.format(tests=str(HERE.parent))))
    launch = [sys.executable]
    if ranks > 1:
        launch += ["-m", "torch.distributed.run", f"--nproc-per-node={ranks}", f"--master-port={port}"]
    command = [*launch, str(script), str(shards), str(folder), str(steps), json.dumps(options)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    found = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=250, check=False)
    assert found.returncode == 0, found.stderr[-3000:]
    return json.loads(found.stdout.splitlines()[-1])


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


STARTS = """
    import json, sys
    from dataclasses import replace
    from pathlib import Path
    import torch
    sys.path.insert(0, {tests!r})
    torch.set_num_threads(1)
    from training.runs import CONFIG, MODEL, trainer
    from galactica.training import parallel
    from galactica.training.config import ParallelConfig

    held = []
    apply = parallel.apply

    def spied(model, *arguments, **options):
        held.append(sum(value.numel() for value in model.parameters() if not value.is_meta))
        apply(model, *arguments, **options)

    parallel.apply = spied
    model = replace(MODEL, bias=True, layer_norm_affine=True, vocab_size=65)
    config = replace(CONFIG, micro_batch=1, parallel=ParallelConfig(**json.loads(sys.argv[4])))
    run = trainer(Path(sys.argv[1]), Path(sys.argv[2]), config, model)
    local = [value.to_local() if hasattr(value, "to_local") else value for value in run.model.parameters()]
    share = sum(value.numel() for value in local) / model.n_parameters
    whole = dict(parallel.gathered(run.model))
    if run.layout.is_first:
        print(json.dumps([held[0], share, [value.double().flatten().tolist() for value in whole.values()]]))
    parallel.leave()
"""


def test_ranks_start_with_the_weights_of_one_and_hold_their_part_alone(shards: Path, tmp_path: Path) -> None:
    """Red by: a model that is whole on each rank before it is split, weights drawn by part, a part of another rank. 65 words do not
    divide by two."""
    held, share, one = launched(STARTS, shards, tmp_path / "one", 1, 0)
    assert (held, share) == (0, 1.0)
    for ranks, most, options in [
        (2, 0.56, {}),
        (2, 0.9, {"tensor": 2}),
        (4, 0.5, {"tensor": 2}),
        (4, 0.6, {"replicate": 2}),
    ]:
        held, share, many = launched(STARTS, shards, tmp_path / "many", ranks, 0, **options)
        assert (held, many) == (0, one), options
        assert share < most, options


INTERRUPTED = """
    import os, signal, sys
    from dataclasses import replace
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from training.runs import CONFIG, trainer
    from galactica.training import parallel

    run = trainer(Path(sys.argv[1]), Path(sys.argv[2]), replace(CONFIG, micro_batch=1))
    step = run.train_step

    def pressed():
        if run.step == 3 and run.layout.rank == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return step()

    run.train_step = pressed
    try:
        run.run()
    except KeyboardInterrupt:
        if run.layout.is_first:
            print(run.step)
    parallel.leave()
"""


def test_one_rank_that_is_told_to_stop_stops_all(shards: Path, tmp_path: Path) -> None:
    """Red by: the first rank asked alone."""
    assert launched(INTERRUPTED, shards, tmp_path / "run", 2, 0) == 4
    assert (tmp_path / "run/states/step-00000004/state.json").exists()


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
