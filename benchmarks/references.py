"""Size and speed of a library of references, and its search beside SQLite's FTS5 over the same titles in the same run.

python benchmarks/references.py LIBRARY [--queries 500]
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from galactica.references.lookup import make
from galactica.references.match import KeyIndex, match
from galactica.references.retrieve import SparseIndex
from galactica.references.store import Library


def seconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def milliseconds(action: Callable[[str], object], inputs: list[str]) -> tuple[float, float]:
    """Median and 95th percentile of the calls."""
    times = sorted(1e3 * seconds(lambda text=text: action(text)) for text in inputs)  # type: ignore[misc]
    return times[len(times) // 2], times[len(times) * 95 // 100]


def full_text(titles: list[str]) -> tuple[sqlite3.Connection, float]:
    """SQLite's FTS5 table of the titles, and the seconds it took to build."""
    table = sqlite3.connect(":memory:")
    table.execute("create virtual table works using fts5(title, tokenize='porter unicode61 remove_diacritics 2')")
    return table, seconds(lambda: table.executemany("insert into works values (?)", ((title,) for title in titles)))


def main() -> None:
    """Print the figures of one library."""
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=Path)
    parser.add_argument("--queries", type=int, default=500)
    arguments = parser.parse_args()
    library = Library.open(arguments.library)
    size = sum(path.stat().st_size for path in arguments.library.iterdir())
    chance = random.Random(0)
    rows = [chance.randrange(len(library)) for _ in range(arguments.queries)]
    titles = library.titles()
    print(f"records          {len(library):,}   {size / 1e6:.1f} MB   {size / len(library):.0f} bytes per record")
    print(f"open             {1e3 * seconds(lambda: Library.open(arguments.library)):.1f} ms")
    print(f"get, random row  {1e6 * seconds(lambda: [library[row] for row in rows]) / len(rows):.0f} us")
    print(f"all titles       {seconds(library.titles):.2f} s")
    print(f"all records      {seconds(lambda: list(library)):.2f} s")
    with tempfile.TemporaryDirectory() as cache:
        made = seconds(lambda: make(library, Path(cache)))
        opened = seconds(lambda: KeyIndex(make(library, Path(cache))))
        print(f"look-up tables   {1e3 * opened:.1f} ms; made in {made:.2f} s")
        built = seconds(lambda: SparseIndex(library, Path(cache)))
        index = SparseIndex(library, Path(cache))
        # A query is three to eight words of a title, as a draft or a user would give it.
        queries = [" ".join(words[: chance.randint(3, 8)]) for row in rows if (words := titles[row].split())]
        ours, ours_95 = milliseconds(lambda query: index.search(query, 10), queries)
        print(f"search           p50 {ours:.2f} ms, p95 {ours_95:.2f} ms; index built in {built:.1f} s")
    table, peer_built = full_text(titles)
    statement = "select rowid from works where works match ? order by bm25(works) limit 10"
    # The same words for both: stop-words, which FTS5 keeps, would slow it twenty times for nothing.
    words = [" OR ".join(f'"{term}"' for term in index.terms(query)) or '""' for query in queries]
    peer, peer_95 = milliseconds(lambda query: table.execute(statement, (query,)).fetchall(), words)
    print(f"SQLite FTS5      p50 {peer:.2f} ms, p95 {peer_95:.2f} ms; index built in {peer_built:.1f} s (titles alone)")
    print(f"                 {peer / ours:.0f} times ours at p50, {peer_95 / ours_95:.0f} at p95")
    matched, matched_95 = milliseconds(lambda raw: match(library, raw), [titles[row] for row in rows])
    print(f"match            p50 {matched:.2f} ms, p95 {matched_95:.2f} ms")


if __name__ == "__main__":
    main()
