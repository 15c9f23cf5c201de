"""The Free On-line Dictionary of Computing in dictd's form -> one document a headword, short ones several together.

Source: dictd's `.dict` file (headwords at the margin, definitions indented by three), as Debian's dict-foldoc ships it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple

from galactica import markup
from galactica.corpus.papers import clean
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop

MIN_CHARACTERS = 300
"""An entry of this length stands alone."""
TOGETHER_CHARACTERS = 2000
_MIN_ENTRY = 40
_HEAD = b"00-database-"
_DATE = re.compile(r"\(\d{4}-\d{2}-\d{2}\)")
_ADDRESS = re.compile(
    r"(\[?)\{\(?(https?|ftp|news|gopher|telnet|mailto):([^{}()]{0,500}\)?)\}\]?|\{[^{}()]{0,300}\((?:https?|ftp|news):[^{}]{0,500}\}"
)
_NAMED_ADDRESS = re.compile(r"\{([^{}()]{1,200}?)\s*\((?:https?|ftp|news|gopher|telnet|mailto):[^{}]{0,500}\)\}")
_LINK = re.compile(r"\{([^{}]{1,200})\}")
_CATEGORY = re.compile(r"<([a-z][a-z ,/&-]{1,60})>\s*")
_MAIL = re.compile(r"E-?mail:\s*<[^<>]{1,100}>(?:,\s*<[^<>]{1,100}>)*[^\n.]{0,60}\.?|<[\w.+-]{1,60}@[\w.-]{1,60}>")
_LABEL_ALONE = re.compile(
    r"(?:Home|Info|FAQ|(?:Usenet )?newsgroups?|Web site|Mailing list|Tel|Fax|FTP|See also|See|Home page|Contact|Email)\s*:?"
    r"\s*[.,]?",
    re.IGNORECASE,
)
_CITED = re.compile(r"\[\s*\"([^\"\[\]]{8,250}?)[,.]?\",?\s+([^\[\]\",]{3,80})([^\[\]]{0,200})\](\.?)")
_FIRST_NAME = re.compile(r"(?:([A-Z][\w.-]*(?: [A-Z][\w.-]*)*) )?((?:(?:van|von|de|der|den|la) )*[A-Z][\w'-]+)")
_EDITORIAL = re.compile(r"(?:(?<!\s)\s+)?\[(?:\{?Jargon File\}?|[^\[\]]{1,80}\?)\]\.?")
_DOUBT = re.compile(r" ?\[\?\]")
"""An editor's, after a word."""
_CONTACT = re.compile(
    r"(?:^|(?<=[.)] ))(?:E-?mail(?: address)?|Telephone|Tel|Fax|Phone|Address|Mailing list|Usenet newsgroups?): ?.{0,300}$"
)
"""How to reach somebody, once the addresses are gone."""
_OF_CODE = re.compile(r"[;=<>$&|\\#@^]|\w\(|\{[^a-zA-Z{}]|--|\*/")
_EMPTY = re.compile(r"(?:(?<![ \t])[ \t]+)?[(\[]\s*[)\]]|\(\s*,\s*\)")


class Entry(NamedTuple):
    """A headword with the paragraphs of its definition."""

    headword: str
    paragraphs: list[str]

    @property
    def size(self) -> int:
        """Characters of the definition."""
        return sum(map(len, self.paragraphs))


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith((".dict", ".dict.dz")) and _HEAD in head and b"Dictionary of Computing" in head


def _read(file: RawFile) -> Iterator[Document | Drop]:
    waiting: list[Entry] = []
    for headword, lines in _entries(file.data.decode("utf-8", "replace")):
        if headword.startswith(_HEAD.decode()) or "%%%" in headword:
            continue  # what dictd and the dictionary say of themselves
        if markup.control_tokens(clean(headword + "\n".join(lines))):
            yield Drop(f"{file.where}:{headword}"[:200], SOURCE.name, "spells a control token")
            continue
        entry = Entry(_tidy(clean(headword)), _paragraphs([clean(line) for line in lines]))
        if entry.size < _MIN_ENTRY or not any(map(str.isalnum, entry.headword)):
            yield Drop(f"{file.where}:{headword}"[:200], SOURCE.name, f"shorter than {_MIN_ENTRY} characters")
        elif entry.size >= MIN_CHARACTERS:
            yield _document([entry])
        else:
            waiting.append(entry)
            if sum(one.size for one in waiting) >= TOGETHER_CHARACTERS:
                yield _document(waiting)
                waiting = []
    if waiting:
        yield _document(waiting)


