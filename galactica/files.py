"""Files on disk: what a raw file is, what the package carries, digests, and writes that are whole or absent."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

import fsspec

from galactica import interrupts


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of a corpus folder: `where` is "archive.tar.xz/inner/name.xml" or "folder/name.xml", relative to the folder."""

    where: str
    data: bytes

    @property
    def name(self) -> str:
        """The last part of the path, lower case."""
        return PurePosixPath(self.where).name.lower()


def asset(name: str) -> Path:
    """A folder that the package carries: `model` or `library`."""
    return Path(str(resources.files("galactica") / "assets" / name))


def sha256(path: Path) -> str:
    """Hex digest of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_file(path: Path, data: bytes | str) -> None:
    """Write beside and rename: a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data.encode() if isinstance(data, str) else data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, put at `path` (in place of what stood there) only when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = old = None
    try:
        with interrupts.held():  # one between the making of the folder and its name here would leave it behind
            temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            with interrupts.held():
                old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent)) / path.name
            path.rename(old)
        temporary.rename(path)
    except BaseException:
        if old is not None and old.exists() and not path.exists():
            old.rename(path)
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        if old is not None and path.exists():
            shutil.rmtree(old.parent, ignore_errors=True)


def upload(folder: Path, url: str, last: str) -> None:
    """Copy a folder to an fsspec URL, the file named `last` after all others: where it stands, the rest does too."""
    fs, root = fsspec.core.url_to_fs(url)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in sorted(paths, key=lambda path: path.name == last):
        target = f"{root.rstrip('/')}/{path.relative_to(folder).as_posix()}"
        fs.makedirs(target.rpartition("/")[0], exist_ok=True)
        fs.put_file(str(path), target)
