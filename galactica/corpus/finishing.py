"""What only the whole corpus tells: documents that say the same, spans that stand in several sources, what is held out.

Each step leaves one file and is left out where that file stands. `folders` are the units' in the order of the input;
`ranking` is the sources, best first: of documents alike the one of the better source stays, a span that two sources
share goes from the worse one.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from galactica import files
from galactica.corpus import duplicates, spans
from galactica.corpus.curation import EXCERPT_CHARACTERS
from galactica.corpus.decontamination import Fingerprint
from galactica.corpus.documents import DocumentWriter, Format, document_path, read_documents
from galactica.corpus.holdout import TRAIN, VALIDATION, Holdout, HoldoutConfig
from galactica.corpus.reading import REPORT, SAMPLES, row_path
from galactica.corpus.seeds import SEPARATOR
from galactica.corpus.spans import Text
from galactica.types import Document

Array = np.ndarray[Any, np.dtype[Any]]

_TEXT, _SOURCE_STARTS = "text.bin", "source_starts.npy"
_SAMPLE_CHARACTERS = 4000
_MOST_LISTED = 1000
"""Documents of a source that `leakage.json` names, those with most matches."""
_FEW_PAPERS = 5
"""A journal of fewer papers in the corpus has no impact factor worth the name."""


def mark_duplicates(
    folders: Sequence[Path], ranking: Sequence[str], threshold: float, output: Path, budget_bytes: int
) -> None:
    """Write `output` (.npz): source -> verdict on each of its documents, in the order of the units.

    Compares within `budget_bytes`, on files beside `output`. What is held of every document is a byte, in a mapped file.
    """
    if output.exists():
        return
    paths = {source: [path for folder in folders if (path := row_path(folder, source)).exists()] for source in ranking}
    sizes = [sum(duplicates.n_rows(path) for path in paths[source]) for source in ranking]
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as scratch:
        in_order = [path for source in ranking for path in paths[source]]
        verdicts = duplicates.keep_first(in_order, threshold, Path(scratch), budget_bytes)
        parts = np.split(verdicts, np.cumsum(sizes)[:-1]) if ranking else []
        partial = output.with_name(f"partial.{output.name}")
        np.savez(partial, **dict(zip(ranking, parts, strict=True)))  # type: ignore[arg-type]
        partial.replace(output)


def documents_of(folders: Sequence[Path], source: str) -> Iterator[Document]:
    """Every document that the units read of one source, in order."""
    for folder in folders:
        if (path := document_path(folder, source)).exists():
            yield from read_documents(path)


def write_text(folders: Sequence[Path], ranking: Sequence[str], verdicts: Mapping[str, Array], output: Path) -> None:
    """Fill the folder `output` with the text of the sources one after the other, worst first, and where each source and document
    begins in it."""
    if output.exists():
        return
    source_starts: list[int] = []
    at = 0
    with files.new_folder(output) as new:
        with (new / _TEXT).open("wb") as stream:
            for source in reversed(ranking):
                source_starts.append(at)
                with _starts_path(new, source).open("wb") as starts:
                    for verdict, document in zip(verdicts[source], documents_of(folders, source), strict=True):
                        starts.write(at.to_bytes(8, "little"))
                        if verdict == duplicates.KEPT:
                            at += stream.write(document.text.encode("utf-8", "replace") + bytes([SEPARATOR]))
                    starts.write(at.to_bytes(8, "little"))
        np.save(new / _SOURCE_STARTS, np.array(source_starts, np.int64))


def _starts_path(text: Path, source: str) -> Path:
    """Where each document of a source begins in the text, and where the last one ends: int64, to be mapped and not read."""
    return text / f"{source}.starts"


def text_of(folder: Path, budget_bytes: int) -> Text:
    """What `write_text` wrote, to look for spans in it within a budget. What is found is kept in a folder by number of parts."""
    path = folder / _TEXT
    parts = spans.n_parts(path.stat().st_size, budget_bytes)
    starts = tuple(np.load(folder / _SOURCE_STARTS).tolist())
    found = folder / f"parts-{parts}"
    found.mkdir(exist_ok=True)
    return Text(path, starts, found, parts, budget_bytes)


def spans_path(folder: Path) -> Path:
    """Where the repeated spans of a text lie when they are found."""
    return folder / "spans.bin"


@dataclass(frozen=True, slots=True)
class Finish:
    """Task `rank`: the folder `output`/SOURCE, whole or not at all, with the documents of one source by split and what became of
    them in `REPORT`. `caps` bounds the documents of a source; `low_impact` names journals that are left out."""

    folders: tuple[Path, ...]
    sources: tuple[str, ...]
    verdicts: Path
    text: Path | None
    output: Path
    holdout: HoldoutConfig
    seed: int
    caps: Mapping[str, int]
    low_impact: frozenset[str]
    fingerprint: Path | None
    drop_contaminated: bool
    format: Format

    def __call__(self, rank: int) -> None:
        source = self.sources[rank]
        if (self.output / source).exists():
            return
        report = _Report(source)
        holdout = Holdout(self.holdout, self.seed)
        fingerprint = Fingerprint(self.fingerprint) if self.fingerprint is not None else None
        repeats, starts = self._repeats(source)
        with np.load(self.verdicts) as found:
            verdicts = found[source]
        with files.new_folder(self.output / source) as new, ExitStack() as stack:
            writers: dict[str, DocumentWriter] = {}
            for index, document in enumerate(documents_of(self.folders, source)):
                reason = duplicates.REASONS.get(int(verdicts[index])) or self._left_out(document, report)
                if reason:
                    report.drop(document, reason)
                    continue
                text, n_removed = document.text, 0
                if repeats is not None and starts is not None:
                    text, n_removed = spans.without_spans(
                        text, repeats.spans(int(starts[index]), int(starts[index + 1]))
                    )
                if n_removed and not text.strip():
                    report.drop(document, "all of it stands in a better source")
                    continue
                split = holdout.split_of(document)
                if fingerprint is not None and (n_matches := fingerprint.matches(text)):
                    report.contaminated(document, n_matches)
                    if self.drop_contaminated and split == TRAIN:  # what is held out teaches nothing
                        report.drop(document, "holds text of an evaluation")
                        continue
                kept = Document(document.id, text, source, document.licence, document.metadata)
                if split not in writers:
                    writers[split] = stack.enter_context(
                        DocumentWriter(document_path(new / split, source, self.format))
                    )
                writers[split].write(kept)
                report.keep(kept, split, n_removed)
            files.write_file(new / REPORT, json.dumps(report.tree(), ensure_ascii=False))

    def _repeats(self, source: str) -> tuple[spans.Repeats | None, Array | None]:
        if self.text is None or not (path := _starts_path(self.text, source)).exists():
            return None, None
        starts = np.memmap(path, np.int64, "r")
        return spans.Repeats(spans_path(self.text)), starts

    def _left_out(self, document: Document, report: _Report) -> str | None:
        cap = self.caps.get(document.source)
        if cap is not None and report.n_kept >= cap:
            return f"over corpus.max_documents of {cap}"
        return "a journal of low impact" if str(document.metadata.get("journal")) in self.low_impact else None


class _Report:
    """What became of the documents of one source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.counts: Counter[str] = Counter({TRAIN: 0, VALIDATION: 0})
        """With the splits that hold nothing: a small source may have no validation documents."""
        self.n_kept = 0
        self._drops: Counter[str] = Counter()
        self._drop_samples: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._samples: list[tuple[str, str, str]] = []
        self._n_contaminated = 0
        self._contaminated: list[tuple[str, int]] = []

    def drop(self, document: Document, reason: str) -> None:
        self._drops[reason] += 1
        if len(self._drop_samples[reason]) < SAMPLES:
            self._drop_samples[reason].append((document.id, document.text[:EXCERPT_CHARACTERS]))

    def contaminated(self, document: Document, n_matches: int) -> None:
        self._n_contaminated += 1
        self._contaminated.append((document.id, n_matches))
        if len(self._contaminated) > 4 * _MOST_LISTED:
            self._contaminated = self._worst()

    def _worst(self) -> list[tuple[str, int]]:
        return sorted(self._contaminated, key=lambda row: -row[1])[:_MOST_LISTED]

    def keep(self, document: Document, split: str, n_removed: int) -> None:
        self.n_kept += 1
        self.counts.update(
            {
                split: 1,
                "documents": 1,
                "characters": len(document.text),
                "bytes": len(document.text.encode("utf-8", "replace")),
                "span_bytes_removed": n_removed,
            }
        )
        rank = hashlib.blake2b(document.id.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._samples.append((rank, document.id, document.text[:_SAMPLE_CHARACTERS]))
        if len(self._samples) > 50 * SAMPLES:
            self._samples = sorted(self._samples)[: 3 * SAMPLES]

    def tree(self) -> dict[str, Any]:
        drops = [
            {"source": self.source, "reason": reason, "count": count, "samples": self._drop_samples[reason]}
            for reason, count in sorted(self._drops.items())
        ]
        return {
            "source": self.source,
            "counts": self.counts,
            "drops": drops,
            "samples": sorted(self._samples)[: 3 * SAMPLES],
            "contaminated": self._worst(),
            "n_contaminated": self._n_contaminated,
        }


def low_impact(journals: Mapping[str, Sequence[int]], minimum: float) -> frozenset[str]:
    """Journals whose papers received fewer than `minimum` citations each, out of journal -> (papers, citations)."""
    return frozenset(
        name for name, (papers, citations) in journals.items() if papers >= _FEW_PAPERS and citations < minimum * papers
    )
