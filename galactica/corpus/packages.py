"""Trees of files that belong together, out of the files of one container (an archive, or a folder of the input).

A container whose root holds text, or whose text and bibliography lie in different folders, is one package; else each of its first
folders is one. A folder around everything ("name-1.0/...", as archives have it) is looked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from galactica.corpus.source import Package
from galactica.files import RawFile

MAX_PACKAGE_BYTES = 128 * 2**20
"""More than this of one container is not held: what was gathered so far becomes packages, and gathering begins anew."""

_LICENCE = re.compile(
    r"(?:un)?(?:licen[cs]es?|copying|copyright)(?:[-_]\w+)*(?:\.(?:md|txt|rst|tex|html|lesser))?", re.IGNORECASE
)
_BESIDE = re.compile(
    r"(?:origin|readme|manifest|changelog|changes|contributing|authors|.*licen[cs]e.*|copy\w+)(?:\..*)?", re.IGNORECASE
)


def is_licence(path: str) -> bool:
    """Whether a file states a licence or copyright, by its name."""
    return _LICENCE.fullmatch(PurePosixPath(path).name) is not None


def is_gathered(path: str, endings: frozenset[str]) -> bool:
    """Whether a file may belong to a package whose files have these endings."""
    return path.lower().endswith(tuple(endings)) or is_licence(path)


def packages(container: str, gathered: Iterable[RawFile]) -> Iterator[Package]:
    """The packages of one container, sorted by path; packages without text of their own are left out."""
    files = {file.where.removeprefix(container).lstrip("/"): file.data for file in gathered}
    base = container
    while (folder := _only_folder(files)) is not None:
        files = {path.removeprefix(f"{folder}/"): data for path, data in files.items()}
        base = f"{base}/{folder}" if base else folder
    if _belongs_together(files):
        yield from _package(base, files)
        return
    licences = {path: data for path, data in files.items() if "/" not in path and is_licence(path)}
    by_folder: dict[str, dict[str, bytes]] = {}
    for path, data in files.items():
        folder, slash, rest = path.partition("/")
        if slash:
            by_folder.setdefault(folder, {})[rest] = data
    for folder, inner in sorted(by_folder.items(), key=lambda item: item[0]):
        if not any(is_licence(path) for path in inner if "/" not in path):  # the container's licence is the folder's
            inner |= licences
        yield from _package(f"{base}/{folder}" if base else folder, inner)


def _only_folder(files: dict[str, bytes]) -> str | None:
    folders = {path.partition("/")[0] if "/" in path else "" for path in files}
    return folders.pop() if len(folders) == 1 and "" not in folders else None


def _belongs_together(files: dict[str, bytes]) -> bool:
    by_folder: dict[str, set[bool]] = {}
    for path in files:
        folder, slash, _ = path.partition("/")
        name = PurePosixPath(path).name
        if not slash and not _BESIDE.fullmatch(name):
            return True
        if slash and not _BESIDE.fullmatch(name):
            by_folder.setdefault(folder, set()).add(name.lower().endswith((".bib", ".bbl")))
    return any(kinds == {True} for kinds in by_folder.values())  # a folder of bibliography alone


def _package(where: str, files: dict[str, bytes]) -> Iterator[Package]:
    if not all(_BESIDE.fullmatch(PurePosixPath(path).name) for path in files):
        yield Package(where, dict(sorted(files.items())))
