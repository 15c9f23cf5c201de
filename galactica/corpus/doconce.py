r"""DocOnce -> Markdown that `markdown.py` reads: headings, blocks between `!b...` and `!e...`, lists, tables, labels, links.

Source: the DocOnce manual (https://doconce.github.io/doconce/doc/pub/manual/manual.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_HEADING = re.compile(r"\s{0,8}(={3,9})\s{0,4}(\S[^\n]{0,500}?)\s{0,4}\1\s*$")
_FIELD = re.compile(r"(TITLE|AUTHOR|DATE|TOC|BIBFILE|URL|MOVIE|KEYWORDS?|LOGO|COPYRIGHT):(?:\s|$)")
_FIGURE = re.compile(r"FIGURE:\s{0,4}\[[^\[\]]{0,500}\](.*)")
_BEGIN = re.compile(r"!b([a-z]{1,20})(?:\s+(\S.*))?\s*$")
_END = re.compile(r"!e([a-z]{1,20})\s*$")
_ALONE = re.compile(r"!split\b.*|!bpop\b.*|!epop\b.*|@@@\w+.*|file\s*=.*|(?:solutions?|keywords)\s*=.*|-{3,}\s*")
_ITEM = re.compile(r"( {0,40})([*o-]) {1,6}(\S.*)")
_DESCRIBED = re.compile(r"([^:$`]{1,80}): ")
_LABEL = re.compile(r"\s?\\?(?<![a-zA-Z])label\{([^{}\n]{1,200})\}")
_INDEX = re.compile(r"(?<![\\\w])(?:idx|index)\{[^{}\n]{0,300}\}")
_REF = re.compile(r"\(?(?<![\\\w])\\?ref\{([^{}\n]{1,200})\}\)?")
_NOUN = re.compile(
    r"\b(?:Eqs?\.|Equations?|Fig\.|Figures?|Sec\.|Sections?|Chapters?|Exercises?|Problems?|Tables?)[~ ]{0,2}$", re.I
)
_CITE = re.compile(r"(?<![\\\w])cite(?:\[[^\[\]\n]{0,200}\])?\{([^{}\n]{1,500})\}")
_LINK = re.compile(r"\"([^\"\n]{1,300})\"\s?:\s{0,3}\"(?:https?|ftp|mailto|file)?[^\"\s]{1,1000}\"")
_BROKEN_LINK = re.compile(
    r"(\"[^\"\n]{1,200})\n([^\"\n]{1,200}\"\s?:\s{0,3}\"(?:https?|ftp)[^\"\s]{1,1000}\")|(\"[^\"\n]{1,300}\"\s?:)\n(\"(?:https?|ftp)[^\"\s]{1,1000}\")"
)
"""A link whose line ends inside it."""
_ADDRESS = re.compile(r"(?<!\w)URL:\s?\"([^\"\s]{1,1000})\"|\\url\{([^{}\s]{1,500})\}")
_BOLD = re.compile(r"(?<![\w\\$}{^_])_(?=[^\s_])([^_\n$\\]{1,200}?)(?<=\S)_(?![\w{])")
_PARAGRAPH_HEADING = re.compile(r"__(\S[^_\n]{0,200}?)__")
_COLOUR = re.compile(r"(?<![\\\w])color\{[a-zA-Z]{1,30}\}\{([^{}\n]{0,500})\}")
_COMMENT = re.compile(r"(?<!\])\[[a-z]{2,10}: [A-Z][^\[\]\n]{0,500}\](?![(\[])")
_SPAN = re.compile(r"(`[^`\n]{1,500}`|\$[^$\n]{1,1000}\$)")
_MAKO = re.compile(r"^(?:\$\{\s*\w+\(|<%(?:def|include|block)\b)", re.MULTILINE)
_RULE = re.compile(r"\|[-lcr| ]{3,}\|?\s*$")
_ENVIRONMENT = re.compile(r"\s*\\begin\{([a-zA-Z]{1,20}\*?)\}")
_DISPLAY = re.compile(r"(?<!\\)\\\[")
_EQUATION_LABEL = re.compile(r"\\?(?<![a-zA-Z])label\{([^{}\n]{1,200})\}")

_LANGUAGES = {
    "py": "python", "cy": "python", "pysc": "python", "ip": "python", "f": "fortran", "for": "fortran", "c": "c", "cpp": "cpp",
    "ccp": "cpp", "sh": "bash", "m": "matlab", "mat": "matlab", "r": "r", "js": "javascript", "java": "java", "html": "html",
    "jl": "julia",
}  # fmt: skip
_CODE_KIND = re.compile(r"([a-z]{1,4}?)(?:scpro|pro|code|cod|shell)\b")
_TITLED = {
    "ans": "Answer.", "sol": "Solution.", "hint": "Hint.", "remarks": "Remarks", "summary": "Summary", "warning": "Warning",
    "question": "Question", "notice": "Notice",
}  # fmt: skip
"""Blocks that say what they are where they give no title of their own."""


class Page(NamedTuple):
    """A document in Markdown: its title, the licence that its authors state, its text."""

    title: str
    licence: str
    text: str


def is_template(text: str) -> bool:
    """Whether the text is made by Mako functions that only running it would call."""
    return _MAKO.search(text) is not None


def to_markdown(text: str) -> Page:
    """The document in Markdown."""
    text = _BROKEN_LINK.sub(_on_one_line, _without_mako(text).expandtabs(4))
    translation = _Translation(text.split("\n"))
    lines = list(translation.lines())
    return Page(translation.title, translation.licence, "\n".join(lines))


def _without_mako(text: str) -> str:
    """The text without Mako's blocks of Python."""
    out, at = [], 0
    while (start := text.find("<%", at)) >= 0 and (end := text.find("%>", start)) >= 0:
        out.append(text[at:start])
        at = end + 2
    return "".join([*out, text[at:]])


def _on_one_line(match: re.Match[str]) -> str:
    return f"{match[1] or match[3]} {match[2] or match[4]}"


class _Translation:
    """Translates the lines of one document."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.title = self.licence = ""
        self._shown = _labels(lines)
        self._n_figures = self._n_subexercises = 0
        self._list = _List()
        self._choices: list[str] = []

    def lines(self) -> Iterator[str]:
        at = 0
        while at < len(self._lines):
            line = self._lines[at].rstrip()
            at += 1
            if (match := _BEGIN.match(line)) is not None and match[1] in ("c", "t"):
                end = _end_of(self._lines, at, match[1])
                yield from self._list.interrupted()
                inside = self._lines[at:end]
                yield from _code(match[2] or "", inside) if match[1] == "c" else _formula(inside)
                at = end + 1
            elif line[:1] == "|" and _RULE.match(line):
                end = next((n for n in range(at, len(self._lines)) if self._lines[n][:1] != "|"), len(self._lines))
                yield from self._list.ended()
                yield from self._table(self._lines[at - 1 : end])
                at = end
            else:
                yield from self._line(line)

    def _line(self, line: str) -> Iterator[str]:
        if (line and line[0] in "#%") or _ALONE.fullmatch(line.strip()):
            return  # a comment, a directive of the preprocessors, or of slides alone
        if (match := _FIELD.match(line)) is not None:
            self._field(match[1], line[match.end() :].strip())
        elif (match := _HEADING.match(line)) is not None:
            yield from self._list.ended()
            self._n_subexercises = 0
            title = re.sub(r"^\{(\w{1,20})\}(?=:)", r"\1", match[2])
            yield from ("", f"{'#' * (6 - (len(match[1]) - 1) // 2)} {self._inline(title)}", "")
        elif (match := _FIGURE.match(line)) is not None:
            yield from self._list.ended()
            if caption := self._inline(match[1]).strip():
                self._n_figures += 1
                yield from ("", f"Figure {self._n_figures}: {caption}")
        elif (match := _BEGIN.match(line)) is not None:
            yield from self._list.ended()
            yield from ("", *self._opened(match[1], (match[2] or "").strip()), "")
        elif (match := _END.match(line)) is not None:
            yield from self._list.ended()
            yield from ("", *self._closed(match[1]), "")
        elif (match := _QUIZ.match(line)) is not None:
            yield from self._quiz(match[1], match[2])
        else:
            yield from self._list.line(line, self._inline)

    def _field(self, name: str, value: str) -> None:
        if name == "TITLE" and not self.title:
            self.title = self._inline(value).strip()
        elif (
            name == "AUTHOR"
            and not self.licence
            and (match := re.search(r"\{copyright[^{}|]*\|([^{}]{1,100})\}", value))
        ):
            self.licence = match[1].strip()

    def _opened(self, name: str, title: str) -> list[str]:
        if name == "subex":
            self._n_subexercises += 1
            return [f"**{chr(96 + min(self._n_subexercises, 26))})**"]
        if name == "quiz":
            self._choices = []
        title = re.sub(r"^\([^()]{0,40}\)\s*", "", title)  # sizes of a box
        title = self._inline(title) if name not in ("slidecell", "quiz") else ""
        title = title or _TITLED.get(name, "")
        return [f"**{title.strip('* ')}**"] if title else []

    def _closed(self, name: str) -> list[str]:
        if name != "quiz" or not self._choices:
            return []
        choices, self._choices = self._choices, []
        return [f"**Answer.** {'; '.join(choice.rstrip('.') for choice in choices)}."]

    def _quiz(self, kind: str, text: str) -> Iterator[str]:
        text = self._inline(text)
        if kind == "Q":
            yield from ("", f"**Question.** {text}", "")
        elif kind == "E":
            yield from ("", f"  Explanation: {text}")
        elif kind[0] == "C":
            if kind == "Cr":
                self._choices.append(text)
            yield from ("", f"- {_NUMBER.sub(lambda match: f'{match[1]}{chr(92)}{match[2]}', text)}")

    def _table(self, rows: list[str]) -> Iterator[str]:
        """A table between rules of hyphens; what stands before the second rule is its head."""
        cells: list[list[str]] = []
        n_rules, n_header = 0, 0
        for row in rows:
            if _RULE.match(row):
                n_rules += 1
                n_header = len(cells) if n_rules == 2 else n_header
            elif any(found := [self._inline(cell).strip() for cell in row.strip().strip("|").split("|")]):
                cells.append(found)
        if not cells:
            return
        head, body = (cells[:1], cells[1:]) if n_header else ([[""] * len(cells[0])], cells)
        yield from ("", f"| {' | '.join(head[0])} |", "|" + " --- |" * len(head[0]))
        yield from (f"| {' | '.join(row)} |" for row in body)
        yield ""

    def _inline(self, text: str) -> str:
        """Running text with its marks in Markdown's form; code and formulas as they are."""
        parts = _SPAN.split(text)
        parts[::2] = [self._marks(part) for part in parts[::2]]
        parts[1::2] = [f"${part[1:-1].strip()}$" if part[0] == "$" else part for part in parts[1::2]]
        return "".join(parts)

    def _marks(self, text: str) -> str:
        if "{" in text:
            text = _INDEX.sub("", _LABEL.sub("", text))
            text = _COLOUR.sub(r"\1", _CITE.sub(_cited, text))
            text = _pointed(text, self._shown)
        if '"' in text or "\\url" in text:
            text = _ADDRESS.sub(lambda match: match[1] or match[2], _LINK.sub(r"\1", text))
        text = _COMMENT.sub("", text).replace("<linebreak>", "  ").replace("~", " ")
        return _BOLD.sub(r"**\1**", _PARAGRAPH_HEADING.sub(r"**\1**", text))


