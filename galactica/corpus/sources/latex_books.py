r"""Books in LaTeX -> one document a chapter, or a section where a chapter is long.

Source: repositories of open textbooks (Stacks project, Napkin, Open Logic Text, HoTT book, ...): a tree of `.tex` files, each
chapter one of them, that a main file reads in or that stand alone.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from galactica import markup
from galactica.corpus.headings import heading_level, shifted, without_empty_sections
from galactica.corpus.latex import bibliography, embedded_ruby, front, openlogic
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.document import expanded, licence, resolved, texts_of, to_text
from galactica.corpus.latex.expand import Expander
from galactica.corpus.latex.pointers import Target
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import tokenise
from galactica.corpus.latex.tree import TooDeepError, parse
from galactica.corpus.latex.writer import Writer
from galactica.corpus.marks import Marks
from galactica.corpus.papers import is_english
from galactica.corpus.source import Package, PackageSource, Published
from galactica.types import Document, Drop

MIN_CHARACTERS, MAX_CHARACTERS = 600, 60_000
"""Sections shorter than the first are joined, chapters longer than the second are cut."""
MAX_BOOK = 128 * 2**20
_MIN_CHAPTERS = 3
_MIN_CHAPTER = 300
_MAX_ROOTS = 50
"""Files that are looked at as the main one of a book."""

ENDINGS = frozenset((".tex", ".rbtex", ".bib", ".bbl", ".sty", ".cls"))
_BOOK_CLASS = re.compile(
    r"\\document(?:class|style)\s*(?:\[[^\]]*\])?\s*\{[^}]*(?:book|memoir|report|scrrep|subfiles|genrel)[^}]*\}"
)
_CLASS = re.compile(r"^[^%\n]*\\document(?:class|style)\s*(?:\[[^\]]*\])?\s*\{([^}]*)\}", re.MULTILINE)
_HEADING = re.compile(
    r"^[^%\n]{0,40}\\(?:chapter|section|olsection|olchapter)\b|<%\s*\n?\s*(?:chapter|begin_sec)\b", re.MULTILINE
)
_CHAPTER = re.compile(r"^[^%\n]{0,40}\\chapter(?![*a-zA-Z])|<%\s*chapter\b", re.MULTILINE)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_READS = re.compile(
    r"\\(?:input|include|subfile|subimport|import|olimport)\b\*?\s*(?:\[([^\]\n]{0,100})\])?\s*(?:\{([^{}]*)\})?\s*\{([^{}]+)\}"
)
"""A file that is read in: the folder in brackets or braces, the name."""
_CITED = re.compile(r"\\[a-zA-Z]*cite[a-zA-Z]*\*?\s*(?:\[[^\]]{0,200}\]\s*){0,2}\{([^{}]{1,500})\}")
_TITLED = re.compile(
    r"\\chapter\s*\{([^{}]{1,200})\}"
    r"((?:\s|\\label\{[^{}]*\}|\\addcontentsline(?:\{[^{}]*\}){3}|%[^\n]*\n){0,9})"
    r"\\(?:input|include|subfile)\s*\{([^{}]+)\}"
)
_LABEL = re.compile(r"\\label\{[^{}]*\}")
_LEFT_OUT_PATH = re.compile(
    r"(?:^|/)(?:slides?|wip|old|drafts?|figures?|img|include|locale|courses|cover|frontmatter|backmatter|scripts?)/|"
    r"(?:^|/)(?:preamble|macros?|chapters|index|bibliography|references|cover[\w-]*|blurb|title\w*|fdl|front|back|"
    r"errata|symbols|notations?|hintsol|colophon|acknowledge?ments?|copyright|opt-[\w-]+|flowchart[\w-]*)\.(?:tex|rbtex)$",
    re.IGNORECASE,
)
_LEFT_OUT_HEADING = re.compile(
    r"(?:other chapters|acknowledge?ments?|bibliography|references|index|(?:table of )?contents|notes? on references|"
    r"photo credits)\.?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^#+ (?:(?:[A-Z]|\d+)(?:\.\d+)* )?(?=\S)")


@dataclass(slots=True)
class Chapter:
    """A file of a book, written: its blocks, and the writer that knows its labels."""

    path: str
    title: str
    blocks: list[str]
    writer: Writer


def _claims(package: Package) -> bool:
    """Whether the package is a book: several files with chapters or sections of their own, of a book's class or many of them."""
    texts = {path: package.files[path].decode("utf-8", "replace") for path in package.ending(".tex", ".rbtex")}
    if sum(map(len, texts.values())) > MAX_BOOK or 2 * len(texts) < len(package.files) - 4:
        return False
    chapters = _chapter_files(texts)
    is_book = any(_BOOK_CLASS.search(text[:20_000]) for text in texts.values())
    return len(chapters) >= _MIN_CHAPTERS and (is_book or len(chapters) >= 10)


