"""What a run needs before anything is rented: memory of a device by part, the layout, speed, days and cost; memory of inference.

The memory model counts what the code holds: sharded weights, gradients and moments in float32; gathered layers in the precision of
the products; what each layer keeps for its gradient; the head's chunk of logits. `benchmarks/memory.py` holds it to measured peaks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from galactica.errors import BadConfig
from galactica.model.config import POSITION_OFFSET, ModelConfig
from galactica.training.config import ParallelConfig, TrainingConfig
from galactica.training.loss import CHUNK_TOKENS
from galactica.training.monitor import flops_per_token

_WIDTHS = {"float32": 4, "bfloat16": 2}
_NODE = 8
"""Devices that share fast links: the most that split a layer's matrices."""
WORKSPACE = 32e6
"""Bytes that the matrix libraries take for themselves once: cuBLAS 32 MiB on a large GPU, oneDNN about as much on a CPU."""
RESERVED = 0.08
"""Share of a device's memory for the driver, the libraries' buffers and the gaps between blocks."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """`gpus` devices of `memory` bytes and `flops` FLOP/s in bf16, used to the share `mfu`; `price` is for one device and hour."""

    gpus: int
    memory: float
    flops: float = 312e12
    mfu: float = 0.45
    price: float = 0.0

    def __post_init__(self) -> None:
        if self.gpus < 1:
            raise BadConfig(f"--gpus is {self.gpus}; it must be at least 1")
        if not 1e9 <= self.memory < math.inf:
            raise BadConfig(f"--gpu-memory is {self.memory:g} bytes; allowed: 1GB and more")
        if not 0 < self.flops < math.inf:
            raise BadConfig(f"--gpu-tflops is {self.flops / 1e12:g}; it must be a number above 0")
        if not 0 < self.mfu <= 1:
            raise BadConfig(f"--mfu is {self.mfu}; allowed: above 0, up to 1")
        if not 0 <= self.price < math.inf:
            raise BadConfig(f"--price is {self.price}; allowed: 0 and more")


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout and what it needs. `memory`: part -> bytes on one device. `reason` says why this layout, or why none fits."""

    parallel: ParallelConfig
    micro_batch: int
    memory: Mapping[str, float]
    fits: bool
    reason: str
    tokens_per_second: float
    seconds: float
    gpu_hours: float
    cost: float

    @property
    def total(self) -> float:
        """Bytes on one device."""
        return sum(self.memory.values())

    @property
    def layout(self) -> str:
        """The layout in words, by the names of its keys in a run file."""
        copies = f", replicate {self.parallel.replicate}" if self.parallel.replicate > 1 else ""
        again = "computed again" if self.parallel.checkpoint_activations else "kept"
        return f"tensor {self.parallel.tensor}{copies}, micro_batch {self.micro_batch}, activations {again}"


