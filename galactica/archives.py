"""Raw files out of folders, archives and fsspec URLs, as streams under limits; nothing is unpacked to disk.

Everything read here is hostile: an unsafe path, a link, a damaged or endless stream becomes a Drop, and the rest is read on.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self, cast

import zstandard

from galactica import files, seven_zip
from galactica.errors import BadData
from galactica.files import RawFile
from galactica.types import Drop

MAX_FILE_BYTES = 256 * 2**20
"""A raw file larger than this is not read into memory; it becomes a Drop."""
HEAD_BYTES = 4096
MAX_HEADER_BYTES = 2**20
"""What a tar may announce of a member beside its content: long names, attributes."""
MAX_NAME = 4096
_ANNOUNCING = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip
_MAX_NESTING = 3
_READER = "files"

PART_BYTES = 16 * 2**20
MAX_PARTS = 64
MAX_COMPRESSED_PARTS = 4
"""Each part of a compressed container decompresses the whole of it: more parts would cost more than they share out."""
TURN_BYTES = 2 * 2**20

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_TARS = (".tar", ".tgz", *(f".tar{ending}" for ending in _COMPRESSED))
_ZIPS = (".zip", ".meca")  # the Manuscript Exchange's packages, as bioRxiv gives them
_SEVEN_ZIP = ".7z"
_ARCHIVES = (*_TARS, *_ZIPS, _SEVEN_ZIP)
DAMAGED = (
    tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, gzip.BadGzipFile, zstandard.ZstdError, EOFError, OSError, zlib.error,
    ValueError, TypeError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What damaged archives raise: TypeError for a gzip header cut short, RuntimeError for an encrypted zip, children of ValueError for
all that is wrong with a .7z."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file of an input folder: `path` is its name in its file system, `where` its path below the folder, `size` its bytes as
    stored, `stamp` its time of change or whatever else tells versions apart."""

    fs: Any
    path: str
    where: str
    size: int
    stamp: str

    @property
    def is_archive(self) -> bool:
        """Whether it holds files of its own."""
        return self.where.lower().endswith(_ARCHIVES)

    @property
    def is_compressed(self) -> bool:
        """Whether reading it costs a decompression."""
        return self.is_archive or self.where.lower().endswith(_COMPRESSED)


class Entry:
    """One raw file on its way by: read it, or leave it, before the next is asked for. `container` is the innermost archive or the
    first folder that it lies in ("" for a file at the top); `size` is None where only reading it would tell."""

    __slots__ = ("_head", "_stream", "container", "size", "where")

    def __init__(self, where: str, container: str, stream: IO[bytes], size: int | None) -> None:
        self.where, self.container, self.size = where, container, size
        self._stream = stream
        self._head: bytes | None = None

    @property
    def head(self) -> bytes:
        """The first `HEAD_BYTES` bytes, by which a format is recognised."""
        if self._head is None:
            self._head = self._stream.read(HEAD_BYTES)
        return self._head

    def stream(self) -> IO[bytes]:
        """The whole content from its first byte, once."""
        return cast(IO[bytes], io.BufferedReader(_Joined(self.head, self._stream), 1 << 20))

    def read(self, max_bytes: int = MAX_FILE_BYTES) -> RawFile | Drop:
        """The whole content in memory, or a Drop where it is larger than `max_bytes` or damaged."""
        try:
            data = self.head
            if len(data) == HEAD_BYTES:
                data += self._stream.read(max(0, max_bytes + 1 - HEAD_BYTES))
        except DAMAGED as error:
            return damaged(self.where, error)
        if len(data) > max_bytes:
            return Drop(self.where, _READER, f"larger than {max_bytes} bytes")
        return RawFile(self.where, data)


class _Joined(io.RawIOBase):
    """The bytes that were read ahead, then the rest of the stream."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data) :] if self._head else b""
        buffer[: len(data)] = data
        return len(data)


@dataclass(frozen=True, slots=True)
class Unit:
    """Part `part` of `parts` of the inputs that make one container (an archive, or a folder of the input), or all of small archives
    and compressed files that follow each other. What the units are depends on the listing of the input alone, so that the same
    bytes come out whatever the number of workers."""

    inputs: tuple[Input | Drop, ...]
    part: int
    parts: int


class Turns:
    """Deals what is in a container to its parts, two megabytes at a time in turn."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._bytes = 0

    def mine(self, size: int) -> bool:
        """Whether the next `size` bytes are this unit's to read."""
        turn = self._bytes // TURN_BYTES
        self._bytes += size
        return turn % self._unit.parts == self._unit.part


