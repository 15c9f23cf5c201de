r"""Sweave and knitr vignettes (LaTeX with chunks of R) -> documents; read by `markdown_books`, whose packages hold them.

Source: https://stat.ethz.ch/R-manual/R-devel/library/utils/doc/Sweave.pdf (`<<options>>=` ... `@`, `\Sexpr{}`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from galactica import markup
from galactica.corpus.headings import heading_level, shifted, without_empty_sections, without_sections
from galactica.corpus.latex import bibliography, front
from galactica.corpus.latex.blocks import ABSTRACT
from galactica.corpus.latex.document import expanded, pending_of, resolved, to_text
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tree import TooDeepError, parse
from galactica.corpus.latex.writer import Writer
from galactica.corpus.marks import HOLE, Marks
from galactica.corpus.package_files import MAX_BYTES, MIN_CHARACTERS, name_of, text_of
from galactica.corpus.source import Package
from galactica.corpus.veil import SPELLS, spells_beside
from galactica.types import Document, Drop

_CHUNK = re.compile(r"^<<([^\n]{0,1000})>>=[ \t]*$|^@(?:[ \t][^\n]*)?$", re.MULTILINE)
_RESULT = re.compile(r"\\Sexpr\s?\{(?:[^{}\n]|\{[^{}\n]{0,300}\}){0,1000}\}")
_SHORT_VERB = re.compile(r"\\(?:Make|Define)ShortVerb\*?(?:\[[^\[\]\n]{0,100}\])?\{\\([|!+\"])\}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_NOT_A_TITLE = re.compile(r"https?:|\bversion\b|[\[\]{}=@]")
_HIDDEN = re.compile(r"\b(?:echo|include)\s*=\s*F(?:ALSE)?\b", re.IGNORECASE)
_SETUP = re.compile(r"^[^\S\n]*(?:options\(|library\(knitr\)|opts_chunk|BiocStyle::|render_\w+\()", re.MULTILINE)
_INDEX_ENTRY = re.compile(r"\\VignetteIndexEntry\{([^{}\n]{1,300})\}")
_R_COMMANDS = (
    r"\providecommand{\R}{R}\providecommand{\Rcode}[1]{\texttt{#1}}\providecommand{\Robject}[1]{\texttt{#1}}"
    r"\providecommand{\Rfunction}[1]{\texttt{#1}}\providecommand{\Rpackage}[1]{\textit{#1}}\providecommand{\Rclass}[1]{\textit{#1}}"
    r"\providecommand{\Rmethod}[1]{\textit{#1}}\providecommand{\Rfunarg}[1]{\texttt{#1}}\providecommand{\Biocpkg}[1]{\textit{#1}}"
    r"\providecommand{\CRANpkg}[1]{\textit{#1}}\providecommand{\Githubpkg}[1]{\textit{#1}}\providecommand{\Biocexptpkg}[1]{\textit{#1}}"
    r"\providecommand{\pkg}[1]{\textbf{#1}}\providecommand{\proglang}[1]{#1}\providecommand{\code}[1]{\texttt{#1}}"
    r"\providecommand{\RR}{\textsf{R}}\providecommand{\setkeys}[2]{}\providecommand{\DefineShortVerb}[2][]{}"
    r"\providecommand{\software}[1]{#1}\providecommand{\bioccomment}[1]{}\providecommand{\Sexpr}[1]{}\providecommand{\SweaveOpts}[1]{}"
    r"\providecommand{\SweaveInput}[1]{}\providecommand{\inputencoding}[1]{}\providecommand{\Rvar}[1]{\texttt{#1}}"
    r"\providecommand{\Plaintitle}[1]{}\providecommand{\Shorttitle}[1]{}\providecommand{\Plainauthor}[1]{}\providecommand{\Keywords}[1]{}"
    r"\providecommand{\Plainkeywords}[1]{}\providecommand{\Address}[1]{}\providecommand{\Abstract}[1]{\begin{abstract}#1\end{abstract}}"
)
_LEFT_OUT = re.compile(
    r"(?:[\d.]+ )?(?:references|bibliography|session info(?:rmation)?|acknowledge?ments?|contents|table of contents)",
    re.IGNORECASE,
)


def texts_of(package: Package) -> dict[str, str]:
    """The vignettes of a package and the files that they may read in."""
    return {
        path: text_of(package.files[path])
        for path in package.ending(".rnw", ".tex", ".bib")
        if len(package.files[path]) <= MAX_BYTES
    }


def document(package: Package, path: str, texts: Mapping[str, str], source: str, licence: str) -> Document | Drop:
    """The vignette among the `texts` as a document, or why it is none."""
    where = f"{package.where}/{path}"
    text = texts[path]
    if "\\begin{document}" not in text:
        return Drop(where, source, "no whole LaTeX document", text[:300])
    if re.search(r"\\documentclass[^\n{}]*\{beamer\}", text):
        return Drop(where, source, "slides")
    if markup.control_tokens(text):
        return Drop(where, source, SPELLS)
    try:
        title, blocks, writer = _written(path, _near(path, texts))
    except TooLongError:
        return Drop(where, source, "macros expand without end")
    except TooDeepError:
        return Drop(where, source, "groups nested too deep")
    if not title:
        return Drop(where, source, "no title", text[:300])
    blocks = [whole for block in blocks if (whole := _without_holes(writer.marks.release(block))) and whole != ABSTRACT]
    blocks = without_empty_sections(without_sections(shifted(blocks, 2), _LEFT_OUT))
    whole = writer.marks.release(resolved("\n\n".join([f"# {title}", *blocks]), writer))
    if spells_beside(whole, lambda own: writer.marks.is_written(own) or not own.startswith(markup.START_REF)):
        return Drop(where, source, SPELLS)
    if len(whole) < MIN_CHARACTERS:
        return Drop(where, source, f"shorter than {MIN_CHARACTERS} characters", whole)
    metadata = {
        "title": title,
        "n_marks": writer.marks.n_marks,
        "n_resolved": writer.marks.n_resolved,
        "unresolved": dict(writer.marks.unresolved),
        "n_formulas": writer.n_formulas,
        "formulas_left_out": dict(writer.formulas_left_out),
    }
    return Document(f"{source}:{name_of(package)}/{path}", whole, source, licence, metadata, pending_of(writer))


def _without_holes(block: str) -> str:
    """The block without sentences that have a result of R in a formula; "" for code and formulas that have one."""
    if HOLE not in block:
        return block
    if block.startswith(("```", "\\[")):
        return ""
    return " ".join(sentence for sentence in _SENTENCE_END.split(block) if HOLE not in sentence)


def _near(path: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts without bibliographies of other folders, where the vignette's has one: keys of one mean other works in another."""
    folder = path.rpartition("/")[0]
    lists = {name for name in texts if name.lower().endswith(".bib")}
    near = {name for name in lists if name.rpartition("/")[0] == folder}
    return {name: text for name, text in texts.items() if name not in lists or name in near or not near}


