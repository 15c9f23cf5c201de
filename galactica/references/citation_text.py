"""A reference written out as text, as a bibliography prints it -> its record, where the text names a title.

Careful rather than complete: physics journals print no titles, and a journal taken for a title would be a work that does not
exist. Where the parts cannot be told apart there is no record.
"""

from __future__ import annotations

import itertools
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
_TITLE_END = re.compile(
    r"(?:(?<=[a-z)’”\dA-Z])(?<!\bvs)(?<!\bsp)(?<!\bspp)(?<!\bcv)(?<!\bvar)\.|(?<=[?!]))\s+(?=[A-Z“(\d]|doi|arXiv|in [A-Z])"
)
_BEFORE_QUOTE = re.compile(r"(?:[.,:;)\]]|\d|et al)\s*$")
_IN_COLLECTION = re.compile(
    r"(?:[Ii]n[: ]|arXiv|Tech\w* [Rr]ep|(?:[Pp]h\.?D|[Mm]aster\S*) [Tt]hesis|Preprint|[Pp]reprint)"
)
"""What follows the title of a chapter, a contribution or a preprint, and never the name of a journal."""
_PUBLISHED_BY = re.compile(
    r"(?:[A-Z]\w+ )?(?:University Press|Springer|Wiley|Elsevier|Academic Press|Birkhäuser|MIT Press|Dover|Addison|CRC|McGraw|"
    r"World Scientific)"
)
_FULL_NAME = re.compile(r"(?:and )?(?:[A-Z][\w'’.-]* ){1,3}[A-Z][\w'’-]*[a-z]")
_BEGINS_WITH_NAMES = re.compile(
    r"(?:[\w'’-]{1,30},? ){0,3}?(?:[A-Z][.-]? ?){1,4}(?:[,;]|& |et al|\. )|[\w'’-]{1,30}\., [A-Z]"
)
_MIXED_CASE = re.compile(r"[a-z]{1,10}[A-Z\d]")
_ENDS_AUTHORS = re.compile(
    r"(?<![A-Z])(?<!\b[A-Z][a-z])(?<!Jr)(?<!St)(?<!\bvs)(?<!\bsp)(?<!\bspp)(?<!\bcv)(?<!\bvar)\.\s+(?=[A-Z“\"\d(]|arXiv)"
    r"|(?<=et al)\.\s+|(?<=[A-Z]\. (?:Li|Vu|Wu|Xu|Hu|Lu|Ma|He|Du|Gu|Ye|Oh|Ng))\.\s+(?=[A-Z])"
)
_AND = re.compile(r",?\s+(?:and|&)\s+|\s*;\s*(?:and\s+)?|,\s+")
_IN_NAMES = frozenset(
    ("and", "et", "al", "van", "von", "de", "der", "den", "del", "della", "la", "le", "di", "da", "ter")
)
_VENUE = re.compile(
    r"\b(?:Phys|Rev|Lett|Proc|Math|Jour|Trans|Commun|Soc|Nucl|Astron|Astrophys|Chem|Sci|Univ|Ann|Acad|Ark|Arch|Am|Amer|Appl|Comput|"
    r"Geom|vol|pp|eds?|no)\.|\bJ\.\s|\barXiv\b|\be-prints?\b|\bpreprint\b|\bdoi\b|\bhttps?:|\bUniversity Press\b|"
    r"\bSpringer\b|\bvolume \d|"
    r"^(?:The )?(?:Journal|Physical Review|Proceedings|Annals|Transactions|Physics Letters|Nature|Science)\b|^[Ii]n[: ]|\bThesis\b"
)  # fmt: skip
_VOLUME_PAGE = re.compile(
    r"(?<![\d.])(\d{1,4}[A-Z]?)\s{0,2}(?:\(\d{4}[a-z]?\)\s{0,2})?(?:\([\w–/ .-]{1,20}\))?\s{0,2}(?:[,:;.]|\bpp?\b)\s{0,2}"
    r"(?:no\.\s{0,2}[\w–/-]{1,9},\s{0,2})?(?:pp?\.\s{0,2}|pages\s|article\s|id\.\s{0,2})?([A-Za-z]{0,2}\d{1,7})(?![\d.]\d)"
)
_MAX_PLACES = 6


def volumes_and_pages(text: str) -> list[tuple[str, str]]:
    """What may be volume and first page in a printed reference: "127, 250403", "44(6):1391", "vol. 5, no. 6, pp. 970",
    "17 (2019), no. 3, 703"."""
    found = (match.groups() for match in itertools.islice(_VOLUME_PAGE.finditer(text[:_MAX_LENGTH]), _MAX_PLACES))
    return [(volume, page) for volume, page in found if not _YEAR.fullmatch(volume)]


