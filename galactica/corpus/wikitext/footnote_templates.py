"""Templates that cite: {{cite ...}} and {{citation}}, {{sfn}} and {{harv}} with their kin, {{r}}."""

from __future__ import annotations

from galactica.corpus.wikitext.arguments import Arguments
from galactica.corpus.wikitext.footnotes import FOOTNOTE
from galactica.corpus.wikitext.reading import Reading

_MAX_BUNDLED = 9
_NO_DATES = ("n.d.", "nd", "undated", "forthcoming", "in press")
_NOT_WORKS = (
    "citation needed",
    "citation style",
    "cite check",
    "citations broken",
    "citation broken",
    "cite quote",
    "citations",
)


def cite(name: str, arguments: Arguments, reading: Reading) -> str:
    """The mark of a citation template; "" for one that asks for a citation."""
    if name.startswith(_NOT_WORKS):
        return ""
    fields = {key: reading.marks.release(value) for key, value in arguments.named.items()}
    return reading.footnotes.cite(name, fields)


def short(arguments: Arguments, reading: Reading) -> str:
    """The mark of {{sfn|Smith|Jones|2001|p=5}}."""
    names, year = _names_and_year(arguments)
    return reading.footnotes.cite_short(names, year)


def short_bundled(arguments: Arguments, reading: Reading) -> str:
    """The marks of {{sfnm|1a1=Smith|1y=2001|2a1=Jones|2y=2003}}."""
    out = []
    for number in range(1, _MAX_BUNDLED + 1):
        names = [name for part in ("", *"1234") if (name := arguments.get(f"{number}a{part}"))]
        if names:
            out.append(reading.footnotes.cite_short(names, arguments.get(f"{number}y")))
    return " ".join(out)


def narrative(arguments: Arguments, reading: Reading) -> str:
    """{{harvtxt|Smith|2001}}: "Smith (2001)" in the sentence."""
    names, year = _names_and_year(arguments)
    shown = (
        f"{names[0]} et al."
        if len(names) > 3
        else " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    )
    return reading.footnotes.cite_short(names, year, f"{shown} ({year})") if names else ""


def named(arguments: Arguments, reading: Reading) -> str:
    """{{r|name1|name2}}."""
    return reading.footnotes.cite_named(arguments.positional[:_MAX_BUNDLED])


def remark(arguments: Arguments, reading: Reading) -> str:
    """The marks of what a remark of its own cites: {{efn|Text.<ref>...</ref>}}; its text is no text of the page."""
    return " ".join(match[0] for match in FOOTNOTE.finditer("".join(arguments.positional)))


def entry_of_encyclopedia(arguments: Arguments, reading: Reading) -> str:
    """The mark of {{sep entry|address|Title|Author|date}}."""
    title, author, date = (arguments.at(number) for number in (2, 3, 4))
    fields = {"title": title, "author": author, "date": date}
    return cite("cite encyclopedia", Arguments([[f"{key}={value}"] for key, value in fields.items()]), reading)


def identifier(arguments: Arguments, reading: Reading) -> str:
    """{{harvid|Smith|2001}}, the name that an entry gives itself."""
    names, year = _names_and_year(arguments)
    return "|".join([*names, year])


def _names_and_year(arguments: Arguments) -> tuple[list[str], str]:
    values = [value.strip("()") for value in arguments.positional if value]
    if len(values) > 1 and (any(map(str.isdigit, values[-1])) or values[-1] in _NO_DATES):
        return values[:-1][:5], values[-1]
    return values[:5], ""


TEMPLATES = {
    **dict.fromkeys(
        (
            "sfn",
            "sfnp",
            "harv",
            "harvnb",
            "harvcol",
            "harvcolnb",
            "harvp",
            "harvard citation",
            "harvard citation no brackets",
            "harvs",
            "snf",
        ),
        short,
    ),
    **dict.fromkeys(("sfnm", "sfnmp"), short_bundled),
    **dict.fromkeys(("harvtxt", "harvcoltxt", "harvard citation text"), narrative),
    **dict.fromkeys(("r", "ref name"), named),
    **dict.fromkeys(("efn", "efn-ua", "efn-lr", "refn", "notetag"), remark),
    **dict.fromkeys(("sep entry", "sep", "iep", "cite sep"), entry_of_encyclopedia),
    **dict.fromkeys(("harvid", "sfnref"), identifier),
}
"""Template (lower case) -> what it shows."""
