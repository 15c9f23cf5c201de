"""The library of real works: opened by mapping, not by reading; built out of the works that files name. Its files are those of
`writing.py`."""

from __future__ import annotations

import hashlib
import json
import mmap
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import zstandard

from galactica import files, manifest
from galactica.errors import BadData, BadInput, UnknownReference
from galactica.references.mentions import ReadShare, reports, shares, write_share
from galactica.references.works import Run, here, merged, n_parts
from galactica.references.writing import (
    ALIAS_DTYPE,
    ALIASES,
    BLOCK,
    BLOCKS,
    FORMAT,
    INDEX,
    INDEX_DTYPE,
    RECORDS,
    STAGE,
    write_works,
)  # fmt: skip
from galactica.types import Drop, Reference

if TYPE_CHECKING:
    from galactica.references.retrieve import SparseIndex

MEMORY_BYTES = 2 * 10**9
_MAX_BLOCK_BYTES = 64 * 2**20

Row = int | np.integer[Any]


class NoWorks(BadData):
    """No bibliography among the files that a library was to be built from."""


class Library:
    """Works by row (0 to len - 1, sorted by id) and by id. Threads may share it."""

    def __init__(self, folder: Path, found: manifest.Manifest) -> None:
        self.folder = folder
        self.manifest = found
        self.name: str = str(found.config.get("name", ""))
        self._index = _load(folder, INDEX, INDEX_DTYPE)
        self.aliases = _load(folder, ALIASES, ALIAS_DTYPE)
        self._blocks = _load(folder, BLOCKS, np.dtype("<i8"))
        with (folder / RECORDS).open("rb") as stream:
            self._records = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        n_blocks = (len(self._index) + BLOCK - 1) // BLOCK
        offsets = self._blocks
        fits = len(offsets) == n_blocks + 1 and offsets[0] >= 0 and offsets[-1] == len(self._records)
        if not fits or (np.diff(offsets) <= 0).any():
            raise _damaged(folder, BLOCKS, "its offsets do not fit the records")
        self._dictionary = zstandard.ZstdCompressionDict(self._records[: int(offsets[0])])
        self._local = threading.local()
        self._columns = lru_cache(maxsize=256)(self._read_block)
        self._search: SparseIndex | None = None
        self._search_lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> Library:
        """The library in `folder`. Raises BadData that names what is missing or damaged. Sizes of all files and hashes of
        the small ones are checked here, each block of records when it is read, everything by `check`."""
        found = manifest.read(folder)
        if found.stage != STAGE or found.config.get("format") != FORMAT:
            raise BadData(
                f"{str(folder)!r} is not a library of references of format {FORMAT}. Build one: galactica references build."
            )
        _check_files(folder, found, whole=False)
        return cls(folder, found)

    def check(self) -> None:
        """Read and hash every file; BadData names the first that is not as it was written."""
        _check_files(self.folder, self.manifest, whole=True)

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, row: Row) -> Reference:
        row = int(row)
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of a library of {len(self)} works")
        return self._record(row, self._columns(row // BLOCK))

    def __iter__(self) -> Iterator[Reference]:
        return self.between(0, len(self))

    def between(self, start: int, end: int) -> Iterator[Reference]:
        """The works of rows `start` to `end` - 1, of which no more than a block is held."""
        columns: Any = None
        for row in range(start, end):
            if columns is None or row % BLOCK == 0:
                columns = self._read_block(row // BLOCK)
            yield self._record(row, columns)

    def get(self, identifier: str) -> Reference:
        """The record with this id. Raises UnknownReference, with the closest titles where a title was given instead."""
        row = int(self.rows([identifier])[0])
        if row >= 0:
            return self[row]
        near = [reference.title for reference, _ in self.search(identifier, limit=3)]
        hint = f"; closest titles: {near!r}" if near else ""
        raise UnknownReference(
            f"{identifier[:200]!r} is not among the {len(self):,} works in {self.folder}{hint}. Try: galactica references search"
        )

    def rows(self, identifiers: Iterable[str]) -> npt.NDArray[np.int64]:
        """Row of each id; -1 where there is none."""
        wanted = [_number(identifier) for identifier in identifiers]
        numbers = np.array([number or 0 for number in wanted], dtype=np.uint64)
        ids = self._index["id"]
        if not len(ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        rows = np.searchsorted(ids, numbers).astype(np.int64)
        known = np.array([number is not None for number in wanted], dtype=bool)
        hit = known & (ids[np.minimum(rows, len(ids) - 1)] == numbers)
        return np.where(hit, rows, -1)

    def titles(self) -> list[str]:
        """Titles of all works, in row order."""
        return [title for block in range(len(self._blocks) - 1) for title in self._read_block(block)[0]]

    @property
    def years(self) -> npt.NDArray[np.int16]:
        """Year of each row, 0 where unknown."""
        return np.asarray(self._index["year"])

    @property
    def n_citations(self) -> npt.NDArray[np.uint32]:
        """Marks that point to each row in the corpus the library was built from: the popularity prior."""
        return np.asarray(self._index["n_citations"])

    @property
    def fingerprint(self) -> str:
        """16 hex digits over the contents: equal libraries have equal ones wherever they lie."""
        text = json.dumps(self.manifest.counts["files"], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def search(
        self, query: str, limit: int = 10, since: int | None = None, until: int | None = None
    ) -> list[tuple[Reference, float]]:
        """The best works for the words of `query` with their BM25 scores, best first; `since` and `until` bound the year.
        The index is built at the first call and kept in the user's cache folder."""
        return [(self[row], score) for row, score in self.index().search(query, limit, since, until)]

    def index(self) -> SparseIndex:
        """The library's full-text index, opened or built once."""
        from galactica.references.retrieve import SparseIndex  # retrieve.py reads a Library

        with self._search_lock:
            if self._search is None:
                self._search = SparseIndex(self)
            return self._search

    def _record(self, row: int, columns: Any) -> Reference:
        entry, place = self._index[row], row % BLOCK
        titles, authors, venues, dois, abstracts, *places = columns
        volume, page = (column[place] or None for column in places) if places else (None, None)
        return Reference(
            id=f"{int(entry['id']):016x}",
            title=titles[place],
            authors=tuple(authors[place]),
            year=int(entry["year"]) or None,
            venue=venues[place] or None,
            doi=dois[place] or None,
            abstract=abstracts.get(str(place)),
            n_citations=int(entry["n_citations"]),
            volume=volume,
            page=page,
        )

    def _read_block(self, block: int) -> Any:
        data = self._records[int(self._blocks[block]) : int(self._blocks[block + 1])]
        try:
            if zstandard.get_frame_parameters(data).content_size > _MAX_BLOCK_BYTES:
                raise ValueError("block too large")
            columns = json.loads(self._decompressor().decompress(data))
            size = min(BLOCK, len(self) - block * BLOCK)
            if [len(column) for column in (*columns[:4], *columns[5:])] != [size] * (4 if len(columns) == 5 else 6):
                raise ValueError("block of another size")
        except (zstandard.ZstdError, ValueError, TypeError, IndexError) as error:
            raise _damaged(self.folder, RECORDS, f"block {block}: {error}") from None
        return columns

    def _decompressor(self) -> zstandard.ZstdDecompressor:
        # A decompressor is not safe to share between threads.
        found = getattr(self._local, "decompressor", None)
        if found is None:
            found = self._local.decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
        return found


def build(output: Path, references: Iterable[Reference | Drop], name: str = "references") -> Library:
    """The library of all works in `references`, merged and with junk refused, written to `output` whole or not at all.
    What is left out is counted by reason in the manifest. Raises BadData where nothing is left, BadInput where `output`
    is a folder that is not a library."""
    _refuse_foreign(output)
    start = time.monotonic()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as work:
        share = Path(work) / "mentions"
        write_share(references, 0, share, MEMORY_BYTES)
        _write(output, [share], Path(work), name, start, MEMORY_BYTES, 1, here)
    return Library.open(output)


def build_from_folder(
    input: str | Path,
    output: Path,
    name: str = "references",
    progress: Callable[[str], None] | None = None,
    *,
    work: Path | None = None,
    budget_bytes: int = MEMORY_BYTES,
    workers: int = 1,
    run: Run = here,
) -> Library:
    """`build` over every bibliography that lies under `input` (a folder, an archive, a file or an fsspec URL).

    `work` is where a call that was killed is found again: a folder for this input alone, seen from every machine; it is removed
    at the end. Each task that `run` starts, `workers` at a time, holds about `budget_bytes`, which change no byte of the
    library. `progress` is called with the name of each archive or folder, where `run` stays in this process.
    """
    _refuse_foreign(output)
    start = time.monotonic()
    key = manifest.key_of(STAGE, {"name": name}, {"raw": manifest.hash_inputs(input)})
    work = work or output.with_name(f".{output.name}.work-{key}")
    read = ReadShare(shares(input), work / "mentions", budget_bytes, progress)
    n_shares = len(read.shares)
    run(read, n_shares, work / "logs-mentions")
    mentions = [read.folder(rank) for rank in range(n_shares)]
    try:
        _write(output, mentions, work, name, start, budget_bytes, workers, run)
    except NoWorks:
        shutil.rmtree(work)
        raise
    shutil.rmtree(work)
    return Library.open(output)


def _write(
    output: Path,
    mentions: list[Path],
    work: Path,
    name: str,
    start: float,
    budget_bytes: int,
    workers: int,
    run: Run,
) -> None:
    """The library of the mentions of all shares."""
    found = reports(mentions)
    drops: Counter[str] = found["dropped"]
    if not found["mentions"]:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in drops.most_common(3)) or "the input is empty"
        raise NoWorks(
            f"no works for a library: {reasons}. Give JATS, BibTeX, RIS, CSL-JSON, MEDLINE or ACL Anthology files."
        )
    works = merged(mentions, work, n_parts(found["bytes"], budget_bytes, workers), budget_bytes, run)
    made = work / "library"
    n_works = write_works(made, works, work / "scratch", budget_bytes)
    with files.new_folder(output) as folder:
        for path in made.iterdir():
            shutil.move(path, folder)
        counts = {"works": n_works, "mentions": found["mentions"], "dropped": dict(drops.most_common(40))}
        _write_manifest(folder, name, counts, time.monotonic() - start)


def _write_manifest(folder: Path, name: str, counts: dict[str, Any], seconds: float) -> None:
    hashes = {path.name: files.sha256(path) for path in sorted(folder.iterdir())}
    counts |= {
        "files": {path: {"bytes": (folder / path).stat().st_size, "sha256": digest} for path, digest in hashes.items()}
    }
    config = {"name": name, "format": FORMAT, "block": BLOCK}
    key = manifest.key_of(STAGE, config, hashes)
    manifest.write(folder, manifest.Manifest(STAGE, key, config, {}, counts, manifest.versions(), round(seconds, 1)))


def _load(folder: Path, name: str, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    try:
        array: npt.NDArray[Any] = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise _damaged(folder, name, str(error)) from None
    if array.dtype != dtype or array.ndim != 1:
        raise _damaged(folder, name, f"it holds {array.dtype} of shape {array.shape}")
    return array


def _check_files(folder: Path, found: manifest.Manifest, whole: bool) -> None:
    stated = found.counts.get("files")
    if not isinstance(stated, dict) or set(stated) != {RECORDS, BLOCKS, INDEX, ALIASES}:
        raise _damaged(folder, manifest.NAME, "it does not list the library's files")
    for name, entry in stated.items():
        path = folder / name
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            raise _damaged(folder, name, "it is missing")
        stated_size, digest = (entry.get("bytes"), entry.get("sha256")) if isinstance(entry, dict) else (None, None)
        if size != stated_size:
            raise _damaged(folder, name, f"it has {size} bytes of {stated_size}")
        if (whole or name == BLOCKS) and files.sha256(path) != digest:
            raise _damaged(folder, name, "its contents have changed")


def _damaged(folder: Path, name: str, why: str) -> BadData:
    return BadData(
        f"the library of references {str(folder)!r} is damaged: {name}: {why}. Build it again: galactica references build."
    )


def _refuse_foreign(output: Path) -> None:
    if not output.exists():
        return
    if output.is_dir() and (
        not any(output.iterdir()) or ((output / manifest.NAME).is_file() and manifest.read(output).stage == STAGE)
    ):
        return
    raise BadInput(
        f"{str(output)!r} exists and is not a library of references: it is not overwritten. Give another --output."
    )


def _number(identifier: str) -> int | None:
    if len(identifier) != 16:
        return None
    try:
        return int(identifier, 16)
    except ValueError:
        return None
