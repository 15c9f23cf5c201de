"""OPT-layout folders against the `transformers` library: read, written, damaged, hostile."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import OPTConfig, OPTForCausalLM

from galactica.errors import BadCheckpoint, BadInput
from galactica.model.config import ModelConfig
from galactica.model.convert import load_checkpoint, save_checkpoint
from galactica.model.kv_cache import KVCache
from galactica.model.transformer import Transformer

FLAGS = [(bias, affine) for bias in (False, True) for affine in (False, True)]
IDS = torch.randint(3, 120, (3, 24), generator=torch.Generator().manual_seed(0))


def _peer(bias: bool = True, affine: bool = True) -> OPTForCausalLM:
    """A random OPT whose biases, norms and positions all matter: a swapped or lost one changes the logits by far more than 1e-4."""
    torch.manual_seed(7)
    config = OPTConfig(
        vocab_size=120,
        hidden_size=32,
        ffn_dim=80,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=48,
        word_embed_proj_dim=32,
        activation_function="gelu",
        do_layer_norm_before=True,
        enable_bias=bias,
        layer_norm_elementwise_affine=affine,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
    )
    model = OPTForCausalLM(config)
    for name, parameter in model.named_parameters():
        torch.nn.init.normal_(parameter, mean=1.0 if "norm.weight" in name else 0.0, std=0.3)
    return model.eval()


def _state(model: OPTForCausalLM, prefix: str = "model.") -> dict[str, torch.Tensor]:
    state = {name: tensor.clone() for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    return {prefix + name.removeprefix("model."): tensor for name, tensor in state.items()}


def _write_bin(model: OPTForCausalLM, folder: Path, state: dict[str, torch.Tensor], n_shards: int) -> None:
    """`pytorch_model.bin`, or shards and their index as `transformers` 4 wrote them (5 writes safetensors alone)."""
    model.config.save_pretrained(folder)
    if n_shards == 1:
        torch.save(state, folder / "pytorch_model.bin")
        return
    names = sorted(state)
    weight_map = {}
    for number in range(n_shards):
        file = f"pytorch_model-{number + 1:05d}-of-{n_shards:05d}.bin"
        part = names[number::n_shards]
        torch.save({name: state[name] for name in part}, folder / file)
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))


def _write(model: OPTForCausalLM, folder: Path, form: str) -> None:
    folder.mkdir()
    if form == "safetensors":
        model.save_pretrained(folder)
        assert (folder / "model.safetensors").exists()
    elif form == "sharded safetensors":
        model.save_pretrained(folder, max_shard_size="20KB")
        assert len(list(folder.glob("*.safetensors"))) > 2
    elif form == "bin":
        _write_bin(model, folder, _state(model), 1)
    elif form == "sharded bin":
        _write_bin(model, folder, _state(model), 3)
    elif form == "bin, old keys":
        _write_bin(model, folder, _state(model, ""), 2)
    elif form == "bin, oldest format, with head":
        state = _state(model, "") | {"lm_head.weight": model.lm_head.weight.detach()}
        model.config.save_pretrained(folder)
        torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    else:
        raise AssertionError(form)


FORMS = ["safetensors", "sharded safetensors", "bin", "sharded bin", "bin, old keys", "bin, oldest format, with head"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("bias", "affine"), FLAGS)
@torch.inference_mode()
def test_logits_equal_transformers(tmp_path: Path, bias: bool, affine: bool, form: str) -> None:
    """Red if a name is mapped wrongly, the heads are joined in another order, positions start elsewhere, GELU is the tanh one."""
    peer = _peer(bias, affine)
    _write(peer, tmp_path / "peer", form)
    model, config = load_checkpoint(tmp_path / "peer")
    assert (config.bias, config.layer_norm_affine, config.d_ff) == (bias, affine, 80)
    assert not model.training
    expected = peer(IDS).logits
    assert expected.std() > 0.5
    assert (model(IDS) - expected).abs().max() <= 1e-4
    cache = KVCache(config, 3, 24)
    cached = torch.cat([model(piece, cache=cache) for piece in IDS.split([10, 1, 1, 8, 4], dim=1)], 1)
    assert (cached - expected).abs().max() <= 1e-4


@pytest.mark.parametrize(("bias", "affine"), FLAGS)
@torch.inference_mode()
def test_padded_logits_and_greedy_tokens_equal_transformers(tmp_path: Path, bias: bool, affine: bool) -> None:
    peer = _peer(bias, affine)
    _write(peer, tmp_path / "peer", "safetensors")
    model, config = load_checkpoint(tmp_path / "peer")
    starts = torch.tensor([0, 5, 11])
    ids = IDS[:, :12].clone()
    seen = torch.arange(12) >= starts[:, None]
    ids[~seen] = 1
    expected = peer(ids, attention_mask=seen.long()).logits
    cache = KVCache(config, 3, 40, starts_B=starts)
    logits = model(ids, cache=cache)
    assert (logits - expected)[seen].abs().max() <= 1e-4
    written = peer.generate(
        ids, attention_mask=seen.long(), max_new_tokens=24, min_new_tokens=24, do_sample=False, eos_token_id=None
    )
    tokens = []
    for _ in range(24):
        tokens.append(logits[:, -1].argmax(-1, keepdim=True))
        logits = model(tokens[-1], cache=cache)
    assert torch.equal(torch.cat(tokens, 1), written[:, 12:])


def _random(bias: bool, affine: bool) -> Transformer:
    torch.manual_seed(3)
    model = Transformer(ModelConfig(120, 32, 3, 4, 80, 48, bias=bias, layer_norm_affine=affine))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


@pytest.mark.parametrize("unit_norms", [False, True])
@pytest.mark.parametrize(("bias", "affine"), FLAGS)
@torch.inference_mode()
def test_export_loads_in_transformers(tmp_path: Path, bias: bool, affine: bool, unit_norms: bool) -> None:
    """Red if the export's names, flags or the unit norms are not those another reader expects."""
    model = _random(bias, affine)
    save_checkpoint(model, tmp_path / "out", bos_id=0, pad_id=1, eos_id=2, unit_norms=unit_norms)
    peer, info = OPTForCausalLM.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    assert peer.config.layer_norm_elementwise_affine == (affine or unit_norms)
    assert peer.config.enable_bias == (bias or unit_norms)
    assert (peer.eval()(IDS).logits - model(IDS)).abs().max() <= 1e-4
    again, config = load_checkpoint(tmp_path / "out")
    assert config.layer_norm_affine == (affine or unit_norms)
    torch.testing.assert_close(again(IDS), model(IDS), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("bias", "affine"), FLAGS)
