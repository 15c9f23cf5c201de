"""The verbs that turn raw files into clean documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from galactica.cli.console import err, out, print_table, progress

corpus_app = typer.Typer(no_args_is_help=True, help="Turn raw files into clean documents.")


@corpus_app.command("sources")
def corpus_sources(
    as_json: Annotated[bool, typer.Option("--json", help="Print the lines as JSON.")] = False,
) -> None:
    """List the sources that the corpus reads, with what the Galactica paper says of each."""
    from galactica.corpus.sources import GENERATED, SOURCES

    if as_json:
        fields = ("name", "group", "format", "origin", "licence")
        rows = [
            {field: getattr(source, field) for field in fields}
            | {"documents": (source.published or (None, None))[0], "tokens": (source.published or (None, None))[1]}
            for source in (*SOURCES, *GENERATED)
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("source", "group", "format", "where it is had", "licence", "documents", "tokens", box=None)
    table.columns[0].no_wrap = True
    for source in (*SOURCES, *GENERATED):
        documents, tokens = source.published or (None, None)
        published = [f"{n:,}" if n is not None else "" for n in (documents, tokens)]
        table.add_row(source.name, source.group, source.format, source.origin, source.licence, *published)
    print_table(table)


@corpus_app.command("build")
def corpus_build(
    run_file: Annotated[Path, typer.Argument(help="A run file; its [corpus] section is used.")],
    input_: Annotated[str, typer.Option("--input", help="Raw files: a folder, an archive or an fsspec URL.")],
    output: Annotated[str, typer.Option(help="Where the documents go: a folder or an fsspec URL.")],
    library: Annotated[
        Path | None, typer.Option(help="A library folder; where left out one is built from the input, into the output.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Tasks at a time.")] = 2,
    executor: Annotated[str, typer.Option(help="local, slurm or ray.")] = "local",
    slurm_partition: Annotated[str, typer.Option(help="The partition, under slurm.")] = "",
    work: Annotated[
        Path | None,
        typer.Option(help="Folder for unfinished work, seen from every machine; beside the output if left out."),
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="section.key=value over the run file.")] = None,
) -> None:
    """Turn raw files into clean documents. An interrupted build goes on where it stood."""
    from galactica import config as configuration
    from galactica import stages
    from galactica.corpus.jobs import JobsConfig
    from galactica.corpus.report import citation_rows

    corpus = stages.load_run(run_file, set_ or []).corpus
    jobs = configuration.build(
        {"executor": executor, "workers": workers, "slurm_partition": slurm_partition},
        JobsConfig,
        "galactica corpus build",
    )
    found, is_new = stages.build_corpus(input_, output, corpus, library, jobs, work, lambda line: err.print(line))
    out.print(f"{output}: {'' if is_new else 'unchanged, '}{stages.summary(found.counts)}")
    for source, marks, by_list, by_library, share, why_not in citation_rows(found.counts["sources"]):
        resolved = f"{by_list} resolved by the papers' lists, {by_library} by the library ({share})"
        out.print(f"{source}: {marks} citation marks, {resolved}{'; not: ' if why_not else ''}{why_not}")
    for source, n in sorted(found.counts["contaminated"].items()):
        err.print(f"note: {n:,} documents of {source} share text with an evaluation; see leakage.json")


@corpus_app.command("fetch")
def corpus_fetch(
    source: Annotated[str, typer.Argument(help="A source, or SOURCE/VARIANT, of `galactica corpus sources`.")],
    output: Annotated[Path, typer.Option(help="Folder for the raw files; what is there already is not asked again.")],
    limit: Annotated[int, typer.Option(min=1, help="How many files of the source.")] = 1,
    max_megabytes: Annotated[int | None, typer.Option(help="Stop before more than this.")] = None,
    base_url: Annotated[str | None, typer.Option(help="A mirror: addresses become BASE/HOST/PATH.")] = None,
) -> None:
    """Get a part of a public source from its official place, with checksums; a call that was cut off goes on."""
    from galactica.corpus.fetch import fetch

    done = fetch(source, output, limit, lambda line: err.print(line), max_megabytes=max_megabytes, base_url=base_url)
    cut = ", cut off by --max-megabytes" if done.is_cut else ""
    out.print(f"{output}: {done.n_files:,} files, {done.n_bytes / 1e6:.1f} MB; {done.n_present:,} there already{cut}")


@corpus_app.command("report")
def corpus_report(
    corpus: Annotated[Path, typer.Argument(help="The folder of a built corpus.")],
    output: Annotated[Path | None, typer.Option(help="The page; report.html in the folder where left out.")] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="A folder with tokenizer.json; the bundled one where left out.")
    ] = None,
) -> None:
    """Write one HTML page: counts, token shares, drop reasons, and documents to read, before and after."""
    from galactica.corpus.report import write_report
    from galactica.tokenizer.tokenizer import Tokenizer

    if tokenizer is None:
        from galactica.files import asset

        tokenizer = asset("model")
    loaded = Tokenizer.load(tokenizer)
    path = output or corpus / "report.html"
    write_report(corpus, path, lambda text: len(loaded.encode(text)))
    out.print(str(path))


@corpus_app.command("grobid")
def corpus_grobid(
    pdfs: Annotated[Path, typer.Argument(help="A folder of PDFs.")],
    output: Annotated[Path, typer.Option(help="Folder of the .tei.xml files.")],
    server: Annotated[str, typer.Option(help="Address of a running GROBID.")] = "http://127.0.0.1:8070",
) -> None:
    """Have a GROBID server turn PDFs into TEI, which the corpus reads. What is there already is not asked again."""
    from galactica.corpus.grobid import GrobidConfig, process_folder

    with progress() as tell:
        done = process_folder(pdfs, output, GrobidConfig(server=server), tell)
    for path, reason in done.failed.items():
        err.print(f"note: {path}: {reason}")
    out.print(f"{done.n_written:,} written, {done.n_present:,} there already, {len(done.failed):,} failed")


@corpus_app.command("fingerprint")
def corpus_fingerprint(
    items: Annotated[Path, typer.Argument(help="Evaluation items as JSON lines; every string in them counts.")],
    output: Annotated[Path, typer.Option(help="The fingerprint, for corpus.fingerprint of a run file.")],
) -> None:
    """Write the n-grams of evaluation items, to be looked for in the corpus."""
    from galactica.corpus.decontamination import read_items, write_fingerprint

    n = write_fingerprint(output, read_items(items))
    out.print(f"{output}: {n:,} texts")