def plan(root: str | Path) -> list[Unit]:
    """The units of an input folder, in the order of its paths."""
    folders: dict[str, list[Input | Drop]] = {}
    for item in list_inputs(root):
        folder, slash, _ = item.where.partition("/")
        folders.setdefault(folder if slash else "", []).append(item)
    containers: dict[str, list[Input | Drop]] = {}
    for folder, items in folders.items():
        n_bytes = sum(item.size for item in items if isinstance(item, Input) and not item.is_archive)
        for item in items:
            # To deal out the compressed files of a large folder by what they hold, each part would decompress them all.
            is_alone = isinstance(item, Input) and (item.is_archive or (item.is_compressed and n_bytes > PART_BYTES))
            containers.setdefault(item.where if is_alone else folder, []).append(item)
    return [unit for inputs in _joined(containers) for unit in _parts(inputs)]


def _joined(containers: dict[str, list[Input | Drop]]) -> Iterator[tuple[Input | Drop, ...]]:
    """The containers in order, but archives and compressed files that follow each other together up to `PART_BYTES`: a publisher's
    folder may hold a million, a paper each, and a task for each would cost more than its paper."""
    small: list[Input | Drop] = []
    n_bytes = 0
    for name, container in sorted(containers.items()):
        first = container[0]
        size = first.size if isinstance(first, Input) and first.where == name else PART_BYTES
        if small and n_bytes + size > PART_BYTES:
            yield tuple(small)
            small, n_bytes = [], 0
        if size < PART_BYTES:
            small.append(first)
            n_bytes += size
        else:
            yield tuple(container)
    if small:
        yield tuple(small)


