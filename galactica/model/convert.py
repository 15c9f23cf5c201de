"""Model folders in the OPT layout, read and written. The one file of this room where another project's names stand, and with
weight_files.py the one that touches the disk.

Released checkpoints (`facebook/galactica-*`) and the project's own have this layout; `transformers` and every engine that
knows `OPTForCausalLM` read it.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from galactica import files
from galactica.errors import BadCheckpoint, BadConfig, BadInput
from galactica.model.config import POSITION_OFFSET, ModelConfig
from galactica.model.quantize import quantize_rows
from galactica.model.transformer import Transformer, empty_model
from galactica.model.weight_files import SCALE, Stored, find_tensors, read_json

_CONFIG = "config.json"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def load_checkpoint(
    folder: Path, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> tuple[Transformer, ModelConfig]:
    """The model in `folder`, in eval mode, in `dtype` whatever the files hold, and its shape.

    Weights are copied tensor by tensor out of mapped files: one copy is held. Raises BadCheckpoint for a folder that is
    missing, damaged or of another architecture; a pickle that holds more than tensors is refused and never run.
    """
    config, weights = open_checkpoint(folder)
    model = empty_model(config).to(dtype).to_empty(device=device)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, value in weights:
            parameters[name].copy_(value)
    return model.eval(), config


def open_checkpoint(folder: Path) -> tuple[ModelConfig, Iterator[tuple[str, Tensor]]]:
    """The shape of the model in `folder`, and name and value of each of its weights, whole, read when it is asked for.

    Raises BadCheckpoint as `load_checkpoint` does, for what a tensor holds when it is read.
    """
    config = _read_config(folder)
    stored = find_tensors(folder)
    return config, _weights(config, _checked_slots(config, stored, folder), stored)


def save_checkpoint(
    model: Transformer,
    folder: Path,
    *,
    bos_id: int,
    pad_id: int,
    eos_id: int,
    dtype: torch.dtype | None = None,
    tokenizer_folder: Path | None = None,
    unit_norms: bool = False,
    weights: Iterable[tuple[str, Tensor]] | None = None,
    max_shard_bytes: int = 5 * 2**30,
) -> None:
    """Write `model` as a folder that `load_checkpoint` and `transformers` read, in its own dtype or `dtype`.

    With torch.int8 the matrices are stored with a scale for each row and the rest in float32: `load_checkpoint` reads that,
    `transformers` does not. The folder appears whole, in place of an older checkpoint there; BadInput where it
    holds something else. The tokenizer's files are copied in from `tokenizer_folder`. `unit_norms` writes zero biases and unit
    layer norms where the model has none, the same function, for engines that refuse `layer_norm_elementwise_affine: false`.
    `weights`, name and value in the model's order, stand in for the model's own: each is asked for when it is written.
    """
    if folder.exists() and not (folder / _CONFIG).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{str(folder)!r} is there and is no checkpoint. Give a new folder.")
    config = model.config
    if unit_norms:
        config = dataclasses.replace(config, bias=True, layer_norm_affine=True)
    dtype = dtype or model.embedding.weight.dtype
    with files.new_folder(folder) as new:
        _write_config(new, config, dtype, bos_id, pad_id, eos_id)
        own = weights or ((name, parameter.detach()) for name, parameter in model.named_parameters())
        _write_weights(new, model, config, own, dtype, max_shard_bytes)
        if tokenizer_folder is not None:
            for path in (tokenizer_folder / name for name in _TOKENIZER_FILES):
                if path.exists():
                    shutil.copyfile(path, new / path.name)


class _Slot(NamedTuple):
    """Where a stored tensor lives in the model: `part` is 0, 1, 2 for the queries, keys and values inside `qkv`."""

    name: str  # without the leading "model."
    parameter: str
    part: int | None
    shape: tuple[int, ...]


def _slots(config: ModelConfig) -> Iterator[_Slot]:
    """Every tensor of a checkpoint of this shape."""
    d = config.d_model
    yield _Slot("decoder.embed_tokens.weight", "embedding.weight", None, (config.vocab_size, d))
    yield _Slot("decoder.embed_positions.weight", "positions.weight", None, (config.max_seq_len + POSITION_OFFSET, d))
    for layer in range(config.n_layers):
        theirs, ours = f"decoder.layers.{layer}", f"blocks.{layer}"
        yield from _norm_slots(config, f"{theirs}.self_attn_layer_norm", f"{ours}.attention_norm")
        for part, letter in enumerate("qkv"):
            yield from _linear_slots(config, f"{theirs}.self_attn.{letter}_proj", f"{ours}.attention.qkv", d, d, part)
        yield from _linear_slots(config, f"{theirs}.self_attn.out_proj", f"{ours}.attention.out", d, d)
        yield from _norm_slots(config, f"{theirs}.final_layer_norm", f"{ours}.feed_forward_norm")
        yield from _linear_slots(config, f"{theirs}.fc1", f"{ours}.up", config.d_ff, d)
        yield from _linear_slots(config, f"{theirs}.fc2", f"{ours}.down", d, config.d_ff)
    yield from _norm_slots(config, "decoder.final_layer_norm", "final_norm")


def _linear_slots(
    config: ModelConfig, name: str, parameter: str, n_out: int, n_in: int, part: int | None = None
) -> Iterator[_Slot]:
    yield _Slot(f"{name}.weight", f"{parameter}.weight", part, (n_out, n_in))
    if config.bias:
        yield _Slot(f"{name}.bias", f"{parameter}.bias", part, (n_out,))


def _norm_slots(config: ModelConfig, name: str, parameter: str) -> Iterator[_Slot]:
    if config.layer_norm_affine:
        for kind in ("weight", "bias"):
            yield _Slot(f"{name}.{kind}", f"{parameter}.{kind}", None, (config.d_model,))


def _part(parameter: Tensor, part: int | None, config: ModelConfig) -> Tensor:
    """The view of a parameter that one stored tensor fills; the rows of `qkv` are ordered (head, q k v, d_head)."""
    if part is None:
        return parameter
    return parameter.view(config.n_heads, 3, config.d_head, *parameter.shape[1:])[:, part]


def _by_parameter(slots: Iterable[_Slot]) -> dict[str, list[_Slot]]:
    """Parameter -> what is stored of it, in the model's order."""
    found: dict[str, list[_Slot]] = {}
    for slot in slots:
        found.setdefault(slot.parameter, []).append(slot)
    return found


