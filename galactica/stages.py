"""The stages of `galactica run`, in order: library, corpus, tokenizer, shards, model, sample. Each is skipped while its
inputs and config have not changed."""

from __future__ import annotations

import dataclasses
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_dir

from galactica import config as configuration
from galactica import files, manifest, markup
from galactica.corpus import pipeline
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.holdout import TRAIN, VALIDATION
from galactica.corpus.jobs import JobsConfig
from galactica.errors import BadConfig, BadData
from galactica.generation.galactica import asset, load_model
from galactica.model.config import ModelConfig
from galactica.papers import draft
from galactica.papers.export import export
from galactica.references.store import Library, NoWorks, build_from_folder
from galactica.tokenizer import shards
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import TokenizerConfig, train
from galactica.training import checkpoint, curves
from galactica.training.optim import OptimConfig
from galactica.training.trainer import METRICS, Trainer, TrainingConfig, TrainingResult, new_model

Say = Callable[[str], None]
WORKS = "works"
"""The library inside the folder of its stage: it has a manifest of its own."""
LIBRARY = "library"
"""The library inside the folder of a corpus that was built alone."""
PAPER = "paper"
"""The sample paper inside the folder of its stage."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """The paper that the finished model writes at the end of a run."""

    title: str
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RunConfig:
    """A run file. `weights` is the precision in which the model's weights are stored."""

    name: str
    model: ModelConfig
    training: TrainingConfig
    sample: SampleConfig
    corpus: pipeline.CorpusConfig = field(default_factory=pipeline.CorpusConfig)
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    weights: Literal["float32", "float16", "bfloat16"] = "float16"

    def __post_init__(self) -> None:
        if not self.name or not self.name.replace("-", "").replace("_", "").isalnum():
            raise BadConfig(f"name is {self.name!r}; allowed: letters, digits, - and _")
        if self.training.seq_len > self.model.max_seq_len:
            raise BadConfig(
                f"training.seq_len is {self.training.seq_len}; allowed: up to model.max_seq_len = {self.model.max_seq_len}"
            )


