"""Control tokens of our own under a veil while a document is put together, so that one spelt by text from outside is seen.

Text from outside goes through `clean`, what we write through `veil`; at the end `unveil` says whether a token was spelt.
"""

from __future__ import annotations

from galactica import markup
from galactica.corpus.papers import clean as without_placeholders

_VEILED = {token: chr(0xE010 + index) for index, token in enumerate(markup.SPECIAL_TOKENS)}
_DROPPED = dict.fromkeys(map(ord, _VEILED.values()))
SPELLS = "spells a control token"


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
