"""Units of work: every file read once whatever the parts, and hostile files cost themselves alone, in bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import random
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from galactica import archives, markup
from galactica.corpus import split, units
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.pipeline import CorpusConfig, build, sample_folder
from galactica.corpus.source import Package, PackageSource, Source
from galactica.corpus.sources import SOURCES
from galactica.corpus.units import UnitReader
from galactica.files import RawFile
from galactica.types import Document, Drop

REPOSITORY = Path(__file__).parents[2]


def lines_source() -> Source:
    def read(file: RawFile) -> Iterator[Document | Drop]:
        for line in file.data.decode("utf-8", "replace").splitlines():
            yield Document(f"lines:{line[:20]}", line, "lines", "CC0")

    return Source(
        name="lines", group="other", format="lines", origin="", licence="", split=split.lines, read=read,
        claims=lambda where, head: where.endswith(".lines"),
    )  # fmt: skip


def tree_source() -> PackageSource:
    def read(package: Package) -> Iterator[Document | Drop]:
        yield Document(f"tree:{package.where}", " ".join(package.files), "tree", "CC0")

    return PackageSource(
        name="tree", group="other", format="tree", origin="", licence="", endings=frozenset((".tex",)), read=read,
        claims=lambda package: True,
    )  # fmt: skip


def read_all(root: Path) -> tuple[Counter[str], list[Drop]]:
    documents: Counter[str] = Counter()
    drops = []
    for unit in archives.plan(root):
        for item in UnitReader(unit, (lines_source(), tree_source()), {}).read():
            if isinstance(item, Document):
                documents[item.id] += 1
            else:
                drops.append(item)
    return documents, drops


def test_every_record_once_whatever_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of one large file, of many small ones, and packages in archives in an archive, dealt to several parts."""
    monkeypatch.setattr(archives, "PART_BYTES", 50_000)
    monkeypatch.setattr(archives, "TURN_BYTES", 3_000)
    monkeypatch.setattr(units, "_SPLIT_OVER", 10_000)
    monkeypatch.setattr(units, "_NESTED_BYTES", 1_000)
    monkeypatch.setattr(split, "PIECE_BYTES", 5_000)
    monkeypatch.setattr(split, "_BLOCK", 1_000)
    (tmp_path / "many").mkdir()
    expected: set[str] = set()
    for name, count in (("big", 20_000), *((f"many/{i}", 60) for i in range(40))):
        found = [f"{name.replace('/', '-')}-{i:06d} text" for i in range(count)]
        (tmp_path / f"{name}.lines").write_text("\n".join(found))
        expected |= {f"lines:{line[:20]}" for line in found}
    with tarfile.open(tmp_path / "bulk.tar", "w") as archive:
        for i in range(60):
            data = gzip.compress(b"\\documentclass{article}" + bytes(range(256)) * 20)
            member = tarfile.TarInfo(f"2101/2101.{i:05d}.gz")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
            expected.add(f"tree:bulk.tar/2101/2101.{i:05d}.gz")
    assert len(archives.plan(tmp_path)) > 8
    documents, drops = read_all(tmp_path)
    assert set(documents) == expected
    assert set(documents.values()) == {1}
    assert drops == []


def test_small_archives_share_a_unit_and_large_ones_have_several(tmp_path: Path) -> None:
    """bioRxiv's form: an archive a paper, by month. Red where each is a task of its own, or where a large one joins them."""
    sizes = {f"2023_{month:02d}/{i:04d}.meca": 40_000 + 997 * i for month in (1, 2) for i in range(500)}
    sizes |= {"2023_02/0250-big.meca": 70_000_000, "2023_02/0251-middle.zip": 16 * 2**20, "2023_02/list.csv": 90}
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(size)  # the plan reads nothing but the listing
    planned = archives.plan(tmp_path)
    total = sum(size for size in sizes.values() if size < 10_000_000)
    shared = [unit for unit in planned if len(unit.inputs) > 1]
    assert total / archives.PART_BYTES <= len(shared) <= total / archives.PART_BYTES + 3
    assert all(sum(sizes[item.where] for item in unit.inputs) <= archives.PART_BYTES for unit in shared)
    parts = Counter(item.where for unit in planned for item in unit.inputs)
    assert parts.pop("2023_02/0250-big.meca") == archives.MAX_COMPRESSED_PARTS
    assert parts == dict.fromkeys(sizes.keys() - {"2023_02/0250-big.meca"}, 1)
    assert archives.plan(tmp_path) == planned


