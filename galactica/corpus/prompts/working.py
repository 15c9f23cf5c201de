"""The written form of a worked problem: question, working memory with a program in it, answer."""

from __future__ import annotations

import re
from typing import NamedTuple

from galactica import markup

PROGRAM, OUTPUT = "calculate.py", "output.txt"
FENCE = "```"
_RUN = f'<<run: "{PROGRAM}">>'
_READ = f'<<read: "{OUTPUT}">>'


class Run(NamedTuple):
    """A program in a document, and the document from the result on that is read back."""

    source: str
    following: str

    def gives(self, output: str) -> bool:
        """Whether the result in the document is `output`: all of it, as a paragraph of its own."""
        return bool(output) and self.following.startswith(f"{output}\n")


def worked(question: str, reasoning: str, answer: str) -> str:
    """A problem with its working memory and answer."""
    return f"Question: {question.strip()}\n\n{markup.work(reasoning)}\n\nAnswer: {answer}"


def program_run(lines: list[str], written: str, result: str) -> str:
    """A program of `lines` that writes the expression `written` to a file, its run, and the `result` read back."""
    source = "\n".join([*lines, "", f'with open("{OUTPUT}", "w") as file:', f"    file.write({written})"])
    return f"{PROGRAM}\n{FENCE}\n{source}\n{FENCE}\n\n{_RUN}\n\n{_READ}\n\n{result}"


def runs(text: str) -> list[Run] | None:
    """The programs of a document in order; None where one of its runs is not in the form of `program_run`."""
    found = []
    pieces = re.split(rf"\n\n{re.escape(_RUN)}\n\n{re.escape(_READ)}\n\n", text)
    if len(pieces) - 1 != text.count("<<run:"):
        return None
    position = 0
    for piece in pieces[:-1]:
        position += len(piece) + len(f"\n\n{_RUN}\n\n{_READ}\n\n")
        _, opened, source = piece.rpartition(f"{PROGRAM}\n{FENCE}\n")
        if not opened or not source.endswith(f"\n{FENCE}"):
            return None
        found.append(Run(source.removesuffix(f"\n{FENCE}"), text[position:]))
    return found
