r"""Formulas: a string of mathematical LaTeX brought to one form, and checked for well-formedness.

The LaTeX meant here is what KaTeX, pandoc and typst all typeset.
"""

from __future__ import annotations

import re

from galactica.modalities import latex_symbols as symbols
from galactica.modalities.spellings import respelt

_BODY_OPEN, _BODY_CLOSE = r"\begin{document}", r"\end{document}"
_LEAVE_OUT = re.compile(
    r"\\(?:label|tag\*?|hspace\*?|vspace\*?|phantom|hphantom|vphantom|scalebox|raisebox)\s*\{[^{}]*\}"
    r"|[\^_]\s*\{\s*\}|\\(?:normalfont|scriptsize|footnotesize|small|large|mathinner|mathstrut|nonumber|notag|allowbreak|nolimits|protect|noindent|medskip|smallskip|bigskip|hfill|break|strut|null)"
    r"(?![a-zA-Z])|(?<!\\)(?<!(?<!\\)%)%[^\n]*\n"
)
_OLD_FONT = re.compile(r"\{\s*\\(rm|bf|cal|it|sf|tt)(?![a-zA-Z])\s*([^{}]+)\}")
_TEXT_GROUP = re.compile(r"\\(?:text[a-z]*|operatorname\*?) ?\{[^{}]*\}")
_SPACE = re.compile(r"\s+")
_EDGE = r"(?:\s|\\[,;:!]|\\(?:quad|qquad|displaystyle|textstyle)(?![a-zA-Z])|~)"
_EDGES = re.compile(rf"^{_EDGE}+|{_EDGE}+$")


def strip_tex_wrapper(tex: str) -> str:
    r"""The formula inside a whole TeX file (`\documentclass ... \begin{document}$$ x $$\end{document}`, as Springer and BMC
    ship them), inside `$`, `$$`, `\(` or `\[`; a bare formula as it is."""
    start = tex.find(_BODY_OPEN) + len(_BODY_OPEN)
    if start >= len(_BODY_OPEN) and (end := tex.find(_BODY_CLOSE, start)) >= 0:
        tex = tex[start:end]
    tex = tex.strip()
    for opened, closed in (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]")):
        if tex.startswith(opened) and tex.endswith(closed) and len(tex) >= len(opened) + len(closed):
            tex = tex[len(opened) : -len(closed)].strip()
    match = re.fullmatch(r"\\begin\{(equation|displaymath|math)(\*?)\}(.*)\\end\{\1\2\}", tex, re.DOTALL)
    return match[3].strip() if match else tex


def normalise(latex: str) -> str:
    r"""The formula with single spaces, without labels, numbering and outer spacing, and with one spelling where LaTeX has several
    (`\le` -> `\leq`, `\mbox` -> `\text`, `align` -> `aligned`). A second time it changes nothing."""
    latex = latex.replace("\ue000", "").replace("\ue001", "")
    for _ in range(_MAX_ROUNDS):
        previous, latex = latex, _tidied(latex)
        if latex == previous:
            break
    return latex


_MAX_ROUNDS = 20  # what one step takes away may bring two others together; text of mathematics needs two rounds


def _tidied(latex: str) -> str:
    latex = _LEAVE_OUT.sub(" ", latex)
    latex = respelt(latex)
    latex = _SPACE.sub(" ", _OLD_FONT.sub(r"{\\math\1{\2}}", latex))
    latex = re.sub(r"\\cal *(?=\{)|\\cal (?=[A-Z])", r"\\mathcal ", latex)
    latex = re.sub(r"(\\\\) *\[-?[\d.]+ ?[a-z]+\]", r"\1", latex)
    texts: list[str] = []

    def set_aside(match: re.Match[str]) -> str:
        texts.append(match[0])
        return f"\ue000{len(texts) - 1}\ue001"

    latex = _TEXT_GROUP.sub(set_aside, _maths_out_of_text(latex))
    latex = re.sub(r"(?<!\\)([{^_]) +", r"\1", latex)
    latex = re.sub(r"(?<!\\) +([}^_])", r"\1", latex)
    latex = re.sub(r"(?<!\.)\.\.\.(?!\.)", r"\\ldots ", latex)
    latex = re.sub(r"(\\[a-zA-Z]+) +(?=\{)", r"\1", latex)
    latex = re.sub(r"(\\left|\\right) +", r"\1", latex)
    latex = re.sub(r" +([,;.:])(?=\s|$)", r"\1", latex)
    latex = _EDGES.sub("", latex)
    if latex.endswith("\\") and not latex.endswith("\\\\"):
        latex = latex[:-1]
    return re.sub("\ue000(\\d+)\ue001", lambda match: texts[int(match[1])], latex)


