"""Posts of a StackExchange dump gathered into threads, in bounded memory: a dump orders them by age, answers far from questions.

Rows are dealt to files of a temporary folder by the number of their question; a file that is still large is dealt again.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from galactica.corpus.split import MAX_RECORD_BYTES, PIECE_BYTES, RecordTooLong

HEAD, TAIL = b'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n', b"</posts>\n"
FILES = 256
"""Files that rows are dealt to at a time; a dump of 16 GB needs one round."""

_HELD_BYTES = 16 * 2**20
_QUESTION = re.compile(rb'\sParentId="(\d{1,18})"')
_OWN = re.compile(rb'\sId="(\d{1,18})"')


def split_by_question(stream: IO[bytes]) -> Iterator[bytes]:
    """Pieces `<posts>...</posts>` of some 2 MB that hold whole threads, each question before its answers."""
    with tempfile.TemporaryDirectory(prefix="galactica-threads-") as folder:
        yield from _pieces(_rows(stream), Path(folder), 1)


def _pieces(rows: Iterable[bytes], folder: Path, divisor: int) -> Iterator[bytes]:
    sizes = _deal(rows, folder, divisor)
    waiting: list[bytes] = []
    size = 0
    for bucket in sorted(sizes):
        path = folder / f"{bucket:03d}"
        if sizes[bucket] > MAX_RECORD_BYTES:
            if divisor > 10**12:
                raise RecordTooLong(f"a thread is longer than {MAX_RECORD_BYTES} bytes")
            inner = folder / f"{bucket:03d}.d"
            inner.mkdir()
            with path.open("rb") as stream:
                yield from _pieces(_rows(stream), inner, divisor * FILES)
            path.unlink()
            continue
        for thread in _threads(path.read_bytes()):
            waiting.append(thread)
            size += len(thread)
            if size >= PIECE_BYTES:
                yield HEAD + b"".join(waiting) + TAIL
                waiting, size = [], 0
        path.unlink()
    if waiting:
        yield HEAD + b"".join(waiting) + TAIL


def _deal(rows: Iterable[bytes], folder: Path, divisor: int) -> dict[int, int]:
    """Bytes written to each file."""
    held: dict[int, list[bytes]] = defaultdict(list)
    sizes: dict[int, int] = defaultdict(int)
    n_held = 0

    def write() -> None:
        for bucket, found in held.items():
            with (folder / f"{bucket:03d}").open("ab") as file:
                file.writelines(found)
        held.clear()

    for row in rows:
        bucket = _question(row) // divisor % FILES
        held[bucket].append(row)
        sizes[bucket] += len(row)
        n_held += len(row)
        if n_held >= _HELD_BYTES:
            write()
            n_held = 0
    write()
    return sizes


def _threads(data: bytes) -> Iterator[bytes]:
    threads: dict[int, list[bytes]] = defaultdict(list)
    for row in data.splitlines(keepends=True):
        threads[_question(row)].append(row)
    for question in sorted(threads):
        yield b"".join(threads[question])


def _rows(stream: IO[bytes]) -> Iterator[bytes]:
    """The rows, each on its line; in a dump no attribute holds a line end."""
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        if len(line) > MAX_RECORD_BYTES:
            raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")
        if (row := line.strip()).startswith(b"<row ") and row.endswith(b"/>"):
            yield row + b"\n"


def _question(row: bytes) -> int:
    match = _QUESTION.search(row) or _OWN.search(row)
    return int(match[1]) if match else 0
