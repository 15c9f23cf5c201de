"""Papers that GROBID read off a page (its TEI, and S2ORC, which is made of it) -> documents.

What a page loses stays lost: a formula whose scripts have come down to the line is left out and counted, not guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from lxml import etree

from galactica import markup
from galactica.corpus.abstracts import tidy_abstract
from galactica.corpus.marks import HOLE, Marks
from galactica.corpus.papers import MAX_AUTHORS, clean, is_english, is_left_out, is_notice
from galactica.corpus.sections import FlatSection, write_sections
from galactica.corpus.tables import markdown_grid
from galactica.modalities import formulas, mathml
from galactica.types import Document, Reference, UntitledEntry

NO_ENTRY = "?"
"""Stands for the entry of a mark that GROBID could not link."""

MIN_CHARACTERS = 1500

_MAX_FORMULA = 400
_LABEL_AT_END = re.compile(r"(?:(?<![\s,.;])[\s,.;]+)?[(\[ð]\s*[A-Z]?\.?\d{1,3}(?:\.\d{1,3})?[a-z]?\s*[)\]Þ]\s*$")
_GARBLED = re.compile(r"[ðÞ¼ÂÃÀ�\ue000-\uf8ff]|[\x00-\x1f]")
_FALLEN_SCRIPT = re.compile(
    r"(?<![^\W\d_])[^\W\d_] [^\W_](?![^\W_])|[^\W\d_] ?\d|\d [^\W\d_](?![^\W\d_])|[^\W\d_]{2} [^\W\d_]"
)
"""A letter, a space and one more letter or digit: "h t", "x 2": the second was lowered or raised on the page."""
_HAS_RELATION = re.compile(r"[=<>≤≥≈≡∼∝→∈⊂]")
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?|\S")
_CAPTION_LABEL = re.compile(
    r"(?:(?:supplementary|extended data|scheme|chart)\s+)?(fig(?:ure|\.)?s?|tables?|tab\.|scheme|chart)\s*+(?:\.\s*+)?"
    r"([A-Z]?\d{1,3}(?:\.\d{1,2})?|[IVX]{1,5})\b\s*[.:|–-]*\s*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z\[(])")
_NUMBERS_IN_BRACKETS = re.compile(r"\[[1-9]\d{0,2}(?:\s?[,–-]\s?[1-9]\d{0,2}){0,20}\]")
_FLOATS = {"fig": "Figure", "tab": "Table", "scheme": "Scheme", "chart": "Chart"}
_MIN_CAPTION_WORDS = 4
_MAX_LABEL = 8
_NO_BEGINNING = frozenset(":;,)")
_MIN_FILLED = 0.7


class Span(NamedTuple):
    """Characters `start` to `end` of a paragraph that are a citation mark, with the entry it points to (None where GROBID
    linked none), or an inline formula, with its LaTeX (None where it has none)."""

    start: int
    end: int
    is_mark: bool
    target: str | None


@dataclass(slots=True)
class Part:
    """A piece of a paper: a paragraph with its spans, a displayed formula, or the caption of a figure or a table with its `label`
    and the rows of the table. `mentions` are the figures and tables that a paragraph points to."""

    text: str
    spans: list[Span] = field(default_factory=list)
    kind: Literal["paragraph", "formula", "figure", "table"] = "paragraph"
    label: str = ""
    rows: list[list[str]] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PrintedPaper:
    """A paper as one of the formats gives it, nothing of it rendered yet: a section of the `body` is its printed number, its
    heading and its parts; `floats` are captions by the identifiers that paragraphs mention; `untitled` is what the list says of
    works that are None in `references`."""

    key: str
    work: Reference | None
    references: Mapping[str, Reference | None]
    abstract: list[Part] = field(default_factory=list)
    body: list[tuple[str, str, list[Part]]] = field(default_factory=list)
    floats: dict[str, Part] = field(default_factory=dict)
    licence: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    untitled: Mapping[str, UntitledEntry] = field(default_factory=dict)


def paper_document(paper: PrintedPaper, source: str) -> Document | str:
    """The document of a paper, or why there is none."""
    if paper.work is None:
        return "no title"
    if is_notice(paper.work.title):
        return "correction or retraction"
    if any(markup.control_tokens(text) for text in _texts(paper)):
        return "spells a control token"
    page = Page(paper.references, paper.untitled)
    abstract = tidy_abstract(page.blocks(map(_unlinked, paper.abstract), {}))
    body = write_sections(_sections(page, paper))
    if not body:
        return "no body"
    head = markup.paper_head(paper.work.title, paper.work.authors[:MAX_AUTHORS]).strip()
    text = "\n\n".join([head, *(["# Abstract", *abstract] if abstract else []), *body])
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if not is_english(markup.without_citations(text[:40_000])):
        return "not English"
    known = {"title": paper.work.title, "doi": paper.work.doi, "year": paper.work.year, "journal": paper.work.venue}
    metadata = {**known, **paper.metadata, **page.counts()}
    return Document(
        f"{source}:{paper.key}", text, source, paper.licence or "not stated", metadata, tuple(page.marks.pending)
    )


def _texts(paper: PrintedPaper) -> Iterable[str]:
    parts = [*paper.abstract, *paper.floats.values()]
    for _, title, inner in paper.body:
        yield title
        parts += inner
    for part in parts:
        yield part.text
        yield from (cell for row in part.rows for cell in row)


def _sections(page: Page, paper: PrintedPaper) -> list[FlatSection]:
    """The sections with each figure and table after the first paragraph that mentions it, the others at the end."""
    floats = dict(paper.floats)
    sections = [FlatSection(number, title, page.blocks(parts, floats)) for number, title, parts in paper.body]
    last = next((section for section in reversed(sections) if section.blocks and not is_left_out(section.title)), None)
    if last is not None:
        last.blocks.extend(block for part in floats.values() for block in page.blocks([part], {}))
    return sections


class Page:
    """Renders the parts of one paper and counts what was found and what was left out."""

    def __init__(
        self, references: Mapping[str, Reference | None], untitled: Mapping[str, UntitledEntry] | None = None
    ) -> None:
        self.marks = Marks(references, printed=True, untitled=untitled)
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()

    def blocks(self, parts: Iterable[Part], floats: dict[str, Part]) -> list[str]:
        """The parts as blocks; those of `floats` that a paragraph mentions are taken out of them and follow it."""
        blocks: list[str] = []
        is_torn = False
        for part in parts:
            if part.kind == "formula":
                formula = self._formula(part.text)
                if not formula and blocks and not blocks[-1].endswith((".", "?", "!", r"\]")):
                    rest = " ".join(_sentences(blocks.pop())[:-1])
                    blocks += [rest] if rest else []
                is_torn = not formula
                blocks += formula
            elif part.kind == "paragraph":
                text = self.paragraph(part.text, part.spans)
                if is_torn and (text[:1].islower() or text.startswith("Where ")):
                    text = " ".join(_sentences(text)[1:])
                blocks += [text] if text else []
                is_torn = False
            else:
                blocks += caption(part)
            blocks += self.blocks([floats.pop(name) for name in dict.fromkeys(part.mentions) if name in floats], {})
        return blocks

    def paragraph(self, text: str, spans: Iterable[Span]) -> str:
        """The paragraph on one line, its marks resolved; "" where no letter is left. Spans that lie out of the text or over
        another are passed over."""
        parts: list[str] = []
        at = 0
        for start, end, is_mark, target in sorted(spans, key=lambda span: span[:2]):
            if not at <= start < end <= len(text):
                continue
            parts.append(clean(text[at:start]))
            shown = clean(text[start:end])
            parts.append(self._mark(target, shown) if is_mark else self._inline(shown, target))
            at = end
        parts.append(clean(text[at:]))
        paragraph = self.marks.resolve("".join(parts)).strip()
        is_rest = paragraph[:1] in _NO_BEGINNING  # of a caption or a table that was torn apart
        return paragraph if not is_rest and any(character.isalpha() for character in paragraph) else ""

    def counts(self) -> dict[str, object]:
        """The counts, under the names that every source of papers gives them."""
        return {
            "n_marks": self.marks.n_marks,
            "n_resolved": self.marks.n_resolved,
            "unresolved": dict(self.marks.unresolved),
            "n_formulas": self.n_formulas,
            "formulas_left_out": dict(self.formulas_left_out),
        }

    def _mark(self, target: str | None, shown: str) -> str:
        """A placeholder for a mark; what GROBID took for one without a link or a digit ("[SIQ]") stays as it is."""
        if target is None and not any(character.isdigit() for character in shown):
            return shown
        before, after = shown[: len(shown) - len(shown.lstrip())], shown[len(shown.rstrip()) :]
        return f"{before}{self.marks.mark([target or NO_ENTRY], shown)}{after}"

    def _formula(self, text: str) -> list[str]:
        latex, problem = _latex(text)
        if problem:
            self.formulas_left_out[problem] += 1
            return []
        self.n_formulas += 1
        return [markup.display_maths(latex)]

    def _inline(self, shown: str, latex: str | None) -> str:
        if latex is None:
            return shown
        latex = formulas.normalise(formulas.strip_tex_wrapper(latex))
        problem = formulas.problem(latex) if latex else "empty"
        if problem:
            self.formulas_left_out[problem] += 1
            return HOLE
        self.n_formulas += 1
        return self.marks.hold(markup.inline_maths(latex))


def _sentences(paragraph: str) -> list[str]:
    """The sentences, none of them cut inside a citation."""
    sentences: list[str] = []
    for piece in _SENTENCE_END.split(paragraph):
        if sentences and sentences[-1].count(markup.START_REF) > sentences[-1].count(markup.END_REF):
            sentences[-1] += f" {piece}"
        else:
            sentences.append(piece)
    return sentences


def _unlinked(part: Part) -> Part:
    """The paragraph of an abstract with the numbers in brackets, which GROBID links in the body alone, as marks."""
    found = (
        [Span(*match.span(), True, None) for match in _NUMBERS_IN_BRACKETS.finditer(part.text)]
        if not part.spans
        else []
    )
    return replace(part, spans=found) if found else part


def caption(part: Part) -> list[str]:
    """ "Figure 2: What is seen." as a block, after it the rows of a table; no block where the caption says next to nothing. The
    text's own label, which may stand there twice, goes before what the file says of it."""
    kind, label, text = part.kind.capitalize(), part.label.strip(" .:"), " ".join(clean(part.text).split())
    for _ in range(3):
        if (match := _CAPTION_LABEL.match(text)) is None:
            break
        kind = next((name for start, name in _FLOATS.items() if match[1].lower().startswith(start)), kind)
        label, text = match[2], text[match.end() :]
    if len(text.split()) < _MIN_CAPTION_WORDS:
        return []
    return [f"{kind} {label}: {text}" if 0 < len(label) <= _MAX_LABEL else text, *_grid(part.rows)]


