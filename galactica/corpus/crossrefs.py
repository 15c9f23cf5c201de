r"""Pointers of pandoc's dialects that are not citations: pandoc-crossref (`@fig:x`, `{#fig:x}`), bookdown (`\@ref(fig:x)`) and
LaTeX's `\ref{fig:x}`, which these let through. Numbers are given in the order of the labels; what has none is "the figure"."""

from __future__ import annotations

import re
from collections.abc import Mapping

KINDS = {"fig": "Figure", "tbl": "Table", "tab": "Table", "eq": "Equation", "sec": "Section", "lst": "Listing"}

_LABEL = re.compile(r"(?:\{#|\\label\{|\(\\#)((?:fig|tbl|tab|eq|sec|lst):[\w:.-]{1,100})")
_CHUNK_LABEL = re.compile(r"^[ \t]*`{3,}\{r[ ,]+([\w.-]{1,100})[^}\n]{0,1000}fig\.cap", re.MULTILINE)
_POINTER = re.compile(
    r"(?:\b(?:Figures?|Fig\.|Tables?|Sections?|Sec\.|Equations?|Eq\.)[~\s]{0,3})?(?:\\?@ref[({]([^(){}\n]{1,100})[)}]|"
    r"\\(?:auto|c|C|eq)?ref\{([^{}\n]{1,100})\})"
)
_LABEL_LEFT = re.compile(r"\s?\\label\{[^{}\n]{1,100}\}(?=[^$\n]{0,300}\]\()|\(\\#(?:eq|fig|tab):[^()\n]{1,100}\)")


def labels(text: str) -> dict[str, str]:
    """Each label of the text with what it shows: "Figure 2"."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    named = [*_LABEL.findall(text), *(f"fig:{name}" for name in _CHUNK_LABEL.findall(text))]
    for label in dict.fromkeys(named):
        kind = KINDS[label.partition(":")[0]]
        counts[kind] = counts.get(kind, 0) + 1
        found[label] = f"{kind} {counts[kind]}"
    return found


def without_pointers(text: str, shown: Mapping[str, str]) -> str:
    r"""The text with its `\ref` and `\@ref` in words."""
    if "ref" not in text:
        return _LABEL_LEFT.sub("", text)
    return _LABEL_LEFT.sub("", _POINTER.sub(lambda match: _words(match, shown), text))


def _words(match: re.Match[str], shown: Mapping[str, str]) -> str:
    label = (match[1] or match[2]).strip()
    if label in shown:
        return shown[label]
    before = match.string[max(0, match.start() - 200) : match.start()].rstrip()
    noun = re.match(r"[A-Za-z]+", match[0])
    prefix = label.partition(":")[0].lower()
    kind = KINDS.get(prefix) or (
        {"F": "Figure", "T": "Table", "E": "Equation"}.get(noun[0][0], "Section") if noun else "Section"
    )
    return f"{'The' if not before or before[-1] in '.!?' else 'the'} {kind.lower()}"
