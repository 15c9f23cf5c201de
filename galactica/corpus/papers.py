"""What papers of every format share: notices, English, the sections that say nothing of science, the characters that go."""

from __future__ import annotations

import re

from galactica.corpus.marks import PLACEHOLDERS
from galactica.corpus.mojibake import mended

MAX_AUTHORS = 10
"""Authors that the head of a paper names."""

_NOTICE = re.compile(
    r"(?:correction|corrigend\w+|errat\w+|retraction|retracted|publisher.s note|expression of concern)\b|"
    r"withdrawn\s*:",
    re.IGNORECASE,
)
_STOP_WORDS = re.compile(r"\b(?:the|of|and|in|to|for|with|that|is|was|were|are|by|we|on|this)\b", re.IGNORECASE)
_MIN_STOP_WORDS = 0.1
"""Share of these words among all words: English papers have 0.2-0.35, other languages under 0.05."""
_LEFT_OUT = re.compile(
    r"support(?:ing|ive) information.*|supplement\w*.*|additional (?:files?|information|material).*|"
    r"electronic supplementary.*|authors?(?:[’']s?)? (?:contributions?|information).*|contributions?|"
    r"(?:conflicts?|declarations?|disclosures?) of interests?.*|(?:competing|conflicting|financial) .*interests?.*|"
    r"funding.*|financial (?:disclosure|support).*|ethic\w*.*|consent .*|availability of .*|"
    r"data (?:availability|accessibility|archiving|deposition).*|code availability.*|accession (?:codes?|numbers?).*|"
    r"acknowledge?ments?.*|publisher.s note.*|pre-?publication history.*|references.*|bibliography|disclosures?|"
    r"declarations?|open access|orcid.*|reporting summary|web resources|urls?|provenance and peer review|"
    r"peer review.*|transparency.*|contributor information.*",
    re.IGNORECASE,
)
_DROPPED_CHARACTERS = (
    PLACEHOLDERS
    | {0x2010: "-", 0x2011: "-"}
    | dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
)


def is_notice(title: str) -> bool:
    """Whether the title is that of a correction, a retraction or another notice on a paper."""
    return _NOTICE.match(title) is not None


def is_english(text: str) -> bool:
    """Whether enough words of the text are the small words of English."""
    return len(_STOP_WORDS.findall(text)) >= _MIN_STOP_WORDS * len(text.split())


def is_left_out(heading: str) -> bool:
    """Whether a section of this heading holds no science: funding, interests, supplements, thanks."""
    return _LEFT_OUT.fullmatch(heading.rstrip(".: ")) is not None


def clean(text: str | None) -> str:
    """The text without control characters and those of placeholders, with one hyphen, its characters as they were before a wrong
    encoding; "" for None."""
    if not text:
        return ""
    return text if text.isascii() else mended(text).translate(_DROPPED_CHARACTERS)
