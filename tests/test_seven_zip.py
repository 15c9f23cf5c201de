""".7z archives, written by py7zr: what comes out, what it costs, and what hostile ones become."""

from __future__ import annotations

import random
import struct
import sys
import tarfile
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus import units
from galactica.corpus.sources import stackexchange
from galactica.errors import MissingExtra
from galactica.files import RawFile
from galactica.types import Document, Drop

py7zr = pytest.importorskip("py7zr", reason="needs the extra `7z`")

LZMA, LZMA2 = {"id": py7zr.FILTER_LZMA, "preset": 1}, {"id": py7zr.FILTER_LZMA2, "preset": 1}
BZIP2, STORED = {"id": py7zr.FILTER_BZIP2}, {"id": py7zr.FILTER_COPY}
LARGE = bytes(range(256)) * 4000


def write(path: Path, *filters: dict[str, int], encoded: bool = True, **members: bytes) -> Path:
    with py7zr.SevenZipFile(path, "w", filters=list(filters) or [LZMA2]) as archive:
        archive.set_encoded_header_mode(encoded)
        for name, data in members.items():
            archive.writestr(data, name.replace("_", "."))
    return path


def found(root: Path, **limits: int) -> dict[str, bytes | str]:
    return {
        item.where: item.data if isinstance(item, RawFile) else item.reason for item in archives.walk(root, **limits)
    }


@pytest.mark.parametrize("method", [LZMA, LZMA2, BZIP2, STORED])
def test_members_of_every_method_that_is_read(tmp_path: Path, method: dict[str, int]) -> None:
    write(tmp_path / "a.7z", method, a_txt=b"first", b_bin=LARGE, empty=b"", c_txt=b"last")
    assert found(tmp_path) == {"a.7z/a.txt": b"first", "a.7z/b.bin": LARGE, "a.7z/empty": b"", "a.7z/c.txt": b"last"}


def test_what_is_not_read_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.7z", a=b"first", b=LARGE, c=b"last")
    (item,) = archives.list_inputs(tmp_path)
    assert isinstance(item, archives.Input)
    entries = archives.entries(item)
    first = next(entries)
    next(entries)  # neither this one nor `first` is read
    last = next(entries)
    assert isinstance(last, archives.Entry)
    assert last.stream().read() == b"last"
    assert isinstance(first, archives.Entry)
    assert list(entries) == []


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = write(tmp_path / "inner.7z", x_xml=b"inside")
    with tarfile.open(tmp_path / "outer.tar.gz", "w:gz") as archive:
        archive.add(inner, "in/inner.7z")
    write(tmp_path / "outer.7z", outer_tar_gz=(tmp_path / "outer.tar.gz").read_bytes())
    inner.unlink()
    where = "outer.tar.gz/in/inner.7z/x.xml"
    assert found(tmp_path) == {where: b"inside", f"outer.7z/{where}": b"inside"}


def test_a_bomb_is_not_held(tmp_path: Path) -> None:
    size = 300 * 2**20

    with (tmp_path / "zeros").open("w+b") as zeros:
        zeros.truncate(size)
        with py7zr.SevenZipFile(tmp_path / "a.7z", "w", filters=[LZMA2]) as archive:
            archive.writef(zeros, "zeros")
            archive.writestr(b"after", "after")
    (tmp_path / "zeros").unlink()
    assert (tmp_path / "a.7z").stat().st_size < size / 1000
    tracemalloc.start()
    assert found(tmp_path, max_bytes=2**20) == {"a.7z/zeros": "larger than 1048576 bytes", "a.7z/after": b"after"}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 2**20


