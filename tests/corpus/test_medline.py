"""Abstracts of PubMed from XML and nbib text: structured ones, what is left out and why, plain-text scripts, and the real files."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from galactica import archives, markup
from galactica.corpus.abstracts import tidy_abstract
from galactica.corpus.sources.medline import SOURCE, TEXT_SOURCE
from galactica.files import RawFile
from galactica.references.importers import references_in
from galactica.types import Document, Drop, Reference

PLAIN = "<AbstractText>The height of the plants in each of the plots was compared with that of the control, and it is greater by 2 <i>cm</i>.</AbstractText>"  # noqa: E501

GERMAN = (
    "Die Höhe der Pflanzen wurde auf allen Feldern gemessen. Sie wuchsen auf jedem davon gleich gut, wie man nun weiß."
)


def record(
    abstract: str = PLAIN,
    pmid: int = 7,
    kind: str = "Journal Article",
    more: str = "",
    title: str = "Growth of plants.",
) -> str:
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue>
<PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></JournalIssue><Title>Journal of plots</Title></Journal>
<ArticleTitle>{title}</ArticleTitle><Abstract>{abstract}</Abstract><AuthorList><Author><LastName>Okafor</LastName>
<ForeName>Ada Grace</ForeName></Author><Author><CollectiveName>Plot Group</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName>Plants</DescriptorName><QualifierName>growth</QualifierName></MeshHeading>
</MeshHeadingList>{more}</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/ABC</ArticleId></ArticleIdList>
</PubmedData></PubmedArticle>"""


def whole(*records: str) -> bytes:
    return f'<?xml version="1.0"?><PubmedArticleSet>{"".join(records)}</PubmedArticleSet>'.encode()


def read(*records: str) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("pubmed.xml", whole(*records))))


def text_of(abstract: str) -> str:
    (item,) = read(record(abstract))
    assert isinstance(item, Document), item
    return item.text.partition("# Abstract\n\n")[2]


def test_a_structured_abstract() -> None:
    (item,) = read(
        record(
            '<AbstractText Label="BACKGROUND AND AIMS">The plants of the plots are known to grow.</AbstractText>'
            '<AbstractText Label="UNLABELLED">It is by CO<sub>2</sub> that they do.</AbstractText>'
            '<AbstractText Label="CONTACT">The first of the authors.</AbstractText>'
            '<AbstractText Label="RESULTS">The gain in height is 10(-3) cm(2), with H(2)O and (13)C, in D(max) and T cells (2).'
            "</AbstractText><CopyrightInformation>Copyright 1999 Plots.</CopyrightInformation>"
        )
    )
    assert isinstance(item, Document)
    assert item.text == (
        "Title: Growth of plants\n\nAuthors: A. G. Okafor, Plot Group\n\n# Abstract\n\n"
        "Background and aims: The plants of the plots are known to grow.\n\nIt is by CO₂ that they do.\n\n"
        "Results: The gain in height is 10⁻³ cm², with H₂O and ¹³C, in D(max) and T cells (2)."
    )
    assert (item.id, item.licence) == ("pubmed:7", "Copyright 1999 Plots.")
    assert item.metadata["doi"] == "10.1000/abc"
    assert (item.metadata["year"], item.metadata["journal"]) == (1998, "Journal of plots")
    assert item.metadata["fields"] == ["Plants"]


def test_what_is_left_out_says_why() -> None:
    reasons = [
        item.reason
        for item in read(
            record(kind="Retracted Publication"),
            record(
                more='<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"/></CommentsCorrectionsList>'
            ),
            record(kind="Published Erratum"),
            record(title="Erratum to: Growth of plants"),
            record(f"<AbstractText>{GERMAN}</AbstractText>"),
            record("<AbstractText>Not given.</AbstractText>"),
            record(""),
            record(PLAIN.replace("plants", "[START_<i>REF]</i>")),
            record(title=""),
        )
        if isinstance(item, Drop)
    ]
    assert reasons == [
        "correction or retraction", "correction or retraction", "correction or retraction", "correction or retraction",
        "not English", "abstract shorter than 100 characters", "no abstract", "spells a control token", "no title",
    ]  # fmt: skip


