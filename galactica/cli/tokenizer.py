"""The verbs between a corpus and a training: a tokenizer, and documents as token shards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from galactica.cli.console import out, print_table

tokenizer_app = typer.Typer(
    no_args_is_help=True, help="Learn a tokenizer, cut a corpus into tokens, show what one does."
)
Corpus = Annotated[Path, typer.Argument(help="A folder of `galactica corpus build`.")]


@tokenizer_app.command("train")
def tokenizer_train(
    corpus: Corpus,
    output: Annotated[Path, typer.Option(help="Folder of the tokenizer.")],
    vocab_size: Annotated[int, typer.Option(help="Pieces; the paper has 50,000.")] = 50_000,
    sample_megabytes: Annotated[
        int, typer.Option(min=1, help="Text to learn on, of all sources in proportion.")
    ] = 2000,
) -> None:
    """Learn a tokenizer on the training documents of a corpus."""
    from galactica.encoding import learn_tokenizer
    from galactica.tokenizer.train import TokenizerConfig

    found, is_new = learn_tokenizer(corpus, output, TokenizerConfig(sample_megabytes * 1_000_000), vocab_size)
    out.print(f"{output}: {'' if is_new else 'unchanged, '}{found.counts['vocab_size']:,} pieces")


@tokenizer_app.command("encode")
def tokenizer_encode(
    corpus: Corpus,
    tokenizer: Annotated[Path, typer.Option(help="A folder with tokenizer.json.")],
    output: Annotated[Path, typer.Option(help="Folder of the shards, for `galactica train --shards`.")],
) -> None:
    """Write the documents of a corpus as token shards."""
    from galactica.encoding import encode_corpus

    found, is_new = encode_corpus(corpus, tokenizer, output)
    for split, sources in found.counts.items():
        out.print(f"{split}: {sum(sources.values()):,} tokens of {len(sources)} sources")
    out.print(f"{output}{'' if is_new else ': unchanged'}")


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
        from galactica.files import asset

        tokenizer = asset("model")
    loaded = Tokenizer.load(tokenizer)
    ids = loaded.encode(text, data)
    if as_json:
        typer.echo(json.dumps({"ids": ids, "pieces": [loaded.piece(i) for i in ids]}, ensure_ascii=False))
        return
    table = Table("id", "piece", "", box=None)
    for i in ids:
        table.add_row(str(i), loaded.piece(i), "control" if loaded.is_control(i) else "")
    print_table(table)
