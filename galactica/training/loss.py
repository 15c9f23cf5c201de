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

CHUNK_TOKENS = {"cpu": 1024, "cuda": 4096}
"""On one core with 50,000 words of width 384 in bfloat16, 4,096 tokens took 3.0 s by 1,024 at a time and 3.7 s by 256: the
gradient of the matrix is added to once a chunk. A GPU wants matrices that fill it: 4,096 x 50,000 logits in bf16 are 0.4 GB."""

IGNORED = -1
Exponentials = Callable[[Tensor], tuple[Tensor, Tensor]]


class LossModel(nn.Module):
    """A Transformer and its loss as one module, so that whatever wraps the module holds the tied embedding through both."""

    def __init__(
        self, transformer: Transformer, precision: torch.dtype, exponentials: Exponentials | None = None
    ) -> None:
        super().__init__()
        self.transformer = transformer
        self._precision = precision
        self._exponentials = exponentials or exponentials_

    def forward(self, batch: Batch) -> Tensor:
        """The *sum* of the natural-log losses of all targets that are not -1, float32."""
        ids_BT, targets_BT, documents_BT = batch
        mask = None if documents_BT is None else _within_documents(documents_BT)
        with torch.autocast(ids_BT.device.type, torch.bfloat16, enabled=self._precision == torch.bfloat16):
            x_BTD = self.transformer.hidden(ids_BT, mask=mask)
        x_ND = x_BTD.flatten(0, 1).to(self._precision)
        return head_loss(x_ND, self.transformer.embedding.weight, targets_BT.flatten(), self._exponentials)


def head_loss(x_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, exponentials: Exponentials | None = None) -> Tensor:
    """Sum of the natural-log losses of the targets under `softmax(x @ weight.T)`; targets of -1 do not count.

    The gradient is computed with the loss, chunk by chunk, so logits are made once. Products run in the dtype of
    `x_ND`; sums in float32. `exponentials` may be a compiled `exponentials_`.
    """
    if not torch.is_grad_enabled():  # inside the function what needs a gradient is asked for all the same
        x_ND, weight_VD = x_ND.detach(), weight_VD.detach()
    loss: Tensor = _HeadLoss.apply(x_ND, weight_VD, targets_N, exponentials or exponentials_)  # type: ignore[no-untyped-call]
    return loss


def exponentials_(logits_NV: Tensor) -> tuple[Tensor, Tensor]:
    """Turn logits, where they lie, into exponentials of what they are below the greatest of their row; the sum of each row, and
    that greatest, in float32. Nothing is divided here: a row's sum scales the products that follow, which are smaller."""
    exact = logits_NV.float()
    greatest_N = exact.amax(1)
    exact = exact.sub_(greatest_N[:, None]).exp_()
    total_N = exact.sum(1)
    logits_NV.copy_(exact)
    return total_N, greatest_N


def _within_documents(documents_BT: Tensor) -> Tensor:
    """(B, 1, T, T): True where a position may look, that is at itself and at earlier ones of its document."""
    same = documents_BT[:, None, :, None] == documents_BT[:, None, None, :]
    return same.tril()


class _HeadLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_ND: Tensor, weight_VD: Tensor, targets_N: Tensor, exponentials: Exponentials) -> Tensor:
        weight = weight_VD.to(x_ND.dtype)
        needs_x, needs_weight = ctx.needs_input_grad[:2]
        gradient_x = torch.empty_like(x_ND) if needs_x else None
        gradient_weight = torch.zeros_like(weight_VD, dtype=torch.float32) if needs_weight else None
        total = x_ND.new_zeros((), dtype=torch.float32)
        chunk = CHUNK_TOKENS.get(x_ND.device.type, CHUNK_TOKENS["cuda"])
        logits = x_ND.new_empty(min(chunk, len(x_ND)), len(weight))
        row = torch.arange(len(logits), device=x_ND.device)
        product = torch.empty_like(weight) if needs_weight else None
        for start in range(0, len(x_ND), chunk):
            part = slice(start, start + chunk)
            x, targets = x_ND[part], targets_N[part].clamp_min(0)
            counts = targets_N[part] >= 0
            chunk_logits = torch.mm(x, weight.T, out=logits[: len(x)])
            picked = chunk_logits.gather(1, targets[:, None])[:, 0].float()
            sums, greatest = exponentials(chunk_logits)
            total += torch.where(counts, sums.log() + greatest - picked, 0.0).sum()
            scale = (counts / sums)[:, None]
            # softmax less 1 at the target, times the row's sum: taken exactly, since the two may be all but equal
            chunk_logits[row[: len(x)], targets] = ((picked - greatest).exp() - sums).to(chunk_logits.dtype)
            if gradient_x is not None:
                gradient_x[part] = (chunk_logits @ weight) * scale
            if gradient_weight is not None and product is not None:
                gradient_weight += torch.mm(chunk_logits.T, (x * scale).to(x.dtype), out=product)
        ctx.weight_dtype = weight_VD.dtype
        ctx.save_for_backward(gradient_x, gradient_weight)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        gradient_x, gradient_weight = ctx.saved_tensors
        scale = gradients[0]
        # The products are large, so the scale goes into them where they lie: a loss is differentiated once.
        return (
            None if gradient_x is None else gradient_x.mul_(scale.to(gradient_x.dtype)),
            None if gradient_weight is None else gradient_weight.mul_(scale).to(ctx.weight_dtype),
            None,
            None,
        )
