"""Raw files out of folders and archives, hostile ones among them; writes that are whole or absent."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from galactica import files, manifest
from galactica.errors import BadData
from galactica.files import RawFile


def add(archive: tarfile.TarFile, name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, len(data) if kind == tarfile.REGTYPE else 0
    member.linkname = "/etc/passwd"
    archive.addfile(member, io.BytesIO(data))


def found(root: Path, **limits: int) -> dict[str, bytes | str]:
    return {item.where: item.data if isinstance(item, RawFile) else item.reason for item in files.walk(root, **limits)}


def test_files_and_archives(tmp_path: Path) -> None:
    (tmp_path / "b.xml").write_bytes(b"plain")
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(b"gz"))
    (tmp_path / "d.tsv.bz2").write_bytes(bz2.compress(b"bz2"))
    (tmp_path / "e.csv.xz").write_bytes(lzma.compress(b"xz"))
    with tarfile.open(tmp_path / "a.tar.xz", "w:xz") as archive:
        add(archive, "in/x.xml", b"inside")
    assert found(tmp_path) == {
        "a.tar.xz/in/x.xml": b"inside",
        "b.xml": b"plain",
        "c.json": b"gz",
        "d.tsv": b"bz2",
        "e.csv": b"xz",
    }
    assert found(tmp_path / "b.xml") == {"b.xml": b"plain"}


def test_hostile_archives(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        add(archive, "../../escape", b"out")
        add(archive, "/absolute", b"out")
        add(archive, "link", kind=tarfile.SYMTYPE)
        add(archive, "hard", kind=tarfile.LNKTYPE)
        add(archive, "large", b"0" * 5000)
        add(archive, "good", b"ok")
    result = found(tmp_path, max_bytes=1000)
    assert result["bad.tar/good"] == b"ok"
    assert result["bad.tar/large"] == "larger than 1000 bytes"
    assert result["bad.tar/link"] == result["bad.tar/hard"] == "link or device in an archive"
    assert [reason for where, reason in result.items() if "escape" in where or "absolute" in where] == [
        "unsafe path in an archive"
    ] * 2


def test_a_bomb_and_damaged_files_cost_themselves_alone(tmp_path: Path) -> None:
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"0" * 10_000_000))
    (tmp_path / "cut.xml.xz").write_bytes(lzma.compress(b"hello" * 1000)[:-20])
    (tmp_path / "cut.tar.gz").write_bytes(b"\x1f\x8b\x08nonsense")
    (tmp_path / "fine.txt").write_bytes(b"fine")
    (tmp_path / "way.txt").symlink_to("/etc/passwd")
    result = found(tmp_path, max_bytes=100_000)
    assert result["fine.txt"] == b"fine"
    assert result["bomb.txt.gz"] == "larger than 100000 bytes"
    assert result["way.txt"] == "symbolic link"
    assert all(str(result[name]).startswith("damaged") for name in ("cut.xml.xz", "cut.tar.gz"))


def test_an_absent_folder(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="does not exist"):
        list(files.walk(tmp_path / "absent"))


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


def test_a_file_name_need_not_be_utf8(tmp_path: Path) -> None:
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
