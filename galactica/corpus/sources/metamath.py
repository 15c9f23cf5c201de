"""Metamath databases -> documents of some theorems of one section each: what the comment says, the hypotheses, the statement.

Source: N. Megill, Metamath: A Computer Language for Mathematical Proofs (2019), chapter 4 (statements), 4.4 (comments, headings,
the `$t` comment that writes each symbol in LaTeX). Proofs are left out. A file is read whole: its symbols are written at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

from galactica import markup
from galactica.corpus.papers import clean
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.modalities import formulas
from galactica.types import Document, Drop

_NAME = "metamath"
_TOGETHER_CHARACTERS = 6000
_MAX_STATEMENT = 2000
_MAX_HYPOTHESES = 12
_RULE = re.compile(r"(?:#{4}|#\*#\*|=-=-|-\.-\.)[#*=.-]{8,200}")
_REMARK = re.compile(
    r"\((?:Contributed|Revised|Revision|Proof (?:was |is )?shortened|Proposed|Proof rewritten|Proof revised|Moved|Shortened"
    r"|The proof was|An unnecessary|Unnecessary|Removed)\b[^()]{0,200}\)"
    r"|\(?(?:New usage|Proof modification|Proof modfication) (?:is )?discouraged\.?\)?|Contributed by [A-Z][^.()]{2,60}\d{4}\."
)
_DATE = re.compile(r"\[\??\d{1,2}-\w{3}-\d{2,4}\]")
_MATHS = re.compile(r"`([^`]{1,1000})`")
_ADDRESS = re.compile(r"(?:<HTML>|</HTML>)|~ (?:https?:|mm)\S+")
_LABEL = re.compile(r"(?<!\S)~ (?=\S)")
_WORK = re.compile(r"\[([A-Z][\w-]{2,40})\]")
_STRESSED = re.compile(r"(?<![\w`])_([A-Za-z][^_\n`]{0,80})_(?!\w)")
_LATEX = re.compile(
    r"""latexdef\s++(?:"([^"\n]{1,60})"|'([^'\n]{1,60})')\s++as((?:\s*+\+?\s*+(?:"[^"]{0,500}"|'[^']{0,500}'))++)\s*+;"""
)
_VARIABLES = re.compile(r"\$v\s([^$]{1,10000})\$\.")
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
_ARROW = re.compile(r"-(\w[\w-]{0,12})->")

