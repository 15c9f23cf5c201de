"""Entries without a title find their own work or none."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from galactica import archives
from galactica.files import RawFile
from galactica.references import jats
from galactica.references.importers import references_in
from galactica.references.lookup import make
from galactica.references.record import make_reference, normalise_title
from galactica.references.store import Library, build
from galactica.references.untitled import NOT_FOUND, SEVERAL, TOO_LITTLE, UntitledIndex
from galactica.types import Reference, UntitledEntry


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> UntitledIndex:
    works = [
        make_reference("Root hairs of barley grown under salt", ["Holm, A"], 2001, "J Bot", "10.1000/x", volume="12", page="345"),
        make_reference("Leaf wax of barley grown in shade", ["Holm, A"], 2001, "J Shade", None, volume="12", page="345"),
        make_reference("Stem growth of rye after a late frost", ["Van den Berg, C"], 1999, "J Bot", None, volume="7", page="e12"),
        make_reference("Seeds", ["Berg, D"], 1988, "Press", "10.1000/book"),
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("library")
    return UntitledIndex(make(build(folder / "works", [work for work in works if work]), folder))


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        (UntitledEntry("C. van den Berg, J. Bot. 7, e12 (1999)."), "Stem growth of rye after a late frost"),
        (UntitledEntry("", "van den Berg", 1999, "07", "E12"), "Stem growth of rye after a late frost"),
        (UntitledEntry("Holm A. doi:10.1000/X"), "Root hairs of barley grown under salt"),
        (UntitledEntry("Holm, Moe: see Root Hairs of Barley Grown Under Salt, J Bot"), "Root hairs of barley grown under salt"),
    ],
)  # fmt: skip
def test_found(index: UntitledIndex, entry: UntitledEntry, title: str) -> None:
    found = index.find(entry)
    assert isinstance(found, Reference)
    assert found.title == title


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (UntitledEntry("A. Holm, J. Bot. 12, 345 (2001)."), SEVERAL),  # two works of one place and author
        (UntitledEntry("B. Moe, J. Bot. 7, e12 (1999)."), NOT_FOUND),  # another first author
        (UntitledEntry("C. van den Berg, J. Bot. 7, e12 (1996)."), NOT_FOUND),  # another year
        (
            UntitledEntry("E. Rask, in a chapter", "Rask", 1988, doi="10.1000/book"),
            NOT_FOUND,
        ),  # a chapter, its book's DOI
        (UntitledEntry("Moe B (1980) Leaf wax of barley grown in shade. J Shade"), NOT_FOUND),
        (UntitledEntry("ibid."), TOO_LITTLE),
        (UntitledEntry(""), TOO_LITTLE),
        (UntitledEntry("1,2" * 400_000), NOT_FOUND),  # and in no time
    ],
)
def test_not_taken_for_another(index: UntitledIndex, entry: UntitledEntry, reason: str) -> None:
    assert index.find(entry) == reason


def test_volume_and_page_are_kept(index: UntitledIndex, tmp_path: Path) -> None:
    bare = make_reference("Root hairs of barley grown under salt", ["Holm, A"], 2001, "J Bot", None)
    assert bare is not None
    library = build(tmp_path / "works", [bare, replace(bare, volume="12", page="345"), bare])
    assert [(work.volume, work.page) for work in Library.open(tmp_path / "works")] == [("12", "345")]
    assert len(library) == 1


@pytest.mark.corpus
def test_precision_on_hidden_titles(corpus_root: Path, tmp_path: Path) -> None:
    # Works of every sixth article, their titles hidden, against the library of the other five: at least 98 in 100 must be right.
    works: list[Reference] = []
    hidden: list[tuple[UntitledEntry, str]] = []
    for name in ("plos-jats", "pmc-jats-dictionary"):
        for number, file in enumerate(archives.walk(corpus_root / f"{name}.tar.xz")):
            if not isinstance(file, RawFile) or not file.name.endswith((".xml", ".nxml")):
                continue
            if number % 6:
                works += [item for item in references_in(file) if isinstance(item, Reference)]
                continue
            for work in jats.reference_list(etree.fromstring(file.data)).values():
                if work is not None and work.authors and work.volume and work.page:
                    names = ", ".join(name.replace(",", "") for name in work.authors[:4])
                    place = f"{work.volume}, {work.page}"
                    hidden.append((UntitledEntry("", work.surname, work.year, work.volume, work.page), work.title))
                    hidden.append((UntitledEntry(f"{names}, {work.venue} {place} ({work.year})."), work.title))
                    hidden.append((UntitledEntry(f"{names}. {work.venue}.", work.surname, doi=work.doi), work.title))
    index = UntitledIndex(make(build(tmp_path / "works", works), tmp_path))
    counts = Counter[bool]()
    for entry, title in random.Random(1).sample(hidden, min(len(hidden), 6000)):
        found = index.find(entry)
        if isinstance(found, Reference):
            counts[_is_same(found.title, title)] += 1
    print(f"{counts[True]} right, {counts[False]} wrong of {len(hidden)}")
    assert counts[True] > 100
    assert counts[True] >= 0.98 * counts.total()


def _is_same(one: str, other: str) -> bool:
    """Whether two titles share most of the words of the shorter."""
    words, others = (set(normalise_title(title).split()) for title in (one, other))
    return len(words & others) >= 0.6 * min(len(words), len(others))
