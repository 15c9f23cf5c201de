"""Courses of MIT OpenCourseWare: lectures by their number, pages, captions; pages that only run the course left out."""

from __future__ import annotations

import json

from galactica.corpus.packages import packages
from galactica.corpus.source import Package
from galactica.corpus.sources.ocw import SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

PROSE = (
    "The spins of the lattice point up or down, and the energy of the lattice is that of the pairs of spins side by side. "
    * 4
)
COURSE = {
    "course_title": "Statistical Physics", "primary_course_number": "8.08", "term": "Spring", "year": "2005",
    "topics": [["Science", "Physics"]], "instructors": [], "learning_resource_types": ["Lecture Notes"],
}  # fmt: skip


def page(title: str, body: str) -> bytes:
    head = f"<html lang=en><head><title>{title} | Statistical Physics</title></head>"
    return f"{head}<body><nav>Menu</nav><main><h1>{title}</h1>{body}</main></body></html>".encode()


VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000 align:start\n<c>The spins of the lattice</c>\n\n2\n00:00:04.000 --> 00:00:09.000\n"
    + "\n".join(
        f"{number}\n00:0{number % 9}:09.000 --> 00:0{number % 9}:12.000\nand the energy of the pair is number {number}.\n"
        for number in range(3, 40)
    )
)
FILES = {
    "data.json": json.dumps(COURSE).encode(),
    "pages/lecture-1/index.html": page("Lecture 1: The Ising Model", f"<p>{PROSE}</p><h2>Energy</h2><p>{PROSE}</p>"),
    "pages/notes/index.html": page("Magnets", f"<p>{PROSE}</p>"),
    "pages/syllabus/index.html": page("Syllabus", f"<p>{PROSE}</p>"),
    "pages/more/data.json": json.dumps({"title": "Lecture 2", "content": f"<p>{PROSE}</p>"}).encode(),
    "resources/video-3/data.json": json.dumps(
        {"title": "Lecture 3: Pairs of Spins", "captions_file": "/courses/x/abc_lec3.vtt"}
    ).encode(),
    "static_resources/abc_lec3.vtt": VTT.encode(),
}


def read(files: dict[str, bytes] = FILES) -> list[Document | Drop]:
    (package,) = packages("808.zip", [RawFile(f"808.zip/{path}", data) for path, data in files.items()])
    assert SOURCE.claims(package)
    return list(SOURCE.read(package))


def test_a_course() -> None:
    found = {item.metadata["title"]: item.text for item in read() if isinstance(item, Document)}
    text = PROSE.strip()
    assert (
        found["Lecture 1: The Ising Model"]
        == f"Lecture 1: The Ising Model\n\n# Statistical Physics\n\n{text}\n\n# Energy\n\n{text}"
    )
    assert found["Magnets"] == f"# Magnets\n\n{text}"
    assert found["Lecture 2"].startswith("Lecture 2: Statistical Physics\n\n# Statistical Physics\n\n")
    captions = found["Lecture 3: Pairs of Spins"]
    assert captions.startswith(
        "Lecture 3: Pairs of Spins\n\n# Statistical Physics\n\nThe spins of the lattice and the energy of the pair is number 3."
    )
    assert "-->" not in captions
    assert [item.reason for item in read() if isinstance(item, Drop)] == ["a page that runs the course"]


def test_hostile_files() -> None:
    hostile = {
        "pages/a/index.html": b"<div>" * 50_000, "pages/b/data.json": b"[" * 100_000,
        "static_resources/c.vtt": b"\0\xff[START_REF] x" * 100,
        "pages/d/index.html": page("D", f"<p>[START_<i>REF]</i> {PROSE}</p>"), "pages/e/data.json": b'{"title": 3, "content": 4}',
    }  # fmt: skip
    reasons = {item.reason for item in read({"data.json": FILES["data.json"], **hostile}) if isinstance(item, Drop)}
    assert reasons == {"nested too deep", "no content", "spells a control token"}


def test_claims() -> None:
    assert not SOURCE.claims(Package("x", {"data.json": b'{"title": "no course"}', "index.html": b""}))
