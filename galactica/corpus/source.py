"""What a source is: a reader of one public format, its document rule, and how it says which files are its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from galactica.files import RawFile
from galactica.types import Document, Drop

SNIFF_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the corpus. `group` is the row of the paper's table it counts under.

    `claims(where, head)` tells from the path and the first `SNIFF_BYTES` bytes whether `read` understands the file;
    `read(file)` yields Documents in the document language, and a Drop with a reason for each record left out. It never
    raises for bad data, builds ids that depend on the record alone, and is pure: same bytes, same documents.
    """

    name: str
    group: str
    format: str
    origin: str
    licence: str
    claims: Callable[[str, bytes], bool]
    read: Callable[[RawFile], Iterator[Document | Drop]]
