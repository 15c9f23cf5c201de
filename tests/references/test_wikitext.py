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
    ("fields", "authors"),
    [
        ({"last": "Jane Roe, Adam Doe"}, ("Roe, Jane", "Doe, Adam")),
        ({"first": "Jane Roe, Adam B.", "last": "Doe"}, ("Roe, Jane", "Doe, Adam B.")),
        ({"first": "Jane, Jr.", "last": "Roe"}, ("Roe, Jane, Jr.",)),
        ({"author": "National Institute of Standards and Technology"}, ("National Institute of Standards and Technology",)),
        ({"author": "BBC News"}, ("BBC News",)),
        ({"author": "Encyclopedia Astronautica", "publisher": "Encyclopedia Astronautica"}, ("Encyclopedia Astronautica",)),
        ({"author": "Alonzo Church"}, ("Church, Alonzo",)),
        ({"author": "Jane el Roe and Adam af Doe"}, ("el Roe, Jane", "af Doe, Adam")),
        ({"author": "edited by J. Kent Roe III and Adam Doe"}, ("Roe, J. Kent", "Doe, Adam")),
        ({"vauthors": "Roe J et al."}, ("Roe, J",)),
        ({"last": "Staff"}, ()),
    ],
)  # fmt: skip
def test_names_that_editors_write_in_the_wrong_field(fields: dict[str, str], authors: tuple[str, ...]) -> None:
    """Red: split a body's name at "and", flip one that is the publisher, or take all that stands in `last` for a surname."""
    reference = cited_work("cite web", {"title": "Growth of crystals", **fields}).reference
    assert reference is not None
    assert reference.authors == authors


@pytest.mark.parametrize(
    ("name", "fields", "authors"),
    [
        ("cite web", {"publisher": "World Health Organization", "work": "Fact sheets"}, ("World Health Organization",)),
        ("cite web", {"publisher": "Who.int", "work": "Fact sheets of health"}, ("Fact sheets of health",)),
        ("cite web", {"publisher": "insurgent.org.uk"}, ()),
        ("cite web", {"publisher": "Google Books"}, ()),
        ("cite web", {"publisher": "Encyclopedia of Ice"}, ()),
        ("cite web", {"author": "Ice.com", "publisher": "icechronicle"}, ()),
        ("cite web", {"publisher": "Growth of Crystals"}, ()),
        ("cite news", {"newspaper": "The Herald", "publisher": "Ice Group"}, ("The Herald",)),
        ("cite report", {"publisher": "U.S. Geological Survey"}, ("U.S. Geological Survey",)),
        ("cite book", {"publisher": "Ice Press"}, ()),
        ("cite journal", {"journal": "Journal of Ice"}, ()),
    ],
)
def test_the_body_that_issues_a_page_is_its_author(name: str, fields: dict[str, str], authors: tuple[str, ...]) -> None:
    """Red: take an address, a host or the publisher of a book for an author, or none where a body answers for the page."""
    reference = cited_work(name, {"title": "Growth of crystals", **fields}).reference
    assert reference is not None
    assert reference.authors == authors


@pytest.mark.parametrize(
    ("title", "alone"),
    [
        ("Growth of ice in water - Roe - 2008 - Journal of Ice - Wiley Online Library", "Growth of ice in water"),
        ("Growth of ice - ScienceDirect", "Growth of ice"),
        ("Ice for All Published by Ice Publishing, LLC., 2008 ISBN 1-59986-218-2 72 pages", "Ice for All"),
        ("Ice for All. ISBN 1-59986-218-2", "Ice for All"),
        ("Growth of ice | Ice Times | News", "Growth of ice"),
        ("BBC News - Growth of ice", "Growth of ice"),
        ("Growth of ice – BBC News", "Growth of ice"),
        ("In vivo growth of ice", "In vivo growth of ice"),
        ("Sea-ice – a survey", "Sea-ice – a survey"),
    ],
)
def test_what_stands_behind_a_title_in_its_field(title: str, alone: str) -> None:
    """Red: keep the name of the site, or cut at every dash."""
    reference = cited_work("cite web", {"title": title, "last": "Roe", "publisher": "BBC News"}).reference
    assert reference is not None
    assert reference.title == alone


def test_titles_of_pages_that_are_gone() -> None:
    """Red: cite "Archived copy"; or leave out works whose title stands in another field."""
    assert cited_work("cite web", {"title": "Archived copy", "last": "Roe"}).reference is None
    assert cited_work("cite web", {"title": "Growth of Ice - Page not found"}).reference is None
    assert cited_work("cite book", {"title": "none", "last": "Roe"}).reference is None
    assert cited_work("cite book", {"title": "in Growth of Ice: a survey", "last": "Roe"}).reference is None
    for field in ("wstitle", "trans-title", "script-title"):
        value = f"{'ru:' if field == 'script-title' else ''}Growth of crystals"
        reference = cited_work("cite book", {field: value}).reference
        assert reference is not None
        assert reference.title == "Growth of crystals"


def test_an_entry_without_authors_is_found_by_what_stands_for_a_name() -> None:
    work = cited_work("cite web", {"title": "Growth of crystals", "author": "Anon.", "year": "2013"})
    assert work.reference is not None
    assert work.reference.authors == ()
    assert set(lookup_keys(["Anon"], "2013")) & set(work.keys)


