"""Pages of LibreTexts' textbooks, as saved HTML or as the MindTouch API's contents (XML or JSON) -> one document a page.

Source: https://libretexts.org; MindTouch `GET /@api/deki/pages/{id}/contents` (`<content title="..."><body>escaped HTML</body>`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from galactica.corpus.headings import shifted, without_empty_sections, without_sections
from galactica.corpus.html import Converter, Reading, parse, storable
from galactica.corpus.html_page import decode, remove
from galactica.corpus.json_items import load
from galactica.corpus.papers import is_english
from galactica.corpus.source import Published, Source
from galactica.corpus.veil import SPELLS
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

MIN_CHARACTERS = 400
_SITE = re.compile(rb"libretexts\.org", re.IGNORECASE)
_CONTENTS = re.compile(rb"<content\s[^>]{0,300}title=")
_NUMBER = re.compile(r"^(?:\d+|[A-Z])(?:\.\d*[A-Z]?\d*)*[.:]\s+")
_PAGE_INDEX = re.compile(r"\\\(\s{0,9}\\PageIndex\s{0,9}\{([^{}<]{1,20})\}\s{0,9}\\\)|\\PageIndex\s{0,9}(?=\{)")
"""The number of an example or figure, which the site puts together when it shows the page."""
_SITE_NAME = re.compile(r"(?<!\s)\s+-\s+\w+ LibreTexts$", re.IGNORECASE)
_LEFT_OUT = re.compile(
    r"(?:contributors?|attributions?|(?:contributors?|contributions?|licenses?) and attributions?|"
    r"(?:cc )?licensed content.*|outside links|external links|external resources|internal links|authors?|acknowledge?ments?|"
    r"template:.*|media attributions?|image credits?|"
    r"additional (?:resources|reading)|further reading|interactive elements?|query .*)",
    re.IGNORECASE,
)
_LICENCE = re.compile(
    r"license:(ccbyncsa|ccbyncnd|ccbynd|ccbysa|ccbync|ccby|publicdomain|gnufdl|gnudsl|ck12|arr)\b", re.IGNORECASE
)
_VERSION = re.compile(r"licenseversion:(\d)(\d)")
_LICENCES = {
    "ccby": "CC BY", "ccbysa": "CC BY-SA", "ccbync": "CC BY-NC", "ccbyncsa": "CC BY-NC-SA", "ccbynd": "CC BY-ND",
    "ccbyncnd": "CC BY-NC-ND", "publicdomain": "public domain", "gnufdl": "GNU Free Documentation License",
    "gnudsl": "GNU General Public License", "ck12": "CK-12 (CC BY-NC)", "arr": "all rights reserved",
}  # fmt: skip
_CHROME = (
    "//*[contains(@class, 'mt-content-footer') or contains(@class, 'mt-guide') or contains(@class, 'mt-sortable') "
    "or contains(@class, 'elm-') or contains(@class, 'mt-breadcrumbs') or contains(@class, 'mt-toc') "
    "or contains(@class, 'noindex') or contains(@class, 'template:') or @id='mt-toc-container' or self::nav or self::footer]"
)


class _Page(NamedTuple):
    title: str
    html: str
    address: str
    is_whole: bool
    """Whether the HTML is a whole page of the site and not its text alone."""


def _claims(where: str, head: bytes) -> bool:
    name = where.lower()
    is_of_site = _SITE.search(head) is not None or "libretexts" in name
    if name.endswith((".html", ".htm")):
        return is_of_site and (b"<html" in head.lower() or b"mt-content-container" in head)
    if name.endswith(".xml"):
        return is_of_site and _CONTENTS.search(head) is not None
    return name.endswith(".json") and is_of_site and re.search(rb'"@title"\s*:', head) is not None


def _read(file: RawFile) -> Iterator[Document | Drop]:
    page = _page(file)
    document = page if isinstance(page, str) else _document(page)
    yield Drop(file.where, SOURCE.name, document) if isinstance(document, str) else document


def _page(file: RawFile) -> _Page | str:
    if file.name.endswith((".html", ".htm")):
        return _Page("", decode(file.data), "", True)
    if file.name.endswith(".json"):
        tree = load(file.data)
        body: Any = tree.get("body") if isinstance(tree, dict) else None
        body = next((part for part in body if isinstance(part, str)), "") if isinstance(body, list) else body
        return (
            _Page(str(tree["@title"]), body, "", False)
            if isinstance(body, str) and tree.get("@title")
            else "no text of a page"
        )
    try:
        root = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"not well-formed: {type(error).__name__}"
    inner = next((node for node in root.iter("body") if not node.get("target")), None)
    if inner is None or root.tag != "content":
        return "no text of a page"
    html = (inner.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in inner)
    return _Page(root.get("title", ""), html, root.get("href", ""), False)


def _document(page: _Page) -> Document | str:
    """The document of a page, or why there is none."""
    root = parse(_PAGE_INDEX.sub(r"\1", page.html))
    if isinstance(root, str):
        return root
    title, address = page.title, page.address
    if page.is_whole:
        title, address = _head(root)
    main = _main(root) if page.is_whole else root
    for chrome in list(_found(main, "." + _CHROME)):
        if chrome is not main and chrome.getparent() is not None:
            remove(chrome)
    converter = Converter(Reading(without_link_lists=True))
    name = _NUMBER.sub("", converter.line(_titled(title)))
    blocks = [block for block in converter.blocks(main) if block.lstrip("# ") not in (title, name)]
    blocks = without_empty_sections(without_sections(blocks, _LEFT_OUT))
    if converter.spells_control_token:
        return SPELLS
    if not name:
        return "no title"
    text = "\n\n".join([f"# {name}", *shifted(blocks, 2)])
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if not is_english(text[:40_000]):
        return "not English"
    key = address or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    metadata = {
        "title": name, "url": address or None, "language": "en", "n_formulas": converter.formulas.n_formulas,
        "formulas_faulty": dict(converter.formulas.faulty),
    }  # fmt: skip
    return Document(f"libretexts:{key}", text, SOURCE.name, _licence(page.html), metadata)


def _head(root: etree._Element) -> tuple[str, str]:
    """Title and address that a saved page states."""
    shown = next((node.get("content") or "" for node in root.iter("meta") if node.get("property") == "og:title"), "")
    title = shown or next((node.text or "" for node in root.iter("title")), "")
    address = next((node.get("href") or "" for node in root.iter("link") if node.get("rel") == "canonical"), "")
    return _SITE_NAME.sub("", " ".join(title.split())), address[:300]


def _titled(title: str) -> etree._Element:
    element = etree.Element("span")
    element.text = storable(title)
    return element


def _main(root: etree._Element) -> etree._Element:
    found = list(_found(root, "//*[contains(concat(' ', @class, ' '), ' mt-content-container ')]"))
    return found[0] if found else root


def _found(root: etree._Element, path: str) -> Iterator[etree._Element]:
    result = root.xpath(path)
    yield from (node for node in result if isinstance(node, etree._Element)) if isinstance(result, list) else ()


def _licence(html: str) -> str:
    """What the page's tags say; "not stated" where they say nothing."""
    match = _LICENCE.search(html)
    if match is None:
        link = re.search(r"creativecommons\.org/(?:licenses|publicdomain)/[\w./-]{2,40}", html)
        return f"https://{link[0]}" if link else "not stated"
    version = _VERSION.search(html)
    return _LICENCES[match[1].lower()] + (f" {version[1]}.{version[2]}" if version else "")


SOURCE = Source(
    name="libretexts",
    group="reference material",
    format="LibreTexts pages (HTML, MindTouch contents XML and JSON)",
    origin="https://libretexts.org",
    licence="per page, CC BY-NC-SA and others",
    published=Published(95_113, 185_000_000),
    claims=_claims,
    read=_read,
)
