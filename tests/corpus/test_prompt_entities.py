"""Entity data sets: sentences put together from tokens, mentions cut from them, files of several forms."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.prompts import detokenise
from galactica.corpus.prompts.dataset import EVALUATION
from galactica.corpus.source import SNIFF_BYTES, Package
from galactica.corpus.sources import prompts_annotations, prompts_entities
from galactica.files import RawFile
from galactica.types import Document, Drop

SOURCES = (*prompts_entities.SOURCES, *prompts_annotations.SOURCES)
CHEMPROT, CHEMDNER = prompts_annotations.PACKAGE_SOURCES


def _read(where: str, text: str) -> tuple[str, list[Document | Drop]]:
    file = RawFile(where, text.encode())
    claiming = [source for source in SOURCES if source.claims(where, file.data[:SNIFF_BYTES])]
    assert len(claiming) == 1, [source.name for source in claiming]
    return claiming[0].name, list(claiming[0].read(file))


def _names(document: Document | Drop) -> str:
    assert isinstance(document, Document)
    return next(part.partition(": ")[2] for part in reversed(document.text.split("\n\n")) if ": " in part)


@pytest.mark.parametrize(
    ("tokens", "written"),
    [
        ("IL - 10 ( 2 . 5 ng / ml ) , P < 0 . 05 .", "IL-10 (2.5 ng/ml), P < 0.05."),
        ("1 , 000 cells , 12 , 16 and 20 kHz", "1,000 cells, 12, 16 and 20 kHz"),
        ("Runx3 - / - CD8 + T cells of manufacturer ' s", "Runx3-/- CD8+ T cells of manufacturer's"),
        ("inositol 1 , 4 , 5 - trisphosphate , 10 , 20 - fold", "inositol 1,4,5-trisphosphate, 10, 20-fold"),
        ("pre - and post - treatment , state - of - the - art", "pre- and post-treatment, state-of-the-art"),
        ('a " quoted text " and 5 \' UTR', 'a "quoted text" and 5\' UTR'),
        ("l min ( - 1 ) , CO ( 2 ) , Ca ( 2 + ) , beta ( 1 ) - subunit", "l min(-1), CO(2), Ca(2+), beta(1)-subunit"),
        ("A13 : A22 at 1 : 10 ; METHODS : e . g . 37 ° C", "A13:A22 at 1:10; METHODS: e.g. 37°C"),
        ("P < . 01 ( . 5 ) . 7 mice", "P < .01 (.5). 7 mice"),
        ("r = - 5 , 623 + / - 366 , TNF - a cells - the end", "r = -5, 623+/-366, TNF-a cells - the end"),
    ],
)
def test_sentences_are_spaced_as_they_were_written(tokens: str, written: str) -> None:
    assert detokenise.sentence(tokens.split())[0] == written


def test_each_token_begins_where_it_is_said_to() -> None:
    text = 'The " 3 \' - end " of p53 , at 1 , 000 - fold ( n = 2 ) ; Na + / K + - ATPase - the pump .'
    tokens = text.split()
    written, starts = detokenise.sentence(tokens)
    assert [written[start : start + len(token)] for token, start in zip(tokens, starts, strict=True)] == tokens


TAGGED = "The\tO\nIL\tB-GENE\n-\tI-GENE\n10\tI-GENE\ngene\tO\nand\tO\np53\tB-GENE\nBax\tB-GENE\nact\tO\n.\tO\n\nShort\tO\n.\tO\n"


def test_mentions_are_cut_from_the_sentence() -> None:
    name, (document, drop) = _read("x/BC2GM-IOB/train.tsv", TAGGED)
    assert name == "bc2gm"
    assert _names(document) == "IL-10, p53, Bax"  # B after B begins another
    assert isinstance(drop, Drop)
    assert drop.reason == "too short to ask about"


def test_marks_of_citations_go_from_sentences_of_papers() -> None:
    """Red if abstracts lose the numbers in names of chemistry, or whole papers keep their marks."""
    shown = "It was found in E. coli [ 16 ] , [ 18 ] - [ 21 ] and in PtdIns [ 4 , 5 ] P2 of mice [ 3 ] ."
    told = "It was also found in mice as told by the work of [ 8 ] ."
    lines = [
        [f"{token}\t{'B-Species' if token == 'mice' else 'O'}" for token in text.split()] for text in (shown, told)
    ]
    tagged = "\n\n".join(map("\n".join, lines))
    _, (document, drop) = _read("x/linnaeus-IOB/train.tsv", tagged)
    assert isinstance(document, Document)
    assert "It was found in E. coli and in PtdIns P2 of mice." in document.text
    assert isinstance(drop, Drop)
    assert drop.reason == "it lacks a work that it names by number"
    _, (kept, _) = _read("x/ncbi-disease-IOB/train.tsv", tagged.replace("Species", "Disease"))
    assert isinstance(kept, Document)
    assert "PtdIns [4, 5] P2 of mice [3]." in kept.text


def test_the_evaluation_split_of_a_corpus_is_refused() -> None:
    _, (drop,) = _read("x/BC2GM-IOB/devel.tsv", TAGGED)
    assert isinstance(drop, Drop)
    assert drop.reason == EVALUATION


def test_jnlpba_asks_for_each_kind_and_the_kin_for_those_mentioned() -> None:
    tagged = "###MEDLINE:95369245\n\nIL-2\tB-DNA\ngene\tI-DNA\nexpression\tO\nin\tO\nhuman\tO\nT\tB-cell_type\ncells\tI-cell_type\n"
    name, found = _read("JNLPBA/Genia4ERtraining/Genia4ERtask1.iob2", tagged)
    assert name == "jnlpba"
    assert Counter(map(_names, found)) == {"IL-2 gene": 1, "T cells": 1, "None": 3}
    other = "Human\tB-Organism\ncells\tB-Cell\nwith\tO\nno\tO\ncancer\tB-Cancer\n"
    name, found = _read("BioNLP13CG-IOB/train.tsv", other)
    assert name == "bionlp13cg"
    assert sorted(map(_names, found)) == ["cancer", "cells"]
    assert len({document.metadata["about"] for document in found}) == 1  # they are held out together


PUBTATOR = (
    "12|t|Lithium and tremor.\n12|a|Lithium gave tremor, and lithium was stopped.\n"
    "12\t0\t7\tLithium\tChemical\tD1\n12\t12\t18\ttremor\tDisease\tD2\n12\t20\t27\tLithium\tChemical\tD1\n12\tCID\tD1\tD2\n\n"
)


def test_pubtator_gives_both_sets_of_bc5cdr() -> None:
    _, found = _read("CDR_Data/CDR_TrainingSet.PubTator.txt", PUBTATOR)
    by_source = {item.source: item for item in found}
    assert set(by_source) == {"bc5cdr-chem", "bc5cdr-disease"}
    assert _names(by_source["bc5cdr-chem"]) == "Lithium"
    assert _names(by_source["bc5cdr-disease"]) == "tremor"
    _, (drop,) = _read("CDR_Data/CDR_TestSet.PubTator.txt", PUBTATOR)
    assert isinstance(drop, Drop)
    assert drop.reason == EVALUATION


def test_tables_of_abstracts_and_annotations_are_joined() -> None:
    files = {
        "chemprot_training/chemprot_training_abstracts.tsv": b"7\tAspirin\tAspirin inhibits COX.\n8\tbroken\n",
        "chemprot_training/chemprot_training_entities.tsv": b"7\tT2\tGENE-Y\t25\t28\tCOX\n7\tT1\tCHEMICAL\t0\t7\tAspirin\n",
        "chemprot_test/chemprot_test_abstracts.tsv": b"9\tx\ty\n",
        "chemprot_test/chemprot_test_entities.tsv": b"",
    }
    package = Package("ChemProt", files)
    assert CHEMPROT.claims(package)
    assert not CHEMDNER.claims(package)
    found = list(CHEMPROT.read(package))
    assert [_names(item) for item in found if isinstance(item, Document)] == ["Aspirin", "COX", "Aspirin, COX"]
    assert Counter(item.reason for item in found if isinstance(item, Drop)) == {
        EVALUATION: 1,
        "other than three columns": 1,
    }
    chemdner = {
        "training.abstracts.txt": b"7\tOn aspirin\tAspirin and NaCl.\n",
        "training.annotations.txt": b"7\tA\t12\t16\tNaCl\tFORMULA\n7\tT\t3\t10\taspirin\tTRIVIAL\n",
    }
    (document,) = CHEMDNER.read(Package("CHEMDNER", chemdner))
    assert _names(document) == "aspirin, NaCl"


def test_sets_that_were_never_published_are_read_in_our_own_form() -> None:
    record = '{"id": "1", "text": "We train BERT with dropout.", "entities": ["BERT", "dropout"]}\n{"text": 5}\n'
    name, (document, drop) = _read("methodnet.jsonl", record)
    assert name == "methodnet"
    assert _names(document) == "BERT, dropout"
    assert isinstance(drop, Drop)


@pytest.mark.parametrize("name", [source.name for source in SOURCES])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\n" * 20,
        b"a\tO\n" * 100_000,
        b"-\tO\n" * 390,
        b"x " * 1_000_000,
        b"1|t|" * 100_000,
        b"\xff\tB-GENE\n" * 9,
    ],
)
def test_hostile_bytes_end_in_drops_or_sentences(name: str, data: bytes) -> None:
    source = next(source for source in SOURCES if source.name == name)
    for item in source.read(RawFile("train.tsv", data)):
        assert isinstance(item, Drop | Document)


@pytest.mark.corpus
def test_the_real_training_files(corpus_root: Path) -> None:
    """The paper counts 12,375, 4,503 and 4,498 documents in these sets; they are the sentences of the training files."""
    counts: Counter[str] = Counter()
    for item in archives.list_inputs(corpus_root / "qa.tar.xz"):
        assert not isinstance(item, Drop)
        for entry in archives.entries(item):
            if isinstance(entry, Drop) or "BC" not in entry.where:
                continue
            source = next((source for source in SOURCES if source.claims(entry.where, entry.head)), None)
            if source is not None:
                raw = entry.read()
                assert isinstance(raw, RawFile)
                documents = [found for found in source.read(raw) if isinstance(found, Document)]
                counts[source.name] += len(documents)
                for document in documents:
                    names = _names(document)
                    assert names == "None" or names.split(", ")[0] in document.text.replace(names, "", 1)
    assert abs(counts["bc2gm"] - 12_375) < 0.02 * 12_375
    assert abs(counts["bc5cdr-chem"] - 4_503) < 0.02 * 4_503
    assert abs(counts["bc5cdr-disease"] - 4_498) < 0.02 * 4_498
