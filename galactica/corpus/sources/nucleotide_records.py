"""GenBank's and EMBL's flat files, parsed to records of one kind; `genbank.py` and `ribosome.py` make documents of them.

Source: the release notes of GenBank (ftp.ncbi.nlm.nih.gov/genbank/gbrel.txt) and EMBL's user manual; the feature table of the INSDC
(https://www.insdc.org/submitting-standards/feature-table), which both share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from galactica.references.record import make_reference
from galactica.types import Reference

MAX_PARTS = 1000
"""Pieces of one location."""

_CLAIM = re.compile(rb"\s*(?:LOCUS  |ID   \S.*\bBP\.|\w{1,20}\.SEQ\s+Genetic Sequence Data Bank)")
_LETTERS = {ord(character): None for character in "0123456789 \t\r\n/*-."}
_PART = re.compile(r"(complement\()?([<>]?\d+)(?:\.\.([<>]?\d+))?\)?\Z")
_BETWEEN_AUTHORS = re.compile(r",\s+|\s+and\s+")
_EMBL_AUTHOR = re.compile(r"(.{1,60}?)\s+((?:\w{1,3}\.[\s-]?)+(?:Jr\.?|Sr\.?|I{2,3}|IV)?)\Z")
_VERSION = re.compile(r"; SV (\d{1,3});")
_YEAR = re.compile(r"\(((?:19|20)\d\d)\)\.?\s*\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """Bases `start` to `end`, counted from 1, both included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where a feature lies: its spans in the order of reading, and whether it is read on the other strand. `is_partial` where it
    goes on beyond the record."""

    spans: tuple[Span, ...]
    is_reverse: bool
    is_partial: bool

    @property
    def start(self) -> int:
        """The first base of all spans."""
        return min(span.start for span in self.spans)

    @property
    def end(self) -> int:
        """The last base of all spans."""
        return max(span.end for span in self.spans)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of the table; of a qualifier given twice the first value."""

    key: str
    location: Location
    qualifiers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """An entry. `kind` is the molecule with its shape ("linear mRNA"); `sequence` in capitals; `works` those with a title."""

    accession: str
    definition: str
    kind: str
    organism: str
    lineage: str
    keywords: str
    sequence: str
    features: tuple[Feature, ...]
    works: tuple[Reference, ...]


def is_flat_file(head: bytes) -> bool:
    """Whether a file that begins so holds entries of nucleotides (or GenBank's form of proteins)."""
    return _CLAIM.match(head) is not None


def records(text: str) -> Iterator[Record | str]:
    """The records of a file, also where the closing `//` is missing; a reason for each that cannot be used."""
    lines: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip()
        starts = line.startswith(("LOCUS  ", "ID   "))
        if lines and (starts or line == "//"):
            yield _record(lines)
            lines = []
        if starts or (lines and line and line != "//"):
            lines.append(line)
    if lines:
        yield _record(lines)


def parse_location(text: str) -> Location | None:
    """The place that a location of the feature table names; None for places between bases, in other records or not certain."""
    text = "".join(text.split())
    is_reverse = text.startswith("complement(") and text.endswith(")") and not _PART.match(text)
    inner = text[len("complement(") : -1] if is_reverse else text
    for operator in ("join(", "order("):
        if inner.startswith(operator) and inner.endswith(")"):
            inner = inner[len(operator) : -1]
    parts = inner.split(",")
    found = [_PART.match(part) for part in parts[:MAX_PARTS]]
    if len(parts) > MAX_PARTS:
        return None
    spans: list[Span] = []
    reversed_parts = 0
    for match in found:
        if match is None or bool(match[1]) != match[0].endswith(")"):
            return None
        start = int(match[2].lstrip("<>"))
        span = Span(start, int(match[3].lstrip("<>")) if match[3] else start)
        if not 0 < span.start <= span.end:
            return None
        spans.append(span)
        reversed_parts += bool(match[1])
    if reversed_parts not in (0, len(spans)) or (is_reverse and reversed_parts):
        return None  # trans-spliced over both strands
    # complement(join(a,b)) reads b first; join(complement(b),complement(a)) says so itself
    ordered = tuple(reversed(spans)) if is_reverse else tuple(spans)
    return Location(ordered, is_reverse or reversed_parts > 0, "<" in text or ">" in text)


def joined(sequence: str, location: Location) -> str:
    """The bases of a location as they are read, "" where it reaches beyond the sequence."""
    if location.end > len(sequence):
        return ""
    pieces = (sequence[span.start - 1 : span.end] for span in location.spans)
    if not location.is_reverse:
        return "".join(pieces)
    return "".join(reverse_complement(piece) for piece in pieces)


_COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVN", "TGCAAYRSWMKVHDBN")


def reverse_complement(sequence: str) -> str:
    """The other strand, as it is read."""
    return sequence.translate(_COMPLEMENT)[::-1]


# --- one record -------------------------------------------------------------------------------------------------------


def _record(lines: list[str]) -> Record | str:
    return _genbank(lines) if lines[0].startswith("LOCUS") else _embl(lines)