# Reading


def _weights(config: ModelConfig, slots: Iterable[_Slot], stored: Mapping[str, Stored]) -> Iterator[tuple[str, Tensor]]:
    for name, parts in _by_parameter(slots).items():
        tensors = [_floating(stored[slot.name], slot.name) for slot in parts]
        if parts[0].part is None:
            yield name, tensors[0]
            continue
        dtype = functools.reduce(torch.promote_types, (tensor.dtype for tensor in tensors))
        whole = torch.empty(3 * parts[0].shape[0], *parts[0].shape[1:], dtype=dtype)
        for slot, tensor in zip(parts, tensors, strict=True):
            target = _part(whole, slot.part, config)
            target.copy_(tensor.reshape(target.shape))
        yield name, whole


def _floating(stored: Stored, name: str) -> Tensor:
    tensor = stored.read()
    if not tensor.is_floating_point():
        raise BadCheckpoint(f"{stored.file}: {name} is {tensor.dtype}, not a floating dtype.")
    return tensor


def _read_config(folder: Path) -> ModelConfig:
    if not folder.is_dir():
        raise BadCheckpoint(f"{str(folder)!r} is not a folder. Give one with {_CONFIG} and the weights.")
    path = folder / _CONFIG
    tree = read_json(path)
    _require(path, tree, "model_type", None, "opt")
    _require(path, tree, "do_layer_norm_before", True, True)
    _require(path, tree, "activation_function", "relu", "gelu")  # OPT's own default; "gelu" is the exact one there
    _require(path, tree, "_remove_final_layer_norm", False, False)
    d_model = _number(path, tree, "hidden_size", None)
    if tree.get("word_embed_proj_dim") is not None:
        _require(path, tree, "word_embed_proj_dim", None, d_model)
    flags = {"bias": "enable_bias", "layer_norm_affine": "layer_norm_elementwise_affine"}
    for key in flags.values():
        if not isinstance(tree.get(key, True), bool):
            raise BadCheckpoint(f"{path}: {key} is {tree[key]!r}; allowed: true or false.")
    try:
        return ModelConfig(
            vocab_size=_number(path, tree, "vocab_size", None),
            d_model=d_model,
            n_layers=_number(path, tree, "num_hidden_layers", None),
            n_heads=_number(path, tree, "num_attention_heads", None),
            d_ff=_number(path, tree, "ffn_dim", None),
            max_seq_len=_number(path, tree, "max_position_embeddings", 2048),
            dropout=_number(path, tree, "dropout", 0.1),
            attention_dropout=_number(path, tree, "attention_dropout", 0.0),
            **{field: tree.get(key, True) for field, key in flags.items()},
        )
    except BadConfig as error:
        raise BadCheckpoint(f"{path}: {error}") from None


