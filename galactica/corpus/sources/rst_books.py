r"""Manuals and books that are trees of reStructuredText (Sphinx) -> one document a page.

Sources: SageMath, GROMACS, OpenMM, GUDHI and their like, from their repositories or Debian's source packages.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from galactica.corpus.headings import without_sections
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import Expander, package_definitions
from galactica.corpus.latex.tokens import tokenise
from galactica.corpus.package_files import MAX_BYTES, TOO_LARGE, licence_of, opened, page, references_of, text_of
from galactica.corpus.packages import is_licence
from galactica.corpus.prose import Prose
from galactica.corpus.rst import Rst
from galactica.corpus.rst_inline import Names
from galactica.corpus.rst_names import listed_works, page_titles, pointed, substitutions, targets
from galactica.corpus.source import Package, PackageSource
from galactica.types import Document, Drop, Reference

NAME = "rst-books"
MIN_PAGES = 3
MIN_SHARE = 0.6

_ENDINGS = (".rst", ".inc", ".rst.txt")
_NOT_PAGES = re.compile(
    r"(?:^|/)(?:readme|changelog|changes|history|license|licence|copying|authors|todos?|zbibliography|references|bibliography|genindex|"
    r"modindex|search|contributing|citation|installation|install|whatsnew|release[\w.-]*|copyright|class|module)\.rst$|(?:^|/)_templates/|"
    r"(?:^|/)references/index\.rst$",
    re.IGNORECASE,
)
_OTHER_TEXT = re.compile(
    r"\.(?:bib|json|ya?ml|toml|cfg|txt|css|h|tex|md|inc)$|(?:^|/)(?:conf\.py|makefile|description)$", re.IGNORECASE
)
_LEFT_OUT = re.compile(
    r"(?:references|bibliography|indices and tables|contents|acknowledge?ments?|authors?|table of contents)",
    re.IGNORECASE,
)
_DOLLARS = re.compile(r"(?<![\\$\w`])\$([^$\n`]{1,200})\$(?![\w$])")
_SAGE = r"""
\def\ZZ{\mathbf{Z}}\def\NN{\mathbf{N}}\def\RR{\mathbf{R}}\def\CC{\mathbf{C}}\def\QQ{\mathbf{Q}}\def\QQbar{\overline{\mathbf{Q}}}
\def\GF#1{\mathbf{F}_{#1}}\def\Zp#1{\mathbf{Z}_{#1}}\def\Qp#1{\mathbf{Q}_{#1}}\def\Zmod#1{\mathbf{Z}/#1\mathbf{Z}}\def\Bold#1{\mathbf{#1}}
\def\SL{\mathrm{SL}}\def\PSL{\mathrm{PSL}}\def\RDF{\mathbf{R}}\def\CDF{\mathbf{C}}\def\AA{\mathbf{A}}\def\lcm{\operatorname{lcm}}
\def\dist{\operatorname{dist}}\def\im{\operatorname{im}}\def\FF{\mathbf{F}}\def\PP{\mathbf{P}}\def\GL{\mathrm{GL}}\def\Gal{\operatorname{Gal}}
"""
"""Macros that Sphinx is given in a book's configuration, which is a program: those of Sage, the largest of these books."""


def _pages(package: Package) -> list[str]:
    return [path for path in package.ending(".rst") if not _NOT_PAGES.search(path) and not is_licence(path)]


def _claims(package: Package) -> bool:
    """Whether most of a package's files are pages of reStructuredText."""
    pages = _pages(package)
    others = [
        path
        for path in package.files
        if not path.lower().endswith(_ENDINGS) and not _OTHER_TEXT.search(path) and not is_licence(path)
    ]
    return len(pages) >= MIN_PAGES and len(pages) >= MIN_SHARE * (len(pages) + len(others))


def _read(package: Package) -> Iterator[Document | Drop]:
    texts = {
        path: text_of(package.files[path])
        for path in package.ending(*_ENDINGS)
        if len(package.files[path]) <= MAX_BYTES
    }
    references: dict[str, Reference | None] = references_of(package)
    for text in texts.values():
        for key, work in listed_works(text):
            references.setdefault(key, work)
    titles = page_titles(texts)
    labels = pointed(texts)
    shared = substitutions(texts)
    is_sage = any("\n    sage: " in text for text in texts.values())
    if is_sage:  # its pages may have formulas between dollars
        texts = {path: _DOLLARS.sub(r":math:`\1`", text) for path, text in texts.items()}
    definitions = _definitions()
    licence = licence_of(package)
    for path in _pages(package):
        if path not in texts:
            yield Drop(f"{package.where}/{path}", NAME, TOO_LARGE)
            continue
        names = Names(labels[path], titles, shared, targets(texts[path]), "math" if is_sage else "emphasis")
        yield _page(package, path, texts, names, Prose(references, definitions), licence)


def _page(
    package: Package, path: str, texts: Mapping[str, str], names: Names, prose: Prose, licence: str
) -> Document | Drop:
    def include(name: str) -> str | None:
        folder = "" if name.startswith("/") else posixpath.dirname(path)
        return texts.get(posixpath.normpath(posixpath.join(folder, name.lstrip("/"))))

    reader = Rst(prose, names, include)
    blocks = without_sections(reader.blocks(texts[path]), _LEFT_OUT)
    return page(package, path, NAME, opened(blocks, path=path), prose, licence, {})


def _definitions() -> Definitions:
    definitions = package_definitions().copy()
    Expander({}, definitions).run(tokenise(_SAGE))
    return definitions


SOURCE = PackageSource(
    name=NAME,
    group="reference material",
    format="reStructuredText (Sphinx) trees",
    origin="repositories and Debian source packages (sagemath, gromacs, openmm, gudhi, ...)",
    licence="per book, as its licence file states",
    endings=frozenset((*_ENDINGS, ".bib")),
    claims=_claims,
    read=_read,
)
