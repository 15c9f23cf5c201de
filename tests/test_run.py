"""The whole way on the sample that the package carries: every stage once, then nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from galactica import manifest, markup, stages
from galactica.corpus.pipeline import sample_folder
from galactica.generation.galactica import load_model
from galactica.references.store import Library

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
