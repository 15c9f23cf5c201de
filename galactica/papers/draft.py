"""A title -> a Paper: a plan, each section written paragraph by paragraph with what stands already as context, each
paragraph looked at before it goes in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from galactica import markup
from galactica.generation.constraints import Constraint, FormulaTracker
from galactica.generation.galactica import Galactica, Written
from galactica.generation.sampling import Sampling
from galactica.markup import Data
from galactica.modalities import formulas
from galactica.papers import verify
from galactica.types import Check, Citation, Paper, Reference, Section

Progress = Callable[[str], None]
"""Called with a line that says what is being written."""

ABSTRACT = "Abstract"
_TRIES = 3
_MAX_PARAGRAPH_TOKENS = 220
_CITATION_TOKENS = 60
_FORMULA_TRIES = 32
_MAX_FORMULA_TOKENS = 60
_MIN_PARAGRAPH_WORDS = 35
_CONTEXT_WORDS = 60
_CANDIDATES = 96
_MAX_CITATIONS_PER_PARAGRAPH = 4
_PROSE = Sampling(temperature=0.7, top_k=40, top_p=0.9, no_repeat_ngram=3)
_MATHS = Sampling(temperature=0.8, top_p=0.9)
_CITATION_RUN = re.compile(rf"(?:\s*{re.escape(markup.START_REF)}.*?{re.escape(markup.END_REF)})+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the plan: its heading, how long it is to be, whether it must cite, how many formulas it displays."""

    heading: str
    words: int
    cites: bool = False
    n_displayed: int = 0


PLAN: tuple[Part, ...] = (
    Part(ABSTRACT, 150),
    Part("Introduction", 330, cites=True),
    Part("Background", 280, cites=True, n_displayed=1),
    Part("Methods", 300, n_displayed=2),
    Part("Results", 220),
    Part("Discussion", 280, cites=True),
    Part("Conclusion", 110),
)


def write_paper(
    writer: Galactica, title: str, *, plan: Sequence[Part] = PLAN, seed: int = 0, progress: Progress = lambda line: None
) -> Paper:
    """A paper with this title. Each citation is a record of the writer's library; the same seed gives the same paper."""
    return _Draft(writer, title, seed, progress).write(plan)


def count_words(paper: Paper) -> int:
    """Words of the abstract and all sections; a formula counts as one, a citation as none."""
    return sum(verify.count_words(text) for text in (paper.abstract, *(section.text for section in paper.sections)))


def count_citations(paper: Paper) -> int:
    """Citations in the text; a work cited twice counts twice."""
    return sum(len(section.citations) for section in paper.sections)


