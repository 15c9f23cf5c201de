"""Lecture notes and exercises in DocOnce -> one document a file.

Source: repositories of lecture notes as https://github.com/CompPhysics and https://github.com/hplgit keep them (`.do.txt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from galactica import markup
from galactica.corpus.doconce import is_template, to_markdown
from galactica.corpus.headings import heading_level, without_sections
from galactica.corpus.markdown import Markdown
from galactica.corpus.package_files import MAX_BYTES, TOO_LARGE, licence_of, opened, page, references_of, text_of
from galactica.corpus.packages import is_licence
from galactica.corpus.papers import is_english
from galactica.corpus.prose import Prose
from galactica.corpus.source import Package, PackageSource
from galactica.types import Document, Drop, Reference

NAME = "doconce"
ENDING = ".do.txt"
MIN_SHARE = 0.5

_LEFT_OUT = re.compile(
    r"references|bibliography|acknowledge?ments?|introduction to numerical projects|"
    r"format for electronic delivery of reports? and programs?.*",
    re.IGNORECASE,
)
_DEADLINE = re.compile(r",? deadline\b.*", re.IGNORECASE)
_ABOUT_A_COURSE = re.compile(r".*\b(?:introduction to the course|summary of (?:the )?course)\b.*", re.IGNORECASE)


def _claims(package: Package) -> bool:
    """Whether most of a package's files are in DocOnce."""
    pages = package.ending(ENDING)
    others = [path for path in package.files if not is_licence(path) and not path.lower().endswith((ENDING, ".bib"))]
    return bool(pages) and len(pages) >= MIN_SHARE * (len(pages) + len(others))


def _read(package: Package) -> Iterator[Document | Drop]:
    stated = licence_of(package)
    works = references_of(package)
    for path in package.ending(ENDING):
        data = package.files[path]
        item = TOO_LARGE if len(data) > MAX_BYTES else _page(package, path, text_of(data), works, stated)
        yield Drop(f"{package.where}/{path}", NAME, item) if isinstance(item, str) else item


def _page(
    package: Package, path: str, text: str, works: dict[str, Reference | None], stated: str
) -> Document | Drop | str:
    if is_template(text):
        return "a template of Mako"
    title, licence, text = to_markdown(text)
    if _ABOUT_A_COURSE.fullmatch(title):
        return "about a course"
    title = _DEADLINE.sub("", title)
    prose = Prose(works)
    markdown = Markdown(prose, "mkdocs")
    blocks = _joined(without_sections(markdown.blocks(text), _LEFT_OUT))
    if not is_english(markup.without_citations(" ".join(blocks)[:40_000])):
        return "not English"
    return page(package, path, NAME, opened(blocks, markdown.line(title), path), prose, licence or stated, {})


def _joined(blocks: list[str]) -> list[str]:
    """The blocks without headings that repeat the one before: a section that goes on on the next slide."""
    kept: list[str] = []
    last = ""
    for block in blocks:
        if heading_level(block):
            if block.lower() == last:
                continue
            last = block.lower()
        kept.append(block)
    return kept


SOURCE = PackageSource(
    name=NAME,
    group="reference material",
    format="DocOnce (.do.txt) trees",
    origin="https://github.com/CompPhysics (repositories of lecture notes)",
    licence="per file, as its authors state, else the repository's",
    endings=frozenset((ENDING, ".bib")),
    claims=_claims,
    read=_read,
)
