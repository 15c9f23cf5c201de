"""Text without the tags of Liquid and Jinja (`{% %}`, `{{ }}`, `{# #}`), as Jekyll's pages have them."""

from __future__ import annotations

import re

_HIGHLIGHT = re.compile(
    r"\{%-?\s*highlight\s+(\w{1,20})[^%]{0,100}%\}\n?(.{0,100000}?)\{%-?\s*endhighlight\s*-?%\}", re.DOTALL
)
_COMMENT = re.compile(r"\{%-?\s*(comment|mermaid|capture|assign|details)\b[^%]{0,500}%\}")
_CAPTION = re.compile(r"\bcaption\s*=\s*(?:\"([^\"]{0,3000})\"|'([^']{0,3000})')")
_TAG = re.compile(r"\{%((?:[^%]|%(?!\})){0,5000})%\}")
_OUTPUT = re.compile(r"\{\{(?=[^{}]{0,300}(?:site|page|include|manubot|\|)[^{}]{0,300}\}\})[^{}]{0,600}\}\}")
_JINJA_COMMENT = re.compile(r"\{##.{0,20000}?##\}", re.DOTALL)


def without_liquid(text: str) -> str:
    """The text with highlighted code in fences, captions of included figures as text, and no tags."""
    if "{%" in text:
        text = _HIGHLIGHT.sub(r"\n```\1\n\2\n```\n", text)
        text = _without_comments(text)
        text = _TAG.sub(_caption, text)
    if "{{" in text:
        text = _OUTPUT.sub("", text)
    return _JINJA_COMMENT.sub("", text) if "{##" in text else text


def _without_comments(text: str) -> str:
    out: list[str] = []
    at = 0
    while (match := _COMMENT.search(text, at)) is not None:
        out.append(text[at : match.start()])
        at = match.end()
        if match[1] in ("comment", "mermaid", "capture"):
            end = re.compile(r"\{%-?\s*end" + match[1] + r"\s*-?%\}").search(text, at)
            at = end.end() if end else at
    return "".join([*out, text[at:]])


def _caption(match: re.Match[str]) -> str:
    caption = _CAPTION.search(match[1])
    return f"\n\n{caption[1] or caption[2]}\n\n" if caption and (caption[1] or caption[2]) else ""
