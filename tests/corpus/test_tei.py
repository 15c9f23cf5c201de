"""Papers of GROBID: marks as a page leaves them, sections without depth, formulas without scripts, captions, sources by path."""

from __future__ import annotations

import time

import pytest

from galactica import markup
from galactica.corpus.sources.tei import ACADEMIC_SOURCE, ACL_SOURCE, CHEMRXIV_SOURCE, OSF_SOURCE, SOURCE, SOURCES
from galactica.files import RawFile
from galactica.references.importers import references_in
from galactica.types import Document, Drop, Reference

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
ENTRIES = "".join(
    f'<biblStruct xml:id="b{n}"><analytic><title level="a" type="main">Work {name}</title><author><persName>'
    f'<forename type="first">A</forename><surname>Author{name}</surname></persName></author></analytic><monogr><title level="j">'
    f'Journal</title><imprint><date type="published" when="20{n:02}-05"/></imprint></monogr></biblStruct>'
    for n, name in enumerate(NAMES)
)
FILLER = "The height of the plants was measured in each of the plots and compared with that of the control. " * 20


def paper(
    body: str, filler: str = FILLER, language: str = "en", title: str = "Growth of plants", more: str = ""
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TEI xml:space="preserve" xmlns="http://www.tei-c.org/ns/1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.tei-c.org/ns/1.0 /opt/grobid/Grobid.xsd">
<teiHeader xml:lang="{language}"><fileDesc><titleStmt><title level="a" type="main">{title}</title></titleStmt><publicationStmt>
<availability status="unknown"><licence target="https://creativecommons.org/licenses/by/4.0/">CC BY</licence></availability>
<date type="published" when="2020-03-08"/></publicationStmt><sourceDesc><biblStruct><analytic><author><persName>
<forename type="first">Ada</forename><forename type="middle">G</forename><surname>Okafor</surname></persName></author></analytic>
<monogr><title level="j">Journal of plots</title></monogr><idno type="DOI">10.1234/Plots</idno></biblStruct></sourceDesc>
</fileDesc><profileDesc>
<abstract><div><p>Abstract Background: Plants grow in plots. [1, 2] Methods: We measured.</p></div></abstract>
</profileDesc></teiHeader><text xml:lang="{language}"><body>{body}<div><head>RESULTS</head><p>{filler}</p></div>{more}</body><back>
<div type="acknowledgement"><div><head>Acknowledgements</head><p>We thank all.</p></div></div><div type="references"><listBibl>
{ENTRIES}<biblStruct xml:id="b5"><monogr><title level="j">Phys Rev</title></monogr></biblStruct></listBibl></div></back></text>
</TEI>""".encode()


def read(data: bytes) -> Document | Drop:
    (item,) = SOURCE.read(RawFile("x.tei.xml", data))
    return item


def body_of(body: str, more: str = "") -> str:
    item = read(paper(body, more=more))
    assert isinstance(item, Document), item
    return (
        item.text.partition("We measured.\n\n")[2].partition(f"Results\n\n{FILLER.strip()}")[0].rpartition("\n\n# ")[0]
    )


def r(n: int, text: str) -> str:
    return f'<ref type="bibr" target="#b{n}">{text}</ref>'


def c(*numbers: int) -> str:
    return " ".join(markup.cite(f"Work {NAMES[n]}", f"Author{NAMES[n]}") for n in numbers)


def test_the_form_of_a_paper() -> None:
    item = read(paper("<div><head>INTRODUCTION</head><p>Plants grow.</p></div>"))
    assert isinstance(item, Document)
    assert item.text == (
        "Title: Growth of plants\n\nAuthors: A. G. Okafor\n\n# Abstract\n\nBackground: Plants grow in plots.\n\n"
        f"Methods: We measured.\n\n# 1 Introduction\n\nPlants grow.\n\n# 2 Results\n\n{FILLER.strip()}"
    )
    assert (item.id, item.licence) == ("tei:10.1234/plots", "https://creativecommons.org/licenses/by/4.0/")
    assert (item.metadata["year"], item.metadata["journal"]) == (2020, "Journal of plots")
    assert (item.metadata["n_marks"], item.metadata["unresolved"]) == (1, {"no such entry": 1})


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (f"seen {r(0, '[1,')}{r(1, '2]')}.", f"seen {c(0, 1)}."),
        (f"seen {r(0, '[1,')}{r(1, '[2]')}{r(2, '[3]')} here", f"seen {c(0, 1, 2)} here"),
        (f"seen [{r(0, '1')}]-[{r(2, '3')}].", f"seen {c(0, 1, 2)}."),
        (f"seen {r(0, '[1]')}-{r(2, '[3]')}.", f"seen {c(0, 1, 2)}."),
        (f"seen. {r(0, '[1,')}{r(1, '2]')} Then it grew.", f"seen {c(0, 1)}. Then it grew."),
        (f"seen {r(0, '(Authoralpha et al., 2000;')} {r(1, 'Authorbeta, 2001')}).", f"seen {c(0, 1)}."),
        (f"seen {r(0, '(Authoralpha, 2000)')}.", f"seen {c(0)}."),
        (f"as {r(0, 'Authoralpha et al. (2000')}) showed", f"as Authoralpha et al. {c(0)} showed"),
        (f"seen {r(5, '[6]')} there", "seen there"),
        ('asked <ref type="bibr">[SIQ]</ref>, at 20 C <ref type="bibr">(15)</ref> they', "asked [SIQ], at 20 C they"),
        ('see Fig. <ref type="figure" target="#fig_9">2</ref> and Eq. <ref type="formula">(3)</ref>', "see Fig. 2 and Eq. (3)"),
        ('it grew<ref type="foot" target="#foot_0">1</ref> well<note place="foot">No.</note>', "it grew well"),
        ("<s>One grows.</s><s>Two grow.</s>", "One grows. Two grow."),
    ],
)  # fmt: skip
def test_marks_as_a_page_leaves_them(source: str, written: str) -> None:
    assert body_of(f"<div><head>Introduction</head><p>{source}</p></div>") == f"# 1 Introduction\n\n{written}"


def test_numbers_give_the_depth_and_sections_without_science_go() -> None:
    assert body_of(
        '<div><head n="1.">Introduction</head><p>A is so.</p></div><div><head n="2">Methods</head></div>'
        '<div><head n="2.1">Plots</head><p>B is so.</p></div><div><head>Lamps</head><p>C is so.</p></div>'
        '<div><head n="2.2">Soils</head></div><div><head n="3">Funding</head><p>D is so.</p></div>'
        '<div><head n="3.1">Grants</head><p>E is so.</p></div><div><head n="4">Data</head><p>F is so.</p></div>'
    ) == (
        "# 1 Introduction\n\nA is so.\n\n# 2 Methods\n\n## 2.1 Plots\n\nB is so.\n\n### Lamps\n\nC is so.\n\n"
        "# 4 Data\n\nF is so."
    )  # fmt: skip


def test_without_numbers_well_known_headings_are_the_main_ones() -> None:
    assert body_of(
        "<div><p>A is so.</p></div><div><head>Materials and Methods</head><p>B is so.</p></div>"
        "<div><head>Plots of land</head><p>C is so.</p></div><div><head>dIscussIon</head><p>D is so.</p></div>"
    ) == (
        "# 1 Introduction\n\nA is so.\n\n# 2 Materials and Methods\n\nB is so.\n\n## 2.1 Plots of land\n\nC is so.\n\n"
        "# 3 Discussion\n\nD is so."
    )  # fmt: skip


def test_formulas_are_kept_where_the_page_kept_them() -> None:
    assert body_of(
        "<div><head>Introduction</head><p>It is so. Growth is</p><formula>y = αz + β <label>(1)</label></formula>"
        r"<p>where z is time. So</p><formula>\frac{a}{b} \le c (2)</formula><p>holds. The rate is as follows:</p>"
        "<formula>h t = W x t + b</formula><p>where W is light. It ends.</p></div>"
    ) == (
        "# 1 Introduction\n\nIt is so. Growth is\n\n\\[ y = \\alpha z + \\beta \\]\n\nwhere z is time. So\n\n"
        "\\[ \\frac{a}{b} \\leq c \\]\n\nholds.\n\nIt ends."
    )


def test_captions_follow_the_paragraph_that_mentions_them() -> None:
    found = body_of(
        '<div><head>Introduction</head><p>See Fig. <ref type="figure" target="#fig_0">1</ref>.</p><p>It ends.</p></div>',
        '<figure xml:id="fig_0"><head>Fig. 1 .</head><label>1</label><figDesc>Fig. 1. The plots seen from above.</figDesc></figure>'
        '<figure type="table" xml:id="tab_0"><head>Table 1</head><label>1</label><figDesc>Heights of all plants</figDesc><table>'
        "<row><cell>Plot</cell><cell>cm</cell></row><row><cell>A</cell><cell>1</cell></row></table></figure>",
    )
    assert found == "# 1 Introduction\n\nSee Fig. 1.\n\nFigure 1: The plots seen from above.\n\nIt ends."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (paper("", language="de"), "not English"),
        (paper("", filler="Short."), "shorter than 1500 characters"),
        (paper("", title="Retraction: Growth of plants"), "correction or retraction"),
        (paper("", title=""), "no title"),
        (paper("<div><p>[START_<hi>REF]</hi></p></div>"), "spells a control token"),
        (paper("<div><p>a</p></div>").replace(b"</TEI>", b""), "not well-formed: XMLSyntaxError"),
        (paper(f"{'<div>' * 10_000}{'</div>' * 10_000}"), "not well-formed: XMLSyntaxError"),
        (b"<TEI><text/></TEI>", "root is not a TEI document"),
    ],
)
def test_what_is_left_out_says_why(data: bytes, reason: str) -> None:
    item = read(data)
    assert isinstance(item, Drop)
    assert item.reason == reason


def test_the_path_tells_the_source() -> None:
    head = paper("")[:4096]

    def source(where: str) -> str | None:
        return next((source.name for source in SOURCES if source.claims(where, head)), None)

    assert source("osf.tar.gz/a.tei.xml") == OSF_SOURCE.name == "osf"
    assert source("in/chemrxiv-2021/a.xml") == CHEMRXIV_SOURCE.name == "chemrxiv"
    assert source("acl/P19-1001.tei.xml") == ACL_SOURCE.name == "anthology"
    assert source("academic_cc/a.xml") == ACADEMIC_SOURCE.name
    assert source("oracle/osfacl.tei.xml") == "tei"
    assert not any(
        each.claims("osf/a.xml", b'<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader>') for each in SOURCES
    )


def test_the_library_is_built_of_them_too() -> None:
    found = list(references_in(RawFile("x.tei.xml", paper(f"<div><p>{r(0, '[1]')}{r(0, '[1]')}</p></div>"))))
    works = [item for item in found if isinstance(item, Reference)]
    assert [work.title for work in works] == ["Growth of plants", *(f"Work {name}" for name in NAMES)]
    assert [work.n_citations for work in works] == [0, 2, 0, 0, 0, 0]
    assert [item.reason for item in found if isinstance(item, Drop)] == ["reference without a title"]


@pytest.mark.parametrize("run", ["[1] ", "(", "Fig. 1 ", "x = y ", "A", "., ", "&lt;"])
def test_long_runs_are_read_in_good_time(run: str) -> None:
    long = run * (150_000 // len(run))
    body = f'<div><head>{long}</head><p>{long}<ref type="bibr" target="#b0">{long}</ref></p><formula>{long}</formula></div>'
    data = paper(f"{body}<figure><head>{long}</head><figDesc>{long}</figDesc></figure>").replace(
        b"Plants grow in plots.", long.encode()
    )
    started = time.process_time()
    read(data)
    assert time.process_time() - started < 5
