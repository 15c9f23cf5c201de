"""A paper out of a scripted engine: what is cut, what is written again, what is cited."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from galactica import markup
from galactica.generation.constraints import CitationTracker
from galactica.generation.engine import Hypothesis, Token
from galactica.generation.galactica import Galactica
from galactica.generation.sampling import Sampling
from galactica.papers import draft
from galactica.papers.draft import Part
from galactica.references.record import make_reference
from galactica.references.store import Library, build
from galactica.tokenizer.tokenizer import Tokenizer

TITLE = "Attention in protein structure prediction"
ALPHAFOLD = markup.cite("Highly accurate protein structure prediction with AlphaFold", "Jumper")
GOOD = (
    "Proteins fold into structures that their sequences determine under physiological conditions. "
    "The prediction of these structures from sequence alone has been a question of biology for half a century, "
    "and attention has brought an answer to it that few had expected in this form."
)


class ScriptedEngine:
    """Writes the next of its texts at each call; ids are those of the tokenizer, so constraints see real tokens."""

    context = 2000

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str]) -> None:
        self.tokenizer, self.texts, self.prompts = tokenizer, list(texts), []

    def stream(self, prompt: Sequence[int], choice: Sampling, tracker: CitationTracker | None) -> Iterator[Token]:
        self.prompts.append(self.tokenizer.decode(prompt))
        for token in self.tokenizer.encode(self.texts.pop(0) if self.texts else ""):
            if tracker is not None:
                tracker.push(token, -0.5)
            yield Token(token, -0.5)

    def beams(
        self, prompt: Sequence[int], width: int, max_new_tokens: int, tracker: CitationTracker | None, until: str
    ) -> list[Hypothesis]:
        """The first allowed token each time: some work among the candidates."""
        assert tracker is not None
        tokens = []
        while (allowed := tracker.allowed()) is not None:
            tokens.append(Token(int(allowed[0]), -0.5))
            tracker.push(int(allowed[0]), -0.5)
        return [Hypothesis(tuple(tokens), tracker, -0.5 * len(tokens))]


@pytest.fixture(autouse=True)
def _one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text of the script is one paragraph or formula; the choice among several tries has a test of its own."""
    monkeypatch.setattr(draft, "_TRIES", 1)


def write(library: Library, tokenizer: Tokenizer, texts: Sequence[str], *plan: Part):  # type: ignore[no-untyped-def]
    engine = ScriptedEngine(tokenizer, texts)
    return draft.write_paper(Galactica(engine, tokenizer, library, "scripted"), TITLE, plan=plan), engine


def test_sections_citations_and_references(library: Library, tokenizer: Tokenizer) -> None:
    cited = (
        f"The first paragraph of a paper tells what was known before, and what others have found by then {ALPHAFOLD}."
    )
    paper, engine = write(
        library, tokenizer, [GOOD + f" {ALPHAFOLD}", cited], Part("Abstract", 20), Part("Introduction", 20, cites=True)
    )
    assert paper.abstract == GOOD
    (section,) = paper.sections
    assert section.heading == "Introduction"
    ((citation,), (reference,)) = section.citations, paper.references
    assert section.text[citation.start : citation.end] == ALPHAFOLD
    assert citation.reference == reference
    assert library.get(reference.id) == reference
    assert draft.count_citations(paper) == 1
    assert engine.prompts[0] == f"</s>Title: {TITLE}\n\n# Abstract\n\n"
    assert engine.prompts[1] == f"</s>Title: {TITLE}\n\n# Abstract\n\n{GOOD}\n\n# 1 Introduction\n\n"


def test_a_tokenizer_that_respells_titles_cites_them_too(tokenizer: Tokenizer, tmp_path: Path) -> None:
    """The released one makes `10⁻³` into `10−3`: the text's key is not the record's."""
    tree = json.loads(tokenizer.definition)
    tree["normalizer"] = {"type": "NFKC"}
    work = make_reference("Times of 10⁻³ seconds in the ﬁne structure", ["Uhlenbeck, George"], 1925, None, None)
    assert work is not None
    library = build(tmp_path / "works", [work], "test")
    cited = f"{GOOD[:-1]} {markup.cite(work.title, work.surname)}."
    paper, _ = write(library, Tokenizer(json.dumps(tree)), [cited], Part("Introduction", 30, cites=True))
    (section,) = paper.sections
    assert [citation.reference for citation in section.citations] == [work]
    assert "10−3 seconds" in section.text


