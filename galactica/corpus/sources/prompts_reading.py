"""Questions over a text, or about what is so: BoolQ, Quoref, ROPES, BioASQ, QASPER, PubMedQA, TrueOrFalse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from galactica.corpus.abstracts import labelled
from galactica.corpus.prompts.dataset import DataSet, Item, Items, claim, source
from galactica.corpus.prompts.questions import OpenQuestion, Statement, YesNo, as_question, too_long
from galactica.corpus.prompts.records import (
    Malformed,
    digest,
    entries,
    field,
    items,
    json_list,
    json_value,
    label,
    line,
    optional_text,
    text,
)
from galactica.corpus.source import Source
from galactica.files import RawFile

_TRUE_OR_FALSE = "Please answer the following question with true or false, question: "
_FORMAT = "\n\nAnswer format:"
_MAX_SNIPPETS = 5
_LEFT_OUT = re.compile(r"INLINEFORM\d|DISPLAYFORM\d|FLOAT SELECTED")
_CITATIONS = re.compile(r" ?[(\[]?BIBREF\d{1,4}(?: ?[,;]? ?(?:and )?BIBREF\d{1,4}){0,40}[)\]]?")
_POINTERS = re.compile(
    r" ?\((?:see |cf\. )?(?:Figure |Fig\. |Table |Section |Sec\. )?(?:FIGREF|TABREF|SECREF)\d{1,4}\)"
)
_OPEN_POINTERS = re.compile(r"FIGREF|TABREF|SECREF|BIBREF|UID\d")


def _boolq(record: Any) -> Items:
    if isinstance(record, dict) and "instruction" in record:
        instruction = text(record, "instruction")
        if not instruction.startswith(_TRUE_OR_FALSE):
            raise Malformed("no instruction of the form that was looked for")
        question = instruction.removeprefix(_TRUE_OR_FALSE).partition(_FORMAT)[0].strip()
        answer, passage = {"true": True, "false": False}.get(line(record, "answer").lower()), ""
    else:
        question, answer, passage = line(record, "question"), field(record, "answer"), text(record, "passage")
    if not isinstance(answer, bool):
        yield "no right answer"
        return
    prompt = YesNo(as_question(question), "Yes" if answer else "No", passage)
    yield too_long(question, passage) or Item(digest(question, passage), prompt)


def _squad_file(file: RawFile) -> Iterator[Any]:
    """The paragraphs of a file in SQuAD's form."""
    for article in items(json_value(file.data), "data"):
        yield from items(article, "paragraphs")


def _quoref(record: Any) -> Items:
    yield from _extractive(record, text(record, "context"))


def _ropes(record: Any) -> Items:
    yield from _extractive(record, f"{text(record, 'background')}\n\n{text(record, 'situation')}")


def _extractive(record: Any, passage: str) -> Items:
    """Each question of a paragraph; all its answers belong to the answer."""
    for asked in items(record, "qas"):
        question = as_question(line(asked, "question"))
        answers = dict.fromkeys(line(answer, "text") for answer in items(asked, "answers"))
        key = label(asked, "id") or digest(passage, question)
        if not answers:
            yield "no answer"
        else:
            yield too_long(question, passage) or Item(key, OpenQuestion(question, ", ".join(answers), passage))


def _bioasq_file(file: RawFile) -> Iterator[Any]:
    yield from items(json_value(file.data), "questions")


def _bioasq(record: Any) -> Items:
    question, kind = line(record, "body"), line(record, "type").lower()
    listed = record.get("snippets") if isinstance(record.get("snippets"), list) else []
    snippets = list(dict.fromkeys(optional_text(snippet, "text") for snippet in listed))
    support = "\n\n".join([snippet for snippet in snippets if snippet][:_MAX_SNIPPETS])
    key = label(record, "id") or digest(question)
    if kind == "yesno":
        answer = line(record, "exact_answer").lower().rstrip(".")
        if answer not in ("yes", "no"):
            yield "no right answer"
            return
        prompt: YesNo | OpenQuestion = YesNo(as_question(question), answer.capitalize(), support)
    elif kind in ("factoid", "list"):
        prompt = OpenQuestion(question, ", ".join(_exact(field(record, "exact_answer"))), support=support)
    else:
        ideal = field(record, "ideal_answer")
        prompt = OpenQuestion(question, line(ideal, 0) if isinstance(ideal, list) else line(ideal), support=support)
    yield too_long(question, support) or Item(key, prompt)


def _exact(answers: Any) -> list[str]:
    """The first form of each answer, where synonyms are listed."""
    if isinstance(answers, str):
        return [line(answers)]
    return list(
        dict.fromkeys(line(answer, 0) if isinstance(answer, list) else line(answer) for answer in items(answers))
    )


def _qasper_file(file: RawFile) -> Iterator[Any]:
    yield from entries(json_value(file.data)).values()


def _qasper(record: Any) -> Items:
    """Each question on a paper, over the paragraphs that its answer is taken from."""
    title = line(record, "title")
    for asked in items(record, "qas"):
        question = as_question(line(asked, "question"))
        yield _qasper_item(title, question, label(asked, "question_id") or digest(title, question), asked)


