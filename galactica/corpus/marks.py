"""Citation marks into citations: ranges are spelled out, brackets that hold marks alone go, marks without a record go.

While a paragraph is put together a mark is a placeholder of two private-use characters around a number, so that brackets and
punctuation around it can be tidied without touching formulas (placeholders too) or the text of titles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from galactica import markup
from galactica.types import Pending, Reference, UntitledEntry

_OPEN, _CLOSE, _HELD_OPEN, _HELD_CLOSE, _RAISED = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
HOLE = "\ue005"
"""Where a formula is lost (a picture, or not well-formed): the sentence around it is left out."""
_STOOD_AFTER = "\ue007"
"""Before a mark that stood behind a full stop or a comma: no word before it leans on it."""
PLACEHOLDERS = dict.fromkeys(map(ord, (_OPEN, _CLOSE, _HELD_OPEN, _HELD_CLOSE, _RAISED, HOLE, _STOOD_AFTER)))
"""For `str.translate`: takes the characters of placeholders out of text from outside."""

UNTITLED, NO_ENTRY = "entry without a title", "no such entry"
"""Why a mark does not resolve."""

MAX_RANGE = 60
MAX_SHOWN = 300
"""Characters of a mark; a longer text is none that names authors."""

_MARK = rf"{_OPEN}\d+{_CLOSE}"
_DASH = r"[-–—‐‑−]"
_RANGE = re.compile(rf"({_MARK})\s*{_DASH}\s*({_MARK})")
_SEPARATED = re.compile(rf"(?<={_CLOSE})(?:\s*[,;/]\s*|\s+)(?:and\s+|&\s*)?(?={_OPEN})")
_BRACKETED = re.compile(rf"\[\s*((?:{_MARK}\s*)+)[,;]?\s*\]|\(\s*((?:{_MARK}\s*)+)[,;]?\s*\)")
_DOUBLE_BRACKETED = re.compile(rf"\[\s*((?:{_MARK}\s*)+)\]")
_NAME = r"(?:(?:van|von|de|der|den|la|di|da|dos|al)\s)*[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’\-‐]+"
_AUTHOR_BEFORE = re.compile(
    r"(?<=[(;,\[])(\s*(?:see |e\.g\.,? |cf\. |reviewed in |reviewed by )?)"
    rf"{_NAME}(?:\s+et\s+al\.?|(?:,\s*{_NAME}){{0,3}},?\s+(?:and|&)\s+{_NAME})?,?\s*(?={_OPEN})"
)
"""The names before a mark that shows the year alone, inside a parenthesis: "(Smith et al., 2017)"."""
_MAX_PARENTHESIS = 400
_AFTER_PUNCTUATION = re.compile(rf"([.,;:])((?:{_MARK} ?)+)(?=\s|$|[)\]])")
_AFTER_STOP = re.compile(rf"(?<=[.?!])(?<!\bal\.) ((?:{_MARK} ?)+)(?= [A-Z]|$)")
"""A mark that was raised after a full stop: on a printed page it seems to open the next sentence."""
_GLUED_BEFORE = re.compile(rf"(?<=[^\s(\[{_CLOSE}{_STOOD_AFTER}“‘/\-–])(?={_OPEN})")
_GLUED_AFTER = re.compile(rf"(?<={_CLOSE})(?=[\w({_HELD_OPEN}“])")
_EMPTY = re.compile(
    r"(?:(?<!\s)\s+)?(?:\((?:[,;:&–\-]|and|e\.g\.,?|see|also|cf\.|\s)*+\)|\[(?:[,;:–\-]|and|\s)*+\]"
    r"|\((?:(?:see|cf\.|also|e\.g\.,?|,)\s?){0,4}[Rr]efs?\.[\s,;]{0,9}"
    r"(?:and references therein|for [a-z]{1,20}(?: [a-z]{1,20})?)?\s?\))"
)
_SPACE_BEFORE = re.compile(r"(?<!\s)\s++(?=[,.;:)\]](?:\s|$|[)\],.;]))")
_SPACE_INSIDE = re.compile(r"(?<=[(\[])[\s;,]++(?=[\w)\]])|(?<=[(\[])\s+|(?<![\s;,])[\s;,]++(?=[)\]])")
_TWICE = re.compile(r"([,;])(?:\s*[,;])+|,(?=\.(?:\s|$))|(?<=\bal)(\.)\.(?!\.)")
_SPACES = re.compile(" {2,}")
_HELD = re.compile(rf"{_HELD_OPEN}(\d+){_HELD_CLOSE}")
_NEIGHBOURS = re.compile(rf"{_HELD_OPEN}\d+{_HELD_CLOSE}(?: {_HELD_OPEN}\d+{_HELD_CLOSE})+")
_NEEDS_A_NOUN = re.compile(
    r"(?<![(\[])\b(?:by|in|of|from|with|to|following|see|than|like|e\.g\.|works?:) (?:refs?\. ?|references? ?)?$"
    r"|(?<![(\[])(?<!see )(?<!cf\. )\b(?:refs?\.|references?) ?$",
    re.IGNORECASE,
)
"""Before a mark that is the object of the sentence: without its record the sentence has a hole."""
_AFTER_SENTENCE = re.compile(
    rf"(?:^|[a-z\d)]{{2}}(?<!\bal)(?<!\bref)(?<!\brefs)(?<!\bfig)(?<!\bfigs)(?<!\beq)(?<!\bvs)(?<!\bcf)(?<!\bresp)(?<!\betc)"
    rf"(?<!\bapprox)\. )(?:{_MARK} ){{0,9}}$",
    re.IGNORECASE,
)
_BEFORE_VERB = re.compile(rf"(?: {_MARK}){{0,9}} [a-z]{{2}}")
_MIN_SENTENCE = 40
_MARKED = re.compile(rf"{_OPEN}(\d+){_CLOSE}")
_OPENING_STOP = re.compile(r"(?:(?<!\s)\s+)?[.,;:]\s+")
_SEPARATORS_ALONE = re.compile(rf"(?:{_MARK}|[\s,;.\-–—‐‑−()\[\]&]|and)*")
_SENTENCE_END = re.compile(
    rf"(?<=[.!?])(?<!\bal\.)(?<!\b[Rr]ef\.)(?<!\b[Rr]efs\.)(?<!\b[Ff]ig\.)(?<!\b[Ee]q\.)(?<!\be\.g\.)(?<!\bcf\.)\s+(?=[A-Z{_OPEN}-{HOLE}])"
)
_NARRATIVE = re.compile(r"(.*?[^\W\d_].*?),?\s*[(\[]\s*\d{4}[a-z]?(?:\s*,\s*[a-z\d]+)*\s*[)\]]?\s*", re.DOTALL)
_NUMBER_RANGE = re.compile(rf"\D*(\d+)\s*{_DASH}\s*(\d+)\D*")


class Marks:
    """The marks of one document and the records they point to.

    `references` keeps the order of the document's list, which is what a range counts in. Marks that were read off a `printed`
    page have brackets torn ("[1," and "4]" apart, one of a pair outside the mark) and are raised after full stops. What the
    entries of `untitled` say is handed on in `pending`, for a library that may know them.
    """

    def __init__(
        self,
        references: Mapping[str, Reference | None],
        printed: bool = False,
        untitled: Mapping[str, UntitledEntry] | None = None,
    ) -> None:
        self.references = references
        self.printed = printed
        self.untitled = untitled if untitled is not None else {}
        self.pending: list[Pending] = []
        self.order = {identifier: index for index, identifier in enumerate(references)}
        self.identifiers = list(references)
        self.n_marks = 0
        self.n_resolved = 0
        self.unresolved: Counter[str] = Counter()
        self._marks: list[str] = []
        self._held: list[str] = []
        self._citations: dict[str, str] = {}

    def mark(self, identifiers: Sequence[str], text: str = "") -> str:
        """Placeholder(s) for marks that point to `identifiers`; `text` is what the mark showed.

        Names of a narrative mark stay in the text: "Gao et al. (2004)" -> "Gao et al. " and the placeholder.
        """
        identifiers = self._spelled_out(list(identifiers), text)
        placeholders = " ".join(self._placeholder(identifier) for identifier in identifiers)
        shown = text.strip()
        before = "[" if shown.startswith("[") and not shown.endswith("]") else ""
        after = "]" if shown.endswith("]") and not shown.startswith("[") else ""
        if self.printed and not before + after and shown.count("(") != shown.count(")"):
            before, after = "(" * shown.startswith("("), ")" * shown.endswith(")")
        if len(shown) <= MAX_SHOWN and (match := _NARRATIVE.fullmatch(shown)):
            is_open = self.printed and shown.count("(") > shown.count(")")
            before = f"{match[1].strip()} {'(' if is_open else ''}"
        return f"{before}{placeholders}{after}"

    def hold(self, text: str) -> str:
        """A placeholder for text that tidying must not touch: a formula, a script."""
        self._held.append(text)
        return f"{_HELD_OPEN}{len(self._held) - 1}{_HELD_CLOSE}"

    def only_marks(self, text: str) -> bool:
        """Whether the text holds a mark and, beside marks, separators alone: a superscript of this kind is a citation."""
        return _OPEN in text and _SEPARATORS_ALONE.fullmatch(text) is not None

    def superscript(self, text: str) -> str:
        """A superscript that holds marks alone, as a group that stands apart from the word before it."""
        return f"{_RAISED}{text}"

    def resolve(self, text: str) -> str:
        """The paragraph with its citations, tidied: single spaces, none before punctuation, no empty brackets."""
        text = " ".join(text.split())
        if _OPEN in text:
            text = text.replace(f"{_CLOSE}{_OPEN}", f"{_CLOSE} {_OPEN}")
            text = _RANGE.sub(self._range, text.replace(_RAISED, " " if f"{_RAISED}[" in text else ""))
            text = _SEPARATED.sub(" ", text)
            text = _AUTHOR_BEFORE.sub(_without_authors, text)
            text = _SEPARATED.sub(" ", text)
            text = _BRACKETED.sub(lambda match: match[1] or match[2], text)
            text = _DOUBLE_BRACKETED.sub(r"\1", text).replace(f"{_CLOSE}{_OPEN}", f"{_CLOSE} {_OPEN}")
            text = _SEPARATED.sub(" ", _RANGE.sub(self._range, text))  # "[16], [18]-[21]" only now
            if self.printed:
                text = _AFTER_STOP.sub(r"\1", _without_torn_brackets(text))
            text = _AFTER_PUNCTUATION.sub(lambda match: f" {_STOOD_AFTER}{match[2].strip()}{match[1]}", text)
            text = _GLUED_BEFORE.sub(" ", text)
            text = _GLUED_AFTER.sub(" ", text)
            entries: list[UntitledEntry] = []
            draft = _MARKED.sub(lambda match: self._citation(match, entries), text)
            text = self.release(_tidied(draft, ()))
            if entries and text:
                held = {int(index): self.release(self._held[int(index)]) for index in _HELD.findall(draft)}
                self.pending.append(Pending(text, draft, held, tuple(entries)))
            return text
        return self.release(_tidied(text, ()))

    def release(self, text: str) -> str:
        """The text with everything that was held put back."""
        for _ in range(8):  # what is held may hold
            if _HELD_OPEN not in text:
                break
            text = _HELD.sub(lambda match: self._held[int(match[1])], text)
        return _SPACES.sub(" ", text)

    def is_written(self, citation: str) -> bool:
        """Whether a mark of the document became this citation."""
        return citation in self._citations

    def _placeholder(self, identifier: str) -> str:
        self._marks.append(identifier)
        return f"{_OPEN}{len(self._marks) - 1}{_CLOSE}"

    def _between(self, first: str, last: str) -> list[str]:
        start, end = self.order.get(first), self.order.get(last)
        if start is None or end is None or not 0 < end - start <= MAX_RANGE:
            return [first, last] if first != last else [first]
        return self.identifiers[start : end + 1]

    def _spelled_out(self, identifiers: list[str], text: str) -> list[str]:
        """One mark that shows a range of numbers ("3-7") points to all of them."""
        match = _NUMBER_RANGE.fullmatch(text)
        if match is None or not identifiers:
            return identifiers
        if len(identifiers) == 2:
            return self._between(*identifiers)
        length = int(match[2]) - int(match[1])
        start = self.order.get(identifiers[0])
        if (
            len(identifiers) > 1
            or start is None
            or not 0 < length <= MAX_RANGE
            or start + length >= len(self.identifiers)
        ):
            return identifiers
        return self.identifiers[start : start + length + 1]

    def _range(self, match: re.Match[str]) -> str:
        first, last = (self._marks[int(mark[1:-1])] for mark in match.groups())
        between = self._between(first, last)
        return " ".join([match[1], *(self._placeholder(identifier) for identifier in between[1:-1]), match[2]])

    def _citation(self, match: re.Match[str], entries: list[UntitledEntry]) -> str:
        """The citation, held; a mark of an entry that has no title is one of `entries`, and any other without a record goes."""
        identifier = self._marks[int(match[1])]
        self.n_marks += 1
        reference = self.references.get(identifier)
        if reference is None:
            self.unresolved[UNTITLED if identifier in self.references else NO_ENTRY] += 1
            if (entry := self.untitled.get(identifier)) is None:
                return _gone(match)
            entries.append(entry)
            return f"{_OPEN}{len(entries) - 1}{_CLOSE}"
        self.n_resolved += 1
        citation = markup.cite(reference.title, reference.surname)
        if citation not in self._citations:
            self._citations[citation] = self.hold(citation)
        return self._citations[citation]


def divided(pending: Pending, separator: str) -> list[Pending]:
    """The passages between separators, for a text that is cut at them, without the stop that may open one. Passages that read
    otherwise when they are tidied alone are left out."""
    texts, drafts = pending.text.split(separator), pending.draft.split(separator)
    found: list[Pending] = []
    for text, draft in zip(texts, drafts, strict=True) if len(texts) == len(drafts) else ():
        text, draft = (_OPENING_STOP.sub("", piece, count=1) for piece in (text, draft))
        if not (numbers := [int(number) for number in _MARKED.findall(draft)]):
            continue
        places = {number: f"{_OPEN}{index}{_CLOSE}" for index, number in enumerate(numbers)}
        draft = _MARKED.sub(lambda match, places=places: places[int(match[1])], draft)  # type: ignore[misc]
        piece = Pending(text.strip(), draft.strip(), pending.held, tuple(pending.entries[number] for number in numbers))
        if settles_as_it_is(piece):
            found.append(piece)
    return found


def settles_as_it_is(pending: Pending) -> bool:
    """Whether the passage reads as it does when none of its works is known."""
    return settled(pending, [None] * len(pending.entries)).strip() == pending.text.strip()


def settled(pending: Pending, citations: Sequence[str | None]) -> str:
    """The passage with a citation for each of its untitled entries, or without it where there is None, tidied as any other."""
    held = dict(pending.held)
    numbers = {text: number for number, text in held.items()}
    places: list[str | None] = []
    for citation in citations:
        if citation is not None and citation not in numbers:
            numbers[citation] = max(held, default=-1) + 1
            held[numbers[citation]] = citation
        places.append(None if citation is None else f"{_HELD_OPEN}{numbers[citation]}{_HELD_CLOSE}")
    return _SPACES.sub(" ", _HELD.sub(lambda match: held[int(match[1])], _tidied(pending.draft, places)))


def _tidied(draft: str, places: Sequence[str | None]) -> str:
    """The draft with `places` for its marks, without the marks that have none: single spaces, none before punctuation, no empty
    brackets, no citation that repeats the one before it (parts of one work listed as entries of their own)."""
    text = draft
    if _OPEN in text:
        shown = dict(enumerate(places))
        text = _MARKED.sub(lambda match: shown.get(int(match[1])) or _gone(match), text)
    text = text.replace(_STOOD_AFTER, "")
    if _HELD_OPEN in text:
        text = _NEIGHBOURS.sub(lambda run: " ".join(dict.fromkeys(run[0].split())), text)
    text = _SPACES.sub(" ", text)  # where marks are gone; the patterns below are slow on long runs
    if HOLE in text:
        text = " ".join(sentence for sentence in _SENTENCE_END.split(text) if HOLE not in sentence)
    if "(" in text or "[" in text:
        text = _EMPTY.sub("", text)
        text = _SPACE_INSIDE.sub("", text)
    text = _SPACE_BEFORE.sub("", text)
    return _TWICE.sub(lambda match: match[1] or match[2] or "", text).strip()


def _gone(match: re.Match[str]) -> str:
    """What stands for a mark that has no record: nothing, or a hole where the sentence lacks its object or subject."""
    text, start = match.string, match.start()
    is_object = _NEEDS_A_NOUN.search(text, max(0, start - 30), start)
    return HOLE if is_object or _is_subject(match) else ""


def _is_subject(match: re.Match[str]) -> bool:
    text, start = match.string, match.start()
    is_first = _BEFORE_VERB.match(text, match.end()) and _AFTER_SENTENCE.search(text, max(0, start - 60), start)
    return bool(is_first) and len(text) - start >= _MIN_SENTENCE


def _without_authors(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _MAX_PARENTHESIS) : match.start()]
    is_inside = max(before.rfind("("), before.rfind("[")) > max(before.rfind(")"), before.rfind("]"))
    return match[1] if is_inside else match[0]


def _without_torn_brackets(text: str) -> str:
    """The text without brackets that have no partner and stand beside a mark."""
    opened: list[int] = []
    torn: set[int] = set()
    for index, character in enumerate(text):
        if character in "([":
            opened.append(index)
        elif character in ")]":
            if opened:
                opened.pop()
            elif text[max(0, index - 2) : index].rstrip().endswith(_CLOSE):
                torn.add(index)
    torn.update(index for index in opened if text[index + 1 : index + 3].lstrip().startswith(_OPEN))
    return "".join(character for index, character in enumerate(text) if index not in torn) if torn else text
