"""MoleculeNet and kin: tables of molecules and their properties, a document for each molecule and property.

Scores on these tables are published for DeepChem's splits, 80 % of the molecules for training (the paper's counts are 99 % of
that): the rest is held out here. Small tables are cut by scaffold exactly as DeepChem does; those of quantum chemistry, which are
cut at random, and PCBA, by a hash. A table of an assay may have a column `sequence`, the protein that is its receptor, or
`NAME sequence` for the column NAME; MoleculeNet's own have none.
"""

from __future__ import annotations

import csv
import hashlib
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

from galactica.corpus import split
from galactica.corpus.prompts.dataset import EVALUATION, DataSet, Item, Items, source
from galactica.corpus.prompts.properties import TRAINING_SHARE, Property, number, scaffold_training
from galactica.corpus.prompts.records import Malformed, csv_rows, digest
from galactica.corpus.source import Source
from galactica.corpus.sources import molecule_tasks as tasks
from galactica.corpus.sources.molecule_tasks import Task
from galactica.files import RawFile
from galactica.modalities import molecules, sequences

MAX_RECEPTOR_RESIDUES = 5_000
_PCBA = "PCBA-"
_NO_LETTERS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Table:
    """A table. It is known by its columns `known_by` (a last `*` stands for any ending) beside the SMILES, and by `path` where they
    do not tell; `asked` are its properties, `key` the column of its own identifier. `held_out_by` "scaffold" is DeepChem's
    split, which needs the whole table; the hashes hold out a fifth of the scaffolds, or of the molecules."""

    name: str
    known_by: tuple[str, ...]
    asked: Mapping[str, Task]
    n_published: int
    held_out_by: Literal["scaffold", "hash of scaffold", "hash"] = "scaffold"
    key: str = ""
    path: str = ""


class Molecule(NamedTuple):
    """A row with its structure: Kekulé SMILES, "" where the record's is none or it is held out."""

    row: Mapping[str, str]
    smiles: str
    is_held_out: bool = False


def _smiles(row: Mapping[str, str]) -> str:
    return (row.get("smiles") or row.get("mol") or "").strip()


def _molecules(table: Table, file: RawFile) -> Iterator[Molecule | Malformed]:
    if table.held_out_by == "scaffold":
        yield from _scaffold_split(list(csv_rows(file)))
        return
    for row in csv_rows(file):
        if isinstance(row, Malformed):
            yield row
        elif molecules.problem(smiles := _smiles(row)) is not None:
            yield Molecule(row, "")
        else:
            structure = molecules.kekule(smiles)
            scaffold = molecules.scaffold(smiles) if table.held_out_by == "hash of scaffold" else ""
            yield Molecule(row, structure, _is_held_out(scaffold or structure))


def _scaffold_split(rows: list[dict[str, str] | Malformed]) -> Iterator[Molecule | Malformed]:
    scaffolds = {
        index: molecules.scaffold(_smiles(row))
        for index, row in enumerate(rows)
        if not isinstance(row, Malformed) and molecules.problem(_smiles(row)) is None
    }
    valid = list(scaffolds)
    training = {valid[place] for place in scaffold_training(list(scaffolds.values()))}
    for index, row in enumerate(rows):
        if isinstance(row, Malformed):
            yield row
        elif index in training:
            yield Molecule(row, molecules.kekule(_smiles(row)))
        else:
            yield Molecule(row, "", index in scaffolds)


def _is_held_out(hashed: str) -> bool:
    return int(hashlib.sha256(hashed.encode()).hexdigest()[:8], 16) >= TRAINING_SHARE * 2**32


def _properties(table: Table, molecule: Molecule) -> Items:
    """A question for each property that the row states."""
    if molecule.is_held_out:
        yield EVALUATION
        return
    if not molecule.smiles:
        yield "the SMILES is not a molecule"
        return
    row = molecule.row
    key = row.get(table.key, "").strip() or digest(_smiles(row))
    asked = table.asked or _pcba_tasks(row, key)
    for column, task in asked.items():
        if not (value := row.get(column, "").strip()):
            continue
        receptor = (row.get(f"{column} sequence") or row.get("sequence") or "").strip().upper()
        if receptor and (len(receptor) > MAX_RECEPTOR_RESIDUES or sequences.problem_protein(receptor) is not None):
            yield "the receptor is no protein sequence"
        elif (answer := _answer(task, value)) is None:
            yield "a value that the table's description does not have"
        else:
            name = f"{key}-{_NO_LETTERS.sub('-', column).strip('-').lower()}"
            yield Item(name, Property(molecule.smiles, task.questions, answer, receptor))


