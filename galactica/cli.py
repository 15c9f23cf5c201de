"""The verbs. Each wires rooms together and says what it did; an error of the user's or the machine's is one line."""

from __future__ import annotations

import errno
import json
import shlex
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from galactica import interrupts
from galactica.errors import BadInput, GalacticaError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An open scientific language model that cannot invent a reference.",
)
tokenizer_app = typer.Typer(no_args_is_help=True, help="Show what a tokenizer does.")
references_app = typer.Typer(no_args_is_help=True, help="Build and search the library of real works.")
corpus_app = typer.Typer(no_args_is_help=True, help="Turn raw files into clean documents.")
app.add_typer(tokenizer_app, name="tokenizer")
app.add_typer(references_app, name="references")
app.add_typer(corpus_app, name="corpus")

_INTERRUPTED = 130
"""What typer returns in place of a KeyboardInterrupt."""

# Titles, pieces and file names are characters: a bracket in them opens no markup of rich's.
_FEW_WORDS = 300
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

Model = Annotated[Path | None, typer.Option("--model", help="A checkpoint folder; the bundled model where left out.")]
LibraryFolder = Annotated[
    Path | None, typer.Option("--library", help="A library folder; the bundled one where left out.")
]
Seed = Annotated[int | None, typer.Option(help="The same seed gives the same text.")]


@app.command()
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

    with _progress() as tell:
        tell("loading the model")
        writer = load_model(model, library=library)
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


@app.command()
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


@app.command()
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
    out.print(table)


@app.command()
def run(
    run_file: Annotated[Path, typer.Argument(help="A run file, e.g. runs/tiny.toml.")],
    corpus: Annotated[Path | None, typer.Option(help="Raw files; the package's small sample where left out.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder of the run; out/<name> where left out.")] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="section.key=value over the run file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that read the corpus.")] = 2,
) -> None:
    """Go the whole way: library, corpus, tokenizer, shards, model, and a sample paper."""
    from galactica import stages
    from galactica.corpus.pipeline import sample_folder

    config = stages.load_run(run_file, set_ or [])
    root = corpus or sample_folder()
    run = stages.Run(config, root, output or Path("out") / config.name, workers, lambda line: err.print(line))
    manifests = run.all()
    out.print(stages.validation_table(manifests["model"].counts))
    out.print(f"sample paper: {run.folder('sample') / stages.PAPER / 'paper.pdf'}")


@tokenizer_app.command("show")
def tokenizer_show(
    text: Annotated[str, typer.Argument(help="The text to cut into tokens.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="A folder with tokenizer.json; the bundled one where left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help='Print {"ids": [...], "pieces": [...]}.')] = False,
    data: Annotated[bool, typer.Option(help="Take control tokens in the text as plain characters.")] = False,
) -> None:
    """Print the tokens of a text with their ids."""
    from galactica.tokenizer.tokenizer import Tokenizer

    if tokenizer is None:
        from galactica.generation.galactica import asset

        tokenizer = asset("model")
    loaded = Tokenizer.load(tokenizer)
    ids = loaded.encode(text, data)
    if as_json:
        typer.echo(json.dumps({"ids": ids, "pieces": [loaded.piece(i) for i in ids]}, ensure_ascii=False))
        return
    table = Table("id", "piece", "", box=None)
    for i in ids:
        table.add_row(str(i), loaded.piece(i), "control" if loaded.is_control(i) else "")
    out.print(table)


@references_app.command("build")
def references_build(
    input_: Annotated[Path, typer.Option("--input", help="Bibliographies, papers or archives of them.")],
    output: Annotated[Path, typer.Option(help="Folder of the library.")],
    name: Annotated[str, typer.Option(help="What the library calls itself.")] = "references",
) -> None:
    """Build a library of every work in the bibliographies under a folder."""
    from galactica.references.store import build_from_folder

    with _progress() as tell:
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
    from galactica.generation.galactica import asset
    from galactica.references.store import Library

    table = Table("score", "year", "first author", "title", box=None)
    for work, score in Library.open(library or asset("library")).search(query, limit):
        table.add_row(f"{score:.1f}", str(work.year or ""), work.surname, work.title)
    out.print(table)


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
    for source in (*SOURCES, *GENERATED):
        documents, tokens = source.published or (None, None)
        published = [f"{n:,}" if n is not None else "" for n in (documents, tokens)]
        table.add_row(source.name, source.group, source.format, source.origin, source.licence, *published)
    out.print(table)


@corpus_app.command("build")
def corpus_build(
    run_file: Annotated[Path, typer.Argument(help="A run file; its [corpus] section is used.")],
    input_: Annotated[str, typer.Option("--input", help="Raw files: a folder, an archive or an fsspec URL.")],
    output: Annotated[str, typer.Option(help="Where the documents go: a folder or an fsspec URL.")],
    library: LibraryFolder = None,
    workers: Annotated[int, typer.Option(min=1, help="Tasks at a time.")] = 2,
    executor: Annotated[str, typer.Option(help="local, slurm or ray.")] = "local",
    slurm_partition: Annotated[str, typer.Option(help="The partition, under slurm.")] = "",
    work: Annotated[Path | None, typer.Option(help="Folder for unfinished work, seen from every machine.")] = None,
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
        from galactica.generation.galactica import asset

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

    with _progress() as tell:
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


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
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


def main() -> NoReturn:
    """Run a verb. Exit status 2 and one line for what the user can mend, 1 for a failure of ours."""
    interrupts.catch()
    try:
        status = app(standalone_mode=False)
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
    except (Exception, KeyboardInterrupt) as error:
        if interrupts.came() or isinstance(error, (KeyboardInterrupt, typer.Abort)):
            interrupts.leave()
        _explain(error)
    raise SystemExit(status if isinstance(status, int) else 0)


def _explain(error: Exception) -> NoReturn:
    if isinstance(error, GalacticaError):
        _fail(str(error), 2)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _fail(
            f"no space left on the device of {error.filename or 'the output'}. Free some, or give another --output.", 2
        )
    if isinstance(error, OSError) and error.filename is not None:
        _fail(f"{error.filename}: {error.strerror}. Give a path that can be read or written.", 2)
    format_message = getattr(error, "format_message", None)  # a usage error of typer's, whose class is private
    if format_message is not None:
        given = shlex.join(sys.argv[1:])[:200]
        _fail(f"{format_message()} (in: galactica {given}). See `galactica --help`.", 2)
    _internal(error)


def _internal(error: Exception) -> NoReturn:
    traceback.print_exc()
    _fail(f"a failure of ours: {type(error).__name__}: {error}. Please report it with the lines above.", 1)


def _fail(text: str, status: int) -> NoReturn:
    print(f"error: {' '.join(text.split())}", file=sys.stderr)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