def test_export_gives_the_same_files_back(tmp_path: Path, bias: bool, affine: bool) -> None:
    """Read and written again, every tensor of another's checkpoint is bit for bit the same: position rows 0 and 1 too."""
    peer = _peer(bias, affine)
    _write(peer, tmp_path / "peer", "safetensors")
    model, _ = load_checkpoint(tmp_path / "peer")
    save_checkpoint(model, tmp_path / "out", bos_id=0, pad_id=1, eos_id=2, max_shard_bytes=9000)
    shards = sorted((tmp_path / "out").glob("*.safetensors"))
    assert len(shards) > 2
    assert all(path.stat().st_size < 9000 + 3000 for path in shards if path != shards[0])
    written: dict[str, torch.Tensor] = {}
    for path in shards:
        written |= load_file(path)
    original = load_file(tmp_path / "peer" / "model.safetensors")
    assert written.keys() == original.keys()
    assert all(torch.equal(written[name], original[name]) for name in original)
    loaded, _ = load_checkpoint(tmp_path / "out")
    assert all(torch.equal(a, b) for a, b in zip(loaded.parameters(), model.parameters(), strict=True))


@torch.inference_mode()
def test_stored_and_loaded_dtypes_are_independent(tmp_path: Path) -> None:
    """Red if the files' dtype decides: bf16 files load as fp32 with bf16's values, fp32 files as bf16."""
    model = _random(False, False)
    ids = {"bos_id": 0, "pad_id": 1, "eos_id": 2}
    save_checkpoint(model, tmp_path / "half", dtype=torch.bfloat16, **ids)
    assert {tensor.dtype for tensor in load_file(tmp_path / "half/model.safetensors").values()} == {torch.bfloat16}
    widened, _ = load_checkpoint(tmp_path / "half")
    for ours, original in zip(widened.parameters(), model.parameters(), strict=True):
        assert torch.equal(ours, original.bfloat16().float())
    assert OPTForCausalLM.from_pretrained(tmp_path / "half", dtype="auto").dtype == torch.bfloat16
    save_checkpoint(model, tmp_path / "full", **ids)
    for dtype in (torch.bfloat16, torch.float16):
        low, config = load_checkpoint(tmp_path / "full", dtype)
        assert {parameter.dtype for parameter in low.parameters()} == {dtype}
        logits = low(IDS, cache=KVCache(config, 3, dtype=dtype))
        assert (logits.float() - model(IDS)).abs().max() < 0.05 * model(IDS).abs().max()


