"""Dumps of StackExchange: threads joined across a dump in bounded memory, answers ranked, what is left out says why."""

from __future__ import annotations

import io
import random
from html import escape
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus import split, threads
from galactica.corpus.sources.stackexchange import SITES, SOURCE, site_of
from galactica.files import RawFile
from galactica.types import Document, Drop

WHERE = "math.stackexchange.com/Posts.xml"


def post(
    number: int, kind: int = 1, parent: int | None = None, body: str = "<p>Why is $1+1=2$?</p>", **more: str
) -> str:
    pairs = {
        "Id": number,
        "PostTypeId": kind,
        "ParentId": parent,
        "CreationDate": "2014-03-13T20:32:04",
        "Score": 3,
        "Body": body,
    }
    pairs |= {"Title": f"Question {number}", "Tags": "<sums><numbers>"} if kind == 1 else {}
    attributes = [f'{key}="{escape(str(value))}"' for key, value in (pairs | more).items() if value is not None]
    return f"  <row {' '.join(attributes)} />"


def dump(*rows: str) -> bytes:
    text = "\r\n".join(['<?xml version="1.0" encoding="utf-8"?>', "<posts>", *rows, "</posts>"])
    return b"\xef\xbb\xbf" + text.encode()


def read(*rows: str, where: str = WHERE) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile(where, dump(*rows))))


def test_a_thread() -> None:
    (item,) = read(
        post(7, AcceptedAnswerId="9", Title="Is $a_1$ < b & c?"),
        post(8, 2, 7, "<p>By counting.</p><p>Thanks in advance!</p>", Score="5"),
        post(9, 2, 7, "<ul><li>By definition.</li></ul>", Score="-1", ContentLicense="CC BY-SA 4.0"),
        post(10, 2, 7, "<p>No votes.</p>", Score="0"),
        post(11, 2, 7, "<h1>By axioms</h1><p>See <s>nothing</s>.</p>", Score="6"),
    )
    assert isinstance(item, Document)
    assert item.text == (
        "Question: Is \\( a_1 \\) < b & c?\n\nWhy is \\( 1+1=2 \\)?\n\nAnswer:\n\n- By definition.\n\n"
        "Answer:\n\n## By axioms\n\nSee.\n\nAnswer: By counting."
    )
    assert (item.id, item.licence) == ("stackexchange:math:7", "CC BY-SA 3.0, CC BY-SA 4.0")
    assert item.metadata["tags"] == ["sums", "numbers"]
    assert item.metadata["url"] == "https://math.stackexchange.com/q/7"


def test_what_is_left_out_says_why() -> None:
    answer = post(2, 2, 1)
    cases = {
        "closed": [post(1, ClosedDate="2014-03-14"), answer],
        "negative score": [post(1, Score="-1"), answer],
        "no title": [post(1, Title=""), answer],
        "no answer that was accepted or upvoted": [post(1), post(2, 2, 1, Score="0")],
        "no answer with text": [post(1), post(2, 2, 1, "<img src='x'>")],
        "spells a control token": [post(1, body="<p>Use [START_<b>REF]</b>.</p>"), answer],
        "nested too deep": [post(1, body="<div>" * 50_000), answer],
        "an answer without its question": [answer],
        "neither a question nor an answer": [post(3, 5)],
    }
    for reason, rows in cases.items():
        (item,) = read(*rows)
        assert isinstance(item, Drop)
        assert item.reason == reason
    (item,) = SOURCE.read(RawFile(WHERE, dump(post(1))[:-30]))
    assert isinstance(item, Drop)
    assert item.reason == "not well-formed: XMLSyntaxError"


def test_money_is_no_formula_where_a_site_has_none() -> None:
    rows = post(1, body="<p>Pay $x now and $y later.</p>"), post(2, 2, 1)
    (item,) = read(*rows, where="softwareengineering.stackexchange.com/Posts.xml")
    assert isinstance(item, Document)
    assert "Pay $x now and $y later." in item.text


def test_answers_far_from_their_questions_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red if rows are dealt by their own number, if a piece cuts a thread, or if a file that is dealt again loses rows."""
    monkeypatch.setattr(threads, "FILES", 4)
    monkeypatch.setattr(threads, "MAX_RECORD_BYTES", 20_000)
    monkeypatch.setattr(threads, "PIECE_BYTES", 5_000)
    monkeypatch.setattr(threads, "_HELD_BYTES", 10_000)
    rows = [post(number) for number in range(1, 200)] + [post(1000 + number, 2, number) for number in range(1, 200)]
    random.Random(1).shuffle(rows)
    pieces = list(threads.split_by_question(io.BytesIO(dump(*rows))))
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 10_000
    found = [item for piece in pieces for item in SOURCE.read(RawFile(WHERE, piece))]
    whole = SOURCE.read(RawFile(WHERE, dump(*rows)))
    assert sorted(item.id for item in found if isinstance(item, Document)) == sorted(item.id for item in whole)  # type: ignore[union-attr]


def test_a_thread_or_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "MAX_RECORD_BYTES", 3_000)
    with pytest.raises(split.RecordTooLong):
        list(threads.split_by_question(io.BytesIO(b"<row " + b"x" * 10_000)))
    with pytest.raises(split.RecordTooLong):
        list(threads.split_by_question(io.BytesIO(dump(*(post(number, 2, 1) for number in range(2, 60))))))


def test_claims_dumps_of_the_list_of_sites_alone() -> None:
    head = dump(post(1))[:4096]
    assert len(SITES) == 43
    for where in (WHERE, "se/mathoverflow.net/Posts.xml", "stats.stackexchange.com.7z/Posts.xml", "cs/Posts.xml", "ai_Posts.xml",
                  "stackexchange-matheducators.tar.xz/stackexchange-matheducators/Posts.xml"):  # fmt: skip
        assert SOURCE.claims(where, head), where
    for where in ("cooking.stackexchange.com/Posts.xml", "meta/Posts.xml", "math.stackexchange.com/Comments.xml"):
        assert not SOURCE.claims(where, head), where
    assert not SOURCE.claims(WHERE, b"<posts><post/></posts>")
    assert site_of("medicalsciences.stackexchange.com/Posts.xml") == "health"


@pytest.mark.corpus
def test_a_real_dump(corpus_root: Path) -> None:
    """Red if formulas are lost, markup remains, or the pieces of a dump give other documents than the whole."""
    files = [
        file for file in archives.walk(corpus_root / "stackexchange-matheducators.tar.xz") if isinstance(file, RawFile)
    ]
    (file,) = [file for file in files if SOURCE.claims(file.where, file.data[:4096])]
    found = list(SOURCE.read(file))
    documents = {item.id: item for item in found if isinstance(item, Document)}
    assert (len(documents), len(found)) == (370, 554)
    assert sum(item.metadata["n_formulas"] for item in documents.values()) > 2500
    text = "\n".join(item.text for item in documents.values())
    assert not any(tag in text for tag in ("<p>", "&lt;", "<em>", "<br", "Possible Duplicate"))
    assert set(markup.control_tokens(text)) <= {
        "[START_REF]",
        "[END_REF]",
        "[START_SUP]",
        "[END_SUP]",
        "[START_SUB]",
        "[END_SUB]",
    }
    pieces = [RawFile(file.where, piece) for piece in threads.split_by_question(io.BytesIO(file.data))]
    again = [item for piece in pieces for item in SOURCE.read(piece)]
    assert {item.id: item for item in again if isinstance(item, Document)} == documents
