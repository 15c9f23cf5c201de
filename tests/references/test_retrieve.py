"""Search finds works by their words, takes any text as a query, and keeps its index whole in the cache."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica.references import retrieve
from galactica.references.retrieve import SparseIndex
from galactica.references.store import Library


@pytest.fixture(scope="module")
def index(classics: Library, tmp_path_factory: pytest.TempPathFactory) -> SparseIndex:
    return SparseIndex(classics, tmp_path_factory.mktemp("index"))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("attention is all you need, Vaswani", "Attention is All you Need"),
        ("translations that learn alignment jointly", "Neural Machine Translation by Jointly Learning to Align and Translate"),
        ("elements de geometrie", "Éléments de géométrie algébrique"),
        ("Altschul 1990", "Basic local alignment search tool"),
        ("WHO World Health Organization", "Global report on diabetes"),
        # Red if the words of a collective count as surnames: "gene" is rare among those.
        ("analysis of gene expression", "Serial analysis of gene expression"),
        ('BLAST+: (architecture AND title:x) OR -foo* ^2 "unclosed', "BLAST+: architecture and applications"),
    ],
)  # fmt: skip
def test_the_right_work_comes_first(classics: Library, index: SparseIndex, query: str, title: str) -> None:
    hits = index.search(query)
    assert classics[hits[0][0]].title == title
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_query(index: SparseIndex, query: str) -> None:
    assert len(index.search(query, 5)) <= 5
    assert len(index.terms(query * 40)) <= 32


@pytest.mark.parametrize("query", ["", "the of and is", "*", "\x00"])
def test_a_query_without_words_finds_nothing(index: SparseIndex, query: str) -> None:
    assert index.search(query) == []


def test_years_bound_the_result_and_leave_scores_alone(classics: Library, index: SparseIndex) -> None:
    everything = dict(index.search("introduction to quantitative genetics"))
    late = index.search("introduction to quantitative genetics", since=1990, until=2000)
    assert [classics[row].year for row, _ in late] == [1996]
    assert late[0][1] == pytest.approx(everything[late[0][0]])
    assert index.search("genetics", since=2000, until=1990) == []


def test_popularity_breaks_a_tie(classics: Library, index: SparseIndex) -> None:
    hits = index.search("introduction to quantitative genetics", popularity=0.5)
    assert classics[hits[0][0]].n_citations == 30


def test_the_library_searches_itself(classics: Library) -> None:
    (reference, score), *_ = classics.search("attention", limit=3)
    assert reference.surname == "Vaswani"
    assert score > 0


def test_the_index_is_built_once_and_opened_then(
    classics: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = SparseIndex(classics, tmp_path).search("gene expression")
    monkeypatch.setattr(SparseIndex, "_build", lambda *_: pytest.fail("built again"))
    assert SparseIndex(classics, tmp_path).search("gene expression") == first
    assert [path.name for path in tmp_path.iterdir()] == [f"{classics.fingerprint}-v{retrieve._VERSION}"]


def test_a_damaged_index_is_built_anew(classics: Library, tmp_path: Path) -> None:
    first = SparseIndex(classics, tmp_path).search("gene expression")
    (folder,) = tmp_path.iterdir()
    (folder / "meta.json").write_text("{")
    assert SparseIndex(classics, tmp_path).search("gene expression") == first


def test_without_a_cache_the_index_stays_in_memory(classics: Library, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert SparseIndex(classics, blocked).search("gene expression")
    assert blocked.read_text() == "not a folder"


def _search(folder: Path, cache: Path) -> list[tuple[int, float]]:
    return SparseIndex(Library.open(folder), cache).search("gene expression")


def test_two_processes_may_build_at_once(classics: Library, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        results = pool.starmap(_search, [(classics.folder, tmp_path)] * 4)
    assert results[0]
    assert all(result == results[0] for result in results)
    assert len(list(tmp_path.iterdir())) == 1


def test_ranking_agrees_with_another_bm25(classics: Library, index: SparseIndex) -> None:
    # SQLite's FTS5 over the same titles, same stems: the best title is the same for each query made of three of its words.
    table = sqlite3.connect(":memory:")
    table.execute("create virtual table t using fts5(title, tokenize='porter')")
    table.executemany("insert into t(rowid, title) values (?, ?)", list(enumerate(classics.titles())))
    for title in classics.titles()[:8]:
        words = [word for word in title.split() if word.isascii() and word.isalpha() and len(word) > 4][:3]
        if not words:
            continue
        query = "select rowid from t where t match ? order by bm25(t) limit 1"
        best = table.execute(query, (" OR ".join(words),)).fetchone()
        if best is not None:
            assert classics[index.search(" ".join(words), 1)[0][0]].title == classics[best[0]].title
