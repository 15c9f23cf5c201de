"""The README of a trained model, from what its run measured: the good and the bad in the same table."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from galactica.model.config import ModelConfig


def pretraining_card(name: str, shape: ModelConfig, start: str | None, counts: Mapping[str, Any]) -> str:
    """The README of a model that `galactica run` or `galactica train --shards` made; `start` is what it went on from."""
    origin = "from scratch" if start is None else f"on from {start}"
    return f"""# Galactica {name}

A decoder of {counts["parameters"]:,} parameters ({shape.n_layers} layers, d_model {shape.d_model}, {shape.n_heads} heads, context
{shape.max_seq_len}), trained {origin} in the document language of Galactica.

{_measured(counts)}

Held-out documents were set aside whole before training. `curves.png` shows the loss over the run, `metrics.jsonl` holds every
figure.

## What it is good for, and what not

It is a small model: it has the form of scientific text, its headings, formulas and citations, and little of its content. What
it states is not to be believed. Its citations are records of a library of real works, by construction; that a work exists does
not mean that it supports the sentence it stands in.
"""


def finetuning_card(name: str, start: str, how: str, counts: Mapping[str, Any]) -> str:
    """The README of a model that `galactica train --data` made; `how` says which weights moved and what the loss counted."""
    return f"""# Galactica {name}

{start}, fine-tuned ({how}) by `galactica train`: {counts["parameters"]:,} parameters.

{_measured(counts)}
"""


def validation_table(counts: Mapping[str, Any]) -> str:
    """Loss, bits per byte and epochs seen per source, as a Markdown table."""
    head = "| source | training tokens | epochs seen | validation loss | bits per byte | tokens measured |"
    rows = [head, "|---|--:|--:|--:|--:|--:|"]
    for source, row in sorted(counts["validation"].items()):
        rows.append(
            f"| {source} | {counts['train_tokens'].get(source, 0):,} | {counts['epochs'].get(source, 0):.2f} "
            f"| {row['loss']:.3f} | {row['bits_per_byte']:.3f} | {row['tokens']:,} |"
        )
    return "\n".join(rows)


def hardware() -> str:
    """The processor or device that a run used, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0] if models else name
    return f"{os.cpu_count()} cores of {name}"


def _measured(counts: Mapping[str, Any]) -> str:
    return f"""- tokens seen: {counts["tokens"]:,}
- time: {counts["seconds"] / 3600:.2f} hours on {counts["hardware"]}
- mean validation loss over sources: {counts["loss"]:.3f} nats per token
- ended by: {counts["ended"]}
- weights: {_stored(counts)}
- written: {time.strftime("%Y-%m-%d")}

{validation_table(counts)}"""


def _stored(counts: Mapping[str, Any]) -> str:
    kind, size = counts["weights"], counts["weight_bytes"] / 1e6
    if "stored_loss" not in counts:
        return f"stored as {kind}, {size:.1f} MB, in OPT's layout: `transformers` loads the folder too"
    return (
        f"stored as {kind} with a scale for each row, {size:.1f} MB; the mean validation loss of what is stored is "
        f"{counts['stored_loss']:.4f}, of the weights as trained {counts['loss']:.4f}. `galactica export` writes them in "
        "OPT's layout for `transformers`"
    )
