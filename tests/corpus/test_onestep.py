"""OneSmallStep: every template's program, run, gives the answer that was computed apart from it."""

from __future__ import annotations

import random
import re
from collections import Counter

from galactica.corpus.prompts.execute import verified
from galactica.corpus.prompts.onestep import onestep_documents, sample
from galactica.corpus.prompts.onestep_templates import TEMPLATES
from galactica.corpus.prompts.onestep_templates.template import Terms
from galactica.types import Document


def test_every_program_writes_the_stated_answer() -> None:
    """25 problems of every template; red where a program and `solve` part."""
    rng = random.Random(0)
    documents = [sample(template, rng) for template in TEMPLATES for _ in range(25)]
    for document, found in zip(documents, verified(documents), strict=True):
        assert found is document, document.text
        answer = str(document.metadata["answer"])
        assert "e" not in answer, f"{document.metadata['template']} needs other bounds or another form: {answer}"
        assert re.search(rf"\n\nAnswer: {re.escape(answer)}( |$)", document.text)
        assert not re.search(r"[{}]", document.text.partition("\n\n")[0]), document.text


def test_templates_have_the_shares_of_the_paper() -> None:
    """Section 3.2's table, as least numbers; three wordings each, all different, and names and units that read well."""
    least = {"astronomy": 2, "chemistry": 7, "electronics": 10, "mathematics": 15, "physics": 14, "statistics": 2}
    counts = Counter(template.field for template in TEMPLATES)
    assert len(TEMPLATES) >= 50
    assert all(counts[field] >= n for field, n in least.items())
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    assert all(len(set(template.questions)) >= 3 for template in TEMPLATES)


def test_document_form() -> None:
    template = next(template for template in TEMPLATES if template.name == "pendulum")
    text = sample(template, random.Random(1)).text
    assert text.startswith("Question: ")
    assert "\n\n<work>\nFor small amplitudes" in text
    assert "\\[ T = 2 \\pi \\sqrt{\\frac{L}{g}} \\]" in text
    assert '<<run: "calculate.py">>\n\n<<read: "output.txt">>\n\n' in text
    assert "s.\n</work>\n\nAnswer: " in text


def test_published_values() -> None:
    """Mars: 1.524 AU, 1.881 years. Earth: 11.19 km/s. 500 nm: 2.480 eV. Sun: 2.95 km. By hand:
    Bayes at 1 %, 90 %, 91 %: 0.9 / (0.9 + 8.91) = 9.17 %. Nernst at Q = 0.01: 1.10 V + 2 * 29.58 mV = 1.159 V."""
    solve = {template.name: template.solve for template in TEMPLATES}
    assert f"{solve['orbital period'](1.524):.3f}" == "1.881"
    assert f"{solve['escape velocity'](1, 6371):.2f}" == "11.19"
    assert f"{solve['photon energy'](500):.3f}" == "2.480"
    assert f"{solve['Schwarzschild radius'](1):.2f}" == "2.95"
    assert f"{solve['predictive value'](1, 90, 91):.2f}" == "9.17"
    assert f"{solve['Nernst equation'](1.10, 2, 0.01):.3f}" == "1.159"


def test_polynomials_read_as_one_writes_them() -> None:
    """Signs, ones and zeros: red if `1 x`, `+ -3` or `0 x` is ever written."""

    def written(*values: int) -> object:
        coefficients = tuple((name, value, value) for name, value in zip("abc", values, strict=True))
        return Terms("p", coefficients, ("x^2", "x", "")).draw(random.Random(0))["p"]

    assert written(3, -5, 7) == "3 x^2 - 5 x + 7"
    assert written(-1, 0, -1) == "-x^2 - 1"
    assert written(1, 1, 0) == "x^2 + x"
    assert written(0, 0, 0) == "0"


def test_documents_are_distinct_seeded_and_cover_every_field() -> None:
    documents = list(onestep_documents(300, seed=5))
    assert len({document.id for document in documents}) == len({document.text for document in documents}) == 300
    assert documents == list(onestep_documents(300, seed=5))
    assert documents != list(onestep_documents(300, seed=6))
    assert all(isinstance(document, Document) for document in documents)
    assert {document.metadata["field"] for document in documents} == {template.field for template in TEMPLATES}
    assert list(onestep_documents(0, seed=1)) == []
