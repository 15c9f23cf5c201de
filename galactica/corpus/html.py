"""HTML -> blocks of the document language: headings, paragraphs, lists, tables, code, formulas.

Pictures, scripts and forms are left out; a link is its text, a link to a paper a citation where its text is the paper's title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from galactica import markup
from galactica.corpus.headings import without_empty_sections
from galactica.corpus.html_maths import Dollars, Formulas, Piece, element_piece, pieces
from galactica.corpus.marks import Marks
from galactica.corpus.paper_links import is_paper, paper_link
from galactica.corpus.scripts import script
from galactica.corpus.tables import markdown_table, one_line
from galactica.corpus.veil import SPELLS, clean, unveil, veil


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_DEPTH = 100
"""Elements inside each other; libxml2 itself stops at 256."""
TOO_DEEP = "nested too deep"

_SKIPPED = _words(
    "head script style noscript template svg canvas audio video iframe object embed button input select textarea option dialog "
    "map area link meta title del s strike applet progress"
)
_BLOCKS = _words(
    "address article aside blockquote body center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_CODE = _words("code tt kbd samp")
_NOT_OF_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"(?:^|\s)(?:lang(?:uage)?|highlight-source|brush:)[-:\s]+([\w+#]{1,20})")
_BREAKS = re.compile(r"(?<! ) *\n *")


@dataclass(frozen=True, slots=True)
class Reading:
    """How HTML is read: which dollar signs open formulas, and whether blocks that are links for the most part are left out."""

    dollars: Dollars = "none"
    without_link_lists: bool = False


def parse(source: str | bytes) -> etree._Element | str:
    """The `html` element of a page or fragment (bytes are UTF-8), or why there is none. Entities of a DTD are not read."""
    data = source.encode("utf-8", "replace") if isinstance(source, str) else source
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError):
        return "not readable as HTML"
    if root is None:
        return "empty"
    return TOO_DEEP if _is_deep(root) else root


def _is_deep(root: etree._Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def to_blocks(source: str, reading: Reading = Reading()) -> list[str] | str:
    """The blocks of a fragment, or why there are none."""
    root = parse(source)
    if isinstance(root, str):
        return root
    converter = Converter(reading)
    blocks = converter.blocks(root)
    return SPELLS if converter.spells_control_token else blocks


class Converter:
    """Converts elements of one document. `formulas` counts its formulas; `spells_control_token` becomes true where text from
    outside spells one: what was converted must not be used then."""

    def __init__(self, reading: Reading = Reading()) -> None:
        self.formulas = Formulas()
        self.spells_control_token = False
        self._reading = reading
        self._text = Marks({})
        self._with_blocks: set[etree._Element] = set()
        self._leaves_out_links = reading.without_link_lists
        self._in_links = 0  # characters of the paragraph at hand

    def blocks(self, root: etree._Element) -> list[str]:
        """What the element holds, as blocks, without headings that nothing follows."""
        self._with_blocks = _holders_of_blocks(root)
        return [self._unveiled(block) for block in without_empty_sections(self._blocks(root))]

    def line(self, element: etree._Element) -> str:
        """What the element holds, on one line."""
        self._with_blocks = _holders_of_blocks(element)
        return self._unveiled(self._line(element))

    def _unveiled(self, text: str) -> str:
        text, spells = unveil(text)
        self.spells_control_token = self.spells_control_token or spells
        return text

    # --- blocks -----------------------------------------------------------------------------------------------------

    def _blocks(self, element: etree._Element) -> list[str]:
        out: list[str] = []
        parts: list[str | Piece] = [clean(element.text)]
        for child in element:
            name = _name(child)
            if name in _BLOCKS or child in self._with_blocks:
                out += self._paragraph(parts)
                out += self._block(child, name)
            else:
                self._inline_child(child, name, parts)
            parts.append(clean(child.tail))
        return out + self._paragraph(parts)

    def _block(self, element: etree._Element, name: str) -> list[str]:
        if (piece := element_piece(element, name)) is not None:
            return self._paragraph([piece])
        if name in _SKIPPED or "display:none" in (element.get("style") or "").replace(" ", ""):
            return []
        if name in _HEADINGS:
            text = self._line(element)
            return [f"{'#' * int(name[1])} {text}"] if any(map(str.isalnum, text)) else []
        if name in ("ul", "ol", "dir"):
            return self._list(element, name == "ol")
        if name == "dl":
            return self._definitions(element)
        if name == "table":
            return self._table(element)
        if name == "pre":
            return self._code(element)
        if name == "blockquote":
            inner = "\n\n".join(self._blocks(element))
            return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))] if inner else []
        return self._blocks(element)

    def _paragraph(self, parts: list[str | Piece]) -> list[str]:
        """The running text gathered so far as blocks: displayed formulas stand alone. Empties `parts`."""
        linked, self._in_links = self._in_links, 0
        gathered = list(_joined(parts))
        parts.clear()
        length = sum(len(piece.text.strip()) for piece in gathered)
        if not length or (self._leaves_out_links and linked > 0.5 * length):
            return []
        out: list[str] = []
        text = ""
        for piece in self._cut(gathered):
            if piece.kind == "text":
                if (
                    out
                    and not text
                    and (point := re.match(r"\s*([.,;])(?=\s|$)", piece.text))
                    and out[-1].endswith(r" \]")
                ):
                    out[-1] = f"{out[-1][:-3]}{point[1]} \\]"
                    piece = piece._replace(text=piece.text[point.end() :])
                text += piece.text
            elif latex := self.formulas.latex(piece.text):
                if piece.kind == "inline":
                    text += self._text.hold(markup.inline_maths(latex))
                else:
                    out += self._resolved(text)
                    text = ""
                    out.append(markup.display_maths(latex))
        return out + self._resolved(text)

    def _cut(self, gathered: list[Piece]) -> Iterator[Piece]:
        for piece in gathered:
            yield from pieces(piece.text, self._reading.dollars) if piece.kind == "text" else (piece,)

    def _resolved(self, text: str) -> list[str]:
        text = _BREAKS.sub("\n", self._text.resolve(text))
        return [part for part in re.split(r"\n{2,}", text.strip()) if any(map(str.isalnum, part))]

    def _line(self, element: etree._Element) -> str:
        leaves_out, self._leaves_out_links = self._leaves_out_links, False  # a heading or a cell may be a link
        linked, text = self._in_links, one_line(self._blocks(element))
        self._leaves_out_links, self._in_links = leaves_out, linked
        return text

    def _list(self, element: etree._Element, is_ordered: bool) -> list[str]:
        items: list[str] = []
        is_tight = True
        start = element.get("start", "1")
        number = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        for child in element:
            inner = self._block(child, _name(child)) if _name(child) != "li" else self._blocks(child)
            if not inner:
                continue
            marker = f"{number}. " if is_ordered else "- "
            number += 1
            is_tight = is_tight and all(part.startswith(("- ", "1. ")) for part in inner[1:])
            indent = " " * len(marker)
            body = ("\n" if is_tight else "\n\n").join(inner)
            items.append(marker + "\n".join(f"{indent}{line}" if line else "" for line in body.split("\n")).lstrip())
        return [("\n" if is_tight else "\n\n").join(items)] if items else []

    def _definitions(self, element: etree._Element) -> list[str]:
        """ "**term**: meaning" for each entry."""
        out: list[str] = []
        term = ""
        for child in element.iter("dt", "dd"):
            if _name(child) == "dt":
                term = self._line(child)
                continue
            inner = self._blocks(child)
            if inner and term:
                inner[0] = f"**{term}**: {inner[0]}"
                term = ""
            out += inner
        return out

    def _table(self, table: etree._Element) -> list[str]:
        """The table; one that lays out a page gives the blocks of its cells."""
        cells = list(table.iter("td", "th"))
        rows = sum(1 for _ in table.iter("tr"))
        is_layout = (
            table.get("role") == "presentation"
            or len(cells) <= rows
            or any(
                next(cell.iter("table", "h1", "h2", "h3", "pre", "p"), None) is not None and len(cell) > 2
                for cell in cells
            )
        )
        if not is_layout:
            caption = table.find("caption")
            title = self._line(caption) if caption is not None else ""
            lines = markdown_table(table, self._line)
            return [title, *lines] if lines and title else lines
        return [block for cell in cells if not _is_within_cell(cell, table) for block in self._blocks(cell)]

    def _code(self, element: etree._Element) -> list[str]:
        for line_break in element.iter("br"):
            line_break.tail = f"\n{storable(line_break.tail)}"
        code = clean("".join(str(part) for part in element.itertext())).expandtabs(4).strip("\n").rstrip()
        if not code.strip():
            return []
        inner = element.find(".//code")
        classes = f"{element.get('class') or ''} {inner.get('class') or '' if inner is not None else ''}"
        language = match[1] if (match := _LANGUAGE.search(classes)) else ""
        longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
        fence = "`" * (longest + 1)
        return [f"{fence}{'' if language in ('none', 'default') else language}\n{code}\n{fence}"]

    # --- running text -----------------------------------------------------------------------------------------------

    def _inline(self, element: etree._Element, parts: list[str | Piece]) -> None:
        parts.append(clean(element.text))
        for child in element:
            self._inline_child(child, _name(child), parts)
            parts.append(clean(child.tail))

    def _inline_child(self, child: etree._Element, name: str, parts: list[str | Piece]) -> None:
        if (piece := element_piece(child, name)) is not None:
            parts.append(piece)
        elif not name or name in _SKIPPED or child.get("hidden") is not None:
            return
        elif name == "br":
            parts.append(self._text.hold("\n"))
        elif name in ("sup", "sub"):
            inner = self._line(child)
            self.spells_control_token = self.spells_control_token or bool(markup.control_tokens(inner))
            if "reference" not in (child.get("class") or "") and inner:
                parts.append(self._text.hold(veil(script(inner, name == "sup"))))
        elif name in _CODE:
            code = " ".join(clean("".join(str(part) for part in child.itertext())).split())
            parts.append(self._text.hold(f"`{code}`") if code and "`" not in code else code)
        elif name == "a":
            self._link(child, parts)
        elif name == "q":
            parts.append("“")
            self._inline(child, parts)
            parts.append("”")
        elif name in ("b", "strong") and not any(part.strip() if isinstance(part, str) else True for part in parts):
            self._lead(child, parts)
        else:
            self._inline(child, parts)

    def _lead(self, bold: etree._Element, parts: list[str | Piece]) -> None:
        """Bold words that open a paragraph stay bold, as they stand for a heading; elsewhere they are plain."""
        inner: list[str | Piece] = []
        self._inline(bold, inner)
        stars = self._text.hold("**")
        if inner and all(isinstance(part, str) for part in inner) and (text := "".join(map(str, inner)).strip()):
            parts += [stars, text, stars, " "]
        else:
            parts += inner

    def _link(self, link: etree._Element, parts: list[str | Piece]) -> None:
        """The link's text; a citation where it names the paper that the link leads to, else a Markdown link to the paper."""
        inner: list[str | Piece] = []
        self._inline(link, inner)
        plain = "".join(part for part in inner if isinstance(part, str))
        address = (link.get("href") or "").strip()
        if plain.strip() in ("¶", "#", "§", "↑", "^"):
            return
        if plain.strip() and all(isinstance(part, str) for part in inner) and is_paper(address):
            before = parts[-1] if parts and isinstance(parts[-1], str) else ""
            parts.append(self._text.hold(veil(paper_link(self._text.release(plain), address, before))))
            return
        if not address.startswith("#"):
            self._in_links += len(plain.strip())
        parts.extend(inner)


def storable(text: str | None) -> str:
    """The text as an XML tree may hold it: lxml reads control characters of HTML and refuses to store them."""
    return _NOT_OF_XML.sub("", text) if text else ""


def _joined(parts: list[str | Piece]) -> Iterator[Piece]:
    """Neighbouring strings as one text piece, so that a formula may run over inline elements."""
    text: list[str] = []
    for part in parts:
        if isinstance(part, str):
            text.append(part)
            continue
        if text:
            yield Piece("text", "".join(text))
            text = []
        yield part
    if text:
        yield Piece("text", "".join(text))


def _holders_of_blocks(root: etree._Element) -> set[etree._Element]:
    """The elements below which there is a block."""
    found: set[etree._Element] = set()
    for element in root.iter(*_BLOCKS):
        above = element.getparent()
        while above is not None and above not in found:
            found.add(above)
            above = above.getparent()
    return found


def _is_within_cell(cell: etree._Element, table: etree._Element) -> bool:
    above = cell.getparent()
    while above is not None and above is not table:
        if above.tag in ("td", "th"):
            return True
        above = above.getparent()
    return False


def _name(element: etree._Element) -> str:
    return element.tag if isinstance(element.tag, str) else ""
