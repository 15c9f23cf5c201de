"""The compound source: the document form of the specification, refusals, and the real tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.compound_text import synonyms
from galactica.corpus.sources.compounds import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

GLYCINE = "\t".join(
    (
        "750", "56-40-6", "C2H5NO2", "75.0666", "C(C(=O)O)N", "C2H5NO2/c3-1-2(4)5/h1,3H2,(H,4,5)", "DHMQDGOQFOQNFH-UHFFFAOYSA-N",
        "2-azanylethanoic acid", "glycine", "aminoacetic acid", "nsc 25936", "56-40-6", "glycine (8ci)", "acetic acid, amino-",
        "glycocoll", "mfcd00008131",
    )
)  # fmt: skip


def _read(text: str, where: str = "table.tsv") -> list[Document | Drop]:
    return list(SOURCE.read(RawFile(where, text.encode())))


def test_document_form() -> None:
    (document,) = _read(GLYCINE)
    assert isinstance(document, Document)
    assert document.id == "compounds:cid-750"
    assert (
        document.text
        == """[START_I_SMILES]C(C(=O)O)N[END_I_SMILES]

### Molecular Formula

C2H5NO2

## Chemical and Physical Properties

The following are chemical properties for 2-azanylethanoic acid.

### Computed Properties

| Property Name | Property Value
| --- | ----------- |
| Molecular Weight | 75.07
| Crippen Log P | -0.97
| Hydrogen Bond Donor Count | 2
| Hydrogen Bond Acceptor Count | 2
| Rotatable Bond Count | 1
| Topological Polar Surface Area | 63.3
| Heavy Atom Count | 5
| Formal Charge | 0
| Exact Mass | 75.032

### Synonyms

glycine, aminoacetic acid, glycocoll"""
    )


def test_synonyms_are_words() -> None:
    others = [
        "NSC-1234",
        "64-17-5",
        "ethyl alcohol",
        "Ethanol",
        "un1170",
        "alcohol, ethyl",
        "stk366316",
        "benzene,1-dimethylethoxy)-",
        "(?)-ethanol",
        "spirit of wine;",
        "resolve-al&trade; ho",
        "e1",
    ]
    assert synonyms("ethanol", others) == ["ethyl alcohol", "spirit of wine", "resolve-al™ ho"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (4, "C(C(=O)O", "invalid SMILES"),
        (4, "", "no SMILES"),
        (7, "x" * 500, "name longer"),
        (7, "a[START_REF]b", "control token"),
    ],
)
def test_bad_rows_are_dropped_with_a_reason(column: int, value: str, reason: str) -> None:
    row = GLYCINE.split("\t")
    row[column] = value
    bad, good = _read("\t".join(row) + "\r\n\n" + GLYCINE)
    assert isinstance(bad, Drop)
    assert reason in bad.reason
    assert bad.where == "table.tsv:1"
    assert isinstance(good, Document)


def test_claims_by_content() -> None:
    assert SOURCE.claims("x/any name.tsv", GLYCINE.encode())
    assert not SOURCE.claims("x/any name.txt", GLYCINE.encode())
    assert not SOURCE.claims("wikidata_properties.tsv", b"CAS\tTm\tTb\n100005\t356.4\t1\t1\t1\t1\t1\t1\n")
    assert not SOURCE.claims("MANIFEST.tsv", b"file\tid\tdoi\tlicence\n")
    assert [type(found) for found in _read("\x00\xff\n\t\t\t")] == [Drop]


@pytest.mark.corpus
def test_real_small_table(corpus_root: Path) -> None:
    """Every row of the 1,815-compound table is a document but a few, and the claim finds the five tables of the archive."""
    claimed = []
    for file in archives.walk(corpus_root / "chemicals-identifiers.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            claimed.append(file.name)
            if "small" in file.name:
                found = list(SOURCE.read(file))
                documents = [one for one in found if isinstance(one, Document)]
                assert len(documents) > 0.98 * len(found) > 1500
    assert len(claimed) == 5
