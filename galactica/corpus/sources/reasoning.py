"""Grade-school problems (GSM8K's JSON lines) whose calculator marks become a program: `48/2 = <<48/2=24>>24` -> `x = 48 / 2`."""

from __future__ import annotations

import ast
import hashlib
import json
import math
import operator
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from galactica import markup
from galactica.corpus.prompts.working import program_run, worked
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop

MAX_EXPRESSION_CHARACTERS = 200
LARGEST_MENTAL_RESULT = 100
"""A problem of one operation with a whole result up to this stays in words: nobody writes a program for it."""

_CONSTANTS = frozenset({1.0, 2.0, 7.0, 12.0, 60.0, 100.0})
"""Numbers that problems use without saying so (days, months, minutes, percent): not taken for an earlier result."""
_NAMES = (*"xyzuvwpqrst", *(f"x{n}" for n in range(1, 30)))
_MARK = re.compile(r"<<([^<>]*)>>(-?[\d,]*\.?\d+)?")
_ANSWER = re.compile(r"#### *(\S[^\n]*)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w|[.,]\d)")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Step(NamedTuple):
    """A calculator mark: the name its result gets, the expression with earlier names in it, its value."""

    name: str
    expression: ast.expr
    value: float


def _claims(where: str, head: bytes) -> bool:
    path = PurePosixPath(where)
    if (
        path.suffix.lower() != ".jsonl" or "test" in path.stem.lower()
    ):  # a benchmark's test split must not be trained on
        return False
    line = head.split(b"\n", 1)[0]
    return line.startswith(b"{") and b'"question"' in line and b'"answer"' in line and b"#### " in line


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(file.data.decode("utf-8", "replace").split("\n"), start=1):
        if line.strip():
            found = _document(line)
            yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(line: str) -> Document | str:
    """The document of a line, or the reason why there is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return "not JSON"
    question, answer = (record.get("question"), record.get("answer")) if isinstance(record, dict) else (None, None)
    if not isinstance(question, str) or not isinstance(answer, str):
        return "no question and answer"
    if markup.control_tokens(question + answer):
        return "spells a control token"
    stated = _ANSWER.search(answer)
    value = _number(stated[1]) if stated else None
    if stated is None or value is None:
        return "no answer after ####"
    reasoning = _reasoning(question, answer[: stated.start()].strip(), value)
    if reasoning is None:
        return "the calculation does not give the stated answer"
    key = hashlib.sha256(question.encode()).hexdigest()[:16]
    text = worked(question, reasoning, _plain(value))
    return Document(f"reasoning:{key}", text, SOURCE.name, SOURCE.licence, {"answer": _plain(value)})


def _reasoning(question: str, words: str, answer: float) -> str | None:
    """The words with results named and a program that computes them; the words alone where one can do it in the head.
    None where a mark is wrong or none gives the answer."""
    marks = list(_MARK.finditer(words))
    if not marks:
        numbers = _NUMBER.findall(words)
        return words if numbers and _number(numbers[-1]) == answer else None
    steps = _steps(question, words, marks)
    if steps is None:
        return None
    last = next((step for step in reversed(steps) if _equal(step.value, answer)), None)
    if last is None:
        return None
    if len(steps) == 1 and _is_mental(last):
        return _MARK.sub(lambda match: match[2] or "", words)
    whole = answer == int(answer)
    written = _written(last, whole)
    if _plain(answer) != (str(round(last.value)) if whole else str(round(last.value, 2))):
        return None
    lines = [f"{step.name} = {ast.unparse(step.expression)}" for step in steps[: steps.index(last) + 1]]
    return f"{_named(question, words, marks, steps)}\n\n{program_run(lines, written, _plain(answer))}"


def _steps(question: str, words: str, marks: list[re.Match[str]]) -> list[Step] | None:
    """The marks in order, each result that the question does not hold standing under its name in later ones."""
    taken = set(re.findall(r"\b[a-z]\d*\b", f"{question} {_MARK.sub(' ', words)}".lower()))
    names = iter(name for name in _NAMES if name not in taken)
    unnamed = _unnamed(question)
    known: dict[float, Step] = {}
    steps: list[Step] = []
    for mark in marks:
        text, equals, result = mark[1].rpartition("=")
        expression, stated = parse(text), _number(result)
        name = next(names, None)
        if not equals or expression is None or stated is None or name is None:
            return None
        expression = _Naming({value: step.name for value, step in known.items()}).visit(expression)
        value = evaluate(expression, {step.name: step.value for step in steps})
        if value is None or not _equal(value, stated):
            return None
        steps.append(Step(name, expression, value))
        if stated not in unnamed:
            known[stated] = steps[-1]
    return steps


def _unnamed(question: str) -> set[float | None]:
    """Values that later steps keep as numbers, since they may as well be the question's own or a constant."""
    return {_number(text) for text in _NUMBER.findall(question)} | _CONSTANTS


