"""What is set aside, and that no copy of it stays behind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from galactica import markup
from galactica.corpus import holdout
from galactica.corpus.holdout import PROTEINS_ORGANISM, PROTEINS_SIMILAR, TRAIN, VALIDATION, Holdout, HoldoutConfig
from galactica.errors import BadData
from galactica.modalities.sequences import AMINO_ACIDS
from galactica.types import Document


def protein(sequence: str, organism: str = "") -> Document:
    text = markup.wrap(sequence, markup.AMINO)
    return Document(
        f"p:{sequence[:20]}",
        text,
        "proteins",
        "CC BY",
        {"organism": organism, "taxa": ["Mammalia", "Paenungulata"] if organism else []},
    )


def random_protein(rng: random.Random, n: int = 300) -> str:
    return "".join(rng.choices(AMINO_ACIDS, k=n))


def mutated(rng: random.Random, sequence: str, identity: float) -> str:
    return "".join(
        residue if rng.random() < identity else rng.choice(AMINO_ACIDS.replace(residue, "")) for residue in sequence
    )


def test_a_paper_goes_to_one_side_with_its_copies() -> None:
    titles = [f"A study of the number {i} and of its divisors" for i in range(400)]
    chosen = Holdout(HoldoutConfig(0.2), 0)
    splits = []
    for i, title in enumerate(titles):
        full = Document(f"jats:10.1/{i}", f"Title: {title}\n\nAuthors: A", "jats", "", {"title": title})
        abstract = Document(f"pubmed:{i}", f"Title: {title.upper()}.\n\n", "pubmed", "", {"title": f"{title.upper()}."})
        assert chosen.split_of(full) == chosen.split_of(abstract)
        splits.append(chosen.split_of(full))
    assert 0.12 < splits.count(VALIDATION) / len(splits) < 0.28


def test_prompts_about_one_text_stay_together() -> None:
    chosen = Holdout(HoldoutConfig(0.2), 0)
    for i in range(100):
        about = {"about": f"sentence {i}"}
        asked = [
            Document(f"{source}:{i}", f"{source}?", source, "", about) for source in ("diseases", "chemicals", "genes")
        ]
        assert len({chosen.split_of(document) for document in asked}) == 1


def test_stereoisomers_stay_together() -> None:
    one, two = (
        Document(f"c:{i}", "x", "compounds", "", {"inchikey": key})
        for i, key in enumerate(["QNAYBMKLOCPYGJ-REOHCLBHSA-N", "QNAYBMKLOCPYGJ-UWTATZPHSA-N"])
    )
    assert holdout.identity(one) == holdout.identity(two)


def test_proteins_of_half_the_residues_of_a_target_are_found_and_others_are_not(tmp_path: Path) -> None:
    rng = random.Random(1)
    targets = [random_protein(rng) for _ in range(10)]
    path = tmp_path / "targets.fasta"
    path.write_text("".join(f">t{i}\n{t[:60]}\n{t[60:]}\n" for i, t in enumerate(targets)))
    chosen = Holdout(HoldoutConfig(0.01, protein_targets=str(path)), 0)
    similar = [chosen.split_of(protein(mutated(rng, t, 0.5))) for t in targets for _ in range(20)]
    assert similar.count(PROTEINS_SIMILAR) >= 0.97 * len(similar)
    unrelated = [chosen.split_of(protein(random_protein(rng, 500))) for _ in range(200)]
    assert unrelated.count(PROTEINS_SIMILAR) <= 0.02 * len(unrelated)


def test_organisms_and_taxa() -> None:
    chosen = Holdout(HoldoutConfig(0.01, organisms=("Paenungulata",)), 0)
    assert chosen.split_of(protein("MKV" * 20, "Loxodonta africana (African elephant)")) == PROTEINS_ORGANISM
    named = Holdout(HoldoutConfig(0.01, organisms=("loxodonta africana",)), 0)
    assert named.split_of(protein("MKV" * 20, "Loxodonta africana (African elephant)")) == PROTEINS_ORGANISM
    assert named.split_of(protein("MKV" * 20)) in (TRAIN, VALIDATION)


def test_a_larger_corpus_holds_the_same_documents_out() -> None:
    documents = [Document(f"d:{i}", "x", "code", "") for i in range(2000)]
    chosen = Holdout(HoldoutConfig(0.05), 3)
    assert [chosen.split_of(d) for d in documents[:500]] == [chosen.split_of(d) for d in documents][:500]
    assert 0.03 < [chosen.split_of(d) for d in documents].count(VALIDATION) / 2000 < 0.07


def test_targets_that_are_no_fasta(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("MKV")
    with pytest.raises(BadData, match="holds no FASTA record"):
        Holdout(HoldoutConfig(protein_targets=str(tmp_path / "x")), 0)
    with pytest.raises(BadData, match="cannot be read"):
        Holdout(HoldoutConfig(protein_targets=str(tmp_path / "y")), 0)
