"""The states of a run on disk: whole or absent, verified on load, the last few kept beside the best weights.

A state is a folder `step-XXXXXXXX` in torch's distributed format (DCP), so that a run goes on with another number of ranks, and
`state.json` with everything that is not a tensor and the SHA-256 of each file. It is written to a folder beside by a thread and
renamed when all ranks are done. `best-XXXXXXXX` holds the weights of a validation alone. States are for the run that wrote them:
DCP's index is a pickle, so do not load those of strangers; what others are to read is exported in the OPT layout.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import warnings
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import async_save
from torch.optim import Optimizer

from galactica import files
from galactica.errors import BadData
from galactica.training.parallel import Layout

STATE = "state.json"
_NAME = re.compile(r"(step|best)-(\d{8})")
_FLAT = StateDictOptions(flatten_optimizer_state_dict=True)
_HASHING_THREADS = 8
log = logging.getLogger(__name__)
# DCP says, from a thread of its own, that one process is one process.
warnings.filterwarnings("ignore", message="torch.distributed is disabled, unavailable or uninitialized")


class Checkpoints:
    """The states under one folder, which every rank must see. All ranks call every method at the same step."""

    def __init__(self, folder: Path, keep: int, layout: Layout) -> None:
        self.folder, self._keep, self._layout = folder, keep, layout
        # A group of its own: the thread that writes talks beside the training, never between its messages.
        self._group = dist.new_group(backend="gloo") if layout.mesh is not None else None
        self._writing: Future[None] | None = None
        if layout.is_first and folder.is_dir():
            for left in folder.glob(".*.part"):  # of a run that was killed while it wrote
                shutil.rmtree(left)

    def save(self, step: int, model: nn.Module, optimizer: Optimizer, state: Mapping[str, Any]) -> None:
        """Begin to write the state of `step`; the tensors are copied before this returns. `state` is plain JSON; its `best_step`
        names the best weights that the run would need to go on. The one before must have been written first, and is waited for."""
        tensors = {f"model.{name}": value for name, value in get_model_state_dict(model).items()}
        tensors |= {f"optimizer.{name}": value for name, value in _optimizer_tensors(model, optimizer).items()}
        self._write(f"step-{step:08d}", tensors, state)

    def save_best(self, step: int, model: nn.Module) -> None:
        """Begin to write the weights of `step` as the best so far."""
        tensors = {f"model.{name}": value for name, value in get_model_state_dict(model).items()}
        self._write(f"best-{step:08d}", tensors, {"step": step})

    def finish(self) -> None:
        """Return when what was begun is on disk. Raises what the writing raised, on the first rank."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()
        self._layout.wait()

    def load_latest(self, model: nn.Module, optimizer: Optimizer) -> dict[str, Any] | None:
        """Fill model and optimizer from the newest whole state and return its JSON; None where there is none. A torn or changed
        one is skipped with a warning and the one before it used."""
        path = self._shared(self._newest_whole() if self._layout.is_first else None)
        if path is None:
            return None
        weights, rest = get_model_state_dict(model), _optimizer_tensors(model, optimizer)
        tensors = {f"model.{name}": value for name, value in weights.items()}
        tensors |= {f"optimizer.{name}": value for name, value in rest.items()}
        self._load(path, tensors)
        set_model_state_dict(model, weights)
        whole: dict[str, Any] = {**get_optimizer_state_dict(model, optimizer, options=_FLAT), **rest}
        set_optimizer_state_dict(model, optimizer, whole, options=_FLAT)
        return read_state(path)

    def load_best(self, step: int, model: nn.Module) -> None:
        """Fill the model with the best weights. Raises BadData where they are missing or damaged."""
        path = self.folder / f"best-{step:08d}"
        problem = self._shared(_problem(path) if self._layout.is_first else None)
        if problem is not None:
            raise BadData(f"{path} is damaged ({problem}). Delete the states after it and run the training again.")
        weights = get_model_state_dict(model)
        self._load(path, {f"model.{name}": value for name, value in weights.items()})
        set_model_state_dict(model, weights)

    def _load(self, path: Path, tensors: dict[str, Any]) -> None:
        load(tensors, checkpoint_id=str(path), process_group=self._group, no_dist=self._group is None)

    def _write(self, name: str, tensors: dict[str, Any], state: Mapping[str, Any]) -> None:
        self.finish()
        part = self.folder / f".{name}.part"
        if self._layout.is_first:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
        self._layout.wait()
        saving = async_save(tensors, checkpoint_id=str(part), process_group=self._group, no_dist=self._group is None)
        assert isinstance(saving, Future)
        future: Future[None] = Future()
        self._writing = future
        text = json.dumps(dict(state))

        def written(done: Future[Any]) -> None:
            try:
                done.result()
                if self._layout.is_first:
                    self._publish(part, name, text)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(None)

        saving.add_done_callback(written)

    def _publish(self, part: Path, name: str, state: str) -> None:
        """All ranks have written: seal the folder, give it its name, remove what no run can need any more."""
        paths = sorted(path for path in part.iterdir() if path.is_file())
        with ThreadPoolExecutor(_HASHING_THREADS) as pool:
            digests = dict(zip([path.name for path in paths], pool.map(files.sha256, paths), strict=True))
        files.write_file(part / STATE, json.dumps({"state": json.loads(state), "files": digests}, indent=1) + "\n")
        final = self.folder / name
        shutil.rmtree(final, ignore_errors=True)
        part.rename(final)
        if name.startswith("step"):
            self._remove_old()

    def _remove_old(self) -> None:
        states = _folders(self.folder, "step")
        kept = states[-self._keep :]
        needed = {read_state(path)["best_step"] for path in kept if (path / STATE).exists()}
        bests = _folders(self.folder, "best")
        for path in states[: -self._keep] + [best for best in bests[:-1] if _step(best) not in needed]:
            shutil.rmtree(path)

    def _newest_whole(self) -> Path | None:
        for path in reversed(_folders(self.folder, "step")):
            problem = _problem(path)
            if problem is None:
                return path
            log.warning("%s is damaged (%s); trying the state before it", path, problem)
        return None

    def _shared(self, value: Any) -> Any:
        """What the first rank has."""
        if self._group is None:
            return value
        box = [value]
        dist.broadcast_object_list(box, 0, group=self._group)
        return box[0]


