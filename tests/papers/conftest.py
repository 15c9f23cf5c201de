"""A paper written by hand: real works, formulas in and between lines, a table, a list, scripts, sequences."""

from __future__ import annotations

import pytest

from galactica import markup
from galactica.references.record import make_reference
from galactica.types import Citation, Paper, Reference, Section

NOTE = (
    "Written by a language model (nano) on 2026-11-23. Its statements are not verified. Each reference is a record of the "
    "library 'test'; 2 passages failed a check and were cut."
)


def work(title: str, authors: list[str], year: int, venue: str | None = None, doi: str | None = None) -> Reference:
    made = make_reference(title, authors, year, venue, doi)
    assert made is not None
    return made


VASWANI = work(
    "Attention is All you Need",
    ["Vaswani, Ashish", "Shazeer, Noam", "Parmar, Niki", "Uszkoreit, Jakob"],
    2017,
    "Advances in Neural Information Processing Systems",
    "10.48550/arXiv.1706.03762",
)
JUMPER = work(
    "Highly accurate protein structure prediction with AlphaFold",
    ["Jumper, John", "Evans, Richard"],
    2021,
    "Nature",
    "10.1038/s41586-021-03819-2",
)
LEVINTHAL = work("Are there pathways for protein folding?", ["Levinthal, Cyrus"], 1968, "Journal de Chimie Physique")
EINSTEIN = work(
    "Über die von der molekularkinetischen Theorie der Wärme geforderte Bewegung von in ruhenden Flüssigkeiten "
    "suspendierten Teilchen",
    ["Einstein, Albert"],
    1905,
    "Annalen der Physik",
    "10.1002/andp.19053220806",
)
WORKS = (VASWANI, JUMPER, LEVINTHAL, EINSTEIN)


def mark(reference: Reference) -> str:
    return markup.cite(reference.title, reference.surname)


def section(heading: str, text: str) -> Section:
    """A section whose citations of known works carry their records."""
    by_key = {markup.citation_key(one.title, one.surname): one for one in WORKS}
    found = (Citation(span.start, span.end, by_key[span.key]) for span in markup.citations(text) if span.key in by_key)
    return Section(heading, text, tuple(found))


INTRODUCTION = f"""Proteins fold within seconds although the number of their conformations is astronomical
{mark(LEVINTHAL)}. A chain of \\( n \\) residues with three rotamers each has \\( 3^{{n}} \\) conformations, and a
search at one conformation per picosecond would outlast the universe. The prediction of the folded state from sequence
alone has been open for half a century, and attention {mark(VASWANI)} {mark(JUMPER)} has brought an answer to it.

Diffusion sets the pace of every encounter ({mark(EINSTEIN)}). For a sphere of radius \\( r \\) in a liquid of
viscosity \\( \\eta \\) the coefficient is

\\[ D = \\frac{{k_{{\\mathrm{{B}}}} T}}{{6 \\pi \\eta r}} \\]

and the mean squared displacement grows as \\( \\langle x^{{2}} \\rangle = 2 D t \\)."""

METHODS = f"""Attention compares each residue with every other one {mark(VASWANI)}:

\\[ \\operatorname{{Attention}}(Q, K, V) =
\\operatorname{{softmax}}\\left( \\frac{{Q K^{{\\top}}}}{{\\sqrt{{d_{{k}}}}}} \\right) V \\]

where \\( Q, K, V \\in \\mathbb{{R}}^{{n \\times d_{{k}}}} \\). The loss is a sum over pairs,

\\[ \\mathcal{{L}} = - \\sum_{{i<j}} \\sum_{{b=1}}^{{64}} y_{{ij}}^{{b}} \\log p_{{ij}}^{{b}}, \\qquad
p = \\begin{{pmatrix}} p_{{11}} & p_{{12}} \\\\ p_{{21}} & p_{{22}} \\end{{pmatrix}} . \\]

## Data

Sequences were taken at 30 % identity. The signal peptide
{markup.wrap("MKWVTFISLLFLFSSAYSRGVFRRDAHKSEVAHRFKDLGEENFKALVLIAFAQYLQQCPFEDHVK", markup.AMINO)} of serum albumin was
removed; the ligand {markup.wrap("CC(=O)OC1=CC=CC=C1C(=O)O", markup.SMILES)} and ions such as
Ca{markup.wrap("2+", markup.SUP)} and SO{markup.wrap("4", markup.SUB)}{markup.wrap("2−", markup.SUP)} were kept in *E.
coli* lysate. The steps were:

1. alignment of each family with `hmmsearch --cpu 2`;
2. training for \\( 10^{{5}} \\) steps of **AdamW**;
3. selection by the lowest validation loss."""

RESULTS = f"""Accuracy grows with the number of sequences of a family, as in earlier work {mark(JUMPER)}.

| Family | Sequences | TM-score, mean \\( \\pm \\) s.d.
| --- | --- | -----------
| Globins | 12,403 | 0.91 \\( \\pm \\) 0.03
| Kinases | 48,110 | 0.94 \\( \\pm \\) 0.02
| Orphans | 7 | 0.52 \\( \\pm \\) 0.11

The gain is largest where few sequences are known, at \\( \\Delta_{{\\mathrm{{TM}}}} \\approx 0.2 \\)."""


@pytest.fixture
def paper() -> Paper:
    return Paper(
        title="Attention mechanisms in protein structure prediction",
        authors=("Curie, Marie", "Noether, Emmy"),
        abstract="We study how attention between residues \\( i \\) and \\( j \\) predicts the structure of proteins, and "
        "find that the number of known sequences \\( N \\) bounds the accuracy as \\( 1 - c N^{-1/2} \\). The bound is "
        "compared with three families, and the few cases in which it does not hold are discussed.",
        sections=(section("Introduction", INTRODUCTION), section("Methods", METHODS), section("Results", RESULTS)),
        references=(LEVINTHAL, VASWANI, JUMPER, EINSTEIN),
        metadata={"model": "nano", "date": "2026-11-23", "note": NOTE},
    )
