"""CSL-JSON items, as citeproc, Zotero, Crossref and Manubot write them, as records.

Source: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html; identifiers as https://manubot.org cites them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from galactica.references.medline import family_given, year_in
from galactica.references.record import clean_doi, first_page, make_reference
from galactica.types import Reference, UntitledEntry

_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/([\w.\-/]+?)(?:v\d+)?(?:\.pdf)?$", re.IGNORECASE)
_STANDARD_ID = re.compile(r"^[^\S\n]*(?:standard_id|original_id|standard_citation): (\S+)", re.MULTILINE)


def items(data: bytes) -> list[Any]:
    """The items of a file: a list of them, one alone, or those under `items`. Raises ValueError where it is not JSON."""
    tree = json.loads(data)
    found = tree.get("items", [tree]) if isinstance(tree, dict) else tree
    return found if isinstance(found, list) else []


def reference(item: dict[str, Any]) -> Reference | None:
    """The item's record; None where it has no title."""
    issued = item.get("issued")
    return make_reference(
        title=_markup_free(_string(item.get("title"))),
        authors=_authors(item),
        year=year_in(json.dumps(issued)) if issued else None,
        venue=_string(item.get("container-title")) or _string(item.get("publisher")) or None,
        doi=_string(item.get("DOI")) or clean_doi(_string(item.get("URL"))),
        abstract=_markup_free(_string(item.get("abstract"))) or None,
        volume=_string(item.get("volume")),
        page=first_page(_string(item.get("page"))),
    )


def _untitled(item: dict[str, Any]) -> UntitledEntry:
    """What an item without a title says of its work."""
    authors = _authors(item)
    year = year_in(json.dumps(item.get("issued"))) if item.get("issued") else None
    venue, volume, page = (_string(item.get(name)) for name in ("container-title", "volume", "page"))
    shown = [*(author.replace(",", "") for author in authors), venue, volume, page, f"({year})" if year else ""]
    return UntitledEntry(
        text=", ".join(part for part in shown if part),
        surname=authors[0].partition(",")[0] if authors else "",
        year=year,
        volume=volume,
        page=first_page(page),
        doi=clean_doi(_string(item.get("DOI"))) or clean_doi(_string(item.get("URL"))),
    )


def _authors(item: dict[str, Any]) -> list[str]:
    people = item.get("author") or item.get("editor")
    authors = []
    for person in people if isinstance(people, list) else []:
        if isinstance(person, dict):
            particle = _string(person.get("non-dropping-particle"))
            family = f"{particle} {_string(person.get('family'))}".strip()
            collective = _string(person.get("literal")) or _string(person.get("name"))
            authors.append(family_given(family, _string(person.get("given"))) or collective.replace(",", " "))
    return authors


def keyed_references(data: bytes) -> Iterator[tuple[str, Reference | None]]:
    """Each item's record under every identifier that a text may cite it by: its own id, `doi:`, `pmid:`, `pmcid:`, `arxiv:`, `url:`
    and what Manubot notes. Nothing where the file is not CSL-JSON."""
    try:
        found = items(data)
    except (ValueError, RecursionError):
        return
    for item in found:
        if isinstance(item, dict) and "title" in item:
            record = reference(item)
            for key in _keys(item):
                yield key, record


def keyed_untitled(data: bytes) -> Iterator[tuple[str, UntitledEntry]]:
    """What each item without a title says, under its identifiers. Nothing where the file is not CSL-JSON."""
    try:
        found = items(data)
    except (ValueError, RecursionError):
        return
    for item in found:
        if isinstance(item, dict) and reference(item) is None:
            for key in _keys(item):
                yield key, _untitled(item)


def identified(key: str) -> UntitledEntry | None:
    """The work that a text cites by nothing but an identifier, where that has a DOI; `key` is as `normal_key` writes it."""
    prefix, _, rest = key.partition(":")
    doi = f"10.48550/arxiv.{rest}" if prefix == "arxiv" else rest if prefix in ("doi", "url") else ""
    return UntitledEntry("", doi=found) if (found := clean_doi(doi)) else None


def _keys(item: dict[str, Any]) -> list[str]:
    keys = [_string(item.get("id")), *_STANDARD_ID.findall(_string(item.get("note")))]
    for prefix, name in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID"), ("url", "URL")):
        if value := _string(item.get(name)):
            keys.append(f"{prefix}:{value}")
    if match := _ARXIV.search(_string(item.get("URL"))):
        keys.append(f"arxiv:{match[1]}")
    return [normal_key(key) for key in keys if key]


def normal_key(key: str) -> str:
    """An identifier in the one spelling that `keyed_references` uses: DOIs in lower case, arXiv numbers without their version."""
    prefix, colon, rest = key.strip().partition(":")
    prefix = prefix.lower()
    if prefix == "doi":
        return f"doi:{rest.lower()}"
    if prefix == "arxiv":
        return f"arxiv:{re.sub(r'v[0-9]+$', '', rest)}"
    return f"{prefix}:{rest}" if colon and prefix in ("pmid", "pmcid", "url", "isbn") else key.strip()


def _string(value: object) -> str:
    """A field that the format wants as text, and Crossref writes as a list of one."""
    if isinstance(value, list) and value:
        value = value[0]
    return value.strip() if isinstance(value, str) else ""


def _markup_free(text: str) -> str:
    """The text without the tags that CSL-JSON and Crossref allow in a title or an abstract."""
    return re.sub(r"</?(?:i|b|em|sup|sub|scp|span|jats:[a-z-]+|p)(?: [^<>]{0,200})?>", "", text)
