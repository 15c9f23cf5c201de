"""Ctrl-C: one exception that says so, none in the processes that we start, and the memory that it came."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_came = False


class Interrupted(KeyboardInterrupt):
    """Ctrl-C. A class of its own: where a plain KeyboardInterrupt passes through `exec`, as in the making of a dataclass, the
    interpreter ends itself by a signal at the exit, whatever status was asked for."""


def catch() -> None:
    """From here on an interrupt raises `Interrupted` in the main thread."""
    signal.signal(signal.SIGINT, _raise)


def came() -> bool:
    """Whether there was one: libraries turn it into errors of other kinds, as when it comes in an import."""
    return _came


def check() -> None:
    """Raise an interrupt that came and was lost: Python drops what is raised in a destructor, libraries what is in a callback."""
    if _came:
        raise Interrupted


def leave() -> NoReturn:
    """End the command: one line and status 2."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    print("error: interrupted; nothing was left half-written. Run the same command again.", file=sys.stderr)
    raise SystemExit(2)


@contextmanager
def held() -> Iterator[None]:
    """An interrupt in the block is raised after it, and never in the processes that are started in it."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # which processes inherit
    try:
        with _noted():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@contextmanager
def _noted() -> Iterator[None]:
    """As `held`, in this process: what this thread blocks goes to another one, such as a library's, and from there to Python."""
    if threading.current_thread() is not threading.main_thread():  # which no interrupt reaches
        yield
        return
    noted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if noted:
        signal.raise_signal(signal.SIGINT)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    global _came
    _came = True
    raise Interrupted
