"""Every source of the corpus. A raw file is read by the first that claims it."""

from __future__ import annotations

from galactica.corpus.source import Source
from galactica.corpus.sources import anthology, cnxml, compounds, jats, proteins, reasoning, unarxive

SOURCES: tuple[Source, ...] = (
    jats.SOURCE,
    unarxive.SOURCE,
    anthology.SOURCE,
    cnxml.SOURCE,
    compounds.SOURCE,
    proteins.SOURCE,
    reasoning.SOURCE,
)
