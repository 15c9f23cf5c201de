"""Documents on disk, one file per source and split: JSON lines under zstd, or Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import zstandard

from galactica.errors import BadConfig, BadData
from galactica.types import Document

Format = Literal["jsonl", "parquet"]
SUFFIXES: dict[Format, str] = {"jsonl": ".jsonl.zst", "parquet": ".parquet"}

_ROWS_AT_ONCE = 1000


class DocumentWriter:
    """A context that writes documents to one file, in the format that its name ends in."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sink: _JsonLines | _Parquet = _Parquet(path) if path.suffix == ".parquet" else _JsonLines(path)

    def __enter__(self) -> DocumentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sink.close()

    def write(self, document: Document) -> None:
        """Append one document."""
        self._sink.write(
            {
                "id": document.id,
                "text": document.text,
                "source": document.source,
                "licence": document.licence,
                "metadata": dict(document.metadata),
            }
        )


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._stream = zstandard.ZstdCompressor(level=6).stream_writer(self._file)

    def write(self, row: dict[str, Any]) -> None:
        self._stream.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")

    def close(self) -> None:
        self._stream.close()  # type: ignore[no-untyped-call]
        self._file.close()


class _Parquet:
    """Columns id, text, source, licence and metadata (JSON), compressed by zstd."""

    def __init__(self, path: Path) -> None:
        self._pa, parquet = _pyarrow()
        self._schema = self._pa.schema(
            [(name, self._pa.string()) for name in ("id", "text", "source", "licence", "metadata")]
        )
        self._file = parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def write(self, row: dict[str, Any]) -> None:
        self._rows.append({**row, "metadata": json.dumps(row["metadata"], ensure_ascii=False)})
        if len(self._rows) == _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()


def document_path(folder: Path, source: str, format: Format = "jsonl") -> Path:
    """Where the documents of a source lie in the folder of a split."""
    return folder / f"{source}{SUFFIXES[format]}"


def read_documents(path: Path) -> Iterator[Document]:
    """The documents of a file, in order. Raises BadData, naming the file, where it is damaged."""
    if path.suffix == ".parquet":
        yield from _read_parquet(path)
        return
    try:
        with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
            for line in io.TextIOWrapper(stream, encoding="utf-8"):
                yield Document(**json.loads(line))
    except (zstandard.ZstdError, ValueError, TypeError) as error:
        raise BadData(f"{path} is damaged ({error}). Run the corpus stage again.") from None


def document_files(folder: Path, split: str) -> dict[str, Path]:
    """Source -> its file of one split, sources in sorted order."""
    found: dict[str, Path] = {}
    for suffix in SUFFIXES.values():
        found |= {path.name.removesuffix(suffix): path for path in (folder / split).glob(f"*{suffix}")}
    return dict(sorted(found.items()))


def _read_parquet(path: Path) -> Iterator[Document]:
    pyarrow, parquet = _pyarrow()
    try:
        for batch in parquet.ParquetFile(path).iter_batches(_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                yield Document(**{**row, "metadata": json.loads(row["metadata"])})
    except (pyarrow.ArrowException, ValueError, TypeError) as error:
        raise BadData(f"{path} is damaged ({error}). Run the corpus stage again.") from None


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise BadConfig("Parquet needs pyarrow, which is not installed: pip install 'galactica[parquet]'") from None
    return pyarrow, pyarrow.parquet
