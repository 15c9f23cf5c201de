"""WikiPathways: what a pathway's document holds, its citations, and the real database."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.packages import is_gathered, packages
from galactica.corpus.source import Package
from galactica.corpus.sources.wikipathways import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

DESCRIPTION = (
    "Makes <i>acetate</i> by &amp;#x3b2; from CO<sub>2</sub> (PMID:1111). It is [known well](https://a.org/x_(y)) [Moe 1999](https://pubmed.ncbi.nlm."
    "nih.gov/2222/), and seen (PMID: 3333) often (http://www.b.org/c). See www.d.org for more. "
    "This pathway was adapted from KEGG. It ends here. "
    "If you use this pathway, please cite us. Thank you."
)
BIBLIOGRAPHY = (
    "ID\tDatabase\tCitation\n"
    '1111\tPubmed\t"Acetate: is it made? Doe AB, van Roe C, et al. J Test. 2001 Feb 1;12(3):11–8.  <a href=""http://x"">PubMed</a>"\n'
    '2222\tPubmed\t"A study of 1.5 enzymes in E. coli. Moe JR yan, Poe D. J Test. 1999;1(1):1–2."\n'
    "44\tURL\t\n"
)
NODES = "Label\tType\tId\nACS1\tGeneProduct\tx\nACS1\tProtein\tx\nXP_00150\tProtein\tx\nAcetyl-CoA\tMetabolite\tx\nNote\t\t\n"
FRONT = "---\nannotations:\n- id: PW:1\n  parent: y\n  type: Pathway Ontology\n  value: acetate pathway\ndescription: x\n---\n"


def package(**changes: str) -> Package:
    info = {"wpid": "WP1", "title": "Acetate synthesis", "organisms": ["Homo sapiens"], "description": DESCRIPTION}
    files = {
        "WP1/WP1-info.json": json.dumps(info | {key: value for key, value in changes.items() if key in info}),
        "WP1/WP1-bibliography.tsv": changes.get("bibliography", BIBLIOGRAPHY),
        "WP1/WP1-datanodes.tsv": changes.get("nodes", NODES),
        "WP1/WP1.md": changes.get("front", FRONT),
    }
    return Package("wikipathways/pathways", {path: text.encode() for path, text in files.items()})


def only(package: Package) -> Document | Drop:
    assert SOURCE.claims(package)
    (found,) = SOURCE.read(package)
    return found


def test_document() -> None:
    document = only(package())
    assert isinstance(document, Document)
    assert document.id == "wikipathways:WP1"
    assert document.text.partition("\n\nAnswer: ")[2] or document.text.startswith(
        "# Acetate synthesis\n\n## Description\n\n"
    )
    described = (
        "Makes acetate by β from CO₂ [START_REF] Acetate: is it made?, Doe[END_REF]. It is known well Moe 1999 [START_REF] A "
        "study of 1.5 enzymes in E. coli, Moe[END_REF], and seen often. It ends here."
    )
    assert described in document.text
    assert document.text.endswith(
        "## Organism\n\nHomo sapiens\n\n## Genes and proteins\n\nACS1\n\n## Metabolites\n\nAcetyl-CoA\n\n## Ontology terms\n\n"
        "* acetate pathway (pathway)\n\n## References\n\nQuestion: What are some articles for Acetate synthesis?\n\nAnswer: \n\n"
        "[START_REF] Acetate: is it made?, Doe[END_REF]\n\n[START_REF] A study of 1.5 enzymes in E. coli, Moe[END_REF]"
    )
    assert (document.metadata["n_marks"], document.metadata["n_resolved"]) == (3, 2)


def test_one_pathway_of_several_organisms_is_held_out_together() -> None:
    """Red: tell pathways apart by their description alone, or by their title alone."""
    files: dict[str, bytes] = {}
    told = [
        ("IL-9 signaling pathway", "first"),
        ("IL9 signaling", "second"),
        ("Other name", "second"),
        ("Unlike", "third"),
    ]
    for number, (title, description) in enumerate(told, 1):
        one = package(title=title, description=f"The {description} text of a pathway.").files
        files |= {path.replace("WP1", f"WP{number}"): data for path, data in one.items()}
    found = [item.metadata["about"] for item in SOURCE.read(Package("x", files)) if isinstance(item, Document)]
    assert found[0] == found[1] == found[2] != found[3]


def test_numbers_in_brackets_are_citations_or_go() -> None:
    text = (
        "Yeast makes it (CITS: 11111)(CITS:[22222][99999]). It was told.[4][22] It is so [2] and "
        'so [1-2]. [1] https://a.org [2] Roe, C. "On the making of acetate." J. Test 1 (1993): 5.'
    )
    bibliography = BIBLIOGRAPHY.replace("1111", "11111").replace("2222", "22222")
    document = only(package(description=text, bibliography=bibliography))
    assert isinstance(document, Document)
    one = "[START_REF] Acetate: is it made?, Doe[END_REF]"
    two = "[START_REF] A study of 1.5 enzymes in E. coli, Moe[END_REF]"
    own = "[START_REF] On the making of acetate, Roe[END_REF]"
    told = f"Yeast makes it {one} {two}. It was told. It is so {own} and so {own}."
    assert told in document.text
    assert document.metadata["unresolved"] == {"no such entry": 3, "entry without a title": 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": ""}, "no title"),
        ({"description": "  "}, "no description"),
        ({"description": "Ends [END_REF] here."}, "spells a control token"),
        ({"nodes": "Label\tType\n</s>\tProtein\n"}, "spells a control token"),
    ],
)
def test_drops(changes: dict[str, str], reason: str) -> None:
    drop = only(package(**changes))
    assert isinstance(drop, Drop)
    assert drop.reason == reason


@pytest.mark.parametrize("hostile", ["[" * 100_000, "(PMID:" * 50_000, "A. " * 100_000, '"' * 99_999, "\0\t\n" * 1000])
def test_hostile_text_is_survived(hostile: str) -> None:
    for field in ("description", "bibliography", "nodes", "front"):
        only(package(**{field: hostile}))


def test_other_trees_are_not_claimed() -> None:
    assert not SOURCE.claims(Package("x", {"a/WP1-info.json": b"{}", "README.md": b""}))


@pytest.mark.corpus
def test_real_database(corpus_root: Path) -> None:
    walked = archives.walk(corpus_root / "wikipathways.tar.xz")
    files = [file for file in walked if isinstance(file, RawFile) and is_gathered(file.where, SOURCE.endings)]
    (found,) = [one for one in packages("wikipathways.tar.xz", files) if SOURCE.claims(one)]
    reasons: Counter[str] = Counter()
    n_citations = 0
    for one in SOURCE.read(found):
        reasons[one.reason if isinstance(one, Drop) else "document"] += 1
        if isinstance(one, Document):
            n_citations += len(markup.citations(one.text))
            assert "http" not in one.text
            assert "PMID:" not in one.text
    assert reasons["document"] > 2000
    assert reasons["no description"] < 80
    assert n_citations > 10_000
