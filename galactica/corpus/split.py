"""Large files cut into pieces that are files of the same format, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from galactica.corpus.source import Split
from galactica.errors import BadData

PIECE_BYTES = 2 * 2**20
MAX_RECORD_BYTES = 64 * 2**20
_BLOCK = 2**20


class RecordTooLong(BadData):
    """A record without an end within `MAX_RECORD_BYTES`: the rest of its file is not read."""


def after(end: bytes, head_lines: int = 0) -> Split:
    r"""Records that close with `end` (b"\n" for lines, b"\n//\n" for flat files); each piece begins with the file's first
    `head_lines` lines, so that a table keeps its header."""

    def split(stream: IO[bytes]) -> Iterator[bytes]:
        head = b"".join(_line(stream) for _ in range(head_lines))
        rest = b""
        while block := stream.read(_BLOCK):
            cut = (joined := rest + block).rfind(end, max(0, len(rest) - len(end)))
            if cut >= 0 and cut + len(end) >= PIECE_BYTES:
                yield head + joined[: cut + len(end)]
                joined = joined[cut + len(end) :]
            elif cut < 0 and len(joined) > MAX_RECORD_BYTES:
                if (whole := joined.rfind(end)) >= 0:
                    yield head + joined[: whole + len(end)]
                raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")
            rest = joined
        if rest.strip():
            yield head + rest

    return split


def between(start: bytes, end: bytes, head: bytes = b"", tail: bytes = b"") -> Split:
    """Records from `start` to `end` (b"<page>", b"</page>"), both included, what lies between records left out; each piece is
    `head`, whole records, `tail`, so that it is well-formed XML."""

    def split(stream: IO[bytes]) -> Iterator[bytes]:
        records: list[bytes] = []
        size = 0
        rest = b""
        while block := stream.read(_BLOCK):
            rest += block
            at = 0
            while (first := rest.find(start, at)) >= 0 and (last := rest.find(end, first)) >= 0:
                at = last + len(end)
                records.append(rest[first:at])
                size += at - first
                if size >= PIECE_BYTES:
                    yield head + b"\n".join(records) + tail
                    records, size = [], 0
            rest = rest[at:]
            if (first := rest.find(start)) < 0:
                rest = rest[-len(start) :]
            elif len(rest) - first > MAX_RECORD_BYTES:
                if records:
                    yield head + b"\n".join(records) + tail
                raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")
        if records:
            yield head + b"\n".join(records) + tail

    return split


lines = after(b"\n")
"""JSON lines, plain tables and lists."""


def _line(stream: IO[bytes]) -> bytes:
    line = stream.readline(MAX_RECORD_BYTES)
    if len(line) == MAX_RECORD_BYTES:
        raise RecordTooLong(f"a line is longer than {MAX_RECORD_BYTES} bytes")
    return line
