"""A paper in five formats, read back by programs that are not ours: pandoc's readers, python-docx, pdfium, bibtexparser."""

from __future__ import annotations

import errno
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bibtexparser
import docx
import pypandoc
import pypdfium2
import pytest

from galactica import files, markup
from galactica.errors import BadInput, MissingExtra
from galactica.papers import export as export_module
from galactica.papers import nodes, typeset
from galactica.papers.export import FORMATS, Exported, export
from galactica.papers.markdown import markdown
from galactica.types import Paper, Section

HOSTILE = [
    "</script><b>x</b> <img src=x onerror=alert(1)> &lt;b&gt; &#35; &amp; <!-- c -->",
    "$(rm -rf /) `id ; rm -rf ~ | cat > /etc/x && echo $HOME",
    r"\input{/etc/passwd} \write18{id} \def\x{y} \begin{document} %comment \\ {x} ~ ^ _",
    '#read("/etc/passwd") #import "x.typ": * $x$ @label <label> /* c */ //c [x] *b _e_ = h',
    "@knuth1984 [@knuth1984] [^1] [a](http://evil.example/) ![i](http://evil.example/i.png) [x]: http://y <http://z>",
    "---",
    "***",
    "title: x --- y",
    "#no heading",
    "> quote",
    "= head",
    "+1 plus",
    "% title",
    ": definition",
    "/ term: x",
    "(@ex) example",
    "i) roman",
    "1986\\. year and 2010. year",
    "::: {.cls}",
    "{=html} {#id .cls key=val} :smile: ~~s~~ H~2~O x^2^ ==m== [[wiki]]",
    r"```{=typst} x``` a\*b \_ \. \( x \[ y",
    "\"quotes\" 'single' “curly” ... -- ??? !!! it’s",
    "emoji 😀🧬 and Greek αβγ, 中文, ½ ≤ ∞ → ﬁ",
    "| a | b",
    "{{template}} ${var} $if(x)$ <%= x %> {% x %}",
]


def _squeezed(text: str) -> str:
    """Without white space and the marks of broken words, which a page lays out as it must."""
    return re.sub(r"[\s\u00ad\ufffe\u200b\u2010-]", "", text.replace("…", "..."))