class Run:
    """One run: its config, its raw input and the folder that holds a folder per stage."""

    def __init__(self, config: RunConfig, corpus: Path, output: Path, workers: int, say: Say) -> None:
        if not corpus.exists():
            raise BadData(f"{str(corpus)!r} does not exist. Give a folder of raw files or archives (--corpus).")
        self.config, self.corpus, self.output, self.workers, self.say = config, corpus, output, workers, say

    def all(self) -> dict[str, manifest.Manifest]:
        """Every stage in order; stage name -> manifest."""
        return {
            name: stage()
            for name, stage in (
                ("library", self.library),
                ("corpus", self.documents),
                ("tokenizer", self.train_tokenizer),
                ("shards", self.write_shards),
                ("model", self.train_model),
                ("sample", self.write_sample),
            )
        }

    def folder(self, stage: str) -> Path:
        """Where a stage's output lies."""
        return self.output / stage

    def works(self) -> Path:
        """The library of the run: its own, or the bundled one where the raw files hold no bibliography."""
        own = self.folder("library") / WORKS
        return own if own.exists() else asset("library")

    def library(self) -> manifest.Manifest:
        """The reference library out of the raw files."""
        name = self.config.name
        inputs = {"raw": manifest.hash_inputs(self.corpus)}

        def work(folder: Path) -> Mapping[str, Any]:
            try:
                library = build_from_folder(self.corpus, folder / WORKS, name)
            except NoWorks:
                self.say("  no bibliography among the raw files: the bundled library is used")
                return {"works": 0}
            return {"works": len(library), "bytes": sum(path.stat().st_size for path in (folder / WORKS).iterdir())}

        return self._stage("library", {"name": name}, inputs, work)

    def documents(self) -> manifest.Manifest:
        """Clean documents out of the raw files."""
        settings = configuration.to_tree(self.config.corpus)
        inputs = {"raw": manifest.hash_inputs(self.corpus), "library": self._library()}

        def work(folder: Path) -> Mapping[str, Any]:
            return pipeline.build(
                self.corpus,
                folder,
                self.config.corpus,
                self.works(),
                jobs=JobsConfig(workers=self.workers),
                work=self.output / "reading" / manifest.key_of("corpus", settings, inputs),
                say=lambda line: self.say(f"  {line}"),
            )

        return self._stage("corpus", settings, inputs, work)

    def train_tokenizer(self) -> manifest.Manifest:
        """A tokenizer out of the training documents."""
        settings = {**configuration.to_tree(self.config.tokenizer), "vocab_size": self.config.model.vocab_size}

        def work(folder: Path) -> Mapping[str, Any]:
            tokenizer = train(self._tokenizer_sample(), self.config.model.vocab_size)
            tokenizer.save(folder)
            return {"vocab_size": tokenizer.vocab_size}

        return self._stage("tokenizer", settings, {"corpus": self._key("corpus")}, work)

    def write_shards(self) -> manifest.Manifest:
        """Token shards out of the documents."""

        def work(folder: Path) -> Mapping[str, Any]:
            tokenizer = Tokenizer.load(self.folder("tokenizer"))
            found = {
                split: [
                    shards.write_shard(
                        folder / split / f"{source}.bin", source, (d.text for d in read_documents(path)), tokenizer
                    )
                    for source, path in document_files(self.folder("corpus"), split).items()
                ]
                for split in (TRAIN, VALIDATION)
            }
            shards.write_index(folder, found, shards.dtype_of(tokenizer.vocab_size))
            return {split: {shard.source: shard.n_tokens for shard in rows} for split, rows in found.items()}

        return self._stage("shards", {}, {"corpus": self._key("corpus"), "tokenizer": self._key("tokenizer")}, work)

    def train_model(self) -> manifest.Manifest:
        """A trained checkpoint in the OPT layout, with its tokenizer, model card and curves. An interrupted training goes
        on from its last state."""
        config = self.config
        settings = {
            "model": configuration.to_tree(config.model),
            "optim": configuration.to_tree(config.optim),
            "training": configuration.to_tree(config.training),
            "weights": config.weights,
        }
        inputs = {"shards": self._key("shards")}
        states = self.output / "training" / manifest.key_of("model", settings, inputs)

        def work(folder: Path) -> Mapping[str, Any]:
            import torch

            from galactica.model.convert import save_checkpoint

            tokenizer = Tokenizer.load(self.folder("tokenizer"))
            model = new_model(dataclasses.replace(config.model, vocab_size=tokenizer.vocab_size), config.training.seed)
            trainer = Trainer(model, config.training, config.optim, self.folder("shards"), states, self._tell_training)
            result = trainer.run()
            save_checkpoint(
                model,
                folder,
                dtype=getattr(torch, config.weights),
                bos_id=tokenizer.id_of(markup.BOS),
                eos_id=tokenizer.eos_id,
                pad_id=tokenizer.pad_id,
                tokenizer_folder=self.folder("tokenizer"),
            )
            (folder / METRICS).write_bytes((states / METRICS).read_bytes())
            try:
                curves.draw(folder / METRICS, folder / "curves")
            except Exception as error:
                self.say(str(error))
            counts = self._training_counts(result, model.config)
            files.write_file(folder / "README.md", model_card(config, counts))
            return counts

        found = self._stage("model", settings, inputs, work)
        checkpoint.clear(states)
        return found

    def write_sample(self) -> manifest.Manifest:
        """A paper that the trained model writes, in every format."""
        settings = configuration.to_tree(self.config.sample)

        def work(folder: Path) -> Mapping[str, Any]:
            writer = load_model(self.folder("model"), library=self.works())
            paper = draft.write_paper(writer, self.config.sample.title, seed=self.config.sample.seed)
            exported = export(paper, folder / PAPER)
            for warning in exported.warnings:
                self.say(f"  {warning}")
            return {
                "words": draft.count_words(paper),
                "citations": draft.count_citations(paper),
                "references": len(paper.references),
            }

        return self._stage("sample", settings, {"model": self._key("model"), "library": self._library()}, work)

    def _training_counts(self, result: TrainingResult, model: ModelConfig) -> dict[str, Any]:
        return {
            "parameters": model.n_parameters,
            "tokens": result.tokens,
            "seconds": round(result.seconds),
            "ended": result.ended,
            "hardware": hardware(),
            "loss": result.validation["loss"],
            "epochs": result.validation["epochs"],
            "validation": result.validation["sources"],
            "train_tokens": manifest.read(self.folder("shards")).counts["train"],
        }

    def _tokenizer_sample(self) -> Iterator[str]:
        """Texts of all sources in proportion, `sample_bytes` in all: every n-th document of each."""
        paths = document_files(self.folder("corpus"), "train")
        total = sum(row["characters"] for row in manifest.read(self.folder("corpus")).counts["sources"].values())
        step = max(1, round(total / self.config.tokenizer.sample_bytes))
        for path in paths.values():
            for index, document in enumerate(read_documents(path)):
                if index % step == 0:
                    yield document.text

    def _library(self) -> str:
        return Library.open(self.works()).fingerprint

    def _key(self, stage: str) -> str:
        return manifest.read(self.folder(stage)).key

    def _stage(
        self,
        name: str,
        settings: Mapping[str, Any],
        inputs: Mapping[str, str],
        work: Callable[[Path], Mapping[str, Any]],
    ) -> manifest.Manifest:
        self.say(f"{name} ...")
        found, done = manifest.run_stage(name, self.folder(name), settings, inputs, work)
        self.say(
            f"{name}: {f'done in {found.seconds:.0f} s' if done else 'unchanged, skipped'}; {summary(found.counts)}"
        )
        return found

    def _tell_training(self, record: Mapping[str, Any]) -> None:
        if record["kind"] == "train" and record["step"] % 50:
            return
        left = ""
        if record["tokens"] and record["seconds"]:
            rate = record["tokens"] / record["seconds"]
            left = f", {rate:,.0f} tokens/s, {(record['total_tokens'] - record['tokens']) / rate / 60:.0f} min left"
        seen = f"{record['tokens'] / 1e6:.1f} M tokens"
        self.say(f"  {record['kind']} step {record['step']}: loss {record['loss']:.3f} at {seen}{left}")


