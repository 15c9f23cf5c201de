"""What may be written next inside a citation: only token paths that spell a work of the library.

All works' keys, as tokens, lie in one sorted table; what has been written of a key is a range of its rows, and each token
narrows the range. No trie: 200,000 works are a few megabytes of numpy arrays, memory-mapped.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import platformdirs

from galactica import files, markup
from galactica.errors import UnknownReference
from galactica.references.store import Library
from galactica.tokenizer.tokenizer import Tokenizer
from galactica.types import Reference

_ENCODE_BATCH = 4096
FORMULA_TOKENS = 20
"""After so many tokens a formula is brought to its end."""
_FORMAT = "keys-1"
_MARKS = (markup.START_REF, markup.END_REF)
_LONGEST_MARK = max(map(len, _MARKS))
Int = np.ndarray[tuple[int], np.dtype[np.int64]]


class Place(NamedTuple):
    """How far a key has been written: rows `low` to `high` of the table begin with the `depth` tokens so far."""

    low: int
    high: int
    depth: int


class Constraint(Protocol):
    """Follows one text token by token and says what may come next. Works with any way of choosing among what is left."""

    @property
    def inside(self) -> bool:
        """Whether a span has begun that must be finished."""

    def allowed(self) -> Int | None:
        """The only ids that may come next, ascending; None where all may but the forbidden ones."""

    def forbidden(self) -> Sequence[int]:
        """Ids that may not come next where `allowed` is None."""

    def push(self, token: int, logprob: float = 0.0) -> None:
        """Take the next token of the text."""

    def copy(self) -> Constraint:
        """An independent one at the same point of the same text."""


class KeyTable:
    """The citation keys of a library as sorted token sequences, each ended by the closing token of a citation.

    `tokens` is flat; `starts` says where each row begins; `works` is the library row it spells.
    """

    def __init__(
        self, library: Library, tokens: np.ndarray[tuple[int], np.dtype[np.uint32]], starts: Int, works: Int
    ) -> None:
        self.library = library
        self._tokens, self._starts, self._works = tokens, starts, works
        first = tokens[starts] if len(starts) else tokens[:0]
        self._first_ids, self._first_rows = np.unique(first, return_index=True)
        self._row_of_work: Int | None = None

    @classmethod
    def open(cls, library: Library, tokenizer: Tokenizer) -> KeyTable:
        """The table of a library under a tokenizer; made once (seconds for 200,000 works) and kept in the user's cache."""
        folder = (
            platformdirs.user_cache_path("galactica") / f"{_FORMAT}-{library.fingerprint[:16]}-{tokenizer.sha256[:16]}"
        )
        try:
            return cls._read(library, folder)
        except (OSError, ValueError):
            table = cls.build(library, tokenizer)
        with contextlib.suppress(OSError):  # without a cache the table is made anew each time
            table._write(folder)
        return table

    @classmethod
    def build(cls, library: Library, tokenizer: Tokenizer) -> KeyTable:
        """The table, in memory."""
        end = tokenizer.id_of(markup.END_REF)
        keys: list[bytes] = []
        texts = [[markup.Data(f" {_key(reference)}")] for reference in library]
        for begin in range(0, len(texts), _ENCODE_BATCH):
            for ids in tokenizer.encode_many(texts[begin : begin + _ENCODE_BATCH]):
                keys.append(np.asarray([*ids, end], ">u4").tobytes())  # big-endian bytes sort as the ids do
        order = np.asarray(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
        lengths = np.asarray([len(keys[row]) // 4 for row in order], np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]]) if len(order) else lengths
        tokens = np.frombuffer(b"".join(keys[row] for row in order), ">u4").astype(np.uint32)
        return cls(library, tokens, starts, order)

    def __len__(self) -> int:
        """Rows of the table."""
        return len(self._starts)

    def narrow(self, works: Sequence[int]) -> KeyTable:
        """The table of some of the library's rows alone."""
        if self._row_of_work is None:
            self._row_of_work = np.empty(len(self), np.int64)
            self._row_of_work[self._works] = np.arange(len(self))
        rows = np.unique(self._row_of_work[np.asarray(works, np.int64)])
        return KeyTable(self.library, self._tokens, self._starts[rows], self._works[rows])

    def beginning_with(self, written: str, tokenizer: Tokenizer) -> KeyTable:
        """The table of the works whose key begins with `written`, whatever tokens spell it. Raises UnknownReference if none."""
        written = written.strip()
        if not written:
            return self
        # Words that are followed by a space are spelt by the same tokens in every key that begins so; the last may be cut short.
        head, space, last = f" {written}".rpartition(" ")
        place: Place | None = self.start()
        for token in tokenizer.encode(head, data=True):
            place = self.advance(place, token) if place else None
        rows = self._rows_towards(place, space + last, tokenizer) if place else []
        begun = tokenizer.normalise([markup.Data(written)])
        works = [row for row in rows if tokenizer.normalise([markup.Data(_key(self.library[row]))]).startswith(begun)]
        if not works:
            near = ", ".join(repr(reference.title) for reference, _ in self.library.search(written, 3))
            raise UnknownReference(
                f"no work among the {len(self.library):,} of the library begins with {written!r}; closest: {near or 'none'}. "
                "End the prompt right after the opening token, or begin a title that the library has."
            )
        return self.narrow(works)

    def _rows_towards(self, place: Place, text: str, tokenizer: Tokenizer) -> list[int]:
        """Library rows in the range whose next token begins `text` or is begun by it; part of a character may be either."""
        rows: list[int] = []
        for token in self.allowed(place).tolist():
            piece = tokenizer.decode([token])
            if piece.startswith(text) or text.startswith(piece) or "\ufffd" in piece:
                found = self.advance(place, token)
                assert found is not None
                rows += self._works[found.low : found.high].tolist()
        return rows

    def start(self) -> Place:
        """No token of a key has been written."""
        return Place(0, len(self), 0)

    def allowed(self, place: Place) -> Int:
        """The ids that go on towards a work, ascending."""
        if place.depth == 0:
            return self._first_ids.astype(np.int64)
        column = self._column(place)
        return column[np.flatnonzero(np.diff(column, prepend=-1))]

    def advance(self, place: Place, token: int) -> Place | None:
        """The narrower range after `token`, or None where no work goes on with it."""
        if place.depth == 0:
            at = int(np.searchsorted(self._first_ids, token))
            if at == len(self._first_ids) or self._first_ids[at] != token:
                return None
            ends = [*self._first_rows[1:], len(self)]
            return Place(int(self._first_rows[at]), int(ends[at]), 1)
        column = self._column(place)
        low, high = np.searchsorted(column, token, "left"), np.searchsorted(column, token, "right")
        if low == high:
            return None
        return Place(place.low + int(low), place.low + int(high), place.depth + 1)

    def references(self, place: Place) -> list[Reference]:
        """The works that the range holds, the most cited first."""
        found = [self.library[int(row)] for row in self._works[place.low : place.high]]
        return sorted(found, key=lambda reference: (-reference.n_citations, reference.id))

    def _column(self, place: Place) -> Int:
        """The next token of each row of the range; ascending, since the rows are sorted and agree before it."""
        return self._tokens[self._starts[place.low : place.high] + place.depth].astype(np.int64)

    def _write(self, folder: Path) -> None:
        with files.new_folder(folder) as new:
            np.save(new / "tokens.npy", self._tokens)
            np.save(new / "starts.npy", self._starts)
            np.save(new / "works.npy", self._works)

    @classmethod
    def _read(cls, library: Library, folder: Path) -> KeyTable:
        tokens, starts, works = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("tokens", "starts", "works"))
        if not (len(starts) == len(works) == len(library)):
            raise ValueError("the cached table is of another library")
        return cls(library, tokens, starts, works)


def _key(reference: Reference) -> str:
    return markup.citation_key(reference.title, reference.surname)


class Spelling:
    """The last characters of a text, so that plain tokens never come to spell a citation's own: who reads the text could
    not tell the two apart."""

    def __init__(self, tokenizer: Tokenizer, before: Sequence[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._tail = ""
        for token in before[-_LONGEST_MARK:]:
            self.push(token)

    def push(self, token: int) -> None:
        """Take the next token of the text."""
        control = self._tokenizer.is_control(token)
        self._tail = "" if control else (self._tail + self._tokenizer.decode([token]))[1 - _LONGEST_MARK :]

    def completing(self) -> list[int]:
        """The plain ids with which the text would spell the opening or the closing token of a citation."""
        found: list[int] = []
        for mark in _MARKS:
            for n_written in range(len(mark)):
                if self._tail.endswith(mark[:n_written]):
                    found += self._tokenizer.plain_ids(mark[n_written:], anywhere=n_written == 0)
        return found


class CitationTracker:
    """A text whose citations are works of `table`. `closed` holds each finished one with its log-probability."""

    def __init__(
        self, table: KeyTable, tokenizer: Tokenizer, not_first: Sequence[int] = (), before: Sequence[int] = ()
    ) -> None:
        """The text begins with none of the ids `not_first`; the ids `before` stand right before it."""
        self.table = table
        self._spelling = Spelling(tokenizer, before)
        self._open_id = tokenizer.id_of(markup.START_REF)
        self._close_id = tokenizer.id_of(markup.END_REF)
        self._not_first = tuple(not_first)
        self._place: Place | None = None
        self._logprob = 0.0
        self.closed: list[tuple[Reference, float]] = []

    def copy(self) -> CitationTracker:
        """An independent tracker at the same point of the same text."""
        twin = copy.copy(self)
        twin.closed = list(self.closed)
        twin._spelling = copy.copy(self._spelling)
        return twin

    @property
    def inside(self) -> bool:
        """Whether a citation is open."""
        return self._place is not None

    def allowed(self) -> Int | None:
        """The ids that may come next inside a citation; None outside."""
        return None if self._place is None else self.table.allowed(self._place)

    def forbidden(self) -> Sequence[int]:
        """Outside a citation, the id that would close what is not open, the one that would open what no work could close,
        and those that would spell either in plain characters."""
        unopened = () if len(self.table) else (self._open_id,)
        return (self._close_id, *unopened, *self._not_first, *self._spelling.completing())

    def push(self, token: int, logprob: float = 0.0) -> None:
        """Take the next token of the text."""
        self._not_first = ()
        self._spelling.push(token)
        if self._place is None:
            if token == self._open_id and len(self.table):
                self._place, self._logprob = self.table.start(), 0.0
            return
        place = self.table.advance(self._place, token)
        assert place is not None, "only allowed ids are pushed inside a citation"
        self._logprob += logprob
        if token == self._close_id:
            self.closed.append((self.table.references(place)[0], self._logprob))
            self._place = None
        else:
            self._place = place


class FormulaTracker:
    r"""A LaTeX formula after its opening `\[`: braces in balance, no mark of another formula inside, and an equals sign
    before the `\]` that ends it. Brackets and runs of one operator are tokens of their own, so ids tell the state."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        def only(text: str) -> int:
            ids = tokenizer.encode(text, data=True)
            return ids[0] if len(ids) == 1 else -1

        self._open, self._close, self._backslash, self._equals = (only(each) for each in ("{", "}", "\\", "="))
        self._end, self._blank = only("]"), (self._backslash, only(" "))
        self._marks = tuple(only(each) for each in ("[", "(", ")"))
        banned = [only(each) for each in ("\n", "$", "#", "&", "%")]
        self._banned = (*(i for i in banned if i >= 0), *tokenizer.control_ids)
        self._depth = self._count = 0
        self._last = -1
        self._escaped = self._equated = self._filled = self._begun = False
        self.inside = False

    def copy(self) -> FormulaTracker:
        """An independent tracker at the same point of the same formula."""
        return copy.copy(self)

    def allowed(self) -> Int | None:
        """None while the formula is short; then what ends it: braces closed, an equals sign and something after it, the end."""
        if self._count < FORMULA_TOKENS or self._last in (self._open, self._equals) or self._close < 0:
            return None
        if self._escaped:
            ends = self._filled and self._depth == 0
            return np.asarray([self._end], np.int64) if ends else None
        if self._equated and not self._filled and not self._depth:
            return None
        due = self._close if self._depth else self._backslash if self._filled else self._equals
        return np.asarray([due], np.int64)

    def forbidden(self) -> Sequence[int]:
        """What would break the formula at this point."""
        found = list(self._banned)
        if not self._begun or (self._equated and not self._filled):
            found.append(self._equals)  # an equation has two sides
        if (self._depth == 0 or self._last == self._open) and not self._escaped:
            found.append(self._close)  # also no empty group
        if self._escaped:
            found += self._marks
            if self._depth or not self._filled:
                found.append(self._end)
        return [i for i in found if i >= 0]

    def push(self, token: int, logprob: float = 0.0) -> None:
        """Take the next token of the formula."""
        self._begun = self._begun or token not in self._blank
        if not self._escaped:
            self._depth += (token == self._open) - (token == self._close)
        is_word = token not in self._blank and not (self._escaped and token in (self._open, self._close))
        self._filled = self._filled or (
            self._equated and is_word
        )  # a printed brace by itself is no side of an equation
        self._equated = self._equated or token == self._equals
        self._escaped = token == self._backslash and not self._escaped
        self._count += 1
        self._last = token
