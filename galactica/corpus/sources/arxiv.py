r"""Papers in LaTeX, as arXiv keeps them (a package of sources a paper) -> papers with resolved citations.

Source: arXiv's bulk source files (https://info.arxiv.org/help/bulk_data_s3.html): tar files of one .tar.gz or .gz a paper.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from galactica import markup
from galactica.corpus.headings import heading_level, without_empty_sections
from galactica.corpus.latex import bibliography, front
from galactica.corpus.latex.blocks import ABSTRACT
from galactica.corpus.latex.document import (
    MAX_SOURCE,
    expanded,
    licence,
    main_file,
    pending_of,
    resolved,
    texts_of,
    to_text,
)
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tree import TooDeepError, parse
from galactica.corpus.latex.writer import Writer
from galactica.corpus.marks import Marks
from galactica.corpus.papers import is_english, is_left_out, is_notice
from galactica.corpus.source import Package, PackageSource, Published
from galactica.references.record import make_reference
from galactica.types import Document, Drop

MIN_CHARACTERS = 1500
MAX_FAULTY = 0.25
"""A paper of which more formulas than this are lost has holes where its argument was."""
_MIN_FAULTY = 5

_MAX_FRONT = 3000
"""Characters of front matter; what is longer before the abstract or the introduction is text."""
_CLASSIFICATION = re.compile(
    r"(?:\*\*)?(?:(?:19|20)\d\d )?(?:mathematic\w* |ams |acm )?"
    r"(?:subject class|key ?words?\b|index terms|pacs\b|msc\b|jel\b|ccs concepts)",
    re.IGNORECASE,
)
_MAX_CLASSIFICATION = 500
_NUMBER = re.compile(r"^#+ (?:[\dA-Z]+(?:\.\d+)* )?")
ENDINGS = frozenset((".tex", ".ltx", ".latex", ".bib", ".bbl", ".sty", ".cls"))
_IDENTIFIER = re.compile(
    r"(?:^|/)((?:\d{4}\.\d{4,5})|(?:[a-z-]+(?:\.[A-Z]{2})?)/?\d{7})(v\d+)?(?:\.(?:tar|gz|tgz|tex))*(?:/|$)"
)
_NOT_A_PAPER = re.compile(
    rb"\\document(?:class|style)\s*(?:\[[^\]]*\])?\s*\{[^}]*(?:book|beamer|letter|cv|exam|poster|slides|standalone)"
)
_PAPER = re.compile(rb"\\begin\s*\{abstract\}|\\abstract\b|\\title\b|\\maketitle\b")
_CLASS = re.compile(rb"\\document(?:class|style)\b")


def _claims(package: Package) -> bool:
    """Whether a package holds a paper: a main file with a class that is no book's, and a title or an abstract."""
    sources = package.ending(".tex", ".ltx", ".latex")
    if not sources or 2 * len(package.ending(*ENDINGS)) < len(package.files) - 1:
        return False
    heads = [package.files[path][:200_000] for path in sources]
    papers = [head for head in heads if _CLASS.search(head) and not _NOT_A_PAPER.search(head)]
    return bool(papers) and any(_PAPER.search(head) for head in heads)


def _read(package: Package) -> Iterator[Document | Drop]:
    try:
        result = _document(package)
    except TooLongError:
        result = "macros expand without end"
    except (TooDeepError, RecursionError):
        result = "groups nested too deep"
    yield Drop(package.where, SOURCE.name, result) if isinstance(result, str) else result


def _document(package: Package) -> Document | str:
    """The document, or why there is none."""
    if (
        sum(len(data) for path, data in package.files.items() if path.lower().endswith((".tex", ".ltx", ".latex")))
        > MAX_SOURCE
    ):
        return "sources too large for a paper"
    texts = texts_of(package, ENDINGS)
    path = main_file(texts)
    if path is None:
        return "no main file"
    if any(markup.control_tokens(text) for name, text in texts.items() if not name.lower().endswith((".sty", ".cls"))):
        return "spells a control token"
    preamble, body, definitions = expanded(texts, path)
    listed = bibliography.read(
        {name: text for name, text in texts.items() if name.lower().endswith((".bib", ".bbl"))},
        bibliography.cited_keys(body),
        [text for name, text in texts.items() if name.lower().endswith((".tex", ".ltx", ".latex"))],
        lambda latex: to_text(definitions, latex),
    )
    marks = Marks(listed.references, untitled=listed.untitled)
    writer = Writer(definitions, marks, listed.names, top=1 if "\\chapter" in body else 2)
    writer.write([node for node in parse(preamble) if not isinstance(node, str) or node != "\\maketitle"])
    blocks = writer.write(parse(body))
    title, authors = front.title(writer), front.authors(writer)
    before, blocks = _split_at_abstract(blocks)
    if not title:
        title, blocks = _title_in_text(before, blocks)
    work = make_reference(title, authors, _year(package.where), "arXiv", None)
    if work is None:
        return "no title"
    if is_notice(title):
        return "correction or retraction"
    return _finished(package, writer, blocks, title, authors)


