"""What is gathered while one page is read: formulas and code set aside, footnotes, categories, templates that are not known."""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from galactica import markup
from galactica.corpus.html_maths import Formulas
from galactica.corpus.marks import HOLE, Marks
from galactica.corpus.scripts import script
from galactica.corpus.veil import veil
from galactica.corpus.wikitext.footnotes import Footnotes

Wiki = Literal["wikipedia", "wikibooks", "wikiversity", "proofwiki"]

PRIVATE = re.compile("[\ue000-\uf8ff]")
"""Characters that stand for something here; text from outside is read without them."""
NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\xad\u200b-\u200f\u2028\u2029\u2060\ue000-\uf8ff\ufeff]|\r(?=\n)"
)
"""What is taken out of a page before it is read: those, control characters and invisible ones."""
_OPEN, _CLOSE = "\ue022", "\ue023"
PIECE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
ALONE = re.compile(f"(?:{_OPEN}\\d+{_CLOSE}[\\s.,;]{{0,9}})+")
"""A line of formulas and nothing else: they are displayed."""
LOST = HOLE
"""Stands for words that are lost: the sentence around it is left out."""
UNKNOWN = "\ue026"
"""Stands for a template with arguments that is not known: on a line of its own it was a box, in a sentence it was words."""
MAX_NESTING = 100
"""Templates, links and footnotes inside each other; real pages have some ten."""


_MARKUP = re.compile("<[^<>]{0,300}>|'{2,5}|[\ue000-\uf8ff]")


class Piece(NamedTuple):
    """A formula, or a block that stands alone, set aside while the text around it is put together."""

    kind: Literal["maths", "display", "block"]
    text: str


@dataclass(slots=True)
class Reading:
    """The state of one page."""

    wiki: Wiki
    title: str
    formulas: Formulas = field(default_factory=Formulas)
    footnotes: Footnotes = field(default_factory=Footnotes)
    categories: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    templates: set[str] = field(default_factory=set)
    pieces: list[Piece] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    is_too_deep: bool = False
    marks: Marks = field(init=False)

    def __post_init__(self) -> None:
        self.marks = Marks(self.footnotes.references, untitled=self.footnotes.untitled)

    def put_aside(self, kind: Literal["maths", "display", "block"], text: str) -> str:
        """A placeholder for a formula or block."""
        self.pieces.append(Piece(kind, text))
        return f"{_OPEN}{len(self.pieces) - 1}{_CLOSE}"

    def maths(self, tex: str, display: bool = False) -> str:
        """A placeholder for the formula, "" where it is empty."""
        latex = self.formulas.latex(tex)
        return self.put_aside("display" if display else "maths", latex) if latex else ""

    def code(self, code: str, language: str = "") -> str:
        """A placeholder for code: a fenced block where it has several lines."""
        code = code.strip("\n").rstrip()
        if not code.strip():
            return ""
        if "\n" not in code and not language:
            code = code.strip()
            return self.marks.hold(f"`{code}`") if "`" not in code else self.marks.hold(code)
        return self.put_aside("block", fenced(code, language))

    def readable(self, text: str) -> str:
        r"""The text on one line with its formulas as `\( ... \)`, for the remarks beside an equation."""
        text = PIECE.sub(lambda match: markup.inline_maths(self.pieces[int(match[1])].text), text)
        return " ".join(html.unescape(_MARKUP.sub("", text)).split())

    def script(self, text: str, is_super: bool) -> str:
        """A superscript or subscript, where its text is plain; else as it is."""
        if not text.strip() or PRIVATE.search(text):
            return text
        if markup.control_tokens(text):
            return text
        return self.marks.hold(veil(script(text, is_super)))


def fenced(code: str, language: str = "") -> str:
    """The code as a fenced block, the fence longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
