"""A stage's folder: made once, skipped while nothing changed, and never in place of what a person put there."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica.errors import BadData
from galactica.manifest import run_stage


def run(output: Path, config: dict[str, int]) -> bool:
    def work(folder: Path) -> dict[str, int]:
        (folder / "made").touch()
        return {}

    return run_stage("x", output, config, {}, work)[1]


def test_a_stage_is_made_once_and_again_when_its_config_changes(tmp_path: Path) -> None:
    assert [run(tmp_path / "x", {"a": a}) for a in (1, 1, 2)] == [True, False, True]
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", {})


def test_what_no_stage_wrote_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for output in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(BadData, match="something else"):
            run(output, {})
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
