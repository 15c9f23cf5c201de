"""The body of a JATS article as blocks of the document language: sections, paragraphs, formulas, tables, captions."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree

from galactica import markup
from galactica.corpus.marks import HOLE, PLACEHOLDERS, Marks
from galactica.corpus.papers import clean, is_left_out
from galactica.corpus.scripts import script
from galactica.corpus.tables import markdown_table, one_line
from galactica.modalities import formulas, mathml


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SKIPPED = _words(
    "supplementary-material fn fn-group graphic inline-graphic media object-id alt-text long-desc permissions "
    "ref-list sec-meta "
    "private-char index-term attrib kwd-group sig-block milestone-start milestone-end target notes glossary ack"
)
_BLOCKS = _words(
    "disp-formula disp-formula-group list def-list fig fig-group table-wrap table-wrap-group disp-quote boxed-text "
    "statement code preformat "
    "verse-group speech sec p chem-struct-wrap"
)
_FORMULAS = _words("inline-formula alternatives tex-math")
_UNNUMBERED = re.compile(
    r"acknowledge?ments?|abbreviations?|appendi\w+|glossary|conclusions? and recommendations? of.*", re.IGNORECASE
)
_LEADING_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,3})[.)]?\s+(?=\D)")
_SEPARATORS_LEFT = re.compile(r"(?:(?:(?<!\s)\s++)?[,;]){1,20}$")
"""At the end of a cell or a caption, where marks of footnotes stood."""
_LABEL = re.compile(r"\[[^\]\s]{1,100}\]")
"""What pandoc puts for a number it does not know: "[fig:star]". JOSE and JOSS publish it so."""
_KIND_SAID = re.compile(r"(?:fig(?:ure)?|tab(?:le)?)s?\.?\s{0,40}$", re.IGNORECASE)
_FLOATS = {"fig": "Figure", "table-wrap": "Table"}
_ROMAN_OR_NUMBER = re.compile(r"[\d.]+|[IVX]+\.?")


class Body:
    """Renders one article; `marks` counts its citations, `formulas_left_out` says why formulas are missing."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()
        self._numbers: dict[str, str] = {}
        """Ids in figures and tables that are pointed to by pandoc's labels -> "Figure 3"."""

    def abstract(self, abstract: etree._Element) -> list[str]:
        """Paragraphs; those of a structured abstract open with its heading ("Methods: ...")."""
        blocks: list[str] = []
        for child in abstract:
            if child.tag == "sec":
                title = self._title(child).rstrip(".:")
                if is_left_out(title):
                    continue
                inner = self.abstract(child)
                if inner and title and title.lower() not in ("abstract", "summary"):
                    inner[0] = f"{title}: {inner[0]}"
                blocks += inner
            elif isinstance(child.tag, str) and child.tag not in ("title", "label", *_SKIPPED):
                blocks += self._block(child)
        if blocks and blocks[0].lower().startswith("abstract "):
            blocks[0] = blocks[0][9:]
        return blocks

    def sections(self, body: etree._Element) -> list[str]:
        """The blocks of the body; its top sections are numbered from 1."""
        self._numbers = _float_numbers(body)
        children = [child for child in body if isinstance(child.tag, str)]
        titles = [self._title(child).lower() for child in children if child.tag == "sec"]
        blocks: list[str] = []
        number = 0
        opening = children[: next((i for i, c in enumerate(children) if c.tag == "sec"), len(children))]
        if opening and titles and (first := self.blocks(opening)):
            number += "introduction" not in titles[0]
            blocks += ([f"# {number} Introduction"] if number else []) + first
        elif opening and not titles:
            return self.blocks(opening)
        for child in children[len(opening) :]:
            if child.tag != "sec":
                blocks += self._block(child)
                continue
            written, number = self._section(child, 1, "", number)
            blocks += written
        return blocks

    def _section(self, section: etree._Element, level: int, above: str, number: int) -> tuple[list[str], int]:
        """The section's blocks, and the number of the last numbered section on its level."""
        title = self._title(section)
        if section.get("sec-type") == "supplementary-material" or is_left_out(title):
            return [], number
        label = self.inline_text(section.find("label")).rstrip(". ")
        if match := _LEADING_NUMBER.match(title):
            label, title = match[1], title[match.end() :]
        is_numbered = bool(title) and not _UNNUMBERED.fullmatch(title)
        own = number + is_numbered
        if not _ROMAN_OR_NUMBER.fullmatch(label):
            label = f"{above}{own}"
        inner: list[str] = []
        sub_number = 0
        for child in section:
            if child.tag == "sec":
                written, sub_number = self._section(child, level + 1, f"{label}." if is_numbered else "", sub_number)
                inner += written
            elif isinstance(child.tag, str) and child.tag not in ("title", "label", *_SKIPPED):
                inner += self._block(child)
        if not inner:
            return [], number
        if not title:
            return inner, number
        heading = f"{label} {title}" if is_numbered and level <= 3 else title
        return [f"{'#' * min(level, 4)} {heading}", *inner], own

    def _title(self, element: etree._Element) -> str:
        return self.inline_text(element.find("title"))

    def inline_text(self, element: etree._Element | None) -> str:
        """The element on one line, citations resolved; "" for None."""
        if element is None:
            return ""
        parts: list[str] = []
        self._inline(element, parts)
        return self._finished("".join(parts))

    def _finished(self, text: str) -> str:
        return self.marks.resolve(text).strip()

    def blocks(self, elements: list[etree._Element]) -> list[str]:
        """The blocks of elements that follow each other."""
        return [block for element in elements for block in self._block(element)]

    def _block(self, element: etree._Element) -> list[str]:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            return []
        if tag == "p":
            return self._paragraph(element)
        if tag in ("disp-formula", "disp-formula-group"):
            return self._display(element)
        if tag in ("list", "def-list"):
            return self._list(element)
        if tag in ("fig", "table-wrap"):
            return self._float(element)
        if tag in ("code", "preformat"):
            code = "".join(str(part) for part in element.itertext()).strip("\n")
            return [f"```\n{code}\n```"] if code.strip() else []
        if tag == "sec":
            return self._section(element, 3, "", 0)[0]
        if tag in _BLOCKS or element.find("p") is not None:
            return self._mixed(element)
        text = self.inline_text(element)
        return [text] if text else []

    def _mixed(self, element: etree._Element) -> list[str]:
        blocks: list[str] = []
        for child in element:
            if child.tag == "title":
                if text := self.inline_text(child):
                    blocks.append(f"{text.rstrip('.')}.")
            elif child.tag == "caption":
                blocks += self._mixed(child)
            elif child.tag != "label":
                blocks += self._block(child)
        return blocks

    def _paragraph(self, element: etree._Element) -> list[str]:
        """The paragraph, cut at the blocks that stand inside it."""
        blocks: list[str] = []
        parts: list[str] = []

        def flush() -> None:
            text = self._finished("".join(parts))
            parts.clear()
            if any(character.isalnum() for character in text):
                blocks.append(text)
            elif text and blocks and text in ".,;" and blocks[-1].endswith(r" \]"):
                blocks[-1] = f"{blocks[-1][:-3]}{text} \\]"

        def walk(node: etree._Element) -> None:
            parts.append(clean(node.text))
            for child in node:
                tag = child.tag
                if isinstance(tag, str) and tag in _BLOCKS:
                    flush()
                    blocks.extend(self._block(child))
                elif tag in ("named-content", "styled-content") and any(c.tag in _BLOCKS for c in child):
                    walk(child)
                else:
                    self._child(child, parts)
                parts.append(clean(child.tail))

        walk(element)
        flush()
        return blocks

    def _inline(self, element: etree._Element, parts: list[str]) -> None:
        parts.append(clean(element.text))
        for child in element:
            self._child(child, parts)
            if child.tail:
                parts.append(clean(child.tail))

    def _child(self, child: etree._Element, parts: list[str]) -> None:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            return
        if tag == "xref":
            self._cross_reference(child, parts)
        elif tag in ("sup", "sub"):
            parts.append(self._script(child))
        elif tag in _FORMULAS or tag.endswith("}math"):
            parts.append(self._inline_formula(child))
        elif tag == "break":
            parts.append(" ")
        elif tag in ("p", "list", "list-item", "title", "disp-quote"):
            parts.append(" ")
            self._inline(child, parts)
            parts.append(" ")
        elif tag in ("code", "monospace") and (code := "".join(str(part) for part in child.itertext()).strip()):
            parts.append(self.marks.hold(f"`{' '.join(code.split())}`") if "`" not in code else code)
        elif tag == "disp-formula":
            parts.append(" ".join(["", *self._display(child), ""]))
        else:
            self._inline(child, parts)

    def _cross_reference(self, child: etree._Element, parts: list[str]) -> None:
        kind = child.get("ref-type", "")
        if kind in ("fn", "table-fn", "aff", "corresp", "author-notes"):
            return
        inner: list[str] = []
        self._inline(child, inner)
        text = "".join(inner)
        identifiers = (child.get("rid") or "").split()
        if _is_label(child) and identifiers and (label := self._numbers.get(identifiers[0])):
            is_said = parts and _KIND_SAID.search(parts[-1][-60:])
            parts.append(label.rpartition(" ")[2] if is_said else label)
        elif kind == "bibr" or (kind in ("", "ref", "other") and identifiers and identifiers[0] in self.marks.order):
            parts.append(self.marks.mark(identifiers, text))
        else:
            parts.append(text)

    def _script(self, element: etree._Element) -> str:
        inner: list[str] = []
        self._inline(element, inner)
        text = "".join(inner)
        if self.marks.only_marks(text):
            return self.marks.superscript(text)
        if not text.strip() or any(ord(character) in PLACEHOLDERS for character in text):
            return text
        return self.marks.hold(script(text, element.tag == "sup"))

    def _cell(self, cell: etree._Element) -> str:
        return _SEPARATORS_LEFT.sub("", self.inline_text(cell))

    def _latex(self, element: etree._Element) -> str | None:
        """The first formula inside the element that is well-formed; None where there is none."""
        found = False
        problem = "picture only"
        for node in element.iter():
            tag = str(node.tag)  # of a comment it is a function
            if tag.endswith("}math"):
                latex = mathml.from_mathml(node)
            elif tag == "tex-math":
                latex = formulas.normalise(formulas.strip_tex_wrapper(node.text or ""))
            else:
                continue
            found = True
            if (what := formulas.problem(latex)) is None:
                self.n_formulas += 1
                return latex
            problem = what
        if found or element.find(".//graphic") is not None or element.find(".//inline-graphic") is not None:
            self.formulas_left_out[problem] += 1
        return None

    def _inline_formula(self, element: etree._Element) -> str:
        latex = self._latex(element)
        if latex is not None:
            return self.marks.hold(markup.inline_maths(latex))
        parts: list[str] = []
        if element.tag == "inline-formula":
            for child in element:
                if isinstance(child.tag, str) and not child.tag.endswith("}math") and child.tag != "alternatives":
                    self._child(child, parts)
                parts.append(clean(child.tail))
            text = clean(element.text) + "".join(parts)
            return text if text.strip() else HOLE
        return HOLE

    def _display(self, element: etree._Element) -> list[str]:
        if element.tag == "disp-formula-group":
            return [block for child in element for block in self._block(child)]
        latex = self._latex(element)
        if latex is not None:
            return [markup.display_maths(latex)]
        parts: list[str] = [clean(element.text)]
        for child in element:
            if (
                isinstance(child.tag, str)
                and child.tag not in ("label", "alternatives", "tex-math")
                and not child.tag.endswith("}math")
            ):
                self._child(child, parts)
            parts.append(clean(child.tail))
        text = self._finished("".join(parts))
        return [text] if any(character.isalnum() for character in text) else []

    def _list(self, element: etree._Element) -> list[str]:
        items: list[str] = []
        is_ordered = element.get("list-type") in ("order", "alpha-lower", "alpha-upper", "roman-lower", "roman-upper")
        for child in element:
            if child.tag == "list-item":
                text = one_line(self._mixed(child))
                if text:
                    items.append(f"{len(items) + 1}. {text}" if is_ordered else f"- {text}")
            elif child.tag == "def-item":
                term = self.inline_text(child.find("term"))
                meaning = one_line([block for node in child.findall("def") for block in self._mixed(node)])
                if term and meaning:
                    items.append(f"**{term}**: {meaning}")
        return ["\n".join(items)] if items else []

    def _float(self, element: etree._Element) -> list[str]:
        """ "Figure 1: caption", or "Table 1: caption" and the table where it is small."""
        label = self.inline_text(element.find("label")).strip(" .:")
        label = re.sub(r"^Fig\.?(?=\s|\d)", "Figure", label, flags=re.IGNORECASE)
        label = label or next((self._numbers[i] for i in _ids(element) if i in self._numbers), "")
        caption = element.find("caption")
        text = one_line(self._mixed(caption)) if caption is not None else ""
        text = _SEPARATORS_LEFT.sub("", text.replace("..", "."))
        blocks = [f"{label}: {text}" if label and text else text] if text else []
        if element.tag == "table-wrap" and (table := next(element.iter("table"), None)) is not None:
            blocks += markdown_table(table, self._cell)
        return blocks


def _is_label(reference: etree._Element) -> bool:
    text = reference.text or ""
    return reference.get("alt") == text and _LABEL.fullmatch(text) is not None


def _float_numbers(body: etree._Element) -> dict[str, str]:
    """The numbers of figures and tables by the ids in them, where pandoc's labels point to them and they bear no number: their
    places among their kind, as in the printed article."""
    wanted = {child.get("rid") for child in body.iter("xref") if _is_label(child)}
    found: dict[str, str] = {}
    for tag, name in _FLOATS.items() if wanted else ():
        for number, element in enumerate(body.iter(tag), 1):
            if element.find("label") is None:
                found |= {identifier: f"{name} {number}" for identifier in _ids(element) if identifier in wanted}
    return found


def _ids(element: etree._Element) -> list[str]:
    """The ids of the element and of what is in its caption: pandoc hangs labels on empty elements there."""
    nodes = [element, *(node for caption in element.findall("caption") for node in caption.iter())]
    return [identifier for node in nodes if (identifier := node.get("id"))]
