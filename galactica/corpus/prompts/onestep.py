"""OneSmallStep: problems of one formula with sampled quantities, worked by a program (Galactica paper, section 3.2)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from galactica import markup
from galactica.corpus.prompts.onestep_templates import TEMPLATES
from galactica.corpus.prompts.onestep_templates.template import Template, Value
from galactica.corpus.prompts.working import program_run, worked
from galactica.types import Document

NAME = "onestep"
LICENCE = "Apache-2.0"
_ATTEMPTS_PER_DOCUMENT = 20
_CONCLUSIONS = (
    "The {quantity} is {result}.",
    "So the {quantity} is {result}.",
    "Hence the {quantity} is {result}.",
    "We find that the {quantity} is {result}.",
)


def onestep_documents(n: int, seed: int) -> Iterator[Document]:
    """`n` different problems over all templates in turn, the same for the same seed; fewer only where the templates'
    quantities are used up."""
    rng = random.Random(seed)
    seen: set[str] = set()
    for attempt in range(n * _ATTEMPTS_PER_DOCUMENT):
        if len(seen) == n:
            return
        document = sample(TEMPLATES[attempt % len(TEMPLATES)], rng)
        if document.id not in seen:
            seen.add(document.id)
            yield document


def sample(template: Template, rng: random.Random) -> Document:
    """One problem of a template: quantities drawn, question worded, solution computed and written as a program."""
    values = _draw(template, rng)
    question = rng.choice(template.questions).format(**{name: _in_words(value) for name, value in values.items()})
    result = f"{template.solve(**_numbers(values)):{template.form}}"
    lines = [f"{name} = {value}" for name, value in _numbers(values).items()]
    program = ([*template.imports, ""] if template.imports else []) + lines + list(template.lines)
    conclusion = rng.choice(_CONCLUSIONS).format(quantity=template.quantity, result=_with_unit(result, template.unit))
    reasoning = "\n\n".join(
        [
            template.explanation,
            markup.display_maths(template.formula),
            program_run(program, f'f"{{{template.result}:{template.form}}}"', result),
            conclusion,
        ]
    )
    key = hashlib.sha256(question.encode()).hexdigest()[:16]
    text = worked(question, reasoning, _with_unit(result, template.unit))
    return Document(
        f"{NAME}:{key}", text, NAME, LICENCE, {"template": template.name, "field": template.field, "answer": result}
    )


def _draw(template: Template, rng: random.Random) -> dict[str, Value]:
    """Quantities whose solution is of a sensible size and does not lie between two roundings, where the program's order of
    operations would decide."""
    low, high = template.between
    while True:
        values = {name: value for variable in template.variables for name, value in variable.draw(rng).items()}
        value = template.solve(**_numbers(values))
        if not low <= abs(value) <= high:
            continue
        if isinstance(value, int) or f"{value * (1 - 1e-9):{template.form}}" == f"{value * (1 + 1e-9):{template.form}}":
            return values


def _numbers(values: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if not isinstance(value, str)}


def _in_words(value: Value) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}".strip()
