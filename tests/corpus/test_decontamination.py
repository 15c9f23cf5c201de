"""Evaluation texts in training documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica.corpus.decontamination import N_WORDS, Fingerprint, write_fingerprint
from galactica.errors import BadData

ITEM = "A block of mass two kilograms slides down a plane of thirty degrees without friction. How fast is it after a second?"


def test_thirteen_words_in_a_row_are_a_match_and_twelve_are_none(tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert write_fingerprint(path, [ITEM, "too short an item"]) == 1
    fingerprint = Fingerprint(path)
    words = ITEM.split()
    for n, expected in ((N_WORDS, 1), (N_WORDS - 1, 0)):
        text = f"Some text before it, {' '.join(words[:n]).upper()}! and something quite different behind it."
        assert (fingerprint.matches(text) > 0) == bool(expected)
    assert fingerprint.matches(ITEM) == len(words) - N_WORDS + 1
    assert fingerprint.matches(" ".join(reversed(words))) == 0
    assert fingerprint.matches("") == 0


def test_a_damaged_fingerprint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_fingerprint(path, [ITEM])
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(BadData, match="is damaged"):
        Fingerprint(path)
    with pytest.raises(BadData, match="cannot be read"):
        Fingerprint(tmp_path / "none")
