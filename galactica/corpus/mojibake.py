"""Characters that a wrong encoding made of others, put right: "Groverâ\\x80\\x99s" -> "Grover’s", "IL-1Î²" -> "IL-1β"."""

from __future__ import annotations

import re

_TWICE_ENCODED = re.compile(
    r"Â[\x80-\xbf]|Ã[\x80-\xbf]|Î[\x91-\xbf]|Ï[\x80-\x8f]|â[\x80-\x8a][\x80-\xbf]|â€[™œ“”˜¦¢]|Î[‘’“”•–—˜™š›œžŸ]|Ï[€ƒ„…†‡ˆ‰]"
)
"""UTF-8 that was read as Latin-1 or Windows-1252: Latin and Greek letters, signs, punctuation. Without Å: "Å³" is a volume."""
_WINDOWS = re.compile("[\x80-\x9f]")


def mended(text: str) -> str:
    """The text with twice encoded characters and the punctuation of Windows-1252 as what they stand for."""
    if text.isascii():
        return text
    return _WINDOWS.sub(_of_windows, _TWICE_ENCODED.sub(_decoded, text))


def _decoded(match: re.Match[str]) -> str:
    data = b"".join(sign.encode("latin-1") if sign <= "\xff" else sign.encode("cp1252") for sign in match[0])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _of_windows(match: re.Match[str]) -> str:
    return match[0].encode("latin-1").decode("cp1252", "ignore")
