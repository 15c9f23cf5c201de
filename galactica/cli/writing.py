"""The verbs that use a model: write, generate, cite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from galactica.cli.console import LibraryFolder, Model, Seed, err, out, print_table, progress
from galactica.errors import BadInput

_FEW_WORDS = 300


def write(
    title: Annotated[str, typer.Argument(help="The title of the paper.")],
    output: Annotated[Path | None, typer.Option(help="Folder to write; out/<title> where left out.")] = None,
    model: Model = None,
    library: LibraryFolder = None,
    seed: Seed = 0,
) -> None:
    """Write a paper: paper.md, .pdf, .tex, .bib and .docx in one folder."""
    from galactica.papers.title import slug, title_problem

    problem = title_problem(title)
    if problem:
        raise BadInput(problem)
    folder = output or Path("out") / slug(title)
    from galactica.papers.export import check_folder, export

    check_folder(folder)
    from galactica.generation.galactica import load_model
    from galactica.papers import draft

    with progress() as tell:
        tell("loading the model")
        writer = load_model(model, "auto", library=library)
        paper = draft.write_paper(writer, title, seed=seed or 0, progress=tell)
        tell("typesetting")
        exported = export(paper, folder)
    for warning in exported.warnings:
        err.print(f"note: {warning}")
    for path in exported.paths.values():
        out.print(str(path))
    n_words = draft.count_words(paper)
    if n_words < _FEW_WORDS:
        err.print(
            f"note: only {n_words} words passed the checks. Try another --seed, or a better --model.", markup=False
        )
    n_citations = draft.count_citations(paper)
    out.print(
        f"{n_words:,} words; {n_citations} citations of {len(paper.references)} works, "
        f"each a record of the reference library ({len(writer.library):,} works).",
    )


def generate(
    prompt: Annotated[str, typer.Argument(help="The text to continue.")],
    max_new_tokens: Annotated[int, typer.Option(help="How many tokens at most.")] = 60,
    model: Model = None,
    library: LibraryFolder = None,
    new_doc: Annotated[bool, typer.Option(help="Begin a new document with the prompt.")] = False,
    top_p: Annotated[
        float | None, typer.Option(help="Sample from the fewest tokens that hold this probability.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Sample from this many tokens.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Sample; above 1 is wilder, below 1 tamer.")] = None,
    num_beams: Annotated[int, typer.Option(help="Beams of a beam search.")] = 1,
    seed: Seed = None,
) -> None:
    """Continue a text; where it cites, it cites works of the library."""
    from galactica.generation.galactica import load_model

    text = load_model(model, library=library).generate(
        prompt,
        max_new_tokens=max_new_tokens,
        new_doc=new_doc,
        top_p=top_p,
        top_k=top_k,
        temperature=temperature,
        num_beams=num_beams,
        seed=seed,
    )
    typer.echo(text)


def cite(
    text: Annotated[str, typer.Argument(help="The text up to the place where a citation is due.")],
    suggestions: Annotated[int, typer.Option("--suggestions", "-n", help="How many works.")] = 5,
    model: Model = None,
    library: LibraryFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print records as JSON.")] = False,
) -> None:
    """Name the works that the model would cite at the end of a text."""
    from galactica.generation.galactica import load_model
    from galactica.markup import Data

    found = load_model(model, library=library).cite([Data(text)], suggestions)
    if as_json:
        rows = [
            {
                "id": c.reference.id,
                "title": c.reference.title,
                "authors": list(c.reference.authors),
                "year": c.reference.year,
                "venue": c.reference.venue,
                "doi": c.reference.doi,
                "logprob": c.logprob,
            }
            for c in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("log p", "year", "first author", "title", box=None)
    for citation in found:
        work = citation.reference
        table.add_row(f"{citation.logprob:.2f}", str(work.year or ""), work.surname, work.title)
    print_table(table)
