"""A process of its own that runs programs: started by `execute.py` in isolated mode, in an empty folder, never imported.

Reads a JSON list of programs from its input; writes a JSON line for each: what the program wrote to its file, or null where it
failed. A program over its time ends the process, so that the first one without a line is the one that did it.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
from pathlib import Path

MEMORY_BYTES = 512 * 2**20
FILE_BYTES = 2**20
CPU_SECONDS = 5
WALL_SECONDS = 30


def main() -> None:
    """Run what is asked for."""
    output = Path(sys.argv[1])
    programs = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = Path(os.devnull).open("w")
    _limit("RLIMIT_AS", MEMORY_BYTES)
    _limit("RLIMIT_FSIZE", FILE_BYTES)
    _limit("RLIMIT_NPROC", 0)
    _limit("RLIMIT_CORE", 0)
    for program in programs:
        answers.write(json.dumps(_run(program, output)) + "\n")
        answers.flush()


def _run(program: str, output: Path) -> str | None:
    output.unlink(missing_ok=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit("RLIMIT_CPU", int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    try:
        exec(compile(program, "calculate.py", "exec"), {"__name__": "__main__"})
        return output.read_text(encoding="utf-8")
    except BaseException:  # whatever it is, SystemExit too, it is the program's and not ours
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limit(name: str, value: int) -> None:
    """Lowered where the system has such a limit (macOS has no bound of the address space)."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        kind = getattr(resource, name)
        resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


if __name__ == "__main__":
    main()
