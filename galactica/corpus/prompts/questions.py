"""Questions with their answers: among options, yes or no, or in words; each in several wordings, over a passage or without one."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from typing import ClassVar

MAX_OPTIONS = 10
MAX_QUESTION_CHARACTERS = 3000
MAX_PASSAGE_CHARACTERS = 60_000

_PASSAGES = (
    "{passage}\n\n",
    "Passage: {passage}\n\n",
    "Context: {passage}\n\n",
    "Read the following text.\n\n{passage}\n\n",
    "{passage}\n\nAnswer a question about the text above.\n\n",
    "Here is some background.\n\n{passage}\n\n",
)
_CHOOSE = ("", "", "Choose the correct answer.\n\n", "Answer the following multiple choice question.\n\n")
_ANSWER = ("", "", "Answer the following question.\n\n")
_LETTERED = (
    ("{letter}) {option}", "\n"),
    ("({letter}) {option}", " "),
    ("{letter}. {option}", "\n"),
    ("({letter}) {option}", "\n"),
)
_LETTER_ANSWERS = ("{letter}", "{letter}", "{letter}) {option}", "{option}")
_BULLETED = ("Options:\n{options}", "{options}", "Choices:\n{options}")
_NEEDS_OPTIONS = re.compile(
    r"\b(?:following|these|those|except|not|never|least|most|best|true|false|correct|incorrect|wrong|statements?|choices?|"
    r"options?|below|above|one)\b|_|\bwhich\b[^?]{0,500}\bis\?",
    re.IGNORECASE,
)
_NAMES_OPTIONS = re.compile(
    r"\babove\b|\ball of (?:these|them)|\bnone of (?:these|them)|\bboth\b|\bneither\b|\b[a-e](?: ?[,&+] ?| and )[a-e]\b|\A[a-e]+\Z",
    re.IGNORECASE,
)
_STATEMENTS = (
    "True or false: {statement}\n\nAnswer: {answer}",
    "Question: Is the following statement true or false?\n\n{statement}\n\nAnswer: {answer}",
    "{statement}\n\nQuestion: Is this statement true or false?\n\nAnswer: {answer}",
    "Statement: {statement}\n\nTrue or false?\n\nAnswer: {answer}",
    "Decide whether the statement is true or false.\n\nStatement: {statement}\n\nAnswer: {answer}",
)
_YES_NO = (
    "Question: {question}\n\nAnswer: {answer}",
    "Question: {question} ({choices})\n\nAnswer: {answer}",
    "Answer with {choices}.\n\nQuestion: {question}\n\nAnswer: {answer}",
    "{question}\n\nOptions: {choices}\n\nAnswer: {answer}",
    "Question: {question} Answer {choices}.\n\nAnswer: {answer}",
)
_OPEN = (
    "Question: {question}\n\nAnswer: {answer}",
    "Answer the following question.\n\nQuestion: {question}\n\nAnswer: {answer}",
    "Q: {question}\n\nA: {answer}",
    "{question}\n\nAnswer: {answer}",
)


def over(passage: str, rng: random.Random) -> str:
    """The passage as it stands before a question; "" where there is none."""
    return rng.choice(_PASSAGES).format(passage=passage) if passage else ""


def as_question(text: str) -> str:
    """A question with a capital letter and its mark, which search logs leave out."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(("?", ".", "!", ":")) else f"{text}?"


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """A question whose answer is `options[right]`. A `passage` is needed to answer; a `support` helps, and half of
    the documents leave it out."""

    question: str
    options: tuple[str, ...]
    right: int
    passage: str = ""
    support: str = ""
    n_tokens: ClassVar[int] = 0

    def problem(self) -> str | None:
        """Why this cannot be asked."""
        if not 2 <= len(self.options) <= MAX_OPTIONS or not all(self.options):
            return "fewer or more options than can be asked"
        if not 0 <= self.right < len(self.options):
            return "no right answer"
        if len(set(self.options)) < len(self.options):
            return "two options alike"
        return too_long(self.question, self.passage or self.support)

    def written(self, rng: random.Random) -> str:
        """With lettered options, with a list of them, or, where the question stands alone, without."""
        passage = over(self.passage or (self.support if rng.random() < 0.5 else ""), rng)
        forms = ["lettered", "lettered", "lettered"]
        if not any(_NAMES_OPTIONS.search(option) for option in self.options):
            forms.append("listed")
            if not _NEEDS_OPTIONS.search(self.question):
                forms += ["open", "open"]
        form = rng.choice(forms)
        if form == "open":
            return f"{passage}{rng.choice(_ANSWER)}Question: {self.question}\n\nAnswer: {self.options[self.right]}"
        options, answer = self._lettered(rng) if form == "lettered" else self._listed(rng)
        return f"{passage}{rng.choice(_CHOOSE)}Question: {self.question}\n\n{options}\n\nAnswer: {answer}"

    def _lettered(self, rng: random.Random) -> tuple[str, str]:
        line, between = rng.choice(_LETTERED)
        letters = string.ascii_uppercase
        options = between.join(line.format(letter=letters[n], option=option) for n, option in enumerate(self.options))
        answer = rng.choice(_LETTER_ANSWERS)
        if any(_NAMES_OPTIONS.search(option) for option in self.options):
            answer = _LETTER_ANSWERS[0]
        elif answer == "{letter}) {option}":
            answer = line
        return options, answer.format(letter=letters[self.right], option=self.options[self.right])

    def _listed(self, rng: random.Random) -> tuple[str, str]:
        options = "\n".join(f"- {option}" for option in self.options)
        return rng.choice(_BULLETED).format(options=options), self.options[self.right]


@dataclass(frozen=True, slots=True)
class YesNo:
    """A question whose answer is one of a few words, "Yes" and "No" if not said otherwise."""

    question: str
    answer: str
    passage: str = ""
    choices: tuple[str, ...] = ("yes", "no")
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """The question, with or without its possible answers named."""
        choices = f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"
        form = rng.choice(_YES_NO)
        return over(self.passage, rng) + form.format(question=self.question, choices=choices, answer=self.answer)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that is true or false."""

    statement: str
    is_true: bool
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """The statement with the question whether it holds."""
        return rng.choice(_STATEMENTS).format(statement=self.statement, answer="True" if self.is_true else "False")


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question answered in words, out of the `passage`; half of the documents leave out a `support`."""

    question: str
    answer: str
    passage: str = ""
    support: str = ""
    n_tokens: ClassVar[int] = 0

    def written(self, rng: random.Random) -> str:
        """Passage, question, answer."""
        passage = over(self.passage or (self.support if rng.random() < 0.5 else ""), rng)
        return passage + rng.choice(_OPEN).format(question=self.question, answer=self.answer)


def too_long(question: str, passage: str) -> str | None:
    """Why a question is too long to ask, or None."""
    if len(question) > MAX_QUESTION_CHARACTERS:
        return "question too long"
    return "passage too long" if len(passage) > MAX_PASSAGE_CHARACTERS else None
