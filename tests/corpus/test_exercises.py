"""Solved exercises: where the steps end and the answer begins, and what is left in the textbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.sources.cnxml import SOURCE
from galactica.corpus.sources.exercises import asks_one_thing, final_value, worked_example, worked_exercise
from galactica.files import RawFile
from galactica.types import Document

QUESTION = "A cart of 3.0 kg is pulled with 12 N over a smooth floor. What is its acceleration?"
SOLUTION = ["By the second law", r"\[ a = \frac{F}{m} = \frac{12\,\text{N}}{3.0\,\text{kg}} = 4.0\,\text{m/s}^{2}. \]"]


def test_an_exercise_with_steps() -> None:
    assert worked_exercise([f"**The cart** {QUESTION}"], SOLUTION) == (
        f"Question: {QUESTION}\n\n<work>\n" + "\n\n".join(SOLUTION) + "\n</work>\n\n"
        r"Answer: \( 4.0\,\text{m/s}^{2} \)"
    )


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (r"So \( v = 3t = 5.2 \times 10^{3}\,\text{m/s} \).", r"\( 5.2 \times 10^{3}\,\text{m/s} \)"),
        (r"\[ \begin{aligned} x & = & 2 + 3 \\ & = & 5 \end{aligned} \]", r"\( 5 \)"),
        (r"\[ \begin{aligned} x & = 2 + 3 & \text{Add.} \\ & = 5 & \text{Done.} \end{aligned} \]", r"\( 5 \)"),
        ("The sum: mean = 70/10 = 7.0 cm.", "7.0 cm"),
        (r"\[ c = \frac{3}{4}\,\text{M} = 0.75\,\text{M} \] This is less than before.", r"\( 0.75\,\text{M} \)"),
        (r"\[ c = \frac{3}{4} = 0.75 \] After 3 hours it was 2.", None),
        (r"\( x = 8, x = 27 \)", None),
        (r"\( x = 8 \) or \( y^{2} + 3y = 27 \)", None),
        (r"\[ \begin{aligned} 2x + 3y & = 1 \\ x + 2y & = 10 \end{aligned} \]", None),
        (r"\( f = 2 x = 3 y + 1 \)", None),
        ("It is 5.", None),
        (r"\( x = \infty \)", None),
    ],
)
def test_final_value(block: str, value: str | None) -> None:
    """Red if one of two answers, an equation or a number of the prose is taken for the value."""
    assert final_value(block) == value


@pytest.mark.parametrize(
    "question",
    [
        "A cart of 3.0 kg is pulled with 12 N. What is (a) its acceleration and (b) its speed after 3 s?",
        "A cart of 3.0 kg is pulled as shown in Figure 3 with 12 N. What is its acceleration?",
        "For the cart of 3.0 kg in the previous exercise, what is the acceleration?",
        "A cart of 3.0 kg is pulled with 12 N. What are its acceleration and its speed after 3 s?",
        "A cart of 3.0 kg is pulled with 12 N. What is its acceleration? How far does it come in 3 s?",
        "Show that a cart of 3.0 kg that is pulled with 12 N has an acceleration of 4.0 m/s.",
        "Solve 3x = 12.",
        "Now the cart of 3.0 kg is pulled with 24 N. What is its acceleration?",
    ],
)
def test_what_is_not_one_question_that_stands_alone(question: str) -> None:
    assert asks_one_thing(QUESTION)
    assert not asks_one_thing(question)


def test_an_answer_alone_or_a_program_is_no_working() -> None:
    assert worked_exercise([QUESTION], [r"\( a = 4.0 \)"]) is None
    assert worked_exercise([QUESTION], ['<<run: "calculate.py">>', *SOLUTION]) is None
    assert worked_exercise([QUESTION], ["As in Figure 3,", *SOLUTION]) is None


def test_an_example_by_its_headings() -> None:
    blocks = [
        QUESTION,
        "**Strategy**",
        "We divide.",
        "**Solution** By the second law",
        SOLUTION[1],
        "**Significance** It is slow.",
    ]
    check = ["**Check Your Learning** And with 6 N?", "**Answer:**", "2.0 m/s²"]
    found = worked_example([*blocks, *check])
    assert found is not None
    assert f"<work>\nWe divide.\n\nBy the second law\n\n{SOLUTION[1]}\n\nIt is slow.\n</work>" in found.problem
    assert found.check == "Question: And with 6 N?\n\nAnswer: 2.0 m/s²"
    assert worked_example([*blocks, "**Solution** Another.", SOLUTION[1]]) is None
    assert worked_example([QUESTION, *SOLUTION]) is None


def test_a_module_gives_its_worked_problems_once() -> None:
    exercise = (
        f"<problem><para>{QUESTION}</para></problem><solution><para>F/m = 12/3.0 = 4.0 m/s</para></solution></exercise>"
    )
    example = f'<example id="e1"><exercise>{exercise}</example>'
    filler = "<para>The force acts along the line that joins the two bodies and falls with their distance. </para>" * 6

    def read(content: str) -> list[Document]:
        data = f'<document xmlns="http://cnx.rice.edu/cnxml"><title>T</title><content>{content}{filler}</content></document>'
        return [item for item in SOURCE.read(RawFile("m/index.cnxml", data.encode())) if isinstance(item, Document)]

    module, first, second = read(f"<exercise>{exercise}{example}")
    assert first.text == second.text
    assert first.id == second.id
    assert first.source == "reasoning"
    assert first.text.endswith("\n\n<work>\nF/m = 12/3.0 = 4.0 m/s\n</work>\n\nAnswer: 4.0 m/s")
    assert "A cart" not in module.text
    (linked,) = read(f'<para>See <link target-id="e1"/>.</para>{example}')
    assert "A cart" in linked.text


def test_hostile_solutions_end_soon() -> None:
    """Runs that a pattern could read in many ways: red (by the test's time) if one backtracks."""
    for text in (
        "1" * 100_000,
        "\\text{" * 20_000,
        "= " * 50_000,
        "\\[ " * 30_000,
        "**" * 50_000,
        "( " * 50_000,
        "a. " * 30_000,
    ):
        final_value(f"x = 1 = {text}")
        final_value(f"\\[ x = 1 = {text} \\]")
        worked_example([f"{QUESTION} {text}", f"**Solution** {text} = 1 = 2"])
        asks_one_thing(f"What {text} is 1?")


@pytest.mark.corpus
def test_real_textbooks_give_worked_problems(corpus_root: Path) -> None:
    """Of 100 modules of chemistry: some, each well formed, none in its module as well."""
    found: list[Document] = []
    n_files = 0
    for file in archives.walk(corpus_root / "openstax-cnxml.tar.xz"):
        if n_files == 100:
            break
        if isinstance(file, RawFile) and "chemistry" in file.where and SOURCE.claims(file.where, file.data[:4096]):
            n_files += 1
            module, *worked = [item for item in SOURCE.read(file) if isinstance(item, Document)] or [None]
            found += [item for item in worked if item is not None]
            assert module is None or markup.START_WORK not in module.text
    assert len(found) >= 3
    for document in found:
        assert re.fullmatch(r"Question: .+\n\n<work>\n.+\n</work>\n\nAnswer: [^\n]*\d[^\n]*", document.text, re.DOTALL)