def _parts(inputs: tuple[Input | Drop, ...]) -> Iterator[Unit]:
    files = [item for item in inputs if isinstance(item, Input)]
    most = MAX_COMPRESSED_PARTS if any(item.is_compressed for item in files) else MAX_PARTS
    parts = min(most, max(1, -(-sum(item.size for item in files) // PART_BYTES)))
    return (Unit(inputs, part, parts) for part in range(parts))


def damaged(where: str, error: Exception) -> Drop:
    """What becomes of a file whose bytes cannot be read."""
    return Drop(where, _READER, f"damaged or unreadable: {type(error).__name__}")


def list_inputs(root: str | Path) -> list[Input | Drop]:
    """Every file under `root` (a folder, a file, or an fsspec URL of either), sorted by path. Links are Drops.
    Raises BadData where there is nothing, MissingExtra where a .7z is there and nothing that reads it."""
    fs, path = files.file_system(root)
    try:
        found = _listed(fs, path)
    except Exception as error:  # of any network, by any package
        raise BadData(f"{str(root)!r} cannot be listed: {error} ({type(error).__name__}).") from None
    if found is None:
        raise BadData(f"{str(root)!r} does not exist. Give a folder of raw files or archives.")
    if not found:
        raise BadData(f"{str(root)!r} holds no files. Give a folder of raw files or archives.")
    if any(isinstance(item, Input) and item.where.lower().endswith(_SEVEN_ZIP) for item in found):
        seven_zip.require()  # now, not hours later in the middle of a build
    return found


def _listed(fs: Any, path: str) -> list[Input | Drop] | None:
    if not fs.exists(path):
        return None
    if fs.isfile(path):
        return [_input(fs, path, PurePosixPath(path).name, fs.info(path))]
    return list(_below(fs, path))


def _below(fs: Any, path: str) -> Iterator[Input | Drop]:
    base = path.rstrip("/") + "/"
    found = _walked(fs, path) if files.is_local(fs) else fs.find(path, detail=True)
    for name, info in sorted(found.items()):
        where = name.removeprefix(base)
        if info is None:
            yield Drop(where, _READER, "a folder that cannot be listed")
        else:
            yield Drop(where, _READER, "symbolic link") if info.get("islink") else _input(fs, name, where, info)


def _walked(fs: Any, root: str) -> dict[str, dict[str, Any] | None]:
    """As `find`, which passes over a folder that may not be read: here it stands with None."""
    found: dict[str, dict[str, Any] | None] = {}
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            listed = fs.ls(folder, detail=True)
        except OSError:
            found[folder] = None
            continue
        folders += [info["name"] for info in listed if info["type"] == "directory"]
        found |= {info["name"]: info for info in listed if info["type"] != "directory"}
    return found


def _input(fs: Any, path: str, where: str, info: dict[str, Any]) -> Input:
    stamp = str(info.get("mtime") or info.get("ETag") or info.get("LastModified") or "")
    return Input(fs, path, where, int(info.get("size") or 0), stamp)


def entries(item: Input) -> Iterator[Entry | Drop]:
    """The raw files of one input: itself, decompressed where it is compressed, or the members of the archive that it is."""
    container, _, rest = item.where.partition("/")
    try:
        with item.fs.open(item.path, "rb") as stream:
            yield from _open(item.where, container if rest else "", stream, item.size, 0)
    except DAMAGED as error:
        yield damaged(item.where, error)


def walk(root: str | Path, max_bytes: int = MAX_FILE_BYTES) -> Iterator[RawFile | Drop]:
    """Every raw file under `root`, whole; links, unsafe paths, oversized and damaged files are Drops."""
    for item in list_inputs(root):
        if isinstance(item, Drop):
            yield item
            continue
        for entry in entries(item):
            yield entry if isinstance(entry, Drop) else entry.read(max_bytes)


def _open(where: str, container: str, stream: IO[bytes], size: int | None, depth: int) -> Iterator[Entry | Drop]:
    name = where.lower()
    if name.endswith(_ZIPS):
        yield from _walk_zip(where, stream, depth)
    elif name.endswith(_SEVEN_ZIP):
        yield from _walk_seven_zip(where, stream, depth)
    elif name.endswith(_TARS):
        yield from _walk_tar(where, _decompressed(name, stream), depth)
    elif name.endswith(_COMPRESSED):
        entry = Entry(where.rpartition(".")[0], container, _decompressed(name, stream), None)
        if entry.head[257:262] == b"ustar":  # arXiv names an archive of one paper `2101.00001.gz`
            yield from _walk_tar(where, entry.stream(), depth)
        elif b"\\documentclass" in entry.head or b"\\documentstyle" in entry.head:  # ... and so a paper of one file
            entry.where, entry.container = f"{where}/main.tex", where
            yield entry
        else:
            yield entry
    else:
        yield Entry(where, container, stream, size)


def _decompressed(name: str, stream: IO[bytes]) -> IO[bytes]:
    if name.endswith((".gz", ".tgz")):
        return cast(IO[bytes], gzip.GzipFile(fileobj=stream))
    if name.endswith(".bz2"):
        return bz2.BZ2File(stream)
    if name.endswith(".xz"):
        return lzma.LZMAFile(stream)
    if name.endswith(".zst"):
        return cast(IO[bytes], zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))
    return stream


class _Header(tarfile.TarInfo):
    """A header that is refused before tarfile reads what it announces into memory: names and attributes of any length, and the
    maps of sparse files."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type == tarfile.GNUTYPE_SPARSE or (header.type in _ANNOUNCING and header.size > MAX_HEADER_BYTES):
            raise tarfile.ReadError(f"a header of {header.size} bytes")
        return header

    def _proc_gnusparse_10(self, *arguments: object) -> None:
        raise tarfile.ReadError("a sparse file")


def _walk_tar(where: str, stream: IO[bytes], depth: int) -> Iterator[Entry | Drop]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        for member in archive:
            inner = f"{where}/{member.name[:MAX_NAME]}"
            if member.isdir():
                continue
            if not member.isfile():
                yield Drop(inner, _READER, "link or device in an archive")
            elif _is_unsafe(member.name) or len(member.name) > MAX_NAME:
                yield Drop(inner, _READER, "unsafe path in an archive")
            else:
                file = archive.extractfile(member)
                assert file is not None  # a regular member always has a stream
                yield from _member(inner, where, file, member.size, depth)
            archive.members = []  # type: ignore[attr-defined]  # tarfile keeps every header it has read


def _seekable(stream: IO[bytes], depth: int) -> IO[bytes]:
    """The stream, or what it holds in memory: one inside an archive cannot go back, and that of a tar cannot even say so."""
    return stream if depth == 0 and stream.seekable() else io.BytesIO(stream.read(MAX_FILE_BYTES))


def _walk_zip(where: str, stream: IO[bytes], depth: int) -> Iterator[Entry | Drop]:
    with zipfile.ZipFile(_seekable(stream, depth)) as archive:
        for member in archive.infolist():
            inner = f"{where}/{member.filename}"
            if member.is_dir():
                continue
            if _is_unsafe(member.filename):
                yield Drop(inner, _READER, "unsafe path in an archive")
                continue
            try:
                file = archive.open(member)
            except DAMAGED as error:  # encrypted, compressed in a way of its own, or not where the list says
                yield damaged(inner, error)
                continue
            with file:
                yield from _member(inner, where, file, member.file_size, depth)


def _walk_seven_zip(where: str, stream: IO[bytes], depth: int) -> Iterator[Entry | Drop]:
    try:
        for member in seven_zip.members(_seekable(stream, depth)):
            inner = f"{where}/{member.name}"
            if member.is_link:
                yield Drop(inner, _READER, "link or device in an archive")
            elif _is_unsafe(member.name):
                yield Drop(inner, _READER, "unsafe path in an archive")
            else:
                yield from _member(inner, where, member.stream, member.size, depth)
    except seven_zip.Encrypted:
        yield Drop(where, _READER, "an encrypted archive")


def _member(where: str, archive: str, stream: IO[bytes], size: int, depth: int) -> Iterator[Entry | Drop]:
    if where.lower().endswith((*_ARCHIVES, *_COMPRESSED)) and depth >= _MAX_NESTING:
        yield Drop(where, _READER, f"an archive more than {_MAX_NESTING} deep in archives")
        return
    try:
        yield from _open(where, archive, stream, size, depth + 1)
    except DAMAGED as error:
        if depth == 0 and not where.lower().endswith((*_ARCHIVES, *_COMPRESSED)):
            raise  # the archive itself is cut short
        yield damaged(where, error)


def _is_unsafe(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts
