"""The last look at a document: what is masked, what is left out and why."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import markup
from galactica.corpus.curation import CurationConfig, curate, tidy
from galactica.corpus.licences import licence_class
from galactica.errors import BadConfig
from galactica.types import Document, Drop

CONFIG = CurationConfig()
PROSE = (
    "The folding of a protein is a search for the state of lowest free energy, and the search is not blind. "
    "Each residue narrows what its neighbours can do. We measured how fast this happens in water at room temperature. "
) * 4


def reason(text: str, group: Any = "papers", config: CurationConfig = CONFIG, **metadata: Any) -> str | None:
    licence = metadata.pop("licence", "CC BY 4.0")
    found = curate(Document("x", text, "jats", licence, metadata), group, config)
    return found.reason if isinstance(found, Drop) else None


def test_tidy_and_mask() -> None:
    text = f"A line  \r\nanother\x00 line.\n\n\n\nWrite to a.b@c.org or Tel: +49 30 1234567. {PROSE}"
    found = curate(Document("x", text, "jats", "CC0"), "papers", CONFIG)
    assert isinstance(found, Document)
    assert found.text.startswith("A line\nanother line.\n\nWrite to [email] or [phone]. The folding")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sub\U0010fc03words of co\u00adordi\u2060nates\uf0b7", "subwords of coordinates"),
        ("a \u202ebackward\u202c and \u2066held\u2069 line", "a backward and held line"),
        ("zero\u200bwidth\u200djoin\u200cers and \ue000placeholders\uf8ff", "zerowidthjoiners and placeholders"),
    ]
    + [
        (text, text)
        for text in (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0915\u094d\u200d\u0937",
            "\U0001f469\u200d\U0001f52c",
            "10\u207b\u00b3 \u00b5m, caf\u00e9 \U00020000",
        )
    ],
)
def test_invisible_characters_and_those_of_private_use_go(text: str, expected: str) -> None:
    assert tidy(text) == expected


@given(st.text(st.one_of(st.characters(), st.sampled_from("a \n\u0645\u00ad\u200c\u200d\u202e\ue000\U0010ffff"))))
def test_tidy_takes_only_what_nobody_sees(text: str) -> None:
    tidied = tidy(text)
    assert not {unicodedata.category(sign) for sign in tidied} & {"Co"}
    assert tidy(tidied) == tidied
    seen = [sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cn", "Zs", "Zl", "Zp")]
    assert [sign for sign in tidied if unicodedata.category(sign) not in ("Cc", "Cf", "Cn", "Zs")] == seen


def test_a_control_token_that_appears_when_text_is_tidied_is_seen() -> None:
    assert reason(f"{PROSE} [START\u00ad_REF] A, B[END\u2060_REF]") == "spells a control token"
    assert reason(f"{PROSE} [START_REF] A\u00ad, B[END_REF]") is None


def test_a_formula_of_a_knowledge_base_is_no_address() -> None:
    text = "[START_SMILES]C[C@H](N)C@a.b[END_SMILES] " + "data " * 30
    found = curate(Document("x", text, "compounds", "CC0"), "knowledge bases", CONFIG)
    assert isinstance(found, Document)
    assert "C@a.b" in found.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "shorter than 80 characters"),
        (f"{PROSE}{markup.EOS}", "spells a document boundary"),
        ("1 2 3 4 5 6 7 " * 50, "tables of numbers"),
        ("| a | b |\n| --- | --- |\n" + "| 0.123 | 4.5 |\n" * 40, "tables of numbers"),
        (f"{PROSE[:300]}\n\n" + "| 0.123 | 4.5 | 6 |\n" * 400, "tables of numbers"),
        (f"{PROSE[:90]} 0.1|2.3e5^&7%8 " + "3.4 x;8 {0.9} 5_7 k/2 " * 30, "fewer letters than other signs"),
        ("~|. ^,;: ti1 '' |_ .,; %$ 1i|l :;. " * 30, "fewer letters than other signs"),
        (PROSE.replace("e", "�"), "wrongly decoded"),
        (" ".join("the folding of a protein is a search".replace(" ", "")) * 8, "words fallen apart into letters"),
        ("incomprehensibilities counterrevolutionaries " * 60, "words too short or too long for prose"),
        ("A heading that stands on every page\n" * 40, "the same lines again and again"),
        ("Das Falten eines Proteins ist die Suche nach dem Zustand niedrigster Energie, nicht blind. " * 7, "another language"),
    ],
)  # fmt: skip
def test_what_is_no_prose_is_left_out_with_its_reason(text: str, expected: str) -> None:
    assert reason(text) == expected
    assert reason(PROSE) is None


_CODE = "```python\nsage: x, y = var('x y'); f = x^3 * e^(k*x); f\nx^3*e^(k*x)\n```\n\n"
_ROWS = "| Mercury | 57.9 | 88 d | 0.206 |\n| Venus | 108.2 | 224.7 d | 0.007 |\n"


@pytest.mark.parametrize(
    "text",
    [
        PROSE + r"\[ \int_0^1 x^2 \, dx = 1/3 - 0.001 + 2^{-10} \] " * 10,
        f"# Calculus\n\nHere are some examples.\n\n{_CODE * 12}",
        f"{PROSE}\n\n{_CODE * 40}",
        "# Proofs in K\n\n**Proof.**\n\n" + r"| 1. | \( \mathbf{K} \vdash \square\varphi \to \psi \) | taut |" + "\n" * 20,
        f"# Astronomical data\n\n| Object | Distance | Period | Eccentricity |\n| --- | --- | --- | --- |\n{_ROWS * 9}",
        "# Language models\n\n| Perplexity | Paper |\n| --- | --- |\n"
        + "".join(f"| {n}.76 | {markup.cite('Models of language', 'Roe')} |\n" for n in range(30)),
        "The terms that you ask for are 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765, "
        "10946, 17711, 28657, 46368, 75025, and each of them is the sum of the two that stand before it in the list.",
        "# combinator\n\nA term is of the form A B, the application of A to B. S f g x = f x (g x), K x y = x and I x = x. "
        "For all x, y: x R y and y R x => x = y; x R y R z => x R z, if R is a partial order on the set A and x, y, z in A. " * 3,
        "2-[4-[(4-amino-2,6-dimethylphenyl)methyl]-1H-imidazol-5-yl]-N,N-bis(2-chloroethyl)ethan-1-amine is an alkylating agent "
        "that is named by the rules of substitution; its salts dissolve in water and in 1,2-dichloroethane. " * 3,
        "Fill in the table.\n\n" + "Describe your procedure in words: ____________ ____________ ____________\n\n" * 9,
    ],
)  # fmt: skip
def test_formulas_code_tables_and_citations_are_not_noise(text: str) -> None:
    """Red: measure prose by what stands in formulas, code or tables, or count letters of plain formulas as fallen apart."""
    assert reason(text) is None


def test_a_list_of_names_is_of_no_other_language() -> None:
    names = "\n".join(
        f"- {name}" for name in ("Giulio Angioni", "Pere Bosch-Gimpera", "Wilhelm Bleek", "Pierre Bourdieu") * 20
    )
    assert reason(f"# List of anthropologists\n\n{names}") is None


def test_tables_of_a_knowledge_base_need_no_prose() -> None:
    assert reason("1 2 3 4 5 6 7 " * 50, "knowledge bases") is None


def test_a_short_question_is_a_document() -> None:
    assert reason("Question: Is water wet?\n\nAnswer: Yes", "prompts") is None


def test_fields_and_journals() -> None:
    assert reason(PROSE, fields=["History", "Art"]) == "a field that is left out"
    assert reason(PROSE, fields=["History", "Biology"]) is None
    assert reason(PROSE, journal="Journal of Law and Medicine") == "a journal whose subject is left out"
    assert reason(PROSE, journal="Lawrence Journal of Historyology") is None
    assert reason(PROSE, config=CurationConfig(fields_left_out=()), fields=["Art"]) is None


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by"),
        ("This is an open access article distributed under the Creative Commons Attribution License", "cc-by"),
        ("http://creativecommons.org/licenses/by-nc-sa/3.0/", "cc-by-nc"),
        ("Attribution-ShareAlike 4.0 International", "cc-by-sa"),
        ("CC0 1.0 Universal", "cc0"),
        ("public domain (PubChem)", "cc0"),
        ("MIT License", "permissive"),
        ("GNU General Public License v3", "copyleft"),
        ("GNU Free Documentation License, Version 1.3", "gfdl"),
        ("all rights reserved", "other"),
        ("not stated", "not stated"),
        ("as the collection of the file states", "not stated"),
        ("http://creativecommons.org/license/by/4.0", "cc-by"),
        ("This is an open-access article, free of all copyright, and may be freely reproduced", "cc0"),
        ("This is a work of the U.S. Government and is not subject to copyright protection", "cc0"),
        ("permissive: Biopython is currently released under the Biopython License Agreement", "permissive"),
        ("Published under terms that are permissive: none", "other"),
    ],
)
def test_licence_classes(stated: str, expected: str) -> None:
    assert licence_class(stated) == expected


def test_a_licence_rule() -> None:
    config = CurationConfig(licences=("cc-by", "cc0"))
    assert reason(PROSE, config=config, licence="CC BY 4.0") is None
    assert reason(PROSE, config=config, licence="CC BY-NC 4.0") == "licence: cc-by-nc"
    assert reason(PROSE, config=config, licence="") == "licence: not stated"
    known = CurationConfig(licences=("cc-by",), stated_licences={"jats": "CC BY 4.0"})
    found = curate(Document("x", PROSE, "jats", "not stated"), "papers", known)
    assert isinstance(found, Document)
    assert found.licence == "CC BY 4.0"
    assert reason(PROSE, config=known, licence="all rights reserved") == "licence: other"
    with pytest.raises(BadConfig, match=r"stated_licences\.jats is 'free', which is no licence"):
        CurationConfig(stated_licences={"jats": "free"})
    with pytest.raises(BadConfig, match="names 'cc-bye'; known: cc-by-nc"):
        CurationConfig(licences=("cc-bye",))
