r"""ProofWiki's own LaTeX and its equations: macros like `\paren {x}`, `\map f x`, and {{begin-eqn}} {{eqn}} {{end-eqn}}.

Source: ProofWiki's Help:LaTeX Editing and Help:Equation Templates (https://proofwiki.org), and pages as the site shows them.
"""

from __future__ import annotations

import re
from functools import cache

from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import Expander
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import source, tokenise
from galactica.corpus.wikitext.arguments import Arguments
from galactica.corpus.wikitext.reading import Reading


def _defined(names: str, body: str) -> str:
    """Definitions of macros whose body holds their own name, written NAME in `body`."""
    return "".join(rf"\def\{name}{body.replace('NAME', name)}" for name in names.split())


_LETTERS = "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"
_SCRIPT_LETTERS = "".join(rf"\def\{letter}{letter}{{\mathcal{{{letter}}}}}" for letter in _LETTERS.split())
_BLACKBOARD = _defined("N Z Q R C F H P", r"{\mathbb{NAME}}")
_OPERATORS = _defined(
    "id Id lcm sgn arsinh arcosh artanh arcoth sech csch Arcsin Arccos Arctan Arg Ln Log On Hom cl Spec tr pr inj rank adj nd "
    "grad curl",
    r"{\operatorname{NAME}}",
)
_OF_ONE = _defined(
    "Img Dom Rng Cdm Char Aut var cov Field Orb Stab Inn End Ker powerset expect",
    r"#1{\operatorname{NAME} \left({#1}\right)}",
)
_OF_ONE = (
    _OF_ONE.replace("{Ker}", "{ker}").replace(r"\operatorname{powerset}", r"\mathcal{P}").replace("{expect}", "{E}")
)
_FENCED = r"""
\def\paren#1{\left({#1}\right)}\def\sqbrk#1{\left[{#1}\right]}\def\set#1{\left\{ {#1} \right\} }\def\map#1#2{#1 \left({#2}\right)}
\def\tuple#1{\left({#1}\right)}\def\size#1{\left|{#1}\right|}\def\card#1{\left|{#1}\right|}\def\cmod#1{\left|{#1}\right|}
\def\norm#1{\left\|{#1}\right\|}\def\floor#1{\left\lfloor{#1}\right\rfloor}\def\ceiling#1{\left\lceil{#1}\right\rceil}
\def\sequence#1{\left\langle{#1}\right\rangle}\def\family#1{\left\langle{#1}\right\rangle}
\def\innerprod#1#2{\left\langle{#1, #2}\right\rangle}
\def\gen#1{\left\langle{#1}\right\rangle}\def\struct#1{\left({#1}\right)}\def\order#1{\left|{#1}\right|}\def\ideal#1{\left({#1}\right)}
\def\closedint#1#2{\left[{#1 \,.\,.\, #2}\right]}\def\openint#1#2{\left({#1 \,.\,.\, #2}\right)}
\def\hointr#1#2{\left[{#1 \,.\,.\, #2}\right)}\def\hointl#1#2{\left({#1 \,.\,.\, #2}\right]}
\def\index#1#2{\left[{#1 : #2}\right]}\def\eqclass#1#2{\left[\!\left[{#1}\right]\!\right]_{#2}}
\def\relcomp#1#2{\complement_{#1} \left({#2}\right)}\def\dbinom#1#2{\binom{#1}{#2}}
\def\Res#1#2{\operatorname{Res} \left({#1, #2}\right)}
\def\bigsize#1{\left|{#1}\right|}\def\bigparen#1{\left({#1}\right)}\def\bigset#1{\left\{ {#1} \right\} }
\def\bigsqbrk#1{\left[{#1}\right]}
\def\valueat#1#2{\left.{#1}\right|_{#2}}
\def\intlimits#1#2#3{\left[{#1}\right]_{#2}^{#3}}\def\bigintlimits#1#2#3{\left[{#1}\right]_{#2}^{#3}}
\def\laptrans#1{\mathcal{L} \left\{ {#1} \right\} }\def\invlaptrans#1{\mathcal{L}^{-1} \left\{ {#1} \right\} }
\def\leftparen#1{\left({#1}\right.}\def\rightparen#1{\left.{#1}\right)}
\def\leftset#1{\left\{ {#1} \right.}\def\rightset#1{\left. {#1} \right\}}
\def\ds{\displaystyle}\def\rd{\,\mathrm{d}}\def\d{\mathrm{d}}\def\e{e}\def\O{\varnothing}\def\GF{\mathbb{F}}\def\divides{\mid}
\def\leadsto{\implies}\def\leadstoandfrom{\iff}\def\ae{\text{a.e.}}\def\symdif{\mathbin{\triangle}}
"""
_MACROS = _SCRIPT_LETTERS + _BLACKBOARD + _OPERATORS + _OF_ONE + _FENCED
_OPEN, _CLOSE = "\ue028", "\ue029"
_MATHS = re.compile(r"\\\((.{0,4000}?)\\\)", re.DOTALL)
_DEFINES = re.compile(
    r"\\(?:[a-z]*def|let|(?:re)?new[a-zA-Z]*|provide[a-z]*|New[A-Z]\w*|Declare\w*|input|include|usepackage|csname|if[a-z]*)(?![a-zA-Z])"
)


