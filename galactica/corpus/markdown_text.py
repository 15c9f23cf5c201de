r"""Markdown as sites keep it (`$` formulas, links, pictures, stray HTML) -> blocks of the document language."""

from __future__ import annotations

import html
import re

from galactica import markup
from galactica.corpus.headings import without_empty_sections
from galactica.corpus.html_maths import Dollars, Formulas, pieces
from galactica.corpus.marks import Marks
from galactica.corpus.paper_links import is_paper, paper_link
from galactica.corpus.veil import clean, unveil, veil

_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_PICTURE = re.compile(
    r"!\[[^\]\n]{0,1000}\](?:\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?[^()\n]{0,200}\)|\[[^\]]{0,100}\])"
)
_LINK = re.compile(
    r"\[([^\[\]]{1,500})\]\(\s*<?([^()\s<>]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?)>?(?:\s+\"[^\"]{0,200}\")?\s*\)"
)
_CODE = re.compile(r"(`{1,3})(?!`)([^`\n]{1,1000})\1(?!`)")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,15}(?:\s[^<>]{0,500})?/?>")
_LIST_OR_TABLE = re.compile(r"\s*(?:[-*+]\s|\d{1,3}[.)]\s|\|)")
_BRACKETED_LINK = re.compile(r"\[(\[[^\[\]]{1,300}\])\](?=\()")
_TORN_ADDRESS = re.compile(r"\]\(\(+(?=https?:[^()\s]{1,1000}\))")
"""Of a link with a parenthesis too many."""
_ESCAPED = re.compile(r"\\([*_#~>+.!-])")


class MarkdownText:
    """Reads the Markdown of one document; `formulas` counts, `spells_control_token` as in `html.Converter`."""

    def __init__(self, dollars: Dollars = "plain") -> None:
        self.formulas = Formulas()
        self.spells_control_token = False
        self._dollars = dollars

    def blocks(self, text: str) -> list[str]:
        """The text's blocks, without headings that nothing follows."""
        out: list[str] = []
        paragraph: list[str] = []
        fence = ""
        for line in clean(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
            mark = _FENCE.match(line)
            if fence:
                paragraph.append(line)
                if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                    out.append("\n".join(paragraph))
                    paragraph, fence = [], ""
            elif mark or not line.strip() or re.match(r"#{1,6} ", line):
                out += self._paragraph(paragraph)
                paragraph = [line] if mark else []
                fence = mark[1] if mark else ""
                out += self._paragraph([line]) if line.startswith("#") else []
            else:
                paragraph.append(line)
        out += ["\n".join([*paragraph, fence])] if fence else self._paragraph(paragraph)
        return without_empty_sections([self._unveiled(block) for block in out])

    def line(self, text: str) -> str:
        """The text on one line."""
        return " ".join(" ".join(self.blocks(text)).split()).replace(r"\[ ", r"\( ").replace(r" \]", r" \)")

    def _unveiled(self, text: str) -> str:
        text, spells = unveil(text)
        self.spells_control_token = self.spells_control_token or spells
        return text

    def _paragraph(self, lines: list[str]) -> list[str]:
        """Running text has its lines joined; the items of a list and the rows of a table keep theirs."""
        if not lines:
            return []
        if not any(_LIST_OR_TABLE.match(line) for line in lines):
            return self._text(" ".join(line.strip() for line in lines))
        rows: list[str] = []
        for line in lines:
            if rows and not _LIST_OR_TABLE.match(line):
                rows[-1] += f" {line.strip()}"
            else:
                rows.append(line.rstrip())
        written = []
        for row in rows:
            indent = row[: len(row) - len(row.lstrip())].expandtabs(4)
            parts = self._text(row.strip())
            written += [indent + " ".join(parts).replace(r"\[ ", r"\( ").replace(r" \]", r" \)")] if parts else []
        return ["\n".join(written)] if written else []

    def _text(self, text: str) -> list[str]:
        held = Marks({})
        text = _CODE.sub(lambda match: held.hold(match[0]), text)
        if "](" in text:
            text = _BRACKETED_LINK.sub(r"\1", _TORN_ADDRESS.sub("](", text))
        out: list[str] = []
        running = ""
        for piece in pieces(_PICTURE.sub("", text), self._dollars):
            if piece.kind == "text":
                running += _unescaped(_ESCAPED.sub(r"\1", _TAG.sub(" ", self._linked(piece.text, held))))
            elif latex := self.formulas.latex(held.release(piece.text)):
                if piece.kind == "inline":
                    running += held.hold(markup.inline_maths(latex))
                else:
                    out += [resolved for part in [running] if (resolved := held.resolve(part))]
                    running = ""
                    out.append(markup.display_maths(latex))
        out += [resolved] if (resolved := held.resolve(running)) else []
        return [block for block in out if any(map(str.isalnum, block)) or block.startswith(("|", r"\["))]

    @staticmethod
    def _linked(text: str, held: Marks) -> str:
        """The text with links as their words, links to papers as citations."""

        def link(match: re.Match[str]) -> str:
            if not is_paper(match[2]):
                return match[1]
            before = match.string[max(0, match.start() - 10) : match.start()]
            return held.hold(veil(paper_link(held.release(match[1].strip("*_ ")), match[2], before)))

        return _LINK.sub(link, text)


def _unescaped(text: str) -> str:
    """The text without HTML's escapes, as it is where they keep it from spelling a control token: &lt;unk&gt;."""
    unescaped = html.unescape(text)
    return text if markup.control_tokens(unescaped) else unescaped
