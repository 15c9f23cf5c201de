"""Bytes in and out: streams of raw files out of folders and archives under limits, writes that are whole or absent."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from galactica.errors import BadData
from galactica.types import Drop

MAX_FILE_BYTES = 256 * 2**20
"""A raw file larger than this is not read into memory; it becomes a Drop."""

_COMPRESSED = (".gz", ".bz2", ".xz")
_DAMAGED = (tarfile.TarError, lzma.LZMAError, gzip.BadGzipFile, EOFError, OSError, zlib.error, ValueError, TypeError)
"""What the standard library raises for damaged archives; TypeError is its answer to a gzip header cut short."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of a corpus folder: `where` is "archive.tar.xz/inner/name.xml" or "folder/name.xml", relative to the folder."""

    where: str
    data: bytes

    @property
    def name(self) -> str:
        """The last part of the path, lower case."""
        return PurePosixPath(self.where).name.lower()


def walk(root: Path, max_bytes: int = MAX_FILE_BYTES) -> Iterator[RawFile | Drop]:
    """Every regular file under `root` (a folder or one file), in sorted order; `.tar*` archives are streamed and never
    unpacked to disk, `.gz .bz2 .xz` files are decompressed. Links, unsafe paths, oversized and damaged files are Drops."""
    if not root.exists():
        raise BadData(f"{str(root)!r} does not exist. Give a folder of raw files or archives.")
    paths = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    base = root.parent if root.is_file() else root
    for path in paths:
        where = path.relative_to(base).as_posix()
        if path.is_symlink():
            yield Drop(where, "files", "symbolic link")
            continue
        try:
            if _is_tar(path.name):
                yield from _walk_tar(path, where, max_bytes)
            else:
                yield _read_file(path, where, max_bytes)
        except _DAMAGED as error:
            yield Drop(where, "files", f"damaged or unreadable: {error}")


def _is_tar(name: str) -> bool:
    return name.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))


def _read_file(path: Path, where: str, max_bytes: int) -> RawFile | Drop:
    with _open(path) as stream:
        data = stream.read(max_bytes + 1)
    if len(data) > max_bytes:
        return Drop(where, "files", f"larger than {max_bytes} bytes")
    return RawFile(where.removesuffix(path.suffix) if path.suffix in _COMPRESSED else where, data)


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix == ".bz2":
        return bz2.open(path, "rb")
    if path.suffix == ".xz":
        return lzma.open(path, "rb")
    return path.open("rb")


def _walk_tar(path: Path, where: str, max_bytes: int) -> Iterator[RawFile | Drop]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            inner = f"{where}/{member.name}"
            if member.isdir():
                continue
            if not member.isfile():
                yield Drop(inner, "files", "link or device in an archive")
            elif member.name.startswith(("/", "\\")) or ".." in PurePosixPath(member.name).parts:
                yield Drop(inner, "files", "unsafe path in an archive")
            elif member.size > max_bytes:
                yield Drop(inner, "files", f"larger than {max_bytes} bytes")
            else:
                stream = archive.extractfile(member)
                assert stream is not None  # a regular member always has a stream
                yield RawFile(inner, stream.read())


def sha256(path: Path) -> str:
    """Hex digest of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_file(path: Path, data: bytes | str) -> None:
    """Write beside and rename: a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data.encode() if isinstance(data, str) else data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, put at `path` (in place of what stood there) only when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    old = None
    try:
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent)) / path.name
            path.rename(old)
        temporary.rename(path)
    except BaseException:
        if old is not None and old.exists() and not path.exists():
            old.rename(path)
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        if old is not None and path.exists():
            shutil.rmtree(old.parent, ignore_errors=True)
