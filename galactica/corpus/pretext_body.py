"""Chapters in PreTeXt as blocks of the document language: divisions, theorems, formulas, exercises, tables, code.

Source: the PreTeXt schema (https://pretextbook.org/doc/guide/html/schema.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from galactica.corpus.markdown_scan import dedented
from galactica.corpus.marks import PLACEHOLDERS
from galactica.corpus.numbered_works import marked
from galactica.corpus.prose import PRIVATE, Prose, add_paragraph, has_words
from galactica.corpus.tables import markdown_grid, one_line

MAX_OPENING = 2_000
"""Characters of what introduces a group of exercises; it is repeated before each of them."""

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DIVISIONS = _words("part chapter appendix section subsection subsubsection worksheet handout")
STATEMENTS = _words(
    "theorem lemma corollary proposition algorithm claim fact identity conjecture axiom principle hypothesis "
    "heuristic assumption definition remark convention note observation warning insight example question problem "
    "project activity exploration investigation assemblage computation technology data"
)
_FLOATS = {"figure": "Figure", "table": "Table", "listing": "Listing", "list": "List"}
_GROUPS = _words(
    "introduction conclusion statement sidebyside sbsgroup case paragraphs subexercises exercisegroup aside "
    "biographical historical stack task li dd postlude prelude preface interlude objectives outcomes blockquote "
    "dedication"
)
_BLOCKS = (
    _GROUPS
    | DIVISIONS
    | STATEMENTS
    | _FLOATS.keys()
    | _words(
        "p me men md mdn ol ul dl image sage program console pre cd tabular proof exercise exercises poem video code-block "
        "hint answer solution"
    )
)
_SKIPPED = _words(
    "title subtitle shorttitle plaintitle caption idx notation image latex-image sageplot asymptote video audio "
    "interactive fn references reading-questions index index-list notation-list solutions metadata docinfo webwork "
    "response instruction cross-references copyright colophon titlepage creator caption usage description see seealso "
    "label program-input tests shortdescription"
)
_SPELT = {
    "ndash": "–", "mdash": "—", "nbsp": " ", "ellipsis": "…", "ie": "i.e.", "eg": "e.g.", "etc": "etc.", "cf": "cf.",
    "vs": "vs.", "etal": "et al.", "viz": "viz.", "ca": "ca.", "ad": "AD", "bc": "BC", "am": "a.m.", "pm": "p.m.", "nb": "N.B.",
    "ps": "P.S.", "tex": "TeX", "latex": "LaTeX", "xetex": "XeTeX", "pretext": "PreTeXt", "times": "×", "degree": "°",
    "prime": "′", "dblprime": "″", "percent": "%", "plusminus": "±", "copyright": "©", "registered": "®", "trademark": "™",
    "lq": "“", "rq": "”", "lsq": "‘", "rsq": "’", "midpoint": "·", "swungdash": "~", "permille": "‰", "pilcrow": "¶",
    "section-mark": "§", "minus": "−", "solidus": "/", "obelus": "÷", "fillin": "____", "webwork": "WeBWorK",
}  # fmt: skip
_AROUND = {
    "q": "“”", "sq": "‘’", "em": "**", "term": "**", "foreign": "**", "pubtitle": "**", "alert": "**", "articletitle": "“”",
    "angles": "⟨⟩", "braces": "{}", "brackets": "[]", "dblbrackets": "⟦⟧",
}  # fmt: skip
_TWICE = re.compile(
    r"\b(Theorem|Lemma|Proposition|Corollary|Definition|Example|Exercise|Figure|Table|Chapter|Remark)s?\s+(?=\1 \d)",
    re.IGNORECASE,
)
_CHARACTERS = PRIVATE | PLACEHOLDERS
_ANSWERS = ("solution", "answer", "hint")
_LIST_STARTS = ("- ", "1. ", "(a) ")


def name(element: etree._Element) -> str:
    """The element's tag without a namespace; "" for comments and the like."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


