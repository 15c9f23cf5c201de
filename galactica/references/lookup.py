"""Tables that find works without reading the library: hashes in order and the rows they stand for, made once and then mapped.

    manifest.json                    the fingerprint of the library that the rows belong to
    TABLE-hashes.npy TABLE-rows.npy  uint64, sorted, and uint32: the tables of `KEYS`, `DOIS`, `PLACES` and `WORDS`

`KEYS` holds "Title, Surname", the other spellings that were merged into a record, and titles alone that works of one author have;
of two works with one key the more cited stands for it. The other tables find works by DOI, by (year, volume, page) and by the words
that titles begin and end with. Two steps of tasks make them, over equal ranges of rows and then of hashes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from galactica import files, manifest
from galactica.errors import BadData
from galactica.references import runs
from galactica.references.merge import key_hash
from galactica.references.record import normalise_title
from galactica.references.store import MEMORY_BYTES, Library
from galactica.references.works import Run, here
from galactica.references.writing import ALIAS_DTYPE, write_header

KEYS, DOIS, PLACES, WORDS = "keys", "dois", "places", "words"
TABLES = (KEYS, DOIS, PLACES, WORDS)
WINDOW = 4
"""Words of a title that it is looked up by: its first and its last. Shorter titles are met in other titles."""
_STAGE = "lookup"
_FORMAT = 1
"""Raised with every change of a hash below or of `key_hash`."""
_ALIASES, _TITLES = "aliases", "titles"
_MIN_TITLE_WORDS = 5
"""Of a title that names a work without its author; shorter ones are met again ("Human Development Report 2009")."""
_MIN_TITLE = 20
_WORK_BYTES = 256
"""Memory for a work while a range is hashed, or sorted."""
_SHARED_WORKS = 100_000
"""Works of which it pays to make a range of their own for another worker: they take some 5 s."""
_ENTRY = ALIAS_DTYPE
_TITLE_ENTRY = np.dtype([("key", "<u8"), ("row", "<u4"), ("author", "<u8")])

Array = npt.NDArray[Any]


class Table(NamedTuple):
    """Hashes, sorted, and the row of each; rows of equal hashes ascend."""

    hashes: Array
    rows: Array


class Lookup:
    """A library with the tables made of it, mapped: opening them costs neither time nor memory. To another process goes where they
    lie, and it opens them too."""

    def __init__(self, library: Library, folder: Path) -> None:
        """Raises BadData where `folder` holds no tables, damaged ones, or those of another library."""
        found = manifest.read(folder)
        if found.stage != _STAGE or found.config != _config(library):
            raise BadData(f"{str(folder)!r} holds no tables of the library {str(library.folder)!r}. Delete it.")
        self.library = library
        self.tables = {name: Table(_mapped(folder, _hashes(name)), _mapped(folder, _rows(name))) for name in TABLES}
        for name, table in self.tables.items():
            if len(table.hashes) != found.counts[name] or len(table.rows) != found.counts[name]:
                raise BadData(f"the tables {str(folder)!r} are damaged: {name}. Delete them.")
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (self.library.folder, self._folder)


def make(
    library: Library, work: Path, *, budget_bytes: int = MEMORY_BYTES, workers: int = 1, run: Run = here
) -> Lookup:
    """The tables of a library, in a folder below `work` that is made whole or not at all, or stands there already.

    Each task that `run` starts, `workers` at a time, holds about `budget_bytes`, which change no byte of the tables.
    """
    folder = work / f"{library.fingerprint}-{_FORMAT}"
    if not folder.exists():
        _make(library, folder, budget_bytes, workers, run)
    return Lookup(library, folder)


@dataclass(frozen=True, slots=True)
class HashWorks:
    """Task `rank`: the hashes of a range of the library's works, sorted."""

    library: Path
    work: Path
    parts: int

    def folder(self, rank: int) -> Path:
        """Where the arrays of the range lie."""
        return self.work / "hashes" / f"{rank:05d}"

    def __call__(self, rank: int) -> None:
        if self.folder(rank).exists():
            return
        library = Library.open(self.library)
        with files.new_folder(self.folder(rank)) as folder:
            for name, entries in _hashed(library, *_share(len(library), rank, self.parts)).items():
                np.save(folder / f"{name}.npy", entries[np.argsort(entries["key"], kind="stable")])
            aliases = np.array(library.aliases[slice(*_share(len(library.aliases), rank, self.parts))])
            np.save(folder / f"{_ALIASES}.npy", np.sort(aliases, order="key"))


@dataclass(frozen=True, slots=True)
class MergeHashes:
    """Task `rank`: the tables of a range of hashes, out of those of all works."""

    library: Path
    work: Path
    parts: int

    def folder(self, rank: int) -> Path:
        """Where the tables of the range lie."""
        return self.work / "tables" / f"{rank:05d}"

    def __call__(self, rank: int) -> None:
        if self.folder(rank).exists():
            return
        with files.new_folder(self.folder(rank)) as folder:
            own, aliases, titles = (self._read(rank, name) for name in (KEYS, _ALIASES, _TITLES))
            n_citations = Library.open(self.library).n_citations
            np.save(folder / f"{KEYS}.npy", _most_cited([own, aliases, _of_one_author(titles)], n_citations))
            for name in (DOIS, PLACES, WORDS):
                entries = self._read(rank, name)
                np.save(folder / f"{name}.npy", entries[np.lexsort((entries["row"], entries["key"]))])

    def _read(self, rank: int, name: str) -> Array:
        low, high = runs.key_range(rank, self.parts)
        hashed = HashWorks(self.library, self.work, self.parts)
        slices = []
        for share in range(self.parts):
            entries = np.load(hashed.folder(share) / f"{name}.npy", mmap_mode="r")
            # searchsorted would copy the whole column first.
            start, end = (bisect_left(entries["key"], key, key=int) for key in (low, high))
            slices.append(np.array(entries[start:end]))
        return np.concatenate(slices)


