"""Tasks of a corpus under datatrove: on this machine, under Slurm or on Ray. The only file that knows datatrove.

A task is a call `work(rank)` that leaves a finished file or folder and nothing else, and does nothing where that stands.
What is finished is marked in `logs`, so that a run that was killed goes on where it stood; `logs` must be one folder for
one piece of work, and be seen from every machine.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from galactica import interrupts
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


def require(config: JobsConfig) -> None:
    """Raises BadConfig where this machine lacks what the executor needs."""
    if config.executor == "slurm":
        lacking = [name for name in ("sbatch", "squeue") if shutil.which(name) is None]
        if lacking:
            raise BadConfig(
                f"executor is 'slurm' and there is no {lacking[0]} here; run this on a machine that gives jobs to Slurm"
            )
    if config.executor == "ray" and importlib.util.find_spec("ray") is None:
        raise BadConfig("executor is 'ray', which is not installed: pip install 'galactica[ray]'")


def run_tasks(work: Callable[[int], None], tasks: int, logs: Path, config: JobsConfig) -> None:
    """`work(0)` to `work(tasks - 1)`, each once, those already finished left out. Returns when all are done.

    `work` is pickled for other processes: a function of a module, a partial call of one, or an instance of one of its classes.
    Raises what a task raised; under Slurm, BadData that names the log of a task that failed.
    """
    interrupts.check()
    require(config)
    if not tasks:
        return
    if config.executor == "local" and min(config.workers, tasks) == 1:
        for rank in range(
            tasks
        ):  # in this process: a task leaves its files whole or not at all, and passes over what stands
            work(rank)
        return
    executor = _executor(_Task(work), tasks, logs, config)
    if config.executor == "local":
        _run_here(executor, config.workers)
        return
    executor.run()
    if config.executor == "slurm":
        _wait(executor, logs)


def _run_here(executor: Any, workers: int) -> None:
    """The tasks of a local executor, in processes that an interrupt reaches through this one alone.

    datatrove's own `run` starts a server and a pool, which an interrupt at the same moment leaves in errors of their own, and waits
    for ever for a worker that the system killed.
    """
    ranks = executor.get_incomplete_ranks()
    if not ranks:
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(workers, len(ranks)), multiprocessing.get_context("forkserver"), _hold, (executor,))
    try:
        with interrupts.held():
            futures = [pool.submit(_run_rank, rank) for rank in ranks]
        for future in as_completed(futures):
            interrupts.check()
            future.result()
    except BaseException as error:
        with interrupts.held():
            for process in set(multiprocessing.active_children()) - others:
                process.kill()  # a task stands a kill at any moment
        if isinstance(error, BrokenProcessPool):
            raise BadData(
                f"the system ended a worker, most likely for want of memory. Give fewer --workers than {workers} "
                "or a machine with more memory, and run the same command again."
            ) from None
        raise
    finally:
        with interrupts.held():
            pool.shutdown(cancel_futures=True)


_HELD: list[Any] = []
"""The executor in the process of a worker, given once and not with every rank: it names every file of the input."""


def _hold(executor: Any) -> None:
    _HELD[:] = [executor]


def _run_rank(rank: int) -> None:
    _HELD[0]._run_for_rank(rank)


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
