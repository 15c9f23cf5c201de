"""The footnotes of a page: `<ref>` in all its forms, {{sfn}}, {{harv}} and {{r}} -> marks that point to records.

A footnote may be named before it is defined and a short citation before its entry, so that while a page is read each mark is a
placeholder; `settle` turns them into marks when everything is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from galactica.corpus.marks import Marks
from galactica.references import wikitext
from galactica.references.record import is_one_title
from galactica.types import Reference, UntitledEntry

_OPEN, _CLOSE = "\ue020", "\ue021"
FOOTNOTE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
"""The placeholder of a mark."""
_ATTRIBUTE = re.compile(
    r"""\b(name|group)\s{0,9}=\s{0,9}(?:"([^"<>]{0,200})"|'([^'<>]{0,200})'|([^\s"'<>/]{1,200}))""", re.IGNORECASE
)
NO_AUTHOR = "entry without an author"
"""Why an entry is not cited whose template names a title alone: a citation is a title and a first author."""
MAX_WORKS = 12
"""Works cited at one mark: a longer list is a bibliography in a note."""


class Footnotes:
    """Collects what a page cites. `references` maps identifiers to records, `untitled` to what is said of works without a title;
    `unresolved` counts the other marks that cite nothing known, by what is missing."""

    def __init__(self) -> None:
        self.references: dict[str, Reference | None] = {}
        self.untitled: dict[str, UntitledEntry] = {}
        self.unresolved: Counter[str] = Counter()
        self.n_marks = 0
        self._cited: list[str] = []  # identifiers in the order of their templates
        self._places: list[tuple[list[str], str]] = []
        self._named: dict[str, list[str]] = {}
        self._entries: dict[str, str] = {}
        self._short: dict[str, tuple[list[str], list[Reference]]] = {}

    @property
    def n_cited(self) -> int:
        """How many citation templates were read so far: what a footnote holds is what comes after the number at its beginning."""
        return len(self._cited)

    def cite(self, name: str, fields: Mapping[str, str]) -> str:
        """The mark of a citation template; inside a footnote the footnote's own mark takes its place."""
        work = wikitext.cited_work(name, fields)
        identifier = f"work {len(self.references)}"
        self.references[identifier] = work.reference
        if work.reference is None:
            self.untitled[identifier] = wikitext.untitled_work(fields)
        self._enter(identifier, work)
        self._cited.append(identifier)
        return self._place([identifier])

    def list_entry(self, text: str) -> None:
        """Notes a work of the page's bibliography that is written out without a template."""
        work = wikitext.printed_work(FOOTNOTE.sub("", text))
        identifier = f"work {len(self.references)}"
        self.references[identifier] = work.reference
        self._enter(identifier, work)

    def _enter(self, identifier: str, work: wikitext.CitedWork) -> None:
        """Makes the work one that short citations find; a surname alone finds it while it is the only one of that name."""
        if work.reference is None:
            return
        for key in work.keys:
            known = self._entries.setdefault(key, identifier)
            if known != identifier and key.endswith("|") and self.references.get(known) != work.reference:
                self._entries[key] = ""

    def cite_short(self, names: list[str], year: str, shown: str = "") -> str:
        """The mark of {{sfn}} and {{harv}}; `shown` is what a narrative one puts into the sentence: "Smith (2001)"."""
        identifier = self._remember(wikitext.lookup_keys(names, year), [])
        self._cited.append(identifier)
        return self._place([identifier], shown)

    def cite_named(self, names: Sequence[str]) -> str:
        """The mark of {{r}}: footnotes by their names."""
        return self._place([f"name {' '.join(name.split())}" for name in names if name.strip()])

    def footnote(self, attributes: str, content: str | None, start: int) -> str:
        """The mark of a `<ref>`; `content` is None for `<ref name="x"/>`, `start` is what `n_cited` was at its beginning."""
        found = {match[1].lower(): match[2] or match[3] or match[4] or "" for match in _ATTRIBUTE.finditer(attributes)}
        name = " ".join(found.get("name", "").split())
        if content is None or not content.strip():
            return self._place([f"name {name}"] if name else [])
        identifiers = list(dict.fromkeys(self._cited[start:]))[:MAX_WORKS]
        if not identifiers and "group" not in found:  # a group of its own has remarks
            content = FOOTNOTE.sub("", content)
            keys, references = wikitext.footnote_work(content)
            identifiers = [self._remember(keys, references)]
            if not references and not keys:
                self.references[identifiers[0]] = None
                self.untitled[identifiers[0]] = wikitext.untitled_footnote(content)
        if name:
            self._named.setdefault(name, identifiers)
        return self._place(identifiers)

    def settle(self, text: str, marks: Marks) -> str:
        """The text with its placeholders as marks; those of works of which nothing is said are gone, and counted."""
        if _OPEN not in text:
            return text
        text = text.replace(f"{_CLOSE}{_OPEN}", f"{_CLOSE} {_OPEN}")
        return FOOTNOTE.sub(lambda match: self._settled(int(match[1]), marks), text)

    def _settled(self, number: int, marks: Marks) -> str:
        identifiers, shown = self._places[number]
        known: list[str] = []
        for identifier in identifiers:
            works, missing = self._works(identifier)
            self.n_marks += bool(works or missing)
            authored = [work for work in works if (found := self.references.get(work)) is None or found.authors]
            if authored:
                known += authored
            elif missing or works:
                self.unresolved[missing or NO_AUTHOR] += 1
        return marks.mark(list(dict.fromkeys(known)), shown) if known else shown

    def _works(self, identifier: str) -> tuple[list[str], str]:
        """The identifiers of records that this one stands for, or what is missing; neither for a remark."""
        if identifier.startswith("name "):
            named = self._named.get(identifier[5:])
            if named is None:
                return [], "a footnote that is not defined"
            parts = [self._works(part) for part in named if not part.startswith("name ")]
            found = [work for works, _ in parts for work in works]
            return found, "" if found else next((missing for _, missing in parts if missing), "")
        if identifier.startswith("short "):
            if identifier in self.untitled:
                return [identifier], ""
            return self._short_works(identifier)
        return [identifier], ""

    def _short_works(self, identifier: str) -> tuple[list[str], str]:
        """The works of a note without templates: the entry of the page that it points to, unless it spells another title itself."""
        keys, references = self._short[identifier]
        entry = next((self._entries[key] for key in keys if self._entries.get(key)), None)
        known = self.references.get(entry) if entry else None
        if entry and (not references or (known and is_one_title(known.title, references[0].title))):
            return [entry], ""
        works = []
        for number, reference in enumerate(references):
            self.references[f"{identifier}.{number}"] = reference
            works.append(f"{identifier}.{number}")
        return works, "" if works else "a short citation without its entry"

    def _remember(self, keys: list[str], references: list[Reference]) -> str:
        identifier = f"short {len(self._short)}"
        self._short[identifier] = (keys, references)
        return identifier

    def _place(self, identifiers: list[str], shown: str = "") -> str:
        if not identifiers:
            return shown
        self._places.append((identifiers, shown))
        return f"{_OPEN}{len(self._places) - 1}{_CLOSE}"
