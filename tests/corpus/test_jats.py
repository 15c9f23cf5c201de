"""Papers in JATS on a small article that holds every shape of mark, formula and table, and on the real corpus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica import archives, markup
from galactica.corpus.marks import Marks
from galactica.corpus.sources.jats import SOURCE
from galactica.files import RawFile
from galactica.references.record import make_reference
from galactica.types import Document, Drop

NAMES = dict(enumerate(("alpha", "beta", "gamma", "delta", "epsilon", "zeta"), 1))
REFERENCES = "".join(
    f'<ref id="b{n}"><element-citation><person-group person-group-type="author"><name><surname>Author{name}</surname>'
    f"<given-names>A</given-names></name></person-group><article-title>Work {name}</article-title><year>20{n:02}</year>"
    "</element-citation></ref>"
    for n, name in NAMES.items()
)
FILLER = "The height of the plants was measured in each of the plots and compared with that of the control. " * 8


def article(body: str, kind: str = "research-article", language: str = "en", filler: str = FILLER) -> bytes:
    return f"""<?xml version="1.0"?><article article-type="{kind}" xml:lang="{language}" xmlns:mml="http://www.w3.org/1998/Math/MathML"
 xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta><article-id pub-id-type="doi">10.1234/test</article-id>
<title-group><article-title>Growth of plants</article-title></title-group><contrib-group><contrib contrib-type="author"><name>
<surname>Okafor</surname><given-names>Ada Grace</given-names></name></contrib></contrib-group><pub-date><year>2020</year></pub-date>
<permissions><license xlink:href="http://creativecommons.org/licenses/by/4.0/"><license-p>CC BY</license-p></license></permissions>
<abstract><p>Plants grow.</p></abstract></article-meta></front><body>{body}<sec><title>Results</title><p>{filler}</p></sec></body>
<back><ref-list>{REFERENCES}<ref id="b7"><mixed-citation>Unpublished observations</mixed-citation></ref></ref-list></back>
</article>""".encode()


def read(data: bytes) -> Document | Drop:
    (item,) = SOURCE.read(RawFile("x.xml", data))
    return item


def text_of(body: str) -> str:
    item = read(article(body))
    assert isinstance(item, Document), item
    return item.text


def x(n: int, text: str | None = None) -> str:
    return f'<xref ref-type="bibr" rid="b{n}">{text or n}</xref>'


def c(*numbers: int) -> str:
    return " ".join(markup.cite(f"Work {NAMES[n]}", f"Author{NAMES[n]}") for n in numbers)


def test_the_form_of_a_paper() -> None:
    item = read(
        article(
            "<sec><title>Introduction</title><p>Plants grow.</p></sec><sec><title>Methods</title><sec><title>Plots</title>"
            "<p>Twelve plots.</p></sec><sec><title>Lamps</title><p>Six lamps.</p></sec></sec>"
            "<sec><title>Competing interests</title><p>None.</p></sec>"
        )
    )
    assert isinstance(item, Document)
    assert item.text == (
        "Title: Growth of plants\n\nAuthors: A. G. Okafor\n\n# Abstract\n\nPlants grow.\n\n# 1 Introduction\n\nPlants grow.\n\n"
        "# 2 Methods\n\n## 2.1 Plots\n\nTwelve plots.\n\n## 2.2 Lamps\n\nSix lamps.\n\n# 3 Results\n\n" + FILLER.strip()
    )
    assert item.id == "jats:10.1234/test"
    assert item.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert item.metadata["year"] == 2020


@pytest.mark.parametrize(
    ("source", "written"),
    [
        (f"seen before [{x(1)}].", f"seen before {c(1)}."),
        (f"seen before {x(1, '[1]')}.", f"seen before {c(1)}."),
        (f"seen before [{x(1)},{x(3)}].", f"seen before {c(1, 3)}."),
        (f"seen before [{x(2)}-{x(5)}].", f"seen before {c(2, 3, 4, 5)}."),
        (f"seen before {x(2, '[2]')}–{x(4, '[4]')}, later", f"seen before {c(2, 3, 4)}, later"),
        (f"seen before [{x(2, '2–4')}].", f"seen before {c(2, 3, 4)}."),
        ('seen before [<xref ref-type="bibr" rid="b1 b2">1, 2</xref>].', f"seen before {c(1, 2)}."),
        (f"seen before<sup>{x(1)},{x(2)}</sup> here", f"seen before {c(1, 2)} here"),
        (f"seen before.<sup>{x(1)}</sup> Then", f"seen before {c(1)}. Then"),
        (f"seen ({x(1, 'Authoralpha et al., 2001')}; {x(2, 'Authorbeta, 2002')}).", f"seen {c(1, 2)}."),
        (f"seen (Authoralpha et al., {x(1, '2001')}).", f"seen {c(1)}."),
        (f"seen (e.g., {x(1, 'Authoralpha, 2001')}).", f"seen (e.g., {c(1)})."),
        (f"as {x(1, 'Authoralpha et al. (2001)')} showed", f"as Authoralpha et al. {c(1)} showed"),
        (f"seen [{x(7)}] there", "seen there"),
        (f"seen ({x(7)}, {x(1)}).", f"seen {c(1)}."),
        (f"seen ({x(7)}).", "seen."),
        ("NO<sub>2</sub><sup>-</sup> and 10<sup>-3</sup> m", "NO₂⁻ and 10⁻³ m"),
        ("x<sub>max</sub> here", f"x{markup.wrap('max', markup.SUB)} here"),
        ('shown (<xref ref-type="fig" rid="f1">Figure 1</xref>)', "shown (Figure 1)"),
        ("a <italic>B</italic> c<xref ref-type='fn' rid='n'>*</xref> .", "a B c."),
        # a decimal without its zero is a number, not a stop behind a space
        ("(OR = .11, p &lt; .05), reaching .88 of it , or ,5", "(OR = .11, p < .05), reaching .88 of it, or ,5"),
    ],
)  # fmt: skip
def test_marks_and_scripts(source: str, written: str) -> None:
    blocks = text_of(f"<sec><title>Introduction</title><p>{source}</p></sec>").split("\n\n")
    assert blocks[blocks.index("# 1 Introduction") + 1] == written


def test_marks_are_counted() -> None:
    item = read(
        article(
            f"<sec><title>Introduction</title><p>One [{x(1)}], two [{x(2)}-{x(4)}], none [{x(7)}] [{x(9)}].</p></sec>"
        )
    )
    assert isinstance(item, Document)
    assert item.metadata["n_marks"] == 6
    assert item.metadata["n_resolved"] == 4
    assert item.metadata["unresolved"] == {"entry without a title": 1, "no such entry": 1}


MATHML = "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>"
TEX = r"<tex-math>\documentclass{minimal}\begin{document}$$ x^{2} $$\end{document}</tex-math>"


def test_formulas_are_taken_once_and_displays_stand_alone() -> None:
    text = text_of(
        f"<sec><title>Introduction</title><p>Let <inline-formula><alternatives>{TEX}{MATHML}<inline-graphic/></alternatives>"
        f"</inline-formula> be (see <disp-formula id='e1'><label>(1)</label>{MATHML}</disp-formula>) small.</p></sec>"
    )
    assert r"Let \( x^{2} \) be (see" in text
    assert "\n\n\\[ x^{2} \\]\n\n" in text
    assert text.count("x^{2}") == 2


def test_a_sentence_that_lost_its_formula_goes() -> None:
    lost = "<inline-formula><inline-graphic/></inline-formula>"
    text = text_of(f"<sec><title>Introduction</title><p>It grows. A density of {lost} was seen. It ends.</p></sec>")
    assert "It grows. It ends." in text


def test_tables_figures_and_lists() -> None:
    text = text_of(
        "<sec><title>Introduction</title><p>See:</p><table-wrap><label>Table 1</label><caption><p>Heights.</p></caption>"
        "<table><thead><tr><th>Plot</th><th>Height | cm</th></tr></thead>"
        "<tbody><tr><td rowspan='2'>A</td><td>1</td></tr><tr><td>2</td></tr></tbody></table>"
        "</table-wrap><fig><label>Fig. 2</label><caption><title>The plots.</title><p>Seen from above.</p></caption></fig>"
        "<list list-type='bullet'><list-item><p>one</p></list-item><list-item><p>two</p></list-item></list></sec>"
    )
    assert "Table 1: Heights.\n\n| Plot | Height / cm |\n| --- | --- |\n| A | 1 |\n|  | 2 |" in text
    assert "Figure 2: The plots. Seen from above." in text
    assert "- one\n- two" in text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (article("", kind="correction"), "article type correction"),
        (article("", language="de"), "not English"),
        (
            article("", filler="Die Höhe der Pflanzen wurde auf allen Feldern gemessen und verglichen. " * 12),
            "not English",
        ),
        (article("", filler="Short."), "shorter than 600 characters"),
        (article(f"<sec><title>I</title><p>{markup.END_REF}</p></sec>"), "spells a control token"),
        (b"<article><front>", "not well-formed: XMLSyntaxError"),
        (b"<article><body><p>No head.</p></body></article>", "no title"),
        (b"<html/>", "root is not an article"),
    ],
)
def test_what_is_left_out_says_why(data: bytes, reason: str) -> None:
    item = read(data)
    assert isinstance(item, Drop)
    assert item.reason == reason


def test_entities_are_not_read() -> None:
    data = article("<sec><title>Introduction</title><p>A &secret; word.</p></sec>")
    data = data.replace(b'<?xml version="1.0"?>', b'<!DOCTYPE article [<!ENTITY secret SYSTEM "file:///etc/passwd">]>')
    item = read(data)
    assert isinstance(item, Drop) or "root:" not in item.text


def test_claims() -> None:
    assert SOURCE.claims("a/b.nxml", article("")[:4096])
    assert not SOURCE.claims("a/b.xml", b"<articles><item/></articles>")
    assert not SOURCE.claims("a/b.html", b"<!DOCTYPE html><article>")
    assert not SOURCE.claims("a/b.txt", b"<article>")


_WORDS = st.lists(
    st.sampled_from(["growth", "(", ")", "[", "]", ",", ";", ".", "-", "–", "and", "et al.", "MARK", " ", "Smith"]),
    max_size=25,
)


@given(_WORDS)
def test_any_paragraph_of_marks_keeps_each_citation_whole(words: list[str]) -> None:
    work = make_reference("Growth of plants", ["Okafor, Ada"], 2020, None, None)
    marks = Marks({"a": work, "b": None})
    parts = [
        marks.mark(["a" if index % 3 else "b"], "1") if word == "MARK" else word for index, word in enumerate(words)
    ]
    text = marks.resolve("".join(parts))
    assert not re.search("[\ue000-\ue007]", text)
    assert "  " not in text
    assert {span.key for span in markup.citations(text)} <= {"Growth of plants, Okafor"}
    assert markup.without_citations(text).count("START_REF") == 0


@pytest.mark.corpus
@pytest.mark.parametrize("archive", ["plos-jats", "jose-jats"])
def test_marks_of_the_real_corpus_resolve(corpus_root: Path, archive: str) -> None:
    documents, reasons = [], []
    for file in archives.walk(corpus_root / f"{archive}.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            for item in SOURCE.read(file):
                (documents if isinstance(item, Document) else reasons).append(item)
    assert len(documents) >= 0.9 * (len(documents) + len(reasons))
    n_marks = sum(document.metadata["n_marks"] for document in documents)
    n_missing = sum(document.metadata["unresolved"].get("no such entry", 0) for document in documents)
    n_resolved = sum(document.metadata["n_resolved"] for document in documents)
    assert n_missing <= 0.001 * n_marks
    assert n_resolved >= 0.95 * n_marks
    n_untitled = sum(document.metadata["unresolved"].get("entry without a title", 0) for document in documents)
    assert n_resolved >= 0.97 * (n_marks - n_untitled), "of those that point to an entry with a title"
    assert n_untitled <= 0.05 * n_marks
    texts = [markup.without_citations(document.text) for document in documents]
    assert sum(len(re.findall(r"(?<!\w)\(\s*\)|\[\s*\]", text)) for text in texts) < len(texts) / 10, (
        "brackets without content"
    )
    assert not any(re.search("[\ue000-\uf8ff]|</?(?:xref|sup|italic|mml:)", text) for text in texts)


def test_a_book_of_abstracts_is_a_document_for_each() -> None:
    """Red if the names and addresses of authors become text, or if a paper whose sections are coded is cut up."""
    told = "We asked how high the plants are and what they need, and found that it is so in all of the plots."
    posters = "".join(
        f"<sec id='s{n}'><title>P{n} Growth of plant {n} in the field</title><sec><title>Okafor Ada<sup>1</sup></title><sec><title>"
        f"A University</title><sec><title>Correspondence: ada@b.org</title><p>J. Test 2018, 8(Suppl 1):P{n}</p><p><bold>Results:"
        f"</bold> {told} {x(n)}</p></sec></sec></sec></sec>"
        for n in range(1, 5)
    )
    talks = "".join(
        f"<sec id='t{n}'><title>O-{n:02} Height of plant {n} in the field</title><p>{told}</p><sec><title>Methods</title>"
        f"<p>{told}</p></sec><sec><title>Funding</title><p>None.</p></sec></sec>"
        for n in range(1, 8)
    )
    body = f"<sec><title>Posters</title>{posters}</sec><sec><title>Talks</title>{talks}</sec>"
    found = list(SOURCE.read(RawFile("x.xml", article(body, "abstract"))))
    assert all(isinstance(one, Document) for one in found)
    assert len(found) == 11
    first, last = found[0], found[-1]
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert (first.id, first.text) == (
        "jats:10.1234/test:s1",
        f"Title: Growth of plant 1 in the field\n\n# Abstract\n\nResults: {told} {c(1)}",
    )
    assert last.text == f"Title: Height of plant 7 in the field\n\n# Abstract\n\n{told}\n\nMethods: {told}"
    assert len(list(SOURCE.read(RawFile("x.xml", article(body, "research-article"))))) == 1


def test_commas_between_marks_of_footnotes_go_with_them() -> None:
    note = '<xref ref-type="table-fn" rid="f1"><sup>a</sup></xref>'
    text = text_of(
        f"<sec><title>T</title><table-wrap><label>Table 1</label><caption><p>The rats {note}<sup>,</sup>{note}</p></caption><table>"
        f"<tr><th>Age</th><th>Weight</th></tr><tr><td>2 {note}<sup>,</sup>{note}</td><td>3, 4</td></tr></table></table-wrap></sec>"
    )
    assert "Table 1: The rats\n\n| Age | Weight |\n| --- | --- |\n| 2 | 3, 4 |" in text


def test_pandocs_labels_become_numbers() -> None:
    """JOSE's form: no ref-type, and the label hangs on an empty element of the caption. Red where "[fig:map]" stays, or where a
    figure that nothing points to by such a label is numbered too."""

    def label(name: str) -> str:
        return f'<xref alt="[{name}]" rid="{name}">[{name}]</xref>'

    def figure(name: str, caption: str) -> str:
        return f'<fig><caption><p>{caption}<styled-content id="{name}"></styled-content></p></caption></fig>'

    text = text_of(
        f"<p>Roots grow (Fig.\n  {label('fig2')}), see {label('fig:map')}. {label('fig:map')} and {label('gone')} show it.</p>"
        f"{figure('fig:bare', 'Nothing points here.')}{figure('fig:map', 'A map.')}{figure('fig2', 'A root.')}"
    )
    assert "Roots grow (Fig. 3), see Figure 2. Figure 2 and [gone] show it." in text
    assert text.index("Nothing points here.") < text.index("Figure 2: A map.") < text.index("Figure 3: A root.")
    assert "Figure 1" not in text
