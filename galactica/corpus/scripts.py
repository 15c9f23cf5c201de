"""Superscripts and subscripts of running text: Unicode where every character has one, else wrapped in their tokens."""

from __future__ import annotations

import re

from galactica import markup

_SUPERSCRIPTS = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_RAISED = re.compile(r"[0-9+\-−–=()n]{1,6}")
_LOWERED = re.compile(r"[0-9+\-−–=()]{1,6}")
_RAISED_ALREADY = frozenset("*†‡§¶#,’'′”\"™®© °˚º")


def script(text: str, is_super: bool) -> str:
    """The text as a superscript or subscript: "-2" -> "⁻²", "max" -> "[START_SUB]max[END_SUB]"; signs that stand high anyway
    (primes, daggers, degrees) and white space as they are."""
    text = " ".join(text.split())
    if set(text) <= _RAISED_ALREADY:
        return text
    if (_RAISED if is_super else _LOWERED).fullmatch(text):
        return text.translate(_SUPERSCRIPTS if is_super else _SUBSCRIPTS)
    return markup.wrap(text, markup.SUP if is_super else markup.SUB)
