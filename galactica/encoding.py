"""A corpus -> a tokenizer that was learned on it, and its documents as token shards: beside stages.py, where rooms are wired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from galactica import config as configuration
from galactica import manifest
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.holdout import TRAIN, VALIDATION
from galactica.tokenizer import shards
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import TokenizerConfig, train

Stage = tuple[manifest.Manifest, bool]
"""The manifest of a stage, and whether it was made now."""


def learn_tokenizer(corpus: Path, output: Path, config: TokenizerConfig, vocab_size: int) -> Stage:
    """A tokenizer out of the training documents of the corpus in a folder; as it stands where nothing changed."""
    settings = {**configuration.to_tree(config), "vocab_size": vocab_size}

    def work(folder: Path) -> Mapping[str, Any]:
        tokenizer = train(_sample(corpus, config.sample_bytes), vocab_size)
        tokenizer.save(folder)
        return {"vocab_size": tokenizer.vocab_size}

    return manifest.run_stage("tokenizer", output, settings, {"corpus": manifest.read(corpus).key}, work)


def encode_corpus(corpus: Path, tokenizer_folder: Path, output: Path) -> Stage:
    """Token shards of the training and validation documents of the corpus in a folder; as they stand where nothing changed."""
    tokenizer = Tokenizer.load(tokenizer_folder)

    def work(folder: Path) -> Mapping[str, Any]:
        found = {
            split: [
                shards.write_shard(
                    folder / split / f"{source}.bin", source, (d.text for d in read_documents(path)), tokenizer
                )
                for source, path in document_files(corpus, split).items()
            ]
            for split in (TRAIN, VALIDATION)
        }
        shards.write_index(folder, found, shards.dtype_of(tokenizer.vocab_size))
        return {split: {shard.source: shard.n_tokens for shard in rows} for split, rows in found.items()}

    inputs = {"corpus": manifest.read(corpus).key, "tokenizer": tokenizer.sha256[:16]}
    return manifest.run_stage("shards", output, {}, inputs, work)


def _sample(corpus: Path, n_bytes: int) -> Iterator[str]:
    """Training texts of all sources in proportion, `n_bytes` in all: every n-th document of each."""
    total = sum(row["characters"] for row in manifest.read(corpus).counts["sources"].values())
    step = max(1, round(total / n_bytes))
    for path in document_files(corpus, TRAIN).values():
        for index, document in enumerate(read_documents(path)):
            if index % step == 0:
                yield document.text
