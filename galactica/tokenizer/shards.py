"""Token ids on disk: one flat file per source and split, memory-mapped by training, with checksums."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from galactica import files
from galactica.errors import BadData
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.types import TokenShard

INDEX = "shards.json"
_BATCH_DOCUMENTS = 256
T = TypeVar("T")


def dtype_of(vocab_size: int) -> np.dtype[np.uint16] | np.dtype[np.uint32]:
    """The narrowest unsigned type that holds every id."""
    return np.dtype(np.uint16) if vocab_size <= 2**16 else np.dtype(np.uint32)


def write_shard(path: Path, source: str, texts: Iterable[str], tokenizer: Tokenizer) -> TokenShard:
    """Encode the documents of one source and split into `path`, each closed by `</s>`."""
    dtype = dtype_of(tokenizer.vocab_size)
    n_tokens = n_documents = n_bytes = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for batch in _batches(iter(texts), _BATCH_DOCUMENTS):
            for text, ids in zip(batch, tokenizer.encode_many(batch), strict=True):
                ids.append(tokenizer.eos_id)
                stream.write(np.asarray(ids, dtype).tobytes())
                n_tokens += len(ids)
                n_documents += 1
                n_bytes += len(text.encode())
    return TokenShard(path, source, n_tokens, n_documents, n_bytes, tokenizer.sha256)


def write_index(folder: Path, splits: dict[str, list[TokenShard]], dtype: np.dtype[np.generic]) -> None:
    """Name the shards of each split, with their sizes and SHA-256, in `shards.json`."""
    tree = {
        split: [
            {
                "path": shard.path.relative_to(folder).as_posix(),
                "source": shard.source,
                "n_tokens": shard.n_tokens,
                "n_documents": shard.n_documents,
                "n_bytes": shard.n_bytes,
                "tokenizer_sha256": shard.tokenizer_sha256,
                "dtype": dtype.name,
                "sha256": files.sha256(shard.path),
            }
            for shard in shards
        ]
        for split, shards in splits.items()
    }
    files.write_file(folder / INDEX, json.dumps(tree, indent=1) + "\n")


def read_index(folder: Path, split: str, verify: bool = True) -> list[TokenShard]:
    """The shards of a split. Raises BadData for a missing, damaged or changed file, by name."""
    return [shard for shard, _ in _entries(folder, split, verify)]


def open_shards(
    folder: Path, split: str, verify: bool = True
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.integer]]]:
    """Source -> its ids, memory-mapped. Raises as `read_index`."""
    return {
        shard.source: np.memmap(shard.path, dtype=dtype, mode="r")
        if shard.n_tokens
        else np.empty(0, dtype)  # an empty file cannot be mapped
        for shard, dtype in _entries(folder, split, verify)
    }


def digests(folder: Path, split: str) -> dict[str, str]:
    """Source -> SHA-256 of its shard as the index states it: what a run was trained on. Raises as `read_index`."""
    return {row["source"]: row["sha256"] for row in _rows(folder, split)}


def _rows(folder: Path, split: str) -> list[dict[str, Any]]:
    path = folder / INDEX
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[split]
    except FileNotFoundError:
        raise BadData(f"no {INDEX} in {str(folder)!r}. Make shards with `galactica run`.") from None
    except (ValueError, KeyError):
        raise BadData(f"{path} is damaged or has no split {split!r}. Make the shards again.") from None
    return rows


def _entries(folder: Path, split: str, verify: bool) -> Iterator[tuple[TokenShard, np.dtype[np.integer]]]:
    for row in _rows(folder, split):
        file = folder / row["path"]
        dtype: np.dtype[np.integer] = np.dtype(row["dtype"])
        if not file.is_file() or file.stat().st_size != row["n_tokens"] * dtype.itemsize:
            raise BadData(f"{file} is missing or not of {row['n_tokens']} tokens. Make the shards again.")
        if verify and files.sha256(file) != row["sha256"]:
            raise BadData(f"{file} has changed since it was written (SHA-256 differs). Make the shards again.")
        numbers = (row["n_tokens"], row["n_documents"], row["n_bytes"])
        yield TokenShard(file, row["source"], *numbers, row["tokenizer_sha256"]), dtype


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch
