"""pandoc and typst, called on documents: cited, as typst and LaTeX source, as Word file, as PDF."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from pylatexenc.latexencode import UnicodeToLatexEncoder

from galactica import files
from galactica.errors import GalacticaError, MissingExtra
from galactica.papers import nodes
from galactica.papers.nodes import Node

TIMEOUT_SECONDS = 120.0
_OPERATOR_MARK = "\ue000"  # `nodes.printable` has taken this character out of every text
_OPERATOR = re.compile(f'"{_OPERATOR_MARK}[^"]*"')
_TEMPLATES = Path(__file__).parent


class TypesettingFailed(GalacticaError):
    """pandoc or typst refused a document; the text holds what it said first."""


def cited(document: Node) -> Node:
    """The document with its citations formatted, author and year, and the reference list at its end."""
    found: Node = json.loads(_pandoc(document, "json", "--citeproc")[0])
    return found


def typst_source(document: Node) -> tuple[str, set[str]]:
    """A typst file of a cited document, and the formulas that pandoc cannot set."""
    template = str(_TEMPLATES / "template.typ")
    source, refused = _pandoc(_operators_marked(_without_marks(document)), "typst-citations", "--template", template)
    operators = _OPERATOR.sub(lambda match: f"op({match[0].replace(_OPERATOR_MARK, '')})", source.decode())
    return operators, {formula.replace(_OPERATOR_MARK, "") for formula in refused}


def docx(document: Node) -> bytes:
    """A Word file of a cited document, as pandoc writes it; sections are numbered."""
    return _pandoc(_without_marks(document), "docx", "--number-sections")[0]


def latex(document: Node, stem: str) -> str:
    r"""A LaTeX file of a document whose citations are not formatted: `\citep` and the database `stem`.bib beside it."""
    characters = {character for value in _strings(document) for character in value if ord(character) > 0x7F}
    arguments = ["--natbib", "--template", str(_TEMPLATES / "template.tex"), "-V", f"stem={stem}"]
    arguments += ["-V", f"characters={_declarations(characters)}"]
    if document["meta"].get("references"):
        arguments += ["-V", "cites=1"]
    return _pandoc(_for_latex(document), "latex-smart", *arguments)[0].decode()


def pdf(source: str) -> bytes:
    """The PDF of a typst file. Raises TypesettingFailed with typst's message."""
    try:
        import typst
    except ImportError:
        raise MissingExtra("typst is not installed, and makes the PDF. Run: pip install typst") from None
    # A root of its own and empty package folders: even a document that asked for a file or a package would get none.
    with tempfile.TemporaryDirectory(prefix="galactica-") as folder:
        root = Path(folder)
        files.write_file(root / "paper.typ", source)
        try:
            return typst.compile(root / "paper.typ", root=root, package_path=root, package_cache_path=root)
        except typst.TypstError as error:
            raise TypesettingFailed(f"typst cannot set the paper: {' '.join(str(error.message).split())}") from None


def unsettable(formulas: Collection[tuple[str, bool]]) -> set[str]:
    """Those of the formulas (LaTeX, displayed or not) that typst refuses, each tried alone."""
    refused = set()
    for formula, is_displayed in formulas:
        paragraph = nodes.paragraph([nodes.maths(formula, is_displayed)])
        source, _ = _pandoc(nodes.document({}, [paragraph]), "typst")
        try:
            pdf(source.decode())
        except TypesettingFailed:
            refused.add(formula)
    return refused


def formulas_of(document: Node) -> set[tuple[str, bool]]:
    """The formulas of a document, and whether each is displayed."""
    return {(node["c"][1], node["c"][0]["t"] == "DisplayMath") for node in _walk(document) if node.get("t") == "Math"}


