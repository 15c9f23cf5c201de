"""Integer sequences: the OEIS internal format, its two lists, LODA's comments, hostile lines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.source import Package
from galactica.corpus.sources.oeis import LISTS_SOURCE, LODA_SOURCE, SOURCE
from galactica.files import RawFile
from galactica.types import Document, Drop

SQUARES = """%I A900290 M0001 #12 Jan 01 2020 00:00:00
%S A900290 0,1,4,9,16,
%T A900290 25,36
%N A900290 The squares of a test: a(n) = n^2.
%C A900290 Sums of the first odd numbers. - _Ada Tester_ and _Bob Writer_, Feb 03 2012
%C A900290 Even at 0. - (Ada Tester, Sep 06 2006)
%C A900290 From _Ada Tester_, Mar 04 2013: (Start)
%C A900290 Also the areas of boards. (End)
%D A900290 P. Tester and Q. Writer, The Little Book of Squares, Test Press, 1973, p. 4.
%H A900290 Ada Tester, <a href="/A900290/b900290.txt">Table of n, a(n) for n = 0..1000</a>
%H A900290 Carl van der Maker, <a href="https://x.test/1">On squares of graph vertices</a>, J. Tests 3 (2001).
%H A900290 Wikipedia, <a href="/x">Square numbers of old</a>, 2001.
%H A900290 Ada Tester, <a href="/x">A page on squares</a>.
%H A900290 <a href="/index/Sq#sq">Index entries for squares</a>
%F A900290 a(n) = a(n-1) + 2*n - 1. [corrected by _Ada Tester_, Jan 09 2009]
%e A900290 The board for n = 2:
%e A900290   x x
%e A900290   x x
%o A900290 (PARI) a(n)=n^2
%Y A900290 Cf. A000578.
%K A900290 nonn,easy
%O A900290 0,3
"""

EXPECTED = """# The squares of a test: a(n) = n^2

OEIS A900290, from n = 0: 0, 1, 4, 9, 16, 25, 36

## Comments

Sums of the first odd numbers.

Even at 0.

Also the areas of boards.

## Formulas

a(n) = a(n-1) + 2*n - 1.

## Examples

The board for n = 2:
  x x
  x x

## References

[START_REF] On squares of graph vertices, van der Maker[END_REF]"""


def test_internal_format() -> None:
    """Red when a signature, a table link or a program stays, or a term of a second line goes."""
    assert SOURCE.claims("seq/A900/A900290.seq", SQUARES.encode())
    assert not SOURCE.claims("notes.txt", b"%N nothing\n%I here\n")
    (document,) = SOURCE.read(RawFile("a.seq", SQUARES.encode()))
    assert isinstance(document, Document)
    assert document.id == "oeis:A900290"
    assert document.text.replace("[START_REF] The Little Book of Squares, Tester[END_REF]\n\n", "") == EXPECTED


def test_decimal_expansions_are_numbers() -> None:
    """Red when the point stands elsewhere than the offset says."""
    for offset, value in (("1", "3.1415"), ("0", "0.31415"), ("-1", "0.031415")):
        record = (
            f"%I A900290\n%S A900290 3,1,4,1,5\n%N A900290 A constant.\n%K A900290 nonn,cons\n%O A900290 {offset},1\n"
        )
        (document,) = SOURCE.read(RawFile("a.seq", record.encode()))
        assert isinstance(document, Document)
        assert document.text.endswith(f"The value of the constant is {value}...")


def test_records_that_are_no_sequences() -> None:
    lines = [
        "%I A900001",
        "%N A900001 allocated for Ada Tester",
        "%I A900002",
        "%N A900002 Erroneous list.",
        "%K A900002 dead",
    ]
    lines += ["%I A900003", "%N A900003 Short.", "%S A900003 1,2", "%I A900004", "%S A900004 1,2,3"]
    lines += ["%I A900005", "%N A900005 A token </s>", "%S A900005 1,2,3"]
    drops = list(SOURCE.read(RawFile("a.txt", "\n".join(lines).encode())))
    assert [drop.reason for drop in drops if isinstance(drop, Drop)] == [
        "a number without a sequence",
        "a sequence that was withdrawn",
        "fewer than three terms",
        "no name",
        "spells a control token",
    ]


def test_lists_are_joined() -> None:
    """The name of one file stands over the terms of the other; a package of other files is not claimed."""
    terms = (
        b"# OEIS Sequence Data (http://oeis.org/stripped.gz)\n# Last Modified: x\nA900290 ,0,1,4,9,\nA900291 ,1,2,3,\n"
    )
    package = Package("oeis", {"names": b"# OEIS\nA900290 The squares.\n", "stripped": terms})
    assert LISTS_SOURCE.claims(package)
    assert not LISTS_SOURCE.claims(Package("x", {"names": b"Ada\n"}))
    document, drop = LISTS_SOURCE.read(package)
    assert isinstance(document, Document)
    assert document.text == "# The squares\n\nOEIS A900290: 0, 1, 4, 9"
    assert isinstance(drop, Drop)
    assert drop.reason == "no name"


def test_loda_comments() -> None:
    program = "; A900290: The squares.\n; Submitted by Ada\n; 0,1,4,9\n; Formula: a(n) = n^2\n\n#offset 1\n\npow $0,2\n"
    assert LODA_SOURCE.claims("oeis/900/A900290.asm", program.encode())
    assert not LODA_SOURCE.claims("boot.asm", b"; start of the program\nmov ax, 1\n")
    (document,) = LODA_SOURCE.read(RawFile("a.asm", program.encode()))
    assert isinstance(document, Document)
    assert document.text == "# The squares\n\nOEIS A900290, from n = 1: 0, 1, 4, 9\n\n## Formulas\n\na(n) = n^2"


@pytest.mark.parametrize("run", ["- A", '<a href="', "_a", "[A", "From A", "- _a_ ", " ", "(a(AT)", ", A. B"])
def test_hostile_lines_cost_little(run: str) -> None:
    """Red when a pattern turns quadratic on a long run (an unbounded ` *` before a signature took five seconds)."""
    line = run * (19_000 // len(run))
    record = f"%I A900290\n%S A900290 1,2,3\n%N A900290 x\n%C A900290 {line}\n%H A900290 {line}\n%D A900290 {line}\n"
    start = time.process_time()
    assert len(list(SOURCE.read(RawFile("a.seq", record.encode() + b"\x00\xff")))) == 1
    assert time.process_time() - start < 1


@pytest.mark.corpus
def test_real_programs(corpus_root: Path) -> None:
    """Every program of the archive's first thousand files is a sequence."""
    found = []
    for file in archives.walk(corpus_root / "oeis-loda.tar.xz"):
        if isinstance(file, RawFile) and LODA_SOURCE.claims(file.where, file.data[:4096]):
            found += list(LODA_SOURCE.read(file))
        if len(found) == 1000:
            break
    documents = [one for one in found if isinstance(one, Document)]
    assert len(documents) > 990
    assert all(document.text.startswith("# ") and "Submitted by" not in document.text for document in documents)
