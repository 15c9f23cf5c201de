"""Papers in Markdown with their bibliography: JOSS, the blog posts of ICLR, reviews written with Manubot.

Sources: https://joss.readthedocs.io (paper.md, YAML, pandoc citations); Jekyll posts in the Distill layout (`<d-cite>`);
https://manubot.org (`content/*.md`, `metadata.yaml`, citations by DOI, CSL-JSON).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from galactica import markup
from galactica.corpus import crossrefs
from galactica.corpus.code_files import is_program, is_vendored
from galactica.corpus.front_matter import family_first, front_matter, names, read_yaml, string
from galactica.corpus.headings import heading_level, shifted, without_empty_sections, without_sections
from galactica.corpus.liquid import without_liquid
from galactica.corpus.markdown import Dialect, Markdown
from galactica.corpus.package_files import MAX_BYTES, TOO_LARGE, licence_of, name_of, references_of, text_of
from galactica.corpus.papers import MAX_AUTHORS, is_english, is_left_out
from galactica.corpus.prose import Prose
from galactica.corpus.source import Package, PackageSource
from galactica.corpus.veil import SPELLS
from galactica.references import csl
from galactica.references.record import clean_doi
from galactica.types import Document, Drop, Reference, UntitledEntry

MIN_CHARACTERS = 600
MAX_PROGRAMS = 3
MIN_ABSTRACT = 150
"""A description that is shorter is a subtitle."""
_JOSS_PAPER = re.compile(r"(?:^|/)paper[\w-]*\.md$", re.IGNORECASE)
_POST = re.compile(r"(?:^|/)_posts/(?:.*/)?\d{4}-\d\d-\d\d-[^/]+\.(?:md|markdown)$")
_CONTENT = re.compile(r"(?:^|(?:^|/)content/)\d\d\.[\w.-]*\.md$")
_TAG = re.compile(r"^\[@tag:([^\]\s]+)\]:\s*(\S+)\s*$", re.MULTILINE)
_IDENTIFIER = re.compile(r"@((?:doi|arxiv|pmid|pmcid|url|isbn):[^\s;\],]+)")
_DRAFT_NOTE = re.compile(r"(?:(?<!\s)\s+)?\[update in progress\]", re.IGNORECASE)
_OWN_NUMBER = re.compile(r"\d{1,2}(?:(?:\.\d{1,2}){1,8}\.?|[.)])\s+(?=\S)")
_REFERENCES = re.compile(r"references|bibliography|citations?|works cited", re.IGNORECASE)


_PUBLISHERS_LICENCES = {
    "joss": "CC BY 4.0 (JOSS, text of papers)",
    "iclr-blogposts": "CC BY 4.0 (ICLR Blogposts, text)",
}
"""Licences that a publisher states for all texts; the licence file beside a paper is that of the software."""


def _paper(
    package: Package, path: str, text: str, head: Mapping[str, Any], references: Mapping[str, Reference | None], dialect: Dialect,
    source: str, abstract: str = "", untitled: Mapping[str, UntitledEntry] | None = None,
) -> Document | Drop:  # fmt: skip
    """The document of one paper, whose values are in `head`, or why there is none."""
    where = f"{package.where}/{path}"
    prose = Prose(references, untitled=untitled)
    labels = crossrefs.labels(text)
    text = crossrefs.without_pointers(text, labels)
    markdown = Markdown(prose, dialect, labels)
    title = markdown.line(_DRAFT_NOTE.sub("", string(head.get("title"))))
    if not title:
        return Drop(where, source, "no title", text[:300])
    authors = [family_first(name) for name in names(head.get("authors") or head.get("author"))]
    written = markdown.blocks(text)
    summary = markdown.blocks(abstract) if abstract else []
    sections = _sections(written, summary)
    if prose.spells_control_token or markup.control_tokens(", ".join(authors)):
        return Drop(where, source, SPELLS)
    opening = [markup.paper_head(title, authors[:MAX_AUTHORS]).strip()]
    whole = "\n\n".join([*opening, *sections])
    if len(whole) < MIN_CHARACTERS:
        return Drop(where, source, f"shorter than {MIN_CHARACTERS} characters", whole)
    if not is_english(markup.without_citations(whole[:40_000])):
        return Drop(where, source, "not English", whole[:300])
    metadata = {
        "title": title,
        "year": _year(head, path),
        "doi": clean_doi(string(head.get("doi"))),
        **prose.metadata(),
    }
    key = f"{source}:{name_of(package)}/{path}"
    licence = _PUBLISHERS_LICENCES.get(source) or licence_of(package)
    return Document(key, whole, source, licence, metadata, tuple(prose.marks.pending))


def _sections(blocks: list[str], abstract: list[str]) -> list[str]:
    """Abstract and numbered sections. The summary that opens a JOSS paper is its abstract; thanks and lists of works go."""
    blocks = _without_left_out(shifted(blocks, 1))
    if not abstract and blocks and re.fullmatch(r"# (?:Summary|Abstract)", blocks[0], re.IGNORECASE):
        end = next((at for at, block in enumerate(blocks[1:], 1) if heading_level(block)), len(blocks))
        abstract, blocks = blocks[1:end], blocks[end:]
        top = next((at for at, block in enumerate(blocks) if heading_level(block) == 1), len(blocks))
        blocks = [*shifted(blocks[:top], 1), *blocks[top:]]
    out = ["# Abstract", *abstract] if abstract else []
    if blocks and not heading_level(blocks[0]):
        follows = next((block for block in blocks if heading_level(block) == 1), "")
        if any(map(heading_level, blocks)) and "introduction" not in follows.lower():
            blocks = ["# Introduction", *blocks]
        elif out:
            blocks = ["# Main text", *blocks]
    return [*out, *_numbered(blocks)]


def _numbered(blocks: list[str]) -> list[str]:
    """The blocks with the sections of three levels numbered; a level that is left out above one is closed up."""
    out: list[str] = []
    numbers = [0, 0, 0]
    above: list[int] = []  # levels of the headings that the block stands under
    for block in blocks:
        if level := heading_level(block):
            above = [*(one for one in above if one < level), level]
            depth, title = len(above), block[level + 1 :]
            if depth <= 3 and not title.lower().startswith("appendi"):
                numbers[depth - 1] += 1
                numbers[depth:] = [0] * (3 - depth)
                title = f"{'.'.join(map(str, numbers[:depth]))} {_OWN_NUMBER.sub('', title)}"
            block = f"{'#' * depth} {title}"
        out.append(block)
    return out


def _without_left_out(blocks: list[str]) -> list[str]:
    kept: list[str] = []
    left_out_at = 0  # level of the section that is being left out
    for block in blocks:
        if (level := heading_level(block)) and (not left_out_at or level <= left_out_at):
            left_out_at = level if is_left_out(_OWN_NUMBER.sub("", block.lstrip("# "))) else 0
        if not left_out_at:
            kept.append(block)
    return without_empty_sections(without_sections(kept, _REFERENCES))


def _year(head: Mapping[str, Any], path: str) -> int | None:
    match = re.search(
        r"(?<!\d)(?:19|20)\d\d(?!\d)", string(head.get("date")) or str(head.get("date") or "")
    ) or re.search(r"(?<!\d)20\d\d(?=-\d\d-\d\d)", path)
    return int(match[0]) if match else None


# --- JOSS -----------------------------------------------------------------------------------------------------------


def _claims_joss(package: Package) -> bool:
    """Whether a package holds papers of JOSS, and not the software that they are about: that is code with a page of text."""
    n_programs = sum(is_program(path) and not is_vendored(path) for path in package.files)
    return n_programs <= MAX_PROGRAMS and bool(_joss_papers(package))


def _joss_papers(package: Package) -> list[str]:
    return [path for path in package.ending(".md") if _JOSS_PAPER.search(path) and _is_joss(package.files[path])]


def _is_joss(data: bytes) -> bool:
    head = data[:8000].lstrip(b"\xef\xbb\xbf \r\n")
    return head.startswith(b"---") and b"title:" in head and b"authors:" in head and b"bibliography:" in head


def _read_joss(package: Package) -> Iterator[Document | Drop]:
    for path in _joss_papers(package):
        if len(package.files[path]) > MAX_BYTES:
            yield Drop(f"{package.where}/{path}", JOSS_SOURCE.name, TOO_LARGE)
            continue
        head, text = front_matter(text_of(package.files[path]))
        references = references_of(package, path.rpartition("/")[0] or None)
        yield _paper(package, path, text, head, references, "pandoc", JOSS_SOURCE.name)


# --- posts ----------------------------------------------------------------------------------------------------------


def _posts(package: Package) -> list[str]:
    return [path for path in package.ending(".md", ".markdown") if _POST.search(path)]


def _read_posts(package: Package) -> Iterator[Document | Drop]:
    by_file = {
        PurePosixPath(path).name: path for path in package.ending(".bib")
    }  # keys of one post mean other works in another
    for path in _posts(package):
        where = f"{package.where}/{path}"
        if len(package.files[path]) > MAX_BYTES:
            yield Drop(where, POSTS_SOURCE.name, TOO_LARGE)
            continue
        head, text = front_matter(text_of(package.files[path]))
        if "distill-example" in path or "template" in path:
            yield Drop(where, POSTS_SOURCE.name, "example of the layout")
            continue
        bibliography = by_file.get(PurePosixPath(string(head.get("bibliography"))).name)
        references = references_of(package, bibliography) if bibliography else {}
        description = string(head.get("description"))
        abstract = description if len(description) >= MIN_ABSTRACT else ""
        yield _paper(package, path, without_liquid(text), head, references, "kramdown", POSTS_SOURCE.name, abstract)


# --- Manubot --------------------------------------------------------------------------------------------------------


def _contents(package: Package) -> list[str]:
    return [path for path in package.ending(".md") if _CONTENT.search(path)]


def _read_manubot(package: Package) -> Iterator[Document | Drop]:
    """One document of all parts of `content`, in the order of their names."""
    paths = _contents(package)
    if sum(len(package.files[path]) for path in paths) > MAX_BYTES:
        yield Drop(package.where, MANUBOT_SOURCE.name, TOO_LARGE)
        return
    texts = {path: text_of(package.files[path]) for path in paths}
    tags = {tag: source for text in texts.values() for tag, source in _TAG.findall(text)}
    references, untitled = _cited(package, texts, tags)
    metadata = next((path for path in package.files if path.endswith("metadata.yaml")), None)
    head = read_yaml(text_of(package.files[metadata])) if metadata else {}
    parts = [text for path, text in texts.items() if not re.search(r"/(?:00|9\d)[.\w-]*\.md$", f"/{path}")]
    text = "\n\n".join(parts)
    yield _paper(package, "content", _TAG.sub("", text), head, references, "pandoc", MANUBOT_SOURCE.name, "", untitled)


def _cited(
    package: Package, texts: Mapping[str, str], tags: Mapping[str, str]
) -> tuple[dict[str, Reference | None], dict[str, UntitledEntry]]:
    """The works of the package's CSL-JSON by every key and tag that the texts cite, and what is said of those without a title."""
    works: dict[str, Reference | None] = {}
    untitled: dict[str, UntitledEntry] = {}
    for path in package.ending(".json"):
        works.update((key, work) for key, work in csl.keyed_references(package.files[path]) if work or key not in works)
        untitled.update(csl.keyed_untitled(package.files[path]))
    keys = {f"tag:{tag}": csl.normal_key(source) for tag, source in tags.items()}
    for text in texts.values():
        keys |= {key: csl.normal_key(key) for key in _IDENTIFIER.findall(text)}
    references = works | {
        key: works.get(identifier) for key, identifier in keys.items() if identifier in works or key.startswith("tag:")
    }
    found = {key: untitled.get(identifier) or csl.identified(identifier) for key, identifier in keys.items()}
    entries = {key: entry for key, entry in found.items() if entry and references.get(key) is None}
    return dict.fromkeys(entries) | references, entries


