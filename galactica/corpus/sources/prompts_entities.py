"""Data sets of named entities: tagged tokens (JNLPBA, BC4CHEMD, BC2GM, S800, BC5CDR and kin), and JSON lines of our own for what
was never published (MethodNet, ScientificEntities). Abstracts with stand-off annotations are in `prompts_annotations.py`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from galactica.corpus import split
from galactica.corpus.numbered_works import without_numbers
from galactica.corpus.prompts import detokenise
from galactica.corpus.prompts.dataset import DataSet, Item, Items, claim, source
from galactica.corpus.prompts.entities import Mentions
from galactica.corpus.prompts.records import Malformed, digest, items, label, line, text
from galactica.corpus.source import Source
from galactica.files import RawFile

MIN_WORDS = 5
MAX_TOKENS = 400
_TAGGED = re.compile(rb"[^\s]{1,100}[\t ](?:[^\n]{0,60}[\t ])?(?:O|[BIES]-[\w-]{1,60})\r?\n")
_TAG = re.compile(r"(?:O|[BIES]-(?P<kind>[\w-]{1,60}))\Z")
_MTL = "https://github.com/cambridgeltl/MTL-Bioinformatics-2016"
_MTL_LICENCE = "CC BY 4.0 (as MTL-Bioinformatics-2016 gives it)"

Sentence = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A data set of tagged tokens: the pattern of its name in a path, what each tag means (plural). One of whole papers has marks
    of their citations; abstracts have [4, 5] in names of chemistry alone."""

    name: str
    path: str
    kinds: dict[str, str]
    n_published: int | None
    origin: str = _MTL
    licence: str = _MTL_LICENCE
    is_of_papers: bool = False


def _sentences(file: RawFile) -> Iterator[Sentence | Malformed]:
    """Blocks of lines "token TAB tag", blank lines between them; lines of other kinds (document ids) are passed over."""
    sentence: Sentence = []
    for row in file.data.decode("utf-8", "replace").split("\n"):
        columns = row.split()
        if len(columns) >= 2 and _TAG.match(columns[-1]):
            sentence.append((columns[0], columns[-1]))
        elif not columns:
            if sentence:
                yield sentence
            sentence = []
        elif not row.startswith(("###", "-DOCSTART-")):
            yield Malformed("a line that is no token with its tag")
    if sentence:
        yield sentence


def _tagged(dataset: Tagged, sentence: Sentence) -> Items:
    """A question for each kind of the data set; of one that the paper has not, for each kind that is mentioned."""
    while len(sentence) > 1 and sentence[-1][0] == sentence[-2][0] == ".":
        sentence = sentence[:-1]
    words = [word for word, _ in sentence if word[0].isalnum()]
    if len(words) < MIN_WORDS:
        yield "too short to ask about"
        return
    if len(sentence) > MAX_TOKENS:
        yield "longer than a sentence"
        return
    written, starts = detokenise.sentence([token for token, _ in sentence])
    mentions = _mentions(sentence, starts)
    asked = (
        dataset.kinds
        if dataset.n_published
        else {tag: dataset.kinds[tag] for _, _, tag in mentions if tag in dataset.kinds}
    )
    if not asked:
        yield "no entity"
    shown = without_numbers(written) if dataset.is_of_papers else written
    for tag, kind in asked.items():
        names = tuple(written[start:end] for start, end, found in mentions if found == tag)
        if shown and all(name in shown for name in names):
            yield Item(digest(written, kind), Mentions(shown, kind, names), about=written)
        else:
            yield "it lacks a work that it names by number"


def _mentions(sentence: Sentence, starts: list[int]) -> list[tuple[int, int, str]]:
    """(start, end, kind) of each run of tags: B and S begin one, I and E go on with one of their kind."""
    found: list[tuple[int, int, str]] = []
    before = "O"
    for (token, tag), start in zip(sentence, starts, strict=True):
        if tag != "O":
            end, kind = start + len(token), tag[2:]
            goes_on = tag[0] in "IE" and before != "O" and before[2:] == kind and before[0] != "S"
            found.append((found.pop()[0] if goes_on else start, end, kind))
        before = tag
    return found


def _claims_tagged(path: str) -> Callable[[str, bytes], bool]:
    pattern = re.compile(path)

    def claims(where: str, head: bytes) -> bool:
        if pattern.search(where.lower()) is None:
            return False
        lines = (
            row + b"\n" for row in head.split(b"\n")[:-1] if row.strip() and not row.startswith((b"###", b"-DOCSTART-"))
        )
        return (first := next(lines, None)) is not None and _TAGGED.match(first) is not None

    return claims


