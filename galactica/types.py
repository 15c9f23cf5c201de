"""The nouns that cross rooms. Frozen, slotted, standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

FinishReason = Literal["stop", "length", "context", "cancelled"]


@dataclass(frozen=True, slots=True)
class Document:
    """One unit of training text. `text` is in the document language (`markup.py`), `licence` as the source states it. `pending` is
    what only a library can resolve; it is settled before the document is written."""

    id: str
    text: str
    source: str
    licence: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    pending: tuple[Pending, ...] = ()


@dataclass(frozen=True, slots=True)
class UntitledEntry:
    """What an entry of a reference list says of a work whose title it leaves out, or whose title cannot be told apart: `text` as
    printed, the other fields where the source marks them."""

    text: str
    surname: str = ""
    year: int | None = None
    volume: str = ""
    page: str = ""
    doi: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A passage of a document that cites untitled entries: `text` as the document has it, without these citations; `draft` as it
    was before it was tidied, where characters of private use stand for `held` (formulas, citations) and for `entries`. It lies
    beside the document, so nothing that a document's text spells is taken for it."""

    text: str
    draft: str
    held: Mapping[int, str]
    entries: tuple[UntitledEntry, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """A record that does not become a document, and why: `where` names the file (and record) it came from, `reason` is one of
    few phrases, so that drops can be counted by it, `excerpt` the beginning of the text where there was one."""

    where: str
    source: str
    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A real work. Constructed by `galactica.references` alone.

    `authors` are written "Family, Given" (a collective has no comma); `n_citations` counts the marks that point to
    the work in the corpus the library was built from; `page` is the first one, or the number of the article.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    year: int | None = None
    venue: str | None = None
    doi: str | None = None
    abstract: str | None = None
    n_citations: int = 0
    volume: str | None = None
    page: str | None = None

    @property
    def surname(self) -> str:
        """The first author's family name, or "" where the work has no author."""
        return self.authors[0].partition(",")[0].strip() if self.authors else ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation in a text: characters `start` to `end` hold it, `reference` is the work, `logprob` the natural-log
    probability that the model gave to it (None where no model was asked), `evidence` why it was proposed."""

    start: int
    end: int
    reference: Reference
    logprob: float | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class TokenShard:
    """Token ids of one source and split on disk, each document closed by `</s>`."""

    path: Path
    source: str
    n_tokens: int
    n_documents: int
    n_bytes: int
    tokenizer_sha256: str


@dataclass(frozen=True, slots=True)
class Execution:
    """A program that a text contained, run: its source, the files it wrote, what it printed, its error if any."""

    program: str
    files: Mapping[str, str]
    stdout: str
    error: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model wrote after `prompt`. `text` is the continuation alone; `logprobs` holds one natural-log
    probability per new token; citation offsets are characters of `text`."""

    prompt: str
    text: str
    citations: tuple[Citation, ...]
    executions: tuple[Execution, ...]
    logprobs: tuple[float, ...]
    finish_reason: FinishReason


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper: heading without number, text in the document language, citations with offsets in `text`."""

    heading: str
    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at in what a model wrote: `kind` (formula, citation, repetition, ...), the passage,
    whether it held, and what was done where it did not."""

    kind: str
    subject: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A written paper. `references` lists each cited work once, in the order of its first citation."""

    title: str
    authors: tuple[str, ...]
    abstract: str
    sections: tuple[Section, ...]
    references: tuple[Reference, ...]
    checks: tuple[Check, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvalResult:
    """One figure of an evaluation over `n` items, with its standard error and the manifest of how it was got."""

    task: str
    metric: str
    value: float
    stderr: float | None
    n: int
    manifest: Mapping[str, Any] = field(default_factory=dict)
