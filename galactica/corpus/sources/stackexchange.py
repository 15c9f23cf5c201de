"""Questions of StackExchange with their accepted and upvoted answers, out of a data dump's Posts.xml -> one document a question.

Source: the Stack Exchange data dump (https://archive.org/details/stackexchange, readme.txt); list of sites: Galactica paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from galactica.corpus.headings import shifted
from galactica.corpus.html import Converter, Reading, parse
from galactica.corpus.html_maths import Dollars
from galactica.corpus.papers import clean
from galactica.corpus.source import Published, Source
from galactica.corpus.threads import split_by_question
from galactica.files import RawFile
from galactica.types import Document, Drop
from galactica.xml_tree import parsed


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SITES = _words(
    """academia ai arduino astronomy aviation bioinformatics biology chemistry chess cogsci computergraphics cs cseducators
    cstheory datascience dsp earthscience economics electronics engineering hardwarerecs health hsm math matheducators mathematica
    mathoverflow mechanics networkengineering or physics puzzling quant quantumcomputing retrocomputing reverseengineering robotics
    scicomp softwareengineering softwarerecs sound space stats"""
)
MIN_SCORE = 1
"""Of an answer that was not accepted."""
MAX_ANSWERS = 5

_RENAMED = {"medicalsciences": "health", "psychology": "cogsci"}
_WITHOUT_MATHJAX = _words(
    "academia arduino aviation chess hardwarerecs mechanics networkengineering retrocomputing reverseengineering "
    "softwareengineering softwarerecs sound"
)
_SITE = re.compile(
    r"(?:^|[/_ -])([a-z]+)(?:\.stackexchange\.com|\.net)(?=[/._-])|(?:^|/)(?:stackexchange-)?([a-z]+)/posts\.xml$"
    r"|(?:^|[/_ -])([a-z]+)[_-]posts\.xml$"
)
_ROW = re.compile(rb"<posts>\s*<row [^>]*PostTypeId=|<row Id=\"\d+\" PostTypeId=")
_POSSIBLE_DUPLICATE = re.compile(r"> (?:\*\*)?Possible Duplicate:?.*", re.IGNORECASE | re.DOTALL)
_THANKS = re.compile(
    r"(?:(?:many )?thanks?(?: you)?|cheers|regards|best(?: regards)?)[ ,.!]*"
    r"(?:(?:so |very )?much|a lot|in advance|everyone|all)?[ ,.!:)]*",
    re.IGNORECASE,
)
_LICENCES = (("2011-04-08", "CC BY-SA 2.5"), ("2018-05-02", "CC BY-SA 3.0"), ("9", "CC BY-SA 4.0"))
"""What holds for a post made before the day, where the row does not say (https://stackoverflow.com/help/licensing)."""


def site_of(where: str) -> str:
    """The site whose posts a file holds, by its folder or name; "" where it names none of the list."""
    for match in reversed(list(_SITE.finditer(where.lower()))):
        name = match[1] or match[2] or match[3]
        name = _RENAMED.get(name, name)
        if name in SITES:
            return name
    return ""


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith("posts.xml") and _ROW.search(head) is not None and site_of(where) != ""


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        posts = parsed(file.data)
    except (etree.XMLSyntaxError, ValueError) as error:
        yield Drop(file.where, SOURCE.name, f"not well-formed: {type(error).__name__}")
        return
    site = site_of(file.where)
    questions: dict[str, etree._Element] = {}
    answers: dict[str, list[etree._Element]] = {}
    for row in posts.iter("row"):
        kind = row.get("PostTypeId")
        if kind == "1":
            questions[row.get("Id", "")] = row
        elif kind == "2":
            answers.setdefault(row.get("ParentId", ""), []).append(row)
        else:
            yield Drop(f"{file.where}:{row.get('Id')}", SOURCE.name, "neither a question nor an answer")
    for number, question in questions.items():
        document = _document(site, question, answers.pop(number, []))
        yield Drop(f"{file.where}:{number}", SOURCE.name, document) if isinstance(document, str) else document
    for number, alone in answers.items():
        yield from (Drop(f"{file.where}:{number}", SOURCE.name, "an answer without its question") for _ in alone)


def _document(site: str, question: etree._Element, answers: list[etree._Element]) -> Document | str:
    """The document of a question and its answers, or why there is none."""
    if question.get("ClosedDate"):
        return "closed"
    if _number(question.get("Score")) < 0:
        return "negative score"
    title = " ".join(clean(question.get("Title")).split())
    if not title:
        return "no title"
    chosen = _chosen(question, answers)
    if not chosen:
        return "no answer that was accepted or upvoted"
    thread = _Thread(site)
    shown = thread.title(title)
    body = thread.body(question)
    written = [thread.body(row) for row in chosen]
    if isinstance(body, str):
        return body
    parts = [f"Question: {shown}", *body]
    n_answers = 0
    for blocks in written:
        if not isinstance(blocks, str) and blocks:
            n_answers += 1
            parts += _after("Answer:", blocks)
    if not n_answers:
        return "no answer with text"
    if thread.spells_control_token:
        return "spells a control token"
    return Document(
        f"stackexchange:{site}:{question.get('Id')}",
        "\n\n".join(parts),
        SOURCE.name,
        ", ".join(sorted({_licence(row) for row in (question, *chosen)})),
        thread.metadata(title, question, n_answers),
    )


class _Thread:
    """Renders the posts of one thread."""

    def __init__(self, site: str) -> None:
        dollars: Dollars = "escaped" if site == "electronics" else "none" if site in _WITHOUT_MATHJAX else "plain"
        self.site = site
        self._converter = Converter(Reading(dollars))

    @property
    def spells_control_token(self) -> bool:
        """Whether a post spells one."""
        return self._converter.spells_control_token

    def body(self, row: etree._Element) -> list[str] | str:
        """The post's blocks, or why there are none."""
        root = parse(row.get("Body", ""))
        if isinstance(root, str):
            return root
        blocks = shifted(self._converter.blocks(root), 2)
        return [block for block in blocks if not _POSSIBLE_DUPLICATE.match(block) and not _THANKS.fullmatch(block)]

    def title(self, title: str) -> str:
        """The title with its formulas."""
        root = parse(title.replace("&", "&amp;").replace("<", "&lt;"))
        return title if isinstance(root, str) else self._converter.line(root) or title

    def metadata(self, title: str, question: etree._Element, n_answers: int) -> dict[str, Any]:
        """What is known of the thread."""
        host = "mathoverflow.net" if self.site == "mathoverflow" else f"{self.site}.stackexchange.com"
        return {
            "title": title,
            "site": self.site,
            "url": f"https://{host}/q/{question.get('Id')}",
            "tags": re.findall(r"[^<>|]+", question.get("Tags", "")),
            "score": _number(question.get("Score")),
            "n_answers": n_answers,
            "language": "en",
            "n_formulas": self._converter.formulas.n_formulas,
            "formulas_faulty": dict(self._converter.formulas.faulty),
        }


def _chosen(question: etree._Element, answers: list[etree._Element]) -> list[etree._Element]:
    """The accepted answer, then those with votes, best first."""
    accepted = question.get("AcceptedAnswerId")
    ranked = sorted(
        answers, key=lambda row: (row.get("Id") != accepted, -_number(row.get("Score")), _number(row.get("Id")))
    )
    return [row for row in ranked if row.get("Id") == accepted or _number(row.get("Score")) >= MIN_SCORE][:MAX_ANSWERS]


def _after(label: str, blocks: list[str]) -> Iterable[str]:
    """The blocks behind a label: on its line where they begin with prose, below it where with a list, code or a heading."""
    if re.match(r"[#>|`]|- |\d+\. |\\\[", blocks[0]):
        return [label, *blocks]
    return [f"{label} {blocks[0]}", *blocks[1:]]


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,18}", text) else 0


def _licence(row: etree._Element) -> str:
    if stated := row.get("ContentLicense"):
        return stated
    made = row.get("CreationDate", "9")
    return next(licence for before, licence in _LICENCES if made < before or before == "9")


SOURCE = Source(
    name="stackexchange",
    group="reference material",
    format="StackExchange data dump (Posts.xml)",
    origin="https://archive.org/details/stackexchange",
    licence="CC BY-SA, version per post",
    published=Published(1_600_000, 1_000_000_000),
    claims=_claims,
    read=_read,
    split=split_by_question,
    joins=True,
)
