"""The verbs of training, from files to a folder: pre-training, its continuation, fine-tuning, a trial, what is refused.

Red by: an output half-written, states left behind, a fine-tuned folder that does not load, a trial that leaves files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from galactica import trainings
from galactica.cli import app
from galactica.errors import BadConfig, BadData
from galactica.model.convert import load_checkpoint
from galactica.tokenizer import shards
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train
from galactica.trainings import Told, _shard_identity, _start_identity, finetune_verb, pretrain_verb

RUN = """
name = "small"
weights = "float32"
[model]
vocab_size = 400
d_model = 32
n_layers = 2
n_heads = 2
max_seq_len = 64
dropout = 0.0
attention_dropout = 0.0
[optim]
learning_rate = 5e-3
warmup_tokens = 512
[training]
epochs = 3
batch_tokens = 256
micro_batch = 2
seq_len = 64
precision = "float32"
within_documents = true
[sample]
title = "x"
"""
FINETUNE = """
name = "tuned"
weights = "float32"
holdout = 0.2
dropout = 0.0
attention_dropout = 0.0
[optim]
learning_rate = 1e-2
warmup_tokens = 256
[training]
epochs = 4
batch_tokens = 256
micro_batch = 2
seq_len = 64
precision = "float32"
"""
SAID: list[str] = []
TOLD = Told(SAID.append)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run files, a tokenizer, shards made with it, prompt documents."""
    home = tmp_path_factory.mktemp("home")
    (home / "run.toml").write_text(RUN)
    (home / "finetune.toml").write_text(FINETUNE)
    texts = [f"Question: What is {i} plus 2?\n\nAnswer: {i + 2}" for i in range(200)]
    tokenizer = train(texts, 400)
    tokenizer.save(home / "tokenizer")
    splits = {
        split: [shards.write_shard(home / "shards" / split / "sums.bin", "sums", part, tokenizer)]
        for split, part in (("train", texts[20:]), ("validation", texts[:20]))
    }
    shards.write_index(home / "shards", splits, shards.dtype_of(tokenizer.vocab_size))
    (home / "data.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return home


@pytest.fixture(scope="module")
def model(home: Path) -> Path:
    counts = pretrain_verb(home / "run.toml", [], home / "shards", None, None, home / "model", TOLD)
    assert counts is not None
    assert counts["validation"]["sums"]["loss"] < 3.5
    return home / "model"


def test_a_model_folder_is_whole(home: Path, model: Path) -> None:
    assert {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "README.md",
        "metrics.jsonl",
        "curves.png",
        "curves.svg",
    } <= {path.name for path in model.iterdir()}
    assert not (home / ".model.training").exists()
    _, config = load_checkpoint(model)
    assert config.vocab_size == Tokenizer.load(model).vocab_size
    assert "sums" in (model / "README.md").read_text()
    assert any("loss" in line and "M tokens" in line for line in SAID)


def test_training_goes_on_from_a_checkpoint(home: Path, model: Path, tmp_path: Path) -> None:
    counts = pretrain_verb(
        home / "run.toml", ["training.epochs=1"], home / "shards", None, model, tmp_path / "more", TOLD
    )
    first = [json.loads(line) for line in (model / "metrics.jsonl").read_text().splitlines()]
    assert counts is not None
    assert counts["loss"] < next(row["loss"] for row in first if row["kind"] == "validation")
    with pytest.raises(BadConfig, match=r"n_layers 2 \(run file: 3\)"):
        pretrain_verb(home / "run.toml", ["model.n_layers=3"], home / "shards", None, model, tmp_path / "x", TOLD)
    assert not (tmp_path / "x").exists()


def test_an_int8_model_says_what_storing_it_cost_and_exports_plain(home: Path, tmp_path: Path) -> None:
    """Red by: the loss of the trained weights given for that of the stored ones, an export that keeps int8."""
    output = tmp_path / "model"
    counts = pretrain_verb(home / "run.toml", ['weights="int8"'], home / "shards", None, None, output, TOLD)
    assert counts is not None
    assert 0 < abs(counts["stored_loss"] - counts["loss"]) < 0.01
    card = (output / "README.md").read_text()
    assert f"{counts['stored_loss']:.4f}" in card
    result = CliRunner().invoke(app, ["export", str(output), "--output", str(tmp_path / "plain"), "--dtype", "float32"])
    assert result.exit_code == 0, result.output
    (stored, _), (plain, _) = load_checkpoint(output), load_checkpoint(tmp_path / "plain")
    assert all(torch.equal(a, b) for a, b in zip(stored.parameters(), plain.parameters(), strict=True))
    assert (tmp_path / "plain/model.safetensors").exists()
    assert Tokenizer.load(tmp_path / "plain").sha256 == Tokenizer.load(output).sha256
    result = CliRunner().invoke(app, ["export", str(output), "--output", str(tmp_path / "x"), "--dtype", "int4"])
    assert "allowed: float32, float16, bfloat16, int8" in str(result.exception)
    result = CliRunner().invoke(app, ["export", str(output), "--output", str(output)])
    assert "is not an empty folder" in str(result.exception)
    assert (output / "README.md").exists()
    assert not (tmp_path / "x").exists()


def test_torchrun_starts_again_when_a_rank_dies(home: Path, model: Path, tmp_path: Path) -> None:
    """Red by: a state that two ranks left and cannot go on from, a folder of the killed attempt that is left or in the way."""
    arguments = ["--nproc-per-node=2", "--max-restarts=1", "--standalone", "-m", "galactica", "train"]
    arguments += [str(home / "run.toml"), "--shards", str(home / "shards"), "--output", str(tmp_path / "two")]
    arguments += ["--set", "training.save_every_minutes=0.001"]
    launched = subprocess.Popen(
        [sys.executable, "-m", "torch.distributed.run", *arguments],
        stdout=(tmp_path.parent / "said").open("w"),
        stderr=subprocess.STDOUT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    states = tmp_path / ".two.training" / "states"
    while launched.poll() is None and not list(states.glob("step-*")):
        time.sleep(0.02)
    children = Path(f"/proc/{launched.pid}/task/{launched.pid}/children").read_text().split()
    os.kill(int(children[-1]), signal.SIGKILL)
    try:
        assert launched.wait(120) == 0, (tmp_path.parent / "said").read_text()
    finally:
        launched.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["two"]

    def last(folder: Path) -> float:
        rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        steps = [row["step"] for row in rows if row["kind"] == "validation"]
        assert steps == sorted(set(steps))
        return float(rows[-1]["loss"])

    assert last(tmp_path / "two") == pytest.approx(last(model), rel=1e-4)


@pytest.mark.parametrize("overrides", [[], ["lora.rank=4"]], ids=["all weights", "lora"])
def test_fine_tuning(home: Path, model: Path, tmp_path: Path, overrides: list[str]) -> None:
    output = tmp_path / "tuned"
    counts = finetune_verb(home / "finetune.toml", overrides, model, [home / "data.jsonl"], output, TOLD)
    assert counts is not None
    rows = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    losses = [row["loss"] for row in rows if row["kind"] == "validation"]
    assert min(losses) < losses[0]
    tuned, _ = load_checkpoint(output)
    before, _ = load_checkpoint(model)
    assert {name for name, _ in tuned.named_parameters()} == {name for name, _ in before.named_parameters()}
    moved = [name for name, value in tuned.named_parameters() if not torch.equal(value, before.get_parameter(name))]
    assert ("embedding.weight" in moved) == (not overrides)
    assert any("qkv" in name for name in moved)


def test_a_trial_leaves_nothing(home: Path, tmp_path: Path) -> None:
    counts = pretrain_verb(
        home / "run.toml", [], home / "shards", None, None, tmp_path / "out", Told(SAID.append, is_trial=True)
    )
    assert counts is not None
    assert counts["peak memory (MB)"] > 0
    assert list(tmp_path.iterdir()) == []


def test_only_the_first_rank_tells_of_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(states: Path, folder: Path, told: Told) -> dict[str, int]:
        told.say("heard")
        return {"n": 1}

    heard: list[str] = []
    trial = Told(heard.append, is_trial=True)
    assert trainings._into(tmp_path / "out", trial, work) == {"n": 1}
    monkeypatch.setenv("RANK", "1")
    assert trainings._into(tmp_path / "out", trial, work) is None
    assert heard == ["heard"]


@pytest.mark.parametrize(("has_state", "said"), [(False, "nothing is saved"), (True, "saved in")])
def test_an_interrupt_says_what_is_saved(tmp_path: Path, has_state: bool, said: str) -> None:
    def work(states: Path, folder: Path, told: Told) -> dict[str, int]:
        (states / "states" / "step-00000001" if has_state else states).mkdir(parents=True)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainings._into(tmp_path / "out", TOLD, work)
    assert said in SAID[-1]


def test_bad_input(home: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="--from MODEL"):
        finetune_verb(home / "finetune.toml", [], None, [home / "data.jsonl"], tmp_path / "x", TOLD)
    with pytest.raises(BadData, match="is not empty"):
        pretrain_verb(home / "run.toml", [], home / "shards", None, None, model, TOLD)
    command = ["train", str(home / "run.toml"), "--output", str(tmp_path / "x")]
    for options, message in (
        (["--shards", str(tmp_path / "nosuch")], "no folder '.*nosuch'.*--shards"),
        (["--shards", str(home / "shards"), "--from", "mini"], "facebook/galactica-125m.*download"),
    ):
        found = CliRunner().invoke(app, [*command, *options])
        assert re.search(message, str(found.exception)), found.exception
    train(["other"] * 50, 300).save(tmp_path / "tokenizer")
    shutil.copytree(model, tmp_path / "start")
    shutil.copy(tmp_path / "tokenizer/tokenizer.json", tmp_path / "start")
    with pytest.raises(BadData, match="start has another tokenizer than the shards"):
        pretrain_verb(home / "run.toml", [], home / "shards", None, tmp_path / "start", tmp_path / "y", TOLD)
    with pytest.raises(BadData, match="another tokenizer"):
        pretrain_verb(home / "run.toml", [], home / "shards", tmp_path / "tokenizer", None, tmp_path / "y", TOLD)


def test_verbs(home: Path, model: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    command = [
        "train",
        str(home / "run.toml"),
        "--shards",
        str(home / "shards"),
        "--output",
        str(tmp_path / "o"),
        "--dry-run",
    ]
    found = runner.invoke(app, command)
    assert found.exit_code == 0, found.output
    assert "nothing was written" in found.output
    found = runner.invoke(app, ["train", "curves", str(model), "--output", str(tmp_path / "drawn")])
    assert found.exit_code == 0, found.output
    assert (tmp_path / "drawn.svg").exists()
    neither = runner.invoke(app, ["train", str(home / "run.toml"), "--output", str(tmp_path / "o")])
    assert neither.exit_code != 0


def test_other_weights_or_held_out_shards_are_another_run(home: Path, model: Path, tmp_path: Path) -> None:
    """Red by: an identity that names the shape of the checkpoint alone, or the shards of the training split alone."""
    start, held_out = tmp_path / "start", tmp_path / "shards"
    shutil.copytree(model, start)
    shutil.copytree(home / "shards", held_out)
    before = _shard_identity(held_out) | _start_identity(start)
    tensors = load_file(start / "model.safetensors")
    save_file({name: value + 1 for name, value in tensors.items()}, start / "model.safetensors")
    index = held_out / shards.INDEX
    rows = json.loads(index.read_text())
    rows["validation"][0]["sha256"] = "0" * 64
    index.write_text(json.dumps(rows))
    after = _shard_identity(held_out) | _start_identity(start)
    assert {key for key in before if before[key] != after[key]} == {"validation shard sums", "start model.safetensors"}