def _read(package: Package) -> Iterator[Document | Drop]:
    texts = texts_of(package, ENDINGS)
    if any(markup.control_tokens(text) for path, text in texts.items() if path.endswith((".tex", ".rbtex"))):
        yield Drop(package.where, SOURCE.name, "spells a control token")
        return
    book = _Book(texts, _folder_name(package.where))
    chapters: list[Chapter] = []
    for path in book.chapters:
        result = book.chapter(path)
        if isinstance(result, str):
            yield Drop(f"{package.where}/{path}", SOURCE.name, result)
        else:
            chapters.append(result)
    book.collect_labels(chapters)
    stated = licence(package)
    for chapter in chapters:
        for item in book.documents(chapter):
            where = f"{package.where}/{chapter.path}"
            yield Drop(where, SOURCE.name, item) if isinstance(item, str) else _document(item, chapter, book, stated)


def _document(part: tuple[int, str, str], chapter: Chapter, book: _Book, stated: str) -> Document:
    number, title, text = part
    marks = chapter.writer.marks
    metadata = {
        "title": title,
        "book": book.title,
        "chapter": chapter.title,
        "n_marks": marks.n_marks if number == 1 else 0,  # they are counted by file
        "n_resolved": marks.n_resolved if number == 1 else 0,
        "unresolved": dict(marks.unresolved) if number == 1 else {},
        "n_formulas": chapter.writer.n_formulas if number == 1 else 0,
        "formulas_left_out": dict(chapter.writer.formulas_left_out) if number == 1 else {},
    }
    key = re.sub(r"[^\w]+", "-", book.title.lower()).strip("-")
    return Document(
        f"latexbooks:{key}/{posixpath.splitext(chapter.path)[0]}/{number}", text, SOURCE.name, stated, metadata
    )


def _reads(text: str) -> list[tuple[str, str, str]]:
    """The files that a text reads in: folder in brackets, folder in braces, name; what is commented out is not read."""
    return _READS.findall(_COMMENT.sub("", text))


def _folder_name(where: str) -> str:
    """The folder of a package that tells its name."""
    parts = [
        part
        for part in where.split("/")
        if part.lower() not in ("src", "doc", "docs", "source", "tex", "latex", "book", "content")
    ]
    return parts[-1].partition(".")[0] if parts else "book"


def _chapter_files(texts: Mapping[str, str]) -> list[str]:
    found = []
    for path, text in texts.items():
        if not path.endswith((".tex", ".rbtex")):
            continue
        match = _CLASS.search(text[:20_000])
        is_other = match is not None and "beamer" in match[1]
        n_read = len(_reads(text))
        if (
            len(text) >= _MIN_CHAPTER
            and not _LEFT_OUT_PATH.search(path)
            and not is_other
            and _HEADING.search(text)
            and n_read < 6
        ):
            found.append(path)
    return found


