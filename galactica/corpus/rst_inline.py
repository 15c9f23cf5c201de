"""reStructuredText's running text -> placeholders and plain words: roles, literals, links, citations, substitutions.

Source: docutils' reStructuredText specification, inline markup; Sphinx's roles (https://www.sphinx-doc.org/en/master/usage/restructuredtext/roles.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from galactica.corpus.markdown_inline import DASHES
from galactica.corpus.marks import HOLE
from galactica.corpus.prose import Prose


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Names:
    """What names of a book stand for: `labels` (of `:ref:` and its kin) and `pages` (of `:doc:`) with the words that show them,
    `substitutions` (`|x|`) with their text, `targets` of links; `default_role` is what single backquotes mean."""

    labels: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)
    targets: frozenset[str] = frozenset()
    default_role: str = "emphasis"


_MAX = 3000
_TOKEN = re.compile(
    rf"``(?P<literal>(?!`)[^\n]{{1,{_MAX}}}?)``(?!`)"
    rf"|:(?P<role>[a-zA-Z][\w.+:-]{{0,40}}):`(?P<content>[^`]{{1,{_MAX}}})`"
    rf"|(?<![\w`])`(?P<text>[^`\n][^`]{{0,{_MAX}}})`(?:(?P<link>__?)(?!\w)|:(?P<after>[a-zA-Z][\w.+:-]{{0,40}}):)?"
    r"|(?<![\w\\|])\|(?P<substitution>[A-Za-z][^|`\n]{0,60}?)\|(?P<linked>__?)?(?![\w|])"
    r"|(?<![\w\\])\[(?P<key>[A-Za-z0-9#*][\w.:+-]{0,60}|[#*])\]_(?!\w)"
    r"|(?<![\w\\`:.@/-])(?P<word>[A-Za-z0-9](?:[\w.-]{0,60}[A-Za-z0-9])?)__?(?![\w`])"
    r"|\\(?P<escaped>\s|[^\w\s]|[A-Za-z](?=\.))"
)
_NO_KEY = re.compile(r"\*\*\?\?\?\*\*")
"""What pandoc writes for a citation whose key it does not know."""
_TEX = re.compile(r"\\[a-zA-Z]{2,}|[\^_]\{|^\{\}[_^]|^[^\W_](?:[_^][^\W_])+$")
"""Of single backquotes: a formula, in a book whose configuration says so, which is a program."""
_IS_NAME = re.compile(r"[A-Za-z][\w-]*[_-][\w-]+|[a-z]{4,}|[A-Z][a-z]{3,}")
_TITLED = re.compile(r"(.*?)(?<!\s)\s*<([^<>]*)>\s*", re.DOTALL)
_CITING = frozenset(
    ("cite", "cite:p", "cite:ps", "cite:cts", "footcite", "footcite:p", "citep", "cite:alp", "cite:label")
)
_NARRATIVE = frozenset(("cite:t", "cite:ts", "footcite:t", "citet", "cite:ct"))
_POINTING = frozenset(("ref", "numref", "eq", "std:ref", "any", "autonumref", "math:numref", "prf:ref", "std:numref"))
_CODE = _words(
    "code func class meth mod attr obj data const exc file envvar option command program samp kbd mdp mdp-value "
    "cmake mailheader makevar manpage mimetype newsgroup regexp token literal property type var macro enum "
    "enumerator member struct union sql paramref dtype javascript js confval setting"
)
_CODE_NAME = re.compile(r"(?=[^~.(]*[~.(])[~!]?[A-Za-z_]\w*(?:\.\w+)*(?:\(\))?")
"""What stands in single backquotes for a name of a program, in projects whose default role is set in a `conf.py` unseen."""
_DOMAIN = re.compile(r"(?:py|c|cpp|std|js|f|r|rst|default):(?!numref|ref|doc|term)")
_PREFIXED = {
    "arxiv": "arXiv:", "doi": "doi:", "pmid": "PMID ", "trac": "issue ", "issue": "issue ", "gh": "issue ", "oeis": "OEIS ",
    "pep": "PEP ", "rfc": "RFC ", "mathscinet": "MathSciNet ",
}  # fmt: skip
_GONE = frozenset(
    ("download", "index", "raw-html", "raw-latex", "cite:empty", "fa", "octicon", "orphan", "tag", "badge")
)
_SIGN = re.compile(r"(?:(?<!\s)\s+)?%(?:s|\{number\}|\(number\)s)|\{number\}")
_NUMBER = re.compile(r"(?<!\d)\d+$")
_COMMAND = re.compile(r"[a-z]{2,20} [a-z0-9-]{2,30}")
"""A label that is the name of a command ("gmx energy"): pages of commands are made by their programs."""
_EXAMPLE = re.compile(r"sphx_glr_(?:[a-z\d]+_){1,9}?plot_(\w{3,60})\.py")
"""The label that Sphinx-Gallery makes of an example's file."""
_TWICE = re.compile(
    r"\b(?:(?:Eqn?|Equation|Fig|Figure|Tab|Table|Sec|Section)s?\.?|§) "
    r"(?=(?:(?:Equation|Figure|Table|Listing) \d|(?:another|an) (?:equation|figure|table)))|"
    r"\b(?:[Ss]ections?|[Cc]hapters?|[Ss]ec\.) (?=another (?:section|page))",
    re.IGNORECASE,
)


