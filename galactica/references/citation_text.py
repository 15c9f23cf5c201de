"""A reference written out as text, as a bibliography prints it -> its record, where the text names a title.

Careful rather than complete: physics journals print no titles, and a journal taken for a title would be a work that does not
exist. Where the parts cannot be told apart there is no record.
"""

from __future__ import annotations

import re

from galactica.references.record import clean_doi, make_reference
from galactica.types import Reference

_MAX_LENGTH = 1500
_YEAR = re.compile(r"(?<![\d–:./-])\b(?:1[89]|20)\d\d(?=[a-z]?\b)(?!\s*[–-]\s*\d)")
_YEAR_IN_BRACKETS = re.compile(r"\(((?:1[89]|20)\d\d)[a-z]?\)")
_QUOTED = re.compile(r"(?:“|``|\")([^“”\"]{10,300}?)[,.;]?\s*(?:”|''|\")")
_INITIALS = r"(?:[A-Z](?:\.|\b)[\s\-~]*(?:[a-z]\.)?){1,4}"
_PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|la|le|ter|’t|'t)\s+)*"
_FAMILY = rf"{_PARTICLE}[A-Z][\w'’\-]+(?:\s[A-Z][\w'’\-]*[a-z]\w*)?"
_INITIALS_FIRST = re.compile(rf"{_INITIALS}\s*{_FAMILY}(?:,?\s+Jr\.?)?")
_FAMILY_FIRST = re.compile(rf"({_FAMILY}),\s*({_INITIALS})(?=[,;&.\s]|$)")
_FAMILY_FIRST_AUTHOR = re.compile(
    rf"{_FAMILY}(?:-[A-Z][\w'’]+)?(?:,\s*{_INITIALS}|\s+[A-Z]{{1,4}}(?!\w)(?:\s+Jr)?)\s*"
    r"(?:[,;&]\s*(?:and\s+|&\s+)?|\band\s+|(?=[.(:]|et al|[A-Z\d(]))"
)
_LEAD = re.compile(r"(?:et al\b\.?)?[,.:\s]*(?:eds?\.\s*)?(?:\(?(?:1[89]|20)\d\d[a-z]?\)?[.:,\s]*)?")
_TITLE_END = re.compile(r"(?:(?<=[a-z)’”\dA-Z])\.|(?<=[?!]))\s+(?=[A-Z“(\d]|doi|arXiv)")
_ENDS_AUTHORS = re.compile(r"(?<![A-Z])(?<!\b[A-Z][a-z])(?<!Jr)(?<!St)\.\s+(?=[A-Z“\"\d(])|(?<=et al)\.\s+")
_AND = re.compile(r",?\s+(?:and|&)\s+|\s*;\s*(?:and\s+)?|,\s+")
_IN_NAMES = frozenset(
    ("and", "et", "al", "van", "von", "de", "der", "den", "del", "della", "la", "le", "di", "da", "ter")
)
_VENUE = re.compile(
    r"\b(?:Phys|Rev|Lett|Proc|Math|Jour|Trans|Commun|Soc|Nucl|Astron|Astrophys|Chem|Sci|Univ|Ann|Acad|Ark|Arch|Am|Amer|Appl|Comput|Geom|"
    r"vol|pp|eds?|no)\.|\bJ\.\s|\barXiv\b|\be-prints?\b|\bdoi\b|\bhttps?:|\bUniversity Press\b|\bSpringer\b|\bvolume \d|"
    r"^(?:The )?(?:Journal|Physical Review|Proceedings|Annals|Transactions|Physics Letters|Nature|Science)\b|^[Ii]n[: ]|\bThesis\b"
)  # fmt: skip


def parse_citation(text: str) -> Reference | None:
    """The record of one printed reference; None where no title can be made out."""
    text = " ".join(text[:_MAX_LENGTH].split())
    found = _quoted(text) or _family_first(text) or _sentences(text) or _commas(text)
    if found is None:
        return None
    authors, title, rest = found
    years = _YEAR_IN_BRACKETS.findall(text) or _YEAR.findall(rest) or _YEAR.findall(authors)
    return make_reference(
        title=title,
        authors=people(authors),
        year=int(years[0]) if years else None,
        venue=None,
        doi=clean_doi(text),
    )


