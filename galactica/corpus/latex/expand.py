r"""A document's own macros expanded, its `\input` files put in, its conditionals decided: tokens in, tokens out.

TeX without its typesetting: definitions are collected as they come, whatever group they stand in. What a document may cost is
bounded by a budget of characters, which every token that is pushed or scanned is paid from.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from functools import cache

from galactica.corpus.latex import choose as _choose  # fills the table of handlers, as does `define`
from galactica.corpus.latex import conditions, package_macros
from galactica.corpus.latex import define as _define
from galactica.corpus.latex.definitions import Definitions, Macro
from galactica.corpus.latex.environments import MATHS
from galactica.corpus.latex.handlers import HANDLERS
from galactica.corpus.latex.stream import END_OF_FILE, Stream, substituted
from galactica.corpus.latex.tokens import PARAGRAPH, tokenise
from galactica.corpus.papers import clean

MAX_FILES = 500
BEGIN_DOCUMENT, END_DOCUMENT = "\\begin{document}", "\\end{document}"
_BUDGET_FACTOR, _BUDGET_FLOOR = 40, 4_000_000
_FILLED_BY = (_choose, _define)
_PRIVATE = dict.fromkeys((*range(0xE000, 0xE010), 0, 1, 2))


def decoded(data: bytes) -> str:
    """The text of a source file: UTF-8, else Latin-1, as papers of the nineties are; without characters that control."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return clean(text.replace("\r\n", "\n").replace("\r", "\n")).translate(_PRIVATE)