def test_hostile_archives(tmp_path: Path) -> None:
    plain = write(tmp_path / "names.7z", encoded=False, up=b"out", root=b"out", good=b"ok").read_bytes()
    for name, other in (("up", ".."), ("root", "/etc")):
        wanted, instead = (text.encode("utf-16-le") for text in (name, other))
        plain = plain.replace(b"\0\0" + wanted + b"\0\0", b"\0\0" + instead + b"\0\0").replace(
            b"\x00" + wanted + b"\0\0", b"\x00" + instead + b"\0\0"
        )
    (tmp_path / "names.7z").write_bytes(signed(plain))
    for name, options in (("data.7z", {}), ("header.7z", {"header_encryption": True})):
        with py7zr.SevenZipFile(tmp_path / name, "w", password="x", **options) as archive:
            archive.writestr(b"secret", "a.txt")
    write(tmp_path / "method.7z", {"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}, a=b"x" * 99)
    whole = write(tmp_path / "whole.7z", STORED, a=b"first", b=b"second").read_bytes()
    (tmp_path / "whole.7z").write_bytes(whole.replace(b"second", b"SECOND"))
    (tmp_path / "cut.7z").write_bytes(whole[:-30])
    (tmp_path / "no.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + b"\xff" * 64)
    (tmp_path / "text.7z").write_bytes(b"not an archive")
    unsafe = "unsafe path in an archive"
    assert found(tmp_path) == {
        "names.7z/..": unsafe, "names.7z//etc": unsafe, "names.7z/good": b"ok",
        "data.7z": "an encrypted archive", "header.7z": "an encrypted archive",
        "method.7z/a": "damaged or unreadable: Unsupported",
        "whole.7z/a": b"first", "whole.7z/b": "damaged or unreadable: BadSevenZip",
        **dict.fromkeys(("cut.7z", "no.7z", "text.7z"), "damaged or unreadable: BadSevenZip"),
    }  # fmt: skip


def signed(data: bytes) -> bytes:
    """An archive whose header was changed, with the checksums that go with it."""
    offset, size = struct.unpack_from("<QQ", data, 12)
    header = data[32 + offset : 32 + offset + size]
    start = struct.pack("<QQL", offset, len(header), zlib.crc32(header))
    return data[:8] + struct.pack("<L", zlib.crc32(start)) + start + data[32:]


def test_an_archive_with_any_byte_changed_ends(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.7z", BZIP2, encoded=False, a=b"first" * 50, b=LARGE[:3000]).read_bytes()
    choose = random.Random(7)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(choose.randint(1, 3)):
            data[choose.randrange(32, len(data))] = choose.randrange(256)
        (tmp_path / "a.7z").write_bytes(signed(bytes(data)))
        assert all(isinstance(one, bytes | str) for one in found(tmp_path, max_bytes=10**6).values())


def test_without_py7zr_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.7z", a=b"x")
    monkeypatch.setitem(sys.modules, "py7zr", None)
    with pytest.raises(MissingExtra, match=r"pip install 'galactica\[7z\]'"):
        archives.list_inputs(tmp_path)


POSTS = """\ufeff<?xml version="1.0" encoding="utf-8"?>\r
<posts>\r
  <row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2014-03-13T18:43:00.000" Score="9" Title="How do plots grow?"
 Body="&lt;p&gt;A plot $p$ grows in the sun. Why does it not grow in the shade of the trees?&lt;/p&gt;" Tags="&lt;plots&gt;"/>\r
  <row Id="2" PostTypeId="2" ParentId="1" CreationDate="2014-03-14T18:43:00.000" Score="4"
 Body="&lt;p&gt;Because of the light: $p = 0$ without it, as every gardener knows.&lt;/p&gt;"/>\r
</posts>"""


def test_a_site_of_the_stack_exchange_dump(tmp_path: Path) -> None:
    def documents(root: Path) -> Iterator[Document]:
        for unit in archives.plan(root):
            for item in units.UnitReader(unit, (stackexchange.SOURCE,), {}).read():
                assert isinstance(item, Document) or item.reason.startswith("no source reads"), item
                if isinstance(item, Document):
                    yield item

    (tmp_path / "packed").mkdir()
    members = {"Badges_xml": b"<badges></badges>", "Posts_xml": POSTS.encode()}
    write(tmp_path / "packed" / "math.stackexchange.com.7z", BZIP2, **members)
    folder = tmp_path / "unpacked" / "math.stackexchange.com"
    folder.mkdir(parents=True)
    (folder / "Posts.xml").write_bytes(POSTS.encode())
    (found,) = documents(tmp_path / "packed")
    assert [found] == list(documents(tmp_path / "unpacked"))
    assert found.text.startswith("Question: How do plots grow?")
    assert not isinstance(found, Drop)
