"""The searches over the whole corpus hold to `corpus.memory_gb` on data that is ten times as large, as the system counts memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from galactica.corpus.duplicates import N_BANDS, ROW, SAME_TEXT
from galactica.corpus.pipeline import CorpusConfig

REPOSITORY = Path(__file__).parents[2]
MEMORY_GB = 0.02
BUDGET_BYTES = int(MEMORY_GB * 1e9)

MEASURED = """
import re, sys
from pathlib import Path
from galactica.corpus import finishing, spans

def kilobytes(name):
    return int(re.search(name + r":\\s*(\\d+)", Path("/proc/self/status").read_text())[1])

def duplicates(folder, budget_bytes):
    units = sorted(path for path in folder.iterdir() if path.is_dir())
    finishing.mark_duplicates(units, ["one", "two"], 0.8, folder / "verdicts.npz", budget_bytes)

def repeated_spans(folder, budget_bytes):
    text = finishing.text_of(folder, budget_bytes)
    for chunk in range(spans.n_chunks(text.n_bytes)):
        spans.scan(text, chunk)
    for part in range(text.parts):
        spans.find(text, part)
    spans.join(text, finishing.spans_path(folder))

search, folder, budget_bytes = globals()[sys.argv[1]], Path(sys.argv[2]), int(sys.argv[3])
search(folder / "few", budget_bytes)  # reads in what is read in late
base = kilobytes("VmRSS")
search(folder / "many", budget_bytes)
print((kilobytes("VmHWM") - base) * 1024)
"""


def peak_over_base(search: str, folder: Path) -> int:
    """Bytes that a search takes beside the program, mapped files included."""
    command = [sys.executable, "-c", MEASURED, search, str(folder), str(BUDGET_BYTES)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


def write_rows(folder: Path, n: int) -> None:
    """Rows of n documents of two sources in three units, every tenth a near copy of the one before it."""
    rng = np.random.default_rng(n)
    for unit, source in enumerate(("one", "two", "two")):
        rows = np.zeros(n // 3, ROW)
        rows["digest"] = rng.integers(0, 2**63, (n // 3, 2))
        rows["signature"] = rng.integers(0, 2**32, (n // 3, ROW["signature"].shape[0]), dtype=np.uint64)
        rows["has_signature"] = True
        rows["signature"][10::10, 6:] = rows["signature"][9:-1:10, 6:]
        rows["digest"][20::100] = rows["digest"][19:-1:100]
        (folder / f"{unit}").mkdir(parents=True)
        rows.tofile(folder / f"{unit}" / f"{source}.rows")


def write_text(folder: Path, n_bytes: int) -> None:
    """Documents of 5,000 random words in four sources, one in twenty with a page that others have too."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(n_bytes)
    words = rng.integers(97, 123, (50_000, 8), dtype=np.uint8)
    words[:, 7] = 32
    pages = [words[rng.integers(0, 50_000, 250)].tobytes() for _ in range(100)]
    starts = []
    with (folder / "text.bin").open("wb") as stream:
        for source in range(4):
            starts.append(stream.tell())
            while stream.tell() < n_bytes * (source + 1) // 4:
                shared = pages[rng.integers(100)] if rng.random() < 0.05 else b""
                stream.write(words[rng.integers(0, 50_000, 5_000)].tobytes() + shared + b"\xff")
    np.save(folder / "source_starts.npy", np.array(starts))


@pytest.mark.slow
def test_duplicates_among_ten_times_the_budget(tmp_path: Path) -> None:
    """Red where the rows, the records of bands or the pairs found are held together."""
    n = 400_000
    assert n * ROW.itemsize > 5 * BUDGET_BYTES
    assert n * (ROW.itemsize + N_BANDS * 24) > 10 * BUDGET_BYTES  # what is kept and written to compare them
    write_rows(tmp_path / "few", 300)
    write_rows(tmp_path / "many", n)
    assert peak_over_base("duplicates", tmp_path) < BUDGET_BYTES
    with np.load(tmp_path / "many/verdicts.npz") as found:
        verdicts = np.concatenate([found["one"], found["two"]])
    assert 0.09 * n < (verdicts > 0).sum() < 0.11 * n
    assert (verdicts == SAME_TEXT).sum() > 0.009 * n


@pytest.mark.slow
def test_repeated_spans_in_ten_times_the_budget(tmp_path: Path) -> None:
    """Red where the text, the seeds of it or the windows of a part are held together, or the text is mapped and stays."""
    write_text(tmp_path / "few", 200_000)
    write_text(tmp_path / "many", 10 * BUDGET_BYTES)
    assert (tmp_path / "many/text.bin").stat().st_size >= 10 * BUDGET_BYTES
    assert peak_over_base("repeated_spans", tmp_path) < BUDGET_BYTES
    assert (tmp_path / "many/spans.bin").stat().st_size > 50 * 16


def test_the_budget_of_these_tests_is_one_that_may_be_given() -> None:
    assert CorpusConfig(memory_gb=MEMORY_GB).memory_gb == MEMORY_GB
