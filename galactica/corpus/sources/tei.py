"""Papers in GROBID's TEI, made of PDFs of OSF, ChemRxiv, the ACL and academic sites -> papers with resolved citations.

Source: TEI P5 as GROBID writes it (https://grobid.readthedocs.io; its schema grobid-home/schemas/xsd/Grobid.xsd). Which source a
file belongs to is told by the names of the folders and the archive that hold it; `grobid.py` makes such files of PDFs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from lxml import etree

from galactica.corpus.printed import Part, PrintedPaper, Span, paper_document
from galactica.corpus.source import Group, Published, Source
from galactica.files import RawFile
from galactica.references import tei
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

_ROOT = re.compile(rb"<(?:\w+:)?TEI[\s>]")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_MAX_BLOCKS_IN_ABSTRACT = 12


def _read(file: RawFile, source: str) -> Iterator[Document | Drop]:
    try:
        root = parsed(file.data, remove_comments=True, remove_pis=True)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, source, f"not well-formed: {type(error).__name__}")
        return
    tei.strip_namespace(root)
    paper = _paper(root, file.data)
    found = paper if isinstance(paper, str) else paper_document(paper, source)
    yield Drop(file.where, source, found) if isinstance(found, str) else found


def _paper(root: etree._Element, data: bytes) -> PrintedPaper | str:
    """The paper, or why there is none."""
    header, text = root.find("teiHeader"), root.find("text")
    if root.tag != "TEI" or header is None or text is None:
        return "root is not a TEI document"
    languages = {node.get(_LANGUAGE, "en")[:2].lower() for node in (header, text)}
    if "en" not in languages:
        return "not English"
    work = tei.front_matter(root)
    references = tei.reference_list(root)
    body = text.find("body")
    abstract = header.find("profileDesc/abstract")
    return PrintedPaper(
        key=(work.doi if work else None) or hashlib.sha256(data).hexdigest()[:16],
        work=work,
        references=references,
        abstract=list(_parts(abstract))[:_MAX_BLOCKS_IN_ABSTRACT] if abstract is not None else [],
        body=list(_sections(body)) if body is not None else [],
        floats=dict(_floats(text)),
        licence=_licence(header),
        metadata={"keywords": [tei.text_of(term) for term in header.iterfind("profileDesc/textClass/keywords//term")]},
        untitled=tei.untitled_entries(root, references),
    )


def _sections(body: etree._Element) -> Iterator[tuple[str, str, list[Part]]]:
    """The divisions in the order of the text; one inside another is a section of its own."""
    for division in body.iter("div"):
        head = division.find("head")
        number = (head.get("n") or "") if head is not None else ""
        yield number, tei.text_of(head), list(_parts(division))
    if (loose := list(_parts(body))) and body.find("div") is None:
        yield "", "", loose


def _parts(element: etree._Element) -> Iterator[Part]:
    """The paragraphs, list items and formulas that stand in the element, those of inner divisions left to them."""
    for child in element:
        if child.tag == "p" or child.tag == "ab":
            yield from _paragraph(child)
        elif child.tag == "formula":
            yield _formula(child)
        elif child.tag == "list":
            for item in child.iterfind("item"):
                yield from _paragraph(item)
        elif child.tag == "div" and element.tag == "abstract":
            head = tei.text_of(child.find("head"))
            for index, part in enumerate(_parts(child)):
                if head and not index and part.kind == "paragraph" and head.lower() not in ("abstract", "summary"):
                    part = _with_lead(part, f"{head.rstrip(':. ')}: ")
                yield part


def _with_lead(part: Part, lead: str) -> Part:
    spans = [span._replace(start=span.start + len(lead), end=span.end + len(lead)) for span in part.spans]
    return Part(lead + part.text, spans, mentions=part.mentions)


def _formula(element: etree._Element) -> Part:
    label = element.find("label")
    if label is not None:
        label.text = ""
    return Part(tei.text_of(element), kind="formula")


def _paragraph(paragraph: etree._Element) -> Iterator[Part]:
    """The paragraph with its marks as spans, cut at the formulas that stand inside it."""
    pieces: list[str] = []
    spans: list[Span] = []
    mentions: list[str] = []
    size = 0

    def add(text: str | None) -> None:
        nonlocal size
        if text:
            pieces.append(text)
            size += len(text)

    def flush() -> Part:
        nonlocal size
        part = Part("".join(pieces), spans.copy(), mentions=mentions.copy())
        pieces.clear()
        spans.clear()
        mentions.clear()
        size = 0
        return part

    found: list[Part] = []
    for event, node in etree.iterwalk(paragraph, events=("start", "end")):
        if event == "start":
            if node.tag == "ref":
                _reference(node, size, spans, mentions)
            elif node.tag == "formula":
                found += [flush(), _formula(node)]
            if _is_text(node):
                add(node.text)
        elif node is not paragraph:
            if node.tag == "s":
                add(" ")
            if node.tail and (above := node.getparent()) is not None and _is_text(above):
                add(node.tail)
    yield from [*found, flush()]


def _is_text(node: etree._Element) -> bool:
    """Whether what stands in the node is text of the paragraph: no foot note, no number of one, no formula."""
    while node.tag not in ("p", "ab", "item"):
        if node.tag in ("note", "formula", "figure") or (node.tag == "ref" and node.get("type") == "foot"):
            return False
        above = node.getparent()
        if above is None:
            return True
        node = above
    return True


def _reference(node: etree._Element, at: int, spans: list[Span], mentions: list[str]) -> None:
    kind, target = node.get("type"), (node.get("target") or "").lstrip("#")
    if kind == "bibr":
        length = len("".join(str(part) for part in node.itertext()))
        spans.append(Span(at, at + length, True, target or None))
    elif kind in ("figure", "table") and target:
        mentions.append(target)


def _floats(text: etree._Element) -> Iterator[tuple[str, Part]]:
    for number, figure in enumerate(text.iter("figure")):
        caption = figure.find("figDesc")
        is_table = figure.get("type") == "table"
        rows = [
            [tei.text_of(cell) for cell in row.iterfind("cell")] for row in figure.iterfind("table/row") if is_table
        ]
        head = tei.text_of(figure.find("head"))
        part = Part(
            f"{head} {tei.text_of(caption)}",
            kind="table" if is_table else "figure",
            label=tei.text_of(figure.find("label")),
            rows=rows,
        )
        yield figure.get(_ID) or f"float {number}", part


def _licence(header: etree._Element) -> str:
    """The licence's address, else its name or text."""
    licence = header.find("fileDesc/publicationStmt/availability/licence")
    if licence is None:
        return ""
    addresses = [node.get("target") or "" for node in licence.iter() if node.get("target")]
    return next((address for address in addresses if address.startswith("http")), tei.text_of(licence)[:200])


