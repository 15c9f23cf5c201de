"""Prompt ids -> new ids, on one machine with PyTorch: sampling token by token, and beam search.

Text that two prompts share at their beginning is computed once: the engine keeps the keys and values of the last one.
Shape letters: N beams, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from galactica import markup
from galactica.errors import BadInput
from galactica.generation import sampling
from galactica.generation.constraints import Constraint
from galactica.generation.sampling import Sampling
from galactica.model.fused import fused_step
from galactica.model.kv_cache import KVCache
from galactica.model.transformer import Transformer
from galactica.tokenizer.tokenizer import Tokenizer

Until = Literal["eos", "cited"]
"""Where a beam ends: at the document boundary, or where its citation closes."""


class Token(NamedTuple):
    """One new token: its id and its natural-log probability under the model (before any constraint or penalty)."""

    id: int
    logprob: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A finished beam: its new ids, their log-probabilities, the constraint at its end, and its score."""

    tokens: tuple[Token, ...]
    constraint: Constraint | None
    score: float


class Engine(Protocol):
    """What generates tokens: the PyTorch engine here, or another process behind the same calls."""

    @property
    def context(self) -> int:
        """The largest number of tokens a prompt and its continuation may have."""

    def stream(self, prompt: Sequence[int], choice: Sampling, constraint: Constraint | None) -> Iterator[Token]:
        """New tokens, one by one, until the caller stops, the text ends or the context is full."""

    def beams(
        self,
        prompt: Sequence[int],
        width: int,
        max_new_tokens: int,
        constraint: Constraint | None,
        until: Until,
    ) -> list[Hypothesis]:
        """The best continuations by beam search, best first."""


