"""A Paper -> a pandoc document: title block, abstract, sections, and the works as data for the citation processor."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, NamedTuple

from galactica.papers import nodes
from galactica.papers.nodes import Node
from galactica.papers.passage import Passages
from galactica.references.export import citation_names, csl_item
from galactica.types import Paper, Reference

REFERENCES = "References"


class Article(NamedTuple):
    """A paper as a document, and what of it is shown otherwise than it was written."""

    document: Node
    problems: dict[str, str]
    dropped: list[str]


def article(paper: Paper, unset: Set[str] = frozenset()) -> Article:
    """The document of a paper; formulas in `unset` are shown as LaTeX source."""
    passages = Passages(citation_names(works(paper)), unset)
    abstract = passages.blocks(paper.abstract)
    blocks: list[Node] = []
    for section in paper.sections:
        blocks.append(nodes.heading(1, nodes.trimmed(nodes.text(section.heading))))
        blocks += passages.blocks(section.text, section.citations)
    metadata: dict[str, object] = {
        "title": paper.title,
        "author": [_in_reading_order(author) for author in paper.authors],
        "date": paper.metadata.get("date", ""),
        "note": paper.metadata.get("note", ""),
        "lang": "en-US",
        "reference-section-title": REFERENCES,
        "link-citations": True,
        "references": [_csl(work, passages) for work in works(paper)],
        "nocite": [nodes.cite(passages.names.values(), "")] if passages.names else "",
    }
    document = nodes.document({key: value for key, value in metadata.items() if value}, blocks)
    if abstract:
        document["meta"]["abstract"] = {"t": "MetaBlocks", "c": abstract}
    return Article(document, passages.problems, passages.dropped)


def works(paper: Paper) -> tuple[Reference, ...]:
    """Each work of the reference list once: those the paper names, then any that only a section cites."""
    cited = (citation.reference for section in paper.sections for citation in section.citations)
    return tuple({work.id: work for work in (*paper.references, *cited)}.values())


def _in_reading_order(author: str) -> str:
    family, comma, given = author.partition(",")
    return f"{given.strip()} {family.strip()}" if comma else author


def _csl(work: Reference, passages: Passages) -> dict[str, Any]:
    """The CSL item as pandoc metadata. Its text is nodes: markup spelt in a title stays characters."""
    item = csl_item(work, passages.names[work.id])
    if item["type"] == "article-journal":
        # A record has no volume; of a journal article without one the style would claim "ahead of print".
        item["type"] = "article-magazine"
    # Titles are printed in the case that the record has, not in that of the style.
    item["title"] = [nodes.span(passages.title(work.title), "nocase")]
    if work.venue:
        item["container-title"] = [nodes.span(nodes.text(work.venue), "nocase")]
    if "issued" in item:
        item["issued"] = {"date-parts": [[str(part) for part in parts] for parts in item["issued"]["date-parts"]]}
    return item