def build_corpus(
    root: str,
    output: str,
    config: pipeline.CorpusConfig,
    library: Path | None,
    jobs: JobsConfig,
    work: Path | None,
    say: Say,
) -> tuple[manifest.Manifest, bool]:
    """The corpus alone, into a folder or to an fsspec URL: its manifest, and whether it was made now. `work` keeps what an
    interrupted build has finished; beside the output, or in the user's cache for a URL, where it is None.

    Where no `library` is given it is built from the same input, as a run does, and lies in the output: citations are written as
    its works are called."""
    settings = configuration.to_tree(config)
    given = Library.open(library or asset("library")).fingerprint
    inputs = {"raw": manifest.hash_inputs(root), "library": given if library else f"of the input, else {given}"}
    key = manifest.key_of("corpus", settings, inputs)
    is_url = "://" in output
    here = Path(user_cache_dir("galactica")) / "corpus" / key if is_url else Path(output)
    unfinished = work or here.with_name(f".{here.name}.work-{key}")

    def fill(folder: Path) -> Mapping[str, Any]:
        own = unfinished.with_name(f"{unfinished.name}-library")
        works = library or _own_library(root, own, say)
        counts = pipeline.build(root, folder, config, works, jobs=jobs, work=unfinished, say=say)
        if works == own:
            shutil.copytree(own, folder / LIBRARY)
            shutil.rmtree(own)
        return counts

    found, is_new = manifest.run_stage("corpus", here, settings, inputs, fill)
    if is_url:
        say(f"copying to {output}")
        files.upload(here, output, last=manifest.NAME)
    return found, is_new


def _own_library(root: str, folder: Path, say: Say) -> Path:
    """The library of the works that the input names, built where it is not there from an earlier call; the bundled one where it
    names none."""
    if not folder.exists():
        say("building the library of the works that the input names")
        try:
            build_from_folder(root, folder)
        except NoWorks:
            say("no bibliography among the raw files: the bundled library is used")
            return asset("library")
    return folder


def load_run(path: Path, overrides: list[str]) -> RunConfig:
    """A checked run file with its overrides."""
    return configuration.load(path, RunConfig, overrides)


def summary(counts: Mapping[str, Any]) -> str:
    """The plain numbers of a stage on one line."""
    plain = {key: value for key, value in counts.items() if isinstance(value, int | float | str)}
    if "sources" in counts:
        plain["documents"] = sum(row["documents"] for row in counts["sources"].values())
        plain["citations"] = sum(row["citations"] for row in counts["sources"].values())
    if "train" in counts:
        plain["train_tokens"] = sum(counts["train"].values())
        plain["validation_tokens"] = sum(counts["validation"].values())
    return ", ".join(f"{key} {value:,}" if isinstance(value, int) else f"{key} {value}" for key, value in plain.items())


def hardware() -> str:
    """The processor or device that a run used, in words."""
    import os

    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        name = models[0] if models else name
    return f"{os.cpu_count()} cores of {name}"


def validation_table(counts: Mapping[str, Any]) -> str:
    """Loss, bits per byte and epochs seen per source, as a Markdown table."""
    head = "| source | training tokens | epochs seen | validation loss | bits per byte | tokens measured |"
    rows = [head, "|---|--:|--:|--:|--:|--:|"]
    for source, row in sorted(counts["validation"].items()):
        rows.append(
            f"| {source} | {counts['train_tokens'].get(source, 0):,} | {counts['epochs'].get(source, 0):.2f} "
            f"| {row['loss']:.3f} | {row['bits_per_byte']:.3f} | {row['tokens']:,} |"
        )
    return "\n".join(rows)


def model_card(config: RunConfig, counts: Mapping[str, Any]) -> str:
    """The README of a trained model, from what the run measured."""
    shape = config.model
    return f"""# Galactica {config.name}

A decoder of {counts["parameters"]:,} parameters ({shape.n_layers} layers, d_model {shape.d_model}, {shape.n_heads} heads, context
{shape.max_seq_len}), trained from scratch by `galactica run runs/{config.name}.toml` in the document language of Galactica.
Weights are stored as {config.weights}; the layout is OPT's, so `transformers` loads the folder too.

- tokens seen: {counts["tokens"]:,}
- time: {counts["seconds"] / 3600:.2f} hours on {counts["hardware"]}
- mean validation loss over sources: {counts["loss"]:.3f} nats per token
- written: {time.strftime("%Y-%m-%d")}

{validation_table(counts)}

Held-out documents were set aside whole before training. `curves.png` shows the loss over the run, `metrics.jsonl` holds every
figure.

## What it is good for, and what not

It is a small model: it has the form of scientific text, its headings, formulas and citations, and little of its content. What
it states is not to be believed. Its citations are records of a library of real works, by construction; that a work exists does
not mean that it supports the sentence it stands in.
"""
