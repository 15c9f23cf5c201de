"""From shards, or from prompt documents and a model, to a folder with a trained model: beside stages.py, where rooms are wired.

Pre-training and fine-tuning differ in what they read and where their weights come from; the trainer is one.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from galactica import config as configuration
from galactica import files, markup
from galactica.errors import BadConfig, BadData, BadInput, GalacticaError
from galactica.model.config import ModelConfig
from galactica.model.convert import load_checkpoint, open_checkpoint, save_checkpoint
from galactica.model.transformer import Transformer, empty_model, first_weights
from galactica.tokenizer import shards
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.training import card, curves, data, lora, parallel
from galactica.training.config import OptimConfig, TrainingConfig
from galactica.training.examples import Examples, read_examples
from galactica.training.monitor import METRICS, Speaker
from galactica.training.trainer import STATES, Trainer, TrainingResult

Say = Callable[[str], None]
CARD = "README.md"
Weights = Literal["float32", "float16", "bfloat16", "int8"]


@dataclass(frozen=True, slots=True)
class FinetuneConfig:
    """A run file for fine-tuning. `answers_only`: the loss counts answers and working memory, not what is asked. `dropout` and
    `attention_dropout` are the model's while it is trained. Without `lora` all weights move. `holdout` is the share of examples
    that is set aside for validation, by their text. `weights` is the precision in which the result is stored."""

    name: str
    training: TrainingConfig
    optim: OptimConfig = field(default_factory=OptimConfig)
    lora: lora.LoraConfig | None = None
    answers_only: bool = True
    dropout: float = 0.1
    attention_dropout: float = 0.1
    holdout: float = 0.02
    weights: Weights = "float16"

    def __post_init__(self) -> None:
        if not 0 < self.holdout < 1:
            raise BadConfig(f"holdout is {self.holdout}; allowed: above 0 and below 1")


@dataclass(frozen=True, slots=True)
class Pretraining:
    """What pre-training is told: the parts of a run file that it reads, and where shards and tokenizer lie."""

    name: str
    model: ModelConfig
    training: TrainingConfig
    optim: OptimConfig
    weights: Weights
    shards: Path
    tokenizer: Path
    start: Path | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Where a training says what it does."""

    say: Say
    tensorboard: bool = False
    is_trial: bool = False


def pretrain(job: Pretraining, states: Path, folder: Path, told: Told) -> Mapping[str, Any]:
    """Train on shards and fill `folder` with the checkpoint, its tokenizer, card, metrics and curves; the counts. A run that
    was cut goes on from `states`. With `start` the weights of that checkpoint go on; its shape must be the run file's."""
    layout = parallel.join(job.training.parallel)
    tokenizer = Tokenizer.load(job.tokenizer)
    shape = dataclasses.replace(job.model, vocab_size=tokenizer.vocab_size)
    _require_same_tokenizer(job.shards, tokenizer)
    if job.start is not None and Tokenizer.load(job.start).sha256 != tokenizer.sha256:
        raise BadData(
            f"{job.start} has another tokenizer than the shards in {str(job.shards)!r}. Make shards with its own: "
            f"galactica tokenizer encode CORPUS --tokenizer {job.start} --output SHARDS"
        )
    weights = first_weights(shape, job.training.seed) if job.start is None else _started(job.start, shape)
    eos_id = tokenizer.eos_id if job.training.within_documents else None
    verify = layout.is_first  # each rank maps the same files
    windows = data.open_windows(
        job.shards, job.training.seq_len, job.training.seed, job.training.repeats, eos_id=eos_id, verify=verify
    )
    if windows.left_out:
        told.say(
            f"  left out, less than a window of {windows.seq_len:,} tokens an epoch: {', '.join(windows.left_out)}"
        )
    trainer = Trainer(
        empty_model(shape),
        job.training,
        job.optim,
        windows,
        data.open_validation(
            job.shards,
            job.training.seq_len,
            job.training.validation_tokens,
            decode=lambda ids: tokenizer.decode(ids, skip=[markup.EOS]),
            eos_id=eos_id,
            verify=verify,
        ),
        states,
        weights=weights,
        identity=_shard_identity(job.shards) | (_start_identity(job.start) if job.start and layout.is_first else {}),
        layout=layout,
        progress=Speaker(told.say),
        tensorboard=told.tensorboard,
    )
    if told.is_trial:
        return _trial(trainer)
    result = trainer.run()
    counts = _counts(
        trainer, result, {row.source: row.n_tokens for row in shards.read_index(job.shards, "train", False)}
    )
    counts |= _export(trainer, shape, tokenizer, job.tokenizer, folder, job.weights, states, told.say)
    if layout.is_first:
        start = job.start.name if job.start else None
        files.write_file(folder / CARD, card.pretraining_card(job.name, job.model, start, counts))
    return counts


