"""What is exported is read back as the same works, and no title runs a command."""

from __future__ import annotations

import json
import re

import bibtexparser
import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galactica.files import RawFile
from galactica.references.export import bibtex, citation_names, csl_item
from galactica.references.importers import references_in
from galactica.references.record import make_reference
from galactica.references.store import Library
from galactica.types import Reference


def work(title: str, *authors: str, year: int | None = 2017) -> Reference:
    made = make_reference(title, authors, year, "Proc & Co", "10.1000/a_b")
    assert made is not None
    return made


def test_names_are_surname_year_word_and_unique() -> None:
    works = [
        work("Attention is All you Need", "Vaswani, Ashish"),
        work("The Attention of Infants", "Vaswani, B"),
        work("On attention", "Vaswani, C"),
        work("Éléments de géométrie", "Ørsted, H. C.", year=None),
        work("统计 方法 论文", "王, 伟"),
    ]
    names = list(citation_names(works).values())
    assert names == [
        "vaswani2017attentiona",
        "vaswani2017attentionb",
        "vaswani2017attentionc",
        "rstedelements",
        "anon2017",
    ]
    assert citation_names([works[0], works[0]]) == {works[0].id: "vaswani2017attention"}


def test_bibtex_reads_back_as_the_same_works(classics: Library) -> None:
    works = list(classics)
    again = [item for item in references_in(RawFile("x.bib", bibtex(works).encode())) if isinstance(item, Reference)]
    for before, after in zip(works, again, strict=True):
        assert (after.authors, after.year, after.venue, after.doi) == (
            before.authors,
            before.year,
            before.venue,
            before.doi,
        )
        if "\\(" not in before.title:
            assert after.title == before.title


HOSTILE = st.text(alphabet=st.sampled_from("\\{}$%&~^_#\"'@,=()<>|` abcXYZ é中\n"), min_size=4, max_size=60)


@given(HOSTILE, HOSTILE)
@settings(max_examples=300, deadline=None)
def test_no_text_escapes_its_field(title: str, author: str) -> None:
    made = make_reference(f"Safe title {title}", [f"Holm {author}", author], 2001, title, None)
    if made is None:
        return
    text = bibtex([made])
    library = bibtexparser.parse_string(text)
    assert len(library.entries) == 1
    assert not library.failed_blocks
    assert set(library.entries[0].fields_dict) <= {"title", "author", "year", "journal", "booktitle", "doi"}
    # Outside formulas no command is left but those that print one character.
    outside = re.sub(r"\$[^$]*\$", "", text.replace(r"\$", ""))
    assert set(re.findall(r"\\(?:[A-Za-z]+|.)", outside)) <= {
        r"\textbackslash", r"\textbraceleft", r"\textbraceright", r"\textasciitilde", r"\textasciicircum",
        r"\%", r"\&", r"\#", r"\_", r"\{", r"\}",
    }  # fmt: skip


def test_a_command_in_a_title_is_printed_not_run() -> None:
    text = bibtex([work(r"Evil \input{/etc/passwd} and \write18{rm -rf} \( \input{x} \)", "Holm, A")])
    assert r"\input" not in text
    hostile = make_reference("A safe title here", ["Holm, A"], 2001, None, r"10.1000/a}\input{x}%$&#~^")
    assert hostile is not None
    assert not set(r"\}{%$&#^") & set(bibtex([hostile]).partition("doi = {")[2].partition("}")[0].replace("%", ""))
    assert r"\write" not in text


def test_pandoc_prints_the_escaped_title(classics: Library) -> None:
    # Another reader of BibTeX: braces, ampersand and percent sign arrive, the formula as mathematics.
    (odd,) = [reference for reference in classics if "statistic" in reference.title]
    (item,) = json.loads(pypandoc.convert_text(bibtex([odd]), "csljson", format="bibtex"))
    odder = work("Sets {a} ~ b ^ c \\ d", "Holm, A")
    (braces,) = json.loads(pypandoc.convert_text(bibtex([odder]), "csljson", format="bibtex"))
    assert braces["title"] == odder.title
    assert "statistic & 50% of its uses" in item["title"]
    assert item["author"][0]["family"].replace("’", "'") == "O'Neil"
    assert item["DOI"] == "10.1000/a_b"
    assert "$x_{i}^{2}$" in bibtex([odd])


def test_csl_item_reads_back(classics: Library) -> None:
    works = list(classics)
    items = [csl_item(reference, name) for reference, name in zip(works, citation_names(works).values(), strict=True)]
    again = [
        item for item in references_in(RawFile("x.json", json.dumps(items).encode())) if isinstance(item, Reference)
    ]
    assert [(w.title, w.authors, w.year, w.doi) for w in again] == [(w.title, w.authors, w.year, w.doi) for w in works]


@pytest.mark.parametrize("title", ["H<sub>2</sub>O in cells", "A <script>alert(1)</script> title"])
def test_titles_with_tags_do_not_break_the_json(title: str) -> None:
    assert json.loads(json.dumps(csl_item(work(title, "Holm, A"), "k")))["title"]
