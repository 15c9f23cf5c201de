"""Named equations: the form of a document, refusals, the real records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from galactica import archives
from galactica.corpus.sources.equations import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop


def _record(latex: str = r"T = \frac{1}{2} t^2", terse: str = "test law") -> dict[str, Any]:
    term = {"label": "time of the test.", "symbol": "t", "classification": {}}
    return {
        "copying": {"license-name": "MIT (Expat) License"},
        "description": {"terse": terse, "verbose": "A law for tests"},
        "markup-languages": {
            "LaTeX": [
                {"markup": "\\documentclass{article}\n\\begin{document}\n\\[\n" + latex + "\n\\]\n\\end{document}"}
            ]
        },
        "unicode-pretty-print": {"terms": [term, {"label": "nothing"}, 5]},
        "uuid": "u-1",
    }


def _read(record: Any) -> Document | Drop:
    (found,) = SOURCE.read(RawFile("a.json", json.dumps(record).encode()))
    return found


def test_form() -> None:
    """Red when the LaTeX wrapper stays, or the meaning of a symbol goes."""
    assert SOURCE.claims("a.json", json.dumps(_record()).encode())
    assert not SOURCE.claims("a.json", b'{"copying": 1}')
    document = _read(_record())
    assert isinstance(document, Document)
    assert document.text == (
        "# Test law\n\nA law for tests.\n\n\\[ T = \\frac{1}{2} t^2 \\]\n\nwhere\n\n- t: time of the test"
    )
    assert document.licence == "MIT (Expat) License"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_record(latex=r"\frac{1}{2"), "no well-formed LaTeX"),
        (_record(terse="a </s>"), "spells a control token"),
        (_record(terse=""), "no name"),
        ([1], "no name"),
        ({"description": [], "markup-languages": 5, "uuid": {}}, "no name"),
    ],
)
def test_refusals(record: Any, reason: str) -> None:
    drop = _read(record)
    assert isinstance(drop, Drop)
    assert drop.reason == reason


def test_hostile_bytes() -> None:
    for data in (b"[" * 100_000, b"\x00\xff", b'{"a": ' * 50_000):
        (drop,) = SOURCE.read(RawFile("a.json", data))
        assert isinstance(drop, Drop)


@pytest.mark.corpus
def test_real_equations(corpus_root: Path) -> None:
    found = [
        one
        for file in archives.walk(corpus_root / "equajson.tar.xz")
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096])
        for one in SOURCE.read(file)
    ]
    documents = [one for one in found if isinstance(one, Document)]
    assert len(documents) >= 63
    assert len(found) - len(documents) <= 3