def _genbank(lines: list[str]) -> Record | str:
    head = lines[0].split()
    if "aa" in head[2:5]:
        return "a protein, not a nucleotide sequence"
    fields: dict[str, str] = {}
    works: list[dict[str, str]] = []
    table: list[str] = []
    letters: list[str] = []
    place = name = ""
    for line in lines[1:]:
        keyword = line[:12].strip()
        if line[:1] not in (" ", ""):
            place = name = line.split(maxsplit=1)[0]
            if place == "REFERENCE":
                works.append({})
        if place == "FEATURES":
            table.append(line)
        elif place == "ORIGIN":
            letters.append(line)
        else:
            name = keyword or name
            target = works[-1] if place == "REFERENCE" else fields
            value = line[12:].strip()
            separator = "\n" if name == "ORGANISM" else " "
            target[name] = f"{target[name]}{separator}{value}" if name in target else value
    organism, _, lineage = fields.get("ORGANISM", "").partition("\n")
    kind = " ".join(part for part in head if part in ("linear", "circular"))
    molecule = next((part for part in head[3:] if part.upper().endswith(("DNA", "RNA"))), "DNA")
    return _made(
        accession=_first_word(fields.get("VERSION", "")) or _first_word(fields.get("ACCESSION", "")) or head[1],
        definition=fields.get("DEFINITION", ""),
        kind=f"{kind} {molecule}".strip(),
        organism=organism,
        lineage=lineage,
        keywords=fields.get("KEYWORDS", ""),
        table=table[1:],
        letters=letters[1:],
        works=[
            _work(work.get("TITLE", ""), _people(work.get("AUTHORS", "")), work.get("JOURNAL", "")) for work in works
        ],
    )


def _embl(lines: list[str]) -> Record | str:
    head = lines[0]
    if not head.rstrip().endswith("BP."):
        return "a protein, not a nucleotide sequence"
    fields: dict[str, str] = {}
    works: list[dict[str, str]] = []
    table: list[str] = []
    letters: list[str] = []
    for line in lines[1:]:
        code, value = line[:2], line[5:].strip()
        if code == "RN":
            works.append({})
        elif code == "FT":
            table.append(f"     {line[5:]}")
        elif code == "  ":
            letters.append(line)
        else:
            target = works[-1] if works and code in ("RA", "RT", "RL") else fields
            target[code] = f"{target[code]} {value}" if code in target else value
    words = re.split(r"[;\s]+", head[5:])
    molecule = next((word for word in words[1:] if word.upper().endswith(("DNA", "RNA"))), "DNA")
    shape = next((word for word in words if word in ("linear", "circular")), "")
    accession = fields.get("AC", "").split(";")[0].strip() or words[0]
    version = _VERSION.search(head)
    return _made(
        accession=f"{accession}.{version[1]}" if version else accession,
        definition=fields.get("DE", ""),
        kind=f"{shape} {molecule}".strip(),
        organism=fields.get("OS", "").split(" (")[0],
        lineage=fields.get("OC", ""),
        keywords=fields.get("KW", ""),
        table=table,
        letters=letters,
        works=[
            _work(work.get("RT", "").strip('"; '), _embl_people(work.get("RA", "")), work.get("RL", ""))
            for work in works
        ],
    )


def _first_word(text: str) -> str:
    return text.partition(" ")[0].strip(".")


def _made(
    *,
    accession: str,
    definition: str,
    kind: str,
    organism: str,
    lineage: str,
    keywords: str,
    table: list[str],
    letters: list[str],
    works: list[Reference | None],
) -> Record | str:
    definition = " ".join(definition.split()).rstrip(". ")
    if not accession:
        return "no accession"
    if not definition:
        return "no definition"
    return Record(
        accession=accession,
        definition=definition,
        kind=kind,
        organism=" ".join(organism.split()).rstrip("."),
        lineage=" ".join(lineage.split()).rstrip(". "),
        keywords=", ".join(part for word in keywords.split(";") if (part := word.strip(" ."))),
        sequence="".join(letters).translate(_LETTERS).upper(),
        features=tuple(_features(table)),
        works=tuple(work for work in works if work is not None),
    )


def _work(title: str, people: list[str], journal: str) -> Reference | None:
    if not title or title.lower().startswith("direct submission"):
        return None
    year = _YEAR.search(journal)
    return make_reference(title, people, int(year[1]) if year else None, None, None)


def _people(text: str) -> list[str]:
    """ "Zhou,D., Tong,Z. and Yang,R." -> "Zhou, D.", ..."""
    return [name.replace(",", ", ", 1) for name in _BETWEEN_AUTHORS.split(text[:4000]) if "," in name]


def _embl_people(text: str) -> list[str]:
    """ "Parkhill J., Barrell B.G.;" -> "Parkhill, J.", ..."""
    names = (_EMBL_AUTHOR.match(name.strip()) for name in text[:4000].rstrip("; ").split(","))
    return [f"{match[1]}, {match[2].strip()}" for match in names if match]


def _features(table: list[str]) -> Iterator[Feature]:
    """The features whose place is plain; keys stand in column 6, what belongs to them in column 22."""
    block: list[str] = []
    for line in [*table, "     end"]:
        if line[5:6].strip() and line[:5] == "     ":
            if block:
                yield from _feature(block)
            block = [line]
        elif block:
            block.append(line)


def _feature(block: list[str]) -> Iterator[Feature]:
    key, _, place = block[0].strip().partition(" ")
    qualifiers: list[list[str]] = []
    is_open = False
    for line in block[1:]:
        text = line.strip()
        if text.startswith("/") and not is_open:
            qualifiers.append([text])
        elif qualifiers:
            qualifiers[-1].append(text)
        else:
            place += text
            continue
        is_open ^= text.count('"') % 2 == 1
    location = parse_location(place)
    if location is not None:
        yield Feature(key, location, dict(reversed([_qualifier(lines) for lines in qualifiers])))


def _qualifier(lines: list[str]) -> tuple[str, str]:
    name = lines[0][1:].partition("=")[0]
    value = ("" if name == "translation" else " ").join(lines).partition("=")[2]
    return name, value.strip().removeprefix('"').removesuffix('"').replace('""', '"')
