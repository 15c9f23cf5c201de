"""The decoder: token ids to logits. It knows nothing of training, sampling, files or devices.

Pre-layer-norm, exact (erf) GELU, learned positions, embedding tied to the head, final layer norm; dropout on the
residual branches and the attention, none on the embeddings. Source: Galactica paper (arXiv 2211.09085), section 3.1.

Shape letters: B rows, T new tokens, S tokens seen including the new ones, D d_model, F d_ff, H heads, K d_head, V words.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from galactica.errors import BadInput
from galactica.model.config import POSITION_OFFSET, ModelConfig
from galactica.model.kv_cache import KVCache, attention_mask, padded_positions

INIT_STD = 0.02


class Transformer(nn.Module):
    """A decoder with fresh weights: normal(0, 0.02) everywhere, the two projections that write to the residual stream
    by 1 / sqrt(2 * n_layers) less, so that its variance at the end does not grow with depth; biases 0, norms 1.

    The paper states no initialisation; this is GPT-2's.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = nn.Embedding(config.max_seq_len + POSITION_OFFSET, config.d_model)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.n_layers))
        self.final_norm = _layer_norm(config)
        if not self.embedding.weight.is_meta:
            self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self, seed: int | None = None) -> None:
        """Give all weights their first values anew, by `seed` or, without one, by what torch's generator draws."""
        seed = int(torch.randint(2**62, ())) if seed is None else seed
        parameters = dict(self.named_parameters())
        for name, value in first_weights(self.config, seed):
            parameters[name].copy_(value)

    def forward(
        self,
        ids_BT: Tensor,
        *,
        cache: KVCache | None = None,
        positions_BT: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Logits (B, T, V); arguments as for `hidden`."""
        return self.head(self.hidden(ids_BT, cache=cache, positions_BT=positions_BT, mask=mask))

    def hidden(
        self,
        ids_BT: Tensor,
        *,
        cache: KVCache | None = None,
        positions_BT: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The final, normed activations (B, T, D), which `head` turns into logits: all at once, the last alone, or in chunks.

        With a cache the ids follow those it holds, and it is extended. Without `mask` attention is causal and skips the
        padding that the cache knows of. A `mask` says everything: it broadcasts to (B, H, T, S) and is True, or 0 to
        be added, where attention is allowed. Raises BadInput beyond the context.
        """
        n_new = ids_BT.shape[1]
        first = 0 if cache is None else cache.length
        starts_B = None if cache is None else cache.starts_B
        if cache is not None:
            cache.require_room(n_new)
        elif n_new > self.config.max_seq_len:
            raise BadInput(f"{n_new} tokens; the model's context is {self.config.max_seq_len}.")
        if positions_BT is None and starts_B is not None:
            positions_BT = padded_positions(starts_B, first, n_new)
        if positions_BT is None:
            place = self.positions.weight[first + POSITION_OFFSET : first + POSITION_OFFSET + n_new]
        else:
            place = self.positions(positions_BT + POSITION_OFFSET)
        x_BTD = self.embedding(ids_BT) + place
        # One new token sees all, and a first piece without padding is plainly causal: both go without a mask.
        if mask is None and (starts_B is not None or (first > 0 and n_new > 1)):
            mask = attention_mask(first, n_new, starts_B, x_BTD.dtype, x_BTD.device)
        for block in self.blocks:
            x_BTD = block(x_BTD, mask, cache)
        if cache is not None:
            cache.advance(n_new)
        normed_BTD: Tensor = self.final_norm(x_BTD)
        return normed_BTD

    def head(self, x_BTD: Tensor) -> Tensor:
        """Logits (..., V) of activations (..., D) from `hidden`."""
        return F.linear(x_BTD, self.embedding.weight)


def empty_model(config: ModelConfig) -> Transformer:
    """A model without memory for its weights, on the meta device: `to_empty` gives it some, and each weight is then set."""
    with torch.device("meta"):
        return Transformer(config)


def first_weights(config: ModelConfig, seed: int) -> Iterator[tuple[str, Tensor]]:
    """Name and first value of each weight, whole and one at a time. Each is drawn from a generator of its own, by the seed and
    its name, so that a model is the same however it is laid over devices."""
    residual_std = INIT_STD / math.sqrt(2 * config.n_layers)
    for name, parameter in empty_model(config).named_parameters():
        value = torch.zeros(parameter.shape, device="cpu")
        if name.endswith("norm.weight"):
            value.fill_(1.0)
        elif name.endswith("weight"):
            digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
            generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:7], "big"))
            is_residual = name.endswith((".out.weight", ".down.weight"))
            value.normal_(std=residual_std if is_residual else INIT_STD, generator=generator)
        yield name, value


class Block(nn.Module):
    """One layer: attention and feed-forward, each normed before and added to the residual stream."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.dropout = config.dropout
        self.attention_norm = _layer_norm(config)
        self.attention = Attention(config, layer)
        self.feed_forward_norm = _layer_norm(config)
        self.up = nn.Linear(config.d_model, config.d_ff, bias=config.bias)
        self.down = nn.Linear(config.d_ff, config.d_model, bias=config.bias)

    def forward(self, x_BTD: Tensor, mask: Tensor | None = None, cache: KVCache | None = None) -> Tensor:
        """The residual stream after this layer, (B, T, D)."""
        x_BTD = x_BTD + self._drop(self.attention(self.attention_norm(x_BTD), mask, cache))
        return x_BTD + self._drop(self.down(F.gelu(self.up(self.feed_forward_norm(x_BTD)))))

    def _drop(self, branch_BTD: Tensor) -> Tensor:
        return F.dropout(branch_BTD, self.dropout) if self.training and self.dropout else branch_BTD


class Attention(nn.Module):
    """Multi-head attention. The rows of `qkv` are ordered (H, 3, K), so that a slice of them holds whole heads and the
    layer can be split over devices by rows."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.d_head = config.d_head
        self.dropout = config.attention_dropout
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model, bias=config.bias)
        self.out = nn.Linear(config.d_model, config.d_model, bias=config.bias)

    def forward(self, x_BTD: Tensor, mask: Tensor | None, cache: KVCache | None) -> Tensor:
        """What each token gathers from those it sees, (B, T, D); no mask means causal."""
        n_rows, n_new, _ = x_BTD.shape
        heads = self.qkv(x_BTD).view(n_rows, n_new, -1, 3, self.d_head)
        q_BHTK, k_BHSK, v_BHSK = heads.transpose(1, 2).unbind(3)
        if cache is not None:
            k_BHSK, v_BHSK = cache.append(self.layer, k_BHSK, v_BHSK)
        gathered_BHTK = F.scaled_dot_product_attention(
            q_BHTK,
            k_BHSK,
            v_BHSK,
            attn_mask=mask,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=mask is None and n_new > 1,
        )
        gathered: Tensor = self.out(gathered_BHTK.transpose(1, 2).reshape(n_rows, n_new, -1))
        return gathered


def _layer_norm(config: ModelConfig) -> nn.LayerNorm:
    return nn.LayerNorm(config.d_model, elementwise_affine=config.layer_norm_affine)
