"""Numbers of a run file that a run cannot use are one line: the key, the value, what is allowed.

Red by: a comparison that nan passes, a key that is never looked at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica.errors import BadConfig
from galactica.stages import load_run

NANO = Path(__file__).parents[2] / "runs/nano.toml"


@pytest.mark.parametrize(
    "override",
    [
        "optim.learning_rate=nan",
        "optim.learning_rate=inf",
        "optim.clip_norm=nan",
        "optim.beta1=2",
        "optim.beta2=-0.1",
        "optim.warmup_tokens=-5",
        "optim.weight_decay=-1",
        "optim.weight_decay=nan",
        "optim.final_fraction=nan",
        "training.repeats.proteins=nan",
        "training.repeats.proteins=inf",
        "training.repeats.proteins=-1",
        "training.validate_every=nan",
        "training.minutes=nan",
        "training.save_every_minutes=nan",
        "training.save_every_minutes=-1",
        "training.guard.spike=nan",
        "training.guard.spike=inf",
    ],
)
def test_bad_numbers(override: str) -> None:
    key, _, value = override.partition("=")
    with pytest.raises(BadConfig, match=rf"{key} is {float(value):g}.*(allowed|must be)"):
        load_run(NANO, [override])
