"""The last look at every document, whatever its source: tidy white space, mask personal data, refuse what is not text."""

from __future__ import annotations

import re
from dataclasses import replace

from galactica import markup
from galactica.types import Document, Drop

MIN_CHARACTERS = 80
MAX_CHARACTERS = 4_000_000
EMAIL_MASK = "[email]"
PHONE_MASK = "[phone]"

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b\u2028\u2029\ufffe\uffff]")
_BLANK_LINES = re.compile(r"\n{3,}")
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
_PHONE = re.compile(r"(?:(?:Tel|Phone|Fax)[.:]*\s*)\+?\(?\d[\d ()\-/]{6,18}\d|\+\d{1,3}[ \-]\(?\d[\d ()\-]{6,14}\d")
_LETTER = re.compile(r"[^\W\d_]")
_PROSE_GROUPS = ("papers", "reference material")


def clean(document: Document, group: str) -> Document | Drop:
    """The document with one line end, no trailing space, e-mail addresses and telephone numbers masked; or why it is left out.

    `group` is the source's: prose must hold more letters than other signs, knowledge bases need not.
    """
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL_CHARACTERS.sub("", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _BLANK_LINES.sub("\n\n", text).strip("\n")
    if group in _PROSE_GROUPS:
        text = _PHONE.sub(PHONE_MASK, _EMAIL.sub(EMAIL_MASK, text))
    reason = _reason(text, group)
    if reason:
        return Drop(document.id, document.source, reason)
    return replace(document, text=text)


def _reason(text: str, group: str) -> str | None:
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if len(text) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS} characters"
    if markup.EOS in text or markup.BOS in text or markup.PAD in text:
        return "spells a document boundary"
    if group in _PROSE_GROUPS and len(_LETTER.findall(text[:20_000])) < 0.4 * len(text[:20_000]):
        return "fewer letters than other signs"
    return None
