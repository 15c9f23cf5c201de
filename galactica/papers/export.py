"""A Paper -> a folder with Markdown, PDF, LaTeX, BibTeX and Word, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from galactica import files
from galactica.errors import BadInput
from galactica.papers import nodes, typeset
from galactica.papers.article import Article, article, works
from galactica.papers.markdown import markdown
from galactica.papers.nodes import Node
from galactica.papers.word import styled
from galactica.references.export import bibtex
from galactica.types import Paper

FORMATS = ("md", "pdf", "tex", "bib", "docx")


@dataclass(frozen=True, slots=True)
class Exported:
    """The files by format, and a line for each thing that is shown otherwise than it was written."""

    paths: Mapping[str, Path]
    warnings: tuple[str, ...]


def export(paper: Paper, folder: Path, stem: str = "paper") -> Exported:
    """Write `stem`.md, .pdf, .tex, .bib and .docx; an earlier export in `folder` is replaced as a whole. A formula that
    cannot be typeset is shown as LaTeX source. Raises BadInput for a folder that holds anything else, MissingExtra without
    pandoc or typst, OSError where the disk refuses."""
    check_folder(folder, stem)
    made, contents = _contents(paper, stem)
    with files.new_folder(folder) as new:
        for format_, content in contents.items():
            files.write_file(new / f"{stem}.{format_}", content)
    return Exported({format_: folder / f"{stem}.{format_}" for format_ in contents}, _warnings(made))


def check_folder(folder: Path, stem: str = "paper") -> None:
    """Raise BadInput where `export` would: it replaces the folder as a whole, so that it must hold no files but ours. A
    caller that writes for minutes asks first."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise BadInput(f"{str(there)!r} is a file. Give a folder.")
    if not os.access(folder.absolute().parent if there == folder else there, os.W_OK | os.X_OK):
        raise BadInput(f"nothing can be written in {str(there)!r}. Give a folder of your own.")
    if folder.resolve() == Path.cwd() or folder.is_mount():
        raise BadInput(f"{str(folder)!r} cannot be put in place whole, as it is in use. Give a folder inside it.")
    ours = {f"{stem}.{format_}" for format_ in FORMATS}
    others = sorted(path.name for path in folder.iterdir() if path.name not in ours) if folder.exists() else []
    if others:
        raise BadInput(f"{str(folder)!r} holds {others[0]!r}, which is no part of a paper. Give a new folder.")


def _contents(paper: Paper, stem: str) -> tuple[Article, dict[str, bytes | str]]:
    made, cited, pdf = _set(paper)
    contents: dict[str, bytes | str] = {
        "md": markdown([*_front(made), *_numbered(cited["blocks"])]).rstrip("\n") + "\n",
        "pdf": pdf,
        "tex": typeset.latex(made.document, stem),
        "bib": bibtex(works(paper)),
        "docx": styled(typeset.docx(_with_note(cited))),
    }
    return made, contents


def _set(paper: Paper) -> tuple[Article, Node, bytes]:
    """The article with the formulas that pandoc and typst refuse shown as source, its cited form and its PDF."""
    unset: set[str] = set()
    while True:
        made = article(paper, unset)
        cited = typeset.cited(made.document)
        source, refused = typeset.typst_source(cited)
        if not refused:
            try:
                return made, cited, typeset.pdf(source)
            except typeset.TypesettingFailed:
                refused = typeset.unsettable(typeset.formulas_of(cited))
                if not refused:
                    raise
        assert not refused <= unset, f"shown as source and yet refused: {refused}"
        unset |= refused


def _warnings(made: Article) -> tuple[str, ...]:
    unset = [f"the formula {latex[:80]!r} is shown as LaTeX source: {why}" for latex, why in made.problems.items()]
    lost = [f"the citation {key[:80]!r} has no record and was left out" for key in dict.fromkeys(made.dropped)]
    return (*unset, *lost)


def _front(made: Article) -> list[Node]:
    """Title, authors, date, abstract and note as blocks, for Markdown."""
    meta = made.document["meta"]
    blocks = [nodes.heading(1, meta["title"]["c"])]
    authors = [author["c"] for author in meta["author"]["c"]] if "author" in meta else []
    line = [node for author in authors for node in (*nodes.text(", "), *author)][2:]
    blocks += [nodes.paragraph(inlines) for inlines in (line, meta["date"]["c"] if "date" in meta else []) if inlines]
    if "note" in meta:
        blocks.append(nodes.paragraph([nodes.wrapped("Emph", meta["note"]["c"])]))
    if "abstract" in meta:
        blocks += [nodes.heading(2, nodes.text("Abstract")), *meta["abstract"]["c"]]
    return blocks


def _numbered(blocks: Sequence[Node]) -> list[Node]:
    """The blocks one heading level lower, below the title, and sections with their numbers, for Markdown."""
    found: list[Node] = []
    counts = [0] * 6
    for block in blocks:
        if block["t"] == "Header":
            level, (_, classes, _), inlines = block["c"]
            if "unnumbered" not in classes:
                counts[level - 1 :] = [counts[level - 1] + 1, *([0] * (6 - level))]
                number = ".".join(str(max(count, 1)) for count in counts[:level])
                inlines = [*nodes.text(f"{number} "), *inlines]
            block = nodes.heading(level + 1, inlines)
        found.append(block)
    return found


def _with_note(cited: Node) -> Node:
    """The document with its note as the first paragraph, for Word."""
    note = cited["meta"].get("note")
    if note is None:
        return cited
    return {**cited, "blocks": [nodes.paragraph([nodes.wrapped("Emph", note["c"])]), *cited["blocks"]]}
