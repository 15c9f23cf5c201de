"""OpenStax textbooks in CNXML -> one document a module, its solved exercises at the end as questions and answers; those whose
steps and answer are told apart (`exercises.py`) become documents with working memory instead, each its own.

Source: CNXML 0.7 (Connexions Markup Language) with MathML, as the osbooks repositories hold it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from galactica import markup
from galactica.corpus.leads import is_task, take_lead
from galactica.corpus.marks import PLACEHOLDERS, Marks
from galactica.corpus.mojibake import mended
from galactica.corpus.scripts import script
from galactica.corpus.source import Source
from galactica.corpus.sources import exercises, reasoning
from galactica.corpus.sources.cnxml_pointers import in_words, without_empty_pointers
from galactica.corpus.tables import markdown_grid, one_line
from galactica.files import RawFile
from galactica.modalities import formulas, mathml
from galactica.types import Document, Drop
from galactica.xml_tree import parsed

MIN_CHARACTERS = 400
NAMESPACE = "http://cnx.rice.edu/cnxml"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_PREFIX = f"{{{NAMESPACE}}}"
_ROOT = re.compile(rb"<(?:\w+:)?(document|collection)[\s>]")
_NAMESPACES = (b"http://cnx.rice.edu/cnxml", b"http://cnx.rice.edu/collxml")
_LEFT_OUT_NOTES = frozenset(("os-teacher", "link-to-learning", "interactive", "media", "media-notitle"))
_LEFT_OUT_SECTIONS = frozenset(
    ["references", "further-exploration", "contrib-auth", "sr-contrib-auth", "suggested-reading"]
)
_BLOCKS = frozenset((
    "list", "equation", "figure", "table", "note", "example", "exercise", "section", "para", "code", "quote", "definition",
    "problem", "solution", "commentary", "injected-exercise", "rule", "proof", "statement", "div",
))  # fmt: skip
_SKIPPED = frozenset((
    "media", "image", "iframe", "footnote", "label", "metadata", "title", "caption", "space", "video", "audio", "flash",
))  # fmt: skip
_EXERCISES = frozenset(("exercise", "injected-exercise"))
_COUNTED = {"figure": "Figure", "table": "Table", "example": "Example", "equation": "Equation"}
_CHARACTERS = PLACEHOLDERS | dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x24D0, 0x24EA)))
"""Left out: invisible characters, and the circled letters that number the parts of an exercise's answer twice."""


def _claims(where: str, head: bytes) -> bool:
    if not where.lower().endswith((".cnxml", ".xml")):
        return False
    return _ROOT.search(head) is not None and any(namespace in head for namespace in _NAMESPACES)


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        root = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    documents = _documents(root, file.data)
    if isinstance(documents, str):
        yield Drop(file.where, SOURCE.name, documents)
    else:
        yield from documents


def _documents(root: etree._Element, data: bytes) -> list[Document] | str:
    """The module and its worked exercises, or why there is nothing."""
    if root.tag != f"{_PREFIX}document":
        return "a collection or another root, not a module"
    content = root.find(f"{_PREFIX}content")
    if content is None:
        return "no content"
    if markup.control_tokens("".join(str(part) for part in root.itertext())):
        return "spells a control token"
    module = Module(root)
    blocks = module.blocks(content) + module.glossary() + module.exercises
    title = module.title(root) or _metadata(root, "title")
    if not title:
        return "no title"
    text = "\n\n".join([f"# {title}", *blocks])
    if len(text) < MIN_CHARACTERS:
        return f"shorter than {MIN_CHARACTERS} characters"
    identifier = _metadata(root, "content-id") or hashlib.sha256(data).hexdigest()[:16]
    document = Document(
        id=f"cnxml:{identifier}",
        text=text,
        source=SOURCE.name,
        licence=_LICENCE,
        metadata={
            "title": title,
            "n_formulas": module.n_formulas,
            "formulas_left_out": dict(module.formulas_left_out),
            "n_exercises": len(module.exercises),
            "exercises_left_out": module.n_unsolved,
        },
    )
    return [document, *(_worked(text, title) for text in module.worked)]


