r"""The table of what is done at a command while a document is expanded; `define.py` and `choose.py` fill it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from galactica.corpus.latex.expand import Expander

Handler = Callable[["Expander"], None]
HANDLERS: dict[str, Handler] = {}
"""By the command without a star."""


def handles(names: str) -> Callable[[Handler], Handler]:
    """Registers what is done at these commands (names without backslash, one a word)."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(("\\" + name for name in names.split()), handler))
        return handler

    return register


def _drop(expander: Expander) -> None:
    """Nothing: the command itself goes."""


handles(
    "long global outer protected expandafter noexpand protect unexpanded makeatletter makeatother relax "
    "leavevmode strut null "
    "bgroup egroup begingroup endgroup detokenize fi immediate ignorespaces unskip noindent indent centering "
    "sloppy fussy or"
)(_drop)
