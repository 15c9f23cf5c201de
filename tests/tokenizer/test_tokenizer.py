"""Laws of the tokenizer over arbitrary Unicode, on a tokenizer trained here and on one in the released form (NFKC)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica import markup
from galactica.errors import BadCheckpoint, BadConfig
from galactica.markup import Data
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.tokenizer.train import train

TEXT = (
    "The Transformer architecture (2017) uses attention == softmax(QK^T / \\sqrt{d}) and the rest of the world; "
    "proteins fold, molecules react: E = mc², 10⁻³ mol, naïve Bayes, der Zug fährt.\n\nfor i in range(10):\n    x += 1\n"
    "CCO CCN CC(=O)O MKVLLA GATTACA --- ==== ++ \n\n"
)


@pytest.fixture(scope="session")
def ours() -> Tokenizer:
    return train([TEXT] * 30, 600)


@pytest.fixture(scope="session")
def released_form(ours: Tokenizer) -> Tokenizer:
    """The same file with the released normaliser."""
    tree = json.loads(ours.definition)
    tree["normalizer"] = {"type": "NFKC"}
    return Tokenizer(json.dumps(tree))


@pytest.fixture(params=["ours", "released_form"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return request.getfixturevalue(request.param)


# Fragments that are likely to break a tokenizer, beside any Unicode at all.
SPELT = [markup.SPLIT_MARKER, markup.SPLIT_MARKER[:-1], markup.SPLIT_MARKER[3:], "[START_", "REF]", "==", "=+", "()"]
TRICKY = ["ＳＰＬ１Ｔ－ＴＨ１Ｓ－Ｐｌ３Ａ５Ｅ", "\u0301", "\u0338", "ﬁ", "10⁻³", "\ud800", "\n", " ", "½"]
nasty = st.sampled_from([*markup.SPECIAL_TOKENS, *SPELT, *TRICKY])
texts = st.lists(st.one_of(st.text(), nasty), max_size=8).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_round_trip(ours: Tokenizer, released_form: Tokenizer, text: str) -> None:
    for tokenizer in (ours, released_form):
        assert tokenizer.decode(tokenizer.encode(text)) == tokenizer.normalise(text)
        assert tokenizer.decode(tokenizer.encode(text, data=True)) == tokenizer.normalise(Data(text))


@settings(max_examples=300, deadline=None)
@given(text=texts)
def test_data_holds_no_control_token(ours: Tokenizer, released_form: Tokenizer, text: str) -> None:
    for tokenizer in (ours, released_form):
        control = {tokenizer.id_of(token) for token in markup.SPECIAL_TOKENS}
        assert not control & set(tokenizer.encode(text, data=True))
        title = ["Title: ", Data(text), "\n\n"]
        assert not control & set(tokenizer.encode(title))
        assert tokenizer.decode(tokenizer.encode(title)) == tokenizer.normalise(title)


@settings(max_examples=200, deadline=None)
@given(text=texts)
def test_digits_brackets_and_operator_runs_stand_alone(ours: Tokenizer, text: str) -> None:
    for piece in ours.pieces(text, data=True):
        if re.search(r"[0-9(){}\[\]]", piece):
            assert len(piece) == 1
        if re.search(r"[!\"#$%&'*+,\-./:;<=>?\\^_`|~]", piece):
            assert len(set(piece)) == 1, piece
        assert "Ċ" not in piece or piece == "Ċ"


@settings(max_examples=200, deadline=None)
@given(sequence=st.text(st.characters(codec="ascii", exclude_characters="[<"), max_size=30), close=st.booleans())
def test_sequences_are_spelt_by_character(ours: Tokenizer, sequence: str, close: bool) -> None:
    for kind in markup.SPLIT_KINDS:
        text = markup.opening(kind) + sequence + (markup.closing(kind) if close else "")
        pieces = ours.pieces(text)
        assert [ours.decode([i]) for i in ours.encode(text)[1 : 1 + len(sequence)]] == list(sequence)
        assert len(pieces) == len(sequence) + 1 + close


def test_published_examples(ours: Tokenizer) -> None:
    assert ours.pieces("737612.62") == ["7", "3", "7", "6", "1", "2", ".", "6", "2"]
    assert ours.pieces("[START_SMILES]CCO[END_SMILES]") == ["[START_SMILES]", "C", "C", "O", "[END_SMILES]"]
    assert ours.pieces("C(C(=O)O)N") == list("C(C(=O)O)N")
    assert "==" in ours.pieces("a == b")
    assert ours.pieces("=+") == ["=", "+"]
    assert ours.pieces("The Transformer architecture [START_REF]")[-2:] == ["Ġ", "[START_REF]"]


def test_ids_of_control_tokens_are_the_released_ones(ours: Tokenizer) -> None:
    assert [ours.id_of(token) for token in markup.SPECIAL_TOKENS] == list(range(23))


def test_superscripts_survive_here_and_not_under_nfkc(ours: Tokenizer, released_form: Tokenizer) -> None:
    assert ours.decode(ours.encode("10⁻³")) == "10⁻³"
    assert released_form.decode(released_form.encode("10⁻³")) == "10−3"


def test_other_programs_see_the_same_ids(ours: Tokenizer, tmp_path: Path) -> None:
    """`transformers` loads the folder; with the marker written by `escape` it gives our ids."""
    from transformers import AutoTokenizer

    ours.save(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "opt"}')
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    for text in (TEXT, "[START_AMINO]MKVLLA[END_AMINO] binds", "see [START_REF] Attention is all you need, Vaswani[END_REF].",
                 "[START_SMILES]C(C(=O)O)N", "[START_DNA]GATT\nACA[END_DNA] x"):  # fmt: skip
        assert theirs(markup.escape(text), add_special_tokens=False).input_ids == ours.encode(text)
    assert theirs.pad_token_id == ours.pad_id
    assert Tokenizer.load(tmp_path).sha256 == ours.sha256


def test_a_foreign_tokenizer_without_control_tokens_loads(tmp_path: Path) -> None:
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers, trainers

    foreign = tokenizers.Tokenizer(models.BPE())
    foreign.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    foreign.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    foreign.train_from_iterator(
        [TEXT], trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, special_tokens=["<|end|>"])
    )
    (tmp_path / "tokenizer.json").write_text(foreign.to_str())
    loaded = Tokenizer.load(tmp_path)
    assert loaded.decode(loaded.encode("a<|end|>b [START_REF]")) == "a<|end|>b [START_REF]"
    with pytest.raises(BadCheckpoint, match=r"no token '\[START_REF\]'"):
        loaded.id_of(markup.START_REF)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"model": {"type": "BPE"}}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(BadCheckpoint, match=r"tokenizer\.json"):
        Tokenizer.load(tmp_path)
    with pytest.raises(BadCheckpoint, match="Give the folder"):
        Tokenizer.load(tmp_path / "absent")


def test_a_file_without_added_tokens_loads() -> None:
    tree = {"version": "1.0", "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
    assert Tokenizer(json.dumps(tree)).encode("aa") == [0, 0]


def test_ids_that_would_spell_a_text(ours: Tokenizer) -> None:
    assert [ours.piece(i) for i in ours.plain_ids("[")] == ["["]
    assert ours.id_of(markup.START_REF) not in ours.plain_ids("RT", anywhere=True)
    (plain,) = ours.encode("]", data=True)
    assert ours.plain_ids("]", anywhere=True) == [plain]


def test_vocabulary_size_has_bounds() -> None:
    with pytest.raises(BadConfig, match="allowed: 279"):
        train([TEXT], 278)
