"""Data sets of summaries and dialogues: SciTail, SciTLDR, PWC descriptions, FragmentedGlass; Wizard of Wikipedia, Advising."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from galactica.corpus import fragments, split
from galactica.corpus.json_items import split_array
from galactica.corpus.marks import Marks
from galactica.corpus.prompts.dataset import DataSet, Item, Items, claim, source
from galactica.corpus.prompts.dialogue import Dialogue
from galactica.corpus.prompts.records import (
    Malformed,
    digest,
    field,
    items,
    json_lines,
    json_list,
    label,
    line,
    optional_text,
    text,
)
from galactica.corpus.prompts.summaries import Description, Entailment, Fragmented, Summary
from galactica.corpus.source import Source
from galactica.corpus.tex_remains import without_tex
from galactica.files import RawFile

MIN_TURNS = 2
_WIZARD = (
    ("User", "Assistant"),
    ("Apprentice", "Wizard"),
    ("Student", "Teacher"),
    ("A", "B"),
    ("Speaker 1", "Speaker 2"),
)
_ADVISING = (("Student", "Advisor"), ("Student", "Academic advisor"), ("Student", "Adviser"))


def _scitail_rows(file: RawFile) -> Iterator[Any]:
    """Tab-separated premise, hypothesis, label; or JSON lines of the SNLI form with the same fields under other names."""
    if file.data.lstrip()[:1] == b"{":
        yield from json_lines(file)
        return
    for row in file.data.decode("utf-8", "replace").split("\n"):
        columns = row.rstrip("\r").split("\t")
        if len(columns) == 3:
            yield {"sentence1": columns[0], "sentence2": columns[1], "gold_label": columns[2]}
        elif row.strip():
            yield Malformed("other than three columns")


def _scitail(record: Any) -> Items:
    premise, hypothesis = line(record, "sentence1"), line(record, "sentence2")
    follows = {"entails": True, "entailment": True, "neutral": False}.get(line(record, "gold_label"))
    if follows is None:
        yield "no label"
        return
    yield Item(digest(premise, hypothesis), Entailment(premise, hypothesis, follows))


def _scitldr(record: Any) -> Items:
    """One document for a paper: its abstract and the first of its summaries, the author's own."""
    sentences = " ".join(line(sentence) for sentence in items(record, "source"))
    raw = (line(record, "target", 0), optional_text(record, "title"), sentences)
    found = [paragraphs for text in raw if (paragraphs := fragments.paragraphs(text)) is not None]
    if len(found) < len(raw):
        yield "spells a control token"
        return
    summary, title, abstract = (without_tex(" ".join(paragraphs), Marks({})) for paragraphs in found)
    if summary is None or title is None or abstract is None:
        yield "LaTeX that is left in the text"
        return
    if len(summary) >= len(abstract):
        yield "the summary is no shorter than the text"
        return
    yield Item(label(record, "paper_id") or digest(abstract), Summary(title, abstract, summary))


def _pwc(record: Any) -> Items:
    name, abstract = line(record, "name"), text(record, "abstract")
    yield Item(label(record, "id") or digest(name, abstract), Description(name, abstract, text(record, "description")))


def _fragmented(record: Any) -> Items:
    found = tuple(line(fragment) for fragment in items(record, "fragments"))
    if not found:
        yield "no fragments"
        return
    prompt, written = line(record, "prompt"), text(record, "text")
    yield Item(label(record, "id") or digest(prompt, *found), Fragmented(found, prompt, written))


def _wizard(record: Any) -> Items:
    topic = line(record, "chosen_topic")
    said = [(int("wizard" in label(turn, "speaker").lower()), line(turn, "text")) for turn in items(record, "dialog")]
    turns = _joined(said)
    if len(turns) < MIN_TURNS:
        yield "fewer than two turns"
        return
    passage = record.get("chosen_topic_passage")
    known = " ".join(optional_text(sentence) for sentence in passage) if isinstance(passage, list) else ""
    yield Item(digest(topic, *(words for _, words in turns)), Dialogue(topic, turns, _WIZARD, known.strip()))


def _advising(record: Any) -> Items:
    """The conversation so far, closed by the right next turn, which is the advisor's."""
    said = [
        (int("advis" in label(turn, "speaker").lower()), line(turn, "utterance"))
        for turn in items(record, "messages-so-far")
    ]
    following = field(record, "options-for-correct-answers")
    if not following:
        yield "no right answer"
        return
    turns = _joined([*said, (1, line(following, 0, "utterance"))])
    if len(turns) < MIN_TURNS:
        yield "fewer than two turns"
        return
    key = label(record, "example-id") or digest(*(words for _, words in turns))
    yield Item(key, Dialogue("courses and study plans", turns, _ADVISING))


def _joined(said: list[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    """Turns, what one says in a row put together."""
    return tuple(
        (speaker, " ".join(words for _, words in run)) for speaker, run in groupby(said, key=lambda turn: turn[0])
    )


def _claims_scitail(where: str, head: bytes) -> bool:
    if "scitail" not in where.lower():
        return False
    return head.split(b"\n", 1)[0].count(b"\t") == 2 or (b'"sentence1"' in head and b'"gold_label"' in head)


DATASETS: tuple[DataSet, ...] = (
    DataSet(
        name="scitail",
        format="SciTail tab-separated or SNLI-form JSON lines",
        origin="https://allenai.org/data/scitail",
        licence="Apache-2.0",
        n_published=23_361,
        claims=_claims_scitail,
        records=_scitail_rows,
        items=_scitail,
    ),
    DataSet(
        name="pwc-descriptions",
        format="JSON lines of our own",
        origin="Papers with Code dumps (https://github.com/paperswithcode/paperswithcode-data): methods.json and datasets.json "
        'joined with their papers\' abstracts, as JSON lines {"id", "name", "abstract", "description"}',
        licence="CC BY-SA 4.0",
        n_published=3_586,
        claims=claim(b'"name"', b'"description"', b'"abstract"', path=r"pwc[-_]?desc[^/]*\.jsonl"),
        items=_pwc,
        has_splits=False,
    ),
    DataSet(
        name="scitldr",
        format="SciTLDR JSON lines",
        origin="https://github.com/allenai/scitldr",
        licence="Apache-2.0",
        n_published=1_973,
        claims=claim(b'"source"', b'"rouge_scores"'),
        items=_scitldr,
        split=split.lines,
    ),
    DataSet(
        name="fragmentedglass",
        format="JSON lines of our own",
        origin='never published; read from JSON lines of our own: {"id", "fragments": [text, ...], "prompt", "text"}',
        licence="not stated",
        n_published=718,
        claims=claim(b'"fragments"', b'"prompt"', path=r"fragmented-?_?glass[^/]*\.jsonl"),
        items=_fragmented,
        has_splits=False,
    ),
    DataSet(
        name="wizard-of-wikipedia",
        format="Wizard of Wikipedia JSON",
        origin="https://parl.ai/projects/wizard_of_wikipedia/",
        licence="CC BY 4.0",
        n_published=18_246,
        claims=claim(b'"chosen_topic"', b'"persona"'),
        records=json_list,
        items=_wizard,
        split=split_array,
    ),
    DataSet(
        name="advising",
        format="DSTC7 Advising JSON",
        origin="https://ibm.github.io/dstc-noesis/public/datasets.html",
        licence="not stated",
        n_published=495,
        claims=claim(b'"messages-so-far"', path=r"advis"),
        records=json_list,
        items=_advising,
        split=split_array,
    ),
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