class RstInline:
    """Reads the lines of one document."""

    def __init__(self, prose: Prose, names: Names) -> None:
        self.prose = prose
        self.names = names
        self.numbers: dict[str, str] = {}

    def placeholders(self, text: str, depth: int = 0) -> str:
        """The text with marks, formulas and code as placeholders and everything else in plain words."""

        def found(match: re.Match[str]) -> str:
            if match["literal"] is not None:
                return self.prose.code(match["literal"])
            if match["content"] is not None:
                return self._role(match["role"].lower(), match["content"], depth)
            if match["text"] is not None:
                return self._interpreted(match, depth)
            if match["substitution"] is not None:
                stands_for = self.names.substitutions.get(match["substitution"])
                if stands_for is None:  # a book may define it in its configuration, which is a program
                    return HOLE if _IS_NAME.fullmatch(match["substitution"]) else match[0]
                return self.placeholders(stands_for, depth + 1) if depth < 3 else ""
            if match["key"] is not None:
                return self._cited(match["key"])
            if match["word"] is not None:
                return match["word"] if match["word"].lower() in self.names.targets else match[0]
            return "" if match["escaped"].isspace() else self.prose.marks.hold(match["escaped"])

        if "???" in text:
            text = _NO_KEY.sub(lambda match: self.prose.cite([match[0]]), text)
        return (
            _TWICE.sub("", _TOKEN.sub(found, text))
            if "`" in text or "_" in text or "|" in text or "\\" in text
            else text
        )

    def line(self, text: str) -> str:
        """The text on one line, finished."""
        text = self.placeholders(" ".join(text.split()))
        if "--" in text:
            text = DASHES.sub(lambda match: "—" if match[1] or match[2] or match[3] else "–", text)
        return self.prose.line(text)

    def _interpreted(self, match: re.Match[str], depth: int) -> str:
        text = match["text"]
        if match["after"]:
            return self._role(match["after"].lower(), text, depth)
        if match["link"]:
            titled = _TITLED.fullmatch(text)
            shown = (titled[1] or titled[2]) if titled else text
            return self.placeholders(shown, depth + 1) if depth < 3 else shown
        if self.names.default_role == "emphasis" and _TEX.search(text):
            formula = self.prose.inline_maths(text)
            return formula if formula != HOLE else self.prose.code(text)
        if self.names.default_role == "emphasis" and _CODE_NAME.fullmatch(text):
            return self._role("py:obj", text, depth)
        return self._role(self.names.default_role, text, depth)

    def _cited(self, key: str) -> str:
        """A citation; a footnote's mark goes, as footnotes do."""
        if key in self.prose.marks.references:
            return f" [{self.prose.cite([key])}]"
        return "" if re.fullmatch(r"\d+|[#*]\w*|\*", key) else f" [{self.prose.cite([key])}]"

    def _role(self, name: str, content: str, depth: int) -> str:
        content = " ".join(content.split())
        if name in ("math", "latex", "texmath"):
            return self.prose.inline_maths(content.replace("\\\\", "\\") if name == "latex" else content)
        if name in _CITING or name in _NARRATIVE:
            keys = [key for part in content.split(",") if (key := part.strip())]
            return self.prose.narrate(keys) if name in _NARRATIVE else self.prose.cite(keys)
        if name in ("sup", "superscript", "sub", "subscript"):
            return self.prose.script(
                self.placeholders(content, depth + 1) if depth < 3 else content, name.startswith("sup")
            )
        titled = _TITLED.fullmatch(content)
        text, target = (titled[1].strip(), titled[2].strip()) if titled else ("", content.strip())
        if name in _POINTING:
            return self._pointer(name, text, target, depth)
        if name == "autonumber":
            return self.names.labels.get(target, target.partition(",")[0])
        if name in ("doc", "std:doc"):
            return text or self.names.pages.get(target.rpartition("/")[2], "another page")
        if name in _GONE:
            return text
        if name in _PREFIXED:
            return text or f"{_PREFIXED[name]}{target}"
        short = _DOMAIN.sub("", name)
        if short in _CODE or short != name:
            return self.prose.code(
                text or (target.rpartition(".")[2] if target.startswith("~") else target.lstrip("!~"))
            )
        if name in ("emphasis", "strong"):
            mark = "*" if name == "emphasis" else "**"
            return f"{mark}{text or target}{mark}"
        shown = text or target
        return self.placeholders(shown, depth + 1) if depth < 3 else shown

    def _pointer(self, name: str, text: str, target: str, depth: int) -> str:
        if target in self.prose.marks.references:
            return f" [{self.prose.cite([target])}]"
        shown = self.names.labels.get(target) or self.names.labels.get(target.lower())
        if name == "numref" and text:
            number = _NUMBER.search(shown or "")
            return (
                _SIGN.sub(f" {number[0]}", text)
                if number and _SIGN.search(text)
                else shown or self._unknown(name, text)
            )
        if text and name != "eq":
            return self.placeholders(text, depth + 1) if depth < 3 else text
        return shown or self._unknown(name, target)

    @staticmethod
    def _unknown(name: str, target: str) -> str:
        if name == "eq":
            return "another equation"
        lower = target.lower()
        if (example := _EXAMPLE.fullmatch(target)) is not None:
            return f"the example “{example[1].replace('_', ' ')}”"
        if _COMMAND.fullmatch(target):
            return target
        return (
            "another table"
            if lower.startswith("tab")
            else "another figure"
            if lower.startswith("fig")
            else "another section"
        )
