"""Raw files out of folders, archives and URLs, hostile ones among them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import fsspec
import pytest
import zstandard

from galactica import archives
from galactica.errors import BadData
from galactica.files import RawFile
from galactica.types import Drop


def add(archive: tarfile.TarFile, name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, len(data) if kind == tarfile.REGTYPE else 0
    member.linkname = "/etc/passwd"
    archive.addfile(member, io.BytesIO(data))


def found(root: Path, **limits: int) -> dict[str, bytes | str]:
    return {
        item.where: item.data if isinstance(item, RawFile) else item.reason for item in archives.walk(root, **limits)
    }


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
    assert result["bomb.txt"] == "larger than 100000 bytes"
    assert result["way.txt"] == "symbolic link"
    assert all(str(result[name]).startswith("damaged") for name in ("cut.xml", "cut.tar.gz"))


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "raw/sub").mkdir(parents=True)
    with pytest.raises(BadData, match="raw' holds no files"):
        archives.plan(tmp_path / "raw")


def test_an_absent_folder(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="does not exist"):
        list(archives.walk(tmp_path / "absent"))


def tar_of(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            add(archive, name.replace("_", "."), data)
    return buffer.getvalue()


def test_arxivs_archives_of_archives(tmp_path: Path) -> None:
    paper = gzip.compress(tar_of(main_tex=b"\\input{a}", a_tex=b"text"))
    alone = gzip.compress(b"% a paper of one file\n\\documentclass{article}")
    with tarfile.open(tmp_path / "arXiv_src.tar", "w") as archive:
        add(archive, "2101/2101.00001.gz", paper)
        add(archive, "2101/2101.00002.gz", alone)
        add(archive, "2101/2101.00003.gz", paper[:-9])
    items = [e for i in archives.list_inputs(tmp_path) for e in archives.entries(i) if isinstance(i, archives.Input)]  # type: ignore[arg-type]
    containers = {item.where: item.container for item in items if isinstance(item, archives.Entry)}
    assert containers == {
        "arXiv_src.tar/2101/2101.00001.gz/main.tex": "arXiv_src.tar/2101/2101.00001.gz",
        "arXiv_src.tar/2101/2101.00001.gz/a.tex": "arXiv_src.tar/2101/2101.00001.gz",
        "arXiv_src.tar/2101/2101.00002.gz/main.tex": "arXiv_src.tar/2101/2101.00002.gz",
    }
    assert [item.where for item in items if isinstance(item, Drop)] == ["arXiv_src.tar/2101/2101.00003.gz"]


def test_zip_and_zstandard(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("in/x.json", b"x")
        archive.writestr("../y.json", b"y")
        archive.writestr("z.gz", gzip.compress(b"z"))
    (tmp_path / "b.jsonl.zst").write_bytes(zstandard.compress(b"one") + zstandard.compress(b"two"))
    assert found(tmp_path) == {
        "a.zip/in/x.json": b"x",
        "a.zip/../y.json": "unsafe path in an archive",
        "a.zip/z": b"z",
        "b.jsonl": b"onetwo",
    }


@pytest.mark.parametrize(
    ("at_header", "at_list"), [((6, 1), (8, 1)), ((8, 97), (10, 97))], ids=["encrypted", "WavPack"]
)
def test_a_member_that_cannot_be_opened_costs_itself_alone(
    tmp_path: Path, at_header: tuple[int, int], at_list: tuple[int, int]
) -> None:
    """Red where a member is opened outside the guard of its own."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("one", "two", "three"):
            archive.writestr(name, name * 9)
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index(b"twotwo") - 33 + at_header[0]] = at_header[1]
    data[data.rindex(b"two") - 46 + at_list[0]] = at_list[1]
    (tmp_path / "a.zip").write_bytes(data)
    result = found(tmp_path)
    assert (result["a.zip/one"], result["a.zip/three"]) == (b"one" * 9, b"three" * 9)
    assert str(result["a.zip/two"]).startswith("damaged or unreadable")


