"""Characters that a wrong encoding made of others."""

from __future__ import annotations

import pytest

from galactica.corpus.mojibake import mended


@pytest.mark.parametrize(
    "text", ["Grover’s", "10⁻³ – 5 °C", "IL-1β of Poincaré", "“µ” — ∆ … ½", "naïve Gödel", "πρώτη Ωλ"]
)
def test_what_was_encoded_twice_is_put_right(text: str) -> None:
    assert mended(text) == text
    for encoding in ("latin-1", "cp1252"):
        if "”" in text and encoding == "cp1252":
            continue  # a byte that Windows-1252 does not have
        try:
            assert mended(text.encode().decode(encoding)) == text
        except UnicodeDecodeError:
            assert encoding == "cp1252"


def test_what_reads_right_stays() -> None:
    for text in ("14 Å³", "Â chapeau", "câble", "Ã, Õ", "Îles de Ré", "quantum €"):
        assert mended(text) == text
    assert mended("anti\x96matter of Ohm\x92s\x81") == "anti–matter of Ohm’s"
