"""Cross-entropy over the vocabulary, head included, without ever holding the logits of a whole batch.

Shapes: N tokens, D model width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from galactica.model.transformer import Transformer
from galactica.training.data import Batch

CHUNK_TOKENS = {"cpu": 256, "cuda": 4096}
"""On a CPU a chunk fits the cache: at a vocabulary of 8,192 on two cores 256 tokens took 0.20 s per 8,192 where 2,048 took 0.28 s.
A GPU wants matrices that fill it: 4,096 x 50,000 logits in bf16 are 0.4 GB."""

IGNORED = -1
Softmax = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class LossModel(nn.Module):
    """A Transformer and its loss as one module, so that whatever wraps the module holds the tied embedding through both."""

    def __init__(self, transformer: Transformer, precision: torch.dtype, softmax: Softmax | None = None) -> None:
        super().__init__()
        self.transformer = transformer
        self._precision = precision
        self._softmax = softmax or softmax_and_loss

    def forward(self, batch: Batch) -> Tensor:
        """The *sum* of the natural-log losses of all targets that are not -1, float32."""
        ids_BT, targets_BT, documents_BT = batch
        mask = None if documents_BT is None else _within_documents(documents_BT)
        with torch.autocast(ids_BT.device.type, torch.bfloat16, enabled=self._precision == torch.bfloat16):
            x_BTD = self.transformer.hidden(ids_BT, mask=mask)
        x_ND = x_BTD.flatten(0, 1).to(self._precision)
        return head_loss(x_ND, self.transformer.embedding.weight, targets_BT.flatten(), self._softmax)


def head_loss(x_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, softmax: Softmax | None = None) -> Tensor:
    """Sum of the natural-log losses of the targets under `softmax(x @ weight.T)`; targets of -1 do not count.

    The gradient is computed with the loss, chunk by chunk, so logits are made once. Products run in the dtype of
    `x_ND`; sums in float32. `softmax` may be a compiled `softmax_and_loss`.
    """
    loss: Tensor = _HeadLoss.apply(x_ND, weight_VD, targets_N, softmax or softmax_and_loss)  # type: ignore[no-untyped-call]
    return loss


def softmax_and_loss(logits_NV: Tensor, targets_N: Tensor) -> tuple[Tensor, Tensor]:
    """The probabilities, in the logits' dtype, and each token's loss in float32; both 0 where the target is ignored."""
    logits_float = logits_NV.float()
    shifted = logits_float - logits_float.amax(1, keepdim=True)
    exponentials = shifted.exp()
    total = exponentials.sum(1, keepdim=True)
    picked = shifted.gather(1, targets_N.clamp_min(0)[:, None])
    counts = targets_N >= 0
    loss = torch.where(counts, (total.log() - picked)[:, 0], 0.0)
    return (exponentials * (counts[:, None] / total)).to(logits_NV.dtype), loss


def _within_documents(documents_BT: Tensor) -> Tensor:
    """(B, 1, T, T): True where a position may look, that is at itself and at earlier ones of its document."""
    same = documents_BT[:, None, :, None] == documents_BT[:, None, None, :]
    return same.tril()


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, softmax: Softmax) -> Tensor:
        weight = weight_VD.to(x_ND.dtype)
        needs_x, needs_weight = ctx.needs_input_grad[:2]
        gradient_x = torch.empty_like(x_ND) if needs_x else None
        gradient_weight = torch.zeros_like(weight_VD) if needs_weight else None
        total = x_ND.new_zeros((), dtype=torch.float32)
        chunk = CHUNK_TOKENS.get(x_ND.device.type, CHUNK_TOKENS["cuda"])
        for start in range(0, len(x_ND), chunk):
            part = slice(start, start + chunk)
            x, targets = x_ND[part], targets_N[part]
            probabilities, loss = softmax(x @ weight.T, targets)
            total += loss.sum()
            if needs_x or needs_weight:
                ones = (targets >= 0).to(probabilities.dtype)
                probabilities.scatter_add_(1, targets.clamp_min(0)[:, None], -ones[:, None])
            if gradient_x is not None:
                gradient_x[part] = probabilities @ weight
            if gradient_weight is not None:
                gradient_weight += probabilities.T @ x
        ctx.save_for_backward(gradient_x, gradient_weight)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        gradient_x, gradient_weight = ctx.saved_tensors
        scale = gradients[0]
        # The products are large, so the scale goes into them where they lie: a loss is differentiated once.
        return (
            None if gradient_x is None else gradient_x.mul_(scale.to(gradient_x.dtype)),
            None if gradient_weight is None else gradient_weight.mul_(scale.to(gradient_weight.dtype)),
            None,
            None,
        )
