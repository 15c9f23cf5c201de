"""The one place where a `Reference` is made out of what a file says of a work: cleaned, and identified by what it is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from galactica import markup
from galactica.types import Reference


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_TITLE = 400
MAX_AUTHORS = 30
"""A list of authors is cut here: the citation uses the first, a bibliography a few."""

MAX_PLACE = 20
"""Characters of a volume or a page."""

_LATEX = re.compile(r"\\[a-zA-Z]+\s*|\\.|[{}$^_\\]")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PAGE = re.compile(r"[A-Za-z]{0,3}\d[\w.]{0,15}")
_NOT_SEEN = re.compile("[\u00ad\u2060-\u206f\U000f0000-\U0010ffff]")
_CONTROL_CHARACTERS = dict.fromkeys((*range(32), *range(127, 160), 8203, 8206, 8207, 8232, 8233, 65279), " ") | {
    0x2010: "-",
    0x2011: "-",
}
_QUOTED_IN = re.compile(r"^[“\"](.+?)[.,;]?[”\"],?(?: in:?)?$", re.IGNORECASE)
"""A chapter's title in quotes with the "in" that leads to its book."""
_GENERIC = _words(
    "abstract acknowledgements acknowledgments addendum announcement appendix article author authors bibliography "
    "book books chapter "
    "comment commentary contents conclusion correction correspondence corrigendum discussion editor editorial "
    "editors erratum et al "
    "foreword from how in index introduction issue journal letter letters methods news note notes no title untitled "
    "unknown of online "
    "opinion paper perspective preface preprint press proceedings published publication references reply report "
    "response "
    "results retraction review reviews submitted summary supplement supplementary supporting information table the "
    "to unpublished data "
    "volume website a an and this available at"
)


def make_reference(
    title: str,
    authors: Iterable[str],
    year: int | None,
    venue: str | None,
    doi: str | None,
    abstract: str | None = None,
    n_citations: int = 0,
    volume: str | None = None,
    page: str | None = None,
) -> Reference | None:
    """The work as a record, cleaned; None where the title does not name a work (fewer than three letters, generic words alone).

    `authors` are "Family, Given" (a collective has no comma). The id is 16 hex digits over normalised title, first surname and
    year, so that one work of two files has one id.
    """
    title = _clean_title(title)
    key = normalise_title(title)
    if sum(character.isalpha() for character in key) < 3 or len(title) > MAX_TITLE or set(key.split()) <= _GENERIC:
        return None
    names = tuple(name for author in authors if (name := _clean_author(author)))[:MAX_AUTHORS]
    year = year if year is not None and 1000 <= year <= 2100 else None
    surname = normalise_title(names[0].partition(",")[0]) if names else ""
    identity = hashlib.sha256(f"{key}\0{surname}\0{year or ''}".encode()).hexdigest()[:16]
    return Reference(
        id=identity,
        title=title,
        authors=names,
        year=year,
        venue=_clean(venue).strip(" .,;") or None if venue else None,
        doi=clean_doi(doi),
        abstract=_clean(abstract) or None if abstract else None,
        n_citations=n_citations,
        volume=_clean(volume)[:MAX_PLACE] or None if volume else None,
        page=_clean(page)[:MAX_PLACE] or None if page else None,
    )


def normalise_title(text: str) -> str:
    """The text without accents, case, punctuation and LaTeX commands, words one space apart."""
    if "\\" in text or "{" in text or "$" in text:
        text = _LATEX.sub("", text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_ALPHANUMERIC.sub(" ", text.casefold()).strip()


def is_one_title(title: str, other: str) -> bool:
    """Whether one title is the other or a part of it, as one without the subtitle is."""
    title, other = normalise_title(title), normalise_title(other)
    return title in other or other in title


def clean_doi(doi: str | None) -> str | None:
    """The bare DOI in lower case; None where the text holds none."""
    match = _DOI.search(doi) if doi else None
    return match[0].rstrip(".,;)]}>\"'").lower() if match else None


def first_page(pages: str | None) -> str:
    """The first of "345-67", or the number of an article; "" where there is none."""
    match = _PAGE.search(pages or "")
    return match[0] if match else ""


def _clean(text: str) -> str:
    if not text.isascii():
        text = _NOT_SEEN.sub("", text)
    text = unicodedata.normalize("NFC", text).translate(_CONTROL_CHARACTERS)
    if "[" in text or "<" in text or markup.SPLIT_MARKER in text:
        text = text.replace(markup.SPLIT_MARKER, " ")
        while tokens := markup.control_tokens(text):
            for token in set(tokens):
                text = text.replace(token, " ")
    return " ".join(text.split())


def _clean_title(title: str) -> str:
    title = _QUOTED_IN.sub(r"\1", _clean(title)).strip(" .,;:")
    for opened, closed in (
        ("“", "”"),
        ('"', '"'),
        ("‘", "’"),
        ("[", "]"),
        ("{", "}"),
        ("'", "'"),
        ("``", "''"),
        ("«", "»"),
    ):
        inner = title[len(opened) : len(title) - len(closed)]
        if (
            title.startswith(opened)
            and title.endswith(closed)
            and inner
            and opened not in inner
            and closed not in inner
        ):
            title = inner.strip(" .,;")
    if title.isupper() and len(title) > 20:
        title = title.capitalize()
    return title


def _clean_author(author: str) -> str:
    family, comma, given = _clean(author).partition(",")
    family, given = family.strip(" .;,*†‡"), given.strip(" ;,*†‡")
    if not any(character.isalpha() for character in family):
        return ""
    if family.isupper() and len(family) > 3 and comma:
        family = family.title()
    return f"{family}, {given}" if given else family
