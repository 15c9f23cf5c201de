"""The last look at every document: tidy white space, mask personal data, leave out what the corpus is not for.

Source of the lists of fields and journals: Galactica paper, on Semantic Scholar; here they hold for every source that
states them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from galactica import markup
from galactica.corpus.licences import LICENCE_CLASSES, licence_class
from galactica.corpus.papers import is_english
from galactica.corpus.source import Group
from galactica.corpus.veil import SPELLS
from galactica.errors import BadConfig
from galactica.types import Document, Drop

EMAIL_MASK = "[email]"
PHONE_MASK = "[phone]"
EXCERPT_CHARACTERS = 600

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
"""Soft hyphens, marks of direction, spaces of no width, and characters of private use, which mean what one font shows."""
_JOINERS = re.compile(
    "(?<![\u0600-\u1cff\ua800-\uabff\u2600-\u27bf\ufe0f\U00010a00-\U00011fff\U0001f000-\U0001faff])[\u200c\u200d]+"
)
"""Joiners, but where letters (of Arabic, of the scripts of India) take other forms by them, and between pictures."""
_BLANK_LINES = re.compile(r"\n{3,}")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
_PHONE = re.compile(r"(?:(?:Tel|Phone|Fax)[.:]*\s*)\+?\(?\d[\d ()\-/]{6,18}\d|\+\d{1,3}[ \-]\(?\d[\d ()\-]{6,14}\d")
_WORD = re.compile(r"[^\W\d_]+")
_MATHS = re.compile(r"\\\(.{1,2000}?\\\)|\\\[.{1,5000}?\\\]", re.DOTALL)
_PROSE: tuple[Group, ...] = ("papers", "reference material", "common crawl", "other")
_CODE = re.compile(r"^(`{3,})[^\n]*\n.*?^\1`*[ \t]*$|`[^`\n]{1,300}`", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"(?:^\|[^\n]*\n?)+", re.MULTILINE)
_WRAPPED = re.compile(r"\[(?:START|END)_[A-Z0-9_]{1,20}\]")
_SERIES = re.compile(r"(?:[-−+]?\d{1,40}(?:[./]\d{1,40})?(?:,\s?|\s)){4,}(?:\d{1,40}|\.{3}|…)?")
"""A sequence of numbers in a sentence: 1, 1, 2, 3, 5, 8, ..."""
_BLANKS = re.compile(r"([_.…·*=~-])\1{3,}")
"""Lines to be filled in, and those drawn of signs."""
_APART = re.compile(r"(?<![^\s])(?:[^\W\d_] ){5,}[^\W\d_](?![^\s])")
"""Letters that stand apart, as bad optical recognition leaves them; in a formula there are signs between."""
_WITH_SMALL_WORDS = re.compile(r"^.*(?<![\w'’-])[^\W\d_A-Z][\w'’-]+ .*$", re.MULTILINE)
_MIN_LETTERS_OF_PROSE = 200
_MIN_TOLD_IN_TABLES = 0.15
_LOOKED_AT = 20_000
"""Characters of a document that its language and its share of noise are judged by."""
_FEW_WORDS = 50


@dataclass(frozen=True, slots=True)
class CurationConfig:
    """What is left out. Empty tuples and zero turn a filter off.

    `languages` are ISO 639-1 codes; `min_impact` is citations received over papers of a journal, as far as the corpus itself tells;
    `licences` are the classes that may be used (`licences.LICENCE_CLASSES`); `stated_licences` maps sources to the licence of
    their documents that state none, where the user knows it for all of them.
    """

    languages: tuple[str, ...] = ("en",)
    fields_left_out: tuple[str, ...] = (
        "psychology", "business", "art", "economics", "geography", "history", "political science", "philosophy", "sociology",
    )  # fmt: skip
    journal_words_left_out: tuple[str, ...] = ("law", "history", "politics", "business", "religion")
    min_impact: float = 1.0
    licences: tuple[str, ...] = ()
    stated_licences: Mapping[str, str] = field(default_factory=dict)
    min_characters: int = 80
    max_characters: int = 4_000_000

    def __post_init__(self) -> None:
        for name in self.licences:
            if name not in LICENCE_CLASSES:
                raise BadConfig(f"corpus.curation.licences names {name!r}; known: {', '.join(LICENCE_CLASSES)}")
        for source, licence in self.stated_licences.items():
            if licence_class(licence) in ("other", "not stated"):
                raise BadConfig(
                    f"corpus.curation.stated_licences.{source} is {licence!r}, which is no licence known here; "
                    f"known: {', '.join(LICENCE_CLASSES[:-2])}"
                )
        if not 0 < self.min_characters < self.max_characters:
            raise BadConfig(
                f"corpus.curation.min_characters is {self.min_characters}; allowed: above 0, below max_characters"
            )


def curate(document: Document, group: Group, config: CurationConfig) -> Document | Drop:
    """The document with one line end, no trailing space, e-mail addresses and telephone numbers masked; or why it is left out."""
    if document.source in config.stated_licences and licence_class(document.licence) == "not stated":
        document = replace(document, licence=config.stated_licences[document.source])
    text = tidy(document.text)
    if len(markup.control_tokens(text)) > len(markup.control_tokens(document.text)):  # "[START\u00ad_REF]"
        return Drop(document.id, document.source, SPELLS, text[:EXCERPT_CHARACTERS])
    if group != "knowledge bases":
        text = _EMAIL.sub(EMAIL_MASK, text)
    if group in _PROSE:
        text = _PHONE.sub(PHONE_MASK, text)
    reason = (
        _length(text, group, config)
        or _subject(document.metadata, config)
        or _licence(document, config)
        or (_noise(text) or _language(text, document.metadata, config) if group in _PROSE else None)
    )
    if reason:
        return Drop(document.id, document.source, reason, text[:EXCERPT_CHARACTERS])
    return replace(document, text=text)


def tidy(text: str) -> str:
    """The text with `\\n` line ends, without control characters, invisible ones and those of private use, no space at a line's
    end and at most one blank line in a row."""
    text = _CONTROL_CHARACTERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.isascii():
        text = _JOINERS.sub("", _INVISIBLE.sub("", text))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip("\n")


def _length(text: str, group: Group, config: CurationConfig) -> str | None:
    if len(text) < config.min_characters and group != "prompts":  # a question and its answer may be short
        return f"shorter than {config.min_characters} characters"
    if len(text) > config.max_characters:
        return f"longer than {config.max_characters} characters"
    if markup.EOS in text or markup.BOS in text or markup.PAD in text:
        return "spells a document boundary"
    return None


def _subject(metadata: Mapping[str, Any], config: CurationConfig) -> str | None:
    fields = {str(field).lower() for field in metadata.get("fields") or ()}
    if fields and fields <= set(config.fields_left_out):
        return "a field that is left out"
    journal = set(_WORD.findall(str(metadata.get("journal") or "").lower()))
    return "a journal whose subject is left out" if journal & set(config.journal_words_left_out) else None


def _licence(document: Document, config: CurationConfig) -> str | None:
    if not config.licences or (kind := licence_class(document.licence)) in config.licences:
        return None
    return f"licence: {kind}"


def _noise(text: str) -> str | None:
    """Why prose is no prose: the marks of bad optical recognition, of tables of numbers, of lists of codes.

    Formulas, code and tables are taken out first: by the measures of prose they all are noise. What is nothing but tables is
    judged by what its cells say.
    """
    text = text[:_LOOKED_AT]
    prose = _BLANKS.sub(" ", _WRAPPED.sub(" ", _prose(text)))
    letters = sum(map(str.isalpha, prose))
    if letters < 0.6 * len(prose):
        prose = _SERIES.sub(" ", prose)
    if letters < 0.1 * len(text) or (letters < _MIN_LETTERS_OF_PROSE and len(prose) < len(text) / 2):
        return _noise_of_tables(text)
    if letters < 0.4 * len(prose.strip()):
        return "fewer letters than other signs"
    if prose.count("�") > 0.005 * len(prose):
        return "wrongly decoded"
    words = _WORD.findall(prose)
    if len(words) < _FEW_WORDS:
        return None
    if sum(len(found[0]) / 2 for found in _APART.finditer(prose)) > 0.2 * len(words):
        return "words fallen apart into letters"
    long = [word for word in words if len(word) > 1]
    if not long or not 2.5 <= sum(map(len, long)) / len(long) <= 14:
        return "words too short or too long for prose"
    lines = [line for line in prose.split("\n") if len(line) > 20]
    return "the same lines again and again" if len(lines) > 20 and len(set(lines)) < 0.4 * len(lines) else None


def _noise_of_tables(text: str) -> str | None:
    """Why tables, code and formulas without prose are left out: they hold numbers and little that says of what."""
    said = sum(map(str.isalpha, _WRAPPED.sub("", text)))
    signs = sum(not sign.isspace() and sign not in "|-" for sign in text)
    return "tables of numbers" if said < _MIN_TOLD_IN_TABLES * signs else None


def _prose(text: str) -> str:
    """The text without citations, formulas, code and tables."""
    text = markup.without_citations(text)
    if "`" in text:
        text = _CODE.sub("\n", text)
    if "\\" in text:
        text = _MATHS.sub(" ", text)
    return _TABLE.sub("\n", text) if "|" in text else text


def _language(text: str, metadata: Mapping[str, Any], config: CurationConfig) -> str | None:
    if not config.languages:
        return None
    stated = str(metadata.get("language") or "")[:2].lower()
    sample = _prose(text[:4000])
    if "en" in config.languages and is_english(sample):
        return None  # nearly all of this corpus; telling one language out of a hundred costs twenty times as much
    sample = "\n".join(_WITH_SMALL_WORDS.findall(sample))  # names alone are of any language
    if len(_WORD.findall(sample)) < _FEW_WORDS:
        found = stated or config.languages[0]  # too little to tell a language by
    else:
        import py3langid  # loads its model of 5 MB when first asked

        found = str(py3langid.classify(sample)[0])
    return None if found in config.languages else "another language"