def finetune(
    config: FinetuneConfig, start: Path, inputs: list[Path], states: Path, folder: Path, told: Told
) -> Mapping[str, Any]:
    """Train a checkpoint further on prompt documents and fill `folder` with a plain checkpoint; the counts."""
    layout = parallel.join(config.training.parallel)
    tokenizer = Tokenizer.load(start)
    shape, stored = open_checkpoint(start)
    shape = dataclasses.replace(shape, dropout=config.dropout, attention_dropout=config.attention_dropout)
    model, weights = empty_model(shape), stored if config.lora is None else None
    if config.lora is not None:  # adapters are put on a whole model
        parallel.fill(model.to_empty(device="cpu"), stored)
        lora.insert(model, config.lora, config.training.parallel)
    examples, held_out = read_examples(inputs, tokenizer, config.training.seq_len, config.answers_only, config.holdout)
    told.say(f"  {len(examples):,} examples, {len(held_out):,} held out; {examples.left_out}")
    within = config.training.within_documents
    packed = Examples(examples, config.training.seq_len, config.training.seed, tokenizer.eos_id, within)
    validation = Examples(held_out, config.training.seq_len, config.training.seed, tokenizer.eos_id, within)
    trainer = Trainer(
        model,
        config.training,
        config.optim,
        packed,
        {"examples": validation.validation(config.training.validation_tokens)},
        states,
        weights=weights,
        identity={
            "examples": packed.fingerprint,
            "held-out examples": validation.fingerprint,
            "lora": config.lora and dataclasses.asdict(config.lora),
        }
        | (_start_identity(start) if layout.is_first else {}),
        layout=layout,
        progress=Speaker(told.say),
        tensorboard=told.tensorboard,
    )
    if told.is_trial:
        return _trial(trainer)
    result = trainer.run()
    if config.lora is not None:
        lora.merge(model)
    counts = _counts(trainer, result, {"examples": examples.n_tokens})
    counts |= _export(trainer, shape, tokenizer, start, folder, config.weights, states, told.say)
    if layout.is_first:
        how = "all weights" if config.lora is None else f"LoRA of rank {config.lora.rank}, merged into the weights"
        how += f", loss on {'answers alone' if config.answers_only else 'whole documents'}"
        files.write_file(folder / CARD, card.finetuning_card(config.name, start.name, how, counts))
    return counts


def pretrain_verb(
    run_file: Path,
    overrides: list[str],
    shard_folder: Path,
    tokenizer: Path | None,
    start: Path | None,
    output: Path,
    told: Told,
) -> Mapping[str, Any] | None:
    """`galactica train RUN --shards DIR`: the counts; None on a rank that is not the first."""
    from galactica.stages import load_run

    config = load_run(run_file, overrides)
    job = Pretraining(
        config.name,
        config.model,
        config.training,
        config.optim,
        config.weights,
        shards=shard_folder,
        tokenizer=tokenizer or shard_folder.parent / "tokenizer",
        start=start,
    )
    return _into(output, told, lambda *place: pretrain(job, *place))


def finetune_verb(
    run_file: Path, overrides: list[str], start: Path | None, inputs: list[Path], output: Path, told: Told
) -> Mapping[str, Any] | None:
    """`galactica train RUN --from MODEL --data FILE`: the counts; None on a rank that is not the first."""
    if start is None:
        raise BadConfig("fine-tuning needs a checkpoint: give --from MODEL")
    config = configuration.load(run_file, FinetuneConfig, overrides)
    return _into(output, told, lambda *place: finetune(config, start, inputs, *place))


