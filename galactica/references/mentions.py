"""Raw files -> mentions of works on disk, share by share: the spellings of each title with how often they stand there.

A finished share is a folder: runs of spellings by the key of title and first author, and `report.json` with the counts. It
appears whole or not at all.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galactica import archives, files
from galactica.archives import PART_BYTES, Input, Turns, Unit
from galactica.references import runs
from galactica.references.importers import references_in
from galactica.references.merge import junk, key_hash
from galactica.types import Drop, Reference

REPORT = "report.json"
SPELLINGS = "spellings"
_SPELLING_BYTES = 600
"""What Python adds to the bytes of a spelling in a table."""
_HEAD = struct.Struct(">QIQ")
"""Big-endian, so that payloads sort by the place where they stood first."""

Share = tuple[Unit, ...]


@dataclass(slots=True)
class Spelling:
    """What some mentions say of a work, all the same: `said` is that, as JSON; `place` where the first of them stood in the input,
    `votes` their number, `volume` and `page` what the first said that gave a page."""

    said: bytes
    place: int
    votes: int
    n_citations: int
    volume: str | None
    page: str | None

    def add(self, other: Spelling) -> None:
        """Count mentions that stood later."""
        self.votes += other.votes
        self.n_citations += other.n_citations
        if other.page and not self.page:
            self.volume, self.page = other.volume, other.page

    def pack(self) -> bytes:
        """The payload of a record of a run."""
        where = json.dumps([self.volume, self.page], ensure_ascii=False).encode("utf-8", "replace")
        return _HEAD.pack(self.place, self.votes, self.n_citations) + where + b"\n" + self.said

    @classmethod
    def unpack(cls, payload: bytes) -> Spelling:
        """What `pack` gave."""
        where, _, said = payload[_HEAD.size :].partition(b"\n")
        return cls(said, *_HEAD.unpack_from(payload), *json.loads(where))

    @property
    def identifier(self) -> str:
        """The id of the record."""
        return self.said[2:18].decode()

    def reference(self) -> Reference:
        """The record that was read."""
        identifier, title, authors, year, venue, doi, abstract = json.loads(self.said)
        return Reference(
            identifier, title, tuple(authors), year, venue, doi, abstract, self.n_citations, self.volume, self.page
        )


def spelling(reference: Reference, place: int) -> Spelling:
    """A mention of a work."""
    fields = [
        reference.id, reference.title, reference.authors, reference.year, reference.venue, reference.doi, reference.abstract,
    ]  # fmt: skip
    said = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Spelling(said, place, 1, reference.n_citations, reference.volume, reference.page)


def united(payloads: Iterable[bytes]) -> list[Spelling]:
    """Packed spellings in the order of their places, those that say the same as one."""
    found: dict[bytes, Spelling] = {}
    for payload in payloads:
        one = Spelling.unpack(payload)
        if one.said in found:
            found[one.said].add(one)
        else:
            found[one.said] = one
    return list(found.values())


def shares(root: str | Path) -> tuple[Share, ...]:
    """The units of an input, small ones that follow each other together: what they are depends on the input alone."""
    found: list[list[Unit]] = []
    size = 0
    for unit in archives.plan(root):
        own = sum(item.size for item in unit.inputs if isinstance(item, Input)) // unit.parts
        if not found or size + own > PART_BYTES:
            found.append([])
            size = 0
        found[-1].append(unit)
        size += own
    return tuple(map(tuple, found))


def items(share: Share, tell: Callable[[str], None] | None = None) -> Iterator[Reference | Drop]:
    """The works that the files of a share name. `tell` is called with the name of each archive or folder."""
    for unit in share:
        if tell is not None and unit.part == 0:
            packed = [item for item in unit.inputs if isinstance(item, Input) and item.is_archive]
            for name in dict.fromkeys(item.where.partition("/")[0] for item in packed or unit.inputs[:1]):
                tell(name)
        turns = Turns(unit)
        for entry in (entry for item in unit.inputs for entry in _entries(item)):
            if isinstance(entry, Drop):
                if unit.part == 0:
                    yield entry
            elif turns.mine(entry.size or archives.TURN_BYTES):
                raw = entry.read()
                yield from [raw] if isinstance(raw, Drop) else references_in(raw)


def _entries(item: Input | Drop) -> Iterable[archives.Entry | Drop]:
    return [item] if isinstance(item, Drop) else archives.entries(item)


@dataclass(frozen=True, slots=True)
class ReadShare:
    """Task `rank`: the mentions of one share of the input, into its folder below `output`. `tell` is as for `items`."""

    shares: Sequence[Share]
    output: Path
    budget_bytes: int
    tell: Callable[[str], None] | None = None

    def folder(self, rank: int) -> Path:
        """Where the mentions of a share lie."""
        return self.output / f"{rank:06d}"

    def __call__(self, rank: int) -> None:
        if not self.folder(rank).exists():
            found = items(self.shares[rank], self.tell)
            write_share(found, rank, self.folder(rank), self.budget_bytes)


def write_share(found: Iterable[Reference | Drop], rank: int, target: Path, budget_bytes: int) -> None:
    """Fill the folder of share `rank` from what its files name, junk refused."""
    drops, n_mentions = Counter[str](), 0
    with files.new_folder(target) as folder:
        table = _Table(folder, budget_bytes)
        for item in found:
            reason = item.reason if isinstance(item, Drop) else junk(item)
            if reason is not None:
                drops[reason] += 1
            elif isinstance(item, Reference):
                table.add(key_hash(item.title, item.surname), spelling(item, rank << 40 | n_mentions))
                n_mentions += 1
        table.write()
        report = {"mentions": n_mentions, "bytes": table.n_bytes, "dropped": drops}
        files.write_file(folder / REPORT, json.dumps(report, ensure_ascii=False))


class _Table:
    """Spellings by what they say, written as a run whenever they fill the budget. `n_bytes` is the size of those written."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder, self._budget_bytes = folder, budget_bytes
        self._found: dict[bytes, tuple[int, Spelling]] = {}
        self._held = self._n_runs = self.n_bytes = 0

    def add(self, key: int, one: Spelling) -> None:
        if one.said in self._found:
            self._found[one.said][1].add(one)
            return
        self._found[one.said] = key, one
        self._held += len(one.said) + _SPELLING_BYTES
        if self._held >= self._budget_bytes:
            self.write()

    def write(self) -> None:
        if self._found:
            rows = sorted(self._found.values(), key=lambda row: (row[0], row[1].place))
            runs.write(self._folder / f"{SPELLINGS}-{self._n_runs}.run", ((key, one.pack()) for key, one in rows))
        self.n_bytes += sum(map(len, self._found))
        self._found.clear()
        self._held, self._n_runs = 0, self._n_runs + 1


def reports(folders: Iterable[Path]) -> dict[str, Any]:
    """The counts of several shares as one."""
    total: dict[str, Any] = {"mentions": 0, "bytes": 0, "dropped": Counter()}
    for folder in folders:
        report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        total["mentions"] += report["mentions"]
        total["bytes"] += report["bytes"]
        total["dropped"].update(report["dropped"])
    return total