JOSS_SOURCE = PackageSource(
    name="joss",
    group="papers",
    format="JOSS Markdown (paper.md, paper.bib)",
    origin="https://joss.theoj.org, repositories of the packages",
    licence=_PUBLISHERS_LICENCES["joss"],
    endings=frozenset((".md", ".bib")),
    claims=_claims_joss,
    read=_read_joss,
)
POSTS_SOURCE = PackageSource(
    name="iclr-blogposts",
    group="papers",
    format="Jekyll posts in the Distill layout, BibTeX",
    origin="https://github.com/iclr-blogposts",
    licence=_PUBLISHERS_LICENCES["iclr-blogposts"],
    endings=frozenset((".md", ".markdown", ".bib")),
    claims=lambda package: any(b"layout: distill" in package.files[path][:4000] for path in _posts(package)),
    read=_read_posts,
)
MANUBOT_SOURCE = PackageSource(
    name="manubot",
    group="papers",
    format="Manubot Markdown, CSL-JSON",
    origin="https://manubot.org, https://github.com/greenelab/deep-review",
    licence="per manuscript, CC BY and freer",
    endings=frozenset((".md", ".json", "metadata.yaml")),
    claims=lambda package: (
        len(_contents(package)) > 1 and any(path.endswith("metadata.yaml") for path in package.files)
    ),
    read=_read_manubot,
)
SOURCES = (JOSS_SOURCE, POSTS_SOURCE, MANUBOT_SOURCE)
