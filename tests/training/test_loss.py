"""The chunked head loss against torch's own cross-entropy: value, gradients, ignored targets."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from galactica.model.config import ModelConfig
from galactica.model.transformer import Transformer
from galactica.training import loss
from galactica.training.data import Batch, documents

CHUNK = 256


@pytest.mark.parametrize("n_tokens", [1, CHUNK, 2 * CHUNK + 7])
def test_value_and_gradients(n_tokens: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(loss.CHUNK_TOKENS, "cpu", CHUNK)
    torch.manual_seed(0)
    x = torch.randn(n_tokens, 12, requires_grad=True)
    weight = torch.randn(50, 12, requires_grad=True)
    targets = torch.randint(0, 50, (n_tokens,))
    targets[1::5] = loss.IGNORED
    expected = F.cross_entropy(x @ weight.T, targets, ignore_index=loss.IGNORED, reduction="sum")
    expected_x, expected_weight = torch.autograd.grad(3 * expected, (x, weight))
    found = loss.head_loss(x, weight, targets)
    found_x, found_weight = torch.autograd.grad(3 * found, (x, weight))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(found_x, expected_x)
    torch.testing.assert_close(found_weight, expected_weight)


def test_bfloat16_stays_near_float32() -> None:
    torch.manual_seed(0)
    x, weight, targets = torch.randn(300, 32), torch.randn(80, 32) * 0.1, torch.randint(0, 80, (300,))
    exact = loss.head_loss(x, weight, targets)
    rough = loss.head_loss(x.bfloat16(), weight, targets)
    assert rough.dtype == torch.float32
    assert abs(rough - exact) < 0.01 * 300


def test_attention_inside_documents() -> None:
    """A window of two documents has the loss of the two alone, each at the positions it had."""
    torch.manual_seed(0)
    transformer = Transformer(ModelConfig(20, 16, 2, 2, max_seq_len=16)).eval()
    model = loss.LossModel(transformer, torch.float32)
    ids = torch.tensor([[5, 6, 7, 0, 8, 9, 10, 11]])
    targets = torch.cat([ids[:, 1:], torch.tensor([[12]])], 1)
    whole = model(Batch(ids, targets, documents(ids, 0)))
    first = model(Batch(ids[:, :4], targets[:, :4]))
    x = transformer.hidden(ids[:, 4:], positions_BT=torch.arange(4, 8)[None])
    second = loss.head_loss(x[0], transformer.embedding.weight, targets[0, 4:])
    torch.testing.assert_close(whole, first + second)
    assert abs(model(Batch(ids, targets)) - whole) > 1e-3


def test_large_logits_and_their_gradients_in_bfloat16() -> None:
    """Red by exponentials that are not taken below the greatest, or by a target's term rounded before it is taken away."""
    torch.manual_seed(0)
    x, weight, targets = torch.randn(64, 16) * 10, torch.randn(40, 16) * 10, torch.randint(0, 40, (64,))
    rough_x, rough_weight = x.bfloat16().requires_grad_(), weight.bfloat16().float().requires_grad_()
    exact_x, exact_weight = rough_x.detach().float().requires_grad_(), rough_weight.detach().clone().requires_grad_()
    found = torch.autograd.grad(loss.head_loss(rough_x, rough_weight, targets), (rough_x, rough_weight))
    expected = torch.autograd.grad(
        F.cross_entropy(exact_x @ exact_weight.T, targets, reduction="sum"), (exact_x, exact_weight)
    )
    for one, other in zip(found, expected, strict=True):
        assert one.isfinite().all()
        assert (one.float() - other).norm() < 0.01 * other.norm()
