"""The shape of a model, and the published sizes. Source: Galactica paper (arXiv 2211.09085), table 5 and section 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from galactica.errors import BadConfig

POSITION_OFFSET = 2
"""Position 0 is row 2 of the position table, as in the released files; rows 0 and 1 are kept so that an export is exact."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The shape of a decoder. `bias` is about the dense layers; `layer_norm_affine` gives each layer norm a weight and a
    bias of its own. The paper has neither, released files may have either: all four combinations are models."""

    vocab_size: int
    d_model: int
    n_layers: int
    n_heads: int
    d_ff: int = None  # type: ignore[assignment]  # None becomes 4 * d_model below, so that readers see an int
    max_seq_len: int = 2048
    dropout: float = 0.1
    attention_dropout: float = 0.1
    bias: bool = False
    layer_norm_affine: bool = False

    def __post_init__(self) -> None:
        for name in ("vocab_size", "d_model", "n_layers", "n_heads", "max_seq_len"):
            _require_positive(name, getattr(self, name))
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", 4 * self.d_model)  # type: ignore[unreachable]
        _require_positive("d_ff", self.d_ff)
        if self.d_model % self.n_heads:
            raise BadConfig(f"d_model is {self.d_model}, not a multiple of n_heads, {self.n_heads}.")
        for name in ("dropout", "attention_dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise BadConfig(f"{name} is {getattr(self, name)!r}; allowed: 0.0 up to, not including, 1.0.")

    @property
    def d_head(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads

    @property
    def n_parameters(self) -> int:
        """Distinct parameters: the tied embedding counts once, the position table with its two extra rows."""
        d, f = self.d_model, self.d_ff
        tables = (self.vocab_size + self.max_seq_len + POSITION_OFFSET) * d
        layer = 4 * d * d + 2 * d * f + (5 * d + f if self.bias else 0)
        # Each norm holds weight and bias: two norms a layer, one at the end.
        norms = 2 * d * (2 * self.n_layers + 1) if self.layer_norm_affine else 0
        return tables + self.n_layers * layer + norms


def _require_positive(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadConfig(f"{name} is {value!r}; allowed: a whole number of at least 1.")


SIZES: Mapping[str, ModelConfig] = MappingProxyType(
    {
        "mini": ModelConfig(vocab_size=50_000, d_model=768, n_layers=12, n_heads=12),
        "base": ModelConfig(vocab_size=50_000, d_model=2048, n_layers=24, n_heads=32),
        "standard": ModelConfig(vocab_size=50_000, d_model=4096, n_layers=32, n_heads=32),
        "large": ModelConfig(vocab_size=50_000, d_model=7168, n_layers=48, n_heads=56),
        "huge": ModelConfig(vocab_size=50_000, d_model=10_240, n_layers=96, n_heads=80),
    }
)
"""The published sizes by name: 125 M, 1.3 B, 6.7 B, 30 B and 120 B parameters."""
