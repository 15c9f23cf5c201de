"""References -> BibTeX and CSL-JSON that reference managers, pandoc and TeX read back as the same works."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import Any
from urllib.parse import quote

from galactica.modalities import formulas
from galactica.references.record import normalise_title
from galactica.types import Reference

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
}
_ESCAPES = str.maketrans(_SPECIAL)
_ESCAPES_BALANCED = str.maketrans(_SPECIAL | {"{": r"\{", "}": r"\}"})
_NOT_DOI = re.compile(r"[^\w./():;<>+\-\[\]]")
_MATHS = re.compile(r"\\\((.{1,300}?)\\\)")
_KEY_SKIPS = frozenset(
    (
        "a",
        "an",
        "the",
        "on",
        "in",
        "of",
        "for",
        "and",
        "to",
        "from",
        "with",
        "by",
        "at",
        "der",
        "die",
        "das",
        "le",
        "la",
    )
)


def citation_names(references: Iterable[Reference]) -> dict[str, str]:
    """Id -> BibTeX key such as `vaswani2017attention`, unique: works that would share one get a, b, ... in their order."""
    references = list({reference.id: reference for reference in references}.values())
    stems = {reference.id: _stem(reference) for reference in references}
    stated = list(stems.values())
    taken: set[str] = set()
    names: dict[str, str] = {}
    for identifier, stem in stems.items():
        name, number = stem, 0
        if stated.count(stem) > 1:
            name, number = stem + _letters(0), 1
        while name in taken:
            name, number = stem + _letters(number), number + 1
        taken.add(name)
        names[identifier] = name
    return names


def _stem(reference: Reference) -> str:
    surname = _ascii(reference.surname) or "anon"
    words = [word for word in normalise_title(reference.title).split() if word not in _KEY_SKIPS]
    word = next((ascii_word for word in words if len(ascii_word := _ascii(word)) > 1), "")
    return f"{surname[:40]}{reference.year or ''}{word[:40]}"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", normalise_title(text))


def _letters(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(97 + rest) + text
    return text


def bibtex(references: Iterable[Reference]) -> str:
    """A .bib file of the works, each once, in their order. LaTeX's special characters are escaped in every field, so that
    no title can run a command; accents and other scripts stay as they are (UTF-8)."""
    references = list({reference.id: reference for reference in references}.values())
    names = citation_names(references)
    return "\n".join(_entry(reference, names[reference.id]) for reference in references)


def _entry(reference: Reference, name: str) -> str:
    fields = {
        "title": "{" + _title(reference.title) + "}" if reference.title else "",
        "author": " and ".join(_author(author) for author in reference.authors),
        "year": str(reference.year or ""),
        "journal" if _kind(reference) == "article" else "booktitle": _escape(reference.venue or ""),
        # BibLaTeX and pandoc read this field letter by letter, so nothing in it may be escaped the LaTeX way.
        "doi": _NOT_DOI.sub(lambda match: quote(match[0]), reference.doi or ""),
    }
    lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    return f"@{_kind(reference)}{{{name},\n" + "\n".join(lines) + "\n}\n"


def _kind(reference: Reference) -> str:
    venue = (reference.venue or "").lower()
    if not venue:
        return "misc"
    return "inproceedings" if re.match(r"(?:proc(?:eedings|\.)?|conference|findings) ", venue) else "article"


def _title(title: str) -> str:
    """The title escaped, but for formulas that are well-formed: they are set as mathematics."""
    parts: list[str] = []
    end = 0
    for match in _MATHS.finditer(title):
        latex = match[1].strip()
        parts.append(_escape(title[end : match.start()]))
        parts.append(f"${latex}$" if _is_safe(latex) else _escape(match[0]))
        end = match.end()
    return "".join(parts) + _escape(title[end:])


def _is_safe(latex: str) -> bool:
    plain = re.sub(r"\\[A-Za-z]+|\\[,;! ]", "", latex)
    return not set(plain) & set("$%\\#") and formulas.problem(latex) is None


def _author(author: str) -> str:
    family, comma, given = author.partition(",")
    if not comma:
        # In braces a collective is one name, whatever words stand in it.
        return "{" + _escape(family.strip()) + "}"
    return f"{_name_part(family)}, {_name_part(given)}"


def _name_part(name: str) -> str:
    escaped = _escape(" ".join(name.replace(",", " ").split()))
    is_plain = not re.search(r"\band\b", escaped, re.IGNORECASE)
    return escaped if is_plain else "{" + escaped + "}"


def _escape(text: str) -> str:
    # BibTeX counts braces without regard to a backslash before them: `\{` may stand only where each is closed again. The
    # named commands always may, but pandoc does not know them.
    text = " ".join(text.split())
    depths = list(accumulate((character == "{") - (character == "}") for character in text))
    is_balanced = not depths or (min(depths) >= 0 and depths[-1] == 0)
    return text.translate(_ESCAPES_BALANCED if is_balanced else _ESCAPES)


def csl_item(reference: Reference, name: str) -> dict[str, Any]:
    """The work as a CSL-JSON item with `name` as its id, for citeproc."""
    item: dict[str, Any] = {
        "id": name,
        "type": {"article": "article-journal", "inproceedings": "paper-conference"}.get(_kind(reference), "document"),
        "title": reference.title,
        "author": [_csl_name(author) for author in reference.authors],
    }
    if reference.year:
        item["issued"] = {"date-parts": [[reference.year]]}
    if reference.venue:
        item["container-title"] = reference.venue
    if reference.doi:
        item["DOI"] = reference.doi
    return item


def _csl_name(author: str) -> dict[str, str]:
    family, comma, given = author.partition(",")
    return {"family": family.strip(), "given": given.strip()} if comma else {"literal": family.strip()}
