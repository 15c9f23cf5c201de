"""Markdown of sites and large JSON arrays, which several sources share."""

from __future__ import annotations

import io
import json
import time

import pytest

from galactica import markup
from galactica.corpus import json_items
from galactica.corpus.json_items import load, split_array
from galactica.corpus.markdown_text import MarkdownText
from galactica.corpus.paper_links import names_a_work, paper_link
from galactica.corpus.split import RecordTooLong

ARXIV = "https://arxiv.org/abs/1706.03762"


def test_blocks() -> None:
    source = (
        f"## Head\r\nA *line*\nand $x_1$ with ![a picture](https://x.org/a_(b).png) and `$code$`, <b>bold</b>.\n\n$$a \\le b$$\n\n"
        f"- one [link](https://x.org)\n  more\n- see [Attention is all you need]({ARXIV})\n\n"
        "```py\n# $x$\n\ny\n```\nEnd.\n\n# Empty"
    )
    assert MarkdownText().blocks(source) == [
        "## Head",
        r"A *line* and \( x_1 \) with and `$code$`, bold.",
        r"\[ a \leq b \]",
        "- one link more\n- see [START_REF] Attention is all you need[END_REF]",
        "```py\n# $x$\n\ny\n```",
        "End.",
    ]


@pytest.mark.parametrize(
    "spelt", ["[START_REF] x", "`</s>`", "[START_<b></b>REF]", "[ START_SUP ]", "$[END_DNA]$", "```\n[IMAGE]\n```"]
)
def test_spelt_control_tokens_are_seen(spelt: str) -> None:
    reader = MarkdownText()
    found = reader.blocks(f"a {spelt} b" if not spelt.startswith("```") else spelt)
    assert reader.spells_control_token or not any(markup.control_tokens(block) for block in found)


def test_links_to_papers() -> None:
    assert names_a_work("Attention is all you need")
    for text in (
        "Stanford Natural Language Inference Corpus",
        "Kitaev and Klein (2018)",
        "This recent paper on it",
        "Vaswani et al.",
    ):
        assert not names_a_work(text), text
    assert paper_link("Attention is all you need", ARXIV, "as the ") == f"[Attention is all you need]({ARXIV})"
    printed = (
        "Vaswani, Ashish (2017). Attention is all you need. In: Advances in Neural Information Processing, 30, 5998"
    )
    assert paper_link(printed, ARXIV) in (
        "[START_REF] Attention is all you need, Vaswani[END_REF]",
        f"[{printed}]({ARXIV})",
    )


def test_hostile_markdown_is_read_in_linear_time() -> None:
    for text in (
        "[" * 100_000,
        "![" * 50_000,
        "[a](" * 50_000,
        "`" * 100_000,
        "<a " * 50_000,
        "$" * 100_000,
        "*" * 100_000,
        "```\n" * 50_000,
    ):
        start = time.process_time()
        MarkdownText().blocks(text)
        assert time.process_time() - start < 5, text[:10]


def test_torn_links_and_escapes_are_mended() -> None:
    text = "By [Doe (2003)]((http://doi.org/10.1/x) and [[Poe]](http://a.org/b.pdf) &lt;eos&gt; &amp; more."
    assert MarkdownText().blocks(text) == ["By [Doe (2003)](http://doi.org/10.1/x) and Poe <eos> & more."]
    assert MarkdownText().blocks("It ends &lt;/s&gt; here.") == ["It ends &lt;/s&gt; here."]


def test_arrays_are_cut_between_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red if a bracket or an escaped quote in a string counts, or if an item that lies over a block's end is lost."""
    monkeypatch.setattr(json_items, "PIECE_BYTES", 2_000)
    items = [{"n": n, "text": 'a "quote" \\ [ ] { } \\" ' * (n % 40), "inner": [{"x": [n]}]} for n in range(300)]
    for block in (1 << 20, 777, 3):
        monkeypatch.setattr(json_items, "_BLOCK", block)
        for data in (json.dumps(items), json.dumps(items, indent=2)):
            pieces = list(split_array(io.BytesIO(data.encode())))
            assert len(pieces) > 10
            assert [item for piece in pieces for item in load(piece)] == items
    assert list(split_array(io.BytesIO(b'{"a": 1}'))) == []


def test_an_item_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_items, "MAX_RECORD_BYTES", 100_000)
    monkeypatch.setattr(json_items, "_BLOCK", 10_000)
    for endless in (b'[{"a": "' + b"x" * 300_000, b'[{"a": [' + b"1," * 200_000):
        with pytest.raises(RecordTooLong):
            list(split_array(io.BytesIO(endless)))
    assert load(b"[" * 100_000) is None
    assert load(b'["\\ud83d\\ude00 \\ud800"]') == ["\U0001f600 ?"]
