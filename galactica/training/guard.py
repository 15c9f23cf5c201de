"""Steps that would harm a run are seen by their gradient norm and left out."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from statistics import median
from typing import Literal

from galactica.errors import BadData
from galactica.training.config import GuardConfig

_FEWEST = 20
"""Norms before a median says what is usual: the first steps of a run fall steeply."""

Verdict = Literal["ok", "not finite", "spike"]


class Guard:
    """Judges each step's gradient norm. `norms`, those of the last good steps, is its whole memory and part of a run's state."""

    def __init__(self, config: GuardConfig, norms: Sequence[float] = (), skipped: int = 0) -> None:
        self._config = config
        self.norms: deque[float] = deque(norms, maxlen=config.window)
        self.skipped = skipped

    def judge(self, norm: float) -> Verdict:
        """Whether the step may be taken. Raises BadData where `max_skipped` steps in a row may not."""
        verdict = self._verdict(norm)
        if verdict == "ok":
            self.norms.append(norm)
            self.skipped = 0
            return verdict
        self.skipped += 1
        if self.skipped >= self._config.max_skipped:
            raise BadData(
                f"{self.skipped} steps in a row were skipped, the last with a gradient norm of {norm:g} ({verdict}); "
                "look at the data of these steps, or begin a run with a lower optim.learning_rate in another --output. To keep "
                "what this one has learnt, end it from its last state by --set training.minutes=0.001 and give the model to --from."
            )
        return verdict

    def _verdict(self, norm: float) -> Verdict:
        if not math.isfinite(norm):
            return "not finite"
        usual = median(self.norms) if len(self.norms) >= min(_FEWEST, self._config.window) else math.inf
        return "spike" if self._config.spike and norm > self._config.spike * usual else "ok"
