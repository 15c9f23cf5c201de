"""Spans that stand in several sources: identical stretches of 100 bytes and more (Lee et al. 2022).

Every window of 100 bytes is compared with every other one by way of its seed (see `seeds.py`), in four steps whose memory
follows a budget and whose work follows the text, whatever its size:

1. the text is scanned, a chunk a task, and its seeds are written down, sorted by their hashes;
2. a part takes all seeds of a range of hashes out of the chunks, and keeps those that stand in several sources;
3. of these it reads the windows, and keeps those that stand in several sources;
4. what the parts found is put in order and joined.

The result is that of one suffix array with the lengths of its common prefixes; a test holds it to one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galactica import files
from galactica.corpus.pairs import Pairs
from galactica.corpus.seeds import BLOCK_BYTES, MIN_BYTES, RECORD, ROWS, Windows, positions, seeds
from galactica.corpus.shared_keys import BYTES_PER_KEY, Shared, shared

MERGE_BYTES = 4
CHUNK_BYTES = 1 << 28
"""What one task scans."""

_BYTES_PER_SEED = 30
"""Text that has one seed, at the least; runs of one sign have more, but few different ones."""
_BYTES_PER_RECORD = 64
"""A record waiting, its order and its sorted copy."""
_RUNS, _INDEX = "runs.bin", "index.npy"

Array = np.ndarray[Any, np.dtype[Any]]


def n_parts(n_bytes: int, budget_bytes: int) -> int:
    """How many parts make the different seeds of each fit a quarter of the budget: a power of two."""
    wanted = -(-n_bytes * BYTES_PER_KEY * 4 // (_BYTES_PER_SEED * budget_bytes))
    return 1 << max(0, wanted - 1).bit_length()


def n_chunks(n_bytes: int) -> int:
    """How many tasks scan a text."""
    return -(-n_bytes // CHUNK_BYTES)


@dataclass(frozen=True, slots=True)
class Text:
    """A file with the sources one after the other, in the order of their ranks, every document ended by `SEPARATOR`; where each
    source begins; and the folder of what is found, in `parts` parts (a power of two) and within a budget."""

    path: Path
    source_starts: Sequence[int]
    folder: Path
    parts: int
    budget_bytes: int

    def chunk(self, chunk: int) -> Path:
        """The folder of the seeds of a chunk."""
        return self.folder / f"seeds-{chunk}"

    def rows(self, part: int) -> Path:
        """The file of what a part found: rows of first window and end of the last, of windows that follow each other."""
        return self.folder / f"{part}.rows"

    @property
    def n_bytes(self) -> int:
        """Its size."""
        return self.path.stat().st_size

    def sources(self, places: Array) -> Array:
        """The source, counted from 1, that each place lies in."""
        found: Array = np.searchsorted(np.asarray(self.source_starts), places, side="right").astype(np.uint16)
        return found


def scan(text: Text, chunk: int) -> None:
    """Write the seeds of a chunk: runs of `RECORD`s sorted by key, and where the parts begin in each."""
    if text.chunk(chunk).exists():
        return
    edges = (np.arange(1, text.parts, dtype=np.uint64)) << np.uint64(64 - text.parts.bit_length() + 1)
    index: list[Array] = []
    waiting: list[Array] = []
    with files.new_folder(text.chunk(chunk)) as new, (new / _RUNS).open("wb") as out:

        def write() -> None:
            records = np.concatenate(waiting)
            waiting.clear()
            records = records[np.argsort(records["key"])]
            bounds = np.searchsorted(records["key"], edges)
            start = out.tell() // RECORD.itemsize
            records.tofile(out)
            index.append(start + np.concatenate([[0], bounds, [len(records)]]))

        for found in _seeds_of(text.path, chunk * CHUNK_BYTES, min((chunk + 1) * CHUNK_BYTES, text.n_bytes)):
            waiting.append(found)
            if sum(map(len, waiting)) * _BYTES_PER_RECORD > text.budget_bytes // 4:
                write()
        if waiting:
            write()
        np.save(new / _INDEX, np.array(index, np.int64).reshape(-1, text.parts + 1))


def _seeds_of(path: Path, start: int, end: int) -> Iterator[Array]:
    for at in range(start, end, BLOCK_BYTES):
        n_bytes = min(BLOCK_BYTES, end - at) + MIN_BYTES - 1
        yield seeds(np.fromfile(path, np.uint8, n_bytes, offset=at), at)


def find(text: Text, part: int) -> None:
    """Write the windows of a part that stand in several sources, where they stand in the first of these."""
    if text.rows(part).exists():
        return
    partial = text.rows(part).with_name(f"partial.{part}.rows")
    budget = text.budget_bytes // 4
    with Windows(text.path) as windows, partial.open("wb") as out:

        def keys_of_seeds() -> Iterator[tuple[Array, Array]]:
            for records in _records(text, part):
                yield records["key"], text.sources(positions(records))

        for spread in shared(keys_of_seeds, budget):

            def keys_of_windows(spread: Shared = spread) -> Iterator[tuple[Array, Array]]:
                for keys, places in _windows(text, part, windows, spread):
                    yield keys, text.sources(places)

            for found in shared(keys_of_windows, budget) if len(spread.keys) else ():
                if len(found.keys):
                    _write_rows(text, found, _windows(text, part, windows, spread), out, budget)
    partial.replace(text.rows(part))


def _records(text: Text, part: int) -> Iterator[Array]:
    """The seeds of a part, in blocks, in the same order each time."""
    at_once = max(1, text.budget_bytes // 16 // _BYTES_PER_RECORD)
    for chunk in range(n_chunks(text.n_bytes)):
        index = np.load(text.chunk(chunk) / _INDEX)
        for start, end in index[:, part : part + 2].tolist():
            for at in range(start, end, at_once):
                count = min(at_once, end - at)
                yield np.fromfile(text.chunk(chunk) / _RUNS, RECORD, count, offset=at * RECORD.itemsize)


def _windows(text: Text, part: int, windows: Windows, spread: Shared) -> Iterator[tuple[Array, Array]]:
    """The windows of the part's seeds that are among `spread`, in blocks."""
    for records in _records(text, part):
        chosen = records[spread.find(records["key"])[0]]
        for start in range(0, len(chosen), ROWS):
            yield windows.of(chosen[start : start + ROWS])


