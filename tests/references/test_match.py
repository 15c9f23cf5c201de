"""Raw citation strings find their work; invented ones do not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica import archives, markup
from galactica.files import RawFile
from galactica.references.importers import references_in
from galactica.references.lookup import make
from galactica.references.match import KeyIndex, match
from galactica.references.record import make_reference
from galactica.references.store import Library, build
from galactica.types import Reference


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Attention Is All You Need, Vaswani", "Attention is All you Need"),
        ("Vaswani A, Shazeer N, Parmar N, et al. Attention is all you need. NIPS 2017;30:5998-6008.", "Attention is All you Need"),
        ("S.F. Altschul (1990), Basic local alignement search tool, J. Mol. Biol. 215", "Basic local alignment search tool"),
        ("doi:10.1186/1471-2105-10-421 Camacho: BLAST+ architecture and applications", "BLAST+: architecture and applications"),
        ("Elements de geometrie algebrique, Grothendieck", "Éléments de géométrie algébrique"),
    ],
)  # fmt: skip
def test_a_raw_reference_finds_its_work(classics: Library, raw: str, title: str) -> None:
    found = match(classics, raw)
    assert found is not None
    assert found[0].title == title
    assert 0.9 <= found[1] <= 1


@pytest.mark.parametrize(
    "raw",
    ["Attention is not all you need for genes, Vaswani 2017", "Altschul SF. Basic global alignment search tool. J Mol Biol 1990",
     "Jointly learning to parse and to translate, Bahdanau", "", "Vaswani 2017", "x" * 5000],
)  # fmt: skip
def test_an_invented_reference_finds_none(classics: Library, raw: str) -> None:
    assert match(classics, raw) is None


def test_a_part_is_not_its_neighbour(tmp_path: Path) -> None:
    part = make_reference("Theory of elastic plates under load. Part I", ["Holm, A"], 2001, "J Mech", None)
    assert part is not None
    library = build(tmp_path / "library", [part])
    assert match(library, "Holm A. Theory of elastic plates under load. Part I. J Mech 2001") == (part, 1.0)
    assert match(library, "Holm A. Theory of elastic plates under load. Part II. J Mech 2001") is None


def test_the_edition_of_the_stated_year(classics: Library) -> None:
    for year in (1989, 1996):
        found = match(classics, f"Falconer DS. Introduction to quantitative genetics. Longman {year}")
        assert found is not None
        assert found[0].year == year


def test_keys_are_found_up_to_spelling(classics: Library, tmp_path: Path) -> None:
    index = KeyIndex(make(classics, tmp_path))
    for reference in classics:
        key = markup.citation_key(reference.title, reference.surname)
        found = index.find(key)
        assert found is not None
        assert found.title == reference.title
        assert index.find(key.upper() + " ") == found
    assert index.find("Attention is all you need, Bahdanau") is None
    assert index.find("") is None
    # Of two works with one key the more cited stands for it.
    editions = index.find("Introduction to quantitative genetics, Falconer")
    assert editions is not None
    assert editions.year == 1996


def test_a_spelling_that_was_merged_still_finds_the_record(tmp_path: Path) -> None:
    kept = make_reference("Root hairs of barley under salt", ["Holm, A", "Moe, B"], 2001, "J Bot", "10.1000/x", None, 9)
    slip = make_reference("Root hair of barley under salts", ["Holm, A"], 2001, None, "10.1000/x")
    assert kept is not None
    assert slip is not None
    library = build(tmp_path / "library", [kept, kept, slip])
    assert KeyIndex(make(library, tmp_path)).find("Root hair of barley under salts, Holm") == library[0]
    assert library[0].title == kept.title


def test_a_title_alone_finds_the_work_of_one_author(tmp_path: Path) -> None:
    """Red: take any of several authors for a common title, or a short title for one work."""
    titles = ["Root hairs of barley under salt", "Barley under salt", "A common name of many works"]
    works = [
        make_reference(title, [author], 2001, None, None)
        for title in titles
        for author in ("Holm, A", "Moe, B")[: 1 + title[0].count("A")]
    ]
    works.append(make_reference("Root hairs of barley under salt", ["Holm, A"], 2011, None, None))
    index = KeyIndex(make(build(tmp_path / "library", [work for work in works if work]), tmp_path))
    found = index.find("Root hairs of barley under salt")
    assert found is not None
    assert found.surname == "Holm"
    assert index.find("Barley under salt") is None
    assert index.find("A common name of many works") is None
    assert index.find("Root hairs of barley under salt, Moe") is None


@given(st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_may_be_matched(classics: Library, raw: str) -> None:
    found = match(classics, raw, threshold=0.0)
    assert found is None or 0 <= found[1] <= 1


@pytest.mark.corpus
def test_threshold_separates_real_from_altered_references(corpus_root: Path, tmp_path: Path) -> None:
    # The measurement behind match.THRESHOLD: works of PLOS reference lists against the same with half of the words exchanged.
    works = [
        item
        for file in archives.walk(corpus_root / "plos-jats.tar.xz")
        if isinstance(file, RawFile) and file.name.endswith(".xml")
        for item in references_in(file)
        if isinstance(item, Reference)
    ]
    library, chance = build(tmp_path / "library", works), random.Random(1)
    sample = [work for work in chance.sample(list(library), 200) if len(work.title.split()) >= 5 and work.authors]
    words = [word for work in sample for word in work.title.split()]
    real = altered = 0
    for work in sample:
        for changed in (False, True):
            title = work.title.split()
            if changed:
                for place in chance.sample(range(len(title)), len(title) // 2):
                    title[place] = chance.choice(words)
            raw = f"{', '.join(work.authors[:3])} ({work.year}) {' '.join(title)}. {work.venue or ''} 12: 345-367"
            found = match(library, raw)
            if changed:
                altered += found is not None
            else:
                real += found is not None and found[0].title.casefold() == work.title.casefold()
    assert real >= 0.98 * len(sample)
    assert altered <= 0.03 * len(sample)
