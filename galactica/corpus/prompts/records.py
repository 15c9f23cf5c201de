"""Records out of the files of a data set, and their fields: what is missing or of another kind is `Malformed`."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

from galactica.corpus.papers import clean
from galactica.errors import BadData
from galactica.files import RawFile


class Malformed(BadData):
    """A record, or a whole file, that is not of the data set's format: its text is the reason of the drop."""


def json_lines(file: RawFile) -> Iterator[Any]:
    """The value of each line; a Malformed where it is not JSON."""
    for line in file.data.split(b"\n"):
        if line.strip():
            try:
                yield json_value(line)
            except Malformed as error:
                yield error


def json_list(file: RawFile) -> Iterator[Any]:
    """The items of a file that is one JSON array, or its lines where it is JSON lines."""
    if file.data.lstrip()[:1] == b"{":
        yield from json_lines(file)
    else:
        yield from items(json_value(file.data))


def json_value(data: bytes) -> Any:
    """The JSON value. Raises Malformed for anything else."""
    try:
        return json.loads(data.decode("utf-8", "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None


def csv_rows(file: RawFile) -> Iterator[dict[str, str] | Malformed]:
    """The rows of a table under the names of its first row; the second column of a name is "name.1". Fields are bounded by the
    csv module's own limit (128 kB)."""
    rows = csv.reader(io.StringIO(file.data.decode("utf-8-sig", "replace").replace("\0", ""), newline=""))
    names: list[str] = []
    try:
        for row in rows:
            if not row:
                continue
            if not names:
                for name in (cell.strip() for cell in row):
                    names.append(f"{name}.1" if name in names else name)
            elif len(row) > len(names):
                yield Malformed("more columns than the table has names")
            else:
                yield dict(zip(names, row, strict=False))
    except csv.Error:
        yield Malformed("not a table")


def field(tree: Any, *path: str | int) -> Any:
    """What lies at `path` below a JSON value. Raises Malformed where there is nothing."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(tree, dict) or step not in tree:
                raise Malformed(f"no {step}")
        elif not isinstance(tree, list) or step >= len(tree):
            raise Malformed("fewer items than the format has")
        tree = tree[step]
    return tree


def items(tree: Any, *path: str | int) -> list[Any]:
    """The list at `path`. Raises Malformed where there is none."""
    found = field(tree, *path)
    if not isinstance(found, list):
        raise Malformed("no list where the format has one")
    return found


def entries(tree: Any, *path: str | int) -> dict[str, Any]:
    """The object at `path`. Raises Malformed where there is none."""
    found = field(tree, *path)
    if not isinstance(found, dict):
        raise Malformed("no object where the format has one")
    return found


def text(tree: Any, *path: str | int) -> str:
    """The text at `path`, not empty, its paragraphs kept. Raises Malformed where there is none."""
    found = field(tree, *path)
    lines = [" ".join(line.split()) for line in _whole(found).split("\n")] if isinstance(found, str) else []
    if not any(lines):
        raise Malformed(f"no {next((step for step in reversed(path) if isinstance(step, str)), 'text')}")
    return "\n".join(lines).strip()


def line(tree: Any, *path: str | int) -> str:
    """The text at `path` on one line. Raises Malformed where there is none."""
    return " ".join(text(tree, *path).split())


def optional_text(tree: Any, *path: str | int) -> str:
    """The text at `path`, or "" where there is none."""
    try:
        return text(tree, *path)
    except Malformed:
        return ""


def label(tree: Any, *path: str | int) -> str:
    """An identifier at `path`, a text or a whole number, or "" where there is none."""
    try:
        found = field(tree, *path)
    except Malformed:
        return ""
    return " ".join(_whole(str(found)).split()) if isinstance(found, str | int) else ""


def digest(*parts: str) -> str:
    """A key for a record that has none of its own: 16 hex digits of its text."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _whole(found: str) -> str:
    """The text without control characters and half surrogate pairs, which JSON can spell and UTF-8 cannot."""
    return found if found.isascii() else clean(found.encode("utf-8", "ignore").decode("utf-8"))
