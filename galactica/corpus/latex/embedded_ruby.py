r"""LaTeX with embedded Ruby (`.rbtex`, Crowell's books): the calls that make sections, figures and exercises as LaTeX."""

from __future__ import annotations

import re

_CODE = re.compile(r"<%=?(.*?)%>", re.DOTALL)
_CALL = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_STRING = re.compile(
    r"%q\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}|\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL
)
_LEVELS = ("section", "subsection", "subsubsection", "paragraph")
_INDICES = re.compile(r"\\indices\{((?:[^{}]|\{[^{}]*\}){1,80})\}")
"""Indices of a tensor, each behind the one before: `\\indices{^a_b}`."""
_MAX_CALL = 20_000


def to_latex(text: str) -> str:
    """The text with each call replaced by the LaTeX that it stands for, or by nothing."""
    depth = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal depth
        call = _CALL.fullmatch(match[1][:_MAX_CALL])
        if call is None:
            return ""
        name = call[1]
        strings = [next((part for part in found if part), "") for found in _STRING.findall(call[2] or "")]
        if name == "end_sec":
            depth = max(0, depth - 1)
        elif name == "begin_sec" and strings:
            level = _LEVELS[min(depth, len(_LEVELS) - 1)]
            depth += 1
            return f"\n\n\\{level}{{{strings[0]}}}{_label(strings, 'sec:')}\n"
        elif name == "chapter" and len(strings) > 1:
            number = (
                f"\\setcounter{{chapter}}{{{int(strings[0]) - 1}}}"
                if strings[0].isdecimal() and len(strings[0]) < 3
                else ""
            )
            return f"{number}\\chapter{{{strings[1]}}}{_label(strings[1:], '')}\n\n"
        elif name == "fig" and len(strings) > 1:
            return f"\\begin{{figure}}\\caption{{{strings[1]}}}\\label{{fig:{strings[0]}}}\\end{{figure}}"
        elif name == "begin_hw":
            return f"\n\n\\begin{{exercise}}\\label{{hw:{strings[0]}}}\n" if strings else "\n\n\\begin{exercise}\n"
        elif name == "end_hw":
            return "\n\\end{exercise}\n\n"
        elif name == "begin_hw_sec":
            return "\n\n\\section*{Problems}\n"
        return ""

    text = _CODE.sub(replace, text)
    return _INDICES.sub(lambda match: re.sub(r"(?=[_^])", "{}", match[1]), text)


def _label(strings: list[str], prefix: str) -> str:
    return f"\\label{{{prefix}{strings[1]}}}" if len(strings) > 1 and re.fullmatch(r"[\w:-]+", strings[1]) else ""


MACROS = r"""
\newcommand{\der}{\mathrm{d}}\newcommand{\vc}[1]{\mathbf{#1}}\newcommand{\zu}[1]{\mathrm{#1}}
\newcommand{\eqquad}{\qquad}\newcommand{\munit}{\text{m}}\newcommand{\sunit}{\text{s}}\newcommand{\kgunit}{\text{kg}}
\newcommand{\nunit}{\text{N}}\newcommand{\junit}{\text{J}}\newcommand{\degcunit}{\text{°C}}\newcommand{\degunit}{\text{°}}
\newcommand{\btau}{\boldsymbol{\tau}}\newcommand{\bsigma}{\boldsymbol{\sigma}}\newcommand{\figref}[1]{\ref{fig:#1}}
\newcommand{\subfigref}[2]{\ref{fig:#1}#2}\newcommand{\hwsoln}{}\newcommand{\hwref}[1]{\ref{hw:#1}}
\newenvironment{eg}[1]{\paragraph{Example: #1}}{}\newcommand{\egquestion}{Question: }\newcommand{\eganswer}{Answer: }
\newcommand{\hwendpart}{}\newcommand{\mygamma}{\gamma}\newcommand{\unitdot}{\!\cdot\!}\newcommand{\momunit}{\text{kg m/s}}
\newtheorem{exercise}{Problem}
"""
"""What the books' own class defines, which is no part of them."""