def plain_latex(latex: str) -> str:
    """The LaTeX with the site's macros expanded; as it is where it defines or includes something."""
    latex = with_braces(latex)
    if "\\" not in latex or _DEFINES.search(latex):
        return latex
    try:
        return source(Expander({}, _definitions().copy()).run(tokenise(latex)))
    except TooLongError:
        return latex


def without_braces(text: str) -> str:
    r"""The text with `\{` and `\}` as private characters, so that `\left\{{x}\right\}` opens no template."""
    return text.replace("\\{", _OPEN).replace("\\}", _CLOSE)


def with_braces(text: str) -> str:
    """The text with the braces of LaTeX put back."""
    return text.replace(_OPEN, "\\{").replace(_CLOSE, "\\}")


@cache
def _definitions() -> Definitions:
    expander = Expander({})
    expander.run(tokenise(_MACROS))
    return expander.definitions


def equation(arguments: Arguments, reading: Reading) -> str:
    """Notes the row of an {{eqn}}; it is shown where {{end-eqn}} stands."""
    named = arguments.named
    quantifier = f"{named['q']}: \\," if named.get("q") else ""
    left = " ".join(part for part in (named.get("ll", ""), quantifier, named.get("l", "")) if part)
    right = " ".join(part for name in ("ro", "r", "rr", "rrr") if (part := named.get(name, "")))
    row = f"{plain_latex(left)} & {plain_latex(named.get('o', '=') if right else '')} {plain_latex(right)}"
    comment = reading.readable(" ".join(part for name in ("c", "cc") if (part := named.get(name, ""))))
    if comment:
        row += f" && {_in_text(comment)}"
    reading.rows.append(row)
    return ""


def end_of_equations(arguments: Arguments, reading: Reading) -> str:
    """The rows so far as one display."""
    rows, reading.rows = reading.rows, []
    if not rows:
        return ""
    lines = " \\\\ ".join(rows)
    return reading.maths(rf"\begin{{aligned}} {lines} \end{{aligned}}", display=True)


def _in_text(comment: str) -> str:
    r"""A remark beside an equation: `\text{by Pythagoras' theorem for } x`."""
    out: list[str] = []
    at = 0
    for match in _MATHS.finditer(comment):
        out += [_quoted(comment[at : match.start()]), match[1]]
        at = match.end()
    return "".join([*out, _quoted(comment[at:])])


def _quoted(text: str) -> str:
    text = " ".join(re.sub(r"[$&#%_^{}\\~]", " ", f"|{text}|").split())[1:-1]
    return rf"\text{{{text}}}" if text.strip() else ""


def axiom(arguments: Arguments, reading: Reading) -> str:
    """A numbered axiom: "(M1): for all x in A: d(x, x) = 0"."""
    named = arguments.named
    parts = [plain_latex(part) for name in ("q", "ml", "mo", "mr", "m") if (part := named.get(name, ""))]
    formula = reading.maths(" ".join(parts)) if parts else ""
    text = " ".join(part for part in (named.get("lc", ""), formula, named.get("t", ""), named.get("rc", "")) if part)
    label = f"({number}): " if (number := named.get("n", "")) else ""
    return f"\n\n{label}{text}\n\n" if text else ""


def definition(arguments: Arguments, reading: Reading) -> str:
    """{{Defof|Square/Function|Square}}: "Definition of Square"."""
    name = arguments.at(2) or arguments.at(1).split("/")[0]
    return f"Definition of {name}" if name else ""
