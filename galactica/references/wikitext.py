"""Citation templates of MediaWiki ({{cite journal}}, {{citation}}, ...) -> records, and how short citations find them.

Source: Wikipedia's Help:Citation Style 1 and Template:Sfn; the values are wikitext whose links and templates are resolved already.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from galactica.references.citation_text import parse_citation
from galactica.references.record import clean_doi, first_page, make_reference, normalise_title
from galactica.types import Reference, UntitledEntry


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class CitedWork(NamedTuple):
    """What a template cites: its record (None where it names no title) and the keys that {{sfn}} and {{harv}} find it by."""

    reference: Reference | None
    keys: tuple[str, ...]


MAX_NAMES = 30
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
_COLLECTIVE = _words(
    "academy administration agency archives association board bureau center centre church college commission "
    "committee company "
    "corporation council department federation foundation government group institute institution laboratory "
    "library ministry "
    "museum national network news office organisation organization parliament party press project service "
    "society staff team "
    "times union university of the for international inc ltd"
)
_NOT_NAMES = re.compile(
    r"et\.?\s?al\.?|others|various|\(?eds?\.?\)?|anonymous|anon\.?|staff.*|n\.?\s?n\.?", re.IGNORECASE
)
_INITIALS = re.compile(r"[A-Z](?:[.\-]?\s?[A-Z]){0,3}\.?")
_PARTICLES = _words("van von de der den del della di da dos du la le ter ten al bin ibn zu")
_SPLIT_NAMES = re.compile(r"\s*;\s*|\s*,?\s+(?:and|&)\s+")
_SHORT = re.compile(
    r"\W*((?:[^\W\d_][\w'’.\-]*(?:\s|,\s|,?\s(?:and|&)\s)){1,8}?)(?:et\s+al\.?,?\s*)?\(?((?:1[0-9]|"
    r"20)\d\d[a-z]?)\)?(?=\W|$)"
)
_SURNAME_ALONE = re.compile(r"([A-ZÀ-Ž][\w'’\-]{2,30}),? (?:pp?\.|ch\.|vol\.|chapter)")
_DAY = re.compile(r"\((?:\d{1,2} )?[A-Z][a-z]{2,8} (?:\d{1,2}, )?((?:19|20)\d\d)\)")
"""A full date in brackets, which would be read as names."""
_ISBN = re.compile(r"\bISBN\b", re.IGNORECASE)
_ITALIC = re.compile(r"''([^'\n]{6,200}(?:'[^'\n]{1,200})?)''")
_QUOTE = re.compile(r"[\"“”]")
_IMPRINT = re.compile(r"[\]\s.,]{0,5}\(?(?:[A-Z][^()'\"\d]{2,80}[,:]|[A-Z][^()'\"\d]{2,80}) ?((?:1[5-9]|20)\d\d)\b")
"""What follows the title of a book: "(Knopf, 1962)", ". Chicago: University of Chicago Press, 2001"."""
_PERIODICAL = re.compile(
    r"\b(?:Journal|Review|Proceedings|Magazine|Quarterly|Bulletin|Annals|Transactions|Times|Post|News|Herald|Tribune|Gazette|"
    r"Telegraph|Guardian|Independent|Today|Weekly|Monthly|Nature|Science|Letters|Rev\.|J\.)(?!\w)|^(?:ibid|op\. cit)",
    re.IGNORECASE,
)
_BEFORE_TITLE = re.compile(
    r"\(?\b(?:1[5-9]|20)\d\d[a-z]?\b\)?|\bet al\.?|\(?\beds?\.\)?|\b(?:in|see|cf\.|from)\b|https?://\S+|[\[\]]",
    re.IGNORECASE,
)
_MAX_PEOPLE = 120
_MIN_PRINTED = 30
_SAID = re.compile(
    r"\W{0,3}[\"“]|[^\"“]{100,}[\"“]|[^\"“]{0,100}\bpp?\.[^\"“]{0,100}[\"“]|"
    r"[^\"“]{0,100}\b(?:says?|said|writes?|wrote|states?|stated|argue[sd]?|according|that|describe[sd]?|defin\w+)\b[^\"“]{0,60}[\"“]",
    re.IGNORECASE,
)
"""A footnote that quotes what somebody says; the words in quotes are no title."""
_MAX_FOOTNOTE = 1500
_MAX_TITLE = 250


def cited_work(name: str, fields: Mapping[str, str]) -> CitedWork:
    """The work of the template `name` (lower case) with these parameters."""
    dated = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    dated = dated or _YEAR.search(fields.get("publication-date", ""))
    people = list(_people(fields))
    editors = list(_people(fields, editors=True))
    title, venue = _title(name, fields, has_editors=bool(editors))
    reference = make_reference(
        title=title,
        authors=people or editors,
        year=int(dated[1]) if dated else None,
        venue=venue or next((text for name in _VENUES if (text := plain(fields.get(name, "")))), None),
        doi=clean_doi(fields.get("doi")) or clean_doi(fields.get("url")),
    )
    year = dated[1] + dated[2] if dated else ""
    *own_names, own_year = fields.get("ref", "").split("|")
    named = [short_key(own_names, own_year)] if own_names else []
    return CitedWork(reference, (*named, *_keys([person.partition(",")[0] for person in people or editors], year)))


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
    return UntitledEntry(plain(text[:_MAX_FOOTNOTE]), doi=clean_doi(text[:_MAX_FOOTNOTE]))


def _title(name: str, fields: Mapping[str, str], has_editors: bool) -> tuple[str, str]:
    """The title of what is cited, and the title of the book it stands in where that is another."""
    title = plain(fields.get("title", ""))
    part = next((text for field in _PARTS_OF_BOOKS if (text := plain(fields.get(field, "")))), "")
    if part and (not title or has_editors or "encyclop" in name or "dictionary" in name):
        return _CHAPTER_NUMBER.sub("", part), title
    return title, ""


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
                given = _first(fields, keys.given)
                family = family.strip("()").replace(",", " ")
                yield f"{family}, {given}" if given else family
            elif whole := _first(fields, keys.whole):
                yield from _listed(whole)
            elif number > 1:  # names are numbered from 1, or the first has no number
                break
    if vancouver := plain(fields.get("veditors" if editors else "vauthors", "")):
        for name in vancouver[:_MAX_LIST].split(",")[:MAX_NAMES]:
            family, _, given = name.strip(" ();").rpartition(" ")
            yield f"{family}, {given}" if family else given
    for key in ("editors",) if editors else ("authors", "people", "author-name"):
        if key in fields:
            yield from _listed(plain(fields[key]))


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


def _listed(text: str) -> Iterator[str]:
    """The people of a list in one field, whichever way it is written."""
    for group in _SPLIT_NAMES.split(text[:_MAX_LIST])[:MAX_NAMES]:
        parts = [part.strip(" ()") for part in group.split(",") if part.strip(" ()")]
        if len(parts) == 2 and not _is_vancouver(parts[0]) and " " not in parts[0].strip():
            yield from _person(f"{parts[0]}, {parts[1]}")
        elif len(parts) == 2 and _INITIALS.fullmatch(parts[1]):
            yield f"{parts[0]}, {parts[1]}"
        else:
            for part in parts[:MAX_NAMES]:
                yield from _person(part)


def _is_vancouver(name: str) -> bool:
    family, _, initials = name.rpartition(" ")
    return bool(family) and initials.isupper() and len(initials) <= 3


def _person(name: str) -> Iterator[str]:
    name = name.strip(" ;*")
    if not name or _NOT_NAMES.fullmatch(name) or not any(map(str.isalpha, name)):
        return
    if "," in name:
        yield name
        return
    words = name.split()
    if len(words) == 1 or len(words) > 5 or _COLLECTIVE & {word.lower().strip(".'’s") for word in words}:
        yield name
    elif _is_vancouver(name):
        yield f"{' '.join(words[:-1])}, {words[-1]}"
    else:
        start = len(words) - 1
        while start > 1 and words[start - 1].lower() in _PARTICLES:
            start -= 1
        yield f"{' '.join(words[start:])}, {' '.join(words[:start])}"


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
    reference = _printed(text[:_MAX_FOOTNOTE])
    if reference is None:
        return CitedWork(None, ())
    surnames = [author.partition(",")[0] for author in reference.authors]
    return CitedWork(reference, tuple(_keys(surnames, str(reference.year or ""))))


def footnote_work(text: str) -> tuple[list[str], Reference | None]:
    """What a footnote without templates cites: keys of a short citation ("Graham 2005, p. 12"), the record of one written out."""
    text = text[:_MAX_FOOTNOTE]
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
    return keys, _printed(text)


def _printed(text: str) -> Reference | None:
    """The record of a reference written out in wikitext, where its title is marked or can be made out; books are in italics."""
    text = _DAY.sub(r"(\1)", text)
    shown = plain(text)
    if len(shown) < _MIN_PRINTED:
        return None
    if _QUOTE.search(text) is None and (italic := _ITALIC.search(text)):
        title, after = plain(italic[1]).strip("[] "), text[italic.end() :]
        if (_ISBN.search(after) or _IMPRINT.match(after)) and not _PERIODICAL.search(title):
            dated = _YEAR.search(after) or _YEAR.search(text)
            before = _BEFORE_TITLE.sub(" ", plain(text[: italic.start()])).strip(" ,.:;")
            people = list(_listed(before)) if len(before) < _MAX_PEOPLE else []
            return make_reference(title, people, int(dated[1]) if dated else None, None, clean_doi(text))
    if _SAID.match(shown):
        return None
    found = parse_citation(shown)
    is_sound = found is not None and found.authors and len(found.title) < _MAX_TITLE and ". " not in found.title
    return found if is_sound else None
