"""What a passage mentions of a kind: the passage, the question, the names in the order of the text."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar

NONE = "None"
_QUESTIONS = (
    "{text}\n\nWhat {kind} are mentioned in the {unit} above?\n\nA: {names}",
    "{text}\n\nWhat {kind} are mentioned in the {unit} above?\n\nA: {names}",
    "{text}\n\nQuestion: What {kind} are mentioned in the {unit} above?\n\nAnswer: {names}",
    "Which {kind} does the following {unit} mention?\n\n{text}\n\nAnswer: {names}",
    "{text}\n\nQuestion: Which {kind} does the text mention?\n\nAnswer: {names}",
    "List the {kind} mentioned in the {unit}.\n\n{text}\n\nA: {names}",
    "{Unit}: {text}\n\n{Kind}: {names}",
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The `names` of a `kind` (plural: "genes") that a text mentions; the text is one `unit` (a sentence, an abstract)."""

    text: str
    kind: str
    names: tuple[str, ...]
    unit: str = "sentence"
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """Each name once; "None" where there is none."""
        kind = self.kind[:1].upper() + self.kind[1:]
        return rng.choice(_QUESTIONS).format(
            text=self.text,
            kind=self.kind,
            Kind=kind,
            unit=self.unit,
            Unit=self.unit.capitalize(),
            names=", ".join(dict.fromkeys(self.names)) or NONE,
        )
