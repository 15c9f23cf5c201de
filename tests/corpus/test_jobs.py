"""Tasks under datatrove: each once, under a local pool and under a stand-in for Slurm that speaks its commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from galactica import files
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.jobs import JobsConfig, run_tasks
from galactica.corpus.pipeline import sample_folder
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


def test_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a stand-in for sbatch that runs the array at once, and a queue that is empty afterwards."""
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
    out = tmp_path / "out"
    out.mkdir()
    config = JobsConfig(executor="slurm", workers=2, slurm_partition="cpu")
    run_tasks(Touch(out), 3, tmp_path / "logs", config)
    assert done(out) == dict.fromkeys("012", "x"), (tmp_path / "slurm.log").read_text()
    with pytest.raises(BadData, match="1 tasks of failing failed, the first is 1"):
        run_tasks(Touch(out, fails=1), 2, tmp_path / "failing", config)


@pytest.mark.slow
def test_a_build_killed_again_and_again_gives_the_same_documents(tmp_path: Path) -> None:
    """kill -9 of the whole process group at several moments; nothing is done twice in the output, nothing is missing."""
    command = [sys.executable, "-m", "galactica.cli", "corpus", "build", str(REPOSITORY / "runs/tiny.toml")]
    command += ["--input", str(sample_folder()), "--workers", "2", "--output"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([*command, str(tmp_path / "whole")], check=True, env=environment, capture_output=True)
    for seconds in (2.0, 3.5, 5.0, 6.5, 8.0):
        process = subprocess.Popen(
            [*command, str(tmp_path / "cut")], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*command, str(tmp_path / "cut")], check=True, env=environment, capture_output=True)
    for split in ("train", "validation"):
        one, two = document_files(tmp_path / "whole", split), document_files(tmp_path / "cut", split)
        assert list(one) == list(two)
        for source, path in one.items():
            assert files.sha256(path) == files.sha256(two[source])
            ids = [document.id for document in read_documents(path)]
            assert len(ids) == len(set(ids))
