"""What the corpus costs: MB/s per core of each source and stage, memory, and how both grow with the input.

    python benchmarks/corpus.py ../shared/corpus                        # sources and stages
    python benchmarks/corpus.py ../shared/corpus --grow 10 100 1000     # whole builds of 10 MB to 1 GB of JATS
    python benchmarks/corpus.py ../shared/corpus --library 10 100 1000  # their libraries, step by step, by one worker and two

Memory is the peak of the process that works (VmHWM): getrusage's would count what the process held that started it. The growth
corpora are JATS articles of the input with other words for some of theirs, so that no two are near-duplicates.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from galactica import archives, stages
from galactica.corpus import cite, duplicates, pipeline, spans, units
from galactica.corpus.curation import CurationConfig, curate
from galactica.corpus.jobs import JobsConfig, run_tasks
from galactica.corpus.pipeline import GROUPS, CorpusConfig
from galactica.corpus.seeds import SEPARATOR
from galactica.corpus.source import Package, PackageSource, Source
from galactica.corpus.sources import SOURCES
from galactica.files import RawFile, asset
from galactica.references import lookup
from galactica.references.match import KeyIndex
from galactica.references.store import Library, build_from_folder
from galactica.references.works import Task
from galactica.types import Document

MB = 1e6
SPANS_BYTES = 1_000_000_000
"""The memory of the search for repeated spans."""
_WORD = re.compile(rb"(?<=[ >])[a-z]{5,12}(?=[ ,.<])")


class Clock:
    """Seconds and bytes by name."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.documents: Counter[str] = Counter()

    def table(self, head: str) -> None:
        print(f"\n{head:<24}{'MB':>9}{'documents':>11}{'MB/s per core':>15}")
        for name, seconds in sorted(self.seconds.items(), key=lambda item: -self.bytes[item[0]]):
            size = self.bytes[name] / MB
            print(f"{name:<24}{size:>9.1f}{self.documents[name]:>11,}{size / max(seconds, 1e-9):>15.2f}")


def timed(source: Source | PackageSource, clock: Clock) -> Source | PackageSource:
    """The source with its reading under a clock (CPU seconds of this process)."""

    def read(raw: Any) -> Iterator[Any]:
        start = time.process_time()
        found = list(source.read(raw))
        label = f"{source.name} ({source.format[:24]})" if isinstance(source, PackageSource) else source.name
        clock.seconds[label] += time.process_time() - start
        clock.bytes[label] += sum(map(len, raw.files.values())) if isinstance(raw, Package) else len(raw.data)
        clock.documents[label] += sum(isinstance(item, Document) for item in found)
        return iter(found)

    return replace(source, read=read)


def measure_sources(root: Path, seconds_each: float) -> list[Document]:
    """Print the speed of every source on the input; return documents for the stages. An archive is left after `seconds_each`."""
    clock = Clock()
    sources = tuple(timed(source, clock) for source in SOURCES)
    documents: list[Document] = []
    for unit in archives.plan(root):
        if unit.part:
            continue
        end = time.monotonic() + seconds_each
        for item in units.UnitReader(replace(unit, parts=1), sources, {}).read():
            if isinstance(item, Document) and len(documents) < 30_000:
                documents.append(item)
            if time.monotonic() > end:
                break
    clock.table("source")
    return documents


