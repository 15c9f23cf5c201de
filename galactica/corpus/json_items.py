"""Large files that hold one JSON array, cut into smaller arrays in bounded memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from galactica.corpus.split import MAX_RECORD_BYTES, PIECE_BYTES, RecordTooLong

_BLOCK = 2**20
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|"', re.DOTALL)


def split_array(stream: IO[bytes]) -> Iterator[bytes]:
    """Arrays of some 2 MB with the file's objects, in order. A file that holds no array gives nothing."""
    items: list[bytes] = []
    size = 0
    for item in _items(stream):
        items.append(item)
        size += len(item)
        if size >= PIECE_BYTES:
            yield b"[" + b",".join(items) + b"]"
            items, size = [], 0
    if items:
        yield b"[" + b",".join(items) + b"]"


def _items(stream: IO[bytes]) -> Iterator[bytes]:
    held = b""
    depth = at = 0
    start = -1  # where in `held` the item begins that is open
    while block := stream.read(_BLOCK):
        held += block
        for match in _TOKEN.finditer(held, at):
            sign = match[0]
            if sign == b'"':  # a string without an end so far
                at = match.start()
                break
            at = match.end()
            if sign in b"{[":
                depth += 1
                start = match.start() if depth == 2 else start
            elif sign in b"}]":
                depth -= 1
                if depth == 1:
                    yield held[start:at]
                    start = -1
        else:
            at = len(held)
        keep = start if start >= 0 else at
        held, at, start = held[keep:], at - keep, 0 if start >= 0 else -1
        if len(held) > MAX_RECORD_BYTES:
            raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")


def load(data: bytes) -> Any:
    """What a JSON file says; None where it is none, or nested deeper than Python reads."""
    try:
        tree = json.loads(data.decode("utf-8-sig", "replace"))
        if _SURROGATE.search(data):  # half a pair, escaped, is text that cannot be written
            tree = json.loads(json.dumps(tree, ensure_ascii=False).encode("utf-8", "replace"))
        return tree
    except (ValueError, RecursionError):
        return None
