"""Khan Academy: problems of AMPS and of Perseus with their worked steps, articles with worked parts."""

from __future__ import annotations

import json
from typing import Any

from galactica.corpus.sources.khan import PROBLEMS_SOURCE, SOURCE, with_work
from galactica.files import RawFile
from galactica.types import Document, Drop

PROSE = "A plot is a picture of numbers, and the numbers of a plot are read off its axes. " * 6


def problem(record: dict[str, Any], where: str = "amps/khan/504/1607.json") -> Document | Drop:
    data = json.dumps(record).encode()
    assert PROBLEMS_SOURCE.claims(where, data[:4096])
    (item,) = PROBLEMS_SOURCE.read(RawFile(where, data))
    return item


def test_a_problem_of_amps() -> None:
    item = problem(
        {
            "problem": "What is $ 3 \\times \\dfrac{2}{5}$?",
            "hints": ["We multiply the numerators.", "$= \\dfrac{3 \\times 2}{5} = \\dfrac{6}{5}$"],
        }
    )
    assert isinstance(item, Document)
    assert item.text == (
        "Question: What is \\( 3 \\times \\frac{2}{5} \\)?\n\n<work>\nWe multiply the numerators.\n\n"
        "\\( = \\frac{3 \\times 2}{5} = \\frac{6}{5} \\)\n</work>\n\nAnswer: \\( \\frac{6}{5} \\)"
    )
    worded = problem({"problem": "Who won?", "hints": ["We ask.", "The answer is: the second plot."]})
    assert isinstance(worded, Document)
    assert worded.text.endswith("Answer: the second plot")


def test_a_perseus_item() -> None:
    item = problem(
        {
            "question": {
                "content": "Which is even?\n\n[[☃ radio 1]]\n\nIts half is [[☃ numeric-input 1]].", "images": {},
                "widgets": {
                    "radio 1": {"type": "radio", "options": {"choices": [
                        {"content": "$3$", "correct": False}, {"content": "$4$", "correct": True},
                    ]}},
                    "numeric-input 1": {"type": "numeric-input", "options": {"answers": [{"value": 2, "status": "correct"}]}},
                },
            },
            "hints": [{"content": "An even number is twice another.", "widgets": {}}], "itemDataVersion": {"major": 0},
        },
        "item.json",
    )  # fmt: skip
    assert isinstance(item, Document)
    assert item.text.startswith("Question: Which is even?\n\n- \\( 3 \\)\n- \\( 4 \\)\n\nIts half is ____.\n\n<work>")
    assert item.text.endswith("Answer: \\( 4 \\), 2")


def test_problems_left_out_say_why() -> None:
    for record, reason in (
        ({"problem": "How many? ![](web+graphie://x)", "hints": ["Two."]}, "needs a picture"),
        ({"problem": "How many?", "hints": []}, "no hints"),
        ({"problem": "[IMAGE] How many?", "hints": ["Two."]}, "spells a control token"),
        ({"problem": " ", "hints": ["Two."]}, "no question"),
    ):
        item = problem(record)
        assert isinstance(item, Drop)
        assert item.reason == reason


def test_an_article() -> None:
    hidden = {"explanation 1": {"type": "explanation", "options": {"explanation": "Hidden $x$."}}}
    sections = [
        {"content": f"# Plots\n\n{PROSE}\n\n[[☃ explanation 1]]", "images": {}, "widgets": hidden},
        {"content": "## Solution\n\n**Step 1:** Read.\n\nIt is $1$.\n\n## After\n\nText.", "images": {}, "widgets": {}},
    ]  # fmt: skip
    data = json.dumps(sections).encode()
    assert SOURCE.claims("khan/reading-plots.json", data[:4096])
    (item,) = SOURCE.read(RawFile("khan/reading-plots.json", data))
    assert isinstance(item, Document)
    assert item.text == (
        f"# Reading plots\n\n## Plots\n\n{PROSE.strip()}\n\nHidden \\( x \\).\n\n### Solution\n\n"
        "<work>\n**Step 1:** Read.\n\nIt is \\( 1 \\).\n</work>\n\n### After\n\nText."
    )
    wrapped = json.dumps(
        {"id": "x1", "translated_title": "Plots", "translated_perseus_content": json.dumps(sections)}
    ).encode()
    assert SOURCE.claims("a.json", wrapped[:4096])
    (item,) = SOURCE.read(RawFile("a.json", wrapped))
    assert isinstance(item, Document)
    assert (item.id, item.text[:7]) == ("khan:x1", "# Plots")


def test_runs_of_steps_are_work() -> None:
    blocks = ["Before.", "Step 1: a", "between", "Step 2: b", "c", "After."]
    assert with_work(blocks) == ["Before.", "<work>\nStep 1: a\n\nbetween\n\nStep 2: b\n\nc\n</work>", "After."]
    assert with_work(["Step 1 is all", "x"]) == ["Step 1 is all", "x"]


def test_claims_and_hostile_files() -> None:
    assert not PROBLEMS_SOURCE.claims("qa/train.json", b'{"problem": "x", "hints": ["y"]}')
    assert not SOURCE.claims("a.json", b'[{"content": "x"}]')
    for source in (SOURCE, PROBLEMS_SOURCE):
        for data in (
            b"[" * 100_000,
            b"{}",
            b"[1]",
            b"\0",
            b'{"hints": [{}], "question": {"content": 3, "widgets": []}}',
        ):
            assert all(isinstance(item, Drop) for item in source.read(RawFile("khan/a.json", data)))
