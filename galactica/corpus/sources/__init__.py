"""Every source of the corpus, best first. A raw file is read by the first that claims it, a package by the first that claims it."""

from __future__ import annotations

from galactica.corpus.prompts import onestep
from galactica.corpus.source import GeneratedSource, PackageSource, Source
from galactica.corpus.sources import anthology, cnxml, compounds, jats, proteins, reasoning, unarxive

SOURCES: tuple[Source | PackageSource, ...] = (
    cnxml.SOURCE,
    jats.SOURCE,
    unarxive.SOURCE,
    anthology.SOURCE,
    compounds.SOURCE,
    proteins.SOURCE,
    reasoning.SOURCE,
)
"""The order ranks them: of documents alike the one of the earlier source stays, a span that two share goes from the later one."""

GENERATED: tuple[GeneratedSource, ...] = (
    GeneratedSource(
        name=onestep.NAME,
        group="prompts",
        format="templates of this project",
        origin="galactica.corpus.prompts.onestep",
        licence=onestep.LICENCE,
        generate=onestep.onestep_documents,
    ),
)
"""Sources of our own making."""
