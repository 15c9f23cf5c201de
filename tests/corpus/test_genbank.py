"""Nucleotide records: both layouts, places of features, documents of bounded size, translation pairs; the real files."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.sources import genbank, ribosome
from galactica.corpus.sources.nucleotide_records import (
    Location,
    Record,
    Span,
    joined,
    parse_location,
    records,
    reverse_complement,
)
from galactica.files import RawFile
from galactica.modalities.sequences import GENETIC_CODES, translate
from galactica.types import Document, Drop

CODING = "ATG" + "GCTAAACGT" * 10 + "TAA"
PROTEIN = "M" + "AKR" * 10
BASES = "CC" + CODING[:50] + "GGGG" + CODING[50:] + "TTTTT"


def origin(sequence: str) -> str:
    rows = [sequence[start : start + 60].lower() for start in range(0, len(sequence), 60)]
    return "".join(
        f"{index * 60 + 1:9} {' '.join(row[n : n + 10] for n in range(0, 60, 10))}\n" for index, row in enumerate(rows)
    )


def feature(key: str, place: str, *qualifiers: str) -> str:
    return f"     {key:<16}{place}\n" + "".join(f"                     {line}\n" for line in qualifiers)


def table(sequence: str = BASES) -> str:
    end = len(sequence) - 5
    return (
        feature("source", f"1..{len(sequence)}", '/organism="Testus exempli"')
        + feature("gene", f"3..{end}", '/gene="tst"')
        + feature(
            "CDS", "join(3..52,", f"57..{end})", '/gene="tst"', '/product="testing', 'protein; long""words"', "/codon_start=1",
            '/protein_id="AAA1.1"', f'/translation="{PROTEIN[:20]}', f'{PROTEIN[20:]}"',
        )
        + feature("misc_feature", "complement(5..9)", '/note="a motif. More of it"')
        + feature("unsure", "5")
    )  # fmt: skip


def gb(sequence: str = BASES, features: str | None = None, organism: str = "Testus exempli") -> str:
    features = table(sequence) if features is None else features
    return f"""LOCUS       TST1          {len(sequence)} bp    DNA     circular BCT 01-JAN-2000
DEFINITION  A test record,
            complete.
ACCESSION   TST1
VERSION     TST1.2  GI:1
KEYWORDS    testing; example.
SOURCE      Testus.
  ORGANISM  {organism}
            Bacteria; Testales;
            Testus.
REFERENCE   1  (bases 1 to 9)
  AUTHORS   von Testing,T.F., Second,S. and Third,T.
  TITLE     A title over two lines on the
            gene tst
  JOURNAL   J. Test. 1 (1), 1-2 (1999)
REFERENCE   2
  AUTHORS   Testing,T.
  TITLE     Direct Submission
  JOURNAL   Submitted (01-JAN-2000) Somewhere
FEATURES             Location/Qualifiers
{features}ORIGIN
{origin(sequence)}//
"""


def embl() -> str:
    features = "".join(f"FT{line[2:]}\n" for line in table().split("\n") if line)
    rows = origin(BASES).split("\n")
    sequence = "".join(f"     {row[10:]} {number * 60}\n" for number, row in enumerate(rows, 1) if row)
    return f"""ID   TST1; SV 2; circular; genomic DNA; STD; PRO; {len(BASES)} BP.