def _worked(text: str, title: str) -> Document:
    """A document of its own: books of one bundle share exercises, so its id is its text's."""
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return Document(f"exercise:{key}", text, reasoning.SOURCE.name, _LICENCE, {"title": title})


def _metadata(root: etree._Element, name: str) -> str:
    node = root.find(f".//{{http://cnx.rice.edu/mdml}}{name}")
    return " ".join((node.text or "").split()) if node is not None else ""


def _name(element: etree._Element) -> str:
    return str(element.tag).removeprefix(_PREFIX) if isinstance(element.tag, str) else ""


def _is_inline(code: etree._Element) -> bool:
    return (
        code.get("display", "inline") == "inline" and "\n" not in "".join(str(part) for part in code.itertext()).strip()
    )


def _in_example(element: etree._Element) -> bool:
    return any(_name(ancestor) == "example" for ancestor in element.iterancestors())


class Module:
    """Renders one module. While `blocks` runs, `exercises` fills with "Question: ... Answer: ..." blocks and `worked` with texts
    of exercises that have their working memory."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.exercises: list[str] = []
        self.worked: list[str] = []
        self.n_unsolved = 0
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()
        self._text = Marks({})
        self._lead: list[str] = []
        self._labels: dict[str, str] = {}
        self._linked = frozenset(link.get("target-id", "") for link in root.iter(f"{_PREFIX}link"))
        for exercise in root.iter(f"{_PREFIX}exercise"):
            self._labels[exercise.get("id", "")] = "another exercise"
        counts: Counter[str] = Counter()
        for element in root.iter(*(f"{_PREFIX}{name}" for name in _COUNTED)):
            name = _name(element)
            counts[name] += 1
            self._labels[element.get("id", "")] = f"{_COUNTED[name]} {counts[name]}"

    def title(self, element: etree._Element) -> str:
        """The element's title on one line, "" where it has none."""
        node = element.find(f"{_PREFIX}title")
        return self._line(node) if node is not None else ""

    def glossary(self) -> list[str]:
        """ "**term**: meaning" for each definition at the module's end, under a heading."""
        terms: dict[str, str] = {}
        for definition in self.root.iterfind(f"{_PREFIX}glossary//{_PREFIX}definition"):
            if (text := self._definition(definition)) is not None:
                terms.setdefault(text, text)
        return ["## Glossary", *terms] if terms else []

    def _definition(self, definition: etree._Element) -> str | None:
        term, meanings = definition.find(f"{_PREFIX}term"), definition.findall(f"{_PREFIX}meaning")
        meaning = one_line([block for node in meanings for block in self.blocks(node)])
        return f"**{self._line(term)}**: {meaning}" if term is not None and meaning else None

    def blocks(self, element: etree._Element, level: int = 2) -> list[str]:
        """What the element holds, as blocks: running text between blocks is a paragraph."""
        out: list[str] = []
        parts: list[str] = [self._clean(element.text)]
        lead: list[str] | None = None
        n_led = 0

        def flush() -> None:
            text = self._resolved(parts)
            parts.clear()
            if any(character.isalnum() for character in text):
                out.append(text)
            elif text and out and text in ".,;" and out[-1].endswith(r" \]"):
                out[-1] = f"{out[-1][:-3]}{text} \\]"

        for child in element:
            name = _name(child)
            if name in _BLOCKS and not (name == "code" and _is_inline(child)):
                flush()
                if name not in _EXERCISES or _in_example(child):
                    lead = None
                elif lead is None:
                    lead, n_led = take_lead(out)
                self._lead = lead if lead and n_led > 0 else []
                n_led -= 1
                out += self._block(child, name, level)
            elif name == "newline":
                flush()
            elif name == "title" and _name(element) == "para":
                parts.append(f"**{self._line(child)}** ")
            else:
                self._inline_child(child, name, parts)
            parts.append(self._clean(child.tail))
        flush()
        return out

    def _block(self, element: etree._Element, name: str, level: int) -> list[str]:
        classes = set(element.get("class", "").split())
        if name == "section":
            return [] if classes & _LEFT_OUT_SECTIONS else self._section(element, level)
        if name == "note":
            return [] if classes & _LEFT_OUT_NOTES else self._titled(element, level)
        if name in _EXERCISES:
            return self._exercise(element, level)
        if name == "example":
            return self._example(element, level)
        if name == "list":
            return self._list(element, level)
        if name == "equation":
            return self._equation(element)
        if name == "figure":
            return self._figure(element)
        if name == "table":
            return self._table(element)
        if name == "code":
            code = "".join(str(part) for part in element.itertext()).strip("\n")
            return [f"```\n{code}\n```"] if code.strip() else []
        if name == "definition":
            return [text] if (text := self._definition(element)) is not None else []
        if name == "commentary":
            return []
        return self.blocks(element, level)

    def _section(self, element: etree._Element, level: int) -> list[str]:
        inner = self.blocks(element, level + 1)
        title = self.title(element)
        return [f"{'#' * min(level, 4)} {title}", *inner] if inner and title else inner

    def _titled(self, element: etree._Element, level: int, label: str = "") -> list[str]:
        """A note or example: "Example 2: Title" in bold, then what it holds."""
        title = self.title(element)
        problem = element.find(f"{_PREFIX}exercise/{_PREFIX}problem")
        if not title and problem is not None:
            title = self.title(problem)
        inner = self.blocks(element, level)
        head = f"{label}: {title}" if label and title else label or title
        return [f"**{head}**", *inner] if inner and head else inner

    def _example(self, element: etree._Element, level: int) -> list[str]:
        """In its place, unless it can be told apart as a worked problem and no link of the module leads to it."""
        blocks = self._titled(element, level, self._labels.get(element.get("id", ""), "Example"))
        found = exercises.worked_example(blocks[1:]) if element.get("id", "") not in self._linked else None
        if found is None:
            return blocks
        self.worked.append(found.problem)
        if found.check:
            self.exercises.append(found.check)
        return []

    def _exercise(self, element: etree._Element, level: int) -> list[str]:
        """In an example the exercise stays where it is; elsewhere it goes to the end if it is solved, behind what leads it in."""
        lead, self._lead = self._lead, []
        problem = [block for node in element.findall(f"{_PREFIX}problem") for block in self.blocks(node, level)]
        solutions = element.findall(f"{_PREFIX}solution")
        solution = [block for node in solutions for block in self.blocks(node, level)]
        if _in_example(element):
            if solution:
                solution[0] = f"Solution: {solution[0]}" if not solution[0].startswith("**Solution") else solution[0]
            return problem + solution
        worked = exercises.worked_exercise(problem, solution) if problem and solution else None
        if problem and lead and not (is_task(lead[-1]) and is_task(problem[0])):
            problem = lead + problem
            worked = exercises.worked_exercise(problem, solution) if worked else None
        if worked is not None:
            self.worked.append(worked)
        elif problem and solution:
            question, answer = "\n\n".join(problem), "\n\n".join(solution)
            self.exercises.append(f"Question: {question}\n\nAnswer: {answer}")
        else:
            self.n_unsolved += 1
        return []

    def _list(self, element: etree._Element, level: int) -> list[str]:
        is_ordered = element.get("list-type") == "enumerated"
        items: list[str] = []
        for item in element.findall(f"{_PREFIX}item"):
            text = one_line(self.blocks(item, level))
            if text:
                items.append(f"{len(items) + 1}. {text}" if is_ordered else f"- {text}")
        title = self.title(element)
        return ([f"**{title}**"] if title and items else []) + (["\n".join(items)] if items else [])

    def _equation(self, element: etree._Element) -> list[str]:
        maths = [node for node in element.iter() if str(node.tag).endswith("}math")]
        found = [latex for node in maths if (latex := self._latex(node)) is not None]
        if not found:
            text = self._line(element)
            return [text] if any(character.isalnum() for character in text) else []
        return [markup.display_maths(r" \quad ".join(found))]

    def _figure(self, element: etree._Element) -> list[str]:
        captions = [text for node in element.findall(f"{_PREFIX}caption") if (text := self._line(node))]
        title = self.title(element).rstrip(".")
        if not captions:
            return []
        return [
            f"{self._labels.get(element.get('id', ''), 'Figure')}: {f'{title}. ' if title else ''}{' '.join(captions)}"
        ]

    def _table(self, element: etree._Element) -> list[str]:
        rows, n_header = [], 0
        for row in element.iter(f"{_PREFIX}row"):
            n_header += (parent := row.getparent()) is not None and _name(parent) == "thead"
            rows.append([self._cell(entry) for entry in row.findall(f"{_PREFIX}entry")])
        title = self.title(element) or " ".join(self._line(node) for node in element.findall(f"{_PREFIX}caption"))
        if n_header > 1 and len(rows[0]) == 1:  # a head over the whole table is its title
            title, rows, n_header = title or rows[0][0], rows[1:], n_header - 1
        table = markdown_grid(rows, n_header)
        label = self._labels.get(element.get("id", ""), "Table")
        return [f"{label}: {title}", *table] if table and title else table

    def _cell(self, entry: etree._Element) -> str:
        return one_line(self.blocks(entry)).replace("|", "/")

    def _line(self, element: etree._Element) -> str:
        parts: list[str] = []
        self._inline(element, parts)
        return self._resolved(parts)

    def _resolved(self, parts: list[str]) -> str:
        return self._text.resolve(without_empty_pointers("".join(parts)))

    @staticmethod
    def _clean(text: str | None) -> str:
        return mended(text or "").translate(_CHARACTERS)

    def _inline(self, element: etree._Element, parts: list[str]) -> None:
        parts.append(self._clean(element.text))
        for child in element:
            self._inline_child(child, _name(child), parts)
            parts.append(self._clean(child.tail))

    def _inline_child(self, child: etree._Element, name: str, parts: list[str]) -> None:
        if not name or name in _SKIPPED:
            return
        if name.endswith("}math"):
            latex = self._latex(child)
            text = self._clean("".join(str(part) for part in child.itertext()))
            parts.append(self._text.hold(markup.inline_maths(latex)) if latex is not None else text)
        elif name in ("sup", "sub"):
            inner = self._line(child)
            parts.append(self._text.hold(script(inner, name == "sup")) if inner else "")
        elif name == "link":
            self._link(child, parts)
        elif name == "newline":
            parts.append(" ")
        elif name == "code" and (code := "".join(str(part) for part in child.itertext()).strip()):
            parts.append(self._text.hold(f"`{' '.join(code.split())}`") if "`" not in code else code)
        elif name in _BLOCKS:
            parts.append(" ")
            self._inline(child, parts)
            parts.append(" ")
        else:
            self._inline(child, parts)

    def _link(self, link: etree._Element, parts: list[str]) -> None:
        """The link's own words; a link without words shows what it points to."""
        inner: list[str] = []
        self._inline(link, inner)
        if any(text.strip() for text in inner):
            parts.extend(inner)
            return
        target = link.get("target-id", "")
        parts.append(self._labels.get(target) or in_words(target, "".join(parts[-3:])))

    def _latex(self, math: etree._Element) -> str | None:
        latex = mathml.from_mathml(math)
        problem = formulas.problem(latex)
        if problem is None:
            self.n_formulas += 1
            return latex
        self.formulas_left_out[problem] += 1
        return None


SOURCE = Source(
    name="textbooks",
    group="reference material",
    format="CNXML",
    origin="https://github.com/openstax (osbooks-*)",
    licence="CC BY 4.0",
    claims=_claims,
    read=_read,
)
