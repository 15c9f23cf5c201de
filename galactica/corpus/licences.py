"""What a stated licence is: one class for the many ways in which sources write it."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("cc-by-nc", r"\bby-nc|non-?commercial|\bcc-nc"),
        ("cc-by-nd", r"\bby-nd|no-?deriv"),
        ("cc0", r"\bcc-?0|publicdomain|public domain|\bcc zero|free of restrictions"),
        ("cc-by-sa", r"\bby-sa|share-?alike"),
        ("cc-by", r"\bcc[- ]by\b|licenses/by\b|attribution\b"),
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


def licence_class(stated: str) -> str:
    """One of `LICENCE_CLASSES` for a licence's name, address or text."""
    if not stated.strip() or stated.strip().lower() == "not stated":
        return "not stated"
    return next((name for name, pattern in _RULES if pattern.search(stated[:2000])), "other")
