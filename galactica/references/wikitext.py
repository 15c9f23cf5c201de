"""Citation templates of MediaWiki ({{cite journal}}, {{citation}}, ...) -> records, and how short citations find them.

Source: Wikipedia's Help:Citation Style 1 and Template:Sfn; the values are wikitext whose links and templates are resolved already.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from galactica.references.names import MAX_NAMES, listed, names_collective, written_apart
from galactica.references.note_titles import names_a_work
from galactica.references.printed_notes import MAX_NOTE, printed_references
from galactica.references.record import clean_doi, first_page, make_reference, normalise_title
from galactica.types import Reference, UntitledEntry


class CitedWork(NamedTuple):
    """What a template cites: its record (None where it names no title) and the keys that {{sfn}} and {{harv}} find it by."""

    reference: Reference | None
    keys: tuple[str, ...]


_MAX_LIST = 2000
_YEAR = re.compile(r"(?<!\d)(1[0-9]\d\d|20\d\d)([a-z]?)(?!\w)")
_CHAPTER_NUMBER = re.compile(r"^(?:chapter\s)?\d{1,3}[.:]\s+(?=\S)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,200}>")
_QUOTES = re.compile(r"'{2,5}")
_ADDRESS = re.compile(r"\[(?:https?:|ftp:)?//[^\s\[\]]{1,1000}\s?([^\[\]]{0,400})\]")
_PARTS_OF_BOOKS = ("chapter", "contribution", "entry", "article", "section")
_VENUES = (
    "journal", "work", "magazine", "newspaper", "periodical", "website", "encyclopedia", "encyclopaedia", "conference", "booktitle",
    "series", "publisher",
)  # fmt: skip
_SHORT = re.compile(
    r"\W*((?:[^\W\d_][\w'’.\-]*(?:\s|,\s|,?\s(?:and|&)\s)){1,8}?)(?:et\s+al\.?,?\s*)?\(?((?:1[0-9]|"
    r"20)\d\d[a-z]?)\)?(?=\W|$)"
)
_SURNAME_ALONE = re.compile(r"([A-ZÀ-Ž][\w'’\-]{2,30})(?:,\s?|\s)(?:pp?\.|pgs?\b|pages?\b|ch\.|vol\b|chapter)")
_NO_TITLE = re.compile(
    r"(?:archived copy|untitled.*|no title|404\b.*|.{0,60}\b(?:page )?not found|error\b.{0,20}|access denied|"
    r".*page cannot be displayed.*|login|log in|sign in|home ?page|welcome|redirecting\W*)",
    re.IGNORECASE,
)
"""What robots write for the title of a page that is gone."""
_ISSUERS = {
    "cite web": ("publisher", "website", "work", "newspaper", "agency"),
    "cite news": ("newspaper", "work", "website", "publisher", "agency"),
    **dict.fromkeys(
        ("cite press release", "cite report", "cite techreport"), ("publisher", "institution", "work", "agency")
    ),
}
"""Templates of works that bodies issue, and where these are named. The publisher of a book, the journal of a paper sign nothing."""
_MAX_NAME = 100
_NO_NAME = re.compile(
    r"\d{4}|\b(?:retrieved|accessed|archived)\b|^(?:and|none|supra|ibid|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"(?:home|obituar(?:y|ies)|about(?: us)?|contact(?: us)?|overview|introduction|history|background|faqs?|results?|"
    r"search(?: results?)?|statistics|maps?|data|members?|staff|profile|biography|gallery|"
    r"archives?|links?)(?: (?:page|archive))?\W*",
    re.IGNORECASE,
)
"""What a page of a site is called that is no work of its own."""
_DOMAIN = re.compile(
    r"^(?:https?:|www\.)|^[\w.\-]+\.(?!(?:S|C|A|Inc|Ltd)\b)[A-Za-z]{2,6}(?:/\S*)?$|^\S+\.(?:com|org|net|gov|edu)\b",
    re.IGNORECASE,
)
_HOSTS = re.compile(
    r"\b(?:encyclop(?:ae?|æ)?e?dia|dictionary|dictionaries|handbook|almanac|yearbook)\b|"
    r"^(?:google(?: books?| news| scholar)?|books\.google.*|you ?tube|internet archive|archive|wayback machine|amazon|wikipedia.*|"
    r"blogspot|wordpress|flickr|facebook|twitter|scribd|jstor|project gutenberg|gutenberg|wikisource|wikimedia.*|medium|pubmed.*|"
    r"issuu|vimeo)$",
    re.IGNORECASE,
)
_COPIED_HEAD = re.compile(
    r"(?<!\s)\s+[-–—]\s+(?:.{0,120}?\s[-–—]\s+)?(?:Wiley Online Library|ScienceDirect|SpringerLink|"
    r"JSTOR|PubMed(?:\s.{0,40})?|Google Books?)\s*$"
)
_SIGNED_YEAR = re.compile(r"(?<!\s)\s+[-–—]\s+[^-–—]{2,60}\s[-–—]\s+(?:1[89]|20)\d\d(?:\s[-–—]\s.{2,100})?$")
"""What the head of a web page adds to the title of the paper: "Title - Roe - 2008 - Journal of Ice - Wiley Online Library"."""
_DASH = re.compile(r"(?<!\s)\s+[-–—|]\s+")
_SITE_BEHIND = re.compile(r"(?<=\w)\s+(?:\|\s.*|[-–—]\s+\S+\.(?:com|org|net|gov|edu|co\.uk))$")
_TAIL = re.compile(r"(?<=\w)[\s.,;(]+(?:Published by\s.*|ISBN[\s:\d].*|\d{1,4} pages\W*)$", re.DOTALL)
"""What stands behind the title in its own field: the publisher, the number of the book, the pages."""
_ET_AL = re.compile(r"(?:,\s*|(?<!\s)\s+)?\bet\.?\s?al\b\.?", re.IGNORECASE)
_SCRIPT_CODE = re.compile(r"^[a-z]{2,3}:\s*")


def cited_work(name: str, fields: Mapping[str, str]) -> CitedWork:
    """The work of the template `name` (lower case) with these parameters."""
    dated = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    dated = dated or _YEAR.search(fields.get("publication-date", ""))
    people = [name for name in _people(fields) if _can_sign(name)]
    editors = [name for name in _people(fields, editors=True) if _can_sign(name)]
    title, venue = _title(name, fields, has_editors=bool(editors))
    issuer = [] if people or editors else list(_issuer(name, fields, title))
    reference = make_reference(
        title=title,
        authors=people or editors or issuer,
        year=int(dated[1]) if dated else None,
        venue=venue or next((text for name in _VENUES if (text := plain(fields.get(name, "")))), None),
        doi=clean_doi(fields.get("doi")) or clean_doi(fields.get("url")),
    )
    year = dated[1] + dated[2] if dated else ""
    *own_names, own_year = fields.get("ref", "").split("|")
    named = [short_key(own_names, own_year)] if own_names else []
    families = [person.partition(",")[0] for person in people or editors] or [*_stands_for_a_name(fields), *issuer]
    return CitedWork(reference, (*named, *_keys(families, year)))


def untitled_work(fields: Mapping[str, str]) -> UntitledEntry:
    """What a citation template without a title says of its work."""
    people = list(_people(fields)) or list(_people(fields, editors=True))
    dated = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    venue = next((text for name in _VENUES if (text := plain(fields.get(name, "")))), "")
    volume, pages = plain(fields.get("volume", "")), _first(fields, ("page", "pages", "at", "article-number"))
    shown = [*(person.replace(",", "") for person in people), venue, volume, pages, f"({dated[1]})" if dated else ""]
    return UntitledEntry(
        text=", ".join(part for part in shown if part),
        surname=people[0].partition(",")[0] if people else "",
        year=int(dated[1]) if dated else None,
        volume=volume,
        page=first_page(pages),
        doi=clean_doi(fields.get("doi")) or clean_doi(fields.get("url")),
    )


def untitled_footnote(text: str) -> UntitledEntry:
    """What a footnote without templates says of a work whose title cannot be told apart."""
    return UntitledEntry(plain(text[:MAX_NOTE]), doi=clean_doi(text[:MAX_NOTE]))


def _title(name: str, fields: Mapping[str, str], has_editors: bool) -> tuple[str, str]:
    """The title of what is cited, and the title of the book it stands in where that is another."""
    title = _first(fields, ("title", "wstitle", "trans-title", "trans_title"))
    title = title or _SCRIPT_CODE.sub("", plain(fields.get("script-title", "")))
    title = _without_additions(title, fields)
    part = next((text for field in _PARTS_OF_BOOKS if (text := plain(fields.get(field, "")))), "")
    if part and (not title or has_editors or "encyclop" in name or "dictionary" in name):
        return _CHAPTER_NUMBER.sub("", part), title
    return title, ""


def _without_additions(title: str, fields: Mapping[str, str]) -> str:
    """The title alone, "" for what stands for none."""
    if _NO_TITLE.fullmatch(title) or _DOMAIN.search(title) or not names_a_work(title):
        return ""
    if (cut := _COPIED_HEAD.sub("", title)) != title:
        title = _SIGNED_YEAR.sub("", cut)
    sites = {normalise_title(plain(fields.get(field, ""))) for field in _VENUES}
    for head, tail in _parted(title):
        if normalise_title(tail) in sites:
            title = head
        elif normalise_title(head) in sites:
            title = tail
    return _TAIL.sub("", _SITE_BEHIND.sub("", title))


def _parted(title: str) -> Iterator[tuple[str, str]]:
    """The title in two, at its last dash or bar and at its first."""
    if len(parts := _DASH.split(title)) > 1:
        yield title[: -len(parts[-1])].rstrip(" -–—|"), parts[-1]
        yield parts[0], title[len(parts[0]) :].lstrip(" -–—|")


def plain(value: str) -> str:
    """The value without what is left of markup: quotes of emphasis, tags, entities, the address of a link."""
    if "[" in value:
        value = _ADDRESS.sub(r"\1", value)
    if "<" in value:
        value = _TAG.sub("", value)
    if "''" in value:
        value = _QUOTES.sub("", value)
    if "&" in value:
        value = html.unescape(value)
    return " ".join(value.split())


def _people(fields: Mapping[str, str], editors: bool = False) -> Iterator[str]:
    """ "Family, Given" of the numbered names, else of the field that holds the whole list."""
    role = "editor" if editors else "author"
    if not editors or any(key.startswith("editor") for key in fields):
        for number, keys in enumerate(_NUMBERED[role]):
            if family := _first(fields, keys.family):
                yield from written_apart(family, _first(fields, keys.given))
            elif whole := _first(fields, keys.whole):
                yield from [whole] if _is_publisher(whole, fields) else listed(whole)
            elif number > 1:  # names are numbered from 1, or the first has no number
                break
    if vancouver := plain(fields.get("veditors" if editors else "vauthors", "")):
        for name in _ET_AL.sub("", vancouver[:_MAX_LIST]).split(",")[:MAX_NAMES]:
            family, _, given = name.strip(" ();").rpartition(" ")
            yield f"{family}, {given}" if family and not names_collective(name) else name.strip(" ();")
    for key in ("editors",) if editors else ("authors", "people", "author-name", "credits"):
        if key in fields:
            yield from listed(plain(fields[key]))


def _is_publisher(name: str, fields: Mapping[str, str]) -> bool:
    """Whether the author is the body that publishes, whose name has no given name: "Encyclopedia Astronautica"."""
    return any(name == plain(fields.get(venue, "")) for venue in _VENUES) and "," not in name


def _issuer(name: str, fields: Mapping[str, str], title: str) -> Iterator[str]:
    """The body that answers for a page that no person signs; never an address, nor a site that hosts what others write."""
    order = () if _PAGE.fullmatch(title) else _ISSUERS.get(name, ())
    for text in (plain(fields.get(field, "")) for field in order):
        body = text.partition(",")[0].strip(" .\"'“”")
        if _can_sign(body) and not _HOSTS.search(body) and normalise_title(body) != normalise_title(title):
            yield body
            return


def _can_sign(name: str) -> bool:
    """Whether a person or a body can be called this: an address, a date and a word in lower case alone can not."""
    is_word = name.islower() and " " not in name
    return 1 < len(name) < _MAX_NAME and not is_word and _DOMAIN.search(name) is None and _NO_NAME.search(name) is None


def _stands_for_a_name(fields: Mapping[str, str]) -> Iterator[str]:
    """ "Anon" of an entry without authors: no author, but what {{sfn|Anon|2001}} finds it by."""
    return filter(None, (_first(fields, (*keys.family, *keys.whole)) for keys in _NUMBERED["author"][:2]))


def _first(fields: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if key in fields and (text := plain(fields[key]))), "")


class _Keys(NamedTuple):
    """The parameters that may hold a name of one number."""

    family: tuple[str, ...]
    given: tuple[str, ...]
    whole: tuple[str, ...]


def _keys_of(role: str, number: str) -> _Keys:
    family: list[str] = []
    given: list[str] = []
    for keys, parts in ((family, ("last", "surname")), (given, ("first", "given"))):
        for part in parts:
            keys += [f"{part}{number}"] if role == "author" else []
            keys += [f"{role}-{part}{number}", f"{role}{number}-{part}"]
    return _Keys(tuple(family), tuple(given), (f"{role}{number}",))


_NUMBERED = {
    role: tuple(_keys_of(role, number) for number in ("", *map(str, range(1, MAX_NAMES))))
    for role in ("author", "editor")
}


# --- short citations ------------------------------------------------------------------------------------------------


def short_key(names: list[str], year: str) -> str:
    """What a short citation and its entry have in common: up to four surnames and the year."""
    return f"{'|'.join(normalise_title(name) for name in names[:4])}|{year.strip()}"


def _keys(surnames: list[str], year: str) -> list[str]:
    """The full key, then looser ones: the first surname with the year, and alone."""
    if not surnames:
        return []
    return [short_key(surnames, year), f"{short_key(surnames[:1], year)}|…", alone_key(surnames[0])]


def alone_key(surname: str) -> str:
    """The key of a surname without a year, of use where a page cites one work of that name."""
    return f"{normalise_title(surname)}|"


def lookup_keys(names: list[str], year: str) -> list[str]:
    """The keys to look a short citation up by, best first."""
    keys = _keys([name for name in names if name], year)
    return keys[:2] if year else keys[2:]


def printed_work(text: str) -> CitedWork:
    """A work of a list that is written out without a template, and the keys that footnotes find it by."""
    found = printed_references(text)
    if not found:
        return CitedWork(None, ())
    surnames = [author.partition(",")[0] for author in found[0].authors]
    return CitedWork(found[0], tuple(_keys(surnames, str(found[0].year or ""))))


def footnote_work(text: str) -> tuple[list[str], list[Reference]]:
    """What a footnote without templates cites: keys of a short one ("Graham 2005, p. 12"), the records of those written out."""
    start = plain(text[:400])[:200]
    keys: list[str] = []
    if match := _SHORT.match(start):
        names = [
            name.split()[-1].strip(" ,.")
            for name in re.split(r",\s*|\s+(?:and|&)\s+", match[1].strip())
            if name.strip(" ,.")
        ]
        keys = lookup_keys(names, match[2])
    elif match := _SURNAME_ALONE.match(start):
        keys = lookup_keys([match[1]], "")
    return keys, printed_references(text)
