"""`manifest.json` of a stage: input hashes, config, versions, counts, seconds. A stage whose key is unchanged is skipped."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from galactica import archives, files
from galactica.errors import BadData

NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made a folder: `key` is the hash of the stage's name, config and inputs; `counts` is what the stage tells of itself."""

    stage: str
    key: str
    config: Mapping[str, Any]
    inputs: Mapping[str, str]
    counts: Mapping[str, Any]
    versions: Mapping[str, str]
    seconds: float


def key_of(stage: str, config: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """The identity of a stage's output: 16 hex digits over its name, config and the hashes of its inputs."""
    text = json.dumps([stage, config, inputs], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(folder: Path) -> Manifest:
    """The manifest of a finished stage. Raises BadData where there is none or it cannot be read."""
    path = folder / NAME
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BadData(f"{str(folder)!r} holds no {NAME}: it is not the output of a finished stage.") from None
    except (ValueError, TypeError) as error:
        raise BadData(f"{path} is damaged ({error}). Delete the folder and run the stage again.") from None


def write(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into the folder."""
    tree = {field: getattr(manifest, field) for field in Manifest.__slots__}
    files.write_file(folder / NAME, json.dumps(tree, indent=2, sort_keys=True, default=str) + "\n")


def run_stage(
    stage: str,
    output: Path,
    config: Mapping[str, Any],
    inputs: Mapping[str, str],
    work: Callable[[Path], Mapping[str, Any]],
) -> tuple[Manifest, bool]:
    """Fill `output` by `work(folder) -> counts` unless it was made by the same config and inputs already.
    Returns the manifest and whether the work was done now; the folder appears whole or not at all. Raises BadData where
    `output` holds what no stage wrote: it would be lost."""
    key = key_of(stage, config, inputs)
    if (output / NAME).exists():
        found = read(output)
        if found.key == key:
            return found, False
    elif output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise BadData(
            f"{str(output)!r} holds something else than the output of a stage. Give another folder, or empty it."
        )
    start = time.monotonic()
    with files.new_folder(output) as folder:
        counts = work(folder)
        manifest = Manifest(stage, key, config, inputs, counts, versions(), round(time.monotonic() - start, 1))
        write(folder, manifest)
    return manifest, True


def hash_inputs(root: str | Path) -> str:
    """Identity of a raw input folder (or fsspec URL): hash over relative path, size and time of change of every file in it."""
    digest = hashlib.sha256()
    for item in archives.list_inputs(root):
        if isinstance(item, archives.Input):
            line = f"{item.where}\0{item.size}\0{item.stamp}\n"
            digest.update(line.encode("utf-8", "surrogateescape"))  # a file name need not be UTF-8
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Versions that a result depends on: this package, Python, torch, tokenizers, numpy."""
    found = {"python": platform.python_version()}
    for package in ("galactica", "torch", "tokenizers", "numpy"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
