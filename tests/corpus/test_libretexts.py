"""Pages of LibreTexts in the three forms in which they are had."""

from __future__ import annotations

import json
from html import escape

import pytest

from galactica.corpus.sources.libretexts import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

PROSE = (
    "The gas in the tube is at rest, and the pressure of the gas is that of the air around the tube when it is open. "
    * 4
)
BODY = f"""<div class="mt-section"><p>{PROSE}</p><p>It holds that \\(PV = nRT\\) and \\[ \\ce{{H2O}} \\]</p>
<div class="box-example"><p class="boxtitle">Example \\(\\PageIndex{{1}}\\)</p><p>What is <em>P</em>?</p></div>
<h2>Contributors and Attributions</h2><ul><li>Somebody of a university</li></ul>
<div class="mt-guide-content"><a href="/x">Next page of the guide</a></div></div>"""
TEXT = f"# The Gas\n\n{PROSE.strip()}\n\nIt holds that \\( PV = nRT \\) and\n\n\\[ \\ce{{H2O}} \\]"
WHOLE = f"""<!DOCTYPE html><html lang="en"><head><title>2.1: The Gas - Chemistry LibreTexts</title>
<link rel="canonical" href="https://chem.libretexts.org/Bookshelves/Gas"/></head><body><nav>Search</nav><p>Chrome</p>
<section class="mt-content-container">{BODY}</section><footer class="mt-content-footer">2.1 is shared under license:ccbyncsa
licenseversion:40</footer></body></html>"""
API = f"""<content type="text/html" title="2.1: The Gas" href="https://chem.libretexts.org/1"><body>{escape(BODY)}</body>
<body target="toc">toc</body></content>"""
JSON = json.dumps(
    {
        "@type": "text/html",
        "@title": "2.1: The Gas",
        "@href": "https://chem.libretexts.org/1",
        "body": [BODY, {"@target": "toc", "#text": "toc"}],
    }
)


@pytest.mark.parametrize(("where", "data"), [("gas.html", WHOLE), ("gas.xml", API), ("gas.json", JSON)])
def test_a_page(where: str, data: str) -> None:
    assert SOURCE.claims(where, data.encode()[:4096])
    (item,) = SOURCE.read(RawFile(where, data.encode()))
    assert isinstance(item, Document), item
    assert item.text.startswith(TEXT)
    assert item.text.endswith("What is P?")
    assert "PageIndex" not in item.text
    if where.endswith(".html"):
        assert item.licence == "CC BY-NC-SA 4.0"
        assert item.id == "libretexts:https://chem.libretexts.org/Bookshelves/Gas"


def test_what_is_left_out_says_why() -> None:
    for data, reason in (
        (API.replace(escape(PROSE), ""), "shorter than 400 characters"),
        (API.replace("The gas in", "[START_REF] in"), "spells a control token"),
        (API.replace("2.1: The Gas", ""), "no title"),
        (API.replace(escape(BODY), escape("<div>" * 50_000)), "nested too deep"),
        ("<content title='x'/>", "no text of a page"),
        (API[:-50], "not well-formed: XMLSyntaxError"),
    ):
        (item,) = SOURCE.read(RawFile("gas.xml", data.encode()))
        assert isinstance(item, Drop)
        assert item.reason == reason


def test_claims() -> None:
    assert not SOURCE.claims("a.html", b"<html><title>Another site</title>")
    assert not SOURCE.claims("a.xml", b"<content title='x'><body/></content>")
    assert not SOURCE.claims("a.json", b'{"@title": "x"}')
