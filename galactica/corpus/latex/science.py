r"""Chemistry and units in text: `\ce{H2O}`, `\SI{3}{\metre\per\second}`."""

from __future__ import annotations

import re

from galactica.corpus.latex.commands import commands

_SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_ARROWS = (("<-->", "⟷"), ("<=>", "⇌"), ("<->", "↔"), ("->", "→"), ("<-", "←"))


def _units(text: str) -> dict[str, str]:
    words = text.split()
    return {"\\" + name: sign for name, sign in zip(words[::2], words[1::2], strict=True)}


_UNITS = _units(
    "metre m meter m gram g kilogram kg second s minute min hour h day d ampere A kelvin K mole mol candela cd "
    "hertz Hz "
    "newton N pascal Pa joule J watt W coulomb C volt V farad F ohm Ω siemens S weber Wb tesla T henry H lumen "
    "lm lux lx "
    "becquerel Bq gray Gy sievert Sv celsius °C degreeCelsius °C degree ° arcminute ′ arcsecond ″ electronvolt "
    "eV liter L "
    "litre L bar bar angstrom Å dalton Da atomicmassunit u percent % decibel dB bit bit byte B parsec pc molar M "
    "kilo k "
    "mega M giga G tera T peta P milli m micro µ nano n pico p femto f atto a centi c deci d hecto h um µm us µs"
)
_PREFIXES = commands("kilo mega giga tera peta milli micro nano pico femto atto centi deci hecto")
_POWERS = {"\\squared": "²", "\\cubed": "³", "\\square": "²", "\\cubic": "³"}
_UNIT_TOKEN = re.compile(r"\\[A-Za-z]+|[^\\]+")


def unit(latex: str) -> str:
    r"""The signs of a `siunitx` unit: "\\metre\\per\\second\\squared" -> "m/s²"; abbreviations such as "\\GHz" as they are."""
    out: list[str] = []
    pending, after_prefix = "", True
    for token in _UNIT_TOKEN.findall(latex):
        if token == "\\per":
            out.append("/")
            after_prefix = True
        elif token in ("\\squared", "\\cubed"):
            out.append(_POWERS[token])
        elif token in _POWERS:
            pending = _POWERS[token]
        else:
            sign = _UNITS.get(token) or (token[1:] if token[0] == "\\" else token.strip(" {}~").replace(".", " "))
            out.append(sign if after_prefix or not sign else f" {sign}")
            after_prefix = token in _PREFIXES
            if not after_prefix:
                out.append(pending)
                pending = ""
    return "".join(out).strip()


def chemistry(text: str) -> str:
    """A formula or reaction of `mhchem` in Unicode: "SO4^2- + 2H+" -> "SO₄²⁻ + 2H⁺"."""
    for sign, arrow in _ARROWS:
        text = text.replace(sign, f" {arrow} ")
    text = re.sub(r"\^\{?([0-9]*[+-]?)\}?", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    text = re.sub(r"_\{?([0-9]+)\}?", lambda match: match[1].translate(_SUBSCRIPTS), text)
    text = re.sub(r"(?<=[A-Za-z)\]])(\d+)", lambda match: match[1].translate(_SUBSCRIPTS), text)
    text = re.sub(r"(?<=[A-Za-z₀-₉)\]])([+-])(?=\s|$)", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    return " ".join(text.replace("{", "").replace("}", "").replace("$", "").split())
