"""unarXive's records as sources of references: the paper itself, and the works in its list, which stand there as printed.

Source: unarXive 2022 (Saier et al.), its `data_format.md`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from galactica.references.citation_text import parse_citation
from galactica.references.record import clean_doi, make_reference
from galactica.types import Reference, UntitledEntry

_FORMULA = re.compile(r"\{\{\w+:[\w-]*\}\}")
_MARK = re.compile(r"\{\{cite:([\w-]+)\}\}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MAX_LINKS = 20


def is_record(head: bytes) -> bool:
    """Whether a file that begins like this holds records of unarXive, one a line."""
    return b'"paper_id"' in head and b'"_source_hash"' in head


def references(data: bytes) -> Iterator[Reference | str]:
    """The papers of a file and the works that they list, each with the number of marks that point to it; or why there is none."""
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            yield from _record(json.loads(line))
        except (ValueError, RecursionError):
            yield "not JSON"
        except (KeyError, TypeError, AttributeError):
            yield "not a record of unarXive"


def reference(entry: Mapping[str, Any]) -> Reference | UntitledEntry:
    """The work of an entry of the list, or what the entry says of one without a title."""
    text = " ".join(str(entry.get("bib_entry_raw") or "").split())
    if (found := parse_citation(text)) is not None:
        return found
    links = entry.get("contained_links") or []
    addresses = [str(link.get("url") or "") for link in links[:_MAX_LINKS] if isinstance(link, dict)]
    dois = [doi for address in addresses if (doi := clean_doi(address))]
    return UntitledEntry(_FORMULA.sub(" ", text), doi=clean_doi(text) or (dois[0] if len(set(dois)) == 1 else None))


def front_matter(metadata: Mapping[str, Any], title: str) -> Reference | None:
    """The paper of a record under the title given, which the metadata writes in LaTeX."""
    versions = metadata.get("versions") or [{}]
    year = _YEAR.search(f"{versions[0].get('created', '')} {metadata.get('update_date', '')}")
    return make_reference(
        title=title,
        authors=[f"{family}, {given}" if given else family for family, given, *_ in metadata.get("authors_parsed", [])],
        year=int(year[0]) if year else None,
        venue="arXiv",
        doi=metadata.get("doi"),
    )


def _record(record: Mapping[str, Any]) -> Iterator[Reference | str]:
    title = " ".join(str(record["metadata"]["title"]).split())
    yield "title with formulas" if "$" in title else front_matter(record["metadata"], title) or "no title"
    marks = Counter(_MARK.findall(" ".join(str(paragraph["text"]) for paragraph in record["body_text"])))
    for identifier, entry in record["bib_entries"].items():
        found = reference(entry)
        if isinstance(found, Reference):
            yield replace(found, n_citations=marks[identifier])
        else:
            yield "reference without a title"
