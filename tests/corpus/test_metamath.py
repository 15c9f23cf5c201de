"""Metamath databases: headings, scopes of hypotheses, symbols in LaTeX, hostile files, the real databases."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from galactica import archives
from galactica.corpus.sources.metamath import SOURCE
from galactica.files import RawFile
from galactica.modalities import formulas
from galactica.types import Document, Drop

DATABASE = r"""$( test.mm - PUBLIC DOMAIN $)
$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*
        Tests of logic
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*

  It begins with ` -. ph ` , see ~ tst .
$)
$c |- -> -. wff ( ) $. $( Left parenthesis $)
$( Extend wffs with ` -. ` (read "not"). $)
wtn $a wff -. ph $.
${
  tst.1 $e |- ph $.
  tst.2 $e |- ( ph -> ps ) $.
  $( A rule of [Tester] p. 4, called _Rule_ .  (Contributed by AT, 1-Jan-2001.)
     (New usage is discouraged.) $)
  tst $p |- ps $=
    ( a ) ABC $.
  $( [1-Jan-01] $)
$}
$( Obsolete proof of ~ tst . $)
tstOLD $p |- ps $= ? $.
$( A theorem alone. $)
tst2 $p |- ( ph F/x ps ) $= ? $.
nowords $a |- ph $.
$( $t
htmldef "(" as "<IMG>"; latexdef "(" as "("; latexdef ")" as ")"; latexdef "->" as "\right" +
  "arrow"; latexdef "-." as '\lnot'; latexdef "ph" as "\varphi"; latexdef "ps" as "\psi";
latexdef "F/x" as "\nosuchcommand{x}"; $)
"""

EXPECTED = r"""# Tests of logic

It begins with \( \lnot \varphi \), see tst.

**Notation wtn.** Extend wffs with \( \lnot \) (read "not").

\[ \lnot \varphi \]

**Theorem tst.** A rule of Tester p. 4, called Rule.

If \( \varphi \) and \( ( \varphi \to \psi ) \), then

\[ \psi \]

**Theorem tst2.** A theorem alone.

\[ ( \varphi \mathrm{F/x} \psi ) \]"""


def _read(data: str | bytes) -> list[Document | Drop]:
    return list(SOURCE.read(RawFile("a/test.mm", data.encode() if isinstance(data, str) else data)))


def test_database() -> None:
    """Red when a hypothesis outlives its scope, a credit or a mark of the comment language stays, or a box reaches the LaTeX."""
    assert SOURCE.claims("test.mm", DATABASE.encode())
    assert not SOURCE.claims("test.mm", b"#import <Foundation/Foundation.h>")
    found = _read(DATABASE)
    assert [drop.reason for drop in found if isinstance(drop, Drop)] == [
        "an obsolete or second version",
        "a statement without words",
    ]
    (document,) = [one for one in found if isinstance(one, Document)]
    assert document.text == EXPECTED
    assert document.id == "metamath:test:wtn"
    assert document.licence == "public domain (CC0)"


def test_symbols_that_are_not_written_stay_code() -> None:
    (document,) = _read(DATABASE.replace("$( $t", "$( no"))[-1:]
    assert isinstance(document, Document)
    assert "If `ph` and `( ph -> ps )`, then\n\n```\nps\n```" in document.text


@pytest.mark.parametrize(
    "data",
    [
        "$( ",
        "${ ",
        "$} ",
        "a $e |- x $. ",
        "$( $t ",
        "latexdef ",
        '$( $t latexdef "a" as "',
        "$( ` $) ",
        "$( ~ [A $) ",
        "x $a ",
        "( ",
    ],
)
def test_hostile_runs(data: str) -> None:
    """Red when an unclosed comment or quote is looked for from every place anew."""
    start = time.process_time()
    found = _read("$( x $)\n" + data * (400_000 // len(data)) + "\x00")
    assert all(isinstance(one, Document | Drop) for one in found)
    assert time.process_time() - start < 4


def test_control_tokens() -> None:
    (drop,) = _read("$( [START_REF] $) a $a |- x $.")
    assert isinstance(drop, Drop)
    assert drop.reason == "spells a control token"


@pytest.mark.corpus
def test_real_databases(corpus_root: Path) -> None:
    """Hundreds of documents; credits are gone and what stands in display is well-formed but for commands of amssymb."""
    documents: list[Document] = []
    for file in archives.walk(corpus_root / "metamath.tar.xz"):
        if isinstance(file, RawFile) and SOURCE.claims(file.where, file.data[:4096]):
            documents += [one for one in SOURCE.read(file) if isinstance(one, Document)]
    assert len(documents) > 300
    assert not any("(Contributed" in document.text or "is discouraged" in document.text for document in documents)
    displayed = [
        part[3:-3] for document in documents for part in document.text.split("\n\n") if part.startswith("\\[ ")
    ]
    problems = [problem for latex in displayed[::7] if (problem := formulas.problem(latex))]
    assert all(problem.startswith("unknown command") for problem in problems)


def test_variables_that_a_database_writes_alike_stay_apart() -> None:
    alike = 'latexdef "rh" as "\\rho"; latexdef "mu" as "\\rho"; latexdef "->" as "\\to";'
    text = (
        "$( #*#*#\n  Logic\n#*#*# $)\n$c |- -> ( ) $. $v rh mu $.\n"
        f"$( A theorem of two. $)\nt $p |- ( rh -> mu ) $= ? $.\n$( $t {alike} $)\n"
    )
    (document,) = (item for item in SOURCE.read(RawFile("a.mm", text.encode())) if isinstance(item, Document))
    assert r"\rho \to \text{mu}" in document.text
