"""Documents on disk: JSON lines under zstd, one file per source and split."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import zstandard

from galactica.errors import BadData
from galactica.types import Document

SUFFIX = ".jsonl.zst"


class DocumentWriter:
    """A context that writes documents to one file and counts them."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        self._stream = zstandard.ZstdCompressor(level=6).stream_writer(self._file)
        self.n_documents = 0
        self.n_characters = 0

    def __enter__(self) -> DocumentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()  # type: ignore[no-untyped-call]
        self._file.close()

    def write(self, document: Document) -> None:
        """Append one document."""
        row = {
            "id": document.id,
            "text": document.text,
            "source": document.source,
            "licence": document.licence,
            "metadata": dict(document.metadata),
        }
        self._stream.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        self.n_documents += 1
        self.n_characters += len(document.text)


def read_documents(path: Path) -> Iterator[Document]:
    """The documents of a file, in order. Raises BadData, naming the file, where it is damaged."""
    try:
        with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
            for line in io.TextIOWrapper(stream, encoding="utf-8"):
                yield Document(**json.loads(line))
    except (zstandard.ZstdError, ValueError, TypeError) as error:
        raise BadData(f"{path} is damaged ({error}). Run the corpus stage again.") from None


def document_files(folder: Path, split: str) -> dict[str, Path]:
    """Source -> its file of one split, sources in sorted order."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted((folder / split).glob(f"*{SUFFIX}"))}
