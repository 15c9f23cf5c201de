"""Multiple choice data sets: MedMCQA, RACE, CommonsenseQA, SciQ, TQA, QASC, OpenBookQA, ARC, QCScience, UChallenge."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from galactica.corpus import split
from galactica.corpus.json_items import split_array
from galactica.corpus.prompts.dataset import DataSet, Item, Items, claim, source
from galactica.corpus.prompts.questions import MultipleChoice, OpenQuestion, Statement, too_long
from galactica.corpus.prompts.records import (
    Malformed,
    digest,
    entries,
    field,
    items,
    json_list,
    json_value,
    label,
    line,
    optional_text,
    text,
)
from galactica.corpus.source import Source
from galactica.files import RawFile

_INSTRUCTION = "Please choose the correct answer to the question: "
_NUMBERED = re.compile(r"(?:(?<!\s)\s+)?\bAnswer(\d{1,2}): ")
_FORMAT = "\n\nAnswer format:"


def _choice(
    key: str, question: str, options: Sequence[str], right: int, *, passage: str = "", support: str = ""
) -> Item | str:
    """The item, or why it cannot be asked."""
    prompt = MultipleChoice(question, tuple(options), right, passage, support)
    return prompt.problem() or Item(key or digest(question, *options), prompt)


def _medmcqa(record: Any) -> Items:
    right = field(record, "cop")
    options = [line(record, name) for name in ("opa", "opb", "opc", "opd")]
    yield _choice(label(record, "id"), text(record, "question"), options, right - 1 if isinstance(right, int) else -1)


def _race_file(file: RawFile) -> Iterator[Any]:
    yield json_value(file.data)


def _race(record: Any) -> Items:
    passage, key = text(record, "article"), label(record, "id").removesuffix(".txt") or digest(text(record, "article"))
    answers = items(record, "answers")
    for number, _ in enumerate(items(record, "questions")):
        options = [line(option) for option in items(record, "options", number)]
        right = _letter(answers[number] if number < len(answers) else "")
        yield _choice(f"{key}-{number}", line(record, "questions", number), options, right, passage=passage)


def _ai2(record: Any) -> Items:
    """The form of the Allen Institute: stem, choices with labels, answerKey; QASC's and OpenBookQA's facts as support."""
    choices = items(record, "question", "choices")
    labels = [label(choice, "label") for choice in choices]
    if (answer := label(record, "answerKey")) not in labels:
        yield "no right answer"
        return
    facts = [optional_text(record, name) for name in ("fact1", "fact2")]
    yield _choice(
        label(record, "id"),
        line(record, "question", "stem"),
        [line(choice, "text") for choice in choices],
        labels.index(answer),
        support=" ".join(sentence(fact) for fact in facts if fact),
    )


def sentence(fact: str) -> str:
    """A fact with a capital and a full stop."""
    fact = fact[:1].upper() + fact[1:]
    return fact if fact.endswith((".", "!", "?")) else f"{fact}."


def _instruction(record: Any) -> Items:
    """The form of LLM-Adapters: question, numbered answers and the form of the answer in one text."""
    instruction = text(record, "instruction")
    body, _, _ = instruction.removeprefix(_INSTRUCTION).partition(_FORMAT)
    question, *parts = _NUMBERED.split(body)
    if not instruction.startswith(_INSTRUCTION) or not parts:
        raise Malformed("no instruction of the form that was looked for")
    numbers, options = parts[::2], [" ".join(option.split()) for option in parts[1::2]]
    number = line(record, "answer").lower().removeprefix("answer")
    right = numbers.index(number) if number in numbers else -1
    yield _choice("", " ".join(question.split()), options, right)


def _ai2_or_instruction(record: Any) -> Items:
    return _instruction(record) if isinstance(record, dict) and "instruction" in record else _ai2(record)


def _sciq(record: Any) -> Items:
    question, answer = line(record, "question"), line(record, "correct_answer")
    key = digest(question, answer)
    options = [answer, *(line(record, f"distractor{n}") for n in (1, 2, 3))]
    random.Random(key).shuffle(options)
    yield _choice(key, question, options, options.index(answer), support=optional_text(record, "support"))


def _tqa(record: Any) -> Items:
    """The questions of a lesson that need no diagram."""
    lesson = label(record, "globalID")
    for key, question in entries(record, "questions", "nonDiagramQuestions").items():
        choices = entries(question, "answerChoices")
        names = sorted(choices)
        options = [line(choices, name, "processedText") for name in names]
        asked = line(question, "beingAsked", "processedText")
        answer = line(question, "correctAnswer", "processedText").lower().rstrip(".")
        right = names.index(answer) if answer in names else -1
        if {option.lower() for option in options} == {"true", "false"} and right >= 0:
            yield Item(f"{lesson}-{key}", Statement(asked, options[right].lower() == "true"))
        else:
            yield _choice(f"{lesson}-{key}", asked, options, right)


def _own(record: Any) -> Items:
    """Our form for sets that were never published: question, answer (the text), and choices where there are some."""
    question, answer = text(record, "question"), line(record, "answer")
    key = label(record, "id") or digest(question, answer)
    if not (isinstance(record, dict) and record.get("choices")):
        yield too_long(question, "") or Item(key, OpenQuestion(question, answer))
        return
    options = [line(option) for option in items(record, "choices")]
    yield _choice(key, question, options, options.index(answer) if answer in options else -1)


def _letter(answer: Any) -> int:
    return "ABCDEFGHIJ".find(answer) if isinstance(answer, str) and len(answer) == 1 else -1


_INSTRUCTIONS = b"Please choose the correct answer to the question: "
_UNPUBLISHED = (
    'never published; read from JSON lines of our own: {"id", "question", "answer", "choices" (a list) or none}'
)


def _claims_ai2(path: str, *needles: bytes) -> Any:
    """Files in the Allen Institute's or LLM-Adapters' form, told apart by a name in their path."""
    published, instructions = claim(b'"stem"', b'"answerKey"', *needles, path=path), claim(_INSTRUCTIONS, path=path)
    return lambda where, head: published(where, head) or instructions(where, head)


DATASETS: tuple[DataSet, ...] = (
    DataSet(
        name="medmcqa",
        format="MedMCQA JSON lines (cop counts from 1)",
        origin="https://github.com/medmcqa/medmcqa",
        licence="MIT",
        n_published=180_894,
        claims=claim(b'"opa"', b'"opd"', b'"cop"'),
        items=_medmcqa,
        split=split.lines,
    ),
    DataSet(
        name="race",
        format="RACE JSON, a file for each passage",
        origin="https://www.cs.cmu.edu/~glai1/data/race/",
        licence="for research that is not commercial (non-commercial)",
        n_published=29_502,
        claims=claim(b'"answers"', b'"options"', path=r"race.*\.(?:txt|json)\Z"),
        records=_race_file,
        items=_race,
    ),
    DataSet(
        name="commonsenseqa",
        format="CommonsenseQA JSON lines",
        origin="https://www.tau-nlp.sites.tau.ac.il/commonsenseqa",
        licence="MIT",
        n_published=9_644,
        claims=claim(b'"question_concept"', b'"stem"', b'"answerKey"'),
        items=_ai2,
        split=split.lines,
    ),
    DataSet(
        name="sciq",
        format="SciQ JSON",
        origin="https://allenai.org/data/sciq",
        licence="CC BY-NC 3.0",
        n_published=10_346,
        claims=claim(b'"distractor1"', b'"correct_answer"'),
        records=json_list,
        items=_sciq,
    ),
    DataSet(
        name="tqa",
        format="TQA JSON (lessons)",
        origin="https://allenai.org/data/tqa",
        licence="CC BY-NC 3.0",
        n_published=8_566,
        claims=claim(b'"globalID"', path=r"tqa"),
        records=json_list,
        items=_tqa,
        split=split_array,
    ),
    DataSet(
        name="qasc",
        format="QASC JSON lines",
        origin="https://allenai.org/data/qasc",
        licence="CC BY 4.0",
        n_published=8_053,
        claims=claim(b'"stem"', b'"answerKey"', b'"formatted_question"'),
        items=_ai2,
    ),
    DataSet(
        name="openbookqa",
        format="OpenBookQA JSON lines; LLM-Adapters JSON",
        origin="https://allenai.org/data/open-book-qa; https://github.com/AGI-Edgerunners/LLM-Adapters",
        licence="Apache-2.0",
        n_published=4_908,
        claims=_claims_ai2(r"open-?book|obqa"),
        records=json_list,
        items=_ai2_or_instruction,
    ),
    DataSet(
        name="arc",
        format="ARC JSON lines; LLM-Adapters JSON",
        origin="https://allenai.org/data/arc; https://github.com/AGI-Edgerunners/LLM-Adapters",
        licence="CC BY-SA 4.0",
        n_published=None,
        claims=_claims_ai2(r"(?<![a-z])arc[-_/.]"),
        records=json_list,
        items=_ai2_or_instruction,
    ),
    DataSet(
        name="qcscience",
        format="JSON lines of our own",
        origin=_UNPUBLISHED,
        licence="not stated",
        n_published=2_417,
        claims=claim(b'"question"', b'"answer"', path=r"qc-?_?science[^/]*\.jsonl"),
        items=_own,
        has_splits=False,
    ),
    DataSet(
        name="uchallenge",
        format="JSON lines of our own",
        origin=_UNPUBLISHED,
        licence="not stated",
        n_published=346,
        claims=claim(b'"question"', b'"answer"', path=r"u-?_?challenge[^/]*\.jsonl"),
        items=_own,
        has_splits=False,
    ),
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
