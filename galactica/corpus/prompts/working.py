"""The written form of a worked problem: question, working memory with a program in it, answer."""

from __future__ import annotations

from galactica import markup

PROGRAM, OUTPUT = "calculate.py", "output.txt"


def worked(question: str, reasoning: str, answer: str) -> str:
    """A problem with its working memory and answer."""
    return f"Question: {question.strip()}\n\n{markup.work(reasoning)}\n\nAnswer: {answer}"


def program_run(lines: list[str], written: str, result: str) -> str:
    """A program of `lines` that writes the expression `written` to a file, its run, and the `result` read back."""
    source = "\n".join([*lines, "", f'with open("{OUTPUT}", "w") as file:', f"    file.write({written})"])
    return f'{PROGRAM}\n```\n{source}\n```\n\n<<run: "{PROGRAM}">>\n\n<<read: "{OUTPUT}">>\n\n{result}'
