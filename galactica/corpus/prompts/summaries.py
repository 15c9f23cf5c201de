"""Summaries, descriptions and what follows from a sentence: text first, then what is asked of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import ClassVar

from galactica import markup

_TITLED = ("Title: {title}\n\n", "Title: {title}\n\n# Abstract\n\n", "")
_SUMMARIES = (
    "{text}\n\nTLDR: {summary}",
    "{text}\n\nTLDR: {summary}",
    "{text}\n\nTLDR: {summary}",
    "{text}\n\nQuestion: What is this about, in one sentence?\n\nAnswer: {summary}",
    "{text}\n\nSummary: {summary}",
    "Summarize the following abstract in one sentence.\n\n{text}\n\nTLDR: {summary}",
)
_DESCRIPTIONS = (
    "{text}\n\nQuestion: What is {name}?\n\nAnswer: {description}",
    "{text}\n\nDescribe {name}.\n\nAnswer: {description}",
    "{text}\n\nTLDR: {description}",
    "{text}\n\nA description of {name}: {description}",
    "Here is an abstract.\n\n{text}\n\nQuestion: What is {name}?\n\nAnswer: {description}",
)
_ENTAILMENTS = (
    "Premise: {premise}\n\nHypothesis: {hypothesis}\n\nQuestion: Does the premise entail the hypothesis?\n\nAnswer: {answer}",
    '{premise}\n\nQuestion: Does it follow that "{bare}"?\n\nAnswer: {answer}',
    "{premise}\n\nStatement: {hypothesis}\n\nQuestion: Is the statement supported by the text above?\n\nAnswer: {answer}",
    'Text: {premise}\n\nQuestion: Can one conclude from the text that "{bare}"?\n\nAnswer: {answer}',
    "{premise}\n\nDoes this imply the following? {hypothesis}\n\nAnswer: {answer}",
)
_FRAGMENTED = (
    "{fragments}\n\n{prompt}\n\n{text}",
    "{fragments}\n\nQuestion: {prompt}\n\nAnswer: {text}",
    "{prompt}\n\n{fragments}\n\nTLDR: {text}",
    "{fragments}\n\nSummarize the fragments above. {prompt}\n\n{text}",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """A text, its title where there is one, and its summary in a sentence or two."""

    title: str
    text: str
    summary: str
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """Most often "TLDR: ..."."""
        head = rng.choice(_TITLED).format(title=self.title) if self.title else ""
        return rng.choice(_SUMMARIES).format(text=head + self.text, summary=self.summary)


@dataclass(frozen=True, slots=True)
class Description:
    """A thing that a text is about, described after it."""

    name: str
    text: str
    description: str
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """The text, the question, the description."""
        return rng.choice(_DESCRIPTIONS).format(text=self.text, name=self.name, description=self.description)


@dataclass(frozen=True, slots=True)
class Entailment:
    """Whether the hypothesis follows from the premise."""

    premise: str
    hypothesis: str
    follows: bool
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """Premise, hypothesis, yes or no."""
        return rng.choice(_ENTAILMENTS).format(
            premise=self.premise,
            hypothesis=self.hypothesis,
            bare=self.hypothesis.rstrip("."),
            answer="Yes" if self.follows else "No",
        )


@dataclass(frozen=True, slots=True)
class Fragmented:
    """A text written from fragments that a search found, and the prompt it was asked for with."""

    fragments: tuple[str, ...]
    prompt: str
    text: str
    n_tokens: ClassVar[int] = 2

    def written(self, rng: random.Random) -> str:
        """The fragments in their tokens."""
        inside = "\n\n".join(self.fragments)
        fragments = f"{markup.START_FRAGMENTS}\n{inside}\n{markup.END_FRAGMENTS}"
        return rng.choice(_FRAGMENTED).format(fragments=fragments, prompt=self.prompt, text=self.text)
