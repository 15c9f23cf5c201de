"""The first step: comments go, and what MediaWiki does not read as wikitext (formulas, code, `<nowiki>`) is set aside.

Each opening tag is looked at once, and a closing tag that is not found is not looked for again, so that a page is read in
linear time whatever it opens and never closes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from galactica.corpus.wikitext import proofwiki
from galactica.corpus.wikitext.quantities import chemical
from galactica.corpus.wikitext.reading import PRIVATE, Reading

_KEPT = "nowiki pre math chem ce syntaxhighlight source code tt references"
_LEFT_OUT = (
    "gallery timeline score imagemap hiero graph templatedata inputbox categorytree mapframe maplink "
    "templatestyles section includeonly "
    "del s strike indicator quiz chart rss imagemap listing poll"
)
_TAGS = "|".join(sorted({*_KEPT.split(), *_LEFT_OUT.split()}, key=len, reverse=True))
_OPENING = re.compile(rf"<!--|<({_TAGS})(?=[\s/>])([^<>]{{0,1000}})>", re.IGNORECASE)
_OPENING_OR_DOLLAR = re.compile(rf"{_OPENING.pattern}|\$\$?", re.IGNORECASE)
_CLOSING = {name: re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE) for name in _TAGS.split("|")}
_SYNTAX = re.compile(r"""\blang(?:uage)?\s{0,9}=\s{0,9}["']?([\w+#.\-]{1,20})""", re.IGNORECASE)
_NOWIKI = re.compile(r"</?nowiki\s{0,9}/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{0,300}\|)?([^\[\]|\n]{1,300})\]\]")
_MAX_DOLLAR_FORMULA = 4000


def set_aside(text: str, reading: Reading) -> str:
    """The text with placeholders for what is not wikitext."""
    is_proofwiki = reading.wiki == "proofwiki"
    if "<" not in text and not is_proofwiki:
        return text
    opening = _OPENING_OR_DOLLAR if is_proofwiki else _OPENING
    out: list[str] = []
    never_closed: set[str] = set()
    at = 0
    while (match := opening.search(text, at)) is not None:
        out.append(text[at : match.start()])
        at = match.end()
        sign = match[0]
        if sign == "<!--":
            end = text.find("-->", at)
            at = end + 3 if end >= 0 else len(text)
        elif sign[0] == "$":
            at = _dollar(text, at, sign, out, reading)
        elif not sign.endswith("/>"):
            name = match[1].lower()
            closing = None if name in never_closed else _CLOSING[name].search(text, at)
            if closing is None:
                never_closed.add(name)
                continue
            handler = _HANDLERS.get(name)
            if handler is not None:
                out.append(handler(text[at : closing.start()], match[2], reading))
            at = closing.end()
    out.append(text[at:])
    return proofwiki.without_braces("".join(out)) if is_proofwiki else "".join(out)


def _dollar(text: str, at: int, sign: str, out: list[str], reading: Reading) -> int:
    """Reads a formula of ProofWiki between dollar signs; returns where to go on."""
    end = text.find(sign, at, at + _MAX_DOLLAR_FORMULA)
    if end <= at or text.startswith("\\", end - 1):
        out.append(sign)
        return at
    out.append(reading.maths(proofwiki.plain_latex(text[at:end]), display=sign == "$$"))
    return end + len(sign)


def _nowiki(content: str, attributes: str, reading: Reading) -> str:
    return reading.marks.hold(html.unescape(content)) if content.strip() else content


def _math(content: str, attributes: str, reading: Reading) -> str:
    return reading.maths(content, display="block" in attributes)


def _chemistry(content: str, attributes: str, reading: Reading) -> str:
    return chemical(content, reading)


def _pre(content: str, attributes: str, reading: Reading) -> str:
    code = html.unescape(_TAG.sub("", _NOWIKI.sub("", content))).strip("\n")
    return reading.code(f"{code}\n", "") if "\n" in code else reading.code(code)


def _highlighted(content: str, attributes: str, reading: Reading) -> str:
    language = match[1].lower() if (match := _SYNTAX.search(attributes)) else ""
    is_inline = re.search(r"\binline\b|inline", attributes) is not None
    content = content.expandtabs(4)
    if is_inline:
        return reading.code(" ".join(content.split()))
    return reading.code(content, "" if language in ("text", "none") else language)


def _code(content: str, attributes: str, reading: Reading) -> str:
    code = _NOWIKI.sub("", content)
    if PRIVATE.search(code) or "{{" in code:
        return code
    code = _LINK.sub(r"\1", _TAG.sub("", code))
    return reading.code(html.unescape(re.sub(r"'{2,5}", "", code)))


def _references(content: str, attributes: str, reading: Reading) -> str:
    reading.definitions.append(content)
    return ""


_HANDLERS: dict[str, Callable[[str, str, Reading], str]] = {
    "nowiki": _nowiki,
    "pre": _pre,
    "math": _math,
    "chem": _chemistry,
    "ce": _chemistry,
    "syntaxhighlight": _highlighted,
    "source": _highlighted,
    "code": _code,
    "tt": _code,
    "references": _references,
}
"""Tag -> what becomes of its content; that of the others is left out."""