def test_weights_have_the_mode_of_the_rest(tmp_path: Path) -> None:
    save_checkpoint(_random(False, False), tmp_path / "out", bos_id=0, pad_id=1, eos_id=2)
    assert len({path.stat().st_mode for path in (tmp_path / "out").iterdir()}) == 1


def test_writing_replaces_a_checkpoint_and_nothing_else(tmp_path: Path) -> None:
    model, ids = _random(False, False), {"bos_id": 0, "pad_id": 1, "eos_id": 2}
    (tmp_path / "tokenizer").mkdir()
    (tmp_path / "tokenizer/tokenizer.json").write_text("{}")
    save_checkpoint(model, tmp_path / "out", tokenizer_folder=tmp_path / "tokenizer", **ids)
    assert (tmp_path / "out/tokenizer.json").read_text() == "{}"
    save_checkpoint(model, tmp_path / "out", tokenizer_folder=tmp_path / "out", dtype=torch.float16, **ids)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    ]
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.tex").write_text("years")
    with pytest.raises(BadInput, match="no checkpoint"):
        save_checkpoint(model, tmp_path / "home", **ids)
    assert (tmp_path / "home/thesis.tex").read_text() == "years"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


# Damage and malice: each refused with one line that names the file.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(_peer(), tmp_path / "peer", "safetensors")
    return tmp_path / "peer"


def _edit_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    tree = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in tree.items() if value is not ...}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "gpt2"}, "model_type is 'gpt2'"),
        ({"activation_function": "relu"}, "activation_function is 'relu'"),
        ({"activation_function": ...}, "activation_function is 'relu'"),
        ({"activation_function": "gelu_new"}, "gelu_new"),
        ({"do_layer_norm_before": False}, "do_layer_norm_before is False"),
        ({"_remove_final_layer_norm": True}, "_remove_final_layer_norm is True"),
        ({"word_embed_proj_dim": 16}, "word_embed_proj_dim is 16"),
        ({"hidden_size": ...}, "hidden_size is None"),
        ({"hidden_size": "32"}, "hidden_size is '32'"),
        ({"hidden_size": 32.5, "word_embed_proj_dim": 32.5}, r"d_model is 32\.5"),
        ({"num_attention_heads": 5}, "not a multiple of n_heads"),
        ({"num_hidden_layers": 10**12}, "too few"),
        ({"num_hidden_layers": 2}, "unexpected: decoder.layers.2"),
        ({"num_hidden_layers": 4}, "missing: decoder.layers.3"),
        ({"vocab_size": 10**15}, r"wrong shape: decoder.embed_tokens.weight \(120, 32\) instead of"),
        ({"enable_bias": False}, "unexpected: .* and 15 more"),
        ({"enable_bias": "yes"}, "enable_bias is 'yes'"),
        ({"dropout": 2.0}, r"dropout is 2\.0"),
    ],
)
def test_config_that_is_not_this_model(folder: Path, changes: dict[str, Any], said: str) -> None:
    _edit_config(folder, **changes)
    with pytest.raises(BadCheckpoint, match=said):
        load_checkpoint(folder)