class Expander(Stream):
    """Expands one document of a package. `texts` are the files that `\\input` finds; `definitions` is added to."""

    def __init__(self, texts: Mapping[str, str], definitions: Definitions | None = None, folder: str = "") -> None:
        super().__init__(_BUDGET_FLOOR)
        self.texts = texts
        self.definitions = definitions if definitions is not None else package_definitions().copy()
        self.folder = folder
        self.in_maths = self.in_display = False
        self.has_begun = False  # the document, behind its preamble
        self.is_library = False  # while a style or class file is read
        self.out: list[str] = []
        self.n_files = 0
        self._open: list[str] = []
        self._seen: set[str] = set()
        self._ends: list[tuple[str, list[str]]] = []

    def run(self, tokens: Sequence[str]) -> list[str]:
        """The tokens expanded; raises TooLongError where they have no end."""
        self.budget += _BUDGET_FACTOR * (sum(map(len, tokens)) + len(tokens))
        self.stack, self.out = list(reversed(tokens)), []
        stack, out, macros = self.stack, self.out, self.definitions.macros
        while stack:
            token = stack.pop()
            first = token[0]
            if first != "\\":
                if first == "$":
                    self._dollar()
                elif first == END_OF_FILE:
                    self._open.pop()
                else:
                    if token == PARAGRAPH:
                        self.in_maths = self.in_display = False
                    out.append(token)
                continue
            macro = macros.get(token)
            if macro is not None:
                self._expand(macro)
            elif (handler := HANDLERS.get(token)) is not None:
                handler(self)
            elif token[-1] == "}" and len(token) > 2:
                self._environment(token)
            elif token[-1] == "*" and (token[:-1] in macros or token[:-1] in HANDLERS):
                self.push(["*"])
                stack.append(token[:-1])
            elif token[:3] == "\\if" and conditions.is_conditional(token, self.definitions):
                if not conditions.holds(self, token):
                    self.skip_branch(to_else=True)
            else:
                if token in ("\\[", "\\("):
                    self.in_maths = True
                elif token in ("\\]", "\\)"):
                    self.in_maths = False
                out.append(token)
        return out

    def skip_star(self) -> bool:
        """Whether a star is next, which is passed over."""
        if self.stack and self.stack[-1][0] == "*":
            self.literal(("*",))
            return True
        return False

    def _expand(self, macro: Macro) -> None:
        body: Sequence[str] = macro.body
        if macro.is_final:
            self.out.extend(body)
            self.pay(len(body))
            return
        if macro.parameters:
            body = substituted(body, self.arguments(macro.parameters))
        self.push(body)

    def _dollar(self) -> None:
        is_double = bool(self.stack) and self.stack[-1] == "$"
        if is_double and (self.in_display or not self.in_maths):
            self.stack.pop()
            self.out.append("$$")
            self.in_maths = self.in_display = not self.in_display
        else:
            self.out.append("$")
            self.in_maths = not self.in_maths

    def _environment(self, token: str) -> None:
        r"""`\begin{x}` or `\end{x}`: the document's own environments are replaced by what they stand for."""
        word, _, name = token[1:-1].partition("{")
        own = self.definitions.environments.get(name)
        if own is None:
            self.has_begun = self.has_begun or name == "document"
            if name.rstrip("*") in MATHS:
                self.in_maths = word == "begin"
            self.out.append(token)
        elif word == "begin":
            arguments = [list(argument) for argument in self.arguments(own.parameters)]
            self._ends.append((name, substituted(own.end, arguments) if own.parameters else list(own.end)))
            self.push(substituted(own.begin, arguments))
        else:
            end = next((end for other, end in reversed(self._ends) if other == name), own.end)
            while self._ends and self._ends.pop()[0] != name:
                pass
            self.push(end)

    # --- conditionals -------------------------------------------------------------------------------------------------

    def skip_branch(self, to_else: bool) -> None:
        r"""Passes over tokens up to the `\else` (where asked for) or `\fi` that belongs to the conditional that is open."""
        level = n_skipped = 0
        while self.stack:
            token = self.stack.pop()
            n_skipped += 1
            if token == "\\fi":
                if not level:
                    break
                level -= 1
            elif token == "\\else" and not level and to_else:
                break
            elif token[:3] == "\\if" and conditions.is_conditional(token, self.definitions):
                level += 1
            elif token[0] == END_OF_FILE:
                self.stack.append(token)
                break
        self.pay(n_skipped)

    # --- files ----------------------------------------------------------------------------------------------------------

    def input(self, name: str, folder: str = "") -> bool:
        """Puts a file of the package before what comes next; False where there is none or it is being read already."""
        path = self.find(posixpath.join(folder, name) if folder else name)
        if path is None or path in self._open or self.n_files >= MAX_FILES:
            return False
        self.n_files += 1
        tokens = tokenise(self.texts[path], self.definitions.verbatim)
        if self.has_begun:
            tokens = _body(tokens)
        if path not in self._seen:
            self.budget += _BUDGET_FACTOR * len(self.texts[path])
            self._seen.add(path)
        self._open.append(path)
        self.stack.append(END_OF_FILE)
        self.push(tokens)
        return True

    def find(self, name: str, endings: Sequence[str] = ("", ".tex", ".ltx")) -> str | None:
        """The path of a file in the package, seen from the root, from the file that is open and from the main file."""
        name = name.strip().strip('"')
        folders = dict.fromkeys((self.folder, posixpath.dirname(self._open[-1]) if self._open else "", ""))
        for folder in folders:
            for ending in endings:
                path = posixpath.normpath(posixpath.join(folder, name + ending)).lstrip("/")
                if path in self.texts:
                    return path
        return None

    def library(self, name: str, endings: Sequence[str]) -> None:
        """Collects the definitions of a style or class file of the package, whose output is nothing."""
        path = self.find(name, endings)
        if path is None or path in self._open or self.n_files >= MAX_FILES:
            return
        self.n_files += 1
        inner = Expander(self.texts, self.definitions, self.folder)
        inner.is_library = True
        inner.n_files = self.n_files
        inner._open = [*self._open, path]
        inner.run(tokenise(self.texts[path]))
        self.n_files = inner.n_files

    def end_file(self) -> None:
        """Passes over the rest of the file that is open."""
        while self.stack and self.stack[-1][0] != END_OF_FILE:
            self.stack.pop()


@cache
def package_definitions() -> Definitions:
    """The macros of well-known packages; the caller copies them."""
    expander = Expander({}, Definitions())
    expander.run(tokenise(package_macros.SOURCE))
    return expander.definitions


def _body(tokens: list[str]) -> list[str]:
    """What stands between the marks of the document, where a file that is read in is a whole document itself."""
    if BEGIN_DOCUMENT not in tokens:
        return tokens
    start = tokens.index(BEGIN_DOCUMENT) + 1
    end = tokens.index(END_DOCUMENT, start) if END_DOCUMENT in tokens[start:] else len(tokens)
    return tokens[start:end]
