"""Lists of works that a page numbers itself, and the numbers in brackets that point to them."""

from __future__ import annotations

import time

from galactica.corpus.markdown import Markdown
from galactica.corpus.marks import Marks
from galactica.corpus.numbered_works import marked, works_at_end, works_below_heading
from galactica.corpus.prose import Prose

LIST = """
1. L. Doe and K. Poe (1996), "A fast search of lists", *J. Test.* 3, 4. [doi:10.1/x](https://doi.org/10.1/x)
[2] Moe, M. A., _Sums of very small numbers,_ 2002.
* [3]. A link to [somewhere](https://b.org)
"""
PAGE = f"# T\n\nSeen [1].\n\n## 6. References <a id='references'></a>\n{LIST}\n## Next\n\nText."
FAST, SUMS = "[START_REF] A fast search of lists, Doe[END_REF]", "[START_REF] Sums of very small numbers, Moe[END_REF]"


def test_a_list_below_its_heading_is_taken_out_and_read() -> None:
    text, works = works_below_heading(PAGE)
    assert text == "# T\n\nSeen [1].\n\n## Next\n\nText."
    assert {number: work and (work.title, work.surname) for number, work in works.items()} == {
        "1": ("A fast search of lists", "Doe"),
        "2": ("Sums of very small numbers", "Moe"),
        "3": None,
    }
    assert works_below_heading("# T\n\n## Literature\n\n- Doe. Sums [1998].")[1] == {}


def test_numbers_in_brackets_are_citations_where_the_page_lists_them() -> None:
    prose = Prose(works_below_heading(PAGE)[1])
    text = (
        "A search [1], sums [1-2](#references) or <sup>[2](#sums)</sup>. First told in Reference [3]. It is so [1, 3], for "
        "all x in [0, 1] and `q[1]`, of section [1](#one) and Ref. [2](#refs)."
    )
    assert Markdown(prose, "mkdocs").blocks(text) == [
        f"A search {FAST}, sums {FAST} {SUMS} or {SUMS}. It is so {FAST}, for all x in [0, 1] and `q[1]`, of section 1 and "
        f"Ref. {SUMS}."
    ]
    assert (prose.marks.n_marks, prose.marks.n_resolved) == (8, 6)
    assert Markdown(Prose({}), "mkdocs").blocks("The interval [1, 2].") == ["The interval [1, 2]."]


def test_a_list_that_ends_a_text() -> None:
    text, works = works_at_end(
        'Seen [2]. More.[1-2, 7] [1]: https://a.org/x [2]: Doe, Ann. "A fast search of lists." J. Test (1993): 5.'
    )
    assert text == "Seen [2]. More.[1-2, 7]"
    marks = Marks(works)
    assert marks.resolve(marked(text, marks, None)) == f"Seen {FAST}. More {FAST}."
    assert dict(marks.unresolved) == {"entry without a title": 1, "no such entry": 1}
    assert works_at_end("It binds. [1] Then it goes. [3] On.") == ("It binds. [1] Then it goes. [3] On.", {})


def test_long_runs_take_no_time() -> None:
    started = time.perf_counter()
    for text in ("[1] A" * 20_000, "# References\n" * 20_000, "[1,1" * 50_000, "1. A\n" * 20_000, "[1](#ref" * 30_000):
        works_at_end(text)
        works_below_heading(f"# References\n{text}")
        marked(text, Marks({}), {"1"})
    assert time.perf_counter() - started < 8
