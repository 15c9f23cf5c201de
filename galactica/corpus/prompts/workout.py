"""Workout: worked examples of our own, with reasoning in words and LaTeX and a program where the head does not reach.

They lie in `workout_examples/FIELD.md`, to read and to add to: a heading `## Name`, then `Question: ...`, a line `Work:`, the
reasoning, `Answer: ...`. A fenced block is a program whose last line is the text it writes; the `> ` lines below it are the
result, which `execute.verified` holds to what the program gives.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from importlib import resources

from galactica.corpus.prompts.working import FENCE, program_run, worked
from galactica.types import Document

NAME = "workout"
LICENCE = "Apache-2.0"
FOLDER = "workout_examples"
_EXAMPLE = re.compile(
    r"(?P<name>[^\n]+)\n\nQuestion: (?P<question>.+?)\n\nWork:\n\n(?P<reasoning>.+)\n\nAnswer: (?P<answer>.+)",
    re.DOTALL,
)
_PROGRAM = re.compile(rf"^{FENCE}\n(.+?)\n{FENCE}\n((?:> [^\n]+\n)+)", re.DOTALL | re.MULTILINE)


def workout_documents(n: int | None = None, seed: int = 0) -> Iterator[Document]:
    """The examples of all fields, or `n` of them, in an order drawn with `seed`, so that a part holds something of every field."""
    documents = [document for field, text in _files() for document in examples(text, field)]
    random.Random(seed).shuffle(documents)
    yield from documents[:n]


def examples(text: str, field: str) -> Iterator[Document]:
    """The documents of one file. Its form is ours: what does not match is a mistake of the file's author."""
    for block in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        match = _EXAMPLE.fullmatch(block.strip())
        assert match, f"not the form of an example: {block[:80]!r}"
        work = _PROGRAM.sub(_run, f"{match['reasoning']}\n").strip()
        assert work.count(FENCE) == 2 * work.count("<<run:"), f"a program without its result: {match['name']!r}"
        key = hashlib.sha256(match["question"].encode()).hexdigest()[:16]
        text = worked(match["question"], work, match["answer"])
        yield Document(f"{NAME}:{key}", text, NAME, LICENCE, {"title": match["name"], "field": field})


def _run(match: re.Match[str]) -> str:
    *lines, written = match[1].split("\n")
    result = "\n".join(line.removeprefix("> ") for line in match[2].strip().split("\n"))
    return f"{program_run(lines, written, result)}\n"


def _files() -> list[tuple[str, str]]:
    folder = resources.files(__package__) / FOLDER
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".md")), key=lambda path: path.name)
    return [(path.name.removesuffix(".md"), path.read_text(encoding="utf-8")) for path in paths]
