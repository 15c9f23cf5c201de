"""Books and manuals that are trees of Markdown pages, notebooks or vignettes -> one document a page.

Sources: d2lbook, MkDocs, Jupyter Book and plain trees of Markdown; vignettes of R packages (https://r-pkgs.org/vignettes.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from galactica.corpus import crossrefs, d2l
from galactica.corpus.front_matter import front_matter, string
from galactica.corpus.headings import heading_level, without_sections
from galactica.corpus.liquid import without_liquid
from galactica.corpus.markdown import Dialect, Markdown, as_it_stands
from galactica.corpus.notebooks import notebook_text
from galactica.corpus.numbered_works import works_below_heading
from galactica.corpus.package_files import MAX_BYTES, TOO_LARGE, licence_of, opened, page, references_of, text_of
from galactica.corpus.packages import is_licence
from galactica.corpus.prose import Prose
from galactica.corpus.source import Package, PackageSource
from galactica.corpus.sources import sweave
from galactica.types import Document, Drop, Reference

NAME = "markdown-books"
MIN_PAGES = 3
MAX_NOTEBOOK = 64 * 2**20
MIN_SHARE = 0.6
"""Share of pages among all files of text: a repository with a folder of documentation has less."""

_PAGES = (".md", ".markdown", ".ipynb", ".rmd", ".qmd", ".rnw")
_VIGNETTE = re.compile(r"(?:^|/)(?:vignettes|inst/doc)/.*\.(?:rmd|rnw|md|qmd)$", re.IGNORECASE)
_NOT_PAGES = re.compile(
    r"(?:^|/)(?:\.[^/]+/.*|_[^/]*\.\w+|(?:readme|contribut\w*|changelog|changes|news|history|license\w*|licence\w*|copying|code[_-]of[_-]conduct|security|authors|"
    r"citation|info|style_?guide|todo|summary|_?sidebar|_?navbar|navigation|tags|search|404|pull_request_template|issue_template|"
    r"preview|contrib|zreferences|root-index|release[_-]notes|bibliography)\.\w+)$",
    re.IGNORECASE,
)
_OTHER_TEXT = re.compile(
    r"\.(?:bib|json|ya?ml|toml|cfg|csl|txt|css|lock|xml|svg)$|(?:^|/)(?:description|citation|namespace|makefile)$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:\d+\.?\s*)?(?:references|bibliography|practice problems|session info(?:rmation)?|table of contents|contents|"
    r"acknowledge?ments?|discussions|external links|further links|contributors:?)",
    re.IGNORECASE,
)
_CHUNK_HIDDEN = re.compile(r"\b(?:include|echo)\s*=\s*F(?:ALSE)?\b", re.IGNORECASE)
_SETUP = re.compile(r"^[^\S\n]*(?:(?:knitr::)?opts_chunk\$set|BiocStyle::|options\(width)", re.MULTILINE)
_FIELD = re.compile(r"^License:[ \t]*(.+)$", re.MULTILINE)


def _pages(package: Package) -> list[str]:
    return [path for path in package.ending(*_PAGES) if not _NOT_PAGES.search(path) and not is_licence(path)]


def _vignettes(package: Package) -> list[str]:
    has_description = any(path.upper().split("/")[-1] == "DESCRIPTION" for path in package.files)
    return [path for path in package.files if _VIGNETTE.search(path)] if has_description else []


def _claims(package: Package) -> bool:
    """Whether most of a package is pages: of a book, or vignettes of an R package that came without its code."""
    others = [
        path
        for path in package.files
        if not path.lower().endswith(_PAGES) and not _OTHER_TEXT.search(path) and not is_licence(path)
    ]
    if _vignettes(package):
        return len(_vignettes(package)) >= MIN_SHARE * (
            len(_vignettes(package)) + sum(not path.endswith(".tex") for path in others)
        )
    pages = _pages(package)
    return len(pages) >= MIN_PAGES and len(pages) >= MIN_SHARE * (len(pages) + len(others))


def _read(package: Package) -> Iterator[Document | Drop]:
    vignettes = _vignettes(package)
    paths = vignettes or _pages(package)
    licence = _r_licence(package) if vignettes else licence_of(package)
    works = _Works(package)
    texts: dict[str, str] = {}
    for path in paths:
        text, reason = _text(path, package.files[path])
        if text is None:
            yield Drop(f"{package.where}/{path}", NAME, reason)
        else:
            texts[path] = text
    latex = sweave.texts_of(package) if any(path.lower().endswith(".rnw") for path in texts) else {}
    is_d2l = any(":label:`" in text for text in texts.values())
    labels = d2l.labels(texts) if is_d2l else {}
    for path, text in texts.items():
        if path.lower().endswith(".rnw"):
            yield sweave.document(package, path, latex, NAME, licence)
        else:
            yield _page(package, path, text, works, labels.get(path, {}), licence, _dialect(path, is_d2l))


def _text(path: str, data: bytes) -> tuple[str | None, str]:
    """The text of a page, or None and why there is none. What pictures take in a notebook is not text."""
    is_notebook = path.lower().endswith(".ipynb")
    if len(data) > (MAX_NOTEBOOK if is_notebook else MAX_BYTES):
        return None, TOO_LARGE
    text = notebook_text(data) if is_notebook else text_of(data)
    if text is None:
        return None, "not a notebook"
    return (text, "") if len(text) <= MAX_BYTES else (None, TOO_LARGE)


class _Works:
    """The works of a package's bibliographies: all, or those of a folder, each list read once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._read: dict[str | None, Mapping[str, Reference | None]] = {}

    def of(self, folder: str | None) -> Mapping[str, Reference | None]:
        if folder is not None and not any(path.startswith(f"{folder}/") for path in self._package.ending(".bib")):
            folder = None
        if folder not in self._read:
            self._read[folder] = references_of(self._package, folder)
        return self._read[folder]


