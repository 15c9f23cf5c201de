"""What the whole corpus decides: shared paragraphs, journals of low impact, evaluation text, formats of the output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from galactica import files
from galactica.corpus.decontamination import write_fingerprint
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.finishing import low_impact
from galactica.corpus.holdout import share
from galactica.corpus.pipeline import CorpusConfig, build, sample_folder
from galactica.types import Document

REPOSITORY = Path(__file__).parents[2]
SHARED = (
    "Attention lets every position of a sequence read from every other one, and what it reads is a mean of values weighted by "
    "how well a query of the one agrees with a key of the other, which is all that the mechanism does in the end."
)
OTHER = (
    "A second paragraph, of the full text alone, says what the model cannot do and for which of the questions it was not made. "
    * 3
)


def paper(title: str, *paragraphs: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        '<article article-type="research-article"><front><article-meta><title-group>'
        f"<article-title>{title}</article-title></title-group></article-meta></front><body><sec><title>Results</title>{body}</sec></body></article>"
    )


def anthology(*abstracts: str) -> str:
    papers = "".join(
        f'<paper id="{i}"><title>An abstract of the number {i} on its own</title>'
        "<author><first>Ada</first><last>Byron</last></author>"
        f"<abstract>{abstract}</abstract></paper>"
        for i, abstract in enumerate(abstracts, 1)
    )
    return f'<collection id="2022.test"><volume id="1">{papers}</volume></collection>'


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "paper.xml").write_text(paper("A paper about attention in sequences", SHARED, OTHER, OTHER[::-1]))
    (folder / "acl.xml").write_text(
        anthology(SHARED, "We show something else that is said in words of its own, and is not repeated. " * 3)
    )
    return folder


def documents(folder: Path) -> dict[str, Document]:
    return {
        document.id: document
        for split in ("train", "validation")
        for path in document_files(folder, split).values()
        for document in read_documents(path)
    }


def test_a_paragraph_in_two_sources_stays_in_the_better_one(raw: Path, tmp_path: Path) -> None:
    counts = build(raw, tmp_path / "out", CorpusConfig())
    found = documents(tmp_path / "out")
    (full,) = (document for document in found.values() if document.source == "jats")
    assert SHARED in full.text
    assert SHARED not in found["anthology:2022.test-1.1"].text
    assert "words of its own" in found["anthology:2022.test-1.2"].text
    assert counts["sources"]["anthology"]["span_bytes_removed"] == len(SHARED)
    build(raw, tmp_path / "kept", CorpusConfig(spans_excluded=("anthology",)))
    assert SHARED in documents(tmp_path / "kept")["anthology:2022.test-1.1"].text


def test_what_code_shares_with_a_paper_stays_unless_no_source_is_excluded(raw: Path, tmp_path: Path) -> None:
    """Red where groups decide and not the names of `spans_excluded`."""
    (raw / "sums").mkdir()
    (raw / "sums/LICENSE").write_text("MIT License\n\nPermission is hereby granted, free of charge")
    (raw / "sums/README.md").write_text(f"# sums\n\n{SHARED}\n\nAdds numbers.\n")
    (raw / "sums/setup.py").write_text("from setuptools import setup\n\nsetup(name='sums')\n")

    def code(name: str, config: CorpusConfig) -> str:
        build(raw, tmp_path / name, config)
        (text,) = (d.text for d in documents(tmp_path / name).values() if d.source == "code")
        return text

    assert SHARED in code("kept", CorpusConfig())
    assert SHARED not in code("removed", CorpusConfig(spans_excluded=()))


def test_parquet_holds_the_same_documents(raw: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    build(raw, tmp_path / "a", CorpusConfig())
    build(raw, tmp_path / "b", CorpusConfig(format="parquet"))
    assert documents(tmp_path / "a") == documents(tmp_path / "b")


def test_evaluation_text_is_reported_or_dropped(raw: Path, tmp_path: Path) -> None:
    write_fingerprint(tmp_path / "f", [" ".join(SHARED.split()[:20])])
    config = CorpusConfig(fingerprint=str(tmp_path / "f"), remove_spans=False)
    counts = build(raw, tmp_path / "out", config)
    leaks = json.loads((tmp_path / "out/leakage.json").read_text())
    assert sum(counts["contaminated"].values()) == sum(map(len, leaks.values())) >= 1
    dropped = CorpusConfig(fingerprint=str(tmp_path / "f"), remove_spans=False, drop_contaminated=True)
    counts = build(raw, tmp_path / "dropped", dropped)
    reasons = {row["reason"] for row in json.loads((tmp_path / "dropped/drops.json").read_text())}
    assert "holds text of an evaluation" in reasons


def test_a_paper_lies_on_one_side_in_every_source_however_small(tmp_path: Path) -> None:
    """Red where the second document of a source is held out whatever its hash: an abstract of it stands in another source."""
    (tmp_path / "raw").mkdir()
    titles = [f"An abstract of the number {i} on its own" for i in (3, 1)]  # in another order than the abstracts
    for i, title in enumerate(titles):
        (tmp_path / f"raw/{i}.xml").write_text(
            paper(title, *([SHARED, OTHER, OTHER[::-1]] if i else [OTHER, SHARED[::-1]]))
        )
    (tmp_path / "raw/acl.xml").write_text(anthology(*(f"{SHARED} {i}" for i in ("one", OTHER, OTHER[::-1]))))
    counts = build(tmp_path / "raw", tmp_path / "out", CorpusConfig(remove_spans=False))
    sides: dict[str, set[str]] = {}
    for split in ("train", "validation"):
        for path in document_files(tmp_path / "out", split).values():
            for document in read_documents(path):
                sides.setdefault(str(document.metadata["title"]), set()).add(split)
    assert len(sides) == 3
    assert all(len(found) == 1 for found in sides.values())
    assert counts["sources"]["jats"]["train"] + counts["sources"]["jats"]["validation"] == 2


def test_evaluation_text_is_reported_where_it_is_held_out(raw: Path, tmp_path: Path) -> None:
    """Red where only documents for training are held against the fingerprint."""
    write_fingerprint(tmp_path / "f", [" ".join(SHARED.split()[:20])])
    seed = next(i for i in range(999) if share(i, "work:apaperaboutattentioninsequences") < 0.01)
    config = CorpusConfig(fingerprint=str(tmp_path / "f"), drop_contaminated=True, remove_spans=False, seed=seed)
    counts = build(raw, tmp_path / "out", config)
    assert counts["contaminated"]["jats"] == counts["sources"]["jats"]["validation"] == 1


def test_journals_of_low_impact() -> None:
    assert low_impact({"A": [10, 9], "B": [10, 10], "C": [2, 0]}, 1.0) == {"A"}
    assert low_impact({"A": [10, 0]}, 0.0) == frozenset()


def test_the_command_writes_to_a_url_and_skips_what_is_there(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "galactica",
        "corpus",
        "build",
        "runs/tiny.toml",
        "--input",
        str(sample_folder()),
    ]
    target = f"file://{tmp_path}/out"
    for expected in ("documents", "unchanged"):
        done = subprocess.run(
            [*command, "--output", target], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-1500:]
        assert expected in done.stdout
    counts = json.loads((tmp_path / "out/manifest.json").read_text())["counts"]
    assert all(files.sha256(tmp_path / "out" / name) == digest for name, digest in counts["files"].items())
    assert documents(tmp_path / "out")
    bad = subprocess.run(
        [*command, "--output", str(tmp_path / "x"), "--executor", "cloud"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert bad.returncode == 2
    assert "executor is 'cloud'; allowed: 'local', 'slurm', 'ray'" in bad.stderr.replace("\n", " ")