def test_rights_and_leads_are_no_science() -> None:
    sentence = "The height of the plants was measured in each of the plots and compared with that of the control plots."
    for around in (
        "Abstract: {}", "ABSTRACT {}", "{} © 2001 Wiley-Liss, Inc. All rights reserved.", "{} Copyright 2001 Academic Press.",
        "{} (ABSTRACT TRUNCATED AT 250 WORDS)",
    ):  # fmt: skip
        assert text_of(f"<AbstractText>{around.format(sentence)}</AbstractText>") == sentence


def test_an_abstract_of_spaces_is_tidied_in_linear_time() -> None:
    started = time.process_time()
    assert tidy_abstract([f"We measured{' ' * 40_000}it."]) == [f"We measured{' ' * 40_000}it."]
    assert time.process_time() - started < 1, "4.5 s where white space is tried from each of its places"


def test_a_large_file_is_read_in_pieces_like_a_whole_one() -> None:
    data = whole(*(record(pmid=number) for number in range(3000)))
    assert SOURCE.split is not None
    pieces = list(SOURCE.split(io.BytesIO(data)))
    assert len(pieces) > 1
    found = [item for piece in pieces for item in SOURCE.read(RawFile("pubmed.xml", piece))]
    assert [item.id for item in found if isinstance(item, Document)] == [f"pubmed:{number}" for number in range(3000)]


def test_hostile_files_end_in_a_drop() -> None:
    deep = f"<AbstractText>{'<i>' * 10_000}x{'</i>' * 10_000}</AbstractText>"
    for data in (whole(record(deep)), whole(record())[:400], b"<PubmedArticleSet>\0</PubmedArticleSet>"):
        (item,) = SOURCE.read(RawFile("pubmed.xml", data))
        assert isinstance(item, Drop)
        assert item.reason == "not well-formed: XMLSyntaxError"
    bomb = whole(record("<AbstractText>&a;</AbstractText>")).replace(
        b"<PubmedArticleSet>", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PubmedArticleSet>', 1
    )
    assert not any("root:" in getattr(item, "text", "") for item in SOURCE.read(RawFile("pubmed.xml", bomb)))


NBIB = b"""
PMID- 7
OWN - NLM
TI  - Growth of
      plants.
AB  - We ask in this of the plots. METHODS: The height of the plants of each plot was
      measured. RESULTS: It was that of the control. AVAILABILITY: http://x.org
FAU - Okafor, Ada
LA  - eng
JT  - Journal of plots
MH  - *Plants/growth

PMID- 8
OWN - NLM
PT  - Retraction of Publication
TI  - Another.
"""


def test_text_of_the_site() -> None:
    assert TEXT_SOURCE.claims("pubmed.txt", NBIB)
    document, drop = TEXT_SOURCE.read(RawFile("pubmed.txt", NBIB))
    assert isinstance(document, Document)
    assert isinstance(drop, Drop)
    assert document.text == (
        "Title: Growth of plants\n\nAuthors: A. Okafor\n\n# Abstract\n\nWe ask in this of the plots.\n\n"
        "Methods: The height of the plants of each plot was measured.\n\nResults: It was that of the control."
    )
    assert document.metadata["fields"] == ["Plants"]
    assert drop.reason == "correction or retraction"


def test_claims() -> None:
    assert SOURCE.claims("pubmed24n0001.xml.gz", whole(record())[:4096])
    assert not SOURCE.claims("a.xml", b"<article><p>PubmedArticleSet</p>")
    assert not TEXT_SOURCE.claims("a.txt", b"PMID- is a tag of MEDLINE")


@pytest.mark.corpus
def test_real_files_name_the_works_that_the_library_finds(corpus_root: Path) -> None:
    documents, references = [], []
    for file in archives.walk(corpus_root / "medline.tar.xz"):
        assert isinstance(file, RawFile)
        for source in (SOURCE, TEXT_SOURCE):
            if source.claims(file.where, file.data[:4096]):
                documents += [item for item in source.read(file) if isinstance(item, Document)]
                references += [item for item in references_in(file) if isinstance(item, Reference) and item.abstract]
    assert len(documents) == len(references) == 14
    assert [item.metadata["title"] for item in documents] == [item.title for item in references]
    assert all(set(markup.control_tokens(item.text)) <= {"[START_SUB]", "[END_SUB]"} for item in documents)