def _dialect(path: str, is_d2l: bool) -> Dialect:
    if is_d2l:
        return "d2l"
    return "pandoc" if path.lower().endswith((".rmd", ".qmd")) or _VIGNETTE.search(path) else "mkdocs"


def _page(
    package: Package, path: str, text: str, works: _Works, labels: Mapping[str, str], licence: str, dialect: Dialect,
) -> Document | Drop:  # fmt: skip
    head, text = front_matter(text)
    if dialect == "d2l":
        text = d2l.without_tabs(text)
    elif dialect == "mkdocs" and not path.lower().endswith(".ipynb"):
        text = without_liquid(text)
    if dialect == "pandoc":
        labels = crossrefs.labels(text)
        text = crossrefs.without_pointers(text, labels)
    text, listed = works_below_heading(text)
    prose = Prose({**works.of(str(PurePosixPath(path).parent) if dialect == "pandoc" else None), **listed})
    rule = {"d2l": d2l.code, "pandoc": _chunk}.get(dialect, as_it_stands)
    markdown = Markdown(prose, dialect, labels, rule)
    blocks = without_sections(markdown.blocks(text), _LEFT_OUT)
    title = markdown.line(string(head.get("title"))) if "`r " not in string(head.get("title")) else ""
    if (
        dialect != "pandoc"
        and [level for level in map(heading_level, blocks) if level == 1] == [1]
        and heading_level(blocks[0]) == 1
    ):
        title = ""  # what its head says is the name of the page in menus; vignettes have their titles there alone
    return page(package, path, NAME, opened(blocks, title, path), prose, licence, {})


def _chunk(language: str, attributes: str, code: str) -> tuple[str, str] | None:
    """A chunk of R Markdown that is shown; None for one that only sets the page up."""
    is_chunk = attributes.startswith("{") and not attributes.startswith("{.")
    if is_chunk and (_CHUNK_HIDDEN.search(attributes) or _SETUP.search(code) or "sessionInfo()" in code):
        return None
    lines = [line for line in code.split("\n") if not line.startswith("#|")]
    return as_it_stands(language, attributes, "\n".join(lines))


def _r_licence(package: Package) -> str:
    """The field of the package's DESCRIPTION, else its licence file."""
    path = next(path for path in package.files if path.upper().split("/")[-1] == "DESCRIPTION")
    match = _FIELD.search(text_of(package.files[path])[:20_000])
    stated = match[1].strip() if match else ""
    return licence_of(package) if not stated or stated.lower().startswith("file ") else stated


SOURCE = PackageSource(
    name=NAME,
    group="reference material",
    format="Markdown, R Markdown, Sweave and Jupyter trees",
    origin="https://github.com (d2l-ai/d2l-en, cp-algorithms, qiskit-community/qiskit-textbook, ...), https://cran.r-project.org",
    licence="per book, as its licence file states",
    endings=frozenset((*_PAGES, ".bib", "description")),
    claims=_claims,
    read=_read,
)
