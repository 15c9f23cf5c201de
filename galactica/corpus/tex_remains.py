"""LaTeX that authors left in abstracts on the web: commands for type, citations and what is switched off go, their words stay."""

from __future__ import annotations

import re

from galactica.corpus.marks import Marks

_GROUP = r"\{((?:[^{}\\]|\\[^{}]){0,600})\}"
_TYPE = re.compile(
    rf"\\(?:emph|text|textit|textbf|textsc|texttt|textrm|textsf|underline|uline|mbox|enquote|textsuperscript|textsubscript)\s?{_GROUP}"
)
_DECLARED = re.compile(r"\{\\(?:em|it|bf|sl|sc|tt|itshape|bfseries)\b\s?([^{}]{0,600})\}")
_CITED = re.compile(r"\s?~?\\(cite[a-zA-Z]{0,10})\*?(?:\[[^\[\]]{0,60}\]){0,2}\{([^{}]{0,500})\}")
_OFF = re.compile(r"\\iffalse\b.{0,3000}?\\fi\b", re.DOTALL)
_GONE = re.compile(
    r"\\(?:cut|todo|label|footnote|vspace|hspace)\{[^{}]{0,2000}\}|\\(?:xspace|newline|noindent|smallskip|medskip|bigskip|par)\b"
)
_LINK = re.compile(r"\\href\{[^{}]{0,500}\}\{([^{}]{0,500})\}|\\url\{([^{}]{0,500})\}")
_ESCAPED = re.compile(r"\\([%&#_$])")
_MATHS = re.compile(r"\\\(.{1,3000}?\\\)|\\\[.{1,3000}?\\\]", re.DOTALL)
_COMMAND = re.compile(r"\\[a-zA-Z]{2,}")
_MAX_DEPTH = 4


def without_tex(text: str, marks: Marks) -> str | None:
    r"""The text, whose formulas stand in `\( \)`, on one line without commands; its citations are counted in `marks`, whose records
    it has none of. None where commands remain."""
    text = _MATHS.sub(lambda match: marks.hold(match[0]), _OFF.sub(" ", text))
    for _ in range(_MAX_DEPTH):
        before = text
        text = _DECLARED.sub(r"\1", _TYPE.sub(r"\1", text))
        if text == before:
            break
    text = _LINK.sub(lambda match: match[1] or match[2] or "", _GONE.sub(" ", text))
    text = _CITED.sub(lambda match: f" {marks.mark(match[2].split(','))}", text)
    text = _ESCAPED.sub(r"\1", text).replace("``", "“").replace("''", "”").replace("\\ ", " ")
    text = re.sub(r"(?<=\w)~(?=\S)", " ", text)
    return None if _COMMAND.search(text) else marks.resolve(text)
