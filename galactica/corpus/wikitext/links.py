"""Internal links as the words they show; files, categories and links to other languages show none."""

from __future__ import annotations

import re

from galactica.corpus.wikitext.reading import Reading


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILES = _words("file image media datei bild lêer beeld fil fichier")
_CATEGORIES = _words("category kategorie kategori")
_SHOWN_WITHOUT_PREFIX = _words(
    "w wikipedia wikt wiktionary b wikibooks v wikiversity s wikisource q n species m meta c commons d mw definition axiom "
    "symbols mathematician book help special portal project wikijunior cookbook subject school topic en doi arxiv rfc pmid oeis "
    "iarchive mathworld planetmath springer user template talk wp"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z]{2,12}){0,2}|simple|tokipona")
_DISAMBIGUATED = re.compile(r"(?:(?<!\s)\s+)?\([^()]*\)\s*$|,\s[^,]*$")
_MAX_TITLE = 600


def link_text(target: str, shown: str | None, reading: Reading) -> str:
    """What `[[target|shown]]` shows; a category is noted."""
    target = target.strip()
    if len(target) > _MAX_TITLE or "\n" in target:
        return shown if shown is not None else target
    is_visible = target.startswith(":")
    target = target.lstrip(": ")
    prefix, colon, name = target.partition(":")
    kind = prefix.strip().lower() if colon else ""
    if kind and not is_visible:
        if kind in _CATEGORIES:
            reading.categories.append(" ".join(name.replace("_", " ").split()))
            return ""
        if kind in _FILES:
            return ""
        if _LANGUAGE.fullmatch(kind) and kind not in _SHOWN_WITHOUT_PREFIX and not _is_of_title(name):
            return ""
    if shown is not None and shown.strip():
        return shown
    if kind in _SHOWN_WITHOUT_PREFIX or (
        is_visible and (kind in _CATEGORIES or kind in _FILES or _LANGUAGE.fullmatch(kind))
    ):
        target = name.lstrip(": ")
        _, colon, rest = target.partition(":")
        target = rest if colon and kind in ("d", "w", "b", "v") and rest else target
    page, _, section = target.partition("#")
    words = (page or section).replace("_", " ").strip()
    if reading.wiki != "wikipedia" and "/" in words:
        words = next((part for part in reversed(words.split("/")) if part.strip(". ")), words)
    if shown is not None:  # the pipe trick: [[Mercury (planet)|]]
        words = _DISAMBIGUATED.sub("", words)
    return words


def _is_of_title(name: str) -> bool:
    """Whether what follows the colon reads as the rest of a title ("War: a history") and not as a page's name ("Krieg")."""
    return name.startswith(" ")
