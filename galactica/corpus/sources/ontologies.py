"""Ontologies in the OBO format: a term's definition, synonyms, place among other terms, and in ChEBI its structure.

Source: https://owlcollab.github.io/oboformat/doc/GO.format.obo-1_2.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from galactica import markup
from galactica.corpus.source import Source
from galactica.corpus.sources.described import described
from galactica.corpus.split import MAX_RECORD_BYTES, RecordTooLong
from galactica.errors import BadInput
from galactica.files import RawFile
from galactica.modalities import molecules, structures
from galactica.types import Document, Drop

PIECE_BYTES = 48 * 2**20
"""Terms name their parents by identifier alone in some files: a file up to this size is one piece, so that the names are there."""
MAX_SYNONYMS = 8
MAX_SYNONYM_CHARACTERS = 100
MAX_PARENTS = 12
MAX_NAME_CHARACTERS = 400

LICENCES = {
    "CHEBI": "CC BY 4.0 (ChEBI)",
    "GO": "CC BY 4.0 (Gene Ontology)",
    "SO": "CC BY 4.0 (Sequence Ontology)",
    "EDAM": "CC BY-SA 4.0 (EDAM)",
}

_BLOCK = 2**20
_CLAIM = re.compile(rb"\s*(?:!.*\s+)*format-version: 1\.|(?s:.{0,2000})^\[Term\]\s*\nid: \S", re.MULTILINE)
_NAMED = re.compile(r"^id: (\S{1,60})(?:[^\S\n].*)?\nname: (.+)", re.MULTILINE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"(.*)')
_ESCAPED = re.compile(r"\\(.)")
_SCOPE = re.compile(r" *+(EXACT|RELATED|NARROW|BROAD)? *+([A-Za-z_]*+) *+\[([^\]:]*)")
_TARGET = re.compile(r"(\S+)(?:.*?! *(.+))?")
_STRUCTURE = re.compile(r"\S{0,200}(smiles|formula)\S{0,200} \"([^\"]+)\"", re.IGNORECASE)
_TRUSTED = ("KEGG COMPOUND", "ChemIDplus", "UniProt", "DrugBank", "LIPID MAPS", "JCBN", "HMDB")
"""Who gives ChEBI's related synonyms in English: its own and IUPAC's are in many languages."""
_WORDS = {
    "part_of": "is part of",
    "has_part": "has as part",
    "has_role": "has the role of",
    "has_functional_parent": "has the functional parent",
    "has_parent_hydride": "has the parent hydride",
    "is_conjugate_base_of": "is the conjugate base of",
    "is_conjugate_acid_of": "is the conjugate acid of",
    "is_enantiomer_of": "is the enantiomer of",
    "is_tautomer_of": "is a tautomer of",
    "is_substituent_group_from": "is a substituent group from",
    "member_of": "is a member of",
    "variant_of": "is a variant of",
    "adjacent_to": "is adjacent to",
    "has_quality": "has the quality",
    "has_topic": "has the topic",
    "has_input": "has as input",
    "has_output": "has as output",
}
"""Relations that are not words of a sentence by themselves."""
_NAMESPACES = ("biological_process", "molecular_function", "cellular_component")


class _Term(NamedTuple):
    identifier: str
    name: str
    tags: Mapping[str, list[str]]

    def first(self, tag: str) -> str:
        return self.tags.get(tag, [""])[0]


def _read(file: RawFile) -> Iterator[Document | Drop]:
    text = _decoded(file.data)
    names = dict(_NAMED.findall(text))
    for stanza in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        if stanza.startswith("[Term]"):
            term = _term(stanza)
            found = _document(term, names)
            yield Drop(f"{file.where}:{term.identifier}", SOURCE.name, found) if isinstance(found, str) else found


def _decoded(data: bytes) -> str:
    """The text; a line that is no UTF-8 is Mac-Roman, which the old editors of ontologies wrote."""
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return "\n".join(_line(line) for line in data.replace(b"\r\n", b"\n").split(b"\n"))


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("mac_roman")


def _term(stanza: str) -> _Term:
    tags: dict[str, list[str]] = {}
    for line in stanza.split("\n")[1:]:
        tag, colon, value = line.partition(": ")
        if colon and not tag.startswith("!"):
            tags.setdefault(tag, []).append(value.strip())
    identifier = tags.get("id", [""])[0]
    return _Term(identifier, _name(identifier, tags.get("name", [""])[0]), tags)


def _name(identifier: str, name: str) -> str:
    """The name on one line; the Sequence Ontology writes its names with underscores for spaces."""
    return _plain(name.replace("_", " ") if identifier.startswith("SO:") else name)


def _document(term: _Term, names: Mapping[str, str]) -> Document | str:
    """The document of a term, or the reason why there is none."""
    if term.first("is_obsolete") == "true":
        return "obsolete"
    if not term.identifier or not term.name:
        return "no name"
    if len(term.name) > MAX_NAME_CHARACTERS:
        return f"name longer than {MAX_NAME_CHARACTERS} characters"
    definition = _quoted(term.first("def"))[0]
    smiles, formula = _structure(term)
    if not definition and not smiles:
        return "neither a definition nor a structure"
    sections = [
        ("Definition", definition),
        ("Molecular Formula", formula),
        ("Synonyms", ", ".join(_synonyms(term))),
        ("Classification", " ".join(_classification(term, names))),
    ]
    sections = [(heading, text) for heading, text in sections if text]
    if markup.control_tokens("\n".join((term.name, *(text for _, text in sections)))):
        return "spells a control token"
    questions = {
        "Definition": (f"What is {term.name}?", f"What does {term.name} mean?", f"How is {term.name} defined?")
    }
    key = f"{SOURCE.name}:{term.identifier}"
    wrapped = markup.wrap(smiles, markup.I_SMILES) if smiles else ""
    text = described(key, term.name, sections, questions, wrapped)
    metadata = {"name": term.name} | ({"smiles": smiles} if smiles else {})
    licence = LICENCES.get(re.split("[:_]", term.identifier)[0], "as the ontology states")
    return Document(key, text, SOURCE.name, licence, metadata)


def _quoted(value: str) -> tuple[str, str]:
    """What stands in quotes at the beginning, without escapes, and what follows it."""
    match = _QUOTED.match(value)
    return (_plain(match[1]), match[2]) if match else ("", "")


def _plain(text: str) -> str:
    return " ".join(_ESCAPED.sub(lambda match: " " if match[1] in "nWt" else match[1], text).split())


def _structure(term: _Term) -> tuple[str, str]:
    """The SMILES in Kekulé form ("" where there is none, it is no molecule or leaves an atom open), and the formula."""
    found = {kind.lower(): value for kind, value in _stated(term)}
    smiles = found.get("smiles", "")
    try:
        smiles = structures.from_smiles(smiles)
    except BadInput:
        return "", found.get("formula", "")
    return smiles, found.get("formula") or molecules.formula(smiles)


def _stated(term: _Term) -> Iterator[tuple[str, str]]:
    """SMILES and formula: synonyms of a type of their own in old files, properties in today's."""
    for value in term.tags.get("synonym", []):
        text, rest = _quoted(value)
        scope = _SCOPE.match(rest)
        if scope and scope[2] in ("SMILES", "FORMULA"):
            yield scope[2], text
    for value in term.tags.get("property_value", []):
        if match := _STRUCTURE.match(value):
            yield match[1], _plain(match[2])


