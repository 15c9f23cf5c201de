"""Khan Academy: problems with their hints -> worked problems, articles -> encyclopedia-like documents with worked parts.

Problems come as AMPS has them (a JSON file with `problem` and `hints`) or as Perseus items; articles as Perseus sections.
Source: https://github.com/hendrycks/math (AMPS, "khan"); https://github.com/Khan/perseus (the format of items and articles).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from galactica import markup
from galactica.corpus.headings import heading_level, shifted
from galactica.corpus.json_items import load
from galactica.corpus.markdown_text import MarkdownText
from galactica.corpus.prompts.working import worked
from galactica.corpus.source import Published, Source
from galactica.corpus.veil import SPELLS
from galactica.files import RawFile
from galactica.types import Document, Drop

MIN_CHARACTERS = 400
"""Of an article."""
_PLACEHOLDER = re.compile(r"\[\[(?:\u2603|☃)\s*([\w -]{1,60})\]\]")
_PICTURE_PROBLEM = re.compile(
    r"!\[|\[\[\u2603 (?:image|interactive-graph|plotter|grapher|video|cs-program|matcher|sorter|orderer|categorizer)",
    re.I,
)
_FORMULA = re.compile(r"\\\( (.+?) \\\)|\\\[ (.+?) \\\]", re.DOTALL)
_RELATION = re.compile(r"(?<![<>!:\\])=|\\approx(?![a-zA-Z])")
_STEP = re.compile(r"(?:\*\*|#{1,6} )?step\s*\(?\d+\b|(?:\*\*|#{1,6} )?\d+(?:st|nd|rd|th) step\b", re.IGNORECASE)
_WORKED = re.compile(
    r"#{1,6} (?:.*\b)?(?:solutions?|worked example|step[- ]by[- ]step|working it out|let[’']s (?:solve|work)).*",
    re.IGNORECASE,
)
_ANSWER_IS = re.compile(
    r"(?:answers?|solutions?)\b[^.]{0,60}?\b(?:is|are)\b[:\s]*(.{1,200}?)\.?\s*$", re.IGNORECASE | re.DOTALL
)


def _claims_problem(where: str, head: bytes) -> bool:
    if not where.lower().endswith(".json") or not head.lstrip().startswith(b"{"):
        return False
    is_amps = (
        re.search(rb'"(?:problem|question)"\s*:\s*"', head) is not None
        and re.search(rb'"hints"\s*:\s*\[', head) is not None
    )
    return (is_amps and "khan" in where.lower()) or (b'"itemDataVersion"' in head or _is_item(head))


def _is_item(head: bytes) -> bool:
    return re.search(rb'"question"\s*:\s*\{\s*"(?:content|images|widgets)"', head) is not None


def _claims_article(where: str, head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not where.lower().endswith(".json"):
        return False
    if start.startswith(b"["):
        return re.match(rb'\[\s*\{\s*"(?:content|images|widgets)"\s*:', start) is not None and b'"widgets"' in head
    return (
        start.startswith(b"{") and re.search(rb'"(?:translated_?)?perseus_?content"', head, re.IGNORECASE) is not None
    )


# --- problems -------------------------------------------------------------------------------------------------------


def _read_problem(file: RawFile) -> Iterator[Document | Drop]:
    document = _problem(load(file.data))
    yield Drop(file.where, PROBLEMS_SOURCE.name, document) if isinstance(document, str) else document


def _problem(record: Any) -> Document | str:
    """The document of a problem, or why there is none."""
    if not isinstance(record, dict) or not isinstance(record.get("hints"), list):
        return "not a problem with hints"
    question = record.get("problem") or record.get("question")
    hints = [hint.get("content") if isinstance(hint, dict) else hint for hint in record["hints"]]
    stated: list[str] = []
    if isinstance(question, dict):
        widgets = question.get("widgets")
        question, stated = _with_widgets(
            str(question.get("content") or ""), widgets if isinstance(widgets, dict) else {}
        )
    if not isinstance(question, str) or not question.strip():
        return "no question"
    texts = [str(hint) for hint in hints if hint]
    if _PICTURE_PROBLEM.search(question):
        return "needs a picture"
    reader = MarkdownText()
    shown = reader.blocks(question)
    steps = [block for text in texts for block in reader.blocks(_PLACEHOLDER.sub("", text))]
    if reader.spells_control_token:
        return SPELLS
    if not steps:
        return "no hints"
    answer = reader.line(", ".join(stated)) if stated else _answer(steps)
    if not answer or not shown:
        return "no answer in the last hint"
    text = worked("\n\n".join(shown), "\n\n".join(steps), answer)
    key = hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:16]
    metadata = {"answer": answer, "language": "en", "n_formulas": reader.formulas.n_formulas}
    return Document(f"khan_problems:{key}", text, PROBLEMS_SOURCE.name, PROBLEMS_SOURCE.licence, metadata)


def _answer(steps: list[str]) -> str:
    """What the last hint comes to: what it says "the answer is", the right-hand side of its last formula, or its last sentence."""
    last = steps[-1]
    if match := _ANSWER_IS.search(last):
        return match[1].strip(" *")
    found = _FORMULA.findall(last)
    if found:
        latex = found[-1][0] or found[-1][1]
        value = _RELATION.split(latex)[-1].strip(" .,") if not re.search(r"\\begin|\\text", latex) else latex
        return (
            markup.inline_maths(value) if value.count("{") == value.count("}") and value else markup.inline_maths(latex)
        )
    return re.split(r"(?<=[.!?])\s+", last)[-1].strip()[:300]


def _with_widgets(content: str, widgets: dict[str, Any]) -> tuple[str, list[str]]:
    """The question with choices written out in place of its widgets, and the right answers."""
    answers: list[str] = []

    def written(match: re.Match[str]) -> str:
        widget = widgets.get(match[1].strip())
        options = widget.get("options") if isinstance(widget, dict) else None
        if not isinstance(widget, dict) or not isinstance(options, dict):
            return match[0]
        text, right = _widget(str(widget.get("type") or ""), options)
        answers.extend(right)
        return text

    return _PLACEHOLDER.sub(written, content), answers


def _widget(kind: str, options: dict[str, Any]) -> tuple[str, list[str]]:
    """A widget as text, and its right answers."""
    if kind in ("radio", "dropdown"):
        choices = [
            choice for choice in options.get("choices") or [] if isinstance(choice, dict) and choice.get("content")
        ]
        right = [str(choice["content"]) for choice in choices if choice.get("correct")]
        if kind == "dropdown":
            return "____", right
        return "\n\n" + "\n".join(f"- {choice['content']}" for choice in choices) + "\n\n", right
    if kind == "numeric-input":
        right = [
            str(one.get("value"))
            for one in options.get("answers") or []
            if isinstance(one, dict) and one.get("status") == "correct"
        ]
        return "____", right[:1]
    if kind == "input-number":
        return "____", [str(options["value"])] if options.get("value") is not None else []
    if kind == "expression":
        forms = [
            one
            for one in options.get("answerForms") or []
            if isinstance(one, dict) and one.get("considered") == "correct"
        ]
        return "____", [f"${form['value']}$" for form in forms[:1] if form.get("value")]
    return "", []


# --- articles -------------------------------------------------------------------------------------------------------


def _read_article(file: RawFile) -> Iterator[Document | Drop]:
    document = _article(load(file.data), PurePosixPath(file.where).stem)
    yield Drop(file.where, SOURCE.name, document) if isinstance(document, str) else document


def _article(record: Any, stem: str) -> Document | str:
    """The document of an article, or why there is none."""
    title, key = stem.replace("-", " ").replace("_", " ").strip().capitalize(), stem
    sections = record
    if isinstance(record, dict):
        title = str(record.get("translated_title") or record.get("translatedTitle") or record.get("title") or title)
        key = str(record.get("id") or record.get("node_slug") or record.get("slug") or stem)
        names = ("translated_perseus_content", "translatedPerseusContent", "perseus_content", "perseusContent")
        sections = next((record[name] for name in names if record.get(name)), None)
        sections = load(sections.encode("utf-8", "replace")) if isinstance(sections, str) else sections
    if not isinstance(sections, list):
        return "not an article"
    reader = MarkdownText()
    blocks: list[str] = []
    for section in sections:
        if isinstance(section, dict):
            blocks += reader.blocks(_article_text(section))
    title = reader.line(title)
    if reader.spells_control_token:
        return SPELLS
    text = "\n\n".join([f"# {title}", *with_work(shifted(blocks, 2))])
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    metadata = {"title": title, "language": "en", "n_formulas": reader.formulas.n_formulas}
    return Document(f"khan:{key}", text, SOURCE.name, SOURCE.licence, metadata)


def _article_text(section: dict[str, Any]) -> str:
    """The section's Markdown, what its explanations hide written out, its other widgets left out."""
    widgets = section.get("widgets")

    def written(match: re.Match[str]) -> str:
        widget = widgets.get(match[1].strip()) if isinstance(widgets, dict) else None
        options = widget.get("options") if isinstance(widget, dict) else None
        if not isinstance(widget, dict) or not isinstance(options, dict):
            return ""
        if widget.get("type") in ("explanation", "passage", "definition"):
            return (
                f"\n\n{options.get('explanation') or options.get('passageText') or options.get('definition') or ''}\n\n"
            )
        return ""

    return _PLACEHOLDER.sub(written, str(section.get("content") or ""))


