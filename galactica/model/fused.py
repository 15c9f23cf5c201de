"""One new token a row by compiled code: the weights are read once, at the speed of memory.

`fused_step.cpp` is built for this processor by the C++ compiler that is found, once for each kind of weights, and kept in the
user's cache. Where there is no compiler, or `GALACTICA_KERNEL=off`, the model's own `hidden` and `head` stay.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
import torch
from torch import Tensor

from galactica.errors import BadInput
from galactica.model.config import POSITION_OFFSET
from galactica.model.kv_cache import KVCache
from galactica.model.transformer import Block, Transformer

_SOURCE = Path(__file__).with_name("fused_step.cpp")
_FLAGS = (
    "-std=c++20", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fopenmp", "-shared", "-fPIC",
)  # fmt: skip
_KINDS = {torch.float32: "float", torch.bfloat16: "Bf16"}
_LANES = 32
_CPU_LINES = ("model name", "flags", "Features", "CPU implementer", "CPU part", "CPU variant")
_BUILD_SECONDS = 120
_POINTERS = (
    "qkv", "out", "up", "down", "qkv_bias", "out_bias", "up_bias", "down_bias",
    "attention_norm", "attention_norm_bias", "feed_forward_norm", "feed_forward_norm_bias", "keys", "values",
)  # fmt: skip
"""Of a layer, in the order of `Layer` in the C++ file; none where there is nothing."""


class _Layer(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in _POINTERS]


class _Step(ctypes.Structure):
    _fields_ = [
        *(
            (name, ctypes.c_int64)
            for name in ["layers", "batch", "width", "inner", "heads", "words", "columns", "threads"]
        ),
        *((name, ctypes.c_void_p) for name in ["begin", "end", "layer", "head", "final_norm", "final_norm_bias"]),
        ("epsilon", ctypes.c_float),
        *((name, ctypes.c_void_p) for name in ["residual", "logits", "scratch"]),
    ]


class FusedStep:
    """The next logits of a model on the CPU in float32 or bfloat16, from the weights where they lie now: a model whose weights are
    exchanged, or set to other values, wants a new one."""

    def __init__(self, model: Transformer, run: Any) -> None:
        self._model, self._run = model, run
        config = model.config
        self._layers = (_Layer * config.n_layers)()
        self._dtype = model.embedding.weight.dtype
        self._kept = [weight.detach() for weight in model.parameters()]  # what is pointed to is not freed
        for layer, block in zip(self._layers, model.blocks, strict=True):
            assert isinstance(block, Block)
            products = {"qkv": block.attention.qkv, "out": block.attention.out, "up": block.up, "down": block.down}
            for name, linear in products.items():
                setattr(layer, name, linear.weight.data_ptr())
                setattr(layer, f"{name}_bias", self._exact(linear.bias))
            norms = {"attention_norm": block.attention_norm, "feed_forward_norm": block.feed_forward_norm}
            for name, norm in norms.items():
                setattr(layer, name, self._exact(norm.weight))
                setattr(layer, f"{name}_bias", self._exact(norm.bias))
        final = model.final_norm
        self._step = _Step(
            layers=config.n_layers,
            width=config.d_model,
            inner=config.d_ff,
            heads=config.n_heads,
            words=config.vocab_size,
            layer=ctypes.addressof(self._layers),
            head=model.embedding.weight.data_ptr(),
            final_norm=self._exact(final.weight),
            final_norm_bias=self._exact(final.bias),
            epsilon=final.eps,
        )

    def _exact(self, value: Tensor | None) -> int | None:
        """The address of a small tensor in float32, which this object keeps."""
        if value is None:
            return None
        self._kept.append(value.detach().float().contiguous())
        return self._kept[-1].data_ptr()

    def __call__(self, ids_B: Tensor, cache: KVCache) -> Tensor:
        """Logits (B, V) in float32 after one more token in each row of `cache`, which is extended. Raises BadInput where it is
        full, has another number of rows, or another dtype than the weights."""
        cache.require_room(1)
        config, step, batch = self._model.config, self._step, len(ids_B)
        keys, _ = cache.layer(0)
        if cache.batch_size != batch or keys.dtype != self._dtype or keys.device.type != "cpu":
            raise BadInput(
                f"{batch} ids of a model in {self._dtype} on the CPU and a cache of {cache.batch_size} rows in {keys.dtype} on "
                f"{keys.device}; they must be the same."
            )
        end = torch.full((batch,), cache.length, dtype=torch.int64, device="cpu")
        begin = torch.zeros_like(end) if cache.starts_B is None else cache.starts_B.to(torch.int64).contiguous()
        places = self._model.positions.weight[end - begin + POSITION_OFFSET]
        residual = self._model.embedding.weight[ids_B].float() + places.float()
        logits = torch.empty(batch, config.vocab_size, dtype=torch.float32, device="cpu")
        scratch = torch.empty(batch, config.d_model + config.d_ff, dtype=torch.float32, device="cpu")
        for number, layer in enumerate(self._layers):
            keys, values = cache.layer(number)
            layer.keys, layer.values = keys.data_ptr(), values.data_ptr()
        step.batch, step.columns, step.threads = batch, cache.max_len, torch.get_num_threads()
        step.begin, step.end = begin.data_ptr(), end.data_ptr()
        step.residual, step.logits, step.scratch = residual.data_ptr(), logits.data_ptr(), scratch.data_ptr()
        self._run(ctypes.byref(step))
        cache.advance(1)
        return logits


def fused_step(model: Transformer) -> FusedStep | None:
    """The compiled step of a model; None where it has none: not on a CPU, of several dtypes, of widths that are no multiple of
    32, or without a compiler."""
    config, weight = model.config, model.embedding.weight
    if weight.device.type != "cpu" or weight.dtype not in _KINDS:
        return None
    if config.d_model % _LANES or config.d_ff % _LANES:
        return None
    if any(p.dtype != weight.dtype or p.device != weight.device or not p.is_contiguous() for p in model.parameters()):
        return None
    run = compiled(weight.dtype)
    return None if run is None else FusedStep(model, run)


@functools.cache
def compiled(dtype: torch.dtype) -> Any:
    """The function for weights and cache of this dtype, built if it is not in the cache yet; None where it cannot be."""
    compiler = shutil.which(os.environ.get("CXX") or "g++") or shutil.which("c++")
    if compiler is None or os.environ.get("GALACTICA_KERNEL") == "off":
        return None
    flags = [*_FLAGS, f"-DWEIGHTS={_KINDS[dtype]}"]
    key = "\0".join((_SOURCE.read_text(encoding="utf-8"), compiler, *flags, _processor()))
    library = (
        platformdirs.user_cache_path("galactica") / "kernels" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.so"
    )
    try:
        if not _is_own(library):
            library.unlink(missing_ok=True)
            _build([compiler, *flags], library)
        run = ctypes.CDLL(str(library)).fused_step
    except (OSError, AttributeError, subprocess.SubprocessError):  # no room, no OpenMP, another system: torch does it
        library.unlink(missing_ok=True)  # a damaged one is built again by the next process
        return None
    run.argtypes, run.restype = [ctypes.c_void_p], None
    return run


def _is_own(library: Path) -> bool:
    """Whether the library is there, and only this user could have put it there."""
    if not library.exists():
        return False
    user = getattr(os, "geteuid", lambda: None)()
    found = [path.stat() for path in (library.parent, library)]
    return user is None or all(each.st_uid == user and not each.st_mode & 0o022 for each in found)


def _build(command: list[str], library: Path) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    library.parent.chmod(0o700)  # raises where it is another user's
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        made = Path(folder) / library.name
        subprocess.run(
            [*command, "-o", str(made), str(_SOURCE)], check=True, capture_output=True, timeout=_BUILD_SECONDS
        )
        made.replace(library)


def _processor() -> str:
    """What `-march=native` depends on: a home may be shared by machines of several kinds."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine() + platform.processor()
    found: Mapping[str, str] = dict(
        line.partition("\t")[::2] for line in reversed(lines) if line.startswith(_CPU_LINES)
    )
    return "\0".join((platform.machine(), *sorted(found.values())))
