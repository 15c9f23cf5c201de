"""arXiv papers as unarXive gives them (JSON lines, LaTeX formulas apart from the text) -> papers with resolved citations.

Source: unarXive 2022 (Saier et al.), its `data_format.md`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

from galactica import markup
from galactica.corpus.latex.pointers import CLOSE, OPEN
from galactica.corpus.marks import HOLE, PLACEHOLDERS, Marks
from galactica.corpus.source import Source
from galactica.corpus.sources.unarxive_pointers import pointed
from galactica.files import RawFile
from galactica.modalities import formulas
from galactica.references import unarxive
from galactica.types import Document, Drop, Reference, UntitledEntry

MIN_CHARACTERS = 1500
MAX_FAULTY = 0.25
"""A paper with more faulty formulas than this was read with text and formulas exchanged."""

_PLACEHOLDER = re.compile(r"\{\{(\w+):([\w-]+)\}\}")
_WORD_AFTER = re.compile(r"(\{\{formula:[\w-]{1,60}\}\})(?=[A-Z][a-z])")
_NOTE = re.compile(
    r"(?<=[a-z]{3})(?=[A-Z])((?:Th(?:is|e|at|ese|ere)|We|Here|In|Note|See|For|It|Recall|If|Indeed|As|Throughout|Strictly|Although)\s.{10,600}?)"
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\b[Ff]ig)(?<!\b[Ee]q)\.(?=(\s?[.,;:)]|\s+[a-z])|\s|$)",
    re.DOTALL,
)
"""A footnote, which the file puts at its mark: glued to the word before it, with a stop of its own."""
_TEXT_IN_FORMULA = re.compile(
    r"\\(?:text\w{0,6}|m?box|math\w{2,8}|operatorname|hbox|begin|end)\*?\s?\{[^{}]{0,500}\}|\\[a-zA-Z]+"
)
_PROSE = re.compile(r"(?<![a-zA-Z{])(?:[a-z]{2,20} ){2}|^ [a-z]{2,20} [a-z]{2,20} $")
_MIN_EXCHANGED = 2
_ENVIRONMENT = re.compile(r"\\(begin|end)\{@?(\w+?\*?)\}(?:\{-?\d*\}\{-?\d*\})?")
_CONTENTS_LINE = re.compile(r"\btoc(?:sub){0,2}(?:section|chapter|part)[A-Z][A-Za-z]*")
"""What unarXive leaves of `addcontentsline` of "References"."""
_OPTION = re.compile(r"\n\[\d\]\n(?=\{\{formula:)")
"""Of an environment, whose name the file took away, on a line of its own before the formula."""
_DISPLAYED = frozenset(("align", "gather", "equation", "multline", "eqnarray", "flalign"))
_DOLLARS = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
_ACCENTS = dict(zip("'`\"^~=.", "\u0301\u0300\u0308\u0302\u0303\u0304\u0307", strict=True))
_ACCENT = re.compile(r"\\(['`\"^~=.])(?:\{(\w)\}|(\w))")
_PRIVATE = PLACEHOLDERS | dict.fromkeys(map(ord, (OPEN, CLOSE)))
_LEVELS = {"section": 1, "subsection": 2, "subsubsection": 3}
_LEFT_OUT = re.compile(
    r"acknowledge?ments?.*|funding.*|author contributions?.*|(?:competing|conflicts? of) interests?.*|references|bibliography|"
    r"data availability.*",
    re.IGNORECASE,
)


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith((".jsonl", ".json")) and unarxive.is_record(head)


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, line in enumerate(file.data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            result = _document(json.loads(line))
        except (ValueError, RecursionError):
            result = "not JSON"
        except (KeyError, TypeError, AttributeError):
            result = "not a record of unarXive"
        yield Drop(f"{file.where}:{number}", SOURCE.name, result) if isinstance(result, str) else result


def _document(record: dict[str, Any]) -> Document | str:
    """The document, or why there is none."""
    metadata = record["metadata"]
    front = unarxive.front_matter(metadata, _dollars(metadata["title"]) or "")
    if front is None:
        return "no title"
    paper = _Paper(record)
    blocks = [markup.paper_head(front.title, front.authors[:10]).strip()]
    abstract = _dollars((record.get("abstract") or {}).get("text") or metadata.get("abstract") or "")
    if abstract:
        blocks += ["# Abstract", abstract]
    blocks += paper.sections(record["body_text"])
    if paper.n_faulty > 1 and paper.n_faulty > MAX_FAULTY * (paper.n_formulas + paper.n_faulty):
        return "text and formulas are mixed up"
    text = "\n\n".join(blocks)
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    return Document(
        id=f"arxiv:{record['paper_id']}",
        text=text,
        source=SOURCE.name,
        licence=str(metadata.get("license") or "not stated"),
        metadata={
            "title": front.title,
            "doi": front.doi,
            "year": front.year,
            "n_marks": paper.marks.n_marks,
            "n_resolved": paper.marks.n_resolved,
            "unresolved": dict(paper.marks.unresolved),
            "n_formulas": paper.n_formulas,
            "formulas_left_out": dict(paper.formulas_left_out),
            "n_lost_pointers": paper.n_lost,
        },
        pending=tuple(paper.marks.pending),
    )


def _title(text: str) -> str:
    """A section's title, its cross references in words."""
    if text[-1:].isspace():  # where a number was lost
        text = f"{text.rstrip()}\xa0"
    return " ".join(pointed(text.translate(_PRIVATE)).replace(HOLE, "").split())