class Body:
    """Renders one chapter. `labels` say what a cross-reference shows; `exercises` fills with "Question: ... Answer: ..." while
    `blocks` runs."""

    def __init__(self, prose: Prose, labels: Mapping[str, str]) -> None:
        self.prose = prose
        self.exercises: list[str] = []
        self.n_unsolved = 0
        self._labels = labels
        self._numbers = frozenset(key for key in prose.marks.references if key.isdigit())
        self._in_exercise = False
        self._opening: list[str] = []

    def title(self, element: etree._Element) -> str:
        """The element's title on one line, "" where it has none."""
        node = element.find("{*}title")
        return self.line(node) if node is not None else ""

    def line(self, element: etree._Element) -> str:
        """What the element holds, on one line."""
        return one_line(self.blocks(element))

    def blocks(self, element: etree._Element, level: int = 2) -> list[str]:
        """What the element holds, as blocks: running text between blocks is a paragraph."""
        out: list[str] = []
        parts: list[str] = [self._clean(element.text)]
        n_tasks = 0

        def flush() -> None:
            text = _TWICE.sub("", "".join(parts))
            add_paragraph(
                out, self.prose.line(marked(text, self.prose.marks, self._numbers) if self._numbers else text)
            )
            parts.clear()

        for child in element:
            kind = name(child)
            if kind in _BLOCKS and kind not in _SKIPPED:
                flush()
                inner = self._block(child, kind, level)
                n_tasks += kind == "task"
                out += _lettered(n_tasks, inner) if kind == "task" else inner
            else:
                self._inline(child, kind, parts)
            parts.append(self._clean(child.tail))
        flush()
        return out

    def _block(self, element: etree._Element, kind: str, level: int) -> list[str]:
        if kind in DIVISIONS:
            return self._division(element, level)
        if kind in ("me", "men", "md", "mdn"):
            return self._display(element, kind)
        if kind in ("ol", "ul", "dl"):
            return self._list(element, kind, level)
        if kind in STATEMENTS:
            return self._statement(element, kind, level)
        if kind in _FLOATS:
            return self._float(element, level)
        if kind == "tabular":
            return self._table(element)
        if kind in ("sage", "program", "console", "pre", "cd"):
            return self._code(element, kind)
        if kind in ("exercises", "subexercises"):
            self.blocks(element, level)  # they go to the end
            return []
        if kind == "exercisegroup":
            return self._exercise_group(element, level)
        if kind == "exercise":
            return self._exercise(element, level)
        if kind in _ANSWERS and self._in_exercise:
            return []
        if kind == "proof" or kind in _ANSWERS:
            return _opened(f"{kind.capitalize()}.", self.blocks(element, level))
        if kind == "paragraphs":
            return _opened(self.title(element), self.blocks(element, level))
        return self.blocks(element, level)

    def _division(self, element: etree._Element, level: int) -> list[str]:
        inner = self.blocks(element, level + 1)
        title = self.title(element)
        return [f"{'#' * min(level, 5)} {title}", *inner] if inner and title else inner

    def _statement(self, element: etree._Element, kind: str, level: int) -> list[str]:
        """ "**Theorem 3.14 (Title)**", the statement, and its proof."""
        label = self._labels.get(element.get(XML_ID, ""), kind.capitalize())
        title = self.title(element)
        head = f"{label} ({title})" if title else label
        inner = self.blocks(element, level)
        return [f"**{head}**", *inner] if inner else []

    def _exercise(self, element: etree._Element, level: int) -> list[str]:
        """No block: a solved exercise goes to `exercises`."""
        was_in, self._in_exercise = self._in_exercise, True
        problem = self.blocks(element, level)
        answer = next(filter(None, (self._answer(element, wanted, level) for wanted in _ANSWERS)), None)
        self._in_exercise = was_in
        if not problem or answer is None:
            self.n_unsolved += 1
            return []
        problem = [*self._opening, *problem]
        self.exercises.append(
            "\n\n".join([f"Question: {problem[0]}", *problem[1:], f"Answer: {answer[0]}", *answer[1:]])
        )
        return []

    def _answer(self, element: etree._Element, wanted: str, level: int) -> list[str]:
        """What an exercise has of this kind, else what its tasks have."""
        if own := [block for node in element if name(node) == wanted for block in self.blocks(node, level)]:
            return own
        tasks = [self._answer(node, wanted, level) for node in element if name(node) == "task"]
        return [block for number, inner in enumerate(tasks, 1) for block in _lettered(number, inner)]

    def _exercise_group(self, element: etree._Element, level: int) -> list[str]:
        """No block: exercises that share what introduces them."""
        before = self._opening
        opening = [block for node in element.findall("{*}introduction") for block in self.blocks(node, level)]
        self._opening = opening if sum(map(len, opening)) <= MAX_OPENING else []
        for child in element:
            if name(child) == "exercise":
                self._exercise(child, level)
        self._opening = before
        return []

    def _display(self, element: etree._Element, kind: str) -> list[str]:
        if kind.startswith("me"):
            return self.prose.display_maths(self._tex(element))
        out: list[str] = []
        rows: list[str] = []
        for child in element:
            if name(child) == "mrow":
                rows.append(self._tex(child))
            elif name(child) == "intertext":
                out += [*self._rows(rows), *self.blocks(child)]
                rows = []
        return out + self._rows(rows or ([self._tex(element)] if not out else []))

    def _rows(self, rows: list[str]) -> list[str]:
        tex = r" \\ ".join(rows)
        return (
            self.prose.display_maths(rf"\begin{{align*}}{tex}\end{{align*}}" if len(rows) > 1 or "&" in tex else tex)
            if tex.strip()
            else []
        )

    def _tex(self, element: etree._Element) -> str:
        """The formula's LaTeX; text that an author put into elements inside it is text of the formula."""
        parts = [element.text or ""]
        for child in element:
            if name(child) == "xref":
                parts.append(rf"\text{{{self._labels.get(child.get('ref', ''), 'above')}}}")
            elif name(child) == "fillin":
                parts.append(r"\underline{\quad}")
            elif name(child) not in _SKIPPED:
                parts.append("".join(str(part) for part in child.itertext()))
            parts.append(child.tail or "")
        return "".join(parts)

    def _list(self, element: etree._Element, kind: str, level: int) -> list[str]:
        items: list[str] = []
        is_tight = True
        for item in element:
            if name(item) != "li":
                continue
            inner = self.blocks(item, level)
            if title := self.title(item):
                inner = _opened(title if kind == "dl" else f"{title}.", inner)
            if not inner:
                continue
            mark = self._mark(element, len(items) + 1) if kind == "ol" else "- " if kind == "ul" else ""
            are_lists = all(part.startswith(_LIST_STARTS) for part in inner[1:])
            is_tight = is_tight and are_lists
            body = ("\n" if are_lists else "\n\n").join(inner)
            indent = " " * min(len(mark), 3)  # behind "(a)", which opens no list in Markdown, four would mean code
            items.append(mark + "\n".join(f"{indent}{row}" if row else "" for row in body.split("\n")).lstrip())
        return [("\n" if is_tight and kind != "dl" else "\n\n").join(items)] if items else []

    def _mark(self, element: etree._Element, number: int) -> str:
        """An item's number; parts of an exercise have letters, which its answer names."""
        marker = element.get("marker") or element.get("label") or ("(a)" if self._in_exercise else "1.")
        return f"{_letter(number)} " if "a" in marker.lower() else f"{number}. "

    def _float(self, element: etree._Element, level: int) -> list[str]:
        caption = element.find("{*}caption")
        text = self.line(caption) if caption is not None else self.title(element)
        inner = self.blocks(element, level)
        label = self._labels.get(element.get(XML_ID, ""), _FLOATS[name(element)])
        return [f"{label}: {text}", *inner] if has_words(text) else inner

    def _table(self, element: etree._Element) -> list[str]:
        rows = []
        for row in element.findall("{*}row"):
            cells: list[str] = []
            for cell in row.findall("{*}cell"):
                span = cell.get("colspan", "1")
                width = int(span) if span.isascii() and span.isdigit() and len(span) < 3 else 1
                cells += [self.line(cell).replace("|", "/"), *[""] * (width - 1)]
            rows.append(cells)
        return markdown_grid(rows, 1)

    def _code(self, element: etree._Element, kind: str) -> list[str]:
        if kind in ("pre", "cd"):
            lines = element.findall("{*}cline") or element.findall("{*}line")
            text = (
                "\n".join(line.text or "" for line in lines)
                if lines
                else "".join(str(part) for part in element.itertext())
            )
            return self.prose.code_block(self._dedented(text))
        out: list[str] = []
        for child in [element, *element] if kind == "program" else list(element):
            if name(child) in ("input", "code") or (name(child) == "program" and (child.text or "").strip()):
                language = "python" if kind == "sage" else element.get("language", "")
                out += self.prose.code_block(self._dedented(child.text or ""), language if language.isalnum() else "")
            elif name(child) == "output":
                out += self.prose.code_block(self._dedented(child.text or ""))
        return out

    @staticmethod
    def _dedented(text: str) -> str:
        first, newline, rest = text.expandtabs(4).partition("\n")
        return (
            dedented(rest.split("\n")).strip("\n")
            if not first.strip() and newline
            else dedented(text.split("\n")).strip("\n")
        )

    @staticmethod
    def _clean(text: str | None) -> str:
        return (text or "").translate(_CHARACTERS)

    def _inline(self, child: etree._Element, kind: str, parts: list[str]) -> None:
        if not kind or kind in _SKIPPED:
            return
        if kind == "m":
            parts.append(self.prose.inline_maths(self._tex(child)))
        elif kind in ("c", "kbd", "icon", "tag", "tage", "attr"):
            parts.append(self.prose.code("".join(str(part) for part in child.itertext())))
        elif kind == "xref":
            self._pointer(child, parts)
        elif kind == "url":
            self._inside(child, parts) if (child.text or len(child)) else parts.append(
                child.get("visual") or child.get("href") or ""
            )
        elif kind in _SPELT and not (child.text or "").strip():
            parts.append(_SPELT[kind])
        elif kind in _AROUND:
            sign = _AROUND[kind]
            inner: list[str] = []
            self._inside(child, inner)
            text = "".join(inner)
            parts.append(f"{sign[0]}{text.strip() if sign == '**' else text}{sign[-1]}" if has_words(text) else text)
        else:
            self._inside(child, parts)

    def _inside(self, element: etree._Element, parts: list[str]) -> None:
        parts.append(self._clean(element.text))
        for child in element:
            self._inline(child, name(child), parts)
            parts.append(self._clean(child.tail))

    def _pointer(self, child: etree._Element, parts: list[str]) -> None:
        """A cross-reference: the author's words for it, the marks of works, or the kind and number of what it points to."""
        targets = (child.get("ref") or child.get("first") or "").replace(",", " ").split()
        cited = [target for target in targets if target in self.prose.marks.references]
        if cited:
            parts.append(f"[{self.prose.cite(cited)}]")
        elif (child.text or "").strip() or len(child):
            self._inside(child, parts)
        else:
            last = self._labels.get(child.get("last", ""))
            shown = [self._labels.get(target, "above") for target in targets] or ["above"]
            parts.append(" and ".join(dict.fromkeys(shown)) + (f" to {last}" if last else ""))


def _opened(head: str, inner: list[str]) -> list[str]:
    """The blocks with a bold head before the first of them."""
    if not inner or not head:
        return inner
    if inner[0][:1] in "\\|`#-" or inner[0].startswith((*_LIST_STARTS, "**")):
        return [f"**{head}**", *inner]
    return [f"**{head}** {inner[0]}", *inner[1:]]


def _letter(number: int) -> str:
    return f"({chr(96 + number)})" if number <= 26 else f"({number})"


def _lettered(number: int, inner: list[str]) -> list[str]:
    """The blocks of a part of an exercise behind its letter."""
    return [f"{_letter(number)} {inner[0]}", *inner[1:]] if inner else []
