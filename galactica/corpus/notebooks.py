"""Jupyter notebooks as one Markdown text (cells in their order, code and what it printed in fences), or as a program.

Source: nbformat 4 (https://nbformat.readthedocs.io), and 3, whose cells lie in worksheets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

MAX_OUTPUT_LINES, MAX_OUTPUT = 40, 3000

_MAGIC = re.compile(r"^\s*(?:%matplotlib|%config|%load_ext|%autoreload|%reload_ext|%pylab|get_ipython\(\))")
_VERSIONS = re.compile(r"version_table|qiskit_copyright|%watermark|show_versions\(|sessionInfo\(")
_PICTURE = re.compile(r"<[\w.]+(?: [^<>]*)?(?: at 0x[0-9a-f]+)?>|\[<.*>\]|Figure\(.*", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[a-zA-Z]")
_NOISE = re.compile(r"Warning|Traceback|%\|[█▏▎▍▌▋▊▉ ]|Downloading|Requirement already|\bETA\b")


class Part(NamedTuple):
    """A stretch of a notebook: Markdown, code, or what code printed."""

    kind: Literal["text", "code", "output"]
    text: str


def notebook_text(data: bytes) -> str | None:
    """The notebook as Markdown; None where the bytes hold none."""
    tree = _tree(data)
    if tree is None:
        return None
    language = _language(tree)
    written = []
    for part in _parts(tree):
        written.append(part.text if part.kind == "text" else fenced(part.text, language if part.kind == "code" else ""))
    return "\n\n".join(written)


def notebook_script(data: bytes) -> tuple[str, str] | None:
    """The notebook as a program, its text in comments, and its language; None where the bytes hold none."""
    tree = _tree(data)
    if tree is None:
        return None
    written = []
    for part in _parts(tree):
        if part.kind == "text" and part.text.strip():
            written.append("\n".join(f"# {line}".rstrip() for line in part.text.strip().split("\n")))
        elif part.kind == "code":
            written.append(part.text.strip("\n"))
    return "\n\n".join(written), _language(tree)


def fenced(text: str, language: str) -> str:
    """The text as a block of code, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _tree(data: bytes) -> dict[str, Any] | None:
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    is_notebook = isinstance(tree, dict) and (
        isinstance(tree.get("cells"), list) or isinstance(tree.get("worksheets"), list)
    )
    return tree if is_notebook else None


def _language(tree: dict[str, Any]) -> str:
    metadata = tree.get("metadata")
    described = metadata if isinstance(metadata, dict) else {}
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        value = described.get(part)
        name = value.get(key) if isinstance(value, dict) else None
        if isinstance(name, str) and re.fullmatch(r"[\w+#-]{1,20}", name):
            return name.lower()
    return "python"


def _parts(tree: dict[str, Any]) -> Iterator[Part]:
    cells = _list(tree.get("cells"))
    if not cells:
        sheets = [sheet for sheet in _list(tree.get("worksheets")) if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
        if kind == "markdown":
            yield Part("text", source)
        elif kind == "heading":
            level = cell.get("level")
            depth = level if isinstance(level, int) and 1 <= level <= 6 else 2
            yield Part("text", f"{'#' * depth} {' '.join(source.split())}")
        elif kind == "code" and source.strip() and not _VERSIONS.search(source):
            code = "\n".join(line for line in source.split("\n") if not _MAGIC.match(line))
            if code.strip():
                yield Part("code", code)
            yield from _outputs(_list(cell.get("outputs")))


def _outputs(outputs: list[Any]) -> Iterator[Part]:
    """What a cell printed, where it is short text or a formula; pictures, warnings and errors are left out."""
    for output in outputs:
        if (
            not isinstance(output, dict)
            or output.get("output_type") in ("error", "pyerr")
            or output.get("name") == "stderr"
        ):
            continue
        data = output.get("data")
        shown = data if isinstance(data, dict) else output
        latex = _text(shown.get("text/latex", shown.get("latex"))).strip()
        if latex.startswith("$") and len(latex) < MAX_OUTPUT:
            yield Part("text", latex)
            continue
        text = _ANSI.sub("", _text(shown.get("text/plain", shown.get("text")))).strip("\n")
        is_short = text.count("\n") < MAX_OUTPUT_LINES and len(text) < MAX_OUTPUT
        if text.strip() and is_short and not _PICTURE.fullmatch(text.strip()) and not _NOISE.search(text):
            yield Part("output", text)


def _text(value: object) -> str:
    """A field of text, which a notebook keeps as one string or as its lines; halves of surrogate pairs become "?"."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return value.replace("\r\n", "\n").replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
