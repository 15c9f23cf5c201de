"""Token shards as an endless stream of training windows whose order is a pure function of (seed, index).

Nothing is remembered between batches: a restart, another number of ranks or another micro-batch reads the same windows.

Shapes: B windows, T positions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from galactica.errors import BadConfig, BadData
from galactica.tokenizer import shards

Ids = np.ndarray[tuple[int], np.dtype[np.integer]]


class Batch(NamedTuple):
    """`ids_BT` and, for each, the id that follows it, -1 where it does not count; both int64. `documents_BT` numbers the documents
    of a window where attention is kept inside them."""

    ids_BT: Tensor
    targets_BT: Tensor
    documents_BT: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """The batch on a device; the copy runs beside what the device does."""
        return Batch(*(None if part is None else part.to(device, non_blocking=True) for part in self))  # type: ignore[arg-type]


class Data(Protocol):
    """What a trainer reads: an endless order of windows, cut into epochs of the mixture."""

    def __len__(self) -> int:
        """Windows in one epoch of the mixture."""
        ...

    def batch(self, start: int, count: int) -> Batch:
        """Windows `start` to `start + count` of the endless order."""
        ...

    def epochs(self, n_windows: int) -> dict[str, float]:
        """How often each source has been seen after `n_windows` windows."""
        ...


class Validation(NamedTuple):
    """Held-out windows of one source, and the UTF-8 bytes of text that one token stands for there."""

    batch: Batch
    bytes_per_token: float


class Windows:
    """Windows of `seq_len + 1` ids over the concatenated documents of each source; neighbours share one id.

    In one epoch of the mixture a source is seen `repeats[source]` times (1 where it is not named, 0 leaves it out). With `eos_id`
    the documents of a window are numbered.
    """

    def __init__(
        self, ids: Mapping[str, Ids], seq_len: int, seed: int, repeats: Mapping[str, float], eos_id: int | None = None
    ) -> None:
        unknown = sorted(set(repeats) - set(ids))
        if unknown:
            raise BadConfig(f"training.repeats names {unknown[0]!r}; the shards hold {', '.join(sorted(ids))}")
        self.seq_len = seq_len
        self._seed, self._eos_id = seed, eos_id
        self._ids = {source: ids[source] for source in sorted(ids) if len(ids[source]) > seq_len}
        self._n_windows = {source: (len(found) - 1) // seq_len for source, found in self._ids.items()}
        shares = [round(repeats.get(source, 1.0) * n) for source, n in self._n_windows.items()]
        self._ends = np.cumsum(shares)
        self._shares = dict(zip(self._ids, shares, strict=True))
        wanted = [source for source in sorted(ids) if repeats.get(source, 1.0) > 0]
        self.left_out = [source for source in wanted if not self._shares.get(source)]
        """Sources that are wanted and too short: their share of an epoch is less than a window."""
        if not shares or self._ends[-1] == 0:
            raise BadData(
                f"no source holds a window of {seq_len + 1} tokens. Give more text or a shorter training.seq_len."
            )

    def __len__(self) -> int:
        """Windows in one epoch of the mixture."""
        return int(self._ends[-1])

    def batch(self, start: int, count: int) -> Batch:
        """Windows `start` to `start + count` of the endless order."""
        windows = torch.from_numpy(np.stack([self._window(index) for index in range(start, start + count)]))
        return _batch(windows, self._eos_id)

    def epochs(self, n_windows: int) -> dict[str, float]:
        """How often each source has been seen after `n_windows` windows."""
        return {s: n_windows / len(self) * share / self._n_windows[s] for s, share in self._shares.items()}

    def _window(self, index: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        epoch, position = divmod(index, len(self))
        place = permuted(position, len(self), self._seed * 1_000_003 + epoch)
        which = int(np.searchsorted(self._ends, place, side="right"))
        source = list(self._ids)[which]
        within = place - (int(self._ends[which - 1]) if which else 0)
        # A source seen less than once an epoch goes on in the next one where it stopped.
        window = (epoch * self._shares[source] + within) % self._n_windows[source]
        begin = window * self.seq_len
        return self._ids[source][begin : begin + self.seq_len + 1].astype(np.int64)


def _batch(windows: Tensor, eos_id: int | None) -> Batch:
    """Of ids (B, T + 1), -1 where there is none."""
    ids = windows[:, :-1].clamp_min(0)
    return Batch(ids, windows[:, 1:], None if eos_id is None else documents(ids, eos_id))


def documents(ids_BT: Tensor, eos_id: int) -> Tensor:
    """The number of the document that each id belongs to within its window; `</s>` belongs to the document that it closes."""
    closes = (ids_BT == eos_id).long()
    return closes.cumsum(1) - closes


def permuted(index: int, size: int, seed: int) -> int:
    """Where a seeded permutation of `range(size)` sends `index`: a four-round Feistel network walked until it lands inside,
    so that no table is held however large the corpus."""
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    mask = (1 << half) - 1
    while True:
        left, right = index >> half, index & mask
        for turn in range(4):
            digest = hashlib.blake2b(f"{seed},{turn},{right}".encode(), digest_size=8).digest()
            left, right = right, left ^ (int.from_bytes(digest, "little") & mask)
        index = left << half | right
        if index < size:
            return index


def open_windows(
    folder: Path,
    seq_len: int,
    seed: int,
    repeats: Mapping[str, float],
    *,
    eos_id: int | None = None,
    verify: bool = True,
) -> Windows:
    """The training windows of a folder of shards. Raises BadData for a damaged shard, by name."""
    return Windows(shards.open_shards(folder, "train", verify), seq_len, seed, repeats, eos_id)


def open_validation(
    folder: Path,
    seq_len: int,
    max_tokens: int,
    *,
    decode: Callable[[Sequence[int]], str] | None = None,
    eos_id: int | None = None,
    verify: bool = True,
) -> dict[str, Validation]:
    """Source -> its first held-out windows, at most `max_tokens` targets. What is missing of the last one does not count.

    The bytes that a token stands for are those of the text that `decode` makes of the targets; without it, and where the whole
    shard is measured, the mean of the shard.
    """
    found = {}
    index = {shard.source: shard for shard in shards.read_index(folder, "validation", verify=False)}
    for source, ids in shards.open_shards(folder, "validation", verify).items():
        count = min(len(ids) - 1, max_tokens)
        if count < 1:
            continue
        n_windows = -(-count // seq_len)
        padded = np.full(n_windows * seq_len + 1, -1, np.int64)
        padded[: count + 1] = ids[: count + 1]
        rows = np.lib.stride_tricks.sliding_window_view(padded, seq_len + 1)[::seq_len]
        bytes_per_token = index[source].n_bytes / index[source].n_tokens
        if decode is not None and count < len(ids) - 1:
            bytes_per_token = len(decode(ids[1 : count + 1].tolist()).encode()) / count
        found[source] = Validation(_batch(torch.from_numpy(rows.copy()), eos_id), bytes_per_token)
    return found
