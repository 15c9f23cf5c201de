"""Keys and values of the tokens already seen, in memory allocated once.

Rows of a batch have one common length; a shorter prompt is padded on the left and `starts_B` says where it begins.

Shape letters: B rows, T new tokens, S tokens seen including the new ones, H heads, K d_head, N chosen rows.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from galactica.errors import BadInput
from galactica.model.config import ModelConfig


def padded_positions(starts_B: Tensor, first: int, n: int) -> Tensor:
    """Positions (B, n) of columns `first` to `first + n` in rows whose first token stands in column `starts_B`; padding gets 0."""
    columns_T = torch.arange(first, first + n, device=starts_B.device)
    return (columns_T - starts_B[:, None]).clamp_(min=0)


def attention_mask(first: int, n: int, starts_B: Tensor | None, dtype: torch.dtype, device: torch.device) -> Tensor:
    """What `n` new tokens in columns from `first` on may see, to be added to the scores: 0 or -inf, (B or 1, 1, n, first + n).

    Padding sees itself: softmax over -inf alone is 0 / 0, and attention kernels differ in what they make of it.
    """
    rows_T1 = torch.arange(first, first + n, device=device)[:, None]
    columns_S = torch.arange(first + n, device=device)
    seen = (columns_S <= rows_T1)[None]
    if starts_B is not None:
        seen = seen & (columns_S >= starts_B[:, None, None]) | (columns_S == rows_T1)
    return torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, -torch.inf)[:, None]


class KVCache:
    """Keys and values of up to `max_len` tokens for `batch_size` rows; `length` of them are filled.

    `Transformer.hidden` reads and extends it; give it a batch at a time, in order. Use it under `torch.inference_mode()`.
    """

    def __init__(
        self,
        config: ModelConfig,
        batch_size: int,
        max_len: int | None = None,
        *,
        starts_B: Tensor | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        max_len = config.max_seq_len if max_len is None else max_len
        if not 1 <= max_len <= config.max_seq_len:
            raise BadInput(f"a cache of {max_len} tokens; allowed: 1 to {config.max_seq_len}, the model's context.")
        shape = (batch_size, config.n_heads, max_len, config.d_head)
        self.max_len = max_len
        self.length = 0
        self.starts_B = None if starts_B is None else starts_B.to(device)
        self._k = [torch.empty(shape, dtype=dtype, device=device) for _ in range(config.n_layers)]
        self._v = [torch.empty(shape, dtype=dtype, device=device) for _ in range(config.n_layers)]

    @property
    def batch_size(self) -> int:
        """Rows."""
        return self._k[0].shape[0]

    @property
    def n_bytes(self) -> int:
        """Memory of all layers' keys and values, filled or not."""
        return sum(tensor.nbytes for tensor in (*self._k, *self._v))

    def layer(self, layer: int) -> tuple[Tensor, Tensor]:
        """One layer's keys and values, filled or not, (B, H, max_len, K) each: for code that writes them itself."""
        return self._k[layer], self._v[layer]

    def append(self, layer: int, k_BHTK: Tensor, v_BHTK: Tensor) -> tuple[Tensor, Tensor]:
        """Views of one layer's keys and values (B, H, S, K) with the new ones written behind the `length` old ones.
        `length` moves when all layers are done, by `advance`."""
        end = self.length + k_BHTK.shape[2]
        k_BHSK, v_BHSK = self._k[layer][:, :, :end], self._v[layer][:, :, :end]
        k_BHSK[:, :, self.length :].copy_(k_BHTK)
        v_BHSK[:, :, self.length :].copy_(v_BHTK)
        return k_BHSK, v_BHSK

    def require_room(self, n: int) -> None:
        """Raise BadInput where `n` more tokens do not fit."""
        if self.length + n > self.max_len:
            raise BadInput(f"{n} more tokens after {self.length} do not fit in a cache of {self.max_len}.")

    def advance(self, n: int) -> None:
        """Count `n` appended tokens as seen."""
        self.length += n

    def truncate(self, length: int) -> None:
        """Forget all tokens from column `length` on, in every row."""
        if not 0 <= length <= self.length:
            raise BadInput(f"cannot cut a cache of {self.length} tokens to {length}.")
        self.length = length

    def reorder(self, rows_N: Tensor) -> None:
        """Make row n a copy of the old row `rows_N[n]`. N may differ from the batch size: one prompt's cache is spread
        over many beams this way, and finished rows are dropped."""
        in_place = rows_N.shape[0] == self.batch_size
        for tensors in (self._k, self._v):
            for layer, old in enumerate(tensors):
                filled = old[:, :, : self.length].index_select(0, rows_N)
                if not in_place:
                    tensors[layer] = old.new_empty((rows_N.shape[0], *old.shape[1:]))
                tensors[layer][:, :, : self.length] = filled
        if self.starts_B is not None:
            self.starts_B = self.starts_B[rows_N]

    def fork(self, rows_N: Tensor) -> KVCache:
        """A cache of its own whose row n holds what the row `rows_N[n]` holds; this one stays as it is."""
        twin = copy.copy(self)
        twin._k, twin._v = list(self._k), list(self._v)
        # Rows of another number are new tensors; of the same number they would be written in place, into these ones.
        if rows_N.shape[0] == self.batch_size:
            twin._k, twin._v = [k.clone() for k in self._k], [v.clone() for v in self._v]
        twin.reorder(rows_N)
        return twin