def _maths_out_of_text(latex: str) -> str:
    r"""`\text{if $x > 0$}` -> `\text{if }x > 0`."""
    return re.sub(
        r"(\\text\s*\{)([^{}$]*)(?<!\\)\$((?:[^{}$]|\{(?:[^{}$]|\{[^{}$]*\})*\})*)(?<!\\)\$((?:[^{}]|\{[^{}]*\})*)\}",
        lambda match: "".join(
            (
                f"{match[1]}{match[2]}}}" if match[2] else "",
                f" {match[3]} ",
                f"{match[1]}{match[4]}}}" if match[4] else "",
            )
        ),
        latex,
    )


# --- well-formedness ------------------------------------------------------------------------------------------------

MAX_LENGTH = 4000
_MAX_NESTING = 40
_TOKEN = re.compile(r"\\(?:begin|end)\s*\{[a-zA-Z]*\*?\}|\\[a-zA-Z]+\*?|\\.|\s+|[^\\]", re.DOTALL)
_PROSE = re.compile(r"(?:[A-Za-z]{2,} +){5}|[a-zA-Z]{25}")
_NO_ATOM = frozenset(["}", "^", "_", "&", r"\\"])


class _ProblemError(Exception):
    pass


def problem(latex: str) -> str | None:
    r"""What keeps the formula from being typeset, in words; None where it is well-formed.

    Looked at: braces, `\left`/`\right`, environments, arguments of scripts and commands, `&` and `\\` outside alignments,
    double scripts, unknown commands, `$ % #`, prose outside `\text`, length and nesting.
    """
    if len(latex) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH} characters"
    if _PROSE.search(latex) and _PROSE.search(re.sub(r"\\(?:text\w*|operatorname)\*?\s*\{[^{}]*\}", " ", latex)):
        return "prose outside \\text"
    if re.search(r"(?<!\\)(?:\\\\)*\\$", latex):
        return "ends in a backslash"
    checker = _Checker(latex)
    try:
        if not checker.sequence(None, 0, aligned=False):
            return "empty"
    except _ProblemError as error:
        return str(error)
    return None


