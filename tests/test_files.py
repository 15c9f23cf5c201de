"""Writes that are whole or absent, digests, and stages that are skipped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from galactica import files, interrupts, manifest
from galactica.errors import BadData


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    files.write_file(path, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_file(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with files.new_folder(target) as folder:
        (folder / "x").write_text("1")
        assert not target.exists()
    with pytest.raises(ZeroDivisionError), files.new_folder(target) as folder:
        (folder / "y").write_text(str(1 / 0))
    assert [path.name for path in target.iterdir()] == ["x"]
    with files.new_folder(target) as folder:
        (folder / "z").write_text("3")
    assert [path.name for path in target.iterdir()] == ["z"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "old").write_text("1")
    rename = Path.rename

    def interrupted(path: Path, to: Path) -> Path:
        if to == target and not (path / "old").exists():
            raise KeyboardInterrupt
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt), files.new_folder(target) as folder:
        (folder / "new").write_text("2")
    assert [path.name for path in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("umask", [0o077, 0o002])
def test_modes_are_those_of_the_umask(tmp_path: Path, umask: int) -> None:
    """Red by a mode of our own, or by the 0600 and 0700 of temporary files."""
    before = os.umask(umask)
    try:
        with files.new_folder(tmp_path / "out") as folder:
            files.write_file(folder / "ours", "x")
            (folder / "plain").write_text("x")
        (tmp_path / "plain").mkdir()
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    for ours, plain in (("out", "plain"), ("out/ours", "out/plain")):
        assert (tmp_path / ours).stat().st_mode == (tmp_path / plain).stat().st_mode


def test_a_file_name_need_not_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("x")
    before = manifest.hash_inputs(tmp_path)
    (tmp_path / "\udcff.xml").write_text("x")
    assert manifest.hash_inputs(tmp_path) != before


def test_a_stage_is_skipped_until_something_changes(tmp_path: Path) -> None:
    calls = []

    def work(folder: Path) -> dict[str, int]:
        calls.append(1)
        (folder / "result").write_text("r")
        return {"n": len(calls)}

    out = tmp_path / "stage"
    first, done = manifest.run_stage("s", out, {"a": 1}, {"in": "x"}, work)
    again, done_again = manifest.run_stage("s", out, {"a": 1}, {"in": "x"}, work)
    assert (done, done_again) == (True, False)
    assert first == again
    assert manifest.run_stage("s", out, {"a": 2}, {"in": "x"}, work)[1]
    assert manifest.run_stage("s", out, {"a": 2}, {"in": "y"}, work)[1]
    assert len(calls) == 3
    (out / "manifest.json").write_text("{")
    with pytest.raises(BadData, match="is damaged"):
        manifest.read(out)


def test_an_interrupt_while_a_folder_is_made_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the folder stands and nobody knows its name yet."""
    make = tempfile.mkdtemp

    def interrupted(*arguments: Any, **options: Any) -> str:
        made = make(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", interrupted)
    monkeypatch.setattr(interrupts, "_came", False)
    before = signal.getsignal(signal.SIGINT)
    interrupts.catch()
    try:
        with pytest.raises(KeyboardInterrupt), files.new_folder(tmp_path / "out"):
            pass
    finally:
        signal.signal(signal.SIGINT, before)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_that_of_a_live_one_stays(tmp_path: Path) -> None:
    """Red where the name does not tell whose it is."""
    script = (
        "import os, sys; from pathlib import Path; from galactica import files\n"
        "with files.new_folder(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "out")], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    with files.new_folder(tmp_path / "out") as first:
        assert [path.name for path in tmp_path.iterdir()] == [first.name]
        with files.new_folder(tmp_path / "out"):
            assert first.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
