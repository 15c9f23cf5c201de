"""Our training beside a plain loop over transformers' OPT of the same shape, precision and batch: tokens a second and MFU.

    python benchmarks/training.py                     # 10M, 30M and 125M, with the published vocabulary of 50,000
    python benchmarks/training.py --sizes 10m 30m --vocab-size 8192 --rounds 5

10M and 30M are the parameters of the layers; 125M is the published "mini", embedding included.

The two take turns, so that what else the machine does falls on both; the ratio of their medians is the figure. MFU is counted
by the PaLM formula against the fastest large matrix product that the machine did between the turns.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from galactica.model.config import SIZES, ModelConfig
from galactica.training.config import OptimConfig, TrainingConfig
from galactica.training.data import Windows
from galactica.training.monitor import flops_per_token, matrix_peak
from galactica.training.trainer import Trainer, new_model

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
SHAPES = {
    # windows before each step and at a time
    "10m": (ModelConfig(50_000, 384, 6, 6, max_seq_len=1024, dropout=0.0, attention_dropout=0.0), 8, 8),
    "30m": (ModelConfig(50_000, 512, 10, 8, max_seq_len=1024, dropout=0.0, attention_dropout=0.0), 8, 8),
    "125m": (replace(SIZES["mini"], max_seq_len=1024, dropout=0.0, attention_dropout=0.0), 4, 4),
    "1.3b": (replace(SIZES["base"], dropout=0.0, attention_dropout=0.0), 8, 4),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", nargs="*", default=["10m", "30m", "125m"], choices=list(SHAPES))
    arguments.add_argument("--vocab-size", type=int, default=50_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--steps", type=int, default=2, help="steps of one turn")
    arguments.add_argument("--precision", default="bfloat16", choices=["float32", "bfloat16"])
    given = arguments.parse_args()
    print(f"{DEVICE.type}, {torch.get_num_threads()} threads, {given.precision}, {given.vocab_size:,} words")
    columns = ("parameters", 12), ("ours tok/s", 11), ("OPT tok/s", 10), ("ratio", 6), ("MFU", 6), ("OPT MFU", 8)
    print(f"{'size':<6}", *(f"{name:>{width}}" for name, width in columns), "  peak TFLOP/s")
    for size in given.sizes:
        shape, batch, micro = SHAPES[size]
        shape = replace(shape, vocab_size=given.vocab_size)
        with tempfile.TemporaryDirectory() as folder:
            turns = {
                "ours": ours(shape, batch, micro, given.precision, Path(folder)),
                "peer": peer(shape, batch, given.precision),
            }
            rates, peak = race(turns, batch * shape.max_seq_len, given.rounds, given.steps, given.precision)
        used = {name: rate * flops_per_token(shape, shape.max_seq_len) / peak for name, rate in rates.items()}
        print(
            f"{size:<6} {shape.n_parameters:>12,} {rates['ours']:>11,.0f} {rates['peer']:>10,.0f} "
            f"{rates['ours'] / rates['peer']:>6.2f} {used['ours']:>6.1%} {used['peer']:>8.1%} {peak / 1e12:>14.2f}",
            flush=True,
        )


def race(
    turns: dict[str, Callable[[], object]], tokens: int, rounds: int, steps: int, precision: str
) -> tuple[dict[str, float], float]:
    """Median tokens a second of each, in turns after one that does not count; FLOP/s of the fastest product between them."""
    seconds: dict[str, list[float]] = {name: [] for name in turns}
    peak = 0.0
    for turn in range(rounds + 1):
        peak = max(peak, matrix_peak(DEVICE, getattr(torch, precision)))
        for name, step in turns.items():
            for _ in range(1 if turn == 0 else steps):
                start = time.perf_counter()
                step()
                if torch.cuda.is_available():
                    torch.cuda.synchronize()
                if turn:
                    seconds[name].append(time.perf_counter() - start)
    return {name: tokens / statistics.median(found) for name, found in seconds.items()}, peak


def ours(shape: ModelConfig, batch: int, micro: int, precision: str, folder: Path) -> Callable[[], object]:
    """One step of our trainer, as the run files have it."""
    ids = np.random.default_rng(0).integers(0, shape.vocab_size, 200_000).astype(np.uint16)
    config = TrainingConfig(
        batch_tokens=batch * shape.max_seq_len,
        micro_batch=micro,
        tokens=10**9,
        seq_len=shape.max_seq_len,
        precision=precision,  # type: ignore[arg-type]
        compile=True,
    )
    data = Windows({"random": ids}, shape.max_seq_len, 0, {})
    trainer = Trainer(new_model(shape, 0), config, OptimConfig(), data, {}, folder)
    return trainer.train_step


def peer(shape: ModelConfig, batch: int, precision: str) -> Callable[[], object]:
    """One step of the loop that anyone writes first."""
    from transformers import OPTConfig, OPTForCausalLM

    model = OPTForCausalLM(
        OPTConfig(
            vocab_size=shape.vocab_size,
            hidden_size=shape.d_model,
            word_embed_proj_dim=shape.d_model,
            num_hidden_layers=shape.n_layers,
            num_attention_heads=shape.n_heads,
            ffn_dim=shape.d_ff,
            max_position_embeddings=shape.max_seq_len,
            activation_function="gelu",
            dropout=0.0,
            attention_dropout=0.0,
            enable_bias=False,
            layer_norm_elementwise_affine=False,
        )
    )
    model.to(DEVICE).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    ids = torch.randint(0, shape.vocab_size, (batch, shape.max_seq_len), device=DEVICE)

    def step() -> None:
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=precision == "bfloat16"):
            loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    return step


if __name__ == "__main__":
    main()
