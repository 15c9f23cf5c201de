"""A web page -> its main text as blocks: charset, title, licence, and everything around the text left out."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from lxml import etree

from galactica.corpus.headings import heading_level, shifted, without_empty_sections
from galactica.corpus.html import Converter, Reading, parse, storable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,30})", re.IGNORECASE)
_KNOWN_CHARSET = re.compile(
    r"(?:iso-?8859-?\d+|latin-?\d|windows-?\d+|cp\d+|koi8-?[rut]|gb\w+|big5\w*|euc-?\w+|shift[_-]?jis|utf-?8|us-ascii|ascii|macintosh|"
    r"iso-2022-jp|tis-620)",
    re.IGNORECASE,
)
_AS_WINDOWS = _words("iso8859-1 ascii latin_1")
"""What the web calls these is windows-1252 (WHATWG Encoding Standard)."""
_LEFT_OUT_TAGS = ("nav", "footer", "aside", "dialog", "menu")
_LEFT_OUT_ROLES = _words("navigation banner contentinfo search complementary dialog alert menu menubar toolbar")
_LEFT_OUT_NAMES = _words(
    "nav navbar navigation menu sidebar breadcrumb breadcrumbs footer cookie cookies share sharing social advert advertisement ads "
    "ad sponsored promo related recommended comments disqus pagination pager toc newsletter subscribe popup modal banner skip "
    "login signup search toolbar widget editsection noprint navbox catlinks printfooter hatnote mastfoot masthead topbar metabar "
    "siteheader sitefooter headerlink visually screenreader sronly"
)
_MAIN = (
    "//main", "//*[@role='main']", "//article", "//*[@id='content']", "//*[@id='main']", "//*[@id='main-content']",
    "//*[@id='bodyContent']", "//*[contains(concat(' ', @class, ' '), ' entry-content ')]",
    "//*[contains(concat(' ', @class, ' '), ' post-content ')]", "//*[contains(concat(' ', @class, ' '), ' article-body ')]",
)  # fmt: skip
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|\d+")
_NOISE = re.compile(
    r"\b(?:copyright|©|all rights reserved|cookies?|privacy policy|terms of (?:use|service)|sign (?:in|up)|log ?in|subscribe|"
    r"newsletter|share (?:this|on)|powered by|last (?:updated|modified)|skip to|back to top|click here|read more|javascript|"
    r"leave a (?:reply|comment)|posted (?:by|on|in)|page views|print this|e-?mail this|add to cart|follow us)\b|©",
    re.IGNORECASE,
)
_NOISE_CHARACTERS = 160
_SENTENCE = re.compile(r"[a-z)\]\d”\"][.?!:;]”?(?:\s|$)")
_TITLE_SEPARATOR = re.compile(r"(?<!\s)\s+[-|–—»·]\s+|(?:(?<!\s)\s+)?::\s*")
_LENGTH = etree.XPath("string-length(normalize-space())")
MAIN_SHARE = 0.4
"""Of a page's text that a `main` or `article` must hold to be taken for all of it."""


class Page(NamedTuple):
    """A page's title ("" where it has none), the blocks below it, its licence's address ("" where not stated), its language tag."""

    title: str
    blocks: list[str]
    licence: str
    language: str
    n_formulas: int


