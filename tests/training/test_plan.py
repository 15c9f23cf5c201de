"""The planner: the published shape, what each part is, layouts in their order. Its memory is held to measured peaks by
benchmarks/memory.py; one small shape is measured here.

Red by: moments counted once, activations that do not grow with the batch, a layout whose ranks do not divide the batch.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner, Result

from galactica.cli import app
from galactica.errors import BadConfig
from galactica.model.config import SIZES, ModelConfig
from galactica.model.convert import save_checkpoint
from galactica.stages import load_run
from galactica.training.config import ParallelConfig, TrainingConfig
from galactica.training.plan import Cluster, inference_memory, make_plan, memory
from galactica.training.trainer import new_model

REPOSITORY = Path(__file__).parents[2]
A100 = Cluster(1024, 80e9)


@pytest.mark.parametrize(
    ("name", "size"), [("125m", "mini"), ("1.3b", "base"), ("6.7b", "standard"), ("30b", "large"), ("120b", "huge")]
)
def test_run_files_of_the_published_sizes(name: str, size: str) -> None:
    config = load_run(REPOSITORY / "runs" / f"{name}.toml", [])
    assert config.model == SIZES[size]
    assert config.training.tokens == 450e9
    assert config.training.batch_tokens % 2**19 == 0


def test_120b_fits_on_1024_devices_of_80_gb_and_not_on_8() -> None:
    config = load_run(REPOSITORY / "runs/120b.toml", [])
    many = make_plan(config.model, config.training, 450 * 10**9, A100)
    few = make_plan(config.model, config.training, 450 * 10**9, replace(A100, gpus=8))
    assert many.fits
    assert not few.fits
    assert "no layout fits" in few.reason
    # 6 * 120e9 operations a token (and attention's) at 45 % of 312 TFLOP/s
    assert many.tokens_per_second == pytest.approx(
        1024 * 312e12 * 0.45 / (6 * 121e9 + 12 * 96 * 10240 * 2048), rel=0.03
    )
    assert many.seconds == pytest.approx(450e9 / many.tokens_per_second)


def test_parts() -> None:
    training = TrainingConfig(batch_tokens=2**19, micro_batch=4, tokens=10**9)
    one = memory(SIZES["mini"], training)
    n = SIZES["mini"].n_parameters
    assert (one["weights"], one["gradients"], one["optimizer"]) == (4 * n, 4 * n, 8 * n)
    sharded = memory(SIZES["mini"], training, ranks=8)
    assert sharded["weights"] == n / 2
    assert memory(SIZES["mini"], replace(training, micro_batch=8))["activations"] == 2 * one["activations"]
    again = replace(training, parallel=ParallelConfig(checkpoint_activations=True))
    assert memory(SIZES["mini"], again)["activations"] < one["activations"] / 4


def test_layouts_divide_the_batch() -> None:
    training = TrainingConfig(batch_tokens=12 * 2048, micro_batch=1, tokens=10**9)
    plan = make_plan(SIZES["mini"], training, 10**9, Cluster(6, 80e9))
    assert 12 % (6 * plan.micro_batch) == 0
    with pytest.raises(BadConfig, match="no layout of 5 devices divides"):
        make_plan(SIZES["mini"], training, 10**9, Cluster(5, 80e9))


def test_inference() -> None:
    needed = inference_memory(SIZES["huge"], 2048)
    assert 8 * 80e9 > needed["fp16"] > 240e9
    assert needed["int4"] < needed["int8"] < needed["fp16"]


def test_int8_is_what_is_stored(tmp_path: Path) -> None:
    shape = ModelConfig(64, 16, 2, 2, max_seq_len=16)
    save_checkpoint(new_model(shape, 0), tmp_path / "m", dtype=torch.int8, bos_id=0, pad_id=1, eos_id=2)
    stored = load_file(tmp_path / "m/model.int8.safetensors").values()
    assert inference_memory(shape, 0)["int8"] == sum(tensor.nbytes for tensor in stored)


def planned(*options: str) -> Result:
    return CliRunner().invoke(app, ["plan", str(REPOSITORY / "runs/120b.toml"), *options], env={"COLUMNS": "300"})


def test_the_run_files_layout_is_planned_where_it_fits() -> None:
    """Red by a planner that reads the batch alone."""
    own = planned("--gpus", "1024")
    assert own.exit_code == 0
    assert "better" not in own.output  # 120b.toml holds what the planner chooses
    assert "does not do" not in own.output
    split = planned("--gpus", "1024", "--set", "training.parallel.tensor=8")
    assert "128 shards, tensor 8" in split.output
    assert "better than this layout of the run file: tensor 1" in split.output
    wrong = planned("--gpus", "1024", "--set", "training.parallel.tensor=3")
    assert "does not do: tensor x replicate is 3" in wrong.output
    assert "1,024 shards, tensor 1" in wrong.output


def test_an_answer_of_no_is_exit_status_1() -> None:
    found = planned("--gpus", "8")
    assert "DOES NOT FIT" in found.output
    assert found.exit_code == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--gpu-memory", "80"),
        ("--gpu-memory", "80MB"),
        ("--price", "nan"),
        ("--mfu", "0"),
        ("--mfu", "1.1"),
        ("--mfu", "nan"),
        ("--gpu-tflops", "nan"),
        ("--gpu-tflops", "inf"),
    ],
)
def test_bad_options(options: tuple[str, str]) -> None:
    found = planned("--gpus", "1024", *options)
    assert isinstance(found.exception, BadConfig)
    assert options[0] in str(found.exception)


@pytest.mark.parametrize("options", [{"gpus": 0}, {"memory": 0.0}, {"mfu": 1.5}, {"price": -1.0}])
def test_bad_clusters(options: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match=r"allowed|must be"):
        replace(A100, **options)  # type: ignore[arg-type]


def test_a_measured_peak() -> None:
    """One shape of benchmarks/memory.py: the model of memory is within a tenth of what the process took."""
    command = [sys.executable, str(REPOSITORY / "benchmarks/memory.py"), "--json", "--shapes", "small"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=280, check=True)
    (row,) = json.loads(found.stdout.splitlines()[-1])
    assert row["planned"] == pytest.approx(row["measured"], rel=0.1)
