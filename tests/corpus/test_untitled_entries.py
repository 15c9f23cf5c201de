"""Every format hands on what its entries without a title say, and the text stays as it was where no library knows them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from galactica import markup
from galactica.archives import plan
from galactica.corpus import cite
from galactica.corpus.marks import NO_ENTRY, UNTITLED
from galactica.corpus.source import Package
from galactica.corpus.sources import SOURCES, arxiv, mediawiki, s2orc, tei
from galactica.corpus.sources.markdown_papers import MANUBOT_SOURCE
from galactica.corpus.units import UnitReader
from galactica.files import RawFile
from galactica.references.lookup import make
from galactica.references.record import make_reference
from galactica.references.store import build
from galactica.references.untitled import NOT_FOUND, UntitledIndex
from galactica.types import Document, Drop

WORK = make_reference(
    "Root hairs of barley grown under salt", ["Holm, Ada"], 2001, "J Bot", "10.1000/x", volume="12", page="345"
)
LIKE = make_reference(
    "Leaf wax of barley grown in the shade", ["Moe, B"], 2001, "J Bot", "10.1000/y", volume="12", page="345"
)
PRINTED = "A. Holm and C. Rask, J. Bot. 12, 345 (2001)."
BEFORE = "The hairs of the roots are shorter where the soil is salted"
FILLER = "The height of the plants was measured in each of the plots and compared with that of the control. " * 20


def from_tei(entry: str) -> Document:
    data = f"""<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader xml:lang="en"><fileDesc><titleStmt>
