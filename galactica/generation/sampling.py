"""Logits -> ids; pure. Shapes: B rows, V vocabulary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from galactica.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen: the likeliest where neither `top_k`, `top_p` nor `temperature` is set, else by lot.

    `top_k` keeps that many tokens, `top_p` the fewest that hold that probability, `temperature` divides the logits.
    `repetition_penalty` (Keskar et al. 2019) lowers what was written before; `no_repeat_ngram` forbids a run of that
    many tokens to come twice (0: off). The same seed gives the same text.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    no_repeat_ngram: int = 0
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.temperature is not None and not 0 < self.temperature < math.inf:
            raise BadInput(
                f"temperature is {self.temperature}; it must be above 0 and finite (leave it out for the likeliest text)."
            )
        if self.top_k is not None and self.top_k < 1:
            raise BadInput(f"top_k is {self.top_k}; it must be at least 1.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise BadInput(f"top_p is {self.top_p}; allowed: above 0, up to 1.")
        if not 0 < self.repetition_penalty < math.inf:
            raise BadInput(
                f"repetition_penalty is {self.repetition_penalty}; it must be above 0 and finite (1.0 is off)."
            )
        if self.no_repeat_ngram < 0:
            raise BadInput(f"no_repeat_ngram is {self.no_repeat_ngram}; it must be 0 (off) or more.")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise BadInput(f"seed is {self.seed}; allowed: 0 to 2**63 - 1.")

    @property
    def by_lot(self) -> bool:
        """Whether the token is drawn rather than the likeliest taken."""
        return self.temperature is not None or self.top_k is not None or self.top_p is not None


def generator(seed: int | None) -> torch.Generator:
    """A source of random numbers of its own; unseeded where `seed` is None."""
    source = torch.Generator()
    if seed is None:
        source.seed()
    else:
        source.manual_seed(seed)
    return source


def discourage(logits_V: Tensor, written: Sequence[int], sampling: Sampling) -> Tensor:
    """The logits with what was written before made less likely, as `sampling` says; a new tensor where that changes any."""
    if sampling.repetition_penalty != 1.0 and written:
        seen = torch.tensor(sorted(set(written)), device=logits_V.device)
        scores = logits_V[seen]
        lowered = torch.where(scores > 0, scores / sampling.repetition_penalty, scores * sampling.repetition_penalty)
        logits_V = logits_V.index_copy(0, seen, lowered)
    banned = _ends_of_repeats(written, sampling.no_repeat_ngram)
    if banned:
        logits_V = logits_V.index_fill(0, torch.tensor(banned, device=logits_V.device), -torch.inf)
    return logits_V


def keep_top(logits_V: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """The logits with all but the top ones at -inf."""
    if top_k is not None and top_k < logits_V.shape[-1]:
        floor = logits_V.topk(top_k).values[-1]
        logits_V = logits_V.masked_fill(logits_V < floor, -torch.inf)
    if top_p is not None and top_p < 1:
        ordered, order = logits_V.sort(descending=True)
        before = ordered.softmax(-1).cumsum(-1) - ordered.softmax(-1)
        logits_V = logits_V.index_fill(0, order[before >= top_p], -torch.inf)
    return logits_V


def choose(logits_V: Tensor, sampling: Sampling, source: torch.Generator) -> int:
    """The next id. Where all logits are -inf but one, that one."""
    if not sampling.by_lot:
        return int(logits_V.argmax())
    # From the top down, so that however low the temperature no logit becomes infinity.
    logits_V = (logits_V - logits_V.max()) / (sampling.temperature or 1.0)
    logits_V = keep_top(logits_V, sampling.top_k, sampling.top_p)
    return int(torch.multinomial(logits_V.softmax(-1).cpu(), 1, generator=source))


def _ends_of_repeats(written: Sequence[int], n: int) -> list[int]:
    """The ids that would complete an n-gram that was written before."""
    if n == 0 or len(written) < n:
        return []
    tail = tuple(written[len(written) - n + 1 :])
    return [written[i + n - 1] for i in range(len(written) - n + 1) if tuple(written[i : i + n - 1]) == tail]
