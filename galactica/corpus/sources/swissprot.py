"""UniProt's flat file: one entry between `ID` and `//`, two-letter line codes, in the layouts of 1990 to today.
Parsed to an `Entry`; `proteins.py` makes documents of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_FEATURES = 30
MAX_CITATIONS = 12

TOPICS = {
    "FUNCTION": "Function",
    "CATALYTIC ACTIVITY": "Catalytic activity",
    "COFACTOR": "Cofactor",
    "ACTIVITY REGULATION": "Activity regulation",
    "ENZYME REGULATION": "Activity regulation",
    "PATHWAY": "Pathway",
    "SUBUNIT": "Subunit",
    "SUBCELLULAR LOCATION": "Subcellular location",
    "TISSUE SPECIFICITY": "Tissue specificity",
    "DEVELOPMENTAL STAGE": "Developmental stage",
    "INDUCTION": "Induction",
    "DOMAIN": "Domain",
    "PTM": "Post-translational modifications",
    "DISEASE": "Disease",
    "DISRUPTION PHENOTYPE": "Disruption phenotype",
    "PHARMACEUTICAL": "Pharmaceutical use",
    "SIMILARITY": "Similarity",
}
"""Comment topic -> heading, in the order of the document. Topics of cross references and curation are not here."""

FEATURES = {
    "INIT_MET": "Initiator methionine", "SIGNAL": "Signal peptide", "TRANSIT": "Transit peptide", "PROPEP": "Propeptide",
    "CHAIN": "Chain", "PEPTIDE": "Peptide", "TOPO_DOM": "Topological domain", "TRANSMEM": "Transmembrane segment",
    "INTRAMEM": "Intramembrane segment", "DOMAIN": "Domain", "REPEAT": "Repeat", "REGION": "Region", "MOTIF": "Motif",
    "COILED": "Coiled coil", "DNA_BIND": "DNA binding", "ZN_FING": "Zinc finger", "CA_BIND": "Calcium binding",
    "NP_BIND": "Nucleotide binding", "ACT_SITE": "Active site", "METAL": "Metal binding", "BINDING": "Binding site",
    "SITE": "Site", "MOD_RES": "Modified residue", "LIPID": "Lipidation", "CARBOHYD": "Glycosylation",
    "DISULFID": "Disulfide bond", "CROSSLNK": "Cross-link",
}  # fmt: skip

_FIRST_LINE = re.compile(r"ID   \S+ .*\d AA\.?\s*\Z")
ACCESSION = re.compile(r"[OPQ]\d[A-Z0-9]{3}\d\Z|[A-NR-Z]\d[A-Z][A-Z0-9]{2}\d(?:[A-Z][A-Z0-9]{2}\d)?\Z")
_EVIDENCE = re.compile(
    r"(?:(?<!\s)\s+)?(?:\{ECO:[^{}]*\}|\(PubMed:[^()]*\)|\((?:by similarity|potential|probable)\))", re.IGNORECASE
)
_FEATURE = re.compile(r"FT   ([A-Z_]{3,9}) +(\S.*)")
_QUALIFIER = re.compile(r"(?:\A| )/\w{1,20}=")
_NOTE_FIELD = re.compile(r"(?<!\S)Note=")
_NOTE = re.compile(r'/(?:note|ligand)="([^"]*)')
_FULL_NAME = re.compile(r"(?:RecName|SubName): Full=([^;]*)")
_SUFFIXES = ("Jr", "Sr", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Entry:
    """A protein as a document tells it: `sections` in order, `works` as (title, first author's surname)."""

    accession: str
    name: str
    sequence: str
    organism: str = ""
    gene: str = ""
    sections: tuple[tuple[str, str], ...] = ()
    works: tuple[tuple[str, str], ...] = ()


def is_flat_file(head: str) -> bool:
    """Whether a file that begins so holds entries of proteins (EMBL's own entries count BP, not AA)."""
    return _FIRST_LINE.match(head.split("\n", 1)[0].rstrip("\r")) is not None


def entries(text: str) -> Iterator[Entry | str]:
    """The entries of a file, also where the closing `//` is missing; a reason for each that cannot be used."""
    lines: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip()
        if line.startswith(("ID   ", "//")) and lines:
            yield _entry(lines)
            lines = []
        if line and not line.startswith("//"):
            lines.append(line)
    if lines:
        yield _entry(lines)


def _entry(lines: list[str]) -> Entry | str:
    by_code: dict[str, list[str]] = {}
    for line in lines:
        by_code.setdefault(line[:2], []).append(line[5:].strip())
    accession = " ".join(by_code.get("AC", [])).split(";")[0].strip()
    if not ACCESSION.match(accession):
        return "no UniProt accession"
    name = _name(_join(by_code.get("DE", [])))
    if not name:
        return "no name"
    comments = _comments(by_code.get("CC", []))
    sections = [(heading, comments[heading]) for heading in dict.fromkeys(TOPICS.values()) if heading in comments]
    keywords = [without_evidence(word) for word in _join(by_code.get("KW", [])).rstrip(".").split(";")]
    if any(keywords):
        sections.append(("Keywords", ", ".join(word for word in keywords if word)))
    if features := _features([line for line in lines if line.startswith("FT")]):
        sections.append(("Features", "\n".join(features[:MAX_FEATURES])))
    return Entry(
        accession=accession,
        name=name,
        sequence="".join("".join(by_code.get("  ", [])).split()),
        organism=_join(by_code.get("OS", [])).rstrip(". "),
        gene=_gene(_join(by_code.get("GN", []))),
        sections=tuple(sections),
        works=tuple(_works(lines))[:MAX_CITATIONS],
    )


def _join(lines: list[str]) -> str:
    """Wrapped lines as one; a word broken at its hyphen is closed up again ("Homo- and" keeps its space)."""
    text = ""
    for line in lines:
        closed = not text or (text.endswith("-") and not text.endswith(" -") and not line.startswith(("and ", "or ")))
        text += line if closed else f" {line}"
    return text


def without_evidence(text: str) -> str:
    """The text on one line without its marks of evidence: codes, PubMed numbers, "(By similarity)"."""
    bare = " ".join(_EVIDENCE.sub("", text).split())
    return re.sub(r"(?<!\.)\.\.(?= |\Z)", ".", bare)  # the full stop before a mark and the one behind it


def _name(description: str) -> str:
    """The recommended or submitted name, or the free text of old entries up to its first bracket."""
    if match := _FULL_NAME.search(description):
        return without_evidence(match[1])
    free = without_evidence(description)
    return re.split(r" [(\[]", free, maxsplit=1)[0].rstrip(". ;")


def _gene(text: str) -> str:
    """The first gene name: "Name=CLDN1; Synonyms=..." of today, "ABCD1 OR ALD." of old."""
    first = without_evidence(text.split("; ")[0].rstrip(";")).rstrip(".")
    return re.split(r" OR | AND |,", first.rpartition("=")[2], maxsplit=1)[0].strip("() ")


def _comments(lines: list[str]) -> dict[str, str]:
    """Heading -> text of the comment blocks that `TOPICS` names; blocks of one topic become paragraphs."""
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("-!-"):
            blocks.append([line[3:].strip()])
        elif line.startswith("---"):
            break  # the copyright notice is always last
        elif blocks:
            blocks[-1].append(line)
    found: dict[str, str] = {}
    for block in blocks:
        topic, _, text = _join(block).partition(":")
        heading = TOPICS.get(topic.strip().upper())
        text = _facts(without_evidence(text))
        if heading and text:
            found[heading] = f"{found[heading]}\n\n{text}" if heading in found else _NOTE_FIELD.sub("", text)
    return found


def _facts(text: str) -> str:
    """Comments written as fields ("Reaction=...; Xref=...", "Name=Zn(2+); ...") without their cross references."""
    fields = re.findall(r"(?:Reaction|Name|Note)=([^;]*)", text) if text.startswith(("Reaction=", "Name=")) else []
    return "; ".join(field.strip() for field in fields) if fields else _NOTE_FIELD.sub("", text)


def _features(lines: list[str]) -> list[str]:
    """One line per feature with its position, from both layouts ("8..28" with /note, or "8 28 Helical.")."""
    found: list[tuple[str, str, list[str]]] = []
    for line in lines:
        match = _FEATURE.match(line)
        if match:
            fields = match[2].split(maxsplit=2)
            start, _, end = fields[0].partition("..")
            rest = fields[1:]
            if not end and rest:  # the old layout
                end, rest = rest[0], rest[1:]
            found.append((match[1], start if end in ("", start) else f"{start} to {end}", rest))
        elif found:
            found[-1][2].append(line[5:].strip())
    return [_feature(key, position, rest) for key, position, rest in found if key in FEATURES]


def _feature(key: str, position: str, rest: list[str]) -> str:
    text = _join(rest)
    note = _NOTE.search(text)
    detail = without_evidence(note[1] if note else _QUALIFIER.split(text, maxsplit=1)[0]).rstrip(".")
    if detail.lower() in ("potential", "by similarity", "probable"):
        detail = ""
    return f"* {FEATURES[key]}, {position}" + (f": {detail}" if detail else "")


def _works(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Title and first author's surname of each reference that has both."""
    authors: list[str] = []
    title: list[str] = []
    for line in [*lines, "RN   end"]:
        code, content = line[:2], line[5:].strip()
        if code == "RN":
            heading = _join(title).strip('";. ')
            family = surname(_join(authors).split(",")[0])
            if heading and family:
                yield heading, family
            authors, title = [], []
        elif code == "RA":
            authors.append(content)
        elif code == "RT":
            title.append(content)


def surname(author: str) -> str:
    """ "von Hahn T.F. Jr." -> "von Hahn"."""
    words = author.strip("; ").split()
    while len(words) > 1 and (words[-1].endswith(".") or words[-1] in _SUFFIXES):
        words.pop()
    return " ".join(words)
