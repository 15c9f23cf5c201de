"""A unit of the input read: raw files -> Documents and Drops. What the units are, `archives.plan` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from galactica import archives
from galactica.archives import Entry, Turns, Unit
from galactica.corpus import packages
from galactica.corpus.source import PackageSource, Source
from galactica.corpus.split import RecordTooLong
from galactica.files import RawFile
from galactica.types import Document, Drop

_SPLIT_OVER = 4 * 2**20
_NESTED_BYTES = 2**18
"""What an archive in an archive counts as, its size being unknown before it is read: the size of a paper's source."""
_NO_READER = "no source reads this kind of file"

Reader = Source | PackageSource
Items = Iterator[Document | Drop]


class UnitReader:
    """Reads one unit. `caps` (source -> documents) ends the reading of a source early; the drop says so once."""

    def __init__(self, unit: Unit, sources: tuple[Reader, ...], caps: Mapping[str, int]) -> None:
        self._unit = unit
        self._sources = [source for source in sources if isinstance(source, Source)]
        self._package_sources = [source for source in sources if isinstance(source, PackageSource)]
        self._endings = frozenset(ending for source in self._package_sources for ending in source.endings)
        self._caps = caps
        self._counts: dict[str, int] = {}
        self._turns = Turns(unit)
        self._n_gathered = 0
        """Bytes gathered of the container at hand."""
        self._archive, self._container, self._is_owner = "", "", unit.part == 0

    def read(self) -> Items:
        """Documents and Drops, in the order of the input."""
        gathered: dict[str, list[RawFile]] = {}
        for item in self._unit.inputs:
            if isinstance(item, Drop):
                if self._unit.part == 0:
                    yield item
                continue
            self._archive = f"{item.where}/"
            for entry in archives.entries(item):
                if isinstance(entry, Drop):
                    if self._unit.part == 0:
                        yield entry
                    continue
                yield from self._entry(entry, gathered)
            if item.is_archive:
                yield from self._flush(gathered)
        yield from self._flush(gathered)

    def _entry(self, entry: Entry, gathered: dict[str, list[RawFile]]) -> Items:
        try:
            head = entry.head
        except archives.DAMAGED as error:
            yield from self._once(archives.damaged(entry.where, error))
            return
        source = next((source for source in self._sources if source.claims(entry.where, head)), None)
        if source is None:
            yield from self._beside(entry, gathered)
        elif source.split is not None and (entry.size is None or entry.size > _SPLIT_OVER):
            yield from self._pieces(source, entry)
        elif self._turns.mine(entry.size or archives.TURN_BYTES):
            yield from self._whole(source, entry)

    def _whole(self, source: Source, entry: Entry) -> Items:
        if self._is_full(source.name):
            return
        raw = entry.read()
        yield from self._counted(source, raw) if isinstance(raw, RawFile) else [raw]

    def _pieces(self, source: Source, entry: Entry) -> Items:
        assert source.split is not None  # the caller looked
        if source.joins and self._unit.part:
            return
        try:
            for piece in source.split(entry.stream()):
                if self._is_full(source.name):
                    return
                if source.joins or self._turns.mine(archives.TURN_BYTES):
                    yield from self._counted(source, RawFile(entry.where, piece))
        except RecordTooLong as error:
            yield from self._once(Drop(entry.where, source.name, str(error)))
        except archives.DAMAGED as error:
            yield from self._once(archives.damaged(entry.where, error))

    def _beside(self, entry: Entry, gathered: dict[str, list[RawFile]]) -> Items:
        """A file that no source reads alone: it may belong to a package."""
        if not self._owns(entry.container):
            return
        if not packages.is_gathered(entry.where, self._endings):
            yield Drop(entry.where, "files", _NO_READER)
            return
        raw = entry.read(packages.MAX_PACKAGE_BYTES)
        if isinstance(raw, Drop):
            yield raw
            return
        if entry.container not in gathered:
            yield from self._flush(gathered)  # containers in an archive follow each other
            self._n_gathered = 0
        gathered.setdefault(entry.container, []).append(raw)
        self._n_gathered += len(raw.data)
        if self._n_gathered > packages.MAX_PACKAGE_BYTES:
            yield from self._flush(gathered)

    def _flush(self, gathered: dict[str, list[RawFile]]) -> Items:
        for container, files in gathered.items():
            for package in packages.packages(container, files):
                source = next((source for source in self._package_sources if source.claims(package)), None)
                if source is None:
                    yield Drop(package.where, "files", "no source reads this kind of package")
                elif not self._is_full(source.name):
                    yield from self._counted(source, package)
        gathered.clear()

    def _counted(self, source: Reader, raw: object) -> Items:
        """An outer edge: a reader that fails on one file costs that file, with its reason, and not the corpus."""
        where = getattr(raw, "where", "")
        try:
            for item in source.read(raw):  # type: ignore[arg-type]  # a Source reads files, a PackageSource packages
                self._counts[source.name] = self._counts.get(source.name, 0) + isinstance(item, Document)
                yield item
                if self._is_full(source.name):
                    return
        except Exception as error:
            yield Drop(where, source.name, f"the reader failed: {type(error).__name__}")

    def _owns(self, container: str) -> bool:
        """Whether this part gathers the container's files: the first part does, but archives in an archive are dealt in turn."""
        if container != self._container:
            is_nested = container.startswith(self._archive)
            self._container = container
            self._is_owner = self._turns.mine(_NESTED_BYTES) if is_nested else self._unit.part == 0
        return self._is_owner

    def _is_full(self, name: str) -> bool:
        return self._counts.get(name, 0) >= self._caps.get(name, 1 << 62)

    def _once(self, drop: Drop) -> Items:
        if self._unit.part == 0:
            yield drop
