"""The stages of `galactica run`, in order: library, corpus, tokenizer, shards, model, sample. Each is skipped while its
inputs and config have not changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_dir

from galactica import config as configuration
from galactica import files, manifest, outputs
from galactica.corpus import pipeline
from galactica.corpus.decontamination import Fingerprint
from galactica.corpus.holdout import Holdout
from galactica.corpus.jobs import JobsConfig, require, run_tasks
from galactica.encoding import encode_corpus, learn_tokenizer
from galactica.errors import BadConfig, BadData
from galactica.files import asset
from galactica.model.config import ModelConfig
from galactica.references.store import Library, NoWorks, build_from_folder
from galactica.references.works import Task
from galactica.tokenizer.train import TokenizerConfig
from galactica.training.config import OptimConfig, TrainingConfig

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
    weights: Literal["float32", "float16", "bfloat16", "int8"] = "float16"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w.-]*", self.name):
            raise BadConfig(f"name is {self.name!r}; allowed: letters, digits, -, _ and, not first, a point")
        if self.training.seq_len > self.model.max_seq_len:
            raise BadConfig(
                f"training.seq_len is {self.training.seq_len}; allowed: up to model.max_seq_len = {self.model.max_seq_len}"
            )


class Run:
    """One run: its config, its raw input and the folder that holds a folder per stage."""

    def __init__(self, config: RunConfig, corpus: Path, output: Path, workers: int, say: Say) -> None:
        if not corpus.exists():
            raise BadData(f"{str(corpus)!r} does not exist. Give a folder of raw files or archives (--corpus).")
        outputs.check_apart(corpus, {"--output": output})
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
            unfinished = self.output / "reading" / manifest.key_of("library", {"name": name}, inputs)
            jobs = JobsConfig(workers=self.workers)
            library = own_library(
                self.corpus,
                folder / WORKS,
                name,
                self.config.corpus,
                jobs,
                unfinished,
                lambda line: self.say(f"  {line}"),
            )
            if library is None:
                return {"works": 0}
            return {"works": len(library), "bytes": sum(path.stat().st_size for path in (folder / WORKS).iterdir())}

        return self._stage("library", {"name": name}, inputs, work)

    def documents(self) -> manifest.Manifest:
        """Clean documents out of the raw files."""
        settings = configuration.to_tree(self.config.corpus)
        inputs = {"raw": manifest.hash_inputs(self.corpus), "library": self._library()} | _named_files(
            self.config.corpus
        )

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
        config = self.config
        return self._told(
            "tokenizer",
            lambda folder: learn_tokenizer(self.folder("corpus"), folder, config.tokenizer, config.model.vocab_size),
        )

    def write_shards(self) -> manifest.Manifest:
        """Token shards out of the documents."""
        return self._told(
            "shards", lambda folder: encode_corpus(self.folder("corpus"), self.folder("tokenizer"), folder)
        )

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
            from galactica.trainings import Pretraining, Told, pretrain

            job = Pretraining(
                config.name,
                config.model,
                config.training,
                config.optim,
                config.weights,
                shards=self.folder("shards"),
                tokenizer=self.folder("tokenizer"),
            )
            return pretrain(job, states, folder, Told(self.say))

        found = self._stage("model", settings, inputs, work)
        shutil.rmtree(states, ignore_errors=True)  # the result is safe elsewhere
        return found

    def write_sample(self) -> manifest.Manifest:
        """A paper that the trained model writes, in every format."""
        settings = configuration.to_tree(self.config.sample)

        def work(folder: Path) -> Mapping[str, Any]:
            from galactica.generation.galactica import load_model
            from galactica.papers import draft
            from galactica.papers.export import export

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
        return self._told(name, lambda folder: manifest.run_stage(name, folder, settings, inputs, work))

    def _told(self, name: str, stage: Callable[[Path], tuple[manifest.Manifest, bool]]) -> manifest.Manifest:
        self.say(f"{name} ...")
        found, is_new = stage(self.folder(name))
        self.say(
            f"{name}: {f'done in {found.seconds:.0f} s' if is_new else 'unchanged, skipped'}; {summary(found.counts)}"
        )
        return found


def build_corpus(
    root: str,
    output: str,
    config: pipeline.CorpusConfig,
    library: Path | None,
    jobs: JobsConfig,
    work: Path | None,
    say: Say,
) -> tuple[manifest.Manifest, bool]:
    """The corpus alone, into a folder or to an fsspec URL: its manifest, and whether it was made now. What an interrupted build has
    finished is kept in a folder of its own below `work`; beside the output, or in the user's cache for a URL, where it is None.

    Where no `library` is given it is built from the same input, as a run does, and lies in the output: citations are written as
    its works are called."""
    is_remote = outputs.is_remote(output)
    _check_places(root, output, library, jobs, work, is_remote)
    settings = configuration.to_tree(config)
    given = Library.open(library or asset("library")).fingerprint
    inputs = {"raw": manifest.hash_inputs(root), "library": given if library else f"of the input, else {given}"}
    inputs |= _named_files(config)
    key = manifest.key_of("corpus", settings, inputs)
    if is_remote and (standing := outputs.prepare(output)) and standing.key == key:
        return standing, False
    here = Path(user_cache_dir("galactica")) / "corpus" / key if is_remote else files.local_path(output)
    unfinished = work.absolute() / key if work else here.with_name(f".{here.name}.work-{key}")
    if is_remote and work:
        here = unfinished.with_name(f"{key}-finished")
    if jobs.executor != "local":
        say(f"unfinished work lies in {unfinished}, which every machine must see (--work gives another place)")

    def fill(folder: Path) -> Mapping[str, Any]:
        own = unfinished.with_name(f"{unfinished.name}-library")
        if library is None and not own.exists():  # it stands where an earlier call was interrupted after it
            say("building the library of the works that the input names")
            own_library(root, own, "references", config, jobs, own.with_name(f"{own.name}.work"), say)
        works = library.absolute() if library else (own if own.exists() else asset("library"))
        counts = pipeline.build(root, folder, config, works, jobs=jobs, work=unfinished, say=say)
        if works == own:
            shutil.copytree(own, folder / LIBRARY)
            shutil.rmtree(own)
            counts["files"] |= files.digests(folder / LIBRARY, folder)
        return counts

    found, is_new = manifest.run_stage("corpus", here, settings, inputs, fill)
    if is_remote:
        say(f"copying to {output}")
        outputs.publish(here, output)
        shutil.rmtree(here)
    return found, is_new or is_remote


def _check_places(
    root: str, output: str, library: Path | None, jobs: JobsConfig, work: Path | None, is_remote: bool
) -> None:
    """Raises, before anything is read or written, where the places of a build overlap or its machines cannot work there."""
    outputs.check_apart(root, {"--output": output, "--work": work})
    outputs.check_outside(output, {"--work": work, "--library": library})
    require(jobs)
    if is_remote and jobs.executor != "local" and work is None:
        raise BadConfig(
            f"with --executor {jobs.executor} and an --output of a URL, give --work: a folder that every machine sees"
        )


def own_library(
    root: str | Path, output: Path, name: str, config: pipeline.CorpusConfig, jobs: JobsConfig, work: Path, say: Say
) -> Library | None:
    """The library of the works that the input names, within `corpus.memory_gb`; None, said, where it names none. `work` keeps what
    an interrupted call has finished, and is seen from every machine."""

    def run(task: Task, tasks: int, notes: Path) -> None:
        step = notes.name.removeprefix("logs-").partition("-")[0]
        with pipeline.telling(
            say, lambda: f"building the library: {sum(task.folder(i).exists() for i in range(tasks))} of {tasks} {step}"
        ):
            run_tasks(task, tasks, notes, jobs)

    budget_bytes = pipeline.task_bytes(config, jobs)
    try:
        return build_from_folder(
            root, output, name, work=work, budget_bytes=budget_bytes, workers=jobs.workers, run=run
        )
    except NoWorks:
        say("no bibliography among the raw files: the bundled library is used")
        return None


def _named_files(config: pipeline.CorpusConfig) -> dict[str, str]:
    """SHA-256 of the files that a corpus section names: what they hold decides what is left out. Raises, before anything is read,
    BadConfig where one is missing and BadData where it does not hold what it should."""
    named = {"fingerprint": config.fingerprint, "protein_targets": config.holdout.protein_targets}
    for key, path in named.items():
        if path and not Path(path).is_file():
            raise BadConfig(f"corpus names the {key} {path!r}, which is no file. Give its path, or leave it out.")
    if config.fingerprint:
        Fingerprint(Path(config.fingerprint))
    Holdout(config.holdout, config.seed)
    return {key: files.sha256(Path(path)) for key, path in named.items() if path}


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
