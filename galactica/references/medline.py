"""Records of MEDLINE as works: PubMed's XML and its nbib text.

Source: the PubMed DTD (https://dtd.nlm.nih.gov/ncbi/pubmed) and NLM's list of MEDLINE/PubMed data elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from galactica.references.jats import text_of
from galactica.references.record import first_page, make_reference
from galactica.types import Reference

Fields = dict[str, list[str]]
"""The fields of an nbib record by their tags."""

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_LINE = re.compile(r"([A-Z]{2,4}) {0,2}- (.*)")


def citation_reference(record: etree._Element) -> Reference | None:
    """The work of a `MedlineCitation`; None where it names no title."""
    article = record.find("Article")
    if article is None:
        return None
    # DOI and title in brackets are MEDLINE's own: a translated title is written "[Title]."
    dois = [node.text for node in article.iter("ELocationID") if node.get("EIdType") == "doi"]
    parent = record.getparent()
    if not dois and parent is not None:
        ids = parent.findall("PubmedData/ArticleIdList/ArticleId")
        dois = [node.text for node in ids if node.get("IdType") == "doi"]
    date, title = article.find("Journal/JournalIssue/PubDate"), article.find("ArticleTitle")
    abstract = " ".join(text_of(node) for node in article.findall("Abstract/AbstractText"))
    return make_reference(
        title=text_of(title) if title is not None else "",
        authors=[
            family_given(author.findtext("LastName"), author.findtext("ForeName") or author.findtext("Initials"))
            or (author.findtext("CollectiveName") or "").replace(",", " ")
            for author in article.findall("AuthorList/Author")
        ],
        year=year_in(date.findtext("Year") or date.findtext("MedlineDate")) if date is not None else None,
        venue=article.findtext("Journal/Title"),
        doi=dois[0] if dois else None,
        abstract=abstract or None,
        volume=article.findtext("Journal/JournalIssue/Volume"),
        page=first_page(article.findtext("Pagination/MedlinePgn")),
    )


def nbib_records(text: str) -> Iterator[Fields]:
    """The records of an nbib file: a tag of up to four letters, lines that go on are indented by six spaces."""
    fields: Fields = {}
    last: list[str] | None = None
    for line in [*text.splitlines(), "PMID- "]:
        match = _LINE.match(line)
        if match and match[1] == "PMID":
            if fields:
                yield fields
            fields = {}
        if match:
            last = fields.setdefault(match[1], [])
            last.append(match[2].strip())
        elif last and line.startswith("      "):
            last[-1] += " " + line.strip()


def nbib_reference(fields: Fields) -> Reference | None:
    """The work of an nbib record; None where it names no title."""
    dois = [value for tag in ("AID", "LID") for value in fields.get(tag, []) if value.endswith("[doi]")]
    return make_reference(
        title="".join((fields.get("TI") or fields.get("BTI") or [])[:1]),
        authors=fields.get("FAU") or [name.replace(" ", ", ", 1) for name in fields.get("AU", [])],
        year=year_in("".join(fields.get("DP", [])[:1])),
        venue="".join((fields.get("JT") or fields.get("TA") or [])[:1]) or None,
        doi=dois[0] if dois else None,
        abstract="".join(fields.get("AB", [])[:1]) or None,
        volume="".join(fields.get("VI", [])[:1]),
        page=first_page("".join(fields.get("PG", [])[:1])),
    )


def year_in(text: str | None) -> int | None:
    """The first year that the text holds."""
    match = _YEAR.search(text or "")
    return int(match[0]) if match else None


def family_given(family: str | None, given: str | None) -> str:
    """ "Family, Given", or the one that is there."""
    family, given = (family or "").replace(",", " ").strip(), (given or "").strip()
    return f"{family}, {given}" if family and given else family or given
