"""A model with its tokenizer and its library: generate, cite. The call signatures are the reference library's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, overload

import torch

from galactica import markup
from galactica.errors import BadCheckpoint, BadInput
from galactica.files import asset
from galactica.generation.constraints import CitationTracker, Constraint, KeyTable
from galactica.generation.engine import Engine, Token, TorchEngine
from galactica.generation.sampling import Sampling
from galactica.markup import Parts
from galactica.model.convert import load_checkpoint
from galactica.references.store import Library
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.types import Citation, FinishReason, Generation

DEFAULT_NEW_TOKENS = 60
MAX_REFERENCE_TOKENS = 200
MAX_BEAMS = 128
RESERVED_TOKENS = 28
"""A prompt is cut on the left to the context less this: 2,020 of 2,048 tokens, as in the reference library."""

_STOP_TAIL_TOKENS = 48
_NAMES = {
    "mini": "facebook/galactica-125m",
    "base": "facebook/galactica-1.3b",
    "standard": "facebook/galactica-6.7b",
    "large": "facebook/galactica-30b",
    "huge": "facebook/galactica-120b",
}
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class Written:
    """A finished stretch of new tokens: its text, its citations with offsets in that text, why it ended."""

    text: str
    tokens: tuple[Token, ...]
    citations: tuple[Citation, ...]
    finish_reason: FinishReason


class Galactica:
    """A loaded model. Wherever its text opens a citation, what follows is a work of `library`, by construction."""

    def __init__(self, engine: Engine, tokenizer: Tokenizer, library: Library, name: str = "") -> None:
        self.engine, self.tokenizer, self.library, self.name = engine, tokenizer, library, name
        self._cites = tokenizer.has(markup.START_REF) and tokenizer.has(markup.END_REF)
        self._table: KeyTable | None = None

    @property
    def table(self) -> KeyTable:
        """The library's citation keys as token sequences; opened at first use."""
        if self._table is None:
            self._table = KeyTable.open(self.library, self.tokenizer)
        return self._table

    @overload
    def generate(
        self,
        input_text: str,
        max_length: int | None = None,
        max_new_tokens: int | None = None,
        new_doc: bool = False,
        top_p: float | None = None,
        top_k: int | None = None,
        *,
        num_beams: int = 1,
        return_full_text: bool = True,
        as_generation: Literal[False] = False,
        temperature: float | None = None,
        repetition_penalty: float = 1.0,
        stop: str | Sequence[str] = (),
        seed: int | None = None,
    ) -> str: ...
    @overload
    def generate(
        self,
        input_text: str,
        max_length: int | None = None,
        max_new_tokens: int | None = None,
        new_doc: bool = False,
        top_p: float | None = None,
        top_k: int | None = None,
        *,
        num_beams: int = 1,
        return_full_text: bool = True,
        as_generation: Literal[True],
        temperature: float | None = None,
        repetition_penalty: float = 1.0,
        stop: str | Sequence[str] = (),
        seed: int | None = None,
    ) -> Generation: ...
    def generate(
        self,
        input_text: str,
        max_length: int | None = None,
        max_new_tokens: int | None = None,
        new_doc: bool = False,
        top_p: float | None = None,
        top_k: int | None = None,
        *,
        num_beams: int = 1,
        return_full_text: bool = True,
        as_generation: bool = False,
        temperature: float | None = None,
        repetition_penalty: float = 1.0,
        stop: str | Sequence[str] = (),
        seed: int | None = None,
    ) -> str | Generation:
        """The prompt with its continuation (the continuation alone without `return_full_text`), or a `Generation`.

        60 new tokens where neither length is given; `max_length` counts the prompt too. `top_p`, `top_k` or
        `temperature` switch sampling on; `new_doc` begins a document; a prompt too long is cut on the left. Control
        tokens stay in the text, document boundary and padding do not.
        """
        choice = Sampling(temperature, top_k, top_p, repetition_penalty, seed=seed)
        ids, typed, table = self._prompt(input_text, new_doc)
        new = self._new_tokens(len(ids), max_length, max_new_tokens)
        tracker = self._tracker(ids, table)
        stops = [each for each in ([stop] if isinstance(stop, str) else stop) if each]
        if not 1 <= num_beams <= MAX_BEAMS:
            raise BadInput(f"num_beams is {num_beams}; allowed: 1 to {MAX_BEAMS}.")
        if num_beams > 1:
            if choice.by_lot or stops:
                raise BadInput(
                    "num_beams above 1 goes with neither top_p, top_k, temperature nor stop. Leave those out."
                )
            best = self.engine.beams(ids, num_beams, new, tracker, "eos")[0]
            ended = best.tokens and best.tokens[-1].id == self.tokenizer.eos_id
            reason: FinishReason = "stop" if ended else self._length_reason(len(ids) + len(best.tokens))
            written = self._written(best.tokens, best.constraint, reason, inside=table is not None)
        else:
            written = self.write(ids, choice, tracker, new, stops)
        again = self._written_again(typed, written.text)
        text = written.text[again:]
        if not as_generation:
            return input_text + text if return_full_text else text
        citations = tuple(replace(c, start=max(0, c.start - again), end=c.end - again) for c in written.citations)
        logprobs = tuple(token.logprob for token in written.tokens)
        return Generation(input_text, text, citations, (), logprobs, written.finish_reason)

    def generate_reference(
        self,
        input_text: str,
        max_length: int | None = None,
        max_new_tokens: int | None = None,
        new_doc: bool = False,
        *,
        suggestions: int = 1,
    ) -> str | list[str]:
        """The text of the reference ("Title, Surname") that the model gives at the end of the prompt; a list of the best
        ones for `suggestions` above 1. Each is a work of the library."""
        found = self.cite(input_text, suggestions, max_length, max_new_tokens, new_doc)
        keys = [markup.citation_key(c.reference.title, c.reference.surname) for c in found]
        return keys[0] if suggestions == 1 else keys

    def cite(
        self,
        input_text: Parts,
        suggestions: int = 1,
        max_length: int | None = None,
        max_new_tokens: int | None = None,
        new_doc: bool = False,
        *,
        works: Sequence[int] | None = None,
        width: int = 8,
    ) -> list[Citation]:
        """The works that the model would cite at the end of the prompt, best first, by beam search over the library's
        keys (`works`: over these rows of it alone). Opens a citation where none is open. Offsets are those of the place."""
        if not 1 <= suggestions <= MAX_BEAMS // 2:
            raise BadInput(f"suggestions is {suggestions}; allowed: 1 to {MAX_BEAMS // 2}.")
        self._require_citing()
        text = input_text if isinstance(input_text, str) else "".join(input_text)
        if isinstance(input_text, str) and _open_citation(input_text) is not None:
            ids, _, table = self._prompt(input_text, new_doc, MAX_REFERENCE_TOKENS)
        else:
            parts = [input_text] if isinstance(input_text, str) else list(input_text)
            gap = [] if text[-1:].isspace() or not text else [" "]
            ids, table = self._encode([*parts, *gap, markup.START_REF], new_doc, MAX_REFERENCE_TOKENS), None
        if works is not None:
            table = (table or self.table).narrow(works)
        room = min(self._new_tokens(len(ids), max_length, max_new_tokens or MAX_REFERENCE_TOKENS), MAX_REFERENCE_TOKENS)
        tracker = CitationTracker(table or self.table, self.tokenizer)
        tracker.push(self.tokenizer.id_of(markup.START_REF))
        found = self.engine.beams(ids, max(width, 2 * suggestions), room, tracker, "cited")
        seen: dict[str, Citation] = {}
        for hypothesis in found:
            assert isinstance(hypothesis.constraint, CitationTracker)
            reference, logprob = hypothesis.constraint.closed[-1]
            seen.setdefault(
                reference.id, Citation(len(text), len(text), reference, logprob, "beam search over the library's keys")
            )
        if not seen:
            raise BadInput(f"no work of the library fits in {room} tokens. Give a larger max_new_tokens.")
        return list(seen.values())[:suggestions]

    def write(
        self,
        ids: Sequence[int],
        choice: Sampling,
        constraint: Constraint | None,
        max_new_tokens: int,
        stop: Sequence[str] = (),
    ) -> Written:
        """Continue `ids` until one of `stop` appears (it is left out), the document or the room ends. An open citation is
        always finished."""
        tokens: list[Token] = []
        reason: FinishReason = "stop"
        inside = constraint is not None and constraint.inside
        for token in self.engine.stream(ids, choice, constraint):
            tokens.append(token)
            if constraint is not None and constraint.inside:
                continue
            if stop and _first_stop(self.tokenizer.decode(t.id for t in tokens[-_STOP_TAIL_TOKENS:]), stop) is not None:
                break
            if len(tokens) >= max_new_tokens:
                reason = "length"
                break
        else:
            if len(ids) + len(tokens) >= self.engine.context:
                reason = "context"
        return self._written(tokens, constraint, reason, stop, inside)

    def tracker(self, works: Sequence[int] | None = None, *, capital: bool = False) -> CitationTracker | None:
        """What keeps citations inside the library (or inside these rows of it); None for a model that cannot cite. With
        `capital` the text begins with a capital letter."""
        if not self._cites:
            return None
        table = self.table.narrow(works) if works is not None else self.table
        return CitationTracker(table, self.tokenizer, self._not_capital if capital else ())

    @cached_property
    def _not_capital(self) -> tuple[int, ...]:
        """The ids of all pieces that do not begin with a capital letter."""
        pieces = ((i, self.tokenizer.decode([i])) for i in range(self.tokenizer.vocab_size))
        return tuple(i for i, piece in pieces if not piece[:1].isupper())

    def _written(
        self,
        tokens: Sequence[Token],
        constraint: Constraint | None,
        reason: FinishReason,
        stop: Sequence[str] = (),
        inside: bool = False,
    ) -> Written:
        """`inside`: the prompt ended inside a citation, so that the text begins with the rest of its key."""
        text = self.tokenizer.decode((token.id for token in tokens), skip=(markup.EOS, markup.PAD))
        opening = markup.START_REF if inside else ""
        if reason == "stop" and stop:
            cut = _first_stop(opening + text, stop, len(opening))
            text = text if cut is None else text[: cut - len(opening)]
        if constraint is not None and constraint.inside:  # the context ended inside a citation: it is no citation
            text = text[: max(0, text.rfind(markup.START_REF))].rstrip()
        spans = markup.citations(opening + text)
        closed = constraint.closed if isinstance(constraint, CitationTracker) else []
        citations = [
            Citation(
                max(0, span.start - len(opening)), span.end - len(opening), reference, logprob, "constrained decoding"
            )
            for span, (reference, logprob) in zip(spans, closed, strict=False)
        ]
        return Written(text, tuple(tokens), tuple(citations), reason)

    def _tracker(self, ids: Sequence[int], table: KeyTable | None) -> CitationTracker | None:
        if not self._cites:
            return None
        tracker = CitationTracker(table or self.table, self.tokenizer, before=ids)
        if table is not None:
            tracker.push(self.tokenizer.id_of(markup.START_REF))
        return tracker

    def _written_again(self, typed: str, text: str) -> int:
        """How many characters of `text` the prompt has already: a key's typed beginning, as the tokenizer spells it, and
        the space after it."""
        begun = self.tokenizer.normalise([markup.Data(typed.strip())])
        at = text.find(begun)
        end = at + len(begun) if begun and at >= 0 else 0
        return end + len(text[end:]) - len(text[end:].lstrip()) if typed[-1:].isspace() else end

    def _prompt(
        self, text: str, new_doc: bool, reserved: int = RESERVED_TOKENS
    ) -> tuple[list[int], str, KeyTable | None]:
        """The prompt's ids; where it ends inside a citation, what was typed of the key, and the table of the works that
        begin so. The typed part is written again by the model, so that its tokens are those of the key."""
        typed = _open_citation(text) if self._cites else None
        if typed is None:
            return self._encode([text], new_doc, reserved), "", None
        table = self.table.beginning_with(typed, self.tokenizer)
        return self._encode([text[: len(text) - len(typed)]], new_doc, reserved), typed, table

    def _encode(self, parts: Sequence[str], new_doc: bool, reserved: int = RESERVED_TOKENS) -> list[int]:
        """The ids, cut on the left so that `reserved` more fit (a quarter of a context too short for that)."""
        context = self.engine.context
        ids = self.tokenizer.encode(parts)[min(reserved, context // 4) - context :]
        if new_doc:
            ids = [self.tokenizer.eos_id, *ids]
        if not ids:
            raise BadInput("an empty prompt. Write some text, or ask for a new document (new_doc).")
        return ids

    def _new_tokens(self, n_prompt: int, max_length: int | None, max_new_tokens: int | None) -> int:
        if max_new_tokens is None:
            max_new_tokens = DEFAULT_NEW_TOKENS if max_length is None else max_length - n_prompt
        if max_new_tokens < 1:
            what = (
                f"max_length is {max_length}, the prompt has {n_prompt} tokens"
                if max_length
                else f"max_new_tokens is {max_new_tokens}"
            )
            raise BadInput(f"{what}: there is no room for a new token. Give a larger length.")
        return max_new_tokens

    def _length_reason(self, n_tokens: int) -> FinishReason:
        return "context" if n_tokens >= self.engine.context else "length"

    def _require_citing(self) -> None:
        if not self._cites:
            raise BadCheckpoint(f"the model's tokenizer has no {markup.START_REF} token: it cannot cite.")


def load_model(
    name: str | Path | None = None,
    dtype: str | torch.dtype | None = None,
    num_gpus: int | None = None,
    parallelize: bool = False,
    *,
    library: str | Path | None = None,
) -> Galactica:
    """The bundled model (no name), a local folder with an OPT-layout checkpoint and its tokenizer, or one of `mini base
    standard large huge`. `library`: a folder made by `galactica references build`; the bundled one otherwise. `dtype` "auto" is
    bfloat16 where the processor or device multiplies in it, else float32: twice as fast there, its loss 0.0001 higher."""
    if parallelize or (num_gpus or 0) > 1:
        raise BadInput(f"num_gpus={num_gpus}, parallelize={parallelize}: this version runs a model on one device.")
    folder = model_folder(name)
    precision = _precision(dtype, name)
    model, _ = load_checkpoint(folder, precision)
    if num_gpus != 0 and torch.cuda.is_available():
        model = model.cuda()
    tokenizer = Tokenizer.load(folder)
    if tokenizer.vocab_size > model.config.vocab_size:
        raise BadCheckpoint(
            f"{folder}: the tokenizer has {tokenizer.vocab_size} pieces, the model {model.config.vocab_size} rows; "
            "they do not belong together."
        )
    works = Library.open(Path(library) if library else asset("library"))
    return Galactica(TorchEngine(model, tokenizer), tokenizer, works, str(name or asset_name()))


def asset_name() -> str:
    """What the bundled model calls itself, from the first line of its card."""
    card = asset("model") / "README.md"
    return card.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") if card.is_file() else "the bundled model"


def model_folder(name: str | Path | None) -> Path:
    """The folder of the model that `load_model` takes by this name. Raises BadCheckpoint for a hub's name and a missing folder."""
    if name is None:
        return asset("model")
    if str(name) in _NAMES:
        raise BadCheckpoint(
            f"{name!r} is {_NAMES[str(name)]} on the model hub; download that repository and give its folder."
        )
    folder = Path(name)
    if not folder.is_dir():
        raise BadCheckpoint(
            f"no model folder {str(name)!r}. Give a folder with config.json, weights and tokenizer.json."
        )
    return folder


def _precision(dtype: str | torch.dtype | None, name: str | Path | None) -> torch.dtype:
    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype is None:
        return torch.float16 if name == "huge" else torch.float32
    if dtype == "auto":
        return torch.bfloat16 if _multiplies_in_bfloat16() else torch.float32
    if dtype not in _DTYPES:
        raise BadInput(f"dtype is {dtype!r}; allowed: {', '.join(_DTYPES)}, auto.")
    return _DTYPES[dtype]


def _multiplies_in_bfloat16() -> bool:
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return any(getattr(torch.cpu, name, bool)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))


def _open_citation(text: str) -> str | None:
    """What was typed of a citation that the prompt leaves open; data opens none."""
    return None if isinstance(text, markup.Data) else markup.open_citation(text)


def _first_stop(text: str, stop: Sequence[str], begin: int = 0) -> int | None:
    """Where, from `begin` on, the first of the stop strings stands: none stands in a citation, unless it spells a control
    token. The text may begin inside a citation."""
    hidden = text
    for span in markup.citations(text):
        hidden = hidden[: span.start] + "\0" * (span.end - span.start) + hidden[span.end :]
    _, closing, after = hidden.rpartition(markup.END_REF)
    if closing:
        hidden = "\0" * (len(hidden) - len(after)) + after
    places = [(text if markup.control_tokens(each) else hidden).find(each, begin) for each in stop]
    return min((place for place in places if place >= 0), default=None)