def _write_rows(text: Text, found: Shared, windows: Iterator[tuple[Array, Array]], out: Any, budget_bytes: int) -> None:
    waiting: list[Array] = []
    for keys, places in windows:
        is_found, first = found.find(keys)
        places = places[is_found]
        waiting.append(places[text.sources(places) == first])
        if sum(map(len, waiting)) * 64 > budget_bytes:
            _in_rows(waiting).tofile(out)
            waiting.clear()
    if waiting:
        _in_rows(waiting).tofile(out)


def _in_rows(places: list[Array]) -> Array:
    """Windows as rows of first window and end of the last, of those that follow each other, (n, 2) int64."""
    windows = np.sort(np.concatenate(places))
    if not len(windows):
        return np.empty((0, 2), np.int64)
    breaks = np.flatnonzero(np.diff(windows) != 1)
    first = windows[np.concatenate(([0], breaks + 1))]
    return np.stack([first, windows[np.append(breaks, len(windows) - 1)] + MIN_BYTES], 1)


def join(text: Text, output: Path) -> None:
    """Put in order what the parts found: `output`, rows of int64, the spans that windows cover without a gap, ascending."""
    scratch = text.folder / "in-order"
    shutil.rmtree(scratch, ignore_errors=True)  # of a call that was killed
    pairs = Pairs(scratch, text.n_bytes + 1, text.budget_bytes // 4)
    at_once = max(1, text.budget_bytes // 256)
    for part in range(text.parts):
        for at in range(0, text.rows(part).stat().st_size, 16 * at_once):
            pairs.add(np.fromfile(text.rows(part), np.int64, 2 * at_once, offset=at).reshape(-1, 2))
    partial = output.with_name(f"partial.{output.name}")
    with partial.open("wb") as out:
        for rows in _covered(pairs.in_order()):
            rows.tofile(out)
    partial.replace(output)


def _covered(blocks: Iterator[Array]) -> Iterator[Array]:
    """The rows of the blocks, those that touch or overlap in one."""
    last = np.empty((0, 2), np.int64)
    for block in blocks:
        rows = np.concatenate([last, block])
        ends = np.maximum.accumulate(rows[:, 1])
        begins = np.flatnonzero(np.concatenate([[True], rows[1:, 0] > ends[:-1]]))
        joined = np.stack([rows[begins, 0], ends[np.append(begins[1:], len(rows)) - 1]], 1)
        yield joined[:-1]
        last = joined[-1:]
    yield last


class Repeats:
    """What `join` wrote, mapped, to be asked for document by document."""

    def __init__(self, path: Path) -> None:
        n_rows = path.stat().st_size // 16
        shape = (n_rows, 2)
        self._rows = np.memmap(path, np.int64, "r", shape=shape) if n_rows else np.empty(shape, np.int64)

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The repeated spans of the document at bytes `start` to `end`, relative to its start: those at most `MERGE_BYTES` apart
        merged."""
        first, last = np.searchsorted(self._rows[:, 0], [start, end])
        rows = self._rows[first:last] - start
        if not len(rows):
            return []
        breaks = np.flatnonzero(rows[1:, 0] - rows[:-1, 1] > MERGE_BYTES)
        begins = rows[np.concatenate(([0], breaks + 1)), 0]
        ends = rows[np.append(breaks, len(rows) - 1), 1]
        return list(zip(begins.tolist(), ends.tolist(), strict=True))


def without_spans(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, int]:
    """The text without the paragraphs that lie wholly in one of the spans (in bytes of UTF-8), and the bytes removed."""
    if not spans:
        return text, 0
    kept: list[bytes] = []
    at = n_removed = 0
    for paragraph in text.encode("utf-8", "replace").split(b"\n\n"):
        end = at + len(paragraph)
        if any(first <= at and end <= last for first, last in spans if paragraph):
            n_removed += len(paragraph)
        else:
            kept.append(paragraph)
        at = end + 2
    return b"\n\n".join(kept).decode("utf-8"), n_removed
