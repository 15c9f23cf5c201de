"""Nucleotide records of GenBank (RefSeq among them) and EMBL: organism, features, sequence, references.

A long record is cut into stretches; of long human ones, as in the paper, only the genes that code for proteins are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import nucleotide_records, ribosome
from galactica.corpus.sources.described import described
from galactica.corpus.sources.nucleotide_records import Feature, Location, Record, joined
from galactica.files import RawFile
from galactica.modalities import sequences
from galactica.types import Document, Drop

NAME = "refseq"
MIN_BASES, MAX_BASES = 60, 20_000
"""Every base is a token. A longer record is cut."""
MAX_UNKNOWN = 0.05
"""Largest share of bases that may be N."""
MAX_FEATURES = 60
MAX_WORKS = 12
MAX_NAME_CHARACTERS = 300
MAX_DETAIL_CHARACTERS = 200

QUESTIONS = {
    "Organism": ("Which organism does the sequence come from?", "What organism is this sequence of?"),
    "Features": ("What are the features of the sequence?", "What is annotated on this sequence?"),
}

_FEATURES = {
    "gene": "Gene", "CDS": "Coding sequence", "mRNA": "mRNA", "tRNA": "tRNA", "rRNA": "rRNA", "ncRNA": "Non-coding RNA",
    "misc_RNA": "RNA", "exon": "Exon", "intron": "Intron", "5'UTR": "5' untranslated region", "3'UTR": "3' untranslated region",
    "promoter": "Promoter", "regulatory": "Regulatory region", "enhancer": "Enhancer", "TATA_signal": "TATA box",
    "CAAT_signal": "CAAT box", "RBS": "Ribosome binding site", "terminator": "Terminator", "polyA_signal": "Polyadenylation signal",
    "polyA_site": "Polyadenylation site", "sig_peptide": "Signal peptide", "mat_peptide": "Mature peptide",
    "transit_peptide": "Transit peptide", "repeat_region": "Repeat", "LTR": "Long terminal repeat", "rep_origin":
    "Origin of replication", "V_segment": "V segment", "D_segment": "D segment", "J_segment": "J segment",
    "C_region": "Constant region", "mobile_element": "Mobile element", "stem_loop": "Stem-loop",
    "misc_feature": "Feature", "misc_binding": "Binding site", "protein_bind": "Protein binding site",
}  # fmt: skip
_DETAILS = ("product", "standard_name", "rpt_family", "mobile_element_type", "regulatory_class", "bound_moiety", "note")
_REFERENCE_NUMBERS = re.compile(r",? ?\[\d{1,3}\]")
_SENTENCE = re.compile(r"[;.](?:\s|\Z)")


class _Part(NamedTuple):
    """A stretch of a record as a document of its own: bases from `start`, or the joined exons of a gene (`start` 0)."""

    suffix: str
    name: str
    sequence: str
    start: int


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for number, record in enumerate(nucleotide_records.records(file.data.decode("utf-8", "replace")), start=1):
        if isinstance(record, str):
            yield Drop(f"{file.where}:{number}", NAME, record)
            continue
        for part in _parts(record):
            found = _document(record, part)
            yield Drop(f"{file.where}:{record.accession}", NAME, found) if isinstance(found, str) else found
        yield from ribosome.pairs(record, file.where)


def _parts(record: Record) -> Iterator[_Part]:
    """The whole record where it is short, else its stretches, or its genes where it is human."""
    length = len(record.sequence)
    if length <= MAX_BASES:
        yield _Part("", record.definition, record.sequence, 1)
    elif record.organism == "Homo sapiens":
        yield from _genes(record)
    else:
        for start in range(1, length + 1, MAX_BASES):
            end = min(start + MAX_BASES - 1, length)
            name = f"{record.definition}, bases {start} to {end}"
            yield _Part(f"-{start}", name, record.sequence[start - 1 : end], start)


def _genes(record: Record) -> Iterator[_Part]:
    """Each gene that codes for a protein, from its first exon to its last; its exons alone where that is too long."""
    spans = {feature.qualifiers.get("gene"): feature.location for feature in record.features if feature.key == "gene"}
    seen: set[str] = set()
    for feature in record.features:
        gene = feature.qualifiers.get("gene") or feature.qualifiers.get("product", "")
        if feature.key != "CDS" or not gene or gene in seen or "pseudo" in feature.qualifiers:
            continue
        seen.add(gene)
        place = spans.get(gene, feature.location)
        product = feature.qualifiers.get("product", "")
        name = f"{record.organism} gene {gene}" + (f": {product}" if product not in ("", gene) else "")
        if place.end - place.start < MAX_BASES and place.end <= len(record.sequence):
            yield _Part(f"-{gene}", name, record.sequence[place.start - 1 : place.end], place.start)
        else:
            yield _Part(f"-{gene}", f"{name}, coding sequence", joined(record.sequence, feature.location), 0)


def _document(record: Record, part: _Part) -> Document | str:
    """The document of a stretch, or the reason why there is none."""
    sequence = part.sequence
    if not sequence:
        return "no sequence"
    if sequences.problem_dna(sequence) is not None:
        return "no nucleotide sequence"
    if len(sequence) < MIN_BASES:
        return f"shorter than {MIN_BASES} bases"
    if len(sequence) > MAX_BASES:
        return f"longer than {MAX_BASES} bases"
    if sequence.count("N") > MAX_UNKNOWN * len(sequence):
        return "more than 5 % unknown bases"
    if len(part.name) > MAX_NAME_CHARACTERS:
        return f"name longer than {MAX_NAME_CHARACTERS} characters"
    sections = [
        (
            "Molecule",
            f"{record.kind}, {len(sequence):,} bases" + (f" of {len(record.sequence):,}" if part.suffix else ""),
        ),
        ("Organism", record.organism),
        ("Lineage", record.lineage),
        ("Keywords", "" if part.suffix else record.keywords),
        ("Features", "\n".join(_features(record, part))),
    ]
    sections = [(heading, text) for heading, text in sections if text]
    if markup.control_tokens("\n".join((part.name, *(text for _, text in sections)))):
        return "spells a control token"
    key = f"{NAME}:{record.accession}{part.suffix}"
    works = [(work.title, work.surname) for work in record.works[:MAX_WORKS] if work.surname]
    text = described(key, part.name, sections, QUESTIONS, markup.wrap(sequence, markup.DNA), works)
    metadata = {"accession": record.accession, "organism": record.organism, "bases": len(sequence)}
    return Document(key, text, NAME, ribosome.LICENCE, metadata)


def _features(record: Record, part: _Part) -> list[str]:
    """One line for each feature inside the stretch, counted from its first base. A gene whose coding sequence stands beside it
    says nothing more and is left out."""
    end = part.start + len(part.sequence) - 1
    coding = {
        (one.location.start, one.location.end) for one in record.features if one.key in ("CDS", "tRNA", "rRNA", "ncRNA")
    }
    lines: list[str] = []
    for feature in record.features if part.start else ():
        place = feature.location
        if feature.key not in _FEATURES or place.start < part.start or place.end > end:
            continue
        if feature.key == "gene" and (place.start, place.end) in coding:
            continue
        lines.append(_line(feature, part.start - 1))
        if len(lines) == MAX_FEATURES:
            break
    return list(dict.fromkeys(lines))


def _line(feature: Feature, offset: int) -> str:
    detail = next((feature.qualifiers[name] for name in _DETAILS if feature.qualifiers.get(name)), "")
    detail = _REFERENCE_NUMBERS.sub("", " ".join(detail.split()))
    detail = _SENTENCE.split(detail, maxsplit=1)[0][:MAX_DETAIL_CHARACTERS].rstrip(" ,")
    gene = feature.qualifiers.get("gene", "")
    told = f"{detail} ({gene})" if detail and gene and gene != detail else detail or gene
    return f"* {_FEATURES[feature.key]}, {_place(feature.location, offset)}" + (f": {told}" if told else "")


def _place(location: Location, offset: int) -> str:
    spans = sorted(location.spans, key=lambda span: span.start)
    shown = ", ".join(
        f"{span.start - offset} to {span.end - offset}" if span.end > span.start else str(span.start - offset)
        for span in spans[:20]
    )
    return f"{shown}, reverse strand" if location.is_reverse else shown


SOURCE = Source(
    name=NAME,
    group="knowledge bases",
    format="GenBank and EMBL flat files",
    origin="https://ftp.ncbi.nlm.nih.gov/refseq, https://www.ebi.ac.uk/ena",
    licence=ribosome.LICENCE,
    published=Published(69, 100_000_000),
    claims=lambda where, head: nucleotide_records.is_flat_file(head),
    read=_read,
    split=split.after(b"\n//\n"),
)
"""Gives the documents of `ribosome.SOURCE` too: a file is read once."""