def test_absent_flags_mean_true(folder: Path) -> None:
    """The files of 2022 carry no flags; `transformers` reads them as true."""
    _edit_config(folder, enable_bias=..., layer_norm_elementwise_affine=..., word_embed_proj_dim=...)
    _, config = load_checkpoint(folder)
    assert config.bias
    assert config.layer_norm_affine


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_damaged_config(folder: Path, damage: bytes) -> None:
    (folder / "config.json").write_bytes(damage)
    with pytest.raises(BadCheckpoint, match=r"config\.json is damaged"):
        load_checkpoint(folder)


def test_missing_parts(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"'.*nowhere' is not a folder"):
        load_checkpoint(tmp_path / "nowhere")
    (folder / "model.safetensors").unlink()
    with pytest.raises(BadCheckpoint, match="holds no weights"):
        load_checkpoint(folder)
    (folder / "config.json").unlink()
    with pytest.raises(BadCheckpoint, match=r"holds no config\.json"):
        load_checkpoint(folder)


@pytest.mark.parametrize("form", ["safetensors", "bin", "sharded bin", "bin, oldest format, with head"])
@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.999, "garbage"])
def test_damaged_weights_are_named(tmp_path: Path, form: str, keep: float | str) -> None:
    _write(_peer(), tmp_path / "peer", form)
    path = sorted([*(tmp_path / "peer").glob("*.safetensors"), *(tmp_path / "peer").glob("*.bin")])[-1]
    data = path.read_bytes()
    path.write_bytes(os.urandom(len(data)) if isinstance(keep, str) else data[: int(len(data) * keep)])
    with pytest.raises(BadCheckpoint, match=path.name.replace(".", r"\.") + " is damaged"):
        load_checkpoint(tmp_path / "peer")


