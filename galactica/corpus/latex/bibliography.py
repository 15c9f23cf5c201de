r"""The works that a document cites, from its `.bib` files, its `.bbl` or its `thebibliography`: citation key -> record.

A `.bbl` comes in several dialects: plain BibTeX (`\bibitem{key} Authors. \newblock Title. \newblock ...`), REVTeX and natbib
(`\bibinfo{title}{...}`), biblatex (`\field{title}{...}`), amsrefs (`\bib{key}{article}{title={...}}`), or written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from galactica.corpus.latex.commands import CITATIONS, CITED_AUTHORS, NARRATIVE
from galactica.references.bibtex import keyed_references, keyed_untitled, plain_text, split_authors
from galactica.references.citation_text import parse_citation
from galactica.references.record import clean_doi, first_page, make_reference
from galactica.types import Reference, UntitledEntry

MAX_BIBLIOGRAPHY = 64 * 2**20
_MAX_ITEM, _MAX_FIELD, _MAX_FIELDS = 6000, 2000, 80

_CITING = CITATIONS | NARRATIVE | CITED_AUTHORS
_BRACE = re.compile(r"(?<!\\)[{}]")
_ITEM = re.compile(r"\\bibitem\s*(?=[\[{])")
_KEY = re.compile(r"\s*\{([^{}]{1,200})\}")
_ENTRY = re.compile(r"\\entry\{([^{}]+)\}\{([^{}]*)\}")
_FIELD = re.compile(r"\\field\{(\w+)\}\{")
_FAMILY = re.compile(r"\bfamily=\{((?:[^{}]|\{[^{}]*\})*)\}")
_GIVEN = re.compile(r"\bgiven=\{((?:[^{}]|\{[^{}]*\})*)\}")
_AMS = re.compile(r"\\bib\{([^{}]+)\}\{\w+\}\{")
_AMS_FIELD = re.compile(r"\b(author|title|date|year|doi|eprint)\s*=\s*\{")
_INFO = re.compile(r"\\bibinfo\s*\{\s*(\w+)\s*\}\s*\{")
_YEAR = re.compile(r"(?<!\d)(1[6-9]\d\d|20\d\d)(?!\d)")
_LABEL = re.compile(r"(.{2,120}?)\s{0,9}\(\s{0,9}(\d{4}[a-z]?|in press|[^()]{1,20})\s{0,9}\)", re.DOTALL)
_IN_QUOTES = re.compile(r"``(.{5,300}?)[,.]?''", re.DOTALL)
_LINKED_DOI = re.compile(r"10\.\d{4,9}/[^\s{}\\]+")
_ARXIV = re.compile(r"(?:arxiv[:.\s]|arxiv\.org/(?:abs|pdf)/)\s?(\d{4}\.\d{4,5})(?!\d)", re.IGNORECASE)
_EPRINT = re.compile(r"\barxiv\b|\bdoi\b|^https?:", re.IGNORECASE)


class Bibliography(NamedTuple):
    """Citation key -> record (None for an entry without a title), key -> the names and the year that the list shows, and key ->
    what an entry without a title says."""

    references: dict[str, Reference | None]
    names: dict[str, tuple[str, str]]
    untitled: dict[str, UntitledEntry]


def cited_keys(tokens: Iterable[str]) -> dict[str, None]:
    """The keys of all citations among expanded tokens, in their order."""
    keys: dict[str, None] = {}
    is_citing, level = False, 0
    for token in tokens:
        if token[0] == "\\" and token.rstrip("*") in _CITING:
            is_citing, level = True, 0
        elif is_citing:
            if token == "{":
                level += 1
            elif token == "}":
                is_citing = level > 1
                level -= 1
            elif level == 1:
                keys.update(dict.fromkeys(key for part in token.split(",") if (key := part.strip())))
            elif not level and token == "\\par":
                is_citing = False
    return keys


def read(
    texts: Mapping[str, str], keys: Iterable[str], sources: Iterable[str], to_text: Callable[[str], str]
) -> Bibliography:
    r"""The bibliography of a document that cites `keys`. `texts` are the package's `.bib` and `.bbl` files, `sources` the texts
    that may hold a list of works themselves, `to_text` turns LaTeX with the document's macros into plain text."""
    wanted = dict.fromkeys(keys)
    references: dict[str, Reference | None] = {}
    names: dict[str, tuple[str, str]] = {}
    untitled: dict[str, UntitledEntry] = {}
    lists = [text for path, text in texts.items() if path.lower().endswith(".bbl")] + [
        text for text in sources if "\\bib" in text
    ]
    for text in lists:
        for key, found, label in _listed(text, wanted, to_text):
            if references.get(key) is None:
                references[key] = found if isinstance(found, Reference) else None
            if isinstance(found, UntitledEntry):
                untitled.setdefault(key, found)
            if label:
                names.setdefault(key, label)
    for path, text in texts.items():
        missing = [key for key in wanted if references.get(key) is None]
        if path.lower().endswith(".bib") and missing and len(text) < MAX_BIBLIOGRAPHY:
            keyed = keyed_references(text, missing)
            references |= {key: work for key, work in keyed.items() if work or key not in references}
            if unnamed := [key for key, work in keyed.items() if work is None]:
                untitled = keyed_untitled(text, unnamed) | untitled
    for key, reference in references.items():
        if reference is not None and reference.authors:
            year = str(reference.year or "")
            names[key] = (_shown(reference), names.get(key, ("", year))[1] or year)
    untitled = {key: entry for key, entry in untitled.items() if references.get(key) is None}
    return Bibliography(references, names, untitled)


def _shown(reference: Reference) -> str:
    """ "Vaswani et al.", "Watson and Crick"."""
    surnames = [author.partition(",")[0] for author in reference.authors]
    if len(surnames) > 2:
        return f"{surnames[0]} et al."
    return " and ".join(surnames)


Listed = tuple[str, Reference | UntitledEntry | None, tuple[str, str] | None]


def _listed(text: str, wanted: Mapping[str, None], to_text: Callable[[str], str]) -> Iterable[Listed]:
    if "\\entry{" in text:
        yield from _biblatex(text, wanted)
    if "\\bib{" in text:
        yield from _amsrefs(text, wanted)
    starts = list(_ITEM.finditer(text))
    for index, match in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        item = text[match.end() : min(end, match.end() + _MAX_ITEM)].partition("\\end{thebibliography}")[0]
        label = ""
        if item.startswith("["):
            label, at = _bracketed(item)
            item = item[at:]
        if (key := _KEY.match(item)) is None or key[1].strip() not in wanted:
            continue
        body = item[key.end() :]
        yield key[1].strip(), _item(body, to_text), _names(label, to_text)


def _bracketed(text: str) -> tuple[str, int]:
    level = 0
    for index, character in enumerate(text):
        level += (character == "{") - (character == "}")
        if character == "]" and not level:
            return text[1:index], index + 1
    return "", 1


def _group(text: str, start: int) -> str:
    """What stands between the brace that was passed before `start` and the one that closes it."""
    level = 1
    for match in _BRACE.finditer(text, start, start + _MAX_FIELD):
        level += 1 if match[0] == "{" else -1
        if not level:
            return text[start : match.start()]
    return text[start : start + _MAX_FIELD]


def _names(label: str, to_text: Callable[[str], str]) -> tuple[str, str] | None:
    """The names and the year of a natbib label, "Vaswani et~al.(2017)Vaswani, Shazeer"."""
    text = to_text(label).replace("{", "").replace("}", "") if label else ""
    match = _LABEL.match(text)
    if match is None or not any(character.isalpha() for character in match[1]):
        return None
    return match[1].strip().replace("&", "and"), match[2]


def _item(body: str, to_text: Callable[[str], str]) -> Reference | UntitledEntry:
    """The record of one entry of a list, or what it says of a work without a title."""
    infos = list(islice(_INFO.finditer(body), _MAX_FIELDS))
    fields = {match[1].lower(): _group(body, match.end()) for match in infos}
    title = fields.get("title") or fields.get("booktitle") or ""
    people = [_group(body, match.end()) for match in infos if match[1].lower() in ("author", "editor")]
    blocks = body.split("\\newblock")
    quoted = _IN_QUOTES.search(body)
    if title and people:
        names = [_person(to_text(name)) for name in people]
        work = _made(to_text(title), names, fields.get("year", "") or body, body)
    elif len(blocks) > 2 and _is_title(title := to_text(blocks[1]).strip(" .,")):
        work = _made(title, _people(to_text(blocks[0]).strip(" .,:")), body, body)
    elif quoted and _is_title(title := to_text(quoted[1])):
        work = _made(title, _people(to_text(body[: quoted.start()])), body, body)
    else:
        work = parse_citation(_plain(body, to_text))
    return work or UntitledEntry(
        _plain(body, to_text),
        surname=_person(to_text(people[0])).partition(",")[0] if people else "",
        year=int(year[1]) if (year := _YEAR.search(fields.get("year", ""))) else None,
        volume=to_text(fields.get("volume", "")),
        page=first_page(to_text(fields.get("pages", ""))),
        doi=_linked_doi(body),
    )


