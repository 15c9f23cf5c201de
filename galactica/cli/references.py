"""The verbs of the library of real works."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from galactica.cli.console import LibraryFolder, out, print_table, progress

references_app = typer.Typer(no_args_is_help=True, help="Build and search the library of real works.")


@references_app.command("build")
def references_build(
    input_: Annotated[Path, typer.Option("--input", help="Bibliographies, papers or archives of them.")],
    output: Annotated[Path, typer.Option(help="Folder of the library.")],
    name: Annotated[str, typer.Option(help="What the library calls itself.")] = "references",
) -> None:
    """Build a library of every work in the bibliographies under a folder."""
    from galactica.references.store import build_from_folder

    with progress() as tell:
        library = build_from_folder(input_, output, name, progress=lambda where: tell(f"reading {where}"))
    size = sum(path.stat().st_size for path in output.iterdir())
    out.print(f"{len(library):,} works, {size / 1e6:.1f} MB in {output}")


@references_app.command("search")
def references_search(
    query: Annotated[str, typer.Argument(help="Words of title, authors or venue.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many works.")] = 10,
    library: LibraryFolder = None,
) -> None:
    """Find works of the library."""
    from galactica.files import asset
    from galactica.references.store import Library

    table = Table("score", "year", "first author", "title", box=None)
    for work, score in Library.open(library or asset("library")).search(query, limit):
        table.add_row(f"{score:.1f}", str(work.year or ""), work.surname, work.title)
    print_table(table)
