"""A tokenizer learned from text, saved in the released form: any program that loads such files can use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from galactica import markup
from galactica.errors import BadConfig
from galactica.tokenizer.tokenizer import Tokenizer

MIN_VOCAB_SIZE = 256 + len(markup.SPECIAL_TOKENS)
MAX_VOCAB_SIZE = 1_000_000
BRACKETS_AND_OPERATOR_RUNS = r"""[\(\)\[\]\{\}]|([!"\#\$%\&'\*\+,\-\./:;<=>\?\\\^_`\|\~])\1*"""


@dataclass(frozen=True, slots=True)
class TokenizerConfig:
    """The tokenizer is learned on at most `sample_bytes` of the training text, spread over all sources."""

    sample_bytes: int = 50_000_000

    def __post_init__(self) -> None:
        if self.sample_bytes < 1:
            raise BadConfig(f"tokenizer.sample_bytes is {self.sample_bytes}; it must be positive")


def train(texts: Iterable[str], vocab_size: int) -> Tokenizer:
    """A byte-level BPE of `vocab_size` pieces. Normalises NFC where the released one does NFKC: NFKC turns `10⁻³`
    into `10−3`, and science needs its superscripts. Fewer pieces come out where the text has no more pairs to merge."""
    if not MIN_VOCAB_SIZE <= vocab_size <= MAX_VOCAB_SIZE:
        raise BadConfig(f"a vocabulary of {vocab_size}; allowed: {MIN_VOCAB_SIZE} to {MAX_VOCAB_SIZE}")
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(markup.SPLIT_MARKER, "removed"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Split(tokenizers.Regex(BRACKETS_AND_OPERATOR_RUNS), "isolated"),
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(markup.SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_plain_text(texts), trainer)
    return Tokenizer(tokenizer.to_str())


def _plain_text(texts: Iterable[str]) -> Iterator[str]:
    """Control tokens have ids of their own and sequences are spelt by character: only the rest has pieces to learn."""
    for text in texts:
        yield from (span.text for span in markup.spans(text) if span.nature == "text")
