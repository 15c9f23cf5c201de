"""What a stated licence is: one class for the many ways in which sources write it."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("cc-by-nc", r"\bby-nc|non-?commercial|\bcc-nc"),
        ("cc-by-nd", r"\bby-nd|no-?deriv"),
        (
            "cc0",
            r"\bcc-?0|publicdomain|public domain|\bcc zero|free of (?:restrictions|all copyright)|"
            r"not subject to (?:u\.?s\.? )?copyright",
        ),
        ("cc-by-sa", r"\bby-sa|share-?alike"),
        ("cc-by", r"\bcc[- ]by\b|licenses?/by\b|attribution\b"),
        ("gfdl", r"gnu free documentation|\bgfdl|\bfdl-1"),
        (
            "permissive",
            r"\bmit\b|\bbsd|apache|\bexpat|permission is hereby granted|redistribution and use|\bisc\b|artistic|odc-?by",
        ),
        ("copyleft", r"\bl?gpl|general public license|\bmpl|mozilla"),
    )
)
LICENCE_CLASSES = (*(name for name, _ in _RULES), "other", "not stated")
"""In the order in which they are looked for: a text that says "Attribution-NonCommercial" is the first of them."""


_NONE = re.compile(r"not stated|as the [\w ]{1,60} states?|\s*", re.IGNORECASE)
"""What stands for a licence where a record states none."""
_CLASS = re.compile(rf"({'|'.join(map(re.escape, LICENCE_CLASSES))}): ")
"""A class that the reader of a long text found beyond the beginning that is kept of it."""


def licence_class(stated: str) -> str:
    """One of `LICENCE_CLASSES` for a licence's name, address or text."""
    if _NONE.fullmatch(stated[:200]):
        return "not stated"
    if told := _CLASS.match(stated):
        return told[1]
    return next((name for name, pattern in _RULES if pattern.search(stated[:2000])), "other")
