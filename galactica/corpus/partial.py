"""The part of a file that has been fetched: its bytes, where they came from, what they must hash to."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit, urlunsplit

_MAGIC = {
    ".gz": b"\x1f\x8b",
    ".tgz": b"\x1f\x8b",
    ".bz2": b"BZh",
    ".xz": b"\xfd7zXZ",
    ".zip": b"PK",
    ".7z": b"7z\xbc\xaf",
}
_HEX_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64}


class Checksum(NamedTuple):
    """What a file must hash to: `kind` is md5, sha1 or sha256, `digest` lower-case hex."""

    kind: str
    digest: str


def parse_checksum(kind: str, digest: str) -> Checksum | None:
    """The checksum, or None where it is not one of its kind."""
    digest = digest.strip().lower()
    is_one = len(digest) == _HEX_DIGITS.get(kind) and re.fullmatch("[0-9a-f]+", digest) is not None
    return Checksum(kind, digest) if is_one else None


class Part:
    """The part of a file that is there: its bytes in NAME.part, and in NAME.part.origin where from and which version."""

    def __init__(self, target: Path, url: str) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._target, self._origin = target, target.with_name(f"{target.name}.part.origin")
        self._furthest = self.size
        self._source = shown(url)  # without the query: signed addresses have another one each time

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def is_same(self) -> bool:
        """Whether they came from this address, whatever its query."""
        return self._lines()[0] == self._source

    @property
    def validator(self) -> str:
        """The ETag or date of their version, "" where the server said none."""
        return self._lines()[1]

    def _lines(self) -> tuple[str, str]:
        if not self._origin.exists():
            return "", ""
        source, _, validator = self._origin.read_text(encoding="utf-8", errors="replace").partition("\n")
        return source, validator.strip()

    def open(self, offset: int, validator: str) -> IO[bytes]:
        """The part to write to from `offset` on; at 0 it begins anew, of the version that `validator` names."""
        if not offset:
            self.path.unlink(missing_ok=True)  # also where it is a link
            self._origin.write_text(f"{self._source}\n{validator}\n", encoding="utf-8")
        return self.path.open("ab")

    def has_grown(self, n_bytes: int) -> bool:
        """Whether so many bytes are more than ever before: one that starts anew each time would be asked for ever."""
        has_grown = n_bytes > self._furthest
        self._furthest = max(self._furthest, n_bytes)
        return has_grown

    def is_of(self, name: str) -> bool:
        """Whether it begins as a file of that name does: a page that says "not now" is no archive."""
        magic = next((magic for ending, magic in _MAGIC.items() if name.endswith(ending)), b"")
        with self.path.open("rb") as stream:
            return stream.read(len(magic)) == magic

    def digest(self, kind: str) -> str:
        """Hex digest of the bytes."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, kind).hexdigest()

    def remove(self) -> None:
        """Forget them."""
        self.path.unlink(missing_ok=True)
        self._origin.unlink(missing_ok=True)

    def finish(self) -> None:
        """Put the file in its place."""
        self.path.replace(self._target)
        self._origin.unlink(missing_ok=True)


def shown(url: str) -> str:
    """The address as messages give it: without query, which may hold a signature, on one line, and short."""
    try:
        address = urlsplit(url)
        text = urlunsplit((address.scheme, address.netloc, address.path, "", ""))
    except ValueError:
        text = url
    return "".join(character for character in text[:300] if character.isprintable())
