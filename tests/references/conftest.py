"""A small library of works that everybody knows, for the tests of search, matching and export."""

from __future__ import annotations

from pathlib import Path

import pytest

from galactica.references.record import make_reference
from galactica.references.store import Library, build

WORKS = [
    ("Attention is All you Need", "Vaswani, Ashish; Shazeer, Noam", 2017, "Advances in Neural Information Processing", None, 90),
    ("Neural Machine Translation by Jointly Learning to Align and Translate", "Bahdanau, Dzmitry", 2014, "ICLR", None, 40),
    ("Basic local alignment search tool", "Altschul, Stephen F", 1990, "J Mol Biol", "10.1016/s0022-2836(05)80360-2", 80),
    ("BLAST+: architecture and applications", "Camacho, C", 2009, "BMC Bioinformatics", "10.1186/1471-2105-10-421", 20),
    ("Expansion of the gene ontology knowledgebase", "Gene Ontology Consortium", 2017, "Nucleic Acids Res", None, 8),
    ("Serial analysis of gene expression", "Velculescu, VE", 1995, "Science", "10.1126/science.270.5235.484", 5),
    ("Introduction to quantitative genetics", "Falconer, DS", 1989, "Longman", None, 3),
    ("Introduction to quantitative genetics", "Falconer, DS", 1996, "Longman", None, 30),
    ("Éléments de géométrie algébrique", "Grothendieck, Alexander; Dieudonné, Jean", 1960, "Publ. Math. IHÉS", None, 2),
    ("Global report on diabetes", "World Health Organization", 2016, None, None, 4),
    ("Bias in the \\( x_{i}^{2} \\) statistic & 50% of its uses", "O'Neil, Ann; van der Berg, Jan", 2001, "Proceedings of A&B_C",
     "10.1000/a_b", 0),
]  # fmt: skip


@pytest.fixture(scope="session")
def classics(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Works of several fields, among them two editions of one book."""
    made = [
        make_reference(title, authors.split("; "), year, venue, doi, None, n)
        for title, authors, year, venue, doi, n in WORKS
    ]
    works = [work for work in made if work is not None]
    return build(tmp_path_factory.mktemp("classics") / "library", works, "classics")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indices are built in a folder of the test run, not in the user's cache."""
    folder: Path = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
