"""How long a paper takes with the bundled model, and tokens per second beside `transformers` on the same weights.

    python benchmarks/writing.py [--title "..."]

Prints one table; the claim is: a paper of about 1,500 words in under two minutes on two cores.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import torch

from galactica.files import asset
from galactica.generation.galactica import load_model
from galactica.generation.sampling import Sampling
from galactica.papers import draft
from galactica.papers.export import export
from galactica.trainings import export_checkpoint

PROMPT = "Title: Attention mechanisms in protein structure prediction\n\n# Abstract\n\n"
NEW_TOKENS = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="Attention mechanisms in protein structure prediction")
    title = parser.parse_args().title

    begin = time.perf_counter()
    model = load_model()
    model.table  # noqa: B018 - opened here so that the paper's time does not hold it
    loaded = time.perf_counter() - begin

    ids = model.tokenizer.encode(PROMPT)
    begin = time.perf_counter()
    n_ours = len(model.write(ids, Sampling(), None, NEW_TOKENS).tokens)
    ours = n_ours / (time.perf_counter() - begin)

    from transformers import OPTForCausalLM

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain"
        export_checkpoint(asset("model"), plain, "float32")
        theirs_model = OPTForCausalLM.from_pretrained(plain, dtype=torch.float32)
    begin = time.perf_counter()
    out = theirs_model.generate(torch.tensor([ids]), max_new_tokens=NEW_TOKENS, min_new_tokens=n_ours, do_sample=False)
    theirs = (out.shape[1] - len(ids)) / (time.perf_counter() - begin)

    begin = time.perf_counter()
    paper = draft.write_paper(model, title)
    written = time.perf_counter() - begin
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        export(paper, Path(folder) / "paper")
    exported = time.perf_counter() - begin

    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}")
    print(f"load model, library and token table   {loaded:8.1f} s")
    print(f"write {draft.count_words(paper):5,} words                     {written:8.1f} s")
    print(f"export to five formats                {exported:8.1f} s")
    print(
        f"greedy, prompt {len(ids)} tokens: ours {ours:.0f} tokens/s, transformers {theirs:.0f} tokens/s, ratio {ours / theirs:.2f}"
    )


if __name__ == "__main__":
    main()