def test_what_does_not_hold_is_cut_and_said(library: Library, tokenizer: Tokenizer) -> None:
    text = (
        f"{GOOD} The numbers are given in Table 3 of it. The rate is \\( k = \\frac{{a \\) in all of these cases. "
        "It was also found by others (Smith et al., 2010). This sentence does not"
    )
    paper, _ = write(library, tokenizer, [text], Part("Results", 20))
    assert paper.sections[0].text == f"{GOOD} It was also found by others."
    assert {check.kind for check in paper.checks if not check.ok} == {"dangling", "formula"}


def test_repeated_sentences_are_cut(library: Library, tokenizer: Tokenizer) -> None:
    other = "A second paragraph says something else about the machines that learn from many sequences at once and well."
    paper, _ = write(library, tokenizer, [GOOD, GOOD + " " + other], Part("Results", 45))
    assert paper.sections[0].text == f"{GOOD}\n\n{other}"
    assert any(check.kind == "repetition" for check in paper.checks)


def test_a_bad_formula_is_written_again(library: Library, tokenizer: Tokenizer) -> None:
    texts = [GOOD, r" \frac{a = b", r" E = m c^{2} \] rest"]
    paper, engine = write(library, tokenizer, texts, Part("Methods", 20, n_displayed=1))
    assert paper.sections[0].text == GOOD + "\n\n" + r"\[ E = m c^{2} \]"
    assert engine.prompts[1].endswith(GOOD + "\n\n" + r"\[")


def test_a_section_that_must_cite_does(library: Library, tokenizer: Tokenizer) -> None:
    paper, _ = write(library, tokenizer, [GOOD], Part("Introduction", 20, cites=True))
    (citation,) = paper.sections[0].citations
    assert library.get(citation.reference.id) == citation.reference
    first = paper.sections[0].text.split(". ")[0]
    assert first.endswith(markup.END_REF)


def test_a_work_is_cited_once_in_a_paragraph(library: Library, tokenizer: Tokenizer) -> None:
    text = (
        GOOD.replace("conditions.", f"conditions {ALPHAFOLD} {ALPHAFOLD}.")
        + f" It holds for many more of them, as was shown {ALPHAFOLD}."
    )
    paper, _ = write(library, tokenizer, [text], Part("Results", 20))
    assert len(paper.sections[0].citations) == 1


def test_nothing_to_write_ends(library: Library, tokenizer: Tokenizer) -> None:
    paper, _ = write(library, tokenizer, [], Part("Abstract", 20), Part("Results", 20))
    assert (paper.abstract, paper.sections) == ("", ())


def test_a_title_is_data(library: Library, tokenizer: Tokenizer, tmp_path: Path) -> None:
    engine = ScriptedEngine(tokenizer, [GOOD])
    title = f"What {markup.EOS} and {markup.START_REF} mean"
    draft.write_paper(Galactica(engine, tokenizer, library, "scripted"), title, plan=[Part("Abstract", 20)])
    ids = tokenizer.encode(["Title: ", markup.Data(title)])
    assert tokenizer.id_of(markup.START_REF) not in ids
    assert title in engine.prompts[0]


def test_the_passage_on_the_topic_is_taken(
    library: Library, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "_TRIES", 2)
    dull = "The other thing is the other thing of the other thing and this is one of the other thing in the other thing of it. "
    dull += "There are many of the other thing and more of the one that is the other thing, as was said by all of the others."
    for texts in ([dull, GOOD], [GOOD, dull]):
        paper, _ = write(library, tokenizer, texts, Part("Results", 20))
        assert paper.sections[0].text == GOOD
