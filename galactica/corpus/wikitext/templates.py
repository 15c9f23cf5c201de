"""Templates as the text they show, by a table of the common ones. Those that show nothing in running text are not in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from galactica.corpus.wikitext import footnote_templates, proofwiki, quantities
from galactica.corpus.wikitext.arguments import Arguments
from galactica.corpus.wikitext.reading import UNKNOWN, Reading

Handler = Callable[[Arguments, Reading], str]

_MAX_NAME = 80
_LANGUAGE = re.compile(r"lang-[a-z]{2,3}(?:-[a-z]+){0,2}|lang[xr]?")
_OF_NAMESPACE = ("template:", "msg:", "subst:", "safesubst:", ":template:")
_FUNCTIONS = ("formatnum", "lc", "uc", "lcfirst", "ucfirst", "nowrap")
"""Parser functions that show their argument; how it is spelt is all they change."""
_SILENT = re.compile(
    r"(?:infobox|navbox|taxobox|speciesbox|chembox|drugbox|geobox|userbox|ipa|respell|pron|audio|listen|"
    r"citation needed|cn|fact|dubious|clarify|"
    r"who|when|which|where|why|by whom|according to whom|vague|page needed|rp|dead link|failed verification|"
    r"verify|verification|original research|"
    r"or|pov|unreliable|better source|disputed|specify|webarchive|wayback|cbignore|sfn whitelist|anchor|coord|"
    r"flagicon|efn|refn|note|ref label|"
    r"explain|proof|proofread|missing|main|see also|further|wikibooks|isbn|issn|oclc|doi|pmid|pmc|arxiv|"
    r"increase|decrease|steady|sort|"
    r"subst|formatnum|bookreference|bookwiki|link|definition|start|end|tidy|expand|update|portal|commons|"
    r"wiktionary|multiple image|legend|"
    r"toc|clear|reflist|use |short |pp-|good article|featured|authority|default|displaytitle|lowercase|italic "
    r"title|#|pagename|namespace|noprint)"
)
"""How templates begin that show nothing (or no words) where they stand in a sentence."""


def template_text(name: str, arguments: Arguments, reading: Reading) -> str:
    """What the template shows in the text of the page."""
    whole = name
    name = _plain_name(name)
    if not name:
        return ""
    if name.startswith("#tag:ref"):  # {{#tag:ref|text|group=n}}
        return footnote_templates.remark(arguments, reading)
    reading.templates.add(name)
    handler = TEMPLATES.get(name)
    if handler is not None:
        return handler(arguments, reading)
    if name.startswith(("cite ", "citation", "cite_", "vcite ", "vancite ", "cita ", "citace ")):
        return footnote_templates.cite(name, arguments, reading)
    if _LANGUAGE.fullmatch(name):
        return arguments.at(1)
    function, colon, _ = name.partition(":")
    if colon and function in _FUNCTIONS:
        return whole.partition(":")[2].strip()
    reading.unknown[name] += 1
    if not len(arguments) or _SILENT.match(name) or ":" in name or not arguments.at(1):
        return ""
    return UNKNOWN


def _plain_name(name: str) -> str:
    name = " ".join(name[: 4 * _MAX_NAME].replace("_", " ").split()).lower()
    for prefix in _OF_NAMESPACE:
        name = name.removeprefix(prefix).strip()
    return name[:_MAX_NAME]


def _shows(number: int) -> Handler:
    return lambda arguments, reading: arguments.at(number)


def _is(text: str) -> Handler:
    return lambda arguments, reading: text


def _last(arguments: Arguments, reading: Reading) -> str:
    values = arguments.positional
    return values[-1] if values else ""


def _quotation(arguments: Arguments, reading: Reading) -> str:
    text = arguments.get("text", "quote", "content") or arguments.at(1)
    author = arguments.get("author", "sign", "by", "cite") or arguments.at(2)
    if not text:
        return ""
    return f"\n\n{text}{f' — {author}' if author else ''}\n\n"


def _listed(arguments: Arguments, reading: Reading) -> str:
    items = [item.strip() for item in arguments.positional if item.strip()]
    if len(items) == 1 and items[0].startswith("*"):
        return f"\n{items[0]}\n"
    return "\n" + "".join(f"* {item}\n" for item in items)


def _in_a_row(arguments: Arguments, reading: Reading) -> str:
    items = [line.strip("*# ") for item in arguments.positional for line in item.split("\n")]
    return ", ".join(item for item in items if item)


def _numbered(arguments: Arguments, reading: Reading) -> str:
    return "\n" + "".join(f"# {item}\n" for item in arguments.positional if item)


def _content(arguments: Arguments, reading: Reading) -> str:
    """The items of {{columns-list}} and {{plainlist}}, which are wikitext themselves."""
    return f"\n{arguments.at(1)}\n" if arguments.at(1) else ""


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _date(arguments: Arguments, reading: Reading) -> str:
    parts = [part for part in arguments.positional[:3] if part.isascii() and part.isdigit() and len(part) < 5]
    if not parts or not parts[0]:
        return arguments.at(1)
    month = _MONTHS[int(parts[1]) - 1] if len(parts) > 1 and 0 < int(parts[1]) <= 12 else ""
    return " ".join(part for part in (parts[2].lstrip("0") if len(parts) > 2 else "", month, parts[0]) if part)


def _as_of(arguments: Arguments, reading: Reading) -> str:
    return arguments.get("alt") or f"{'as' if arguments.get('lc') else 'As'} of {_date(arguments, reading)}"


def _nihongo(arguments: Arguments, reading: Reading) -> str:
    shown, *others = [arguments.at(number) for number in (1, 2, 3)]
    within = ", ".join(part for part in others if part)
    return f"{shown} ({within})" if shown and within else shown or within


def _ordinal(arguments: Arguments, reading: Reading) -> str:
    number = arguments.at(1)
    if not number.isdigit():
        return number
    ending = "th" if number[-2:] in ("11", "12", "13") else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return f"{number}{ending}"


def _circa(arguments: Arguments, reading: Reading) -> str:
    return f"c. {'–'.join(arguments.positional[:2])}".strip()


def _money(sign: str) -> Handler:
    return lambda arguments, reading: f"{sign}{arguments.at(1)}"


def _words(text: str, handler: Handler) -> dict[str, Handler]:
    return {name.strip(): handler for name in text.split(",")}


def _begin_equations(arguments: Arguments, reading: Reading) -> str:
    reading.rows.clear()
    return "\n\n"


def _title(arguments: Arguments, reading: Reading) -> str:
    return reading.title


def _interlanguage(arguments: Arguments, reading: Reading) -> str:
    return arguments.get("lt") or arguments.at(1)


TEMPLATES: dict[str, Handler] = {
    **quantities.TEMPLATES,
    **footnote_templates.TEMPLATES,
    **_words(
        "nowrap, nobr, nobreak, no wrap, small, smaller, large, larger, big, bigger, em, strong, sc, "
        "smallcaps, sc1, sc2, bold, italics, italic, underline, "
        "u, vanchor, visible anchor, visible anchors, nobold, normal, unbold, unitalics, noitalic, abbr, "
        "abbrlink, tooltip, shy, linktext, unicode, script, "
        "wrap, delink, as written, sic, not a typo, typo, proper name, mono, key, keypress, kbd, samp, var, "
        "music, center, centre, nastaliq, "
        "polytonic, transl-grc, rtl-lang, flag, flagu, flaglist, flagcountry, flagathlete, country, noflag, "
        "ship, hms, uss, yes, no, won, nom, partial, "
        "sfrac2, math2, smallmath, nomobr, lang-link, interlanguage link multi, wikilink, pagelink, "
        "bibleverse, bibleref2, okay, "
        "r-phrase, gaps, nts, ntsc, bartable,  num, number, digits, formatnum, nom wikt, angle bracket, caps, "
        "smallcaps2, allcaps, uc, lc, first word, "
        "block indent, blockindent, poem, noindent, align, quote without source, emphasis, di, dfn, term, "
        "defn, glossary term, gli, ghat, fontcolor2",
        _shows(1),
    ),
    **_words("lang, wikt-lang, lang-wikt, rtl-para, color, colour, background color, color box text, hover "
    "title, langx, font, fontcolor, resize, zh-lang, "
             "script/arabic, bg, highlight, tooltip2, align2", _shows(2)),
    **_words("transl, transliteration, tlit, font color, sort, hs, dts2, ill-last", _last),
    **_words("ill, interlanguage link, illm, link-interwiki, iwl", _interlanguage),
    **_words("quote, blockquote, quotation, cquote, rquote, bquote, quoteframe, poemquote, poem quote, long "
    "quote, centered pull quote, block quote, verse translation",
             _quotation),
    **_words("bulleted list, blist, ublist", _listed),
    **_words("hlist, flatlist, unbulleted list, ubl, comma separated entries, cslist, flat list, enum, "
    "plainlist, plain list, csv", _in_a_row),
    **_words("ordered list, numbered list", _numbered),
    **_words("columns-list, columns list, div col content, collist, col-list, colum list, tree list, treelist, "
    "endplainlist content", _content),
    **_words("birth date, birth date and age, bda, death date, death date and age, dda, start date, start date "
    "and age, end date, film date, dts, date, birth-date, "
             "birth year and age, death year and age, release date, date table sorting, launch date, birth "
             "year, start-date, end-date", _date),
    "as of": _as_of,
    "nihongo": _nihongo,
    "ordinal": _ordinal,
    "ordinal to word": _ordinal,
    **_words("circa, c., ca., c", _circa),
    "floruit": lambda arguments, reading: f"fl. {'–'.join(arguments.positional[:2])}",
    "fl.": lambda arguments, reading: f"fl. {'–'.join(arguments.positional[:2])}",
    "reign": lambda arguments, reading: f"r. {'–'.join(arguments.positional[:2])}",
    "r.": lambda arguments, reading: f"r. {'–'.join(arguments.positional[:2])}",
    "sortname": lambda arguments, reading: f"{arguments.at(1)} {arguments.at(2)}".strip(),
    "angbr": lambda arguments, reading: f"⟨{arguments.at(1)}⟩",
    "angle brackets": lambda arguments, reading: f"⟨{arguments.at(1)}⟩",
    **_words("us$, usd, $, cad, aud, a$, ca$, us dollar", _money("$")),
    **_words("gbp, £, pound sterling, gb£", _money("£")),
    **_words("eur, euro, €", _money("€")),
    **_words("inr, indian rupee, rupee", _money("₹")),
    **_words("jpy, yen, cny, ¥", _money("¥")),
    **_words("code, ic, codes, inline code", lambda arguments, reading: reading.code(" ".join(arguments.at(1).split()))),
    **_words("pagename, fullpagename, basepagename, subpagename, title", _title),
    **_words("snd, spnd, sndash, spaced ndash, spaced en dash, spaced en dash space, dash", _is(" – ")),
    **_words("ndash, en dash, –, nbnd", _is("–")),
    **_words("mdash, em dash, —, snd-em", _is("—")),
    **_words("nbsp, spaces, sp, space, thinsp, hairsp, zwsp, pad, indent, gap, thin space, hair space, nnbsp, 0ws, quad", _is(" ")),
    **_words("·, dot, •, bullet, middot, bull", _is(" · ")),
    **_words("', apostrophe, `, prime, ', okina", _is("'")),
    **_words("' \", \" ', '\", \"'", _is("'\"")),
    '"': lambda arguments, reading: f"“{arguments.at(1)}”" if arguments.at(1) else '"',
    "!": _is("|"),
    "!!": _is("||"),
    "!-": _is("|-"),
    "(!": _is("{|"),
    "!)": _is("|}"),
    "=": _is("="),
    "(": _is("{"),
    ")": _is("}"),
    "((": _is("{{"),
    "))": _is("}}"),
    "*": _is("*"),
    "pipe": _is("|"),
    **_words("eqm, equilibrium, rightleftharpoons", _is("⇌")),
    "'s": _is("'s"),
    "mdashb": _is("—"),
    "-\"": _is("\""),
    "minus": _is("−"),
    "plus": _is("+"),
    "times": _is("×"),
    **_words("±, +-, pm", _is("±")),
    "pi": _is("π"),
    "deg": _is("°"),
    "degree": _is("°"),
    "inflection point": _is(""),
    **_words("tick, check, checked, checkmark, aye, ya, y", _is("✓")),
    **_words("cross, ✗, x mark, nay, xmark", _is("✗")),
    **_words("n/a, na, dunno, unknown, tba, tbd", lambda arguments, reading: arguments.at(1)),
    **_words("begin-eqn, begin-axiom", _begin_equations),
    "eqn": proofwiki.equation,
    **_words("end-eqn, end-axiom", proofwiki.end_of_equations),
    "axiom": proofwiki.axiom,
    "defof": proofwiki.definition,
    "hypothesis": _is("By hypothesis"),
    "by-hypothesis": _is("by hypothesis"),
    "qed": lambda arguments, reading: "" if arguments.at(1) == "lemma" else "\n\n∎\n\n",
    **_words("aimforcont", _is("Aiming for a contradiction, suppose")),
    "iff": _is("if and only if"),
    "tfae": _is("the following are equivalent"),
    "lhs": _is("left hand side"),
    "rhs": _is("right hand side"),
    "wrt": _is("with respect to"),
    "aoc": _is("the Axiom of Choice"),
    "modusponens": _is("Modus Ponens"),
    "wlog": _is("Without loss of generality"),
    "stirling-cycle": _is(""),
}  # fmt: skip
"""Template (lower case) -> what it shows."""
