"""Courses of MIT OpenCourseWare as their downloads come (data.json, pages, captions) -> lecture notes and pages of courses.

Source: the "Download Course" zip of https://ocw.mit.edu: `data.json` for the course, `pages/**` and `resources/**` with
`index.html` and `data.json`, captions as `.vtt` or `.srt`. Lecture notes in PDF go through GROBID like any other PDF.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from galactica.corpus.headings import heading_level, shifted, without_sections
from galactica.corpus.html import Converter, Reading, parse
from galactica.corpus.html_page import decode, read_page
from galactica.corpus.json_items import load
from galactica.corpus.papers import is_english
from galactica.corpus.source import Package, PackageSource, Published
from galactica.corpus.veil import SPELLS, clean, unveil
from galactica.types import Document, Drop

MIN_CHARACTERS = 400
LICENCE = "CC BY-NC-SA 4.0"
PARAGRAPH_CHARACTERS = 700
"""A paragraph of captions ends at the first full stop after so many characters."""
_LECTURE = re.compile(
    r"(?:lecture|lec\.?|class|session|recitation)\s*(?:notes?\s*)?(?:#|no\.?\s*)?(\d{1,3})\b\s*(?:notes\b)?\s*[:.|–—-]*\s*(.*)",
    re.I,
)
_NUMBERED = re.compile(r"(?:L|R)?(\d{1,3})\s*[:.|–—-]\s*(.{4,})")
_ADMINISTRATIVE = re.compile(
    r"(?:syllabus|calendar|instructor[- ]insights?.*|download.*|course[- ]home|this[- ]course[- ]at[- ]mit|related[- ]resources|"
    r"readings?|meet[- ]the.*|video[- ]galler(?:y|ies)|resource[- ]index|search|index|assignments?|lecture[- ]notes|exams?|tools|"
    r"recitations?|labs?|projects?|study[- ]materials|lecture[- ]videos?|video[- ]lectures)",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:course info|learning resource types|browse (?:course material|resources)|download course|over 2,500 courses.*)",
    re.I,
)
_TIMING = re.compile(r"(?:\d{1,2}:)?\d{1,2}:\d{2}[.,]\d{3}\s+-->.*")
_CUE_TAG = re.compile(
    r"<[^<>]{0,100}>|\{\\[^{}]{0,40}\}|\[(?:MUSIC|APPLAUSE|LAUGHTER|INAUDIBLE|CLICKING|SQUEAKING|RUSTLING)[^\]]{0,40}\]",
    re.IGNORECASE,
)


class _Course(NamedTuple):
    title: str
    key: str
    topics: list[str]


def _claims(package: Package) -> bool:
    return any(
        path.rpartition("/")[2] == "data.json" and b'"course_title"' in data for path, data in package.files.items()
    )


def _read(package: Package) -> Iterator[Document | Drop]:
    course = _course(package)
    titles = _resource_titles(package)
    for path, data in package.files.items():
        parts = PurePosixPath(path)
        name = parts.name.lower()
        if name.endswith((".vtt", ".srt")):
            found = _captions(course, path, titles.get(name, ""), data)
        elif name in ("index.html", "index.htm") and any(part in ("pages", "resources") for part in parts.parts[:-1]):
            found = _page(course, path, data)
        elif name == "data.json" and "pages" in parts.parts[:-1] and f"{parts.parent}/index.html" not in package.files:
            found = _json_page(course, path, load(data))
        else:
            continue
        yield Drop(f"{package.where}/{path}", SOURCE.name, found) if isinstance(found, str) else found


def _course(package: Package) -> _Course:
    """What the shallowest `data.json` says of the course."""
    for path in sorted(package.ending("data.json"), key=lambda path: (path.count("/"), path)):
        tree = load(package.files[path])
        if isinstance(tree, dict) and tree.get("course_title"):
            topics = [
                str(part)
                for topic in tree.get("topics") or []
                for part in (topic if isinstance(topic, list) else [topic])
            ]
            numbers = " ".join(str(tree.get(name) or "") for name in ("primary_course_number", "term", "year"))
            key = re.sub(r"[^a-z0-9]+", "-", f"{numbers} {tree['course_title']}".lower()).strip("-")
            return _Course(" ".join(clean(str(tree["course_title"])).split()), key, list(dict.fromkeys(topics)))
    return _Course("", hashlib.sha256(package.where.encode("utf-8", "replace")).hexdigest()[:16], [])


def _resource_titles(package: Package) -> dict[str, str]:
    """Titles of videos by the file names of their captions."""
    titles: dict[str, str] = {}
    for path in package.ending("data.json"):
        tree = load(package.files[path])
        if not isinstance(tree, dict) or not tree.get("title"):
            continue
        inner = tree.get("video_files")
        places = [
            tree.get("file"),
            tree.get("captions_file"),
            tree.get("transcript_file"),
            tree.get("video_captions_file"),
        ]
        places += (
            [inner.get("video_captions_file"), inner.get("video_transcript_file")] if isinstance(inner, dict) else []
        )
        for place in places:
            if isinstance(place, str) and place:
                titles[place.rpartition("/")[2].lower()] = re.sub(
                    r"\s*(?:captions?|transcript|\.?vtt|\.?srt)$", "", str(tree["title"]), flags=re.I
                )
    return titles


def _page(course: _Course, path: str, data: bytes) -> Document | str:
    page = read_page(decode(data))
    if isinstance(page, str):
        return page
    parts = page.title.split(" | ")
    return _document(course, path, parts[0], page.blocks, page.n_formulas)


def _json_page(course: _Course, path: str, tree: Any) -> Document | str:
    if not isinstance(tree, dict) or not isinstance(tree.get("content"), str):
        return "no content"
    root = parse(tree["content"])
    if isinstance(root, str):
        return root
    converter = Converter(Reading("plain", without_link_lists=True))
    blocks = converter.blocks(root)
    if converter.spells_control_token:
        return SPELLS
    return _document(
        course, path, " ".join(clean(str(tree.get("title") or "")).split()), blocks, converter.formulas.n_formulas
    )


def _captions(course: _Course, path: str, title: str, data: bytes) -> Document | str:
    """A lecture out of the captions of its video."""
    text, spells = unveil(clean(data.decode("utf-8-sig", "replace").replace("\r\n", "\n")))
    if spells:
        return SPELLS
    title = " ".join(clean(title).split()) or re.sub(r"[-_]+", " ", PurePosixPath(path).stem)
    return _document(course, path, title, _caption_paragraphs(text), 0)


def _caption_paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        line = " ".join(_CUE_TAG.sub(" ", line).split())
        if (
            not line
            or line.isdigit()
            or line.startswith(("WEBVTT", "NOTE", "STYLE", "Kind:", "Language:"))
            or _TIMING.match(line)
        ):
            continue
        if not lines or lines[-1] != line:
            lines.append(line)
    paragraphs: list[str] = []
    size = 0
    part: list[str] = []
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= PARAGRAPH_CHARACTERS and line.endswith((".", "?", "!")):
            paragraphs.append(" ".join(part))
            part, size = [], 0
    return [*paragraphs, " ".join(part)] if part else paragraphs


def _document(course: _Course, path: str, title: str, blocks: list[str], n_formulas: int) -> Document | str:
    """A lecture opens with its number; another page with its title. Pages that only run the course are left out."""
    folder = PurePosixPath(path).parent.name or PurePosixPath(path).stem
    blocks = without_sections(blocks, _LEFT_OUT)
    match = _LECTURE.match(title) or (_NUMBERED.match(title) if re.search(r"lec", path, re.IGNORECASE) else None)
    if match is None and _ADMINISTRATIVE.fullmatch(title.strip() or folder):
        return "a page that runs the course"
    if sum(map(len, blocks)) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    if not title:
        return "no title"
    if not is_english("\n".join(blocks)[:40_000]):
        return "not English"
    if match is not None:
        name = match[2].strip(" .:|") or course.title
        body = shifted(blocks, 1)
        if not heading_level(body[0]):
            body.insert(0, f"# {course.title or 'Introduction'}")
        text = "\n\n".join([f"Lecture {int(match[1])}: {name}" if name else f"Lecture {int(match[1])}", *body])
    else:
        text = "\n\n".join([f"# {title}", *shifted(blocks, 2)])
    key = hashlib.sha256(f"{course.key}/{path}".encode("utf-8", "replace")).hexdigest()[:16]
    metadata = {
        "title": title,
        "course": course.title,
        "topics": course.topics,
        "language": "en",
        "n_formulas": n_formulas,
    }
    return Document(f"ocw:{key}", text, SOURCE.name, LICENCE, metadata)


SOURCE = PackageSource(
    name="ocw",
    group="reference material",
    format="MIT OpenCourseWare course downloads",
    origin="https://ocw.mit.edu (Download Course)",
    licence=LICENCE,
    published=Published(25_640, 90_000_000),
    endings=frozenset((".json", ".html", ".htm", ".vtt", ".srt")),
    claims=_claims,
    read=_read,
)