def _synonyms(term: _Term) -> list[str]:
    kept: dict[str, str] = {}
    is_chemical = term.identifier.startswith("CHEBI:")
    for value in term.tags.get("synonym", []):
        text, rest = _quoted(value)
        scope = _SCOPE.match(rest)
        if scope is None or scope[2] in ("SMILES", "FORMULA", "InChI", "InChIKey", "BRAND_NAME"):
            continue
        if scope[1] != "EXACT" and not (is_chemical and scope[3] in _TRUSTED and not scope[2]):
            continue
        folded = text.lower()
        if 2 < len(text) <= MAX_SYNONYM_CHARACTERS and folded != term.name.lower():
            kept.setdefault(folded, text)
    return list(kept.values())[:MAX_SYNONYMS]


def _classification(term: _Term, names: Mapping[str, str]) -> Iterator[str]:
    """Sentences: what the term is a kind of, and how it relates to others; relations to unnamed terms are left out."""
    related = [("is_a", value) for value in term.tags.get("is_a", [])]
    for value in term.tags.get("relationship", []):
        relation, _, target = value.partition(" ")
        related.append((relation, target))
    said: dict[str, list[str]] = {}
    for relation, value in related[:MAX_PARENTS]:
        match = _TARGET.match(value)
        other = (match[2] or names.get(match[1], "")) if match else ""
        if other:
            said.setdefault(relation, []).append(_name(term.identifier, other))
    namespace = term.first("namespace")
    kinds = [namespace.replace("_", " ")] if namespace in _NAMESPACES else []
    kinds += [f"kind of {_listed(said['is_a'])}"] if "is_a" in said else []
    if kinds:
        yield f"{_capital(term.name)} is a {', a '.join(kinds)}."
    for relation, others in said.items():
        if relation != "is_a":
            yield f"It {_WORDS.get(relation) or relation.replace('_', ' ')} {_listed(others)}."


def _capital(name: str) -> str:
    """The name as it opens a sentence: "tRNA binding" keeps its small letter."""
    return name[:1].upper() + name[1:] if name[1:2].islower() else name


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _split(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := stream.read(_BLOCK):
        rest += block
        if len(rest) > PIECE_BYTES:
            cut = rest.rfind(b"\n[") + 1
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > MAX_RECORD_BYTES:
                raise RecordTooLong(f"a record is longer than {MAX_RECORD_BYTES} bytes")
    if rest.strip():
        yield rest


SOURCE = Source(
    name="ontologies",
    group="knowledge bases",
    format="OBO",
    origin="http://obofoundry.org (ChEBI, Gene Ontology and others)",
    licence="CC BY 4.0 (ChEBI, GO, SO); others as the ontology states",
    claims=lambda where, head: _CLAIM.match(head) is not None,
    read=_read,
    split=_split,
)
