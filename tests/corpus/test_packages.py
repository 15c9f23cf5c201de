"""Which files belong together."""

from __future__ import annotations

import time

from galactica.corpus.packages import is_gathered, packages
from galactica.files import RawFile


def trees(container: str, *paths: str) -> dict[str, list[str]]:
    found = packages(container, [RawFile(f"{container}/{path}" if container else path, b"") for path in paths])
    return {package.where: list(package.files) for package in found}


def test_a_book_with_text_at_its_root_is_one_package() -> None:
    assert trees("b.tar.xz", "book/ORIGIN.md", "book/main.tex", "book/ch1/a.tex", "book/LICENSE") == {
        "b.tar.xz/book": ["LICENSE", "ORIGIN.md", "ch1/a.tex", "main.tex"]
    }


def test_folders_beside_each_other_are_packages_and_share_the_licence() -> None:
    assert trees(
        "c.tar.xz", "code/README.md", "code/LICENSE", "code/a-1.0/a.py", "code/b-2.0/b.py", "code/b-2.0/COPYING"
    ) == {
        "c.tar.xz/code/a-1.0": ["LICENSE", "a.py"],
        "c.tar.xz/code/b-2.0": ["COPYING", "b.py"],
    }


def test_a_bibliography_in_a_folder_of_its_own_holds_the_tree_together() -> None:
    assert trees("g.tar.xz", "g/src/a.rst", "g/biblio/b.bib") == {"g.tar.xz/g": ["biblio/b.bib", "src/a.rst"]}


def test_a_paper_of_arxiv() -> None:
    assert trees("x.tar/2101/2101.00001.gz", "main.tex", "main.bbl") == {
        "x.tar/2101/2101.00001.gz": ["main.bbl", "main.tex"]
    }


def test_a_container_of_many_folders_is_read_in_proportion() -> None:
    """Red where every folder is looked for in all paths: 30,000 of them would take minutes."""
    started = time.process_time()
    assert len(trees("m.zip", *(f"f{i}/a.tex" for i in range(30_000)))) == 30_000
    assert time.process_time() - started < 10


def test_licences_alone_are_no_package() -> None:
    assert trees("l.tar.xz", "l/LICENSE", "l/README.md") == {}


def test_what_is_gathered() -> None:
    endings = frozenset((".tex", ".bib"))
    paths = ["a/B.TEX", "LICENSE.txt", "copyright", "a.xml", "license_plate.py", "LICENSE-CC0.md"]
    assert [path for path in paths if is_gathered(path, endings)] == [
        "a/B.TEX",
        "LICENSE.txt",
        "copyright",
        "LICENSE-CC0.md",
    ]
