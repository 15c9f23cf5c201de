"""The protein source: layouts of the flat file, FASTA headers, the two directions and forms of a document."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import archives, markup
from galactica.corpus.sources import swissprot
from galactica.corpus.sources.proteins import GO_NAMES, SOURCE, document
from galactica.corpus.sources.swissprot import Entry
from galactica.files import RawFile
from galactica.types import Document, Drop

UBIQUITIN = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
BLOCK = "     MQIFVKTLTG KTITLEVEPS DTIENVKAKI QDKEGIPPDQ QRLIFAGKQL EDGRTLSDYN\n     IQKESTLHLV LRLRGG\n"

NEW = f"""ID   TEST_HUMAN              Reviewed;          76 AA.
AC   P12345; Q99999;
DE   RecName: Full=Testing protein 1 {{ECO:0000303|PubMed:1}};
DE            EC=1.2.3.4;
DE   AltName: Full=Another name;
GN   Name=TST1 {{ECO:0000312|HGNC:1}}; Synonyms=TST;
OS   Homo sapiens (Human).
OC   Eukaryota; Metazoa.
RN   [1]
RP   FUNCTION.
RA   von Testing T.F. Jr., Second S.;
RT   "A title over two lines on NF-
RT   kappaB and ubiquitin: with a colon.";
RL   Submitted (JAN-2000).
RN   [2]
RG   A consortium without authors;
RT   "No author here.";
CC   -!- FUNCTION: Marks proteins for degra-
CC       dation {{ECO:0000269|PubMed:1}}. Also signals (PubMed:1, PubMed:2).
CC       {{ECO:0000305}}.
CC   -!- CATALYTIC ACTIVITY:
CC       Reaction=A + B = C; Xref=Rhea:RHEA:1; EC=1.2.3.4;
CC   -!- INTERACTION:
CC       P12345; Q99999: X; NbExp=3;
CC   -----------------------------------------------------------------------
CC   Copyrighted by somebody.
KW   Nucleus {{ECO:0000255}}; Ubl conjugation pathway.
FT   CHAIN           1..76
FT                   /note="Testing
FT                   protein 1"
FT                   /id="PRO_1"
FT   STRAND          2..7
FT   BINDING         54
FT                   /evidence="ECO:0000250"
SQ   SEQUENCE   76 AA;  8565 MW;  0 CRC64;
{BLOCK}//
"""

OLD = f"""ID   TEST_YEAST     STANDARD;      PRT;    76 AA.
AC   P54321;
DE   TESTING PROTEIN (EC 9.9.9.9) (TP).
GN   TST1 OR TST2.
OS   Saccharomyces cerevisiae (Baker's yeast).
RN   [1]
RA   Old O.;
RT   "An old title.";
CC   -!- FUNCTION: DOES SOMETHING (BY SIMILARITY).
KW   Repeat; Signal.
FT   SIGNAL        1     18       Potential.
FT   TRANSMEM     20     40       Helical
FT                                (Potential).
SQ   SEQUENCE   76 AA;  8565 MW;  0 CRC64;
{BLOCK}"""


def _read(text: str, where: str = "entry.dat") -> list[Document | Drop]:
    return list(SOURCE.read(RawFile(where, text.encode())))


def test_layout_of_today() -> None:
    (entry,) = swissprot.entries(NEW)
    assert isinstance(entry, Entry)
    assert (entry.accession, entry.name, entry.gene) == ("P12345", "Testing protein 1", "TST1")
    assert entry.organism == "Homo sapiens (Human)"
    assert entry.sequence == UBIQUITIN
    assert entry.sections == (
        ("Function", "Marks proteins for degra-dation. Also signals."),
        ("Catalytic activity", "A + B = C"),
        ("Keywords", "Nucleus, Ubl conjugation pathway"),
        ("Features", "* Chain, 1 to 76: Testing protein 1\n* Binding site, 54"),
    )
    assert entry.works == (("A title over two lines on NF-kappaB and ubiquitin: with a colon", "von Testing"),)


def test_old_layout_without_an_end() -> None:
    (entry,) = swissprot.entries(OLD)
    assert isinstance(entry, Entry)
    assert (entry.name, entry.gene) == ("TESTING PROTEIN", "TST1")
    assert dict(entry.sections)["Function"] == "DOES SOMETHING."
    assert dict(entry.sections)["Features"] == "* Signal peptide, 1 to 18\n* Transmembrane segment, 20 to 40: Helical"
    assert entry.sequence == UBIQUITIN


def test_several_entries_in_a_file() -> None:
    assert [type(one) for one in _read(NEW + OLD)] == [Document, Document]
    assert [type(one) for one in _read(OLD + NEW)] == [Document, Document]


def test_document_form() -> None:
    (entry,) = swissprot.entries(NEW)
    assert isinstance(entry, Entry)
    text = document(entry).text
    wrapped = markup.wrap(UBIQUITIN, markup.AMINO)
    assert text.count(wrapped) == 1
    assert text.startswith(wrapped) or text.endswith(wrapped)
    assert "# Testing protein 1\n\n" in text
    assert (
        "## References\n\nQuestion: What are some articles for Testing protein 1?\n\nAnswer: \n\n[START_REF] A title"
        in text
    )
    assert [found.key for found in markup.citations(text)] == [
        "A title over two lines on NF-kappaB and ubiquitin: with a colon, von Testing"
    ]


def test_augmentation_is_seeded_and_has_the_stated_shares() -> None:
    made = [document(Entry(f"P{n}", "Name", UBIQUITIN, sections=(("Function", "Does."),))).text for n in range(2000)]
    last = sum(text.endswith("[END_AMINO]") for text in made)
    asked = sum("\n\nAnswer: Does." in text for text in made)
    assert abs(last / 2000 - 1 / 2) < 0.05
    assert abs(asked / 2000 - 1 / 3) < 0.05
    assert all(("Question: " in text) != ("## Function" in text) for text in made)
    assert made[7] == document(Entry("P7", "Name", UBIQUITIN, sections=(("Function", "Does."),))).text


@pytest.mark.parametrize(
    ("header", "where", "expected"),
    [
        (
            "sp|P0CG48|UBC_HUMAN Polyubiquitin-C OS=Homo sapiens OX=9606 GN=UBC PE=1 SV=3",
            "a.fasta",
            ["# Polyubiquitin-C", "UBC"],
        ),
        (
            "tr|A7TBS3|A7TBS3_NEMVE Predicted protein OS=Nematostella vectensis PE=4 SV=1 Split=0 ",
            "DB",
            ["Nematostella vectensis\n"],
        ),
        (
            "A0A1F3|MFO=GO:0005524,GO:9999999|BPO=GO:0006412|CCO=GO:0005737",
            "x",
            ["ATP binding, translation, cytoplasm"],
        ),
        (
            "EG10634-MONOMER 3.1.3.5~~~nagD~~~ribonucleotide phosphatase",
            "db/Escherichia",
            ["EC 3.1.3.5", "nagD", "Escherichia"],
        ),
    ],
)
def test_fasta_headers(header: str, where: str, expected: list[str]) -> None:
    text = f">{header}\n{UBIQUITIN[:40]}\n{UBIQUITIN[40:]}\n"
    assert SOURCE.claims(where, text.encode())
    (found,) = _read(text, where)
    assert isinstance(found, Document)
    assert markup.wrap(UBIQUITIN, markup.AMINO) in found.text
    for part in expected:
        assert part in found.text + "\n"
    assert "PE=" not in found.text
    assert "Split" not in found.text


@pytest.mark.parametrize(
    ("sequence", "reason"),
    [
        ("MKV", "shorter"),
        ("M" * 1001, "longer"),
        ("MKVX" * 20, "unknown"),
        ("MKV1" * 20, "no protein"),
        ("", "no protein"),
    ],
)
def test_unfit_sequences_are_dropped(sequence: str, reason: str) -> None:
    (found,) = _read(f">sp|P12345|X Name OS=Y\n{sequence}\n")
    assert isinstance(found, Drop)
    assert reason in found.reason


def test_foreign_files_are_not_claimed() -> None:
    embl = b"ID   X59796; SV 1; linear; mRNA; STD; HUM; 3170 BP.\n"
    assert not SOURCE.claims("a.embl", embl)
    assert not SOURCE.claims("a.fasta", b">gi|5524211|gb|AAD44166.1| cytochrome b\nLCLYTHIGRNIYYGSYLYSETWNTGIM\n")
    assert not SOURCE.claims("a.dat", b"<html>")


def test_control_tokens_in_a_name_are_dropped() -> None:
    (found,) = _read(f">sp|P12345|X Name [END_AMINO] OS=Y\n{UBIQUITIN}\n")
    assert isinstance(found, Drop)


@given(st.text(alphabet=st.sampled_from('IDACDEFTKWCRNX 12.;:=-!\n"{}>|~'), max_size=300))
def test_noise_never_raises(noise: str) -> None:
    for text in (noise, "ID   A B; 1 AA.\nAC   P12345;\nDE   x\n" + noise, ">sp|P12345|X " + noise):
        for found in _read(text):
            assert isinstance(found, Document | Drop)


@pytest.mark.corpus
def test_real_flat_files(corpus_root: Path) -> None:
    """All 197 entries of three generations are documents but the long ones and those of no UniProt accession."""
    found: Counter[str] = Counter()
    functions = cited = 0
    for file in archives.walk(corpus_root / "swissprot-dat.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            for one in SOURCE.read(file):
                found[one.reason if isinstance(one, Drop) else "document"] += 1
                if isinstance(one, Document):
                    functions += "## Function" in one.text or "?\n\nAnswer: " in one.text
                    cited += bool(markup.citations(one.text))
                    assert "ECO:" not in one.text
    assert sum(found.values()) == 197
    assert found["document"] >= 180
    assert functions > 150
    assert cited > 150


@pytest.mark.corpus
def test_go_names_are_those_of_the_ontology(corpus_root: Path) -> None:
    for file in archives.walk(corpus_root / "metastudent-swissprot-go.tar.xz"):
        if isinstance(file, RawFile) and file.name == "go_namemapping.tsv":
            names = dict(line.split("\t")[:2] for line in file.data.decode().splitlines() if line.startswith("GO:"))
            assert {term: names[term] for term in GO_NAMES} == GO_NAMES
