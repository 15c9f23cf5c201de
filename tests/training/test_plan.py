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

from galactica.errors import BadConfig
from galactica.model.config import SIZES
from galactica.stages import load_run
from galactica.training.config import ParallelConfig, TrainingConfig
from galactica.training.plan import Cluster, inference_memory, make_plan, memory

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
