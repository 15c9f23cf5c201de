"""Raw files -> clean documents, as a list to read: claim, read, clean, name citations, drop duplicates, hold out, write."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from galactica import archives, files
from galactica.corpus import cite, dedup
from galactica.corpus.clean import clean
from galactica.corpus.documents import SUFFIX, DocumentWriter
from galactica.corpus.prompts.onestep import onestep_documents
from galactica.corpus.source import SNIFF_BYTES, Source
from galactica.corpus.sources import SOURCES
from galactica.errors import BadConfig, BadData
from galactica.files import RawFile
from galactica.references.match import KeyIndex
from galactica.references.store import Library
from galactica.types import Document, Drop

SPLITS = ("train", "validation")
_CHUNK_BYTES = 2 * 2**20
_SAMPLES_PER_REASON = 5
_NEAR_DUPLICATE_GROUPS = ("papers", "reference material")


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """`sources` limits the corpus to those named; `max_documents` caps a source at its first ones."""

    sources: tuple[str, ...] = ()
    validation_fraction: float = 0.01
    near_duplicate_threshold: float = 0.8
    max_documents: Mapping[str, int] = field(default_factory=dict)
    onestep_documents: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        known = {source.name for source in SOURCES}
        for name in (*self.sources, *self.max_documents):
            if name not in known:
                raise BadConfig(f"corpus.sources names {name!r}; known: {', '.join(sorted(known))}")
        if not 0 < self.validation_fraction < 0.5:
            raise BadConfig(f"corpus.validation_fraction is {self.validation_fraction}; allowed: above 0, below 0.5")


class Prepared(NamedTuple):
    """A document that came through the steps a worker does alone."""

    document: Document
    signature: dedup.Signature | None
    n_citations: int
    n_known: int


def build(
    root: Path,
    output: Path,
    config: CorpusConfig,
    library: Path | None = None,
    workers: int = 1,
    progress: Callable[[str], None] = lambda where: None,
) -> dict[str, Any]:
    """Read everything under `root` into `output/{train,validation}/SOURCE.jsonl.zst` and `drops.json`; return the counts.

    The result depends on the input and config alone, not on `workers`. Raises BadData where no file could be read.
    """
    chosen = [source for source in SOURCES if not config.sources or source.name in config.sources]
    prepared = _prepare_all(root, [source.name for source in chosen], library, workers, progress)
    generated = _finish(onestep_documents(config.onestep_documents, config.seed), "prompts", _find_in(library))
    counts = _write(_chain(prepared, generated), output, config)
    read = {source.name for source in SOURCES} & set(counts["sources"])  # generated problems are no reading
    if not read:
        formats = "; ".join(f"{source.name}: {source.format}" for source in chosen)
        raise BadData(f"no file under {str(root)!r} could be read. Known formats: {formats}")
    return counts


def sample_folder() -> Path:
    """The small corpus of our own records that the package carries."""
    return Path(str(resources.files("galactica.corpus") / "sample"))


def _chain(*streams: Iterable[Prepared | Drop]) -> Iterator[Prepared | Drop]:
    for stream in streams:
        yield from stream


# --- what a worker does -----------------------------------------------------------------------------------------------

_state: dict[str, Any] = {}


def _start_worker(names: list[str], library: Path | None) -> None:
    _state["sources"] = [source for source in SOURCES if source.name in names]
    _state["find"] = _find_in(library)


def _find_in(library: Path | None) -> cite.Find | None:
    return KeyIndex(Library.open(library)).find if library else None


def _prepare(raws: list[RawFile | Drop]) -> list[Prepared | Drop]:
    out: list[Prepared | Drop] = []
    for raw in raws:
        if isinstance(raw, Drop):
            out.append(raw)
            continue
        source = _claiming(raw, _state["sources"])
        if source is None:
            out.append(Drop(raw.where, "files", "no source reads this kind of file"))
            continue
        out.extend(_finish(_guarded(source, raw), source.group, _state["find"]))
    return out


def _claiming(raw: RawFile, sources: list[Source]) -> Source | None:
    head = raw.data[:SNIFF_BYTES]
    return next((source for source in sources if source.claims(raw.where, head)), None)


def _guarded(source: Source, raw: RawFile) -> Iterator[Document | Drop]:
    """An outer edge: a reader that fails on one file costs that file, with its reason, and not the corpus."""
    try:
        yield from source.read(raw)
    except Exception as error:
        yield Drop(raw.where, source.name, f"the reader failed: {type(error).__name__}: {str(error)[:100]}")


def _finish(items: Iterable[Document | Drop], group: str, find: cite.Find | None) -> Iterator[Prepared | Drop]:
    for item in items:
        document = item if isinstance(item, Drop) else clean(item, group)
        if isinstance(document, Drop):
            yield document
            continue
        n_citations = n_known = 0
        if find is not None:
            document, n_citations, n_known = cite.canonical(document, find)
        signature = dedup.signature(document.text) if group in _NEAR_DUPLICATE_GROUPS else None
        yield Prepared(document, signature, n_citations, n_known)


# --- what is done in one place and in order ---------------------------------------------------------------------------


def _prepare_all(
    root: Path, names: list[str], library: Path | None, workers: int, progress: Callable[[str], None]
) -> Iterator[Prepared | Drop]:
    chunks = _chunks(archives.walk(root), progress)
    if workers <= 1:
        _start_worker(names, library)
        for chunk in chunks:
            yield from _prepare(chunk)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (names, library)) as pool:
        # A bounded number of chunks is under way, and results are taken in order: memory and output stay the same.
        pending = [pool.submit(_prepare, chunk) for chunk in islice(chunks, 3 * workers)]
        while pending:
            yield from pending.pop(0).result()
            pending.extend(pool.submit(_prepare, chunk) for chunk in islice(chunks, 1))


def _chunks(raws: Iterable[RawFile | Drop], progress: Callable[[str], None]) -> Iterator[list[RawFile | Drop]]:
    chunk: list[RawFile | Drop] = []
    size = 0
    for raw in raws:
        progress(raw.where)
        chunk.append(raw)
        size += len(raw.data) if isinstance(raw, RawFile) else 0
        if size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _write(items: Iterable[Prepared | Drop], output: Path, config: CorpusConfig) -> dict[str, Any]:
    duplicates = dedup.NearDuplicates(config.near_duplicate_threshold)
    seen: set[bytes] = set()
    drops: dict[str, Counter[str]] = defaultdict(Counter)
    samples: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    with ExitStack() as stack:
        writers: dict[tuple[str, str], DocumentWriter] = {}
        for item in items:
            drop = (
                item if isinstance(item, Drop) else _repeated(item, seen, duplicates) or _over_cap(item, rows, config)
            )
            if drop is not None:
                drops[drop.source][drop.reason] += 1
                if len(samples[drop.source, drop.reason]) < _SAMPLES_PER_REASON:
                    samples[drop.source, drop.reason].append(drop.where)
                continue
            assert isinstance(item, Prepared)  # a Drop has gone on to the next item
            document = item.document
            split = "validation" if _held_out(document, rows[document.source], config) else "train"
            key = (split, document.source)
            if key not in writers:
                path = output / split / f"{document.source}{SUFFIX}"
                writers[key] = stack.enter_context(DocumentWriter(path))
            writers[key].write(document)
            rows[document.source].update(
                {
                    split: 1,
                    "documents": 1,
                    "characters": len(document.text),
                    "citations": item.n_citations,
                    "known": item.n_known,
                }
            )
    report = [
        {"source": source, "reason": reason, "count": count, "samples": samples[source, reason]}
        for source, reasons in sorted(drops.items())
        for reason, count in reasons.most_common()
    ]
    files.write_file(output / "drops.json", json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    dropped = {source: sum(reasons.values()) for source, reasons in sorted(drops.items())}
    return {"sources": {source: dict(row) for source, row in sorted(rows.items())}, "drops": dropped}


def _repeated(item: Prepared, seen: set[bytes], duplicates: dedup.NearDuplicates) -> Drop | None:
    document = item.document
    digest = hashlib.blake2b(document.text.encode("utf-8", "replace"), digest_size=16).digest()
    if digest in seen:
        return Drop(document.id, document.source, "the same text came before")
    seen.add(digest)
    if item.signature is None or duplicates.find(document.id, item.signature) is None:
        return None
    return Drop(document.id, document.source, "nearly the same text came before")


def _over_cap(item: Prepared, rows: Mapping[str, Counter[str]], config: CorpusConfig) -> Drop | None:
    source = item.document.source
    cap = config.max_documents.get(source)
    if cap is None or rows[source]["documents"] < cap:
        return None
    return Drop(item.document.id, source, f"over corpus.max_documents of {cap}")


def _held_out(document: Document, row: Counter[str], config: CorpusConfig) -> bool:
    """By the hash of the id; the second document of a source too, so that no source of two goes unmeasured."""
    if row["documents"] == 1 and not row["validation"]:
        return True
    return _share(config.seed, document.id) < config.validation_fraction


def _share(seed: int, document_id: str) -> float:
    """A number in [0, 1) that depends on the document alone, so that a larger corpus holds the same documents out."""
    digest = hashlib.blake2b(f"{seed}:{document_id}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64
