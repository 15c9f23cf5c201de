"""MathML to LaTeX, one converter an element.

Source: MathML 3 (W3C), and what publishers and OpenStax make of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from galactica.modalities import latex_symbols as symbols
from galactica.modalities import mathml_tokens as tokens
from galactica.modalities.formulas import normalise

_MAX_DEPTH = 120


def from_mathml(math: etree._Element) -> str:
    """LaTeX of a `math` element (any prefix, any namespace), normalised; "" where nothing is left to write.

    Never raises: an element of another vocabulary counts for its children, an unknown character is put into `\\text`.
    """
    latex = _SPACED_RELATION.sub(lambda match: f" {match[1]} ", _element(math, 0))
    latex = _SPACE_AT_THE_BEGINNING.sub(r"\1 ", latex)
    latex = _SPACE_AFTER_FUNCTION.sub(r"\1 ", latex)
    latex = _AFTER_WORD.sub(r"\1 }", _BEFORE_WORD.sub(r"\\text{ ", latex))
    return normalise(_SPACE_AT_THE_END.sub(r"\1", latex))


_SPACE_AFTER_FUNCTION = re.compile(r"(\\(?:sin|cos|tan|cot|sec|csc|log|ln|exp|lim))(?:\\[,;:] ?)+(?![)}])")
_SPACE_AT_THE_BEGINNING = re.compile(
    r"((?:(?<!\\)[&,(]|\\\\|\\begin\{(?:aligned|matrix|cases)\}) ?)(?:\\[,;:] ?)+(?![})])"
)
_SPACE_AT_THE_END = re.compile(r"(?:(?<![{\\ ])\\[,;:] ?)+([),.;])")
"""Spaces by hand after an alignment, a comma or an opening, and before a closing or a full stop."""


_SMALL_WORD = (
    "(?:or|and|if|for|is|are|was|where|when|whose|with|to|of|in|on|by|so|the|then|that|from|at|per|as|because|since|otherwise|"
    "unless|not)"
)
_BEFORE_WORD = re.compile(rf"(?<=[\w)}}\]])(?<!quad)\\text\{{(?={_SMALL_WORD}\b)")
_AFTER_WORD = re.compile(rf"(\\text\{{(?:[^{{}}]*\s)?{_SMALL_WORD})\}}(?=[\w({{]|\\(?![,;:! ]|q?quad))")
"""Words of the sentence that an author wrote into a formula without the spaces around them."""

_SPACED_RELATION = re.compile(
    r"(?:(?<!(?<!\\) )(?:(?<!\\)(?:\\[,;:]| ))++)?(?<=[ ,;])"
    r"([=<>+]|\\(?:to|leq|geq|approx|times|cdot|equiv|sim|pm|in|Rightarrow|rightleftharpoons)(?![a-zA-Z]))(?=[ \\])(?:\\[,;:]| )*"
)
"""A relation with the thin spaces that authors put around it by hand; TeX spaces relations by itself."""


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _element(element: etree._Element, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return ""
    convert = _CONVERTERS.get(_name(element))
    return convert(element, depth) if convert else _row(element, depth)


def _row(element: etree._Element, depth: int) -> str:
    children = _children(element)
    if not children:
        return tokens.characters(element.text or "") if (element.text or "").strip() else ""
    first, last = children[0], children[-1]
    if len(children) > 2 and _name(first) == "mo" and _name(last) == "mo":
        opened, closed = (first.text or "").strip(), (last.text or "").strip()
        if opened in _OPENING and closed in _CLOSING and _is_tall(element):
            inner = children[1:-1]
            while len(inner) == 1 and _name(inner[0]) in ("mrow", "mstyle"):
                inner = _children(inner[0])
            return _fence(opened, _sequence(inner, depth, fenced=True), closed, tall=True)
    return _sequence(children, depth)


def _sequence(children: list[etree._Element], depth: int, fenced: bool = False) -> str:
    pieces: list[str] = []
    prefix = True  # whether an operator here would be a sign and not a binary operator
    is_done = False
    for index, child in enumerate(children):
        name = _name(child)
        if is_done:  # the fence that a table took with it
            is_done = False
            continue
        text = (child.text or "").strip()
        if name == "mo" or (name in ("mi", "mn", "mtext") and (text in symbols.BINARY or text in symbols.RELATIONS)):
            piece = tokens.operator(child, prefix)
            if piece.startswith("\\prime") and pieces:
                piece = "'" * (piece.count("\\prime"))
            prefix = piece.endswith((" ", "(", "[", ",", "{", "|")) or not piece
        elif name == "mtable":
            before = _fence_at(children, index - 1, _OPENING)
            after = _fence_at(children, index + 1, _CLOSING)
            if before and pieces and (after or before == "{"):
                pieces.pop()
                is_done = bool(after)
                inside = _table(child, depth + 1, "matrix" if after else "cases")
                piece = _fence(before, inside, after, tall=True) if after else inside
            else:
                piece = _table(child, depth + 1, "matrix" if fenced else "")
            prefix = False
        else:
            piece = _element(child, depth + 1)
            prefix = prefix and not piece.strip()
        pieces.append(piece)
    return tokens.join(pieces)


def _fence_at(children: list[etree._Element], index: int, fences: dict[str, str]) -> str:
    if not 0 <= index < len(children) or _name(children[index]) != "mo":
        return ""
    text = (children[index].text or "").strip()
    return text if text in fences else ""


_OPENING = {"(": "(", "[": "[", "{": r"\{", "|": "|", "⟨": r"\langle", "〈": r"\langle", "‖": r"\|", "⌊": r"\lfloor",
    "⌈": r"\lceil", "∥": r"\|", "∣": "|"}  # fmt: skip
_CLOSING = {")": ")", "]": "]", "}": r"\}", "|": "|", "⟩": r"\rangle", "〉": r"\rangle", "‖": r"\|", "⌋": r"\rfloor",
    "⌉": r"\rceil", "∥": r"\|", "∣": "|"}  # fmt: skip
_TALL = {"mfrac", "mtable", "munderover", "mroot"}


def _is_tall(element: etree._Element) -> bool:
    return any(_name(node) in _TALL for node in element.iter())


def _fence(opened: str, inside: str, closed: str, tall: bool) -> str:
    everything = {**_CLOSING, **_OPENING, ")": ")", "]": "]", "}": r"\}"}
    left, right = everything.get(opened, ""), everything.get(closed, "")
    if tall and left not in symbols.CLOSING_DELIMITERS and right not in symbols.OPENING_DELIMITERS:
        return rf"\left{left or '.'} {inside} \right{right or '.'}"
    space = " " if left[-1:].isalpha() and inside[:1].isalpha() else ""
    return f"{left}{space}{inside}{right}"


def _mfenced(element: etree._Element, depth: int) -> str:
    opened, closed = element.get("open", "(").strip(), element.get("close", ")").strip()
    children = _children(element)
    if len(children) == 1 and _name(children[0]) == "mrow" and len(inner := _children(children[0])) == 1:
        children = inner if _name(inner[0]) == "mtable" else children
    if len(children) == 1 and _name(children[0]) == "mtable":
        if opened == "{" and not closed:
            return _table(children[0], depth + 1, "cases")
        return _fence(opened, _table(children[0], depth + 1, "matrix"), closed, tall=True)
    separator = tokens.join([tokens.characters(element.get("separators", ",").strip()[:1])])
    inside = (
        f"{separator} ".join(_element(child, depth + 1) for child in children)
        if separator
        else _sequence(children, depth)
    )
    return _fence(opened, inside, closed, tall=_is_tall(element))


def _argument(latex: str) -> str:
    return latex.strip() or r"\;"


_ATOM = re.compile(r"\w|\d+(?:\.\d+)?|\([^()]*\)|\[[^\[\]]*\]|[)\]|!]|\\[a-zA-Z]+|\\[a-zA-Z]+\{[^{}]*\}|\\[|}]")


def _base(latex: str) -> str:
    """What a script hangs on: a letter, a number, a command or a bracket as it is, anything else in braces."""
    latex = latex.strip()
    return latex if _ATOM.fullmatch(latex) or _is_fence(latex) else f"{{{latex}}}"


def _is_fence(latex: str) -> bool:
    return (
        latex.startswith(r"\left")
        and latex.count(r"\left") == 1
        and bool(re.search(r"\\right(?:[)\]|.]|\\[}|]|\\[a-z]+)$", latex))
    )


_SPACING_ALONE = re.compile(r"^(?:\\[,;:]|\\quad(?![a-z])|\s)+$")


def _script(latex: str, mark: str) -> str:
    latex = _SPACING_ALONE.sub("", latex).strip()
    if latex.startswith("^{") and mark == "^" and latex.count("{") == 1:
        return latex  # a degree sign is already a superscript
    return f"{mark}{{{latex}}}" if latex else ""


def _scripts(*marks: str) -> Callable[[etree._Element, int], str]:
    def convert(element: etree._Element, depth: int) -> str:
        children = [_element(child, depth + 1) for child in _children(element)]
        if not children:
            return ""
        scripts = "".join(_script(latex, mark) for latex, mark in zip(children[1:], marks, strict=False))
        return _base(children[0]) + scripts if scripts else children[0]

    return convert


def _is_large(latex: str) -> bool:
    latex = latex.strip()
    return latex in symbols.LARGE_OPERATORS.values() or latex.lstrip("\\") in symbols.LIMIT_FUNCTIONS or latex.startswith(
        (r"\operatorname", r"\overbrace", r"\underbrace")
    )  # fmt: skip


def _under_over(*marks: str) -> Callable[[etree._Element, int], str]:
    def convert(element: etree._Element, depth: int) -> str:
        children = _children(element)
        if not children:
            return ""
        latex = _element(children[0], depth + 1).strip()
        if _is_large(latex):
            scripts = "".join(
                _script(_element(c, depth + 1), mark) for c, mark in zip(children[1:], marks, strict=False)
            )
            return _argument(latex) + scripts
        for child, mark in zip(children[1:], marks, strict=False):
            latex = _over_or_under(latex, child, mark, depth)
        return latex

    return convert


def _over_or_under(latex: str, child: etree._Element, mark: str, depth: int) -> str:
    accent = tokens.text_of(child)
    short = (
        len(latex) == 1
        or (latex.startswith("\\") and latex[1:].isalpha())
        or bool(re.fullmatch(r"\\math\w+\{\w\}", latex))
    )
    if mark == "^" and accent in symbols.OVER_ACCENTS:
        return f"\\{symbols.OVER_ACCENTS[accent][0 if short else 1]}{{{_argument(latex)}}}"
    if mark == "_" and accent in symbols.UNDER_ACCENTS:
        return f"\\{symbols.UNDER_ACCENTS[accent]}{{{_argument(latex)}}}"
    script = _element(child, depth + 1).strip()
    if not script:
        return latex
    return f"\\{'overset' if mark == '^' else 'underset'}{{{script}}}{{{_argument(latex)}}}"


def _fraction(element: etree._Element, depth: int) -> str:
    children = [_argument(_element(child, depth + 1)) for child in _children(element)][:2]
    if len(children) < 2:
        return "".join(children)
    return (
        rf"\{'binom' if element.get('linethickness', '') in ('0', '0pt') else 'frac'}{{{children[0]}}}{{{children[1]}}}"
    )


def _root(element: etree._Element, depth: int) -> str:
    children = [_element(child, depth + 1).strip() for child in _children(element)]
    if len(children) < 2:
        return rf"\sqrt{{{_argument(''.join(children))}}}"
    degree = children[1].replace("[", "(").replace("]", ")")
    return (rf"\sqrt[{degree}]" if degree else r"\sqrt") + f"{{{_argument(children[0])}}}"


def _square_root(element: etree._Element, depth: int) -> str:
    return rf"\sqrt{{{_argument(_row(element, depth))}}}"


def _table(element: etree._Element, depth: int, environment: str = "") -> str:
    rows: list[list[str]] = []
    for row in _children(element):
        cells = [cell for cell in _children(row) if _name(cell) == "mtd"]
        if _name(row) == "mlabeledtr" and len(cells) > 1:
            cells = cells[1:]
        written = [_row(cell, depth + 1).strip() for cell in cells]
        if any(written):
            rows.append(written)
    if not rows:
        return ""
    if len(rows) == 1 and environment != "matrix":
        return " ".join(cell for cell in rows[0] if cell)
    width = max(len(row) for row in rows)
    if not environment:
        environment = "aligned" if width <= 6 else "matrix"
    if environment == "aligned" and width == 1:
        rows = [_aligned_at_relation(row[0]) for row in rows]
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{{environment}}} {body} \end{{{environment}}}"


def _aligned_at_relation(row: str) -> list[str]:
    """The row cut before its first `=` that stands outside braces and fences, so that the lines of a derivation align."""
    depth = 0
    for index, character in enumerate(row):
        depth += (character in "{(") - (character in "})")
        if row.startswith((r"\left", r"\begin"), index) and not row.startswith(r"\leftarrow", index):
            return ["", row] if not index else [row]
        if character == "=" and depth == 0:
            return [row[:index].strip(), row[index:]]
    return [row]


def _enclosed(element: etree._Element, depth: int) -> str:
    inside = _argument(_row(element, depth))
    notation = element.get("notation", "")
    if "strike" in notation:
        return rf"\cancel{{{inside}}}"
    if "box" in notation:
        return rf"\boxed{{{inside}}}"
    if "top" in notation or "longdiv" in notation:
        return rf"\overline{{{inside}}}"
    return rf"\underline{{{inside}}}" if "bottom" in notation else inside


def _multiscripts(element: etree._Element, depth: int) -> str:
    children = _children(element)
    if not children:
        return ""
    base = _base(_element(children[0], depth + 1))
    scripts, before = "", ""
    groups: dict[bool, list[str]] = {False: [], True: []}
    is_before = False
    for child in children[1:]:
        if _name(child) == "mprescripts":
            is_before = True
        else:
            groups[is_before].append("" if _name(child) == "none" else _element(child, depth + 1).strip())
    for is_before, target in groups.items():
        lower, upper = " ".join(x for x in target[::2] if x), " ".join(x for x in target[1::2] if x)
        written = _script(lower, "_") + _script(upper, "^")
        before, scripts = (written, scripts) if is_before else (before, written)
    return (f"{{}}{before}" if before else "") + base + scripts


def _semantics(element: etree._Element, depth: int) -> str:
    children = _children(element)
    for child in children[1:]:
        if _name(child) == "annotation" and child.get("encoding") == "application/x-tex" and child.text:
            return child.text
    return _element(children[0], depth + 1) if children else ""


def _nothing(element: etree._Element, depth: int) -> str:
    del element, depth
    return ""


_CONVERTERS: dict[str, Callable[[etree._Element, int], str]] = {
    "mi": tokens.identifier, "mn": tokens.number, "mo": lambda element, depth: tokens.operator(element, prefix=True),
    "mtext": tokens.mtext, "ms": tokens.mtext,
    "mspace": tokens.mspace, "mfrac": _fraction, "msqrt": _square_root, "mroot": _root, "mfenced": _mfenced, "mtable": _table,
    "msub": _scripts("_"), "msup": _scripts("^"), "msubsup": _scripts("_", "^"), "munder": _under_over("_"),
    "mover": _under_over("^"),
    "munderover": _under_over("_", "^"), "menclose": _enclosed, "mmultiscripts": _multiscripts, "semantics": _semantics,
    "mphantom": _nothing, "annotation": _nothing, "annotation-xml": _nothing, "none": _nothing, "maligngroup": _nothing,
    "malignmark": _nothing, "mglyph": _nothing,
}  # fmt: skip
