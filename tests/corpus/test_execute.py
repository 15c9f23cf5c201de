"""Programs of worked problems: what runs, what may not, and what a wrong result costs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from galactica.corpus.prompts import execute_worker
from galactica.corpus.prompts.execute import WRONG_FORM, WRONG_RESULT, execute, refusal, verified
from galactica.corpus.prompts.working import program_run, runs, worked
from galactica.types import Document, Drop


def problem(lines: list[str], result: str, source: str = "onestep", answer: str | None = None) -> Document:
    text = worked("What?", f"We compute.\n\n{program_run(lines, 'str(x)', result)}\n\nDone.", result)
    return Document(f"{source}:1", text, source, "", {} if answer is None else {"answer": answer})


def written(*lines: str) -> str:
    return "\n".join([*lines, 'with open("output.txt", "w") as file:', "    file.write(str(x))"])


def test_only_documents_that_hold_pass() -> None:
    """Red if a result is compared by its beginning, or the answer is not compared."""
    right, wrong, longer = problem(["x = 6 * 7"], "42"), problem(["x = 6 * 7"], "43"), problem(["x = 6 * 7"], "421")
    fails, answer = problem(["x = 1 / 0"], "42"), problem(["x = 6 * 7"], "42", answer="41")
    drop = Drop("a", "reasoning", "not JSON")
    found = list(verified([right, wrong, drop, longer, fails, answer, right]))
    assert [one if one in (right, drop) else getattr(one, "reason", None) for one in found] == [
        right, WRONG_RESULT, drop, WRONG_RESULT, WRONG_RESULT, WRONG_RESULT, right,
    ]  # fmt: skip


def test_two_programs_in_one_document_do_not_see_each_other() -> None:
    first, second = program_run(["x = 2"], "str(x)", "2"), program_run(["y = 3"], "str(x)", "2")
    text = worked("What?", f"{first}\n\nThen\n\n{second}", "2")
    assert [run.source.splitlines()[0] for run in runs(text) or []] == ["x = 2", "y = 3"]
    (found,) = verified([Document("workout:1", text, "workout", "")])
    assert isinstance(found, Drop)


def test_programs_of_other_sources_never_run(tmp_path: Path) -> None:
    foreign = problem(["x = 1"], "2", source="code")
    assert list(verified([foreign])) == [foreign]


def test_a_run_in_another_form_is_a_drop() -> None:
    text = worked("What?", 'calculate.py\n\n<<run: "calculate.py">>', "2")
    (found,) = verified([Document("workout:1", text, "workout", "")])
    assert isinstance(found, Drop)
    assert found.reason == WRONG_FORM


@pytest.mark.parametrize(
    "program",
    [
        "import os",
        "import math, sys",
        "from .math import x",
        "x = __import__('os')",
        "x = ().__class__",
        "x = eval('1')",
        "x = getattr(1, 'real')",
        "open('/etc/passwd').read()",
        "open('output.txt', 'r')",
        "f = open\nf('other', 'w')",
        "open(*['other', 'w'])",
        "x = globals()",
        "x = ",
        "x = '\0'",
        "x = " + "(" * 5000,
    ],
)
def test_refused_before_it_runs(program: str) -> None:
    assert refusal(program) is not None
    assert execute([program]) == [None]


def test_a_program_over_its_limits_costs_itself_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Endless loop (killed by its CPU limit), too much memory, too much output: those before and after give their results."""
    worker = tmp_path / "worker.py"
    source = Path(execute_worker.__file__).read_text(encoding="utf-8")
    worker.write_text(source.replace("CPU_SECONDS = 5", "CPU_SECONDS = 0"), encoding="utf-8")
    monkeypatch.setattr("galactica.corpus.prompts.execute._WORKER", worker)
    endless, greedy = written("x = 1", "while x:", "    x = 1"), written("x = len([0] * 10**10)")
    large = written("x = 'a' * 10**7")
    started = time.monotonic()
    assert execute([written("x = 1"), endless, greedy, large, written("x = 2")]) == ["1", None, None, None, "2"]
    assert time.monotonic() - started < 10


def test_nothing_is_left_behind() -> None:
    before = os.listdir(".")  # noqa: PTH208  # names are enough
    assert execute([written("x = 3"), written("x = undefined")]) == ["3", None]
    assert os.listdir(".") == before  # noqa: PTH208
