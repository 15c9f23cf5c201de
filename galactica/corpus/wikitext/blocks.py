"""Lines of wikitext, templates and tags resolved, -> blocks of the document language: headings, paragraphs, lists, tables, code."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from galactica import markup
from galactica.corpus.marks import HOLE
from galactica.corpus.tables import one_line
from galactica.corpus.wikitext.footnotes import FOOTNOTE
from galactica.corpus.wikitext.reading import ALONE, PIECE, UNKNOWN, Reading, fenced
from galactica.corpus.wikitext.tags import BREAK
from galactica.corpus.wikitext.wikitables import table_blocks, table_pairs

_ADDRESS = re.compile(
    r"\[(?:https?:|ftp:|mailto:|news:|irc:)?//[^\s\[\]<>]{1,2000}[ \t]{0,9}([^\[\]\n]{0,500})\]|"
    r"\[mailto:[^\s\[\]]{1,200}[ \t]{0,9}([^\[\]\n]{0,200})\]"
)
_SWITCH = re.compile(r"__[A-Z]{3,30}__")
_QUOTES = re.compile(r"'{2,}")
_SPELT_QUOTE = re.compile(r"(?<![^\W\d_])([^\W\d_])'''(?=[^\W\d_])")
_LIST = re.compile(r"([*#:;]+)\s*(.*)", re.DOTALL)
_NO_WORDS = re.compile(
    r"\(\s{0,9}(?:(?:pronounced|pronunciation|or|also|listen|help·info|info|from|lit\.|literally|IPA|born|"
    r"[,;:.·/–-])\s{0,9}){1,6}\)"
    r"|(?<=\()\s{0,9}(?:(?:pronounced|pronunciation|IPA|listen)?\s{0,9}[,;:]\s{0,9}){1,6}(?=[\w'\"“‘])"
)
_COLLAPSED = re.compile(r" {0,9}" + UNKNOWN)
_NEEDS_WORDS = re.compile(
    r"(?:\b(?:a|an|the|of|in|on|at|by|is|are|was|were|to|from|with|about|as|for|than|and|or)|[=($£€]) {0,3}" + UNKNOWN
)
"""A template that is not known, where words of the sentence should be."""
_ONLY_CODE = re.compile(r"[{}();=<>]|^\s{2,}|\t|  ")
_MAX_LEVEL = 6
_MAX_DEPTH = 5


class Blocks:
    """Writes the blocks of one page. `spells_control_token` becomes true where text from outside spells one: what was written
    must not be used then."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.spells_control_token = False
        self._known: set[str] | None = None

    def of(self, text: str, with_tables: bool = True) -> list[str]:
        """The blocks of the text; tables are left out of cells of tables."""
        lines = text.split("\n")
        pairs = table_pairs(lines) if "{|" in text else {}
        out: list[str] = []
        paragraph: list[str] = []
        at = 0

        def flush() -> None:
            if paragraph:
                out.extend(self._paragraph(" ".join(paragraph)))
                paragraph.clear()

        while at < len(lines):
            line = lines[at]
            first = line[:1]
            stripped = line.strip()
            if not stripped or not stripped.strip(UNKNOWN) or stripped.startswith("----"):
                flush()
                at += 1
            elif stripped[0] in "{|:" and line.lstrip(": \t")[:2] in ("{|", "|}"):
                flush()
                end = pairs.get(at, at)
                if with_tables and end > at:
                    out += table_blocks(lines[at : end + 1], self._cell)
                at = end + 1
            elif first == "|":
                at += 1  # a piece of a table or template that was not closed
            elif first == "=" and stripped[-1] == "=" and len(stripped) > 2:
                flush()
                out += self._heading(stripped)
                at += 1
            elif first in "*#:;":
                flush()
                end = at
                while (
                    end < len(lines)
                    and lines[end][:1] in ("*", "#", ":", ";")
                    and lines[end].lstrip(": \t")[:2] != "{|"
                ):
                    end += 1
                out += self._list(lines[at:end])
                at = end
            elif first == " " and not paragraph:
                end = at
                while end < len(lines) and lines[end][:1] == " " and lines[end].strip():
                    end += 1
                out += self._indented(lines[at:end])
                at = end
            else:
                paragraph.append(stripped)
                at += 1
        flush()
        return out

    # --- kinds of blocks --------------------------------------------------------------------------------------------

    def _heading(self, line: str) -> list[str]:
        level = min(len(line) - len(line.lstrip("=")), len(line) - len(line.rstrip("=")), _MAX_LEVEL)
        text = self.line(line[level:-level]) if level else ""
        return [f"{'#' * level} {text}"] if any(map(str.isalnum, text)) else []

    def _paragraph(self, text: str) -> list[str]:
        """The running text, cut where a block or a displayed formula stands in it."""
        if ALONE.fullmatch(text):
            return self._displayed(text)
        out: list[str] = []
        at = 0
        for match in PIECE.finditer(text):
            piece = self.reading.pieces[int(match[1])]
            if piece.kind == "maths":
                continue
            out += self._running(text[at : match.start()])
            at = match.end()
            if piece.kind == "display":
                point = re.match(r"\s{0,9}([.,;])(?=\s|$)", text[at : at + 20])
                at += point.end() if point else 0
                out.append(f"\\[ {piece.text}{point[1] if point else ''} \\]")
            else:
                out.append(piece.text)
        return out + self._running(text[at:])

    def _displayed(self, text: str) -> list[str]:
        out = []
        for match in PIECE.finditer(text):
            piece = self.reading.pieces[int(match[1])]
            point = text[match.end() : match.end() + 12].split("\ue022")[0].strip()
            out.append(piece.text if piece.kind == "block" else f"\\[ {piece.text}{point} \\]")
        return out

    def _running(self, text: str) -> list[str]:
        parts = text.split(f"{BREAK}{BREAK}") if BREAK in text else [text]
        shown = [self.line(part) for part in parts]
        return [part for part in shown if any(map(str.isalnum, part)) or part == "∎"]

    def _indented(self, lines: Sequence[str]) -> list[str]:
        """Lines that begin with a space are set as they stand; a single one is an accident."""
        text = "\n".join(line[1:] for line in lines)
        if len(lines) == 1 or not _ONLY_CODE.search(text):
            return [block for line in lines for block in self._paragraph(line.strip())]
        code = "\n".join(self.line(line, keeps_space=True) for line in text.split("\n"))
        return [fenced(code)] if any(map(str.isalnum, code)) else []

    def _list(self, lines: Sequence[str]) -> list[str]:
        """Consecutive list lines: items of `*` and `#` as one block, those of `:` as paragraphs, `;` as terms."""
        out: list[str] = []
        items: list[str] = []
        counts, kinds = [0] * (_MAX_DEPTH + 1), [""] * (_MAX_DEPTH + 1)
        term = ""

        def flush() -> None:
            if items:
                out.append("\n".join(items))
                items.clear()

        for line in lines:
            match = _LIST.match(line)
            marks, text = (match[1], match[2]) if match else (":", line)
            kind, depth = marks[-1], min(len(marks), _MAX_DEPTH)
            if kind == ";":
                flush()
                out += [f"**{term}**"] if term else []
                term, colon, meaning = self._term(text)
                if colon and meaning:
                    out.append(f"**{term}**: {meaning}")
                    term = ""
                continue
            blocks = self._paragraph(text)
            if not blocks:
                continue
            if kind == ":":
                if items and len(marks) > 1 and marks[0] in "*#" and not blocks[0].startswith(("\\[", "```")):
                    items[-1] += f" {one_line(blocks)}"
                    continue
                flush()
                if term:
                    blocks[0] = f"**{term}**: {blocks[0]}" if not blocks[0].startswith(("\\[", "```")) else blocks[0]
                    term = ""
                out += blocks
                continue
            counts[depth] = counts[depth] + 1 if kinds[depth] == kind else 1
            kinds[depth] = kind
            kinds[depth + 1 :] = [""] * (_MAX_DEPTH - depth)
            bullet = "- " if kind == "*" else f"{counts[depth]}. "
            first, *others = blocks
            items.append(f"{'  ' * (depth - 1)}{bullet}{one_line([first]) if not first.startswith('```') else ''}")
            if others or first.startswith("```"):
                flush()
                out += others if not first.startswith("```") else blocks
        flush()
        return out + ([f"**{term}**"] if term else [])

    def _term(self, text: str) -> tuple[str, str, str]:
        term, colon, meaning = text.partition(": ") if ": " in text else text.partition(" :")
        return self.line(term).rstrip(":"), colon, self.line(meaning) if colon else ""

    def _cell(self, text: str) -> str:
        if "\n" not in text:
            return self.line(text)
        return one_line(
            [block.lstrip("# ") if block.startswith("#") else block for block in self.of(text, with_tables=False)]
        )

    # --- running text -----------------------------------------------------------------------------------------------

    def line(self, text: str, keeps_space: bool = False) -> str:
        """Running text on one line: links as their words, no emphasis, entities as characters, citations resolved."""
        if not text:
            return ""
        reading = self.reading
        if "[" in text:
            text = _ADDRESS.sub(lambda match: match[1] or match[2] or "", text)
        if "''" in text:
            text = self._without_emphasis(text)
        if "__" in text:
            text = _SWITCH.sub("", text)
        if "&" in text:
            text = html.unescape(text)
        if not text.isascii():
            text = PIECE.sub(self._inline, text).replace(BREAK, " ")
            if UNKNOWN in text:
                text = _COLLAPSED.sub(HOLE if _NEEDS_WORDS.search(text) else "", text)
            text = FOOTNOTE.sub("", text) if keeps_space else reading.footnotes.settle(text, reading.marks)
        if "(" in text:
            text = _NO_WORDS.sub("", text)
        if keeps_space:
            return self._checked(reading.marks.release(text), 0)
        before = reading.marks.n_resolved
        return self._checked(reading.marks.resolve(text), reading.marks.n_resolved - before)

    def _inline(self, match: re.Match[str]) -> str:
        piece = self.reading.pieces[int(match[1])]
        shown = markup.inline_maths(piece.text) if piece.kind != "block" else one_line([piece.text])
        return self.reading.marks.hold(shown)

    def _without_emphasis(self, text: str) -> str:
        runs = [len(run) for run in _QUOTES.findall(text)]
        if runs.count(3) % 2 and runs.count(2) % 2:  # l'''amour'': an apostrophe and two marks of emphasis
            text = _SPELT_QUOTE.sub(r"\1'", text, count=1)
        return _QUOTES.sub(lambda run: "'" * (len(run[0]) - 5 if len(run[0]) > 5 else len(run[0]) == 4), text)

    def _checked(self, text: str, n_citations: int) -> str:
        """The text; notes whether it spells a control token beside the citations that were put in."""
        if "[" not in text and "<" not in text:
            return text
        if markup.control_tokens(text):
            n_opened = text.count(markup.START_REF)
            rest = markup.without_citations(text) if n_opened <= n_citations else text
            if n_opened > n_citations or markup.control_tokens(rest):
                self.spells_control_token = True
        return text