def decode(data: bytes, stated: str | None = None) -> str:
    """The text of a page. UTF-8 is believed where it decodes, whatever is declared; then HTTP's charset, then the page's own."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = _CHARSET.search(data[:4096])
    for label in (stated, found[1].decode("ascii", "replace") if found else None):
        if label and _KNOWN_CHARSET.fullmatch(label.strip()):
            try:
                name = codecs.lookup(label.strip()).name
                return data.decode("cp1252" if name in _AS_WINDOWS else name, "replace")
            except LookupError:
                continue
    text = data.decode("utf-8", "replace")
    n_wrong = text.count("\ufffd")
    n_right = sum(character > "\x7f" for character in text) - n_wrong
    return text if n_right > n_wrong else data.decode("cp1252", "replace")  # UTF-8 with a stray byte, or none at all


def read_page(text: str) -> Page | str:
    """The page, or why there is none."""
    root = parse(text)
    if isinstance(root, str):
        return root
    has_mathjax = re.search(r"mathjax|katex", text, re.IGNORECASE) is not None
    title, licence, language = _title(root), _licence(root), (root.get("lang") or "").lower()
    converter = Converter(Reading("plain" if has_mathjax else "none", without_link_lists=True))
    _remove_surroundings(root)
    main = _main(root)
    heading = next((line for node in main.iter("h1") if (line := converter.line(node))), "")
    title = heading or title
    blocks = [block for block in converter.blocks(main) if block.lstrip("# ") != title and not _is_noise(block)]
    if converter.spells_control_token:
        return "spells a control token"
    blocks = shifted(without_empty_sections(_trimmed(blocks)), 2)
    return Page(title, blocks, licence, language, converter.formulas.n_formulas)


def _title(root: etree._Element) -> str:
    """Of the page's title the part that is not the site's name."""
    shown = next((node.get("content") or "" for node in root.iter("meta") if node.get("property") == "og:title"), "")
    node = next(root.iter("title"), None)
    title = " ".join((shown or (node.text if node is not None else "") or "").split())
    return max(_TITLE_SEPARATOR.split(title), key=len)


def _licence(root: etree._Element) -> str:
    for node in root.iter("a", "link"):
        address = (node.get("href") or "").strip()
        if "license" in (node.get("rel") or "").lower().split() or "creativecommons.org/licenses/" in address:
            return address[:200]
    return ""


def _remove_surroundings(root: etree._Element) -> None:
    """Take out of the tree what stands around the text: navigation, advertisements, comments."""
    total = _length(root)
    for element in list(root.iter(etree.Element)):
        if element is root or element.getparent() is None or element.tag in ("body", "main", "article"):
            continue
        is_head = element.tag == "header" and not any(
            above.tag in ("main", "article") for above in element.iterancestors()
        )
        if (
            is_head
            or element.tag in _LEFT_OUT_TAGS
            or element.get("role") in _LEFT_OUT_ROLES
            or (element.get("aria-hidden") == "true" and "katex" not in (element.get("class") or ""))
            or _names(element) & _LEFT_OUT_NAMES
        ) and (element.tag in _LEFT_OUT_TAGS or _length(element) < 0.5 * total):
            remove(element)


def _names(element: etree._Element) -> set[str]:
    """The words of the element's classes and id."""
    stated = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    return {part.lower() for part in _NAME_PARTS.findall(stated)} if stated.strip() else set()


def remove(element: etree._Element) -> None:
    """Take an element out of its tree; the text behind it stays."""
    parent, before = element.getparent(), element.getprevious()
    assert parent is not None  # the caller looked
    if element.tail:
        if before is not None:
            before.tail = storable(f"{before.tail or ''}{element.tail}")
        else:
            parent.text = storable(f"{parent.text or ''}{element.tail}")
    parent.remove(element)


def _main(root: etree._Element) -> etree._Element:
    """The element that holds the text: of those that say so the one with most of it, if that is enough, else everything."""
    total = _length(root)
    for path in _MAIN:
        found = root.xpath(path)
        elements = [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
        best = max(elements, key=_length, default=None)
        if best is not None and _length(best) >= MAIN_SHARE * total:
            return best
    return root


def _length(element: etree._Element) -> int:
    return int(_LENGTH(element))  # type: ignore[arg-type]  # a number, by its expression


def _is_noise(block: str) -> bool:
    return len(block) < _NOISE_CHARACTERS and _NOISE.search(block) is not None and "\\(" not in block


def _trimmed(blocks: list[str]) -> list[str]:
    """The blocks without short ones before the first and after the last that is text: buttons, dates, names."""
    good = [index for index, block in enumerate(blocks) if _is_text(block)]
    if not good:
        return []
    first, last = good[0], good[-1]
    while first and heading_level(blocks[first - 1]):
        first -= 1
    return blocks[first : last + 1]


def _is_text(block: str) -> bool:
    if block.startswith(("```", "| ", "\\[")):
        return True
    return not heading_level(block) and ((len(block) >= 60 and _SENTENCE.search(block) is not None) or "\\(" in block)
