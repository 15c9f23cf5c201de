"""The states of a run on disk: whole or absent, verified on load, the last few kept beside the best weights.

A state is a folder `step-XXXXXXXX` in torch's distributed format (DCP), so that a run goes on with another number of ranks, and
`state.json` with everything that is not a tensor, the SHA-256 of each file and its own. It is written to a folder beside by a
thread and renamed when all ranks are done. `best-XXXXXXXX` holds the weights of a validation alone. A damaged one is set aside as
`damaged-...` when the run goes on from the one before it. One process at a time has the folder. States are for the run that
wrote them: DCP's index is a pickle, so do not load those of strangers; what others are to read is exported in the OPT layout.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import warnings
import weakref
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

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
_LOCK = ".lock"
_KEYS = {
    "best": frozenset(("step",)),
    "step": frozenset(
        (
            "step",
            "seconds",
            "identity",
            "best_step",
            "best_record",
            "last_record",
            "best_by_source",
            "risen",
            "norms",
            "skipped",
        )
    ),
}
"""What state.json must say, by the kind of folder."""
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
        self._path_writing = folder
        self._lock = _lock(folder) if layout.is_first else None
        if self.shared(isinstance(self._lock, str)):
            raise BadData(f"another process trains in {folder}; wait for it to end, or give another --output")
        if layout.is_first:
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
        """Return when what was begun is on disk. Raises BadData where it could not be written."""
        if (problem := self._settled()) is not None:
            raise BadData(problem)

    def newest(self) -> dict[str, Any] | None:
        """The JSON of the newest whole state, None where the folder holds none. A damaged one is passed over with a warning.
        Raises BadData where all are damaged."""
        state, damaged = self.shared(self._newest_whole() if self._layout.is_first else None)
        if state is None and damaged:
            raise BadData(
                f"every state under {self.folder} is damaged: {'; '.join(damaged)}. "
                f"To start again from the first step, delete {self.folder}"
            )
        return cast(dict[str, Any] | None, state)

    def set_aside_damaged(self) -> None:
        """Rename the states that are not whole, so that `keep` counts those that are."""
        if self._layout.is_first:
            for path in _folders(self.folder, "step"):
                if _problem(path) is not None:
                    aside = path.with_name(f"damaged-{path.name}")
                    shutil.rmtree(aside, ignore_errors=True)
                    path.rename(aside)
        self._layout.wait()

    def load(self, step: int, model: nn.Module, optimizer: Optimizer) -> None:
        """Fill model and optimizer from the state of `step`."""
        weights, rest = get_model_state_dict(model), _optimizer_tensors(model, optimizer)
        tensors = {f"model.{name}": value for name, value in weights.items()}
        tensors |= {f"optimizer.{name}": value for name, value in rest.items()}
        self._load(self.folder / f"step-{step:08d}", tensors)
        set_model_state_dict(model, weights)
        whole: dict[str, Any] = {**get_optimizer_state_dict(model, optimizer, options=_FLAT), **rest}
        set_optimizer_state_dict(model, optimizer, whole, options=_FLAT)

    def has_best(self, step: int) -> bool:
        """Whether the best weights of `step` are whole; a warning where they are not."""
        path = self.folder / f"best-{step:08d}"
        problem = self.shared(_problem(path) if self._layout.is_first else None)
        if problem is not None and self._layout.is_first:
            log.warning("%s, the best weights so far, is damaged (%s) and forgotten", path, problem)
        return problem is None

    def load_best(self, step: int, model: nn.Module) -> None:
        """Fill the model with the best weights, which must be whole."""
        path = self.folder / f"best-{step:08d}"
        weights = get_model_state_dict(model)
        self._load(path, {f"model.{name}": value for name, value in weights.items()})
        set_model_state_dict(model, weights)

    def _load(self, path: Path, tensors: dict[str, Any]) -> None:
        load(tensors, checkpoint_id=str(path), process_group=self._group, no_dist=self._group is None)

    def _write(self, name: str, tensors: dict[str, Any], state: Mapping[str, Any]) -> None:
        if (problem := self._settled()) is not None and self._layout.is_first:
            log.warning("%s; the run goes on without it", problem)
        part, self._path_writing = self.folder / f".{name}.part", self.folder / name
        future: Future[None] = Future()
        self._writing = future
        problem = self.shared(_emptied(part) if self._layout.is_first else None)
        if problem is not None:
            future.set_exception(OSError(problem))
            return
        saving = async_save(tensors, checkpoint_id=str(part), process_group=self._group, no_dist=self._group is None)
        assert isinstance(saving, Future)
        text = json.dumps(dict(state))

        def written(done: Future[Any]) -> None:
            try:
                done.result()
                if self._layout.is_first:
                    self._publish(part, name, text)
            except BaseException as error:
                if self._layout.is_first:  # no rank writes any more: DCP tells all of them of the failure of one
                    shutil.rmtree(part, ignore_errors=True)
                future.set_exception(error)
            else:
                future.set_result(None)

        saving.add_done_callback(written)

    def _settled(self) -> str | None:
        """Wait for what is being written; why it could not be, on every rank, None where it could."""
        problem = None
        if self._writing is not None:
            writing, self._writing = self._writing, None
            if (error := writing.exception()) is not None:
                problem = f"{self._path_writing} could not be written ({_reason(error, self.folder)})"
        problem = cast(str | None, self.shared(problem))
        self._layout.wait()  # the first rank tells the others and would be off before they have heard
        return problem

    def _publish(self, part: Path, name: str, state: str) -> None:
        """All ranks have written: seal the folder, give it its name, remove what no run can need any more."""
        paths = sorted(path for path in part.iterdir() if path.is_file())
        with ThreadPoolExecutor(_HASHING_THREADS) as pool:
            digests = dict(zip([path.name for path in paths], pool.map(files.sha256, paths), strict=True))
        files.write_file(part / STATE, _sealed(json.loads(state), digests))
        final = self.folder / name
        shutil.rmtree(final, ignore_errors=True)
        part.rename(final)
        if name.startswith("step"):
            self._remove_old()

    def _remove_old(self) -> None:
        states = _folders(self.folder, "step")
        kept = states[-self._keep :]
        needed = {_read(path)[0]["best_step"] for path in kept}
        bests = _folders(self.folder, "best")
        for path in states[: -self._keep] + [best for best in bests[:-1] if _step(best) not in needed]:
            shutil.rmtree(path)

    def _newest_whole(self) -> tuple[dict[str, Any] | None, list[str]]:
        """The state, and what is wrong with those after it."""
        damaged: list[str] = []
        for path in reversed(_folders(self.folder, "step")):
            problem = _problem(path)
            if problem is None:
                return _read(path)[0], damaged
            log.warning("%s is damaged (%s); trying the state before it", path, problem)
            damaged.append(f"{path.name} ({problem})")
        return None, damaged

    def shared(self, value: Any) -> Any:
        """What the first rank has."""
        if self._group is None:
            return value
        box = [value]
        dist.broadcast_object_list(box, 0, group=self._group)
        return box[0]


def _optimizer_tensors(model: nn.Module, optimizer: Optimizer) -> dict[str, Tensor]:
    """The optimizer's moments by name; its rates are the config's, and set before each step."""
    flat: dict[str, Any] = {**get_optimizer_state_dict(model, optimizer, options=_FLAT)}
    return {name: value for name, value in flat.items() if isinstance(value, Tensor)}


def _sealed(state: dict[str, Any], digests: dict[str, str]) -> str:
    """The text of state.json, with the SHA-256 of all else that it says."""
    content = {"state": state, "files": digests}
    return json.dumps(content | {"sha256": _digest(content)}, indent=1) + "\n"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What is not a tensor of a state, and its files' digests. Raises BadData where state.json is not as it was written."""
    try:
        content = json.loads((path / STATE).read_text(encoding="utf-8"))
        seal = content.pop("sha256")
        state, digests = content["state"], content["files"]
        missing = _KEYS[path.name.partition("-")[0]] - state.keys()
    except FileNotFoundError:
        raise BadData(f"no {STATE}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BadData(f"{STATE} cannot be read") from None
    if seal != _digest(content) or state.get("step") != _step(path):
        raise BadData(f"{STATE} was changed")
    if missing:
        raise BadData(f"{STATE} lacks {', '.join(sorted(missing))}")
    return state, digests


def _problem(path: Path) -> str | None:
    """What is wrong with a state on disk, None where it is whole."""
    try:
        digests = _read(path)[1]
        with ThreadPoolExecutor(_HASHING_THREADS) as pool:
            found = dict(zip(digests, pool.map(lambda name: files.sha256(path / name), digests), strict=True))
    except BadData as error:
        return str(error)
    except FileNotFoundError as error:
        return f"{Path(error.filename).name} is missing"
    except OSError as error:
        return f"it cannot be read: {error}"
    changed = [name for name, digest in digests.items() if found[name] != digest]
    return f"the SHA-256 of {changed[0]} differs" if changed else None


def _emptied(part: Path) -> str | None:
    """Make a new folder to write to; why it could not be made."""
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        return str(error)
    return None


def _reason(error: BaseException, folder: Path) -> str:
    """One line of what DCP or the system said, and how much room is left."""
    failures = getattr(error, "failures", None)  # DCP: rank -> (error, traceback)
    if failures:
        error = next(iter(failures.values()))[0]
    said = (str(error).splitlines() or [type(error).__name__])[0]
    return f"{said}; {shutil.disk_usage(folder).free / 1e6:,.0f} MB of that disk are free"


class _Lock:
    """A file of this process alone, until nothing here refers to it."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("a")
        weakref.finalize(self, self._stream.close)
        self.inode = os.fstat(self._stream.fileno()).st_ino
        import fcntl

        fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


_locks: weakref.WeakValueDictionary[Path, _Lock] = weakref.WeakValueDictionary()


def _lock(folder: Path) -> _Lock | str | None:
    """Take the folder for this process; what stands in the way as text, None where the file system knows no locks."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.resolve() / _LOCK
    held = _locks.get(path)
    if held is not None and path.exists() and path.stat().st_ino == held.inode:
        return held
    try:
        lock = _locks[path] = _Lock(path)
    except BlockingIOError as error:
        return str(error)
    except (OSError, ImportError) as error:
        log.warning("%s cannot be locked (%s); start no second run there", folder, error)
        return None
    return lock


def _folders(folder: Path, kind: str) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if (match := _NAME.fullmatch(path.name)) and match[1] == kind)


def _step(path: Path) -> int:
    return int(path.name.partition("-")[2])
