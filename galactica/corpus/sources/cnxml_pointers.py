"""What a link of an OpenStax module shows where it has no words of its own and points to what has no number here."""

from __future__ import annotations

import re

_KINDS = {"fig": "figure", "tab": "table", "exa": "example", "eq": "equation", "chapter": "chapter"}
"""Part of an identifier -> what it tells of its element."""
_IN_PARENTHESES = re.compile(
    r"\s?\((?:[Ss]ee |[Rr]efer to |[Ss]ee also |as in |from )?another (?:section|figure|table|equation|example|exercise|chapter)\)"
)


def in_words(target: str, before: str) -> str:
    """ "another figure", as far as the identifier tells what it is of; with a capital where it opens a sentence after `before`."""
    kind = next((kind for part, kind in _KINDS.items() if part in target.lower()), "section")
    return f"{'Another' if before.rstrip()[-1:] in ('', '.', '?', '!') else 'another'} {kind}"


def without_empty_pointers(text: str) -> str:
    """The text without parentheses that hold such a pointer alone: "(see another section)"."""
    return _IN_PARENTHESES.sub("", text) if "(" in text else text
