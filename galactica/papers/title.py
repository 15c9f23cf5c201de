"""A title as a user gives it: whether a paper can be written under it, and the folder name it becomes."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from galactica import markup

MAX_TITLE = 300
"""Characters of a title; the longest that journals print are shorter."""
MAX_SLUG = 60


def title_problem(title: str) -> str | None:
    """Why no paper can be written under this title, in one line; None where one can. LaTeX, HTML and shell characters are
    allowed: they come out as they are written."""
    shown = " ".join(title.split())
    if any("\ud800" <= character <= "\udfff" for character in shown):
        return f"the title {_shortened(shown)} is not UTF-8 text. Give it in UTF-8."
    if not any(character.isalnum() for character in shown):
        return f"the title {_shortened(title)} names nothing. Give some words, e.g. 'Attention mechanisms in biology'."
    if len(shown) > MAX_TITLE:
        return f"the title has {len(shown):,} characters; at most {MAX_TITLE} are allowed. Shorten it."
    control = [*markup.control_tokens(title), *([markup.SPLIT_MARKER] if markup.SPLIT_MARKER in title else [])]
    if control:
        return f"the title holds {control[0]!r}, which steers the model and cannot stand in a title. Leave it out."
    return None


def slug(title: str) -> str:
    """A folder name: lower-case ASCII letters and digits with single hyphens, 1 to 60 characters. A title without such
    letters gets one from its hash, so that two titles in another script do not share a folder."""
    # Letters that Unicode does not decompose, as readers of Latin script spell them.
    text = title.translate(_SPELT)
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_text)
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:MAX_SLUG]
        if len(longer) > MAX_SLUG:
            break
        name = longer
    return name or f"paper-{hashlib.sha256(title.encode('utf-8', 'replace')).hexdigest()[:8]}"


_SPELT = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"}
)


def _shortened(title: str) -> str:
    return repr(title if len(title) <= 40 else title[:40] + "…")
