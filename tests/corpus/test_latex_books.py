"""Books in LaTeX packages."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from galactica.corpus.packages import is_gathered, packages
from galactica.corpus.source import Package
from galactica.corpus.sources.latex_books import ENDINGS, SOURCE
from galactica.files import RawFile
from galactica.types import Document

SENTENCE = (
    "It is said in the text of this book that the thing is as we have seen it, and that it is so for all of them. "
)
MAIN = (
    r"\documentclass{book}\title{A Book}\newtheorem{lem}{Lemma}[section]\newcommand{\Spec}{\operatorname{Spec}}"
    r"\begin{document}\include{one}\include{two}\include{three}\end{document}"
)


def chapter(title: str, label: str, text: str, n_sections: int = 2, length: int = 6) -> str:
    sections = "".join(rf"\section{{Part {n}}} {SENTENCE * length}" + "\n\n" for n in range(1, n_sections + 1))
    return rf"\chapter{{{title}}} {SENTENCE}{sections}\begin{{lem}}\label{{{label}}} $\Spec A$ is {text}.\end{{lem}}"


def read(**changes: str) -> list[Document]:
    files = {
        "book.tex": MAIN,
        "one.tex": chapter("Rings", "a", "small"),
        "two.tex": chapter("Sheaves", "b", r"as in Lemma~\ref{a}, Lemma \ref{one-a} and Lemma \ref{nowhere}"),
        "three.tex": chapter("Schemes", "c", "large", n_sections=3, length=260),
    } | {name.replace("_", "."): text for name, text in changes.items()}
    package = Package("b.tar.xz/book", {name: text.encode() for name, text in sorted(files.items())})
    assert SOURCE.claims(package)
    return [item for item in SOURCE.read(package) if isinstance(item, Document)]


def test_a_chapter_is_a_document_and_a_long_one_is_cut_at_its_sections() -> None:
    documents = read()
    titles = [document.text.partition("\n")[0] for document in documents]
    assert titles == ["# Rings", "# Sheaves", "# Schemes", "# Schemes: Part 2", "# Schemes: Part 3"]
    assert "\n\n## 1.2 Part 2\n\n" in documents[0].text
    assert documents[0].text.endswith(r"**Lemma 1.2.1.** \( \operatorname{Spec}A \) is small.")
    assert documents[0].id == "latexbooks:a-book/one/1"


def test_a_list_of_the_other_chapters_is_left_out() -> None:
    """Red: drop the heading that stands over columns, so that the list below it becomes text of the section before."""
    names = r"\begin{enumerate} \item Rings \item Sheaves \end{enumerate}"
    chapters = rf"\begin{{multicols}}{{2}}[\section{{Other chapters}}] {names} \end{{multicols}}"
    assert read(one_tex=chapter("Rings", "a", "small") + chapters)[0].text == read()[0].text


def test_references_to_other_chapters_are_words() -> None:
    assert read()[1].text.endswith("is as in Lemma 1.2.1, Lemma 1.2.1 and the lemma.")


def test_one_chapter_that_cannot_be_read_does_not_take_the_book_along() -> None:
    documents = read(one_tex=r"\chapter{Bad}\section{X}\def\a{\a}\a " + SENTENCE * 9)
    assert documents[0].text.startswith("# Sheaves\n")


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "n_documents"),
    [("napkin", 80), ("lebl-real-analysis", 40), ("milewski-ctfp", 25), ("crowell-general-relativity", 60)],
)
def test_the_books_of_the_corpus(corpus_root: Path, name: str, n_documents: int) -> None:
    with tarfile.open(corpus_root / f"{name}.tar.xz", "r|xz") as archive:
        files = [
            RawFile(f"{name}/{member.name}", stream.read())
            for member in archive
            if is_gathered(member.name, ENDINGS) and (stream := archive.extractfile(member)) is not None
        ]
    (package,) = packages(name, files)
    assert SOURCE.claims(package)
    documents = [item for item in SOURCE.read(package) if isinstance(item, Document)]
    assert len(documents) >= n_documents
    n_left_out = sum(sum(document.metadata["formulas_left_out"].values()) for document in documents)
    assert n_left_out <= 0.01 * sum(document.metadata["n_formulas"] for document in documents)
    for document in documents:
        text = re.sub(r"\\\(.*?\\\)|\\\[.*?\\\]|```.*?```|`[^`]*`", " ", document.text, flags=re.DOTALL)
        assert not re.search(r"\\(?:begin|end|cite|ref|label|section|[a-z]*ref)\b|\?\?|[\ue000-\ue00f]", text), (
            document.id
        )
