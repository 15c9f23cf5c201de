"""Text without the tags of Liquid and Jinja (`{% %}`, `{{ }}`, `{# #}`), as Jekyll's pages have them."""

from __future__ import annotations

import re

_HIGHLIGHT = re.compile(
    r"\{%-?\s*highlight\s+(\w{1,20})[^%]{0,100}%\}\n?(.{0,100000}?)\{%-?\s*endhighlight\s*-?%\}", re.DOTALL
)
_COMMENT = re.compile(r"\{%-?\s*(comment|mermaid|capture|assign|details)\b[^%]{0,500}%\}")
_HIDING = frozenset(("comment", "mermaid", "capture"))
_CAPTION = re.compile(r"\bcaption\s*=\s*(?:\"([^\"]{0,3000})\"|'([^']{0,3000})')")
MAX_TAG = 5_000
_OUTPUT = re.compile(r"\{\{(?=[^{}]{0,300}(?:site|page|include|manubot|\|)[^{}]{0,300}\}\})[^{}]{0,600}\}\}")
_JINJA_OPEN, _JINJA_CLOSE, _MAX_JINJA = "{##", "##}", 20_000


def without_liquid(text: str) -> str:
    """The text with highlighted code in fences, captions of included figures as text, and no tags."""
    if "{%" in text:
        text = _HIGHLIGHT.sub(r"\n```\1\n\2\n```\n", text)
        text = _without_comments(text)
        text = _without_tags(text)
    if "{{" in text:
        text = _OUTPUT.sub("", text)
    return _without_jinja(text) if _JINJA_OPEN in text else text


def _without_jinja(text: str) -> str:
    """The text without `{## ... ##}`; a pattern would look for the end from every beginning."""
    out: list[str] = []
    at = end = 0
    start = text.find(_JINJA_OPEN)
    while start >= 0 and end >= 0:
        inside = start + len(_JINJA_OPEN)
        if end < inside and (end := text.find(_JINJA_CLOSE, inside)) < 0:
            break
        after = inside
        if end - inside <= _MAX_JINJA:
            out.append(text[at:start])
            at = after = end + len(_JINJA_CLOSE)
        start = text.find(_JINJA_OPEN, after)
    return "".join([*out, text[at:]])


def _without_comments(text: str) -> str:
    out: list[str] = []
    at = done = 0
    without_end: set[str] = set()
    while (match := _COMMENT.search(text, at)) is not None:
        at = match.end()
        end = None
        if match[1] in _HIDING and match[1] not in without_end:
            end = re.compile(r"\{%-?\s{0,5}end" + match[1] + r"\s{0,5}-?%\}").search(text, at)
            if end is None:
                without_end.add(match[1])
        out.append(text[done : match.start()])
        at = done = end.end() if end else at
    return "".join([*out, text[done:]])


def _without_tags(text: str) -> str:
    """The text without tags; one that includes a figure leaves its caption."""
    out: list[str] = []
    at = 0
    while (start := text.find("{%", at)) >= 0 and (end := text.find("%}", start)) >= 0:
        inside = text[start + 2 : end]
        if len(inside) > MAX_TAG:
            out.append(text[at : start + 2])
            at = start + 2
            continue
        out.append(text[at:start])
        caption = _CAPTION.search(inside)
        if caption is not None and (shown := caption[1] or caption[2]):
            out.append(f"\n\n{shown}\n\n")
        at = end + 2
    return "".join([*out, text[at:]])
