"""Metrics that cannot be drawn are one line that names theirs.

Red by: a KeyError, figures of nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica.errors import BadData
from galactica.training.curves import draw


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no losses yet"),
        ('{"kind": "skipped", "loss": 1.0}\n', "no losses yet"),
        ("{}\n", "line 1: not a record"),
        ("[]\n", "line 1: not a record"),
        ('{"kind": []}\n', "line 1: not a record"),
        (
            '{"kind": "train", "loss": 1.0, "epoch": 0.1}\n{"kind": "validation", "epoch": 1}\n',
            "line 2: .* without 'loss'",
        ),
        ("{\n", "is damaged"),
    ],
)
def test_bad_metrics(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(content)
    with pytest.raises(BadData, match=message):
        draw(tmp_path / "metrics.jsonl", tmp_path / "curves")
    assert not (tmp_path / "curves.png").exists()