def _pandoc(document: Node, target: str, *arguments: str) -> tuple[bytes, set[str]]:
    """What pandoc writes, and the formulas that it could not read."""
    try:
        import pypandoc

        program = pypandoc.get_pandoc_path()
    except (ImportError, OSError):
        raise MissingExtra("pandoc is not installed, and writes the paper. Run: pip install pypandoc-binary") from None
    with tempfile.TemporaryDirectory(prefix="galactica-") as folder:
        log = Path(folder) / "log.json"
        # The user's own pandoc folder must not change what a paper looks like.
        fixed = [
            "--sandbox",
            f"--data-dir={folder}",
            f"--log={log}",
            "--quiet",
            "--wrap=none",
            "--syntax-highlighting=none",
        ]
        command = [program, "-f", "json", "-t", target, *fixed, *arguments, "-o", "-"]
        try:
            done = subprocess.run(
                command, input=json.dumps(document).encode(), capture_output=True, timeout=TIMEOUT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise TypesettingFailed(f"pandoc took more than {TIMEOUT_SECONDS:.0f} s for the paper") from None
        if done.returncode:
            message = " ".join(done.stderr.decode(errors="replace").split())[:300]
            raise TypesettingFailed(f"pandoc failed with status {done.returncode}: {message}")
        messages = json.loads(log.read_bytes() or b"[]") if log.exists() else []
    refused = {message["contents"] for message in messages if message["type"] == "CouldNotConvertTeXMath"}
    return done.stdout, refused


def _walk(value: Any) -> Iterator[Node]:
    """Every node of a document."""
    if isinstance(value, dict):
        yield value
        for inside in value.values():
            yield from _walk(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _walk(inside)


def _strings(document: Node) -> Iterable[str]:
    for node in _walk(document):
        content = node.get("c")
        if node.get("t") in ("Str", "MetaString"):
            yield str(content)
        elif node.get("t") in ("Code", "CodeBlock", "Math"):
            assert content is not None
            yield str(content[1])


def _without_marks(document: Node) -> Node:
    """The cited document with each citation as the inlines it is formatted as, so that no writer formats it again."""
    return {
        **document,
        "meta": {k: v for k, v in document["meta"].items() if k != "nocite"},
        "blocks": _plain(document["blocks"]),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("t") == "Cite":
            return {"t": "Span", "c": [["", [], []], _plain(value["c"][1])]}
        return {key: _plain(inside) for key, inside in value.items()}
    return [_plain(inside) for inside in value] if isinstance(value, list) else value


def _operators_marked(value: Any) -> Any:
    r"""The document with the name in each `\operatorname` marked: pandoc writes it as text, which typst does not space as
    an operator."""
    if isinstance(value, dict):
        if value.get("t") == "Math":
            kind, formula = value["c"]
            return {"t": "Math", "c": [kind, re.sub(r"\\operatorname\s*\{", rf"\g<0>{_OPERATOR_MARK}", formula)]}
        return {key: _operators_marked(inside) for key, inside in value.items()}
    return [_operators_marked(inside) for inside in value] if isinstance(value, list) else value


_CHUNK = 12
_BREAK = nodes.raw("latex", r"\allowbreak{}")
_GRAVE = nodes.raw("latex", r"\textasciigrave{}")


def _for_latex(value: Any) -> Any:
    """The document with long monospace stretches cut where LaTeX may break the line, as a sequence has no spaces, and with
    each backtick as a command, as the sign itself is set as a quotation mark."""
    if not isinstance(value, list):
        return {key: _for_latex(inside) for key, inside in value.items()} if isinstance(value, dict) else value
    found: list[Any] = []
    for inside in value:
        if isinstance(inside, dict) and inside.get("t") == "Code":
            characters = inside["c"][1]
            for at in range(0, len(characters), _CHUNK):
                found += [nodes.code(characters[at : at + _CHUNK]), _BREAK]
        elif isinstance(inside, dict) and inside.get("t") == "Str" and "`" in inside["c"]:
            for number, characters in enumerate(inside["c"].split("`")):
                found += [_GRAVE, {"t": "Str", "c": characters}][number == 0 :]
        else:
            found.append(_for_latex(inside))
    return found


def _declarations(characters: Iterable[str]) -> str:
    """What pdflatex is told of characters that its input encoding may not know: a command, else the number in brackets."""
    encoder = UnicodeToLatexEncoder(unknown_char_policy="keep", unknown_char_warning=False)
    lines = []
    for character in sorted(characters):
        command = encoder.unicode_to_latex(character)
        if not command.isascii() or not re.fullmatch(r"[\\{}A-Za-z0-9_^ \-+='\"`~.,:;/<>()|]+", command):
            command = f"[U+{ord(character):04X}]"
        lines.append(rf"  \ifmissing{{{character}}}{{\DeclareUnicodeCharacter{{{ord(character):04X}}}{{{command}}}}}")
    return "\n".join([r"\ifPDFTeX", *lines, r"\fi"]) if lines else ""
