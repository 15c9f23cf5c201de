"""HTML in wikitext: tags become the wikitext that does the same (lists, tables, paragraphs), scripts are wrapped, the rest goes."""

from __future__ import annotations

import re

from galactica.corpus.wikitext.reading import Reading


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCRIPT = re.compile(r"<(sup|sub)(?:\s[^<>]{0,200})?>([^<>]{0,500})</\1\s{0,9}>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})(?=[\s/>])([^<>]{0,1000})>")
_TORN = re.compile(r"<ref(?:\s[^<>\n]{0,200}/?>?|(?=<))", re.IGNORECASE)
"""A footnote's tag that a slip left open, up to the end of its line or the next tag."""
_EMPHASIS = re.compile(r"'{2,5}")
_GONE = _words(
    "span div small big center font b i em strong u tt code var samp kbd dfn cite abbr bdi bdo q ins s "
    "strike del mark noinclude onlyinclude "
    "includeonly nobr wbr section ref references nowiki math pre poem ruby rb rt rp time data tbody thead "
    "tfoot caption col colgroup sup sub "
    "syntaxhighlight source gallery a img dl body html head hr noprint translate tvar languages ce chem "
    "score timeline input charinsert "
    "templatestyles includeonly center blink code onlyinclude label"
)
_BREAKS = {
    "br": "\ue027", "ul": "\n", "ol": "\n", "li": "\n* ", "dt": "\n; ", "dd": "\n: ",
    **dict.fromkeys(("p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"), "\n\n"),
}  # fmt: skip
_TABLES = {"table": "\n{{| {}\n", "tr": "\n|- {}\n", "td": "\n| {} | ", "th": "\n! {} | "}
BREAK = "\ue027"
"""Stands for a line break inside a paragraph."""


def without_tags(text: str, reading: Reading) -> str:
    """The text without HTML tags. What only looks like one ("x <y") stays."""
    if "<" not in text:
        return text
    for _ in range(2):  # a script may stand in a script
        text = _SCRIPT.sub(lambda match: _scripted(match, reading), text)
    return _TORN.sub("", _TAG.sub(_replaced, text))


def _scripted(match: re.Match[str], reading: Reading) -> str:
    inside = _EMPHASIS.sub("", match[2]).replace("&nbsp;", " ").replace("&minus;", "−").replace("&prime;", "′")
    if "\n" in inside or "[http" in inside or "&" in inside:
        return inside
    return reading.script(inside, match[1].lower() == "sup")


def _replaced(match: re.Match[str]) -> str:
    name = match[2].lower()
    if name in _BREAKS:
        if match[1]:
            return "\n" if name in ("ul", "ol", "li", "dd", "dt") else _BREAKS[name]
        return _BREAKS[name]
    if name in _TABLES:
        if match[1]:
            return "\n|}\n" if name == "table" else ""
        return _TABLES[name].format(match[3].strip("/ ").replace("|", " ").replace("\n", " "))
    return "" if name in _GONE else match[0]