def _own(kind: str, unit: str) -> Callable[[Any], Items]:
    """Our form: a text and the names in it."""

    def read(record: Any) -> Items:
        written = text(record, "text")
        names = tuple(line(name) for name in items(record, "entities"))
        yield Item(label(record, "id") or digest(written), Mentions(written, kind, names, unit), about=written)

    return read


_BIONLP = {"Protein": "proteins"}
TAGGED: tuple[Tagged, ...] = (
    Tagged(
        "jnlpba",
        r"jnlpba|genia4er",
        {"DNA": "DNA entities", "RNA": "RNA entities", "cell_line": "cell lines", "cell_type": "cell types", "protein": "proteins"},
        91_213,
        "http://www.geniaproject.org/shared-tasks/bionlp-jnlpba-shared-task-2004",
        "GENIA project licence",
    ),
    Tagged("bc4chemd", r"bc4chemd", {"Chemical": "chemicals"}, 30_234, licence="not stated"),
    Tagged("bc2gm", r"bc2gm", {"GENE": "genes and proteins"}, 12_375),
    Tagged("s800", r"s800|species-?800", {"Species": "species"}, 5_318, "https://species.jensenlab.org", "CC BY 3.0"),
    Tagged("bc5cdr-chem", r"bc5cdr-?_?chem", {"Chemical": "chemicals"}, 4_503),
    Tagged("bc5cdr-disease", r"bc5cdr-?_?disease", {"Disease": "diseases"}, 4_498),
    Tagged("ncbi-disease", r"ncbi-?_?disease", {"Disease": "diseases"}, None),
    Tagged("linnaeus", r"linnaeus", {"Species": "species"}, None, is_of_papers=True),
    Tagged("anatem", r"anatem", {"Anatomy": "anatomical entities"}, None, is_of_papers=True),
    Tagged("bionlp09", r"bionlp09", _BIONLP, None),
    Tagged("bionlp11epi", r"bionlp11epi", _BIONLP, None),
    Tagged(
        "bionlp11id",
        r"bionlp11id",
        {"Protein": "proteins", "Organism": "organisms", "Chemical": "chemicals"},
        None,
        is_of_papers=True,
    ),
    Tagged("bionlp13ge", r"bionlp13ge", _BIONLP, None, is_of_papers=True),
    Tagged(
        "bionlp13cg",
        r"bionlp13cg",
        {"Gene_or_gene_product": "genes and gene products", "Cancer": "cancers", "Cell": "cells", "Simple_chemical": "chemicals"},
        None,
    ),
    Tagged(
        "bionlp13pc",
        r"bionlp13pc",
        {"Gene_or_gene_product": "genes and gene products", "Complex": "protein complexes", "Simple_chemical": "chemicals"},
        None,
    ),
    Tagged("ex-ptm", r"ex-ptm", _BIONLP, None),
)  # fmt: skip
"""Those without a published count are not in the paper; they come in the same release as those that are."""

_UNPUBLISHED = 'never published; read from JSON lines of our own: {"id", "text", "entities": [text, ...]}'
DATASETS: tuple[DataSet, ...] = (
    *(
        DataSet(
            name=tagged.name,
            format="tagged tokens, one a line",
            origin=tagged.origin,
            licence=tagged.licence,
            n_published=tagged.n_published,
            claims=_claims_tagged(tagged.path),
            records=_sentences,
            items=partial(_tagged, tagged),
            split=split.after(b"\n\n"),
        )
        for tagged in TAGGED
    ),
    DataSet(
        name="methodnet",
        format="JSON lines of our own",
        origin=_UNPUBLISHED,
        licence="not stated",
        n_published=659,
        claims=claim(b'"text"', b'"entities"', path=r"method-?_?net[^/]*\.jsonl"),
        items=_own("methods", "abstract"),
        has_splits=False,
    ),
    DataSet(
        name="scientific-entities",
        format="JSON lines of our own",
        origin=_UNPUBLISHED,
        licence="not stated",
        n_published=305,
        claims=claim(b'"text"', b'"entities"', path=r"scientific-?_?entities[^/]*\.jsonl"),
        items=_own("scientific entities", "abstract"),
        has_splits=False,
    ),
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