def _require(path: Path, tree: Mapping[str, Any], key: str, default: Any, allowed: Any) -> None:
    value = tree.get(key, default)
    if value != allowed:
        raise BadCheckpoint(f"{path}: {key} is {value!r}; this model is defined for {allowed!r} alone.")


def _number(path: Path, tree: Mapping[str, Any], key: str, default: Any) -> Any:
    """A number out of config.json; its range is ModelConfig's to check."""
    value = tree.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadCheckpoint(f"{path}: {key} is {value!r}, not a number.")
    return value


def _checked_slots(config: ModelConfig, stored: dict[str, Stored], folder: Path) -> list[_Slot]:
    """The slots of the shape, each with its tensor of the right shape in `stored` and none left over."""
    stored.pop("decoder.version", None)  # a counter in files of the oldest form
    head = stored.pop("lm_head.weight", None)
    if config.n_layers > len(stored):  # before anything is built for a layer count that cannot be true
        raise BadCheckpoint(f"{folder} holds {len(stored)} tensors, too few for {config.n_layers} layers.")
    slots = list(_slots(config))
    missing = [slot.name for slot in slots if slot.name not in stored]
    unexpected = sorted(set(stored) - {slot.name for slot in slots})
    wrong = [
        f"{slot.name} {stored[slot.name].shape} instead of {slot.shape}"
        for slot in slots
        if slot.name in stored and stored[slot.name].shape != slot.shape
    ]
    problems = [
        _first(kind, names)
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("wrong shape", wrong))
        if names
    ]
    if problems:
        raise BadCheckpoint(f"{folder}: the weights are not those {_CONFIG} describes. {'; '.join(problems)}.")
    if head is not None:
        embedding = stored["decoder.embed_tokens.weight"]
        if head.shape != embedding.shape or not torch.equal(head.read().float(), embedding.read().float()):
            raise BadCheckpoint(f"{head.file}: lm_head.weight differs from the embedding; this model ties them.")
    return slots


def _first(kind: str, names: list[str], n: int = 3) -> str:
    more = f" and {len(names) - n} more" if len(names) > n else ""
    return f"{kind}: {', '.join(names[:n])}{more}"


# Writing