def with_work(blocks: list[str]) -> list[str]:
    """The blocks with `<work>` around what is worked step by step: what stands under a heading such as "Solution", and a run of
    "Step 1", "Step 2" with what lies between."""
    out: list[str] = []
    index = 0
    while index < len(blocks):
        block = blocks[index]
        if _WORKED.fullmatch(block):
            end = _end_of_section(blocks, index + 1, heading_level(block))
            out += [block, markup.work("\n\n".join(blocks[index + 1 : end]))]
        elif _STEP.match(block):
            limit = _end_of_section(blocks, index + 1, heading_level(block) - 1 or 6)
            steps = [at for at in range(index, limit) if _STEP.match(blocks[at])]
            end = limit if heading_level(block) or len(steps) == 1 else min(limit, steps[-1] + 2)
            end = end if len(steps) > 1 else index + 1
            part = "\n\n".join(blocks[index:end])
            out.append(markup.work(part) if len(steps) > 1 else part)
        else:
            end = index + 1
            out.append(block)
        index = end
    return out


def _end_of_section(blocks: list[str], start: int, level: int) -> int:
    """Where the next heading of this level or a higher one stands."""
    return next((at for at in range(start, len(blocks)) if 0 < heading_level(blocks[at]) <= level), len(blocks))


SOURCE = Source(
    name="khan",
    group="reference material",
    format="Khan Academy articles (Perseus JSON)",
    origin="https://www.khanacademy.org",
    licence="CC BY-NC-SA 3.0 US",
    published=Published(3_075, 7_000_000),
    claims=_claims_article,
    read=_read_article,
)
PROBLEMS_SOURCE = Source(
    name="khan_problems",
    group="prompts",
    format="Khan Academy problems (AMPS JSON, Perseus items)",
    origin="https://github.com/hendrycks/math (AMPS)",
    licence="MIT (AMPS)",
    published=Published(3_835, None),
    claims=_claims_problem,
    read=_read_problem,
)