def _plain(body: str, to_text: Callable[[str], str]) -> str:
    return " ".join(to_text(body.replace("\\newblock", " ").replace("\\bibnamedelima", " ")).split())


def _linked_doi(latex: str) -> str | None:
    """The DOI in LaTeX, where a brace ends it; else the one that arXiv registers for the paper named."""
    match = _LINKED_DOI.search(latex.replace("\\_", "_"))
    eprint = _ARXIV.search(latex) if match is None else None
    return clean_doi(match[0]) if match else f"10.48550/arxiv.{eprint[1]}" if eprint else None


def _is_title(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", text)
    return 1 < len(words) <= 50 and not _EPRINT.search(text)


def _people(text: str) -> list[str]:
    """Names as a list prints them, "A.~Vaswani, N. Shazeer, and J. Uszkoreit" or "Vaswani, A., Shazeer, N.", as "Family, Given"."""
    text = re.sub(r"\(?\b\d{4}[a-z]?\b\)?|\bet al\b\.?|\b[Ee]ditors?\b|\(?\b[Ee]ds?\.\)?", " ", text)
    text = " ".join(text.split()).strip(" .,;:()")
    inverted = re.findall(r"([^\W\d_][\w'’\- ]+?), ((?:[A-Z]\.?[\s-]?(?:[A-Z]\.?[\s-]?){0,3}))(?=,|;|&|$| and\b)", text)
    if inverted and re.match(r"[\w'’\- ]+, (?:[A-Z]\.?[\s-]?){1,4}(?:,|;|&|$| and\b)", text):
        return [f"{family.removeprefix('and ').strip()}, {given.strip()}" for family, given in inverted]
    parts = re.split(r"(?<!\s)\s*[,;]\s+(?:and\s+|&\s*)?|(?<!\s)\s+(?:and|&)\s+", text)
    return split_authors(" and ".join(part for part in parts if part)[:3000])


def _person(text: str) -> str:
    people = split_authors(text)
    return people[0] if people else ""


def _made(title: str, authors: list[str], dated: str, body: str) -> Reference | None:
    year = _YEAR.search(dated)
    return make_reference(title, authors, int(year[1]) if year else None, None, _linked_doi(body))


def _biblatex(text: str, wanted: Mapping[str, None]) -> Iterable[Listed]:
    entries = list(_ENTRY.finditer(text))
    for index, match in enumerate(entries):
        if match[1].strip() not in wanted:
            continue
        end = entries[index + 1].start() if index + 1 < len(entries) else len(text)
        entry = text[match.end() : min(end, match.end() + 10 * _MAX_ITEM)]
        fields = {
            field[1]: plain_text(_group(entry, field.end())) for field in islice(_FIELD.finditer(entry), _MAX_FIELDS)
        }
        people = entry[: start.start()] if (start := _FIELD.search(entry)) else entry
        authors = [_inverted(people, family) for family in islice(_FAMILY.finditer(people), 30)]
        title = ": ".join(part for part in (fields.get("title", ""), fields.get("subtitle", "")) if part)
        yield match[1].strip(), _made(title, authors, fields.get("year", "") or fields.get("date", ""), entry), None


def _inverted(people: str, family: re.Match[str]) -> str:
    given = _GIVEN.search(people, family.end(), family.end() + 300)
    return f"{plain_text(family[1])}, {plain_text(given[1]) if given else ''}".rstrip(", ")


def _amsrefs(text: str, wanted: Mapping[str, None]) -> Iterable[Listed]:
    for match in _AMS.finditer(text):
        if match[1].strip() not in wanted:
            continue
        entry = _group(text, match.end())
        fields: dict[str, list[str]] = {}
        for field in islice(_AMS_FIELD.finditer(entry), _MAX_FIELDS):
            fields.setdefault(field[1], []).append(plain_text(_group(entry, field.end())))
        date = " ".join(fields.get("date", []) + fields.get("year", []))
        yield (
            match[1].strip(),
            _made(" ".join(fields.get("title", [])[:1]), fields.get("author", []), date, entry),
            None,
        )
