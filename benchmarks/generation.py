"""Our decoding beside transformers' `generate` on the same random weights, greedy: tokens a second, and the ceiling of the memory.

    python benchmarks/generation.py                       # 30M and 125M, prompt 128 + 128 new, batch 1 and 8
    python benchmarks/generation.py --sizes 125m --new 64

The engines take turns, so that what else the machine does falls on all; a figure is the median of its turns. The ceiling is the
bandwidth of reading, measured between the turns, over the bytes of the weights: no engine that reads them once a token is above it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from galactica.model.config import SIZES, ModelConfig
from galactica.model.convert import save_checkpoint
from galactica.model.fused import FusedStep, fused_step
from galactica.model.kv_cache import KVCache
from galactica.model.transformer import Transformer

SHAPES = {"30m": ModelConfig(50_000, 320, 11, 5, max_seq_len=2048), "125m": SIZES["mini"]}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
Run = Callable[[Tensor, int], object]
"""Greedy continuation of prompts (B, T) by so many tokens."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    arguments.add_argument("--batches", nargs="*", type=int, default=[1, 8])
    arguments.add_argument("--prompt", type=int, default=128)
    arguments.add_argument("--new", type=int, default=128)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}; tokens/s, greedy, in turns")
    print(
        f"{'size':<5} {'engine':<22} {'dtype':<9}",
        *(f"{f'batch {n}':>9}" for n in given.batches),
        f"{'prefill':>9} {'of ceiling':>11}",
    )
    for size in given.sizes:
        for dtype in DTYPES:
            compare(size, dtype, given)


def compare(size: str, dtype: str, given: argparse.Namespace) -> None:
    """Print a line for each engine. The share of the ceiling is that of a batch of one."""
    runs = engines(SHAPES[size], DTYPES[dtype])
    rates: dict[str, list[float]] = {name: [] for name in runs}
    bandwidth = 0.0
    for batch in given.batches:
        found, seen = race(runs, torch.randint(5, 50_000, (batch, given.prompt)), given.new, given.rounds)
        bandwidth = max(bandwidth, seen)
        for name, rate in found.items():
            rates[name].append(rate)
    prefill, _ = race(runs, torch.randint(5, 50_000, (1, 1024)), 0, given.rounds)
    n_bytes = SHAPES[size].n_parameters * DTYPES[dtype].itemsize
    for name, found in rates.items():
        line = " ".join(f"{rate:>9.1f}" for rate in found)
        share = found[0] * n_bytes / bandwidth if given.batches[0] == 1 else float("nan")
        print(f"{size:<5} {name:<22} {dtype:<9} {line} {prefill[name]:>9.0f} {share:>11.0%}", flush=True)
    print(f"      ceiling: {bandwidth / 1e9:.0f} GB/s read, {bandwidth / n_bytes:.0f} tokens/s")


def engines(shape: ModelConfig, dtype: torch.dtype) -> dict[str, Run]:
    """Name -> what decodes, all with the same weights."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    model = Transformer(shape).eval().to(dtype)
    with tempfile.TemporaryDirectory() as folder:
        save_checkpoint(model, Path(folder) / "m", bos_id=0, pad_id=1, eos_id=2)
        peer = AutoModelForCausalLM.from_pretrained(Path(folder) / "m", torch_dtype=dtype).eval()
    step = fused_step(model)
    if step is None:
        raise SystemExit("no C++ compiler here, or GALACTICA_KERNEL=off: there is nothing to compare")

    def generate(ids: Tensor, n: int) -> object:
        if n == 0:
            return peer(ids, logits_to_keep=1).logits
        return peer.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=n, min_new_tokens=n, do_sample=False
        )

    return {
        "transformers generate": generate,
        "ours, torch": lambda ids, n: decode(model, None, ids, n),
        "ours, compiled step": lambda ids, n: decode(model, step, ids, n),
    }


def decode(model: Transformer, step: FusedStep | None, ids: Tensor, n: int) -> Tensor:
    """The last logits after a prompt and `n` tokens, each the likeliest."""
    cache = KVCache(model.config, len(ids), dtype=model.embedding.weight.dtype)
    logits = model.head(model.hidden(ids, cache=cache)[:, -1])
    for _ in range(n):
        chosen = logits.argmax(-1)
        logits = step(chosen, cache) if step else model.head(model.hidden(chosen[:, None], cache=cache)[:, -1])
    return logits


@torch.inference_mode()
def race(runs: dict[str, Run], ids: Tensor, n: int, rounds: int) -> tuple[dict[str, float], float]:
    """Median tokens a second of each, new ones or, with none, those of the prompt; bytes a second of the fastest reading."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    bandwidth = 0.0
    for turn in range(rounds + 1):  # the first does not count
        bandwidth = max(bandwidth, read_bandwidth())
        for name, run in runs.items():
            start = time.perf_counter()
            run(ids, n if turn else min(n, 2))
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {
        name: len(ids) * (n or ids.shape[1]) / statistics.median(found) for name, found in seconds.items()
    }, bandwidth


def read_bandwidth() -> float:
    """Bytes a second that all threads read, the best of five."""
    values = torch.ones(2**26)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        values.sum()
        best = min(best, time.perf_counter() - start)
    return values.nbytes / best


if __name__ == "__main__":
    main()