def _write_config(folder: Path, config: ModelConfig, dtype: torch.dtype, bos_id: int, pad_id: int, eos_id: int) -> None:
    tree = {
        "model_type": "opt",
        "architectures": ["OPTForCausalLM"],
        "vocab_size": config.vocab_size,
        "hidden_size": config.d_model,
        "word_embed_proj_dim": config.d_model,
        "ffn_dim": config.d_ff,
        "num_hidden_layers": config.n_layers,
        "num_attention_heads": config.n_heads,
        "max_position_embeddings": config.max_seq_len,
        "activation_function": "gelu",
        "do_layer_norm_before": True,
        "_remove_final_layer_norm": False,
        "enable_bias": config.bias,
        "layer_norm_elementwise_affine": config.layer_norm_affine,
        "dropout": config.dropout,
        "attention_dropout": config.attention_dropout,
        "bos_token_id": bos_id,
        "pad_token_id": pad_id,
        "eos_token_id": eos_id,
        "tie_word_embeddings": True,
        "torch_dtype": str(torch.float32 if dtype == torch.int8 else dtype).removeprefix("torch."),
    }
    files.write_file(folder / _CONFIG, json.dumps(tree, indent=2) + "\n")


def _write_weights(
    folder: Path,
    model: Transformer,
    config: ModelConfig,
    weights: Iterable[tuple[str, Tensor]],
    dtype: torch.dtype,
    max_shard_bytes: int,
) -> None:
    """One file, or shards of at most `max_shard_bytes` (or one tensor) with their index, one in memory at a time."""
    slots_of = _by_parameter(_slots(config))
    slots = [slot for parts in slots_of.values() for slot in parts]
    shards: list[list[_Slot]] = [[]]
    room = max_shard_bytes
    for slot in slots:
        size = math.prod(slot.shape) * dtype.itemsize
        if size > room and shards[-1]:
            shards.append([])
            room = max_shard_bytes
        shards[-1].append(slot)
        room -= size
    stored = _stored_form(model, slots_of, iter(weights), dtype)
    stem = "model.int8" if dtype == torch.int8 else "model"
    weight_map: dict[str, str] = {}
    for number, shard in enumerate(shards, 1):
        place = f"-{number:05d}-of-{len(shards):05d}" if len(shards) > 1 else ""
        name = f"{stem}{place}.safetensors"
        tensors = dict(itertools.chain.from_iterable(itertools.islice(stored, len(shard))))
        try:
            save_file(tensors, folder / name, metadata={"format": "pt"})
        except SafetensorError as error:  # a full disk comes as this
            raise OSError(f"{folder / name} could not be written: {error}") from None
        files.take_umask(folder / name)  # safetensors writes for the owner alone
        weight_map |= dict.fromkeys(tensors, name)
    if len(shards) > 1:
        total = sum(math.prod(slot.shape) for slot in slots) * dtype.itemsize
        index = {"metadata": {"total_size": total}, "weight_map": weight_map}
        files.write_file(folder / f"{stem}.safetensors.index.json", json.dumps(index, indent=2) + "\n")


def _stored_form(
    model: Transformer, slots_of: Mapping[str, list[_Slot]], weights: Iterator[tuple[str, Tensor]], dtype: torch.dtype
) -> Iterator[list[tuple[str, Tensor]]]:
    """What is stored for each slot, as names and tensors; a weight is asked for when its first slot is."""
    own = {name for name, _ in model.named_parameters()}
    for parameter, slots in slots_of.items():
        whole = None
        if parameter in own:
            name, whole = next(weights)
            assert name == parameter, f"{name} came where {parameter} is written"
        for slot in slots:
            yield _slot_form(slot, whole, model.config, dtype)


def _slot_form(slot: _Slot, whole: Tensor | None, config: ModelConfig, dtype: torch.dtype) -> list[tuple[str, Tensor]]:
    if whole is None:
        tensor = torch.full(slot.shape, 1.0 if slot.parameter.endswith("norm.weight") else 0.0)
    else:
        tensor = _part(whole, slot.part, config).to("cpu").reshape(slot.shape)
    name = f"model.{slot.name}"
    if dtype == torch.int8 and tensor.ndim == 2:
        return list(zip((name, name + SCALE), quantize_rows(tensor), strict=True))
    return [(name, tensor.to(torch.float32 if dtype == torch.int8 else dtype).contiguous())]
