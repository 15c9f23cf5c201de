"""Raw files -> clean documents, as a list to read: units, reading, duplicates, spans, finishing, statistics.

Every step leaves files in a work folder and passes over what it finds there finished, so a run that was killed goes on
where it stood. The output depends on the input and the config alone: not on workers, machines or interruptions.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from galactica import archives, files
from galactica.archives import Unit
from galactica.corpus import finishing, spans
from galactica.corpus.curation import CurationConfig
from galactica.corpus.documents import Format
from galactica.corpus.finishing import Finish
from galactica.corpus.holdout import HoldoutConfig
from galactica.corpus.jobs import JobsConfig, run_tasks
from galactica.corpus.reading import REPORT, SAMPLES, write_unit
from galactica.corpus.source import Group
from galactica.corpus.sources import GENERATED, SOURCES
from galactica.corpus.units import UnitReader
from galactica.errors import BadConfig, BadData
from galactica.references.lookup import Lookup
from galactica.references.lookup import make as make_lookup
from galactica.references.store import Library
from galactica.types import Document, Drop

STATISTICS, DROPS, SAMPLE_FILE, LEAKAGE = "statistics.json", "drops.json", "samples.json", "leakage.json"
GROUPS: dict[str, Group] = {source.name: source.group for source in (*SOURCES, *GENERATED)}
RANKING: tuple[str, ...] = tuple(dict.fromkeys(source.name for source in (*SOURCES, *GENERATED)))
"""Sources, best first: the order of the registry."""
REPEATING: tuple[str, ...] = tuple(
    dict.fromkeys(name for name, group in GROUPS.items() if group in ("prompts", "knowledge bases", "code"))
)
"""Sources whose repeated spans stay where nothing is said: prompts share their wording on purpose, records and code their forms."""

Say = Callable[[str], None]
_TELL_SECONDS = 10.0
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class CorpusConfig:
    """`sources` limits the corpus to those named; `max_documents` caps a source at its first ones; `generated` says how many
    documents a source of our own making gives; `spans_excluded` names sources whose repeated spans stay: those of prompts,
    knowledge bases and code where nothing is said, none with `[]`. `memory_gb` bounds the memory of the search for duplicates and
    for repeated spans. `fingerprint` is a file of evaluation n-grams: documents that share some are reported, or dropped."""

    sources: tuple[str, ...] = ()
    max_documents: Mapping[str, int] = field(default_factory=dict)
    generated: Mapping[str, int] = field(default_factory=dict)
    curation: CurationConfig = field(default_factory=CurationConfig)
    holdout: HoldoutConfig = field(default_factory=HoldoutConfig)
    near_duplicate_threshold: float = 0.8
    remove_spans: bool = True
    spans_excluded: tuple[str, ...] = REPEATING
    fingerprint: str = ""
    drop_contaminated: bool = False
    memory_gb: float = 2.0
    format: Format = "jsonl"
    seed: int = 0

    def __post_init__(self) -> None:
        names = {
            "sources": self.sources,
            "max_documents": self.max_documents,
            "spans_excluded": self.spans_excluded,
            "holdout.fractions": self.holdout.fractions,
        }
        for key, given in names.items():
            for name in given:
                if name not in GROUPS:
                    raise BadConfig(f"corpus.{key} names {name!r}; known: {', '.join(sorted(GROUPS))}")
        generated = {source.name for source in GENERATED}
        for name in self.generated:
            if name not in generated:
                raise BadConfig(f"corpus.generated names {name!r}; known: {', '.join(sorted(generated))}")
        for key, least, limits in (("max_documents", 0, self.max_documents), ("generated", 0, self.generated)):
            for name, number in limits.items():
                if number < least:
                    raise BadConfig(f"corpus.{key}.{name} is {number}; allowed: {least} and more")
        if not 0.02 <= self.memory_gb < math.inf:
            raise BadConfig(f"corpus.memory_gb is {self.memory_gb}; allowed: 0.02 and more, finite")
        if not 0 < self.near_duplicate_threshold <= 1:
            raise BadConfig(
                f"corpus.near_duplicate_threshold is {self.near_duplicate_threshold}; allowed: above 0, at most 1"
            )


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """Task `rank`: one unit of the input, or one generated source, into its folder below `work`."""

    units: tuple[Unit, ...]
    config: CorpusConfig
    lookup: Lookup | None
    work: Path

    def __call__(self, rank: int) -> None:
        folder = unit_folder(self.work, rank)
        if not folder.exists():
            write_unit(self._items(rank), GROUPS, folder, self.config.curation, self.lookup)

    def _items(self, rank: int) -> Iterator[Document | Drop]:
        if rank < len(self.units):
            chosen = tuple(s for s in SOURCES if not self.config.sources or s.name in self.config.sources)
            return UnitReader(self.units[rank], chosen, self.config.max_documents).read()
        name, n = sorted(self.config.generated.items())[rank - len(self.units)]
        source = next(source for source in GENERATED if source.name == name)
        return iter(source.generate(n, self.config.seed))


def build(
    root: str | Path,
    output: Path,
    config: CorpusConfig,
    library: Path | None = None,
    *,
    jobs: JobsConfig | None = None,
    work: Path | None = None,
    say: Say = lambda line: None,
) -> dict[str, Any]:
    """Read everything under `root` (a folder, an archive or an fsspec URL) into `output`/SPLIT/SOURCE.jsonl.zst, with
    statistics.json, drops.json and samples.json; return the counts.

    `work` is where an interrupted run is found again: a folder for this input and config alone, seen from every machine; it is
    removed at the end. Raises BadData where no file could be read, or nothing of what was.
    """
    jobs = jobs or JobsConfig(workers=1)
    work = work or output.with_name(f"{output.name}.work")
    work.mkdir(parents=True, exist_ok=True)
    planned = tuple(archives.plan(root))
    n_units = len(planned) + len(config.generated)
    lookup = _lookup(library, config, work, jobs, say) if library is not None else None
    say(f"reading {n_units} units")
    folders = tuple(unit_folder(work, rank) for rank in range(n_units))
    with telling(say, lambda: f"  {sum(folder.exists() for folder in folders)} of {n_units} units read"):
        run_tasks(ReadUnit(planned, config, lookup, work), n_units, work / "logs-read", jobs)
    reports = [json.loads((folder / REPORT).read_text(encoding="utf-8")) for folder in folders]
    if not any(report["sources"] for report in reports[: len(planned)]):  # generated problems are no reading
        shutil.rmtree(work)
        raise BadData(_nothing(str(root), config, reports))
    ranking = tuple(name for name in RANKING if any(name in report["sources"] for report in reports))
    say("looking for documents that say the same")
    verdicts = work / "duplicates.npz"
    finishing.mark_duplicates(folders, ranking, config.near_duplicate_threshold, verdicts, int(config.memory_gb * 1e9))
    text = _find_spans(folders, ranking, verdicts, config, work, jobs, say)
    finished = work / "finished"
    say(f"writing {len(ranking)} sources")
    finish = Finish(
        folders=folders,
        sources=ranking,
        verdicts=verdicts,
        text=text,
        output=finished,
        holdout=config.holdout,
        seed=config.seed,
        caps=config.max_documents,
        low_impact=finishing.low_impact(_journals(reports), config.curation.min_impact),
        fingerprint=Path(config.fingerprint) if config.fingerprint else None,
        drop_contaminated=config.drop_contaminated,
        format=config.format,
    )
    with telling(
        say, lambda: f"  {sum((finished / name).exists() for name in ranking)} of {len(ranking)} sources written"
    ):
        run_tasks(finish, len(ranking), work / "logs-finish", jobs)
    counts = _gather(reports, ranking, finished, output)
    shutil.rmtree(work)
    return counts


def task_bytes(config: CorpusConfig, jobs: JobsConfig) -> int:
    """What a task may hold of `memory_gb`: those of one machine share it, elsewhere a task has a machine to itself."""
    return int(config.memory_gb * 1e9 / (jobs.workers if jobs.executor == "local" else 1))


def _lookup(library: Path, config: CorpusConfig, work: Path, jobs: JobsConfig, say: Say) -> Lookup:
    """What finds the library's works, made once for all tasks that read."""
    say("making the tables that works of the library are found by")
    return make_lookup(
        Library.open(library),
        work / "lookup",
        budget_bytes=task_bytes(config, jobs),
        workers=jobs.workers,
        run=lambda task, tasks, notes: run_tasks(task, tasks, notes, jobs),
    )


