""".7z archives as streams: what is held of one is its header and the window of its compression, whatever the size of a member.

py7zr reads the header; the data are decompressed here, because its own reader holds as much of a member as memory allows. Read are
LZMA, LZMA2, BZip2 and stored data, alone: what 7-Zip makes of text, and the Stack Exchange data dump is made of.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, Protocol

from galactica.errors import missing_extra

MAX_WINDOW = 512 * 2**20
"""A larger window of compression is refused: it is memory that the archive asks for."""
_BLOCK = 1 << 18
_LZMA, _LZMA2, _BZIP2, _STORED = b"\x03\x01\x01", b"\x21", b"\x04\x02\x02", b"\x00"


class BadSevenZip(ValueError):
    """A damaged or hostile archive."""


class Encrypted(ValueError):
    """An archive that asks for a password."""


class Unsupported(ValueError):
    """An archive, or a part of one, compressed by a method that is not read."""


class Member(NamedTuple):
    """A file of an archive. Its stream is read, or left, before the next member is asked for; it raises BadSevenZip where the data
    are damaged, Unsupported where they cannot be decompressed."""

    name: str
    size: int
    is_link: bool
    stream: IO[bytes]


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def members(archive: IO[bytes]) -> Iterator[Member]:
    """The files of an archive that can seek, in its order, without folders. Raises MissingExtra without py7zr, BadSevenZip,
    Encrypted."""
    opened = _opened(archive)
    streams = opened.header.main_streams
    start = opened.afterheader + (streams.packinfo.packpos if streams is not None else 0)
    folders = list(streams.unpackinfo.folders) if streams is not None else []
    places = {id(folder): number for number, folder in enumerate(folders)}
    pack = _Pack(archive, start, folders, list(streams.packinfo.packpositions) if streams is not None else [])
    folder, block = -1, _Block(None, BadSevenZip("no data"))
    for file in opened.files:
        if file.is_directory:
            continue
        name, is_link = str(file.filename), bool(file.is_symlink or file.is_junction or file.is_socket)
        if file.emptystream:
            yield Member(name, 0, is_link, io.BytesIO())
            continue
        if (number := places.get(id(file.folder), -1)) != folder:
            folder, block = number, pack.block(number)
        stream = _MemberStream(block, int(file.uncompressed), file.crc32)
        yield Member(name, int(file.uncompressed), is_link, io.BufferedReader(stream, _BLOCK))
        block.skip(stream.n_left)
        stream.n_left = 0


def _opened(archive: IO[bytes]) -> Any:
    """The header of an archive, as py7zr gives it."""
    py7zr = require()
    try:
        opened = py7zr.SevenZipFile(archive)
    except py7zr.PasswordRequired:
        raise Encrypted("encrypted") from None
    except Exception as error:  # a parser of hostile bytes that raises whatever it stumbles over
        raise BadSevenZip(f"no header of an archive: {type(error).__name__}") from None
    if opened.password_protected:
        raise Encrypted("encrypted")
    return opened


def require() -> Any:
    """py7zr. Raises MissingExtra where it is not installed."""
    try:
        import py7zr
    except ImportError:
        raise missing_extra("py7zr", "7z") from None
    return py7zr


class _Pack:
    """The compressed blocks of an archive."""

    def __init__(self, archive: IO[bytes], start: int, folders: list[Any], positions: list[int]) -> None:
        self._archive, self._start, self._folders, self._positions = archive, start, folders, positions

    def block(self, number: int) -> _Block:
        """The decompressed stream of a block, or one that only raises."""
        if number < 0 or len(self._positions) != len(self._folders) + 1:
            return _Block(None, Unsupported("blocks of several streams"))
        try:
            decompressor = _decompressor(self._folders[number].coders)
        except ValueError as error:
            return _Block(None, error)
        position, end = self._positions[number : number + 2]
        return _Block(_Slice(self._archive, self._start + position, end - position), decompressor)


def _decompressor(coders: list[dict[str, Any]]) -> _Decompressor:
    """Raises Unsupported, BadSevenZip."""
    if len(coders) != 1:
        raise Unsupported("several methods one after the other")
    method, properties = coders[0]["method"], bytes(coders[0].get("properties") or b"")
    if method == _STORED:
        return _Stored()
    if method == _BZIP2:
        return bz2.BZ2Decompressor()
    if method == _LZMA2 and len(properties) == 1 and properties[0] <= 40:
        bits = properties[0]
        window = 2**32 - 1 if bits == 40 else (2 | bits & 1) << (bits // 2 + 11)
        filters: dict[str, Any] = {"id": lzma.FILTER_LZMA2, "dict_size": window}
    elif method == _LZMA and len(properties) == 5 and properties[0] < 225:
        rest, lc = divmod(properties[0], 9)
        pb, lp = divmod(rest, 5)
        window = int.from_bytes(properties[1:], "little")
        filters = {"id": lzma.FILTER_LZMA1, "dict_size": max(window, 4096), "lc": lc, "lp": lp, "pb": pb}
    else:
        raise Unsupported("a method that is not read")
    if window > MAX_WINDOW:
        raise Unsupported(f"a window of more than {MAX_WINDOW} bytes")
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters])
    except (lzma.LZMAError, ValueError):
        raise BadSevenZip("a method with wrong properties") from None


class _Stored:
    """Data as they are."""

    eof, needs_input = False, True

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return data


class _Slice:
    """A stretch of the archive."""

    def __init__(self, archive: IO[bytes], position: int, n_left: int) -> None:
        self._archive, self._position, self._n_left = archive, position, n_left

    def read(self) -> bytes:
        """The next bytes; none at the end."""
        self._archive.seek(self._position)
        data = self._archive.read(min(_BLOCK, self._n_left))
        self._position += len(data)
        self._n_left -= len(data)
        return data


class _Block:
    """The decompressed stream that several members share. Without a slice, reading it raises what it was given."""

    def __init__(self, packed: _Slice | None, decompressor: _Decompressor | ValueError) -> None:
        self._packed, self._decompressor = packed, decompressor
        self._owed = 0
        self._held = b""

    def skip(self, n_bytes: int) -> None:
        """Passes over bytes, when the next ones are read: nothing is decompressed for members that nobody reads."""
        self._owed += n_bytes

    def read(self, n_bytes: int) -> bytes:
        """Some of the next bytes, at most `n_bytes`."""
        while self._owed:
            self._owed -= len(self._some(self._owed))
        return self._some(n_bytes)

    def _some(self, n_bytes: int) -> bytes:
        if not self._held:
            self._held = self._next()
        data, self._held = self._held[:n_bytes], self._held[n_bytes:]
        return data

    def _next(self) -> bytes:
        decompressor = self._decompressor
        if isinstance(decompressor, ValueError):
            raise decompressor
        assert self._packed is not None  # a block with a decompressor has its data
        try:
            while True:
                packed = self._packed.read() if decompressor.needs_input else b""
                if decompressor.eof or (decompressor.needs_input and not packed):
                    raise BadSevenZip("cut short")
                if data := decompressor.decompress(packed, _BLOCK):
                    return data
        except (lzma.LZMAError, EOFError, OSError) as error:
            raise BadSevenZip(f"wrong data: {type(error).__name__}") from None


class _MemberStream(io.RawIOBase):
    """One member of a block, checked against its checksum at its end."""

    def __init__(self, block: _Block, n_left: int, checksum: int | None) -> None:
        self._block, self._checksum = block, checksum
        self._sum = 0
        self.n_left = n_left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.n_left:
            return 0
        data = self._block.read(min(len(buffer), self.n_left))
        self.n_left -= len(data)
        self._sum = zlib.crc32(data, self._sum)
        if not self.n_left and self._checksum is not None and self._sum != self._checksum:
            raise BadSevenZip("wrong checksum")
        buffer[: len(data)] = data
        return len(data)
