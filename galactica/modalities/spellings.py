r"""Other spellings of mathematical LaTeX -> the one that KaTeX, pandoc and typst all typeset (`\le` -> `\leq`)."""

from __future__ import annotations

import re

from galactica.modalities import latex_symbols as symbols

_NAMES = r"""
    \mbox \text \hbox \text \textnormal \text \textrm \text \bm \boldsymbol \pmb \boldsymbol \dfrac \frac \tfrac \frac
    \le \leq \ge \geq \ne \neq \rightarrow \to \mathds \mathbb \mathbbm \mathbb \EuScript \mathcal \mycal \mathcal
    \upalpha \alpha \upbeta \beta \upgamma \gamma \updelta \delta \uplambda \lambda \upmu \mu \uppi \pi \uprho \rho
    \upsigma \sigma \uptau \tau \upphi \phi \upchi \chi \uppsi \psi \upomega \omega \uptheta \theta \upepsilon \epsilon
    \upvarepsilon \varepsilon \upeta \eta \upnu \nu \upxi \xi \upkappa \kappa \upzeta \zeta \upiota \iota
    \upvarphi \varphi \hdots \ldots \mathellipsis \ldots \textup \text \textsc \text \Box \square \dddot \ddot \slash /
    \thinspace \, \thickspace \; \medspace \: \enspace \; \negthinspace \! \nobreakspace \; \bold \mathbf
    \dbinom \binom \tbinom \binom \cfrac \frac \varlimsup \limsup \varliminf \liminf \lbrace \{ \rbrace \}
    \bigm \big \Bigm \Big \biggm \bigg \Biggm \Bigg \thicksim \sim \thickapprox \approx \shortmid \mid \shortparallel \parallel
    \llless \lll \gggtr \ggg \doublecup \Cup \doublecap \Cap \intop \int \smallint \int \lt < \gt > \vcentcolon :
    \Relbar = \relbar - \mathexclaim ! \cr \\ \degree ^{\circ}
    \tg \operatorname{tg} \ctg \operatorname{ctg} \arctg \operatorname{arctg} \cosec \operatorname{cosec}
    \argmin \operatorname*{argmin} \argmax \operatorname*{argmax} \injlim \operatorname*{injlim} \projlim \operatorname*{projlim}
    \varinjlim \underrightarrow{\lim} \varprojlim \underleftarrow{\lim}
"""
_SPELLINGS = dict(zip(_NAMES.split()[::2], _NAMES.split()[1::2], strict=True)) | dict.fromkeys(
    (r"\ensuremath", r"\smash", r"\mathnormal", r"\joinrel"), ""
)
_COMMAND = re.compile(r"\\[a-zA-Z]+")

_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_ARROW_NAMES = (
    "mapsto Rightarrow Leftarrow Leftrightarrow leftrightarrow hookrightarrow hookleftarrow twoheadrightarrow "
    "twoheadleftarrow rightharpoonup rightharpoondown leftharpoonup leftharpoondown rightleftharpoons"
)
_ARROWS = {"longequal": "="} | {name: rf"\{name}" for name in _ARROW_NAMES.split()}
_ARROW = re.compile(rf"\\x({'|'.join(_ARROWS)}) *(?:\[([^\[\]]*)\])? *{_GROUP}")
_EMPTY_ARROW = re.compile(r"\\x(right|left)arrow *(?:\[ *\])? *\{ *\}")
_EMPTY_CLASS = re.compile(r"\\math(?:rel|bin|ord|open|close|punct|op) *\{\s*\}")
_NAME_WITH_SCRIPTS = re.compile(rf"\\operatorname\*? *(?=\{{[^{{}}]*(?:[_^]|\\[a-zA-Z])){_GROUP}")
_NESTED_TEXT = re.compile(r"(\\text[a-z]* *\{[^{}]*)\\(?:text[a-z]*|emph) *\{([^{}]*)\}")
_FONT_AS_TEXT = re.compile(r"\\text *\{ *(\\math[a-z]+ *\{[^{}]*\}) *\}")
_TEXT_SIGN = re.compile(r"\\text *([-–.,:;()/])")
_BRACED_FENCE = re.compile(r"(\\[bB]igg?[lr]?) *\{ *(\\?[|()\[\]/.]|\\[{}]|\\[lr](?:vert|Vert|angle|floor|ceil)) *\}")
_SIZED_BRACKET = re.compile(r"\\(?:left|right|[bB]igg?[lr]?) *(?=\\(?:ll|rr)bracket(?![a-zA-Z]))")
_FRAMED = re.compile(r"\\fbox *\{ *\$([^$]*)\$ *\}")
_ARRAY = re.compile(rf"(\\begin *\{{array\}} *)(?:\[[tcb]\])? *{_GROUP}")
_COLUMN_EXTRA = re.compile(r"[@!<>] *\{(?:[^{}]|\{[^{}]*\})*\}")
_REPEATED = re.compile(r"\* *\{ *([1-9]) *\} *\{([lcr|]{1,9})\}")
_WIDE_COLUMN = re.compile(r"[pmb] *\{[^{}]*\}")
_ONE = "|".join(sorted(symbols.ONE_ARGUMENT - {"xrightarrow", "xleftarrow"}, key=len, reverse=True))
_TEXTS = "|".join(sorted({name.rstrip("*") for name in symbols.TEXT_ARGUMENT}, key=len, reverse=True))
_BARE_ARGUMENT = re.compile(
    rf"(\\(?:{_ONE}|[dt]?frac|[dt]?frac *{_GROUP}) *)(\\(?:(?:{_ONE}|{_TEXTS}) *{_GROUP}|frac *{_GROUP} *{_GROUP}))"
)
"""A command with arguments as the argument of another, without braces: LaTeX lets some through, pandoc none."""
_INFIX = re.compile(r"\{((?:[^{}]|\{[^{}]*\})*?)\\(over|atop)(?![a-zA-Z])((?:[^{}]|\{[^{}]*\})*)\}")
_FENCED = {
    "vmatrix": ("|", "|", "matrix"),
    "Vmatrix": (r"\|", r"\|", "matrix"),  # pandoc writes both for typst with a fence it cannot read
    "psmallmatrix": ("(", ")", "smallmatrix"),
    "bsmallmatrix": ("[", "]", "smallmatrix"),
    "vsmallmatrix": ("|", "|", "smallmatrix"),
    "rcases": (".", r"\}", "matrix"),
}
_SAME_ENVIRONMENT = (
    (re.compile(r"\\(begin|end)\{(?:align|eqnarray|multline|flalign)\*?\}"), r"\\\1{aligned}"),
    (re.compile(r"\\(begin|end)\{gather\*?\}"), r"\\\1{gathered}"),
    (re.compile(r"\\(begin|end)\{dcases\*?\}"), r"\\\1{cases}"),
    (re.compile(r"\\begin\{([bpvBV]?matrix)\*\} *(?:\[[lcr]\])?"), r"\\begin{\1}"),
    (re.compile(r"\\end\{([bpvBV]?matrix)\*\}"), r"\\end{\1}"),
    (re.compile(r"\\begin\{subarray\} *\{[lcr]\}"), r"\\begin{smallmatrix}"),
    (re.compile(r"\\end\{subarray\}"), r"\\end{smallmatrix}"),
)


