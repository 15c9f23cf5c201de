r"""Manuals and books that are trees of reStructuredText (Sphinx) -> one document a page.

Sources: SageMath, GROMACS, OpenMM, GUDHI and their like, from their repositories or Debian's source packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from galactica.corpus.headings import without_sections
from galactica.corpus.package_files import TOO_LARGE, licence_of, opened, page
from galactica.corpus.packages import is_licence
from galactica.corpus.rst_pages import ENDINGS, RstPages
from galactica.corpus.source import Package, PackageSource
from galactica.types import Document, Drop

NAME = "rst-books"
MIN_PAGES = 3
MIN_SHARE = 0.6

_NOT_PAGES = re.compile(
    r"(?:^|/)(?:readme|changelog|changes|history|license|licence|copying|authors|todos?|zbibliography|references|bibliography|genindex|"
    r"modindex|search|contributing|citation|installation|install|whatsnew|release[\w.-]*|copyright|class|module)\.rst$|(?:^|/)_templates/|"
    r"(?:^|/)(?:releases?|release[_-]notes|whats_?new|changelogs?)/|"
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


def _pages(package: Package) -> list[str]:
    return [path for path in package.ending(".rst") if not _NOT_PAGES.search(path) and not is_licence(path)]


def _claims(package: Package) -> bool:
    """Whether most of a package's files are pages of reStructuredText."""
    pages = _pages(package)
    others = [
        path
        for path in package.files
        if not path.lower().endswith(ENDINGS) and not _OTHER_TEXT.search(path) and not is_licence(path)
    ]
    return len(pages) >= MIN_PAGES and len(pages) >= MIN_SHARE * (len(pages) + len(others))


def _read(package: Package) -> Iterator[Document | Drop]:
    book = RstPages(package)
    licence = licence_of(package)
    for path in _pages(package):
        if path not in book.texts:
            yield Drop(f"{package.where}/{path}", NAME, TOO_LARGE)
            continue
        blocks, prose = book.read(path)
        yield page(package, path, NAME, opened(without_sections(blocks, _LEFT_OUT), path=path), prose, licence, {})


SOURCE = PackageSource(
    name=NAME,
    group="reference material",
    format="reStructuredText (Sphinx) trees",
    origin="repositories and Debian source packages (sagemath, gromacs, openmm, gudhi, ...)",
    licence="per book, as its licence file states",
    endings=frozenset((*ENDINGS, ".bib")),
    claims=_claims,
    read=_read,
)
