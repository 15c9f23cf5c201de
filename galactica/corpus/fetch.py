"""A part of a public source, from its official place into a folder that `galactica corpus build` reads.

The addresses are those of `places.py`. They were written from the documentation of the places and have not been tried live.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from galactica.corpus.downloads import Client, FetchFailed, NotThere, TooMuch
from galactica.corpus.listings import Wanted, checked_name, stated_checksum
from galactica.corpus.places import PLACES, Place
from galactica.errors import BadInput

_MAX_LACKING = 50


class Fetched(NamedTuple):
    """What a call has done: files and bytes that came, and files that were there already. `is_cut` where more files were wanted
    than the megabytes allowed."""

    n_files: int
    n_bytes: int
    n_present: int
    is_cut: bool = False


def fetch(
    source: str,
    output: Path,
    limit: int,
    say: Callable[[str], None],
    *,
    max_megabytes: float | None = None,
    base_url: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """What became of the first `limit` files of a source: each whole and verified in `output`, or not there.

    Files that are there count and stay, so that a call that was stopped is simply repeated. `max_megabytes` bounds what one call
    fetches. With `base_url` all addresses are asked as BASE/HOST/PATH. Raises BadInput for an unknown source and children of
    FetchFailed for the rest; what came until then stays.
    """
    place = place_of(source)
    if limit < 1:
        raise BadInput(f"the limit is {limit}; allowed: 1 file or more")
    if max_megabytes is not None and max_megabytes <= 0:
        raise BadInput(f"the limit is {max_megabytes} megabytes; allowed: more than 0")
    if not place.listings:
        raise FetchFailed(f"{source} cannot be fetched by a program. {place.note}")
    client = Client(place.seconds_between, say, place.key, base_url, sleep)
    _make_folder(output)
    if place.note:
        say(f"{source}: {place.note}")
    max_bytes = None if max_megabytes is None else int(max_megabytes * 1e6)
    n_files = n_present = n_lacking = 0
    for wanted in _files(place, client):
        path = output / checked_name(wanted.name)
        if path.exists():
            n_present += 1
        else:
            n_before = client.n_bytes
            try:
                left = None if max_bytes is None else max_bytes - n_before
                client.save(wanted.url, path, stated_checksum(wanted, client.page), left)
            except TooMuch as error:
                if not n_files:
                    raise
                say(str(error))
                return Fetched(n_files, client.n_bytes, n_present, is_cut=True)
            except NotThere as error:
                n_lacking += 1
                if not place.may_lack or n_lacking > _MAX_LACKING:
                    raise
                say(f"left out: {error}")
                continue
            n_files += 1
            say(
                f"{n_files + n_present}{'' if place.one else f'/{limit}'} {path.name} {(client.n_bytes - n_before) / 1e6:,.1f} MB"
            )
        if n_files + n_present >= limit and not place.one:
            break
    return Fetched(n_files, client.n_bytes, n_present)


def place_of(source: str) -> Place:
    """Where a source is had. Raises BadInput for a name without a place, with the nearest ones."""
    if source in PLACES:
        return PLACES[source]
    near = difflib.get_close_matches(source, PLACES, 3, cutoff=0.0)
    raise BadInput(f"no place is known for {source!r}; nearest: {', '.join(near)}. See `galactica corpus sources`.")


def _files(place: Place, client: Client) -> Iterator[Wanted]:
    seen = set[str]()
    for listing in place.listings:
        for wanted in listing.files(client.page):
            if wanted.name not in seen:
                seen.add(wanted.name)
                yield wanted


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{output} cannot be a folder to fetch into: {error.strerror}. Give another --output.") from None
