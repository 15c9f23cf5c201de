"""Generation with a random model: its signatures, its agreement with `transformers`, its citations."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from galactica import markup
from galactica.errors import BadCheckpoint, BadInput, UnknownReference
from galactica.generation.constraints import CitationTracker, KeyTable
from galactica.generation.engine import TorchEngine
from galactica.generation.galactica import MAX_REFERENCE_TOKENS, Galactica, load_model
from galactica.generation.sampling import Sampling, choose, generator
from galactica.model.config import ModelConfig
from galactica.model.transformer import Transformer
from galactica.references.store import Library
from galactica.types import Generation

PROMPT = "The text of a paper is cited in"


@pytest.fixture(scope="module")
def theirs(checkpoint: Path) -> object:
    from transformers import OPTForCausalLM

    return OPTForCausalLM.from_pretrained(checkpoint).eval()


def their_greedy(theirs: object, model: Galactica, ids: list[int], n: int, beams: int = 1) -> list[int]:
    """`transformers` with the same tokens suppressed that we never write outside a citation."""
    never = [model.tokenizer.id_of(t) for t in (markup.BOS, markup.PAD, markup.UNK, markup.START_REF, markup.END_REF)]
    out = theirs.generate(  # type: ignore[attr-defined]
        torch.tensor([ids]), max_new_tokens=n, num_beams=beams, do_sample=False, suppress_tokens=never, length_penalty=0.0,
        bad_words_ids=None, early_stopping=False,
    )  # fmt: skip
    return [i for i in out[0, len(ids) :].tolist() if i != model.tokenizer.eos_id]


def without_citations(model: Galactica) -> Galactica:
    """The same model where no citation may open, so that text compares with a program that has no library."""
    engine = model.engine
    engine._never = [*engine._never, model.tokenizer.id_of(markup.START_REF)]  # type: ignore[attr-defined]
    return model


@pytest.mark.parametrize("prompt", [PROMPT, "Deep learning", "A"])
def test_greedy_is_that_of_transformers(checkpoint: Path, library, theirs: object, prompt: str) -> None:  # type: ignore[no-untyped-def]
    model = without_citations(load_model(checkpoint, library=library.folder))
    ids = model.tokenizer.encode(prompt)
    expected = model.tokenizer.decode(their_greedy(theirs, model, ids, 40))
    assert model.generate(prompt, max_new_tokens=40) == prompt + expected
    # again, with the first prompt's keys and values at hand
    assert model.generate(prompt, max_new_tokens=40, return_full_text=False) == expected


def test_beam_search_scores_at_least_as_well_as_greedy(checkpoint: Path, library, theirs: object) -> None:  # type: ignore[no-untyped-def]
    model = without_citations(load_model(checkpoint, library=library.folder))
    ids = model.tokenizer.encode(PROMPT)
    best = model.engine.beams(ids, 4, 12, model.tracker(), "eos")[0]
    assert [t.id for t in best.tokens if t.id != model.tokenizer.eos_id] == their_greedy(
        theirs, model, ids, 12, beams=4
    )


def test_signature_and_shapes(model: Galactica) -> None:
    text = model.generate(PROMPT, max_new_tokens=8)
    assert text.startswith(PROMPT)
    generation = model.generate(PROMPT, max_new_tokens=8, as_generation=True)
    assert isinstance(generation, Generation)
    assert PROMPT + generation.text == text
    assert len(generation.logprobs) <= 60
    assert all(logprob <= 0 for logprob in generation.logprobs)
    assert model.generate(PROMPT, max_new_tokens=8, new_doc=True, return_full_text=False) != generation.text


def test_the_same_seed_gives_the_same_text(model: Galactica) -> None:
    one, again, other = (model.generate(PROMPT, max_new_tokens=30, top_p=0.9, seed=seed) for seed in (1, 1, 2))
    assert one == again != other


def test_every_citation_in_sampled_text_is_a_work(model: Galactica, library) -> None:  # type: ignore[no-untyped-def]
    known = {markup.citation_key(work.title, work.surname): work for work in library}
    n_found = 0
    for seed in range(40):
        generation = model.generate(
            f"{PROMPT} {markup.START_REF}", max_new_tokens=30, temperature=2.0, seed=seed, as_generation=True
        )
        spans = markup.citations(markup.START_REF + generation.text)
        assert len(spans) == len(generation.citations) >= 1
        for span, citation in zip(spans, generation.citations, strict=True):
            assert known[span.key] == citation.reference
            assert generation.text[citation.start : citation.end].endswith(markup.END_REF)
            n_found += 1
    assert n_found >= 40


def test_generate_reference(model: Galactica, library) -> None:  # type: ignore[no-untyped-def]
    keys = {markup.citation_key(work.title, work.surname) for work in library}
    one = model.generate_reference(PROMPT)
    assert one in keys
    assert model.generate_reference(f"{PROMPT} {markup.START_REF}") == one
    several = model.generate_reference(PROMPT, suggestions=5)
    assert several[0] == one
    assert len(set(several)) == 5
    assert set(several) <= keys


def test_a_beam_over_all_works_finds_the_likeliest(model: Galactica, library, tokenizer) -> None:  # type: ignore[no-untyped-def]
    """Against the score of every work computed one by one, each token's probability among the allowed ones."""
    prompt = tokenizer.encode([f"{PROMPT} ", markup.START_REF])
    scores = {}
    for row, work in enumerate(library):
        alone = CitationTracker(KeyTable.build(library, tokenizer), tokenizer)
        alone.push(tokenizer.id_of(markup.START_REF))
        ids = tokenizer.encode(f" {markup.citation_key(work.title, work.surname)}{markup.END_REF}")
        score = 0.0
        with torch.inference_mode():
            logits = model.engine._model(torch.tensor([prompt + ids]))[0]  # type: ignore[attr-defined]
        for step, token in enumerate(ids):
            allowed = torch.from_numpy(alone.allowed())
            among = logits[len(prompt) - 1 + step][allowed].log_softmax(-1)
            score += float(among[(allowed == token).nonzero()[0, 0]])
            alone.push(token)
        scores[row] = score
    ranked = sorted(scores, key=lambda row: -scores[row])
    found = model.cite(PROMPT, 3, width=len(library))
    assert [citation.reference.id for citation in found] == [library[row].id for row in ranked[:3]]


