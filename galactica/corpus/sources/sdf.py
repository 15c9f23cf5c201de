"""Structure-data files: molecules as molfiles, each with its fields (BIOVIA, "CTfile formats")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MAX_FIELDS = 500

_COUNTS = re.compile(rb"(?:[^\n]*\n){3}[ \d]{6}[^\n]*(?:V2000|V3000|999)\s*?\r?\n")
_TAG = re.compile(r"<([^<>]{1,100})>")


class Record(NamedTuple):
    """A molecule of a file: its first line, its molfile, and its fields by tag."""

    title: str
    block: str
    fields: Mapping[str, str]


def is_sdf(head: bytes) -> bool:
    """Whether a file that begins so is one of molfiles, by its line of counts."""
    return _COUNTS.match(head) is not None


def records(text: str) -> Iterator[Record]:
    """The records of a file, in order."""
    pieces = text.replace("\r\n", "\n").split("\n$$$$")
    for number, piece in enumerate(pieces):
        record = piece.partition("\n")[2] if number else piece
        if record.strip():
            yield _record(record)


def _record(text: str) -> Record:
    block, end, rest = text.partition("\nM  END")
    if not end:
        block, _, rest = text.partition("\n>")
        rest = f"\n>{rest}"
    fields: dict[str, str] = {}
    tag = ""
    for line in rest.split("\n"):
        if line.startswith(">") and (match := _TAG.search(line[:200])):
            tag = match[1] if len(fields) < MAX_FIELDS else ""
        elif not line.strip():
            tag = ""
        elif tag:
            fields[tag] = f"{fields[tag]}\n{line.strip()}" if tag in fields else line.strip()
    return Record(block.partition("\n")[0].strip(), f"{block}\nM  END\n", fields)
