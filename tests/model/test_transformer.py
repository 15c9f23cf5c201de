"""Laws of the decoder and its cache. Agreement with another implementation is in test_convert.py."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from galactica.errors import BadConfig, BadInput
from galactica.model.config import SIZES, ModelConfig
from galactica.model.kv_cache import KVCache, attention_mask, padded_positions
from galactica.model.transformer import Transformer

CONFIG = ModelConfig(vocab_size=97, d_model=48, n_layers=3, n_heads=4, max_seq_len=40)
FLAGS = [(bias, affine) for bias in (False, True) for affine in (False, True)]


@pytest.fixture
def model() -> Transformer:
    torch.manual_seed(0)
    model = Transformer(CONFIG)
    for parameter in model.parameters():  # large enough that a wrong position or mask shows in the logits
        torch.nn.init.normal_(parameter, std=0.2)
    return model.eval()


def _ids(n_rows: int, n: int) -> torch.Tensor:
    return torch.randint(CONFIG.vocab_size, (n_rows, n), generator=torch.Generator().manual_seed(n_rows * 100 + n))


@torch.inference_mode()
def test_a_later_token_does_not_change_earlier_logits(model: Transformer) -> None:
    """Red if causality is lost."""
    ids = _ids(2, 12)
    before = model(ids)
    for t in (1, 6, 11):
        changed = ids.clone()
        changed[:, t] = (changed[:, t] + 1) % CONFIG.vocab_size
        after = model(changed)
        torch.testing.assert_close(after[:, :t], before[:, :t])
        assert not torch.allclose(after[:, t], before[:, t])


@pytest.mark.parametrize("pieces", [[1] * 12, [5, 1, 1, 4, 1], [12], [3, 9]])
@torch.inference_mode()
def test_cached_equals_uncached(model: Transformer, pieces: list[int]) -> None:
    """Red if a piece after the first takes wrong positions, a wrong mask or a wrong place in the cache."""
    ids = _ids(2, 12)
    cache = KVCache(CONFIG, 2, 16)
    parts = [model(piece, cache=cache) for piece in ids.split(pieces, dim=1)]
    torch.testing.assert_close(torch.cat(parts, 1), model(ids), atol=2e-5, rtol=1e-4)
    assert cache.length == 12


def _padded(rows: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(row) for row in rows)
    starts = torch.tensor([longest - len(row) for row in rows])
    return torch.stack([torch.nn.functional.pad(row, (longest - len(row), 0), value=1) for row in rows]), starts


@pytest.mark.parametrize("pieces", [[9], [4, 4, 1], [1] * 9])
@torch.inference_mode()
def test_left_padded_rows_equal_single_runs(model: Transformer, pieces: list[int]) -> None:
    """Red if padding is seen, shifts positions, or makes NaN; a row of one token and a row of padding alone included."""
    rows = [_ids(1, n)[0] for n in (9, 4, 1)] + [torch.empty(0, dtype=torch.long)]
    ids, starts = _padded(rows)
    cache = KVCache(CONFIG, len(rows), 20, starts_B=starts)
    logits = torch.cat([model(piece, cache=cache) for piece in ids.split(pieces, dim=1)], 1)
    uncached = model(
        ids,
        positions_BT=padded_positions(starts, 0, 9),
        mask=attention_mask(0, 9, starts, torch.float32, ids.device),
    )
    assert not logits.isnan().any()
    assert (attention_mask(0, 9, starts, torch.float32, ids.device).amax(-1) == 0).all()  # even padding sees itself
    for row, start, cached_row, uncached_row in zip(rows, starts, logits, uncached, strict=True):
        if len(row):
            alone = model(row[None])[0]
            torch.testing.assert_close(cached_row[start:], alone, atol=2e-5, rtol=1e-4)
            torch.testing.assert_close(uncached_row[start:], alone, atol=2e-5, rtol=1e-4)


@torch.inference_mode()
def test_reorder_and_truncate(model: Transformer) -> None:
    """Red if rows are mixed up, the padding stays behind, or cut tokens are still seen."""
    ids, starts = _padded([_ids(1, 6)[0], _ids(1, 4)[0]])
    cache = KVCache(CONFIG, 2, 20, starts_B=starts)
    model(ids, cache=cache)
    rows = torch.tensor([1, 0, 1])
    cache.reorder(rows)
    assert cache.batch_size == 3
    more = _ids(3, 5)
    model(more, cache=cache)
    cache.reorder(torch.tensor([2, 1, 0]))
    cache.truncate(8)
    step = model(torch.tensor([[7], [8], [9]]), cache=cache)[:, -1]
    for n, (row, old) in enumerate(((2, 1), (1, 0), (0, 1))):
        alone = torch.cat([ids[old, starts[old] :], more[row, :2], torch.tensor([7 + n])])
        torch.testing.assert_close(step[n], model(alone[None])[0, -1], atol=2e-5, rtol=1e-4)


@torch.inference_mode()
def test_mask_given_by_the_caller_keeps_documents_apart(model: Transformer) -> None:
    """Red if a caller's boolean mask is ignored or joined with something else."""
    first, second = _ids(1, 5), _ids(1, 7)
    document = torch.tensor([0] * 5 + [1] * 7)
    mask = (document[:, None] == document) & torch.ones(12, 12).tril().bool()
    positions = torch.cat([torch.arange(5), torch.arange(7)])[None]
    logits = model(torch.cat([first, second], 1), positions_BT=positions, mask=mask)
    torch.testing.assert_close(logits, torch.cat([model(first), model(second)], 1), atol=2e-5, rtol=1e-4)