_NUMBER = re.compile(r"^(\d{1,9})([.)])")
_QUIZ = re.compile(r"(Q|C[rw]|E|K):\s(.*)")


def _cited(match: re.Match[str]) -> str:
    keys = [key.strip() for key in match[1].split(",")]
    return f"[{'; '.join(f'@{{{key}}}' for key in keys if key)}]"


def _pointed(text: str, shown: dict[str, str]) -> str:
    """The text with what its references point to, in place of "Section ref{x}" or "(ref{x})"."""
    out, at = "", 0
    for match in _REF.finditer(text):
        before = text[at : match.start()]
        noun = _NOUN.search(before[-20:])
        if noun is not None:
            before = before[: len(before) - len(noun[0])]
        kind = (
            noun[0].strip("~ ").rstrip(".").lower()
            if noun is not None
            else "equation"
            if match[0][0] == "("
            else "section"
        )
        kind = {"eq": "equation", "eqs": "equation", "fig": "figure", "sec": "section"}.get(kind, kind)
        out += before + shown.get(match[1], f"the {kind}")
        at = match.end()
    return out + text[at:]


def _labels(lines: list[str]) -> dict[str, str]:
    """What each label of a document shows where it is pointed to: the title of a section, the number of a figure or formula."""
    shown: dict[str, str] = {}
    title, n_figures, n_equations, inside = "", 0, 0, ""
    for line in lines:
        bare = line.rstrip()
        if (match := _BEGIN.match(bare)) is not None and match[1] in ("c", "t"):
            inside = inside or match[1]
        elif bare == f"!e{inside}":
            inside = ""
        elif inside == "t":
            for label in _EQUATION_LABEL.findall(line):
                n_equations += 1
                shown.setdefault(label, f"Equation {n_equations}")
        elif not inside and (match := _HEADING.match(bare)) is not None:
            title = _LABEL.sub("", match[2]).strip("{}")
            shown |= dict.fromkeys(_LABEL.findall(line), f"“{title}”")
        elif not inside and (match := _FIGURE.match(bare)) is not None:
            n_figures += bool(_LABEL.sub("", match[1]).strip())
            shown |= dict.fromkeys(_LABEL.findall(match[1]), f"Figure {n_figures}")
        elif not inside and title:
            shown |= {label: f"“{title}”" for label in _LABEL.findall(line) if label not in shown}
    return shown


