"""Two data sets of JSON lines joined on a key, in bounded memory: what Semantic Scholar gives in halves becomes whole records.

Its API has titles in `papers`, abstracts in `abstracts`, fields of study in `papers` and full texts in `s2orc` (key "corpusid");
S2ORC of 2020 has titles in `metadata` and texts in `pdf_parses` (key "paper_id").
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from galactica import archives, files
from galactica.errors import BadData
from galactica.types import Drop

BUCKET_BYTES = 128 * 2**20
"""Raw bytes of the left data set that are held at a time."""
MAX_BUCKETS = 512
_MAX_LINE = 64 * 2**20
_GROWTH = 8
"""Compressed records grow about so much; a wrong guess costs memory, nothing else."""


def join_lines(left: str | Path, right: str | Path, output: Path, key: str) -> int:
    """The number of records written: those whose `key` is in both data sets (folders, archives or fsspec URLs).

    `output` becomes a folder of zstd JSON lines, whole or absent. A record has the fields of both; of a field in both it keeps
    the left one, and the text of a parse ("body_text") goes whole into a field `pdf_parse`, as S2ORC's own program writes it.
    Raises BadData where a data set is missing or damaged.
    """
    inputs = archives.list_inputs(left)
    size = sum(item.size * (_GROWTH if item.is_compressed else 1) for item in inputs if not isinstance(item, Drop))
    n_buckets = min(MAX_BUCKETS, max(1, -(-size // BUCKET_BYTES)))
    n_records = 0
    with files.new_folder(output) as folder, tempfile.TemporaryDirectory(dir=output.parent, prefix=".join.") as scratch:
        for name, root in (("left", left), ("right", right)):
            _deal(root, Path(scratch) / name, key, n_buckets)
        for bucket in range(n_buckets):
            known, others = (Path(scratch) / name / f"{bucket}.zst" for name in ("left", "right"))
            n_records += _join_bucket(known, others, folder / f"part-{bucket:04}.jsonl.zst", key)
    return n_records


def _deal(root: str | Path, folder: Path, key: str, n_buckets: int) -> None:
    """The lines of a data set dealt to buckets by their key."""
    folder.mkdir()
    pattern = re.compile(rb'"' + re.escape(key.encode()) + rb'"\s*:\s*"?([^",}\s]{1,100})')
    with ExitStack() as stack:
        buckets = [stack.enter_context(_writer(folder / f"{bucket}.zst")) for bucket in range(n_buckets)]
        for line in _lines(root):
            if (match := pattern.search(line)) is not None:
                digest = hashlib.blake2b(match[1], digest_size=4).digest()
                buckets[int.from_bytes(digest) % n_buckets].write(line.rstrip(b"\r\n") + b"\n")


def _lines(root: str | Path) -> Iterator[bytes]:
    for item in archives.list_inputs(root):
        for entry in archives.entries(item) if not isinstance(item, Drop) else ():
            if isinstance(entry, Drop):
                raise BadData(f"{entry.where}: {entry.reason}. Fetch it again, or take it out of {root}.")
            stream = entry.stream()
            try:
                while line := stream.readline(_MAX_LINE):
                    yield line
            except archives.DAMAGED as error:
                raise BadData(f"{entry.where}: damaged ({type(error).__name__}). Fetch it again.") from None


def _join_bucket(left: Path, right: Path, output: Path, key: str) -> int:
    known: dict[str, bytes] = {}
    for line in _read(left):
        if (record := _record(line)) and key in record:
            known[str(record[key])] = line
    n_records = 0
    with _writer(output) as stream:
        for line in _read(right):
            other = _record(line)
            record = _record(known.pop(str(other[key]), b"")) if other and key in other else None
            if other and record:
                stream.write(json.dumps(_merged(record, other), ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                n_records += 1
    return n_records


def _merged(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    joined = {"_joined": True}  # the first field of a line: what tells a reader the form of what follows
    if "body_text" in right:
        return {**joined, **left, "pdf_parse": right}
    if "content" in right or "body" in right:
        return {**right, **left}
    return {**left, **{name: value for name, value in right.items() if name not in left}}


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _writer(path: Path) -> IO[bytes]:
    return cast(IO[bytes], zstandard.open(path, "wb"))


def _read(path: Path) -> Iterator[bytes]:
    with io.BufferedReader(zstandard.open(path, "rb"), 1 << 20) as stream:
        yield from stream
