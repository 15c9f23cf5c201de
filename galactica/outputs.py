"""Where an output may go: apart from what it is made of, and to an fsspec URL whole or not at all.

At a URL nothing can be put in place in one step. So the manifest there is removed first and written last, and a list of what
both builds consist of stands in between: where the manifest stands, all that it names does too.
"""

from __future__ import annotations

import json
import os
import posixpath
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from galactica import files, manifest
from galactica.errors import BadData, BadInput
from galactica.manifest import Manifest

UNDER_WAY = "manifest.partial.json"
"""Stands at a URL while files are copied to it, and names those that the build before and this one consist of."""
_WITHOUT_FOLDERS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "oss", "oci", "memory"}
"""Stores of objects: a folder is not made there, and what is asked to make one may make a whole bucket."""


def is_remote(output: str) -> bool:
    """Whether it is an fsspec URL of another place than this machine's file system."""
    return "://" in output and not files.is_local(files.file_system(output)[0])


def check_apart(root: str | Path, places: Mapping[str, str | Path | None]) -> None:
    """Raises BadInput where one of `places` (option -> folder or URL) is the raw input `root`, holds it or lies in it: it would be
    replaced, removed or read as raw files. Links and `..` are followed."""
    raw = _place(root)
    for option, where in places.items():
        if where is None:
            continue
        place = _place(where)
        if place == raw:
            what = f"is the input, which it would replace{_as(raw, root)}"
        elif place in raw.parents:
            what = f"holds the input {str(root)!r}, which would be lost with it"
        elif raw in place.parents:
            what = f"lies in the input {str(root)!r}: the next build would read it as raw files"
        else:
            continue
        raise BadInput(f"{option} {str(where)!r} {what}. Give a place apart from the input.")


def check_outside(output: str | Path, places: Mapping[str, str | Path | None]) -> None:
    """Raises BadInput where one of `places` is the output or lies in it: what stands at an output is replaced whole."""
    out = _place(output)
    for option, where in places.items():
        if where is not None and (out == (place := _place(where)) or out in place.parents):
            raise BadInput(
                f"{option} {str(where)!r} is or lies in the output {str(output)!r}, which is replaced whole. Give another place."
            )


def _as(place: PurePosixPath, given: str | Path) -> str:
    return "" if str(given) in str(place) else f" (the same as {str(given)!r})"


def _place(where: str | Path) -> PurePosixPath:
    """One name for a folder, however it is written; the protocol is its first part."""
    fs, path = files.file_system(where)
    if files.is_local(fs):
        return PurePosixPath("file", os.path.realpath(path).lstrip("/"))
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return PurePosixPath(protocol, posixpath.normpath("/" + path.strip("/")).lstrip("/"))


def prepare(url: str) -> Manifest | None:
    """What stands at a URL: the manifest of a build, or None where there is nothing or the rest of a copy that was cut off.
    Raises BadData where it cannot be written to, or holds what no build put there."""
    fs, root = files.file_system(url)
    try:
        found = _manifest(fs, root)
        if found is None and not fs.exists(f"{root}/{UNDER_WAY}") and _holds_anything(fs, root):
            raise BadData(f"{url!r} holds something else than the output of a stage. Give another place, or empty it.")
        probe = f"{root}/.galactica-{uuid.uuid4().hex}"
        _make_folder(fs, root)
        fs.pipe_file(probe, b"can be written")
        fs.rm_file(probe)
    except BadData:
        raise
    except Exception as error:  # of any network, by any package
        raise BadData(f"{url!r} cannot be written to: {_said(error)}. Nothing was built yet.") from None
    return found


def publish(folder: Path, url: str) -> None:
    """Copy a finished build to a URL, in place of one that stands there: what only that one consisted of is removed, what belongs
    to no build stays. Raises BadData where that fails; repeated, it goes on."""
    fs, root = files.file_system(url)
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    try:
        before = _listed(fs, root)
        _make_folder(fs, root)
        fs.pipe_file(f"{root}/{UNDER_WAY}", json.dumps({"files": sorted({*before, *names})}).encode())
        for name in (manifest.NAME, *sorted(before - set(names))):
            if fs.exists(f"{root}/{name}"):
                fs.rm_file(f"{root}/{name}")
        for name in sorted(names, key=lambda name: name == manifest.NAME):
            _make_folder(fs, f"{root}/{name}".rpartition("/")[0])
            fs.put_file(str(folder / name), f"{root}/{name}")
        fs.rm_file(f"{root}/{UNDER_WAY}")
    except Exception as error:  # of any network, by any package
        raise BadData(
            f"copying to {url!r} failed: {_said(error)}. What was built is kept in {folder}; run the same command again."
        ) from None


def _manifest(fs: Any, root: str) -> Manifest | None:
    """The manifest at a place, None where there is none that can be read."""
    if not fs.exists(f"{root}/{manifest.NAME}"):
        return None
    try:
        return Manifest(**json.loads(fs.cat_file(f"{root}/{manifest.NAME}")))
    except (ValueError, TypeError):
        return None


def _listed(fs: Any, root: str) -> set[str]:
    """The files that the build at a place, whole or under way, consists of by its own list."""
    named: set[str] = set()
    if found := _manifest(fs, root):
        named |= {manifest.NAME, *_safe(found.counts.get("files"))}
    if fs.exists(f"{root}/{UNDER_WAY}"):
        try:
            named |= set(_safe(json.loads(fs.cat_file(f"{root}/{UNDER_WAY}"))["files"]))
        except (ValueError, TypeError, KeyError):
            return named
    return named


def _safe(names: Any) -> Iterator[str]:
    """Those that are names below a folder: what stands at a URL may be of anyone's making."""
    for name in names if isinstance(names, list | dict) else ():
        if isinstance(name, str) and name and not name.startswith("/") and ".." not in PurePosixPath(name).parts:
            yield name


def _holds_anything(fs: Any, root: str) -> bool:
    try:
        return any(
            info["name"].strip("/") != root.strip("/") or info["type"] == "file" for info in fs.ls(root, detail=True)
        )
    except FileNotFoundError:
        return False


def _make_folder(fs: Any, path: str) -> None:
    protocols = {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)
    if not protocols & _WITHOUT_FOLDERS:
        fs.makedirs(path, exist_ok=True)


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())[:300].rstrip(".")
    return f"{text} ({type(error).__name__})" if text else type(error).__name__
