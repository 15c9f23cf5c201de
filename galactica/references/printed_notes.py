"""References written out in wikitext without a template -> records: titles in quotes, in italics, as the words of a link, or told
by the punctuation alone.

The earliest of these that stands behind the names of authors, or behind nothing, is the title. Where that is not sure there is no
record: a journal, a web site or a quotation taken for a title would be a work that does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from galactica.references.citation_text import parse_citation
from galactica.references.names import listed, names_collective, reads_as_people
from galactica.references.record import clean_doi, make_reference, normalise_title
from galactica.types import Reference

MAX_NOTE = 1500
MAX_WORKS = 12
_MAX_TITLE = 250
_MIN_PRINTED = 20

_QUOTED, _ITALIC, _LINK = "\ufdd0\ufdd1", "\ufdd2\ufdd3", "\ufdd4\ufdd5"
"""What a title is set in, each a pair of characters that no text may hold."""
_SIGN_CHARACTERS = _QUOTED + _ITALIC + _LINK
_SIGNS = dict.fromkeys(map(ord, _SIGN_CHARACTERS))
_ADDRESS = re.compile(r"\[(?:https?:|ftp:)?//[^\s\[\]]{1,1000}(?:\s+([^\[\]]{0,400}))?\]")
_BARE = re.compile(r"(?:https?|ftp)://\S{1,1000}")
_BOLD = re.compile(r"'{5}|'{3}")
_IN_ITALICS = re.compile(r"''([^'\n]{2,250}(?:'[^'\n]{1,250}){0,3})''")
_IN_QUOTES = re.compile(r"[\"“”]([^\"“”\n]{2,300})[\"“”]")
_IN_SINGLE_QUOTES = re.compile(r"(?<![\w'])['‘]([A-Z][^'’\n]{5,200}(?:['’](?:s|t)\b[^'’\n]{1,200})?)['’](?![\w'])")
_GIVEN = r"[A-Z][^\W\d_]{2,}(?:[- ][A-Z][^\W\d_]{2,})?(?: [A-Z]\.){0,2}"
_FAMILY_AND_GIVEN = re.compile(
    rf"([A-Z][\w'’-]+, {_GIVEN}(?:,? (?:and|&) (?:[A-Z][\w'’-]+, {_GIVEN}|{_GIVEN} [A-Z][\w'’-]+))?)(?:(?<=\.)|\.|(?= \()) "
    r"(?=[A-Z(\d])"
)
_CITY = re.compile(
    r"[,.] (?:London|New York|Oxford|Cambridge|Paris|Berlin|Boston|Chicago|Princeton|Edinburgh|Leipzig|Leiden|Toronto)\b"
)
_PRESS = re.compile(
    r"\b(?:Press|Books?|Publish\w*|Publications?|Verlag|University|Company|Co\.|[Ss]ons|Ltd|Inc|House|Editions?|Routledge|Springer|Wiley|"
    r"Elsevier|Blackwell|Penguin|Macmillan|Hall|iUniverse|Institute|London|New York|Oxford|Cambridge)(?!\w)"
)
_SPAN = re.compile(rf"[{_QUOTED[0]}{_ITALIC[0]}{_LINK[0]}]")
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Autumn|Fall|Winter)[a-z]{0,6}\.?"
_DAY = re.compile(rf"\(?(?:\d{{1,2}} )?\b{_MONTHS} (?:\d{{1,2}}, )?((?:19|20)\d\d)\)?")
"""A full date, which would be read as names."""
_YEAR = re.compile(r"(?<![\d–-])(1[5-9]\d\d|20\d\d)(?:[a-z]\b)?(?![\d–])")
_SEEN = re.compile(r"(?:retrieved|accessed|archived)\b[^;]{0,40}", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:[^.]{0,150}?[,;:.(] ?|[^.]{0,150} )?\b(?:[Ss]ee(?: also| e\.g\.| for example| for instance)?|[Cc]f\.?|"
    r"[Qq]uoted (?:in|from)|[Cc]ited (?:in|by)|[Aa]s in|[Ff]rom|[Ss]ource|[Ii]n|[Bb]y)\b[,:]? (?=[A-Z(])"
)
"""What leads to a reference: "On its growth see Smith, J."."""
_TRANSLATOR = re.compile(
    r"[\s,.;(]+(?:[Tt]rans(?:l)?\.|[Tt]ranslated by|[Tt]ranslator:)\s[^.]{0,60}(?:[A-Z]\.[^.]{0,60}){0,3}[\s.]*$"
)
_BESIDE_NAMES = re.compile(
    r"^(?:[Ss]ee(?: also)?|[Cc]f\.?|[Ff]rom|[Aa]lso|[Ss]ource:?|[Ee]xamples?:?|[Nn]ote:?|[Qq]uote:?)(?= |$)|\(?\b[Hh]rsg\b\.?\)?|"
    r"\(?\b(?:1[5-9]|20)\d\d[a-z]?\b\)?|\(?\bn\.d\.\)?|"
    r"\bet al\b\.?|\(?\b(?:[Ee]ds?|[Tt]rans(?:l)?|[Ee]ditors?|[Tt]ranslators?|comp)\b\.?\)?|"
    r"\(?\bedited by\b|[\[\]()]"
)
_WRITTEN_BY = re.compile(
    r"[\s,.;(]{0,4}(?:(?:written |edited )?by|[Ee]d(?:s?\.|ited) by) "
    r"((?:[A-Z]\. ?){0,3}[A-Z][^,.;()–\ufdd0-\ufdd5\d]{2,60}(?:[A-Z]\.[^,.;()–\ufdd0-\ufdd5\d]{1,60}){0,3})"
)
_SIGNED = re.compile(
    r"[,.]{0,2} ((?:[A-Z]\. ?){0,2}[A-Z][\w'’-]+ (?:[A-Z]\.? |[a-z]{2,3} )?[A-Z][\w'’-]+), (?:\(\d{4}\), )?(?=\ufdd2)"
)
"""A name between the title and the newspaper: "Rain in June", Jane Roe, ''The Herald''."""
_PLACE_IN_BOOK = re.compile(
    r"[\s,.;:(]{0,5}(?:\(?(?:1[5-9]|20)\d\d|\(?pp?\.|pgs?\b|pages?\b|vol(?:ume)?\b|ch(?:apter)?\b|bk\b|book\b|§|S\. ?\d|ISBN|"
    r"[IVXLCivxlc\d]{1,6}[.,: ]|\d{1,4}(?:rd|nd|st|th) ed|[Tt]rans|[Ee]d(?:s|ited)?\b|by )",
)
"""What follows the title of a book of which the note names no author."""
_IMPRINT = re.compile(r"[\]\s.,;:]{0,5}\(?(?:[A-Z][^()'\"\d]{2,80}[,:;.]? ?)((?:1[5-9]|20)\d\d)\b")
"""What follows the title of a book: "(Knopf, 1962)", ". Chicago: University of Chicago Press, 2001"."""
_PERIODICAL = re.compile(
    r"\b(?:Journal|Review|Proceedings|Magazine|Quarterly|Bulletin|Transactions|Times|Post|News|Herald|Tribune|Gazette|"
    r"Telegraph|Guardian|Independent|Today|Weekly|Monthly|Letters|Rev\.|J\.|Encyclop(?:a|æ|ae)edia Britannica|"
    r"Biometrika|BBC|"
    r"CNN|Reuters)(?!\w)|^(?:Nature|Science|Annals\b.*|Time|The Atlantic|ibid\.?.*|"
    r"op\. ?cit\.?.*|et al\.?|et passim|passim|see also|cf\.?)$",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"(?:[A-Z]\w*\.\s?(?:(?:of|the|and|&)\s)?){2,}")
_PAGES = re.compile(r"\bpp?\. ?\d")
_SITE = re.compile(
    r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|co|info|uk|de|fr|ca|au|pdf|html?)(?:/\S*)?", re.IGNORECASE
)
_NO_LABEL = re.compile(
    r"(?:pp?\.|pgs?\b|pages?\b|vol|book|chapter|archived?|online|on-line|text|full text|pdf|link|here|this|source|see|abstract|"
    r"download|web ?site|official|home ?page|retrieved|accessed|index|report|article|video|map|table|excerpts?|extracts?|"
    r"google books?|\W*\d)\b[^\w]{0,3}[\w.]{0,12}(?:\s[\w.–-]{1,12}){0,2}",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:article|review|entry|interview|report|example|news|excerpt|video) (?:in|on|for|of|from)\b", re.IGNORECASE
)
"""What a link says of a work instead of its title."""
_SAID = re.compile(
    r"\b(?:says?|said|writes?|wrote|states?|stated|argue[sd]?|according|that|describe[sd]?|defin\w+|call(?:s|ed))\b",
    re.IGNORECASE,
)
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|became|did|does|cannot|could|would|should|he|she|they|it)\b")
"""What a sentence has and the title of a work mostly has not."""
_MAX_REMARK = 150
_PARTICLES = (
    "van",
    "von",
    "de",
    "der",
    "den",
    "del",
    "della",
    "di",
    "da",
    "dos",
    "du",
    "la",
    "le",
    "al",
    "el",
    "ibn",
    "zu",
    "af",
    "d'",
)
_NO_AUTHOR = re.compile(
    r"\b(?:supra|infra|ibid|idem|none|note|notes|preface|dictionary|encyclop(?:ae?|æ)?e?dia|works|text|habilitationsschrift|dissertation|"
    r"thesis|quotation|and|http|www|review|interview|see|url)\b|[|=]",
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"(?-i:in|see)\s|(?:[\w.\s-]{0,40}\b)?thesis submitted|supra\b|ibid|none\b|\|?\s?url|"
    r"(?:essay|chapter|book|part|volume|vol\.?|topic) [IVX\d]+$|"
    r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|uk)$|.*(?:[Mm]ore from|[Rr]eprinted in)\b",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(r"^\(?(?:1[5-9]|20)\d\d\)?[.:,] ")
_BEHIND_TITLE = re.compile(
    r"[.:,;]? (?:In: .*|(?:[Ee]dited|[Pp]ublished) by .*|\d{1,2}(?:st|nd|rd|th) [Ee]d(?:ition|\.).*|(?:pp?\.|[Pp]ages?) ?\d.*|"
    r"ISBN.*|[Pp]rint edition.*|\d+ pages.*)$"
)
"""What stands in the italics or quotes of a title and is none of it: the book, the edition, the pages."""
_MANY = re.compile(r"\n[*#:]+|<br ?/?>|;\s+(?=[A-Z\[\"“'])|\.\s+(?:See also|Also see|Cf\.)\s+", re.IGNORECASE)
_GENERIC_SITE = re.compile(r"\s+[|»«]\s.*$|\s+[–—-]\s+(?:BBC|CNN|Wikipedia|YouTube|Google Books)\b.*$")
_END = " .,;:"


class _Span(NamedTuple):
    """Words that are set apart: where they begin and end in the note, in what, and the words."""

    start: int
    end: int
    kind: str
    text: str


def printed_references(note: str) -> list[Reference]:
    """The works that a note in wikitext cites, best told first; those after it have authors of their own."""
    note = note.translate(_SIGNS)[:MAX_NOTE]
    first = _reference(note) if "\n*" not in note.strip() and not note.strip().startswith("*") else None
    found = [first] if first else []
    parts = _MANY.split(note)[: MAX_WORKS + 1]
    if len(parts) > 1:
        for part in parts:
            work = _reference(part)
            if work and (work.authors or not found) and not any(_is_one(work, known) for known in found):
                found.append(work)
    return found[:MAX_WORKS]


def _is_one(work: Reference, other: Reference) -> bool:
    title, others = normalise_title(work.title), normalise_title(other.title)
    return title in others or others in title


def _reference(note: str) -> Reference | None:
    shown = _set_apart(note)
    if len(shown) < _MIN_PRINTED:
        return None
    doi = clean_doi(note)
    passed: list[str] = []
    for span in _spans(shown):
        before, after = shown[: span.start], shown[span.end :]
        names = _names(before)
        if names is None or any(text in names for text in passed if text):  # a site or a journal is no author
            passed.append(_names_alone(span.text))
            continue
        is_set_off = not names or before.rstrip(_SIGN_CHARACTERS + " ")[-1:] in tuple(".,:;)")
        title = _title(span, names, after, is_set_off)
        if title:
            people = list(listed(names)) or _named_after(after)
            title = _without_tail(title)
            if not people or not _is_author(people[0]) or not names_a_work(title):
                return None  # a title without an author: a quotation, a page of the web, the name of a site
            return make_reference(title, people, _year(after, before), None, doi)
        if span.kind == _QUOTED:
            return None  # what is quoted is a sentence, or too common a title
        passed.append(_names_alone(span.text))
    plain = "".join('"' if sign in _QUOTED else "" if ord(sign) in _SIGNS else sign for sign in shown)
    if _SAID.search(plain[: plain.find('"')] if '"' in plain else "") or plain.startswith('"'):
        return None
    found = _book(plain) or parse_citation(plain)
    is_sound = (
        found is not None
        and found.authors
        and _is_author(found.authors[0])
        and names_a_work(found.title)
        and len(found.title) < _MAX_TITLE
        and ". " not in found.title
    )
    return found if is_sound and found is not None and reads_as_people(", ".join(found.authors)) else None


def _is_author(name: str) -> bool:
    """Whether a first author can be called this: a capital, or a particle before one, and no word that points to a work."""
    family = name.partition(",")[0]
    begins = next((word[0].isupper() for word in family.split() if word not in _PARTICLES), False)
    return begins and len(re.findall(r"[^\W\d_]", family)) > 1 and _NO_AUTHOR.search(name) is None


def names_a_work(title: str) -> bool:
    """Whether a title of a work can read so: no word in lower case alone, nothing that leads to a title, no address."""
    return bool(title) and _NO_WORK.match(title) is None and not (title.islower() and " " not in title)


def _without_tail(title: str) -> str:
    return _BEHIND_TITLE.sub("", _YEAR_BEFORE.sub("", title)).strip(_END)


def _book(text: str) -> Reference | None:
    """The record of "Roe, Jane M. Growth of Crystals. Ice Press, 1962"; the name with its comma tells where the title begins."""
    match = _FAMILY_AND_GIVEN.match(text)
    rest = text[match.end() :] if match else ""
    dated = re.match(r"\(?((?:1[5-9]|20)\d\d)[a-z]?\)?[.,:]? ", rest)
    title, stop, after = (rest[dated.end() :] if dated else rest).partition(". ")
    place = _CITY.search(title)
    if place and not stop.strip():
        title, after = title[: place.start()], title[place.start() :]
    elif place:
        title, after = title[: place.start()], title[place.start() :] + ". " + after
    year = _YEAR.search(after) or (dated and _YEAR.search(dated[0]))
    is_book = (
        match and year and re.match(r"[^\d]{3,80}(?:\d|$)", f"{after}.") and title[:1].isupper() and '"' not in title
    )
    if not match or not is_book or not _names_a_book(title, after):
        return None
    return make_reference(title, list(listed(match[1])), int(year[1]) if year else None, None, None)


def _names_a_book(title: str, after: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", title)
    is_person = reads_as_people(title) and "," in title
    return (
        bool(words)
        and len(title) < _MAX_TITLE
        and not is_person
        and not re.search(r"\d{3}|[()]", title)
        and (_PRESS.search(after) is not None)
    )


def _set_apart(note: str) -> str:
    """The note as plain text in which titles in quotes, in italics and in links stand between the signs of `_QUOTED` and so on."""
    text = re.sub(r"<[^<>]{0,200}>", "", note)
    text = text.replace("&nbsp;", " ").replace("&quot;", '"').replace("&amp;", "&").replace("&ndash;", "–")
    text = _ADDRESS.sub(
        lambda match: f"{_LINK[0]}{match[1].strip()}{_LINK[1]}" if (match[1] or "").strip() else "", text
    )
    text = _BARE.sub("", text)
    text = _IN_ITALICS.sub(
        rf"{_ITALIC[0]}\1{_ITALIC[1]}", _BOLD.sub(lambda match: "''" if len(match[0]) == 5 else "", text)
    )
    if re.search(r"[\"“”]", text):
        text = _IN_QUOTES.sub(rf"{_QUOTED[0]}\1{_QUOTED[1]}", text)
    else:
        text = _IN_SINGLE_QUOTES.sub(rf"{_QUOTED[0]}\1{_QUOTED[1]}", text)
    return " ".join(_DAY.sub(r"(\1)", text.replace("''", "")).split())


def _spans(shown: str) -> Iterator[_Span]:
    """The outermost spans from left to right; of one inside another, which is set in two ways, the words are the same. A link
    that holds a whole reference, with its title in quotes or italics, is looked at inside."""
    at = 0
    while (match := _SPAN.search(shown, at)) is not None:
        kind = next(pair for pair in (_QUOTED, _ITALIC, _LINK) if pair[0] == match[0])
        end = shown.find(kind[1], match.end())
        if end < 0:
            at = match.end()
            continue
        inside = shown[match.end() : end]
        within = _SPAN.search(inside)
        leading = inside[: within.start()] if within else ""
        if kind == _LINK and leading.strip(_END) and (_names(leading) or leading.rstrip()[-1] in ".,"):
            at = match.end()
            continue
        if within and inside[: within.start()].strip(_END) == "":  # quotes around italics around a link: one title
            inner = {pair[0]: pair for pair in (_QUOTED, _ITALIC, _LINK)}[within[0]]
            close = inside.find(inner[1], within.end())
            if close >= 0 and len(inside[close + 1 :].strip(_END)) > 2:
                inside, end = inside[within.end() : close], match.end() + close
            kind = _QUOTED if _QUOTED in (kind, inner) else _ITALIC if _ITALIC in (kind, inner) else _LINK
        yield _Span(match.start(), end + 1, kind, _plain(inside))
        at = end + 1


def _plain(text: str) -> str:
    return " ".join(text.translate(_SIGNS).split())


def _names(before: str) -> str | None:
    """What stands before a title, if that is nothing or names of authors: the names."""
    text = _plain(before)
    led = _LEAD.sub("", text)
    for candidate in (text, led if " " in led.strip(_END) else text):
        candidate = _TRANSLATOR.sub("", candidate)
        stripped = _names_alone(candidate)
        if re.search(r"\bIn$", candidate.rstrip(" :")):  # "Title. In ''Book''": the title stands before
            return None
        if not any(map(str.isalpha, stripped)):
            return "" if len(stripped) < 4 else None
        if reads_as_people(stripped):
            return stripped
    return None


def _names_alone(text: str) -> str:
    return " ".join(_BESIDE_NAMES.sub(" ", text).split()).strip(" .,;:–-*'\"")


def _named_after(after: str) -> list[str]:
    """The people of `by Jane Roe` behind a title."""
    match = _WRITTEN_BY.match(after) or _SIGNED.match(after)
    is_name = (
        match is not None and reads_as_people(match[1]) and (match.re is _WRITTEN_BY or not names_collective(match[1]))
    )
    return list(listed(match[1])) if match and is_name else []


def _title(span: _Span, names: str, after: str, is_set_off: bool) -> str:
    """The words of the span, if they are the title of a work. `is_set_off` where a stop parts them from the names."""
    title = _GENERIC_SITE.sub("", span.text).strip(_END) if span.kind == _LINK else span.text.strip(_END)
    words = re.findall(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*", title)
    if not words or len(title) > _MAX_TITLE or _SITE.fullmatch(title) or not title[0].isalnum():
        return ""
    after = after.lstrip("".join((_QUOTED, _ITALIC, _LINK)))
    if span.kind == _QUOTED:
        if (not names or not is_set_off) and len(words) < 3:
            return ""
        is_sentence = (
            title[0].islower() or re.search(r"[^\W\d]{3}[.!]\s+[A-Z]", title) or "..." in title or "…" in title
        )
        is_remark = not names and (len(title) > _MAX_REMARK or _FINITE.search(title) or not _is_closed(span, after))
        return "" if is_sentence or is_remark else title
    if span.kind == _ITALIC:
        if _PAGES.search(title):
            title = title.partition(". ")[0].strip(_END)  # the publisher in italics too
        if _ABBREVIATED.fullmatch(span.text) or (
            _PERIODICAL.search(title) and not (names and _IMPRINT.match(after) and len(words) > 3)
        ):
            return ""
        if names:
            return title
        is_book = _PLACE_IN_BOOK.match(after) or _IMPRINT.match(after) or _named_after(after)
        return title if len(words) > 1 and is_book else ""
    if (
        len(words) < 2
        or _ABOUT.match(title)
        or _NO_LABEL.fullmatch(title)
        or (not names and (len(words) < 3 or (_PERIODICAL.search(title) and len(words) < 6)))
    ):
        return ""
    has_small_word = any(word[0].islower() and len(word) > 3 for word in words)
    if not names and names_collective(title) and not has_small_word and not _named_after(after):
        return ""
    is_list = (
        re.match(r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){0,2}[,.] (?:[A-Z\"“])", title) is not None and title.count(",") > 1
    )
    return "" if is_list else title


def _is_closed(span: _Span, after: str) -> bool:
    """Whether a title in quotes ends as one in a reference does, and no sentence goes on behind it."""
    return re.match(r"[\s.,;:)]*(?:$|[A-Z\ufdd2\ufdd4(\d]|in\b|by\b|at\b|from\b)", after) is not None


def _year(after: str, before: str) -> int | None:
    """The year of publication: the first behind the title, else one before it."""
    found = _YEAR.findall(_SEEN.sub("", after)[:300]) or _YEAR.findall(before)
    return int(found[0]) if found else None