class _Naming(ast.NodeTransformer):
    """Replaces numbers that are earlier results by their names."""

    def __init__(self, names: dict[float, str]) -> None:
        self._names = names

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        name = self._names.get(float(node.value)) if isinstance(node.value, int | float) else None
        return ast.Name(name, ast.Load()) if name else node


def _named(question: str, words: str, marks: list[re.Match[str]], steps: list[Step]) -> str:
    """The words with results under their names: where one is computed, and where it is used afterwards."""
    unnamed = _unnamed(question)
    names: dict[float | None, str] = {}
    out, position = [], 0

    def name_of(match: re.Match[str]) -> str:
        return names.get(_number(match[0]), match[0])

    for mark, step in zip(marks, steps, strict=True):
        out.append(_NUMBER.sub(name_of, words[position : mark.start()]))
        stated = _number(mark[1].rpartition("=")[2])
        keeps_number = stated in unnamed and step is not steps[-1]
        out.append(mark[2] or _plain(step.value) if keeps_number else step.name)
        if stated not in unnamed:
            names[stated] = step.name
        position = mark.end()
    return "".join([*out, _NUMBER.sub(name_of, words[position:])])


def _is_mental(step: Step) -> bool:
    operations = sum(isinstance(node, ast.BinOp) for node in ast.walk(step.expression))
    return operations <= 1 and step.value == int(step.value) and abs(step.value) <= LARGEST_MENTAL_RESULT


def _written(step: Step, whole: bool) -> str:
    """What the program writes: the value as it is where it is an int, else rounded to the answer's form."""
    if isinstance(step.value, int):
        return f"str({step.name})"
    return f"str(round({step.name}))" if whole else f"str(round({step.name}, 2))"


def parse(text: str) -> ast.expr | None:
    """The arithmetic expression (numbers, + - * /, brackets), or None where it is anything else or too long."""
    if (
        len(text) > MAX_EXPRESSION_CHARACTERS
        or not re.fullmatch(r"[\d.+\-*/() ]+", text)
        or "**" in text
        or "//" in text
    ):
        return None
    try:
        expression = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return expression if evaluate(expression, {}) is not None else None


def evaluate(expression: ast.expr, names: dict[str, float]) -> float | None:
    """The value of a parsed expression under Python's arithmetic; None for a division by zero or any other kind of node."""
    if isinstance(expression, ast.Constant):
        return expression.value if isinstance(expression.value, int | float) else None
    if isinstance(expression, ast.Name):
        return names.get(expression.id)
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.USub | ast.UAdd):
        value = evaluate(expression.operand, names)
        return value if value is None or isinstance(expression.op, ast.UAdd) else -value
    if isinstance(expression, ast.BinOp) and type(expression.op) in _OPERATORS:
        left, right = evaluate(expression.left, names), evaluate(expression.right, names)
        if left is None or right is None:
            return None
        try:
            value = _OPERATORS[type(expression.op)](left, right)
        except ArithmeticError:
            return None
        return value if math.isfinite(value) else None
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace("$", "").strip().rstrip("%."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _equal(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=1e-6, abs_tol=1e-9)


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


SOURCE = Source(
    name="reasoning",
    group="prompts",
    format="JSON lines with question and answer",
    origin="https://github.com/openai/grade-school-math",
    licence="MIT",
    claims=_claims,
    read=_read,
)
