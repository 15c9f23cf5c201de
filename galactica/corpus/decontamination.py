"""Evaluation texts in training documents: the n-grams of both, compared through a fingerprint file.

The fingerprint is made where the evaluations are known; the corpus reads it by path. It holds the hashes of all runs of
13 words of every item (Galactica paper, on leakage), so it gives no text away.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from galactica import files
from galactica.errors import BadData

N_WORDS = 13
_WORD = re.compile(r"\w+")
_MAGIC = b"galactica-fingerprint-1\n"
_POWERS = np.array([pow(0x100000001B3, N_WORDS - 1 - i, 2**64) for i in range(N_WORDS)], np.uint64)

Array = np.ndarray[Any, np.dtype[Any]]


def ngrams(text: str) -> Array:
    """Hashes of the runs of `N_WORDS` words, (n,) uint64, upper and lower case and punctuation aside; a text of fewer words is
    one run."""
    words = _WORD.findall(text.lower())
    hashed = np.fromiter((_hash(word) for word in words), np.uint64, len(words))
    if not len(hashed):
        return hashed
    if len(hashed) < N_WORDS:
        hashed = np.pad(hashed, (0, N_WORDS - len(hashed)))
    return np.lib.stride_tricks.sliding_window_view(hashed, N_WORDS) @ _POWERS


def read_items(path: Path) -> Iterator[str]:
    """Every string of every item of a file of JSON lines. Raises BadData where a line is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{str(path)!r} cannot be read ({error}). Give a file of JSON lines.") from None
    for number, line in enumerate(lines, 1):
        try:
            value = json.loads(line or "null")
        except ValueError:
            raise BadData(
                f"{str(path)!r}, line {number} is not JSON. Give a file with one JSON value a line."
            ) from None
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def write_fingerprint(path: Path, items: Iterable[str]) -> int:
    """Write the fingerprint of evaluation items (each of at least `N_WORDS` words; shorter ones are too common to tell anything and
    left out); returns how many went in."""
    found: list[Array] = []
    for item in items:
        if len(_WORD.findall(item)) >= N_WORDS:
            found.append(ngrams(item))
    hashes = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint64)
    files.write_file(path, _MAGIC + hashes.astype("<u8").tobytes())
    return len(found)


class Fingerprint:
    """A fingerprint to hold documents against. Raises BadData where the file is none."""

    def __init__(self, path: Path) -> None:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise BadData(
                f"{str(path)!r} cannot be read ({error.strerror}). Give a file of `galactica corpus fingerprint`."
            ) from None
        if not data.startswith(_MAGIC) or (len(data) - len(_MAGIC)) % 8:
            raise BadData(
                f"{str(path)!r} is not a fingerprint, or is damaged. Give a file of `galactica corpus fingerprint`."
            )
        self._hashes = np.frombuffer(data, "<u8", offset=len(_MAGIC))

    def matches(self, text: str) -> int:
        """How many n-grams of the text stand in an evaluation item too."""
        if not len(self._hashes):
            return 0
        found = ngrams(text)
        places = np.minimum(np.searchsorted(self._hashes, found), len(self._hashes) - 1)
        return int((self._hashes[places] == found).sum())


def _hash(word: str) -> int:
    data = word.encode("utf-8", "replace")
    return zlib.crc32(data) << 32 | zlib.adler32(data)
