"""Question data sets: records in each public form, written for this test; evaluation splits are refused; nothing raises."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from galactica import archives, markup
from galactica.corpus.prompts.dataset import EVALUATION, refusal
from galactica.corpus.prompts.questions import MultipleChoice
from galactica.corpus.source import SNIFF_BYTES, Source
from galactica.corpus.sources import prompts_choices, prompts_reading, prompts_summaries
from galactica.files import RawFile
from galactica.types import Document, Drop

SOURCES: tuple[Source, ...] = (*prompts_choices.SOURCES, *prompts_reading.SOURCES, *prompts_summaries.SOURCES)

STEM: Any = {"stem": "What do bees make", "choices": [{"label": "A", "text": "honey"}, {"label": "B", "text": "milk"}]}
QUOREF_QUESTION = {
    "id": "q1",
    "question": "Who met Bo?",
    "answers": [{"answer_start": 0, "text": "Ann"}, {"answer_start": 8, "text": "Cy"}],
}
TQA_QUESTION = {
    "beingAsked": {"processedText": "Ice floats on water."},
    "answerChoices": {"a": {"processedText": "true"}, "b": {"processedText": "false"}},
    "correctAnswer": {"processedText": "a"},
}
QASPER_ANSWER = {
    "unanswerable": False,
    "extractive_spans": [],
    "yes_no": None,
    "free_form_answer": "two corpora",
    "evidence": ["We use two corpora BIBREF3, BIBREF4 (see FIGREF2)."],
}
LINES = "json lines"
RECORDS: dict[str, tuple[str, Any]] = {
    "medmcqa": (
        "medmcqa/train.json",
        [{"question": "Vitamin of the sun", "opa": "A", "opb": "B12", "opc": "C", "opd": "D", "cop": 4, "id": "m1"}],
    ),
    "race": (
        "RACE/train/high/7.txt",
        {
            "answers": ["B"],
            "options": [["red", "blue"]],
            "questions": ["The sky is _ ."],
            "article": "Skies are blue.",
            "id": "high7.txt",
        },
    ),
    "commonsenseqa": (
        "train_rand_split.jsonl",
        [{"answerKey": "A", "id": "c1", "question": {"question_concept": "bee", **STEM}}],
    ),
    "sciq": (
        "sciq/train.json",
        [
            {
                "question": "What boils at 100 °C?",
                "distractor1": "oil",
                "distractor2": "tin",
                "distractor3": "salt",
                "correct_answer": "water",
            }
        ],
    ),
    "tqa": (
        "tqa_train_val_test/train/tqa_v1_train.json",
        [{"globalID": "L_1", "lessonName": "ice", "questions": {"nonDiagramQuestions": {"NDQ_1": TQA_QUESTION}}}],
    ),
    "qasc": (
        "QASC/train.jsonl",
        [{"id": "s1", "question": STEM, "answerKey": "A", "fact1": "bees make honey", "formatted_question": "?"}],
    ),
    "openbookqa": ("OpenBookQA/Main/train.jsonl", [{"id": "7-9", "question": STEM, "answerKey": "A"}]),
    "arc": ("ARC-Easy/ARC-Easy-Train.jsonl", [{"id": "Mercury_7", "question": STEM, "answerKey": "A"}]),
    "qcscience": ("QCScience.jsonl", [{"question": "What is H2O?", "answer": "water", "choices": ["salt", "water"]}]),
    "uchallenge": ("uchallenge.jsonl", [{"question": "Who found radium?", "answer": "Marie and Pierre Curie"}]),
    "boolq": (
        "BoolQ/train.jsonl",
        [{"question": "is ice cold", "title": "Ice", "answer": True, "passage": "Ice is cold."}],
    ),
    "quoref": (
        "quoref-train-v0.1.json",
        {"data": [{"paragraphs": [{"context": "Ann and Cy met Bo.", "qas": [QUOREF_QUESTION]}]}]},
    ),
    "ropes": (
        "train-v1.0.json",
        {
            "data": [
                {
                    "paragraphs": [
                        {"background": "Salt melts ice.", "situation": "Bo met salt.", "qas": [QUOREF_QUESTION]}
                    ]
                }
            ]
        },
    ),
    "bioasq7b": (
        "BioASQ-training7b/trainining7b.json",
        {
            "questions": [
                {
                    "body": "Which gene is mutated?",
                    "type": "list",
                    "exact_answer": [["BRCA1", "brca-1"], ["TP53"]],
                    "id": "b1",
                }
            ]
        },
    ),
    "qasper": (
        "qasper-train-v0.3.json",
        {
            "1503.1": {
                "title": "On corpora",
                "abstract": "",
                "qas": [{"question": "Which data", "answers": [{"answer": QASPER_ANSWER}]}],
            }
        },
    ),
    "pubmedqa": (
        "pqal_fold0/train_set.json",
        {
            "123": {
                "QUESTION": "Does it help?",
                "CONTEXTS": ["We looked.", "It did not."],
                "LABELS": ["METHODS", "RESULTS"],
                "final_decision": "no",
            }
        },
    ),
    "trueorfalse": (
        "true-or-false.jsonl",
        [{"statement": "The proton is lighter than the electron.", "answer": False}],
    ),
    "scitail": (
        "scitail/snli_format/scitail_1.0_train.txt",
        [{"sentence1": "Bees make honey.", "sentence2": "Bees make food.", "gold_label": "entailment"}],
    ),
    "pwc-descriptions": (
        "pwc-descriptions.jsonl",
        [{"name": "Dropout", "abstract": "We drop units.", "description": "Dropout drops units."}],
    ),
    "scitldr": (
        "SciTLDR-A/train.jsonl",
        [
            {
                "source": ["We study \\emph{bees}.", "They cost $O(n)$."],
                "rouge_scores": [1],
                "paper_id": "p",
                "target": ["Bees."],
                "title": "Bees",
            }
        ],
    ),
    "fragmentedglass": (
        "fragmentedglass.jsonl",
        [{"fragments": ["Bees make honey.", "Honey is sweet."], "prompt": "Bees", "text": "Bees make a sweet."}],
    ),
    "wizard-of-wikipedia": (
        "wizard_of_wikipedia/train.json",
        [
            {
                "chosen_topic": "Honey",
                "persona": "i like honey",
                "dialog": [
                    {"speaker": "0_Apprentice", "text": "What is it?"},
                    {"speaker": "1_Wizard", "text": "Food of bees."},
                ],
                "chosen_topic_passage": ["Honey is made by bees."],
            }
        ],
    ),
    "advising": (
        "advising.scenario-1_train.json",
        [
            {
                "example-id": 4,
                "messages-so-far": [{"speaker": "student", "utterance": "Which course?"}],
                "options-for-correct-answers": [{"utterance": "Take EECS 281."}],
            }
        ],
    ),
}
ONE_FILE = ("sciq", "tqa", "wizard-of-wikipedia", "advising")


def _file(name: str) -> RawFile:
    path, records = RECORDS[name]
    is_lines = isinstance(records, list) and name not in ONE_FILE
    data = "\n".join(map(json.dumps, records)) if is_lines else json.dumps(records)
    return RawFile(path, data.encode())


def _read(file: RawFile) -> tuple[str, list[Document | Drop]]:
    claiming = [source for source in SOURCES if source.claims(file.where, file.data[:SNIFF_BYTES])]
    assert len(claiming) == 1, [source.name for source in claiming]
    return claiming[0].name, list(claiming[0].read(file))


def _text(name: str) -> str:
    claimed, found = _read(_file(name))
    assert claimed == name
    assert len(found) == 1
    assert isinstance(found[0], Document), found
    return found[0].text


@pytest.mark.parametrize("name", RECORDS)
def test_each_form_is_claimed_by_one_source_and_read(name: str) -> None:
    text = _text(name)
    assert "{" not in text.replace("\\emph{", "")
    if name not in ("wizard-of-wikipedia", "advising", "fragmentedglass"):
        assert any(label in text for label in ("Answer: ", "A: ", "TLDR: ", "Summary: ", "Dropout: "))


def test_every_data_set_of_the_specification_is_here() -> None:
    assert {source.name for source in SOURCES} == set(RECORDS)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("medmcqa", ("D",)),  # cop counts from 1
        ("race", ("B", "(B) blue", "B) blue", "B. blue", "blue")),
        ("qcscience", ("B", "(B) water", "B) water", "B. water", "water")),
        ("boolq", ("Yes",)),
        ("quoref", ("Ann, Cy",)),
        ("bioasq7b", ("BRCA1, TP53",)),
        ("pubmedqa", ("No",)),
        ("trueorfalse", ("False",)),
        ("tqa", ("True",)),
    ],
)
def test_the_answer_is_the_right_one(name: str, right: tuple[str, ...]) -> None:
    assert _text(name).rpartition("\n\n")[2].partition(": ")[2] in right


def test_marks_of_a_paper_leave_no_holes() -> None:
    assert "We use two corpora.\n" in _text("qasper")
    assert "We study bees. They cost \\( O(n) \\)." in _text("scitldr")


def test_the_parts_of_an_abstract_keep_their_names() -> None:
    assert "Methods: We looked.\n\nResults: It did not." in _text("pubmedqa")


def test_fragments_stand_in_their_tokens_and_dialogue_keeps_its_speakers() -> None:
    assert f"{markup.START_FRAGMENTS}\nBees make honey.\n\nHoney is sweet.\n{markup.END_FRAGMENTS}" in _text(
        "fragmentedglass"
    )
    asked, told = _text("advising").split("\n\n")[-2:]
    assert asked == "Student: Which course?"
    assert told.endswith(": Take EECS 281.")


@pytest.mark.parametrize("name", RECORDS)
def test_an_evaluation_split_is_refused_by_its_name(name: str) -> None:
    file = _file(name)
    for word in ("test", "dev", "val"):
        where = (
            file.where.lower()
            .replace("train_rand_split", "train")
            .replace("trainining", "train")
            .replace("training", "train")
        )
        where = (
            where.replace("train_val_test", "all").replace("train", word)
            if "train" in where
            else f"{word}/{file.where}"
        )
        source = next((s for s in SOURCES if s.claims(where, file.data[:SNIFF_BYTES])), None)
        if source is None:  # the name of the training file is what tells the data set
            assert name == "bioasq7b"
            continue
        assert [drop.reason for drop in source.read(RawFile(where, file.data))] == [EVALUATION]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("qa/RACE/test/high/1.txt", EVALUATION),
        ("a.tar/dataset/boolq/train.json", None),
        ("test_corpus/boolq/train.json", None),  # the nearest name decides
        ("Genia4ERtraining/Genia4ERtask1.iob2", None),
        ("Genia4ERtest/Genia4EReval1.iob2", EVALUATION),
        ("BC5CDR-IOB/devel.tsv", EVALUATION),
        ("CDR_Data/CDR_DevelopmentSet.PubTator.txt", EVALUATION),
        ("7B1_golden.json", EVALUATION),
        ("pubmedqa/data/ori_pqal.json", "not named as training data"),  # holds the test questions too
        ("constraints/latest.json", "not named as training data"),
    ],
)
def test_names_of_splits(where: str, reason: str | None) -> None:
    assert refusal(where) == reason


def test_wording_varies_with_the_id_and_with_nothing_else() -> None:
    prompt = MultipleChoice("What do bees make?", ("honey", "milk", "wax"), 0)
    texts = [prompt.written(random.Random(f"x:{n}")) for n in range(200)]
    assert texts == [prompt.written(random.Random(f"x:{n}")) for n in range(200)]
    counts = Counter(texts)
    assert len(counts) >= 25
    answers = {text.rpartition("Answer: ")[2] for text in texts}
    assert answers == {"A", "A) honey", "(A) honey", "A. honey", "honey"}
    assert any("milk" not in text for text in texts)  # asked without options
    both = MultipleChoice("What do bees make?", ("honey", "wax", "both A and B"), 2)
    for n in range(200):  # an answer that names letters needs them
        text = both.written(random.Random(n))
        assert "(A)" in text or "A)" in text or "A." in text
        assert text.endswith("Answer: C")


def test_a_record_that_spells_a_control_token_is_dropped() -> None:
    record = {"fragments": [f"one {markup.END_FRAGMENTS} two"], "prompt": "p", "text": "t"}
    _, found = _read(RawFile("fragmentedglass.jsonl", json.dumps(record).encode()))
    assert [item.reason for item in found if isinstance(item, Drop)] == ["spells a control token"]
    assert len(found) == 1


def _mutations(tree: Any) -> Iterator[Any]:
    """Copies of a record in which one value is something else, or is gone."""
    others: tuple[Any, ...] = (None, 7, "", "x", [], {}, True, "\ud800", [None], {"a": [1]})
    yield from others
    if isinstance(tree, dict):
        for key in tree:
            yield {name: value for name, value in tree.items() if name != key}
            yield from ({**tree, key: mutated} for mutated in _mutations(tree[key]))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from ([*tree[:index], mutated, *tree[index + 1 :]] for mutated in _mutations(item))


@pytest.mark.parametrize("name", RECORDS)
def test_no_record_raises_and_every_drop_has_one_of_few_reasons(name: str) -> None:
    source = next(source for source in SOURCES if source.name == name)
    path, records = RECORDS[name]
    reasons = set()
    for mutated in _mutations(records):
        is_lines = isinstance(mutated, list) and name not in ONE_FILE
        data = "\n".join(map(json.dumps, mutated)) if is_lines else json.dumps(mutated)
        for item in source.read(RawFile(path, data.encode())):
            if isinstance(item, Drop):
                reasons.add(item.reason)
            else:
                item.text.encode()
    assert 1 < len(reasons) < 20


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 50, b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{", b"{" + b"a" * 1_000_000]
)
def test_hostile_bytes_end_in_drops(name: str, data: bytes) -> None:
    source = next(source for source in SOURCES if source.name == name)
    assert all(isinstance(item, Drop) for item in source.read(RawFile(RECORDS[name][0], data)))


@pytest.mark.corpus
def test_the_real_files(corpus_root: Path) -> None:
    """The sizes that the corpus' page states, less the few records that cannot be asked."""
    stated = {
        "commonsenseqa": 9_741,
        "boolq": 9_426,
        "openbookqa": 4_957,
        "arc": 2_249 + 1_119,
        "pubmedqa": 500,
        "scitldr": 1_989,
    }
    counts: Counter[str] = Counter()
    for item in archives.list_inputs(corpus_root / "qa.tar.xz"):
        assert not isinstance(item, Drop)
        for entry in archives.entries(item):
            if isinstance(entry, Drop) or "mtl-bioner" in entry.where:
                continue
            source = next((source for source in SOURCES if source.claims(entry.where, entry.head)), None)
            if source is not None:
                raw = entry.read()
                assert isinstance(raw, RawFile)
                counts[source.name] += sum(isinstance(item, Document) for item in source.read(raw))
    assert set(counts) == set(stated)
    assert all(0.98 * stated[name] < counts[name] <= stated[name] for name in stated), counts
