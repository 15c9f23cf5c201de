"""What the corpus costs: MB/s per core of each source and stage, memory, and how both grow with the input.

    python benchmarks/corpus.py ../shared/corpus                        # sources and stages
    python benchmarks/corpus.py ../shared/corpus --grow 10 100 1000     # whole builds of 10 MB to 1 GB of JATS

The growth corpora are JATS articles of the input with other words for some of theirs, so that no two are near-duplicates.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from galactica import archives
from galactica.corpus import cite, duplicates, pipeline, reading, spans, units
from galactica.corpus.curation import CurationConfig, curate
from galactica.corpus.pipeline import GROUPS, CorpusConfig
from galactica.corpus.source import Package, PackageSource, Source
from galactica.corpus.sources import SOURCES
from galactica.files import RawFile
from galactica.generation.galactica import asset
from galactica.types import Document

MB = 1e6
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
    find = reading._keys_of(asset("library")).find
    config = CurationConfig()
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
            data += text.encode("utf-8", "replace") + bytes([spans.SEPARATOR])
    text_array = np.frombuffer(bytes(data), np.uint8)
    start = time.process_time()
    spans.repeated(text_array, starts, 0, 1)
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


def measure_growth(root: Path, sizes: list[int], memory_gb: float) -> None:
    """Whole builds in processes of their own: CPU seconds, what each further MB costs, and the peak memory of a process."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "raw"
            raw.mkdir()
            grown(root, size, raw)
            command = [
                sys.executable,
                __file__,
                str(raw),
                "--build",
                str(Path(folder) / "out"),
                "--memory-gb",
                str(memory_gb),
            ]
            rows.append(
                (
                    size,
                    json.loads(
                        subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
                    ),
                )
            )
    print(f"\n{'input MB':>9}{'documents':>11}{'CPU s':>9}{'MB/s per core':>15}{'s per further MB':>18}{'peak MB':>9}")
    before_mb, before_seconds = 0, 0.0
    for size, row in rows:
        further = (row["seconds"] - before_seconds) / (size - before_mb)
        speed = size / row["seconds"]
        print(
            f"{size:>9}{row['documents']:>11,}{row['seconds']:>9.1f}{speed:>15.2f}{further:>18.3f}{row['peak_mb']:>9.0f}"
        )
        before_mb, before_seconds = size, row["seconds"]


def build_once(root: Path, output: Path, memory_gb: float) -> None:
    """One build, and its cost as a line of JSON."""
    counts = pipeline.build(root, output, CorpusConfig(memory_gb=memory_gb), asset("library"))
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "documents": sum(row["documents"] for row in counts["sources"].values()),
                "seconds": sum(one.ru_utime + one.ru_stime for one in usage),
                "peak_mb": max(one.ru_maxrss for one in usage) / 1e3,
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="the most that is spent on one archive")
    parser.add_argument("--grow", type=int, nargs="+", metavar="MB")
    parser.add_argument("--memory-gb", type=float, default=0.5)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        build_once(options.root, options.build, options.memory_gb)
    elif options.grow:
        measure_growth(options.root, options.grow, options.memory_gb)
    else:
        measure_stages(measure_sources(options.root, options.seconds))


if __name__ == "__main__":
    main()
