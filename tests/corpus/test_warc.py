"""Common Crawl: records cut at their borders whatever the bytes, pages to their main text, a classifier trained and kept."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pytest

from galactica.corpus import science, warc_records
from galactica.corpus.html_page import decode, read_page
from galactica.corpus.sources import warc
from galactica.corpus.sources.warc import SOURCE
from galactica.errors import BadData
from galactica.files import RawFile
from galactica.types import Document, Drop

PROSE = (
    "The spectra of stars tell us of their temperature and of what they are made, and the width of the lines tells us that the "
    "gas is at rest. In this page we look at the light of a star with a prism and ask which of the lines are those of hydrogen. "
)
PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Spectra of stars | Site of stars</title>
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/"><script src="mathjax.js"></script></head>
<body><header><h1>Site of stars</h1></header><nav><a href="/">Home</a> and more of the navigation</nav>
<div class="main-menu"><ul><li><a href="/a">All of the stars</a></li></ul></div>
<p><a href="/s">Share this</a></p><main><h1>Spectra of stars</h1><p>{PROSE * 2}</p><p>We have $\\lambda_1 = 656$ nm.</p>
<h2>Lines</h2><p>{PROSE * 2}</p><h2>See also</h2><ul><li><a href="/b">Another page of stars</a></li></ul>
<p>Last updated 3 May 2020</p></main><footer>Copyright 2020</footer></body></html>"""
TEXT = f"# Spectra of stars\n\n{(PROSE * 2).strip()}\n\nWe have \\( \\lambda_1 = 656 \\) nm.\n\n## Lines\n\n{(PROSE * 2).strip()}"
ADDRESS = "https://www.eso.org/stars"


def record(body: bytes, address: str = ADDRESS, kind: str = "response") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2022-05-16T08:00:00Z\r\nWARC-Target-URI: {address}\r\n"
    return (
        f"{head}Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
        + b"\r\n\r\n"
    )


def http(content: bytes, kind: str = "text/html", status: str = "200 OK", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + content


def page(text: str = PAGE, **more: str) -> bytes:
    return record(http(text.encode()), **more)


def read(data: bytes) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("a.warc", data)))


def test_a_page() -> None:
    info = record(b"software: x\r\n", kind="warcinfo")
    (item,) = read(info + record(b"GET / HTTP/1.1\r\n\r\n", kind="request") + page())
    assert isinstance(item, Document)
    assert item.text == TEXT
    assert item.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert (item.metadata["url"], item.metadata["domain"], item.metadata["date"]) == (ADDRESS, "eso.org", "2022-05-16")


