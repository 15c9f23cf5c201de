"""The compiled step against the model's own `hidden` and `head`, with and without wide registers, and without a compiler."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from galactica.errors import BadInput
from galactica.model import fused
from galactica.model.config import ModelConfig
from galactica.model.kv_cache import KVCache
from galactica.model.transformer import Transformer

CONFIG = ModelConfig(90, 64, 3, 4, max_seq_len=40)
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    fused.compiled.cache_clear()
    yield
    fused.compiled.cache_clear()


def model(config: ModelConfig, dtype: torch.dtype) -> Transformer:
    torch.manual_seed(0)
    made = Transformer(config).eval()
    with torch.no_grad():
        for parameter in made.parameters():  # also biases and norms, which begin as zeros and ones
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return made.to(dtype)


@torch.inference_mode()
def both(made: Transformer, rows: int, starts: list[int] | None, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Logits of the model and of its compiled step, token after token, behind a prompt of nine."""
    reference = copy.deepcopy(made)
    step = fused.fused_step(made)
    assert step is not None
    starts_B = None if starts is None else torch.tensor(starts)
    dtype = made.embedding.weight.dtype
    own, other = (KVCache(made.config, rows, 20, starts_B=starts_B, dtype=dtype) for _ in range(2))
    prompt = torch.randint(0, 90, (rows, 9))
    reference.hidden(prompt, cache=own)
    made.hidden(prompt, cache=other)
    for _ in range(steps):
        ids = torch.randint(0, 90, (rows,))
        yield reference.head(reference.hidden(ids[:, None], cache=own)[:, -1]).float(), step(ids, other)
        assert own.length == other.length


@needs_compiler
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize(("rows", "starts"), [(1, None), (3, [0, 4, 8]), (13, None)])
def test_logits_are_the_models(bias: bool, affine: bool, rows: int, starts: list[int] | None) -> None:
    """Red by a bias left out, a position that counts padding, heads in another order, a block of rows or vectors skipped."""
    config = ModelConfig(90, 64, 3, 4, max_seq_len=40, bias=bias, layer_norm_affine=affine)
    for expected, found in both(model(config, torch.float32), rows, starts, 4):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@needs_compiler
def test_bfloat16_is_as_near_to_float32_as_the_model_is() -> None:
    exact = model(CONFIG, torch.float32)
    rough = copy.deepcopy(exact).to(torch.bfloat16)
    torch.manual_seed(1)
    exact_logits = [expected for expected, _ in both(exact, 5, None, 4)]
    torch.manual_seed(1)
    for expected, (own, found) in zip(exact_logits, both(rough, 5, None, 4), strict=True):
        assert (found - expected).norm() < 1.1 * (own - expected).norm()
        assert (found - expected).norm() < 0.05 * expected.norm()


@needs_compiler
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_processor_without_wide_registers(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    baseline = {"x86_64": "-march=x86-64", "aarch64": "-march=armv8-a"}.get(os.uname().machine)
    if baseline is None:
        pytest.skip("no baseline known for this processor")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(fused, "_FLAGS", tuple(baseline if "-march" in flag else flag for flag in fused._FLAGS))
    close = {"rtol": 1e-4, "atol": 1e-4} if dtype == torch.float32 else {"rtol": 0.05, "atol": 0.2}
    for expected, found in both(model(CONFIG, dtype), 3, [0, 4, 8], 3):
        torch.testing.assert_close(found, expected, **close)
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".so"]  # and no beginnings


@pytest.mark.parametrize(
    "environment", [{"GALACTICA_KERNEL": "off"}, {"CXX": "false", "PATH": "/nowhere"}, {"CXX": "/bin/false"}]
)
def test_without_a_compiler_the_model_stays(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert fused.fused_step(model(CONFIG, torch.float32)) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_it_does_not_do() -> None:
    assert fused.fused_step(model(CONFIG, torch.float16)) is None
    columns = model(CONFIG, torch.float32)
    up = columns.blocks[0].up  # type: ignore[union-attr]
    up.weight.data = up.weight.data.T.contiguous().T  # type: ignore[union-attr,operator]
    assert fused.fused_step(columns) is None
    assert fused.fused_step(model(ModelConfig(90, 48, 1, 4, max_seq_len=40), torch.float32)) is None


@needs_compiler
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("bias", [False, True])
@torch.inference_mode()
def test_a_row_is_the_same_in_any_batch(dtype: torch.dtype, bias: bool) -> None:
    """Bit for bit: who else is answered changes no one's text. Red by `-fassociative-math`, with a bias."""
    config = ModelConfig(90, 64, 3, 4, max_seq_len=40, bias=bias)
    made = model(config, dtype)
    step = fused.fused_step(made)
    assert step is not None
    ids = torch.randint(0, 90, (7,))
    together = step(ids, KVCache(config, 7, dtype=dtype))
    for row in range(7):
        assert torch.equal(step(ids[row : row + 1], KVCache(config, 1, dtype=dtype))[0], together[row])


@needs_compiler
@torch.inference_mode()
def test_what_would_overwrite_memory_is_refused() -> None:
    step = fused.fused_step(model(CONFIG, torch.float32))
    assert step is not None
    for cache in (KVCache(CONFIG, 1), KVCache(CONFIG, 3, dtype=torch.bfloat16)):
        with pytest.raises(BadInput, match="must be the same"):
            step(torch.tensor([1, 2, 3]), cache)
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        assert step(torch.tensor([1, 2, 3]), KVCache(CONFIG, 3)).dtype == torch.float32
    finally:
        torch.set_default_dtype(default)


@needs_compiler
def test_a_damaged_library_is_built_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    script = "import torch; from galactica.model import fused; print(fused.compiled(torch.float32) is not None)"

    def is_there() -> bool:
        """In a process of its own: the system remembers what it has loaded by this name."""
        return subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "True"

    assert is_there()
    library = next(tmp_path.rglob("*.so"))
    library.write_bytes(b"")
    assert [is_there(), is_there()] == [False, True]
    library.chmod(0o666)  # another user may have written it
    written = library.stat().st_mtime_ns
    assert is_there()
    assert library.stat().st_mtime_ns > written


@needs_compiler
def test_threads_give_the_same_bits() -> None:
    """A row of a product is one thread's, whatever their number."""
    script = (
        "import sys, torch; torch.set_num_threads(int(sys.argv[1]));"
        "from galactica.model import fused; from galactica.model.config import ModelConfig;"
        "from galactica.model.kv_cache import KVCache; from galactica.model.transformer import Transformer;"
        "config = ModelConfig(90, 64, 3, 4, max_seq_len=40); torch.manual_seed(0); made = Transformer(config).eval();"
        "cache = KVCache(config, 2); step = fused.fused_step(made);"
        "[step(torch.tensor([5, 6]), cache) for _ in range(5)];"
        "print(step(torch.tensor([7, 8]), cache).sum(1).tolist())"
    )
    found = {subprocess.check_output([sys.executable, "-c", script, str(n)], text=True) for n in (1, 2, 3)}
    assert len(found) == 1
