"""The planner's memory beside measured peaks: one process a shape trains three steps, and says how far its memory rose.

    python benchmarks/memory.py            # every shape of this machine's kind
    python benchmarks/memory.py --shapes small --json

On a CPU the peak is resident memory above what the process held with torch loaded; blocks are returned to the system when they are
freed, so that what is measured is what is held. On a GPU it is what torch's allocator gave out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SHAPES = {
    # name: vocabulary, d_model, layers, heads, context, windows at a time, precision, activations computed again
    "small": (4096, 256, 6, 4, 512, 4, "bfloat16", False),
    "batch": (8192, 320, 6, 5, 1024, 4, "bfloat16", False),
    "twice": (8192, 320, 6, 5, 1024, 8, "bfloat16", False),
    "deep": (8192, 320, 12, 5, 1024, 4, "bfloat16", False),
    "wide": (8192, 640, 6, 5, 1024, 4, "bfloat16", False),
    "again": (8192, 320, 12, 5, 1024, 4, "bfloat16", True),
    "exact": (8192, 320, 6, 5, 1024, 4, "float32", False),
    "words": (32768, 320, 6, 5, 1024, 4, "bfloat16", False),
}
GPU_SHAPES = {
    "125m": (50_000, 768, 12, 12, 2048, 8, "bfloat16", False),
    "125m again": (50_000, 768, 12, 12, 2048, 8, "bfloat16", True),
    "350m": (50_000, 1024, 24, 16, 2048, 8, "bfloat16", False),
    "1.3b": (50_000, 2048, 24, 32, 2048, 2, "bfloat16", True),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--shapes", nargs="*", help="names; all where left out")
    arguments.add_argument("--json", action="store_true", help="one line of JSON")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(measure(tuple(json.loads(given.one)))))
        return
    import torch

    shapes = GPU_SHAPES if torch.cuda.is_available() else SHAPES
    rows = [run(name, shapes[name]) for name in given.shapes or shapes]
    if given.json:
        print(json.dumps(rows))
        return
    print(f"{'shape':<12} {'parameters':>12} {'planned MB':>11} {'measured MB':>12} {'error':>7}")
    for row in rows:
        error = row["planned"] / row["measured"] - 1
        print(
            f"{row['shape']:<12} {row['parameters']:>12,} {row['planned']:>11,.0f} {row['measured']:>12,.0f} {error:>+7.1%}"
        )


def run(name: str, shape: tuple[object, ...]) -> dict[str, float]:
    """Measure in a process of its own, whose freed memory goes back to the system at once."""
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    command = [sys.executable, __file__, "--one", json.dumps(shape)]
    found = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return {"shape": name, **json.loads(found.stdout.splitlines()[-1])}


def measure(shape: tuple[object, ...]) -> dict[str, float]:
    """Train three steps of two micro-batches; megabytes planned and measured."""
    import numpy as np
    import torch

    from galactica.model.config import ModelConfig
    from galactica.training.config import OptimConfig, ParallelConfig, TrainingConfig
    from galactica.training.data import Windows
    from galactica.training.plan import memory
    from galactica.training.trainer import Trainer, new_model

    vocabulary, d_model, layers, heads, context, windows, precision, again = shape
    model = ModelConfig(vocabulary, d_model, layers, heads, max_seq_len=context, dropout=0.0, attention_dropout=0.0)  # type: ignore[arg-type]
    config = TrainingConfig(
        batch_tokens=2 * windows * context,  # type: ignore[operator]
        micro_batch=windows,  # type: ignore[arg-type]
        tokens=10**9,
        seq_len=context,  # type: ignore[arg-type]
        precision=precision,  # type: ignore[arg-type]
        parallel=ParallelConfig(checkpoint_activations=bool(again)),
    )
    ids = np.random.default_rng(0).integers(0, model.vocab_size, 50 * model.max_seq_len).astype(np.uint16)
    data = Windows({"random": ids}, model.max_seq_len, 0, {})
    _warm_up()
    before = _held()
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(new_model(model, 0), config, OptimConfig(), data, {}, Path(folder))
        for _ in range(3):
            trainer.train_step()
    return {
        "parameters": model.n_parameters,
        "planned": sum(memory(model, config, kind="cuda" if torch.cuda.is_available() else "cpu").values()) / 1e6,
        "measured": (_peak() - before) / 1e6,
    }


def _warm_up() -> None:
    """Load what the first product and the first step of an optimizer load."""
    import torch as t

    weight = t.randn(64, 64, requires_grad=True)
    with t.autocast("cpu", t.bfloat16):
        (weight @ weight).sum().backward()  # type: ignore[no-untyped-call]
    t.optim.AdamW([weight], fused=True).step()


def _held() -> int:
    import torch as t

    return t.cuda.memory_allocated() if t.cuda.is_available() else _status("VmRSS")


def _peak() -> int:
    import torch as t

    return t.cuda.max_memory_allocated() if t.cuda.is_available() else _status("VmHWM")


def _status(key: str) -> int:
    """Bytes; Linux."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    raise KeyError(key)


if __name__ == "__main__":
    main()