@pytest.mark.parametrize(
    ("text", "title", "surname"),
    [
        ("Roe, Jane (4 May 2007). \"The growth of crystals in water\". ''Journal of Ice'' 3: 4–9.",
         "The growth of crystals in water", "Roe"),
        ("Jane Roe, ''The Growth of Crystals'' (Springer, 1962) pp. 71–87", "The Growth of Crystals", "Roe"),
        ("J. K. Roe; A. Doe. ''[http://a.b Growth of Crystals]'', ISBN 0-1-2, 1962", "Growth of Crystals", "Roe"),
        ("Roe, ''Growth of Ice'', p. 136", "Growth of Ice", "Roe"),
        ("''Growth of Crystals'' by Jane Roe, page 32", "Growth of Crystals", "Roe"),
        ("Roe, Jane. \"Ice.\" ''The Oxford Dictionary of Water''. Ed. Adam Doe. 2003.", "Ice", "Roe"),
        ("On how it grows see Jane Roe, ''Growth of Ice'' (Yale University Press, 2013).", "Growth of Ice", "Roe"),
        ("Chapter 7, ''Ice Again''. In Jane Roe, ''Growth of Crystals''. AK Press, 1998", "Growth of Crystals", "Roe"),
        ("E. Roe. Transl. J.R. Doe (1968). ''Growth of Ice'', London, pp. 63", "Growth of Ice", "Roe"),
        ("Roe, Jane (2004). ''Growth of Ice: In: Ice Again, edited by Doe, A''. Ice Press", "Growth of Ice", "Roe"),
        ("[http://a.b/c The weather of tomorrow] by Jane Roe, ipsnews.net, 13 May 2007", "The weather of tomorrow", "Roe"),
        ("Roe, Jane [http://a.b Ice and ‘Snow’ in May] ''Seattle Times''. May 4, 2016", "Ice and ‘Snow’ in May", "Roe"),
        ("Jane Roe. \"Snow May Fall in Summer.\" [http://a.b Ice Magazine.] May 2014.", "Snow May Fall in Summer", "Roe"),
        ("Bob Roe (n.d.). [http://a.b Roe meets Europe]. ''Trailing-edge.com''. Accessed 2008-04-14.", "Roe meets Europe", "Roe"),
        ("Roe, Jane B. The Growth of Ice. Institute for Water Research, 1982. p. 115.", "The Growth of Ice", "Roe"),
        ("Roe, Jane. 'Growth of Ice: Theory and Practice' AK Press (2004) p. 73", "Growth of Ice: Theory and Practice", "Roe"),
    ],
)  # fmt: skip
def test_printed_references(text: str, title: str, surname: str) -> None:
    """Red: read a full date as names, ask for quotes around every title, or take a web site or a magazine for the title."""
    (reference,) = footnote_work(text)[1]
    assert (reference.title, reference.surname) == (title, surname)
    assert printed_work(text).reference == reference


def test_a_note_of_several_works() -> None:
    """Red: read the first alone, or take the second author before a semicolon for a work of its own."""
    text = "A. Roe, ''Growth of Ice'', 1967; M.J. Doe, ''Growth of Snow'', 1986, London"
    assert [(work.title, work.surname) for work in footnote_work(text)[1]] == [
        ("Growth of Ice", "Roe"),
        ("Growth of Snow", "Doe"),
    ]
    text = "\n* Roe, Jane. Growth of Ice. Ice Press, 1967. p. 4\n* Doe, Adam. ''Growth of Snow''. Snow Press, 1968"
    assert [(work.title, work.surname) for work in footnote_work(text)[1]] == [
        ("Growth of Ice", "Roe"),
        ("Growth of Snow", "Doe"),
    ]
    assert len(footnote_work("Roe, N.C.; Doe, R.R. 2002. \"Growth of Ice in Soils\" in ''Soils''. Ice Press")[1]) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"The state is both possible and desirable as long as it serves those who live in it." Jane Roe, 1962',
        'Jane Roe writes that "the state is both possible and desirable for those who live in it".',
        'According to Roe, J. "The growth of crystals in cold water is slow and never ends", 1962.',
        "Roe, ''Journal of Ice'' (London, 1969), p. 12",
        "Roe 1962, p. 12",
        "[http://a.b/c Seattle Times], 4 May 2016",
        "[http://a.b/c Ice.com], ''Toronto Star'' (2004)",
        "[http://a.b/c University of Water at Snow Brook]",
        "[http://a.b/c pp. 12–13]",
        '"An algorithm has one or more outputs, i.e. quantities which have a relation" (Knuth 1973:5).',
        "Roe, J.; Doe, S. ''Comp. Org. Syn.'' 1991, ''8'', 309–313, (Review).",
        "[http://a.b/c Ice Press Report 2008], ''Ice House''.",
        "[http://a.b/c Review of the book] in ''Ice''",
        "[http://a.b/c The weather of tomorrow], BBC News",
        '"Any method of old can be described in a number of English words" (Roe 1987:2).',
        "''Growth of Crystals'', Ice Press, 1962, p. 4",
        "Roe, supra, ''supra''. Ice Press, 2001",
        'Oxford English Dictionary: "ice: water that is cold and hard in the winter months"',
        "Roe, Jane. ''insurgent.org.uk'', 2004, p. 3",
        "see, 1950-2030 and, ''In the'' sea",
        "''" * 20_000,
        "[http://a.b " * 20_000,
        '"' * 20_000,
        "x" * 100_000,
        "A. Roe, " * 20_000,
        "''abcdefg " * 20_000 + "ISBN",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    """Red: take a sentence in quotes, or a journal in italics, for the title of a work."""
    assert footnote_work(text)[1] == []


@pytest.mark.parametrize("run", ["a.", "- ", "a - ", " | ", "ISBN ", ".", "A-", "In: ", "x"])
def test_a_long_title_costs_no_time(run: str) -> None:
    """Red: a pattern that goes over the title once for each of its characters (the run would take minutes)."""
    reference = cited_work("cite web", {"title": f"Ice {run * 100_000}", "publisher": run * 100_000}).reference
    assert reference is None or reference.authors == ()
