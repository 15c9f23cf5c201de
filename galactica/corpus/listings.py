"""How a place tells which files it has: by a fixed address, on a page, in a list of checksums, of paths, or in JSON.

Listings are hostile: what they name is checked before it becomes a file (`checked_name`), their addresses before they are asked.
"""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote, urljoin, urlsplit

from galactica.corpus.downloads import FetchFailed
from galactica.corpus.partial import Checksum, parse_checksum

MAX_LISTING_BYTES = 256 * 2**20
"""Of a compressed listing, when it is unpacked."""
MAX_PAGES = 10_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+,=@()~-]{0,199}")
_CHECKSUM_LINE = re.compile(
    r"(?:[A-Z0-9-]+ ?\((?P<bsd>[^)]+)\) ?= ?)?(?P<digest>[0-9a-fA-F]{32,64})(?:[ \t]+\*?(?P<name>\S+))?"
)

Ask = Callable[[str], bytes]
"""Gives the bytes of a page."""


class BadListing(FetchFailed):
    """A listing that cannot be read, or that names what must not become a file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a place: its address, the name it gets, and its checksum or the page that states it, where there is one."""

    url: str
    name: str
    checksum: Checksum | None = None
    checksum_kind: str = ""
    checksum_url: str = ""


class Listing(Protocol):
    """A part of a place. `files(ask)` gives its files in their order, and asks for pages only when they are come to."""

    def files(self, ask: Ask) -> Iterator[Wanted]:
        """The files."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """One file: its `url`, its `name` (the last part of the address where left out), and its checksum file with the ending
    ".md5", ".sha1" or ".sha256" added."""

    url: str
    name: str = ""
    checksum_ending: str = ""

    def files(self, ask: Ask) -> Iterator[Wanted]:
        yield _wanted(self.url, self.name, self.checksum_ending)


@dataclass(frozen=True, slots=True)
class Links:
    """The files that a page names: each match of `pattern` in its text is put for `{}` into `target` and `name`.

    `url` may hold `{cursor}`, `first` to begin with: the next is what `following` finds on the page, or `step` more.
    """

    url: str
    pattern: str
    target: str = "{}"
    name: str = ""
    checksum_ending: str = ""
    first: str = ""
    following: str = ""
    step: int = 0

    def files(self, ask: Ask) -> Iterator[Wanted]:
        cursor, seen = self.first, set[str]()
        for _ in range(MAX_PAGES):
            url = self.url.replace("{cursor}", quote(cursor, safe=""))
            text = ask(url).decode("utf-8", "replace")
            n_before = len(seen)
            for found in re.finditer(self.pattern, text):
                label = html.unescape(found[1])
                if label in seen:
                    continue
                seen.add(label)
                address = urljoin(url, self.target.replace("{}", quote(label, safe="/")))
                name = self.name.replace("{}", label.replace("/", "_")) if self.name else ""
                yield _wanted(address, name, self.checksum_ending)
            last, cursor = cursor, self._next(cursor, text)
            if not cursor or cursor == last or len(seen) == n_before:
                return

    def _next(self, cursor: str, text: str) -> str:
        if self.step:
            return str(int(cursor) + self.step)
        found = re.search(self.following, text) if self.following else None
        return html.unescape(found[1]) if found else ""


@dataclass(frozen=True, slots=True)
class Sums:
    """The files in a list of checksums whose whole name matches `pattern`; `{name}` and named groups are put into `target`."""

    url: str
    kind: str
    pattern: str
    target: str

    def files(self, ask: Ask) -> Iterator[Wanted]:
        for name, digest in checksum_lines(ask(self.url)):
            found = re.fullmatch(self.pattern, name)
            if found is None:
                continue
            checksum = parse_checksum(self.kind, digest)
            if checksum is None:
                raise BadListing(
                    f"{self.url} has no {self.kind} for {name!r}. Try again later; nothing was fetched for it."
                )
            yield Wanted(self.target.format(name=quote(name), **found.groupdict()), name, checksum)


@dataclass(frozen=True, slots=True)
class Paths:
    """The lines of a gzip file of paths, each below `base`."""

    url: str
    base: str

    def files(self, ask: Ask) -> Iterator[Wanted]:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            text = unpacker.decompress(ask(self.url), MAX_LISTING_BYTES)
        except zlib.error:
            raise BadListing(f"{self.url} is not the gzip file that it should be. Try again later.") from None
        for line in text.decode("utf-8", "replace").splitlines():
            if path := line.strip():
                yield _wanted(f"{self.base}{quote(path)}", "", "")


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a JSON page: `items` leads to their list; items are addresses, or objects with fields `name`, `address` (or
    the name put into `target`) and `checksum`, whose kind is `kind` unless it says so ("md5:..."). Dots lead into objects."""

    url: str
    items: str
    name: str = ""
    pattern: str = ".+"
    address: str = ""
    target: str = ""
    checksum: str = ""
    kind: str = "md5"

    def files(self, ask: Ask) -> Iterator[Wanted]:
        try:
            found = _field(json.loads(ask(self.url)), self.items)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list):
            raise BadListing(f"{self.url} is not the JSON that it should be: no list {self.items!r}. Try again later.")
        for item in found:
            address = item if isinstance(item, str) else _text(item, self.address)
            name = _text(item, self.name) or _last_part(address)
            if not re.fullmatch(self.pattern, name):
                continue
            kind, _, digest = _text(item, self.checksum).rpartition(":")
            yield Wanted(
                address or self.target.replace("{}", quote(name)), name, parse_checksum(kind or self.kind, digest)
            )


