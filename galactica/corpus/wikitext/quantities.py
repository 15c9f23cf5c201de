"""Templates of numbers, units, chemical and mathematical formulas: {{convert}}, {{val}}, {{chem}}, {{frac}}, {{math}}, ..."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from galactica.corpus.wikitext.arguments import Arguments
from galactica.corpus.wikitext.reading import PRIVATE, Reading
from galactica.modalities import formulas
from galactica.modalities import latex_symbols as symbols

_RANGES = {
    "to": " to ", "and": " and ", "or": " or ", "-": "–", "–": "–", "to(-)": " to ", "x": " × ", "by": " by ", "×": " × ",
    "+/-": " ± ", "±": " ± ", "+": " + ", "*": " × ", ",": ", ", "xx": " × ", "&": " & ",
}  # fmt: skip
_UNITS = {
    "C": "°C", "F": "°F", "sqmi": "sq mi", "sqft": "sq ft", "sqin": "sq in", "sqyd": "sq yd", "cuft": "cu ft", "cuyd": "cu yd",
    "cumi": "cu mi", "cuin": "cu in", "USgal": "US gal", "impgal": "imp gal", "acre": "acres", "mi": "miles", "mile": "miles",
    "ft": "feet", "foot": "feet", "in": "inches", "inch": "inches", "yd": "yards", "LT": "long tons", "ST": "short tons",
    "nmi": "nautical miles", "kn": "knots", "lb": "pounds", "oz": "ounces", "t": "tonnes", "ly": "light-years", "cucm": "cm³",
    "ftin": "ft", "bbl": "barrels", "sqkm": "km²", "sqm": "m²", "ha": "hectares", "stlb": "stone", "lbft": "lb⋅ft",
}  # fmt: skip
_POWER = re.compile(r"(?<=[a-zµμ])-?[23](?![0-9])")
_NUMBER = re.compile(r"[+\-−]?[\d.,]{1,40}(?:/\d{1,9})?")
_CHARGE = re.compile(r"\d{0,9}[+\-−–]|[+\-−–]\d{0,9}")
_CHEMICAL = re.compile(
    r"(?<=[A-Za-z)\]])(\d{1,6})|\^\{?(\d{0,9}[+\-−]|\d{1,9})\}?|\((\d{0,9}[+\-−])\)|"
    r"(?<=[A-Za-z0-9)\]])([+\-−])(?=\s|$|[)\]])|_\{?(\w{1,9})\}?"
)
_CE = re.compile(r"\\(?:ce|cf)\s{0,9}(?=\{)|[{}$\\]")
_ARROWS = (("<=>>", "⇌"), ("<<=>", "⇌"), ("<=>", "⇌"), ("<->", "↔"), ("<-->", "⇌"), ("->", "→"), ("<-", "←"))
_SCRIPT_TAG = re.compile(r"<(/?)(sup|sub)\b[^<>]{0,200}>|<[^<>]{0,200}>", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z]{2,}|[^A-Za-z]+|[A-Za-z]")
_ROOT = re.compile(r"√\{([^{}]{1,300})\}|√(\w{1,20})")


def convert(arguments: Arguments, reading: Reading) -> str:
    """ "5 to 10 miles" of {{convert|5|to|10|mi|km}}: the quantity as the source states it, without the one that is computed."""
    values = arguments.positional
    if not values:
        return ""
    out, at = values[0], 1
    while at + 1 < len(values) and values[at] in _RANGES:
        out += f"{_RANGES[values[at]]}{values[at + 1]}"
        at += 2
    if at < len(values):
        out += f" {_unit(values[at])}"
        if at + 2 < len(values) and _NUMBER.fullmatch(values[at + 1]):  # 5 ft 10 in
            out += f" {values[at + 1]} {_unit(values[at + 2])}"
    return out


def _unit(code: str) -> str:
    return _POWER.sub(lambda match: match[0].replace("-", "⁻").translate(_RAISED), _UNITS.get(code, code))


_RAISED = str.maketrans("23", "²³")


def value(arguments: Arguments, reading: Reading) -> str:
    """{{val|1.23|0.05|e=-7|u=kg}} as "1.23±0.05×10⁻⁷ kg"."""
    numbers = arguments.positional
    if not numbers:
        return ""
    out = f"{arguments.get('p')}{numbers[0]}"
    if len(numbers) == 2:
        out += numbers[1] if numbers[1].startswith("(") else f"±{numbers[1].lstrip('±+')}"
    elif len(numbers) > 2:
        out += f" (+{numbers[1].lstrip('+')}, −{numbers[2].lstrip('-−')})"
    if power := arguments.get("e"):
        out += f"×10{reading.script(power.replace('-', '−'), is_super=True)}"
    if unit := arguments.get("u", "ul"):
        out += f" {_POWER.sub(lambda match: reading.script(match[0], is_super=True), unit)}"
        if per := arguments.get("up", "upl"):
            out += f"/{per}"
    return f"{out}{arguments.get('s')}"


def power_of_ten(arguments: Arguments, reading: Reading) -> str:
    """{{e|5}} as "×10⁵"."""
    return f"×10{reading.script(arguments.at(1), is_super=True)}"


def fraction(arguments: Arguments, reading: Reading) -> str:
    """{{frac|3|1|2}} as "3 1/2"."""
    parts = arguments.positional
    if len(parts) == 1:
        return f"1/{parts[0]}"
    return f"{parts[0]} {parts[1]}/{parts[2]}" if len(parts) > 2 else "/".join(parts)


def scripts(arguments: Arguments, reading: Reading) -> str:
    """{{su|p=a|b=b}}: a superscript above a subscript."""
    lower, upper = arguments.get("b", "sub") or arguments.at(2), arguments.get("p", "sup") or arguments.at(1)
    return (f"<sub>{lower}</sub>" if lower else "") + (f"<sup>{upper}</sup>" if upper else "")


def chem(arguments: Arguments, reading: Reading) -> str:
    """{{chem|H|2|SO|4}}: symbols and numbers in turn; numbers before the first symbol are those of an isotope."""
    out, is_first = "", True
    for number, part in enumerate(arguments.positional):
        if part[:1].isdigit() and is_first and part.isdigit():
            out += reading.script(part, is_super=number == 0)
        elif part.isdigit():
            out += reading.script(part, is_super=False)
        elif _CHARGE.fullmatch(part):
            out += reading.script(part, is_super=True)
        else:
            out += part
            is_first = False
    return out


def chemical(text: str, reading: Reading) -> str:
    r"""A formula or reaction as `\ce{...}` and {{chem2}} write it: "2 H2 + O2 -> 2 H2O", "SO4^2-"."""
    text = _CE.sub("", re.sub(r"</?chem2?>|\[\[|\]\]|'{2,5}", "", text))
    for arrow, sign in _ARROWS:
        text = text.replace(arrow, sign)

    def scripted(match: re.Match[str]) -> str:
        lower, upper = match[1] or match[5], match[2] or match[3] or match[4]
        return reading.script(lower or upper, is_super=lower is None)

    return _CHEMICAL.sub(scripted, " ".join(text.split()))


def mathematics(text: str, reading: Reading) -> str:
    """The text of {{math}}, {{mvar}} as a formula; where it does not make a well-formed one, as it is."""
    if PRIVATE.search(text) or not text.strip():
        return text
    latex = formulas.normalise(_latex(text))
    return reading.maths(latex) if formulas.problem(latex) is None else text


def _latex(text: str) -> str:
    out: list[str] = []
    at = 0
    text = re.sub(r"'{2,5}", "", text)
    for match in _SCRIPT_TAG.finditer(text):
        out.append(_in_maths(text[at : match.start()]))
        if match[2]:
            out.append("}" if match[1] else "^{" if match[2].lower() == "sup" else "_{")
        at = match.end()
    out.append(_in_maths(text[at:]))
    return "".join(out)


def _in_maths(text: str) -> str:
    out: list[str] = []
    at = 0
    text = html.unescape(text)
    for root in _ROOT.finditer(text):
        out += [_plain(text[at : root.start()]), r"\sqrt{", _plain(root[1] or root[2]), "}"]
        at = root.end()
    return "".join([*out, _plain(text[at:])])


def _plain(text: str) -> str:
    return "".join(map(_word, _WORDS.findall(text)))


def _word(word: str) -> str:
    if word.isascii() and word.isalpha():
        if word in symbols.FUNCTIONS:
            return rf"\{word} "
        return word if len(word) < 3 else rf"\text{{{word}}}"
    return "".join(_sign(character) for character in word)


def _sign(character: str) -> str:
    latex = symbols.SYMBOLS.get(character)
    if latex is not None:
        return f"{latex} " if latex[-1:].isalpha() else latex
    return " " if character.isspace() else character


Handler = Callable[[Arguments, Reading], str]
TEMPLATES: dict[str, Handler] = {
    "convert": convert,
    "cvt": convert,
    "val": value,
    "e": power_of_ten,
    "x10^": power_of_ten,
    "frac": fraction,
    "sfrac": fraction,
    "fraction": fraction,
    "su": scripts,
    "chem": chem,
    "chem2": lambda arguments, reading: chemical(arguments.at(1), reading),
    "math": lambda arguments, reading: mathematics(arguments.at(1) or arguments.get("big"), reading),
    "mvar": lambda arguments, reading: mathematics(arguments.at(1), reading),
    "bigmath": lambda arguments, reading: mathematics(arguments.at(1), reading),
    "tmath": lambda arguments, reading: reading.maths(arguments.at(1)),
    "sqrt": lambda arguments, reading: f"√{{{arguments.at(1)}}}" if len(arguments.at(1)) > 1 else f"√{arguments.at(1)}",
    "radic": lambda arguments, reading: (
        f"√{{{arguments.at(1)}}}" if len(arguments.at(1)) > 1 else f"√{arguments.at(1)}"
    ),
    "abs": lambda arguments, reading: f"|{arguments.at(1)}|",
    "overline": lambda arguments, reading: arguments.at(1),
    "ceil": lambda arguments, reading: f"⌈{arguments.at(1)}⌉",
    "floor": lambda arguments, reading: f"⌊{arguments.at(1)}⌋",
    "bra": lambda arguments, reading: f"⟨{arguments.at(1)}|",
    "ket": lambda arguments, reading: f"|{arguments.at(1)}⟩",
    "bra-ket": lambda arguments, reading: f"⟨{arguments.at(1)}|{arguments.at(2)}⟩",
    "nuclide": lambda arguments, reading: (
        f"{arguments.at(1)}-{arguments.at(2)}" if arguments.at(2) else arguments.at(1)
    ),
}
"""Template (lower case) -> what it shows."""
TEMPLATES |= dict.fromkeys(("simplenuclide", "simplenuclide2", "nuclide2", "element nuclide"), TEMPLATES["nuclide"])
TEMPLATES |= {
    "sub": lambda arguments, reading: f"<sub>{arguments.at(1)}</sub>",
    "sup": lambda arguments, reading: f"<sup>{arguments.at(1)}</sup>",
}
