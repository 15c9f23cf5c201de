"""Papers with Code: methods, data sets and tasks with results -> reference articles, some posed as questions; paper abstracts.

Source: https://github.com/paperswithcode/paperswithcode-data (methods, datasets, evaluation-tables, papers-with-abstracts) and
https://github.com/paperswithcode/sota-extractor, whose tasks have the form of evaluation-tables.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from galactica import markup
from galactica.corpus.abstracts import abstract_document
from galactica.corpus.headings import shifted
from galactica.corpus.json_items import load, split_array
from galactica.corpus.markdown_text import MarkdownText
from galactica.corpus.source import Published, Source
from galactica.corpus.tables import MAX_ROWS, markdown_grid
from galactica.corpus.veil import SPELLS
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop

LICENCE = "CC BY-SA 4.0"
MIN_DESCRIPTION = 60
MIN_ROWS = 3
QUESTION_SHARE = 0.4
MAX_METRICS = 6
_QUESTIONS = ("What is {}?", "What is {}?", "What is {}?", "Explain {}.", "What do we mean by {}?")
_KINDS = re.compile(
    rb'"https?://(?:www\.)?paperswithcode\.com/(?:method|dataset|task|paper)/|"(?:task|datasets|subtasks)"\s*:|"introduced_(?:year|date)"\s*:'
)
_SIGNS = re.compile(
    rb'"(?:sota|datasets|subtasks|full_name|introduced_year|introduced_date|modalities|source_link|model_name)"\s*:'
)
_CREDIT = re.compile(
    r"\s*(?:Image |Figure |Photo )?(?:[Ss]ource|[Cc]redit|[Ii]mage|Description from)s?:?\s*(?:\[|from\b|:)[^\n]*$"
)
_AUTHORS = re.compile(r"\bet al\b|,? (?:19|20)\d\d\)?$")
_REMAINS = re.compile(r"wzxhzdk:\d+|\[?\b(?:Go )?[Bb]ack to (?:the )?(?:README|Top)\b\]?(?:\([^()]{0,100}\))?\.?")
"""What the conversion of pages to the dump left behind."""
_SURNAME = re.compile(
    r"\(((?:(?:van|von|de|der|den) )*[A-ZÀ-Þ][\w'’-]+)(?: et al\.?| and [A-Z][\w'-]+)?,? (?:19|20)\d\d\)"
)


def _claims(where: str, head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not where.lower().endswith(".json") or not start.startswith(b"[") or b'"repo_url"' in head:
        return False
    return _KINDS.search(head) is not None and _SIGNS.search(head) is not None and b'"abstract"' not in head


def _claims_papers(where: str, head: bytes) -> bool:
    is_list = where.lower().endswith(".json") and head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"[")
    return is_list and all(key in head for key in (b'"paper_url"', b'"abstract"', b'"url_abs"'))


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(_records(file)):
        for name, document in _documents(record):
            if isinstance(document, str):
                yield Drop(f"{file.where}:{number}:{name}"[:300], SOURCE.name, document)
            else:
                yield document
    if load(file.data) is None:
        yield Drop(file.where, SOURCE.name, "not JSON")


def _records(file: RawFile) -> list[Any]:
    tree = load(file.data)
    return tree if isinstance(tree, list) else []


def _documents(record: Any) -> Iterator[tuple[str, Document | str]]:
    """The documents of a record, tasks below a task included, or why there is none."""
    if not isinstance(record, dict):
        yield "", "not a record"
        return
    if "task" not in record:
        name = _text(record.get("name"))
        yield name, _article(record, name)
        return
    waiting = [record]
    while waiting:
        task = waiting.pop()
        yield _text(task.get("task")), _task(task)
        waiting += [inner for inner in reversed(_list(task.get("subtasks"))) if isinstance(inner, dict)]


def _article(record: dict[str, Any], name: str) -> Document | str:
    """A method or a data set."""
    if not name:
        return "no name"
    reader = MarkdownText()
    description = _description(reader, record.get("description"))
    if sum(map(len, description)) < MIN_DESCRIPTION:
        return f"description shorter than {MIN_DESCRIPTION} characters"
    kind = (
        "dataset"
        if "modalities" in record or "introduced_date" in record or "/dataset/" in _text(record.get("url"))
        else "method"
    )
    full = reader.line(_text(record.get("full_name"))) or reader.line(name)
    short = reader.line(name)
    title = f"{full} ({short})" if short and short.lower() != full.lower() else full
    identifier = f"pwc:{kind}:{_text(record.get('url')).rstrip('/').rpartition('/')[2] or name}"
    blocks = [*description, *_introduced(record, reader), *_facts(record, reader)]
    if reader.spells_control_token:
        return SPELLS
    text = _posed(identifier, title, short or full, blocks)
    year = _text(record.get("introduced_year") or record.get("introduced_date"))[:4]
    metadata = {"title": title, "kind": kind, "year": int(year) if year.isdigit() else None, "language": "en",
                "n_formulas": reader.formulas.n_formulas}  # fmt: skip
    return Document(identifier, text, SOURCE.name, LICENCE, metadata)


def _posed(identifier: str, title: str, name: str, blocks: list[str]) -> str:
    """The article under its title or, for a share of them that the id decides, as the answer to a question."""
    chance = random.Random(identifier)
    if chance.random() < QUESTION_SHARE:
        answer = "\n\n".join(shifted(blocks, 2))
        begins = "\n\n" if re.match(r"[#>|`]|[-*] |\d+\. ", answer) else " "
        return f"Question: {chance.choice(_QUESTIONS).format(name)}\n\nAnswer:{begins}{answer}"
    return "\n\n".join([f"# {title}", *shifted(blocks, 2)])


def _description(reader: MarkdownText, text: Any) -> list[str]:
    """The blocks of a description without the lines that credit its pictures."""
    lines = _text(text, keep_lines=True).replace("\r\n", "\n").split("\n")
    kept = (_REMAINS.sub("", line) for line in lines if not _CREDIT.match(line) and not line.lstrip().startswith("+--"))
    return reader.blocks("\n".join(kept))


def _introduced(record: dict[str, Any], reader: MarkdownText) -> list[str]:
    paper = record.get("paper")
    title = _text(paper.get("title")) if isinstance(paper, dict) else _text(record.get("source_title"))
    authors = [_inverted(name) for name in _list(paper.get("authors"))] if isinstance(paper, dict) else []
    reference = make_reference(title or _text(record.get("source_title")), authors, None, None, None)
    if reference is None:
        return []
    year = _text(record.get("introduced_year") or record.get("introduced_date"))[:4]
    when = (
        f" in {year}" if re.fullmatch(r"(?:19|20)\d\d", year) and year != "2000" else ""
    )  # 2000 is what the site puts for unknown
    return [f"Introduced{when} by {markup.cite(reference.title, reference.surname)}."]


def _facts(record: dict[str, Any], reader: MarkdownText) -> list[str]:
    """Lines of what the record lists beside its description."""
    collections = [
        f"{_text(one.get('collection'))} ({_text(one.get('area'))})" if one.get("area") else _text(one.get("collection"))
        for one in _list(record.get("collections")) if isinstance(one, dict)
    ]  # fmt: skip
    tasks = [_text(one.get("task")) if isinstance(one, dict) else _text(one) for one in _list(record.get("tasks"))]
    listed = (
        ("Categories", collections), ("Tasks", tasks), ("Modalities", [_text(one) for one in _list(record.get("modalities"))]),
        ("Languages", [_text(one) for one in _list(record.get("languages"))]),
    )  # fmt: skip
    return [f"{label}: {reader.line(', '.join(filter(None, names)))}" for label, names in listed if any(names)]


def _task(task: dict[str, Any]) -> Document | str:
    """A task with the data sets it is measured on and the results on them."""
    reader = MarkdownText()
    name = reader.line(_text(task.get("task")))
    if not name:
        return "no name"
    description = _description(reader, task.get("description"))
    sections: list[str] = []
    for dataset in _list(task.get("datasets")):
        if isinstance(dataset, dict):
            sections += _results(dataset, reader)
    if sum(map(len, description)) < MIN_DESCRIPTION and not sections:
        return "neither a description nor results"
    if reader.spells_control_token:
        return SPELLS
    digest = hashlib.sha256(json.dumps(task, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()[:8]
    identifier = f"pwc:task:{name}:{digest}"
    if description and not sections:
        text = _posed(identifier, name, name, description)
    else:
        text = "\n\n".join([f"# {name}", *shifted(description, 2), *sections])
    return Document(identifier, text, SOURCE.name, LICENCE, {"title": name, "kind": "task", "language": "en"})


def _results(dataset: dict[str, Any], reader: MarkdownText) -> list[str]:
    """A section for a data set: what it is, and the table of results, best first as the site has them."""
    name = reader.line(_text(dataset.get("dataset")))
    description = _description(reader, dataset.get("description"))
    sota = dataset.get("sota")
    rows = [row for row in _list(sota.get("rows")) if isinstance(row, dict)] if isinstance(sota, dict) else []
    metrics = [_text(metric) for metric in _list(sota.get("metrics"))][:MAX_METRICS] if isinstance(sota, dict) else []
    table = _table(rows, metrics, reader) if len(rows) >= MIN_ROWS else []
    if not name or not (description or table):
        return []
    return [f"## {name}", *shifted(description, 3), *table]


def _table(rows: list[dict[str, Any]], metrics: list[str], reader: MarkdownText) -> list[str]:
    grid = []
    for row in rows[: MAX_ROWS - 1]:
        values = row.get("metrics")
        found = [_cell(reader, values.get(metric)) for metric in metrics] if isinstance(values, dict) else []
        model, paper = _cell(reader, row.get("model_name")), _paper(row)
        if any(found) and (paper or model.lower() not in ("", "anonymous")):
            grid.append([model, *found, paper])
    header = ["Model", *(_cell(reader, metric) for metric in metrics), "Paper"]
    kept = [column for column in range(len(header)) if any(row[column] for row in grid)]
    return markdown_grid([[row[column] for column in kept] for row in [header, *grid]], 1) if grid else []


def _cell(reader: MarkdownText, value: Any) -> str:
    return reader.line(_REMAINS.sub("", _text(value)[:300])).replace("|", "/")


def _paper(row: dict[str, Any]) -> str:
    """The citation of a result's paper; the author is had only where the model's name says "(Chen et al., 2018)"."""
    title = _text(row.get("paper_title"))
    if title.startswith(("http://", "https://", "[")) or len(title) < 8 or _AUTHORS.search(title):
        return ""
    match = _SURNAME.search(_text(row.get("model_name")))
    reference = make_reference(title.partition(" | ")[0], [match[1]] if match else [], None, None, None)
    return markup.cite(reference.title, reference.surname).replace("|", "/") if reference else ""


def _read_papers(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(_records(file)):
        document = _abstract(record) if isinstance(record, dict) else "not a record"
        if isinstance(document, str):
            yield Drop(f"{file.where}:{number}", PAPERS_SOURCE.name, document)
        else:
            yield document


def _abstract(record: dict[str, Any]) -> Document | str:
    reader = MarkdownText()
    date = _text(record.get("date"))
    reference = make_reference(
        _text(record.get("title")), [_inverted(name) for name in _list(record.get("authors"))],
        int(date[:4]) if date[:4].isdigit() else None, _text(record.get("proceeding")) or None, None,
    )  # fmt: skip
    paragraphs = reader.blocks(_text(record.get("abstract"), keep_lines=True))
    if reader.spells_control_token:
        return SPELLS
    key = _text(record.get("paper_url")).rstrip("/").rpartition("/")[2] or _text(record.get("arxiv_id"))
    if not key:
        return "no address"
    more = {
        "fields": ["computer science"],
        "arxiv": record.get("arxiv_id"),
        "tasks": [_text(one) for one in _list(record.get("tasks"))],
    }
    return abstract_document(
        reference, paragraphs, source=PAPERS_SOURCE.name, key=key, licence="not stated", metadata=more
    )


def _inverted(name: Any) -> str:
    """ "Ada King Lovelace" -> "Lovelace, Ada King"."""
    given, _, family = _text(name).rpartition(" ")
    return f"{family}, {given}" if given else family


def _text(value: Any, keep_lines: bool = False) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value) if keep_lines else " ".join(str(value).split())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


SOURCE = Source(
    name="pwc",
    group="reference material",
    format="Papers with Code JSON (methods, datasets, evaluation-tables)",
    origin="https://github.com/paperswithcode/paperswithcode-data",
    licence=LICENCE,
    published=Published(13_430, 4_000_000),
    claims=_claims,
    read=_read,
    split=split_array,
)
PAPERS_SOURCE = Source(
    name="pwc_papers",
    group="papers",
    format="Papers with Code JSON (papers-with-abstracts)",
    origin="https://github.com/paperswithcode/paperswithcode-data",
    licence="not stated per abstract (the collection is CC BY-SA 4.0)",
    claims=_claims_papers,
    read=_read_papers,
    split=split_array,
)