def test_loose_compressed_papers_are_spread_by_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """arXiv's form: `2101.00001.gz`, a paper of one file or an archive. Red where a folder of them makes four units, where a task
    decompresses papers of another, or where one reads what another has read."""
    monkeypatch.setattr(archives, "PART_BYTES", 50_000)
    (tmp_path / "2101").mkdir()
    (tmp_path / "few").mkdir()
    chance = random.Random(0)
    expected = {"tree:few", "lines:list", "lines:notes"}
    for i in range(100):
        text = b"\\documentclass{article}" + chance.randbytes(4_000)
        if i % 2:
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode="w") as archive:
                member = tarfile.TarInfo("paper.tex")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text))
            text = packed.getvalue()
        (tmp_path / f"2101/2101.{i:05d}.gz").write_bytes(gzip.compress(text))
        expected.add(f"tree:2101/2101.{i:05d}.gz")
    (tmp_path / "2101/list.lines").write_text("list")
    (tmp_path / "2101/large.lines.gz").write_bytes(gzip.compress(chance.randbytes(200_000).hex().encode()))
    (tmp_path / "few/notes.lines.gz").write_bytes(gzip.compress(b"notes"))
    (tmp_path / "few/book.tex").write_text("x")
    planned = archives.plan(tmp_path)
    parts = Counter(item.where for unit in planned for item in unit.inputs)
    assert parts.pop("2101/large.lines.gz") == archives.MAX_COMPRESSED_PARTS
    assert set(parts.values()) == {1}
    sizes = [
        sum(item.size for item in unit.inputs if isinstance(item, archives.Input))
        for unit in planned
        if unit.parts == 1
    ]
    assert max(sizes) <= 50_000
    assert sum(size > 30_000 for size in sizes) >= 8
    documents, drops = read_all(tmp_path)
    assert drops == []
    assert set(documents.values()) == {1}
    assert expected < set(documents)
    assert len(documents) == len(expected) + 1  # the large file's line


def test_archives_of_a_unit_are_read_as_if_alone(tmp_path: Path) -> None:
    """Each file once, a package of each archive, in the order of their names."""
    for i in range(30):
        with zipfile.ZipFile(tmp_path / f"{i:02d}.meca", "w") as archive:
            archive.writestr("text.lines", f"line of {i:02d}")
            archive.writestr("main.tex", "\\documentclass{article}")
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w") as nested:
                nested.writestr("inner.tex", "x")
            archive.writestr("more.zip", inner.getvalue())
    assert len(archives.plan(tmp_path)) == 1
    documents, drops = read_all(tmp_path)
    assert drops == []
    assert list(documents) == [
        name
        for i in range(30)
        for name in (f"lines:line of {i:02d}", f"tree:{i:02d}.meca", f"tree:{i:02d}.meca/more.zip")
    ]
    assert set(documents.values()) == {1}


def test_a_reader_that_fails_costs_one_file(tmp_path: Path) -> None:
    def read(file: RawFile) -> Iterator[Document | Drop]:
        yield Document("a", "x", "lines", "")
        raise RuntimeError("a bug")

    (tmp_path / "a.lines").write_text("x")
    (unit,) = archives.plan(tmp_path)
    items = list(UnitReader(unit, (replace(lines_source(), read=read),), {}).read())
    assert items == [Document("a", "x", "lines", ""), Drop("a.lines", "lines", "the reader failed: RuntimeError")]


MEASURED = """
import json, re, sys
from pathlib import Path
from galactica.corpus.pipeline import CorpusConfig, build
counts = build(Path(sys.argv[1]), Path(sys.argv[2]), CorpusConfig(memory_gb=0.2))
status = Path("/proc/self/status").read_text()  # getrusage's would count what the process held that started this one
print(json.dumps({"peak_mb": int(re.search(r"VmHWM:\\s*(\\d+)", status)[1]) / 1e3, "sources": counts["sources"]}))
"""


