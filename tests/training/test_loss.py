"""The chunked head loss against torch's own cross-entropy: value, gradients, ignored targets."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from galactica.training import loss


@pytest.mark.parametrize("n_tokens", [1, loss.CHUNK_TOKENS, 2 * loss.CHUNK_TOKENS + 7])
def test_value_and_gradients(n_tokens: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(n_tokens, 12, requires_grad=True)
    weight = torch.randn(50, 12, requires_grad=True)
    targets = torch.randint(0, 50, (n_tokens,))
    targets[1::5] = loss.IGNORED
    expected = F.cross_entropy(x @ weight.T, targets, ignore_index=loss.IGNORED)
    expected_x, expected_weight = torch.autograd.grad(3 * expected, (x, weight))
    found = loss.head_loss(x, weight, targets)
    found_x, found_weight = torch.autograd.grad(3 * found, (x, weight))
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found_x, expected_x)
    torch.testing.assert_close(found_weight, expected_weight)


def test_bfloat16_stays_near_float32() -> None:
    torch.manual_seed(0)
    x, weight, targets = torch.randn(300, 32), torch.randn(80, 32) * 0.1, torch.randint(0, 80, (300,))
    exact = loss.head_loss(x, weight, targets)
    rough = loss.head_loss(x.bfloat16(), weight, targets)
    assert rough.dtype == torch.float32
    assert abs(rough - exact) < 0.01
