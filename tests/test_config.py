"""Run files: checked, overridden, and refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from galactica import config, stages, trainings
from galactica.errors import BadConfig


@dataclass(frozen=True)
class Inner:
    rate: float = 0.1
    names: tuple[str, ...] = ()
    kind: Literal["a", "b"] = "a"
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outer:
    size: int
    inner: Inner = field(default_factory=Inner)
    limit: int | None = None


def load(tmp_path: Path, text: str, *overrides: str) -> Outer:
    path = tmp_path / "run.toml"
    path.write_text(text)
    return config.load(path, Outer, overrides)


def test_values_and_overrides(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "size = 3\n[inner]\nrate = 2\n",
        "inner.names=['x', 'y']",
        "size=4",
        "inner.kind=b",
        "inner.weights.p=1",
    )
    assert found == Outer(4, Inner(2.0, ("x", "y"), "b", {"p": 1.0}))
    assert config.to_tree(found)["inner"]["names"] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "overrides", "message"),
    [
        ("size = 3\nlimitt = 1", (), "unknown key 'limitt'; did you mean 'limit'"),
        ("size = 3\n[inner]\nrat = 1", (), "did you mean 'rate'"),
        ("", (), "missing size"),
        ("size = 'x'", (), "size is 'x'; it must be of type int"),
        ("size = true", (), "size is True"),
        ("size = 3", ("inner.kind=c",), "allowed: 'a', 'b'"),
        ("size = 3", ("inner",), "write section.key=value"),
        ("size = 3", ("size.x=1",), "is a value, not a section"),
        ("size = 3\ninner = 4", (), "is a section"),
        ("size = ", (), "is not TOML"),
    ],
)
def test_refusals(tmp_path: Path, text: str, overrides: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        load(tmp_path, text, *overrides)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no run file"):
        config.load(tmp_path / "absent.toml", Outer)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "runs").glob("*.toml")), ids=lambda path: path.stem
)
def test_the_projects_run_files(path: Path) -> None:
    kind = trainings.FinetuneConfig if path.stem == "finetune" else stages.RunConfig
    assert config.load(path, kind, []).name == path.stem