class _Book:
    """The files of one book, with the definitions and the bibliography that its chapters share."""

    def __init__(self, texts: dict[str, str], name: str) -> None:
        edition = openlogic.Edition(texts) if openlogic.is_open_logic(texts) else None
        for path, text in texts.items():
            if path.endswith(".rbtex"):
                texts[path] = embedded_ruby.to_latex(text)
            elif edition is not None and path.endswith(".tex"):
                texts[path] = edition.plain(text)
        self.texts = texts
        self._put_in_titles()
        self.main = self._main_file()
        unordered = _chapter_files(texts)
        order = {path: index for index, path in enumerate(self._read_from(self.main) if self.main else [])}
        self.chapters = sorted(unordered, key=lambda path: (order.get(path, len(order)), path))
        self.numbers = self._chapter_numbers(order)
        self.shared = {path: text for path, text in texts.items() if path not in set(self.chapters)}
        self.definitions, title = self._definitions(edition is not None)
        self.title = title or name
        self.bibliography = self._bibliography()
        self.labels: dict[str, Target] = {}

    def _put_in_titles(self) -> None:
        """A chapter whose heading stands where it is read in gets it at its beginning."""
        for path, text in list(self.texts.items()):
            for match in _TITLED.finditer(text):
                inner = Expander(self.texts, Definitions(), posixpath.dirname(path)).find(match[3])
                if inner is not None and inner != path and not _CHAPTER.search(self.texts[inner]):
                    labels = "".join(_LABEL.findall(match[2]))
                    self.texts[inner] = f"\\chapter{{{match[1]}}}{labels}\n{self.texts[inner]}"

    def _main_file(self) -> str | None:
        """The file from which most others are read in."""
        chapters = set(_chapter_files(self.texts))
        roots = [
            path
            for path, text in self.texts.items()
            if path.endswith(".tex") and path not in chapters and _READS.search(text)
        ]
        read = {path: self._read_from(path) for path in roots[:_MAX_ROOTS]}
        covered = {path: len(chapters.intersection(paths)) for path, paths in read.items()}
        found = [path for path in read if covered[path] > 1]
        return max(found, key=lambda path: (covered[path], len(read[path]), -len(path)), default=None)

    def _read_from(self, root: str) -> list[str]:
        """The files that are read in from one, itself first, in the order of reading."""
        found: dict[str, None] = {}
        waiting = [root]
        finder = Expander(self.texts, Definitions(), posixpath.dirname(root))
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found[path] = None
            names = [posixpath.join(option, folder, name) for option, folder, name in _reads(self.texts[path])]
            nearby = [finder.find(posixpath.join(posixpath.dirname(path), name)) or finder.find(name) for name in names]
            waiting += [inner for inner in reversed(nearby) if inner is not None]
        return list(found)

    def _chapter_numbers(self, order: Mapping[str, int]) -> dict[str, int | None]:
        """The number before the first chapter of each file that the main file reads in."""
        numbers: dict[str, int | None] = {}
        number = 0
        for path in self.chapters:
            n_chapters = len(_CHAPTER.findall(self.texts[path])) if path in order else 0
            numbers[path] = number if path in order else None
            number += n_chapters
        return numbers

    def _definitions(self, is_open_logic: bool) -> tuple[Definitions, str]:
        definitions = Definitions()
        title = ""
        try:
            if self.main is not None:
                preamble, body, definitions = expanded(self.shared, self.main)
                writer = Writer(definitions, Marks({}), {})
                writer.write(parse(preamble))
                writer.write(parse(body[:20_000]))
                title = front.title(writer)
            expander = Expander(self.shared, definitions)
            for path in sorted(path for path in self.shared if path.endswith((".sty", ".cls"))):
                expander.library(path, ("",))
            if is_open_logic:
                expander.run(tokenise(openlogic.MACROS))
            if any(path.endswith(".rbtex") for path in self.texts):
                expander.run(tokenise(embedded_ruby.MACROS))
        except (TooLongError, TooDeepError, RecursionError):
            pass  # each chapter's own run says so
        return definitions, title

    def _bibliography(self) -> bibliography.Bibliography:
        listing = {path: text for path, text in self.texts.items() if path.endswith((".bib", ".bbl"))}
        sources = [text for path, text in self.texts.items() if path.endswith((".tex", ".rbtex"))]
        keys = dict.fromkeys(
            key.strip() for text in sources for match in _CITED.finditer(text) for key in match[1].split(",")
        )
        return bibliography.read(listing, keys, sources, lambda latex: to_text(self.definitions, latex))

    def chapter(self, path: str) -> Chapter | str:
        """A file of the book written, or why it is left out."""
        texts = {**self.shared, path: self.texts[path]}
        try:
            preamble, body, definitions = expanded(texts, path, self.definitions.copy())
            has_chapters = "\\chapter" in body
            marks = Marks(self.bibliography.references)
            writer = Writer(definitions, marks, self.bibliography.names, 1 if has_chapters else 2, self.numbers[path])
            writer.write(parse(preamble))
            blocks = writer.write(parse(body))
        except TooLongError:
            return "macros expand without end"
        except (TooDeepError, RecursionError):
            return "groups nested too deep"
        title, blocks = _titled(front.title(writer), blocks)
        return Chapter(path, title, blocks, writer) if title else "no title"

    def collect_labels(self, chapters: list[Chapter]) -> None:
        """Makes labels known beyond their file, by themselves where one file alone has them, and behind the file's name."""
        seen = Counter(label for chapter in chapters for label in chapter.writer.labels)
        for chapter in chapters:
            stem = posixpath.splitext(posixpath.basename(chapter.path))[0]
            for label, target in chapter.writer.labels.items():
                self.labels[f"{stem}-{label}"] = target
                if seen[label] == 1:
                    self.labels[label] = target

    def documents(self, chapter: Chapter) -> Iterator[tuple[int, str, str] | str]:
        """The documents of a chapter as number, title and text; or why a part is none."""
        own = chapter.writer.labels
        n_documents = 0
        for title, blocks in _parts(chapter.title, without_empty_sections(_without_left_out(chapter.blocks))):
            text = "\n\n".join([f"# {title}", *shifted(blocks, 2)])
            text = resolved(text, chapter.writer, lambda label: own.get(label) or self.labels.get(label))
            if len(text) < MIN_CHARACTERS:
                yield f"shorter than {MIN_CHARACTERS} characters"
            elif not is_english(markup.without_citations(text[:40_000])):
                yield "not English"
            else:
                n_documents += 1
                yield n_documents, title, text