<title>Growth of barley</title></titleStmt></fileDesc><encodingDesc><appInfo><application ident="GROBID"/></appInfo></encodingDesc>
</teiHeader><text xml:lang="en"><body><div><p>{BEFORE} <ref type="bibr" target="#b0">[1]</ref>.</p>
<p>{FILLER}</p></div></body><back><div type="references"><listBibl>
<biblStruct xml:id="b0">{entry}</biblStruct></listBibl></div></back></text></TEI>"""
    return only(tei.SOURCE.read(RawFile("x.tei.xml", data.encode())))


def from_s2orc(entry: dict[str, object]) -> Document:
    start = len(BEFORE) + 1
    span = {"start": start, "end": start + 3, "ref_id": "BIBREF0"}
    body = [
        {"section": "Results", "text": f"{BEFORE} [1].", "cite_spans": [span]},
        {"section": "Results", "text": FILLER, "cite_spans": []},
    ]
    parse = {"body_text": body, "bib_entries": {"BIBREF0": entry}, "ref_entries": {}}
    record = {"paper_id": "7", "title": "Growth of barley", "pdf_parse": parse}
    return only(s2orc.SOURCE.read(RawFile("x.jsonl", json.dumps(record).encode())))


def from_annotations(entry: str) -> Document:
    text = f"{BEFORE} [1].\n{FILLER}\n{entry}"
    at, rest = len(BEFORE) + 1, len(BEFORE) + 6

    def note(start: int, end: int, **attributes: str) -> dict[str, object]:
        return {"start": start, "end": end, "attributes": attributes}

    notes = {
        "paragraph": [note(0, rest - 1), note(rest, rest + len(FILLER))],
        "bibref": [note(at, at + 3, ref_id="b0")],
        "bibentry": [note(len(text) - len(entry), len(text), id="b0")],
    }
    content = {"text": text, "annotations": {kind: json.dumps(found) for kind, found in notes.items()}}
    record = {"corpusid": 7, "title": "Growth of barley", "content": content}
    return only(s2orc.SOURCE.read(RawFile("x.jsonl", json.dumps(record).encode())))


def from_latex(listed: str, name: str = "main.bbl", more: str = "") -> Document:
    main = (
        r"\documentclass{article}\begin{document}\title{Growth of barley}\author{A. Moe}\maketitle\section{Results}\label{s}"
        f"{more}{BEFORE} \\cite{{holm}}. {FILLER}\\end{{document}}"
    )
    return only(arxiv.SOURCE.read(Package("1807.01234", {"main.tex": main.encode(), name: listed.encode()})))


def from_manubot(cited: str, more: str = "", item: str = "[]") -> Document:
    files = {
        "content/01.abstract.md": f"## Abstract\n\n{FILLER}",
        "content/02.main.md": f"## Results\n\n{BEFORE} [{cited}]. {FILLER}\n\n{more}\n",
        "content/manual-references.json": item,
        "content/metadata.yaml": "title: Growth of barley\n",
    }
    return only(MANUBOT_SOURCE.read(Package("b", {path: text.encode() for path, text in files.items()})))


def from_wikitext(footnote: str) -> Document:
    page = f"'''Barley''' is a [[cereal]]. {BEFORE}.<ref>{footnote}</ref> {FILLER}\n\n== Names ==\n[[Barley]] {FILLER}"
    source = next(source for source in mediawiki.SOURCES if source.name == "wikipedia")
    return only(source.read(RawFile("Barley.wiki", page.encode())))


def only(items: Iterable[Document | Drop]) -> Document:
    (document,) = items
    assert isinstance(document, Document), document
    return document


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> UntitledIndex:
    works = [work for work in (WORK, LIKE) if work]
    folder = tmp_path_factory.mktemp("library")
    return UntitledIndex(make(build(folder / "works", works), folder))


AUTHOR = "<author><persName><forename>Ada</forename><surname>NAME</surname></persName></author>"
PLACE = (
    f'<monogr>{AUTHOR}<title level="j">J Bot</title><imprint><biblScope unit="volume">12</biblScope>'
    '<biblScope unit="page" from="345" to="7"/><date when="2001"/></imprint></monogr>'
)
INFO = (
    r"\bibitem [{\citenamefont {Holm}(2001)}]{holm}\BibitemOpen \bibfield {author} {\bibinfo {author} {\bibfnamefont {A.}~"
    r"\bibnamefont {NAME}},\ }\bibinfo {journal} {J. Bot.} \textbf {\bibinfo {volume} {12}},\ \bibinfo {pages} {345} "
    r"(\bibinfo {year} {2001})"
)
BIB = "@article{holm, author = {NAME, Ada}, journal = {J. Bot.}, volume = 12, pages = {345--7}, year = 2001}"
CITED = {
    "authors": [{"first": "Ada", "middle": [], "last": "NAME"}],
    "year": 2001,
    "venue": "J. Bot.",
    "volume": "12",
    "pages": "345--7",
}
ITEM = {"id": "doi:10.1000/none", "author": [{"family": "NAME", "given": "Ada"}], "volume": "12", "page": "345-7", "title": "",
        "issued": {"date-parts": [[2001]]}}  # fmt: skip
CASES: dict[str, Callable[[str], Document]] = {
    "TEI as printed": lambda name: from_tei(f'<monogr/><note type="raw_reference">{PRINTED.replace("Holm", name)}</note>'),
    "TEI in parts": lambda name: from_tei(PLACE.replace("NAME", name)),
    "S2ORC as printed": lambda name: from_s2orc({"title": "", "raw_text": PRINTED.replace("Holm", name)}),
    "S2ORC in parts": lambda name: from_s2orc(json.loads(json.dumps(CITED).replace("NAME", name))),
    "S2ORC by offset": lambda name: from_annotations(PRINTED.replace("Holm", name)),
    "a list in LaTeX": lambda name: from_latex(rf"\bibitem{{holm}} A.~{name} and C. Rask, J. Bot. {{\bf 12}}, 345 (2001)."),
    "REVTeX": lambda name: from_latex(INFO.replace("NAME", name)),
    "BibTeX": lambda name: from_latex(BIB.replace("NAME", name), "refs.bib"),
    "CSL-JSON": lambda name: from_manubot("@doi:10.1000/none", item=f"[{json.dumps(ITEM)}]".replace("NAME", name)),
    "a template": lambda name: from_wikitext(f"{{{{cite journal|last={name}|journal=J. Bot.|volume=12|pages=345–7|year=2001}}}}"),
    "a footnote": lambda name: from_wikitext(f"A. {name} and C. Rask, ''J. Bot.'' '''12''', 345 (2001)."),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_entry_finds_its_work(case: str, index: UntitledIndex) -> None:
    assert WORK is not None
    raw = CASES[case]("Holm")
    assert f"{BEFORE}." in raw.text
    assert raw.metadata["unresolved"] == {UNTITLED: 1}
    done = cite.completed(raw, index.find)
    assert done.text == raw.text.replace(f"{BEFORE}.", f"{BEFORE} {markup.cite(WORK.title, WORK.surname)}.", 1)
    assert (done.metadata["n_resolved"], done.metadata["unresolved"]) == (1, {})


@pytest.mark.parametrize("case", CASES)
def test_an_entry_of_another_author_finds_none(case: str, index: UntitledIndex) -> None:
    raw = CASES[case]("Rydberg")
    done = cite.completed(raw, index.find)
    assert done.text == raw.text
    assert done.metadata["unresolved"] == {NOT_FOUND: 1}


@pytest.mark.parametrize(
    ("cited", "more", "is_found"),
    [
        ("@doi:10.1000/X", "", True),
        ("@tag:salt", "[@tag:salt]: doi:10.1000/x", True),
        ("@doi:10.1000/x1", "", False),
        ("@pmid:10", "", False),
    ],
)
def test_a_doi_alone_is_looked_up(cited: str, more: str, is_found: bool, index: UntitledIndex) -> None:
    assert WORK is not None
    raw = from_manubot(cited, more)
    done = cite.completed(raw, index.find)
    cited_work = f" {markup.cite(WORK.title, WORK.surname)}" if is_found else ""
    assert f"{BEFORE}{cited_work}." in done.text
    assert done.metadata["n_resolved"] == is_found
    assert sum(done.metadata["unresolved"].values()) == (not is_found)
    assert (NO_ENTRY in done.metadata["unresolved"]) == cited.startswith("@pmid")


def test_a_passage_of_latex_with_displays_and_labels(index: UntitledIndex) -> None:
    assert WORK is not None
    more = r"As Section~\ref{s} says, the length is \[ l = a s, \] where $s$ is salt. \[ a < 0 \] , and "
    raw = from_latex(rf"\bibitem{{holm}} {PRINTED}", more=more)
    done = cite.completed(raw, index.find)
    assert r"\[ a < 0, \]" in raw.text
    assert done.text == raw.text.replace(f"{BEFORE}.", f"{BEFORE} {markup.cite(WORK.title, WORK.surname)}.", 1)
    assert done.text != raw.text


@pytest.mark.corpus
def test_real_texts_stay_where_nothing_is_found(corpus_root: Path) -> None:
    n_pending = 0
    for name in ("deep-review", "livecoms-papers"):
        for unit in plan(corpus_root / f"{name}.tar.xz"):
            for item in UnitReader(unit, SOURCES, {}).read():
                if isinstance(item, Document):
                    n_pending += len(item.pending)
                    assert cite.completed(item, lambda entry: NOT_FOUND).text == item.text
    assert n_pending > 5
