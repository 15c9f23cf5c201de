"""A data set of prompts as a source: its training file's records, worded by chance, seeded with the document's id."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

from galactica import markup
from galactica.corpus.prompts.records import Malformed, digest, json_lines
from galactica.corpus.source import Published, Source, Split
from galactica.files import RawFile
from galactica.types import Document, Drop

EVALUATION = "evaluation split"
_EVALUATION_NAME = re.compile(
    r"(?<![a-z])(?:test|dev|devel|development|val|valid|validation|eval|evaluation|ereval|heldout|held-out|golden)(?:set)?(?![a-z])"
)
_TRAINING_NAME = re.compile(r"train(?:ing|ining|set|[^a-z]|\Z)")
_FOLDERS_LOOKED_AT = 3


class Prompt(Protocol):
    """Something asked and answered, whose wording is still open."""

    @property
    def n_tokens(self) -> int:
        """How many control tokens the written form has of its own: one more was spelt by the record."""

    def written(self, rng: random.Random) -> str:
        """The prompt with its answer, in one of its wordings."""


class Item(NamedTuple):
    """A prompt of a record, under its key within the data set; `name` is that of another, where a file holds several. `about` is
    the text or thing asked about where other prompts ask about it too: all of them are held out together."""

    key: str
    prompt: Prompt
    name: str = ""
    about: str = ""


Items = Iterator[Item | str]
"""Prompts, and reasons why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A data set: `records` reads its file format, `items` makes prompts of one record (either may raise Malformed).
    `has_splits` is False where the release is not cut into training and evaluation files."""

    name: str
    format: str
    origin: str
    licence: str
    n_published: int | None
    claims: Callable[[str, bytes], bool]
    items: Callable[[Any], Iterable[Item | str]]
    records: Callable[[RawFile], Iterator[Any]] = json_lines
    has_splits: bool = True
    split: Split | None = None


def source(dataset: DataSet) -> Source:
    """The source of a data set."""
    return Source(
        name=dataset.name,
        group="prompts",
        format=dataset.format,
        origin=dataset.origin,
        licence=dataset.licence,
        published=Published(dataset.n_published, None) if dataset.n_published else None,
        claims=dataset.claims,
        read=partial(_read, dataset),
        split=dataset.split,
    )


def claim(*needles: bytes, path: str = "") -> Callable[[str, bytes], bool]:
    """Whether a file is JSON whose head holds all of `needles`, and its path, lower case, the pattern `path`."""
    pattern = re.compile(path)

    def claims(where: str, head: bytes) -> bool:
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and (
            all(needle in head for needle in needles) and pattern.search(where.lower()) is not None
        )

    return claims


def refusal(where: str, has_splits: bool = True) -> str | None:
    """Why a file must not be trained on, by the names of the file and the folders around it; the nearest name that says
    something decides."""
    path = PurePosixPath(where.lower())
    for name in (path.name, *(folder.name for folder in list(path.parents)[:_FOLDERS_LOOKED_AT])):
        if _TRAINING_NAME.search(name):
            return None
        if _EVALUATION_NAME.search(name):
            return EVALUATION
    return "not named as training data" if has_splits else None


def _read(dataset: DataSet, file: RawFile) -> Iterator[Document | Drop]:
    if reason := refusal(file.where, dataset.has_splits):
        yield Drop(file.where, dataset.name, reason)
        return
    number = 0
    try:
        for number, record in enumerate(dataset.records(file), start=1):
            for found in _documents(dataset, record):
                yield Drop(f"{file.where}:{number}", dataset.name, found) if isinstance(found, str) else found
    except Malformed as error:
        yield Drop(f"{file.where}:{number}", dataset.name, str(error))


def _documents(dataset: DataSet, record: Any) -> Iterator[Document | str]:
    if isinstance(record, Malformed):
        yield str(record)
        return
    try:
        for item in dataset.items(record):
            yield item if isinstance(item, str) else document(item, item.name or dataset.name, dataset.licence)
    except Malformed as error:
        yield str(error)


def document(item: Item, name: str, licence: str) -> Document | str:
    """The document of a prompt, or the reason why there is none."""
    identifier = f"{name}:{item.key}"
    text = item.prompt.written(random.Random(identifier))
    if len(markup.control_tokens(text)) != item.prompt.n_tokens:
        return "spells a control token"
    return Document(identifier, text, name, licence, _about(item.about))


def _about(text: str) -> dict[str, str]:
    """The same for a text however its words are spaced and capitalised."""
    return {"about": digest("".join(text.lower().split()))} if text else {}
