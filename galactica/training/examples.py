"""Prompt documents -> rows for fine-tuning: whole examples side by side, and which of their ids the loss counts."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import zstandard

from galactica import markup
from galactica.errors import BadData
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.training.data import Batch, Validation, documents, permuted

_ANSWER = re.compile(r"\n\n(?:Answer|A):(?=\s)")
_LABEL = re.compile(r"[^\n:]{1,40}:(?=\s)")
_ENCODED_AT_ONCE = 256
MAX_LINE = 16 * 2**20


class Example(NamedTuple):
    """One example: its ids, closed by `</s>`, how many of the first do not count, and the UTF-8 bytes that the rest stand for."""

    ids: np.ndarray[tuple[int], np.dtype[np.int32]]
    n_asked: int
    n_bytes: int


@dataclass
class ExampleSet(Sequence[Example]):
    """Examples with what was left out of them."""

    found: list[Example] = field(default_factory=list)
    n_too_long: int = 0
    n_without_answer: int = 0

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, index: int) -> Example:  # type: ignore[override]
        return self.found[index]

    @property
    def n_tokens(self) -> int:
        """Ids of all examples."""
        return sum(len(example.ids) for example in self.found)

    @property
    def left_out(self) -> str:
        """What is not among them, in words."""
        return f"left out: {self.n_too_long:,} longer than a row, {self.n_without_answer:,} without an answer"


def read_examples(
    paths: Sequence[Path], tokenizer: Tokenizer, seq_len: int, answers_only: bool, holdout: float
) -> tuple[ExampleSet, ExampleSet]:
    """The examples of JSON lines (`.jsonl`, `.jsonl.zst`, or folders of them), and those held out, chosen by their text.

    A line holds `prompt` and `answer`, or `text`: a document whose answer begins at `<work>`, after the last "Answer:" or "A:",
    or after the label of its last paragraph. Raises BadData for a line of another form, by number, and where nothing is left.
    """
    sets = (ExampleSet(), ExampleSet())
    pending: list[tuple[str, str]] = []
    for asked, answer in _texts(paths):
        pending.append((asked, answer))
        if len(pending) == _ENCODED_AT_ONCE:
            _encode(pending, sets, tokenizer, seq_len, answers_only, holdout)
            pending = []
    _encode(pending, sets, tokenizer, seq_len, answers_only, holdout)
    for found, what in zip(sets, ("examples", "examples held out"), strict=True):
        if not found:
            raise BadData(
                f"no {what} in {', '.join(map(str, paths))}; {found.left_out}. Give more, or a longer seq_len."
            )
    return sets


class Examples:
    """Rows of whole examples, filled one after the other in a seeded order; the rows of each epoch are in an order of its own.

    A row is `seq_len` ids; what is left of it is padded by `</s>` that does not count.
    """

    def __init__(
        self, examples: Sequence[Example], seq_len: int, seed: int, eos_id: int, within_documents: bool
    ) -> None:
        self.seq_len = seq_len
        self._seed, self._eos_id, self._within = seed, eos_id, within_documents
        order = [permuted(index, len(examples), seed) for index in range(len(examples))]
        self._rows: list[list[Example]] = [[]]
        filled = 0
        for index in order:
            if filled + len(examples[index].ids) > seq_len + 1 and self._rows[-1]:
                self._rows.append([])
                filled = 0
            self._rows[-1].append(examples[index])
            filled += len(examples[index].ids)
        digest = hashlib.sha256()
        for row in self._rows:
            for example in row:
                digest.update(example.ids.tobytes() + example.n_asked.to_bytes(4, "little"))
        self.fingerprint = digest.hexdigest()[:16]

    def __len__(self) -> int:
        """Rows in one epoch."""
        return len(self._rows)

    def batch(self, start: int, count: int) -> Batch:
        """Rows `start` to `start + count` of the endless order."""
        rows = []
        for index in range(start, start + count):
            epoch, position = divmod(index, len(self))
            rows.append(self._rows[permuted(position, len(self), self._seed * 1_000_003 + epoch)])
        return self._batch(rows)

    def epochs(self, n_windows: int) -> dict[str, float]:
        """How often the examples have been seen after `n_windows` rows."""
        return {"examples": n_windows / len(self)}

    def validation(self, max_tokens: int) -> Validation:
        """The first rows, at most `max_tokens` ids of them, at least one; bytes and tokens are those that the loss counts there."""
        rows = self._rows[: max(1, max_tokens // self.seq_len)]
        n_bytes = sum(example.n_bytes for row in rows for example in row)
        n_tokens = sum(len(example.ids) - example.n_asked for row in rows for example in row)
        return Validation(self._batch(rows), n_bytes / n_tokens if n_bytes else 1.0)

    def _batch(self, rows: Sequence[Sequence[Example]]) -> Batch:
        ids = np.full((len(rows), self.seq_len + 1), self._eos_id, np.int64)
        counts = np.zeros((len(rows), self.seq_len + 1), bool)
        for row, examples in enumerate(rows):
            at = 0
            for example in examples:
                ids[row, at : at + len(example.ids)] = example.ids
                counts[row, at + example.n_asked : at + len(example.ids)] = True
                at += len(example.ids)
        targets = np.where(counts, ids, -1)[:, 1:]
        ids_BT = torch.from_numpy(ids[:, :-1].copy())
        numbers = documents(ids_BT, self._eos_id) if self._within else None
        return Batch(ids_BT, torch.from_numpy(targets.copy()), numbers)


def split_answer(text: str) -> tuple[str, str]:
    """A prompt document as what is asked and what answers it; the second is empty where no answer can be made out."""
    if (at := text.find(markup.START_WORK)) >= 0:
        return text[:at], text[at:]
    found = list(_ANSWER.finditer(text))
    if found:
        return text[: found[-1].end()], text[found[-1].end() :]
    begin = text.rfind("\n\n") + 2
    label = _LABEL.match(text, begin) if begin > 1 else None
    return (text[: label.end()], text[label.end() :]) if label else (text, "")


def _encode(
    pairs: Sequence[tuple[str, str]],
    sets: tuple[ExampleSet, ExampleSet],
    tokenizer: Tokenizer,
    seq_len: int,
    answers_only: bool,
    holdout: float,
) -> None:
    asked_ids = tokenizer.encode_many([asked for asked, _ in pairs])
    answer_ids = tokenizer.encode_many([answer for _, answer in pairs])
    for (asked, answer), first, second in zip(pairs, asked_ids, answer_ids, strict=True):
        digest = hashlib.blake2b((asked + answer).encode("utf-8", "replace"), digest_size=8).digest()
        into = sets[int.from_bytes(digest, "little") < holdout * 2**64]
        if answers_only and not answer.strip():
            into.n_without_answer += 1
        elif len(first) + len(second) + 1 > seq_len + 1:
            into.n_too_long += 1
        else:
            ids = np.array([*first, *second, tokenizer.eos_id], np.int32)
            counted = answer if answers_only else asked + answer
            n_asked = len(first) if answers_only else 0
            into.found.append(Example(ids, n_asked, len(counted.encode("utf-8", "replace"))))


def _texts(paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        files = (
            sorted(p for p in path.rglob("*") if p.name.endswith((".jsonl", ".jsonl.zst"))) if path.is_dir() else [path]
        )
        if not files:
            raise BadData(f"no .jsonl or .jsonl.zst under {str(path)!r}")
        for file in files:
            for number, line in enumerate(_lines(file), 1):
                yield _pair(file, number, line)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as raw:
            stream = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
            reader = io.BufferedReader(stream)
            while line := reader.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    raise BadData(f"{path} has a line of over {MAX_LINE >> 20} MB; allowed: one JSON record a line")
                if line.strip():
                    yield line
    except zstandard.ZstdError as error:
        raise BadData(f"{path} is damaged: {error}. Make it again.") from None


def _pair(path: Path, number: int, line: bytes) -> tuple[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if isinstance(row, dict):
        prompt, answer, text = row.get("prompt"), row.get("answer"), row.get("text")
        if isinstance(prompt, str) and isinstance(answer, str):
            joined = "" if not prompt or prompt[-1].isspace() or answer[:1].isspace() else " "
            return prompt, joined + answer
        if isinstance(text, str):
            return split_answer(text)
    raise BadData(f'{path}, record {number}: not of the form {{"prompt": ..., "answer": ...}} or {{"text": ...}}')