def _end_of(lines: list[str], at: int, kind: str) -> int:
    """The line that ends a block of code or formulas; the end of the text where none does."""
    return next((number for number in range(at, len(lines)) if lines[number].strip() == f"!e{kind}"), len(lines))


def _code(kind: str, inside: list[str]) -> list[str]:
    match = _CODE_KIND.match(kind)
    language = _LANGUAGES.get(match[1] if match else kind.split(" ")[0], "")
    longest = max((len(line) - len(line.lstrip("~")) for line in inside), default=0)
    fence = "~" * min(max(3, longest + 1), 40)
    return ["", f"{fence}{language}", *inside, fence, ""]


def _formula(inside: list[str]) -> list[str]:
    tex = _EQUATION_LABEL.sub("", "\n".join(line.strip() for line in inside if line.strip()))
    if _ENVIRONMENT.match(tex) or len(_DISPLAY.findall(tex)) > 1:
        return ["", tex, ""]
    tex = re.sub(r"^\s*\\\[|\\\]\s*$", "", tex)
    return ["", f"$$\n{tex}\n$$", ""] if tex.strip() else []


class _List:
    """Turns indented items into a list of Markdown. Text after a formula or code may go on with the numbers before it."""

    def __init__(self) -> None:
        self._indents: list[int] = []
        self._numbers: list[int] = []
        self._was_blank = False
        self._is_open = False

    def ended(self) -> list[str]:
        """What closes the list, if one is open."""
        was_open, self._is_open = self._is_open, False
        self._indents, self._numbers = [], []
        return [""] if was_open else []

    def interrupted(self) -> list[str]:
        """What closes the list so that later items count on."""
        was_open, self._is_open = self._is_open, False
        return [""] if was_open else []

    def line(self, line: str, inline: Callable[[str], str]) -> list[str]:
        """A line of an item, or of running text."""
        if not line.strip():
            self._was_blank = True
            return [""]
        was_blank, self._was_blank = self._was_blank, False
        if (match := _ITEM.fullmatch(line)) is not None and not (match[2] == "-" and not match[1]):
            return self._item(len(match[1]), match[2], match[3], inline)
        indent = len(line) - len(line.lstrip())
        if self._is_open and (not was_blank or indent > self._indents[0]):
            return [" " * (3 * len(self._indents)) + inline(line.strip())]
        return [*(self.ended() if indent == 0 and was_blank else []), inline(line.strip())]

    def _item(self, indent: int, mark: str, text: str, inline: Callable[[str], str]) -> list[str]:
        opened = [] if self._is_open else [""]
        self._is_open = True
        while self._indents and indent < self._indents[-1]:
            self._indents.pop()
            self._numbers.pop()
        if not self._indents or (indent > self._indents[-1] and len(self._indents) < 8):
            self._indents.append(indent)
            self._numbers.append(0)
        self._numbers[-1] += mark == "o"
        if mark == "-":
            text = _DESCRIBED.sub(r"_\1_: ", text, count=1)
        shown = f"{self._numbers[-1]}." if mark == "o" else "-"
        return [*opened, f"{' ' * (3 * len(self._indents) - 3)}{shown} {inline(text)}"]
