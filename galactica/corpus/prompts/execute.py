"""Documents whose programs were run and gave what the document states.

What runs here was written here: every token of a program comes from our templates, our worked examples, or (GSM8K) from an
arithmetic expression that was parsed and printed again; text of a record is never run. Two walls stand all the same:
`refusal` reads a program's syntax tree and lets through arithmetic with a few modules of the standard library and the one file,
no other; and it runs in a separate Python (isolated, no site packages, no environment) in an empty folder under limits of time,
memory, file size and processes. Together they hold mistakes, not attackers: programs that a model writes need a sandbox.
"""

from __future__ import annotations

import ast
import builtins
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from galactica.corpus.prompts.working import OUTPUT, Run, runs
from galactica.types import Document, Drop

SOURCES = frozenset({"onestep", "workout", "reasoning"})
"""The sources whose programs are our own. Documents of others pass unread: nothing of theirs may run."""
BATCH_DOCUMENTS = 1000

WRONG_RESULT = "the program does not give the stated answer"
WRONG_FORM = "the program is not in the written form"

_WORKER = Path(__file__).resolve().with_name("execute_worker.py")
_MODULES = frozenset(
    ("math", "cmath", "fractions", "decimal", "statistics", "datetime", "calendar", "itertools", "functools", "collections",
     "bisect", "heapq", "string")
)  # fmt: skip
_BUILTINS = frozenset(
    ("abs", "all", "any", "bin", "bool", "chr", "complex", "dict", "divmod", "enumerate", "filter", "float", "format",
     "frozenset", "hex", "int", "isinstance", "len", "list", "map", "max", "min", "next", "oct", "open", "ord", "pow", "range",
     "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "zip", "ValueError", "ZeroDivisionError")
)  # fmt: skip


def verified(items: Iterable[Document | Drop]) -> Iterator[Document | Drop]:
    """The items in their order, a document of `SOURCES` replaced by a Drop where one of its programs fails or gives another
    result than the document reads back, or the last one another than `metadata["answer"]`."""
    stream = iter(items)
    while batch := list(islice(stream, BATCH_DOCUMENTS)):
        yield from _verified(batch)


def _verified(batch: list[Document | Drop]) -> Iterator[Document | Drop]:
    found = [runs(one.text) if isinstance(one, Document) and one.source in SOURCES else [] for one in batch]
    outputs = iter(execute([run.source for one in found if one for run in one]))
    for item, programs in zip(batch, found, strict=True):
        if isinstance(item, Drop):
            yield item
        elif programs is None:
            yield Drop(item.id, item.source, WRONG_FORM, item.text)
        elif _holds(item, programs, list(islice(outputs, len(programs)))):
            yield item
        else:
            yield Drop(item.id, item.source, WRONG_RESULT, item.text)


def _holds(document: Document, programs: list[Run], outputs: list[str | None]) -> bool:
    if not all(output is not None and run.gives(output) for run, output in zip(programs, outputs, strict=True)):
        return False
    answer = document.metadata.get("answer")
    return not programs or answer is None or outputs[-1] == answer


def execute(programs: list[str]) -> list[str | None]:
    """What each program writes to its output file; None for one that is refused, fails, or runs over its limits."""
    outputs: list[str | None] = [None] * len(programs)
    waiting = [index for index, program in enumerate(programs) if refusal(program) is None]
    while waiting:
        answers = _answers([programs[index] for index in waiting])
        for index, answer in zip(waiting, answers, strict=False):
            outputs[index] = answer
        waiting = waiting[len(answers) + 1 :]  # the process ends at a program over its limits: go on behind that one
    return outputs


def _answers(programs: list[str]) -> list[str | None]:
    """The outputs up to the program that ended the process, or all of them."""
    with tempfile.TemporaryDirectory(prefix="galactica-programs-") as folder:
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(_WORKER), OUTPUT],
            input=json.dumps(programs).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={},
            check=False,
        )
    lines = done.stdout.split(b"\n")[:-1]  # what follows the last line feed was cut short
    return [json.loads(line) for line in lines]


def refusal(program: str) -> str | None:
    """Why the program may not run; None where it uses only what arithmetic needs."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "not a program"
    for node in ast.walk(tree):
        modules = _imported(node)
        if not modules <= _MODULES:
            return f"imports {min(modules - _MODULES)}"
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            return f"uses the attribute {node.attr}"
        if isinstance(node, ast.Name) and _is_forbidden(node.id):
            return f"uses {node.id}"
    opened = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "open"]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func in opened]
    writes = [[argument.value for argument in call.args if isinstance(argument, ast.Constant)] for call in calls]
    return None if len(opened) == len(writes) and all(one == [OUTPUT, "w"] for one in writes) else "opens another file"


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "" if node.level == 0 else "."}
    return set()


def _is_forbidden(name: str) -> bool:
    return name.startswith("__") or (hasattr(builtins, name) and name not in _BUILTINS)
