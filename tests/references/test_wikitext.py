"""Citation templates and printed references of wikitext -> records."""

from __future__ import annotations

import pytest

from galactica.references.wikitext import cited_work, footnote_work, lookup_keys, printed_work


@pytest.mark.parametrize(
    ("name", "fields", "title", "authors"),
    [
        ("cite journal", {"title": "On [http://a.b the ''motion''] of bodies", "last1": "Newton", "first1": "Isaac",
          "last2": "Halley"},
         "On the motion of bodies", ("Newton, Isaac", "Halley")),
        ("cite book", {"title": "Light and colours", "author": "Johann Wolfgang von Goethe"},
         "Light and colours", ("von Goethe, Johann Wolfgang",)),
        ("cite journal", {"title": "Proteins of yeast", "vauthors": "((Cox Jü)), Mann M, de Wit X"},
         "Proteins of yeast", ("Cox, Jü", "Mann, M", "de Wit, X")),
        ("cite book", {"title": "Handbook of physics", "chapter": "12. Waves in water", "editor-last": "Roe", "last": "Doe"},
         "Waves in water", ("Doe",)),
        ("cite book", {"title": "Theory of heat", "chapter": "The first law", "last": "Doe"}, "Theory of heat", ("Doe",)),
        ("cite web", {"title": "Facts on malaria", "author": "World Health Organization"},
         "Facts on malaria", ("World Health Organization",)),
        ("citation", {"title": "Facts on stars", "authors": "Smith, J.; Jones, K. and others"},
         "Facts on stars", ("Smith, J.", "Jones, K.")),
    ],
)  # fmt: skip
def test_templates(name: str, fields: dict[str, str], title: str, authors: tuple[str, ...]) -> None:
    """Red: take the last word of a collective for a surname, or the chapter of one author's book for the work."""
    reference = cited_work(name, fields).reference
    assert reference is not None
    assert (reference.title, reference.authors) == (title, authors)


def test_short_citations_find_their_entry() -> None:
    """Red: forget the letter of the year, or let a surname with a year find a work of another year."""
    work = cited_work(
        "cite book",
        {"title": "Laws of motion", "last": "Newton", "last2": "Halley", "date": "May 1687a", "doi": "10.1234/x"},
    )
    assert work.reference is not None
    assert (work.reference.year, work.reference.doi) == (1687, "10.1234/x")
    assert set(lookup_keys(["Newton", "Halley"], "1687a")) & set(work.keys)
    assert set(lookup_keys(["Newton"], "1687a")) & set(work.keys)
    assert set(lookup_keys(["Newton"], "")) & set(work.keys)
    assert not set(lookup_keys(["Newton"], "1688")) & set(work.keys)
    own = cited_work("citation", {"title": "Laws of motion", "ref": "Royal Society|1687"})
    assert set(lookup_keys(["Royal Society"], "1687")) & set(own.keys)


@pytest.mark.parametrize(
    ("text", "title", "surname"),
    [
        ("Roe, Jane (4 May 2007). \"The growth of crystals in water\". ''Journal of Ice'' 3: 4–9.",
         "The growth of crystals in water", "Roe"),
        ("Jane Roe, ''The Growth of Crystals'' (Springer, 1962) pp. 71–87", "The Growth of Crystals", "Roe"),
        ("J. K. Roe; A. Doe. ''[http://a.b Growth of Crystals]'', ISBN 0-1-2, 1962", "Growth of Crystals", "Roe"),
    ],
)  # fmt: skip
def test_printed_references(text: str, title: str, surname: str) -> None:
    """Red: read a full date as names, or ask for quotes around every title."""
    reference = footnote_work(text)[1]
    assert reference is not None
    assert (reference.title, reference.surname) == (title, surname)
    assert printed_work(text).reference == reference


@pytest.mark.parametrize(
    "text",
    [
        '"The state is both possible and desirable as long as it serves those who live in it." Jane Roe, 1962',
        'Jane Roe writes that "the state is both possible and desirable for those who live in it".',
        'According to Roe, J. "The growth of crystals in cold water is slow and never ends", 1962.',
        "Roe, ''Journal of Ice'' (London, 1969), p. 12",
        "Roe 1962, p. 12",
        "[http://a.b/c The weather of tomorrow], BBC News",
        "x" * 100_000,
        "A. Roe, " * 20_000,
        "''abcdefg " * 20_000 + "ISBN",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    """Red: take a sentence in quotes, or a journal in italics, for the title of a work."""
    assert footnote_work(text)[1] is None