def test_dropout_only_in_training(model: Transformer) -> None:
    """Red if dropout runs in eval, or not at all in training; and its branches can each be off."""
    ids = _ids(2, 8)
    assert torch.equal(model(ids), model(ids))
    model.train()
    assert not torch.equal(model(ids), model(ids))
    off = Transformer(dataclasses.replace(CONFIG, dropout=0.0, attention_dropout=0.0)).train()
    assert torch.equal(off(ids), off(ids))
    for attention, branches in ((0.5, 0.0), (0.0, 0.5)):
        one = Transformer(dataclasses.replace(CONFIG, dropout=branches, attention_dropout=attention)).train()
        assert not torch.equal(one(ids), one(ids))


@pytest.mark.parametrize(("bias", "affine"), FLAGS)
def test_parameter_count(bias: bool, affine: bool) -> None:
    """Red if a bias or a norm weight is there without its flag, or the property forgets a part."""
    config = dataclasses.replace(CONFIG, bias=bias, layer_norm_affine=affine, d_ff=100)
    names = dict(Transformer(config).named_parameters())
    assert sum(parameter.numel() for parameter in names.values()) == config.n_parameters
    assert any("norm" in name for name in names) == affine
    assert any(name.endswith("bias") and "norm" not in name for name in names) == bias


@pytest.mark.parametrize(
    ("name", "published"), [("mini", 125e6), ("base", 1.3e9), ("standard", 6.7e9), ("large", 30e9), ("huge", 120e9)]
)
def test_published_sizes(name: str, published: float) -> None:
    """Table 5 of the paper. Red if a width, a depth or the count is wrong."""
    assert SIZES[name].n_parameters == pytest.approx(published, rel=0.015)
    with torch.device("meta"):
        model = Transformer(SIZES[name])
    assert sum(parameter.numel() for parameter in model.parameters()) == SIZES[name].n_parameters


def test_initialisation() -> None:
    """Red if the stated standard deviations change, or a model built on the meta device is filled otherwise."""
    config = ModelConfig(vocab_size=500, d_model=128, n_layers=8, n_heads=4, bias=True, layer_norm_affine=True)
    fresh = Transformer(config)
    torch.manual_seed(1)
    fresh.reset_parameters()
    with torch.device("meta"):
        model = Transformer(config)
    model = model.to_empty(device="cpu")
    torch.manual_seed(1)
    model.reset_parameters()
    for (name, parameter), other in zip(fresh.named_parameters(), model.parameters(), strict=True):
        assert torch.equal(parameter, other)
        if parameter.ndim == 2:
            std = 0.02 / 4 if name.endswith(("out.weight", "down.weight")) else 0.02
            assert parameter.std().item() == pytest.approx(std, rel=0.03)
        else:
            assert (parameter == (1.0 if name.endswith("norm.weight") else 0.0)).all()


def test_compiles_and_runs_under_autocast(model: Transformer) -> None:
    """Red if a graph break enters the training path, or bf16 autocast leaves the fp32 result by more than its precision."""
    ids = _ids(2, 16)
    expected = model(ids)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(ids), expected, atol=2e-5, rtol=1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        assert (model(ids) - expected).abs().max() < 0.05 * expected.abs().max()
    loss = torch.nn.functional.cross_entropy(compiled(ids).flatten(0, 1), ids.flatten())
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


@torch.inference_mode()
def test_beyond_the_context_is_said(model: Transformer) -> None:
    with pytest.raises(BadInput, match="41 tokens"):
        model(_ids(1, 41))
    cache = KVCache(CONFIG, 1, 8)
    model(_ids(1, 8), cache=cache)
    with pytest.raises(BadInput, match="1 more tokens after 8"):
        model(_ids(1, 1), cache=cache)
    with pytest.raises(BadInput, match="allowed: 1 to 40"):
        KVCache(CONFIG, 1, 41)
    with pytest.raises(BadInput, match="to 9"):
        cache.truncate(9)
    assert cache.n_bytes == 2 * 3 * 8 * 48 * 4


@pytest.mark.parametrize(
    "wrong",
    [{"n_heads": 5}, {"d_model": 0}, {"d_ff": -1}, {"dropout": 1.0}, {"attention_dropout": -0.1}, {"n_layers": True}],
)
def test_impossible_shapes_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match=next(iter(wrong))):
        dataclasses.replace(CONFIG, **wrong)
