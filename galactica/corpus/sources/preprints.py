"""Preprints of bioRxiv and medRxiv -> papers, as `jats.py` reads them.

Source: https://www.biorxiv.org/tdm, https://www.medrxiv.org/tdm: a MECA package (a zip) a preprint with its JATS in content/.
PubMed Central's copies of these preprints name the server as their journal and are read as its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from galactica.corpus.source import Published, Source
from galactica.corpus.sources import jats
from galactica.files import RawFile
from galactica.types import Document, Drop


def _source(server: str, title: str, published: Published) -> Source:
    def claims(where: str, head: bytes) -> bool:
        return jats.is_article(where, head) and jats.preprint_server(head) == server

    def read(file: RawFile) -> Iterator[Document | Drop]:
        for item in jats.SOURCE.read(file):
            if isinstance(item, Drop):
                yield replace(item, source=server)
            else:
                yield replace(item, id=item.id.replace("jats:", f"{server}:", 1), source=server)

    return Source(
        name=server,
        group="papers",
        format="JATS XML in MECA packages",
        origin=f"https://www.{server}.org/tdm (s3://{server}-src-monthly)",
        licence=f"per preprint, often none but to read and mine ({title} asks for its own terms)",
        published=published,
        claims=claims,
        read=read,
    )


SOURCES = (
    _source("biorxiv", "bioRxiv", Published(128_059, 1_000_000_000)),
    _source("medrxiv", "medRxiv", Published(24_019, 176_000_000)),
)
