"""Tasks of a corpus under datatrove: on this machine, under Slurm or on Ray. The only file that knows datatrove.

A task is a call `work(rank)` that leaves a finished file or folder and nothing else, and does nothing where that stands.
What is finished is marked in `logs`, so that a run that was killed goes on where it stood; `logs` must be one folder for
one piece of work, and be seen from every machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from galactica.errors import BadConfig, BadData

_POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class JobsConfig:
    """Where tasks run: `executor`, and how many at a time. `slurm_*` are sbatch's, for one task; memory is in GB."""

    executor: Literal["local", "slurm", "ray"] = "local"
    workers: int = 2
    slurm_partition: str = ""
    slurm_time: str = "24:00:00"
    slurm_qos: str = "normal"
    memory_gb: int = 4

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise BadConfig(f"workers is {self.workers}; allowed: 1 and more")
        if self.executor == "slurm" and not self.slurm_partition:
            raise BadConfig("executor is 'slurm' and slurm_partition is not given; name a partition of your cluster")


class _Task:
    """What datatrove calls with a rank. Its log lines of every task are for a cluster's files, not for a person's terminal."""

    def __init__(self, work: Callable[[int], None]) -> None:
        self.work = work
        _silence()

    def __setstate__(self, state: dict[str, Any]) -> None:  # in the process of a worker
        self.__dict__.update(state)
        _silence()

    def __call__(self, data: object, rank: int, world_size: int) -> None:
        self.work(rank)


def run_tasks(work: Callable[[int], None], tasks: int, logs: Path, config: JobsConfig) -> None:
    """`work(0)` to `work(tasks - 1)`, each once, those already finished left out. Returns when all are done.

    `work` is pickled for other processes: a function of a module, or an instance of one of its classes. Raises what a task raised;
    under Slurm, BadData that names the log of a task that failed.
    """
    if not tasks:
        return
    if config.executor == "local" and config.workers == 1:
        for rank in range(
            tasks
        ):  # in this process: a task leaves its files whole or not at all, and passes over those that stand
            work(rank)
        return
    executor = _executor(_Task(work), tasks, logs, config)
    executor.run()
    if config.executor == "slurm":
        _wait(executor, logs)


def _executor(task: _Task, tasks: int, logs: Path, config: JobsConfig) -> Any:
    common = {"pipeline": [task], "tasks": tasks, "workers": min(config.workers, tasks), "logging_dir": str(logs)}
    if config.executor == "local":
        from datatrove.executor.local import LocalPipelineExecutor

        return LocalPipelineExecutor(**common)
    if config.executor == "slurm":
        from datatrove.executor.slurm import SlurmPipelineExecutor

        return SlurmPipelineExecutor(
            **common,
            time=config.slurm_time,
            partition=config.slurm_partition,
            qos=config.slurm_qos,
            mem_per_cpu_gb=config.memory_gb,
            job_name=logs.name,
        )
    try:
        import ray  # noqa: F401
    except ImportError:
        raise BadConfig("executor is 'ray', which is not installed: pip install 'galactica[ray]'") from None
    from datatrove.executor.ray import RayPipelineExecutor

    return RayPipelineExecutor(**common, mem_per_cpu_gb=config.memory_gb)


def _wait(executor: Any, logs: Path) -> None:
    """Until every task is marked as done, or none of the missing ones is left in Slurm's queue."""
    while missing := executor.get_incomplete_ranks(skip_completed=True):
        if not _is_queued(executor.job_id):
            missing = executor.get_incomplete_ranks(skip_completed=True)  # the last may have ended between two looks
            if not missing:
                return
            raise BadData(
                f"{len(missing)} tasks of {logs.name} failed, the first is {missing[0]}. "
                f"Read {logs}/slurm_logs, mend the cause and run the same command again."
            )
        time.sleep(_POLL_SECONDS)


def _is_queued(job_id: str) -> bool:
    import subprocess

    listed = subprocess.run(["squeue", "--noheader", "--job", str(job_id)], capture_output=True, text=True, check=False)
    return listed.returncode == 0 and bool(listed.stdout.strip())


def _silence() -> None:
    from loguru import logger

    logger.disable("datatrove")
