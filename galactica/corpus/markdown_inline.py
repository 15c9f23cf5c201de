"""Markdown's running text -> placeholders and plain words: citations of all dialects, links, pictures, tags, escapes."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from galactica.corpus import numbered_works
from galactica.corpus.crossrefs import KINDS
from galactica.corpus.prose import Prose

_ADDRESS = r"\(\s*<?[^()\s<>]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,500}){0,3}>?(?:\s+(?:\"[^\"]{0,500}\"|'[^']{0,500}'))?\s*\)"
_ATTRIBUTES = r"(?:\{ ?[:.#][^{}]{0,300}\}|\{ ?[a-z-]{1,40}=[^{}]{0,300}\})"
PICTURE = re.compile(
    rf"!\[((?:[^\[\]]|\[[^\[\]]{{0,500}}\]){{0,3000}})\](?:{_ADDRESS}|\[[^\[\]]{{0,100}}\])({_ATTRIBUTES})?"
)
_LINK = re.compile(
    rf"(?<!!)\[((?:[^\[\]]|\[[^\[\]]{{0,300}}\]){{0,1500}})\](?:{_ADDRESS}|\[([^\[\]]{{0,200}})\])(?:{_ATTRIBUTES})?"
)
_SPAN = re.compile(rf"\[([^\[\]]{{0,3000}})\]{_ATTRIBUTES}")
_ATTRIBUTE_LIST = re.compile(rf"{_ATTRIBUTES}")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]{1,2000}\]")
_LATEX_FOOTNOTE = re.compile(r"\\footnote\{(?:[^{}]|\{[^{}]{0,500}\}){0,2000}\}")
_NUMBER_MARK = re.compile(r"\s*\[[\d,\s–-]{1,40}\]\s*")
_INLINE_FOOTNOTE = re.compile(r"\^\[[^\[\]]{0,2000}\]")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^<>\s]{1,1000}|[\w.+-]{1,64}@[\w.-]{1,200})>")
_KEY = r"(?:\{[^{}\s]{1,300}\}|[A-Za-z0-9_](?:[\w]|[:.#$%&\-+?<>~/](?=[\w/(]))*)"
_BRACKETED = re.compile(rf"\[([^\[\]@]{{0,300}}(?<![\w/])-?@{_KEY}[^\[\]]{{0,2000}})\]")
_CITED = re.compile(rf"(?<![\w/])-?@({_KEY})")
_BARE = re.compile(rf"(?<![\w/@.`])@({_KEY})(?:\s*\[(?:pp?\.|sec|ch|fig|p\. )[^\[\]]{{0,50}}\])?")
_D_CITE = re.compile(
    r"<(?:d-cite|dt-cite)\s[^<>]{0,20}(?:key|bibtex-key)=\"?([^\"<>]{1,1000})\"?[^<>]{0,100}/?>(?:[^<>]{0,100}</d(?:t)?-cite>)?",
    re.IGNORECASE,
)
_YEAR_SHOWN = re.compile(r"\s?\[(?:19|20)\d\d[a-z]?\](?= {0,3}\ue000)")
"""Of a work that is named and cited: "Raghu et al. [2020]" and its mark."""
_SCRIPT_TAG = re.compile(r"<(su[pb])>([^<>]{1,300})</\1>", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][\w:-]{0,30}(?:\s[^<>]{0,2000})?/?>")
_RAISED = re.compile(r"(?<![\\^\[])\^([^\s^\[\]{}]{1,30})\^(?!\^)")
_LOWERED = re.compile(r"(?<![\\~])~([^\s~]{1,30})~(?!~)")
_STRUCK = re.compile(r"~~[^~\n]{1,2000}~~")
_SLIDES_ONLY = re.compile(r"[(\[]~~[^~]{1,2000}~~[)\]]")
_SLIDES = re.compile(r"[(\[]\*\*((?:[^*]|\*(?!\*)){1,3000})\*\*[)\]](?!\()")
DASHES = re.compile(r"(?<=[^\W_])--(-?)(?=[^\W_])|(?<=\s)--(-?)(?=\s)|(?<=[^\s<!-])--(-)(?=[^\s>-])")
"""Two hyphens between words or numbers, three between any signs."""
_ESCAPED = re.compile(r"\\([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
_EMPTY_EMPHASIS = re.compile(r"\*\*\s*\*\*|(?<!\*)\*\s+\*(?!\*)")
_MATHS = re.compile(r"\$([^$]{1,300})\$")
_TWICE = re.compile(
    r"\b(Figure|Table|Equation|Section)s?\.? (?=\1\b)|\b(?:Eqn?|Fig|Sec|Tab)s?\.? (?=(?:Equation|Figure|Section|Table)\b)",
    re.IGNORECASE,
)
_UNRESOLVED_POINTER = {
    "fig": "the figure",
    "tab": "the table",
    "tbl": "the table",
    "eq": "the equation",
    "sec": "another section",
    "lst": "the listing",
}


class Inline:
    """Reads the lines of one document. `labels` say what a cross-reference shows: "Figure 2", a quoted title."""

    def __init__(self, prose: Prose, labels: Mapping[str, str], dialect: str) -> None:
        self.prose = prose
        self._labels = labels
        self._dialect = dialect
        self._numbers = frozenset(key for key in prose.marks.references if key.isdigit())

    def placeholders(self, text: str) -> str:
        """The text with marks and formulas as placeholders and everything else in plain words."""
        if self._dialect == "d2l":
            text = _SLIDES_ONLY.sub("", text)
            text = _SLIDES.sub(r"\1", text)
        if "\\footnote" in text:
            text = _LATEX_FOOTNOTE.sub("", text)
        if "![" in text:
            text = PICTURE.sub("", text)
        if "[" in text:
            text = _FOOTNOTE.sub("", _INLINE_FOOTNOTE.sub("", text))
            if "@" in text:
                text = _BRACKETED.sub(self._bracketed, text)
            if self._numbers:
                text = numbered_works.marked(text, self.prose.marks, self._numbers)
            for _ in range(2):  # a picture in a link leaves an empty one
                text = _LINK.sub(r"\1", text)
            text = _SPAN.sub(r"\1", text)
        if "@" in text:
            text = _BARE.sub(self._bare, text)
        if "{" in text:
            text = _ATTRIBUTE_LIST.sub("", text)
        if "<" in text:
            text = self._tags(text)
        if "&" in text:
            text = html.unescape(text).translate({0xA0: " "})
        if "~" in text or "^" in text:
            text = _STRUCK.sub("", text)
            if self._dialect == "pandoc":
                text = _RAISED.sub(lambda match: self.prose.script(match[1].replace("\\", ""), True), text)
                text = _LOWERED.sub(lambda match: self.prose.script(match[1].replace("\\", ""), False), text)
        if "--" in text:
            text = DASHES.sub(lambda match: "—" if match[1] or match[2] or match[3] else "–", text)
        text = _ESCAPED.sub(r"\1", text)
        return _TWICE.sub("", _EMPTY_EMPHASIS.sub("", text))

    def line(self, text: str) -> str:
        """The text on one line, finished."""
        return self.prose.line(self.placeholders(text))

    def role(self, name: str, content: str) -> str:
        """What d2l's :name:`content` stands for."""
        if name in ("cite", "citep", "citet"):
            keys = _keys(content)
            return self.prose.narrate(keys) if name == "citet" else self.prose.cite(keys)
        if name in ("numref", "eqref", "ref"):
            return self._pointer(content.strip())
        return ""

    def _pointer(self, label: str) -> str:
        if label in self._labels:
            return _MATHS.sub(lambda match: self.prose.inline_maths(match[1]), self._labels[label])
        kind = re.split(r"[:_-]", label)[0].lower()
        return _UNRESOLVED_POINTER.get(kind, "another section")

    def _bracketed(self, match: re.Match[str]) -> str:
        """A bracket of pandoc: "see" and page numbers go, pointers of pandoc-crossref show what they point to."""
        keys = [key.strip("{}") for key in _CITED.findall(match[1])]
        pointers = [key for key in keys if self._is_pointer(key)]
        if pointers:
            return f"({', '.join(map(self._pointer, pointers))})"
        return f"[{self.prose.cite(keys)}]"

    def _bare(self, match: re.Match[str]) -> str:
        key = match[1].strip("{}")
        if self._is_pointer(key):
            return self._pointer(key)
        if key in self.prose.marks.references or (self._dialect == "pandoc" and ":" in key):
            return self.prose.narrate([key])
        return match[0]

    def _is_pointer(self, key: str) -> bool:
        return key in self._labels or (key.partition(":")[0] in KINDS and key not in self.prose.marks.references)

    def _tags(self, text: str) -> str:
        text = _AUTOLINK.sub(r"\1", text)
        text = _YEAR_SHOWN.sub("", _D_CITE.sub(lambda match: f" {self.prose.cite(_keys(match[1]))} ", text))
        text = _SCRIPT_TAG.sub(self._script, text)
        return _TAG.sub("", _BREAK.sub(" ", text))

    def _script(self, match: re.Match[str]) -> str:
        """A script; a number in brackets that stands high is the mark of a work in a list that is not read."""
        if _NUMBER_MARK.fullmatch(match[2]):
            return self.prose.cite([match[2].strip()])
        return self.prose.script(match[2], match[1].lower() == "sup")


def _keys(text: str) -> list[str]:
    return [key for part in text.split(",") if (key := part.strip(" '\n"))]