def _nothing(root: str, config: CorpusConfig, reports: list[dict[str, Any]]) -> str:
    """Why a build has no documents: nothing was read, or all of it was left out for the reasons that are said."""
    chosen = f" (corpus.sources allows {', '.join(config.sources)})" if config.sources else ""
    reasons: Counter[str] = Counter()
    for report in reports:
        for row in report["drops"]:
            if row["source"] != "files":  # what no source reads
                reasons[f"{row['source']}: {row['reason']}"] += row["count"]
    if not reasons:
        return f"no file under {root!r} could be read{chosen}. `galactica corpus sources` lists what can be."
    largest = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common(_MOST_REASONS))
    return f"all {reasons.total():,} records read under {root!r}{chosen} were left out. Mostly {largest}."


@contextmanager
def telling(say: Say, line: Callable[[], str]) -> Iterator[None]:
    """Say how far the block is, whenever that has changed within some seconds."""
    ended = threading.Event()

    def tell() -> None:
        told = line()
        while not ended.wait(_TELL_SECONDS):
            now = line()
            if now != told:
                say(now)
                told = now

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def unit_folder(work: Path, rank: int) -> Path:
    """Where the documents of a unit lie."""
    return work / "read" / f"{rank:05d}"


def sample_folder() -> Path:
    """The small corpus of our own records that the package carries."""
    return Path(str(resources.files("galactica.corpus") / "sample"))


