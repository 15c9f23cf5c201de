"""Galactica: an open scientific language model that cannot invent a reference.

    import galactica
    model = galactica.load_model()
    model.generate("The Transformer architecture [START_REF]", max_new_tokens=60)

Importing this loads no torch: what needs it is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from galactica.errors import GalacticaError
from galactica.types import Citation, Document, Execution, Generation, Paper, Reference, Section

if TYPE_CHECKING:
    from galactica.generation.galactica import Galactica, load_model
    from galactica.papers.draft import write_paper

__all__ = [
    "Citation",
    "Document",
    "Execution",
    "Galactica",
    "GalacticaError",
    "Generation",
    "Paper",
    "Reference",
    "Section",
    "load_model",
    "write_paper",
]

_LAZY = {
    "Galactica": "galactica.generation.galactica",
    "load_model": "galactica.generation.galactica",
    "write_paper": "galactica.papers.draft",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'galactica' has no attribute {name!r}")