def plan_as_given(model: ModelConfig, training: TrainingConfig, tokens: int, cluster: Cluster) -> Plan:
    """What the layout and micro-batch of the run file need; `reason` says why not where it does not divide the work or fit."""
    parallel, micro, usable = training.parallel, training.micro_batch, cluster.memory * (1 - RESERVED)
    parts = memory(model, training, max(cluster.gpus, parallel.tensor * parallel.replicate))
    total = sum(parts.values())
    fits = False
    if cluster.gpus % (parallel.tensor * parallel.replicate):
        reason = f"tensor x replicate is {parallel.tensor * parallel.replicate}, which does not divide {cluster.gpus} devices"
    elif model.n_heads % parallel.tensor:
        reason = f"tensor is {parallel.tensor}, which does not divide {model.n_heads} heads"
    elif (training.batch_windows // micro) % (cluster.gpus // parallel.tensor):
        n_micro, n_data = training.batch_windows // micro, cluster.gpus // parallel.tensor
        reason = f"{n_data} devices read different windows, which does not divide the batch's {n_micro} micro-batches"
    else:
        fits = total <= usable
        reason = f"{total / 1e9:,.1f} of {usable / 1e9:,.1f} usable GB"
    return _timed(model, training, tokens, cluster, (parallel, micro, parts), fits, reason)


def make_plan(model: ModelConfig, training: TrainingConfig, tokens: int, cluster: Cluster) -> Plan:
    """The layout with the least communication and the least computed twice that fits; the tightest one where none does.

    Tried in this order: whole layers on each device before split ones, activations kept before computed again, the largest
    micro-batch first. Raises BadConfig where no layout divides the batch.
    """
    usable = cluster.memory * (1 - RESERVED)
    tightest: tuple[float, ParallelConfig, int, dict[str, float]] | None = None
    for parallel, micro in _layouts(model, training, cluster.gpus):
        parts = memory(model, replace(training, micro_batch=micro, parallel=parallel), cluster.gpus)
        total = sum(parts.values())
        if total <= usable:
            reason = _why(parallel, micro, total, usable)
            return _timed(model, training, tokens, cluster, (parallel, micro, parts), True, reason)
        if tightest is None or total < tightest[0]:
            tightest = (total, parallel, micro, parts)
    if tightest is None:
        raise BadConfig(
            f"training.batch_tokens is {training.batch_tokens}, {training.batch_windows} windows; no layout of {cluster.gpus} "
            "devices divides them. Choose a number of devices that does."
        )
    total, parallel, micro, parts = tightest
    reason = f"no layout fits: the tightest needs {total / 1e9:,.1f} GB, {usable / 1e9:,.1f} GB of a device can be used"
    return _timed(model, training, tokens, cluster, (parallel, micro, parts), False, reason)


def memory(model: ModelConfig, training: TrainingConfig, ranks: int = 1, kind: str = "cuda") -> dict[str, float]:
    """Part -> bytes at the peak of a step on one device of this kind, "cuda" or "cpu"."""
    parallel, width = training.parallel, _WIDTHS[training.precision]
    tables = (model.vocab_size + model.max_seq_len + 2) * model.d_model
    layers = (model.n_parameters - tables) / parallel.tensor
    n_shards = ranks // (parallel.tensor * parallel.replicate)
    own = (layers + tables) / n_shards
    one_layer = layers / model.n_layers
    head = model.vocab_size * model.d_model
    if ranks == 1:  # autocast keeps the weights it has cast; the head's gradient stands beside its accumulator
        gathered = (layers * width if width < 4 else 0) + head * (width if width < 4 else 0) + 4.0 * head
    else:  # two layers gathered, one gradient being reduced; the tables from the first layer to the last
        gathered = one_layer * (3 * width + 4) + tables * 2.0 * width + 4.0 * head
    logits = _head(model, training.micro_batch * training.seq_len, width, CHUNK_TOKENS[kind])
    return {
        "weights": 4 * own,
        "gradients": 4 * own,
        "optimizer": 8 * own,
        "gathered weights": gathered,
        "activations": activations(model, training, logits),
        "logits": logits,
        "workspace": WORKSPACE,
    }


def activations(model: ModelConfig, training: TrainingConfig, logits: float = 0.0) -> float:
    """Bytes that all layers keep for the gradient of one micro-batch, on one device. A layer that is computed again takes the place
    that the `logits` have left by then."""
    tokens = training.micro_batch * training.seq_len
    layer = _layer_bytes_per_token(model, training)
    if training.parallel.checkpoint_activations:
        return tokens * model.n_layers * 4.0 * model.d_model + max(0.0, tokens * layer - logits)
    return tokens * model.n_layers * layer


def inference_memory(model: ModelConfig, context: int, rows: int = 1) -> dict[str, float]:
    """Precision of the weights -> bytes for them and for the keys and values (fp16) of `rows` texts of `context` tokens.
    int8 is what `model/quantize.py` stores: a scale of four bytes for each row of a matrix, the rest in float32; int4 what other
    engines keep, a scale of two bytes for 64 weights."""
    d, f, n = model.d_model, model.d_ff, model.n_parameters
    n_rows = model.vocab_size + model.max_seq_len + POSITION_OFFSET + model.n_layers * (5 * d + f)
    in_matrices = (model.vocab_size + model.max_seq_len + POSITION_OFFSET) * d + model.n_layers * (
        4 * d * d + 2 * d * f
    )
    weights = {"fp16": 2.0 * n, "int8": in_matrices + 4.0 * (n_rows + n - in_matrices), "int4": n * (0.5 + 2 / 64)}
    cache = 2.0 * 2 * model.n_layers * d * context * rows
    return {name: size + cache for name, size in weights.items()}


def _layer_bytes_per_token(model: ModelConfig, training: TrainingConfig) -> float:
    """The two norms' inputs stay in float32 where the residual stream does; their outputs, q k v, what attention gathered and the
    two sides of the GELU stay in the width of the products. A dropped branch keeps its mask, a byte an element."""
    d, f, width, split = model.d_model, model.d_ff, _WIDTHS[training.precision], training.parallel.tensor
    whole = 2 * 4 * d + 2 * width * d
    shared = (3 * width * d + width * d + 4 * model.n_heads + 2 * width * f) / split
    masks = 2 * d if model.dropout else 0
    return whole + shared + masks


def _head(model: ModelConfig, tokens: int, width: int, chunk: int) -> float:
    """Final activations and their gradient, one chunk of logits with its exact copy, and the product that a chunk adds."""
    exact = 4.0 if width < 4 else 0.0
    products = min(tokens, chunk) * model.vocab_size * (width + exact) + width * model.vocab_size * model.d_model
    return tokens * model.d_model * (2 * width + 8.0) + products


def _layouts(model: ModelConfig, training: TrainingConfig, gpus: int) -> Sequence[tuple[ParallelConfig, int]]:
    found = []
    sizes = [size for size in (1, 2, 4, _NODE) if gpus % size == 0 and model.n_heads % size == 0]
    for tensor in sizes:
        n_data = gpus // tensor
        if training.batch_windows % n_data:
            continue
        share = training.batch_windows // n_data
        micros = [m for m in range(min(share, 64), 0, -1) if share % m == 0]
        for again in (False, True):
            found += [(ParallelConfig(tensor, 1, again), micro) for micro in micros]
    return found


def _why(parallel: ParallelConfig, micro: int, total: float, usable: float) -> str:
    said = [f"{total / 1e9:,.1f} of {usable / 1e9:,.1f} usable GB"]
    said.append(
        "layers whole on each device"
        if parallel.tensor == 1
        else f"layers split over {parallel.tensor} devices of a node, as no layout of whole layers fits"
    )
    said.append(
        "activations computed again, as they do not fit" if parallel.checkpoint_activations else "activations kept"
    )
    return f"{'; '.join(said)}; {micro} windows at a time are the most that fit and divide the batch"


def _timed(
    model: ModelConfig,
    training: TrainingConfig,
    tokens: int,
    cluster: Cluster,
    layout: tuple[ParallelConfig, int, dict[str, float]],
    fits: bool,
    reason: str,
) -> Plan:
    rate = cluster.gpus * cluster.flops * cluster.mfu / flops_per_token(model, training.seq_len)
    hours = cluster.gpus * tokens / rate / 3600
    return Plan(*layout, fits, reason, rate, tokens / rate, hours, hours * cluster.price)
