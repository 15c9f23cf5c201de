"""The files of a library, written in one pass over its works and in memory that does not grow with them.

    manifest.json   name, counts, size and SHA-256 of the other files
    records.bin     a zstd dictionary, then blocks of 64 records, each an independent zstd frame with a checksum
    blocks.npy      where each block begins in records.bin (int64; one more than blocks: the last is the file's size)
    index.npy       id (uint64), year (0 where unknown) and n_citations of every record, sorted by id
    aliases.npy     key hash and row of the other spellings that were merged into a record

A block is a compact JSON list of columns: titles, authors, venues, DOIs, abstracts, volumes, first pages (the last two are not in
libraries of the first release). Columns compress better than rows.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from galactica.references import runs
from galactica.types import Reference

STAGE = "references"
FORMAT = 1
BLOCK = 64
RECORDS, BLOCKS, INDEX, ALIASES = "records.bin", "blocks.npy", "index.npy", "aliases.npy"
INDEX_DTYPE = np.dtype([("id", "<u8"), ("year", "<i2"), ("n_citations", "<u4")])
ALIAS_DTYPE = np.dtype([("key", "<u8"), ("row", "<u4")])
_LEVEL = 19
_DICTIONARY_BYTES = 112_640
_SAMPLED_BLOCKS, _SAMPLED_BYTES = 500, 12 * 2**20
"""The most for the dictionary. Three times as many took 22 s instead of 7 and made the library 0.6 % smaller."""
_ALIAS_MEMORY = 256
"""Bytes of memory for an alias while they are sorted."""


def write_works(
    folder: Path, works: Iterable[tuple[Reference, frozenset[int]]], scratch: Path, budget_bytes: int
) -> int:
    """Write the files of a library but its manifest; the number of works. They come in the order of their ids, each with the
    `key_hash` of its other spellings. `scratch` takes the blocks until all are there, and is removed."""
    for path in (folder, scratch):
        shutil.rmtree(path, ignore_errors=True)  # what a call left that was killed
        path.mkdir(parents=True)
    starts, n_works = [0], 0
    aliases = runs.RunWriter(scratch, "aliases", budget_bytes // 4)
    works = iter(works)
    with (scratch / "blocks").open("wb") as blocks, (scratch / "index").open("wb") as index:
        while block := list(islice(works, BLOCK)):
            starts.append(starts[-1] + blocks.write(_columns_of([work for work, _ in block])))
            rows = [(int(work.id, 16), work.year or 0, min(work.n_citations, 2**32 - 1)) for work, _ in block]
            index.write(np.array(rows, INDEX_DTYPE).tobytes())
            for row, (_, keys) in enumerate(block, n_works):
                for key in keys:
                    aliases.add(key, row.to_bytes(4, "big"))  # so that the rows of one key are sorted
            n_works += len(block)
    aliases.close()
    with (scratch / "blocks").open("rb") as stream:
        _write_records(folder, stream, starts)
    with (folder / INDEX).open("wb") as target, (scratch / "index").open("rb") as stream:
        write_header(target, INDEX_DTYPE, n_works)
        shutil.copyfileobj(stream, target)
    _write_aliases(folder, sorted(scratch.glob("aliases-*.run")), aliases.n_records, budget_bytes)
    shutil.rmtree(scratch)
    return n_works


def _write_records(folder: Path, blocks: Any, starts: list[int]) -> None:
    """Compress the blocks, which lie one after the other, each by itself."""
    step = max(-(-len(starts) // _SAMPLED_BLOCKS), -(-starts[-1] // _SAMPLED_BYTES))
    dictionary = _train([_at(blocks, *ends) for ends in list(pairwise(starts))[::step]])
    compressor = zstandard.ZstdCompressor(
        level=_LEVEL, dict_data=dictionary, write_checksum=True, write_content_size=True
    )
    offsets = [len(dictionary.as_bytes())]
    with (folder / RECORDS).open("wb") as stream:
        stream.write(dictionary.as_bytes())
        for start, end in pairwise(starts):
            offsets.append(offsets[-1] + stream.write(compressor.compress(_at(blocks, start, end))))
    with (folder / BLOCKS).open("wb") as stream:
        np.save(stream, np.array(offsets, dtype="<i8"), allow_pickle=False)


def _at(stream: Any, start: int, end: int) -> bytes:
    stream.seek(start)
    data: bytes = stream.read(end - start)
    return data


def _columns_of(works: list[Reference]) -> bytes:
    columns = [
        [work.title for work in works],
        [work.authors for work in works],
        [work.venue or "" for work in works],
        [work.doi or "" for work in works],
        {str(place): work.abstract for place, work in enumerate(works) if work.abstract},
        [work.volume or "" for work in works],
        [work.page or "" for work in works],
    ]
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode()


def _train(sample: list[bytes]) -> zstandard.ZstdCompressionDict:
    """A dictionary of what the blocks share; small libraries, from which none can be trained, take a part of themselves."""
    if len(sample) >= 100 and sum(map(len, sample)) > 20 * _DICTIONARY_BYTES:
        return zstandard.train_dictionary(_DICTIONARY_BYTES, [*sample], level=_LEVEL)
    return zstandard.ZstdCompressionDict(b"".join(sample)[:64] or b"[]", dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _write_aliases(folder: Path, paths: list[Path], n_aliases: int, budget_bytes: int) -> None:
    parts = max(1, -(-n_aliases * _ALIAS_MEMORY // budget_bytes))
    with (folder / ALIASES).open("wb") as stream:
        write_header(stream, ALIAS_DTYPE, n_aliases)
        for part in range(parts):
            found = runs.read(paths, runs.key_range(part, parts))
            rows = [(key, int.from_bytes(row, "big")) for key, row in found]
            stream.write(np.array(rows, ALIAS_DTYPE).tobytes())


def write_header(stream: Any, dtype: np.dtype[Any], n_rows: int) -> None:
    """What `np.save` writes before the rows of an array of one dimension."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (n_rows,)}
    np.lib.format.write_array_header_1_0(stream, header)