def _into(output: Path, told: Told, work: Callable[[Path, Path, Told], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The model's folder whole or not at all; the states beside it are removed when it is there. One rank of many speaks."""
    is_first = os.environ.get("RANK", "0") == "0"
    if not is_first:
        told = dataclasses.replace(told, say=lambda line: None)
    if output.exists() and any(output.iterdir()):
        raise BadData(f"{str(output)!r} is not empty. Give another --output, or delete it.")
    states = output.with_name(f".{output.name}.training")
    if told.is_trial:
        with tempfile.TemporaryDirectory() as nowhere:
            counts = work(Path(nowhere) / "states", Path(nowhere) / "model", told)
        return counts if is_first else None
    made = states / "model"  # inside, so that a kill leaves nothing that the same command does not find again
    if not is_first:
        work(states, made, told)
        return None
    shutil.rmtree(made, ignore_errors=True)
    try:
        counts = work(states, made, told)
    except KeyboardInterrupt:
        if any((states / STATES).glob("step-*")):
            told.say(f"saved in {states}; the same command goes on from there")
        else:
            told.say("ended before its first step; nothing is saved, and the same command begins anew")
        raise
    made.replace(output)
    shutil.rmtree(states, ignore_errors=True)
    return counts


def _counts(trainer: Trainer, result: TrainingResult, train_tokens: Mapping[str, int]) -> dict[str, Any]:
    return {
        "parameters": trainer.model.config.n_parameters,
        "tokens": result.tokens,
        "seconds": round(result.seconds),
        "ended": result.ended,
        "hardware": card.hardware(),
        "loss": result.validation["loss"],
        "epochs": result.validation["epochs"],
        "validation": result.validation["sources"],
        "train_tokens": dict(train_tokens),
    }


def _trial(trainer: Trainer) -> Mapping[str, Any]:
    """One step on nothing that is kept: config, data and memory hold."""
    start = time.monotonic()
    loss = trainer.train_step()
    seconds = time.monotonic() - start
    return {
        "parameters": trainer.model.config.n_parameters,
        "ranks": trainer.layout.n_ranks,
        "steps": trainer.n_steps,
        "tokens": trainer.n_steps * trainer.config.batch_tokens,
        "first loss": round(loss, 3),
        "seconds of the first step": round(seconds, 2),
        "peak memory (MB)": round(_peak_memory() / 1e6),
    }


def _peak_memory() -> int:
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _export(
    trainer: Trainer,
    shape: ModelConfig,
    tokenizer: Tokenizer,
    tokenizer_folder: Path,
    folder: Path,
    weights: Weights,
    states: Path,
    say: Say,
) -> dict[str, Any]:
    """The model from all ranks into a folder, by the first, weight by weight; what is stored, with int8 its loss as written."""
    whole = parallel.gathered(trainer.model)
    if not trainer.layout.is_first:
        for _ in whole:  # this rank's part goes to the first
            pass
        return {}
    _save(empty_model(shape), tokenizer, tokenizer_folder, folder, weights, whole=whole)
    (folder / METRICS).write_bytes((states / METRICS).read_bytes())
    try:
        curves.draw(folder / METRICS, folder / "curves")
    except GalacticaError as error:  # the extra is missing: a model without a picture is a model
        say(f"  {error}")
    stored: dict[str, Any] = {
        "weights": weights,
        "weight_bytes": sum(path.stat().st_size for path in folder.glob("*.safetensors")),
    }
    if weights == "int8" and trainer.validation:
        stored["stored_loss"] = trainer.measured(load_checkpoint(folder)[0])
    return stored


def export_checkpoint(model: Path, output: Path, weights: str, *, unit_norms: bool = False) -> None:
    """The model of a folder as a new one in the OPT layout, its weights as `weights`; `unit_norms` as for `save_checkpoint`.

    BadInput where something is at `output`, an empty folder aside: no notes, cards or other weights are lost.
    """
    if weights not in get_args(Weights):
        raise BadConfig(f"weights as {weights!r}; allowed: {', '.join(get_args(Weights))}")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise BadInput(f"{str(output)!r} is not an empty folder. Give another --output, or delete it.")
    _save(load_checkpoint(model)[0], Tokenizer.load(model), model, output, weights, unit_norms)


def _save(
    model: Transformer,
    tokenizer: Tokenizer,
    source: Path,
    folder: Path,
    weights: str,
    unit_norms: bool = False,
    whole: Iterable[tuple[str, Tensor]] | None = None,
) -> None:
    save_checkpoint(
        model,
        folder,
        dtype=getattr(torch, weights),
        bos_id=tokenizer.id_of(markup.BOS),
        eos_id=tokenizer.eos_id,
        pad_id=tokenizer.pad_id,
        tokenizer_folder=source,
        unit_norms=unit_norms,
        weights=whole,
    )


def _started(start: Path, shape: ModelConfig) -> Iterator[tuple[str, Tensor]]:
    """The weights of a checkpoint, which must be of the shape given; dropout may differ."""
    found, weights = open_checkpoint(start)
    wanted, has = (
        {k: v for k, v in dataclasses.asdict(config).items() if not k.endswith("dropout")} for config in (shape, found)
    )
    if wanted != has:
        differing = ", ".join(
            f"{key} {has[key]} (run file: {wanted[key]})" for key in wanted if wanted[key] != has[key]
        )
        raise BadConfig(f"{start} is of another shape than the run file's [model]: {differing}")
    return weights


def _shard_identity(folder: Path) -> dict[str, str]:
    """What a run reads: digests of the shards of both splits."""
    found: dict[str, str] = {}
    for split, kind in (("train", "shard"), ("validation", "validation shard")):
        found |= {f"{kind} {source}": digest[:16] for source, digest in shards.digests(folder, split).items()}
    return found


def _start_identity(start: Path) -> dict[str, str]:
    """Digests of a checkpoint's shape and weights. The first rank's alone are compared, so it alone reads them."""
    paths = sorted(path for pattern in ("config.json", "*.safetensors", "*.bin") for path in start.glob(pattern))
    return {f"start {path.name}": files.sha256(path)[:16] for path in paths}


def _require_same_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    for shard in shards.read_index(folder, "train", verify=False):
        if shard.tokenizer_sha256 != tokenizer.sha256:
            raise BadData(
                f"the shards in {str(folder)!r} were made with another tokenizer. Give theirs, or make them again."
            )
