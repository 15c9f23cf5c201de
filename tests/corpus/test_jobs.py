"""Tasks under datatrove: each once, under a local pool and under a stand-in for Slurm that speaks its commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from galactica import files, stages
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.jobs import JobsConfig, run_tasks
from galactica.corpus.pipeline import CorpusConfig, sample_folder
from galactica.errors import BadConfig, BadData

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Touch:
    folder: Path
    fails: int = -1

    def __call__(self, rank: int) -> None:
        if rank == self.fails:
            raise ValueError("task 2 fails")
        if (self.folder / str(rank)).exists():
            return
        # Whole or not at all: the failure of another task ends this process at any moment.
        beside = self.folder / f".{rank}.{os.getpid()}"
        beside.write_text("x")
        beside.rename(self.folder / str(rank))


def done(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.mark.parametrize("workers", [1, 2])
def test_each_task_once_and_a_failure_is_raised_and_mended(tmp_path: Path, workers: int) -> None:
    out = tmp_path / "out"
    out.mkdir()
    config = JobsConfig(workers=workers)
    with pytest.raises(ValueError, match="task 2 fails"):
        run_tasks(Touch(out, fails=2), 4, tmp_path / "logs", config)
    run_tasks(Touch(out), 4, tmp_path / "logs", config)
    assert done(out) == dict.fromkeys("0123", "x")
    run_tasks(Touch(out), 4, tmp_path / "logs", config)
    assert done(out) == dict.fromkeys("0123", "x")


def test_bad_config() -> None:
    with pytest.raises(BadConfig, match="name a partition"):
        JobsConfig(executor="slurm")
    with pytest.raises(BadConfig, match="workers is 0"):
        JobsConfig(workers=0)


SBATCH = """#!/usr/bin/env python3
import os, re, subprocess, sys
script = sys.argv[-1] if len(sys.argv) > 1 and os.path.exists(sys.argv[-1]) else None
text = open(script).read() if script else sys.stdin.read()
array = re.search(r"--array=([0-9,-]+)", text + " ".join(sys.argv))
ids = []
for part in (array[1] if array else "0").split(","):
    first, _, last = part.partition("-")
    ids += range(int(first), int(last or first) + 1)
for i in ids:
    env = {**os.environ, "SLURM_ARRAY_TASK_ID": str(i), "SLURM_JOB_ID": "7", "SLURM_NODELIST": "localhost",
           "SLURM_CPUS_PER_TASK": "1", "SLURM_MEM_PER_CPU": "4096", "SLURM_GPUS_ON_NODE": "0"}
    subprocess.run(["bash", "-c", text], env=env, stdout=open(os.environ["FAKE_LOG"], "a"), stderr=subprocess.STDOUT)
print("7" if "--parsable" in sys.argv else "Submitted batch job 7")
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobsConfig:
    """A stand-in for sbatch that runs the array at once, and a queue that is empty afterwards."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {
        "sbatch": SBATCH,
        "squeue": "#!/bin/sh\nexit 0\n",
        "scontrol": "#!/bin/sh\necho localhost\n",
        "srun": '#!/bin/sh\nwhile :; do case $1 in -n) shift 2;; -*) shift;; *) break;; esac; done\nexec "$@"\n',
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "slurm.log"))
    monkeypatch.setenv("PYTHONPATH", f"{REPOSITORY}:{Path(__file__).parent}")
    return JobsConfig(executor="slurm", workers=2, slurm_partition="cpu")


def test_slurm(tmp_path: Path, slurm: JobsConfig) -> None:
    out = tmp_path / "out"
    out.mkdir()
    run_tasks(Touch(out), 3, tmp_path / "logs", slurm)
    assert done(out) == dict.fromkeys("012", "x"), (tmp_path / "slurm.log").read_text()
    with pytest.raises(BadData, match="1 tasks of failing failed, the first is 1"):
        run_tasks(Touch(out, fails=1), 2, tmp_path / "failing", slurm)


def test_the_library_of_an_input_is_built_by_slurm_too(tmp_path: Path, slurm: JobsConfig) -> None:
    """Every step of it, with the bytes that this process makes."""
    found = [
        stages.own_library(
            sample_folder(), tmp_path / jobs.executor, "works", CorpusConfig(), jobs, tmp_path / f"work-{i}", lambda line: None
        )
        for i, jobs in enumerate((slurm, JobsConfig(workers=1)))
    ]  # fmt: skip
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].fingerprint == found[1].fingerprint
    assert (tmp_path / "slurm.log").read_text().count("clustered") > 0


@dataclass(frozen=True)
class Vanish:
    def __call__(self, rank: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_the_system_killed_is_an_error_and_no_wait_for_ever(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="Give fewer --workers than 2"):
        run_tasks(Vanish(), 2, tmp_path / "logs", JobsConfig(workers=2))


def start_build(output: Path) -> subprocess.Popen[str]:
    """A build of the sample by two workers, in a process group of its own; says "up" before it does anything."""
    arguments = ["corpus", "build", str(REPOSITORY / "runs/tiny.toml"), "--input", str(sample_folder())]
    arguments += ["--workers", "2", "--output", str(output)]
    code = "import sys; print('up', file=sys.stderr, flush=True); from galactica.__main__ import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], said: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(said):
            return


@pytest.mark.parametrize("after", ["up", "reading"])
def test_an_interrupt_at_any_moment_is_one_line_and_status_2(tmp_path: Path, after: str) -> None:
    """As Ctrl-C sends it, to every process of the group: while modules are read in, while workers start, while they work."""
    random = Random(20221115)
    for _ in range(3):
        process = start_build(tmp_path / "out")
        wait_for(process, after)
        time.sleep(random.uniform(0.1, 0.8))
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr is not None
        lines = process.stderr.read().splitlines()
        assert process.wait(timeout=60) == 2, lines
        assert [
            line for line in lines if not line.startswith(("building the library", "reading 6", "looking for"))
        ] == ["error: interrupted; nothing was left half-written. Run the same command again."]
        assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_build_killed_again_and_again_gives_the_same_documents(tmp_path: Path) -> None:
    """kill -9 of the whole process group in every stage; nothing is done twice in the output, nothing is missing."""
    whole = start_build(tmp_path / "whole")
    wait_for(whole, "never")
    assert whole.wait() == 0
    for stage in ("reading", "looking for documents", "writing"):
        process = start_build(tmp_path / "cut")
        wait_for(process, stage)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (tmp_path / "cut").exists()
    last = start_build(tmp_path / "cut")
    wait_for(last, "never")
    assert last.wait() == 0
    for split in ("train", "validation"):
        one, two = document_files(tmp_path / "whole", split), document_files(tmp_path / "cut", split)
        assert list(one) == list(two)
        for source, path in one.items():
            assert files.sha256(path) == files.sha256(two[source])
            ids = [document.id for document in read_documents(path)]
            assert len(ids) == len(set(ids))
