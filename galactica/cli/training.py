"""The verbs that train a model or go the whole way to it, and the one that says what a training needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from typer.core import TyperGroup

from galactica.cli.console import Overrides, err, out
from galactica.errors import BadConfig, BadInput

if TYPE_CHECKING:
    from galactica.training.plan import Plan

_UNITS = {"B": 1.0, "MB": 1e6, "GB": 1e9, "TB": 1e12, "MIB": 2.0**20, "GIB": 2.0**30}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*")


class _TrainGroup(TyperGroup):
    """`galactica train RUN_FILE` is `galactica train run RUN_FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


train_app = typer.Typer(cls=_TrainGroup, no_args_is_help=True, help="Train a model, or draw the curves of a training.")


@train_app.command("run")
def train_run(
    run_file: Annotated[Path, typer.Argument(help="A run file, e.g. runs/125m.toml or runs/finetune.toml.")],
    output: Annotated[Path, typer.Option(help="Folder of the model; the states lie beside it until it is done.")],
    shards: Annotated[Path | None, typer.Option(help="Token shards of a run, to pre-train on.")] = None,
    tokenizer: Annotated[Path | None, typer.Option(help="The shards' tokenizer; beside them where left out.")] = None,
    data: Annotated[
        list[Path] | None, typer.Option(help="Prompt documents (.jsonl, .jsonl.zst or folders), to fine-tune on.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option("--from", help="A checkpoint to go on from, ours or a released one.")
    ] = None,
    set_: Overrides = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check config, data and memory by one step.")] = False,
    tensorboard: Annotated[bool, typer.Option(help="Write for TensorBoard too.")] = False,
) -> None:
    """Pre-train on --shards, or fine-tune a checkpoint --from MODEL on --data. A run that was cut goes on.

    For many devices: torchrun --nproc-per-node N -m galactica train RUN_FILE ...
    """
    from galactica import trainings
    from galactica.generation.galactica import model_folder
    from galactica.training import card

    if (shards is None) == (data is None):
        raise BadInput("give one of --shards (pre-training) and --data (fine-tuning)")
    if shards is not None and not shards.is_dir():
        raise BadInput(f"no folder {str(shards)!r}. Give one of token shards to --shards, as `galactica run` makes it.")
    start = start and model_folder(start)
    told = trainings.Told(lambda line: err.print(line), tensorboard, dry_run)
    counts = (
        trainings.pretrain_verb(run_file, set_ or [], shards, tokenizer, start, output, told)
        if shards is not None
        else trainings.finetune_verb(run_file, set_ or [], start, data or [], output, told)
    )
    if counts is None:  # a rank that is not the first
        return
    if dry_run:
        for name, value in counts.items():
            out.print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
        out.print("nothing was written")
        return
    out.print(card.validation_table(counts))
    out.print(f"model: {output}")


@train_app.command("curves")
def train_curves(
    run: Annotated[Path, typer.Argument(help="A folder with metrics.jsonl: a model's, or a training's under way.")],
    output: Annotated[
        Path | None, typer.Option(help="Path without ending; curves in the folder where left out.")
    ] = None,
) -> None:
    """Draw loss against epochs, overall and per source, as PNG and SVG."""
    from galactica.training import curves
    from galactica.training.monitor import METRICS

    for path in curves.draw(run / METRICS, output or run / "curves"):
        out.print(str(path))


def run(
    run_file: Annotated[Path, typer.Argument(help="A run file, e.g. runs/tiny.toml.")],
    corpus: Annotated[Path | None, typer.Option(help="Raw files; the package's small sample where left out.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder of the run; out/<name> where left out.")] = None,
    set_: Overrides = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that read the corpus.")] = 2,
) -> None:
    """Go the whole way: library, corpus, tokenizer, shards, model, and a sample paper."""
    from galactica import stages
    from galactica.corpus.pipeline import sample_folder
    from galactica.training import card

    config = stages.load_run(run_file, set_ or [])
    root = corpus or sample_folder()
    run = stages.Run(config, root, output or Path("out") / config.name, workers, lambda line: err.print(line))
    manifests = run.all()
    out.print(card.validation_table(manifests["model"].counts))
    out.print(f"sample paper: {run.folder('sample') / stages.PAPER / 'paper.pdf'}")


def export(
    model: Annotated[Path, typer.Argument(help="A folder with a model, ours or a released one.")],
    output: Annotated[Path, typer.Option(help="A new folder.")],
    dtype: Annotated[
        str, typer.Option(help="float32, float16, bfloat16 or int8 (which Galactica alone reads).")
    ] = "float16",
    unit_norms: Annotated[
        bool, typer.Option(help="Write unit norms and zero biases, for engines that need them.")
    ] = False,
) -> None:
    """Write a model as a plain OPT checkpoint, which transformers, vLLM and others load."""
    from galactica.generation.galactica import model_folder
    from galactica.trainings import export_checkpoint

    export_checkpoint(model_folder(model), output, dtype, unit_norms=unit_norms)
    out.print(str(output))


def plan(
    run_file: Annotated[Path, typer.Argument(help="A run file, e.g. runs/120b.toml.")],
    gpus: Annotated[int, typer.Option(help="Devices of the whole run.")],
    gpu_memory: Annotated[str, typer.Option(help="Memory of one, e.g. 80GB.")] = "80GB",
    gpu_tflops: Annotated[float, typer.Option(help="Its bf16 TFLOP/s: 312 an A100, 989 an H100 or H200.")] = 312.0,
    mfu: Annotated[float, typer.Option(help="Share of that which a training reaches.")] = 0.45,
    price: Annotated[float, typer.Option(help="Of one device for an hour.")] = 0.0,
    set_: Overrides = None,
) -> None:
    """Say what a training needs before anything is rented: memory by part, layout, speed, days, cost.

    The run file's own layout is planned where it fits. Exit status 1 where no layout fits.
    """
    from galactica.stages import load_run
    from galactica.training.plan import Cluster, inference_memory, make_plan, plan_as_given

    config = load_run(run_file, set_ or [])
    if config.training.tokens is None:
        raise BadConfig(f"{run_file} states epochs, whose length only the shards tell; give --set training.tokens=N")
    cluster = Cluster(gpus, _bytes(gpu_memory), gpu_tflops * 1e12, mfu, price)
    best, given = (
        choose(config.model, config.training, config.training.tokens, cluster) for choose in (make_plan, plan_as_given)
    )
    found = given if given.fits else best
    out.print(
        f"{config.name}: {config.model.n_parameters:,} parameters on {gpus:,} devices of {cluster.memory / 1e9:g} GB"
    )
    out.print(f"{'fits' if found.fits else 'DOES NOT FIT'}: {found.reason}")
    out.print(_memory_table(found))
    out.print(f"layout: {gpus // (found.parallel.tensor * found.parallel.replicate):,} shards, {found.layout}")
    if not given.fits:
        out.print(f"the run file's layout ({given.layout}) does not do: {given.reason}")
    elif _ways(best) != _ways(given):
        out.print(f"better than this layout of the run file: {best.layout} ({best.reason})")
    if found.fits:
        cost = f", {found.cost:,.0f} at {price:g} an hour" if price else ""
        out.print(
            f"speed: {found.tokens_per_second:,.0f} tokens/s at an MFU of {mfu:g} of {gpu_tflops:g} TFLOP/s; "
            f"{config.training.tokens / 1e9:,.0f} B tokens: {found.seconds / 86400:,.1f} days, "
            f"{found.gpu_hours:,.0f} GPU-hours{cost}"
        )
    table = Table("inference, one text", "fp16", "int8", "int4", box=None)
    for context in (config.model.max_seq_len // 4, config.model.max_seq_len):
        row = inference_memory(config.model, context)
        table.add_row(f"{context:,} tokens", *(f"{value / 1e9:,.2f} GB" for value in row.values()))
    out.print(table)
    if not found.fits:
        raise typer.Exit(1)


def _ways(found: Plan) -> tuple[int, bool, int]:
    return found.parallel.tensor, found.parallel.checkpoint_activations, found.micro_batch


def _memory_table(found: Plan) -> Table:
    table = Table("memory of a device", "GB", box=None)
    table.columns[1].justify = "right"
    for name, value in found.memory.items():
        table.add_row(name, f"{value / 1e9:,.2f}")
    table.add_row("total", f"{found.total / 1e9:,.2f}")
    return table


def _bytes(text: str) -> float:
    match = _SIZE.fullmatch(text)
    if match is None or match[2].upper() not in _UNITS:
        raise BadConfig(f"--gpu-memory is {text!r}; write a number and a unit, e.g. 80GB")
    return float(match[1]) * _UNITS[match[2].upper()]
