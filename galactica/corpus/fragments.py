r"""Abstracts and titles as web services write them (HTML fragments, JATS tags, `$...$`) -> text of the document language.

What looks like a tag and is none ("p<0.05, n>3") stays: only names that such fields are known to hold are taken for tags.
"""

from __future__ import annotations

import html
import re

from galactica import markup
from galactica.corpus.marks import Marks
from galactica.corpus.papers import clean
from galactica.corpus.scripts import script
from galactica.modalities import formulas

_BLOCK = re.compile(
    r"</?(?:jats:)?(?:p|div|sec|section|title|h[1-6]|li|ul|ol|list|list-item)(?:\s[^<>]{0,300})?/?>"
    r"|<br\s{0,9}/?>\s{0,9}<br\s{0,9}/?>",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"</?(?:jats:)?(?:i|b|u|em|strong|italic|bold|underline|span|font|a|sc|tt|code|small|sub|sup|ext-link|abstract|named-content|"
    r"styled-content|inline-formula|alternatives|tex-math|inlineequation|equationsource|inline-graphic|xref)(?:\s[^<>]{0,300})?/?>|<br\s{0,9}/?>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<(?:jats:)?(sub|sup)>([^<>]{1,200})</(?:jats:)?\1>", re.IGNORECASE)
_TEX_FILE = re.compile(r"\\documentclass.{0,2000}?\\end\{document\}", re.DOTALL)
_DOLLARS = re.compile(
    r"\$\$([^$]{1,1000})\$\$|(?<![\\$])\$(\d[\d.,]{0,20}|[^$\s](?:[^$]{0,300}?[^$\s\\])?| [A-Za-z] ?)\$(?!\d)"
)
_MATHEMATICAL = re.compile(
    r"[\\^_={}<>]|^-?[A-Za-z]'?$|^[A-Z]{2}$|^[A-Za-z]?\([A-Za-z0-9,| ]+\)$|^[A-Za-z0-9] ?[+*/-] ?[A-Za-z0-9]$"
)
_NUMBER = re.compile(r"\d[\d.,]{0,20}(?:[KMBk%]|\\%)?")
"""A number that stands as a formula: "$500$ sentences" is "500 sentences"."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")


def paragraphs(fragment: str) -> list[str] | None:
    r"""The paragraphs, each on one line; scripts in Unicode or their tokens, `$...$` that is mathematics as `\( ... \)`. None
    where the text spells a control token."""
    text = clean(_unescaped(fragment).replace("\r\n", "\n"))
    held = Marks({})
    if "<" in text:
        text = _BLOCK.sub("\n\n", text)
        text = _SCRIPT.sub(lambda match: held.hold(script(match[2], match[1].lower() == "sup")), text)
        text = _INLINE.sub("", text)
    if "\\documentclass" in text:
        text = _TEX_FILE.sub(lambda match: _formula(formulas.strip_tex_wrapper(match[0]), ""), text)
    if "$" in text:
        text = _DOLLARS.sub(lambda match: _formula(match[1] or match[2], match[0]), text)
    if markup.control_tokens(text):
        return None
    found = [" ".join(held.release(paragraph).split()) for paragraph in _PARAGRAPHS.split(text)]
    return [paragraph for paragraph in found if paragraph]


def plain(fragment: str) -> str:
    """A title or a name on one line, without tags."""
    text = clean(_unescaped(fragment))
    return " ".join(_INLINE.sub("", _BLOCK.sub(" ", text)).split() if "<" in text else text.split())


def _unescaped(text: str) -> str:
    for _ in range(2):  # services escape what was escaped
        if "&" not in text:
            break
        text = html.unescape(text)
    return text


def _formula(latex: str, otherwise: str) -> str:
    latex = formulas.normalise(latex.strip())
    if _NUMBER.fullmatch(latex):
        return latex.replace("\\", "")
    if not latex or not _MATHEMATICAL.search(latex) or formulas.problem(latex) is not None:
        return otherwise
    return markup.inline_maths(latex)