class _Draft:
    """A paper being written."""

    def __init__(self, writer: Galactica, title: str, seed: int, progress: Progress) -> None:
        self.writer, self.title, self.progress = writer, " ".join(title.split()), progress
        self.seed = seed * 1_000_003 % 2**62  # leaves room to count on
        self.citations: dict[str, Citation] = {}
        self.seen: set[tuple[str, ...]] = set()
        self.checks: list[Check] = []

    def write(self, plan: Sequence[Part]) -> Paper:
        abstract = ""
        sections: list[Section] = []
        for number, part in enumerate(plan):
            where = f"{number + 1}/{len(plan)} {part.heading}"
            before = sections[-1].text if sections else ""
            # What stands before may lead nowhere: a section of which nothing passed is begun again from the abstract.
            text = self._section(part, number, abstract, before, where) or self._section(
                part, number, abstract, "", where
            )
            if part.heading == ABSTRACT:
                abstract = text
            elif text:
                sections.append(Section(part.heading, text, self._citations(text)))
        references = self._references(sections)
        self.checks.append(
            Check("citations", f"{len(references)} works", True, "each is a record of the reference library")
        )
        return Paper(self.title, (), abstract, tuple(sections), references, tuple(self.checks), self._metadata())

    def _section(self, part: Part, number: int, abstract: str, before: str, where: str) -> str:
        heading = markup.heading(part.heading if part.heading == ABSTRACT else f"{number} {part.heading}")
        lead: list[str] = [markup.EOS, "Title: ", Data(self.title), "\n\n"]
        if abstract:
            lead += [markup.heading(ABSTRACT), abstract, "\n\n"]
        if before:
            lead += [_tail(before), "\n\n"]
        paragraphs: list[str] = []
        formulas_left, failures = part.n_displayed, 0
        while sum(map(verify.count_words, paragraphs)) < part.words and failures < _TRIES:
            self.progress(f"{where}: {sum(map(verify.count_words, paragraphs))} of {part.words} words")
            prompt = [*lead, heading, *(piece for paragraph in paragraphs[-3:] for piece in (paragraph, "\n\n"))]
            paragraph = self._paragraph(part, prompt)
            if paragraph is None:
                failures += 1
                continue
            paragraphs.append(paragraph)
            if formulas_left:
                displayed = self._displayed([*prompt, paragraph, "\n\n"])
                if displayed:
                    paragraphs.append(displayed)
                formulas_left -= 1
        return "\n\n".join(paragraphs)

    def _paragraph(self, part: Part, prompt: list[str]) -> str | None:
        """The best of some tries once checked; None where nothing was left of any."""
        works = self._candidates(part, prompt)
        tries = []
        for _ in range(_TRIES):
            tracker = self.writer.tracker(works, capital=True)
            tries.append(self._checked(self._continue(prompt, _PROSE, tracker, stop=("\n\n", "\n#")), part))
        best = max(tries, key=self._worth)
        if not best:
            return None
        if part.cites and not markup.citations(best):
            best = self._with_citation(prompt, best, works)
        self.seen.update(verify.ngrams(best))
        return best

    def _worth(self, text: str) -> float:
        """How good a checked passage is: long enough, its words various, those of the title among them."""
        words = verify.words(text)
        title = set(verify.words(self.title))
        various = len(set(words)) / max(1, len(words))
        on_topic = len(title & set(words)) / max(1, len(title))
        return min(1.0, verify.count_words(text) / _MIN_PARAGRAPH_WORDS) + various + on_topic

    def _checked(self, written: Written, part: Part) -> str:
        """The sentences of a passage that may stay; what does not is counted in the checks."""
        for citation in written.citations:
            # The key as the text has it: a tokenizer's normalisation may have changed characters of the record's.
            (mark,) = markup.citations(written.text[citation.start : citation.end])
            self.citations[mark.key] = citation
        text = verify.without_bare_marks(written.text.strip())
        if part.heading == ABSTRACT:
            text = markup.without_citations(text)
        kept: list[str] = []
        for sentence in verify.sentences(text):
            problem = verify.formula_problem(sentence)
            if problem:
                self.checks.append(Check("formula", problem[0], False, f"{problem[1]}; its sentence was cut"))
            elif verify.points_nowhere(sentence):
                self.checks.append(
                    Check("dangling", sentence.strip()[:120], False, "it points to what the paper lacks; cut")
                )
            elif self.seen.intersection(verify.ngrams(sentence)):
                self.checks.append(Check("repetition", sentence.strip()[:120], False, "it was written before; cut"))
            elif verify.is_of_another_form(sentence):
                self.checks.append(
                    Check("form", sentence.strip()[:120], False, "it belongs to another kind of document; cut")
                )
            elif verify.ends_sentence(sentence) and verify.is_prose(sentence) and sentence[:1].isupper():
                kept.append(sentence)
        return _thinned("".join(kept).strip())

    def _displayed(self, prompt: list[str]) -> str | None:
        r"""A well-formed displayed formula, or None after some tries."""
        for _ in range(_FORMULA_TRIES):
            tracker = FormulaTracker(self.writer.tokenizer)
            written = self._continue(
                [*prompt, r"\["], _MATHS, tracker, stop=(r"\]",), max_new_tokens=_MAX_FORMULA_TOKENS
            )
            latex = formulas.normalise(written.text)
            problem = formulas.problem(latex) if "=" in latex or r"\approx" in latex else "no equation"
            if problem is None and written.finish_reason == "stop" and not markup.control_tokens(latex):
                self.checks.append(Check("formula", latex, True, "well-formed"))
                return markup.display_maths(latex)
        self.checks.append(Check("formula", "", False, "no well-formed formula came in several tries; left out"))
        return None

    def _with_citation(self, prompt: list[str], text: str, works: list[int] | None) -> str:
        """The paragraph with the work that the model would cite at the end of its first sentence."""
        first, *rest = verify.sentences(text)
        body = first.rstrip()
        stop = body[-1] if body[-1] in ".!?" else ""
        body = body.removesuffix(stop)
        citation = self.writer.cite([*prompt, body], works=works)[0]
        self.citations[_key(citation.reference)] = citation
        mark = markup.cite(citation.reference.title, citation.reference.surname)
        gap = first[len(first.rstrip()) :]
        return f"{body} {mark}{stop}{gap}{''.join(rest)}"

    def _continue(
        self,
        prompt: list[str],
        choice: Sampling,
        constraint: Constraint | None,
        stop: tuple[str, ...],
        max_new_tokens: int = _MAX_PARAGRAPH_TOKENS,
    ) -> Written:
        self.seed += 1
        context = self.writer.engine.context
        max_new_tokens = min(max_new_tokens, context // 3)
        # What is left when both are full is for a citation that opens at the end: it is always finished.
        room = context - max_new_tokens - min(_CITATION_TOKENS, context // 6)
        ids = self.writer.tokenizer.encode(prompt)[-room:]
        return self.writer.write(ids, replace(choice, seed=self.seed), constraint, max_new_tokens, stop)

    def _candidates(self, part: Part, prompt: list[str]) -> list[int] | None:
        """Rows of the works that the library's search finds for the title, the section and what was last written."""
        last = verify.sentences(markup.without_citations(prompt[-2]))[-1:] if len(prompt) > 1 else []
        found = [
            *self.writer.library.search(self.title, _CANDIDATES),
            *self.writer.library.search(" ".join([part.heading, *last]), _CANDIDATES // 4),
        ]
        rows = self.writer.library.rows([reference.id for reference, _ in found])
        return sorted({int(row) for row in rows}) or None

    def _citations(self, text: str) -> tuple[Citation, ...]:
        return tuple(
            replace(self.citations[span.key], start=span.start, end=span.end) for span in markup.citations(text)
        )

    def _references(self, sections: Sequence[Section]) -> tuple[Reference, ...]:
        found = {citation.reference.id: citation.reference for section in sections for citation in section.citations}
        return tuple(found.values())

    def _metadata(self) -> dict[str, str]:
        failed = sum(not check.ok for check in self.checks)
        date = time.strftime("%Y-%m-%d")
        return {
            "model": self.writer.name,
            "library": f"{self.writer.library.name or 'library'} ({len(self.writer.library):,} works)",
            "date": date,
            "note": f"Written by a language model ({self.writer.name}) on {date}. Its statements are not verified. Each "
            f"reference is a record of the library {self.writer.library.name!r}; {failed} passages failed a check and were cut.",
        }


def _key(reference: Reference) -> str:
    return markup.citation_key(reference.title, reference.surname)


def _tail(text: str) -> str:
    """The last sentences of a text, about `_CONTEXT_WORDS` words of them."""
    kept: list[str] = []
    n_words = 0
    for sentence in reversed(verify.sentences(text)):
        n_words += verify.count_words(sentence)
        if n_words > _CONTEXT_WORDS and kept:
            break
        kept.append(sentence)
    return "".join(reversed(kept)).strip()


def _thinned(text: str) -> str:
    """The text with each work cited once, at most three works in one place and a few in a paragraph."""
    cited: set[str] = set()

    def thin(match: re.Match[str]) -> str:
        kept: list[str] = []
        for span in markup.citations(match[0]):
            if span.key not in cited and len(kept) < 3 and len(cited) < _MAX_CITATIONS_PER_PARAGRAPH:
                cited.add(span.key)
                kept.append(match[0][span.start : span.end])
        return " " + " ".join(kept) if kept else ""

    return _CITATION_RUN.sub(thin, text)
