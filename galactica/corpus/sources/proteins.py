"""Proteins: UniProt flat files, and FASTA files whose headers say what a sequence is (UniProt's, GO-annotated, Prokka's)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import swissprot
from galactica.corpus.sources.described import described
from galactica.corpus.sources.swissprot import Entry
from galactica.files import RawFile
from galactica.modalities import sequences
from galactica.types import Document, Drop

NAME = "proteins"
LICENCE = "CC BY 4.0 (UniProt)"
PUBLISHED = Published(551_837, 600_000_000)

MIN_RESIDUES, MAX_RESIDUES = 20, 1000
"""Shorter is a fragment; longer does not fit a context of 2,048 tokens together with its text."""
MAX_UNKNOWN = 0.05
"""Largest share of residues that may be X."""

QUESTIONS = {
    "Function": ("What is the function of the protein?", "What does this protein do?"),
    "Keywords": ("What are some keywords for the protein?", "Which keywords describe this protein?"),
    "Subcellular location": ("Where in the cell is the protein found?",),
    "Similarity": ("Which family does the protein belong to?",),
    "Organism": ("Which organism does the protein come from?",),
}
"""Sections that may be asked for instead of headed, the most telling first."""

GO_NAMES = {
    "GO:0000049": "tRNA binding", "GO:0000287": "magnesium ion binding", "GO:0003676": "nucleic acid binding",
    "GO:0003677": "DNA binding", "GO:0003723": "RNA binding", "GO:0003735": "structural constituent of ribosome",
    "GO:0004812": "aminoacyl-tRNA ligase activity", "GO:0005506": "iron ion binding", "GO:0005524": "ATP binding",
    "GO:0005525": "GTP binding", "GO:0005576": "extracellular region", "GO:0005634": "nucleus",
    "GO:0005737": "cytoplasm", "GO:0005739": "mitochondrion", "GO:0005840": "ribosome", "GO:0005886": "plasma membrane",
    "GO:0005975": "carbohydrate metabolic process", "GO:0006281": "DNA repair", "GO:0006412": "translation",
    "GO:0006508": "proteolysis", "GO:0006629": "lipid metabolic process", "GO:0006811": "ion transport",
    "GO:0008033": "tRNA processing", "GO:0008168": "methyltransferase activity", "GO:0008270": "zinc ion binding",
    "GO:0009507": "chloroplast", "GO:0016020": "membrane", "GO:0016301": "kinase activity",
    "GO:0016491": "oxidoreductase activity", "GO:0016740": "transferase activity", "GO:0016787": "hydrolase activity",
    "GO:0016829": "lyase activity", "GO:0016853": "isomerase activity", "GO:0016874": "ligase activity",
    "GO:0019843": "rRNA binding", "GO:0046872": "metal ion binding", "GO:0051539": "4 iron, 4 sulfur cluster binding",
    "GO:0055085": "transmembrane transport",
}  # fmt: skip
"""Names of frequent Gene Ontology terms: GO-annotated headers carry ids alone, and a source sees one file at a time."""

_UNIPROT = re.compile(r"(?:sp|tr)\|([A-Z0-9]+)\|\S+ (.*)")
_FIELD = re.compile(r" (OS|OX|GN|PE|SV|Split)=")
_ANNOTATED = re.compile(r"([A-Z0-9]+)\|(?:MFO|BPO|CCO)=")
_PROKKA = re.compile(r"(\S+) ([^~]*)~~~([^~]*)~~~([^~]*)")
_GENUS = re.compile(r"[A-Z][a-z]+\Z")


def _claims(where: str, head: bytes) -> bool:
    text = head.decode("utf-8", "replace")
    if text.startswith(">"):
        header = text[1:].split("\n", 1)[0]
        return any(pattern.match(header) for pattern in (_UNIPROT, _ANNOTATED, _PROKKA))
    return swissprot.is_flat_file(text)


def _read(file: RawFile) -> Iterator[Document | Drop]:
    text = file.data.decode("utf-8", "replace")
    return made(_fasta(text, file.where) if text.startswith(">") else swissprot.entries(text), file.where)


def made(records: Iterable[Entry | str], where: str) -> Iterator[Document | Drop]:
    """The documents of entries, in whatever format they came, and a Drop for each that is no use or only a reason."""
    for number, record in enumerate(records, start=1):
        reason = record if isinstance(record, str) else _problem(record)
        if reason is not None:
            yield Drop(f"{where}:{number}", NAME, reason)
        elif isinstance(record, Entry):
            yield document(record)


def _problem(entry: Entry) -> str | None:
    sequence = entry.sequence
    reason = sequences.problem_protein(sequence)
    if reason is not None:
        return "no protein"
    if not MIN_RESIDUES <= len(sequence) <= MAX_RESIDUES:
        return (
            f"shorter than {MIN_RESIDUES} residues"
            if len(sequence) < MIN_RESIDUES
            else f"longer than {MAX_RESIDUES} residues"
        )
    if sequence.count("X") > MAX_UNKNOWN * len(sequence):
        return "more than 5 % unknown residues"
    written = [entry.name, entry.organism, entry.gene, *(text for _, text in entry.sections)]
    return "spells a control token" if markup.control_tokens("\n".join(written)) else None


def document(entry: Entry) -> Document:
    """The entry as text, its sequence first or last and one of its sections asked for as `described` says."""
    key = f"{NAME}:{entry.accession}"
    sections = list(entry.sections)
    if entry.gene:
        sections.append(("Gene", entry.gene))
    if entry.organism:
        sections.append(("Organism", entry.organism))
    wrapped = markup.wrap(entry.sequence, markup.AMINO)
    text = described(key, entry.name, sections, QUESTIONS, wrapped, entry.works)
    metadata = {"accession": entry.accession, "name": entry.name, "residues": len(entry.sequence)}
    return Document(key, text, NAME, LICENCE, metadata)


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    first = stream.read(1)
    is_fasta = first == b">"
    for number, piece in enumerate(split.after(b"\n>" if is_fasta else b"\n//\n")(stream)):
        yield first + piece if is_fasta or not number else piece


def _fasta(text: str, where: str) -> Iterator[Entry | str]:
    for record in text[1:].split("\n>"):
        if not record.strip():
            continue  # a piece of a large file ends with the sign of the next record
        header, _, body = record.partition("\n")
        yield _entry(header.strip(), "".join(body.split()).upper().rstrip("*"), where)


def _entry(header: str, sequence: str, where: str) -> Entry | str:
    if match := _UNIPROT.match(header):
        name, *rest = _FIELD.split(match[2])
        fields = dict(zip(rest[::2], rest[1::2], strict=True))
        # the same protein stands in flat files too, told at more length: the prefix keeps the two documents apart
        return Entry(
            f"fasta-{match[1]}", name.strip(), sequence, fields.get("OS", "").strip(), fields.get("GN", "").strip()
        )
    if match := _ANNOTATED.match(header):
        names = [GO_NAMES[term] for term in re.findall(r"GO:\d{7}", header) if term in GO_NAMES]
        if not names:
            return "no name and no known annotation"
        keywords = (("Keywords", ", ".join(dict.fromkeys(names))),)
        return Entry(f"go-{match[1]}", f"Protein {match[1]}", sequence, sections=keywords)
    if match := _PROKKA.match(header):
        stem = PurePosixPath(where).name
        identifier, enzyme, gene, name = (part.strip() for part in match.groups())
        sections = (("Enzyme class", f"EC {enzyme}"),) if enzyme else ()
        genus = stem if _GENUS.match(stem) else ""
        return Entry(f"prokka-{identifier}", name, sequence, genus, gene, sections) if name else "no name"
    return "header of an unknown form"


SOURCE = Source(
    name=NAME,
    group="knowledge bases",
    format="UniProt flat file, FASTA",
    origin="https://www.uniprot.org",
    licence=LICENCE,
    published=PUBLISHED,
    claims=_claims,
    read=_read,
    split=_split,
)