def _answer(task: Task, value: str) -> str | None:
    written = number(value)
    if written is None or task.answers is None:
        return written if written is None else f"{written} {task.unit}".rstrip().replace(" %", "%")
    return task.answers.get(written)


def _pcba_tasks(row: Mapping[str, str], key: str) -> dict[str, Task]:
    """The assays in which the compound is active and as many, one at least, in which it is not: it was put to up to 128."""
    tested = [name for name in row if name.startswith(_PCBA) and " " not in name and row[name].strip()]
    active = [name for name in tested if number(row[name]) == "1"]
    inactive = [name for name in tested if name not in active]
    chosen = active + random.Random(key).sample(inactive, min(len(inactive), max(1, len(active))))
    return {name: tasks.pcba(name.removeprefix(_PCBA)) for name in chosen}


def _claims(table: Table) -> Callable[[str, bytes], bool]:
    pattern = re.compile(table.path)

    def claims(where: str, head: bytes) -> bool:
        first, _, rest = head.partition(b"\n")
        if b"," not in first or rest.startswith(
            (b"\n", b"\r\n")
        ):  # the second: a copy with a blank line after each row
            return False
        try:
            columns = [name.strip() for name in next(csv.reader([first.decode("utf-8-sig", "replace").strip()]), [])]
        except csv.Error:
            return False
        return (
            bool({"smiles", "mol"} & set(columns))
            and columns[0] != ""  # a copy with its index, whose SMILES are broken
            and all(_is_known(name, columns) for name in table.known_by)
            and pattern.search(where.lower()) is not None
        )

    return claims


def _is_known(name: str, columns: list[str]) -> bool:
    return any(column.startswith(name[:-1]) for column in columns) if name.endswith("*") else name in columns


TABLES: tuple[Table, ...] = (
    Table("pcba", (f"{_PCBA}*",), {}, 714_277, "hash of scaffold", key="mol_id"),
    Table("qm9", ("mu", "alpha", "homo", "u298"), tasks.QM9, 1_259_090, "hash", key="mol_id"),
    Table("qm8", ("E1-CC2", "f2-CAM"), tasks.QM8, 275_569, "hash"),
    Table("tox21", ("NR-AR", "SR-p53"), tasks.TOX21, 73_883, key="mol_id"),
    Table("hiv", ("HIV_active",), tasks.HIV, 32_572),
    Table("sider", ("Hepatobiliary disorders", "Eye disorders"), tasks.SIDER, 30_499),
    Table("qm7", ("u0_atom",), tasks.QM7, 5_416, "hash", path=r"qm7"),
    Table("lipophilicity", ("CMPD_CHEMBLID", "exp"), tasks.LIPOPHILICITY, 3_327, key="CMPD_CHEMBLID"),
    Table("hopv", ("HOMO", "PCE", "V_OC"), tasks.HOPV, 2_217, "hash"),
    Table("bbbp", ("p_np",), tasks.BBBP, 1_613),
    Table("thermosol", ("target",), tasks.THERMOSOL, 1_396, path=r"thermosol"),
    Table("bace", ("Class", "pIC50", "CID"), {**tasks.BACE, **tasks.BACE_REGRESSION}, 2_396, key="CID"),
    Table("clintox", ("FDA_APPROVED", "CT_TOX"), tasks.CLINTOX, 1_171),
    Table("delaney", tuple(tasks.DELANEY), tasks.DELANEY, 893),
    Table("freesolv", ("expt", "calc"), tasks.HYDRATION, 508, path=r"freesolv"),
    Table("sampl", ("expt", "calc"), tasks.HYDRATION, 508, path=r"sampl"),
)
"""FreeSolv and SAMPL are one table under two names."""

DATASETS: tuple[DataSet, ...] = tuple(
    DataSet(
        name=table.name,
        format="MoleculeNet CSV",
        origin="https://moleculenet.org/datasets-1",
        licence="MIT",
        n_published=table.n_published,
        claims=_claims(table),
        records=partial(_molecules, table),
        items=partial(_properties, table),
        has_splits=False,
        split=None if table.held_out_by == "scaffold" else split.after(b"\n", head_lines=1),
    )
    for table in TABLES
)

SOURCES: tuple[Source, ...] = tuple(source(dataset) for dataset in DATASETS)
