"""Control tokens of our own under a veil while a document is put together, so that one spelt by text from outside is seen.

Text from outside goes through `clean`, what we write through `veil`; at the end `unveil` says whether a token was spelt.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from galactica import markup
from galactica.corpus.papers import clean as without_placeholders

_VEILED = {token: chr(0xE010 + index) for index, token in enumerate(markup.SPECIAL_TOKENS)}
_DROPPED = dict.fromkeys(map(ord, _VEILED.values()))
SPELLS = "spells a control token"
_CLOSED = re.compile(
    "|".join(
        rf"{re.escape(start)}(?:(?!{re.escape(start)}).)*?{re.escape(end)}"
        for start, end in (
            (markup.START_REF, markup.END_REF),
            *((markup.opening(kind), markup.closing(kind)) for kind in (markup.SUP, markup.SUB)),
        )
    ),
    re.DOTALL,
)
"""A citation or a script without another of its kind inside."""


def clean(text: str | None) -> str:
    """The text without control characters and those that stand for something here; "" for None."""
    text = without_placeholders(text)
    return text if text.isascii() else text.translate(_DROPPED)


def veil(text: str) -> str:
    """The text with each control token as one private character."""
    for token in markup.control_tokens(text):
        text = text.replace(token, _VEILED[token])
    return text


def unveil(text: str) -> tuple[str, bool]:
    """The text with the tokens that were veiled, and whether it spelt one before."""
    spells = bool(markup.control_tokens(text))
    if not text.isascii():
        for token, veiled in _VEILED.items():
            text = text.replace(veiled, token)
    return text, spells


def spells_beside(text: str, is_own: Callable[[str], bool]) -> bool:
    """Whether a control token stands in the text outside of the citations and scripts that are our own."""
    if not markup.control_tokens(text):
        return False
    for _ in range(4):  # scripts hold citations
        left = _CLOSED.sub(lambda match: "" if is_own(match[0]) else match[0], text)
        if left == text:
            break
        text = left
    return bool(markup.control_tokens(text))
