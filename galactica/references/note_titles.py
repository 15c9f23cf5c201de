"""Whether words that a note sets apart are the title of a work, and whether a name can be its author's.

Where that is not sure they are not: a journal, a web site or a quotation taken for a title would be a work that does not exist.
"""

from __future__ import annotations

import re

from galactica.references.names import PARTICLES, names_collective
from galactica.references.note_spans import END, ITALIC, LINK, QUOTED, SIGNS, Span, named_after

MAX_TITLE = 250
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
_GENERIC_SITE = re.compile(r"(?<!\s)\s+(?:[|»«]\s.*|[–—-]\s+(?:BBC|CNN|Wikipedia|YouTube|Google Books)\b.*)$")
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
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|had|became|did|does|cannot|could|would|should|he|she|they|it)\b")
"""What a sentence has and the title of a work mostly has not."""
_MAX_REMARK = 150
_NO_AUTHOR = re.compile(
    r"\b(?:supra|infra|ibid|idem|none|note|notes|preface|dictionary|encyclop(?:ae?|æ)?e?dia|works|text|habilitationsschrift|dissertation|"
    r"thesis|quotation|and|http|www|review|interview|see|url)\b|[|=]",
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"(?-i:in|see)\s|(?:[\w.\s-]{0,40}\b)?thesis submitted|supra\b|ibid|none\b|\|?\s?url|"
    r"(?:essay|chapter|book|part|volume|vol\.?|topic) [IVX\d]+$|"
    r".*(?:[Mm]ore from|[Rr]eprinted in)\b",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(r"^\(?(?:1[5-9]|20)\d\d\)?[.:,] ")
_BEHIND_TITLE = re.compile(
    r"[.:,;]? (?:In: .*|(?:[Ee]dited|[Pp]ublished) by .*|\d{1,2}(?:st|nd|rd|th) [Ee]d(?:ition|\.).*|(?:pp?\.|[Pp]ages?) ?\d.*|"
    r"ISBN.*|[Pp]rint edition.*|\d+ pages.*)$"
)
"""What stands in the italics or quotes of a title and is none of it: the book, the edition, the pages."""


def title_of(span: Span, names: str, after: str, is_set_off: bool) -> str:
    """The words of the span, if they are the title of a work. `is_set_off` where a stop parts them from the names."""
    title = _GENERIC_SITE.sub("", span.text).strip(END) if span.kind == LINK else span.text.strip(END)
    words = re.findall(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*", title)
    if not words or len(title) > MAX_TITLE or _SITE.fullmatch(title) or not title[0].isalnum():
        return ""
    after = after.lstrip(SIGNS)
    if span.kind == QUOTED:
        is_short = (not names or not is_set_off) and len(words) < 3
        return "" if is_short or _is_said(title, names, after) else title
    if span.kind == ITALIC:
        if _PAGES.search(title):
            title = title.partition(". ")[0].strip(END)  # the publisher in italics too
        is_title = _ABBREVIATED.fullmatch(span.text) is None and _is_in_italics(title, words, names, after)
        return title if is_title else ""
    return title if _is_linked(title, words, names, after) else ""


def _is_said(title: str, names: str, after: str) -> bool:
    """Whether words in quotes are a quotation and no title."""
    if title[0].islower() or re.search(r"[^\W\d]{3}[.!]\s+[A-Z]", title) or "..." in title or "…" in title:
        return True
    return not names and (len(title) > _MAX_REMARK or _FINITE.search(title) is not None or not _is_closed(after))


def _is_in_italics(title: str, words: list[str], names: str, after: str) -> bool:
    """Whether words in italics are a title: without names before them alone where what follows is that of a book."""
    if _PERIODICAL.search(title) and not (names and _IMPRINT.match(after) and len(words) > 3):
        return False
    is_book = _PLACE_IN_BOOK.match(after) or _IMPRINT.match(after) or named_after(after)
    return bool(names or (len(words) > 1 and is_book))


def _is_linked(title: str, words: list[str], names: str, after: str) -> bool:
    """Whether the words of a link are a title, and not what they say of one, a body or a list of works."""
    if len(words) < 2 or _ABOUT.match(title) or _NO_LABEL.fullmatch(title):
        return False
    if not names and (len(words) < 3 or (_PERIODICAL.search(title) and len(words) < 6)):
        return False
    has_small_word = any(word[0].islower() and len(word) > 3 for word in words)
    if not names and names_collective(title) and not has_small_word and not named_after(after):
        return False
    is_list = re.match(r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){0,2}[,.] (?:[A-Z\"“])", title) and title.count(",") > 1
    return not is_list


def _is_closed(after: str) -> bool:
    """Whether a title in quotes ends as one in a reference does, and no sentence goes on behind it."""
    return re.match(r"[\s.,;:)]*(?:$|[A-Z\ufdd2\ufdd4(\d]|in\b|by\b|at\b|from\b)", after) is not None


def is_author(name: str) -> bool:
    """Whether a first author can be called this: a capital, or a particle before one, and no word that points to a work."""
    family = name.partition(",")[0]
    begins = next((word[0].isupper() for word in family.split() if word not in PARTICLES), False)
    return begins and len(re.findall(r"[^\W\d_]", family)) > 1 and _NO_AUTHOR.search(name) is None


def names_a_work(title: str) -> bool:
    """Whether a title of a work can read so: no word in lower case alone, nothing that leads to a title, no address."""
    is_word = title.islower() and " " not in title
    return bool(title) and _NO_WORK.match(title) is None and _SITE.fullmatch(title) is None and not is_word


def without_tail(title: str) -> str:
    """The title without the year before it and the edition, the book or the pages behind it."""
    return _BEHIND_TITLE.sub("", _YEAR_BEFORE.sub("", title)).strip(END)