def _dollars(text: str) -> str | None:
    """Text with `$...$` as inline formulas; None where one of them is faulty or a control token is spelt."""
    text = " ".join(text.split())
    if markup.control_tokens(text):
        return None
    faulty = False

    def formula(match: re.Match[str]) -> str:
        nonlocal faulty
        latex = formulas.normalise(match[1] or match[2])
        faulty = faulty or formulas.problem(latex) is not None
        return markup.inline_maths(latex)

    text = _DOLLARS.sub(formula, text)
    text = _ACCENT.sub(lambda match: unicodedata.normalize("NFC", (match[2] or match[3]) + _ACCENTS[match[1]]), text)
    text = text.replace("``", "“").replace("''", "”")
    return None if faulty or "$" in text else text


def _in_parentheses(note: re.Match[str]) -> str:
    """The footnote in parentheses, its stop behind them where it ends the sentence too."""
    return f" ({note[1]}){'' if note[2] else '.'}"


def _is_prose(latex: str) -> bool:
    """Whether a formula is running text."""
    return _PROSE.search(_TEXT_IN_FORMULA.sub("\\\\", latex)) is not None


class _Paper:
    """Renders the paragraphs of one paper and counts its formulas."""

    def __init__(self, record: dict[str, Any]) -> None:
        entries: dict[str, Reference | None] = {}
        untitled: dict[str, UntitledEntry] = {}
        for identifier, entry in record["bib_entries"].items():
            found = unarxive.reference(entry)
            entries[identifier] = found if isinstance(found, Reference) else None
            if isinstance(found, UntitledEntry):
                untitled[identifier] = found
        self.marks = Marks(entries, untitled=untitled)
        self.formulas = {key: str(value.get("latex") or "") for key, value in record["ref_entries"].items()}
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()
        self.n_lost = 0

    @property
    def n_faulty(self) -> int:
        """The number of formulas that were left out."""
        return self.formulas_left_out.total()

    def sections(self, paragraphs: list[dict[str, Any]]) -> list[str]:
        """The blocks of the body; sections are counted anew, because the numbers of the file skip and repeat."""
        blocks: list[str] = []
        current: tuple[str, str] | None = None
        numbers = [0, 0, 0]
        heading = ""
        for paragraph in paragraphs:
            title = _title(str(paragraph.get("section") or ""))
            kind = str(paragraph.get("sec_type") or "section")
            if (title, kind) != current:
                current = (title, kind)
                heading = self._heading(title, _LEVELS.get(kind, 3), str(paragraph.get("sec_number") or ""), numbers)
            if _LEFT_OUT.fullmatch(title):
                continue
            inner = self._paragraph(str(paragraph["text"]))
            if inner and heading:
                blocks.append(heading)
                heading = ""
            blocks += inner
        return blocks

    def _heading(self, title: str, level: int, number: str, numbers: list[int]) -> str:
        if not title or _LEFT_OUT.fullmatch(title) or "{{" in title:
            return ""
        if number[:1].isalpha():  # an appendix
            return f"{'#' * level} {number} {title}"
        numbers[level - 1] += 1
        numbers[level:] = [0] * (3 - level)
        return f"{'#' * level} {'.'.join(map(str, numbers[:level]))} {title}"

    def _paragraph(self, text: str) -> list[str]:
        if markup.control_tokens(text):
            return []
        n_exchanged = sum(_is_prose(self.formulas.get(match[2], "")) for match in _PLACEHOLDER.finditer(text))
        if n_exchanged >= _MIN_EXCHANGED:  # a dollar sign was lost, and what follows it is inside out
            self.formulas_left_out["text and formulas are exchanged"] += n_exchanged
            return []
        blocks: list[str] = []
        parts: list[str] = []

        def flush() -> None:
            paragraph = self.marks.resolve("".join(parts))
            parts.clear()
            if sum(character.isalpha() for character in paragraph) > 1:
                blocks.append(paragraph)
            elif paragraph in (".", ",", ";") and blocks and blocks[-1].endswith(r" \]"):
                blocks[-1] = f"{blocks[-1][:-3]}{paragraph} \\]"

        text = pointed(_NOTE.sub(_in_parentheses, _OPTION.sub("\n", _CONTENTS_LINE.sub("", text.translate(_PRIVATE)))))
        self.n_lost += text.count(HOLE)
        text = _WORD_AFTER.sub(r"\1 ", re.sub(r"(?<=\}\}) (?=[-,.;:)'’])", "", text))
        at = 0
        for match in _PLACEHOLDER.finditer(text):
            parts.append(text[at : match.start()])
            at = match.end()
            if match[1] in ("figure", "table"):
                parts.append(" ")
            elif match[1] == "cite":
                parts.append(self.marks.mark([match[2]]))
            elif match[1] == "formula":
                is_alone = text[: match.start()].rstrip(" ").endswith("\n") and text[at:].lstrip(" ,.;")[:1] in (
                    "\n",
                    "",
                )
                latex, is_display = self._latex(match[2])
                if latex is None:
                    parts.append(HOLE)
                elif is_display or is_alone:
                    flush()
                    blocks.append(markup.display_maths(latex))
                else:
                    parts.append(self.marks.hold(markup.inline_maths(latex)))
        parts.append(text[at:])
        flush()
        return blocks

    def _latex(self, identifier: str) -> tuple[str | None, bool]:
        """The formula, None where it is faulty, and whether it was displayed."""
        latex = self.formulas.get(identifier, "")
        is_display = any(match[2].rstrip("*") in _DISPLAYED for match in _ENVIRONMENT.finditer(latex))
        latex = _ENVIRONMENT.sub(r"\\\1{\2}", latex).strip()
        if latex.startswith(r"{\begin") and latex.endswith("}"):
            latex = latex[1:-1]
        latex = formulas.normalise(formulas.strip_tex_wrapper(latex))
        problem = formulas.problem(latex)
        if problem is not None and "outside an alignment" in problem:  # the file took the environment away
            latex, is_display = rf"\begin{{aligned}} {latex} \end{{aligned}}", True
            problem = formulas.problem(latex)
        if problem is None:
            self.n_formulas += 1
            return latex, is_display
        self.formulas_left_out[problem] += 1
        return None, is_display


SOURCE = Source(
    name="arxiv",
    group="papers",
    format="unarXive JSON lines",
    origin="https://github.com/IllDepence/unarXive",
    licence="per paper, CC BY, CC BY-SA and CC0",
    claims=_claims,
    read=_read,
)
