"""Repositories of code: README first, files under their paths, licences, what is left out and why; and hostile files.

Red by: a repository without a licence that is read, generated or vendored files that stay, a badge in the text, a file name that
spells a token, a part that is larger than parts may be.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus.code_files import code_of
from galactica.corpus.sources.repositories import MAX_PART, SOURCE
from galactica.types import Document, Drop

CODE = "def add(a, b):\n    return a + b\n\n\nprint(add(1, 2))  # prints 3\n"
README = """# sums

[![Build Status](https://a.b/c.svg)](https://a.b)

Adds *numbers*. ![Logo of the project](logo.png)

## Usage

```python
add(1, 2)
```

## License

MIT.
"""
PAGE = "Sums\n====\n\n" + "It is said in the text of this page that the thing is as we have seen it. " * 4


def repository(**more: str | bytes) -> dict[str, str | bytes]:
    return {
        "README.md": README,
        "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge",
        "setup.py": 'from setuptools import setup\n\nsetup(name="b", url="https://github.com/ada/b")\n',
        "src/b/add.py": CODE,
        "docs/index.rst": PAGE,
        "tests/test_add.py": "from b.add import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    } | more


def test_a_repository_is_a_document_with_its_readme_first(reading: Any) -> None:
    (found,) = reading.documents(SOURCE, repository())
    assert found.text == (
        "# ada/b\n\n## sums\n\nAdds *numbers*.\n\n### Usage\n\n```python\nadd(1, 2)\n```\n\n"
        '# setup.py\n\n```python\nfrom setuptools import setup\n\nsetup(name="b", url="https://github.com/ada/b")\n```\n\n'
        f"# src/b/add.py\n\n```python\n{CODE.strip()}\n```\n\n"
        f"# docs/index.rst\n\n## Sums\n\n{PAGE.partition('====')[2].strip()}\n\n"
        "# tests/test_add.py\n\n```python\nfrom b.add import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n```"
    )
    assert (found.id, found.licence) == ("code:ada/b/1", "MIT License Permission is hereby granted, free of charge")
    assert found.metadata == {"title": "ada/b", "part": 1, "files_left_out": {}}
    assert reading.documents(SOURCE, dict(reversed(repository().items()))) == [found]


def test_a_description_of_a_python_package_stands_for_a_readme(reading: Any) -> None:
    head = "Metadata-Version: 2.1\nName: b\nDescription-Content-Type: text/x-rst\n"
    info = f"{head}\n|badge| |PyPI version|\n\nAdds *numbers* ``fast``.\n\n"
    files = repository(**{"PKG-INFO": f"{info}.. |badge| image:: https://a.b/c.svg\n   :target: https://a.b\n"})
    del files["README.md"]
    assert reading.documents(SOURCE, files)[0].text.startswith("# ada/b\n\nAdds *numbers* `fast`.\n\n# setup.py\n")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"LICENSE": None}, "no licence or copyright file"),
        ({"setup.py": "", "src/b/add.py": "", "docs/index.rst": "", "tests/test_add.py": ""}, "no code left"),
        ({"src/b/large.py": "a = 1\n" * 12_000_000}, "larger than a repository of code"),
    ],
)
def test_repositories_that_are_no_documents(reading: Any, changes: dict[str, str | None], reason: str) -> None:
    files = {path: data for path, data in (repository() | changes).items() if data is not None}
    assert reading.reasons(SOURCE, files) == [reason]


def test_a_name_that_spells_a_token() -> None:
    from galactica.corpus.source import Package

    package = Package("a/[START_REF]", {"LICENSE": b"MIT", "a.py": CODE.encode()})
    (found,) = SOURCE.read(package)
    assert isinstance(found, Drop)
    assert found.reason == "spells a control token"


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("src/a.py", f"{CODE}# </s>", "spells a control token"),
        ("src/<work>.py", CODE * 2, "name that spells a control token or cannot be printed"),
        ("src/a\nb.py", CODE * 2, "name that spells a control token or cannot be printed"),
        ("docs/a.md", "word " * 100 + "&lt;s&gt;", "spells a control token"),
        ("docs/b.rst", "word", "page without text"),
        ("docs/changelog.md", "word " * 100, "page that is no documentation"),
        ("docs/c.md", "a" * 5_000_000, "larger than a page of text"),
        ("src/a.py", f"{CODE}\0", "binary"),
        ("src/a.py", (CODE * 2).encode("utf-16"), "binary"),
        ("src/a.py", bytes(range(128, 256)) * 20, "binary"),
        ("src/a.py", CODE.replace("3", "3 \ud7ff"), None),
        ("src/a.py", CODE.replace("prints", "café").encode("latin-1"), None),
        ("src/c.py", CODE, "repeated"),
        ("src/a.py", "a", "next to empty"),
        ("src/a.py", "a" * 50_000_000, "larger than 400000 bytes"),
        ("src/a.js", f"var a = '{'x' * 3000}';\n" + CODE * 50, "minified, or data in long lines"),
        ("src/a.py", "a = [" + "1, 2, 3,\n" * 200 + "]", "data in the form of code"),
        ("src/a.py", f"# This file was automatically generated by a tool.\n{CODE}", "generated"),
        ("src/a_pb2.py", CODE * 2, "generated"),
        ("vendor/a.py", CODE * 2, "of others or built"),
        ("a.ipynb", "[" * 100_000, "not a notebook"),
    ],
)  # fmt: skip
def test_files_that_are_left_out_are_counted(reading: Any, path: str, data: str | bytes, reason: str | None) -> None:
    found = reading.documents(SOURCE, repository(**{path: data}))
    assert found[0].metadata["files_left_out"] == ({reason: 1} if reason else {})
    assert (f"# {path}\n" in found[0].text) is (reason is None)


def test_a_readme_that_spells_a_token_is_left_out(reading: Any) -> None:
    (found,) = reading.documents(SOURCE, repository(**{"README.md": README + "&lt;/s&gt;"}))
    assert found.text.startswith("# ada/b\n\n# setup.py\n")
    assert found.metadata["files_left_out"] == {"README that spells a control token": 1}


def test_a_notebook_is_a_program(reading: Any) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "A" * 600_000}
    cells = [
        {"cell_type": "markdown", "source": "Adds"},
        {"cell_type": "code", "source": CODE * 2, "outputs": [output]},
    ]
    assert code_of("A.IPYNB", json.dumps({"cells": cells}).encode()) == (f"# Adds\n\n{(CODE * 2).strip()}", "python")


def test_large_repositories_are_cut_between_files(reading: Any) -> None:
    files = {f"src/m{n:02}.py": f"def function_{n}(a):\n    return a + {n}\n\n\n" * 700 for n in range(12)}
    found = reading.documents(SOURCE, repository(**files))
    assert [document.id for document in found] == [f"code:ada/b/{n}" for n in range(1, len(found) + 1)]
    assert len(found) > 3
    for document in found:
        assert document.text.startswith("# ada/b\n\n")
        assert len(document.text) < MAX_PART + 200
    whole = "".join(document.text for document in found)
    assert all(whole.count(f"# {path}\n") == 1 for path in files)


@pytest.mark.parametrize(
    "unit",
    ["github", "github/", "github.com/a/b", "- ", "# a\n", "|logo", "|logo|", ".. |a| image:: b\n", "this file is ",
     "generated by ", "badge ",
     "[![a]("],
)  # fmt: skip
def test_a_long_run_of_openings_costs_no_more_than_its_length(reading: Any, unit: str) -> None:
    run = unit * (50_000 // len(unit))
    started = time.process_time()
    reading.items(SOURCE, repository(**{"README.md": run, "setup.py": run, "src/a.py": run}))
    files = repository(**{"README.rst": run, "pyproject.toml": run})
    del files["README.md"]
    reading.items(SOURCE, files)
    assert time.process_time() - started < 5


@pytest.mark.corpus
def test_every_package_of_the_corpus_gives_documents(reading: Any, corpus_root: Path) -> None:
    names: dict[str, int] = {}
    for package in reading.archive(corpus_root, "code"):
        source = reading.source(package)
        assert source is not None, package.where
        items = list(source.read(package))
        found = [item for item in items if isinstance(item, Document)]
        assert found, package.where
        if source is SOURCE:
            assert len(found) == len(items)
            names[found[0].metadata["title"]] = len(found)
        for document in found:
            assert not re.search("[\ue000-\ue00f]", document.text), document.id
            assert document.licence != "not stated"
    assert len(names) == 14
    assert sum(names.values()) > 500
    assert {"astropy/astropy", "biopython/biopython", "dfm/emcee", "sympy/sympy", "CalebBell/thermo"} < set(names)
