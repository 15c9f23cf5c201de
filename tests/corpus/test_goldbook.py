"""Terms of the IUPAC Gold Book, in each of its files."""

from __future__ import annotations

import json

from galactica.corpus.sources.goldbook import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

DEFINITION = "The logarithm of the ratio of <em>P</em><sub>0</sub> to <em>P</em>, \\(A = \\log \\frac{P_0}{P}\\), through a sample."
TERM = {
    "id": "28", "code": "A00028", "doi": "10.1351/goldbook.A00028", "title": "absorbance, <em>A</em>",
    "synonym": "<em>synonym</em>: extinction",
    "definitions": [{
        "id": "1", "text": DEFINITION, "notes": {"1": "Not of scattering."}, 
        "links": [{"title": "P", "url": "https://goldbook.iupac.org/terms/view/P1"}],
        "sources": ["PAC, 1996, 68, 2223. (Glossary of terms used in the plots (IUPAC Recommendations 1996)) on page 2226"],
    }],
}  # fmt: skip
ANSWER = (
    "The logarithm of the ratio of P₀ to P, \\( A = \\log \\frac{P_0}{P} \\), through a sample.\n\nNote: Not of scattering.\n\n"
    "Also called: extinction."
)
SOURCE_LINE = "\n\nSource: [START_REF] Glossary of terms used in the plots (IUPAC Recommendations 1996)[END_REF]"


def read(data: str, where: str = "goldbook/A00028.json") -> list[Document | Drop]:
    assert SOURCE.claims(where, data.encode()[:4096])
    return list(SOURCE.read(RawFile(where, data.encode())))


def test_a_term() -> None:
    (item,) = read(json.dumps({"term": TERM}))
    assert isinstance(item, Document)
    assert item.text == f"# absorbance, A\n\n{ANSWER}{SOURCE_LINE}"
    assert (item.id, item.metadata["doi"]) == ("goldbook:A00028", "10.1351/goldbook.A00028")


def test_a_share_is_posed_as_questions() -> None:
    """Red if the wording depends on anything but the id."""
    entries = {
        f"X{number:05}": {"term": f"word {number}", "definition": "A thing of chemistry that is defined here."}
        for number in range(200)
    }
    found = read(json.dumps({"entries": entries}), "goldbook_vocab.json")
    posed = [item for item in found if isinstance(item, Document) and item.text.startswith("Question: ")]
    assert 0.2 * 200 < len(posed) < 0.4 * 200
    assert found == read(json.dumps({"entries": dict(reversed(entries.items()))}), "goldbook_vocab.json")[::-1]
    assert posed[0].text.endswith("?\n\nAnswer: A thing of chemistry that is defined here.")


def test_xml_and_several_definitions() -> None:
    xml = (
        "<?xml version='1.0'?><terms xmlns:x='https://goldbook.iupac.org'><term><code>A1</code><title>acid</title><definitions>"
        "<item><text>A donor of a &lt;em&gt;proton&lt;/em&gt; to a base.</text></item>"
        "<item><text>An acceptor of a pair of electrons.</text>"
        "</item></definitions></term></terms>"
    )
    (item,) = read(xml, "goldbook/A1.xml")
    assert isinstance(item, Document)
    assert "1. A donor of a proton to a base.\n\n2. An acceptor of a pair of electrons." in item.text


def test_what_is_left_out_says_why() -> None:
    for data, reason in (
        ({"term": TERM | {"definitions": []}}, "no definition"),
        ({"term": TERM | {"title": ""}}, "no title"),
        ({"term": TERM | {"definitions": [{"text": f"[START_<b>REF]</b> {DEFINITION}"}]}}, "spells a control token"),
        ({"terms": {"list": []}}, "holds no terms"),
    ):
        (item,) = read(json.dumps(data))
        assert isinstance(item, Drop)
        assert item.reason == reason
    (item,) = SOURCE.read(RawFile("goldbook.json", b'{"term": ' * 20_000))
    assert isinstance(item, Drop)


def test_claims() -> None:
    assert not SOURCE.claims("terms.json", b'{"term": {"title": "acid"}}')
    assert not SOURCE.claims("goldbook/readme.json", b'{"version": 1}')