def parse_citation(text: str) -> Reference | None:
    """The record of one printed reference; None where no title can be made out."""
    text = " ".join(text[:_MAX_LENGTH].split())
    found = _quoted(text) or _family_first(text) or _sentences(text) or _commas(text)
    if found is None:
        return None
    authors, title, rest = found
    years = _YEAR_IN_BRACKETS.findall(text) or _YEAR.findall(rest) or _YEAR.findall(authors)
    places = volumes_and_pages(rest)
    volume, page = places[0] if len(places) == 1 else (None, None)
    return make_reference(
        title=title,
        authors=people(authors),
        year=int(years[0]) if years else None,
        venue=None,
        doi=clean_doi(text),
        volume=volume,
        page=page,
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
    if match is None:
        return None
    before = text[: match.start()]
    if not _BEFORE_QUOTE.search(before) and not _are_people(before):
        return None
    is_closed = match[0].rstrip("”\"' ")[-1:] in ",.;?!" or text[match.end() :].lstrip()[:1] in ("", ",", ".", "(", ";")
    if not is_closed or not _is_title(match[1], is_certain=True):
        return None
    return before, match[1], text[match.end() :]


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
    title, rest = _title_and_rest(text[start:])
    is_certain = _IN_COLLECTION.match(rest) is not None
    return (text[:start], title, rest) if rest and _is_title(title, is_certain) else None


def _title_and_rest(text: str) -> tuple[str, str]:
    """The sentence that a text begins with, and what follows it; a question and the title that goes on after it are one."""
    parts = _TITLE_END.split(text, maxsplit=1)
    if len(parts) < 2:
        return text, ""
    title, rest = parts
    if title.endswith(("?", "!")):
        more = _TITLE_END.split(rest, maxsplit=1)
        if len(more) == 2 and _is_title(more[0]):
            return f"{title} {more[0]}", more[1]
    return title, rest


def _sentences(text: str) -> Parts | None:
    """ "Authors. Title. Venue, year." and "Authors. Year. Title. Venue." """
    parts = _ENDS_AUTHORS.split(text)
    if len(parts) < 3 or not _are_people(parts[0]):
        return None
    at = 2 if re.fullmatch(r"\(?(?:1[89]|20)\d\d[a-z]?\)?", parts[1]) else 1
    title = parts[at] if at < len(parts) else ""
    after = parts[at + 1] if at + 1 < len(parts) else ""
    is_certain = _IN_COLLECTION.match(after) is not None or _PUBLISHED_BY.match(after) is not None
    return (parts[0], title, ". ".join(parts[1:at] + parts[at + 1 :])) if _is_title(title, is_certain) else None


def _commas(text: str) -> Parts | None:
    """ "A. Author, B. Author and C. Author, Title, Journal 12 (2004)." """
    end = 0
    while match := _INITIALS_FIRST.match(text, end):
        end = match.end()
        separator = re.compile(r",?\s+(?:and|&)\s+|,\s+(?:et al\.?,\s+)?|\s+et al\.?,\s+").match(text, end)
        if separator is None:
            return None
        end = separator.end()
    end = end or _full_names(text)
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


def _full_names(text: str) -> int:
    """Where the names end in "Given Family and Given M. Family, Title, Venue"; 0 where the text does not go so."""
    end = 0
    while match := re.compile(rf"{_FULL_NAME.pattern}(?: and {_FULL_NAME.pattern})?, ").match(text, end):
        end = match.end()
    _, comma, rest = text[end:].partition(", ")
    return end if comma and _VENUE.search(rest) else 0


def _is_title(text: str, is_certain: bool = False) -> bool:
    """Whether the text reads as a title. Where the place `is_certain` it may be written in capitals like a journal's name."""
    if _BEGINS_WITH_NAMES.match(text):
        return False
    words = re.findall(r"[^\W\d_]{2,}", text)
    long = [word for word in words if len(word) > 2 and word[0].islower() and word not in _IN_NAMES]
    if not 3 <= len(words) <= 40 or "{{" in text or _VENUE.search(text) or re.search(r"\d+\s*\(\d{4}\)|\d{3,}", text):
        return False
    begins_well = text[:1].isupper() or text[:1].isdigit() or _MIXED_CASE.match(text) is not None
    return begins_well and (is_certain or len(long) >= 2)


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
