"""Low-rank adapters on the dense layers while a model is fine-tuned, merged into its weights afterwards (Hu et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from galactica.errors import BadConfig, missing_extra
from galactica.model.transformer import Transformer
from galactica.training.config import ParallelConfig

_LAYERS = ("qkv", "out", "up", "down")


@dataclass(frozen=True, slots=True)
class LoraConfig:
    """Each named dense layer W becomes W + alpha / rank * B A, with B and A of `rank` columns and rows; those alone move."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.0
    layers: tuple[str, ...] = _LAYERS

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise BadConfig(f"lora.rank is {self.rank}; it must be at least 1")
        if self.alpha <= 0:
            raise BadConfig(f"lora.alpha is {self.alpha}; it must be above 0")
        if not 0 <= self.dropout < 1:
            raise BadConfig(f"lora.dropout is {self.dropout}; allowed: 0 up to, not including, 1")
        unknown = [name for name in self.layers if name not in _LAYERS]
        if unknown or not self.layers:
            raise BadConfig(f"lora.layers is {list(self.layers)}; allowed: one or more of {', '.join(_LAYERS)}")


def insert(model: Transformer, config: LoraConfig, layout: ParallelConfig) -> None:
    """Put adapters on the model's layers, in place; everything else is frozen. Needs the extra `lora`."""
    if layout.tensor > 1:
        raise BadConfig("training.parallel.tensor splits matrices that lora would adapt; set it to 1 or leave lora out")
    try:
        from peft import LoraConfig as Adapter
        from peft import inject_adapter_in_model
    except ImportError:
        raise missing_extra("peft", "lora") from None
    adapter = Adapter(
        r=config.rank, lora_alpha=config.alpha, lora_dropout=config.dropout, target_modules=list(config.layers)
    )
    inject_adapter_in_model(adapter, model)


def merge(model: Transformer) -> None:
    """Add the adapters to the weights and take them off, in place: a plain model again."""
    from peft.tuners.lora.layer import LoraLayer

    adapted = [(name, module) for name, module in model.named_modules() if isinstance(module, LoraLayer)]
    for name, module in adapted:
        module.merge()
        parent, _, child = name.rpartition(".")
        base = module.get_base_layer()
        assert isinstance(base, nn.Linear)
        setattr(model.get_submodule(parent), child, base)
    model.requires_grad_(True)
