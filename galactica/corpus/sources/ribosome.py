"""Translation pairs: the coding sequences of annotated nucleotide records and the proteins that they give.

A pair is kept where translating the bases by the record's genetic code gives the protein that the record states.
"""

from __future__ import annotations

from collections.abc import Iterator

from galactica import markup
from galactica.corpus import split
from galactica.corpus.source import Published, Source
from galactica.corpus.sources import nucleotide_records
from galactica.corpus.sources.nucleotide_records import Feature, Record, joined
from galactica.files import RawFile
from galactica.modalities import sequences
from galactica.types import Document, Drop

NAME = "ribosome"
LICENCE = "free of restrictions (INSDC)"
MIN_RESIDUES, MAX_RESIDUES = 20, 2000

CODES = {
    2: "vertebrate mitochondrial",
    3: "yeast mitochondrial",
    4: "mycoplasma and mould mitochondrial",
    5: "invertebrate mitochondrial",
    6: "ciliate nuclear",
    9: "echinoderm mitochondrial",
    10: "euplotid nuclear",
    12: "alternative yeast nuclear",
    13: "ascidian mitochondrial",
    14: "alternative flatworm mitochondrial",
    16: "chlorophycean mitochondrial",
    21: "trematode mitochondrial",
    22: "Scenedesmus obliquus mitochondrial",
    23: "Thraustochytrium mitochondrial",
    24: "pterobranch mitochondrial",
    25: "gracilibacteria",
    26: "Pachysolen tannophilus nuclear",
}
"""Names of the codes that differ from the standard one; without it such a pair could not be told from an error."""


def pairs(record: Record, where: str) -> Iterator[Document | Drop]:
    """The pair of each coding sequence of the record that states its protein."""
    for feature in record.features:
        if feature.key == "CDS" and feature.qualifiers.get("translation") and record.sequence:
            found = _pair(record, feature)
            place = f"{where}:{record.accession}:{feature.location.start}"
            yield Drop(place, NAME, found) if isinstance(found, str) else found


def _pair(record: Record, feature: Feature) -> Document | str:
    protein = "".join(feature.qualifiers["translation"].split()).upper()
    if sequences.problem_protein(protein) is not None:
        return "no protein"
    if len(protein) < MIN_RESIDUES:
        return f"shorter than {MIN_RESIDUES} residues"
    if len(protein) > MAX_RESIDUES:
        return f"longer than {MAX_RESIDUES} residues"
    coding = joined(record.sequence, feature.location)
    first = feature.qualifiers.get("codon_start", "1")
    coding = coding[int(first) - 1 :] if first in ("1", "2", "3") else ""
    if not coding:
        return "bases outside the record"
    if sequences.problem_dna(coding) is not None:
        return "no nucleotide sequence"
    number = feature.qualifiers.get("transl_table", "1")
    code = int(number) if number.isdecimal() and len(number) < 4 else 0
    if code not in sequences.GENETIC_CODES:
        return "unknown genetic code"
    if not _agree(sequences.translate(coding, code), protein, feature.location.is_partial):
        return "translation that disagrees with the protein"
    parts = [markup.wrap(coding, markup.DNA), markup.wrap(protein, markup.AMINO)]
    if code in CODES:
        parts.insert(0, f"Translation by the {CODES[code]} code:")
    accession = feature.qualifiers.get("protein_id") or f"{record.accession}-{feature.location.start}"
    metadata = {"accession": record.accession, "organism": record.organism, "genetic_code": code}
    return Document(f"{NAME}:{accession}", "\n\n".join(parts), NAME, LICENCE, metadata)


def _agree(translated: str, protein: str, is_partial: bool) -> bool:
    """Whether the two are the same but for the stop at the end and a first codon that is read as methionine whatever it is."""
    translated = translated.removesuffix(sequences.STOP)
    if not is_partial and protein[:1] == "M":
        translated = "M" + translated[1:]
    return translated == protein


def _read(file: RawFile) -> Iterator[Document | Drop]:
    for record in nucleotide_records.records(file.data.decode("utf-8", "replace")):
        if isinstance(record, Record):
            yield from pairs(record, file.where)


SOURCE = Source(
    name=NAME,
    group="knowledge bases",
    format="coding sequences of GenBank and EMBL flat files",
    origin="https://ftp.ncbi.nlm.nih.gov/refseq, https://www.ebi.ac.uk/ena",
    licence=LICENCE,
    published=Published(9_950, 50_000_000),
    claims=lambda where, head: nucleotide_records.is_flat_file(head),
    read=_read,
    split=split.after(b"\n//\n"),
)
"""For a corpus without `genbank.SOURCE`, which reads the same files and gives these documents too."""