def measure_stages(documents: list[Document]) -> None:
    """Print the speed of each step that every document goes through."""
    clock = Clock()
    config = CurationConfig()
    with tempfile.TemporaryDirectory() as folder:  # its files stay mapped
        find = KeyIndex(lookup.make(Library.open(asset("library")), Path(folder))).find
    kept: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        n_bytes = len(document.text.encode("utf-8", "replace"))
        found = document
        for name, step in (
            ("curate", lambda d: curate(d, GROUPS[d.source], config)),
            ("name citations", lambda d: cite.canonical(d, find)[0]),
            ("MinHash", lambda d: (duplicates.signature(d.text), d)[1]),
        ):
            if name == "MinHash" and GROUPS[document.source] not in ("papers", "reference material"):
                continue
            start = time.process_time()
            result = step(found)
            clock.seconds[name] += time.process_time() - start
            clock.bytes[name] += n_bytes
            clock.documents[name] += 1
            if not isinstance(result, Document):
                break
            found = result
        else:
            kept[found.source].append(found.text)
    start = time.process_time()
    data = bytearray()
    starts = []
    for texts in kept.values():
        starts.append(len(data))
        for text in texts:
            data += text.encode("utf-8", "replace") + bytes([SEPARATOR])
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "text.bin"
        path.write_bytes(data)
        whole = spans.Text(path, starts, Path(scratch), spans.n_parts(len(data), SPANS_BYTES), SPANS_BYTES)
        start = time.process_time()
        for chunk in range(spans.n_chunks(len(data))):
            spans.scan(whole, chunk)
        for part in range(whole.parts):
            spans.find(whole, part)
        spans.join(whole, Path(scratch) / "spans.bin")
    clock.seconds["repeated spans"] = time.process_time() - start
    clock.bytes["repeated spans"] = len(data)
    clock.table("stage")


def grown(root: Path, megabytes: int, output: Path) -> None:
    """An archive of about so many MB of JATS, every article another one."""
    articles = [
        raw.data
        for raw in archives.walk(root / "plos-jats.tar.xz")
        if isinstance(raw, RawFile) and raw.name.endswith(".xml")
    ]
    rng = random.Random(0)
    size = number = 0
    with tarfile.open(output / f"jats-{megabytes}.tar", "w") as archive:
        while size < megabytes * MB:
            article = articles[number % len(articles)]
            key = hashlib.sha256(str(number).encode()).hexdigest()

            def other(match: re.Match[bytes], key: str = key) -> bytes:
                return match[0] if rng.random() < 0.6 else match[0][:2] + key[rng.randrange(50) :][:5].encode()

            article = re.sub(rb"10\.1371/[\w.]+", f"10.1371/j.{key[:12]}".encode(), _WORD.sub(other, article))
            member = tarfile.TarInfo(f"{number}.xml")
            member.size = len(article)
            archive.addfile(member, BytesIO(article))
            size, number = size + len(article), number + 1


def peak_mb() -> float:
    """The most memory that this process has held since `forget_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s*(\d+)", status)[0]) / 1e3


def forget_peak() -> None:
    """Begin to look for the peak anew."""
    Path("/proc/self/clear_refs").write_text("5")


def in_a_process(root: Path, size: int, *options: str) -> dict[str, Any]:
    """What this script prints as its last line, of a corpus of so many MB."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        raw.mkdir()
        grown(root, size, raw)
        command = [sys.executable, __file__, str(raw), "--output", str(Path(folder) / "out"), *options]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def measure_growth(root: Path, sizes: list[int], memory_gb: float) -> None:
    """Whole builds in processes of their own: CPU seconds, what each further MB costs, and the peak memory."""
    print(
        f"\n{'input MB':>9}{'documents':>11}{'library s':>11}{'the rest s':>12}{'MB/s':>7}{'s per further MB':>18}"
        f"{'peak MB, library':>18}{'the rest':>10}"
    )
    before_mb, before = 0, 0.0
    for size in sizes:
        row = in_a_process(root, size, "--build", "--memory-gb", str(memory_gb))
        seconds = row["library"] + row["rest"]
        print(
            f"{size:>9}{row['documents']:>11,}{row['library']:>11.1f}{row['rest']:>12.1f}{size / seconds:>7.2f}"
            f"{(seconds - before) / (size - before_mb):>18.3f}{row['library_mb']:>18.0f}{row['rest_mb']:>10.0f}",
            flush=True,
        )
        before_mb, before = size, seconds