def test_a_typed_beginning_is_finished(model: Galactica) -> None:
    text = model.generate(f"{PROMPT} {markup.START_REF} Attention is all", max_new_tokens=20)
    assert text.startswith(f"{PROMPT} {markup.START_REF} Attention is all you need, Vaswani{markup.END_REF}")
    assert (
        model.generate_reference(f"{PROMPT} {markup.START_REF} Molec") == "Molecular structure of nucleic acids, Watson"
    )
    with pytest.raises(UnknownReference, match="closest"):
        model.generate(f"{PROMPT} {markup.START_REF} No such work at all")


@pytest.mark.parametrize("typed", [" ", " Attention is ", " Attention is all you n"])
def test_a_typed_beginning_and_the_rest_are_a_key(model: Galactica, typed: str) -> None:
    prompt = f"{PROMPT} {markup.START_REF}{typed}"
    generation = model.generate(prompt, max_new_tokens=1, as_generation=True)
    (span,) = markup.citations(prompt + generation.text)
    work = generation.citations[0].reference
    assert span.key == markup.citation_key(work.title, work.surname)
    assert span.end - len(prompt) == generation.citations[0].end


def test_data_opens_no_citation(model: Galactica) -> None:
    text = markup.Data(f"{PROMPT} {markup.START_REF} No such work")
    assert model.generate(text, max_new_tokens=3).startswith(text)
    assert model.cite(text)[0].start == len(text)


def test_a_stop_string_in_a_title_ends_nothing(model: Galactica) -> None:
    prompt = f"{PROMPT} {markup.START_REF}"
    generation = model.generate(prompt, max_new_tokens=30, stop="n", as_generation=True)
    assert len(generation.citations) == len(markup.citations(prompt + generation.text)) >= 1
    assert "n" not in markup.without_citations(prompt + generation.text).removeprefix(PROMPT)


def test_a_citation_after_a_long_text_has_room(tokenizer, library) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    engine = TorchEngine(Transformer(ModelConfig(tokenizer.vocab_size, 16, 1, 2, max_seq_len=1024)), tokenizer)
    beams, room = engine.beams, []
    engine.beams = lambda prompt, *others: room.append(1024 - len(prompt)) or beams(prompt, *others)  # type: ignore[func-returns-value,method-assign,misc]
    assert Galactica(engine, tokenizer, library).cite("cited in the text " * 400)
    assert room == [MAX_REFERENCE_TOKENS]


@pytest.mark.parametrize("max_seq_len", [8, 28, 40])
def test_a_short_context_keeps_the_end_of_the_prompt(tokenizer, library, max_seq_len: int) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    engine = TorchEngine(Transformer(ModelConfig(tokenizer.vocab_size, 16, 1, 2, max_seq_len=max_seq_len)), tokenizer)
    asked: list[list[int]] = []
    prefill = engine._prefill
    engine._prefill = lambda prompt: asked.append(list(prompt)) or prefill(prompt)  # type: ignore[func-returns-value,method-assign]
    ids = tokenizer.encode(PROMPT * 9)
    Galactica(engine, tokenizer, library).generate(PROMPT * 9, max_new_tokens=2)
    assert asked[0] == ids[-len(asked[0]) :]
    assert max_seq_len // 4 <= len(asked[0]) < max_seq_len