def test_a_zip_in_a_tar(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as inner:
        inner.writestr("x.json", b"x")
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(tar_of(in_zip=buffer.getvalue())))
    assert found(tmp_path) == {"a.tar.gz/in.zip/x.json": b"x"}


def test_archives_nested_without_end(tmp_path: Path) -> None:
    data = b"core"
    for _ in range(12):
        data = tar_of(inner_tar=data)
    (tmp_path / "doll.tar").write_bytes(data)
    assert list(found(tmp_path).values()) == ["an archive more than 3 deep in archives"]


def test_an_archive_cut_short_keeps_what_came_before(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "whole.tar", "w") as archive:
        add(archive, "a", b"first")
        add(archive, "b", b"x" * 100_000)
    (tmp_path / "cut.tar").write_bytes((tmp_path / "whole.tar").read_bytes()[:50_000])
    (tmp_path / "whole.tar").unlink()
    result = found(tmp_path)
    assert result.pop("cut.tar/a") == b"first"
    assert all(str(reason).startswith("damaged") for reason in result.values())
    assert result


def test_a_stream_begins_with_the_head_that_was_looked_at(tmp_path: Path) -> None:
    data = bytes(range(256)) * 100
    (tmp_path / "a.bin").write_bytes(data)
    item = archives.list_inputs(tmp_path)[0]
    assert isinstance(item, archives.Input)
    entry = next(reading := archives.entries(item))
    assert isinstance(entry, archives.Entry)
    assert entry.head == data[: archives.HEAD_BYTES]
    assert entry.stream().read() == data
    assert list(reading) == []


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red where fsspec's own listing is used, which passes over it."""
    for name in ("a/x.txt", "b/c/y.txt", "d/z.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    scandir = os.scandir

    def refused(path: Any) -> Any:
        if str(path).endswith("/b/c"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = archives.list_inputs(tmp_path)
    assert [item.where for item in found] == ["a/x.txt", "b/c", "d/z.txt"]
    assert found[1] == Drop("b/c", "files", "a folder that cannot be listed")


def test_a_url_is_a_folder_too() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/raw/in/a.txt", b"text")
    memory.pipe("/raw/b.tar", tar_of(x=b"member"))
    result = {item.where: item.data for item in archives.walk("memory://raw") if isinstance(item, RawFile)}
    assert result == {"in/a.txt": b"text", "b.tar/x": b"member"}
    with pytest.raises(BadData, match="does not exist"):
        archives.list_inputs("memory://nothing")
    with pytest.raises(BadData, match="cannot be opened"):
        archives.list_inputs("nosuch://x")


def header_bomb(kind: bytes, zeros: int) -> bytes:
    """A tar of one good file, then a header of this kind that announces and holds so many zeros, then another file."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        add(archive, "good.xml", b"good")
        member = tarfile.TarInfo("././@LongLink" if kind == tarfile.GNUTYPE_LONGNAME else "attributes")
        member.type, member.size = kind, zeros
        raw.write(member.tobuf(tarfile.GNU_FORMAT))
        raw.write(bytes(zeros))
        archive.offset = raw.tell()
        add(archive, "after.xml", b"after")
    return raw.getvalue()


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_of_any_length_is_not_read_into_memory(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "bomb.tar.gz").write_bytes(gzip.compress(header_bomb(kind, 200 * 2**20), 1))
    tracemalloc.start()
    items = found(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert items["bomb.tar.gz/good.xml"] == b"good"
    assert len(items) == 2
    assert "damaged" in str(items["bomb.tar.gz"])
    assert peak < 20 * 2**20


def test_a_sparse_file_and_a_name_without_end(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        add(archive, "a/" * 50_000 + "b.xml")
        add(archive, "b.xml", b"", tarfile.GNUTYPE_SPARSE)
    items = found(tmp_path)
    assert set(items.values()) == {"unsafe path in an archive", items["a.tar"]}
    assert all(len(where) < 5000 for where in items)
    assert "damaged" in str(items["a.tar"])
