"""The published optimiser: AdamW, linear warm-up, linear decay to a tenth (Galactica paper, section 4, table 5)."""

from __future__ import annotations

import torch
from torch import nn

from galactica.training.config import OptimConfig


def make_optimizer(model: nn.Module, config: OptimConfig) -> torch.optim.AdamW:
    """AdamW that decays matrices alone: biases and layer-norm weights are left as they are."""
    matrices = [p for p in model.parameters() if p.requires_grad and p.ndim >= 2]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]],
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        fused=True,
    )


def learning_rate(config: OptimConfig, tokens: int, total_tokens: int) -> float:
    """The rate of a step that begins after `tokens` tokens of `total_tokens`."""
    if tokens < config.warmup_tokens:
        return config.learning_rate * (tokens + 1) / config.warmup_tokens
    left = (total_tokens - tokens) / max(1, total_tokens - config.warmup_tokens)
    return config.learning_rate * (config.final_fraction + (1 - config.final_fraction) * max(0.0, left))
