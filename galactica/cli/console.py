"""What the verbs share: where they print, a line of progress, and options that more than one has."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Titles, pieces and file names are characters: a bracket in them opens no markup of rich's.
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

Model = Annotated[Path | None, typer.Option("--model", help="A checkpoint folder; the bundled model where left out.")]
LibraryFolder = Annotated[
    Path | None, typer.Option("--library", help="A library folder; the bundled one where left out.")
]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same text.")]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="section.key=value over the run file.")]


_WIDE = 10_000


def print_table(table: Table) -> None:
    """A table: on a terminal within its width, elsewhere with every cell whole, a row a line."""
    for column in table.columns:
        column.overflow = "fold"  # and not cut
    if out.is_terminal:
        out.print(table)
        return
    wide = Console(width=_WIDE, highlight=False, markup=False)
    with wide.capture() as captured:
        wide.print(table)
    out.print("\n".join(line.rstrip() for line in captured.get().splitlines()))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line that is rewritten on a terminal; elsewhere a line each time the part before the colon changes."""
    if err.is_terminal:
        with err.status("") as status:
            yield lambda line: status.update(Text(line))
        return
    told = ""

    def tell(line: str) -> None:
        nonlocal told
        step = line.partition(":")[0]
        if step != told:
            print(step, file=sys.stderr, flush=True)
            told = step

    yield tell
