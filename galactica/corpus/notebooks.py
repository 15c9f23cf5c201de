"""Jupyter notebooks as one Markdown text: cells in their order, code and what it printed in fences.

Source: nbformat 4 (https://nbformat.readthedocs.io), and 3, whose cells lie in worksheets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_OUTPUT_LINES, MAX_OUTPUT = 40, 3000

_MAGIC = re.compile(r"^\s*(?:%matplotlib|%config|%load_ext|%autoreload|%reload_ext|%pylab|get_ipython\(\))")
_VERSIONS = re.compile(r"version_table|qiskit_copyright|%watermark|show_versions\(|sessionInfo\(")
_PICTURE = re.compile(r"<[\w.]+(?: [^<>]*)?(?: at 0x[0-9a-f]+)?>|\[<.*>\]|Figure\(.*", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[a-zA-Z]")
_NOISE = re.compile(r"Warning|Traceback|%\|[█▏▎▍▌▋▊▉ ]|Downloading|Requirement already|\bETA\b")


def notebook_text(data: bytes) -> str | None:
    """The notebook as Markdown; None where the bytes hold none."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict):
        return None
    language = _language(tree)
    cells = tree.get("cells")
    if not isinstance(cells, list):
        sheets = tree.get("worksheets")
        cells = (
            [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
            if isinstance(sheets, list)
            else None
        )
    return None if cells is None else "\n\n".join(_cells(cells, language))


def _language(tree: dict[str, Any]) -> str:
    metadata = tree.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    name = kernel.get("language") if isinstance(kernel, dict) else None
    return name.lower() if isinstance(name, str) and re.fullmatch(r"[\w+#-]{1,20}", name) else "python"


def _cells(cells: list[Any], language: str) -> Iterator[str]:
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
        if kind == "markdown":
            yield source
        elif kind == "heading":
            yield f"{'#' * (cell['level'] if cell.get('level') in range(1, 7) else 2)} {' '.join(source.split())}"
        elif kind == "code" and source.strip() and not _VERSIONS.search(source):
            lines = [line for line in source.split("\n") if not _MAGIC.match(line)]
            if any(line.strip() for line in lines):
                yield _fenced("\n".join(lines), language)
            yield from _outputs(_list(cell.get("outputs")))


def _outputs(outputs: list[Any]) -> Iterator[str]:
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
            yield latex
            continue
        text = _ANSI.sub("", _text(shown.get("text/plain", shown.get("text")))).strip("\n")
        is_short = text.count("\n") < MAX_OUTPUT_LINES and len(text) < MAX_OUTPUT
        if text.strip() and is_short and not _PICTURE.fullmatch(text.strip()) and not _NOISE.search(text):
            yield _fenced(text, "")


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _text(value: object) -> str:
    """A field of text, which a notebook keeps as one string or as its lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
