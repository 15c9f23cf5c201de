"""Each set of tagged tokens and annotated abstracts that no other test names: its file claimed by it alone, its document, a drop.

Red if a path claims another set's files, a tag means another kind, or a bad line costs more than itself.
"""

from __future__ import annotations

import pytest

from galactica.corpus.source import SNIFF_BYTES, Source
from galactica.corpus.sources import SOURCES
from galactica.files import RawFile
from galactica.types import Document, Drop

SENTENCE = "The effect of Kras on mice was seen in the liver ."
SHOWN = "The effect of Kras on mice was seen in the liver."


def tagged(word: str, tag: str) -> str:
    """The sentence one token a line, as MTL-Bioinformatics-2016 has it, and a line without a tag."""
    lines = [f"{token}\tB-{tag}" if token == word else f"{token}\tO" for token in SENTENCE.split()]
    return "\n".join([*lines, "", "broken"]) + "\n"


def read(where: str, text: str) -> tuple[str, list[Document | Drop]]:
    file = RawFile(where, text.encode())
    claiming = [one for one in SOURCES if isinstance(one, Source) and one.claims(where, file.data[:SNIFF_BYTES])]
    assert len(claiming) == 1, [source.name for source in claiming]
    return claiming[0].name, list(claiming[0].read(file))


@pytest.mark.parametrize(
    ("where", "word", "tag", "name", "written"),
    [
        (
            "data/BC4CHEMD-IOB/train.tsv",
            "liver",
            "Chemical",
            "bc4chemd",
            "List the chemicals mentioned in the sentence.\n\n@\n\nA: liver",
        ),
        (
            "s800/train.tsv",
            "mice",
            "Species",
            "s800",
            "@\n\nQuestion: What species are mentioned in the sentence above?\n\nAnswer: mice",
        ),
        (
            "data/NCBI-disease-IOB/train.tsv",
            "liver",
            "Disease",
            "ncbi-disease",
            "@\n\nWhat diseases are mentioned in the sentence above?\n\nA: liver",
        ),
        (
            "data/linnaeus-IOB/train.tsv",
            "mice",
            "Species",
            "linnaeus",
            "List the species mentioned in the sentence.\n\n@\n\nA: mice",
        ),
        (
            "data/AnatEM-IOB/train.tsv",
            "liver",
            "Anatomy",
            "anatem",
            "@\n\nWhat anatomical entities are mentioned in the sentence above?\n\nA: liver",
        ),
        (
            "data/BioNLP09-IOB/train.tsv",
            "Kras",
            "Protein",
            "bionlp09",
            "@\n\nQuestion: Which proteins does the text mention?\n\nAnswer: Kras",
        ),
        (
            "data/BioNLP11EPI-IOB/train.tsv",
            "Kras",
            "Protein",
            "bionlp11epi",
            "@\n\nWhat proteins are mentioned in the sentence above?\n\nA: Kras",
        ),
        (
            "data/BioNLP11ID-IOB/train.tsv",
            "mice",
            "Organism",
            "bionlp11id",
            "List the organisms mentioned in the sentence.\n\n@\n\nA: mice",
        ),
        (
            "data/BioNLP13GE-IOB/train.tsv",
            "Kras",
            "Protein",
            "bionlp13ge",
            "@\n\nWhat proteins are mentioned in the sentence above?\n\nA: Kras",
        ),
        (
            "data/BioNLP13CG-IOB/train.tsv",
            "liver",
            "Cancer",
            "bionlp13cg",
            "@\n\nQuestion: Which cancers does the text mention?\n\nAnswer: liver",
        ),
        ("data/BioNLP13PC-IOB/train.tsv", "Kras", "Complex", "bionlp13pc", "Sentence: @\n\nProtein complexes: Kras"),
        (
            "data/Ex-PTM-IOB/train.tsv",
            "Kras",
            "Protein",
            "ex-ptm",
            "Which proteins does the following sentence mention?\n\n@\n\nAnswer: Kras",
        ),
    ],
)
def test_tagged_sets(where: str, word: str, tag: str, name: str, written: str) -> None:
    claimed, (document, drop) = read(where, tagged(word, tag))
    assert claimed == name
    assert isinstance(document, Document)
    assert (document.source, document.text) == (name, written.replace("@", SHOWN))
    assert isinstance(drop, Drop)
    assert (drop.source, drop.reason) == (name, "a line that is no token with its tag")


def test_ncbi_disease_as_its_authors_give_it() -> None:
    text = (
        "12|t|Gout and salt.\n12|a|Familial gout came with salt.\n12\t0\t4\tGout\tDiseaseClass\tD1\n"
        "12\t15\t28\tFamilial gout\tSpecificDisease\tD2\n13\t0\t4\tgout\tModifier\tD1\n"
    )
    name, (drop, document) = read("NCBItrainset_corpus.txt", text)
    assert name == "ncbi-disease"
    assert isinstance(document, Document)
    shown = "Gout and salt.\n\nFamilial gout came with salt."
    assert document.text == f"{shown}\n\nWhat diseases are mentioned in the abstract above?\n\nA: Gout, Familial gout"
    assert isinstance(drop, Drop)
    assert drop.reason == "a line that belongs to no abstract"


def test_scientific_entities() -> None:
    record = '{"id": "1", "text": "We train BERT with dropout.", "entities": ["BERT", "dropout"]}\n{"text": 5}\n'
    name, (document, drop) = read("scientific-entities.jsonl", record)
    assert name == "scientific-entities"
    assert isinstance(document, Document)
    asked = "What scientific entities are mentioned in the abstract above?"
    assert document.text == f"We train BERT with dropout.\n\n{asked}\n\nA: BERT, dropout"
    assert isinstance(drop, Drop)
    assert drop.reason == "no text"