def _document(entries: list[Entry]) -> Document:
    first, last = entries[0].headword, entries[-1].headword
    if len(entries) == 1:
        title = first
        blocks = entries[0].paragraphs
    else:
        title = f"Terms of computing: {first} to {last}"
        blocks = [f"**{one.headword}**: " + "\n\n".join(one.paragraphs) for one in entries]
    text = "\n\n".join([f"# {title}", *blocks])
    licence = "GNU Free Documentation License, Version 1.1 or later"
    return Document(
        f"foldoc:{first}", text, SOURCE.name, licence, {"title": title, "n_entries": len(entries), "language": "en"}
    )


def _entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Headword and definition lines of each entry; aliases of a headword go with it. A line at the margin is a headword after an
    empty line or after another headword: dictfmt leaves words at the margin that were too long for their line."""
    headword, lines = "", list[str]()
    before, before_is_headword = "", False
    for line in text.splitlines():
        at_margin = line[:1] not in ("", " ", "\t", "[")
        is_headword = at_margin and (not before or before_is_headword)
        if is_headword and not before_is_headword:
            if headword and any(map(str.strip, lines)):
                yield headword, lines
            headword, lines = line.strip(), []
        elif not is_headword:
            if at_margin and lines and lines[-1].isspace():
                lines.pop()  # the indentation that the word was to stand behind: no end of a paragraph
            lines.append(line)
        before, before_is_headword = line, is_headword
    if headword and any(map(str.strip, lines)):
        yield headword, lines


def _paragraphs(lines: list[str]) -> list[str]:
    out: list[str] = []
    for group in _groups(lines):
        if len(group) > 1 and all(line.startswith("      ") for line in group):
            indent = min(len(line) - len(line.lstrip()) for line in group)
            out.append("\n".join(["```", *(_LINK.sub(r"\1", line[indent:]) for line in group), "```"]))
            continue
        running = " ".join(line.strip() for line in group)
        if _NAMED_ADDRESS.fullmatch(running.strip("[]. ")):
            continue  # a link out of the dictionary, and what it is called
        if _is_code(group):
            out.append("\n".join(["```", *dedent("\n".join(group)).split("\n"), "```"]))
            continue
        said = _ADDRESS.sub("", running).strip(" ,.;[]()")
        if said and not _LABEL_ALONE.fullmatch(said) and (text := _tidy(running)):
            out.append(text)
    return [block for block in out if sum(map(str.isalpha, block)) > 2]


def _is_code(group: list[str]) -> bool:
    """Whether lines that are set in by four are what a program says: a quotation has none of its signs."""
    return all(line.startswith("    ") for line in group) and _OF_CODE.search("".join(group)) is not None


def _groups(lines: list[str]) -> Iterator[list[str]]:
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            group.append(line.expandtabs())
        elif group:
            yield group
            group = []


def _tidy(text: str) -> str:
    """The text without the marks of the dictionary: links, addresses, dates, categories."""
    text = _NAMED_ADDRESS.sub(r"\1", text)
    text = _DATE.sub("", _MAIL.sub("", _ADDRESS.sub(_address, text)))
    text = _CATEGORY.sub("", _LINK.sub(r"\1", text))
    text = _EMPTY.sub("", _EDITORIAL.sub("", _DOUBT.sub("", text)))
    text = _CITED.sub(_citation, text)
    text = re.sub(r"\s+([.,;:])(?=\s|$)", r"\1", " ".join(text.split()))
    return _CONTACT.sub("", text).strip(" ,;")


def _address(match: re.Match[str]) -> str:
    """A bare address in a sentence, which has a hole without it, as it is written; nothing for one that stands in brackets."""
    scheme, rest = match[2], (match[3] or "").rstrip(")")
    if match[1] or scheme in (None, "mailto"):
        return ""
    return rest if scheme == "news" else f"{scheme}:{rest}"


def _citation(match: re.Match[str]) -> str:
    """ "["PUB: The Document Compiler", Larry Tesler, Stanford, 1972]" as a citation; as it is where no name follows."""
    name = _FIRST_NAME.fullmatch(re.split(r" et al| and | & ", match[2])[0].strip())
    year = re.search(r"\b(?:19|20)\d\d\b", match[3])
    if name is None:
        return match[0]
    author = f"{name[2]}, {name[1]}" if name[1] else name[2]
    reference = make_reference(match[1], [author], int(year[0]) if year else None, None, None)
    return markup.cite(reference.title, reference.surname) + match[4] if reference else match[0]


SOURCE = Source(
    name="foldoc",
    group="reference material",
    format="dictd dictionary",
    origin="https://foldoc.org (Debian package dict-foldoc)",
    licence="GNU FDL 1.1 or later",
    claims=_claims,
    read=_read,
)