def hash_of(text: str) -> int:
    """64 bits for a text that is looked up as it is."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def place_hash(year: int, volume: str, page: str) -> int:
    """The hash of a place in print."""
    return hash_of(normal_place(year, volume, page))


def normal_place(year: int, volume: str, page: str) -> str:
    """ "2001|12|e345" for volume "012" and page "E0345"."""
    return f"{year}|{volume.strip().lower().lstrip('0')}|{re.sub(r'(?<![0-9])0+', '', page.strip().lower())}"


def _make(library: Library, folder: Path, budget_bytes: int, workers: int, run: Run) -> None:
    n_works = len(library)
    parts = max(1, -(-n_works * _WORK_BYTES // budget_bytes), min(workers, n_works // _SHARED_WORKS))
    scratch = folder.with_name(f"{folder.name}.parts-{parts}")
    hashed = HashWorks(library.folder, scratch, parts)
    run(hashed, parts, scratch / "logs-hashes")
    merged = MergeHashes(library.folder, scratch, parts)
    run(merged, parts, scratch / "logs-tables")
    with files.new_folder(folder) as new:
        counts = {
            name: _join([merged.folder(rank) / f"{name}.npy" for rank in range(parts)], new, name) for name in TABLES
        }
        key = manifest.key_of(_STAGE, _config(library), {})
        manifest.write(new, manifest.Manifest(_STAGE, key, _config(library), {}, counts, manifest.versions(), 0.0))
    for left in folder.parent.glob(f"{folder.name}.parts-*"):  # also of a call that was ended and had other workers
        shutil.rmtree(left)


def _opened(library: Path, folder: Path) -> Lookup:
    return Lookup(Library.open(library), folder)


def _hashed(library: Library, start: int, end: int) -> dict[str, Array]:
    """The entries of each kind for a range of rows."""
    keys, rows, authors = ({name: array(code) for name in (*TABLES, _TITLES)} for code in "QIQ")

    def add(name: str, key: int, row: int) -> None:
        keys[name].append(key)
        rows[name].append(row)

    for row, work in enumerate(library.between(start, end), start):
        add(KEYS, key_hash(work.title, work.surname), row)
        if work.surname and work.title.count(" ") >= _MIN_TITLE_WORDS - 1:
            add(_TITLES, key_hash(work.title, ""), row)
            authors[_TITLES].append(key_hash("", work.surname))
        if work.doi:
            add(DOIS, hash_of(work.doi), row)
        if work.year and work.volume and work.page:
            add(PLACES, place_hash(work.year, work.volume, work.page), row)
        for key in _title_hashes(work.title):
            add(WORDS, key, row)
    found = {}
    for name in (*TABLES, _TITLES):
        found[name] = np.empty(len(keys[name]), _TITLE_ENTRY if name == _TITLES else _ENTRY)
        found[name]["key"], found[name]["row"] = keys.pop(name), rows.pop(name)
    found[_TITLES]["author"] = authors[_TITLES]
    return found


def _title_hashes(title: str) -> set[int]:
    words = normalise_title(title).split()
    if len(words) < WINDOW or len(title) < _MIN_TITLE:
        return set()
    return {hash_of(" ".join(words[:WINDOW])), hash_of(" ".join(words[-WINDOW:]))}


def _of_one_author(titles: Array) -> Array:
    """The entries of titles alone that works of one author only have."""
    titles = titles[np.lexsort((titles["author"], titles["key"]))]
    _, first, counts = np.unique(titles["key"], return_index=True, return_counts=True)
    authors = titles["author"]
    is_one = np.repeat(authors[first] == authors[first + counts - 1], counts)
    found = np.empty(int(is_one.sum()), _ENTRY)
    found["key"], found["row"] = titles["key"][is_one], titles["row"][is_one]
    return found


def _most_cited(ranked: Sequence[Array], n_citations: Array) -> Array:
    """One entry a key: a record's own before an alias and a title alone, the more cited before the less."""
    entries = np.concatenate(ranked)
    rank = np.repeat(np.arange(len(ranked), dtype=np.uint8), [len(one) for one in ranked])
    cited = -n_citations[entries["row"]].astype(np.int64)
    entries = entries[np.lexsort((entries["row"], cited, rank, entries["key"]))]
    is_first = np.ones(len(entries), bool)
    is_first[1:] = entries["key"][1:] != entries["key"][:-1]
    return entries[is_first]


def _join(parts: Sequence[Path], folder: Path, name: str) -> int:
    """Write a table out of those of its ranges; its length."""
    tables = [np.load(path, mmap_mode="r") for path in parts]
    n_rows = sum(len(table) for table in tables)
    for path, field in ((folder / _hashes(name), "key"), (folder / _rows(name), "row")):
        with path.open("wb") as stream:
            write_header(stream, _ENTRY[field], n_rows)
            for table in tables:
                stream.write(table[field].tobytes())
    return n_rows


def _mapped(folder: Path, name: str) -> Array:
    try:
        return np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise BadData(f"the tables {str(folder)!r} are damaged: {name}: {error}. Delete them.") from None


def _config(library: Library) -> dict[str, Any]:
    return {"library": library.fingerprint, "format": _FORMAT}


def _share(n: int, rank: int, parts: int) -> tuple[int, int]:
    return rank * n // parts, (rank + 1) * n // parts


def _hashes(name: str) -> str:
    return f"{name}-hashes.npy"


def _rows(name: str) -> str:
    return f"{name}-rows.npy"