def _finished(
    package: Package, writer: Writer, blocks: list[str], title: str, authors: tuple[str, ...]
) -> Document | str:
    sections = _sections(blocks)
    abstract = [block for block in writer.abstract if not heading_level(block)]
    head = markup.paper_head(title, authors).strip()
    text = "\n\n".join([head, *(["# Abstract", *abstract] if abstract else []), *sections])
    text = resolved(text, writer)
    n_faulty = writer.formulas_left_out.total()
    if not sections:
        return "no body"
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if not is_english(markup.without_citations(text[:40_000])):
        return "not English"
    if n_faulty > _MIN_FAULTY and n_faulty > MAX_FAULTY * (writer.n_formulas + n_faulty):
        return "too many formulas that cannot be typeset"
    match = _IDENTIFIER.search(package.where)
    key = match[1] if match else hashlib.sha256("\0".join((title, *blocks)).encode()).hexdigest()[:16]
    metadata: dict[str, Any] = {
        "title": title,
        "year": _year(package.where),
        "n_marks": writer.marks.n_marks,
        "n_resolved": writer.marks.n_resolved,
        "unresolved": dict(writer.marks.unresolved),
        "n_formulas": writer.n_formulas,
        "formulas_left_out": dict(writer.formulas_left_out),
    }
    return Document(f"arxiv:{key}", text, SOURCE.name, licence(package), metadata, pending_of(writer))


def _split_at_abstract(blocks: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the abstract (names and addresses, where it is short), and the body."""
    if ABSTRACT not in blocks:
        return [], blocks
    at = blocks.index(ABSTRACT)
    before, after = blocks[:at], [block for block in blocks[at:] if block != ABSTRACT]
    return (before, after) if sum(map(len, before)) < _MAX_FRONT else ([], [*before, *after])


def _title_in_text(before: list[str], blocks: list[str]) -> tuple[str, list[str]]:
    """The title of a paper that sets it without `\\title`: the first heading or short line, and the body without it."""
    first = (before or blocks or [""])[0]
    title = re.sub(r"^#+ ", "", first)
    if not 2 <= len(title.split()) <= 30 or title.endswith((".", ":")) or re.match(r"#+ [\dA-Z]\.?\d* ", first):
        return "", blocks
    return title, blocks if before else blocks[1:]


def _sections(blocks: list[str]) -> list[str]:
    """The body without sections that hold no science and without the lines of keywords and addresses that may stand before the
    introduction; text before the first heading gets one."""
    kept: list[str] = []
    left_out_at = 0
    for block in blocks:
        level = heading_level(block)
        if level and (not left_out_at or level <= left_out_at):
            left_out_at = level if is_left_out(_NUMBER.sub("", block)) else 0
        if not left_out_at and not (_CLASSIFICATION.match(block) and len(block) < _MAX_CLASSIFICATION):
            kept.append(block)
    kept = without_empty_sections(kept)
    first = next((index for index, block in enumerate(kept) if heading_level(block)), len(kept))
    if (
        first
        and first < len(kept)
        and "introduction" in kept[first].lower()
        and sum(map(len, kept[:first])) < _MAX_FRONT
    ):
        return kept[first:]
    if first:
        kept.insert(0, "# Introduction" if first < len(kept) else "# Main text")
    return kept


def _year(where: str) -> int | None:
    """The year that an arXiv identifier in the path begins with."""
    match = _IDENTIFIER.search(where)
    digits = re.search(r"\d{4}", match[1]) if match else None
    if digits is None:
        return None
    short = int(digits[0][:2])
    return 1900 + short if short > 90 else 2000 + short


SOURCE = PackageSource(
    name="arxiv",
    group="papers",
    format="LaTeX source packages",
    origin="https://info.arxiv.org/help/bulk_data_s3.html",
    licence="per paper, as arXiv's metadata states it",
    published=Published(2_000_000, 35_000_000_000),
    endings=ENDINGS,
    claims=_claims,
    read=_read,
)
