"""No reader of XML lets an entity vanish from a text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from galactica.corpus import sources
from galactica.corpus.sources import jats
from galactica.files import RawFile
from galactica.references import importers
from galactica.types import Drop
from galactica.xml_tree import UsesEntity, parsed

OUTSIDE = b'<!DOCTYPE article [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
"""Harmless where the text does not use it."""


def test_what_an_entity_stands_for_is_not_left_out_unsaid() -> None:
    """Red where the tree is taken without a look for references that were not resolved."""
    for text in (
        OUTSIDE + b"<p>x&a;y</p>",
        b'<!DOCTYPE p [<!ENTITY a "in">]><p>x<b>&a;</b></p>',
        b"<!DOCTYPE p SYSTEM 'p.dtd'><p>&b;</p>",
    ):
        with pytest.raises(UsesEntity):
            parsed(text)
    assert parsed(OUTSIDE + b"<p>x&amp;y&#233;</p>").text == "x&y\u00e9"


def test_a_paper_with_one_is_dropped() -> None:
    paper = OUTSIDE + b"<article><front/><body><p>x&a;</p></body></article>"
    assert list(jats.SOURCE.read(RawFile("a.xml", paper))) == [Drop("a.xml", "jats", "not well-formed: UsesEntity")]


def test_every_reader_parses_here() -> None:
    """Red where a reader makes a parser of its own."""
    folders = [Path(sources.__file__).parent, Path(importers.__file__).parent]
    assert not [
        path.name
        for folder in folders
        for path in folder.glob("*.py")
        if re.search(r"etree\.(XMLParser|fromstring)\(", path.read_text())
    ]
