"""The state of a run on disk: whole or absent, verified on load, the last few kept."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from galactica import files

KEPT = 2
_NAME = re.compile(r"step-(\d{8})\.pt")
log = logging.getLogger(__name__)


def save(folder: Path, step: int, state: Mapping[str, Any]) -> Path:
    """Write the state of `step` beside and rename it, with its SHA-256; older states than the last `KEPT` are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"step-{step:08d}.pt"
    temporary = path.with_suffix(".part")
    torch.save(dict(state), temporary)
    files.write_file(path.with_suffix(".sha256"), files.sha256(temporary))
    temporary.replace(path)
    for old in _steps(folder)[:-KEPT]:
        old.unlink()
        old.with_suffix(".sha256").unlink(missing_ok=True)
    return path


def load_latest(folder: Path) -> dict[str, Any] | None:
    """The newest whole state, or None. A torn or changed file is skipped with a warning and the one before it used."""
    for path in reversed(_steps(folder)):
        try:
            if files.sha256(path) != path.with_suffix(".sha256").read_text(encoding="utf-8"):
                raise ValueError("its SHA-256 differs")
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises many kinds for a torn file; each means: try the one before
            log.warning("%s is damaged (%s); trying the checkpoint before it", path, str(error).partition("\n")[0])
            continue
        return state
    return None


def clear(folder: Path) -> None:
    """Remove the states of a run whose result is safe elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)


def _steps(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name))