class _Payload:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path: Path, zipped: bool) -> None:
    """Red if weights_only is dropped, for either form of the file."""
    peer = _peer()
    peer.config.save_pretrained(tmp_path)
    state = _state(peer) | {"extra": _Payload(tmp_path / "owned")}
    torch.save(state, tmp_path / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    with pytest.raises(BadCheckpoint, match="more than tensors; nothing in it was run"):
        load_checkpoint(tmp_path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("state", [{"model": {"a": torch.ones(2)}}, [torch.ones(2)], {"step": 3}])
def test_pickle_of_another_form(tmp_path: Path, state: Any) -> None:
    _peer().config.save_pretrained(tmp_path)
    torch.save(state, tmp_path / "pytorch_model.bin")
    with pytest.raises(BadCheckpoint, match="not a table of tensors"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("weight_map", "said"),
    [
        ({"a": "../../secret.bin"}, "not a .bin file beside it"),
        ({"a": "/etc/passwd"}, "not a .bin file beside it"),
        ({"a": "x.safetensors"}, "not a .bin file beside it"),
        ({"a": "pytorch_model-00002-of-00002.bin"}, "00002.bin is missing"),
        ({"a": 3}, "no weight_map"),
        ({}, "no weight_map"),
        (None, "no weight_map"),
    ],
)
def test_bad_index(tmp_path: Path, weight_map: Any, said: str) -> None:
    _peer().config.save_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(BadCheckpoint, match=said):
        load_checkpoint(tmp_path)


def test_tensors_that_do_not_fit(folder: Path) -> None:
    path = folder / "model.safetensors"
    good = load_file(path)
    name = "model.decoder.layers.1.self_attn.k_proj.weight"

    def refused(change: dict[str, torch.Tensor | None], said: str) -> None:
        tensors = {key: tensor for key, tensor in {**good, **change}.items() if tensor is not None}
        save_file(tensors, path)
        with pytest.raises(BadCheckpoint, match=said):
            load_checkpoint(folder)

    refused({name: None}, "missing: decoder.layers.1.self_attn.k_proj.weight")
    refused({name: torch.ones(32, 31)}, r"k_proj.weight \(32, 31\) instead of \(32, 32\)")
    refused({name: torch.ones(32, 32, dtype=torch.int8)}, r"k_proj.weight is torch\.int8")
    refused({"model.decoder.project_in.weight": torch.ones(2)}, "unexpected: decoder.project_in.weight")
    refused({"decoder.embed_tokens.weight": torch.ones(2)}, "embed_tokens.weight is there twice")
    refused({"lm_head.weight": torch.ones(120, 32)}, "lm_head.weight differs")
    save_file(good | {"lm_head.weight": good["model.decoder.embed_tokens.weight"].clone()}, path)
    load_checkpoint(folder)


def test_links_into_a_store_are_followed(folder: Path, tmp_path: Path) -> None:
    """The hub's cache holds folders of symbolic links."""
    (tmp_path / "links").mkdir()
    for path in folder.iterdir():
        (tmp_path / "links" / path.name).symlink_to(path)
    load_checkpoint(tmp_path / "links")
    shutil.rmtree(tmp_path / "links")


def _int8(tmp_path: Path, **flags: bool) -> tuple[Transformer, Path]:
    config = ModelConfig(120, 32, 2, 4, max_seq_len=48, dropout=0.0, attention_dropout=0.0, **flags)
    torch.manual_seed(3)
    model = Transformer(config).eval()
    save_checkpoint(model, tmp_path / "int8", bos_id=0, pad_id=1, eos_id=2, dtype=torch.int8)
    return model, tmp_path / "int8"


@pytest.mark.parametrize("affine", [False, True])
def test_int8_keeps_each_weight_within_half_a_step(tmp_path: Path, affine: bool) -> None:
    """Red by: a scale for the matrix instead of each row, truncation instead of rounding, scales of another matrix."""
    model, folder = _int8(tmp_path, bias=affine, layer_norm_affine=affine)
    with torch.no_grad():
        model.blocks[0].up.weight[5] *= 1000  # a row of its own scale
        model.blocks[1].down.weight[3] = 0
    save_checkpoint(model, folder, bos_id=0, pad_id=1, eos_id=2, dtype=torch.int8)
    loaded, _ = load_checkpoint(folder)
    for (name, ours), theirs in zip(model.named_parameters(), loaded.parameters(), strict=True):
        if ours.ndim == 2:
            step = ours.abs().amax(1, keepdim=True) / 127
            assert ((ours - theirs).abs() <= 0.5001 * step).all(), name
        else:
            assert torch.equal(ours, theirs), name
    stored = load_file(folder / "model.int8.safetensors")
    save_checkpoint(model, tmp_path / "shards", bos_id=0, pad_id=1, eos_id=2, dtype=torch.int8, max_shard_bytes=5000)
    assert len(list((tmp_path / "shards").glob("model.int8-*.safetensors"))) > 2
    for ours, theirs in zip(loaded.parameters(), load_checkpoint(tmp_path / "shards")[0].parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert sum(tensor.nbytes for tensor in stored.values()) < 1.2 * sum(p.numel() for p in model.parameters())


def test_transformers_does_not_load_int8(tmp_path: Path) -> None:
    """Steps taken for weights would be a model that talks nonsense without a word of warning."""
    _, folder = _int8(tmp_path)
    with pytest.raises(OSError, match=r"model\.safetensors"):
        OPTForCausalLM.from_pretrained(folder)


def test_int8_with_scales_that_do_not_fit(tmp_path: Path) -> None:
    _, folder = _int8(tmp_path)
    tensors = load_file(folder / "model.int8.safetensors")
    name = "model.decoder.layers.0.fc1.weight"
    for changes, said in (
        ({name + "_scale": torch.ones(3)}, "does not hold a scale for each row"),
        ({name: tensors[name].float()}, "allowed: int8"),
    ):
        save_file(tensors | changes, folder / "model.int8.safetensors")
        with pytest.raises(BadCheckpoint, match=said):
            load_checkpoint(folder)
    save_file(
        {key: value for key, value in tensors.items() if key != name + "_scale"}, folder / "model.int8.safetensors"
    )
    with pytest.raises(BadCheckpoint, match="not a floating dtype"):
        load_checkpoint(folder)
