"""The running text of one document while it is put together: what tidying must not touch is held, what is lost is counted."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from galactica import markup
from galactica.corpus.latex import maths
from galactica.corpus.latex.definitions import Definitions
from galactica.corpus.latex.expand import Expander, package_definitions
from galactica.corpus.latex.stream import TooLongError
from galactica.corpus.latex.tokens import source, tokenise
from galactica.corpus.marks import HOLE, Marks
from galactica.corpus.scripts import script
from galactica.corpus.veil import spells_beside
from galactica.modalities import formulas
from galactica.types import Reference, UntitledEntry

PRIVATE = dict.fromkeys((0, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xE000, 0xE100)))
"""For `str.translate`: characters that stand for something here, and invisible ones, out of text from outside."""

MAX_FORMULA = 4 * formulas.MAX_LENGTH
_ENVIRONMENT = re.compile(r"\\begin\{([a-zA-Z]{1,20}\*?)\}(.*)\\end\{\1\}", re.DOTALL)
_DISPLAYS = frozenset(
    ["equation", "align", "alignat", "eqnarray", "gather", "multline", "flalign", "displaymath", "math", "split", "dmath"]
)  # fmt: skip

_OPERATOR = re.compile(r"\\operatorname\*?\s*\{((?:[^{}]|\{[^{}]{0,200}\}){0,200})\}")
_POINT = re.compile(r"([.,;:?])(?:\s+|$)")
_GONE = re.compile(
    r"\\(?:mkern|mskip|kern|hskip)\s*-?[\d.]+\s*[a-z]{2}|\\require\{[^{}]*\}|\\definecolor(?:\{[^{}]*\}){3}"
    r"|\\bbox\[[^\[\]]*\]|\\(?:unicode|class|cssId|style)\{[^{}]*\}"
)
_SIGNS = str.maketrans({
    "−": "-", "–": "-", "·": r"\cdot ", "×": r"\times ", "≤": r"\leq ", "≥": r"\geq ", "→": r"\to ", "∈": r"\in ",
    "…": r"\ldots ", "’": "'", "′": "'", "∞": r"\infty ", "≠": r"\neq ", "≈": r"\approx ", "\xa0": " ",
})  # fmt: skip


def has_words(text: str) -> bool:
    """Whether the text says something: a letter, a figure, or a formula that is held."""
    return any(character.isalnum() or "\ue000" <= character < HOLE for character in text)


def add_paragraph(out: list[str], text: str) -> None:
    """Adds a paragraph to the blocks; the punctuation that it begins with belongs to the displayed formula before it."""
    if out and out[-1].endswith(r" \]") and (point := _POINT.match(text)) is not None:
        out[-1] = f"{out[-1][:-3]}{'' if out[-1][-4] in '.,;:?' else point[1]} \\]"
        text = text[point.end() :]
    if has_words(text):
        out.append(text)


def _mended(tex: str) -> str:
    r"""A formula without what Markdown and browsers leave in it: `\\{`, `\*`, entities, operators that are formulas, spacing."""
    if "&" in tex:
        tex = re.sub(r"&(?:#\d{1,5}|lt|gt|amp);", lambda match: html.unescape(match[0]), tex)
    tex = re.sub(r"\\\\(?=[{}_*])", r"\\", tex)
    tex = re.sub(r"(?<!\\)\\([*#])", r"\1", tex).replace("@{}", "")
    tex = _OPERATOR.sub(lambda match: match[1] if "\\" in match[1] or "_" in match[1] else match[0], tex)
    return _GONE.sub(" ", tex).translate(_SIGNS)


class Prose:
    """One document's marks, formulas and code. `spells_control_token` becomes true where text from outside spells one: what was
    written must not be used then."""

    def __init__(
        self,
        references: Mapping[str, Reference | None],
        definitions: Definitions | None = None,
        untitled: Mapping[str, UntitledEntry] | None = None,
    ) -> None:
        self.marks = Marks(references, untitled=untitled)
        self.n_formulas = 0
        self.formulas_left_out: Counter[str] = Counter()
        self.spells_control_token = False
        self._scripts: set[str] = set()
        self._definitions = (definitions or package_definitions()).copy()

    def inline_maths(self, tex: str) -> str:
        """A placeholder for the formula; a hole, which its sentence does not survive, where it is not well-formed."""
        latex = self._latex(tex)
        self._look(latex or "")
        return self.marks.hold(markup.inline_maths(latex)) if latex else HOLE if latex is None else ""

    def display_maths(self, tex: str) -> list[str]:
        """The formula as a block of its own, or no block."""
        latex = self._latex(tex)
        self._look(latex or "")
        return [markup.display_maths(latex)] if latex else []

    def code(self, code: str) -> str:
        """A placeholder for code in the line."""
        code = " ".join(code.split())
        self._look(code)
        if not code:
            return ""
        return self.marks.hold(f"`{code}`" if "`" not in code else f"`` {code} ``")

    def code_block(self, code: str, language: str = "") -> list[str]:
        """Code as a fenced block, or no block where it is empty."""
        code = code.strip("\n").rstrip()
        self._look(code)
        if not code:
            return []
        fence = "`" * (1 + max(map(len, re.findall(r"`{3,}", code)), default=2))
        return [f"{fence}{language}\n{code}\n{fence}"]

    def script(self, text: str, is_super: bool) -> str:
        """A placeholder for a superscript or subscript; marks that stand high are a citation."""
        if is_super and self.marks.only_marks(text):
            return self.marks.superscript(text)
        text = self.line(text)
        self._scripts.add(written := script(text, is_super))
        return self.marks.hold(written) if text else ""

    def cite(self, keys: Sequence[str]) -> str:
        """Placeholders for marks that stand in brackets or behind what they support."""
        return self.marks.mark(keys)

    def narrate(self, keys: Sequence[str]) -> str:
        """Placeholders for marks that are part of the sentence, each behind the names that it shows: "Gao et al. (2004)"."""
        return " and ".join(self._narrated(key) for key in keys)

    def _narrated(self, key: str) -> str:
        reference = self.marks.references.get(key)
        if reference is None:
            return f"{self.marks.mark([key])}{HOLE}"
        names = [author.partition(",")[0].strip() for author in reference.authors]
        shown = " and ".join(names[:2]) if len(names) < 3 else f"{names[0]} et al."
        return f"{shown} {self.marks.mark([key])}".strip()

    def line(self, text: str) -> str:
        """The text on one line, its marks resolved and everything that was held put back."""
        self._look(text)
        written = self.marks.resolve(text).strip()
        self.spells_control_token = self.spells_control_token or spells_beside(written, self._is_own)
        return written

    def released(self, code: str) -> str:
        """Code in which something was held by mistake, as it was but for formulas in their one form."""
        lines = code.split("\n")
        for at, line in enumerate(lines):
            if (released := self.marks.release(line)) != line and any("\ue000" <= sign <= "\ue005" for sign in line):
                lines[at] = line[: len(line) - len(line.lstrip())] + released.lstrip()
        return "\n".join(lines)

    def metadata(self) -> dict[str, Any]:
        """The counts that a document's metadata states."""
        return {
            "n_marks": self.marks.n_marks,
            "n_resolved": self.marks.n_resolved,
            "unresolved": dict(self.marks.unresolved),
            "n_formulas": self.n_formulas,
            "formulas_left_out": dict(self.formulas_left_out),
        }

    def _is_own(self, written: str) -> bool:
        return written in self._scripts or self.marks.is_written(written)

    def _look(self, text: str) -> None:
        self.spells_control_token = self.spells_control_token or bool(markup.control_tokens(text))

    def _latex(self, tex: str) -> str | None:
        """The formula in its one form; "" where it only defines macros or is empty, None where it is not well-formed."""
        self._look(tex)
        if len(tex) > MAX_FORMULA:
            self.formulas_left_out[f"longer than {formulas.MAX_LENGTH} characters"] += 1
            return None
        tex = formulas.strip_tex_wrapper(self.marks.release(tex))
        environment = ""
        if (match := _ENVIRONMENT.fullmatch(tex)) and match[1].rstrip("*") in _DISPLAYS:
            environment, tex = match[1], match[2]
        else:  # most formulas are well-formed as they stand
            latex, problem = maths.checked(tex)
            if not problem:
                self.n_formulas += 1
                return latex
        return self._expanded(_mended(tex), environment)

    def _expanded(self, tex: str, environment: str) -> str | None:
        expander = Expander({}, self._definitions)
        try:
            tokens = [token for token in expander.run(tokenise(tex)) if token not in ("$", "$$")]
        except TooLongError:
            self.formulas_left_out["macros without end"] += 1
            return None
        tokens = [" " if token.isspace() else token for token in tokens]
        if not "".join(tokens).strip():
            return ""
        formula = maths.read(tokens, environment)
        if formula.problem:  # macros may have brought in what is mended
            formula = maths.read(tokenise(_mended(source(tokens))), environment)
        if formula.problem:
            reason = re.sub(r"'.*'|(?<=unknown command ).*", "...", formula.problem, flags=re.DOTALL)
            self.formulas_left_out[reason] += 1
            return None
        self.n_formulas += 1
        return formula.latex
