"""Scientific papers in JATS and NLM XML (PubMed Central, PLOS, JOSS and JOSE) -> papers with resolved citations.

Source: NISO Z39.96 (JATS 1.0-1.3) and NLM Journal Archiving 2.0-3.0, as these archives write them. The archives are one source:
where they hold each other's journals, it is the same articles under the same identifiers. Preprints are sources of their own
(`preprints.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from galactica import markup
from galactica.corpus.abstracts import abstract_document
from galactica.corpus.marks import Marks
from galactica.corpus.papers import MAX_AUTHORS, is_english, is_notice
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import jats_collection
from galactica.corpus.sources.jats_body import Body
from galactica.files import RawFile
from galactica.references import jats
from galactica.references.record import make_reference
from galactica.types import Document, Drop, Reference
from galactica.xml_tree import parsed


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MIN_CHARACTERS = 600
_ROOT = re.compile(rb"<article(?=[\s>])")
_PREPRINT = re.compile(rb"<journal-(?:id|title)\b[^>]{0,200}>\s{0,20}((?:bio|med)rxiv)\b", re.IGNORECASE)
_LEFT_OUT_TYPES = _words(
    "correction retraction erratum corrigendum expression-of-concern addendum withdrawal partial-retraction"
)
_XLINK = "{http://www.w3.org/1999/xlink}href"


def preprint_server(head: bytes) -> str:
    """ "biorxiv" or "medrxiv" where the article names it as its journal, else ""."""
    match = _PREPRINT.search(head)
    return match[1].decode().lower() if match else ""


def is_article(where: str, head: bytes) -> bool:
    """Whether a file is an article in JATS or NLM XML."""
    if not where.lower().endswith((".xml", ".nxml", ".jats")) or b"<!DOCTYPE html" in head or b"docbook" in head:
        return False
    return _ROOT.search(head) is not None


def _claims(where: str, head: bytes) -> bool:
    return is_article(where, head) and not preprint_server(head)


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        article = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    if article.tag != "article":
        yield Drop(file.where, SOURCE.name, "root is not an article")
        return
    held = jats_collection.abstracts(article, Body(Marks({})))
    for document in _abstracts(article, held) if held else [_document(article, file.data)]:
        yield Drop(file.where, SOURCE.name, document) if isinstance(document, str) else document


def _abstracts(article: etree._Element, held: list[jats_collection.Abstract]) -> Iterator[Document | str]:
    """The documents of the abstracts of a book of them, or why there is none."""
    references = jats.reference_list(article)
    untitled = jats.untitled_entries(article, references)
    front, ids, licence = jats.front_matter(article), jats.article_ids(article), _licence(article)
    known = {"year": front.year if front else None, "collection": front.title if front else None}
    for one in held:
        if markup.control_tokens("".join(str(part) for part in one.section.itertext())):
            yield "spells a control token"
            continue
        body = Body(Marks(references, untitled=untitled))
        paragraphs = jats_collection.paragraphs(body, one.section)
        found = abstract_document(
            make_reference(one.title, [], None, None, None),
            paragraphs,
            source=SOURCE.name,
            key=f"{ids.get('doi') or ids.get('pmc') or 'unnamed'}:{one.key}",
            licence=licence,
            metadata={**_counts(body), **known},
        )
        yield found if isinstance(found, str) else replace(found, pending=tuple(body.marks.pending))


def _document(article: etree._Element, data: bytes) -> Document | str:
    """The document, or why there is none."""
    kind = article.get("article-type", "")
    if kind in _LEFT_OUT_TYPES:
        return f"article type {kind}"
    if not (article.get("{http://www.w3.org/XML/1998/namespace}lang") or "en").lower().startswith("en"):
        return "not English"
    front = jats.front_matter(article)
    if front is None:
        return "no title"
    if is_notice(front.title):
        return "correction or retraction"
    if markup.control_tokens("".join(str(part) for part in article.itertext())):
        return "spells a control token"
    references = jats.reference_list(article)
    marks = Marks(references, untitled=jats.untitled_entries(article, references))
    text, metadata = _text(article, front, marks)
    if text is None:
        return "no body and no abstract"
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if not is_english(markup.without_citations(text[:40_000])):
        return "not English"
    ids = jats.article_ids(article)
    identifier = ids.get("doi") or ids.get("pmc") or hashlib.sha256(data).hexdigest()[:16]
    return Document(f"jats:{identifier}", text, SOURCE.name, _licence(article), metadata, tuple(marks.pending))


def _text(article: etree._Element, front: Reference, marks: Marks) -> tuple[str | None, dict[str, Any]]:
    body = Body(marks)
    meta, main = article.find("front/article-meta"), article.find("body")
    abstract = jats.main_abstract(meta) if meta is not None else None
    blocks = [markup.paper_head(front.title, front.authors[:MAX_AUTHORS]).strip()]
    summary = body.abstract(abstract) if abstract is not None else []
    if summary:
        blocks += ["# Abstract", *summary]
    written = body.sections(main) if main is not None else []
    if not summary and not written:
        return None, {}
    text = "\n\n".join([*blocks, *written])
    return text, {
        "title": front.title,
        "doi": front.doi,
        "year": front.year,
        **_counts(body),
    }


def _counts(body: Body) -> dict[str, Any]:
    return {
        "n_marks": body.marks.n_marks,
        "n_resolved": body.marks.n_resolved,
        "unresolved": dict(body.marks.unresolved),
        "n_formulas": body.n_formulas,
        "formulas_left_out": dict(body.formulas_left_out),
    }


def _licence(article: etree._Element) -> str:
    """The address of the licence, else the beginning of its text, else "not stated"."""
    for licence in article.iterfind("front/article-meta/permissions/license"):
        for node in licence.iter():
            if isinstance(node.tag, str) and node.tag.endswith("license_ref") and (node.text or "").strip():
                return (node.text or "").strip()
            if "creativecommons.org" in (address := node.get(_XLINK) or ""):
                return address.strip()
        if text := " ".join("".join(str(part) for part in licence.itertext()).split()):
            return text[:200]
        if kind := licence.get("license-type"):
            return kind
    return "not stated"


SOURCE = Source(
    name="jats",
    group="papers",
    format="JATS and NLM XML",
    origin="https://europepmc.org, https://pmc.ncbi.nlm.nih.gov, https://plos.org, https://joss.theoj.org, https://jose.theoj.org",
    licence="per article, CC BY and freer",
    published=Published(3_000_000, 23_000_000_000),  # what the paper says of PubMed Central
    claims=_claims,
    read=_read,
)
