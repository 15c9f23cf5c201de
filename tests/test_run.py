"""The whole way on the sample that the package carries: every stage once, then nothing twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from galactica import manifest, markup, stages
from galactica.cli import app
from galactica.corpus.pipeline import sample_folder
from galactica.errors import BadData
from galactica.generation.galactica import load_model
from galactica.references.store import Library
from galactica.tokenizer.tokenizer import Tokenizer

SMALL = [
    "corpus.generated.onestep=20",
    "model.vocab_size=1024",
    "model.d_model=32",
    "model.n_layers=2",
    "model.max_seq_len=256",
    "training.seq_len=128",
    "training.tokens=40960",
    "training.validation_tokens=1024",
]
STAGES = ["library", "corpus", "tokenizer", "shards", "model", "sample"]


def run(output: Path, said: list[str], *overrides: str) -> dict[str, manifest.Manifest]:
    config = stages.load_run(Path(__file__).parents[1] / "runs/tiny.toml", [*SMALL, *overrides])
    return stages.Run(config, sample_folder(), output, 1, said.append).all()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, manifest.Manifest], list[str]]:
    output = tmp_path_factory.mktemp("run")
    said: list[str] = []
    return output, run(output, said), said


def test_every_stage_leaves_its_folder(finished: tuple[Path, dict[str, manifest.Manifest], list[str]]) -> None:
    output, manifests, _ = finished
    assert list(manifests) == STAGES
    assert [manifest.read(output / stage).key for stage in STAGES] == [manifests[stage].key for stage in STAGES]
    counts = manifests["model"].counts
    assert set(counts["validation"]) == {"jats", "textbooks", "compounds", "proteins", "reasoning", "onestep"}
    assert all(row["loss"] > 0 and row["bits_per_byte"] > 0 for row in counts["validation"].values())
    card = (output / "model/README.md").read_text()
    for source, row in counts["validation"].items():
        assert f"| {source} |" in card
        assert f"{row['bits_per_byte']:.3f}" in card
    assert {"paper.md", "paper.pdf", "paper.tex", "paper.bib", "paper.docx"} == {
        p.name for p in (output / "sample/paper").iterdir()
    }
    assert not (output / "training").exists() or not any((output / "training").iterdir())


def test_the_model_loads_and_cites_its_own_library(
    finished: tuple[Path, dict[str, manifest.Manifest], list[str]],
) -> None:
    output, _, _ = finished
    model = load_model(output / "model", library=output / "library" / stages.WORKS)
    keys = {markup.citation_key(work.title, work.surname) for work in Library.open(output / "library" / stages.WORKS)}
    assert model.generate_reference("Attention is used in models of language") in keys


def test_the_verbs_give_the_tokenizer_and_shards_of_a_run(
    finished: tuple[Path, dict[str, manifest.Manifest], list[str]], tmp_path: Path
) -> None:
    """A corpus that was built alone, on a cluster say, goes on to a training by verbs."""
    output, _, _ = finished
    for arguments in (
        ["train", str(output / "corpus"), "--vocab-size", "1024", "--sample-megabytes", "4"],
        ["encode", str(output / "corpus"), "--tokenizer", str(tmp_path / "train")],
    ):
        command = ["tokenizer", *arguments, "--output", str(tmp_path / arguments[0])]
        for said in ("1,024 pieces|train: ", "unchanged"):
            result = CliRunner().invoke(app, command)
            assert result.exit_code == 0, result.output
            assert re.search(said, result.output)
    assert Tokenizer.load(tmp_path / "train").sha256 == Tokenizer.load(output / "tokenizer").sha256
    for path in (output / "shards").rglob("*.bin"):
        assert (tmp_path / "encode" / path.relative_to(output / "shards")).read_bytes() == path.read_bytes()
    result = CliRunner().invoke(app, ["tokenizer", "train", str(tmp_path), "--output", str(tmp_path / "x")])
    assert isinstance(result.exception, BadData)
    assert not (tmp_path / "x").exists()


def test_nothing_is_done_twice(finished: tuple[Path, dict[str, manifest.Manifest], list[str]]) -> None:
    output, first, _ = finished
    said: list[str] = []
    again = run(output, said)
    assert again == first
    assert [line.partition(":")[0] for line in said if "unchanged, skipped" in line] == STAGES


def test_a_change_redoes_what_depends_on_it_alone(
    finished: tuple[Path, dict[str, manifest.Manifest], list[str]],
) -> None:
    output, first, _ = finished
    said: list[str] = []
    changed = run(output, said, "sample.title=Another title of a paper")
    assert [line.partition(":")[0] for line in said if "done in" in line] == ["sample"]
    assert changed["model"] == first["model"]
    assert "Another title of a paper" in (output / "sample/paper/paper.md").read_text()
    assert json.loads((output / "sample/manifest.json").read_text())["key"] == changed["sample"].key