def test_contents_that_are_chunked_or_compressed() -> None:
    data = PAGE.encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (data[:1000], data[1000:])) + b"0\r\n\r\n"
    bare = zlib.compressobj(wbits=-15)
    for content, header in (
        (chunked, "Transfer-Encoding: chunked\r\n"),
        (gzip.compress(data), "Content-Encoding: gzip\r\n"),
        (zlib.compress(data), "Content-Encoding: deflate\r\n"),
        (bare.compress(data) + bare.flush(), "Content-Encoding: deflate\r\n"),
        (data, "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),  # claimed, and taken away before
    ):
        (item,) = read(record(http(content, more=header)))
        assert isinstance(item, Document), header
        assert item.text == TEXT


def test_what_is_left_out_says_why() -> None:
    sentence = "Das Licht der Sterne zeigt uns, woraus sie gemacht sind, und wie warm sie sind. "
    german = f"<html lang=de><title>Sterne</title><p>{sentence * 20}"
    for data, reason in (
        (page(address="https://shop.example.com/"), "not a scientific domain"),
        (page(address="http://[::1"), "no address"),
        (record(http(b"x", status="404 Not Found")), "HTTP status is not 200"),
        (record(http(b"%PDF", kind="application/pdf")), "not HTML"),
        (record(b"nothing of HTTP"), "not a response of HTTP"),
        (page(german), "not English"),
        (page(f"<title>A</title><p>{PROSE}"), "shorter than 600 characters"),
        (page(f"<title>A</title><p>[START_<i>REF]</i> {PROSE * 5}"), "spells a control token"),
        (page("<title>A</title>" + "<div>" * 50_000), "nested too deep"),
        (page()[:-500], "too long or cut short"),
    ):
        (item,) = read(data)
        assert isinstance(item, Drop), reason
        assert item.reason == reason


def test_large_files_are_cut_at_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red if a border is looked for in the bytes (the page spells one), or if a record that is too long takes others with it."""
    monkeypatch.setattr(warc_records, "PIECE_BYTES", 50_000)
    monkeypatch.setattr(warc_records, "MAX_BODY_BYTES", 100_000)
    spells = PAGE.replace("Lines", "WARC/1.0 Content-Length: 5")
    parts = [page(spells, address=f"{ADDRESS}/{number}") for number in range(100)]
    parts.insert(50, page("x" * 200_000, address=f"{ADDRESS}/long"))
    parts.insert(20, b"\r\ngarbage between\r\n\0\r\n")
    data = b"".join(parts)
    pieces = list(warc_records.split_responses(io.BytesIO(data)))
    assert len(pieces) > 3
    found = [item for piece in pieces for item in read(piece)]
    assert sum(isinstance(item, Document) for item in found) == 100
    assert [item.reason for item in found if isinstance(item, Drop)] == ["too long or cut short"]
    assert found == read(data)


def test_hostile_records_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_records, "MAX_BODY_BYTES", 10_000)
    bomb = gzip.compress(b"<p>x" * 10_000_000)
    (item,) = read(record(http(bomb[:9000], more="Content-Encoding: gzip\r\n")))
    assert isinstance(item, Drop)
    for data in (b"WARC/1.0\r\n" + b"x" * 3_000_000, b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 999999999999\r\n\r\n",
                 b"WARC/1.0\r\n" * 10_000, b"\0" * 100_000):  # fmt: skip
        assert all(isinstance(item, Drop) for item in read(data))


@pytest.mark.parametrize(
    ("data", "stated", "text"),
    [
        ("naïve – “x”".encode("cp1252"), "ISO-8859-1", "naïve – “x”"),
        ("naïve".encode(), "iso-8859-1", "naïve"),  # wrongly declared
        ('<meta charset="koi8-r">звезда'.encode("koi8-r"), None, '<meta charset="koi8-r">звезда'),
        ("星".encode("gb2312") * 50, "gb2312", "星" * 50),
        ("naïve".encode("cp1252"), "rot13", "naïve"),
        ("naïve".encode("utf-16"), None, "naïve"),
        ("naïve ".encode() * 9 + b"\xff", None, "naïve " * 9 + "\ufffd"),
        (b"\xef\xbb\xbfx", "unicode_escape", "x"),
    ],
)
def test_charsets(data: bytes, stated: str | None, text: str) -> None:
    assert decode(data, stated) == text


def test_control_characters_and_character_references() -> None:
    """Red if a tree is given what XML may not hold: lxml raises."""
    bad = "&#1;\x02&#xD800;&#xFFFF;"
    found = read_page(
        f"<title>T{bad}</title><nav>x</nav>{bad}<p>{bad}{PROSE}</p><pre>a<br>{bad}b</pre>{bad}<nav>y</nav>{bad}"
    )
    assert not isinstance(found, str)
    assert PROSE.strip() in found.blocks[0]


def test_pages_without_a_main_part() -> None:
    text = f"<title>T - S</title><div id='sidebar'><p>{PROSE}</p></div><table><tr><td><h2>Head</h2><p>{PROSE}</p><p>{PROSE}</p>"
    found = read_page(text + "<p>3 May 2020</p></td></tr></table><h3>Comments</h3>")
    assert not isinstance(found, str)
    assert (found.title, found.blocks) == ("T", ["## Head", PROSE.strip(), PROSE.strip()])


def test_the_classifier_is_trained_kept_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red if training does not learn, is not repeatable, or if a kept classifier scores otherwise."""
    star, shop = "star spectrum hydrogen temperature light", "price basket delivery order discount"
    texts = [" ".join((words.split() * 4)[n : n + 9]) for words in (star, shop) for n in range(10)]
    pages = [("eso.org" if n < 10 else "shop.com", text) for n, text in enumerate(texts)]
    classifier = science.train_on_domains(pages, science.bundled_domains())
    assert classifier.score("the light of hydrogen in a star spectrum") > 0.8
    assert classifier.score("order with a discount on delivery") < 0.2
    assert [one.domain for one in science.rank_domains(pages, classifier)] == ["eso.org", "shop.com"]
    again = science.train_on_domains(pages, science.bundled_domains())
    assert (again.weights == classifier.weights).all()
    classifier.save(tmp_path / "science")
    assert science.Classifier.load(tmp_path / "science").score(star) == classifier.score(star)
    (item,) = warc.source(tmp_path / "science").read(
        RawFile("a.warc", page(PAGE.replace(PROSE, f"{PROSE} {shop} " * 3)))
    )
    assert isinstance(item, Drop)
    assert item.reason == "not scientific by the classifier"
    data = (tmp_path / "science").read_bytes()
    for damaged in (data[:-5], b"x", data.replace(b"\n", b"x\n", 1)):
        (tmp_path / "damaged").write_bytes(damaged)
        with pytest.raises(BadData):
            science.Classifier.load(tmp_path / "damaged")
    with pytest.raises(BadData):
        science.train(["a"], [True])


def test_domains() -> None:
    domains = science.read_domains("# remark\neso.org\nwww.nist.gov # another\n\n")
    assert science.is_listed("supernova.ESO.org.", domains)
    assert science.is_listed("nist.gov", domains)
    assert not science.is_listed("notreso.org", domains)
    assert not science.is_listed("eso.org.evil.com", domains)
    assert 150 <= len(science.bundled_domains()) <= 250


def test_claims() -> None:
    assert SOURCE.claims("CC-MAIN-20220516.warc", page()[:4096])
    assert not SOURCE.claims("CC-MAIN-20220516.warc.wet", page()[:4096])
    assert not SOURCE.claims("x.warc", b"<html>")
