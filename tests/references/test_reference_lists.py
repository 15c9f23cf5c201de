"""Reference lists of JATS in their many shapes, the article itself, references as text, and the factory of records."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from galactica import markup
from galactica.references import jats
from galactica.references.citation_text import parse_citation
from galactica.references.record import make_reference, normalise_title
from galactica.types import Reference

LIST = """<article>
<front>
<journal-meta>
<journal-title-group>
<journal-title>Journal of Tests</journal-title>
</journal-title-group>
</journal-meta>
<article-meta>
<article-id pub-id-type="doi">https://doi.org/10.1234/ABC.5</article-id>
<article-id pub-id-type="pmc">PMC77</article-id>
<title-group>
<article-title>A study of <italic>Oryza sativa</italic> roots<xref ref-type="fn" rid="f1">*</xref>.</article-title>
</title-group>
<contrib-group>
<contrib contrib-type="author">
<name>
<surname>Okafor</surname>
<given-names>Ada Grace</given-names>
</name>
</contrib>
<contrib contrib-type="author">
<collab>The Root Consortium</collab>
</contrib>
<contrib contrib-type="editor">
<name>
<surname>Editor</surname>
<given-names>E</given-names>
</name>
</contrib>
</contrib-group>
<pub-date pub-type="ppub">
<year>2019</year>
</pub-date>
<pub-date pub-type="epub">
<year>2018</year>
</pub-date>
<abstract abstract-type="toc">
<p>Teaser.</p>
</abstract>
<abstract>
<p>Roots were measured.</p>
</abstract>
</article-meta>
</front>
<back>
<ref-list>
<ref id="b1">
<element-citation publication-type="journal">
<person-group person-group-type="author">
<name>
<surname>Li</surname>
<given-names>X. Y.</given-names>
</name>
<etal/>
</person-group>
<article-title>Growth of roots in <italic>dry</italic> soil.</article-title>
<source>Plant J</source>
<year>2001</year>
<volume>3</volume>
<pub-id pub-id-type="doi">10.1000/XYZ</pub-id>
</element-citation>
</ref>
<ref id="b2">
<mixed-citation publication-type="book">
<person-group person-group-type="author">
<string-name>
<surname>Ames</surname>
<given-names>B</given-names>
</string-name>
</person-group>. <source>Handbook of soils</source>. <year>1990a</year>
</mixed-citation>
</ref>
<ref id="b3">
<citation citation-type="journal">
<name>
<surname>Roe</surname>
<given-names>J</given-names>
</name>
<source>Nature</source>
<volume>4</volume>
</citation>
</ref>
<ref id="b4">
<mixed-citation publication-type="other">Cook G, Kirkland KA. Transfer of water between two soils.
Soil Sci. 2016;7:1-9.</mixed-citation>
</ref>
<ref id="b5">
<nlm-citation>
<collab>WHO</collab>
<article-title>Water and health</article-title>
</nlm-citation>
</ref>
<ref id="b6">
<element-citation id="inner">
<name>
<surname>Roe</surname>
</name>
<chapter-title>“A chapter on drought,” in</chapter-title>
<source>Book</source>
</element-citation>
</ref>
</ref-list>
</back>
</article>"""


@pytest.fixture(scope="module")
def article() -> etree._Element:
    return etree.fromstring(LIST)


def test_every_shape_of_entry_gives_its_record(article: etree._Element) -> None:
    found = jats.reference_list(article)
    assert list(found) == ["b1", "b2", "b3", "b4", "b5", "inner", "b6"]

    def short(reference: Reference | None) -> tuple[object, ...] | None:
        return (reference.title, reference.authors, reference.year, reference.doi) if reference else None

    assert short(found["b1"]) == ("Growth of roots in dry soil", ("Li, X. Y.",), 2001, "10.1000/xyz")
    assert short(found["b2"]) == ("Handbook of soils", ("Ames, B",), 1990, None)
    assert found["b3"] is None, "a journal is not the title of a work"
    assert short(found["b4"]) == ("Transfer of water between two soils", ("Cook, G", "Kirkland, KA"), 2016, None)
    assert short(found["b5"]) == ("Water and health", ("WHO",), None, None)
    assert short(found["b6"]) == ("A chapter on drought", ("Roe",), None, None)
    assert found["inner"] == found["b6"]


def test_front_matter_is_the_article_itself(article: etree._Element) -> None:
    front = jats.front_matter(article)
    assert front is not None
    assert front.title == "A study of Oryza sativa roots"
    assert front.authors == ("Okafor, Ada Grace", "The Root Consortium")
    assert (front.year, front.venue, front.doi) == (2018, "Journal of Tests", "10.1234/abc.5")
    assert front.abstract == "Roots were measured."
    assert jats.article_ids(article)["pmc"] == "PMC77"


@pytest.mark.parametrize(
    ("text", "title", "first", "year"),
    [
        (
            "A. Kelly and T. E. Markland, “Fast surface hopping for long times,” J. Chem. Phys. 139, 14104 (2013).",
            "Fast surface hopping for long times", "Kelly", 2013,
        ),
        (
            "Anders Kock. Strong functors and monoidal monads. Arch. Math. (Basel), 23:113–120, 1972.",
            "Strong functors and monoidal monads", "Kock", 1972,
        ),
        (
            "Wang, Y.; Shen, Z.; and Morency, L.-P. 2019. Words can shift their meaning. In Proceedings of AAAI, 7216–7223.",
            "Words can shift their meaning", "Wang", 2019,
        ),
        (
            "Janz, N. & Nylin, S. The oscillation of host range. In Speciation, 203–215 (Univ. of X, 2008).",
            "The oscillation of host range", "Janz", 2008,
        ),
        (
            "T. McGraw, Real-time raycasting of thin streamtubes, in: IEEE Visualization, 2020, pp. 21–25.",
            "Real-time raycasting of thin streamtubes", "McGraw", 2020,
        ),
    ],
)  # fmt: skip
def test_printed_references_with_a_title(text: str, title: str, first: str, year: int) -> None:
    found = parse_citation(text)
    assert found is not None
    assert (found.title, found.surname, found.year) == (title, first, year)


@pytest.mark.parametrize(
    "text",
    [
        "J.A. Devlin and M.R. Tarbutt, New J. Phys. 18 (12), 123017 (2016).",
        "R. J. Cave and M. D. Newton, The Journal of Chemical Physics 106, 9213 (1997).",
        "R. Aaij et al. [LHCb], Phys. Rev. D 101 (2020) no.3, 032005 doi:10.1103/PhysRevD.101.032005",
        "Oya, Y., Sakai, N., Watanabe, Y., et al. 2018, , 863, 72",
        "http://www.example.net",
        "",
    ],
)
def test_a_journal_is_never_taken_for_a_title(text: str) -> None:
    assert parse_citation(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    parse_citation(text)


def test_one_work_has_one_identifier() -> None:
    first = make_reference("Attention is All you Need.", ["Vaswani, Ashish"], 2017, None, None)
    second = make_reference("Attention  is all you {N}eed", ["VASWANI, A."], 2017, "NeurIPS", "10.1/x")
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert len(first.id) == 16
    other = make_reference("Attention is All you Need", ["Vaswani, Ashish"], 2018, None, None)
    assert other is not None
    assert other.id != first.id


@pytest.mark.parametrize(
    "title", ["", "  ", "ab", "42", "Introduction", "Letter to the editor", "[Supplementary information]", "x" * 500]
)
def test_no_record_without_a_title_that_names_a_work(title: str) -> None:
    assert make_reference(title, ["A, B"], 2000, None, None) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3))
def test_records_spell_no_control_token_and_stay_on_one_line(title: str, authors: list[str]) -> None:
    token = markup.SPECIAL_TOKENS[4]
    found = make_reference(
        f"Roots {title}{token[:4]}{token}{token[4:]} of soil", [f"{name}{token}" for name in authors], 2000, None, None
    )
    if found is not None:
        written = found.title + "".join(found.authors)
        assert not markup.control_tokens(written)
        assert "\n" not in written


def test_titles_are_compared_without_accents_case_and_latex() -> None:
    assert normalise_title(r"R{\'e}duction, of \emph{Æther}!") == normalise_title("réduction of ÆTHER")
