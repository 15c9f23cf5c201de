"""What readers of packages share: texts, bibliographies and the licence of a tree of files, and a page of it as a document."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from galactica import markup
from galactica.corpus.headings import heading_level
from galactica.corpus.licences import licence_class
from galactica.corpus.packages import is_licence
from galactica.corpus.prose import Prose
from galactica.corpus.source import Package
from galactica.corpus.veil import SPELLS
from galactica.references.bibtex import keyed_references
from galactica.types import Document, Drop, Reference

MIN_CHARACTERS = 400
MAX_BYTES = 4 * 2**20
"""A page of text that is larger is none."""
TOO_LARGE = "larger than a page of text"
NOT_STATED = "not stated"
_ARCHIVE = re.compile(r"(?:\.(?:tar|tgz|zip|gz|xz|bz2|zst))+$")
_KEY = re.compile(r"^[ \t]*@\w{3,20}\s*[{(]\s*([^\s,={}\"]{1,200})[ \t]*(?:,|$)", re.MULTILINE)
_ANY_BOOK = frozenset(
    ("src", "source", "sources", "content", "contents", "doc", "docs", "book", "text", "en", "manuscript")
)
"""Names of folders that tell nothing of what lies in them."""
_HEAD = 300


def text_of(data: bytes) -> str:
    """The text of a file: UTF-16 where it says so, UTF-8, else Latin-1, with line feeds."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _mostly_utf8(data) or data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _mostly_utf8(data: bytes) -> str | None:
    """The text without its broken bytes, where most of what is not ASCII is UTF-8."""
    text = data.decode("utf-8", "replace")
    n_broken = text.count("\ufffd")
    n_whole = sum(sign > "\x7f" for sign in text) - n_broken
    return text.replace("\ufffd", "") if n_whole > n_broken else None


def name_of(package: Package) -> str:
    """What a package is called: the last folder of where it lies that is named for it, without the ending of an archive."""
    parts = [_ARCHIVE.sub("", part) for part in PurePosixPath(package.where).parts]
    return next(
        (part for part in reversed(parts) if part and part.lower() not in _ANY_BOOK), parts[-1] if parts else "package"
    )


def references_of(package: Package, folder: str | None = None) -> dict[str, Reference | None]:
    """Key -> record of every .bib file (of those under `folder` alone, where it is given and holds some)."""
    paths = package.ending(".bib")
    under = [path for path in paths if folder is not None and f"{path}/".startswith(f"{folder}/")]
    found: dict[str, Reference | None] = {}
    for path in under or paths:
        if len(package.files[path]) <= 4 * MAX_BYTES:
            text = text_of(package.files[path])
            for key, reference in keyed_references(text, dict.fromkeys(_KEY.findall(text))).items():
                found.setdefault(key, reference)
    return found


def licence_of(package: Package) -> str:
    """The beginning of the licence file, with the licence's class where that does not tell it; "not stated" without one."""
    paths = sorted((path for path in package.files if is_licence(path)), key=lambda path: (path.count("/"), path))
    stated = [" ".join(text_of(package.files[path][:20_000]).split()) for path in paths]
    for text in stated:
        if licence_class(text[:_HEAD]) not in ("other", NOT_STATED):
            return text[:_HEAD].rstrip()
    for text in stated:
        if (name := licence_class(text)) not in ("other", NOT_STATED):
            return f"{name}: {text[:_HEAD].rstrip()}"
    return next((text[:_HEAD].rstrip() for text in stated if text), NOT_STATED)


def page(
    package: Package, path: str, source: str, blocks: list[str], prose: Prose, licence: str, more: Mapping[str, Any]
) -> Document | Drop:
    """The document of one chapter, which opens with its title as the one heading of level 1; or why it is none."""
    where = f"{package.where}/{path}"
    text = "\n\n".join(blocks)
    if prose.spells_control_token:
        return Drop(where, source, SPELLS)
    if len(blocks) < 2:
        return Drop(where, source, "no text", text)
    if heading_level(blocks[0]) != 1:
        return Drop(where, source, "no title", text[:_HEAD])
    if len(text) < MIN_CHARACTERS:
        return Drop(where, source, f"shorter than {MIN_CHARACTERS} characters", text)
    metadata = {"title": blocks[0][2:], **prose.metadata(), **more}
    return Document(f"{source}:{name_of(package)}/{path}", text, source, licence, metadata)


def opened(blocks: list[str], title: str = "", path: str = "") -> list[str]:
    """The blocks under one heading of level 1: `title`, else the only one they have, else the name of the file."""
    tops = [index for index, block in enumerate(blocks) if heading_level(block) == 1]
    if tops == [0] and not title:
        return blocks
    if not title and len(tops) == 1:  # what stands before the title (badges, a note) goes behind it
        at = tops[0]
        return [blocks[at], *blocks[:at], *blocks[at + 1 :]]
    if not title and tops and tops[0] == 0:
        return [blocks[0], *(_lower(block, 1) if heading_level(block) == 1 else block for block in blocks[1:])]
    if not title and blocks and (top := heading_level(blocks[0])) and _is_lone(blocks, top):
        return [f"# {blocks[0][top + 1 :]}", *blocks[1:]]
    title = title or _named(path)
    if blocks and heading_level(blocks[0]) and blocks[0].lstrip("# ").lower() == title.lower():
        blocks = blocks[1:]
    highest = min((heading_level(block) for block in blocks if heading_level(block)), default=2)
    return [f"# {title}", *(_lower(block, 2 - highest) if heading_level(block) else block for block in blocks)]


def _is_lone(blocks: list[str], level: int) -> bool:
    """Whether the first heading is the only one of its level, and none is above it."""
    return all(not other or other > level for other in map(heading_level, blocks[1:]))


def _named(path: str) -> str:
    """A title out of a file's name: "quantum-edge-detection.ipynb" -> "Quantum edge detection"."""
    stem = PurePosixPath(path).stem
    if stem.lower() in ("index", "readme", "intro", "content"):
        stem = PurePosixPath(path).parent.name or stem
    words = re.sub(r"^\d+[-_.]|[-_]+", " ", stem).split()
    name = " ".join(words)
    return name[:1].upper() + name[1:] if not markup.control_tokens(name) else ""


def _lower(block: str, by: int) -> str:
    level = heading_level(block)
    return f"{'#' * max(1, min(6, level + by))} {block[level + 1 :]}"