def read_state(path: Path) -> dict[str, Any]:
    """What is not a tensor of a state. Raises BadData where it cannot be read."""
    try:
        state: dict[str, Any] = json.loads((path / STATE).read_text(encoding="utf-8"))["state"]
    except (OSError, ValueError, KeyError) as error:
        raise BadData(
            f"{path / STATE} cannot be read ({error}). Delete {path} and go on from the state before it."
        ) from None
    return state


def latest_step(folder: Path) -> int | None:
    """The step of the newest state under a folder, looked at by its name alone."""
    found = _folders(folder, "step")
    return _step(found[-1]) if found else None


def clear(folder: Path) -> None:
    """Remove the states of a run whose result is safe elsewhere."""
    shutil.rmtree(folder, ignore_errors=True)


def _optimizer_tensors(model: nn.Module, optimizer: Optimizer) -> dict[str, Tensor]:
    """The optimizer's moments by name; its rates are the config's, and set before each step."""
    flat: dict[str, Any] = {**get_optimizer_state_dict(model, optimizer, options=_FLAT)}
    return {name: value for name, value in flat.items() if isinstance(value, Tensor)}


def _problem(path: Path) -> str | None:
    """What is wrong with a state on disk, None where it is whole."""
    try:
        digests = json.loads((path / STATE).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        return f"no {STATE}"
    except (OSError, ValueError, KeyError, TypeError):
        return f"{STATE} cannot be read"
    for name, digest in digests.items():
        if not (path / name).is_file():
            return f"{name} is missing"
        if files.sha256(path / name) != digest:
            return f"the SHA-256 of {name} differs"
    return None


def _folders(folder: Path, kind: str) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)) and match[1] == kind)


def _step(path: Path) -> int:
    return int(path.name.partition("-")[2])
