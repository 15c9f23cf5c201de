"""The command: an interrupt ends it with status 2 from its first moment on, before the verbs are read in."""

from __future__ import annotations

from typing import NoReturn

from galactica import interrupts


def main() -> NoReturn:
    """Run a verb."""
    interrupts.catch()
    try:
        from galactica.cli import main as run

        interrupts.check()
    except BaseException:
        if not interrupts.came():
            raise
        interrupts.leave()
    run()


if __name__ == "__main__":
    main()
