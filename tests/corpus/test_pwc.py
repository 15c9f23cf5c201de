"""Papers with Code: methods, data sets, tasks, abstracts; the real task files."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from galactica import archives, markup
from galactica.corpus.sources.pwc import PAPERS_SOURCE, SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

METHOD = {
    "url": "https://paperswithcode.com/method/plotting", "name": "Plotting", "full_name": "Plotting of Plots",
    "description": "**Plotting** is a layer $y = W x$ that plots, as in [1](#x). It is used for plots of every kind."
    "\r\n\r\nImage Source: [here](https://x.org)",
    "paper": {"title": "On the Plotting of Plots", "url": "https://paperswithcode.com/paper/on-plots",
              "authors": ["Ada Grace Okafor"]},
    "introduced_year": 2018, "source_title": "On plots", "num_papers": 3,
    "collections": [{"collection": "Layers", "area": "General"}],
}  # fmt: skip
TASK = {
    "task": "Plot Reading", "description": "Plot reading is the task of reading from a plot the numbers that it was made of.",
    "categories": [], "synonyms": [], "source_link": None,
    "datasets": [{"dataset": "PlotBank", "description": "", "sota": {"metrics": ["F1", "EM"], "rows": [
        {"model_name": "Reader (Okafor et al., 2018)",
         "paper_title": "Reading | plots with readers", "metrics": {"F1": 91.2, "EM": ""}},
        {"model_name": "Anonymous", "paper_title": "", "metrics": {"F1": "90"}},
        {"model_name": "Other", "paper_title": "https://arxiv.org/abs/1", "metrics": {"F1": "80 % wzxhzdk:1"}},
        {"model_name": "Third", "paper_title": "Qi et al. 2020", "metrics": {"F1": "7|0"}},
        {"model_name": "Fifth", "paper_title": "[13] [code]", "metrics": {"F1": "5"}},
    ]}}],
    "subtasks": [{"task": "Bar Reading", "description": "x", "datasets": [], "subtasks": []}],
}  # fmt: skip


def read(*records: Any, source: Any = SOURCE) -> list[Document | Drop]:
    data = json.dumps(records).encode()
    assert source.claims("dump.json", data[:4096])
    return list(source.read(RawFile("dump.json", data)))


def test_a_method() -> None:
    (item,) = read(METHOD)
    assert isinstance(item, Document)
    assert item.id == "pwc:method:plotting"
    assert item.text.endswith(
        "**Plotting** is a layer \\( y = W x \\) that plots, as in 1. It is used for plots of every kind.\n\n"
        "Introduced in 2018 by [START_REF] On the Plotting of Plots, Okafor[END_REF].\n\nCategories: Layers (General)"
    )


def test_methods_are_posed_as_questions_by_their_ids() -> None:
    found = read(*(METHOD | {"url": f"https://paperswithcode.com/method/m{number}"} for number in range(100)))
    posed = [item.text for item in found if isinstance(item, Document) and item.text.startswith("Question: ")]
    assert 25 < len(posed) < 55
    assert any(text.startswith("Question: What is Plotting?\n\nAnswer: **Plotting** is") for text in posed)
    assert sum(
        item.text.startswith("# Plotting of Plots (Plotting)\n\n") for item in found if isinstance(item, Document)
    ) == 100 - len(posed)


def test_a_task_with_its_results() -> None:
    task, drop = read(TASK)
    assert isinstance(task, Document)
    assert isinstance(drop, Drop)
    assert task.text == (
        "# Plot Reading\n\nPlot reading is the task of reading from a plot the numbers that it was made of.\n\n## PlotBank\n\n"
        "| Model | F1 | Paper |\n| --- | --- | --- |\n"
        "| Reader (Okafor et al., 2018) | 91.2 | [START_REF] Reading, Okafor[END_REF] |\n"
        "| Other | 80 % |  |\n| Third | 7/0 |  |\n| Fifth | 5 |  |"
    )
    assert drop.reason == "neither a description nor results"


def test_abstracts() -> None:
    record = {
        "paper_url": "https://paperswithcode.com/paper/on-plots", "arxiv_id": "1801.1", "title": "On the Plotting of Plots",
        "abstract": "We plot the plots of the field, and each is that of the other with $p = 0.1$ by the test that we give.",
        "url_abs": "http://arxiv.org/abs/1801.1", "authors": ["Ada Grace Okafor", "B. Li"], "tasks": ["Plot Reading"],
        "date": "2018-01-31",
        "proceeding": "PLOTS 2018", "methods": [],
    }  # fmt: skip
    assert not SOURCE.claims("dump.json", json.dumps([record]).encode()[:4096])
    (item,) = read(record, source=PAPERS_SOURCE)
    assert isinstance(item, Document)
    assert item.text.startswith(
        "Title: On the Plotting of Plots\n\nAuthors: A. G. Okafor, B. Li\n\n# Abstract\n\nWe plot"
    )
    assert (item.id, item.metadata["year"]) == ("pwc_papers:on-plots", 2018)


def test_hostile_records() -> None:
    for record, reason in (
        (METHOD | {"description": "[START_REF] " + "x " * 99}, "spells a control token"),
        (METHOD | {"description": None}, "description shorter than 60 characters"),
        (METHOD | {"name": ["x"]}, "no name"),
        ([], "not a record"),
    ):
        found = read(METHOD, record)
        assert [item.reason for item in found if isinstance(item, Drop)] == [reason]
    deep: dict[str, Any] = {"task": "A", "description": "x", "datasets": []}
    for _ in range(200):
        deep = {"task": "A", "description": "x", "subtasks": [deep]}
    assert len(read(deep)) == 201
    (drop,) = SOURCE.read(RawFile("x.json", b"[" * 100_000))
    assert isinstance(drop, Drop)
    assert drop.reason == "not JSON"


def test_claims() -> None:
    assert not SOURCE.claims("a.json", b'[{"task": "boil water", "done": false}]')
    assert not SOURCE.claims(
        "a.json", b'[{"paper_url": "https://paperswithcode.com/paper/x", "repo_url": "y", "sota": 1}]'
    )


@pytest.mark.corpus
def test_the_real_tasks(corpus_root: Path) -> None:
    """Red if a subtask is lost or if the pieces of a file give other documents than the whole."""
    documents = []
    for file in archives.walk(corpus_root / "pwc-sota-extractor.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            whole = [item for item in SOURCE.read(file) if isinstance(item, Document)]
            assert SOURCE.split is not None
            pieces = [RawFile(file.where, piece) for piece in SOURCE.split(io.BytesIO(file.data))]
            assert [item for piece in pieces for item in SOURCE.read(piece) if isinstance(item, Document)] == whole
            documents += whole
    assert len(documents) == 130
    cited = [span.key for item in documents for span in markup.citations(item.text)]
    assert len(cited) > 2000
    assert not any("et al" in key or key.startswith("http") for key in cited)
