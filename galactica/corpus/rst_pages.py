"""The pages of a tree of reStructuredText: what they know of each other, and a page read."""

from __future__ import annotations

import posixpath
import re

from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import Expander, package_definitions
from galactica.corpus.latex.tokens import tokenise
from galactica.corpus.package_files import MAX_BYTES, references_of, text_of
from galactica.corpus.prose import Prose
from galactica.corpus.rst import Rst
from galactica.corpus.rst_inline import Names
from galactica.corpus.rst_names import listed_works, page_titles, pointed, substitutions, targets
from galactica.corpus.source import Package
from galactica.types import Reference

ENDINGS = (".rst", ".inc", ".rst.txt")

_DOLLARS = re.compile(r"(?<![\\$\w`])\$([^$\n`]{1,200})\$(?![\w$])")
_TEX_DOLLARS = re.compile(
    r"(?<![\\$\w`'\"])\$([^$\n`]{0,200}?\\[a-zA-Z]{2}[^$\n`]{0,200}|-?[A-Za-z0-9]|"
    r"[A-Za-z0-9]{1,3}(?:[_^=<>+(-]| [=<>+] )[^$\n`]{1,80})\$(?![\w$'\"])"
)
_DISPLAY = re.compile(r"^([ \t]*)\$\$([^$\n]{1,1000})\$\$[ \t]*$", re.MULTILINE)
_RUNNING = re.compile(r"^(?![^\n]*(?:>>>|\.\.\. ))[^\n]*\$[^\n]*$", re.MULTILINE)
_MIN_FORMULAS = 3
_SAGE = r"""
\def\ZZ{\mathbf{Z}}\def\NN{\mathbf{N}}\def\RR{\mathbf{R}}\def\CC{\mathbf{C}}\def\QQ{\mathbf{Q}}\def\QQbar{\overline{\mathbf{Q}}}
\def\GF#1{\mathbf{F}_{#1}}\def\Zp#1{\mathbf{Z}_{#1}}\def\Qp#1{\mathbf{Q}_{#1}}\def\Zmod#1{\mathbf{Z}/#1\mathbf{Z}}\def\Bold#1{\mathbf{#1}}
\def\SL{\mathrm{SL}}\def\PSL{\mathrm{PSL}}\def\RDF{\mathbf{R}}\def\CDF{\mathbf{C}}\def\AA{\mathbf{A}}\def\lcm{\operatorname{lcm}}
\def\dist{\operatorname{dist}}\def\im{\operatorname{im}}\def\FF{\mathbf{F}}\def\PP{\mathbf{P}}\def\GL{\mathrm{GL}}\def\Gal{\operatorname{Gal}}
"""
"""Macros that Sphinx is given in a book's configuration, which is a program: those of Sage, the largest of these books."""


class RstPages:
    """The pages of a package, by their paths in `texts`, and the works that the package lists."""

    def __init__(self, package: Package) -> None:
        texts = {
            path: text_of(package.files[path])
            for path in package.ending(*ENDINGS)
            if len(package.files[path]) <= MAX_BYTES
        }
        self._is_sage = any("\n    sage: " in text for text in texts.values())
        if self._is_sage:  # its pages may have formulas between dollars
            texts = {path: _DOLLARS.sub(r":math:`\1`", text) for path, text in texts.items()}
        elif sum(text.count("$") and len(_TEX_DOLLARS.findall(text)) for text in texts.values()) >= _MIN_FORMULAS:
            texts = {path: _with_roles(text) for path, text in texts.items()}
        self.texts = texts
        self.references: dict[str, Reference | None] = references_of(package)
        for text in texts.values():
            for key, work in listed_works(text):
                self.references.setdefault(key, work)
        self._titles = page_titles(texts)
        self._labels = pointed(texts)
        self._substitutions = substitutions(texts)
        self._definitions = _definitions()

    def read(self, path: str) -> tuple[list[str], Prose]:
        """The blocks of a page, and what was counted while it was read."""
        role = "math" if self._is_sage else "emphasis"
        names = Names(self._labels[path], self._titles, self._substitutions, targets(self.texts[path]), role)
        prose = Prose(self.references, self._definitions)

        def include(name: str) -> str | None:
            folder = "" if name.startswith("/") else posixpath.dirname(path)
            return self.texts.get(posixpath.normpath(posixpath.join(folder, name.lstrip("/"))))

        return Rst(prose, names, include).blocks(self.texts[path]), prose


def _with_roles(text: str) -> str:
    """The page with `$...$` in running text as formulas, as Sphinx' extension for dollars has them."""
    if "$" not in text:
        return text
    text = _DISPLAY.sub(r"\1.. math:: \2", text)
    return _RUNNING.sub(lambda line: _TEX_DOLLARS.sub(r":math:`\1`", line[0]), text)


def _definitions() -> Definitions:
    definitions = package_definitions().copy()
    Expander({}, definitions).run(tokenise(_SAGE))
    return definitions
