"""The tables that works are found by are those that one pass over the library gives, and never another library's."""

from __future__ import annotations

import pickle
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from galactica.errors import BadData
from galactica.files import asset
from galactica.references import lookup
from galactica.references.lookup import DOIS, KEYS, PLACES, WORDS, Lookup, make
from galactica.references.merge import key_hash
from galactica.references.record import make_reference, normalise_title
from galactica.references.store import Library, build
from galactica.references.works import Task

Rows = dict[int, list[int]]


@pytest.fixture(scope="module")
def bundled() -> Library:
    return Library.open(asset("library"))


@pytest.fixture(scope="module")
def works(bundled: Library, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of some works of the bundled one, every third with another spelling of its title."""
    some = [bundled[row] for row in range(0, len(bundled), 97)]
    slips = [replace(work, title=f"{work.title}s", n_citations=0) for work in some[::3]]
    return build(tmp_path_factory.mktemp("some") / "library", [*some, *slips])


def oracle(library: Library) -> tuple[dict[int, int], dict[str, Rows]]:
    """Keys -> row, and the rows of each hash of the other tables, with dictionaries of the whole library."""
    ranked: Rows = defaultdict(list)
    titles: dict[int, list[tuple[str, int]]] = defaultdict(list)
    others: dict[str, Rows] = {name: defaultdict(list) for name in (DOIS, PLACES, WORDS)}
    counts = library.n_citations
    for row, work in enumerate(library):
        ranked[key_hash(work.title, work.surname)].append(row)
        words = normalise_title(work.title).split()
        if work.surname and work.title.count(" ") >= 4:
            titles[key_hash(work.title, "")].append((str(key_hash("", work.surname)), row))
        if work.doi:
            others[DOIS][lookup.hash_of(work.doi)].append(row)
        if work.year and work.volume and work.page:
            others[PLACES][lookup.place_hash(work.year, work.volume, work.page)].append(row)
        if len(words) >= 4 and len(work.title) >= 20:
            for key in {lookup.hash_of(" ".join(words[:4])), lookup.hash_of(" ".join(words[-4:]))}:
                others[WORDS][key].append(row)

    def best(rows: list[int]) -> int:
        return min(rows, key=lambda row: (-int(counts[row]), row))

    keys: dict[int, int] = {key: best(rows) for key, rows in ranked.items()}
    aliases: Rows = defaultdict(list)
    for key, row in library.aliases.tolist():
        aliases[key].append(row)
    alone = {key: [row for _, row in found] for key, found in titles.items() if len({name for name, _ in found}) == 1}
    for more in (aliases, alone):
        for key, rows in more.items():
            keys.setdefault(key, best(rows))
    return keys, others


def test_the_tables_are_those_of_one_pass(works: Library, tmp_path: Path) -> None:
    """Red: merge by rows instead of by ranges of keys, or take an alias before a record's own key."""
    assert len(works.aliases)
    check(make(works, tmp_path, budget_bytes=10**5))  # six ranges


@pytest.mark.slow
def test_the_tables_of_the_bundled_library(bundled: Library, tmp_path: Path) -> None:
    check(make(bundled, tmp_path, budget_bytes=10**7))


def check(made: Lookup) -> None:
    """Every row stands under each of its hashes as in `oracle`, in order."""
    keys, others = oracle(made.library)
    table = made.tables[KEYS]
    assert dict(zip(table.hashes.tolist(), table.rows.tolist(), strict=True)) == keys
    for name, rows in others.items():
        table = made.tables[name]
        found = defaultdict(list)
        for key, row in zip(table.hashes.tolist(), table.rows.tolist(), strict=True):
            found[key].append(row)
        assert found == rows
    assert all((table.hashes[1:] >= table.hashes[:-1]).all() for table in made.tables.values())


def test_the_bytes_do_not_depend_on_the_ranges_or_on_interruptions(works: Library, tmp_path: Path) -> None:
    def until_the_second(task: Task, tasks: int, notes: Path) -> None:
        task(0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(works, tmp_path / "many", budget_bytes=10**5, run=until_the_second)
    assert not list((tmp_path / "many").glob("*/manifest.json"))
    make(works, tmp_path / "many", budget_bytes=10**6)  # other ranges: what the ended call left goes too
    make(works, tmp_path / "many-at-once", budget_bytes=10**5)
    make(works, tmp_path / "one")
    (one,) = (tmp_path / "one").iterdir()
    for name in ("many", "many-at-once"):
        (many,) = (tmp_path / name).iterdir()
        for path in sorted(one.glob("*.npy")):
            assert path.read_bytes() == (many / path.name).read_bytes()


def test_another_process_opens_the_same(works: Library, tmp_path: Path) -> None:
    made = make(works, tmp_path)
    again = pickle.loads(pickle.dumps(made))
    assert isinstance(again, Lookup)
    assert len(again.library) == len(works)
    for name, table in made.tables.items():
        assert (again.tables[name].hashes == table.hashes).all()


def test_tables_of_another_library_and_damaged_ones_are_refused(works: Library, tmp_path: Path) -> None:
    work = make_reference("Root hairs of barley under salt", ["Holm, A"], 2001, None, None)
    assert work is not None
    library = build(tmp_path / "library", [work])
    made = make(library, tmp_path / "tables")
    (folder,) = (tmp_path / "tables").iterdir()
    with pytest.raises(BadData, match="holds no tables of the library"):
        Lookup(works, folder)
    make(works, tmp_path / "tables")
    assert len(list((tmp_path / "tables").iterdir())) == 2
    assert len(Lookup(library, folder).tables[KEYS].rows) == len(made.tables[KEYS].rows) == 2
    path = folder / "keys-rows.npy"
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(BadData, match="damaged: keys-rows"):
        Lookup(library, folder)