def _tei_source(name: str, group: Group, origin: str, licence: str, folder: str, published: Published | None) -> Source:
    """The source of the files that lie in a folder or an archive with a name like `folder`."""
    place = re.compile(rf"(?<![a-z])(?:{folder})(?![a-z])" if folder else "", re.IGNORECASE)

    def claims(where: str, head: bytes) -> bool:
        above, _, _ = where.rpartition("/")
        is_tei = _ROOT.search(head) is not None and (b"grobid" in head.lower() or where.lower().endswith(".tei.xml"))
        return is_tei and place.search(above) is not None

    def read(file: RawFile) -> Iterator[Document | Drop]:
        return _read(file, name)

    return Source(
        name=name,
        group=group,
        format="GROBID TEI",
        origin=origin,
        licence=licence,
        published=published,
        claims=claims,
        read=read,
    )


_PER_PAPER = "per paper, as its archive states it"
_ANYWHERE = ""

OSF_SOURCE = _tei_source(
    "osf", "papers", "https://osf.io/preprints", _PER_PAPER, "osf(?:preprints)?", Published(54_905, 428_000_000)
)
CHEMRXIV_SOURCE = _tei_source(
    "chemrxiv", "papers", "https://chemrxiv.org", _PER_PAPER, "chemrxiv", Published(7_617, 67_000_000)
)
ACL_SOURCE = _tei_source(
    "anthology",
    "papers",
    "https://aclanthology.org",
    "CC BY 4.0 (2016 and later)",
    "acl(?:-?anthology)?",
    Published(25_518, 150_000_000),
)
ACADEMIC_SOURCE = _tei_source(
    "academiccc",
    "common crawl",
    "https://commoncrawl.org",
    _PER_PAPER,
    "academic(?:-?cc)?",
    Published(50_000, 400_000_000),
)
SOURCE = _tei_source("tei", "papers", "PDFs of any origin", _PER_PAPER, _ANYWHERE, None)
SOURCES = (OSF_SOURCE, CHEMRXIV_SOURCE, ACL_SOURCE, ACADEMIC_SOURCE, SOURCE)
"""In the order in which they must be asked: the last takes every TEI file."""
