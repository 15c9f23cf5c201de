"""Pathways of WikiPathways: what one does, its genes and metabolites, the works it was drawn from.

Source: the database repository (github.com/wikipathways/wikipathways-database): a folder per pathway with `WPn-info.json`,
`WPn-datanodes.tsv`, `WPn-bibliography.tsv` and `WPn.md`, whose front matter names the terms of ontologies.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile

from galactica import markup
from galactica.corpus.fragments import paragraphs
from galactica.corpus.json_items import load
from galactica.corpus.json_records import list_field, text_field
from galactica.corpus.marks import HOLE, Marks
from galactica.corpus.numbered_works import marked, works_at_end
from galactica.corpus.source import Package, PackageSource
from galactica.corpus.sources.described import described
from galactica.references.record import make_reference
from galactica.types import Document, Drop, Reference

MAX_PARTICIPANTS = 150
MAX_WORKS = 30
MAX_DIGITS = 3
"""Of a number that points to a list; a PubMed number has more."""

_NOT_TOLD = re.compile(r"\b(?:pathways?|signall?ing|in|of|the|and|homo sapiens|mus musculus)\b")
"""Words of a title that another title of the same pathway leaves out."""
_SIGNS = re.compile(r"[\W_]+")
_INFO = re.compile(r"(?:.*/)?(WP\d{1,6})-info\.json\Z")
_AUTHORS = re.compile(
    r"(?P<people>[^\W\d_][\w’'\- ]{0,40} [A-Z]{1,4}(?: (?:Jr|Sr|2nd|3rd|[a-z]{2,8}))?(?:, [^.]{0,2000})?)\."
)
_PERSON = re.compile(r"(.{1,60}?) ([A-Z]{1,4}(?: \S+)?)\Z")
_SENTENCE = re.compile(r"[.?!] (?=[^\W\d_])")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\(\s*(https?://[^()\s]{0,500}(?:\([^()\s]{0,100}\)[^()\s]{0,100})?)\s*\)")
_PUBMED = re.compile(r"(?:pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(?:\?term=)?|PMID:? ?)(\d{4,9})/?", re.IGNORECASE)
_IDENTIFIERS = re.compile(r"\[?PMID:? ?(\d{4,9})\]?|\[(\d{5,9})\]", re.IGNORECASE)
_YEAST_CITATION = re.compile(r"\bCITS?: ?(?=\[)|\bCITS?: ?(?=(\d{5,9})\))")
"""Before PubMed numbers in what came from the Saccharomyces Genome Database: "(CITS: [9405471])", "(CITS: 2657401)"."""
_ADDRESS_IN_BRACKETS = re.compile(r"(?:(?<!\s)\s+)?[(\[]\s*(?:https?://|www\.)[^\s()\[\]]{1,300}\s*[)\]]")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s()\[\],]{0,300}[^\s()\[\],.;]")
_EMPHASIS = re.compile(r"'{2,5}|\*{2,3}")
_DOI = re.compile(r"\bDOI:? ?(10\.\d{4,9}/[^\s()\[\],;]{1,200})", re.IGNORECASE)
_ENDS_SCIENCE = re.compile(
    r"(?:Please access this pathway|If you use|(?:When|In|For) (?:adding or )?(?:using|citing) th|Contributors?: |Credits?: |"
    r"Acknowledge?ments?\b|For more information)"
)
"""Opens the remarks on the site that end a description."""
_NO_SCIENCE = re.compile(
    r"(?:Proteins on this pathway have targeted assays|(?:Protein )?[Pp]hosphorylation sites were added|Sources?\b|"
    r"(?:Inspired|Based|Derived|Adapted|Modified|Redrawn|Created|Taken) (?:by|on|from|with)\b|"
    r"(?:This|The) (?:pathway|diagram|figure|model|map|image) (?:(?:is|was|has been) )?(?:\w+ )?"
    r"(?:based|derived|adap\w+|inspired|converted|generated|created|modified|taken|described in|originally))"
)
"""Opens a sentence on where a drawing comes from."""
_SENTENCE_START = re.compile(r"(?<=[.!?)”\"]) +(?=[A-Z])")
_TERM_TYPES = {"Pathway Ontology": "pathway", "Disease Ontology": "disease", "Cell Type Ontology": "cell type"}
_TERM = re.compile(r"^  type: (.+)\n  value: (.+)$", re.MULTILINE)
_ACCESSION = re.compile(r"\d{5}")
_KINDS = {
    "Genes and proteins": ("GeneProduct", "Protein", "Rna", "Complex"),
    "Metabolites": ("Metabolite",),
    "Related pathways": ("Pathway",),
}


def _claims(package: Package) -> bool:
    return any(_INFO.match(path) and path.removesuffix("-info.json") + ".md" in package.files for path in package.files)


def _read(package: Package) -> Iterator[Document | Drop]:
    documents: list[Document] = []
    for path in package.files:
        if match := _INFO.match(path):
            found = _document(match[1], path.removesuffix("-info.json"), package.files)
            if isinstance(found, str):
                yield Drop(f"{package.where}/{path}", SOURCE.name, found)
            else:
                documents.append(found)
    yield from _held_together(documents)


def _held_together(documents: list[Document]) -> Iterator[Document]:
    """The pathways, each with what it is `about`: one name for all that share a description, or a title but for words such as
    "pathway", directly or through others. They are one pathway in several organisms or revised, and are held out together."""
    group = list(range(len(documents)))

    def first_of(number: int) -> int:
        while group[number] != number:
            group[number] = number = group[group[number]]
        return number

    known: dict[str, int] = {}
    for number, document in enumerate(documents):
        title = _SIGNS.sub("", _NOT_TOLD.sub("", str(document.metadata["title"]).lower()))
        for key in (str(document.metadata["about"]), f"title {title}"):
            one, other = sorted((first_of(number), first_of(known.setdefault(key, number))))
            group[other] = one
    for number, document in enumerate(documents):
        about = documents[first_of(number)].metadata["about"]
        yield replace(document, metadata={**document.metadata, "about": about})


def _document(identifier: str, stem: str, files: Mapping[str, bytes]) -> Document | str:
    """The document of a pathway, or the reason why there is none."""
    info = load(files[f"{stem}-info.json"])
    title = text_field(info, "title")
    if not title:
        return "no title"
    references = dict(_bibliography(_text(files.get(f"{stem}-bibliography.tsv", b""))))
    told, listed = works_at_end(_unescaped(text_field(info, "description")))
    marks = Marks({key: work for key, work in references.items() if len(key) > MAX_DIGITS} | listed)
    description = _description(told, marks)
    if description is None:
        return "spells a control token"
    if not description:
        return "no description"
    sections = [("Description", description), ("Organism", ", ".join(map(str, list_field(info, "organisms"))))]
    sections += _participants(_text(files.get(f"{stem}-datanodes.tsv", b"")))
    sections.append(("Ontology terms", "\n".join(_terms(_text(files.get(f"{stem}.md", b""))))))
    sections = [(heading, text) for heading, text in sections if text]
    if markup.control_tokens("\n".join((title, *(text for heading, text in sections if heading != "Description")))):
        return "spells a control token"
    works = [(work.title, work.surname) for work in references.values() if work is not None][:MAX_WORKS]
    questions = {"Description": (f"What is {title}?", f"What is known of this pathway: {title}?")}
    key = f"{SOURCE.name}:{identifier}"
    metadata = {
        "title": title,
        "about": hashlib.sha256(description.encode("utf-8", "replace")).hexdigest()[:16],
        "n_marks": marks.n_marks,
        "n_resolved": marks.n_resolved,
        "unresolved": dict(marks.unresolved),
    }
    return Document(key, described(key, title, sections, questions, "", works), SOURCE.name, SOURCE.licence, metadata)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def _description(text: str, marks: Marks) -> str | None:
    """The paragraphs of a description with its PubMed numbers and the numbers of its own list as citations, without links and
    remarks on the site; None where it spells a control token."""
    found = paragraphs(_LINK.sub(_linked, _YEAST_CITATION.sub(lambda match: "PMID:" if match[1] else "", text)))
    if found is None:
        return None
    kept = []
    for paragraph in found:
        plain = _ADDRESS.sub(HOLE, _ADDRESS_IN_BRACKETS.sub("", _EMPHASIS.sub("", paragraph)))
        sentences = _SENTENCE_START.split(plain)
        science = takewhile(lambda sentence: not _ENDS_SCIENCE.match(sentence), sentences)
        shown = " ".join(sentence for sentence in science if not _NO_SCIENCE.match(sentence))
        shown = _IDENTIFIERS.sub(lambda match: marks.mark([match[1] or match[2]]), shown)
        shown = _DOI.sub(lambda match: marks.mark([match[1]]), shown)
        kept.append(marks.resolve(marked(shown, marks, None)))
    return "\n\n".join(paragraph for paragraph in kept if paragraph)


def _unescaped(text: str) -> str:
    """The site escaped some descriptions twice."""
    return html.unescape(html.unescape(text))


def _linked(link: re.Match[str]) -> str:
    """What stands for a link: its text; for one to PubMed its number too, or alone where the text says no more."""
    shown, address = link[1].strip(), link[2]
    pubmed = _PUBMED.search(address)
    if pubmed is None:
        return shown
    return (
        f"PMID:{pubmed[1]}"
        if shown.lower() == "pubmed" or _IDENTIFIERS.fullmatch(shown)
        else f"{shown} (PMID:{pubmed[1]})"
    )


def _bibliography(table: str) -> Iterator[tuple[str, Reference | None]]:
    """PubMed number (or other key) -> the work, None where no title can be made out."""
    for row in _rows(table):
        if len(row) > 2 and row[0]:
            yield row[0], _work(row[2].partition(" <a ")[0].strip())


def _work(citation: str) -> Reference | None:
    """ "Title. Family AB, Family C, et al. Journal. Year..." as a record."""
    for end in _SENTENCE.finditer(citation[:1500]):
        if match := _AUTHORS.match(citation, end.end()):
            title = citation[: end.start() + (citation[end.start()] != ".")]
            names = [name for name in match["people"].split(", ") if name != "et al"]
            years = _YEAR.findall(citation[match.end() :])
            people = [f"{found[1]}, {found[2]}" for name in names if (found := _PERSON.match(name))]
            return make_reference(title, people, int(years[0]) if years else None, None, None)
    return None


def _rows(table: str) -> list[list[str]]:
    """The rows below the header."""
    try:
        return list(csv.reader(io.StringIO(table.replace("\0", "")), delimiter="\t"))[1:]
    except csv.Error:
        return []


def _participants(table: str) -> Iterator[tuple[str, str]]:
    rows = [row for row in _rows(table) if len(row) > 1]
    for heading, kinds in _KINDS.items():
        names = dict.fromkeys(" ".join(row[0].split()) for row in rows if row[1] in kinds)
        shown = [name for name in names if 1 < len(name) <= 80 and not _ACCESSION.search(name)][:MAX_PARTICIPANTS]
        yield heading, ", ".join(shown)


def _terms(front_matter: str) -> Iterator[str]:
    for kind, value in dict.fromkeys(_TERM.findall(front_matter)):
        if kind in _TERM_TYPES and not value.startswith("obsolete "):
            yield f"* {value.strip(chr(39))} ({_TERM_TYPES[kind]})"


SOURCE = PackageSource(
    name="wikipathways",
    group="knowledge bases",
    format="WikiPathways database (JSON, TSV and Markdown of a pathway)",
    origin="https://github.com/wikipathways/wikipathways-database",
    licence="CC0 1.0 (WikiPathways)",
    endings=frozenset({"-info.json", "-bibliography.tsv", "-datanodes.tsv", ".md"}),
    claims=_claims,
    read=_read,
)