class TorchEngine:
    """One model on one device. Not for several threads at once."""

    def __init__(self, model: Transformer, tokenizer: Tokenizer) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._fused = fused_step(self._model)
        weight = model.embedding.weight
        self._device = weight.device
        never = [token for token in (markup.BOS, markup.PAD, markup.UNK) if tokenizer.has(token)]
        self._never = [tokenizer.id_of(token) for token in never]
        # A table may have more rows than the tokenizer has pieces; they were never trained.
        self._never += list(range(tokenizer.vocab_size, weight.shape[0]))
        self._new_cache: Callable[[], KVCache] = lambda: KVCache(
            model.config, 1, dtype=weight.dtype, device=weight.device
        )
        self._cache = self._new_cache()
        self._cached: list[int] = []

    @property
    def context(self) -> int:
        """The largest number of tokens a prompt and its continuation may have."""
        return self._model.config.max_seq_len

    @torch.inference_mode()
    def stream(self, prompt: Sequence[int], choice: Sampling, constraint: Constraint | None = None) -> Iterator[Token]:
        """New tokens until the caller stops asking, the context is full, or the document boundary (which is not given)."""
        source = sampling.generator(choice.seed)
        written: list[int] = []
        logits_V = self._prefill(prompt)
        while True:
            logprobs_V = logits_V.log_softmax(-1)
            token = sampling.choose(self._masked(logits_V, constraint, written, choice), choice, source)
            if token == self._tokenizer.eos_id:
                return
            found = Token(token, float(logprobs_V[token]))
            written.append(token)
            if constraint is not None:
                constraint.push(token, found.logprob)
            yield found
            if len(self._cached) >= self.context:
                return
            logits_V = self._forward([token])

    @torch.inference_mode()
    def beams(
        self,
        prompt: Sequence[int],
        width: int,
        max_new_tokens: int,
        constraint: Constraint | None = None,
        until: Until = "eos",
    ) -> list[Hypothesis]:
        """Up to `width` continuations, best summed log-probability first. A beam ends with the document boundary, or,
        with `until="cited"`, with the token that closes the citation; with a constraint, probabilities inside a citation
        are those among the allowed tokens."""
        logits_NV = self._prefill(prompt)[None]
        cache: KVCache | None = None
        alive = [Hypothesis((), constraint.copy() if constraint else None, 0.0)]
        finished: list[Hypothesis] = []
        for _ in range(min(max_new_tokens, self.context - len(prompt))):
            grown = self._grow(alive, logits_NV, width)
            alive, rows = [], []
            for row, hypothesis in grown:
                if self._ended(hypothesis, until):
                    finished.append(hypothesis)
                else:
                    alive.append(hypothesis)
                    rows.append(row)
            finished = sorted(finished, key=lambda found: -found.score)[:width]
            if not alive or (len(finished) == width and finished[-1].score >= max(a.score for a in alive)):
                break
            keep = torch.tensor(rows, device=self._device)
            if cache is None:
                cache = self._cache.fork(keep)
            else:
                cache.reorder(keep)
            if cache.length >= self.context:
                break
            logits_NV = self._next([hypothesis.tokens[-1].id for hypothesis in alive], cache)
        if until == "eos":
            finished += alive
        return sorted(finished, key=lambda found: -found.score)[:width]

    def _grow(self, alive: list[Hypothesis], logits_NV: Tensor, width: int) -> list[tuple[int, Hypothesis]]:
        """The best `width` one-token continuations of all beams, with the row each comes from."""
        candidates: list[tuple[float, int, int, float]] = []
        for row, hypothesis in enumerate(alive):
            raw_V = logits_NV[row].log_softmax(-1)
            among_V = self._masked(logits_NV[row], hypothesis.constraint, (), Sampling()).log_softmax(-1)
            values, ids = among_V.topk(min(width, int(torch.isfinite(among_V).sum())))
            candidates += [
                (hypothesis.score + value, row, token, float(raw_V[token]))
                for value, token in zip(values.tolist(), ids.tolist(), strict=True)
            ]
        grown = []
        for score, row, token, logprob in sorted(candidates, key=lambda c: -c[0])[:width]:
            parent = alive[row]
            constraint = parent.constraint.copy() if parent.constraint else None
            if constraint is not None:
                constraint.push(token, logprob)
            grown.append((row, Hypothesis((*parent.tokens, Token(token, logprob)), constraint, score)))
        return grown

    def _ended(self, hypothesis: Hypothesis, until: Until) -> bool:
        if until == "cited":
            return hypothesis.constraint is None or not hypothesis.constraint.inside
        return hypothesis.tokens[-1].id == self._tokenizer.eos_id

    def _masked(
        self, logits_V: Tensor, constraint: Constraint | None, written: Sequence[int], choice: Sampling
    ) -> Tensor:
        allowed = constraint.allowed() if constraint else None
        if allowed is not None:
            ids = torch.from_numpy(allowed).to(logits_V.device)
            # Finite, so that an allowed id is chosen whatever the model answers.
            among = torch.nan_to_num(logits_V[ids], nan=torch.finfo(logits_V.dtype).min)
            return torch.full_like(logits_V, -torch.inf).index_copy(0, ids, among)
        logits_V = sampling.discourage(logits_V, written, choice).clone()
        logits_V[self._never] = -torch.inf
        if constraint is not None:
            logits_V[list(constraint.forbidden())] = -torch.inf
        return logits_V

    def _prefill(self, prompt: Sequence[int]) -> Tensor:
        """The logits after the prompt, (V,); what the cache holds of it already is not computed again."""
        if not prompt:
            raise BadInput("an empty prompt. Write some text, or ask for a new document.")
        if len(prompt) > self.context:
            raise BadInput(f"a prompt of {len(prompt)} tokens; the model's context is {self.context}.")
        shared = 0
        for old, new in zip(self._cached, prompt[:-1], strict=False):
            if old != new:
                break
            shared += 1
        del self._cached[shared:]  # before the cache, so that an interrupt never leaves ids that the cache lacks
        self._cache.truncate(shared)
        return self._forward(list(prompt[shared:]))

    def _forward(self, ids: list[int]) -> Tensor:
        if len(ids) == 1:
            logits_V = self._next(ids, self._cache)[0]
        else:
            x = self._model.hidden(torch.tensor([ids], device=self._device), cache=self._cache)
            logits_V = self._model.head(x[0, -1]).float()
        self._cached += ids  # after the cache, so that an interrupt leaves the two in step
        return logits_V

    def _next(self, ids: list[int], cache: KVCache) -> Tensor:
        """Logits (N, V) after one more token in each row of the cache."""
        ids_N = torch.tensor(ids, device=self._device)
        if self._fused is not None:
            return self._fused(ids_N, cache)
        return self._model.head(self._model.hidden(ids_N[:, None], cache=cache)[:, -1]).float()
