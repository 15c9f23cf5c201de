r"""LaTeX source as a list of tokens: commands, environment marks, braces, dollars, runs of text. Comments are gone, and what is
verbatim is one token.

Tokens are plain strings, so that a document of megabytes stays cheap:

    \word \word* \.     a command (white space after a word is TeX's to swallow, and is gone)
    \begin{x} \end{x}   an environment's marks, whole
    { } [ ] $ & ~ #1    themselves
    "\n\n"              the end of a paragraph
    "\0c..." "\0b..."   verbatim text in the line, and as a block
    else                a run of text, which may hold line feeds
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

PARAGRAPH = "\n\n"
INLINE_CODE, BLOCK_CODE, PICTURE = "\x00c", "\x00b", "\x00p"
VERBATIM = (
    "verbatim", "Verbatim", "BVerbatim", "LVerbatim", "lstlisting", "minted", "alltt", "Sinput", "Soutput", "Scode", "code",
    "pycode", "python", "listing", "spverbatim", "semiverbatim",
)  # fmt: skip
DRAWN = ("asy", "dot2tex", "gnuplot")
DISCARDED = ("comment", "asydef", "filecontents", "VerbatimOut", "luacode", "CCSXML")

_OWN = "|".join(
    (
        r"\\newverbatim\s*\{(\w+)\}",
        r"\\lstnewenvironment\s*\{(\w+)\}",
        r"\\DefineVerbatimEnvironment\s*\{(\w+)\}",
        r"\\newminted(?:\[(\w+)\])?\{\w+\}",
        r"\\(?:re)?newenvironment\s*\{(\w+)\}[^\\{}]{0,40}\{\s*\\VerbatimEnvironment",
    )
)
_OWN_VERBATIM = re.compile(_OWN)
_TOKEN = re.compile(
    r"\\(?:begin|end)[ \t]*\{[^{}\\$%#\n\x00]{1,60}\}"
    r"|\\[A-Za-z@]+\*?(?:[ \t]*\n(?![ \t]*\n))?[ \t]*"
    r"|\\."
    r"|\x00\d+\x00"
    r"|[{}$&~\[\]\x00]|\#+\d?"
    r"|[ \t]*\n[ \t]*\n\s*"
    r"|[^\\{}$&~\[\]\#\n\x00]+(?:\n(?![ \t]*\n)[^\\{}$&~\[\]\#\n\x00]+)*"
    r"|\n|\\",
    re.DOTALL,
)
_MAX_INLINE = 500
_BEFORE_AT = ("\\ar@", "\\xymatrix@")
"""Commands of Xy-pic that are followed by a sign which is a letter in the names of others."""


def verbatim_environments(texts: Iterable[str]) -> frozenset[str]:
    """The names of verbatim environments that texts declare."""
    return frozenset(
        name for text in texts for match in _OWN_VERBATIM.finditer(text) for name in match.groups() if name
    )


def tokenise(text: str, own: frozenset[str] = frozenset()) -> list[str]:
    """The tokens of a source; `own` are verbatim environments beyond the well-known ones."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    verbatim: list[str] = []
    text = _set_aside(text, own, verbatim)
    tokens: list[str] = []
    for token in _TOKEN.findall(text):
        first = token[0]
        if first == "\\" and len(token) > 2:
            token = token.rstrip()
            if "@" in token and token.startswith(_BEFORE_AT):
                name, _, modifier = token.partition("@")
                tokens += [name, "@" + modifier]
                continue
            if token[-1] == "}":
                name, _, environment = token.partition("{")
                token = f"{name.rstrip()}{{{environment.strip(' }')}}}"
        elif first == "\x00":
            if len(token) < 3:
                continue
            token = verbatim[int(token[1:-1])]
        elif first.isspace() and "\n" in token and token.isspace():
            token = PARAGRAPH if token.count("\n") > 1 else " "
        tokens.append(token)
    return tokens


def _set_aside(text: str, own: frozenset[str], verbatim: list[str]) -> str:
    """The text without comments, with a placeholder for each piece of verbatim text."""
    special = _special_pattern(own)
    out: list[str] = []
    at = 0
    while (match := special.search(text, at)) is not None:
        out.append(text[at : match.start()])
        at = match.end()
        if match["comment"] is not None:
            out.append("\n\n" if match["blank"] else "")
        elif (name := match["environment"]) is not None:
            end = text.find(f"\\end{{{name}}}", at)
            body = text[at:] if end < 0 else text[at:end]
            at = len(text) if end < 0 else end + len(name) + 6
            if name.rstrip("*") not in DISCARDED:
                verbatim.append(PICTURE if name.rstrip("*") in DRAWN else BLOCK_CODE + _without_options(body))
                out.append(f"\x00{len(verbatim) - 1}\x00")
        elif match["code"] is not None:
            verbatim.append(INLINE_CODE + match["code"])
            out.append(f"\x00{len(verbatim) - 1}\x00")
        elif match["address"] is not None:
            verbatim.append(match["address"].replace("\\", ""))
            out.append(f"{{\x00{len(verbatim) - 1}\x00}}" if verbatim[-1] else "{}")
        else:
            out.append(match[0])
    out.append(text[at:])
    return "".join(out)


@cache
def _special_pattern(own: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, {*VERBATIM, *DRAWN, *DISCARDED, *own}), key=len, reverse=True))
    return re.compile(
        rf"\\begin\{{(?P<environment>(?:{names})\*?)\}}"
        rf"|\\(?:verb\*?|lstinline(?:\[[^\]\n]{{0,200}}\])?|mintinline(?:\[[^\]\n]{{0,200}}\])?\{{\w+\}})"
        rf"(?P<bar>[^\w\s*{{])(?P<code>[^\n]{{0,{_MAX_INLINE}}}?)(?P=bar)"
        r"|\\(?:url|nolinkurl|path)[ \t]*\{(?P<address>[^{}\s]{0,2000})\}"
        r"|\\[^a-zA-Z]"
        r"|(?P<comment>%[^\n]*(?:\n[ \t]*(?P<blank>\n\s*)?)?)",
        re.DOTALL,
    )


def _without_options(body: str) -> str:
    """Verbatim text without the options and the language that stand behind its opening."""
    match = re.match(r"(?:[ \t]*\[[^\]]{0,500}\])?[ \t]*(?:\{[\w+#-]{1,20}\})?[ \t]*\n", body)
    return body[match.end() :] if match else body


def source(tokens: Iterable[str]) -> str:
    """The LaTeX that the tokens were made of, in one spelling; a space keeps a word of letters from the command before it."""
    out: list[str] = []
    after_word = False
    for token in tokens:
        if after_word and token[0].isalpha():
            out.append(" ")
        out.append(" " if token == PARAGRAPH else token)
        after_word = token[0] == "\\" and len(token) > 1 and token[-1].isalpha()
    return "".join(out)


def plain(tokens: Sequence[str]) -> str:
    """The tokens of a name (a label, a key, a path) as a string."""
    return "".join(tokens).replace("{", "").replace("}", "").strip()