def _qasper_item(title: str, question: str, key: str, asked: Any) -> Item | str:
    reason = "no answer"
    for annotation in items(asked, "answers"):
        answer = entries(annotation, "answer")
        written = _qasper_answer(answer)
        paragraphs = dict.fromkeys(optional_text(paragraph) for paragraph in items(answer, "evidence"))
        evidence = [_plain(paragraph) for paragraph in paragraphs if not _LEFT_OUT.search(paragraph)]
        if isinstance(written, str) and (_LEFT_OUT.search(written) or _OPEN_POINTERS.search(_plain(written))):
            reason = "the answer holds a formula or figure that the release left out"
        elif written is None:
            reason = "no answer in the paper"
        elif not any(evidence):
            reason = "no evidence in words"
        else:
            passage = "\n\n".join((f"Title: {title}", *filter(None, evidence)))
            if isinstance(written, bool):
                return too_long(question, passage) or Item(key, YesNo(question, "Yes" if written else "No", passage))
            return too_long(question, passage) or Item(key, OpenQuestion(question, _plain(written), passage))
    return reason


def _qasper_answer(answer: dict[str, Any]) -> str | bool | None:
    """The answer in words or yes or no; None where the paper has none."""
    if answer.get("unanswerable") is True:
        return None
    if isinstance(holds := answer.get("yes_no"), bool):
        return holds
    spans = [span for span in map(optional_text, items(answer, "extractive_spans")) if span]
    return optional_text(answer, "free_form_answer") or ", ".join(spans) or None


def _plain(paragraph: str) -> str:
    """Without the marks that stand for citations and for figures in brackets; "" where another mark would leave a hole."""
    plain = _POINTERS.sub("", _CITATIONS.sub("", paragraph))
    return "" if _OPEN_POINTERS.search(plain) else plain


def _pubmedqa_file(file: RawFile) -> Iterator[Any]:
    for key, record in entries(json_value(file.data)).items():
        yield {**record, "PMID": key} if isinstance(record, dict) else record


def _pubmedqa(record: Any) -> Items:
    question, answer = line(record, "QUESTION"), line(record, "final_decision").lower()
    labels = record.get("LABELS")
    contexts = [line(context) for context in items(record, "CONTEXTS")]
    if isinstance(labels, list) and len(labels) == len(contexts):
        parts = zip(map(optional_text, labels), contexts, strict=True)
        contexts = [labelled(name, context) or context for name, context in parts]
    if answer not in ("yes", "no", "maybe"):
        yield "no right answer"
        return
    passage = "\n\n".join(contexts)
    prompt = YesNo(as_question(question), answer.capitalize(), passage, ("yes", "no", "maybe"))
    yield too_long(question, passage) or Item(label(record, "PMID") or digest(question), prompt)


def _true_or_false(record: Any) -> Items:
    statement, holds = text(record, "statement"), field(record, "answer")
    key = label(record, "id") or digest(statement)
    yield Item(key, Statement(statement, holds)) if isinstance(holds, bool) else "no right answer"


def _claims_boolq(where: str, head: bytes) -> bool:
    if b"Please answer the following question with true or false, question: " in head:
        return "boolq" in where.lower()
    return head.lstrip()[:1] == b"{" and all(
        name in head for name in (b'"question"', b'"passage"', b'"title"', b'"answer"')
    )


DATASETS: tuple[DataSet, ...] = (
    DataSet(
        name="boolq",
        format="BoolQ JSON lines; LLM-Adapters JSON, which has no passages",
        origin="https://github.com/google-research-datasets/boolean-questions; https://github.com/AGI-Edgerunners/LLM-Adapters",
        licence="CC BY-SA 3.0",
        n_published=9_333,
        claims=_claims_boolq,
        records=json_list,
        items=_boolq,
    ),
    DataSet(
        name="quoref",
        format="Quoref JSON (SQuAD's form)",
        origin="https://allenai.org/data/quoref",
        licence="CC BY 4.0",
        n_published=19_206,
        claims=claim(b'"context"', b'"paragraphs"', path=r"quoref"),
        records=_squad_file,
        items=_quoref,
    ),
    DataSet(
        name="ropes",
        format="ROPES JSON (SQuAD's form with background and situation)",
        origin="https://allenai.org/data/ropes",
        licence="CC BY 4.0",
        n_published=10_815,
        claims=claim(b'"background"', b'"paragraphs"'),
        records=_squad_file,
        items=_ropes,
    ),
    DataSet(
        name="bioasq7b",
        format="BioASQ task b JSON",
        origin="http://participants-area.bioasq.org/datasets/ (with registration)",
        licence="CC BY 2.5",
        n_published=2_676,
        claims=claim(b'"questions"', b'"body"', path=r"bioasq|train\w*7b"),
        records=_bioasq_file,
        items=_bioasq,
    ),
    DataSet(
        name="qasper",
        format="QASPER JSON",
        origin="https://allenai.org/data/qasper",
        licence="CC BY 4.0",
        n_published=606,
        claims=claim(b'"title"', b'"abstract"', path=r"qasper.*\.json"),
        records=_qasper_file,
        items=_qasper,
    ),
    DataSet(
        name="pubmedqa",
        format="PubMedQA JSON (PQA-L, its training part)",
        origin="https://github.com/pubmedqa/pubmedqa",
        licence="MIT",
        n_published=495,
        claims=claim(b'"QUESTION"', b'"CONTEXTS"'),
        records=_pubmedqa_file,
        items=_pubmedqa,
    ),
    DataSet(
        name="trueorfalse",
        format="JSON lines of our own",
        origin='never published; read from JSON lines of our own: {"id", "statement", "answer": true or false}',
        licence="not stated",
        n_published=107,
        claims=claim(b'"statement"', b'"answer"', path=r"true-?_?or-?_?false[^/]*\.jsonl"),
        items=_true_or_false,
        has_splits=False,
    ),
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
