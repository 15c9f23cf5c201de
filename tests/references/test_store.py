"""The library: what is one work, what is no work, and that a damaged folder is named."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica import files
from galactica.errors import BadData, BadInput, UnknownReference
from galactica.references import store
from galactica.references.merge import junk
from galactica.references.record import make_reference
from galactica.references.store import Library, build, build_from_folder
from galactica.types import Drop, Reference


def work(
    title: str,
    authors: str = "Holm, Ada",
    year: int | None = 2014,
    venue: str | None = None,
    doi: str | None = None,
    n: int = 0,
) -> Reference:
    made = make_reference(title, authors.split(" and ") if authors else [], year, venue, doi, None, n)
    assert made is not None, title
    return made


def merged(tmp_path: Path, *works: Reference) -> list[Reference]:
    return list(build(tmp_path / "library", works))


ONE_WORK = {
    "accents and case": (work("Élements de géométrie algébrique"), work("ELEMENTS DE GEOMETRIE ALGEBRIQUE")),
    "LaTeX in the title": (work("Cohomology of $p$-adic spaces"), work("Cohomology of p-adic spaces")),
    "preprint and published": (
        work("Deep folding of proteins", year=2019, doi="10.1101/2019.1", venue="bioRxiv"),
        work("Deep Folding of Proteins", year=2020, doi="10.1038/s1", venue="Nature"),
    ),
    "subtitle left out": (work("BLAST for very long sequence reads"), work("BLAST for very long sequence reads: its use")),
    "one DOI, a slip in the title": (work("Root hairs of barley", doi="10.1000/a"), work("Root hair of barleys", doi="10.1000/a")),
    "a letter amiss": (work("Isoprenalin induced necrosis of rat hearts"), work("Isoprenolin induced necrosis of rat hearts")),
    "joined words": (work("The sub-types of root meta-xylem cells"), work("Subtypes of root metaxylem cells")),
    "particle left out": (work("Gas laws at low pressure", "van der Berg, J"), work("Gas laws at low pressure", "Berg, J")),
    "year unknown": (work("Gas laws at low pressure", year=None), work("Gas laws at low pressure", year=1999)),
}  # fmt: skip
TWO_WORKS = {
    "parts": (work("Theory of elastic plates. Part I"), work("Theory of elastic plates. Part II")),
    "different subtitles": (work("Handbook of plant physiology: roots"), work("Handbook of plant physiology: leaves")),
    "editions": (work("Introduction to genetics", year=1989), work("Introduction to genetics", year=1996)),
    "other author": (work("Introduction to genetics", "Falk, A"), work("Introduction to genetics", "Moe, B")),
    "a chapter with its book's DOI": (
        work("Salt stress in roots", "Falk, A", doi="10.1000/b"),
        work("Light and leaves", "Moe, B", doi="10.1000/b"),
    ),
    "sexes": (work("Renal blood flow in anaesthetised male rats"), work("Renal blood flow in anaesthetised female rats")),
    "interleukins": (work("Signalling of IL-4 in cultured muscle cells"), work("Signalling of IL-6 in cultured muscle cells")),
    "rodents": (work("Uptake of cadmium salts by growing rice"), work("Uptake of cadmium salts by growing mice")),
    "a slip, but each with its DOI": (
        work("Uptake of cadmium salts by plants", doi="10.1000/1"),
        work("Uptake of cadmium salt by plants today", doi="10.1000/2"),
    ),
    "numbers": (work("MEGA6: molecular evolutionary analysis version 6"), work("MEGA7: molecular evolutionary analysis version 7")),
}  # fmt: skip


@pytest.mark.parametrize("pair", ONE_WORK.values(), ids=ONE_WORK.keys())
def test_near_duplicates_are_one_work(tmp_path: Path, pair: tuple[Reference, Reference]) -> None:
    for order in (pair, pair[::-1]):
        assert len(merged(tmp_path, *order)) == 1


@pytest.mark.parametrize("pair", TWO_WORKS.values(), ids=TWO_WORKS.keys())
def test_different_works_stay_apart(tmp_path: Path, pair: tuple[Reference, Reference]) -> None:
    for order in (pair, pair[::-1]):
        assert len(merged(tmp_path, *order)) == 2


def test_the_kept_record_is_the_best_formed(tmp_path: Path) -> None:
    (kept,) = merged(
        tmp_path,
        work("DEEP FOLDING OF PROTEINS AND PEPTIDES", "Holm, A", 2019, "arXiv", "10.48550/arxiv.1901.00001", 3),
        work("deep folding of proteins and peptides", "Holm, A", 2019, None, None, 1),
        work("Deep folding of proteins and peptides", "Holm, Ada and Moe, Bo", 2020, "Nature", "10.1038/s1", 2),
        work("Deep folding of proteins and peptides", "Holm, A", 2020, "Nature", None, 5),
    )
    assert kept.title == "Deep folding of proteins and peptides"
    assert kept.authors == ("Holm, Ada", "Moe, Bo")
    assert (kept.year, kept.venue, kept.doi, kept.n_citations) == (2020, "Nature", "10.1038/s1", 11)


@pytest.mark.parametrize(
    "title",
    ["Available at http://x.org/report", "Personal communication with Dr Moe", "Accessed on 3 May 2011",
     "Correction: Gas laws at low pressure",
     "pp 123–145 in the volume", "& Loreto, V. Statistical physics of social dynamics", "Gas laws</em> at low pressure"],
)  # fmt: skip
def test_junk_is_refused_with_a_reason(tmp_path: Path, title: str) -> None:
    assert junk(work(title)) is not None
    library = build(
        tmp_path / "library", [work(title), work("Gas laws at low pressure"), Drop("x", "references", "no title")]
    )
    assert [reference.title for reference in library] == ["Gas laws at low pressure"]
    assert sum(library.manifest.counts["dropped"].values()) == 2


def test_short_titles_need_authors_and_year_or_a_doi() -> None:
    assert junk(work("Silicon", "Epstein, E", 1999)) is None
    assert junk(work("Silicon", "Epstein, E", None)) is not None
    assert junk(work("Silicon", "", None, doi="10.1146/annurev.50.1")) is None


def _from_parts(title: str, authors: list[str], year: int | None, venue: str | None, n: int) -> Reference | None:
    return make_reference(f"Work {title}", authors, year, venue, f"10.1234/{crc32(title.encode())}", title, n)


references = st.builds(
    _from_parts,
    st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Zs", "Pd")), min_size=12, max_size=60),
    st.lists(st.text(max_size=12), max_size=3),
    st.none() | st.integers(1500, 2030),
    st.none() | st.text(max_size=20),
    st.integers(0, 2**32 - 1),
).filter(lambda reference: reference is not None and junk(reference) is None)


@given(st.lists(references, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_library_gives_back_what_was_put_in(tmp_path_factory: pytest.TempPathFactory, works: list[Reference]) -> None:
    library = build(tmp_path_factory.mktemp("law") / "library", works)
    ids = [reference.id for reference in library]
    assert ids == sorted(set(ids))
    by_id = {reference.id: reference for reference in works}
    for row, reference in enumerate(library):
        assert library[row] == library.get(reference.id) == reference
        if len(library) == len(works):
            assert reference == by_id[reference.id]
    assert list(library.rows([*ids, "0" * 16, "nonsense", ""])) == [*range(len(ids)), -1, -1, -1]
    assert library.titles() == [reference.title for reference in library]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Library:
    chance = random.Random(0)
    words = [
        f"{a}{b}"
        for a in ("salt", "root", "leaf", "wave", "heat", "cell")
        for b in ("flow", "stress", "growth", "model", "field")
    ]
    works = [
        work(
            f"The {' '.join(chance.sample(words, 5))} number {i}",
            f"Holm{i % 37}, Ada",
            1950 + i % 70,
            doi=f"10.1234/{i}",
            n=i % 11,
        )
        for i in range(3_000)
    ]
    return build(tmp_path_factory.mktemp("many") / "library", works, "many")


def test_same_works_same_bytes_wherever_they_lie(many: Library, tmp_path: Path) -> None:
    again = build(tmp_path / "elsewhere", list(many), "many")
    assert again.fingerprint == many.fingerprint
    assert list(again) == list(many)
    assert build(tmp_path / "fewer", list(many)[1:]).fingerprint != many.fingerprint


def test_unknown_works_are_named_with_the_closest_titles(many: Library) -> None:
    title = many[17].title
    with pytest.raises(UnknownReference, match="closest titles") as caught:
        many.get(title)
    assert title in str(caught.value)
    with pytest.raises(IndexError):
        many[len(many)]


def test_threads_may_share_a_library(many: Library) -> None:
    expected, wrong = list(many), []

    def read(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(300):
            row = chance.randrange(len(many))
            if many[row] != expected[row]:
                wrong.append(row)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["records.bin", "blocks.npy", "index.npy", "aliases.npy", "manifest.json"])
@pytest.mark.parametrize("harm", [_cut, _flip, Path.unlink], ids=["cut", "flipped", "gone"])
def test_damage_is_named_and_never_half_read(
    many: Library, tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "library"
    shutil.copytree(many.folder, folder)
    harm(folder / name)
    if name == "manifest.json" and harm is _flip:
        return  # one letter of the manifest's prose is not the library's
    with pytest.raises(BadData, match=name):
        Library.open(folder).check()


def test_a_damaged_block_is_found_when_it_is_read(many: Library, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    shutil.copytree(many.folder, folder)
    _flip(folder / "records.bin")
    with pytest.raises(BadData, match=r"records\.bin: block"):
        list(Library.open(folder))


def test_a_folder_that_is_no_library_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years of work")
    with pytest.raises(BadInput, match="not a library"):
        build(tmp_path / "thesis", [work("Gas laws at low pressure")])
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "years of work"


def test_nothing_to_build_from_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("no bibliography")
    with pytest.raises(BadData, match="not a bibliography format"):
        build_from_folder(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.corpus
def test_the_same_paper_in_a_bib_file_and_a_reference_list_is_one_record(corpus_root: Path, tmp_path: Path) -> None:
    seen: list[str] = []
    archives = tmp_path / "in"
    archives.mkdir()
    for name in ("plos-jats", "bib-collections", "jose-jats"):
        shutil.copy(corpus_root / f"{name}.tar.xz", archives)
    library = build_from_folder(archives, tmp_path / "library", "papers", seen.append)
    assert seen == ["bib-collections.tar.xz", "jose-jats.tar.xz", "plos-jats.tar.xz"]
    found = [work for work in library if work.title.lower().startswith("scikit-learn: machine learning in python")]
    assert len(found) == 1
    assert found[0].authors[0].startswith("Pedregosa")
    assert len(library) > 8_000
    assert sum(path.stat().st_size for path in (tmp_path / "library").iterdir()) < 140 * len(library)


def test_files_of_the_store_are_the_documented_ones(many: Library) -> None:
    assert {path.name for path in many.folder.iterdir()} == {*many.manifest.counts["files"], "manifest.json"}
    assert store.BLOCK == 64
    assert files.sha256(many.folder / "records.bin") == many.manifest.counts["files"]["records.bin"]["sha256"]
