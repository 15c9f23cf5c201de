r"""What is done at the commands that choose between branches, and at those that read files."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from galactica.corpus.latex import definitions as d
from galactica.corpus.latex.handlers import HANDLERS, Handler, handles
from galactica.corpus.latex.tokens import plain

if TYPE_CHECKING:
    from galactica.corpus.latex.expand import Expander

_EQUAL = re.compile(r"\s*\\equal\s*\{([^{}]*)\}\s*\{([^{}]*)\}\s*")


@handles("else")
def _else(expander: Expander) -> None:
    expander.skip_branch(to_else=False)


def _choice(test: Callable[[Sequence[str]], bool], branches: str = "TF", n_tested: int = 1) -> Handler:
    """A handler that tests its first argument and goes on with one of the next two ("TF"), or with the next or nothing."""

    def choose(expander: Expander) -> None:
        holds = test(expander.argument())
        for _ in range(n_tested - 1):
            expander.argument()
        yes = expander.argument() if "T" in branches else []
        no = expander.argument() if "F" in branches else []
        expander.push(yes if holds else no)

    return choose


for _branches in ("TF", "T", "F"):
    HANDLERS[f"\\IfBoolean{_branches}"] = _choice(lambda tokens: list(tokens) == [d.TRUE], _branches)
    HANDLERS[f"\\IfValue{_branches}"] = _choice(lambda tokens: list(tokens) != [d.NO_VALUE], _branches)
    HANDLERS[f"\\IfNoValue{_branches}"] = _choice(lambda tokens: list(tokens) == [d.NO_VALUE], _branches)
handles("ifblank ifstrempty ifempty")(_choice(lambda tokens: not "".join(tokens).strip()))
handles("ifdef ifdefempty ifbool IfFileExists @ifpackageloaded @ifclassloaded IfPackageLoadedTF")(
    _choice(lambda tokens: False)
)
handles("ifundef @ifundefined")(_choice(lambda tokens: True))
handles("@ifpackagelater IfPackageAtLeastTF")(_choice(lambda tokens: True, n_tested=2))


@handles("ifthenelse")
def _ifthenelse(expander: Expander) -> None:
    test, yes, no = expander.argument(), expander.argument(), expander.argument()
    equal = _EQUAL.fullmatch("".join(test)[:500])
    expander.push(yes if equal is not None and equal[1] == equal[2] else no)


@handles("toggletrue togglefalse")
def _toggle(expander: Expander) -> None:
    """Toggles are off, as after `\\newtoggle`."""
    expander.argument()


handles("iftoggle")(_choice(lambda tokens: False))


@handles("@ifnextchar kernel@ifnextchar")
def _ifnextchar(expander: Expander) -> None:
    wanted = expander.argument()
    yes, no = expander.argument(), expander.argument()
    following = expander.peek()
    wanted_token = {"\\bgroup": "{"}.get(wanted[0], wanted[0]) if wanted else ""
    expander.push(yes if following and following == wanted_token else no)


@handles("@ifstar")
def _ifstar(expander: Expander) -> None:
    yes, no = expander.argument(), expander.argument()
    expander.push(yes if expander.skip_star() else no)


@handles("ensuremath")
def _ensuremath(expander: Expander) -> None:
    inside = expander.argument()
    expander.push(inside if expander.in_maths else ["$", *inside, "$"])


@handles("texorpdfstring @firstoftwo")
def _first_of_two(expander: Expander) -> None:
    first, _ = expander.argument(), expander.argument()
    expander.push(first)


@handles("mathchoice")
def _mathchoice(expander: Expander) -> None:
    _, text, _, _ = (expander.argument() for _ in range(4))
    expander.push(text)


@handles("xspace")
def _xspace(expander: Expander) -> None:
    following = expander.stack[-1] if expander.stack else " "
    if following[0].isalnum() or following in ("$", "\\(") or (following[0] == "\\" and following[1:2].isalpha()):
        expander.out.append(" ")


@handles("input include subfile subfileinclude @input")
def _input(expander: Expander) -> None:
    expander.input(_file_name(expander))


@handles("InputIfFileExists")
def _input_if_exists(expander: Expander) -> None:
    name, yes, _ = plain(expander.argument()), expander.argument(), expander.argument()
    expander.push(yes)
    expander.input(name)


@handles("import subimport includefrom subincludefrom inputfrom subinputfrom")
def _import(expander: Expander) -> None:
    expander.skip_star()
    folder, name = plain(expander.argument()), plain(expander.argument())
    expander.input(name, folder)


def _file_name(expander: Expander) -> str:
    r"""The name in braces, or up to white space as in plain TeX's `\input file`."""
    if expander.peek() in ("{", "") or expander.stack[-1][0] in "\\$":
        return plain(expander.argument())
    parts = expander.stack.pop().split(None, 1)
    if len(parts) > 1:
        expander.stack.append(parts[1])
    return parts[0]


@handles(
    "usepackage RequirePackage documentclass LoadClass RequirePackageWithOptions LoadClassWithOptions documentstyle"
)
def _library(expander: Expander) -> None:
    expander.option()
    names = plain(expander.argument())
    expander.option()
    for name in names.split(",")[:40]:
        expander.library(name.strip(), (".sty", ".cls"))


@handles("endinput")
def _endinput(expander: Expander) -> None:
    expander.end_file()
