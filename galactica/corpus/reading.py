"""A unit of work from raw files to clean documents on disk, with what later stages need to know of them.

A finished unit is a folder: `SOURCE.jsonl.zst` with the documents, `SOURCE.rows` with a row for each (digest and
MinHash), `report.json` with counts, drops and samples. It appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from galactica import files
from galactica.corpus import cite, duplicates
from galactica.corpus.curation import EXCERPT_CHARACTERS, CurationConfig, curate
from galactica.corpus.documents import DocumentWriter, document_path
from galactica.corpus.licences import licence_class
from galactica.corpus.prompts.execute import verified
from galactica.corpus.source import Group
from galactica.references.lookup import Lookup
from galactica.references.match import KeyIndex
from galactica.references.untitled import UntitledIndex
from galactica.types import Document, Drop

REPORT = "report.json"
SAMPLES = 4
"""Documents and drops of a kind that a unit keeps for reading."""
_SAMPLE_CHARACTERS = 4000
_SIGNED: tuple[Group, ...] = ("papers", "reference material", "common crawl", "other")
"""Groups whose documents are compared by MinHash: tables of a knowledge base are all alike and all different."""


class Prepared(NamedTuple):
    """A document that is ready but for what only the whole corpus tells, beside its text as the reader gave it."""

    document: Document
    raw: str
    n_citations: int
    n_known: int


def row_path(folder: Path, source: str) -> Path:
    """Where the rows of a unit's documents of a source lie, to compare them with others."""
    return folder / f"{source}.rows"


def write_unit(
    items: Iterable[Document | Drop],
    groups: dict[str, Group],
    folder: Path,
    curation: CurationConfig,
    lookup: Lookup | None,
) -> None:
    """Fill the folder of one unit from what its readers gave. `groups` maps sources to groups."""
    report = UnitReport()
    with files.new_folder(folder) as new, ExitStack() as stack:
        writers: dict[str, tuple[DocumentWriter, IO[bytes]]] = {}
        for item in prepare(items, groups, curation, lookup):
            if isinstance(item, Drop):
                report.drop(item)
                continue
            source = item.document.source
            if source not in writers:
                documents = stack.enter_context(DocumentWriter(document_path(new, source)))
                writers[source] = documents, stack.enter_context(row_path(new, source).open("wb"))
            documents, rows = writers[source]
            documents.write(item.document)
            rows.write(duplicates.row(item.document.text, groups[source] in _SIGNED))
            report.keep(item)
        files.write_file(new / REPORT, json.dumps(report.tree(), ensure_ascii=False))


def prepare(
    items: Iterable[Document | Drop], groups: dict[str, Group], curation: CurationConfig, lookup: Lookup | None
) -> Iterator[Prepared | Drop]:
    """Each document curated, the programs of our own run once, its citations through the library and in its spelling."""
    keys, untitled = (KeyIndex(lookup), UntitledIndex(lookup)) if lookup is not None else (None, None)
    for item in verified(items):
        if isinstance(item, Drop):
            yield item
            continue
        if item.pending and untitled is not None:
            item = cite.completed(item, untitled.find)
        document = curate(item, groups[item.source], curation)
        if isinstance(document, Drop):
            yield document
            continue
        n_citations = n_known = 0
        if keys is not None:
            document, n_citations, n_known = cite.canonical(document, keys.find)
        yield Prepared(document, item.text, n_citations, n_known)


class UnitReport:
    """Counts of one unit, and a few documents and drops of each kind to read: those whose hashes are lowest, so that they are a
    random choice and the same every time."""

    def __init__(self) -> None:
        self._sources: dict[str, Counter[str]] = defaultdict(Counter)
        self._unresolved: dict[str, Counter[str]] = defaultdict(Counter)
        self._licences: dict[str, Counter[str]] = defaultdict(Counter)
        self._journals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._drops: dict[tuple[str, str], int] = Counter()
        self._drop_samples: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._samples: dict[str, list[tuple[str, str, str]]] = defaultdict(list)

    def drop(self, drop: Drop) -> None:
        """Count a drop."""
        key = (drop.source, drop.reason)
        self._drops[key] += 1
        if len(self._drop_samples[key]) < SAMPLES:
            self._drop_samples[key].append((drop.where, drop.excerpt[:EXCERPT_CHARACTERS]))

    def keep(self, item: Prepared) -> None:
        """Count a document."""
        document = item.document
        metadata = document.metadata
        self._sources[document.source].update(
            {
                "read": 1,
                "characters_read": len(item.raw),
                "citations": item.n_citations,
                "known": item.n_known,
                "marks": int(metadata.get("n_marks") or 0),
                "resolved": int(metadata.get("n_resolved") or 0),
                "resolved_by_library": int(metadata.get("n_from_library") or 0),
            }
        )
        self._unresolved[document.source].update(metadata.get("unresolved") or {})
        self._licences[document.source][licence_class(document.licence)] += 1
        if (journal := metadata.get("journal")) and metadata.get("n_citations") is not None:
            row = self._journals[str(journal)]
            row[0] += 1
            row[1] += int(metadata["n_citations"])
        rank = hashlib.blake2b(document.id.encode("utf-8", "replace"), digest_size=8).hexdigest()
        kept = self._samples[document.source]
        kept.append((rank, document.id, item.raw[:_SAMPLE_CHARACTERS]))
        kept.sort()
        del kept[SAMPLES:]

    def tree(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "sources": self._sources,
            "unresolved": self._unresolved,
            "licences": self._licences,
            "journals": self._journals,
            "drops": [
                {"source": source, "reason": reason, "count": count, "samples": self._drop_samples[source, reason]}
                for (source, reason), count in sorted(self._drops.items())
            ],
            "samples": self._samples,
        }
