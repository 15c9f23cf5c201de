"""What a training run is told: how much of what it sees, in which order, on how many devices, and when it stops."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from galactica.errors import BadConfig


@dataclass(frozen=True, slots=True)
class ParallelConfig:
    """How the ranks of a run share the work. A run of N ranks has N / (tensor * replicate) shards of the weights.

    `tensor`: ranks that split each layer's matrices between them; they want the fastest links, so the ranks of one node.
    `replicate`: groups of ranks that each hold all weights between them and share gradients alone (hybrid sharding).
    `checkpoint_activations` keeps a layer's input alone and computes the layer again for the gradient.
    """

    tensor: int = 1
    replicate: int = 1
    checkpoint_activations: bool = False

    def __post_init__(self) -> None:
        for name in ("tensor", "replicate"):
            if getattr(self, name) < 1:
                raise BadConfig(f"training.parallel.{name} is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, slots=True)
class GuardConfig:
    """A step whose gradient norm is not finite, or over `spike` times the median of the last `window` norms, is skipped.
    The run stops after `max_skipped` skipped steps in a row. `spike` 0 skips non-finite norms alone."""

    spike: float = 20.0
    window: int = 100
    max_skipped: int = 10

    def __post_init__(self) -> None:
        if self.spike != 0 and not 1 < self.spike < math.inf:
            raise BadConfig(f"training.guard.spike is {self.spike}; allowed: above 1, or 0 for non-finite norms alone")
        for name in ("window", "max_skipped"):
            if getattr(self, name) < 1:
                raise BadConfig(f"training.guard.{name} is {getattr(self, name)}; it must be at least 1")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """`tokens` are seen in all, or `epochs` of the mixture; `batch_tokens` before each step, in micro-batches of `micro_batch`
    windows of `seq_len` ids.

    `repeats`: how often a source is seen while one not named is seen once. `within_documents` hides a window's earlier documents
    from its later ones. Validation comes every `validate_every` epochs of the mixture, over at most `validation_tokens` of each
    source; `patience` validations in a row at which *every* source was above its best end the run (0: never). `minutes` ends it by
    the clock. The whole state is saved every `save_every_minutes`, the last `keep` states are kept.
    """

    batch_tokens: int
    micro_batch: int
    tokens: int | None = None
    epochs: float | None = None
    seq_len: int = 2048
    seed: int = 0
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    compile: bool = False
    within_documents: bool = False
    validate_every: float = 0.05
    validation_tokens: int = 65_536
    patience: int = 0
    save_every_minutes: float = 5.0
    keep: int = 2
    minutes: float | None = None
    repeats: Mapping[str, float] = field(default_factory=dict)
    parallel: ParallelConfig = field(default_factory=ParallelConfig)
    guard: GuardConfig = field(default_factory=GuardConfig)

    def __post_init__(self) -> None:
        for name in ("batch_tokens", "micro_batch", "seq_len", "validation_tokens", "keep"):
            if getattr(self, name) < 1:
                raise BadConfig(f"training.{name} is {getattr(self, name)}; it must be at least 1")
        if (self.tokens is None) == (self.epochs is None):
            raise BadConfig("training needs one of tokens (seen in all) and epochs (of the mixture), not both")
        for name in ("tokens", "epochs", "validate_every", "minutes"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise BadConfig(f"training.{name} is {value}; it must be a number above 0")
        if not 0 <= self.save_every_minutes < math.inf:
            raise BadConfig(f"training.save_every_minutes is {self.save_every_minutes}; allowed: 0 and more")
        if self.patience < 0:
            raise BadConfig(f"training.patience is {self.patience}; allowed: 0 (never) and more")
        for source, times in self.repeats.items():
            if not 0 <= times < math.inf:
                raise BadConfig(f"training.repeats.{source} is {times}; allowed: 0 and more")
        if self.batch_tokens % (self.micro_batch * self.seq_len):
            raise BadConfig(
                f"training.batch_tokens is {self.batch_tokens}; it must be a multiple of micro_batch x seq_len = "
                f"{self.micro_batch * self.seq_len}"
            )

    @property
    def batch_windows(self) -> int:
        """Windows before each step."""
        return self.batch_tokens // self.seq_len

    def n_steps(self, epoch_windows: int) -> int:
        """Steps of the whole run where an epoch of the mixture has `epoch_windows` windows; at least 1."""
        if self.tokens is not None:
            return max(1, self.tokens // self.batch_tokens)
        assert self.epochs is not None  # one of the two is given
        return max(1, round(self.epochs * epoch_windows / self.batch_windows))

    def validation_steps(self, epoch_windows: int) -> int:
        """Steps from one validation to the next; at least 1."""
        return max(1, round(self.validate_every * epoch_windows / self.batch_windows))


@dataclass(frozen=True, slots=True)
class OptimConfig:
    """The published schedule of AdamW: `learning_rate` is the maximum; `final_fraction` of it is left after the last token."""

    learning_rate: float = 6e-4
    warmup_tokens: int = 375_000_000
    final_fraction: float = 0.1
    beta1: float = 0.9
    beta2: float = 0.95
    weight_decay: float = 0.1
    clip_norm: float = 1.0

    def __post_init__(self) -> None:
        for name in ("learning_rate", "clip_norm"):
            if not 0 < getattr(self, name) < math.inf:
                raise BadConfig(f"optim.{name} is {getattr(self, name)}; it must be a number above 0")
        for name in ("warmup_tokens", "weight_decay"):
            if not 0 <= getattr(self, name) < math.inf:
                raise BadConfig(f"optim.{name} is {getattr(self, name)}; allowed: 0 and more")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise BadConfig(f"optim.{name} is {getattr(self, name)}; allowed: 0 and more, below 1")
        if not 0 <= self.final_fraction <= 1:
            raise BadConfig(f"optim.final_fraction is {self.final_fraction}; allowed: 0 to 1")
