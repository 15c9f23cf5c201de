"""Abstracts of PubMed, from the XML of MEDLINE's baseline and the nbib text of the site -> papers that end after the abstract.

Source: the PubMed DTD (https://dtd.nlm.nih.gov/ncbi/pubmed) and NLM's list of MEDLINE/PubMed data elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from galactica import markup
from galactica.corpus import split
from galactica.corpus.abstracts import abstract_document, labelled
from galactica.corpus.fragments import paragraphs
from galactica.corpus.marks import Marks
from galactica.corpus.scripts import script
from galactica.corpus.source import Published, Source
from galactica.corpus.sources.jats_body import Body
from galactica.files import RawFile
from galactica.references import medline
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_ROOT = re.compile(rb"<PubmedArticleSet[\s>]")
_HEAD, _TAIL = b"<PubmedArticleSet>\n", b"\n</PubmedArticleSet>\n"
_NOTICES = frozenset(
    ("Published Erratum", "Retraction of Publication", "Retraction Notice", "Retracted Publication", "Expression of Concern")
)  # fmt: skip
_PLAIN_SCRIPT = re.compile(r"(?<![A-Za-z\d.])([A-Za-z]{1,5}|10)\((\d{1,2}[+-]?|[+-]|-\d{1,2})\)(?![a-z(])")
"""Scripts as NLM wrote them in plain text until 2013: CO(2), Ca(2+), cm(-2), 10(6)."""
_PLAIN_ISOTOPE = re.compile(
    r"(?<![\w)])\((\d{1,3}m?)\)(?=(?:H|C|N|O|F|P|S|I|Na|K|Fe|Ga|Rb|Sr|Tc|In|Xe|Cs|Pb|Ra|U|Lu|Y)\b)"
)
_UNIT = re.compile(r"(?:[kM]?[NWJV]|[mk]?g|mol)?(?:[cdkmn]?m|min|s|h)|[mk]?[gl]|mL|days?")


def _claims(where: str, head: bytes) -> bool:
    return _ROOT.search(head) is not None and not where.lower().endswith((".htm", ".html"))


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        records = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    for number, record in enumerate(records.iter("MedlineCitation"), 1):
        found = _document(record)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _document(record: etree._Element) -> Document | str:
    """The document, or why there is none."""
    article, identifier = record.find("Article"), record.findtext("PMID")
    if article is None or not identifier:
        return "no article or no identifier"
    kinds = {node.text or "" for node in article.iterfind("PublicationTypeList/PublicationType")}
    links = {node.get("RefType") for node in record.iterfind("CommentsCorrectionsList/CommentsCorrections")}
    if kinds & _NOTICES or "RetractionIn" in links:
        return "correction or retraction"
    abstract = article.find("Abstract")
    if abstract is None:
        return "no abstract"
    if markup.control_tokens("".join(str(part) for part in abstract.itertext())):
        return "spells a control token"
    body = Body(Marks({}))
    blocks = [(node.get("Label", ""), body.inline_text(node)) for node in abstract.iterfind("AbstractText")]
    if any(markup.control_tokens(label) for label, _ in blocks):
        return "spells a control token"
    return abstract_document(
        medline.citation_reference(record),
        [labelled(label, _scripts(text)) for label, text in blocks if text],
        source=SOURCE.name,
        key=identifier.strip(),
        licence=" ".join((abstract.findtext("CopyrightInformation") or "").split()),
        metadata={
            "fields": [
                node.text for node in record.iterfind("MeshHeadingList/MeshHeading/DescriptorName") if node.text
            ],
            "original_language": article.findtext("Language"),
        },
    )


def _claims_text(where: str, head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"PMID- ") and b"\nOWN " in head


def _read_text(file: RawFile) -> Iterator[Document | Drop]:
    for number, fields in enumerate(medline.nbib_records(file.data.decode("utf-8-sig", "replace")), 1):
        found = _text_document(fields)
        yield Drop(f"{file.where}:{number}", SOURCE.name, found) if isinstance(found, str) else found


def _text_document(fields: medline.Fields) -> Document | str:
    """The document, or why there is none."""
    if set(fields.get("PT", ())) & _NOTICES or "RIN" in fields:
        return "correction or retraction"
    blocks = paragraphs("".join(fields.get("AB", [])[:1]))
    if blocks is None:
        return "spells a control token"
    return abstract_document(
        medline.nbib_reference(fields),
        [_scripts(block) for block in blocks],
        source=SOURCE.name,
        key=fields["PMID"][0],
        licence=" ".join(fields.get("CI", [])),
        metadata={
            "fields": [heading.partition("/")[0].strip("*") for heading in fields.get("MH", [])],
            "original_language": "".join(fields.get("LA", [])[:1]) or None,
        },
    )


def _scripts(text: str) -> str:
    """The text with plain-text scripts as scripts: "CO(2)" -> "CO₂", "(13)C" -> "¹³C", "10(-3) cm(2)" -> "10⁻³ cm²"."""
    if "(" not in text:
        return text
    text = _PLAIN_ISOTOPE.sub(lambda match: script(match[1].rstrip("m"), True) + "ᵐ" * match[1].endswith("m"), text)
    return _PLAIN_SCRIPT.sub(_script, text)


def _script(match: re.Match[str]) -> str:
    base, inside = match.groups()
    if _UNIT.fullmatch(base) or base == "10" or not inside.isdigit():
        return base + script(inside, True)
    return base + script(inside, False) if any(character.isupper() for character in base) else match[0]


SOURCE = Source(
    name="pubmed",
    group="papers",
    format="MEDLINE/PubMed XML",
    origin="https://ftp.ncbi.nlm.nih.gov/pubmed/baseline",
    licence="per abstract, as its copyright line says; NLM claims none",
    published=Published(21_000_000, 5_000_000_000),
    claims=_claims,
    read=_read,
    split=split.between(b"<PubmedArticle>", b"</PubmedArticle>", _HEAD, _TAIL),
)
TEXT_SOURCE = Source(
    name="pubmed",
    group="papers",
    format="MEDLINE text (nbib)",
    origin="https://pubmed.ncbi.nlm.nih.gov",
    licence="per abstract, as its copyright line says; NLM claims none",
    published=Published(21_000_000, 5_000_000_000),
    claims=_claims_text,
    read=_read_text,
    split=split.after(b"\n\n"),
)
