"""What a run says of itself: a line of metrics.jsonl for each record, TensorBoard where it is wanted, speed and time left."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from galactica import files
from galactica.errors import missing_extra
from galactica.model.config import ModelConfig

METRICS = "metrics.jsonl"
Progress = Callable[[Mapping[str, Any]], None]
"""Called with each record that goes into the metrics file."""

_PEAK_SIZE = {"cpu": 2048, "cuda": 8192}
_PEAK_SECONDS = 0.3


def flops_per_token(config: ModelConfig, seq_len: int) -> float:
    """Floating-point operations of one training token, forward and backward: 6 for each weight of a matrix product and
    12 * n_layers * d_model * seq_len for attention. Source: PaLM (arXiv 2204.02311), appendix B; what is computed again for
    checkpointed activations does not count."""
    d, f = config.d_model, config.d_ff
    weights = config.n_layers * (4 * d * d + 2 * d * f) + config.vocab_size * d
    return 6.0 * weights + 12.0 * config.n_layers * d * seq_len


def matrix_peak(device: torch.device, dtype: torch.dtype) -> float:
    """FLOP/s of one square matrix product on this device, the best of several within a third of a second."""
    size = _PEAK_SIZE.get(device.type, _PEAK_SIZE["cuda"])
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    left @ right  # the first product loads and compiles
    _wait(device)
    until = time.perf_counter() + _PEAK_SECONDS
    while time.perf_counter() < until or best == float("inf"):
        _wait(device)
        start = time.perf_counter()
        left @ right
        _wait(device)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best


class Monitor:
    """Writes the records of one run. Only the first rank has one that writes."""

    def __init__(self, folder: Path, progress: Progress, *, writes: bool, tensorboard: bool) -> None:
        self._path, self._progress, self._writes = folder / METRICS, progress, writes
        self._board = _board(folder) if tensorboard and writes else None

    def log(self, record: Mapping[str, Any]) -> None:
        """Append a record and hand it on."""
        if not self._writes:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(_finite(record), allow_nan=False) + "\n")
        if self._board is not None:
            for name, value in _scalars(record):
                self._board.add_scalar(name, value, record["step"])
        self._progress(record)

    def cut(self, step: int) -> None:
        """Forget the records of steps after `step`, which will be taken and written again."""
        if self._writes and self._path.exists():
            lines = self._path.read_text(encoding="utf-8").splitlines()
            files.write_file(self._path, "".join(line + "\n" for line in lines if _is_until(line, step)))

    def close(self) -> None:
        """Write what TensorBoard still holds."""
        if self._board is not None:
            self._board.close()


class Speaker:
    """Turns the records of a run into lines for a person: loss, speed, share of the machine's peak, time left."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._rate: float | None = None
        self._said = 0.0

    def __call__(self, record: Mapping[str, Any]) -> None:
        self._rate = record.get("tokens_per_second", self._rate)
        if record["kind"] == "train" and time.monotonic() - self._said < 10:
            return
        self._said = time.monotonic()
        parts = [f"loss {record['loss']:.3f}"]
        if record["kind"] == "validation":
            parts.append(f"training {record['train_loss']:.3f}")
        if record["kind"] == "skipped":
            parts.append(f"gradient norm {record['gradient_norm']:g} ({record['reason']}), step left out")
        parts.append(f"{record['tokens'] / 1e6:,.1f} of {record['total_tokens'] / 1e6:,.1f} M tokens")
        if self._rate:
            left = (record["total_tokens"] - record["tokens"]) / self._rate
            parts += [f"{self._rate:,.0f} tokens/s", f"{_duration(left)} left"]
        if "mfu" in record:
            parts.append(f"{record['mfu']:.0%} of the matrix peak")
        self._say(f"  {record['kind']} step {record['step']}: {', '.join(parts)}")


def _is_until(line: str, step: int) -> bool:
    try:
        return bool(json.loads(line)["step"] <= step)
    except (ValueError, TypeError, KeyError):  # a line that was being written when the run was killed
        return False


def _finite(value: Any) -> Any:
    """The same with null for each number that JSON has no word for."""
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _scalars(record: Mapping[str, Any]) -> list[tuple[str, float]]:
    kind = record["kind"]
    found = [(f"{kind}/{name}", value) for name, value in record.items() if isinstance(value, float)]
    for source, row in record.get("sources", {}).items():
        found += [(f"{kind} {name}/{source}", row[name]) for name in ("loss", "bits_per_byte")]
    return found


def _board(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise missing_extra("tensorboard", "tensorboard") from None
    return SummaryWriter(str(folder / "tensorboard"))


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"
