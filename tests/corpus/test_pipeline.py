"""The corpus as a whole, on the sample that the package carries: same bytes for any number of workers, nothing lost unsaid."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from galactica import files, markup
from galactica.corpus import cite, pipeline
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.holdout import TRAIN, VALIDATION, HoldoutConfig
from galactica.corpus.jobs import JobsConfig
from galactica.corpus.pipeline import CorpusConfig, sample_folder
from galactica.errors import BadConfig, BadData
from galactica.references.store import build_from_folder
from galactica.types import Document

CONFIG = CorpusConfig(holdout=HoldoutConfig(0.2), generated={"onestep": 20})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:  # type: ignore[type-arg]
    root = tmp_path_factory.mktemp("corpus")
    build_from_folder(sample_folder(), root / "works", "sample")
    return root, pipeline.build(sample_folder(), root / "one", CONFIG, root / "works")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): files.sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_every_source_of_the_sample_has_documents(built: tuple[Path, dict]) -> None:  # type: ignore[type-arg]
    root, counts = built
    assert {"jats", "textbooks", "compounds", "proteins", "reasoning", "onestep"} == set(counts["sources"])
    assert counts["sources"]["jats"]["citations"] > 100
    assert counts["sources"]["jats"]["known"] == counts["sources"]["jats"]["citations"]
    for split in (TRAIN, VALIDATION):
        for source, path in document_files(root / "one", split).items():
            documents = list(read_documents(path))
            assert len(documents) == counts["sources"][source].get(split, 0)
            assert all(document.source == source and document.text.strip() for document in documents)
    held_out = {d.id for path in document_files(root / "one", "validation").values() for d in read_documents(path)}
    trained = {d.id for path in document_files(root / "one", "train").values() for d in read_documents(path)}
    assert held_out
    assert not held_out & trained


def test_workers_do_not_change_a_byte(built: tuple[Path, dict]) -> None:  # type: ignore[type-arg]
    root, counts = built
    assert pipeline.build(sample_folder(), root / "two", CONFIG, root / "works", jobs=JobsConfig(workers=2)) == counts
    assert digests(root / "two") == digests(root / "one")


def test_a_near_copy_is_dropped_and_said(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    paper = sorted(sample_folder().glob("papers/*.xml"))[0]
    shutil.copy(paper, raw / "a.xml")
    (raw / "b.xml").write_text(
        paper.read_text().replace("<article-id", "<!-- x --><article-id", 1).replace("the", "the ", 3)
    )
    (raw / "c.xml").write_text(paper.read_text().replace("</title-group>", "<subtitle>again</subtitle></title-group>"))
    (raw / "d.bin").write_bytes(b"\x00\x01")
    (raw / "e.xml").write_text('<?xml version="1.0"?><article><front>')
    counts = pipeline.build(raw, tmp_path / "out", CorpusConfig())
    assert counts["sources"]["jats"]["documents"] == 1
    reasons = {
        (row["source"], row["reason"]): row["samples"] for row in json.loads((tmp_path / "out/drops.json").read_text())
    }
    assert any(source == "jats" and reason.endswith("same text came before") for source, reason in reasons)
    assert reasons["files", "no source reads this kind of file"] == [["d.bin", ""]]
    assert any(source == "jats" and reason.startswith("not well-formed") for source, reason in reasons)


def test_nothing_readable(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/x.bin").write_bytes(b"?")
    with pytest.raises(BadData, match="lists what can be"):
        pipeline.build(tmp_path / "raw", tmp_path / "out", CorpusConfig())
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_all_that_was_read_is_left_out(tmp_path: Path) -> None:
    """Red where the message says that no file could be read."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.xml").write_text("<article><front><article-meta/></front>")
    with pytest.raises(BadData, match=r"all 1 records .* left out. Mostly jats: not well-formed: XMLSyntaxError \(1\)"):
        pipeline.build(tmp_path / "raw", tmp_path / "out", CorpusConfig())


def test_bad_config() -> None:
    with pytest.raises(BadConfig, match="names 'jatz'; known"):
        CorpusConfig(sources=("jatz",))
    with pytest.raises(BadConfig, match="allowed: above 0, below"):
        HoldoutConfig(0.5)


@pytest.mark.parametrize(
    "config",
    [
        {"memory_gb": float("nan")},
        {"memory_gb": float("inf")},
        {"max_documents": {"jats": -1}},
        {"generated": {"onestep": -5}},
    ],
)
def test_numbers_out_of_range(config: dict[str, Any]) -> None:
    with pytest.raises(BadConfig, match=r"; allowed: 0(\.02)? and more"):
        CorpusConfig(**config)


def test_a_cap_and_a_choice_of_sources(tmp_path: Path) -> None:
    config = CorpusConfig(sources=("compounds", "jats"), max_documents={"compounds": 7})
    counts = pipeline.build(sample_folder(), tmp_path / "out", config)
    assert counts["sources"]["compounds"]["documents"] == 7
    assert set(counts["sources"]) == {"compounds", "jats"}


def test_citations_take_the_librarys_spelling(built: tuple[Path, dict], tmp_path: Path) -> None:  # type: ignore[type-arg]
    from galactica.references.lookup import make
    from galactica.references.match import KeyIndex
    from galactica.references.store import Library

    library = Library.open(built[0] / "works")
    work = library[0]
    written = markup.cite(work.title.upper(), work.surname)
    document = Document("x", f"As in {written} and {markup.cite('No such work', 'Nobody')}.", "jats", "CC0")
    found, n_citations, n_known = cite.canonical(document, KeyIndex(make(library, tmp_path)).find)
    assert (n_citations, n_known) == (2, 1)
    assert found.text == f"As in {markup.cite(work.title, work.surname)} and {markup.cite('No such work', 'Nobody')}."
