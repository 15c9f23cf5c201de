"""Problems with calculator marks: the written form, the arithmetic, and programs that give the stated answer when run."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import files
from galactica.corpus.sources.reasoning import SOURCE, evaluate, parse
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


def program_of(text: str) -> str:
    """The program in a document."""
    match = re.search(r"calculate\.py\n```\n(.*?)\n```\n", text, re.DOTALL)
    assert match
    return match[1]


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


@pytest.mark.corpus
def test_real_problems_give_their_answers(corpus_root: Path, tmp_path: Path) -> None:
    """At least 7,000 of the 7,473 are documents, and the programs of the first 150 write the stated answer."""
    for file in files.walk(corpus_root / "qa.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            documents = [one for one in SOURCE.read(file) if isinstance(one, Document)]
            break
    assert len(documents) >= 7000
    assert not any("<<" in re.sub(r'<<(run|read): "\w+\.\w+">>', "", one.text) for one in documents)
    with_program = [one for one in documents if "calculate.py" in one.text][:150]
    parts = ["results = []"]
    for one in with_program:
        parts += [program_of(one.text), "results.append(open('output.txt').read())"]
    parts.append(f"assert results == {[one.metadata['answer'] for one in with_program]}, results")
    subprocess.run([sys.executable, "-c", "\n".join(parts)], cwd=tmp_path, check=True, timeout=60)
