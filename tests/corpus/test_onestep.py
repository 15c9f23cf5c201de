"""OneSmallStep: every template's program, run, gives the answer that was computed apart from it."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path

from galactica.corpus.prompts.onestep import onestep_documents, sample
from galactica.corpus.prompts.onestep_templates import TEMPLATES


def program_of(text: str) -> str:
    """The program in a document."""
    match = re.search(r"calculate\.py\n```\n(.*?)\n```\n", text, re.DOTALL)
    assert match
    return match[1]


def test_every_program_writes_the_stated_answer(tmp_path: Path) -> None:
    """One Python runs 25 problems of every template, each in a namespace of its own."""
    rng = random.Random(0)
    documents = [sample(template, rng) for template in TEMPLATES for _ in range(25)]
    programs = [program_of(document.text) for document in documents]
    runner = (
        "import json, sys\n"
        "out = []\n"
        "for program in json.load(sys.stdin):\n"
        "    exec(program, {})\n"
        "    out.append(open('output.txt').read())\n"
        "print(json.dumps(out))"
    )
    done = subprocess.run(
        [sys.executable, "-c", runner],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
        timeout=60,
    )
    for document, written in zip(documents, json.loads(done.stdout), strict=True):
        assert written == document.metadata["answer"], document.text
        assert f"\n\n{written}\n\nThe " in document.text
        assert re.search(rf"\n\nAnswer: {re.escape(written)}( |$)", document.text)


def test_document_form() -> None:
    template = next(template for template in TEMPLATES if template.name == "pendulum")
    text = sample(template, random.Random(1)).text
    assert text.startswith("Question: ")
    assert "\n\n<work>\nFor small amplitudes" in text
    assert "\\[ T = 2 \\pi \\sqrt{\\frac{L}{g}} \\]" in text
    assert '<<run: "calculate.py">>\n\n<<read: "output.txt">>\n\n' in text
    assert "s.\n</work>\n\nAnswer: " in text


def test_published_values() -> None:
    """Mars: 1.524 AU, 1.881 years. Earth: 11.19 km/s. 500 nm: 2.480 eV."""
    solve = {template.name: template.solve for template in TEMPLATES}
    assert f"{solve['orbital period'](1.524):.3f}" == "1.881"
    assert f"{solve['escape velocity'](1, 6371):.2f}" == "11.19"
    assert f"{solve['photon energy'](500):.3f}" == "2.480"


def test_documents_are_distinct_seeded_and_cover_every_field() -> None:
    documents = list(onestep_documents(300, seed=5))
    assert len({document.id for document in documents}) == len({document.text for document in documents}) == 300
    assert documents == list(onestep_documents(300, seed=5))
    assert documents != list(onestep_documents(300, seed=6))
    fields = {document.metadata["field"] for document in documents}
    assert fields == {"astronomy", "chemistry", "electronics", "mathematics", "physics", "statistics"}
    assert list(onestep_documents(0, seed=1)) == []