def respelt(latex: str) -> str:
    """The formula in commands and environments that are typeset everywhere, as far as other names of the same can tell."""
    latex = _COMMAND.sub(lambda match: _SPELLINGS.get(match[0], match[0]), latex)
    latex = _environments(latex)
    latex = _EMPTY_CLASS.sub(" ", latex)
    latex = _EMPTY_ARROW.sub(lambda match: r"\to " if match[1] == "right" else r"\leftarrow ", latex)
    latex = _ARROW.sub(_arrow, latex)
    latex = _SIZED_BRACKET.sub("", _BRACED_FENCE.sub(r"\1\2", latex))
    latex = _FRAMED.sub(r"\\boxed{\1}", latex)
    latex = _NAME_WITH_SCRIPTS.sub(_upright, latex)
    latex = _BARE_ARGUMENT.sub(lambda match: f"{match[1]}{{{match[3]}}}", latex)
    latex = _TEXT_SIGN.sub(r"\\text{\1}", _FONT_AS_TEXT.sub(r"\1", _NESTED_TEXT.sub(r"\1\2", latex)))
    return _INFIX.sub(_fraction, latex) if r"\over" in latex or r"\atop" in latex else latex


def _environments(latex: str) -> str:
    if r"\begin" not in latex:
        return latex
    for pattern, replacement in _SAME_ENVIRONMENT:
        latex = pattern.sub(replacement, latex)
    for name, (opening, closing, inner) in _FENCED.items():
        latex = latex.replace(rf"\begin{{{name}}}", rf"\left{opening} \begin{{{inner}}}")
        latex = latex.replace(rf"\end{{{name}}}", rf"\end{{{inner}}} \right{closing}")
    return _ARRAY.sub(_columns, latex)


def _columns(match: re.Match[str]) -> str:
    """The columns of an array without what stands between them and how wide they are."""
    columns = _WIDE_COLUMN.sub("l", _COLUMN_EXTRA.sub("", match[2]))
    return f"{match[1]}{{{_REPEATED.sub(lambda repeated: int(repeated[1]) * repeated[2], columns)}}}"


def _arrow(match: re.Match[str]) -> str:
    arrow = _ARROWS[match[1]]
    if match[3].strip():
        arrow = rf"\overset{{{match[3]}}}{{{arrow}}}"
    return rf"\underset{{{match[2]}}}{{{arrow}}}" if (match[2] or "").strip() else f"{arrow} "


def _upright(match: re.Match[str]) -> str:
    name = match[1].strip()
    return rf"\mathrm{{{'{}' if name[:1] in '_^' else ''}{name}}}"


def _fraction(match: re.Match[str]) -> str:
    if match[2] == "over":
        return rf"{{\frac{{{match[1].strip()}}}{{{match[3].strip()}}}}}"
    return rf"{{\begin{{smallmatrix}} {match[1].strip()} \\ {match[3].strip()} \end{{smallmatrix}}}}"
