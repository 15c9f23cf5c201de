"""A classifier that tells scientific web pages from others, and the domains it was made for.

As fastText's: words and pairs of words hashed to a table, their mean weight through a logistic function. Training is by AdaGrad,
one text at a time. Source of the method: Galactica paper (trained on domains that are scientific for the most part, then used to
rank domains, of which a person chooses); fastText (Joulin et al. 2016).
"""

from __future__ import annotations

import math
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galactica.errors import BadData
from galactica.files import write_file

BUCKETS = 2**20
MAX_CHARACTERS = 5000
"""Of a text that are looked at."""
_WORD = re.compile(r"[a-zà-öø-ÿα-ω]{2,30}|\d")
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_FORMAT = "galactica science classifier 1"

Features = tuple[NDArray[np.uint32], NDArray[np.float32]]


class RankedDomain(NamedTuple):
    """A domain with the number of its pages and the mean of their scores."""

    domain: str
    n_pages: int
    score: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """`score` gives the probability that a text is scientific."""

    weights: NDArray[np.float32]
    bias: float

    def score(self, text: str) -> float:
        """0 to 1; the bias alone speaks where the text has no words."""
        buckets, shares = _features(text)
        return _logistic(float(self.weights[buckets] @ shares) + self.bias)

    def save(self, path: Path) -> None:
        """Write the classifier as one compressed file."""
        used = np.flatnonzero(self.weights).astype(np.uint32)
        head = f"{_FORMAT} {BUCKETS} {len(used)} {self.bias!r}\n".encode()
        write_file(path, head + zlib.compress(used.tobytes() + self.weights[used].astype("<f4").tobytes()))

    @classmethod
    def load(cls, path: Path) -> Classifier:
        """Raises BadData where the file holds no classifier."""
        head, _, body = path.read_bytes().partition(b"\n")
        match = re.fullmatch(rf"{_FORMAT} {BUCKETS} (\d{{1,8}}) (\S+)".encode(), head)
        if match is None or (n_used := int(match[1])) > BUCKETS:
            raise BadData(f"{path} is no science classifier. Make one with galactica.corpus.science.train.")
        try:
            unpacking = zlib.decompressobj()
            data = unpacking.decompress(body, 8 * n_used + 1)
            if not unpacking.eof:
                raise ValueError("cut short")
            weights = np.zeros(BUCKETS, np.float32)
            weights[np.frombuffer(data, np.uint32, n_used)] = np.frombuffer(data, "<f4", n_used, 4 * n_used)
            return cls(weights, float(match[2]))
        except (zlib.error, ValueError, IndexError):
            raise BadData(f"{path} is a damaged science classifier. Make it anew.") from None


def train(
    texts: Sequence[str], labels: Sequence[bool], epochs: int = 5, rate: float = 2.0, seed: int = 0
) -> Classifier:
    """A classifier of the labelled texts, the same for the same arguments. Both labels count alike, however many texts have them.
    Raises BadData where there are no texts of one of them."""
    if len(texts) != len(labels):
        raise ValueError(f"{len(texts)} texts and {len(labels)} labels")
    n_positive = sum(map(bool, labels))
    if not 0 < n_positive < len(labels):
        raise BadData(f"{n_positive} of {len(labels)} texts are scientific; both kinds are needed to tell them apart.")
    examples = [_features(text) for text in texts]
    importance = {True: 0.5 * len(labels) / n_positive, False: 0.5 * len(labels) / (len(labels) - n_positive)}
    weights = np.zeros(BUCKETS, np.float32)
    squares = np.full(BUCKETS, 1e-8, np.float32)
    bias, bias_square = 0.0, 1e-8
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        for index in order.permutation(len(examples)):
            buckets, shares = examples[index]
            label = bool(labels[index])
            error = _logistic(float(weights[buckets] @ shares) + bias) - label
            gradient = np.float32(error * importance[label]) * shares
            squares[buckets] += gradient * gradient
            weights[buckets] -= np.float32(rate) * gradient / np.sqrt(squares[buckets])
            bias_square += (error * importance[label]) ** 2
            bias -= 0.1 * error * importance[label] / math.sqrt(bias_square)
    return Classifier(weights, bias)


def train_on_domains(pages: Iterable[tuple[str, str]], domains: frozenset[str], seed: int = 0) -> Classifier:
    """A classifier of (domain, text): pages of the listed domains are taken for scientific, all others for not."""
    texts, labels = [], []
    for domain, text in pages:
        texts.append(text[:MAX_CHARACTERS])
        labels.append(is_listed(domain, domains))
    return train(texts, labels, seed=seed)


def rank_domains(pages: Iterable[tuple[str, str]], classifier: Classifier, min_pages: int = 5) -> list[RankedDomain]:
    """The domains of (domain, text), the most scientific first, for a person to choose from."""
    scores: dict[str, list[float]] = defaultdict(list)
    for domain, text in pages:
        scores[domain].append(classifier.score(text))
    ranked = [RankedDomain(name, len(of), sum(of) / len(of)) for name, of in scores.items() if len(of) >= min_pages]
    return sorted(ranked, key=lambda one: (-one.score, one.domain))


def read_domains(text: str) -> frozenset[str]:
    """The domains of a list: one a line, `#` begins a remark."""
    lines = (line.partition("#")[0].strip().lower() for line in text.splitlines())
    return frozenset(line.removeprefix("www.") for line in lines if line)


@lru_cache(maxsize=4)
def bundled_domains(name: str = "science") -> frozenset[str]:
    """The list of this project: "science" (chosen one by one, to select pages) or "training" (broad, to train a classifier)."""
    return read_domains(package_files("galactica").joinpath("assets", "domains", f"{name}.txt").read_text("utf-8"))


def is_listed(host: str, domains: frozenset[str]) -> bool:
    """Whether the host, or a domain above it, is on the list."""
    parts = host.lower().rstrip(".").split(".")
    return any(".".join(parts[index:]) in domains for index in range(max(0, len(parts) - 6), len(parts)))


def _features(text: str) -> Features:
    """Buckets of the text's words and pairs of words, and the share of each."""
    hashes = np.array([_hash(word) for word in _WORD.findall(text[:MAX_CHARACTERS].lower())], np.uint64)
    pairs = hashes[:-1] * _PAIR ^ hashes[1:]
    buckets, counts = np.unique(np.concatenate([hashes, pairs]) % np.uint64(BUCKETS), return_counts=True)
    return buckets.astype(np.uint32), (counts / max(1, counts.sum())).astype(np.float32)


@lru_cache(maxsize=2**18)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode())


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
