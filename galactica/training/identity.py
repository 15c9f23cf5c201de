"""What two attempts of one run must share: a state of another config or other data is refused with what differs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from galactica.model.config import ModelConfig
from galactica.training.config import OptimConfig, TrainingConfig

_FREE = frozenset(("minutes", "save_every_minutes", "keep", "compile", "parallel", "micro_batch"))
"""What may change when a run goes on: where it runs and when it stops, not what it computes. Another number of ranks sums in
another order, so the losses are then equal within rounding alone; so it is with another micro-batch without dropout. With dropout,
whose random numbers are drawn for each micro-batch, another one drops other elements."""


def run_identity(
    model: ModelConfig, config: TrainingConfig, optim: OptimConfig, n_steps: int, data: Mapping[str, Any]
) -> dict[str, Any]:
    """Flat, in JSON's types, as a state keeps it."""
    training = {name: value for name, value in dataclasses.asdict(config).items() if name not in _FREE}
    parts = {"model": dataclasses.asdict(model), "optim": dataclasses.asdict(optim), "training": training, "data": data}
    flat = {f"{part}.{name}": value for part, values in parts.items() for name, value in dict(values).items()}
    for name in ("training.guard", "training.repeats"):
        flat |= {f"{name}.{key}": value for key, value in sorted(flat.pop(name).items())}
    as_kept: dict[str, Any] = json.loads(json.dumps(flat | {"training.n_steps": n_steps}))
    return as_kept


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The first few keys that differ, as "key: before -> now"."""
    changed = [
        f"{key}: {before.get(key, 'absent')} -> {now.get(key, 'absent')}"
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    ]
    return changed[:5] + ([f"and {len(changed) - 5} more"] if len(changed) > 5 else [])