def test_logits_that_are_no_numbers_still_cite_a_work(model: Galactica, library) -> None:  # type: ignore[no-untyped-def]
    tracker = model.tracker()
    assert tracker is not None
    tracker.push(model.tokenizer.id_of(markup.START_REF))
    for value in (torch.nan, -torch.inf, torch.inf):
        here = tracker.copy()
        while (allowed := here.allowed()) is not None:
            masked = model.engine._masked(torch.full((model.tokenizer.vocab_size,), value), here, (), Sampling())  # type: ignore[attr-defined]
            token = choose(masked, Sampling(temperature=1.0), generator(0))
            assert token in allowed
            here.push(token)
        assert here.closed[0][0] in list(library)


def test_a_long_prompt_is_cut_and_a_full_context_ends(model: Galactica) -> None:
    generation = model.generate(
        "cited in the text " * 200, max_new_tokens=500, temperature=1.0, seed=3, as_generation=True
    )
    assert generation.finish_reason in ("context", "stop")
    assert len(generation.logprobs) <= 128


def test_stop_strings_are_left_out(model: Galactica) -> None:
    whole = model.generate(PROMPT, max_new_tokens=40, return_full_text=False)
    stop = whole[10:13]
    assert model.generate(PROMPT, max_new_tokens=40, return_full_text=False, stop=stop) == whole[: whole.index(stop)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens is 0"),
        ({"max_length": 2}, "max_length is 2"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"top_k": 0}, "top_k is 0"),
        ({"temperature": 0.0}, "temperature is 0.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": float("inf")}, "temperature is inf"),
        ({"seed": 2**64, "top_k": 3}, "seed is"),
        ({"num_beams": 2, "top_p": 0.9}, "num_beams"),
        ({"num_beams": 0}, "num_beams is 0"),
        ({"num_beams": 10**6}, "num_beams is 1000000"),
    ],
)
def test_bad_arguments(model: Galactica, arguments: dict[str, float], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        model.generate(PROMPT, **arguments)  # type: ignore[call-overload]


def test_bad_numbers_of_suggestions(model: Galactica) -> None:
    for suggestions in (0, 10**6):
        with pytest.raises(BadInput, match=f"suggestions is {suggestions}"):
            model.cite(PROMPT, suggestions)


def test_any_temperature_above_0_chooses() -> None:
    logits = torch.tensor([1.0, 40.0, -torch.inf])
    assert choose(logits, Sampling(temperature=1e-40), generator(0)) == 1


def test_an_empty_prompt(model: Galactica) -> None:
    with pytest.raises(BadInput, match="empty prompt"):
        model.generate("")
    assert model.generate("", new_doc=True, max_new_tokens=3)


def test_missing_models(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="no model folder"):
        load_model(tmp_path / "absent")
    with pytest.raises(BadCheckpoint):
        load_model(tmp_path)
    with pytest.raises(BadCheckpoint, match=r"galactica-6\.7b"):
        load_model("standard")


def test_sampling_follows_the_distribution() -> None:
    """Chi-square of 4,000 draws against the probabilities that top-k leaves."""
    from galactica.generation import sampling

    logits = torch.tensor([2.0, 1.0, 0.5, 0.0, -1.0])
    choice = Sampling(temperature=0.8, top_k=4)
    source = sampling.generator(7)
    draws = torch.bincount(
        torch.tensor([sampling.choose(logits, choice, source) for _ in range(4000)]), minlength=5
    ).double()
    expected = torch.cat([(logits[:4] / 0.8).softmax(-1), torch.zeros(1)]).double() * 4000
    assert draws[4] == 0
    assert float(((draws - expected)[:4] ** 2 / expected[:4]).sum()) < 16.3  # 3 degrees of freedom, p = 0.001


def test_a_repeated_run_is_forbidden() -> None:
    from galactica.generation.sampling import discourage

    logits = discourage(torch.zeros(10), [1, 2, 3, 4, 1, 2], Sampling(no_repeat_ngram=3))
    assert torch.isinf(logits).nonzero().flatten().tolist() == [3]


@pytest.mark.parametrize(("multiplies", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_the_precision_follows_the_processor(
    checkpoint: Path, library: Library, monkeypatch: pytest.MonkeyPatch, multiplies: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: multiplies, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    model = load_model(checkpoint, "auto", library=library.folder)
    assert model.engine._model.embedding.weight.dtype == dtype
    assert model.generate("Title: A", max_new_tokens=5)