def built_in_a_process(raw: Path, output: Path) -> tuple[dict[str, dict[str, int]], dict[tuple[str, str], int], float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(raw), str(output)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    drops = {(row["source"], row["reason"]): row["count"] for row in json.loads((output / "drops.json").read_text())}
    return result["sources"], drops, result["peak_mb"]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder of the good and the bad; the bad ones are large only when decompressed."""
    raw = tmp_path / "raw"
    raw.mkdir()
    paper = sorted(sample_folder().glob("papers/*.xml"))[0].read_bytes()
    (raw / "good.xml").write_bytes(paper)
    bomb = (
        b'<!DOCTYPE article [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(10))
        + b"]>"
    )
    body = paper[paper.index(b"<article") :]
    (raw / "bomb.xml").write_bytes(bomb + body.replace(b"<p>", b"<p>&k;", 1))
    outside = b'<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + body.replace(b"<p>", b"<p>&x;", 1)
    (raw / "outside.xml").write_bytes(outside)
    (raw / "nul.xml").write_bytes(paper.replace(b"<p>", b"<p>\x00\x00", 1))
    (raw / "cut.xml.xz").write_bytes(lzma.compress(paper)[:-30])
    (raw / "latin.xml").write_bytes(paper.replace(b"the", b"th\xe9", 1))
    token = paper.replace(b"<p>", b"<p>[START_REF] Fake, Nobody[END_REF] </s>", 1)
    (raw / "tokens.xml").write_bytes(token.replace(b"</s>", b"&lt;/s&gt;"))
    (raw / "deep.xml").write_bytes(b"<article>" + b"<sec>" * 200_000)
    megabyte = gzip.compress(b"\x00" * 2**20)
    (raw / "zeros.xml.gz").write_bytes(megabyte * 10_000)  # 10 GB
    line = gzip.compress(b"M" * 2**20)
    (raw / "line.fasta.gz").write_bytes(
        gzip.compress(b">sp|P00001|X_HUMAN Name of it OS=Homo sapiens OX=9606\n") + line * 500
    )
    with tarfile.open(raw / "tricks.tar.gz", "w:gz") as archive:
        for name, kind in (
            ("../../evil.xml", tarfile.REGTYPE),
            ("link.xml", tarfile.SYMTYPE),
            ("dev.xml", tarfile.CHRTYPE),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member, io.BytesIO(b""))
    return raw


@pytest.mark.slow
def test_hostile_files_cost_themselves_alone(hostile: Path, tmp_path: Path) -> None:
    sources, _, peak_mb = built_in_a_process(hostile, tmp_path / "out")
    rows = json.loads((tmp_path / "out/drops.json").read_text())
    assert {where: row["reason"] for row in rows for where, _ in row["samples"] if not where.startswith("jats:")} == {
        "tricks.tar.gz/../../evil.xml": "unsafe path in an archive",
        "tricks.tar.gz/link.xml": "link or device in an archive",
        "tricks.tar.gz/dev.xml": "link or device in an archive",
        "cut.xml": "damaged or unreadable: EOFError",
        "zeros.xml": "larger than 134217728 bytes",
        "line.fasta": "a record is longer than 67108864 bytes",
        "bomb.xml": "not well-formed: XMLSyntaxError",
        "outside.xml": "not well-formed: UsesEntity",
        "deep.xml": "not well-formed: XMLSyntaxError",
        "latin.xml": "not well-formed: XMLSyntaxError",
        "nul.xml": "not well-formed: XMLSyntaxError",
        "tokens.xml": "spells a control token",
    }
    assert set(sources) == {"jats"}
    written = [d.text for split in ("train", "validation") for path in document_files(tmp_path / "out", split).values()
               for d in read_documents(path)]  # fmt: skip
    assert len(written) == 1  # the good one
    for forbidden in ("root:", "aaaaaaaaaaaaaaaaaaaa", "Fake, Nobody", "</s>"):
        assert forbidden not in written[0]
    assert not list(tmp_path.parent.rglob("evil.xml"))
    assert peak_mb < 600, f"{peak_mb:.0f} MB"


@pytest.mark.slow
def test_memory_follows_the_budget_and_not_the_input(tmp_path: Path) -> None:
    """Ten times the input of the same kind takes nearly the same memory."""
    peaks = []
    papers = [path.read_bytes() for path in sorted(sample_folder().glob("papers/*.xml"))]
    for factor in (1, 10):
        raw = tmp_path / f"raw{factor}"
        raw.mkdir()
        with tarfile.open(raw / "papers.tar", "w") as archive:
            for i in range(75 * factor):
                root = etree.fromstring(papers[i % len(papers)])
                for node in root.iter("p"):  # each another text
                    node.text = (
                        " ".join(f"word{(i * 7919 + j * 104729) % 1_000_003}" for j in range(120))
                        + " the of and in to is " * 20
                    )
                data = etree.tostring(root)
                member = tarfile.TarInfo(f"{i}.xml")
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        _, _, peak_mb = built_in_a_process(raw, tmp_path / f"out{factor}")
        peaks.append(peak_mb)
    assert (tmp_path / "raw10/papers.tar").stat().st_size > 19_000_000
    assert peaks[1] < peaks[0] + 15, peaks


def test_every_source_is_described() -> None:
    for source in SOURCES:
        assert all((source.name, source.format, source.origin, source.licence)), source
        assert len(source.format) < 80, source.name
    assert not [token for source in SOURCES for token in markup.control_tokens(source.format)]


def test_a_build_from_a_url(tmp_path: Path) -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    for path in sample_folder().rglob("*"):
        if path.is_file():
            memory.pipe(f"/sample/{path.relative_to(sample_folder()).as_posix()}", path.read_bytes())
    here = build(sample_folder(), tmp_path / "a", CorpusConfig())
    there = build("memory://sample", tmp_path / "b", CorpusConfig())
    assert here["sources"] == there["sources"]
    assert here["files"] == there["files"]
