"""Which documents are set aside before training, and for which measurement.

A document is held out whole, with every copy of it in other sources: a paper is told by its title, so that its abstract
in one archive and its full text in another lie on one side and no citation context leaks; a compound by its structure;
everything else by its id.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from galactica import markup
from galactica.errors import BadConfig, BadData
from galactica.types import Document

TRAIN, VALIDATION = "train", "validation"
PROTEINS_SIMILAR, PROTEINS_ORGANISM = "proteins-similar", "proteins-organism"

WORD = 4
MIN_SHARE = 0.025
"""Of a target's words of four residues a protein of 50 % identity holds 6 % (0.5 ** 4), an unrelated one of 1,000 0.6 %."""

_SEQUENCE = re.compile(f"{re.escape(markup.opening(markup.AMINO))}([A-Z]+)")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class HoldoutConfig:
    """`fraction` of every source at random, `fractions` for single ones. Proteins like a sequence of the FASTA file
    `protein_targets` (at least about 50 % identity) and those of `organisms` (names or taxa) go to splits of their own."""

    fraction: float = 0.01
    fractions: Mapping[str, float] = field(default_factory=dict)
    protein_targets: str = ""
    organisms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in {"fraction": self.fraction, **self.fractions}.items():
            if not 0 < value < 0.5:
                raise BadConfig(f"corpus.holdout.{name} is {value}; allowed: above 0, below 0.5")


class Holdout:
    """Tells the split of each document. Raises BadData where the file of protein targets cannot be read."""

    def __init__(self, config: HoldoutConfig, seed: int) -> None:
        self._config, self._seed = config, seed
        self._organisms = {organism.lower() for organism in config.organisms}
        self._targets = [_words(sequence) for sequence in _fasta(config.protein_targets)]

    def split_of(self, document: Document) -> str:
        """One of `SPLITS`; the same for the same document in a larger corpus."""
        if (match := _SEQUENCE.search(document.text)) is not None:
            if self._organisms and self._is_of_organism(document.metadata):
                return PROTEINS_ORGANISM
            if self._targets and self._is_similar(match[1]):
                return PROTEINS_SIMILAR
        fraction = self._config.fractions.get(document.source, self._config.fraction)
        return VALIDATION if share(self._seed, identity(document)) < fraction else TRAIN

    def _is_similar(self, sequence: str) -> bool:
        words = _words(sequence)
        return any(len(words & target) >= MIN_SHARE * len(target) for target in self._targets)

    def _is_of_organism(self, metadata: Mapping[str, object]) -> bool:
        stated = [metadata.get("organism"), *_listed(metadata.get("taxa"))]
        return any(
            str(name).lower() in self._organisms or str(name).partition(" (")[0].lower() in self._organisms
            for name in stated
        )


def identity(document: Document) -> str:
    """What is one work, compound or record across sources."""
    title, inchikey = document.metadata.get("title"), document.metadata.get("inchikey")
    if about := document.metadata.get(
        "about"
    ):  # sets of entities share their sentences, pathways of organisms their description
        return f"about:{about}"
    if inchikey:
        return f"compound:{str(inchikey).partition('-')[0]}"  # the skeleton: stereoisomers stay together
    if title and document.text.startswith("Title: "):
        folded = unicodedata.normalize("NFKD", str(title)).encode("ascii", "ignore").decode().lower()
        if len(plain := _NOT_ALPHANUMERIC.sub("", folded)) > 12:  # "Introduction" is the title of many
            return f"work:{plain}"
    return document.id


def share(seed: int, key: str) -> float:
    """A number in [0, 1) that depends on seed and key alone."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64


def _words(sequence: str) -> frozenset[str]:
    return frozenset(sequence[start : start + WORD] for start in range(len(sequence) - WORD + 1))


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _fasta(path: str) -> Iterator[str]:
    if not path:
        return
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(
            f"corpus.holdout.protein_targets: {path!r} cannot be read ({error}). Give a FASTA file."
        ) from None
    records = re.split(r"^>.*$", text, flags=re.MULTILINE)[1:]
    if not records:
        raise BadData(f"corpus.holdout.protein_targets: {path!r} holds no FASTA record (a line that begins with '>').")
    for record in records:
        sequence = re.sub(r"[^A-Z]", "", record.upper())
        if len(sequence) < WORD:  # nothing, or everything, would be like it
            raise BadData(
                f"corpus.holdout.protein_targets: {path!r} holds a sequence of {len(sequence)} residues; allowed: {WORD} and more."
            )
        yield sequence
