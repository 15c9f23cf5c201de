"""No citation outside the library can come out, whatever the logits are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica import markup
from galactica.errors import UnknownReference
from galactica.generation.constraints import CitationTracker, FormulaTracker, KeyTable
from galactica.generation.galactica import Galactica
from galactica.generation.sampling import Sampling
from galactica.references.store import Library
from galactica.tokenizer.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def table(library: Library, tokenizer: Tokenizer) -> KeyTable:
    return KeyTable.build(library, tokenizer)


def keys_of(library: Library) -> set[str]:
    return {markup.citation_key(work.title, work.surname) for work in library}


@settings(deadline=None, max_examples=300)
@given(
    choices=st.lists(st.floats(0, 1, exclude_max=True), min_size=200, max_size=200), narrow=st.sets(st.integers(0, 10))
)
def test_any_path_spells_a_work(
    library: Library, tokenizer: Tokenizer, table: KeyTable, choices: list[float], narrow: set[int]
) -> None:
    some = table.narrow(sorted(narrow)) if narrow else table
    tracker = CitationTracker(some, tokenizer)
    tracker.push(tokenizer.id_of(markup.START_REF))
    ids = []
    for choice in choices:
        allowed = tracker.allowed()
        if allowed is None:
            break
        assert len(allowed)
        assert np.all(np.diff(allowed) > 0)
        token = int(allowed[int(choice * len(allowed))])
        tracker.push(token, -1.0)
        ids.append(token)
    ((reference, logprob),) = tracker.closed
    text = tokenizer.decode(ids)
    assert text == tokenizer.normalise(f" {markup.citation_key(reference.title, reference.surname)}{markup.END_REF}")
    assert text.removesuffix(markup.END_REF).strip() in keys_of(library)
    assert logprob == -len(ids)
    if narrow:
        assert library.rows([reference.id])[0] in narrow


@settings(deadline=None, max_examples=300)
@given(choices=st.lists(st.floats(0, 1, exclude_max=True), min_size=80, max_size=80), cut=st.integers(0, 11))
def test_plain_characters_never_spell_a_citation(
    library: Library, tokenizer: Tokenizer, table: KeyTable, choices: list[float], cut: int
) -> None:
    """A text that is drawn to the characters of the tokens themselves, after a prompt that may have begun one."""
    opened = markup.START_REF[:cut]
    tracker = CitationTracker(table, tokenizer, before=tokenizer.encode(opened, data=True))
    marks = tokenizer.encode(markup.START_REF + markup.END_REF, data=True)
    likely = [*marks, tokenizer.id_of(markup.START_REF)]
    ids: list[int] = []
    for choice in choices:
        allowed = tracker.allowed()
        last = tokenizer.decode(ids[-1:])[-1:] or opened[-1:]
        goes_on = [i for i in marks if last and (last + tokenizer.decode([i])) in markup.START_REF + markup.END_REF]
        wanted = (goes_on if choice < 0.8 and goes_on else likely) if allowed is None else allowed.tolist()
        left = [i for i in wanted if allowed is not None or i not in tracker.forbidden()] or [tokenizer.encode("a")[0]]
        ids.append(left[int(choice * 1000) % len(left)])
        tracker.push(ids[-1])
    text = opened + tokenizer.decode(ids)
    found = [span.key for span in markup.citations(text)]
    assert found == [markup.citation_key(work.title, work.surname) for work, _ in tracker.closed]


def test_a_library_of_nothing_opens_no_citation(table: KeyTable, tokenizer: Tokenizer) -> None:
    tracker = CitationTracker(table.narrow([]), tokenizer)
    assert tokenizer.id_of(markup.START_REF) in tracker.forbidden()


def test_every_work_can_be_spelt(library: Library, tokenizer: Tokenizer, table: KeyTable) -> None:
    assert len(table) == len(library)
    for work in library:
        place = table.start()
        for token in tokenizer.encode(f" {markup.citation_key(work.title, work.surname)}{markup.END_REF}"):
            assert token in table.allowed(place)
            found = table.advance(place, token)
            assert found is not None
            place = found
        assert table.references(place) == [work]


def test_a_token_that_no_work_goes_on_with_leads_nowhere(table: KeyTable, tokenizer: Tokenizer) -> None:
    assert table.advance(table.start(), tokenizer.id_of(markup.END_REF)) is None
    place = table.advance(table.start(), int(table.allowed(table.start())[0]))
    assert place is not None
    assert table.advance(place, tokenizer.id_of(markup.START_REF)) is None


def test_typed_beginnings(table: KeyTable, library: Library, tokenizer: Tokenizer) -> None:
    beginnings = {
        "Attention": 2,
        "Attention is a": 1,
        "Attention is all you need, Vas": 1,
        " Deep learn": 2,
        "Über": 1,
        "U\u0308ber": 1,
        "": 11,
    }
    for typed, n_works in beginnings.items():
        assert len(table.beginning_with(typed, tokenizer)) == n_works
    with pytest.raises(UnknownReference, match="begins with 'Quantum gravity explained'"):
        table.beginning_with("Quantum gravity explained", tokenizer)


def test_the_table_is_kept_and_read_back(
    library: Library, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    KeyTable.open(library, tokenizer)
    assert len(list(tmp_path.rglob("tokens.npy"))) == 1
    monkeypatch.setattr(KeyTable, "build", None)  # a second opening reads
    again = KeyTable.open(library, tokenizer)
    assert len(again) == len(library)
    assert np.array_equal(
        again.allowed(again.start()), KeyTable._read(library, next(tmp_path.rglob("tokens.npy")).parent)._first_ids
    )


@settings(deadline=None, max_examples=300)
@given(choices=st.lists(st.floats(0, 1, exclude_max=True), min_size=60, max_size=60))
def test_a_formula_ends_balanced_and_equated(tokenizer: Tokenizer, choices: list[float]) -> None:
    likely = [tokenizer.encode(each, data=True)[0] for each in "{}\\]=x2[($ &"]
    tracker = FormulaTracker(tokenizer)
    ids: list[int] = []
    for choice in choices:
        left = [i for i in likely if i not in tracker.forbidden()]
        ids.append(left[int(choice * len(left))])
        tracker.push(ids[-1])
        text = tokenizer.decode(ids)
        body = text.replace("\\\\", "  ").replace("\\{", "  ").replace("\\}", "  ")
        assert all(body[:end].count("{") >= body[:end].count("}") for end in range(len(body) + 1))
        assert "\\[" not in body
        assert "\\(" not in body
        if "\\]" in body:
            formula = body[: body.index("\\]")]
            assert formula.count("{") == formula.count("}")
            assert formula.rpartition("=")[2].strip() or formula.count("=") > 1
            assert "=" in formula
            break


def test_a_long_formula_is_brought_to_its_end(tokenizer: Tokenizer) -> None:
    """Whatever is likeliest: ever deeper groups, or one letter for ever."""
    letter = tokenizer.encode("x", data=True)[0]
    for likely in ("{", "x"):
        tracker = FormulaTracker(tokenizer)
        first = tokenizer.encode(likely, data=True)[0]
        ids: list[int] = []
        while r"\]" not in tokenizer.decode(ids) and len(ids) < 200:
            allowed = tracker.allowed()
            ids.append((first if len(ids) < 20 else letter) if allowed is None else int(allowed[0]))
            tracker.push(ids[-1])
        text = tokenizer.decode(ids)
        assert text.endswith(r"\]"), text
        assert text.count("{") == text.count("}")
        assert text.partition("=")[2].removesuffix(r"\]").strip()


def test_a_text_may_be_made_to_begin_with_a_capital(model: Galactica) -> None:
    for seed in range(20):
        written = model.write(
            model.tokenizer.encode("cited in"), Sampling(temperature=3.0, seed=seed), model.tracker(capital=True), 3
        )
        assert written.text[:1].isupper()