def reference_from_parts(authors: str, title: str, rest: str) -> Reference | None:
    """The record of a reference whose parts the source itself marks; None where the authors do not read as names."""
    if not _are_people(authors):
        return None
    years = _YEAR_IN_BRACKETS.findall(rest) or _YEAR.findall(rest)
    year = int(years[0]) if years else None
    return make_reference(title, people(authors), year, None, clean_doi(rest))


Parts = tuple[str, str, str]
"""Authors, title, the rest."""


def _quoted(text: str) -> Parts | None:
    match = _QUOTED.search(text)
    if match is None or not _is_title(match[1]):
        return None
    return text[: match.start()], match[1], text[match.end() :]


def _family_first(text: str) -> Parts | None:
    """ "Huang M, Li C, et al. Title. Venue" (medicine), "Huang, M. & Li, C. Title. Venue" (Nature); a year may stand before
    the title."""
    end = 0
    while match := _FAMILY_FIRST_AUTHOR.match(text, end):
        end = match.end()
    if not end:
        return None
    lead = _LEAD.match(text, end)
    start = lead.end() if lead else end
    title = _TITLE_END.split(text[start:], maxsplit=1)
    return (text[:start], title[0], title[1]) if len(title) == 2 and _is_title(title[0]) else None


def _sentences(text: str) -> Parts | None:
    """ "Authors. Title. Venue, year." and "Authors. Year. Title. Venue." """
    parts = _ENDS_AUTHORS.split(text)
    if len(parts) < 3 or not _are_people(parts[0]):
        return None
    at = 2 if re.fullmatch(r"\(?(?:1[89]|20)\d\d[a-z]?\)?", parts[1]) else 1
    title = parts[at] if at < len(parts) else ""
    return (parts[0], title, ". ".join(parts[1:at] + parts[at + 1 :])) if _is_title(title) else None


def _commas(text: str) -> Parts | None:
    """ "A. Author, B. Author and C. Author, Title, Journal 12 (2004)." """
    end = 0
    while match := _INITIALS_FIRST.match(text, end):
        end = match.end()
        separator = re.compile(r",?\s+(?:and|&)\s+|,\s+(?:et al\.?,\s+)?|\s+et al\.?,\s+").match(text, end)
        if separator is None:
            return None
        end = separator.end()
    if not end:
        return None
    title, comma, rest = text[end:].partition(", ")
    while (
        rest
        and not _VENUE.search(rest.partition(", ")[0])
        and re.match(r"[a-z]", rest)
        and not rest.startswith(("in ", "in:"))
    ):
        more, comma, rest = rest.partition(", ")  # a title with a comma goes on in lower case
        title += f", {more}"
    title = re.sub(r"\s*\(\d{4}[a-z]?\)\.?$", "", title)
    return (text[:end], title, rest) if comma and _is_title(title) else None


def _is_title(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", text)
    long = [word for word in words if len(word) > 2 and word[0].islower() and word not in _IN_NAMES]
    if not 3 <= len(words) <= 40 or "{{" in text or _VENUE.search(text) or re.search(r"\d+\s*\(\d{4}\)|\d{3,}", text):
        return False
    return len(long) >= 2 and text[:1].isupper() | text[:1].isdigit()


def _are_people(text: str) -> bool:
    """Whether the text reads as a list of names: capitals, initials, "and", no figures and no sentence."""
    words = re.findall(r"[^\W\d_]+", text)
    lower = [word for word in words if word[0].islower() and word not in _IN_NAMES]
    return bool(words) and not lower and not re.search(r"\d|{{", text) and len(text) < 600


def people(text: str) -> list[str]:
    """The names as "Family, Given"."""
    text = re.sub(r"\bet al\.?|\b\d{4}[a-z]?\b|[()\[\]]", " ", text).strip(' .,;:“”"')
    family_first = _FAMILY_FIRST.findall(text)
    if family_first and _FAMILY_FIRST.match(text):
        return [f"{family}, {given.strip()}" for family, given in family_first]
    names = []
    for name in _AND.split(text):
        name = re.sub(r"^and\s+", "", name.strip(" .,;"))
        if not name or name in ("Jr", "others"):
            continue
        if last := re.fullmatch(r"(.+) ([A-Z]{1,4})", name):
            names.append(f"{last[1]}, {last[2]}")
            continue
        match = re.fullmatch(rf"({_INITIALS})\s*(.+)", name) or re.fullmatch(rf"(.+?)\s+({_PARTICLE}\S+)", name)
        names.append(f"{match[2]}, {match[1].strip()}" if match else name)
    return names
