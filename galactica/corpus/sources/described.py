"""The document of a sequence or structure and what is known of it: the form that proteins, genes and terms share."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from galactica import markup

Questions = Mapping[str, Sequence[str]]
"""Heading of a section -> wordings of the question that it answers, the most telling section first."""


def described(
    key: str,
    name: str,
    sections: Sequence[tuple[str, str]],
    questions: Questions,
    wrapped: str,
    works: Iterable[tuple[str, str]] = (),
) -> str:
    """The text. Seeded by `key`, the document's id: the `wrapped` sequence stands first or last (1/2 each), and one section in
    every third document is a question and answer, so that both directions and both forms are learnt.
    `works` are (title, surname)."""
    rng = random.Random(key)
    sequence_last, ask = rng.random() < 1 / 2, rng.random() < 1 / 3
    parts = [markup.heading(name).strip()]
    asked = next((title for title in questions if title in dict(sections)), None) if ask else None
    for title, text in sections:
        if title == asked:
            parts.append(f"Question: {rng.choice(questions[title])}\n\nAnswer: {text}")
        else:
            parts.append(markup.heading(title, 2) + text)
    if cited := "\n\n".join(markup.cite(title, surname) for title, surname in works):
        question = f"Question: What are some articles for {name}?\n\nAnswer: \n\n{cited}"
        parts.append(markup.heading("References", 2) + question)
    if wrapped:
        parts.insert(len(parts) if sequence_last else 0, wrapped)
    return "\n\n".join(parts)
