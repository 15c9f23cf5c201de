"""Integer sequences: the internal format of the OEIS, its lists of names and terms, and the comments of LODA programs.

Sources: https://oeis.org/eishelp1.html (lines `%N A000045 ...`, one file a sequence in github.com/oeis/oeisdata),
https://oeis.org/wiki/Download (names.gz and stripped.gz), https://loda-lang.org (`; A000045: name`, `; terms`, `; Formula: ...`).
Programs, cross references and the names of contributors are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from galactica import markup
from galactica.corpus import split
from galactica.corpus.papers import clean
from galactica.corpus.source import Package, PackageSource, Published, Source
from galactica.files import RawFile
from galactica.references.citation_text import parse_citation, people
from galactica.references.record import make_reference
from galactica.types import Document, Drop, Reference

_NAME = "oeis"
_LICENCE = "CC BY-SA 4.0 (OEIS End-User License Agreement)"
_PUBLISHED = Published(350_833, 70_000_000)
_MIN_TERMS = 3
_MAX_CITED = 40
_MAX_LINE = 20_000
_MAX_MINED_FORMULA = 300
"""A longer formula that a program was turned into tells more of the program than of the sequence."""
_LINE = re.compile(r"%([A-Za-z]) (A\d{6,7})(?: (.*))?")
_TERMS = re.compile(r"-?\d+(?:,-?\d+)*")
_FIRST_LINE = re.compile(rb"; A\d{6,7}: ")
_MONTH_DAY = r"[A-Z][a-z]{2} \d{1,2},? \d{4}"
_SIGNED = re.compile(
    rf" {{0,3}}(?:[-–] \(?(?:(?:_[^_\n]{{1,60}}_[^_\n]{{0,5}}){{1,4}}|[A-Z][^_,\n]{{2,80}}), {_MONTH_DAY}(?:\)$)?"
    rf"|\[_?[A-Z][\w. '-]{{2,40}}_?, {_MONTH_DAY}\])"
)
_EDITED = re.compile(
    r" ?[\[(](?:[Cc]orrected|[Ee]dited|[Ee]xtended|[Ii]nserted|[Cc]omment|[Mm]odified|[Ff]ixed)[^\[\]()]{0,150}[\])]"
)
_GIVEN_BY = re.compile(rf"(?:Comments? )?[Ff]rom _?[A-Z][^_:\n]{{2,50}}_?(?:,? {_MONTH_DAY})?: ?")
_BLOCK = re.compile(r"\((?:Start|End)\)")
_MAIL = re.compile(r" ?\([\w.+-]{1,60}\(AT\)[\w.-]{1,60}\)")
_PERSON = re.compile(r"\b_([^_\n]{2,60})_\b|(?<!\w)_([^_\n]{2,60})_(?!\w)")
_LINK = re.compile(r"([^<>]{0,400}?),? *<a href=\"[^\"<>]{0,1000}\">([^<>]{1,400})</a>([^<>]{0,300})")
_IN_PRINT = re.compile(r"\b(?:1[89]|20)\d\d\b|\barXiv\b|\bVol\.")
_NO_PEOPLE = re.compile(r" - |Wikipedia|World of|Project|Compendium|Encyclopedia")
_PAGE = re.compile(
    r"problem \d|tables? of|index |plot|illustration|graph of|first \d|letters? |figure|notes on|scan|program|"
    r".{0,40}(?:home ?page|web ?site|cached copy)",
    re.IGNORECASE,
)
_SECTIONS = (("C", "Comments"), ("F", "Formulas"), ("e", "Examples"))


@dataclass(slots=True)
class _Sequence:
    number: str
    name: str = ""
    terms: str = ""
    offset: str = ""
    keywords: frozenset[str] = frozenset()
    lines: dict[str, list[str]] = field(default_factory=dict)


# --- the internal format --------------------------------------------------------------------------------------------


def _claims(where: str, head: bytes) -> bool:
    return re.search(rb"^%I A\d{6,7}\b", head, re.MULTILINE) is not None and b"\n%" in head


def _read(file: RawFile) -> Iterator[Document | Drop]:
    sequence: _Sequence | None = None
    for line in file.data.decode("utf-8", "replace").split("\n"):
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None or len(line) > _MAX_LINE:
            continue
        letter, number, text = match[1], match[2], match[3] or ""
        if sequence is None or number != sequence.number:
            if sequence is not None:
                yield _outcome(sequence, file.where)
            sequence = _Sequence(number)
        _add(sequence, letter, text)
    yield _outcome(sequence, file.where) if sequence else Drop(file.where, _NAME, "no sequence")


def _add(sequence: _Sequence, letter: str, text: str) -> None:
    if letter in "STU":
        sequence.terms += text.strip()
    elif letter == "N":
        sequence.name = f"{sequence.name} {text}".strip()
    elif letter == "O":
        sequence.offset = text.partition(",")[0].strip()
    elif letter == "K":
        sequence.keywords = frozenset(text.strip().split(","))
    else:
        sequence.lines.setdefault(letter, []).append(text)


# --- LODA and the two lists -----------------------------------------------------------------------------------------


def _claims_loda(where: str, head: bytes) -> bool:
    return where.lower().endswith(".asm") and _FIRST_LINE.match(head) is not None


def _read_loda(file: RawFile) -> Iterator[Document | Drop]:
    text = file.data.decode("utf-8", "replace").replace("\r", "")
    number, _, name = text.partition("\n")[0].removeprefix("; ").partition(": ")
    offset = re.search(r"^#offset (-?\d+)$", text, re.MULTILINE)
    sequence = _Sequence(number, name, offset=offset[1] if offset else "0")
    for line in text.split("\n")[1:]:
        if not line.startswith("; "):
            break
        if line.startswith("; Formula: ") and len(line) <= _MAX_MINED_FORMULA:
            sequence.lines["F"] = [line.removeprefix("; Formula: ")]
        elif _TERMS.fullmatch(line[2:].strip()):
            sequence.terms = line[2:].strip()
    yield _outcome(sequence, file.where)


def _list_files(package: Package) -> tuple[bytes, bytes] | None:
    named = {PurePosixPath(path).name: data for path, data in package.files.items()}
    names, terms = named.get("names", b""), named.get("stripped", b"")
    return (names, terms) if b"OEIS" in terms[:300] and re.search(rb"^A\d{6,7} ,", terms[:4096], re.MULTILINE) else None


def _read_lists(package: Package) -> Iterator[Document | Drop]:
    lists = _list_files(package)
    names, terms = lists or (b"", b"")
    name_of = dict(line.split(b" ", 1) for line in names.split(b"\n") if line.startswith(b"A") and b" " in line)
    for line in terms.split(b"\n"):
        number, _, values = line.decode("utf-8", "replace").strip().partition(" ")
        if re.fullmatch(r"A\d{6,7}", number):
            name = name_of.get(number.encode(), b"").decode("utf-8", "replace").strip()
            yield _outcome(_Sequence(number, name, values.strip(",")), package.where)


# --- documents ------------------------------------------------------------------------------------------------------


def _outcome(sequence: _Sequence, where: str) -> Document | Drop:
    found = _document(sequence)
    return Drop(f"{where}:{sequence.number}", _NAME, found) if isinstance(found, str) else found


def _document(sequence: _Sequence) -> Document | str:
    """The document of a sequence, or the reason why there is none."""
    name = _prose(sequence.name).removesuffix(".")
    if not name:
        return "no name"
    if "dead" in sequence.keywords:
        return "a sequence that was withdrawn"
    if name.lower().startswith(("allocated for", "allocated to", "recycled", "duplicate of")):
        return "a number without a sequence"
    terms = [term for term in sequence.terms.split(",") if term]
    if len(terms) < _MIN_TERMS:
        return "fewer than three terms"
    parts = [markup.heading(name).strip(), f"OEIS {sequence.number}{_from(sequence.offset)}: {', '.join(terms)}"]
    if "cons" in sequence.keywords and (value := _constant(terms, sequence.offset)):
        parts.append(f"The value of the constant is {value}...")
    for letter, title in _SECTIONS:
        lines = [text for line in sequence.lines.get(letter, ()) if (text := _prose(line, letter == "e"))]
        if lines:
            parts.append(markup.heading(title, 2) + ("\n" if letter == "e" else "\n\n").join(lines))
    if markup.control_tokens("\n".join(parts)):
        return "spells a control token"
    if cited := _citations(sequence):
        parts.append(markup.heading("References", 2) + "\n\n".join(cited))
    metadata = {"title": name, "subject": "mathematics", "oeis": sequence.number}
    return Document(f"{_NAME}:{sequence.number}", "\n\n".join(parts), _NAME, _LICENCE, metadata)


def _from(offset: str) -> str:
    return f", from n = {offset}" if offset else ""


def _constant(digits: list[str], offset: str) -> str:
    """The number whose decimal digits the terms are; the offset counts the digits before the point."""
    if not re.fullmatch(r"-?\d{1,2}", offset) or any(len(digit) != 1 for digit in digits):
        return ""
    before, written = int(offset), "".join(digits)
    return f"{written[:before]}.{written[before:]}" if before > 0 else f"0.{'0' * -before}{written}"


def _prose(line: str, keeps_indent: bool = False) -> str:
    """The line without who wrote it and when."""
    line = clean(line[:_MAX_LINE])
    for pattern in (_GIVEN_BY, _SIGNED, _EDITED, _BLOCK, _MAIL):
        line = pattern.sub("", line)
    line = _PERSON.sub(lambda match: match[1] or match[2], line)
    return line.rstrip() if keeps_indent else line.strip()


def _citations(sequence: _Sequence) -> list[str]:
    """The works that the reference and link lines name, each once; links without an author or a year are pages, not works."""
    works = [parse_citation(line.replace("_", "")) for line in sequence.lines.get("D", ())]
    for line in sequence.lines.get("H", ()):
        match = _LINK.match(line.replace("_", ""))
        if match and _IN_PRINT.search(match[3]) and not _NO_PEOPLE.search(match[1]):
            works.append(make_reference(match[2], people(match[1]), None, None, None))
    cited = [markup.cite(work.title, work.surname) for work in works if work and _is_work(work)]
    return list(dict.fromkeys(cited))[:_MAX_CITED]


def _is_work(work: Reference) -> bool:
    whole = work.title.count("(") == work.title.count(")") and "Proceedings of" not in work.title
    return bool(work.surname) and whole and _PAGE.match(work.title) is None


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="OEIS internal format",
    origin="https://github.com/oeis/oeisdata",
    licence=_LICENCE,
    published=_PUBLISHED,
    claims=_claims,
    read=_read,
    split=split.after(b"\n\n"),
)

LODA_SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="LODA programs (name, terms and formula of a sequence)",
    origin="https://github.com/loda-lang/loda-programs",
    licence=f"{_LICENCE}; formulas Apache-2.0",
    published=_PUBLISHED,
    claims=_claims_loda,
    read=_read_loda,
)

LISTS_SOURCE = PackageSource(
    name=_NAME,
    group="knowledge bases",
    format="lists of names and terms (names.gz and stripped.gz together)",
    origin="https://oeis.org/wiki/Download",
    licence=_LICENCE,
    published=_PUBLISHED,
    endings=frozenset({"names", "stripped"}),  # the two files have no ending once they are unpacked
    claims=lambda package: _list_files(package) is not None,
    read=_read_lists,
)
