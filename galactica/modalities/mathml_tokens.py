"""The elements of MathML that hold text, as LaTeX: identifiers, numbers, operators, words and spaces.

Source: MathML 3 (W3C), chapter 3.2, "token elements".
"""

from __future__ import annotations

import re
import unicodedata

from lxml import etree

from galactica.modalities import latex_symbols as symbols

_MATHVARIANT = {
    "bold": "mathbf", "bold-italic": "boldsymbol", "double-struck": "mathbb", "script": "mathcal", "bold-script": "mathcal",
    "fraktur": "mathfrak", "bold-fraktur": "mathfrak", "sans-serif": "mathsf", "bold-sans-serif": "mathsf",
    "monospace": "mathtt",
    "normal": "mathrm", "sans-serif-italic": "mathsf", "sans-serif-bold-italic": "mathsf",
}  # fmt: skip
_STYLED_NAMES = (
    ("DOUBLE-STRUCK", "mathbb"), ("FRAKTUR", "mathfrak"), ("BLACK-LETTER", "mathfrak"), ("SCRIPT", "mathcal"), ("BOLD", "mathbf"),
    ("SANS-SERIF", "mathsf"), ("MONOSPACE", "mathtt"), ("ITALIC", ""),
)  # fmt: skip


def _character(character: str) -> str:
    """One character in mathematics mode."""
    if character.isascii() and character.isalnum():
        return character
    if character in symbols.SYMBOLS:
        return symbols.SYMBOLS[character]
    if character in symbols.INVISIBLE or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn"):
        return ""
    if character.isascii() or character in symbols.SPACES:
        return " " if character.isspace() else character
    plain = unicodedata.normalize("NFKC", character)
    if plain != character:
        name = unicodedata.name(character, "")
        if name.startswith(("SUPERSCRIPT", "SUBSCRIPT")):
            return f"{'^' if name.startswith('SUPER') else '_'}{{{characters(plain)}}}"
        inner = "".join(_character(c) for c in plain if c not in character)
        style = next((style for word, style in _STYLED_NAMES if word in name), "")
        return f"\\{style}{{{inner}}}" if style and inner else inner
    if unicodedata.combining(character):
        return ""
    return rf"\text{{{character}}}"


def characters(text: str) -> str:
    """A text in mathematics mode, each character by its LaTeX."""
    return join([_character(character) for character in text])


def text_of(element: etree._Element) -> str:
    """What an element says, invisible characters left out, white space single."""
    text = "".join(str(part) for part in element.itertext())
    return " ".join("".join(symbols.SPACES.get(c, c) for c in text if c not in symbols.INVISIBLE).split())


def _styled(latex: str, element: etree._Element, default: str = "") -> str:
    style = _MATHVARIANT.get(
        element.get("mathvariant", "") or ("bold" if element.get("fontweight") == "bold" else ""), default
    )
    if not style or not latex or latex.startswith(("\\math", "\\text", "\\operatorname")):
        return latex
    if latex[0] == "\\" and style == "mathbf":
        style = "boldsymbol"
    if latex[0] == "\\" and style in ("mathrm", "mathsf", "mathtt", "mathcal"):
        return latex
    return f"\\{style}{{{latex}}}"


def _function(name: str) -> str | None:
    if name in symbols.FUNCTIONS:
        return f"\\{name}"
    return rf"\operatorname{{{name}}}" if name in symbols.OTHER_FUNCTIONS else None


_NUMBER_LIKE = re.compile(r"[\d.,:;()\[\]+\-−–=/<>×·*°º′″%\s]*")


def identifier(element: etree._Element, depth: int) -> str:
    """`mi`: a variable, a function, or a name of several letters."""
    del depth
    text = text_of(element)
    if len(text) <= 1:
        return _styled(characters(text), element)
    if (function := _function(text)) is not None:
        return function
    if _NUMBER_LIKE.fullmatch(text):
        return characters(text)
    if " " in text:
        return _quoted(text)
    if text.isascii() and text.isalpha():
        return _styled(text, element, default="mathrm")
    pieces = re.findall(r"[A-Za-z]{2,}|.", text)
    return join([rf"\mathrm{{{piece}}}" if len(piece) > 1 else _character(piece) for piece in pieces])


