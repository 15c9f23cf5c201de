"""What a source is: a reader of one public format, its document rule, and how it says which files are its own.

Most formats are files of records (`Source`). Papers in LaTeX, books and code repositories are trees of files that belong together
(`PackageSource`); `packages.py` finds the trees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Literal, NamedTuple

from galactica.files import RawFile
from galactica.types import Document, Drop

SNIFF_BYTES = 4096

Group = Literal["papers", "code", "reference material", "knowledge bases", "common crawl", "prompts", "other"]
"""The rows of the paper's table of groups."""

Split = Callable[[IO[bytes]], Iterator[bytes]]
"""Cuts a stream into pieces of some 2 MB, each a file of the same format in its own right (`split.py` makes such functions)."""


class Published(NamedTuple):
    """What the Galactica paper states of a source: how many documents and tokens (None where it does not say)."""

    documents: int
    tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """The line of a source in `galactica corpus sources`. Sources of one `name` are formats of one kind of document: they share
    files of the output, counts and caps. `origin` is where the data is had, `licence` the rule for what may be used."""

    name: str
    group: Group
    format: str
    origin: str
    licence: str
    published: Published | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(_Described):
    """A source whose records lie in files, each readable alone.

    `claims(where, head)` tells from the path and the first `SNIFF_BYTES` bytes whether `read` understands the file;
    `read(file)` yields Documents in the document language, and a Drop with a reason for each record left out. It never
    raises for bad data, builds ids that depend on the record alone, and is pure: same bytes, same documents.
    A file of a source that can `split` may be of any size; another is held in memory whole. Where `split` joins records that
    lie far apart (`joins`), it costs a pass over the file, and one worker does it.
    """

    claims: Callable[[str, bytes], bool]
    read: Callable[[RawFile], Iterator[Document | Drop]]
    split: Split | None = None
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    """A tree of files that belong together: `where` names its root, `files` maps paths below it to contents, sorted by path."""

    where: str
    files: Mapping[str, bytes]

    def ending(self, *endings: str) -> list[str]:
        """The paths with one of these endings (lower case, with the dot)."""
        return [path for path in self.files if path.lower().endswith(endings)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSource(_Described):
    """A source whose documents are made of several files. Files with one of `endings` (and licence files) are gathered into
    packages; `claims(package)` and `read(package)` are a Source's, over a whole package."""

    endings: frozenset[str]
    claims: Callable[[Package], bool]
    read: Callable[[Package], Iterator[Document | Drop]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedSource(_Described):
    """A source of our own making: `generate(n, seed)` gives up to `n` documents, the same for the same seed."""

    generate: Callable[[int, int], Iterator[Document]]
