"""Named equations of physics and mathematics in EquaJSON (LaTeX, description, meaning of symbols) -> one document an equation.

Source: https://github.com/nbeaver/equajson (schema/equajson.json).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from galactica import markup
from galactica.corpus.json_records import dict_field, list_field, text_field
from galactica.corpus.papers import clean
from galactica.corpus.source import Source
from galactica.files import RawFile
from galactica.modalities import formulas
from galactica.types import Document, Drop

_NAME = "equations"
_DISPLAYED = re.compile(r"\\begin\{document\}\s*\\\[(.{1,4000}?)\\\]\s*\\end\{document\}", re.DOTALL)


def _claims(where: str, head: bytes) -> bool:
    return where.lower().endswith(".json") and b'"copying"' in head and b'"unicode-pretty-print"' in head


def _read(file: RawFile) -> Iterator[Document | Drop]:
    try:
        record = json.loads(file.data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        yield Drop(file.where, _NAME, "not JSON")
        return
    found = _document(record)
    yield Drop(file.where, _NAME, found) if isinstance(found, str) else found


def _document(record: Any) -> Document | str:
    """The document of an equation, or the reason why there is none."""
    description = dict_field(record, "description")
    title, verbose = (" ".join(clean(text_field(description, name)).split()) for name in ("terse", "verbose"))
    key = text_field(record, "uuid")
    if not title or not key:
        return "no name"
    written = [text_field(one, "markup") for one in list_field(dict_field(record, "markup-languages"), "LaTeX")]
    equations = [formulas.normalise(match[1]) for text in written if (match := _DISPLAYED.search(text))]
    equations = [latex for latex in dict.fromkeys(equations) if formulas.problem(latex) is None]
    if not equations:
        return "no well-formed LaTeX"
    title = title[:1].upper() + title[1:]
    parts = [markup.heading(title).strip()]
    if verbose and verbose.lower().rstrip(".") != title.lower():
        parts.append(f"{verbose[:1].upper()}{verbose[1:].rstrip('.')}.")
    parts.append("\n\nor\n\n".join(map(markup.display_maths, equations)))
    terms = list_field(dict_field(record, "unicode-pretty-print"), "terms")
    meanings = [
        f"- {symbol}: {label}"
        for term in terms
        if (symbol := _word(term, "symbol")) and (label := _word(term, "label"))
    ]
    if meanings:
        parts.append("where\n\n" + "\n".join(meanings))
    text = "\n\n".join(parts)
    if markup.control_tokens(text):
        return "spells a control token"
    return Document(f"{_NAME}:{key}", text, _NAME, _licence(record), {"title": title})


def _word(term: Any, name: str) -> str:
    return " ".join(clean(text_field(term, name)).split()).rstrip(".")


def _licence(record: Any) -> str:
    return text_field(dict_field(record, "copying"), "license-name") or "not stated"


SOURCE = Source(
    name=_NAME,
    group="knowledge bases",
    format="EquaJSON",
    origin="https://github.com/nbeaver/equajson",
    licence="MIT",
    claims=_claims,
    read=_read,
)
