"""Problems with calculator marks: the written form, the arithmetic, and programs that give the stated answer when run."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import archives
from galactica.corpus.prompts.execute import verified
from galactica.corpus.sources.reasoning import SOURCE, _with_marks, evaluate, parse
from galactica.files import RawFile
from galactica.types import Document, Drop


def _read(*records: dict[str, object] | str) -> list[Document | Drop]:
    lines = "\n".join(record if isinstance(record, str) else json.dumps(record) for record in records)
    return list(SOURCE.read(RawFile("train.jsonl", lines.encode())))


CLAY = {
    "question": "A potter had 37 kg of clay and bought 4 bags of 12.5 kg each. She used a third of all. How much is left?",
    "answer": "The bags hold 4*12.5 = <<4*12.5=50>>50 kg.\nTogether there are 37+50 = <<37+50=87>>87 kg.\n"
    "She used 87/3 = <<87/3=29>>29 kg.\nSo 87-29 = $<<87-29=58>>58 remain.\n#### 58",
}


def test_document_form() -> None:
    (document,) = _read(CLAY)
    assert isinstance(document, Document)
    assert (
        document.text
        == f"""Question: {CLAY["question"]}

<work>
The bags hold 4*12.5 = x kg.
Together there are 37+x = y kg.
She used y/3 = z kg.
So y-z = $u remain.

calculate.py
```
x = 4 * 12.5
y = 37 + x
z = y / 3
u = y - z

with open("output.txt", "w") as file:
    file.write(str(round(u)))
```

<<run: "calculate.py">>

<<read: "output.txt">>

58
</work>

