"""What is looked at in a written passage before it goes into a paper; text to text, pure.

A passage is in the document language. Nothing here asks the model: `draft.py` decides what to write again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from galactica import markup
from galactica.modalities import formulas

NGRAM_WORDS = 6

_CITATION = re.compile(re.escape(markup.START_REF) + r".*?" + re.escape(markup.END_REF), re.DOTALL)
_FORMULA = re.compile(r"\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\]", re.DOTALL)
_MATHS_MARK = re.compile(r"\\[()\[\]]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:et al|[eE]\.g|[iI]\.e|[cC]f|vs|Fig|Figs|Eq|Eqs|Ref|Refs|Dr|approx|ca|no|sp|spp|resp)|\b[A-Z])\.$"
)
_SENTENCE_END = re.compile(r"[.!?](?:[\"')\]]|\[END_\w+\])*(?=\s|$)")
_DANGLING = re.compile(
    r"(?i:\b(?:figs?|figures?|tables?|supplementary|additional file|appendix|box|scheme|movie)\b\.?)\s*"
    r"(?:S?\d|[A-Z]\b|file|material)|(?i:\b(?:this|the) (?:figure|table)\b(?! of))|"
    r"(?i:\b(?:eqs?\.|equations?|sections?|chapter|theorem|lemma|example|exercise)\s*\(?\d)|"
    r"https?://|www\.|\[email\]|\[phone\]"
)
_FORM = re.compile(r"(?:^|\s)(?:Title|Authors?|Question|Answer|TLDR|Lecture \d+):|^#|\n#|```|^\||\n\||<<(?:run|read)")
_MARKS = (markup.opening, markup.closing)
_NAME = r"[A-Z][\w'’-]+"
_AUTHOR_YEAR = re.compile(
    rf"\s*\((?:see |e\.g\.,? )?{_NAME}(?: et al\.?| and {_NAME}| & {_NAME})?,? (?:19|20)\d\d[a-z]?\)"
)
_BARE_MARK = re.compile(r"\s*\[\d{1,3}(?:\s*[,–-]\s*\d{1,3})*\]")
_EMPTY_BRACKETS = re.compile(r"\s*(?:\(\s*[,;]*\s*\)|\[\s*[,;]*\s*\])")
_SPACE_BEFORE_STOP = re.compile(r"[ \t]+(?=[.,;:!?](?:\s|$))")
_WORD = re.compile(r"\w+")
_PLAIN_WORD = re.compile(r"[(\"'“‘]?[^\W\d_]?[a-zß-ÿα-ω]+(?:[-'’][^\W\d_]?[a-zß-ÿ]+)*[)\"'”’.,;:!?]*")
_LONG_NUMBER = re.compile(r"\d{5}|\d[A-Za-z]+\d")
_BARE_LATEX = re.compile(r"[_^]\s*\{|\\[a-zA-Z]|\}\s*[_^]")
"""Of a formula that lost its marks."""
_BRACKET = re.compile(r"\[(?:START|END)_SU[BP]\]|[()\[\]]")


class Formula(NamedTuple):
    """A formula in a text: characters `start` to `end` with its marks, the LaTeX between them, displayed or not."""

    start: int
    end: int
    latex: str
    display: bool


def find_formulas(text: str) -> list[Formula]:
    r"""The closed formulas of a text, `\( \)` and `\[ \]`, in order."""
    return [
        Formula(
            m.start(),
            m.end(),
            (m["inline"] if m["display"] is None else m["display"]).strip(),
            m["display"] is not None,
        )
        for m in _FORMULA.finditer(text)
    ]


def formula_problem(text: str) -> tuple[str, str] | None:
    """The first formula of a text that is not well-formed, and what is wrong with it; None where all are."""
    for formula in find_formulas(text):
        problem = formulas.problem(formula.latex)
        if problem:
            return formula.latex, problem
    rest = _FORMULA.sub(" ", text)
    stray = _MATHS_MARK.search(rest)
    return (rest[stray.start() : stray.start() + 60], "a formula that is not closed") if stray else None


def sentences(text: str) -> list[str]:
    """The text cut after each sentence; joined they give the text back. Stops inside formulas and citations end none."""
    hidden = _CITATION.sub(lambda m: "\x00" * len(m[0]), _FORMULA.sub(lambda m: "\x00" * len(m[0]), text))
    found = []
    begin = 0
    for match in _SENTENCE_END.finditer(hidden):
        if match[0].startswith(".") and _ABBREVIATION.search(hidden[begin : match.start() + 1]):
            continue
        end = match.end()
        while end < len(text) and text[end].isspace():
            end += 1
        found.append(text[begin:end])
        begin = end
    return [*found, text[begin:]] if begin < len(text) else found


def ends_sentence(sentence: str) -> bool:
    """Whether a sentence is finished."""
    stripped = _CITATION.sub("", sentence).rstrip()
    return bool(stripped) and (stripped[-1] in ".!?" or stripped.endswith(('."', ".)", r"\]")))


def points_nowhere(sentence: str) -> bool:
    """Whether a sentence speaks of a figure, table, equation number or address that the paper does not have."""
    return bool(_DANGLING.search(_CITATION.sub("", sentence)))


def is_of_another_form(sentence: str) -> bool:
    """Whether a sentence belongs to another kind of document: a heading, a question, a sequence, a table, working memory."""
    allowed = (markup.START_REF, markup.END_REF, *(mark(kind) for kind in (markup.SUP, markup.SUB) for mark in _MARKS))
    return bool(_FORM.search(sentence)) or any(token not in allowed for token in markup.control_tokens(sentence))


def without_bare_marks(text: str) -> str:
    """The text without citation marks that name no record: `(Smith et al., 2010)`, `[12]`, brackets left empty."""
    parts = _CITATION.split(text)
    kept = _CITATION.findall(text)
    cleaned = [_EMPTY_BRACKETS.sub("", _BARE_MARK.sub("", _AUTHOR_YEAR.sub("", part))) for part in parts]
    joined = "".join(part + citation for part, citation in zip(cleaned, [*kept, ""], strict=True))
    return _SPACE_BEFORE_STOP.sub("", joined)


def is_prose(sentence: str) -> bool:
    """Whether a sentence reads as one: at least five words, three quarters of its words plain ones (letters, no digits, no
    capitals inside), no number of five digits or code, no LaTeX outside a formula, brackets and scripts closed."""
    bare = _FORMULA.sub(" x ", _CITATION.sub(" ", sentence))
    words = bare.split()
    n_plain = sum(1 for word in words if _PLAIN_WORD.fullmatch(word))
    is_damaged = _LONG_NUMBER.search(bare) or _BARE_LATEX.search(bare)
    return n_plain >= 5 and n_plain >= 0.75 * len(words) and not is_damaged and _balanced(bare)


def _balanced(text: str) -> bool:
    """Whether round and square brackets and the tokens of scripts close in the order they open."""
    pairs = {")": "(", "]": "[", **{markup.closing(kind): markup.opening(kind) for kind in (markup.SUP, markup.SUB)}}
    expected: list[str] = []
    for sign in _BRACKET.findall(text):
        if sign not in pairs:
            expected.append(sign)
        elif not expected or expected.pop() != pairs[sign]:
            return False
    return not expected


def words(text: str) -> list[str]:
    """The words of a text without its citations and formulas, lower case."""
    return [word.lower() for word in _WORD.findall(_FORMULA.sub(" ", _CITATION.sub(" ", text)))]


def ngrams(text: str) -> Iterator[tuple[str, ...]]:
    """The runs of `NGRAM_WORDS` words of a text without its citations and formulas."""
    found = words(text)
    for i in range(len(found) - NGRAM_WORDS + 1):
        yield tuple(found[i : i + NGRAM_WORDS])


def count_words(text: str) -> int:
    """Words of a text without its citations; a formula counts as one."""
    return len(_FORMULA.sub(" x ", _CITATION.sub(" ", text)).split())