class _Checker:
    """A reading of the formula from left to right; `sequence` and `argument` raise _ProblemError."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.at = 0

    def _peek(self) -> str | None:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> str | None:
        token = self._peek()
        self.at += token is not None
        return token

    def sequence(self, end: str | None, depth: int, aligned: bool) -> int:
        """Reads up to `end` and past it; returns the number of atoms before it."""
        if depth > _MAX_NESTING:
            raise _ProblemError("nested too deep")
        atoms, scripts = 0, ""
        while (token := self._next()) is not None:
            if token == end or (end == r"\right" and token == r"\right"):
                return atoms
            if token in "^_":
                if token in scripts:
                    raise _ProblemError(f"double {token}")
                scripts += token
                self.argument(f"the {token}", depth)
            elif token == "'":
                pass  # a prime may stand before or after another script
            elif token == "&" or token == r"\\":
                if not aligned:
                    raise _ProblemError(f"{token} outside an alignment")
                scripts = ""
                if token == r"\\" and self._peek() == "[":
                    self._optional(depth)
            else:
                self.atom(token, depth)
                scripts = ""
            atoms += 1
        if end is not None:
            raise _ProblemError(f"{end} is missing")
        return atoms

    def argument(self, of: str, depth: int) -> None:
        """One argument: a group that is not empty, or a single atom."""
        token = self._next()
        if token is None or token in _NO_ATOM or token == r"\right" or token.startswith(r"\end{"):
            raise _ProblemError(f"{of} has no argument")
        if token != "{":
            if of[0] == "\\" and token[1:].rstrip("*") in symbols.WITH_ARGUMENTS:
                raise _ProblemError(f"{of}{token} without braces")
            self.atom(token, depth)
        elif not self.sequence("}", depth + 1, aligned=False):
            raise _ProblemError(f"{of} has an empty argument")

    def atom(self, token: str, depth: int) -> None:
        """One letter, group, command with its arguments, fenced part or environment, whose first token is read already."""
        if token == "{":
            self.sequence("}", depth + 1, aligned=False)
        elif token == "}":
            raise _ProblemError("} without {")
        elif token in "$%#":
            raise _ProblemError(f"{token} in a formula")
        elif token.startswith(r"\begin"):
            self._environment(token, depth)
        elif token.startswith(r"\end{") or token == r"\end":
            raise _ProblemError(f"{token} without its beginning")
        elif token[0] == "\\":
            self._command(token, depth)
        elif not token.isascii() and not token.isalnum():
            raise _ProblemError(f"{token!r} outside \\text")

    def _environment(self, token: str, depth: int) -> None:
        name = token.partition("{")[2].rstrip("}").strip()
        if name not in symbols.ALIGNMENTS:
            raise _ProblemError(f"unknown environment {name!r}")
        if name in ("array", "alignedat"):
            if self._peek() == "[":
                self._optional(depth)
            if self._next() != "{" or not re.fullmatch(r"[lcr|\d\s]+\}", "".join(self._raw("}"))):
                raise _ProblemError(f"{name} without its columns")
        if not self.sequence(rf"\end{{{name}}}", depth + 1, aligned=True):
            raise _ProblemError(f"{name} is empty")

    def _command(self, token: str, depth: int) -> None:
        name = token[1:]
        bare = name.rstrip("*")
        if not name[0].isalpha():
            if name not in ",;:!> |{}%&#$_'-" and not name.isspace():
                raise _ProblemError(f"unknown command {token}")
        elif name == "left":
            self._delimiter(token, but=symbols.CLOSING_DELIMITERS)
            self.sequence(r"\right", depth + 1, aligned=False)
            self._delimiter(r"\right", but=symbols.OPENING_DELIMITERS)
        elif name == "right":
            raise _ProblemError("\\right without \\left")
        elif name == "middle":
            self._delimiter(token)
        elif bare in symbols.SIZES:
            if self._peek() == "/":
                self.at += 1
            else:
                self._delimiter(token)
        elif bare in symbols.TEXT_ARGUMENT:
            if self._next() != "{":
                raise _ProblemError(f"{token} has no argument")
            inside = "".join(self._raw("}"))
            if not inside[:-1].strip() and bare == "operatorname":
                raise _ProblemError(f"{token} has an empty argument")
            if re.search(r"(?<!\\)[$&#%_^]|\\[a-zA-Z]", inside):
                raise _ProblemError(f"{inside[:-1]!r} in {token}")
        elif bare in symbols.TWO_ARGUMENTS:
            self.argument(token, depth)
            self.argument(token, depth)
        elif bare in symbols.ONE_ARGUMENT:
            if bare in ("sqrt", "xrightarrow", "xleftarrow") and self._peek() == "[":
                self._optional(depth)
            self.argument(token, depth)
        elif bare not in symbols.PLAIN_COMMANDS:
            raise _ProblemError(f"unknown command {token}")

    def _delimiter(self, after: str, but: frozenset[str] = frozenset()) -> None:
        token = self._next()
        if token not in symbols.DELIMITERS or token in but:
            raise _ProblemError(f"{after} without a delimiter")

    def _optional(self, depth: int) -> None:
        self.at += 1
        self.sequence("]", depth + 1, aligned=False)

    def _raw(self, end: str) -> list[str]:
        """The tokens up to the `end` that closes the group, and with it."""
        found, level = [], 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            found.append(token)
            if token == end and not level:
                return found
            level += (token == "{") - (token == "}")
        raise _ProblemError(f"{end} is missing")