@dataclass(frozen=True, slots=True)
class Numbered:
    """The pages of an API as files: `{}` in `url` counts from `first` in steps, in `name` from 1."""

    url: str
    name: str
    first: int = 0
    step: int = 1

    def files(self, ask: Ask) -> Iterator[Wanted]:
        for number in range(MAX_PAGES):
            page = str(self.first + number * self.step)
            yield Wanted(self.url.replace("{}", page), self.name.replace("{}", f"{number + 1:05}"))


def checked_name(name: str) -> str:
    """The name, where it is a plain file name of letters, digits and a few signs; else raises BadListing."""
    if _NAME.fullmatch(name) is None or name.endswith((".part", ".part.origin")):
        raise BadListing(
            f"the listing names {name[:100]!r}, which is not a plain file name. Nothing was written for it."
        )
    return name


def checksum_lines(page: bytes) -> Iterator[tuple[str, str]]:
    """Names and digests of a checksum file, GNU's form or BSD's; the name is "" where a line is a digest alone."""
    for line in page.decode("utf-8", "replace").splitlines():
        if len(line) < 1000 and (found := _CHECKSUM_LINE.fullmatch(line.strip())):
            yield found["bsd"] or found["name"] or "", found["digest"]


def stated_checksum(wanted: Wanted, ask: Ask) -> Checksum | None:
    """The checksum of a file, asked for where a page states it; None where its place states none."""
    if not wanted.checksum_url:
        return wanted.checksum
    for name, digest in checksum_lines(ask(wanted.checksum_url)):
        if name.rpartition("/")[2] in ("", _last_part(wanted.url)) and (
            found := parse_checksum(wanted.checksum_kind, digest)
        ):
            return found
    raise BadListing(f"{wanted.checksum_url} states no {wanted.checksum_kind} of {wanted.name}. Try again later.")


def _wanted(url: str, name: str, checksum_ending: str) -> Wanted:
    checksum_url = f"{url}{checksum_ending}" if checksum_ending else ""
    return Wanted(url, name or _last_part(url), None, checksum_ending.lstrip("."), checksum_url)


def _last_part(url: str) -> str:
    try:
        return unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""


def _field(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(item: Any, path: str) -> str:
    value = _field(item, path) if path else ""
    return value if isinstance(value, str) else ""
