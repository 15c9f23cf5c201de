"""Weights in eight bits with a scale for each row: a quarter of float32's bytes.

Symmetric, to nearest: w is about scale[row] * q, q from -127 to 127. The scale is the row's largest magnitude over 127, so no
weight is cut off.
"""

from __future__ import annotations

import torch
from torch import Tensor


def quantize_rows(weight: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) of floats -> the same shape in int8, and (rows,) scales in float32. A row of zeros has scale 0."""
    exact = weight.float()
    scale = exact.abs().amax(1) / 127
    steps = exact / torch.where(scale > 0, scale, 1.0)[:, None]
    return steps.round().clamp(-127, 127).to(torch.int8), scale


def dequantize_rows(quantized: Tensor, scale: Tensor) -> Tensor:
    """What `quantize_rows` kept of the weights, float32; each within half a scale of the original."""
    return quantized.float() * scale.float()[:, None]
