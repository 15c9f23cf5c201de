"""Repositories and source packages of code -> documents of files, README first, cut where they are large.

Sources: archives of GitHub repositories, source distributions of PyPI (https://packaging.python.org). The Galactica paper: files of
repositories that Papers with Code indexes, those without a licence or copyright file left out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from galactica import markup
from galactica.corpus.code_files import LANGUAGES, code_of, is_program, is_vendored
from galactica.corpus.front_matter import front_matter, string
from galactica.corpus.headings import heading_level, shifted, without_empty_sections, without_sections
from galactica.corpus.markdown import Markdown
from galactica.corpus.notebooks import fenced
from galactica.corpus.package_files import MAX_BYTES, TOO_LARGE, licence_of, name_of, text_of
from galactica.corpus.packages import is_licence
from galactica.corpus.prose import Prose
from galactica.corpus.rst import Rst
from galactica.corpus.rst_inline import Names
from galactica.corpus.rst_names import substitutions, targets
from galactica.corpus.rst_pages import RstPages
from galactica.corpus.source import Package, PackageSource, Published
from galactica.corpus.veil import SPELLS
from galactica.types import Document, Drop

NAME = "code"
MAX_PART = 100_000
"""Characters of a document: files are added to it up to here, a larger file is one of its own."""
MAX_PACKAGE = 64 * 2**20
MIN_PAGE = 200
MAX_BADGES = 1_000

_README = re.compile(r"(?:^|/)readme(?:[._]\w+)?(?:\.(?:md|rst|txt|markdown))?$", re.IGNORECASE)
_PAGE = (".md", ".rst")
_NOT_PAGES = re.compile(
    r"(?:^|/)(?:change\w*|news|history|authors|contribut\w*|release\w*|whatsnew|thanks|todo|code[_-]of[_-]conduct|security|maintainers|license\w*|copying\w*|_templates)(?:[/.]|$)",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[-_]v?\d+(?:\.\w+)*$|-(?:master|main|develop|dev|trunk)$")
_ADDRESS = re.compile(
    r"(?:github|gitlab)(?:\.com)?[/ :]+([\w.-]{1,60})/([\w.-]{1,80}?)(?:\.git)?(?=[\s\"'/#>,)@;\]]|$)", re.IGNORECASE
)
_ADDRESS_FILES = (
    "ORIGIN.txt",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "PKG-INFO",
    "package.json",
    "Cargo.toml",
    "README.md",
    "README.rst",
)
_LEFT_OUT = re.compile(
    r"(?:\d+\. )?(?:(?:licen[cs]e|contribut\w+|authors?|acknowledg\w+|badges?|sponsors?|funding|supporting|supported by|credits|"
    r"history and credits|changelog|release notes|contents|table of contents|code of conduct)(?: .{0,30})?|call for contributions)",
    re.IGNORECASE,
)
_DESCRIPTION = re.compile(r"^Description-Content-Type:\s*text/(\S+?)\s*(?:;.*)?$", re.MULTILINE)
_PICTURE = re.compile(r"^\.\. \|[^|\n]{1,60}\| image::[^\n]*\n(?:[ \t]+\S[^\n]*\n?)*", re.MULTILINE)
_PICTURE_NAMED = re.compile(
    r"(?<![\w|])\|(?:[^|\n]{1,40}\b)?(?:logo|badge|status|version|downloads?|license|coverage|build|docs|review|zenodo|doi|ci)"
    r"[^|\n]{0,20}\|(?![\w|])",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"Figure \d+: ")  # in a README a caption is the name of a badge or a logo
_BADGES = re.compile(
    r"(?:\W|badge|build|passing|coverage|status|docs?|license|pypi|version|downloads|conda)*", re.IGNORECASE
)


def _claims(package: Package) -> bool:
    """Whether a package holds a program."""
    return any(is_program(path) and not is_vendored(path) for path in package.files)


def _read(package: Package) -> Iterator[Document | Drop]:
    if not any(is_licence(path) and path.count("/") <= 1 for path in package.files):
        yield Drop(package.where, NAME, "no licence or copyright file")
        return
    if sum(map(len, package.files.values())) > MAX_PACKAGE:
        yield Drop(package.where, NAME, "larger than a repository of code")
        return
    left_out: Counter[str] = Counter()
    title, licence = _full_name(package), licence_of(package)
    if markup.control_tokens(title):
        yield Drop(package.where, NAME, SPELLS)
        return
    opening = _readme(package, title, left_out)
    files = list(_files(package, left_out))
    if not files:
        yield Drop(package.where, NAME, "no code left")
        return
    for number, blocks in enumerate(_dealt([*opening, *files]), 1):
        text = "\n\n".join([f"# {title}", *blocks])
        metadata = {"title": title, "part": number, "files_left_out": dict(left_out) if number == 1 else {}}
        yield Document(f"{NAME}:{title}/{number}", text, NAME, licence, metadata)


def _dealt(blocks: list[str]) -> Iterator[list[str]]:
    """The files, as many to a document as its size allows."""
    part: list[str] = []
    size = 0
    for block in blocks:
        if part and size + len(block) > MAX_PART:
            yield part
            part, size = [], 0
        part.append(block)
        size += len(block)
    yield part


# --- files ------------------------------------------------------------------------------------------------------------


def _files(package: Package, left_out: Counter[str]) -> Iterator[str]:
    """Each file under its path: programs in fences, pages of documentation as text."""
    pages = RstPages(package)
    seen: set[bytes] = set()
    for path, data in sorted(package.files.items(), key=lambda item: _order(item[0])):
        if is_licence(path) or (_README.search(path) and "/" not in path):
            continue
        if markup.control_tokens(path) or not path.isprintable():
            left_out["name that spells a control token or cannot be printed"] += 1
            continue
        digest = hashlib.sha256(data).digest()
        if path.lower().endswith(_PAGE):
            blocks, reason = _page(package, path, pages)
            if reason:
                left_out[reason] += 1
            else:
                yield "\n\n".join([f"# {path}", *shifted(blocks, 2)])
            continue
        if PurePosixPath(path).suffix.lower() not in LANGUAGES:
            continue
        code = code_of(path, data) if digest not in seen else "repeated"
        seen.add(digest)
        if isinstance(code, str):
            left_out[code] += 1
        else:
            yield f"# {path}\n\n{fenced(*code)}"


def _order(path: str) -> tuple[int, str]:
    """Settings and set-up at the root, the code, its documentation, its examples and tests."""
    first = path.split("/")[0].lower()
    is_late = re.search(
        r"(?:^|/)(?:tests?|testing|examples?|benchmarks?|tools|scripts|conftest\.py|test_[^/]*)(?:/|$)", path
    )
    return (3 if is_late else 2 if first in ("doc", "docs") else 0 if "/" not in path else 1, path)


def _page(package: Package, path: str, pages: RstPages) -> tuple[list[str], str]:
    """The blocks of a page of documentation, or why it is left out."""
    if _NOT_PAGES.search(path) or is_vendored(path):
        return [], "page that is no documentation"
    if len(package.files[path]) > MAX_BYTES:
        return [], TOO_LARGE
    if path.lower().endswith(".rst"):
        blocks, prose = pages.read(path)
    else:
        head, text = front_matter(text_of(package.files[path]))
        prose = Prose(pages.references if head else {})
        markdown = Markdown(prose, "pandoc" if head else "mkdocs")
        title = markdown.line(string(head.get("title")))
        blocks = [*([f"# {title}"] if title else []), *markdown.blocks(text)]
    if prose.spells_control_token:
        return [], SPELLS
    blocks = without_sections(blocks, _LEFT_OUT)
    return blocks, "page without text" if sum(map(len, blocks)) < MIN_PAGE else ""


# --- README and name --------------------------------------------------------------------------------------------------


def _readme(package: Package, title: str, left_out: Counter[str]) -> list[str]:
    """The README as one block, else the description that a Python package carries; no block where there is neither."""
    paths = sorted(path for path in package.files if _README.search(path) and "/" not in path)
    text, kind = "", ""
    if paths and len(package.files[paths[0]]) <= MAX_BYTES:
        text, kind = text_of(package.files[paths[0]]), PurePosixPath(paths[0]).suffix.lower()
    elif "PKG-INFO" in package.files:
        head, _, text = text_of(package.files["PKG-INFO"]).partition("\n\n")
        match = _DESCRIPTION.search(head)
        kind = ".md" if match and match[1] == "markdown" else ".rst"
    if not text.strip():
        return []
    prose = Prose({})
    if kind == ".rst":
        names = Names(targets=targets(text), substitutions=substitutions({"": text}))
        blocks = Rst(prose, names).blocks(_PICTURE_NAMED.sub("", _PICTURE.sub("", text)))
    else:
        blocks = Markdown(prose, "mkdocs").blocks(text)
    if prose.spells_control_token:
        left_out["README that spells a control token"] += 1
        return []
    name = title.rpartition("/")[2].lower()
    blocks = [
        block
        for block in without_sections(blocks, _LEFT_OUT)
        if not (len(block) < MAX_BADGES and not heading_level(block) and _BADGES.fullmatch(block))
        and not _CAPTION.match(block)
        and not (heading_level(block) == 1 and block[2:].strip().lower() == name)
    ]
    blocks = shifted(without_empty_sections(blocks), 2)
    return ["\n\n".join(blocks)] if blocks else []


def _full_name(package: Package) -> str:
    """ "owner/name" where a file of the package or its place tells the owner, else its name."""
    name = _VERSION.sub("", name_of(package))
    for path in _ADDRESS_FILES:
        text = text_of(package.files[path][:40_000]) if path in package.files else ""
        for owner, repository in _ADDRESS.findall(text):
            if path == "ORIGIN.txt" or _bare(repository) == _bare(name):
                return f"{owner}/{repository}"
    return name


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


SOURCE = PackageSource(
    name=NAME,
    group="code",
    format="repositories and source packages",
    origin="https://github.com (repositories of Papers with Code), https://pypi.org (source distributions)",
    licence="per package; without a licence or copyright file it is left out",
    published=Published(2_000_000, 7_000_000_000),
    endings=frozenset((*LANGUAGES, *_PAGE, "readme", "readme.txt", "pkg-info", "origin.txt")),
    claims=_claims,
    read=_read,
)
