"""Prompt documents as rows: where the answer begins, whole examples side by side, every one once an epoch, bad lines by number.

Red by: a loss on the question, an example cut at the end of a row, padding that counts, a held-out example that is trained on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
import zstandard

from galactica.errors import BadData
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train
from galactica.training.examples import Examples, read_examples, split_answer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train(["Question: What is two plus two?\n\nAnswer: four", "Sum: 3 and 4 make seven."] * 20, 400)


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(n: int) -> list[dict[str, str]]:
    return [{"prompt": f"Question: What is {i} plus 2?\n\nAnswer:", "answer": str(i + 2)} for i in range(n)]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Question: a\n\nAnswer: b", " b"),
        ("Question: a\n\nA: b\n\nAnswer: c", " c"),
        ("Question: a\n\n<work>\nb\n</work>\n\nAnswer: c", "<work>\nb\n</work>\n\nAnswer: c"),
        ("Sentence: a\n\nDiseases: b, c", " b, c"),
        ("# A title\n\nOne sentence without a label", ""),
        ("Answer: alone", ""),
    ],
)
def test_where_the_answer_begins(text: str, answer: str) -> None:
    assert split_answer(text) == (text.removesuffix(answer) if answer else text, answer)


def test_rows_hold_whole_examples_and_count_answers_alone(tokenizer: Tokenizer, tmp_path: Path) -> None:
    examples, held_out = read_examples([write(tmp_path / "a.jsonl", rows(50))], tokenizer, 64, True, 0.2)
    assert len(examples) + len(held_out) == 50
    assert held_out
    data = Examples(examples, 64, 0, tokenizer.eos_id, True)
    batch = data.batch(0, len(data))
    counted = batch.targets_BT >= 0
    assert int(counted.sum()) == sum(len(example.ids) - example.n_asked for example in examples)
    answers = []
    for ids, targets in zip(batch.ids_BT, batch.targets_BT, strict=True):
        assert all(
            t in (-1, following)
            for t, following in zip(targets.tolist(), [*ids[1:].tolist(), tokenizer.eos_id], strict=True)
        )
        answers += tokenizer.decode(targets[targets >= 0].tolist()).split("</s>")[:-1]
    asked = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert len(answers) == len(examples)
    assert {answer.strip() for answer in answers} < {row["answer"] for row in asked}
    assert batch.documents_BT is not None
    assert data.epochs(2 * len(data)) == {"examples": 2.0}


@pytest.mark.parametrize("answers_only", [True, False])
def test_bytes_are_those_of_the_tokens_that_count(tokenizer: Tokenizer, tmp_path: Path, answers_only: bool) -> None:
    """Red by the bytes of whole examples beside the loss of their answers."""
    examples, _ = read_examples([write(tmp_path / "a.jsonl", rows(50))], tokenizer, 64, answers_only, 0.2)
    data = Examples(examples, 64, 0, tokenizer.eos_id, False)
    first = data.validation(64)  # one row of several
    ids = first.batch.targets_BT[first.batch.targets_BT >= 0].tolist()
    n_bytes = len(tokenizer.decode(ids).replace("</s>", "").encode())
    assert first.bytes_per_token == pytest.approx(
        n_bytes / len(ids), rel=0 if answers_only else 0.1
    )  # the row's first id


def test_every_epoch_has_the_same_rows_in_another_order(tokenizer: Tokenizer, tmp_path: Path) -> None:
    examples, _ = read_examples([write(tmp_path / "a.jsonl", rows(200))], tokenizer, 64, True, 0.1)
    data = Examples(examples, 64, 0, tokenizer.eos_id, False)
    first, second = (data.batch(epoch * len(data), len(data)).ids_BT for epoch in range(2))
    assert not torch.equal(first, second)
    assert sorted(map(tuple, first.tolist())) == sorted(map(tuple, second.tolist()))
    other = Examples(examples, 64, 1, tokenizer.eos_id, False)
    assert other.fingerprint != data.fingerprint == Examples(examples, 64, 0, tokenizer.eos_id, False).fingerprint


def test_documents_of_a_corpus_in_a_folder(tokenizer: Tokenizer, tmp_path: Path) -> None:
    lines = "".join(
        json.dumps({"id": f"x:{i}", "text": f"Question: {i}?\n\nAnswer: {i}", "source": "x"}) + "\n" for i in range(40)
    )
    (tmp_path / "train").mkdir()
    (tmp_path / "train/x.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(lines.encode()))
    examples, held_out = read_examples([tmp_path], tokenizer, 64, False, 0.1)
    assert len(examples) + len(held_out) == 40
    assert all(example.n_asked == 0 for example in examples)


def test_what_is_left_out_is_counted(tokenizer: Tokenizer, tmp_path: Path) -> None:
    more = [{"text": "no answer here"}, {"prompt": "long " * 100, "answer": "x"}] * 30
    examples, held_out = read_examples([write(tmp_path / "a.jsonl", rows(40) + more)], tokenizer, 64, True, 0.2)
    assert examples.n_without_answer + held_out.n_without_answer == 30
    assert examples.n_too_long + held_out.n_too_long == 30
    assert "longer than a row" in examples.left_out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"prompt": "a", "answer": "b"}\n[1]\n', "record 2"),
        (b'{"prompt": "a"}\n', "record 1"),
        (b"\xff\xfe\n", "record 1"),
        (b"[" * 100_000 + b"\n", "record 1"),
        (b'{"text": "' + b"a" * (17 << 20) + b'"}\n', "line of over 16 MB"),
        (b"", "no examples"),
    ],
)
def test_bad_files(tokenizer: Tokenizer, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(BadData, match=message):
        read_examples([tmp_path / "a.jsonl"], tokenizer, 64, True, 0.1)


def test_a_damaged_archive(tokenizer: Tokenizer, tmp_path: Path) -> None:
    packed = zstandard.ZstdCompressor().compress(json.dumps(rows(1)[0]).encode() * 1000)
    (tmp_path / "a.jsonl.zst").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadData):
        read_examples([tmp_path / "a.jsonl.zst"], tokenizer, 64, True, 0.1)
