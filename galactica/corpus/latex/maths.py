r"""Formulas: expanded tokens -> checked LaTeX, and what stands in a formula that is not part of it (labels, text between rows)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from galactica.corpus.latex import diagrams, science
from galactica.corpus.latex.commands import CHARACTERS, DIMENSIONS, LENGTH, commands
from galactica.corpus.latex.environments import BY_ROW, COLUMN_ARGUMENT, UNNUMBERED
from galactica.corpus.latex.tokens import source
from galactica.modalities import formulas


def _table(*groups: tuple[str, str]) -> dict[str, str]:
    return {"\\" + name: value for value, names in groups for name in names.split()}


_GONE = _table(
    ("", "relax selectfont tiny small normalsize large Large LARGE huge centering medskip bigskip par qedhere qed hfil hfill "
     "newline noindent xspace / - @ unboldmath boldmath displaylimits mathsurround nonumber notag hss null bgroup egroup "
     "upshape itshape bfseries rmfamily sffamily ttfamily scriptfont hrulefill linebreak vcenter "
     "nolinebreak negmedspace negthickspace"),
    ("m", "label index footnote footnotetext todo vspace hspace vphantom hphantom phantom pageref textcolor colorbox scalebox "
     "href hypertarget hyperlink raisebox mathversion raisetag tag"),
    ("mm", "resizebox fontsize setlength renewcommand addtolength setcounter"),
    ("om", "cite citep citet citealp color cellcolor rowcolor parbox"),
    ("o", "displaybreak pagebreak allowdisplaybreaks hyperref"),
    ("omm", "rule"),
    ("oo", "makebox framebox"),
)  # fmt: skip
"""Command -> its arguments that go with it (o in brackets, m in braces); what follows stays."""
_SPELLED = _table(
    ("\\mathbb", "mathbbm mathds Bbb"), ("\\mathbf", "bold symbf"), ("\\boldsymbol", "symbfit mathbfit pmb bm"),
    ("\\textit", "emph textsl"), ("\\mathrm", "mathup symup"), ("\\mathsf", "mathsfit"), ("\\mathcal", "EuScript matheus"),
    ("\\text", "mbox textrm textup textnormal textmd"), ("\\operatorname", "operatornamewithlimits mathoperator"),
    ("\\big", "bigm"), ("\\Big", "Bigm"), ("\\bigg", "biggm"), ("\\Bigg", "Biggm"), ("\\;", "enskip enspace >"),
    ("\\hat", "Hat"), ("\\bar", "Bar"), ("\\tilde", "Tilde"), ("\\vec", "Vec"), ("\\dot", "Dot"), ("\\ddot", "Ddot"),
    ("\\overline", "widebar"), ("\\dots", "dotsi"), ("\\ldots", "mathellipsis textellipsis"), ("\\vdots", "vdotswithin"),
    ("<", "lt textless"), (">", "gt textgreater"), ("|", "textbar restriction upharpoonright"), ("\\&", "And"), ("//", "sslash"),
    ("\\triangle", "bigtriangleup vartriangle"), ("\\lozenge", "Diamond diamondsuit"), ("\\square", "Box"), ("\\cdot", "centerdot"),
    ("\\triangleleft", "vartriangleleft"), ("\\triangleright", "vartriangleright"), ("\\bigcirc", "ocircle"),
    ("\\trianglelefteq", "trianglelefteqslant"), ("\\trianglerighteq", "trianglerighteqslant"), ("\\emptyset", "empty"),
    ("\\not\\Vdash", "nVdash"), ("\\not\\models", "nvDash"), ("\\not\\vdash", "nvdash"), ("\\not\\subset", "nsubset"),
    ("\\hookrightarrow", "longhookrightarrow"), ("\\to", "longto tendsto"),
)  # fmt: skip
"""Other names of one sign."""
_FONT_SWITCH = {
    "\\bf": "\\mathbf", "\\rm": "\\mathrm", "\\it": "\\mathit", "\\sf": "\\mathsf", "\\tt": "\\mathtt", "\\cal": "\\mathcal",
    "\\frak": "\\mathfrak", "\\scr": "\\mathscr", "\\mit": "", "\\sl": "\\mathit", "\\sc": "",
}  # fmt: skip
_ENDS_FONT = frozenset(("&", "\\\\", *_FONT_SWITCH))
_WITHOUT_ROWS = frozenset(("equation", "displaymath", "math", "dmath", "empheq", "dgroup", "subequations"))
_INFIX = {
    "\\over": ("\\frac", ["}", "{"], ["}"]),
    "\\choose": ("\\binom", ["}", "{"], ["}"]),
    "\\atop": ("\\begin{smallmatrix}", ["\\\\"], ["\\end{smallmatrix}"]),
}
TEXTS = commands("text mbox hbox textrm textup textnormal textit textbf textsf textmd intertext")
_FONTS = commands("textrm textup textnormal textit textbf textsf textmd texttt emph mathrm textsc textsl mathsf mathit")
_BOX_WIDTH = re.compile(r"\s*to\s*[\d.]+\s*[a-z]{2}")
_QUANTITIES = {
    **dict.fromkeys(("\\SI", "\\qty"), (False, True)),
    **dict.fromkeys(("\\si", "\\unit"), (True,)),
    "\\num": (False,),
}
"""Commands of `siunitx` -> of each argument whether it is a unit."""
_OPENERS = frozenset(("\\mathopen", "\\mathclose", "\\mathbin", "\\mathrel", "\\mathord", "\\mathpunct", "\\mathinner"))
_CLOSES = {"$": "$", "\\(": "\\)", "\\)": ""}


_SHORT = 24
_MAX_DEPTH = 60


class Formula(NamedTuple):
    """A formula: its LaTeX and "", or "" and what is wrong with it; the labels that stood in it, with the number of their row."""

    latex: str
    problem: str
    labels: tuple[tuple[str, int], ...]
    n_numbered: int


def read(tokens: Sequence[str], environment: str) -> Formula:
    """The formula of these tokens; `environment` is "" between dollars."""
    return _short(tuple(tokens), environment) if len(tokens) <= _SHORT else _read(tokens, environment)


@lru_cache(maxsize=50_000)
def _short(tokens: tuple[str, ...], environment: str) -> Formula:
    """A short formula: a document has the same ones again and again."""
    return _read(tokens, environment)


def _read(tokens: Sequence[str], environment: str) -> Formula:
    """The formula of these tokens; `environment` is "" between dollars."""
    name = environment.rstrip("*")
    tokens = list(tokens)
    if len(tokens) > 4 * formulas.MAX_LENGTH or _depth(tokens) > _MAX_DEPTH:
        return Formula("", "too long or nested too deep", (), 0)
    if name in COLUMN_ARGUMENT:
        tokens = _without_arguments(tokens, "m")
    elif name == "empheq":
        tokens = _without_arguments(tokens, "om")
    labels, n_numbered = _numbered(
        tokens, name, is_numbered=bool(name) and environment == name and name not in UNNUMBERED
    )
    if name in ("tikzcd", "CD"):
        tokens, name = [f"\\begin{{{name}}}", *tokens, f"\\end{{{name}}}"], ""
    if diagrams.has_diagram(tokens):
        tokens = diagrams.linear(tokens)
    latex = source(_kept(tokens))
    if name and name not in _WITHOUT_ROWS and name != "cases":
        name = {
            "alignat": "aligned",
            "xalignat": "aligned",
            "xxalignat": "aligned",
            "IEEEeqnarray": "aligned",
            "split": "aligned",
        }.get(name, name)
        latex = rf"\begin{{{name}}}{latex}\end{{{name}}}"
    elif name == "cases":
        latex = rf"\begin{{cases}}{latex}\end{{cases}}"
    latex, problem = checked(latex)
    return Formula(latex, problem, labels, n_numbered)


def _depth(tokens: Sequence[str]) -> int:
    level = deepest = 0
    for token in tokens:
        if token == "{":
            level += 1
            deepest = max(deepest, level)
        elif token == "}":
            level -= 1
    return deepest


def checked(latex: str) -> tuple[str, str]:
    """The formula in its normal form and "", or "" and what is wrong with it; rows without an environment get one."""
    if len(latex) > 4 * formulas.MAX_LENGTH:
        return "", f"longer than {formulas.MAX_LENGTH} characters"
    latex = formulas.normalise(latex)
    problem = formulas.problem(latex)
    if problem is not None and "outside an alignment" in problem:
        latex = formulas.normalise(rf"\begin{{aligned}} {latex} \end{{aligned}}")
        problem = formulas.problem(latex)
    return ("", problem) if problem else (latex, "")


def _numbered(tokens: Sequence[str], name: str, is_numbered: bool) -> tuple[tuple[tuple[str, int], ...], int]:
    """The labels with the row they stand in, and how many numbers the display has."""
    labels: list[tuple[str, int]] = []
    row, is_row_numbered, level = 1, True, 0
    for index, token in enumerate(tokens):
        if token == "\\label" and index + 2 < len(tokens) and tokens[index + 1] == "{":
            labels.append((tokens[index + 2].strip(), row))
        elif token.startswith("\\begin{"):
            level += 1
        elif token.startswith("\\end{"):
            level -= 1
        elif token in ("\\nonumber", "\\notag"):
            is_row_numbered = False
        elif token == "\\\\" and not level and name in BY_ROW:
            row += is_row_numbered
            is_row_numbered = True
    n_rows = row - (not is_row_numbered) if name in BY_ROW else 1
    return tuple(labels), n_rows if is_numbered else 0


def _kept(tokens: list[str]) -> list[str]:
    """The tokens without those that set no part of the formula, in one spelling; formulas inside text stand beside it."""
    out: list[str] = []
    texts: list[bool] = []  # of each group that is open, whether it is one of text
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token == "{":
            texts.append(bool(out) and out[-1] in TEXTS)
            out.append(token)
        elif token == "}":
            out += ["}"] if texts else []
            texts = texts[:-1]
        elif token in ("$", "\\(", "\\)"):
            if texts and texts[-1] and _CLOSES[token] in tokens[at : at + 200]:
                end = tokens.index(_CLOSES[token], at)
                out += ["}", *_kept(tokens[at:end]), "\\text", "{"]
                at = end + 1
        elif token[0] != "\\":
            out.append(" " if token == "~" else token)
        else:
            at = _command(tokens, at, token, out, is_text=bool(texts) and texts[-1])
    return _without_infix(out) if any(token in _INFIX for token in out) else out


def _command(tokens: list[str], at: int, token: str, out: list[str], is_text: bool) -> int:
    """Writes a command, or leaves it out with its arguments; returns where to go on."""
    signature = _GONE.get(token) or (_GONE.get(token[:-1]) if token[-1] == "*" else None)
    if signature is not None or token in _GONE:
        out.append(" ")
        return _after_arguments(tokens, at, signature or "")
    if token in _QUANTITIES:
        return _quantity(tokens, at, token, out)
    if token in DIMENSIONS:
        if at < len(tokens) and (match := LENGTH.match(tokens[at])):
            tokens[at] = tokens[at][match.end() :] or " "
        return at
    if (
        token in ("\\substack", "\\operatorname", "\\operatorname*", "\\hbox", "\\xrightarrow", "\\xleftarrow")
        and not is_text
    ):
        return _rewritten(tokens, at, token, out)
    if token in _OPENERS and tokens[at : at + 2] == ["{", "}"]:
        return at + 2
    if token in _FONT_SWITCH:
        return at if is_text else _switched(tokens, at, token, out)
    if is_text and token in CHARACTERS and token[1:].isalpha():
        out.append(CHARACTERS[token])
    elif is_text and token in _FONTS:
        pass
    else:
        out.append(_SPELLED.get(token, token))
    return at


def _rewritten(tokens: list[str], at: int, token: str, out: list[str]) -> int:
    r"""Writes what has another form here: `\substack` as a small matrix, names of operators without fonts, boxes of a width."""
    if token == "\\hbox" and at < len(tokens) and (width := _BOX_WIDTH.match(tokens[at])):
        tokens[at] = tokens[at][width.end() :] or " "
        return at
    end = _after_arguments(tokens, at, "m")
    inside = tokens[at + 1 : end - 1]
    if token.startswith("\\x"):
        out += (
            ["\\to" if token == "\\xrightarrow" else "\\leftarrow"]
            if end > at and not "".join(inside).strip()
            else [token]
        )
        return end if end > at and not "".join(inside).strip() else at
    if end == at or tokens[at] != "{":
        if token == "\\hbox" and at < len(tokens) and tokens[at][0] not in "\\{}$&":
            out += ["\\text", "{", tokens[at][0], "}"]
            tokens[at] = tokens[at][1:] or " "
            return at
        out.append(_SPELLED.get(token, token))
        return at
    if token == "\\substack":
        out += ["\\begin{smallmatrix}", *_kept(inside), "\\end{smallmatrix}"]
    elif token == "\\hbox":
        out.append("\\text")
        return at
    else:
        name = [
            part for part in inside if part not in _FONTS and part not in ("{", "}", "\\rm", "\\,", "\\text", "\\!")
        ]
        out += [token, "{", *(part if part != "~" else " " for part in name), "}"]
    return end


def _quantity(tokens: list[str], at: int, token: str, out: list[str]) -> int:
    r"""Writes a number and a unit of `siunitx`."""
    at = _after_arguments(tokens, at, "o")
    for is_unit in _QUANTITIES[token]:
        end = _after_arguments(tokens, at, "m")
        inside = "".join(tokens[at + 1 : end - 1]) if end > at else ""
        if is_unit and (sign := science.unit(inside)):
            out += ["\\,", "\\text", "{", sign, "}"]
        elif inside and not is_unit:  # `physics` has a command of the same name, with brackets
            out.append(inside)
        at = end
    return at


def _without_infix(tokens: list[str]) -> list[str]:
    r"""`{a \over b}` as `\frac{a}{b}`, and so with `\choose` and `\atop`."""
    lists: list[list[str]] = [[]]
    for token in tokens:
        if token == "{":
            lists.append([])
        elif token == "}" and len(lists) > 1:
            group = lists.pop()
            inside = _fraction(group)
            is_argument = bool(lists[-1]) and (lists[-1][-1][0] == "\\" or lists[-1][-1].endswith(("^", "_", "}", "]")))
            lists[-1] += inside if inside is not group and not is_argument else ["{", *inside, "}"]
        else:
            lists[-1].append(token)
    while len(lists) > 1:
        inside = lists.pop()
        lists[-1] += ["{", *inside]
    return _fraction(lists[0])


def _fraction(tokens: list[str]) -> list[str]:
    """The tokens of one group, with the infix command that stands in it before its two parts."""
    level = 0
    for index, token in enumerate(tokens):
        level += (token == "{") - (token == "}")
        if not level and token in _INFIX:
            command, separator, closing = _INFIX[token]
            opening = [] if command.startswith("\\begin") else ["{"]
            return [command, *opening, *tokens[:index], *separator, *_fraction(tokens[index + 1 :]), *closing]
    return tokens


def _switched(tokens: Sequence[str], at: int, token: str, out: list[str]) -> int:
    r"""Writes `{\bf x}` as `{\mathbf{x}}`, where the group holds nothing that closes first; returns where to go on."""
    command = _FONT_SWITCH[token]
    if not command:
        return at
    end, level = at, 0
    while end < len(tokens):
        level += (tokens[end] == "{") - (tokens[end] == "}")
        if level < 0 or (not level and (tokens[end] in _ENDS_FONT or tokens[end].startswith(("\\end{", "\\right")))):
            break
        end += 1
    inside = tokens[at:end]
    if any(part in ("\\left", "&", "\\\\") or part.startswith("\\begin") for part in inside):
        return at
    if "".join(inside).strip():
        out += [command, "{", *_kept(list(inside)), "}"]
    return end


def _without_arguments(tokens: list[str], signature: str) -> list[str]:
    return tokens[_after_arguments(tokens, 0, signature) :]


def _after_arguments(tokens: Sequence[str], at: int, signature: str) -> int:
    """The place behind the arguments that start at `at`."""
    for kind in signature:
        start = at
        while start < len(tokens) and tokens[start].isspace():
            start += 1
        if start >= len(tokens):
            return at
        opening, closing = ("[", "]") if kind == "o" else ("{", "}")
        if tokens[start] != opening:
            if kind == "m":
                return at
            continue
        level = 0
        for end in range(start, len(tokens)):
            level += (tokens[end] == opening) - (tokens[end] == closing)
            if not level:
                at = end + 1
                break
        else:
            return len(tokens)
    return at