def build_once(root: Path, output: Path, memory_gb: float) -> None:
    """One build in this process, and its cost as a line of JSON."""
    config, jobs = CorpusConfig(memory_gb=memory_gb), JobsConfig(workers=1)
    start = time.process_time()
    works = output.with_name("works")
    stages.own_library(root, works, "works", config, jobs, output.with_name("unfinished"), lambda line: None)
    middle, library_mb = time.process_time(), peak_mb()
    forget_peak()
    counts = pipeline.build(root, output, config, works)
    row = {
        "documents": sum(row["documents"] for row in counts["sources"].values()),
        "library": middle - start,
        "rest": time.process_time() - middle,
        "library_mb": library_mb,
        "rest_mb": peak_mb(),
    }
    print(json.dumps(row))


@dataclass(frozen=True, slots=True)
class Measured:
    """A task of the library that leaves the process, CPU seconds and peak memory of each rank in `notes`."""

    task: Task
    notes: Path

    def __call__(self, rank: int) -> None:
        forget_peak()
        start = time.process_time()
        self.task(rank)
        row = {"process": os.getpid(), "seconds": time.process_time() - start, "peak_mb": peak_mb()}
        (self.notes / f"{rank}.json").write_text(json.dumps(row))

    def folder(self, rank: int) -> Path:
        """As the task says."""
        return self.task.folder(rank)


def library_once(root: Path, output: Path, memory_gb: float, workers: int) -> None:
    """One library, and what each step of it costs as a line of JSON."""
    steps: dict[str, dict[str, float]] = {}
    in_this_process: list[float] = []
    jobs = JobsConfig(workers=workers)

    def run(task: Task, tasks: int, notes: Path) -> None:
        measured = output.with_name(notes.name)
        measured.mkdir()
        run_tasks(Measured(task, measured), tasks, notes, jobs)
        seconds: Counter[int] = Counter()
        for row in (rows := [json.loads(path.read_text()) for path in measured.iterdir()]):
            seconds[row["process"]] += row["seconds"]
        steps[notes.name.split("-")[1]] = {
            "seconds": sum(seconds.values()),
            "of the busiest": max(seconds.values()),
            "peak_mb": max(row["peak_mb"] for row in rows),
        }
        in_this_process.append(seconds[os.getpid()])
        forget_peak()

    start = time.process_time()
    budget_bytes = int(memory_gb * 1e9 / workers)
    library = build_from_folder(root, output, budget_bytes=budget_bytes, workers=workers, run=run)
    here = time.process_time() - start - sum(in_this_process)
    steps["writing"] = {"seconds": here, "of the busiest": here, "peak_mb": peak_mb()}
    print(json.dumps({"works": len(library), "mentions": library.manifest.counts["mentions"], "steps": steps}))


def measure_library(root: Path, sizes: list[int], memory_gb: float) -> None:
    """Print what each step of the library costs, by one worker and by two."""
    for size in sizes:
        for workers in (1, 2):
            row = in_a_process(root, size, "--works", str(workers), "--memory-gb", str(memory_gb))
            steps = row["steps"]
            total = sum(step["seconds"] for step in steps.values())
            print(
                f"\n{size} MB, {workers} workers: {row['mentions']:,} mentions, {row['works']:,} works; {size / total:.2f} MB/s"
            )
            print(f"{'step':<12}{'CPU s':>9}{'busiest worker':>16}{'MB/s per core':>15}{'peak MB':>9}")
            for name, step in steps.items():
                speed = size / max(step["seconds"], 1e-9)
                print(
                    f"{name:<12}{step['seconds']:>9.1f}{step['of the busiest']:>16.1f}{speed:>15.1f}{step['peak_mb']:>9.0f}",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="the most that is spent on one archive")
    parser.add_argument("--grow", type=int, nargs="+", metavar="MB")
    parser.add_argument("--library", type=int, nargs="+", metavar="MB")
    parser.add_argument("--memory-gb", type=float, default=0.5)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--works", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build_once(options.root, options.output, options.memory_gb)
    elif options.works:
        library_once(options.root, options.output, options.memory_gb, options.works)
    elif options.library:
        measure_library(options.root, options.library, options.memory_gb)
    elif options.grow:
        measure_growth(options.root, options.grow, options.memory_gb)
    else:
        measure_stages(measure_sources(options.root, options.seconds))


if __name__ == "__main__":
    main()
