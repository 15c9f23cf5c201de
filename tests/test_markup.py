"""The document language: spans, citations, escaping, forms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from galactica import markup
from galactica.markup import Data

pieces = st.lists(st.one_of(st.sampled_from(markup.SPECIAL_TOKENS), st.text(max_size=5)), max_size=8)


@given(pieces)
def test_spans_give_the_text_back(parts: list[str]) -> None:
    text = "".join(parts)
    spans = list(markup.spans(text))
    assert "".join(span.text for span in spans) == text
    assert all(span.text for span in spans)
    assert [span.text for span in spans if span.nature == "control"] == markup.control_tokens(text)


@given(pieces)
def test_data_spells_no_token(parts: list[str]) -> None:
    spans = list(markup.spans([markup.START_REF, Data("".join(parts)), markup.END_REF]))
    assert [span.text for span in spans if span.nature == "control"] == [markup.START_REF, markup.END_REF]


def test_ids_are_in_the_released_order() -> None:
    assert markup.SPECIAL_TOKENS[:11] == (
        "<s>", "<pad>", "</s>", "<unk>", "[START_REF]", "[END_REF]", "[IMAGE]", "<fragments>", "</fragments>", "<work>", "</work>",
    )  # fmt: skip
    assert markup.SPECIAL_TOKENS[21:] == ("[START_I_SMILES]", "[END_I_SMILES]")
    assert len(markup.SPECIAL_TOKENS) == 23


def test_a_sequence_runs_to_the_next_token_or_the_end() -> None:
    natures = [(span.text, span.nature) for span in markup.spans("x[START_AMINO]MK\nV[END_AMINO] y[START_DNA]GA")]
    assert natures == [
        ("x", "text"),
        ("[START_AMINO]", "control"),
        ("MK\nV", "sequence"),
        ("[END_AMINO]", "control"),
        (" y", "text"),
        ("[START_DNA]", "control"),
        ("GA", "sequence"),
    ]


def test_escape_marks_every_character_and_the_closing_token() -> None:
    marker = markup.SPLIT_MARKER
    expected = f"a[START_SMILES]{marker}C{marker}O{marker}[END_SMILES]b"
    assert markup.escape("a[START_SMILES]CO[END_SMILES]b") == expected
    assert (
        markup.escape("[START_SUP]12[END_SUP] [START_REF] T, A[END_REF]")
        == "[START_SUP]12[END_SUP] [START_REF] T, A[END_REF]"
    )


def test_citations() -> None:
    text = "as in [START_REF] Deep learning, LeCun[END_REF] and [START_REF] half [START_REF] Adam, Kingma[END_REF]."
    found = markup.citations(text)
    assert [span.key for span in found] == ["Deep learning, LeCun", "Adam, Kingma"]
    assert all(
        text[s.start : s.end].startswith(markup.START_REF) and text[s.start : s.end].endswith(markup.END_REF)
        for s in found
    )
    assert markup.without_citations("as in [START_REF] A, B[END_REF], so") == "as in, so"


def test_open_citation() -> None:
    assert markup.open_citation("x [START_REF] Attention is") == " Attention is"
    assert markup.open_citation("x [START_REF]") == ""
    assert markup.open_citation("x [START_REF] A, B[END_REF] y") is None
    assert markup.open_citation("x") is None


def test_a_key_is_one_line_without_tokens() -> None:
    assert markup.citation_key("A\n title[END_REF] of </s> two  lines.", "Smith") == "A title of two lines, Smith"
    assert markup.cite("Adam", "Kingma") == "[START_REF] Adam, Kingma[END_REF]"


def test_paper_head() -> None:
    head = markup.paper_head(
        "On  the\nmotion", ["Einstein, Albert", "van der Waals, Johannes Diderik", "The ATLAS Collaboration"]
    )
    assert head == "Title: On the motion\n\nAuthors: A. Einstein, J. D. van der Waals, The ATLAS Collaboration\n\n"
