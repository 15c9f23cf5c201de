"""A model on the ranks of a run: sharded weights (FSDP2), matrices split inside a node, activations computed again.

The only file that knows torch.distributed but checkpoint.py. One process without `torchrun` is a run of one rank that needs no
process group.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch._C._distributed_c10d import PrefixStore
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import _CHECKPOINT_PREFIX, checkpoint_wrapper
from torch.distributed.checkpoint.state_dict import get_model_state_dict
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.rendezvous import rendezvous
from torch.distributed.tensor import DTensor, Replicate, Shard
from torch.distributed.tensor.parallel import ColwiseParallel, ParallelStyle, RowwiseParallel, parallelize_module
from torch.distributed.tensor.placement_types import _StridedShard

from galactica.errors import BadConfig
from galactica.training.config import ParallelConfig
from galactica.training.loss import LossModel

_SPLIT: dict[str, Callable[[], ParallelStyle]] = {
    "attention.qkv": ColwiseParallel,
    "attention.out": RowwiseParallel,
    "up": ColwiseParallel,
    "down": RowwiseParallel,
}
"""Whole heads and whole columns of the feed-forward layer: one sum over the ranks after each of the two branches."""


@dataclass(frozen=True)
class Layout:
    """Where this process stands. `n_data` ranks read different windows; the ranks of one tensor group read the same ones."""

    device: torch.device
    rank: int = 0
    n_ranks: int = 1
    data_rank: int = 0
    n_data: int = 1
    mesh: DeviceMesh | None = None

    @property
    def is_first(self) -> bool:
        """Whether this process writes what is written once."""
        return self.rank == 0

    def sum(self, value: Tensor) -> Tensor:
        """The sum of a value over the ranks that read different windows; a tensor of its own, bit for bit the same on all ranks."""
        total = value.detach().clone()
        if self.mesh is not None and self.n_data > 1:
            for name in ("replicate", "shard"):
                dist.all_reduce(total, group=self.mesh.get_group(name))
        return self.same(total)

    def same(self, value: Tensor) -> Tensor:
        """What the first rank has: a sum may be rounded otherwise on another."""
        if self.mesh is not None:
            dist.broadcast(value, 0)
        return value

    def agree(self, flag: bool) -> bool:
        """What the first rank says, so that all stop at the same step."""
        if self.mesh is None:
            return flag
        said = torch.tensor(int(flag), device=self.device)
        dist.broadcast(said, 0)
        return bool(said)

    def any(self, flag: bool) -> bool:
        """Whether it is so on one rank or more: a cluster may tell one node alone to stop."""
        if self.mesh is None:
            return flag
        said = torch.tensor(int(flag), device=self.device)
        dist.all_reduce(said, dist.ReduceOp.MAX)
        return bool(said)

    def wait(self) -> None:
        """Until every rank is here."""
        if self.mesh is not None:
            dist.barrier()


def join(config: ParallelConfig) -> Layout:
    """The layout of this process: that of `torchrun`, where it was started by it, else a single one.

    Raises BadConfig where the number of ranks is not a multiple of `tensor * replicate`.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ and "WORLD_SIZE" not in os.environ:
        if config.tensor * config.replicate > 1:
            raise BadConfig(
                f"training.parallel asks for {config.tensor * config.replicate} ranks and this is one process; "
                "start it with torchrun --nproc-per-node N"
            )
        return Layout(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    n_ranks, inner = int(os.environ["WORLD_SIZE"]), config.tensor * config.replicate
    if n_ranks % inner:
        raise BadConfig(
            f"{n_ranks} ranks were started; training.parallel.tensor x replicate = {inner} must divide their number"
        )
    device = torch.device(kind, int(os.environ.get("LOCAL_RANK", "0"))) if kind == "cuda" else torch.device(kind)
    if kind == "cuda":
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        _meet("cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo")
    shape = (config.replicate, n_ranks // inner, config.tensor)
    mesh = init_device_mesh(kind, shape, mesh_dim_names=("replicate", "shard", "tensor"))
    replica, part = mesh.get_local_rank("replicate"), mesh.get_local_rank("shard")
    return Layout(device, dist.get_rank(), n_ranks, replica * shape[1] + part, shape[0] * shape[1], mesh)


def _meet(backend: str) -> None:
    """Join the ranks' process group. torchrun keeps its store when it starts the ranks again: each attempt has keys of its own, or
    a rank would call at the addresses of those that died."""
    store, rank, n_ranks = next(rendezvous("env://"))
    attempt = PrefixStore(f"attempt {os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)
    dist.init_process_group(backend, store=attempt, rank=rank, world_size=n_ranks)


def leave() -> None:
    """End the process group, where there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def apply(
    model: LossModel, layout: Layout, config: ParallelConfig, *, compile_blocks: bool, precision: torch.dtype
) -> None:
    """Lay the model over the ranks, in place: split matrices, wrap activations, compile each layer, shard the weights."""
    transformer = model.transformer
    if layout.mesh is not None and config.tensor > 1:
        _require_whole_heads(transformer.config.n_heads, config.tensor)
        for block in transformer.blocks:
            parallelize_module(block, layout.mesh["tensor"], {name: style() for name, style in _SPLIT.items()})
    if config.checkpoint_activations:
        for index, block in enumerate(transformer.blocks):
            transformer.blocks[index] = checkpoint_wrapper(block)
    if compile_blocks:
        for block in transformer.blocks:
            block.compile()
    if layout.mesh is None:
        return
    mesh = layout.mesh["replicate", "shard"] if config.replicate > 1 else layout.mesh["shard"]
    policy = MixedPrecisionPolicy(
        param_dtype=precision if precision != torch.float32 else None, reduce_dtype=torch.float32
    )
    for block in transformer.blocks:
        fully_shard(block, mesh=mesh, mp_policy=policy)
    fully_shard(model, mesh=mesh, mp_policy=policy)


@torch.no_grad()
def fill(model: nn.Module, weights: Iterable[tuple[str, Tensor]]) -> None:
    """Set a laid-out model's weights from whole ones, given by name one at a time: each rank keeps its part."""
    parameters = {_plain_name(name): parameter for name, parameter in model.named_parameters()}
    for name, value in weights:
        parameter = parameters[name]
        if isinstance(parameter, DTensor):
            parameter.to_local().copy_(_own_part(value, parameter))
        else:
            parameter.copy_(value)


def _plain_name(name: str) -> str:
    """A parameter's name without what the wrapper around a layer adds."""
    return name.replace(_CHECKPOINT_PREFIX, "")


def _own_part(whole: Tensor, parameter: DTensor) -> Tensor:
    """What this rank holds of a tensor laid out as `parameter`. A matrix is split over the tensor ranks, the mesh's last axis,
    and each of its parts over the others."""
    coordinate = parameter.device_mesh.get_coordinate()
    assert coordinate is not None
    for axis in reversed(range(parameter.device_mesh.ndim)):
        placement = parameter.placements[axis]
        if isinstance(placement, Replicate):
            continue
        assert isinstance(placement, Shard | _StridedShard)
        parts = whole.chunk(parameter.device_mesh.size(axis), placement.dim)
        place = coordinate[axis]
        whole = parts[place] if place < len(parts) else whole.narrow(placement.dim, 0, 0)
    return whole


def gathered(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Name and value of each weight, whole, gathered when it is asked for: one is held at a time. Every rank must ask for all."""
    for name, value in get_model_state_dict(model).items():
        assert isinstance(value, Tensor)
        yield name, _whole(value.detach())


def gradient_norm(parameters: Iterable[nn.Parameter]) -> Tensor:
    """The global 2-norm of the gradients, wherever their parts lie; a plain tensor, the same on every rank."""
    by_place: dict[object, list[Tensor]] = {}
    for parameter in parameters:
        if parameter.grad is not None:
            place = (
                (parameter.grad.device_mesh, parameter.grad.placements) if isinstance(parameter.grad, DTensor) else None
            )
            by_place.setdefault(place, []).append(parameter.grad)
    norms = [_whole(nn.utils.get_total_norm(gradients)) for gradients in by_place.values()]
    norm: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    return norm


def scale_gradients(parameters: Iterable[nn.Parameter], factor: Tensor) -> None:
    """Multiply every gradient."""
    for parameter in parameters:
        if parameter.grad is not None:
            local = parameter.grad.to_local() if isinstance(parameter.grad, DTensor) else parameter.grad
            local.mul_(factor)


def _whole(value: Tensor) -> Tensor:
    return value.full_tensor() if isinstance(value, DTensor) else value


def _require_whole_heads(n_heads: int, n_tensor: int) -> None:
    if n_heads % n_tensor:
        raise BadConfig(f"training.parallel.tensor is {n_tensor}; it must divide the model's {n_heads} heads")
