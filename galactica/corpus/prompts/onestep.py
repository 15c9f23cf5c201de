"""OneSmallStep: problems of one formula with sampled quantities, worked by a program (Galactica paper, section 3.2)."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

from galactica import markup
from galactica.corpus.prompts.onestep_templates import TEMPLATES, Template
from galactica.corpus.prompts.working import program_run, worked
from galactica.types import Document

NAME = "onestep"
LICENCE = "Apache-2.0"
_ATTEMPTS_PER_DOCUMENT = 20


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
    question = rng.choice(template.questions).format(**values)
    result = f"{template.solve(**values):{template.form}}"
    lines = [f"{name} = {value}" for name, value in values.items()]
    program = ([*template.imports, ""] if template.imports else []) + lines + list(template.lines)
    reasoning = "\n\n".join(
        [
            template.explanation,
            markup.display_maths(template.formula),
            program_run(program, f'f"{{{template.result}:{template.form}}}"', result),
            f"The {template.quantity} is {_with_unit(result, template.unit)}.",
        ]
    )
    key = hashlib.sha256(question.encode()).hexdigest()[:16]
    text = worked(question, reasoning, _with_unit(result, template.unit))
    return Document(
        f"{NAME}:{key}", text, NAME, LICENCE, {"template": template.name, "field": template.field, "answer": result}
    )


def _draw(template: Template, rng: random.Random) -> dict[str, float | int]:
    """Quantities whose solution does not lie between two roundings, where the program's order of operations would decide."""
    while True:
        values = {variable.name: variable.draw(rng) for variable in template.variables}
        value = template.solve(**values)
        if isinstance(value, int) or f"{value * (1 - 1e-9):{template.form}}" == f"{value * (1 + 1e-9):{template.form}}":
            return values


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}".strip()
