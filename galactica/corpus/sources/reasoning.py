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
from galactica.corpus.prompts.working import FENCE, PROGRAM, program_run, worked
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.types import Document, Drop

MAX_EXPRESSION_CHARACTERS = 200
MAX_PROBLEM_CHARACTERS = 20_000
LARGEST_MENTAL_RESULT = 100
"""A problem of one operation with a whole result up to this stays in words: nobody writes a program for it."""

_CONSTANTS = frozenset({1.0, 2.0, 7.0, 12.0, 60.0, 100.0})
"""Numbers that problems use without saying so (days, months, minutes, percent): not taken for an earlier result."""
_NAMES = (*"xyzuvwpqrst", *(f"x{n}" for n in range(1, 30)))
_MARK = re.compile(r"<<([^<>]*)>>(-?[\d,]*\.?\d+)?")
_ANSWER = re.compile(r"#### *(\S[^\n]*)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w|[.,]\d)")
_TOKEN = re.compile(r"\$?(\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)%?|(/ ?[A-Za-z]+|[A-Za-z²³]+|\$)|([-+*/()÷×−–])| +")
"""A number, a sign, or a unit of an equation as it stands in the words."""
_SIGNS = {"÷": "/", "×": "*", "−": "-", "–": "-", "x": "*"}
_SPACES = re.compile(r"(?<=\S) {2,}(?=\S)")
_MAX_TOKENS = 30
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
    if len(question) + len(answer) > MAX_PROBLEM_CHARACTERS:
        return f"longer than {MAX_PROBLEM_CHARACTERS} characters"
    if markup.control_tokens(question + answer):
        return "spells a control token"
    if FENCE in answer or PROGRAM in answer:
        return "holds a program"  # those that documents run are of our own making
    stated = _ANSWER.search(answer)
    value = _number(stated[1]) if stated else None
    if stated is None or value is None:
        return "no answer after ####"
    words = _SPACES.sub(" ", answer[: stated.start()]).strip()
    reasoning = (
        _reasoning(question, words, value)
        or _reasoning(question, _with_marks(words), value)
        or _words_alone(question, words, value)
    )
    if reasoning is None:
        return "the calculation does not give the stated answer"
    key = hashlib.sha256(question.encode()).hexdigest()[:16]
    text = worked(_SPACES.sub(" ", question).strip(), reasoning, _plain(value))
    return Document(f"reasoning:{key}", text, SOURCE.name, SOURCE.licence, {"answer": _plain(value)})


def _reasoning(question: str, words: str, answer: float) -> str | None:
    """The words with results named and a program that computes them; the words alone where one can do it in the head.
    None where a mark is wrong or no mark gives the answer."""
    marks = list(_MARK.finditer(words))
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


def _words_alone(question: str, words: str, answer: float) -> str | None:
    """The words where their marks are right and the last line states the answer, which no equation gives (`2x = 14, so x = 7`)."""
    marks = list(_MARK.finditer(words))
    plain = _MARK.sub(lambda match: match[2] or match[1].rpartition("=")[2], words)
    numbers = [_number(text) for text in _NUMBER.findall(plain.rpartition("\n")[2])]
    return plain if answer in numbers and _steps(question, words, marks) is not None else None


def _with_marks(words: str) -> str:
    """The words with calculator marks at the equations that have none: `They need 60/5 = $12` -> `60/5 = $<<60/5=12>>12`."""
    out, position = [], 0
    masked = _MARK.sub(lambda match: "#" * len(match[0]), words)
    for match in re.finditer(r"= ?(?=\$?(\d[\d,]*(?:\.\d+)?)(?![\w#]|[.,]?\d))", masked):
        begin = max(0, match.start() - MAX_EXPRESSION_CHARACTERS)
        start = max(begin, *(masked.rfind(sign, begin, match.start()) + 1 for sign in "=\n#"))
        expression = _equal_ending(masked[start : match.start()], match[1])
        if expression:
            number = match.start(1)
            out += [words[position:number], f"<<{expression}={match[1]}>>"]
            position = number
    return "".join([*out, words[position:]])


def _equal_ending(text: str, result: str) -> str | None:
    """The longest ending of a text that is arithmetic with this result, units left out; None where there is none."""
    tokens: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            tokens.clear()  # something stands between that is no arithmetic
        end = match.end()
        sign = match[3] or (match[2] if match[2] == "x" else None)
        if match[1] or sign:
            tokens.append(match[1].replace(",", "") if match[1] else _SIGNS.get(sign or "", sign or ""))
    if end != len(text):
        return None
    for start in range(max(0, len(tokens) - _MAX_TOKENS), len(tokens) - 2):
        expression = parse("".join(tokens[start:]))
        value, stated = None if expression is None else evaluate(expression, {}), _number(result)
        if value is not None and stated is not None and _equal(value, stated):
            return "".join(tokens[start:])
    return None


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