Answer: 58"""
    )


def test_one_space_stands_between_sentences() -> None:
    (document,) = _read({key: text.replace(". ", ".  ") for key, text in CLAY.items()})
    assert isinstance(document, Document)
    assert document.text.startswith(f"Question: {CLAY['question']}\n\n<work>\nThe bags hold")


def test_one_easy_step_stays_in_words() -> None:
    (document,) = _read(
        {"question": "Ann has 3 pens and buys 4. How many?", "answer": "She has 3+4 = <<3+4=7>>7 pens.\n#### 7"}
    )
    assert isinstance(document, Document)
    assert "<work>\nShe has 3+4 = 7 pens.\n</work>\n\nAnswer: 7" in document.text


def test_a_result_that_the_question_also_holds_stays_a_number() -> None:
    answer = "Ann: 25*2 = <<25*2=50>>50 pens.\nBoth have 50+50 = <<50+50=100>>100.\nA part is 100/8=<<100/8=12.5>>12.5.\n#### 12.5"
    (document,) = _read(
        {
            "question": "Ann has 25 pairs of pens, Bob 50 pens. They make 8 parts of all. How much is a part?",
            "answer": answer,
        }
    )
    assert isinstance(document, Document)
    assert "Both have 50+50 = 100." in document.text
    assert "file.write(str(round(z, 2)))" in document.text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("It is 2*3 = <<2*3=7>>7.\n#### 7", "calculation"),
        ("It is 2*3 = <<2*3=6>>6.\n#### 8", "calculation"),
        ("It is 1/0 = <<1/0=6>>6.\n#### 6", "calculation"),
        ("It is <<__import__('os').getpid()=6>>6.\n#### 6", "calculation"),
        ("It is <<9**9**9=6>>6.\n#### 6", "calculation"),
        ("It is six.\n#### 6", "calculation"),
        ("It is 6.", "no answer"),
        ("[END_REF]\n#### 6", "control token"),
        (6, "no question and answer"),
        ("=1" * 200_000 + "\n#### 1", "longer than"),
    ],
)
def test_what_does_not_hold_is_dropped(answer: object, reason: str) -> None:
    (found,) = _read({"question": "What?", "answer": answer})
    assert isinstance(found, Drop)
    assert reason in found.reason


def test_damaged_lines_do_not_end_the_reading() -> None:
    found = _read("{", "[" * 5000, "[1]", CLAY)
    assert [type(one) for one in found] == [Drop, Drop, Drop, Document]


def test_claims() -> None:
    head = json.dumps(CLAY).encode()
    assert SOURCE.claims("qa/gsm8k/train.jsonl", head)
    assert not SOURCE.claims("qa/gsm8k/test.jsonl", head)
    assert not SOURCE.claims("qa/other/train.jsonl", b'{"question": "q", "answer": "no calculation"}')


_expression = st.recursive(
    st.integers(0, 999).map(str) | st.decimals(0, 99, places=2).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda parts: f"({parts[0]}{parts[1]}{parts[2]})"
    ),
    max_leaves=8,
)


@given(_expression)
def test_arithmetic_is_pythons(text: str) -> None:
    parsed = parse(text)
    try:
        expected = eval(text)  # generated above: digits, operators and brackets alone
    except ZeroDivisionError:
        expected = None
    if len(text) <= 200:
        assert (None if parsed is None else evaluate(parsed, {})) == expected
        assert parsed is None or evaluate(ast.parse(ast.unparse(parsed), mode="eval").body, {}) == expected


@given(st.text(max_size=60))
def test_noise_is_no_expression_or_arithmetic(text: str) -> None:
    parse(text)
    for found in _read({"question": text, "answer": f"<<{text}=1>>1\n#### 1"}):
        assert isinstance(found, Document | Drop)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("60/5 = $12.00", "60/5 = $<<60/5=12.00>>12.00"),
        ("$120 * 5 points/dollar = 600 points", "$120 * 5 points/dollar = <<120*5=600>>600 points"),
        ("850: 600 points + 250 points = 850", "850: 600 points + 250 points = <<600+250=850>>850"),
        ("30 x 2 = 61", "30 x 2 = 61"),
        ("it is 8km/4hrs = 2km/hr", "it is 8km/4hrs = 2km/hr"),
        ("4 + 1 = <<4+1=5>>5", "4 + 1 = <<4+1=5>>5"),
    ],
)
def test_equations_without_marks_get_them(equation: str, expected: str) -> None:
    """Red if a wrong equation is marked, or a unit hides a right one."""
    assert _with_marks(equation) == expected


def test_last_step_without_a_mark_is_in_the_program() -> None:
    answer = "All cost 3*40 = <<3*40=120>>120.\nAfter the gift 120 euros - 17 euros = 103 euros remain.\n#### 103"
    (document,) = _read({"question": "Three at 40 euros, and 17 euros as a gift. What remains?", "answer": answer})
    assert isinstance(document, Document)
    assert "x = 3 * 40\ny = x - 17\n" in document.text
    assert "x euros - 17 euros = y euros remain." in document.text


def test_algebra_stays_in_words() -> None:
    """The equation gives 14, the answer is 7: the words hold, no program is made of them; red if a wrong mark passes so."""
    answer = "Two rows are 20-6 = <<20-6=14>>14 seats, 2x = 14.\nSo x is 7.\n#### 7"
    (document,) = _read({"question": "Of 20 seats 6 are gone; two rows remain. How long is one?", "answer": answer})
    assert isinstance(document, Document)
    assert document.text.endswith("<work>\nTwo rows are 20-6 = 14 seats, 2x = 14.\nSo x is 7.\n</work>\n\nAnswer: 7")
    (found,) = _read({"question": "Which?", "answer": answer.replace("=14>>", "=15>>")})
    assert isinstance(found, Drop)


def test_a_program_in_a_record_is_never_ours() -> None:
    answer = "calculate.py\n```\nimport os\n```\nIt is 300*4 = <<300*4=1200>>1200.\n#### 1200"
    (found,) = _read({"question": "What?", "answer": answer})
    assert isinstance(found, Drop)
    assert found.reason == "holds a program"


@pytest.mark.corpus
def test_real_problems_give_their_answers(corpus_root: Path) -> None:
    """At least 7,400 of the 7,473 are documents, and every program of every eighth one writes the stated answer."""
    for file in archives.walk(corpus_root / "qa.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            documents = [one for one in SOURCE.read(file) if isinstance(one, Document)]
            break
    assert len(documents) >= 7400
    assert not any("<<" in re.sub(r'<<(run|read): "\w+\.\w+">>', "", one.text) for one in documents)
    assert sum("calculate.py" in one.text for one in documents) >= 7000
    assert list(verified(documents[::8])) == documents[::8]
