"""The tensors in a checkpoint's files, by name, unread: .safetensors or .bin, one file or shards with their index.

Files are hostile: a pickle is read for its tensors alone, an index may name files beside it alone.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from galactica.errors import BadCheckpoint
from galactica.model.quantize import dequantize_rows

WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "model.int8.safetensors",
    "model.int8.safetensors.index.json",
)
"""In the order of preference. Matrices of int8 have a name that other engines do not look for, so that none takes their steps for
weights."""

SCALE = "_scale"
"""After the name of an int8 matrix: the name of its rows' scales."""


class Stored(NamedTuple):
    """A tensor in a file, not read yet."""

    file: Path
    shape: tuple[int, ...]
    read: Callable[[], Tensor]


def find_tensors(folder: Path) -> dict[str, Stored]:
    """What the weight files hold, by name without the leading "model."."""
    name = next((name for name in WEIGHTS if (folder / name).exists()), None)
    if name is None:
        raise BadCheckpoint(f"{str(folder)!r} holds no weights: none of {', '.join(WEIGHTS)}.")
    found: dict[str, Stored] = {}
    for path in _shards(folder / name) if name.endswith(".json") else [folder / name]:
        read = _safetensors if path.suffix == ".safetensors" else _pickled
        for key, tensor in read(path).items():
            key = key.removeprefix("model.")
            if key in found:
                raise BadCheckpoint(f"{path}: {key} is there twice.")
            found[key] = tensor
    return _with_scales(found)


def _with_scales(found: dict[str, Stored]) -> dict[str, Stored]:
    """Each int8 matrix and its scales as one tensor of floats."""
    for name in [name for name in found if name.endswith(SCALE) and name.removesuffix(SCALE) in found]:
        scale, matrix = found.pop(name), found[name.removesuffix(SCALE)]
        if len(matrix.shape) != 2 or scale.shape != matrix.shape[:1]:
            raise BadCheckpoint(
                f"{scale.file}: {name} {scale.shape} does not hold a scale for each row of {matrix.shape}."
            )
        found[name.removesuffix(SCALE)] = matrix._replace(read=partial(_dequantized, matrix, scale))
    return found


def _dequantized(matrix: Stored, scale: Stored) -> Tensor:
    quantized = matrix.read()
    if quantized.dtype != torch.int8:
        raise BadCheckpoint(f"{matrix.file}: a matrix with scales is {quantized.dtype}; allowed: int8.")
    return dequantize_rows(quantized, scale.read())


def _shards(index: Path) -> list[Path]:
    """The files that an index names, which must lie beside it."""
    table = read_json(index).get("weight_map")
    if not isinstance(table, dict) or not table or not all(isinstance(name, str) for name in table.values()):
        raise BadCheckpoint(f"{index} is damaged: no weight_map from tensor to file.")
    names = sorted(set(table.values()))
    suffix = Path(index.name.removesuffix(".index.json")).suffix
    for name in names:
        if Path(name).name != name or Path(name).suffix != suffix:
            raise BadCheckpoint(f"{index} names {name!r}, not a {suffix} file beside it.")
        if not (index.parent / name).is_file():
            raise BadCheckpoint(
                f"{index.parent / name} is missing; {index.name} names {len(names)} files. Get it again."
            )
    return [index.parent / name for name in names]


def _safetensors(path: Path) -> dict[str, Stored]:
    try:
        handle: Any = safe_open(path, framework="pt")
        found = {}
        for name in handle.keys():  # noqa: SIM118 (the handle is no mapping)
            shape = tuple(handle.get_slice(name).get_shape())
            found[name] = Stored(path, shape, partial(handle.get_tensor, name))
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path} is damaged or cut short: {error}. Get it again.") from None
    return found


def _pickled(path: Path) -> dict[str, Stored]:
    try:
        # Only the newer form of the file, a zip archive, can be mapped.
        tree = torch.load(str(path), map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except Exception:  # a damaged pickle raises whatever its reader stumbles over
        raise BadCheckpoint(
            f"{path} is damaged, or holds more than tensors; nothing in it was run. Get it again, or as .safetensors."
        ) from None
    if not isinstance(tree, dict) or not all(isinstance(value, Tensor) for value in tree.values()):
        raise BadCheckpoint(f"{path} is not a table of tensors.")
    return {str(name): Stored(path, tuple(tensor.shape), partial(_itself, tensor)) for name, tensor in tree.items()}


def _itself(tensor: Tensor) -> Tensor:
    return tensor


def read_json(path: Path) -> dict[str, Any]:
    """The table in a JSON file of a checkpoint. Raises BadCheckpoint where it is missing or damaged."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadCheckpoint(f"{str(path.parent)!r} holds no {path.name}: it is not a checkpoint.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{path} is damaged: {error}") from None
    if not isinstance(tree, dict):
        raise BadCheckpoint(f"{path} is damaged: it holds no table.")
    return tree
