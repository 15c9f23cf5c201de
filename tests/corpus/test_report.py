"""The page about a corpus: its figures are the build's, and nothing of a hostile record is more than text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from galactica.corpus import pipeline
from galactica.corpus.pipeline import CorpusConfig, sample_folder
from galactica.corpus.report import page, write_report
from galactica.errors import BadData

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)


def test_a_hostile_record_is_shown_as_text() -> None:
    row = {
        "documents": 1,
        "characters": 10,
        "group": HOSTILE,
        "licences": {HOSTILE: 1},
        "unresolved": {HOSTILE: 1},
        "marks": 2,
        "resolved": 1,
    }
    drops = [{"source": HOSTILE, "reason": HOSTILE, "count": 1, "samples": [[HOSTILE, HOSTILE]]}]
    samples = {HOSTILE: [{"id": HOSTILE, "before": HOSTILE, "after": HOSTILE}]}
    html = page({"sources": {HOSTILE: row}}, drops, samples, {HOSTILE: [[HOSTILE, 3]]}, len)
    tags = Tags()
    tags.feed(html)
    assert not tags.found & {"script", "img", "iframe", "link"}
    assert "<script" not in html


def test_the_page_of_a_built_corpus(tmp_path: Path) -> None:
    counts = pipeline.build(sample_folder(), tmp_path / "out", CorpusConfig(sources=("jats", "compounds")))
    write_report(tmp_path / "out", tmp_path / "report.html", len)
    html = (tmp_path / "report.html").read_text()
    assert f"{counts['sources']['jats']['characters']:,}" in html  # tokens are characters to this counter
    assert "no source reads this kind of file" in html
    with pytest.raises(BadData, match="is not a built corpus"):
        write_report(tmp_path, tmp_path / "x.html")
