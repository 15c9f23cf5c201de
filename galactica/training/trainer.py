"""Shards -> a trained model: one loop for pre-training, continued training and fine-tuning.

The loop sets the rate, averages the gradient over micro-batches, clips, steps, validates per source at a stated pace,
keeps the best weights by validation loss and saves its whole state, so that a run goes on exactly where it was cut.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from galactica import files
from galactica.errors import BadConfig, BadData
from galactica.model.config import ModelConfig
from galactica.model.transformer import Transformer
from galactica.training import checkpoint, data, loss
from galactica.training.optim import OptimConfig, learning_rate, make_optimizer

METRICS = "metrics.jsonl"
STATES = "states"


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """`tokens` are seen in all, `batch_tokens` before each step, in micro-batches of `micro_batch` windows of `seq_len`.

    `repeats`: how often a source is seen while one not named is seen once. `minutes`, where set, ends the run early.
    """

    tokens: int
    batch_tokens: int
    micro_batch: int
    seq_len: int = 2048
    seed: int = 0
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    compile: bool = False
    validate_every_tokens: int = 5_000_000
    validation_tokens: int = 65_536
    save_every_minutes: float = 5.0
    minutes: float | None = None
    repeats: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("tokens", "batch_tokens", "micro_batch", "seq_len", "validate_every_tokens", "validation_tokens"):
            if getattr(self, name) < 1:
                raise BadConfig(f"training.{name} is {getattr(self, name)}; it must be at least 1")
        if self.batch_tokens % (self.micro_batch * self.seq_len):
            raise BadConfig(
                f"training.batch_tokens is {self.batch_tokens}; it must be a multiple of micro_batch x seq_len = "
                f"{self.micro_batch * self.seq_len}"
            )

    @property
    def n_steps(self) -> int:
        """Steps of the whole run."""
        return max(1, self.tokens // self.batch_tokens)


Progress = Callable[[Mapping[str, Any]], None]
"""Called with each record that goes into the metrics file."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run ended with: the validation record of the weights it leaves (the best), tokens seen, seconds, why it ended."""

    validation: Mapping[str, Any]
    tokens: int
    seconds: float
    ended: Literal["tokens", "minutes"]