def _written(path: str, texts: Mapping[str, str]) -> tuple[str, list[str], Writer]:
    text = _RESULT.sub(HOLE, _without_chunks(texts[path]))
    if match := _SHORT_VERB.search(text):
        text = re.sub(rf"{re.escape(match[1])}([^{match[1]}\n]{{1,300}}){re.escape(match[1])}", r"\\verb\g<0>", text)
    text = f"{_R_COMMANDS}\n{text}"
    texts = {**texts, path: text}
    preamble, body, definitions = expanded(texts, path)
    listed = bibliography.read(
        {name: found for name, found in texts.items() if name.lower().endswith(".bib")},
        bibliography.cited_keys(body),
        [text],
        lambda latex: to_text(definitions, latex),
    )
    writer = Writer(definitions, Marks(listed.references, untitled=listed.untitled), listed.names, top=2)
    writer.write([node for node in parse(preamble) if not isinstance(node, str) or node != "\\maketitle"])
    blocks = writer.write(parse(body))
    title = front.title(writer)
    if (not title or _NOT_A_TITLE.search(title)) and (match := _INDEX_ENTRY.search(text)) is not None:
        title = " ".join(match[1].split())
    abstract = [block for block in writer.abstract if not heading_level(block)]
    return title, [*abstract, *blocks], writer


def _without_chunks(text: str) -> str:
    """The LaTeX of a vignette: a chunk of R, which goes on to `@` or the next one, is verbatim text."""
    out, at = [], 0
    options: str | None = None
    for mark in _CHUNK.finditer(text):
        before = text[at : mark.start()]
        out.append(before if options is None else _chunk(options, before))
        options, at = mark[1], mark.end()
    return "".join([*out, text[at:] if options is None else _chunk(options, text[at:])])


def _chunk(options: str, code: str) -> str:
    """A chunk of R as verbatim text; nothing for one that is not shown or only sets the page up."""
    if _HIDDEN.search(options) or _SETUP.search(code) or "sessionInfo()" in code:
        return ""
    return f"\\begin{{Sinput}}\n{code.strip(chr(10))}\n\\end{{Sinput}}"