def _grid(rows: list[list[str]]) -> list[str]:
    """The table, where the rows are as long as each other and mostly filled: others were torn apart on the page."""
    cells = [cell for row in rows for cell in row]
    if len({len(row) for row in rows}) != 1 or sum(map(bool, cells)) < _MIN_FILLED * len(cells):
        return []
    return markdown_grid([[" ".join(clean(cell).split()).replace("|", "/") for cell in row] for row in rows], 1)


def _latex(text: str) -> tuple[str, str]:
    """The LaTeX of a displayed formula and "", or "" and why it is left out."""
    if len(text) > _MAX_FORMULA:
        return "", "too long for one formula"
    text = _LABEL_AT_END.sub("", text.strip())
    if "\\" in text:
        latex = formulas.normalise(formulas.strip_tex_wrapper(text))
        problem = formulas.problem(latex) if latex else "empty"
        return ("", problem) if problem else (latex, "")
    if _GARBLED.search(text):
        return "", "garbled on the page"
    if not _HAS_RELATION.search(text) or _FALLEN_SCRIPT.search(text):
        return "", "scripts lost on the page"
    math = etree.Element("math")
    for token in _TOKEN.findall(clean(text)):
        name = "mn" if token[0].isdigit() else "mi" if token[0].isalpha() else "mo"
        etree.SubElement(math, name).text = token
    latex = mathml.from_mathml(math)
    problem = formulas.problem(latex) if latex else "empty"
    return ("", problem) if problem else (latex, "")
