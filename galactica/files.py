"""Files on disk: what a raw file is, what the package carries, digests, and writes that are whole or absent."""

from __future__ import annotations

import glob
import hashlib
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem
from fsspec.registry import known_implementations

from galactica import interrupts
from galactica.errors import BadData, MissingExtra


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


def digests(folder: Path, base: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path from `base` on."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(base).as_posix(): sha256(path) for path in paths}


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
        take_umask(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def take_umask(path: Path) -> None:
    """Give a file or folder that was made for its owner alone the mode that one made plainly has."""
    umask = os.umask(0o077)  # it is told only by being set
    os.umask(umask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, put at `path` (in place of what stood there) only when the block ends without an error. What a process of
    this machine that was killed has left of the same is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mine = f".{path.name}.{platform.node()}-"
    for left in path.parent.glob(f"{glob.escape(mine)}*"):
        if (pid := left.name.removeprefix(mine).partition(".")[0]).isdecimal() and not _is_running(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    temporary = old = None
    try:
        with interrupts.held():  # one between the making of the folder and its name here would leave it behind
            temporary = Path(tempfile.mkdtemp(prefix=f"{mine}{os.getpid()}.", dir=path.parent))
        yield temporary
        take_umask(temporary)
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


def _is_running(pid: int) -> bool:
    """Whether a process may be there; always where asking would end it (outside POSIX)."""
    try:
        if os.name == "posix":
            os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        pass
    return True


def file_system(where: str | Path) -> tuple[Any, str]:
    """The fsspec file system of a path or URL, and the path in it. Raises BadData where it cannot be opened, MissingExtra where a
    package for it is not installed."""
    try:
        fs, path = fsspec.core.url_to_fs(str(where))
    except ImportError as error:
        raise MissingExtra(_missing(str(where), str(error))) from None
    except ValueError as error:
        raise BadData(
            f"{str(where)!r} cannot be opened: {error}. Give a folder, an archive or an fsspec URL (s3://, gs://, https://, ...)."
        ) from None
    except Exception as error:  # whatever a file system raises that connects at once
        raise BadData(f"{str(where)!r} cannot be reached: {error} ({type(error).__name__}).") from None
    return fs, path if path == "/" else path.rstrip("/")


def local_path(where: str) -> Path:
    """The folder of this machine that a path or a file:// URL names, whole."""
    return Path(file_system(where)[1])


def is_local(fs: Any) -> bool:
    """Whether it is this machine's own file system."""
    return isinstance(fs, LocalFileSystem)


def _missing(url: str, said: str) -> str:
    module = str(known_implementations.get(url.partition("://")[0], {}).get("class", "")).partition(".")[0]
    quoted = re.findall(r'"([\w-]+)"', said) or re.findall(r"requires? (\w+)", said)
    packages = " ".join(quoted[:2] if module in ("", "fsspec") else [module])
    return f"{url!r} needs a package that is not installed ({said.rstrip('.')}). Run: pip install {packages or 'fsspec[full]'}"
