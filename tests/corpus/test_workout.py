"""Workout: the examples in their files, each program run, and the form of the documents."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from galactica import markup
from galactica.corpus.prompts.execute import verified
from galactica.corpus.prompts.workout import examples, workout_documents

EXAMPLE = """# chemistry

## Sum

Question: What is 2 + 3?

By which law?

Work:

We add:

```
x = 2 + 3
str(x)
```
> 5

Done.

Answer: 5

## Words

Question: Why?

Work:

\\[ 1 = 1 \\]

Answer: Because.
"""


def test_form_of_a_document() -> None:
    first, second = examples(EXAMPLE, "chemistry")
    assert (
        first.text
        == """Question: What is 2 + 3?

By which law?

<work>
We add:

calculate.py
```
x = 2 + 3

with open("output.txt", "w") as file:
    file.write(str(x))
```

<<run: "calculate.py">>

<<read: "output.txt">>

5

Done.
</work>

Answer: 5"""
    )
    assert second.text == "Question: Why?\n\n<work>\n\\[ 1 = 1 \\]\n</work>\n\nAnswer: Because."
    assert second.metadata == {"title": "Words", "field": "chemistry"}


@pytest.mark.parametrize(
    "mistake", [("> 5\n", ""), ("Work:\n\nWe", "We"), ("Answer: 5", "5"), ("Question: Why", "Why")]
)
def test_a_mistake_in_a_file_is_seen(mistake: tuple[str, str]) -> None:
    with pytest.raises(AssertionError, match=r"example|result"):
        list(examples(EXAMPLE.replace(*mistake), "chemistry"))


def test_every_program_gives_what_its_example_reads_back() -> None:
    documents = list(workout_documents())
    for document, found in zip(documents, verified(documents), strict=True):
        assert found is document, f"{document.metadata['title']}: {document.text}"


def test_there_are_examples_of_every_field() -> None:
    """The issue's least number and fields; red if a file is left out of the package."""
    documents = list(workout_documents())
    counts = Counter(document.metadata["field"] for document in documents)
    assert len(documents) >= 140
    assert set(counts) == {"mathematics", "chemistry", "biology", "astronomy", "physics", "geology", "history"}
    assert min(counts.values()) >= 15
    assert (
        len({document.id for document in documents})
        == len({document.metadata["title"] for document in documents})
        == len(documents)
    )
    assert {document.metadata["field"] for document in workout_documents(60, seed=1)} == set(counts)
    assert list(workout_documents(10, 1)) == list(workout_documents(10, 1)) != list(workout_documents(10, 2))


def test_documents_are_well_formed() -> None:
    for document in workout_documents():
        text = document.text
        assert "?\n\nAnswer" not in text, text
        assert not re.search(r"@@|^> ", text, re.MULTILINE), text
        for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]")):
            assert text.count(opening) == text.count(closing), text
        prose = re.sub(r"```\n.*?\n```|\\\(.*?\\\)|\\\[.*?\\\]", "", text, flags=re.DOTALL)
        assert not re.search(r"\\[a-z]|[$]", prose), text  # LaTeX outside its brackets
        assert max(len(line) for line in text.split("\n")) < 700
        kinds = [token for token in markup.control_tokens(text) if token not in (markup.START_WORK, markup.END_WORK)]
        assert all(a.replace("START", "END") == b for a, b in zip(kinds[::2], kinds[1::2], strict=True))
