"""Conversations: who speaks, in names that vary, over a topic or a text that the speakers know."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar

_ABOUT = (
    "Topic: {topic}\n\n{turns}",
    "The following is a conversation about {topic}.\n\n{turns}",
    "Topic: {topic}\n\n{passage}{turns}",
    "{passage}The following is a conversation about {topic}.\n\n{turns}",
    "A conversation about {topic}\n\n{turns}",
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation: `turns` are (index of the speaker, what they say), `speakers` the pairs of names that the two may bear;
    `passage` is what one of them had before their eyes."""

    topic: str
    turns: tuple[tuple[int, str], ...]
    speakers: tuple[tuple[str, str], ...]
    passage: str = ""
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """The turns as paragraphs, below their topic."""
        names = rng.choice(self.speakers)
        turns = "\n\n".join(f"{names[speaker]}: {said}" for speaker, said in self.turns)
        passage = f"{self.passage}\n\n" if self.passage else ""
        return rng.choice(_ABOUT).format(topic=self.topic, passage=passage, turns=turns)