def _titled(title: str, blocks: list[str]) -> tuple[str, list[str]]:
    """The title of a chapter, and its blocks without the heading that is its title: the only one of its level, at the top."""
    level = heading_level(blocks[0]) if blocks else 0
    is_only = level > 0 and not any(heading_level(block) in range(1, level + 1) for block in blocks[1:])
    if level == 1 and is_only:
        return _NUMBER.sub("", blocks[0]), blocks[1:]
    if title or not level:
        return title, blocks
    return _NUMBER.sub("", blocks[0]), blocks[1:] if is_only else blocks


def _without_left_out(blocks: list[str]) -> list[str]:
    kept: list[str] = []
    left_out_at = 0
    for block in blocks:
        level = heading_level(block)
        if level and (not left_out_at or level <= left_out_at):
            left_out_at = level if _LEFT_OUT_HEADING.fullmatch(_NUMBER.sub("", block)) else 0
        if not left_out_at:
            kept.append(block)
    return kept


def _parts(title: str, blocks: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The chapter whole, or its sections where it is long, short ones joined; a long section is cut in turn."""
    levels = [level for block in blocks if (level := heading_level(block))]
    if sum(map(len, blocks)) <= MAX_CHARACTERS or not levels:
        if blocks:
            yield title, blocks
        return
    top = min(levels)
    sections: list[list[str]] = [[]]
    for block in blocks:
        if heading_level(block) == top and sum(map(len, sections[-1])) >= MIN_CHARACTERS:
            sections.append([])
        sections[-1].append(block)
    if len(sections) > 1 and sum(map(len, sections[-1])) < MIN_CHARACTERS:
        sections[-2:] = [sections[-2] + sections[-1]]
    for section in sections:
        if (
            len(sections) > 1
            and heading_level(section[0]) == top
            and sum(heading_level(block) == top for block in section) == 1
        ):
            yield from _parts(f"{title}: {_NUMBER.sub('', section[0])}", section[1:])
        elif len(sections) > 1:
            yield title, section
        else:
            yield from _parts(title, section[1:] if heading_level(section[0]) == top else section)


SOURCE = PackageSource(
    name="latexbooks",
    group="reference material",
    format="LaTeX source packages of books",
    origin="https://github.com/stacks/stacks-project and repositories of open textbooks",
    licence="per book, open licences",
    published=Published(647, 94_000_000),
    endings=ENDINGS,
    claims=_claims,
    read=_read,
)
