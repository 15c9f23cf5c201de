"""Papers in Markdown: JOSS, posts in the Distill layout, Manubot; as whole documents, and hostile ones.

Red by: a bibliography of another paper's folder, numbers of sections with gaps, thanks that stay, authors who spell a token, a
summary that is no abstract.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from galactica.corpus.sources.markdown_papers import JOSS_SOURCE, MANUBOT_SOURCE, POSTS_SOURCE
from galactica.types import Document

FILL = "It is said in the text of this paper that the thing is as we have seen it, and that it is so for all of them."
BIB = """@article{numpy, title = {Array programming with {NumPy}}, author = {Harris, Charles R. and Millman, K. Jarrod and
Van der Walt, St{\\'e}fan}, year = 2020, journal = {Nature}}
@misc{untitled, author = {Nobody, A.}}
"""
JOSS = """---
title: 'Arrays: made fast'
authors:
  - name: Ada Lovelace
    orcid: 0000-0000-0000-0000
    affiliation: 1
  - name: Charles van der Babbage^[corresponding author]
date: 5 May 2021
bibliography: paper.bib
---

# Summary

Arrays [@numpy; @untitled] hold $n^2$ numbers. FILL FILL

As @numpy show, see [@fig:one].

![A picture of arrays.](a.png){#fig:one}

# Statement of need

FILL

### Details

FILL

# 2. Use

```python
a = 1  # [@numpy]
```

# Acknowledgements

We thank [@numpy].

# References
""".replace("FILL", FILL)
WRITTEN = rf"""Title: Arrays: made fast

Authors: A. Lovelace, C. van der Babbage

# Abstract

Arrays [START_REF] Array programming with NumPy, Harris[END_REF] hold \( n^2 \) numbers. {FILL} {FILL}

As Harris et al. [START_REF] Array programming with NumPy, Harris[END_REF] show, see (Figure 1).

Figure 1: A picture of arrays.

# 1 Statement of need

{FILL}

## 1.1 Details

{FILL}

# 2 Use

```python
a = 1  # [@numpy]
```"""


def joss(text: str = JOSS, **more: str | bytes) -> dict[str, str | bytes]:
    licence = "MIT License\n\nPermission is hereby granted"
    other = BIB.replace("Array programming", "Another work")
    return {"LICENSE": licence, "paper/paper.md": text, "paper/paper.bib": BIB, "paper2/paper.bib": other} | more


def test_a_paper_of_joss(reading: Any) -> None:
    (paper,) = reading.documents(JOSS_SOURCE, joss())
    assert paper.text == WRITTEN
    assert (paper.id, paper.licence) == ("joss:b/paper/paper.md", "CC BY 4.0 (JOSS, text of papers)")
    assert (paper.metadata["title"], paper.metadata["year"]) == ("Arrays: made fast", 2021)
    assert (paper.metadata["n_marks"], paper.metadata["n_resolved"]) == (4, 3)
    assert paper.metadata["unresolved"] == {"entry without a title": 1}
    assert reading.documents(JOSS_SOURCE, dict(reversed(joss().items()))) == [paper]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Arrays: made fast", "Arrays [IMAGE]", "spells a control token"),
        ("hold $n^2$", r"hold \<s>", "spells a control token"),
        ("hold $n^2$", r"hold [START\_REF\]", "spells a control token"),
        ("Ada Lovelace", "Ada <<s>s>", "spells a control token"),
        ("title: 'Arrays: made fast'", "title: [1, 2]", "no title"),
        (FILL, "Short.", "shorter than 600 characters"),
        (FILL, "Es wird gesagt, dass die Dinge so sind, wie wir sie gesehen haben, und zwar alle diese Dinge hier.", "not English"),
    ],
)  # fmt: skip
def test_papers_that_are_no_documents(reading: Any, old: str, new: str, reason: str) -> None:
    assert reading.reasons(JOSS_SOURCE, joss(JOSS.replace(old, new))) == [reason]


def test_bytes_of_every_kind(reading: Any) -> None:
    text = JOSS.replace("hold", "caf\u00e9\0")
    (in_utf8,) = reading.documents(JOSS_SOURCE, joss(text))
    assert "caf\u00e9 \\(" in in_utf8.text
    assert reading.documents(JOSS_SOURCE, joss(**{"paper/paper.md": text.encode("latin-1")}))[0].text == in_utf8.text
    assert (
        reading.documents(JOSS_SOURCE, joss(**{"paper/paper.bib": b"\xff\xfe\0" * 1000}))[0].metadata["n_resolved"] == 0
    )
    assert reading.reasons(JOSS_SOURCE, joss(JOSS + "a" * 50_000_000)) == ["larger than a page of text"]


POST = """---
layout: distill
title: On posts
description: DESCRIPTION
date: 2024-05-07
authors:
  - name: Ada Lovelace
    url: "https://a.b"
bibliography: 2024-05-07-on-posts.bib
---

Arrays <d-cite key="numpy"></d-cite> are. {% include figure.html path="a.png" %} FILL FILL

## First

FILL<d-footnote>A note.</d-footnote>

#### Inner

FILL FILL
"""


def test_posts_are_read_with_their_own_bibliographies(reading: Any) -> None:
    text = POST.replace("FILL", FILL).replace("DESCRIPTION", f"{FILL} {FILL}")
    other = text.replace("On posts", "On others").replace("on-posts.bib", "on-others.bib")
    files = {
        "_posts/2024-05-07-on-posts.md": text,
        "_posts/2024-05-07-on-others.md": other,
        "_posts/2024-05-07-distill-example.md": text,
        "assets/bibliography/2024-05-07-on-posts.bib": BIB,
        "assets/bibliography/2024-05-07-on-others.bib": BIB.replace("Array programming", "Another work"),
    }
    found = reading.documents(POSTS_SOURCE, files)
    assert [post.id for post in found] == [
        f"iclr-blogposts:b/_posts/2024-05-07-on-{name}.md" for name in ("others", "posts")
    ]
    assert found[1].text == (
        f"Title: On posts\n\nAuthors: A. Lovelace\n\n# Abstract\n\n{FILL} {FILL}\n\n# Introduction\n\n".replace(
            "# Introduction", "# 1 Introduction"
        )
        + f"Arrays [START_REF] Array programming with NumPy, Harris[END_REF] are. {FILL} {FILL}\n\n# 2 First\n\n{FILL}\n\n"
        f"## 2.1 Inner\n\n{FILL} {FILL}"
    )
    assert "Another work with NumPy, Harris[END_REF]" in found[0].text
    assert reading.reasons(POSTS_SOURCE, files) == ["example of the layout"]
    assert reading.documents(POSTS_SOURCE, dict(reversed(files.items()))) == found


def test_the_parts_of_a_manuscript_of_manubot_are_one_paper(reading: Any) -> None:
    author = {"family": "Stephens", "given": "Z."}
    works = json.dumps(
        [{"id": "doi:10.1/abc", "DOI": "10.1/abc", "title": "Big data and all of it", "author": [author]}]
    )
    files = {
        "content/00.front-matter.md": "Not shown.",
        "content/01.abstract.md": f"## Abstract\n\n{FILL} [@tag:big; @doi:10.1/ABC]",
        "content/02.main.md": f"## Introduction\n\n{FILL * 6} We agree [@doi:10.9/none].\n\n[@tag:big]: doi:10.1/abc\n",
        "content/90.back-matter.md": "Not shown.",
        "content/metadata.yaml": "title: On data\nauthors:\n  - name: Ada Lovelace\n",
        "content/manual-references.json": works,
    }
    (paper,) = reading.documents(MANUBOT_SOURCE, files)
    cited = "[START_REF] Big data and all of it, Stephens[END_REF]"
    assert paper.text == (
        f"Title: On data\n\nAuthors: A. Lovelace\n\n# Abstract\n\n{FILL} {cited}\n\n# 1 Introduction\n\n{FILL * 6} We agree."
    )
    assert (paper.metadata["n_marks"], paper.metadata["n_resolved"]) == (3, 2)
    deep = files | {"content/manual-references.json": "[" * 100_000}
    assert reading.documents(MANUBOT_SOURCE, deep)[0].metadata["n_resolved"] == 0


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "source", "n_documents", "n_resolved"),
    [
        ("joss-papers-pypi", JOSS_SOURCE, 15, 220),
        ("iclr-blogposts", POSTS_SOURCE, 33, 750),
        ("deep-review", MANUBOT_SOURCE, 1, 820),
    ],
)
def test_the_papers_of_the_corpus(
    reading: Any, corpus_root: Path, name: str, source: Any, n_documents: int, n_resolved: int
) -> None:
    found: list[Document] = []
    for package in reading.archive(corpus_root, name):
        assert reading.source(package) is source
        found += [item for item in source.read(package) if isinstance(item, Document)]
    assert len(found) == n_documents
    assert sum(paper.metadata["n_resolved"] for paper in found) >= n_resolved
    for paper in found:
        assert paper.text.startswith("Title: ")
        assert "\n# 0" not in paper.text
        assert "\n## 0" not in paper.text
        assert "{%" not in paper.text
