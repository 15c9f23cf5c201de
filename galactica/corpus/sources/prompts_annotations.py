"""Abstracts with stand-off annotations of entities: PubTator files (BC5CDR, NCBI disease) and pairs of tables, the abstracts in one
and the annotations in the other (ChemProt, and BC4CHEMD as its authors give it)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from galactica.corpus import split
from galactica.corpus.prompts.dataset import DataSet, Item, Items, document, refusal, source
from galactica.corpus.prompts.entities import Mentions
from galactica.corpus.prompts.records import Malformed, text
from galactica.corpus.source import Package, PackageSource, Published, Source
from galactica.files import RawFile
from galactica.types import Document, Drop

_DISEASES = frozenset({"Disease", "SpecificDisease", "DiseaseClass", "Modifier", "CompositeMention"})


class Question(NamedTuple):
    """What is asked of an abstract: the data set that the document belongs to, the kind (plural), the types that are of it."""

    name: str
    kind: str
    types: frozenset[str]


@dataclass(slots=True)
class Annotated:
    """An abstract and what is marked in it: (start, name, type)."""

    key: str
    title: str = ""
    abstract: str = ""
    marks: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tables:
    """A data set in two tables: endings of their names, the columns of start, name and type in the annotations."""

    name: str
    abstracts: str
    annotations: str
    columns: tuple[int, int, int]
    questions: tuple[Question, ...]
    format: str
    origin: str
    licence: str
    n_published: int


def _items(questions: tuple[Question, ...], record: Annotated) -> Items:
    title, abstract = text({"title": record.title}, "title"), text({"abstract": record.abstract}, "abstract")
    written = f"{title}\n\n{abstract}"
    for name, kind, types in questions:
        marks = sorted((start, " ".join(said.split())) for start, said, found in record.marks if found in types)
        slug = kind.replace(" ", "-")
        yield Item(
            f"{record.key}-{slug}", Mentions(written, kind, tuple(said for _, said in marks), "abstract"), name, written
        )


def _pubtator(file: RawFile) -> Iterator[Annotated | Malformed]:
    """Blocks of "PMID|t|title", "PMID|a|abstract" and lines of marks, blank lines between them."""
    record: Annotated | None = None
    for row in (*file.data.decode("utf-8", "replace").split("\n"), ""):
        if not row.strip():
            if record:
                yield record
            record = None
            continue
        key, _, rest = row.partition("|")
        columns = row.rstrip("\r").split("\t")
        record = record or Annotated(key if rest else columns[0])
        if rest.startswith(("t|", "a|")) and key == record.key:
            setattr(record, "title" if rest[0] == "t" else "abstract", rest[2:])
        elif len(columns) >= 5 and columns[1].isdigit() and columns[0] == record.key:
            record.marks.append((int(columns[1][:9]), columns[3], columns[4]))
        elif len(columns) < 4 or columns[0] != record.key:  # a line of four columns is a relation
            yield Malformed("a line that belongs to no abstract")


def _claims_pubtator(name: str, where: str, head: bytes) -> bool:
    if name not in where.lower():
        return False
    first, _, rest = head.lstrip(b"\xef\xbb\xbf\r\n").partition(b"\n")
    key = first.partition(b"|t|")[0]
    return key.isdigit() and rest.startswith(key + b"|a|")


def _claims_tables(tables: Tables, package: Package) -> bool:
    return bool(package.ending(tables.abstracts) and package.ending(tables.annotations))


def _tables(tables: Tables, package: Package) -> Iterator[Document | Drop]:
    for path in package.ending(tables.abstracts):
        where = f"{package.where}/{path}"
        beside = path[: -len(tables.abstracts)] + tables.annotations
        if reason := refusal(where):
            yield Drop(where, tables.name, reason)
        elif beside not in package.files:
            yield Drop(where, tables.name, "no table of annotations beside the abstracts")
        else:
            yield from _pair(tables, where, package.files[path], package.files[beside])


def _pair(tables: Tables, where: str, abstracts: bytes, annotations: bytes) -> Iterator[Document | Drop]:
    marks = _marks(tables, annotations)
    for number, row in enumerate(abstracts.decode("utf-8", "replace").split("\n"), start=1):
        columns = row.rstrip("\r").split("\t")
        if len(columns) != 3:
            if row.strip():
                yield Drop(f"{where}:{number}", tables.name, "other than three columns")
            continue
        key, title, abstract = columns
        try:
            for item in _items(tables.questions, Annotated(key, title, abstract, marks.get(key, []))):
                found = item if isinstance(item, str) else document(item, tables.name, tables.licence)
                yield Drop(f"{where}:{number}", tables.name, found) if isinstance(found, str) else found
        except Malformed as error:
            yield Drop(f"{where}:{number}", tables.name, str(error))


def _marks(tables: Tables, annotations: bytes) -> Mapping[str, list[tuple[int, str, str]]]:
    """The marks by abstract; those in the title of BC4CHEMD, whose offsets are its own, before those in the abstract."""
    marks: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    start, said, kind = tables.columns
    for row in annotations.decode("utf-8", "replace").split("\n"):
        columns = row.rstrip("\r").split("\t")
        if len(columns) > max(tables.columns) and columns[start].isdigit():
            offset = int(columns[start][:9]) + (10**9 if columns[1] == "A" else 0)
            marks[columns[0]].append((offset, columns[said], columns[kind]))
    return marks


_CHEMICALS = frozenset({"CHEMICAL"})
_GENES = frozenset({"GENE-Y", "GENE-N", "GENE"})
_CHEMDNER = frozenset(
    {"SYSTEMATIC", "IDENTIFIER", "FORMULA", "TRIVIAL", "ABBREVIATION", "FAMILY", "MULTIPLE", "NO CLASS"}
)

DATASETS: tuple[DataSet, ...] = tuple(
    DataSet(
        name=name,
        format="PubTator",
        origin=origin,
        licence="not stated",
        n_published=n_published,
        claims=partial(_claims_pubtator, mark),
        records=_pubtator,
        items=partial(_items, questions),
        split=split.after(b"\n\n"),
    )
    for name, mark, n_published, origin, questions in (
        (
            "bc5cdr-chem",
            "cdr",
            4_503,
            "https://biocreative.bioinformatics.udel.edu/tasks/biocreative-v/track-3-cdr/",
            (
                Question("bc5cdr-chem", "chemicals", frozenset({"Chemical"})),
                Question("bc5cdr-disease", "diseases", frozenset({"Disease"})),
            ),
        ),
        (
            "ncbi-disease",
            "ncbi",
            None,
            "https://www.ncbi.nlm.nih.gov/research/bionlp/Data/disease/",
            (Question("ncbi-disease", "diseases", _DISEASES),),
        ),
    )
)

TABLES: tuple[Tables, ...] = (
    Tables(
        name="chemprot",
        abstracts="_abstracts.tsv",
        annotations="_entities.tsv",
        columns=(3, 5, 2),
        questions=(
            Question("", "chemicals", _CHEMICALS),
            Question("", "genes and proteins", _GENES),
            Question("", "chemicals, genes and proteins", _CHEMICALS | _GENES),
        ),
        format="ChemProt tables",
        origin="https://biocreative.bioinformatics.udel.edu/news/corpora/chemprot-corpus-biocreative-vi/",
        licence="not stated",
        n_published=3_030,
    ),
    Tables(
        name="bc4chemd",
        abstracts=".abstracts.txt",
        annotations=".annotations.txt",
        columns=(2, 4, 5),
        questions=(Question("", "chemicals", _CHEMDNER),),
        format="CHEMDNER tables",
        origin="https://biocreative.bioinformatics.udel.edu/resources/biocreative-iv/chemdner-corpus/",
        licence="not stated",
        n_published=30_234,
    ),
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
PACKAGE_SOURCES: tuple[PackageSource, ...] = tuple(
    PackageSource(
        name=tables.name,
        group="prompts",
        format=tables.format,
        origin=tables.origin,
        licence=tables.licence,
        published=Published(tables.n_published, None),
        endings=frozenset({tables.abstracts, tables.annotations}),
        claims=partial(_claims_tables, tables),
        read=partial(_tables, tables),
    )
    for tables in TABLES
)
