"""Windows of ids -> a trained model: one loop for pre-training, continued training and fine-tuning, on one device or many.

Every step sets the rate, averages the gradient over the micro-batches of all ranks, judges and clips it, and moves the weights.
The loop validates per source at a stated pace, keeps the best weights by validation loss and saves its whole state, so that a
run goes on exactly where it was cut.

What a step does is a function of (config, data, seed, step): the windows it reads, and dropout's random numbers, which are drawn
anew for each micro-batch. So no state of a random generator has to be kept, and two ranks drop what one rank would have dropped.
"""

from __future__ import annotations

import contextlib
import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from galactica.errors import BadConfig, BadData
from galactica.model.config import ModelConfig
from galactica.model.transformer import Transformer, empty_model
from galactica.training import loss, parallel
from galactica.training.checkpoint import Checkpoints
from galactica.training.config import OptimConfig, TrainingConfig
from galactica.training.data import Batch, Data, Validation
from galactica.training.guard import Guard
from galactica.training.identity import difference, run_identity
from galactica.training.monitor import Monitor, Progress, flops_per_token, matrix_peak
from galactica.training.optim import learning_rate, make_optimizer
from galactica.training.parallel import Layout

STATES = "states"
log = logging.getLogger(__name__)
_LOG_STEPS = 10
Ended = Literal["tokens", "minutes", "patience"]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a run ended with: the validation record of the weights it leaves (the best), tokens seen, seconds, why it ended."""

    validation: Mapping[str, Any]
    tokens: int
    seconds: float
    ended: Ended


class Trainer:
    """One run in `folder`: states, metrics, best weights. A run that was cut goes on from its last whole state.

    `identity` names the data (source -> SHA-256) and whatever else a state must share with the run that goes on from it.
    `weights`, name and whole value one at a time, are those that an `empty_model` starts with: each rank holds its part alone.
    """

    def __init__(
        self,
        model: Transformer,
        config: TrainingConfig,
        optim: OptimConfig,
        data: Data,
        validation: Mapping[str, Validation],
        folder: Path,
        *,
        weights: Iterable[tuple[str, Tensor]] | None = None,
        identity: Mapping[str, Any] | None = None,
        layout: Layout | None = None,
        progress: Progress = lambda record: None,
        tensorboard: bool = False,
    ) -> None:
        _require_positions(config, model.config)
        self.layout = layout or parallel.join(config.parallel)
        self._require_micro_batches(config)
        self.config, self.optim, self.folder = config, optim, folder
        self.data, self.validation = data, validation
        self.model = model
        self.n_steps = config.n_steps(len(data))
        self._identity = run_identity(model.config, config, optim, self.n_steps, identity or {})
        self._precision = getattr(torch, config.precision)
        exponentials = torch.compile(loss.exponentials_) if config.compile else loss.exponentials_
        self._loss = loss.LossModel(model, self._precision, exponentials)
        parallel.apply(
            self._loss, self.layout, config.parallel, compile_blocks=config.compile, precision=self._precision
        )
        if weights is None:
            self._loss.to(self.layout.device)  # where it was laid over ranks it is there, part by part
        else:
            self._loss.to_empty(device=self.layout.device)
        self.optimizer = make_optimizer(model, optim)
        self.guard = Guard(config.guard)
        self.step = 0
        self.seconds = 0.0
        self.best_step: int | None = None
        self.best_record: Mapping[str, Any] = {}
        self._last_record: Mapping[str, Any] = {}
        self._best_by_source: dict[str, float] = {}
        self._risen = 0
        self._peak: float | None = None
        self._timed: tuple[float, int] | None = None
        self._monitor = Monitor(folder, progress, writes=self.layout.is_first, tensorboard=tensorboard)
        self._checkpoints = Checkpoints(folder / STATES, config.keep, self.layout)
        self._resume()
        if weights is not None and self.step == 0:
            parallel.fill(model, weights)

    def run(self) -> TrainingResult:
        """Train to the end and leave the best weights in the model. An interrupt or SIGTERM is taken between two steps, where the
        state is whole: it is saved, and KeyboardInterrupt raised."""
        with _held_interrupt() as interrupted:
            ended = self._ended() or self._train(interrupted)
        self._monitor.close()
        record = self._leave_best()
        self.model.eval()
        return TrainingResult(record, self.step * self.config.batch_tokens, self.seconds, ended)

    def _train(self, interrupted: Callable[[], bool]) -> Ended:
        """Take steps until the run is over; its state is then saved."""
        saved = started = time.monotonic()
        already = self.seconds
        every = self.config.validation_steps(len(self.data))
        ended: Ended | None = None
        while self.step < self.n_steps and ended is None:
            train_loss = self.train_step()
            self.seconds = already + time.monotonic() - started
            if self.step % every == 0 or self.step == self.n_steps or self._is_late():
                self._validate(train_loss)
                ended = self._ended()
            if ended is None and self.layout.any(interrupted()):
                self.save()
                raise KeyboardInterrupt
            if ended is None and self.layout.agree(time.monotonic() - saved > 60 * self.config.save_every_minutes):
                self.save(wait=False)
                saved = time.monotonic()
        self.save()
        return ended or "tokens"

    def _ended(self) -> Ended | None:
        """Why the run is over where it stands; None where it is not, or where these weights are not yet validated."""
        if self._last_record.get("step") != self.step:
            return None
        if self.config.patience and self._risen >= self.config.patience:
            return "patience"
        if self._is_late():
            return "minutes"
        return "tokens" if self.step == self.n_steps else None

    def _is_late(self) -> bool:
        return self.config.minutes is not None and self.layout.agree(self.seconds > 60 * self.config.minutes)

    def _leave_best(self) -> Mapping[str, Any]:
        """Fill the model with the best weights and return their record; where they were lost, the weights stay the last ones."""
        if self.best_step is not None and self._checkpoints.has_best(self.best_step):
            self._checkpoints.load_best(self.best_step, self.model)
            return self.best_record
        if not math.isfinite(self._last_record.get("loss", math.nan)):
            raise BadData("the validation loss was never finite; lower optim.learning_rate and start again")
        log.warning("the best weights of %s are lost; the model has those of step %d, the last", self.folder, self.step)
        return self._last_record

    def save(self, *, wait: bool = True) -> None:
        """Write the state of the run; without `wait` beside the steps that follow."""
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "identity": self._identity,
            "best_step": self.best_step,
            "best_record": dict(self.best_record),
            "last_record": dict(self._last_record),
            "best_by_source": self._best_by_source,
            "risen": self._risen,
            "norms": list(self.guard.norms),
            "skipped": self.guard.skipped,
            "n_ranks": self.layout.n_ranks,
        }
        self._checkpoints.save(self.step, self.model, self.optimizer, state)
        if wait:
            self._checkpoints.finish()

    def train_step(self) -> float:
        """One step: the mean loss of its batch before it. A step that the guard does not let pass leaves the weights."""
        config = self.config
        rate = learning_rate(self.optim, self.step * config.batch_tokens, self.n_steps * config.batch_tokens)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total, count = self._accumulate()
        # The sharded gradient is the mean over the ranks; what is wanted is the sum of losses over the number of targets.
        parallel.scale_gradients(self.model.parameters(), self.layout.n_data / count)
        norm = self.layout.same(parallel.gradient_norm(self.model.parameters()))
        verdict = self.guard.judge(norm.item())
        if verdict == "ok":
            parallel.scale_gradients(self.model.parameters(), (self.optim.clip_norm / (norm + 1e-6)).clamp(max=1.0))
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        value = (total / count).item()
        if verdict != "ok":
            self._log({"kind": "skipped", "loss": value, "gradient_norm": norm.item(), "reason": verdict})
        elif self.step % _LOG_STEPS == 0:
            self._log(
                {
                    "kind": "train",
                    "loss": value,
                    "learning_rate": rate,
                    "gradient_norm": norm.item(),
                    **self._speed(),
                }
            )
        return value

    def _accumulate(self) -> tuple[Tensor, Tensor]:
        """Gradients of this rank's share of the step's batch; the sum of losses and the number of targets over all ranks."""
        config, layout = self.config, self.layout
        first = self.step * config.batch_windows
        total = torch.zeros((), device=layout.device)
        count = torch.zeros((), device=layout.device)
        self.model.train()
        for micro in range(layout.data_rank, config.batch_windows // config.micro_batch, layout.n_data):
            start = first + micro * config.micro_batch
            batch = self.data.batch(start, config.micro_batch)
            count += int((batch.targets_BT >= 0).sum())
            torch.manual_seed(_dropout_seed(config.seed, start))
            part: Tensor = self._loss(batch.to(layout.device))
            part.backward()  # type: ignore[no-untyped-call]
            total += part.detach()
        return layout.sum(total), layout.sum(count).clamp_min(1)

    @torch.no_grad()
    def _validate(self, train_loss: float) -> None:
        self.model.eval()
        sources = self._validation_rows(self._loss, self.layout)
        mean = sum(row["loss"] for row in sources.values()) / len(sources) if sources else train_loss
        record = self._log({"kind": "validation", "loss": mean, "train_loss": train_loss, "sources": sources})
        self._last_record = record
        self._judge_sources({source: row["loss"] for source, row in sources.items()} or {"": mean})
        if mean < self.best_record.get("loss", math.inf):
            self.best_step, self.best_record = self.step, record
            self._checkpoints.save_best(self.step, self.model)

    @torch.no_grad()
    def measured(self, model: Transformer) -> float:
        """The mean validation loss of other weights of this shape, by this rank alone."""
        alone = Layout(self.layout.device)
        other = loss.LossModel(model.to(alone.device).eval(), self._precision)
        rows = self._validation_rows(other, alone)
        return sum(row["loss"] for row in rows.values()) / len(rows)

    def _validation_rows(self, model: loss.LossModel, layout: Layout) -> dict[str, dict[str, float]]:
        """Source -> loss, bits per byte and tokens measured."""
        rows = {}
        for source, held_out in self.validation.items():
            total, count = self._validation_loss(model, held_out.batch, layout)
            mean = total / max(1.0, count)
            bits = mean / math.log(2) / held_out.bytes_per_token
            rows[source] = {"loss": mean, "bits_per_byte": bits, "tokens": int(count)}
        return rows

    def _validation_loss(self, model: loss.LossModel, batch: Batch, layout: Layout) -> tuple[float, float]:
        """Sum of losses and number of targets. The ranks share the windows; all run the model equally often."""
        size = self.config.micro_batch
        total = torch.zeros((), device=layout.device)
        n_micro = -(-len(batch.ids_BT) // size)
        for turn in range(-(-n_micro // layout.n_data)):
            micro = turn * layout.n_data + layout.data_rank
            if micro < n_micro:
                total += model(_part(batch, micro * size, size).to(layout.device))
            else:
                model(_part(batch, 0, size).to(layout.device))
        return layout.sum(total).item(), float((batch.targets_BT >= 0).sum())

    def _judge_sources(self, losses: Mapping[str, float]) -> None:
        """Count the validations in a row at which every source stood above its best."""
        risen = all(value > self._best_by_source.get(source, math.inf) for source, value in losses.items())
        self._risen = self._risen + 1 if risen else 0
        for source, value in losses.items():
            self._best_by_source[source] = min(value, self._best_by_source.get(source, math.inf))

    def _resume(self) -> None:
        state = self._checkpoints.newest()
        if state is None:
            self._monitor.cut(0)
            return
        if changed := self._checkpoints.shared(difference(state["identity"], self._identity)):
            raise BadConfig(
                f"{self.folder} holds a run of another config or other data: {'; '.join(changed)}. "
                "Give another --output, or delete that folder."
            )
        self._checkpoints.set_aside_damaged()
        self._checkpoints.load(state["step"], self.model, self.optimizer)
        self.step, self.seconds = state["step"], state["seconds"]
        if state["best_step"] is not None and self._checkpoints.has_best(state["best_step"]):
            self.best_step, self.best_record = state["best_step"], state["best_record"]
        self._last_record = state["last_record"]
        self._best_by_source, self._risen = state["best_by_source"], state["risen"]
        self.guard = Guard(self.config.guard, state["norms"], state["skipped"])
        self._monitor.cut(self.step)

    def _speed(self) -> dict[str, float]:
        """Tokens a second since they were told last, and the share of the devices' measured matrix peak."""
        now = time.monotonic()
        before, self._timed = self._timed, (now, self.step)
        if before is None or self.step == before[1]:
            return {}
        rate = (self.step - before[1]) * self.config.batch_tokens / (now - before[0])
        if self._peak is None:
            self._peak = matrix_peak(self.layout.device, self._precision)
        needed = flops_per_token(self.model.config, self.config.seq_len) * rate
        return {"tokens_per_second": rate, "mfu": needed / (self._peak * self.layout.n_ranks)}

    def _log(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        n_windows = self.step * self.config.batch_windows
        record = {
            "step": self.step,
            "tokens": self.step * self.config.batch_tokens,
            "total_tokens": self.n_steps * self.config.batch_tokens,
            "seconds": round(self.seconds, 1),
            "epoch": n_windows / len(self.data),
            **record,
        }
        if record["kind"] == "validation":
            record["epochs"] = self.data.epochs(n_windows)
        self._monitor.log(record)
        return record

    def _require_micro_batches(self, config: TrainingConfig) -> None:
        n_micro = config.batch_windows // config.micro_batch
        if n_micro % self.layout.n_data:
            raise BadConfig(
                f"training.batch_tokens holds {n_micro} micro-batches; {self.layout.n_data} ranks read different windows, and "
                "their number must divide it. Choose another micro_batch or number of ranks."
            )


def new_model(config: ModelConfig, seed: int) -> Transformer:
    """A model with the stated initialisation, the same for the same seed."""
    model = empty_model(config).to_empty(device="cpu")
    model.reset_parameters(seed)
    return model


def _require_positions(config: TrainingConfig, model: ModelConfig) -> None:
    if config.seq_len > model.max_seq_len:
        raise BadConfig(
            f"training.seq_len is {config.seq_len}; the model has {model.max_seq_len} positions (model.max_seq_len)"
        )


def _part(batch: Batch, start: int, size: int) -> Batch:
    return Batch(*(None if part is None else part[start : start + size] for part in batch))  # type: ignore[arg-type]


def _dropout_seed(seed: int, window: int) -> int:
    return (seed * 0x9E3779B97F4A7C15 + window * 0xBF58476D1CE4E5B9 + 1) % 2**63


@contextlib.contextmanager
def _held_interrupt() -> Iterator[Callable[[], bool]]:
    """Ctrl-C, and the SIGTERM by which clusters take a machine back, wait until they are asked for. In another thread than the
    main one signals cannot be held: never interrupted."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {
        number: signal.signal(number, lambda number, frame: pressed.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(pressed)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
