r"""The tree of a document as blocks of Markdown: paragraphs, headings, formulas, theorems, lists, tables, captions.

References to labels stay placeholders until all labels are known (`pointers.py`); `inline.py` has what is done at commands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from galactica import markup
from galactica.corpus.latex import citing, maths
from galactica.corpus.latex.blocks import write_environment
from galactica.corpus.latex.commands import CHARACTERS, REFERENCES
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.inline import COMMANDS, unknown
from galactica.corpus.latex.numbering import Numbering
from galactica.corpus.latex.pointers import CLOSE, OPEN, Pointer, Target
from galactica.corpus.latex.tokens import BLOCK_CODE, INLINE_CODE, PARAGRAPH, PICTURE
from galactica.corpus.latex.tree import Group, Maths, Node, parse
from galactica.corpus.marks import HOLE, Marks, divided
from galactica.corpus.scripts import script
from galactica.corpus.tables import one_line

_BETWEEN_ROWS = frozenset(("\\intertext", "\\shortintertext"))
_DISPLAY = "\ue006"
"""Around a displayed formula in its paragraph."""
_FILLED_BY = (citing,)  # it fills the table of commands
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z\ue002])")
_TYPOGRAPHY = re.compile(r"``|''|`|-{2,3}")
_TYPED = {"``": "“", "''": "”", "`": "'", "---": "—", "--": "–"}
_SCRIPT_ALONE = re.compile(
    r"\s*(?:\{\})?([\^_])\s*"
    r"(?:\{\s*(?:\\(?:text|mathrm|rm) ?\{?)?([\w+\-−,*\s]{1,20}?)\}{0,2}|\{?\s*(\w|\\circ|\\prime|\\ast|\\dagger)\s*\}?)\s*"
)
_SCRIPT_SIGNS = {"\\circ": "°", "\\prime": "′", "\\ast": "*", "\\dagger": "†"}


class Writer:
    """Writes one document. `marks` resolves its citations; `top` is the level of the sections that get a single `#`."""

    def __init__(
        self,
        definitions: Definitions,
        marks: Marks,
        names: dict[str, tuple[str, str]],
        top: int = 2,
        chapter: int | None = 0,
    ) -> None:
        self.definitions = definitions
        self.marks = marks
        self.names = names  # citation key -> what a citation in the sentence shows: authors and year
        self.top = top
        within = {theorem.counter: theorem.within for theorem in definitions.theorems.values() if theorem.within}
        self.numbering = Numbering({**within, **definitions.within}, chapter)
        self.labels: dict[str, Target] = {}
        self.pointers: list[Pointer] = []
        self.front: dict[str, list[list[Node]]] = {}
        self.abstract: list[str] = []
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()
        self.target = Target("Section", "")  # what a label stands at
        self.is_code = False
        self.head = ""  # the heading in the line of the paragraph that is open
        self.parts: list[str] = []
        self.blocks: list[str] = []
        self.waiting: list[str] = []  # floats that stand in the middle of a paragraph

    # --- text -------------------------------------------------------------------------------------------------------------

    def write(self, nodes: Sequence[Node]) -> list[str]:
        """The blocks of a document's body."""
        return self.captured_blocks(nodes)

    def run(self, nodes: Sequence[Node]) -> None:
        """Writes nodes into the paragraph and the blocks that are open."""
        at, end = 0, len(nodes)
        while at < end:
            node = nodes[at]
            at += 1
            if isinstance(node, str):
                if node[0] == "\\":
                    at = self._command(node, nodes, at)
                else:
                    self._text(node)
            elif isinstance(node, Group):
                self.run(node.nodes)
            elif isinstance(node, Maths):
                self._maths(node)
            else:
                write_environment(self, node)

    def _text(self, token: str) -> None:
        if token == PARAGRAPH:
            self.end_paragraph()
        elif token[0] == "\x00":
            self._verbatim(token)
        elif token[0] in "~&":
            self.parts.append(" ")
        elif token[0] not in "$\x02#":
            self.parts.append(token if self.is_code else _TYPOGRAPHY.sub(lambda match: _TYPED[match[0]], token))

    def _verbatim(self, token: str) -> None:
        if token == PICTURE:
            self.lose()
            return
        code = token[2:]
        if token.startswith(INLINE_CODE):
            self.parts.append(self.marks.hold(f"`{code}`") if code.strip() and "`" not in code else code)
        elif token.startswith(BLOCK_CODE) and code.strip():
            self.flush()
            code = "\n".join(line.rstrip() for line in code.strip("\n").split("\n"))
            self.blocks.append(f"```\n{code}\n```")

    def _command(self, token: str, nodes: Sequence[Node], at: int) -> int:
        handler = COMMANDS.get(token)
        if handler is not None:
            return handler(self, token, nodes, at)
        if (character := CHARACTERS.get(token)) is not None:
            is_cut = character == "…" and at < len(nodes) and isinstance(after := nodes[at], str) and after[0].isalpha()
            self.parts.append(f"{character} " if is_cut else character)
            return at
        if token[-1] == "*" and len(token) > 2 and (handler := COMMANDS.get(token[:-1])) is not None:
            return handler(self, token, nodes, at)
        return unknown(self, token, nodes, at)

    def begin(self, head: str) -> None:
        """Begins a paragraph with a heading in its line."""
        self.flush()
        self.head = f"**{head}** "
        self.parts.append(self.head)

    def end_paragraph(self) -> None:
        """Ends the paragraph, unless nothing but a heading in its line stands there yet."""
        if not self.head or "".join(self.parts).strip() != self.head.strip():
            self.flush()

    def lose(self, closes: bool = False) -> None:
        """Passes over something that cannot be shown: the sentence that leads to it goes. `closes` where its full stop went too."""
        if any(part.strip() for part in self.parts):
            self.parts.append(f" {HOLE}{'.' if closes else ''} ")
        elif self.blocks and self.blocks[-1].endswith(":") and "\n" not in self.blocks[-1]:
            sentences = _SENTENCE_END.split(self.blocks.pop())
            self.blocks += [" ".join(sentences[:-1])] if len(sentences) > 1 else []

    def flush(self) -> None:
        """Ends the paragraph: it becomes blocks, and the floats that stood in it follow."""
        if self.parts:
            n_pending = len(self.marks.pending)
            text = self.marks.resolve("".join(self.parts))
            if _DISPLAY in text:
                self.marks.pending[n_pending:] = [
                    piece for passage in self.marks.pending[n_pending:] for piece in divided(passage, _DISPLAY)
                ]
            self.parts.clear()
            self.head = ""
            self._paragraph(text.split(_DISPLAY) if _DISPLAY in text else [text])
        if self.waiting:
            self.blocks += self.waiting
            self.waiting = []

    def _paragraph(self, pieces: list[str]) -> None:
        """Text and displayed formulas in turn; a stop or comma behind a formula goes into it."""
        for index, piece in enumerate(pieces):
            text = piece.strip()
            if index % 2:
                self.blocks.append(text)
                continue
            if index and text[:1] in (".", ",", ";", ":") and self.blocks and self.blocks[-1].endswith(r" \]"):
                self.blocks[-1] = f"{self.blocks[-1][:-3]}{text[0]} \\]"
                text = text[1:].strip()
            if any(character.isalnum() for character in text):
                self.blocks.append(text)

    def captured_blocks(self, nodes: Sequence[Node]) -> list[str]:
        """The nodes as blocks of their own."""
        outer = self.parts, self.blocks, self.waiting, self.head
        self.parts, self.blocks, self.waiting, self.head = [], [], [], ""
        self.run(nodes)
        self.flush()
        found = self.blocks
        self.parts, self.blocks, self.waiting, self.head = outer
        return found

    def captured(self, nodes: Sequence[Node]) -> str:
        """The nodes as text on one line."""
        return " ".join(one_line(self.captured_blocks(nodes)).split())

    # --- formulas -----------------------------------------------------------------------------------------------------------

    def _maths(self, node: Maths) -> None:
        if not _BETWEEN_ROWS.isdisjoint(node.tokens):
            self._rows_with_text(node)
            return
        formula = maths.read(self._with_pointers(node.tokens), node.environment)
        self._number(node, formula)
        if not node.is_display and (written := self._script_alone("".join(node.tokens))) is not None:
            self.parts.append(written)
        elif formula.problem:
            if formula.problem != "empty":
                self.formulas_left_out[formula.problem] += 1
                if node.is_display:
                    self.lose(closes="".join(node.tokens).rstrip().endswith("."))
                else:
                    self.parts.append(HOLE)
        elif node.is_display:
            self.n_formulas += 1
            self.parts.append(f" {_DISPLAY}{self.marks.hold(markup.display_maths(formula.latex))}{_DISPLAY} ")
        else:
            self.n_formulas += 1
            self.parts.append(self.marks.hold(markup.inline_maths(formula.latex)))

    def _with_pointers(self, tokens: list[str]) -> list[str]:
        r"""The tokens with `\ref` as a placeholder in text."""
        if REFERENCES.keys().isdisjoint(tokens):
            return tokens
        out: list[str] = []
        level, texts = 0, [0]
        at = 0
        while at < len(tokens):
            token = tokens[at]
            level += (token == "{") - (token == "}")
            if token == "{" and out and out[-1] in maths.TEXTS:
                texts.append(level)
            elif token == "}" and level < texts[-1]:
                texts.pop()
            if token in REFERENCES and tokens[at + 1 : at + 2] == ["{"] and "}" in tokens[at : at + 40]:
                end = tokens.index("}", at)
                place = self.pointer("".join(tokens[at + 2 : end]), REFERENCES[token])
                out += [place] if len(texts) > 1 else ["\\text", "{", place, "}"]
                at = end + 1
                continue
            out.append(token)
            at += 1
        return out

    def pointer(self, labels: str, manner: str) -> str:
        """The placeholder of a reference to labels (with commas between them)."""
        names = tuple(label for part in labels.split(",") if (label := part.strip()))
        if not names:
            return ""
        self.pointers.append(Pointer(names, manner))
        return f"{OPEN}{len(self.pointers) - 1}{CLOSE}"

    def _number(self, node: Maths, formula: maths.Formula) -> None:
        first = self.numbering.values["equation"]
        if formula.n_numbered:
            self.numbering.step("equation", formula.n_numbered)
        last = self.numbering.number("equation")
        before, dot, _ = last.rpartition(".")
        for label, row in formula.labels:
            number = f"{before}{dot}{first + min(row, max(formula.n_numbered, 1))}" if formula.n_numbered else ""
            self.labels[label] = Target("Equation", number)

    def _rows_with_text(self, node: Maths) -> None:
        """A display that text interrupts, as displays with the text between them."""
        tokens, rows = node.tokens, 0
        at = 0
        while at < len(tokens):
            if tokens[at] not in _BETWEEN_ROWS:
                at += 1
                continue
            end, level = at + 1, 0
            while end < len(tokens):
                level += (tokens[end] == "{") - (tokens[end] == "}")
                end += 1
                if not level:
                    break
            self._maths(Maths(_without_break(tokens[rows:at]), True, node.environment))
            inside = tokens[at + 2 : end - 1]
            if _BETWEEN_ROWS.isdisjoint(inside):
                self.run(parse(inside))
            at = rows = end
        self._maths(Maths(tokens[rows:], True, node.environment))

    def _script_alone(self, latex: str) -> str | None:
        """A script that has its base in the text ("CO$_2$", "10$^{-3}$") as text; None for any other formula."""
        if len(latex) > 40 or (match := _SCRIPT_ALONE.fullmatch(latex)) is None:
            return None
        text = (match[2] or match[3]).strip()
        if not text:
            return ""
        return self.marks.hold(script(_SCRIPT_SIGNS.get(text, text), match[1] == "^"))


def _without_break(tokens: list[str]) -> list[str]:
    """The rows of a display without the break behind the last one."""
    while tokens and (tokens[-1].isspace() or tokens[-1] == "\\\\"):
        tokens = tokens[:-1]
    return tokens
