"""What a residue sequence means: IUPAC alphabets, validity, translation by the genetic codes."""

from __future__ import annotations

from itertools import product

from galactica.errors import BadInput

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
"""The twenty of the standard genetic code, one-letter (IUPAC-IUB 1983)."""

AMINO_ALPHABET = frozenset(AMINO_ACIDS + "BJOUXZ")
"""With ambiguity codes (B = D or N, Z = E or Q, J = I or L, X = any) and U selenocysteine, O pyrrolysine."""

NUCLEOTIDE_ALPHABET = frozenset("ACGTURYSWKMBDHVN")
"""Bases and ambiguity codes (IUPAC-IUB 1984); U stands for T in RNA."""

STOP = "*"
_UNKNOWN = "X"
_BASES = "TCAG"
_CODE = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
STANDARD_CODE: dict[str, str] = {
    "".join(codon): residue for codon, residue in zip(product(_BASES, repeat=3), _CODE, strict=True)
}
"""Codon to residue, NCBI translation table 1, codons in the order of that table."""

_DIFFERENCES: dict[int, dict[str, str]] = {
    1: {},
    2: {"AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"},
    3: {"ATA": "M", "CTT": "T", "CTC": "T", "CTA": "T", "CTG": "T", "TGA": "W"},
    4: {"TGA": "W"},
    5: {"AGA": "S", "AGG": "S", "ATA": "M", "TGA": "W"},
    6: {"TAA": "Q", "TAG": "Q"},
    9: {"AAA": "N", "AGA": "S", "AGG": "S", "TGA": "W"},
    10: {"TGA": "C"},
    11: {},
    12: {"CTG": "S"},
    13: {"AGA": "G", "AGG": "G", "ATA": "M", "TGA": "W"},
    14: {"AAA": "N", "AGA": "S", "AGG": "S", "TAA": "Y", "TGA": "W"},
    16: {"TAG": "L"},
    21: {"TGA": "W", "ATA": "M", "AGA": "S", "AGG": "S", "AAA": "N"},
    22: {"TCA": "*", "TAG": "L"},
    23: {"TTA": "*"},
    24: {"AGA": "S", "AGG": "K", "TGA": "W"},
    25: {"TGA": "G"},
    26: {"CTG": "A"},
}
GENETIC_CODES: dict[int, dict[str, str]] = {
    number: STANDARD_CODE | differences for number, differences in _DIFFERENCES.items()
}
"""Codon to residue by the number of NCBI's table (https://www.ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi)."""

_AMBIGUOUS = {
    "A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def problem_protein(sequence: str) -> str | None:
    """Why the text is not a protein in capital one-letter codes, or None where it is."""
    return _problem(sequence, AMINO_ALPHABET, "residue")


def problem_dna(sequence: str) -> str | None:
    """Why the text is not a nucleotide sequence in capital codes, or None where it is."""
    if "T" in sequence and "U" in sequence:
        return "mixes T and U"
    return _problem(sequence, NUCLEOTIDE_ALPHABET, "nucleotide")


def _problem(sequence: str, alphabet: frozenset[str], unit: str) -> str | None:
    if not sequence:
        return "empty"
    position = next((index for index, letter in enumerate(sequence) if letter not in alphabet), None)
    return None if position is None else f"{sequence[position]!r} at position {position + 1} is no {unit}"


def translate(dna: str, code: int = 1) -> str:
    """The protein of a coding sequence read from its first base, "*" for a stop, reading on behind it; bases of an unfinished
    last codon are left out. An ambiguous codon is X unless all its readings agree (GGN is G). `code` is a key of
    `GENETIC_CODES`. Raises BadInput for a text that is no nucleotide sequence and for a code that is none."""
    if code not in GENETIC_CODES:
        raise BadInput(f"{code} is no genetic code; known: {', '.join(map(str, GENETIC_CODES))}.")
    reason = problem_dna(dna)
    if reason is not None:
        raise BadInput(f"{dna[:40]!r} is not a nucleotide sequence: {reason}.")
    dna = dna.replace("U", "T")
    residues = GENETIC_CODES[code]
    return "".join(_residue(dna[start : start + 3], residues) for start in range(0, len(dna) - 2, 3))


def _residue(codon: str, code: dict[str, str]) -> str:
    if codon in code:
        return code[codon]
    readings = {code["".join(bases)] for bases in product(*(_AMBIGUOUS[base] for base in codon))}
    return readings.pop() if len(readings) == 1 else _UNKNOWN