def _pdf_text(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(document[i].get_textpage().get_text_bounded() for i in range(len(document)))
    finally:
        document.close()


def _tree(path: Path, format_: str) -> Any:
    """The blocks that pandoc's own reader sees in a file."""
    command = [pypandoc.get_pandoc_path(), "--sandbox", "-f", format_, "-t", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["blocks"]


def _characters(tree: Any) -> str:
    """The characters of a tree, without white space."""
    if isinstance(tree, list):
        return "".join(map(_characters, tree))
    if not isinstance(tree, dict):
        return ""
    content = tree.get("c")
    if tree["t"] in ("Str", "Code", "CodeBlock"):
        return _squeezed(content if isinstance(content, str) else content[1])
    return _characters(content)


def _docx_lines(path: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


def _with_text(paper: Paper, text: str) -> Paper:
    return replace(paper, sections=(Section("Text", text),), references=())


@pytest.fixture
def exported(paper: Paper, tmp_path: Path) -> Exported:
    return export(paper, tmp_path / "paper")


def test_five_files_and_no_warning(exported: Exported) -> None:
    assert exported.warnings == ()
    assert tuple(exported.paths) == FORMATS
    folder = exported.paths["md"].parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"paper.{format_}" for format_ in FORMATS)
    assert [path.name for path in folder.parent.iterdir()] == ["paper"]


def test_pdf_shows_headings_formulas_citations_and_references(exported: Exported) -> None:
    text = _pdf_text(exported.paths["pdf"])
    for heading in ("Abstract", "1 Introduction", "2 Methods", "2.1 Data", "3 Results", "References"):
        assert _squeezed(heading) in _squeezed(text)
    assert _squeezed(
        "has been open for half a century, and attention (Vaswani et al. 2017; Jumper and Evans 2021)"
    ) in _squeezed(text)
    assert _squeezed("every encounter (Einstein 1905).") in _squeezed(text)
    assert "https://doi.org/10.1038/s41586-021-03819-2" in text
    assert "ahead of print" not in text
    assert _squeezed("Annalen der Physik") in _squeezed(text)
    assert "Written by a language model" in text
    for source in ("\\frac", "\\(", "\\[", markup.START_REF, markup.opening(markup.SUP)):
        assert source not in text


def test_markdown_has_formulas_table_and_references(exported: Exported) -> None:
    text = exported.paths["md"].read_text()
    assert text.startswith(
        "# Attention mechanisms in protein structure prediction\n\nMarie Curie, Emmy Noether\n\n2026-11-23\n"
    )
    assert "\n$$\nD = \\frac{k_{\\mathrm{B}} T}{6 \\pi \\eta r}\n$$\n" in text
    assert "$3^{n}$" in text
    assert "| Kinases | 48,110 | 0.94 $\\pm$ 0.02 |" in text
    assert "SO<sub>4</sub><sup>2−</sup>" in text
    assert "\n1. alignment of each family with `hmmsearch --cpu 2`;\n2. training" in text
    assert text.index("## References") < text.index("Levinthal, Cyrus. 1968. “Are there pathways for protein folding?”")
    assert "<https://doi.org/10.1002/andp.19053220806>" in text


def test_word_file_has_title_headings_references_and_page_numbers(exported: Exported) -> None:
    document = docx.Document(str(exported.paths["docx"]))
    styled = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs if paragraph.style]
    assert ("Title", "Attention mechanisms in protein structure prediction") in styled
    headings = [text for name, text in styled if name.startswith("Heading")]
    assert headings == ["1\tIntroduction", "2\tMethods", "2.1\tData", "3\tResults", "References"]
    entries = [text for name, text in styled if name == "Bibliography"]
    assert [entry.split(",")[0] for entry in entries] == ["Einstein", "Jumper", "Levinthal", "Vaswani"]
    assert document.styles["Bibliography"].paragraph_format.first_line_indent < 0
    assert len(document.tables[0].rows) == 4
    assert "PAGE" in document.sections[0].footer.paragraphs[0]._p.xml
    assert any(NOTE_START in text for _, text in styled)
    assert document.element.xml.count("<m:oMath>") > 10


NOTE_START = "Written by a language model (nano) on 2026-11-23."


def test_latex_cites_by_natbib_and_the_database_has_each_key(exported: Exported) -> None:
    text = exported.paths["tex"].read_text()
    cited = {key.strip() for keys in re.findall(r"\\citep\{([^}]*)\}", text) for key in keys.split(",")}
    library = bibtexparser.parse_string(exported.paths["bib"].read_text())
    assert not library.failed_blocks
    assert cited == {entry.key for entry in library.entries}
    assert len(cited) == 4
    assert r"\bibliography{paper}" in text
    assert r"\[D = \frac{k_{\mathrm{B}} T}{6 \pi \eta r}\]" in text
    opened = re.findall(r"\\begin\{(\w+)\}", text)
    assert sorted(opened) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert text.count(r"\if") - text.count(r"\ifmissing") == text.count(r"\fi")


@pytest.mark.parametrize("format_", ["gfm", "markdown", "commonmark_x", "latex"])
def test_what_a_text_spells_comes_out_as_characters(paper: Paper, tmp_path: Path, format_: str) -> None:
    exported = export(_with_text(paper, "\n\n".join(HOSTILE)), tmp_path / "paper")
    path = exported.paths["tex" if format_ == "latex" else "md"]
    if format_ == "latex":  # what pandoc's reader does not know of its writer's commands, and TeX does
        text = path.read_text().replace(r"\textbar{}", "|").replace(r"\textasciigrave{}", r"\`{}")
        path.write_text(text.replace(r"\textbackslash*", r"\textbackslash{}*"))
    read = _characters(_tree(path, format_ if format_ == "gfm" else f"{format_}-smart"))
    for line in HOSTILE:
        assert _squeezed(line) in read, line


def test_what_a_text_spells_comes_out_as_characters_in_word_and_pdf(paper: Paper, tmp_path: Path) -> None:
    exported = export(_with_text(paper, "\n\n".join(HOSTILE)), tmp_path / "paper")
    lines = _docx_lines(exported.paths["docx"])
    squeezed = _squeezed(_pdf_text(exported.paths["pdf"]))
    for line in HOSTILE:
        assert line in lines, line
        if "😀" not in line:  # fonts of the machine decide how these are read back
            assert _squeezed(line) in squeezed, line


@pytest.mark.parametrize(
    "title",
    [
        "</script><b>x</b>",
        "$(rm -rf /)",
        r"\input{/etc/passwd}",
        '#read("/etc/passwd")',
        '"; DROP TABLE papers; --',
        "emoji 😀 in a title",
        "عنوان باللغة العربية",
        ("An unusually long title " * 20)[:299] + "x",
        "@knuth [@x] *a* _b_ `c` # = { } % & ~ ^ \\\\ \\( x \\)",
    ],
)
def test_hostile_titles(paper: Paper, tmp_path: Path, title: str) -> None:
    exported = export(replace(paper, title=title, sections=paper.sections[:1]), tmp_path / "paper")
    assert exported.warnings == ()
    document = docx.Document(str(exported.paths["docx"]))
    assert document.paragraphs[0].text == title
    assert document.core_properties.title == title
    assert _squeezed(title) in _characters(_tree(exported.paths["md"], "gfm"))
    page = _squeezed(_pdf_text(exported.paths["pdf"]))
    assert "root:" not in page
    if title.isascii():
        assert _squeezed(title) in page
        tex = exported.paths["tex"].read_text()
        assert r"\input{" not in tex


def test_parts_of_the_document_language_hold_hostile_text(paper: Paper, tmp_path: Path) -> None:
    bad = "<i>#x $y$ \\input{z} @w"
    parts = [f"## {bad}", f"- {bad}\n- two", f"| {bad} | b |\n| --- | --- |\n| c | {bad}", f"**{bad}**"]
    text = "\n\n".join([*parts, f"```\n{bad} ```\n```", f"x `{bad}` y"])
    exported = export(_with_text(paper, text), tmp_path / "paper")
    assert exported.warnings == ()
    assert _squeezed(_pdf_text(exported.paths["pdf"])).count(_squeezed(bad)) == 7
    assert _characters(_tree(exported.paths["md"], "gfm")).count(_squeezed(bad)) == 7
    document = docx.Document(str(exported.paths["docx"]))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert cells == [bad, "b", "c", bad]
    assert sum(bad in line for line in _docx_lines(exported.paths["docx"])) == 5


BROKEN = [
    r"\frac{a}{b",
    r"\input{/etc/passwd}",
    r"x \foo y",
    r"a $ b",
    r"\left( x",
    r"\begin{matrix} a",
    r"\def\x{\x\x}\x",
    "x" * 4100,
]


@pytest.mark.parametrize("mark", [markup.inline_maths, markup.display_maths])
def test_a_broken_formula_is_shown_as_source(paper: Paper, tmp_path: Path, mark: Callable[[str], str]) -> None:
    text = "\n\n".join(f"Before {mark(latex)} after \\( a + b \\)." for latex in BROKEN)
    exported = export(_with_text(paper, text), tmp_path / "paper")
    page = _squeezed(_pdf_text(exported.paths["pdf"]))
    for latex, warning in zip(BROKEN, exported.warnings, strict=True):
        assert repr(latex[:80]) in warning
        assert f"Before `{latex}` after $a + b$." in exported.paths["md"].read_text()
        assert _squeezed(latex[:500]) in page
    assert r"\input{" not in exported.paths["tex"].read_text()


def test_a_formula_that_only_the_typesetter_refuses_is_shown_as_source(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The check lets everything pass, as if pandoc or typst knew less than it does.
    monkeypatch.setattr("galactica.modalities.formulas.problem", lambda latex: None)
    text = r"One \( x \foo y \), two \( \frac{a}{ \), three \( a + b \)."
    exported = export(_with_text(paper, text), tmp_path / "paper")
    assert len(exported.warnings) == 2
    assert all("cannot be typeset" in warning for warning in exported.warnings)
    assert r"One `x \foo y`, two `\frac{a}{`, three $a + b$." in exported.paths["md"].read_text()


def test_a_formula_that_typst_refuses_is_found_among_others(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str) -> bytes:
        if "$alpha$" in source:
            raise typeset.TypesettingFailed("typst cannot set the paper: for the test")
        return set_(source)

    set_ = typeset.pdf
    monkeypatch.setattr(typeset, "pdf", refuse)
    exported = export(_with_text(paper, r"A \( \alpha \) and \( \beta \)."), tmp_path / "paper")
    assert exported.warnings == (r"the formula '\\alpha' is shown as LaTeX source: it cannot be typeset",)
    assert r"A `\alpha` and $\beta$." in exported.paths["md"].read_text()


def test_names_that_typst_gave_up_are_set(paper: Paper, tmp_path: Path) -> None:
    text = r"The product \( A \otimes B \ominus C \times D - 1 \) meets \( E \cap F \sqcap G \)."
    exported = export(_with_text(paper, text), tmp_path / "paper")
    assert not exported.warnings
    assert all(sign in _pdf_text(exported.paths["pdf"]) for sign in "⊗⊖×∩⊓")


def test_an_open_formula_swallows_no_paragraph(paper: Paper, tmp_path: Path) -> None:
    text = r"Open \[ a = b" + "\n\n## Next\n\n" + r"Closed \] here, \( c \) there."
    exported = export(_with_text(paper, text), tmp_path / "paper")
    read = exported.paths["md"].read_text()
    assert "### 1.1 Next\n" in read
    assert "$c$ there." in read


def test_a_citation_without_a_record_is_left_out_and_told(paper: Paper, tmp_path: Path) -> None:
    text = f"Known {markup.cite('Attention is All you Need', 'Vaswani')}; not ({markup.cite('A Work of Fiction', 'Nobody')})."
    section = replace(paper.sections[0], text=text, citations=())
    citation = replace(paper.sections[1].citations[0], start=6, end=text.index("; not"))
    exported = export(
        replace(paper, sections=(replace(section, citations=(citation,)),), references=()), tmp_path / "paper"
    )
    assert exported.warnings == ("the citation 'A Work of Fiction, Nobody' has no record and was left out",)
    for path in exported.paths.values():
        assert b"Fiction" not in path.read_bytes()
    assert "Known (Vaswani et al. 2017); not." in exported.paths["md"].read_text()


def test_a_failing_format_leaves_the_old_folder_as_it_was(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "paper"
    export(paper, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(export_module.typeset, "docx", lambda document: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(replace(paper, title="Another"), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


@pytest.mark.parametrize("there_before", [False, True])
def test_a_full_disk_leaves_nothing_half_written(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there_before: bool
) -> None:
    folder = tmp_path / "paper"
    if there_before:
        export(paper, folder)
    before = [path.name for path in tmp_path.rglob("*")]
    write = files.write_file

    def full(path: Path, data: bytes | str) -> None:
        if path.suffix == ".bib":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(files, "write_file", full)
    with pytest.raises(OSError, match="No space left"):
        export(replace(paper, title="Another"), folder)
    assert [path.name for path in tmp_path.rglob("*")] == before


def test_an_earlier_export_is_replaced_and_other_files_are_not(paper: Paper, tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    export(paper, folder)
    export(replace(paper, title="Another title"), folder)
    assert (folder / "paper.md").read_text().startswith("# Another title")
    (folder / "thesis.tex").write_text("mine")
    with pytest.raises(BadInput, match=r"thesis\.tex"):
        export(paper, folder)
    with pytest.raises(BadInput, match="is a file"):
        export(paper, folder / "thesis.tex")
    assert (folder / "thesis.tex").read_text() == "mine"


def test_missing_pandoc_is_one_line(paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> str:
        raise OSError("No pandoc was found: either install pandoc and add it\nto your PATH or ...")

    monkeypatch.setattr(pypandoc, "get_pandoc_path", absent)
    with pytest.raises(MissingExtra, match="pip install pypandoc-binary"):
        export(paper, tmp_path / "paper")
    assert list(tmp_path.iterdir()) == []


def test_a_paper_without_authors_note_citations_or_sections(tmp_path: Path) -> None:
    exported = export(Paper("Only a title", (), "", (), ()), tmp_path / "deep" / "paper", stem="draft")
    assert exported.paths["md"].read_text() == "# Only a title\n"
    assert "Only a title" in _pdf_text(exported.paths["pdf"])
    assert "bibliography" not in exported.paths["tex"].read_text()
    assert exported.paths["bib"].name == "draft.bib"


@pytest.mark.parametrize("format_", ["gfm", "markdown-smart", "commonmark_x-smart"])
def test_nothing_at_the_beginning_of_a_line_opens_a_block(tmp_path: Path, format_: str) -> None:
    openings = [
        "-",
        "+",
        "=",
        "1.",
        "1)",
        "a.",
        "iv)",
        ":",
        "%",
        "===",
        "---",
        "***",
        "(1)",
        "#",
        ">",
        "|",
        "~~~",
        "[x]:",
    ]
    blocks = [nodes.paragraph(nodes.text(line)) for opening in openings for line in (opening, f"{opening} x")]
    path = tmp_path / "x.md"
    path.write_text(markdown(blocks))
    assert _tree(path, format_) == blocks