_LETTER = re.compile(r"\{(\\math\w{2,4}\{\w+\})\}")
_ALONE = frozenset("()[]{}|/,")
"""Tokens that are not well-formed alone, but are in a statement."""
_AMSSYMB = frozenset(
    (
        "barwedge",
        "veebar",
        "doublebarwedge",
        "smallsmile",
        "restriction",
        "diagup",
        "diagdown",
        "Finv",
        "eth",
        "complement",
        "Game",
    )
)
_UNKNOWN = re.compile(r"unknown command \\(\w+)")
_OWN = {"iota": r"\iota", "[.": "[", "].": "]"}
"""What databases write with boxes and accents."""
_ESCAPED = str.maketrans(
    {sign: f"\\{sign}" for sign in "{}$&#%_"} | {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\sim "}
)

Symbols = Mapping[str, str]
"""Token of the database -> LaTeX."""


class _Statement(NamedTuple):
    """An axiom or theorem: `text` with its typecode, the hypotheses in scope likewise."""

    label: str
    is_proved: bool
    comment: str
    hypotheses: list[str]
    text: str


@dataclass(slots=True)
class _Section:
    title: str
    introduction: str
    items: list[str] = field(default_factory=list)
    first: str = ""

    @property
    def size(self) -> int:
        return len(self.introduction) + sum(map(len, self.items))


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith(".mm") and head.lstrip().startswith((b"$(", b"$c", b"$v", b"$["))


def _read(file: RawFile) -> Iterator[Document | Drop]:
    text = file.data.decode("utf-8", "replace").replace("\r", "")
    database = PurePosixPath(file.where).stem
    symbols = _symbols(text)
    licence = _licence(text[:5000])
    section = _Section(database, "")
    for part in _parts(text):
        if isinstance(part, _Section):
            yield from _finished(section, database, licence, file.where)
            part.introduction = _prose(part.introduction, symbols)
            section = part
        else:
            item = _item(part, symbols)
            if item.startswith("!"):
                yield Drop(f"{file.where}:{part.label[:60]}", _NAME, item[1:])
                continue
            section.first = section.first or part.label
            section.items.append(item)
            if section.size > _TOGETHER_CHARACTERS:
                yield from _finished(section, database, licence, file.where)
                section = _Section(section.title, "")
    yield from _finished(section, database, licence, file.where)


def _licence(head: str) -> str:
    return "public domain (CC0)" if "public domain" in head.lower() else "GPL" if "(GPL)" in head else "not stated"


def _finished(section: _Section, database: str, licence: str, where: str) -> Iterator[Document | Drop]:
    if not section.items:
        return
    text = markup.heading(section.title) + "\n\n".join((*filter(None, [section.introduction]), *section.items))
    if markup.control_tokens(text):
        yield Drop(f"{where}:{section.first[:60]}", _NAME, "spells a control token")
        return
    metadata = {"title": section.title, "subject": "mathematics"}
    yield Document(f"{_NAME}:{database}:{section.first}", text, _NAME, licence, metadata)


# --- the database ---------------------------------------------------------------------------------------------------


def _parts(text: str) -> Iterator[_Section | _Statement]:
    """Headings and the axioms and theorems with the comment before them, in order; one pass, whatever the text."""
    comment, hypotheses, scopes, end = "", list[str](), list[int](), 0
    while (at := text.find("$", end)) >= 0:
        kind, before, end = text[at + 1 : at + 2], text[end:at], at + 2
        if kind == "(":
            close = text.find("$)", end)
            if close < 0:
                return
            words, end = text[end:close].strip(), close + 2
            if heading := _heading(words):
                yield heading
            elif not _DATE.fullmatch(words):
                comment = words
        elif kind == "{":
            scopes.append(len(hypotheses))
        elif kind == "}":
            del hypotheses[scopes.pop() if scopes else 0 :]
        elif kind in ("a", "p", "e", "c", "v", "f", "d"):
            close = text.find("$", end)
            if close < 0:
                return
            statement, end = " ".join(text[end:close].split()), text.find("$.", close) + 2
            if end < 2:
                return
            label = before.split()[-1] if before.split() else ""
            if kind == "e":
                hypotheses.append(statement)
            elif kind in ("a", "p"):
                yield _Statement(label, kind == "p", comment, hypotheses[-_MAX_HYPOTHESES - 1 :], statement)
            comment = ""


def _heading(comment: str) -> _Section | None:
    lines = comment.split("\n", 40)
    rules = [number for number, line in enumerate(lines[:40]) if _RULE.fullmatch(line.strip())]
    if len(rules) < 2 or rules[0] > 1:
        return None
    title = " ".join(" ".join(lines[rules[0] + 1 : rules[1]]).split())
    return _Section(title, "\n".join(lines[rules[1] + 1 :])) if title else None


def _symbols(text: str) -> dict[str, str]:
    """The LaTeX of each symbol, as the database's `$t` comment writes it, where that is well-formed alone. Of variables that it
    writes alike (nf.mm has one sign for rh, mu, la and ka) the first keeps it: a theorem is about as many as it names."""
    at = text.find("$t")
    found = dict[str, str]()
    for match in _LATEX.finditer(text, at) if at >= 0 else ():
        latex = formulas.normalise(
            "".join(one or other for one, other in _QUOTED.findall(match[3])).replace(r"\mbox", r"\text")
        )
        token = match[1] or match[2]
        if token in _ALONE or not latex or _is_written(latex):
            found[token] = _LETTER.sub(r"\1", latex)
    taken: set[str] = set()
    for variable in dict.fromkeys(" ".join(_VARIABLES.findall(text)).split()):
        if found.get(variable) in taken:
            del found[variable]
        taken.add(found.get(variable, ""))
    return found | {token: latex for token, latex in _OWN.items() if found}


def _is_written(latex: str) -> bool:
    problem = formulas.problem(latex)
    unknown = _UNKNOWN.fullmatch(problem or "")
    return problem is None or (unknown is not None and unknown[1] in _AMSSYMB)


# --- words ----------------------------------------------------------------------------------------------------------


def _item(statement: _Statement, symbols: Symbols) -> str:
    """The paragraphs of a statement, or "!" and the reason why there are none."""
    if len(statement.text) > _MAX_STATEMENT or sum(map(len, statement.hypotheses)) > 2 * _MAX_STATEMENT:
        return "!a statement too long to read"
    if len(statement.hypotheses) > _MAX_HYPOTHESES:
        return "!more hypotheses than can be read"
    if markup.control_tokens(f"{statement.comment} {statement.text} {' '.join(statement.hypotheses)}"):
        return "!spells a control token"
    words = _prose(statement.comment, symbols)
    if not words:
        return "!a statement without words"
    if words.startswith(("Obsolete", "Alternate proof", "Old ")) or statement.label.endswith(("OLD", "ALT")):
        return "!an obsolete or second version"
    typecode, _, shown = statement.text.partition(" ")
    is_asserted = typecode == "|-"
    kind = "Theorem" if statement.is_proved else "Definition" if statement.label.startswith("df-") else "Axiom"
    parts = [f"**{kind if is_asserted else 'Notation'} {statement.label}.** {words}"]
    asserted = [rest for one in statement.hypotheses for code, _, rest in [one.partition(" ")] if code == "|-"]
    if asserted and is_asserted:
        parts[0] += f"\n\nIf {' and '.join(_inline(one, symbols) for one in asserted)}, then"
    return "\n\n".join((*parts, _display(shown, symbols)))


def _prose(comment: str, symbols: Symbols) -> str:
    paragraphs = []
    for paragraph in re.split(r"\n[ \t]*\n", clean(comment)):
        text = " ".join(_REMARK.sub("", _ADDRESS.sub("", " ".join(paragraph.split()))).split())
        text = _MATHS.sub(lambda match: _inline(match[1], symbols), text)
        text = _STRESSED.sub(r"\1", _WORK.sub(r"\1", _LABEL.sub("", text)))
        text = re.sub(r"(?<=[\w)`]) (?=[,.;:](?:\s|$))", "", text)
        if text and "See the Bibliographic Cross-References" not in text:
            paragraphs.append(text)
    return "\n\n".join(paragraphs)


def _latex(statement: str, symbols: Symbols) -> str | None:
    """The statement in LaTeX; None where the database does not write its symbols."""
    if not symbols:
        return None
    return " ".join(symbols[token] if token in symbols else _unwritten(token) for token in statement.split())


def _unwritten(token: str) -> str:
    if match := _ARROW.fullmatch(token):
        return rf"\xrightarrow{{\text{{{match[1]}}}}}"
    if len(token) == 2 and token[0].isalpha() and token[1].isdigit():
        return f"{token[0]}_{token[1]}"
    return rf"\text{{{token}}}" if token.isalnum() else rf"\mathrm{{{token.translate(_ESCAPED)}}}"


def _inline(statement: str, symbols: Symbols) -> str:
    latex = _latex(statement, symbols)
    return f"`{' '.join(statement.split())}`" if latex is None else markup.inline_maths(latex)


def _display(statement: str, symbols: Symbols) -> str:
    latex = _latex(statement, symbols)
    return f"```\n{statement}\n```" if latex is None else markup.display_maths(latex)


SOURCE = Source(
    name=_NAME,
    group="reference material",
    format="Metamath database",
    origin="https://github.com/metamath/set.mm",
    licence="public domain (CC0)",
    claims=_claims,
    read=_read,
)
