r"""Formulas of HTML: TeX that stands in the text (`$`, `\(`, `\[`, environments, as MathJax and KaTeX read it) and in elements."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal, NamedTuple

from lxml import etree

from galactica.modalities import formulas, mathml

Dollars = Literal["none", "plain", "escaped"]
r"""What opens a formula beside `$$`, `\(` and `\[`: nothing else, `$`, or `\$` (sites that talk of money and voltages)."""


class Piece(NamedTuple):
    """A stretch of text, or the LaTeX of a formula."""

    kind: Literal["text", "inline", "display"]
    text: str


_ENVIRONMENTS = r"(?:align|alignat|equation|gather|multline|eqnarray|flalign)\*?"
_DELIMITER = re.compile(rf"\$\$|\\\$|\$|\\[()\[\]]|\\\\|\\begin\{{({_ENVIRONMENTS})\}}|\\end\{{({_ENVIRONMENTS})\}}")
_CLOSES = {"$$": "$$", "$": "$", r"\(": r"\)", r"\[": r"\]", r"\$": r"\$"}
_WORD = re.compile(r"(?<![\\a-zA-Z{])[a-zA-Z]{3,}")
_TEX = re.compile(r"[\\^_={}<>|]")
_NOT_MATHS = (
    "MathJax",
    "MathJax_Display",
    "MathJax_Preview",
    "MathJax_SVG",
    "MathJax_CHTML",
    "katex-html",
    "MJX_Assistive_MathML",
)
_TEX_IMAGE = re.compile(r"(?:^|\s)(?:latex|tex|mwe-math-fallback-image-\w+|math|ql-img-\w+-equation)(?:\s|$)")
_TEX_ADDRESS = re.compile(r"latex\.codecogs\.com|/latex\.php|/math/render/|mimetex|mathtex")


def pieces(text: str, dollars: Dollars) -> list[Piece]:
    """The text cut at its formulas. A delimiter without a partner, and `$` around prose or an amount, stay text."""
    tokens = list(_DELIMITER.finditer(text))
    if not tokens:
        return [Piece("text", text)]
    kinds = [_kind(token, dollars) for token in tokens]
    partner = _next_of_kind(kinds)
    found: list[Piece] = []
    at = index = 0
    while index < len(tokens):
        start, kind = tokens[index], kinds[index]
        end_index = partner[index].get(_closing(kind)) if _closing(kind) else None
        if end_index is None:
            index += 1
            continue
        end = tokens[end_index]
        is_environment = kind.startswith("begin:")
        inside = text[start.start() : end.end()] if is_environment else text[start.end() : end.start()]
        if (kind in ("$", r"\$") and is_prose(inside)) or not inside.strip():
            index += 1
            continue
        found.append(Piece("text", text[at : start.start()]))
        found.append(Piece("display" if is_environment or kind in ("$$", r"\[") else "inline", inside))
        at = end.end()
        index = end_index + 1
    found.append(Piece("text", text[at:]))
    return [piece for piece in found if piece.kind != "text" or piece.text]


def _kind(token: re.Match[str], dollars: Dollars) -> str:
    if token[1]:
        return f"begin:{token[1]}"
    if token[2]:
        return f"end:{token[2]}"
    if (token[0] == "$" and dollars != "plain") or (token[0] == r"\$" and dollars != "escaped"):
        return ""
    return token[0]


def _closing(kind: str) -> str:
    return f"end:{kind[6:]}" if kind.startswith("begin:") else _CLOSES.get(kind, "")


def _next_of_kind(kinds: list[str]) -> list[dict[str, int]]:
    """For each token the index of the next one of its closing kind; found from the end, so that a text is read once."""
    nearest: dict[str, int] = {}
    out: list[dict[str, int]] = [{}] * len(kinds)
    for index in range(len(kinds) - 1, -1, -1):
        closing = _closing(kinds[index])
        out[index] = {closing: nearest[closing]} if closing in nearest else {}
        nearest[kinds[index]] = index
    return out


def is_prose(inside: str) -> bool:
    """Whether what stands between two dollar signs is prose or an amount: "5 and ", " per month or "."""
    if len(inside) > formulas.MAX_LENGTH:
        return True
    words = _WORD.findall(inside)
    if not words or _TEX.search(inside):
        return len(words) > 12 and not re.search(r"\\text|\\mbox|\\begin", inside)
    return len(words) > 1 or inside[:1].isspace() or inside[-1:].isspace()


class Formulas:
    """Writes formulas and counts them: `n_formulas` well-formed ones, `faulty` by what is wrong. All are kept as LaTeX."""

    def __init__(self) -> None:
        self.n_formulas = 0
        self.faulty: Counter[str] = Counter()

    def latex(self, tex: str) -> str:
        """The formula in its one form; "" where nothing is left of it."""
        latex = formulas.normalise(formulas.strip_tex_wrapper(tex[: 4 * formulas.MAX_LENGTH]))
        if not latex:
            return ""
        problem = formulas.problem(latex)
        if problem is not None and "outside an alignment" in problem:
            latex = rf"\begin{{aligned}} {latex} \end{{aligned}}"
            problem = formulas.problem(latex)
        if problem is None:
            self.n_formulas += 1
        else:
            self.faulty[re.sub(r"'.*'|(?<=unknown command ).*", "...", problem, flags=re.DOTALL)] += 1
        return latex


def element_piece(element: etree._Element, name: str) -> Piece | None:
    """What a formula's element holds as LaTeX: "text" and "" for one that repeats another; None where it is no formula."""
    classes = element.get("class") or ""
    if name == "script":
        kind = (element.get("type") or "").lower()
        if not kind.startswith("math/tex"):
            return None
        return Piece("display" if "mode=display" in kind.replace(" ", "") else "inline", element.text or "")
    if name == "math":
        return Piece("display" if _is_display(element) else "inline", _of_math(element))
    if name == "img":
        alt = element.get("alt") or ""
        if alt and (_TEX_IMAGE.search(classes) or _TEX_ADDRESS.search(element.get("src") or "")):
            return Piece("inline", alt)
        return None
    if not classes:
        return None
    words = classes.split()
    if any(word in _NOT_MATHS for word in words):
        return Piece("text", "")
    if "katex" in words or "katex-display" in words or "mwe-math-element" in words or name == "mjx-container":
        math = next(element.iter("{*}math"), None)
        if math is None and name == "mjx-container":
            return Piece("text", "")
        is_display = "katex-display" in words or element.get("display") == "true"
        return Piece("display" if is_display else "inline", _of_math(math)) if math is not None else None
    if name == "span" and "math" in words and ("inline" in words or "display" in words):
        tex = "".join(str(part) for part in element.itertext())
        return Piece("display" if "display" in words else "inline", tex)
    return None


def _of_math(math: etree._Element) -> str:
    """LaTeX of a `math` element: its TeX annotation or `alttext` where it has one, else converted."""
    for node in math.iter("{*}annotation"):
        if "tex" in (node.get("encoding") or "").lower() and (node.text or "").strip():
            return _without_style(node.text or "")
    if alt := math.get("alttext"):
        return _without_style(alt)
    return mathml.from_mathml(math)


def _without_style(tex: str) -> str:
    tex = tex.strip()
    match = re.fullmatch(r"\{\s*\\(?:displaystyle|textstyle)\s(.*)\}", tex, re.DOTALL)
    return match[1] if match else tex


def _is_display(math: etree._Element) -> bool:
    return math.get("display") == "block" or math.get("mode") == "display"
