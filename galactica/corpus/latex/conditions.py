r"""The conditionals of TeX: which commands open one, and whether it holds. What depends on the run of TeX does not hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from galactica.corpus.latex.commands import commands
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.tokens import plain

if TYPE_CHECKING:
    from galactica.corpus.latex.expand import Expander

_NAMES = commands(
    "if ifx ifnum ifdim ifodd ifvmode ifhmode ifmmode ifinner ifcase ifcat iftrue iffalse ifdefined ifcsname "
    "ifeof ifvoid "
    "ifhbox ifvbox ifpdf ifxetex ifluatex ifPDFTeX ifXeTeX ifLuaTeX iftutex ifpdftex ifetex ifdraft "
    "ifCLASSOPTIONcompsoc "
    "ifCLASSOPTIONcaptionsoff ifCLASSINFOpdf"
)
_HOLD = frozenset(("\\iftrue", "\\ifpdf", "\\ifPDFTeX", "\\ifpdftex", "\\ifetex", "\\ifhmode"))
_COMPARISON = re.compile(r"\s*(-?\d+)\s*([<>=])\s*(-?\d+)\s?")


def is_conditional(token: str, definitions: Definitions) -> bool:
    r"""Whether the command opens a conditional that a `\fi` closes."""
    return token in _NAMES or token in definitions.switches or token[:4] == "\\if@"


def holds(expander: Expander, token: str) -> bool:
    """Whether the conditional holds; what it compares is read."""
    if token in expander.definitions.switches:
        return expander.definitions.switches[token]
    if token in ("\\ifx", "\\if", "\\ifcat"):
        first, second = expander.argument(), expander.argument()
        if second == ["\\detokenize"]:  # \if\relax\detokenize{#1}\relax: whether the text is empty
            return not expander.argument() and expander.argument() == first
        macros = expander.definitions.macros
        return first == second or (len(first) == len(second) == 1 and _same(macros, first[0], second[0]))
    if token == "\\ifmmode":
        return expander.in_maths
    if token == "\\ifdefined":
        return any(name in expander.definitions.macros for name in expander.argument())
    if token == "\\ifcsname":
        return "\\" + plain(expander.until(("\\endcsname",))) in expander.definitions.macros
    if token in ("\\ifnum", "\\ifdim", "\\ifodd", "\\ifcase"):
        return _number(expander, token)
    return token in _HOLD


def _same(macros: Mapping[str, object], first: str, second: str) -> bool:
    return first[0] == second[0] == "\\" and first in macros and macros.get(first) == macros.get(second)


def _number(expander: Expander, token: str) -> bool:
    r"""A comparison of whole numbers that are written out; anything else does not hold, and its text is passed over."""
    expander.skip_spaces()
    text = expander.stack[-1] if expander.stack else ""
    if token == "\\ifcase" and (match := re.match(r"\s*(\d+)\s?", text)):
        _cut(expander, match.end())
        return int(match[1][:6]) == 0
    if token == "\\ifnum" and (match := _COMPARISON.match(text)):
        _cut(expander, match.end())
        first, sign, second = int(match[1][:9]), match[2], int(match[3][:9])
        return first < second if sign == "<" else first > second if sign == ">" else first == second
    for _ in range(8):  # \ifnum\value{page}>1, \ifdim\lastskip=0pt
        if not expander.stack:
            break
        text = expander.stack[-1]
        if text[0] not in "\\{}$&[]":
            if (match := re.match(r"[\s<>=]*-?[\d.]*\s*(?:pt|cm|mm|in|em|ex|sp)?\s?", text)) and match.end():
                _cut(expander, match.end())
                if re.search(r"[<>=]\s*-?\d", match[0]) or token == "\\ifodd":
                    break
                continue
            break
        if text in ("\\else", "\\fi", "\\relax"):
            break
        expander.stack.pop()
        if text == "{":
            expander.until(("}",))
    return False


def _cut(expander: Expander, length: int) -> None:
    expander.stack[-1] = expander.stack[-1][length:]
    if not expander.stack[-1]:
        expander.stack.pop()
