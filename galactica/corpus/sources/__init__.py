"""Every source of the corpus, best first. A file is read by the first source that claims it, a package likewise."""

from __future__ import annotations

from galactica.corpus.prompts import onestep, workout
from galactica.corpus.source import GeneratedSource, PackageSource, Published, Source
from galactica.corpus.sources import (
    anthology,
    arxiv,
    chemrxiv,
    clusters,
    cml,
    cnxml,
    compounds,
    doconce,
    elements,
    equations,
    exoplanets,
    foldoc,
    genbank,
    goldbook,
    jats,
    khan,
    latex_books,
    libretexts,
    lipidmaps,
    markdown_books,
    markdown_papers,
    mediawiki,
    medline,
    metamath,
    minerals,
    ocw,
    oeis,
    ontologies,
    osf,
    preprints,
    pretext,
    prompts_annotations,
    prompts_choices,
    prompts_entities,
    prompts_molecules,
    prompts_reading,
    prompts_summaries,
    proteins,
    pubag,
    pubchem,
    pubchem_json,
    pwc,
    reactome,
    reasoning,
    repositories,
    ribosome,
    rst_books,
    s2abstracts,
    s2orc,
    smiles_lists,
    stackexchange,
    tei,
    unarxive,
    uniprot_xml,
    warc,
    wikipathways,
)

_Sources = tuple[Source | PackageSource, ...]

_BOOKS: _Sources = (
    cnxml.SOURCE,
    markdown_books.SOURCE,
    rst_books.SOURCE,
    pretext.SOURCE,
    doconce.SOURCE,
    *mediawiki.SOURCES,
    libretexts.SOURCE,
    ocw.SOURCE,
    khan.SOURCE,
    goldbook.SOURCE,
    foldoc.SOURCE,
    pwc.SOURCE,
    metamath.SOURCE,
)
_PAPERS: _Sources = (
    jats.SOURCE,
    *preprints.SOURCES,  # after what became of them
    *markdown_papers.SOURCES,  # before papers in LaTeX, which packages of JOSS hold too
    unarxive.SOURCE,
    s2orc.SOURCE,
    *tei.SOURCES,
)
_ABSTRACTS: _Sources = (
    anthology.SOURCE,
    medline.SOURCE,
    medline.TEXT_SOURCE,
    chemrxiv.SOURCE,
    osf.SOURCE,
    pubag.SOURCE,
    s2abstracts.SOURCE,
    pwc.PAPERS_SOURCE,
)
_KNOWLEDGE_BASES: _Sources = (
    compounds.SOURCE,
    smiles_lists.SOURCE,
    lipidmaps.SOURCE,
    pubchem.SOURCE,
    pubchem_json.SOURCE,
    elements.CML_SOURCE,  # before CML of molecules, which claims its isotopes too
    cml.SOURCE,
    proteins.SOURCE,
    uniprot_xml.SOURCE,
    ontologies.SOURCE,
    genbank.SOURCE,
    ribosome.SOURCE,
    reactome.SOURCE,
    reactome.SUMMATIONS,
    elements.SOURCE,
    elements.GLOSSARY_SOURCE,
    exoplanets.SOURCE,
    exoplanets.ARCHIVE_SOURCE,
    minerals.SOURCE,
    clusters.SOURCE,
    equations.SOURCE,
    oeis.SOURCE,
    oeis.LODA_SOURCE,
    oeis.LISTS_SOURCE,
)
_PROMPTS: _Sources = (
    reasoning.SOURCE,
    khan.PROBLEMS_SOURCE,
    *prompts_annotations.SOURCES,
    *prompts_annotations.PACKAGE_SOURCES,
    *prompts_choices.SOURCES,
    *prompts_entities.SOURCES,
    *prompts_molecules.SOURCES,
    *prompts_reading.SOURCES,
    *prompts_summaries.SOURCES,
)

SOURCES: _Sources = (
    wikipathways.SOURCE,  # before the books in Markdown, whose files its own look like
    latex_books.SOURCE,  # before papers: ten files of sections and more, or the class of a book
    *_PAPERS,
    *_BOOKS,
    *_ABSTRACTS,
    stackexchange.SOURCE,
    *_KNOWLEDGE_BASES,
    *_PROMPTS,
    repositories.SOURCE,
    arxiv.SOURCE,  # after code and vignettes, whose packages hold papers in LaTeX too
    warc.SOURCE,
)
"""The order ranks them: of documents alike the one of the earlier source stays, a span that two share goes from the later one."""

GENERATED: tuple[GeneratedSource, ...] = (
    GeneratedSource(
        name=onestep.NAME,
        group="prompts",
        format="templates of this project",
        origin="galactica.corpus.prompts.onestep",
        licence=onestep.LICENCE,
        published=Published(9_314, None),
        generate=onestep.onestep_documents,
    ),
    GeneratedSource(
        name="workout",
        group="prompts",
        format="worked examples of this project",
        origin="galactica.corpus.prompts.workout",
        licence=onestep.LICENCE,
        published=Published(921, None),
        generate=workout.workout_documents,
    ),
)
"""Sources of our own making."""