class Trainer:
    """One run in `folder`: states, metrics, best weights. A run that was cut goes on from its last whole state."""

    def __init__(
        self,
        model: Transformer,
        config: TrainingConfig,
        optim: OptimConfig,
        shards: Path,
        folder: Path,
        progress: Progress = lambda record: None,
    ) -> None:
        if config.seq_len > model.config.max_seq_len:
            raise BadConfig(
                f"training.seq_len is {config.seq_len}; the model has {model.config.max_seq_len} positions (model.max_seq_len)"
            )
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.config, self.optim, self.folder, self.progress = config, optim, folder, progress
        self.windows = data.open_windows(shards, config.seq_len, config.seed, config.repeats)
        self.validation = data.validation_windows(shards, config.seq_len, config.validation_tokens)
        self.optimizer = make_optimizer(model, optim)
        self.step = 0
        self.seconds = 0.0
        self.best_loss = math.inf
        self.best: dict[str, Tensor] = {}
        self.best_record: Mapping[str, Any] = {}
        self._hidden = torch.compile(model.hidden) if config.compile else model.hidden
        self._softmax = torch.compile(loss.softmax_and_loss) if config.compile else loss.softmax_and_loss
        self._resume()

    def run(self) -> TrainingResult:
        """Train to the end and leave the best weights in the model. An interrupt is taken between two steps, where the
        state is whole: it is saved, and KeyboardInterrupt raised."""
        config = self.config
        saved = started = time.monotonic()
        already = self.seconds
        ended: Literal["tokens", "minutes"] = "tokens"
        with _held_interrupt() as interrupted:
            while self.step < config.n_steps:
                train_loss = self._train_step()
                self.seconds = already + time.monotonic() - started
                if config.minutes is not None and self.seconds > 60 * config.minutes:
                    ended = "minutes"
                last = self.step == config.n_steps or ended == "minutes"
                if self._validation_due() or last:
                    self._validate(train_loss)
                if last:
                    break
                if interrupted():
                    self.save()
                    raise KeyboardInterrupt
                if time.monotonic() - saved > 60 * config.save_every_minutes:
                    self.save()
                    saved = time.monotonic()
            self.save()
        if not self.best:
            raise BadData("the validation loss was never finite; lower optim.learning_rate and start again")
        self.model.load_state_dict(self.best)
        self.model.eval()
        return TrainingResult(self.best_record, self.step * config.batch_tokens, self.seconds, ended)

    def save(self) -> None:
        """Write the state of the run."""
        state = {
            "identity": self._identity(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "best": self.best,
            "best_loss": self.best_loss,
            "best_record": dict(self.best_record),
            "step": self.step,
            "seconds": self.seconds,
            "torch_rng": torch.get_rng_state(),
        }
        checkpoint.save(self.folder / STATES, self.step, state)

    def _resume(self) -> None:
        state = checkpoint.load_latest(self.folder / STATES)
        if state is None:
            return
        if state["identity"] != self._identity():
            raise BadConfig(
                f"{self.folder} holds a run of another config or other shards. Give another --output, or delete that folder."
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.best, self.best_loss, self.best_record = state["best"], state["best_loss"], state["best_record"]
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["torch_rng"])
        self._cut_metrics()

    def _cut_metrics(self) -> None:
        """Records of steps after the saved state will be written again."""
        path = self.folder / METRICS
        if path.exists():
            kept = [line for line in path.read_text().splitlines() if json.loads(line)["step"] <= self.step]
            files.write_file(path, "".join(line + "\n" for line in kept))

    def _identity(self) -> str:
        """What a run must share with the state it goes on from: everything but when it ends by the clock."""
        shape = (self.model.config, self.optim, self.config.tokens, self.config.batch_tokens, self.config.seq_len)
        return repr((*shape, self.config.seed, sorted(self.config.repeats.items()), len(self.windows)))

    def _train_step(self) -> float:
        config = self.config
        n_windows = config.batch_tokens // config.seq_len
        rate = learning_rate(self.optim, self.step * config.batch_tokens, config.n_steps * config.batch_tokens)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        total = torch.zeros((), device=self.device)
        for offset in range(0, n_windows, config.micro_batch):
            batch = self.windows.batch(self.step * n_windows + offset, config.micro_batch)
            part = self._loss(batch) * (config.micro_batch / n_windows)
            part.backward()  # type: ignore[no-untyped-call]
            total += part.detach()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.optim.clip_norm)
        if not torch.isfinite(norm):
            raise BadData(f"the gradient at step {self.step} is not finite; lower optim.learning_rate and start again")
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        value = total.item()
        if self.step % 10 == 0:
            self._log({"kind": "train", "loss": value, "learning_rate": rate, "gradient_norm": norm.item()})
        return value

    def _loss(self, batch: Tensor) -> Tensor:
        batch = batch.to(self.device)
        ids, targets = batch[:, :-1].clamp_min(0), batch[:, 1:]
        with self._autocast():
            x = self._hidden(ids)
        if self.config.precision == "bfloat16":
            x = x.to(torch.bfloat16)
        return loss.head_loss(x.flatten(0, 1), self.model.embedding.weight, targets.flatten(), self._softmax)

    def _autocast(self) -> contextlib.AbstractContextManager[Any]:
        if self.config.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _validation_due(self) -> bool:
        tokens = self.step * self.config.batch_tokens
        every = self.config.validate_every_tokens
        return tokens // every != (tokens - self.config.batch_tokens) // every

    @torch.no_grad()
    def _validate(self, train_loss: float) -> None:
        self.model.eval()
        sources = {}
        for source, (windows, bytes_per_token) in self.validation.items():
            total = count = 0.0
            for batch in torch.split(windows, self.config.micro_batch):
                targets = int((batch[:, 1:] >= 0).sum())
                total += self._loss(batch).item() * targets
                count += targets
            mean = total / count
            sources[source] = {
                "loss": mean,
                "bits_per_byte": mean / math.log(2) / bytes_per_token,
                "tokens": int(count),
            }
        mean = sum(row["loss"] for row in sources.values()) / len(sources) if sources else train_loss
        record = self._log({"kind": "validation", "loss": mean, "train_loss": train_loss, "sources": sources})
        if mean < self.best_loss:
            self.best_loss, self.best_record = mean, record
            self.best = copy.deepcopy(self.model.state_dict())

    def _log(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        n_windows = self.step * self.config.batch_tokens // self.config.seq_len
        tokens = self.step * self.config.batch_tokens
        record = {
            "step": self.step,
            "tokens": tokens,
            "total_tokens": self.config.n_steps * self.config.batch_tokens,
            "seconds": round(self.seconds, 1),
            "epoch": n_windows / len(self.windows),
            "epochs": self.windows.epochs(n_windows),
            **record,
        }
        if record["kind"] == "train":
            del record["epochs"]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / METRICS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        self.progress(record)
        return record


@contextlib.contextmanager
def _held_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C waits until it is asked for. In another thread than the main one signals cannot be held: never interrupted."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def new_model(config: ModelConfig, seed: int) -> Transformer:
    """A model with the stated initialisation, the same for the same seed."""
    torch.manual_seed(seed)
    return Transformer(config)