def number(element: etree._Element, depth: int) -> str:
    """`mn`: digits; groups of three keep their thin space."""
    text = text_of(element)
    if text.replace(" ", "").isdigit():
        return text.replace(" ", r"\,")
    if _NUMBER_LIKE.fullmatch(text):
        return characters(text)
    return identifier(element, depth)


def _quoted(text: str) -> str:
    escaped = "".join(_TEXT_ESCAPES.get(c, c) for c in text)
    return rf"\text{{{escaped}}}" if escaped.strip() else r"\;"


_TEXT_ESCAPES = {
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "{": "(",
    "}": ")",
    "\\": "/",
    "^": "",
    "~": "-",
}


def mtext(element: etree._Element, depth: int) -> str:
    """`mtext`: words in `\\text`, but what is a number or a function by itself."""
    raw = "".join(symbols.SPACES.get(c, c) for c in "".join(str(part) for part in element.itertext()))
    raw = "".join(" " if c == "\u00a0" else c for c in raw if c not in symbols.INVISIBLE)
    text = " ".join(raw.split())
    if not text:
        return r"\;" if raw else ""
    if len(text) == 1 or _function(text) is not None or _NUMBER_LIKE.fullmatch(text):
        return _function(text) or _styled(characters(text), element, "mathrm" if text.isalpha() else "")
    if element.get("mathvariant") == "bold" and text.isalnum():
        return rf"\mathbf{{{text}}}" if text.isascii() else _quoted(text)
    if match := re.fullmatch(r"([\d.,]+)( ?[^\d\s.,].*)", text):  # a quantity: digits are mathematics, the unit is text
        return match[1] + _quoted(match[2] if match[2][0] == " " else f" {match[2]}")
    return _quoted((" " if raw[0].isspace() else "") + text + (" " if raw[-1].isspace() else ""))


def operator(element: etree._Element, prefix: bool = False) -> str:
    """`mo`: relations and binary operators between spaces; a `prefix` belongs to what follows."""
    text = text_of(element)
    if not text:
        return ""
    if text.isascii() and text.isalpha() and len(text) > 1:
        return _function(text) or rf"\operatorname{{{text}}}"
    latex = characters(text)
    if text in symbols.RELATIONS or (text in symbols.BINARY and not prefix):
        return f" {latex} "
    if len(text) > 1 and text[0] in symbols.RELATIONS:
        return f" {latex} "
    return f"{latex} " if text in (",", ";") else latex


def mspace(element: etree._Element, depth: int) -> str:
    """`mspace`: the space of LaTeX nearest in width, or none."""
    del depth
    match = re.fullmatch(r"\s*(-?(?:\d+\.?\d*|\.\d+))\s*(em|ex|pt|px|in|cm|mm)?\s*", element.get("width", ""))
    if not match:
        return {"thickmathspace": r"\;", "thinmathspace": r"\,", "mediummathspace": r"\:"}.get(
            element.get("width", ""), ""
        )
    ems = float(match[1]) * {"ex": 0.5, "pt": 0.1, "px": 0.06, "in": 7.0, "cm": 2.8, "mm": 0.28}.get(
        match[2] or "em", 1.0
    )
    return r"\quad " if ems >= 0.9 else r"\;" if ems > 0.25 else r"\," if ems > 0.1 else ""


def join(pieces: list[str]) -> str:
    """The pieces side by side; a space only where a command would swallow a letter."""
    out: list[str] = []
    last = ""
    for piece in pieces:
        if not piece:
            continue
        if last and piece[0].isalpha() and re.search(r"\\[a-zA-Z]+$", last):
            out.append(" ")
        out.append(piece)
        last = piece
    return "".join(out)