def _find_spans(
    folders: tuple[Path, ...],
    ranking: tuple[str, ...],
    verdicts: Path,
    config: CorpusConfig,
    work: Path,
    jobs: JobsConfig,
    say: Say,
) -> Path | None:
    """The folder of the repeated spans; None where spans stay."""
    compared = tuple(name for name in ranking if name not in config.spans_excluded)
    if not config.remove_spans or len(compared) < 2:
        return None
    text = work / "spans"
    with np.load(verdicts) as found:
        finishing.write_text(folders, compared, {name: found[name] for name in compared}, text)
    output = finishing.spans_path(text)
    if not output.exists():
        read = finishing.text_of(text, int(config.memory_gb * 1e9 / jobs.workers))
        say(f"looking for repeated spans in {read.n_bytes / 1e6:.0f} MB, {read.parts} parts")
        run_tasks(partial(spans.scan, read), spans.n_chunks(read.n_bytes), work / f"logs-scan-{read.parts}", jobs)
        run_tasks(partial(spans.find, read), read.parts, work / f"logs-spans-{read.parts}", jobs)
        spans.join(read, output)
        shutil.rmtree(read.folder)
    return text


def _journals(reports: list[dict[str, Any]]) -> dict[str, list[int]]:
    total: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for report in reports:
        for name, (papers, citations) in report["journals"].items():
            total[name] = [total[name][0] + papers, total[name][1] + citations]
    return total


def _gather(reports: list[dict[str, Any]], ranking: tuple[str, ...], finished: Path, output: Path) -> dict[str, Any]:
    """Put the finished documents into `output` and write its statistics; the counts of the manifest."""
    output.mkdir(parents=True, exist_ok=True)
    ends = [json.loads((finished / source / REPORT).read_text(encoding="utf-8")) for source in ranking]
    for source in ranking:
        for path in sorted((finished / source).glob("*/*")):
            (output / path.parent.name).mkdir(exist_ok=True)
            _link(path, output / path.parent.name / path.name)
    read: dict[str, dict[str, Counter[str]]] = {
        kind: defaultdict(Counter) for kind in ("sources", "unresolved", "licences")
    }
    for report in reports:
        for kind, totals in read.items():
            for source, counts in report[kind].items():
                totals[source].update(counts)
    drops = _drops([*reports, *ends])
    sources: dict[str, dict[str, Any]] = {
        end["source"]: {**read["sources"][end["source"]], **end["counts"]} for end in ends
    }
    for name, row in sources.items():
        row["unresolved"] = dict(sorted(read["unresolved"][name].items()))
    statistics = {
        "sources": {
            name: {
                **row,
                "group": GROUPS[name],
                "licences": dict(read["licences"][name]),
            }
            for name, row in sources.items()
        }
    }
    _write_json(output / STATISTICS, statistics)
    _write_json(output / DROPS, drops)
    _write_json(output / SAMPLE_FILE, _samples(reports, ends))
    if any(end["n_contaminated"] for end in ends):
        _write_json(output / LEAKAGE, {end["source"]: end["contaminated"] for end in ends})
    return {
        "sources": sources,
        "drops": {source: sum(row["count"] for row in drops if row["source"] == source) for source in _names(drops)},
        "contaminated": {end["source"]: end["n_contaminated"] for end in ends if end["n_contaminated"]},
        "files": files.digests(output, output),
    }


def _link(path: Path, target: Path) -> None:
    """The same file at another place: what is finished stays where it is, in case this is interrupted too."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def _names(drops: list[dict[str, Any]]) -> list[str]:
    return sorted({row["source"] for row in drops})


def _drops(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of (source, reason) with counts and a few samples, the most frequent of a source first."""
    counts: Counter[tuple[str, str]] = Counter()
    samples: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for report in reports:
        for row in report["drops"]:
            key = (row["source"], row["reason"])
            counts[key] += row["count"]
            samples[key] += row["samples"][: SAMPLES - len(samples[key])]
    rows = [
        {"source": source, "reason": reason, "count": count, "samples": samples[source, reason]}
        for (source, reason), count in counts.items()
    ]
    return sorted(rows, key=lambda row: (row["source"], -row["count"], row["reason"]))


def _samples(reports: list[dict[str, Any]], ends: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """A few documents of each source chosen by chance, as the reader gave them and as they were written."""
    before = {tuple(row[:2]): row[2] for report in reports for rows in report["samples"].values() for row in rows}
    return {
        end["source"]: [
            {"id": identifier, "before": before.get((rank, identifier), ""), "after": text}
            for rank, identifier, text in end["samples"]
        ][: 2 * SAMPLES]
        for end in ends
    }


def _write_json(path: Path, tree: Any) -> None:
    files.write_file(path, json.dumps(tree, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
