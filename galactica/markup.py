"""The document language: special tokens, wrapping, parsing, escaping. The only file that spells a token.

Source: Galactica paper (arXiv 2211.09085), section 3, and the public behaviour of its reference library.
Everything here is text to text; ids belong to the tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

BOS, PAD, EOS, UNK = "<s>", "<pad>", "</s>", "<unk>"
START_REF, END_REF = "[START_REF]", "[END_REF]"
IMAGE = "[IMAGE]"
START_FRAGMENTS, END_FRAGMENTS = "<fragments>", "</fragments>"
START_WORK, END_WORK = "<work>", "</work>"

SequenceKind = Literal["SUP", "SUB", "DNA", "AMINO", "SMILES", "I_SMILES"]
SUP: SequenceKind = "SUP"
SUB: SequenceKind = "SUB"
DNA: SequenceKind = "DNA"
AMINO: SequenceKind = "AMINO"
SMILES: SequenceKind = "SMILES"
I_SMILES: SequenceKind = "I_SMILES"


def opening(kind: SequenceKind) -> str:
    """The token that opens a sequence or script of `kind`, e.g. `[START_AMINO]`."""
    return f"[START_{kind}]"


def closing(kind: SequenceKind) -> str:
    """The token that closes a sequence or script of `kind`, e.g. `[END_AMINO]`."""
    return f"[END_{kind}]"


SPECIAL_TOKENS: tuple[str, ...] = (
    BOS, PAD, EOS, UNK, START_REF, END_REF, IMAGE, START_FRAGMENTS, END_FRAGMENTS, START_WORK, END_WORK,
    *(token for kind in (SUP, SUB, DNA, AMINO, SMILES, I_SMILES) for token in (opening(kind), closing(kind))),
)  # fmt: skip
"""In the order of the released ids, 0 to 22. A loaded tokenizer decides the ids: look them up by name."""

SPLIT_MARKER = "SPL1T-TH1S-Pl3A5E"
"""Removed by the first step of a tokenizer file; it carries "split here" through programs that know no sequences."""

SPLIT_KINDS: tuple[SequenceKind, ...] = (DNA, AMINO, SMILES, I_SMILES)
"""The kinds in which every character is a token of its own."""

_CLOSING_OF = {opening(kind): closing(kind) for kind in SPLIT_KINDS}


def control_pattern(tokens: Iterable[str]) -> re.Pattern[str]:
    """One group that matches any of `tokens`, longest first."""
    return re.compile("(" + "|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True)) + ")")


_CONTROL = control_pattern(SPECIAL_TOKENS)
_CITATION = re.compile(re.escape(START_REF) + r"(.*?)" + re.escape(END_REF), re.DOTALL)
_CITATION_SPACED = re.compile(r"[ \t]*" + re.escape(START_REF) + r".*?" + re.escape(END_REF), re.DOTALL)


class Data(str):
    """Text from outside (a title, a prompt field, a record): tokens spelt in it stay plain characters."""

    __slots__ = ()


Parts = str | Iterable[str]
"""A text, or pieces of one, some of which are `Data`."""


class Span(NamedTuple):
    """A stretch of text of one nature: a control token, the inside of a split sequence, or plain text."""

    text: str
    nature: Literal["control", "sequence", "text"]


def spans(parts: Parts, control: re.Pattern[str] = _CONTROL) -> Iterator[Span]:
    """The text cut at control tokens, neighbours of one nature joined.

    A split sequence runs from its opening token to the next control token, or to the end where it is open.
    """
    inside = False
    pending: list[str] = []
    for part in [parts] if isinstance(parts, str) else parts:
        for index, piece in enumerate([part] if isinstance(part, Data) else control.split(part)):
            if index % 2 == 0:
                pending.append(piece)
                continue
            yield from _joined(pending, inside)
            inside = piece in _CLOSING_OF
            yield Span(piece, "control")
    yield from _joined(pending, inside)


def _joined(pending: list[str], inside: bool) -> Iterator[Span]:
    text = "".join(pending)
    pending.clear()
    if text:
        yield Span(text, "sequence" if inside else "text")


def control_tokens(text: str) -> list[str]:
    """The control tokens that `text` spells, in order."""
    return _CONTROL.findall(text)


def wrap(sequence: str, kind: SequenceKind) -> str:
    """The sequence between its tokens, e.g. `[START_SMILES]CCO[END_SMILES]`."""
    return f"{opening(kind)}{sequence}{closing(kind)}"


def work(reasoning: str) -> str:
    """Step-by-step reasoning in its working-memory tokens, on lines of their own."""
    return f"{START_WORK}\n{reasoning.strip()}\n{END_WORK}"


def citation_key(title: str, surname: str) -> str:
    """What names a work inside a citation: "Title, Surname", on one line, without control tokens."""
    title = " ".join(_CONTROL.sub(" ", title).split()).rstrip(".")
    surname = " ".join(_CONTROL.sub(" ", surname).split())
    return f"{title}, {surname}" if surname else title


def cite(title: str, surname: str) -> str:
    """A citation in the text: `[START_REF] Title, Surname[END_REF]`."""
    return f"{START_REF} {citation_key(title, surname)}{END_REF}"


class CitationSpan(NamedTuple):
    """A closed citation found in a text: characters `start` to `end` with its tokens, `key` between them."""

    start: int
    end: int
    key: str


def citations(text: str) -> list[CitationSpan]:
    """The closed citations of a text, in order. The key of a nested opening is what follows the last one."""
    found = []
    for match in _CITATION.finditer(text):
        before, token, key = match.group(1).rpartition(START_REF)
        start = match.start() + (len(START_REF) + len(before) if token else 0)
        found.append(CitationSpan(start, match.end(), key.strip()))
    return found


def without_citations(text: str) -> str:
    """The text with its closed citations and the space before them removed."""
    return _CITATION_SPACED.sub("", text)


def open_citation(text: str) -> str | None:
    """What has been written of a citation that is still open at the end of `text`; None where none is open."""
    start = text.rfind(START_REF)
    if start < 0 or END_REF in text[start:]:
        return None
    return text[start + len(START_REF) :]


def escape(text: Parts) -> str:
    """The text for a program that has the tokenizer file but not our `encode`: the split marker stands before every
    character of a split sequence and before the token that closes it, also where the sequence is open or holds a line feed."""
    out: list[str] = []
    for span in spans(text):
        if span.nature == "sequence":
            out.extend(SPLIT_MARKER + character for character in span.text)
        elif span.nature == "control" and span.text in _CLOSING_OF.values():
            out.append(SPLIT_MARKER + span.text)
        else:
            out.append(span.text)
    return "".join(out)


# --- document forms -------------------------------------------------------------------------------------------------


def display_name(author: str) -> str:
    """ "Family, Given Names" as it opens a paper: "G. N. Family"."""
    family, _, given = (part.strip() for part in author.partition(","))
    initials = " ".join(f"{part[0]}." for part in re.split(r"[\s.\-]+", given) if part and part[0].isalpha())
    return f"{initials} {family}".strip()


def paper_head(title: str, authors: tuple[str, ...] | list[str] = ()) -> str:
    """`Title: ...` and, where there are authors ("Family, Given"), `Authors: ...`; ends with a blank line."""
    head = f"Title: {' '.join(title.split())}\n\n"
    if authors:
        head += f"Authors: {', '.join(display_name(author) for author in authors)}\n\n"
    return head


def heading(text: str, level: int = 1) -> str:
    """A Markdown heading on its own line, followed by a blank line."""
    return f"{'#' * level} {' '.join(text.split())}\n\n"


def inline_maths(latex: str) -> str:
    r"""`\( ... \)`."""
    return rf"\( {latex.strip()} \)"


def display_maths(latex: str) -> str:
    r"""`\[ ... \]`."""
    return rf"\[ {latex.strip()} \]"
