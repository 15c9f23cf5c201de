"""What the package carries: the model, its tokenizer and its library, together and within their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

import galactica
from galactica import markup
from galactica.files import asset
from galactica.generation.galactica import Galactica
from galactica.papers import draft
from galactica.papers.export import export
from galactica.references.store import Library

MIB = 2**20


@pytest.fixture(scope="module")
def model() -> Galactica:
    return galactica.load_model()


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_sizes() -> None:
    assert size(asset("model")) <= 64 * MIB
    assert size(asset("library")) <= 30 * MIB
    assert size(asset("model").parent) <= 96 * MIB


def test_the_card_has_the_measured_figures() -> None:
    card = (asset("model") / "README.md").read_text()
    assert "tokens seen:" in card
    assert "| jats |" in card
    assert (asset("model") / "curves.png").stat().st_size > 10_000


def test_the_library_is_large_and_whole() -> None:
    library = Library.open(asset("library"))
    library.check()
    assert len(library) > 150_000
    found = [reference.title for reference, _ in library.search("attention is all you need", 5)]
    assert any(title.lower() == "attention is all you need" for title in found)


def test_it_writes_and_cites(model: Galactica) -> None:
    prompt = "Proteins fold into the structure that their sequence determines"
    assert model.generate(prompt, max_new_tokens=10).startswith(prompt)
    key = model.generate_reference(prompt)
    title, _, surname = str(key).rpartition(", ")
    assert any(r.title == title and r.surname == surname for r, _ in model.library.search(title, 20))


def test_it_has_learnt_the_form_of_documents(model: Galactica) -> None:
    """Not what is true, but what comes where: a citation closes, an abstract's heading follows the authors."""
    text = model.generate(
        "Title: A study of plants\n\nAuthors: A. Smith, B. Jones\n\n#", new_doc=True, max_new_tokens=1
    )
    assert text.endswith("# Abstract")


PLAN = (
    draft.Part(draft.ABSTRACT, 60),
    draft.Part("Introduction", 100, cites=True),
    draft.Part("Methods", 60, n_displayed=1),
)


@pytest.mark.slow
def test_a_paper(model: Galactica, tmp_path: Path) -> None:
    """A short one: the seven sections of a whole one take minutes, and `.ci/run` writes them."""
    assert 900 <= sum(part.words for part in draft.PLAN) <= 2500
    paper = draft.write_paper(model, "Attention mechanisms in protein structure prediction", plan=PLAN)
    assert sum(part.words for part in PLAN) <= draft.count_words(paper) <= 800
    assert [section.heading for section in paper.sections] == ["Introduction", "Methods"]
    assert paper.references
    assert any(r"\[" in section.text for section in paper.sections)
    for section in paper.sections:
        for citation in section.citations:
            assert model.library.get(citation.reference.id) == citation.reference
            key = markup.citation_key(citation.reference.title, citation.reference.surname)
            assert section.text[citation.start : citation.end] == f"{markup.START_REF} {key}{markup.END_REF}"
    exported = export(paper, tmp_path / "paper")
    assert sorted(exported.paths) == ["bib", "docx", "md", "pdf", "tex"]
