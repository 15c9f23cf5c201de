r"""What is peculiar to books made with d2lbook: labels and pointers to them, tabs for frameworks, code cells for each.

Source: https://book.d2l.ai (``:label:`sec_x` ``, ``:numref:`fig_y` ``, ``:begin_tab:`pytorch` ``, `%%tab pytorch`).
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping

FRAMEWORK = "pytorch"
"""A page shows the code of one framework; this one, and what is shared."""

_SECTION_LABEL = re.compile(r"^#{1,6}[ \t]{1,9}(\S[^\n]{0,300})\n{1,9}:label:`([^`\n]{1,100})`", re.MULTILINE)
_LABEL = re.compile(r"^:(eq)?label:`([^`\n]{1,100})`", re.MULTILINE)
_TAB = re.compile(r"^:begin_tab:`([^`\n]{0,100})`[ \t]*$|^:end_tab:[ \t]*\n?", re.MULTILINE)
_DISCUSSIONS = re.compile(r"^\[Discussions\]\([^()\n]{0,200}\)[ \t]*$", re.MULTILINE)
_CELL_TAB = re.compile(r"^\s*(?:%%tab|#\s*@tab)\s+([\w, -]+)")
_NOT_SHOWN = re.compile(r"%load_ext d2lbook|tab\.interact_select")
_SAVE = re.compile(r"(?:(?<![ \t])[ \t]+)?#\s*@save\b[ \t]*$", re.MULTILINE)
_KINDS = {"fig": "Figure", "tab": "Table", "img": "Figure", "eq": "Equation", "alg": "Algorithm"}


def labels(pages: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """For each page, every label of the book and what a pointer from that page shows: a section's title in quotes, a figure's
    number on its page."""
    shared: dict[str, str] = {}
    own: dict[str, dict[str, str]] = {}
    for path, text in pages.items():
        title = _title(text)
        sections = {label: " ".join(name.split()) for name, label in _SECTION_LABEL.findall(text)}
        counts: dict[str, int] = {}
        own[path] = {}
        for is_equation, label in _LABEL.findall(text):
            if label in sections:
                shared[label] = f"“{_plain(sections[label])}”"
                continue
            kind = "Equation" if is_equation else _KINDS.get(re.split(r"[_:-]", label)[0], "Section")
            if kind == "Section":
                shared[label] = f"“{title}”"
                continue
            counts[kind] = counts.get(kind, 0) + 1
            own[path][label] = f"{kind} {counts[kind]}"
            shared.setdefault(label, f"{kind} {counts[kind]} of “{title}”")
    return {path: ChainMap(found, shared) for path, found in own.items()}


def without_tabs(text: str) -> str:
    """The page with the tabs of one framework, and without the links to where it is discussed."""
    out, at, is_hidden = [], 0, False
    for mark in _TAB.finditer(text):
        if not is_hidden:
            out.append(text[at : mark.start()])
            at = mark.end()
        elif mark[1] is None:
            at = mark.end()
        is_hidden = mark[1] is not None and (is_hidden or not {FRAMEWORK, "all"} & _names(mark[1]))
    out.append(text[at:])  # a tab that is not closed is none
    return _DISCUSSIONS.sub("", "".join(out))


def code(language: str, attributes: str, text: str) -> tuple[str, str] | None:
    """A code cell of one framework or of all; None for those of others, tables of contents and the book's own machinery."""
    if language in ("toc", "eval_rst") or _NOT_SHOWN.search(text):
        return None
    if match := _CELL_TAB.match(text):
        if not {FRAMEWORK, "all"} & _names(match[1]):
            return None
        text = text[match.end() :].lstrip("\n")
    return language, _SAVE.sub("", text)


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",")}


def _title(text: str) -> str:
    match = re.search(r"^#[ \t]+(.{1,300})$", text, re.MULTILINE)
    return _plain(match[1]) if match else "another chapter"


def _plain(title: str) -> str:
    return " ".join(re.sub(r"[*`]", "", title).split())
