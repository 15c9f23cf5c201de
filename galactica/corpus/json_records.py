"""What web services answer, kept as files: a page with its records in a list, pages or records a line, or one record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from galactica.corpus.split import MAX_RECORD_BYTES, RecordTooLong, lines

_OPENS_ON_ITS_OWN = re.compile(rb"\s*[\[{]\s*\n")


def json_records(data: bytes, *lists: str) -> Iterator[Any]:
    """The records, those of a page from the first of the fields `lists` that it has; None for each line that is not JSON."""
    pieces = [data] if _OPENS_ON_ITS_OWN.match(data) else data.split(b"\n")
    for piece in pieces:
        if not piece.strip():
            continue
        try:
            value = json.loads(piece.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            yield None
            continue
        page = next((value[name] for name in lists if name in value), value) if isinstance(value, dict) else value
        yield from page if isinstance(page, list) else [page]


def split_json(stream: IO[bytes]) -> Iterator[bytes]:
    """JSON lines some 2 MB at a time; a file that is one value on many lines, as a whole."""
    first = stream.readline(MAX_RECORD_BYTES)
    if _OPENS_ON_ITS_OWN.match(first):
        whole = first + stream.read(MAX_RECORD_BYTES + 1)
        if len(whole) > MAX_RECORD_BYTES:
            raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")
        yield whole
        return
    if len(first) == MAX_RECORD_BYTES:
        raise RecordTooLong(f"a line is longer than {MAX_RECORD_BYTES} bytes")
    yield first
    yield from lines(stream)


def text_field(record: Any, *names: str) -> str:
    """The first of these fields that holds text or a whole number, as text; the first item of one that holds a list."""
    for name in names:
        value = record.get(name) if isinstance(record, dict) else None
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value.strip():
            return value.strip()
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def list_field(record: Any, name: str) -> list[Any]:
    """The field where it is a list, else an empty one."""
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, list) else []


def dict_field(record: Any, *names: str) -> dict[str, Any]:
    """The dictionary that the fields lead to one inside the other, else an empty one."""
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}
