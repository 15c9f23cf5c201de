"""Mentions of works on disk -> one record per work, in steps of tasks whose memory a budget bounds.

The steps, each over equal ranges of keys: the spellings of a title are brought together from all shares; titles that may be one
work are joined into clusters (`joins.py`); a `Merger` makes works of each title alone and of each cluster; works are brought
into the order of their ids. The works are the same whatever the number of ranges, of workers and of interruptions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from galactica import files
from galactica.references import joins, runs
from galactica.references.mentions import SPELLINGS, Spelling, spelling, united
from galactica.references.merge import Merger
from galactica.types import Reference


class Task(Protocol):
    """Called with each of its ranks it leaves a finished folder, and does nothing where that stands."""

    def __call__(self, rank: int) -> None: ...

    def folder(self, rank: int) -> Path:
        """Where what the rank leaves lies."""
        ...


Run = Callable[[Task, int, Path], None]
"""Calls a task with each of so many ranks; the folder is for what it notes of them."""
Work = tuple[Reference, frozenset[int]]
"""A record, and the `key_hash` of every spelling of the work but its own."""

_HELD = 3
"""Bytes of memory for a byte of mentions: the records of a range, sorted, and what is made of them."""
_SHARED_BYTES = 32 * 2**20
"""Mentions of which it pays to make a range of their own for another worker: the steps take some 20 s for them."""
_SIZE = struct.Struct("<I")
_TITLES, _KEYS, _CLUSTERED, _WORKS = "titles", "keys.npy", "clustered", "works"


def here(task: Task, tasks: int, notes: Path) -> None:
    """A `Run` in this process, one rank after the other."""
    for rank in range(tasks):
        task(rank)


def n_parts(n_bytes: int, budget_bytes: int, workers: int) -> int:
    """Ranges of keys such that the mentions of one fit the budget, and that all workers have some where that pays."""
    return max(1, -(-n_bytes * _HELD // budget_bytes), min(workers, n_bytes // _SHARED_BYTES))


@dataclass(frozen=True, slots=True)
class Step:
    """A step over `parts` ranges of keys below `work`; task `rank` fills the folder of its range, whole or not at all."""

    mentions: Sequence[Path]
    work: Path
    parts: int
    budget_bytes: int

    def folder(self, rank: int) -> Path:
        """Where the range's records lie."""
        return _folder(self.work, type(self), self.parts, rank)

    def read(self, step: type[Step], name: str, rank: int) -> Iterator[runs.Record]:
        """What the tasks of an earlier step wrote by this name for the range."""
        folders = [_folder(self.work, step, self.parts, part) for part in range(self.parts)]
        return runs.read(_runs(folders, name), runs.key_range(rank, self.parts))

    def writer(self, folder: Path, name: str) -> runs.RunWriter:
        """For records that later steps read."""
        return runs.RunWriter(folder, name, self.budget_bytes // 4)

    def __call__(self, rank: int) -> None:
        if not self.folder(rank).exists():
            with files.new_folder(self.folder(rank)) as folder:
                self.fill(folder, rank)

    def fill(self, folder: Path, rank: int) -> None:
        """Write the records of a range."""
        raise NotImplementedError


class Titles(Step):
    """The spellings of each title, and the sketches by which titles find each other."""

    __slots__ = ()

    def fill(self, folder: Path, rank: int) -> None:
        sketches = self.writer(folder, joins.SKETCHES)
        keys: list[int] = []

        def titles() -> Iterator[runs.Record]:
            mentions = runs.read(_runs(self.mentions, SPELLINGS), runs.key_range(rank, self.parts))
            for key, payloads in runs.groups(mentions):
                spellings = united(payloads)
                keys.append(key)
                for record in joins.sketches(key, spellings):
                    sketches.add(*record)
                yield from ((key, one.pack()) for one in spellings)

        runs.write(folder / f"{_TITLES}.run", titles())
        sketches.close()
        np.save(folder / _KEYS, np.array(keys, "<u8"))


class Joins(Step):
    """Pairs of titles that share something, and the DOIs that titles lose."""

    __slots__ = ()

    def fill(self, folder: Path, rank: int) -> None:
        pairs, strays = self.writer(folder, joins.JOINS), self.writer(folder, joins.STRAYS)
        titles = np.load(_folder(self.work, Titles, self.parts, rank) / _KEYS)
        joins.find(self.read(Titles, joins.SKETCHES, rank), titles, pairs, strays)
        pairs.close()
        strays.close()


class Clusters(Step):
    """Which titles are joined, over any number of steps. One task."""

    __slots__ = ()

    def fill(self, folder: Path, rank: int) -> None:
        folders = [_folder(self.work, Joins, self.parts, part) for part in range(self.parts)]
        joins.write_clusters(_runs(folders, joins.JOINS), folder, self.parts)


class Alone(Step):
    """The works of titles that are joined to no other; the spellings of the others by their cluster."""

    __slots__ = ()

    def fill(self, folder: Path, rank: int) -> None:
        clustered, works = self.writer(folder, _CLUSTERED), self.writer(folder, _WORKS)
        keys = runs.key_range(rank, self.parts)
        clusters = joins.clusters(_folder(self.work, Clusters, self.parts, 0), keys)
        strays: dict[int, set[str]] = {}
        for key, doi in self.read(Joins, joins.STRAYS, rank):
            strays.setdefault(key, set()).add(doi.decode())
        titles = runs.read([_folder(self.work, Titles, self.parts, rank) / f"{_TITLES}.run"], keys)
        for key, payloads in runs.groups(titles):
            spellings = [_without(strays.get(key, set()), Spelling.unpack(payload)) for payload in payloads]
            if key in clusters:
                for one in spellings:
                    clustered.add(clusters[key], one.pack())
            else:
                _write_works(spellings, works)
        clustered.close()
        works.close()


class Clustered(Step):
    """The works of each cluster."""

    __slots__ = ()

    def fill(self, folder: Path, rank: int) -> None:
        works = self.writer(folder, _WORKS)
        for _, payloads in runs.groups(self.read(Alone, _CLUSTERED, rank)):
            _write_works([Spelling.unpack(payload) for payload in payloads], works)
        works.close()


def merged(mentions: Sequence[Path], work: Path, parts: int, budget_bytes: int, run: Run) -> Iterator[Work]:
    """One record per work in the order of ids, out of the folders of all shares. `work` keeps what is finished."""
    for step, tasks in ((Titles, parts), (Joins, parts), (Clusters, 1), (Alone, parts), (Clustered, parts)):
        run(step(mentions, work, parts, budget_bytes), tasks, work / f"logs-{_name(step, parts)}")
    folders = [_folder(work, step, parts, part) for step in (Alone, Clustered) for part in range(parts)]
    for part in range(parts):
        for _, payloads in runs.groups(runs.read(_runs(folders, _WORKS), runs.key_range(part, parts))):
            yield _twins_united(payloads)


def _write_works(spellings: Sequence[Spelling], works: runs.RunWriter) -> None:
    if len(spellings) == 1:  # most are: what the merger would give, without it
        works.add(int(spellings[0].identifier, 16), _SIZE.pack(0) + spellings[0].pack())
        return
    merger = Merger()
    for one in spellings:
        merger.add(one.reference(), one.votes)
    for reference, keys in merger.works():
        aliases = np.array(sorted(keys), "<u8").tobytes()
        works.add(int(reference.id, 16), _SIZE.pack(len(aliases)) + aliases + spelling(reference, 0).pack())


def _twins_united(payloads: Iterable[bytes]) -> Work:
    """Works that came by different ways to the same title, author and year are one: the more cited record of them."""
    references: list[Reference] = []
    aliases: set[int] = set()
    for payload in payloads:
        end = _SIZE.size + _SIZE.unpack_from(payload)[0]
        aliases.update(np.frombuffer(payload[_SIZE.size : end], "<u8").tolist())
        references.append(Spelling.unpack(payload[end:]).reference())
    best = max(references, key=lambda reference: reference.n_citations)
    return replace(best, n_citations=sum(one.n_citations for one in references)), frozenset(aliases)


def _without(dois: set[str], one: Spelling) -> Spelling:
    """The spelling without a DOI that is another work's."""
    if not dois or (reference := one.reference()).doi is None or reference.doi not in dois:
        return one
    return replace(one, said=spelling(replace(reference, doi=None), 0).said)


def _name(step: type[Step], parts: int) -> str:
    return f"{step.__name__.lower()}-{parts}"


def _folder(work: Path, step: type[Step], parts: int, rank: int) -> Path:
    return work / _name(step, parts) / f"{rank:05d}"


def _runs(folders: Iterable[Path], name: str) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.glob(f"{name}-*.run"))]
