r"""The Open Logic Text's own layer above LaTeX: words that an edition chooses (`!!{formula}s`), letters for formulas (`!A`), parts
that an edition switches on (`\iftag`), and labels that carry the file's id."""

from __future__ import annotations

import re
from collections.abc import Mapping

_WORD = re.compile(r"\\settexttoken\{([^{}]+)\}(\*?)\s*\{([^{}]+)\}\s*\{([^{}]+)\}")
_TOKEN = re.compile(r"!!(\^?)(a?)\{([^{}]+)\}(s?)")
_FORMULA = re.compile(r"!([A-Z])(?![a-z])")
_LETTERS = {
    "A": r"\varphi", "B": r"\psi", "C": r"\chi", "D": r"\theta", "E": r"\alpha", "F": r"\beta", "G": r"\gamma", "H": r"\delta",
    "K": r"\xi", "L": r"\zeta", "O": r"\omega", "R": r"\rho", "S": r"\sigma", "T": r"\tau",
}  # fmt: skip
_SWITCH = re.compile(r"\\(iftag|tagitem)\{")
_FALSE_TAG = re.compile(r"\\tagfalse\{([^{}]*)\}")

MACROS = r"""
\NewDocumentCommand\olsection{o m}{\section{#2}\ollabel{sec}}
\NewDocumentCommand\olchapter{o m m m}{\chapter{#4}\label{#2:#3::chap}}
\NewDocumentCommand\olpart{o m m}{\part{#3}\label{#2:::part}}
\NewDocumentCommand\olfileid{o m m m}{\def\theolpart{#2}\def\theolchapter{#3}\def\theolsection{#4}}
\newcommand{\ollabel}[1]{\label{\theolpart:\theolchapter:\theolsection:#1}}
\newcommand{\gn}[1]{\text{⌜}#1\text{⌝}}\newcommand{\Gn}[1]{\text{⌜}#1\text{⌝}}
\newenvironment{tagenumerate}[1]{\begin{enumerate}}{\end{enumerate}}
\newenvironment{tagblock}[1]{}{}\newenvironment{defish}{}{}\newenvironment{editorial}{\begin{comment}}{\end{comment}}
\newcommand{\tagprob}[2][]{}\newcommand{\tagendprob}{}\NewDocumentCommand\olimport{s o m o}{}\newcommand{\tagrefs}[1]{}
\newcommand{\args}[1]{#1}\newcommand{\OLEndChapterHook}{}\newcommand{\OLEndPartHook}{}\newcommand{\theoremname}{Theorem}
\newcommand{\ycomma}{, }\newcommand{\startycommalist}{}\newcommand{\usetoken}[2]{#2}\newcommand{\printtoken}[2]{#2}
\newcommand{\examplename}{Example}\newcommand{\lemmaname}{Lemma}\newcommand{\propositionname}{Proposition}\newcommand{\notename}{Note}
\newcommand{\corollaryname}{Corollary}\newcommand{\definitionname}{Definition}\newcommand{\problemname}{Problem}
\newcommand{\axiomname}{Axiom}\newcommand{\remarkname}{Remark}\newcommand{\casename}{Case}\newcommand{\conventionname}{Convention}
\newcommand{\historyname}{Historical Remarks}\newcommand{\readingname}{Further Reading}
"""


def is_open_logic(texts: Mapping[str, str]) -> bool:
    """Whether the package is the Open Logic Text or a text made of it."""
    return any("\\settexttoken" in text for path, text in texts.items() if path.endswith(".sty"))


class Edition:
    """The words and switches of the edition that a package is configured for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        configuration = next(
            (text for path, text in sorted(texts.items()) if path.endswith("open-logic-config.sty")), ""
        )
        self.words = {match[1]: (match[3], match[4], match[2]) for match in _WORD.finditer(configuration)}
        self.off = frozenset(tag.strip() for match in _FALSE_TAG.finditer(configuration) for tag in match[1].split(","))

    def plain(self, text: str) -> str:
        """The text in ordinary LaTeX: words, letters and switches put in."""
        text = _TOKEN.sub(self._word, text)
        text = _FORMULA.sub(lambda match: f"{_LETTERS.get(match[1], match[1])} ", text)
        return self._switched(text)

    def _word(self, match: re.Match[str]) -> str:
        is_capital, has_article, name, is_plural = match.groups()
        singular, plural, vowel = self.words.get(name, (name, f"{name}s", "*" if name[0] in "aeiou" else ""))
        word = plural if is_plural else singular
        if has_article:
            word = f"{'an' if vowel else 'a'} {word}"
        return word[0].upper() + word[1:] if is_capital else word

    def _switched(self, text: str) -> str:
        r"""`\iftag{a,b}{yes}{no}` and `\tagitem{a,b}{yes}{no}` decided."""
        out: list[str] = []
        at = 0
        while (match := _SWITCH.search(text, at)) is not None:
            tags, after = group(text, match.end() - 1)
            yes, after_yes = group(text, after)
            no, end = group(text, after_yes)
            if after_yes == after:  # its definition, or a slip
                out.append(text[at : match.end()])
                at = match.end()
                continue
            chosen = yes if any(tag.strip() not in self.off for tag in tags.split(",")) else no
            out.append(text[at : match.start()])
            item = "\\item " if match[1] == "tagitem" and chosen.strip() else ""
            text, at = f"{item}{chosen}{text[end:]}", 0
        return "".join(out) + text[at:]


def group(text: str, at: int) -> tuple[str, int]:
    """What the braces at this place hold (white space before them passed over), and the place behind them."""
    while at < len(text) and text[at] in " \t\n%":
        at += 1
    if at >= len(text) or text[at] != "{":
        return "", at
    level = 0
    for index in range(at, len(text)):
        if text[index] in "{}" and text[index - 1] != "\\":
            level += 1 if text[index] == "{" else -1
            if not level:
                return text[at + 1 : index], index + 1
    return "", at