XX
AC   TST1;
XX
DE   A test record, complete.
KW   testing; example.
OS   Testus exempli (test)
OC   Bacteria; Testales; Testus.
RN   [1]
RP   1-9
RA   von Testing T.F., Second S.;
RT   "A title over two lines on the
RT   gene tst";
RL   J. Test. 1:1-2(1999).
FH   Key             Location/Qualifiers
{features}SQ   Sequence {len(BASES)} BP; 1 A;
{sequence}//
"""


def read(text: str) -> list[Document | Drop]:
    return list(genbank.SOURCE.read(RawFile("x.gb", text.encode())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Location((Span(5, 5),), False, False)),
        ("<3..>9", Location((Span(3, 9),), False, True)),
        ("join(1..2,\n5..6)", Location((Span(1, 2), Span(5, 6)), False, False)),
        ("complement(join(1..2,5..6))", Location((Span(5, 6), Span(1, 2)), True, False)),
        ("join(complement(5..6),complement(1..2))", Location((Span(5, 6), Span(1, 2)), True, False)),
        ("complement(3..9)", Location((Span(3, 9),), True, False)),
        ("join(complement(5..6),1..2)", None),
        ("J00194:1..9", None),
        ("5^6", None),
        ("(3.5)..9", None),
        ("one-of(1,2)..9", None),
        ("9..3", None),
        ("0..3", None),
        ("complement(1..2", None),
        ("join(" * 5000 + "1..2" + ")" * 5000, None),
        ("", None),
    ],
)
def test_locations(text: str, expected: Location | None) -> None:
    assert parse_location(text) == expected


def test_both_layouts_are_one_record() -> None:
    (first,), (second,) = list(records(gb())), list(records(embl()))
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert (first.sequence, first.features, first.lineage) == (BASES, second.features, "Bacteria; Testales; Testus")
    assert second.sequence == BASES
    assert (
        [work.title for work in first.works]
        == ["A title over two lines on the gene tst"]
        == [w.title for w in second.works]
    )
    assert first.works[0].surname == second.works[0].surname == "von Testing"
    assert first.features[2].qualifiers["product"] == 'testing protein; long"words'
    assert first.accession == "TST1.2"


def test_document_and_pair() -> None:
    assert genbank.SOURCE.claims("x.gb", gb().encode())
    assert genbank.SOURCE.claims("x.embl", embl().encode())
    record, pair = read(gb())
    assert isinstance(record, Document)
    assert isinstance(pair, Document)
    assert (record.id, record.source) == ("refseq:TST1.2", "refseq")
    assert markup.wrap(BASES, markup.DNA) in record.text
    assert "# A test record, complete\n\n## Molecule\n\ncircular DNA, 107 bases\n\n" in record.text
    assert (
        "* Coding sequence, 3 to 52, 57 to 102: testing protein (tst)\n* Feature, 5 to 9, reverse strand: a motif"
        in record.text
    )
    assert "[START_REF] A title over two lines on the gene tst, von Testing[END_REF]" in record.text
    assert (pair.id, pair.source) == ("ribosome:AAA1.1", "ribosome")
    assert pair.text == f"{markup.wrap(CODING, markup.DNA)}\n\n{markup.wrap(PROTEIN, markup.AMINO)}"
    assert list(ribosome.SOURCE.read(RawFile("x.gb", gb().encode()))) == [pair]


def test_a_coding_sequence_on_the_other_strand_is_read_there() -> None:
    (record,) = records(
        gb(reverse_complement(BASES), feature("CDS", "complement(join(6..51,56..105))", f'/translation="{PROTEIN}"'))
    )
    assert isinstance(record, Record)
    assert joined(record.sequence, record.features[0].location) == CODING
    (pair,) = ribosome.pairs(record, "x")
    assert isinstance(pair, Document)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (PROTEIN[20:], PROTEIN[20:-1] + "W", "translation that disagrees with the protein"),
        ("/codon_start=1", "/codon_start=2", "translation that disagrees with the protein"),
        ("/codon_start=1", "/transl_table=99", "unknown genetic code"),
        ("/codon_start=1", "/transl_table=4", None),
        ("57..102)", "57..999)", "bases outside the record"),
    ],
)
def test_only_pairs_that_agree_are_kept(old: str, new: str, reason: str | None) -> None:
    pair = read(gb().replace(old, new))[-1]
    if reason is None:
        assert isinstance(pair, Document)
        assert pair.text.startswith("Translation by the mycoplasma and mould mitochondrial code:\n\n[START_DNA]")
    else:
        assert isinstance(pair, Drop)
        assert pair.reason == reason


def test_genetic_codes_differ_where_ncbi_says() -> None:
    """Codons of tables 2, 6 and 12 as NCBI prints them."""
    assert translate("ATAAGATGACTG", 2) == "M*WL"
    assert translate("TAATAGTGA", 6) == "QQ*"
    assert translate("CTG", 12) == "S"
    assert GENETIC_CODES[11] == GENETIC_CODES[1]


def test_long_records_are_cut_and_long_human_ones_give_their_genes_alone() -> None:
    sequence = "".join(random.Random(0).choices("ACGT", k=45_000))
    features = feature("gene", "20101..20200", '/gene="abc"') + feature("CDS", "20110..20139", '/gene="abc"')
    features += feature("gene", "30000..30100", '/gene="silent"')
    whole = [one for one in read(gb(sequence, features)) if isinstance(one, Document)]
    assert [one.id for one in whole] == ["refseq:TST1.2-1", "refseq:TST1.2-20001", "refseq:TST1.2-40001"]
    assert sum(one.metadata["bases"] for one in whole) == 45_000
    assert "* Coding sequence, 110 to 139: abc" in whole[1].text
    (human,) = read(gb(sequence, features, "Homo sapiens"))
    assert isinstance(human, Document)
    assert human.id == "refseq:TST1.2-abc"
    assert markup.wrap(sequence[20_100:20_200], markup.DNA) in human.text
    assert "* Coding sequence, 10 to 39: abc" in human.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (gb().replace(" bp ", " aa "), "a protein, not a nucleotide sequence"),
        (gb().replace("A test record", "A </s> record"), "spells a control token"),
        (gb("N" * 50 + BASES), "more than 5 % unknown bases"),
        (gb("EFIL" * 50), "no nucleotide sequence"),
        (gb("ACGT", ""), "shorter than 60 bases"),
        (gb("", ""), "no sequence"),
        ("LOCUS       X\n" + "x" * 10_000_000, "no definition"),
    ],
)
def test_drops(text: str, reason: str) -> None:
    assert reason in [one.reason for one in read(text) if isinstance(one, Drop)]


@pytest.mark.parametrize("cut", range(0, 2400, 97))
def test_a_cut_file_never_raises(cut: int) -> None:
    for text in (gb()[:cut], embl()[:cut], gb()[:cut] + "\0\xff" + gb()[cut:]):
        read(text)


def test_other_flat_files_are_not_claimed() -> None:
    assert not genbank.SOURCE.claims("x.dat", b"ID   TEST_HUMAN  Reviewed;  76 AA.\nAC   P12345;\n")
    assert not genbank.SOURCE.claims("x.md", b"# LOCUS       \n")


@pytest.mark.corpus
def test_real_files(corpus_root: Path) -> None:
    """In the real files fewer than one coding sequence in a hundred disagrees with its protein."""
    found: Counter[str] = Counter()
    for file in archives.walk(corpus_root / "genbank-embl.tar.xz"):
        if isinstance(file, RawFile) and genbank.SOURCE.claims(file.where, file.data[:4096]):
            found.update(one.reason if isinstance(one, Drop) else one.source for one in genbank.SOURCE.read(file))
    assert found["refseq"] >= 440
    assert found["ribosome"] >= 850
    assert found["translation that disagrees with the protein"] <= 6
