"""Solved textbook exercises and worked examples as problems with their working: question, steps, and the value they end in.

Only where it is sure: one thing is asked for, in words that stand alone; the solution shows steps; and its last formula ends in
`= number unit`. What is in parts, or leans on a figure or on the exercise before, stays in the textbook as it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from galactica import markup
from galactica.corpus.prompts.working import worked

MIN_QUESTION_CHARACTERS = 40
MIN_RELATIONS = 2
"""Relation signs in a solution that shows a step: `x = 5` alone is an answer and no working."""
_MAX_VALUE_CHARACTERS = 120

_UNIT = (
    r"\\[,;:! ]|~|\s|\\(?:text|mathrm|textrm)\s*\{[^{}$=]{0,40}\}|\{\\(?:text|mathrm)\{[^{}=]{0,40}\}\}|\^\{?\s*-?\d\s*\}?"
    r"|\^\{?\\circ\}?|\\circ|\\cdot|\\%|%|\\Omega|\\mu|/|[{}()]|[A-Za-zµμΩ°²³·]"
)
_NUMBER = (
    r"[-−–+]?\s*\\?\$?\s*(?:\d{1,3}(?:,\s?\d{3})+|\d{1,12})?(?:\.\d{1,12})?"
    r"(?:\s*(?:\\times|×|\\cdot)\s*10\s*(?:\^\s*\{?\s*[-−–+]?\s*\d{1,3}\s*\}?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))?"
)
_FRACTION = r"[-−–]?\s*\\frac\{\s*-?\d{1,6}\s*\}\{\s*\d{1,6}\s*\}"
_VALUE = re.compile(rf"(?=\D{{0,12}}\d)(?:{_FRACTION}|{_NUMBER})(?:{_UNIT}){{0,24}}")
_RELATION = re.compile(r"=|\\approx|\\cong|≈|\\simeq")
_SYMBOL = re.compile(
    r"(?:[A-Za-zα-ωΑ-Ω]|\\[A-Za-z]+(?:\{[^{}]{1,40}\})?|\|[^|]{1,40}\|)"  # v, \rho, \text{Area}, |A|
    r"(?:_\{?(?:[\w', ]|\\[a-z]+|[{}]){1,40}\}?)?(?:\^\{?\\prime\}?|')?(?:\([^()]{1,20}\))?"  # indices, primes, arguments
)
_SEPARATOR = re.compile(r"(?<!\\)[;,](?!\s?\d{3})|\\quad|\b(?:and|or)\b|\\(?:Rightarrow|to|pm)\b|\\infty|<|>|\\[lg]e")
_REMARK = re.compile(r"&\s*(?:\\quad\s*)?\\text\{[^{}]*\}[^&]*$")
"""The last column of aligned equations where it says what was done."""
_DISPLAY = re.compile(r"\\\[ ((?:(?!\\\[|\\\]).)+) \\\]", re.DOTALL)

_PARTS = re.compile(r"(?:^|[\s>])(?:\(?[a-hA-H1-9]\)|[a-h]\.|[1-9]\.|i{1,3}\.)\s|(?:^|\s)\([a-h]\) ?", re.MULTILINE)
_LETTERED = re.compile(r"(?:^|\s)\(?[a-e]\) |(?:^|\s)[a-e]\. |Solution for", re.MULTILINE)
"""Parts of a solution; numbers may stand for its steps."""
_POINTS = (
    r"\b(?:Figures?|Tables?|Examples?|Exercises?|Equations?|Appendix|Appendices)\b|\banother (?:section|chapter)\b"
    r"|\bprevious (?:problem|example|exercise)"
)
_LEANS = re.compile(
    rf"^(?:now|then|again|repeat|write|rewrite|show|sketch|graph|prove)\b|{_POINTS}|\bgraphs?\b|\b(?:previous|preceding|earlier|shown|simulation)\b"
    r"|\b(?:following|above|accompanying|next|last) (?:figure|table|exercise|problem|example|reaction|equation|diagram|data)"
    r"|\b(?:the|this|these) (?:table|exercise|problem|example|section|chapter|diagram|illustration|picture)",
    re.IGNORECASE,
)
_POINTS_AWAY = re.compile(_POINTS)
_ASKS = re.compile(
    r"\b(?:what|how|which|when|where)\b[^?]{0,1000}\?|\b(?:Find|Calculate|Compute|Evaluate|Determine|Estimate|Simplify|Solve)\b[^.?]*"
    r"(?:\.\d[^.?]*)*",
    re.IGNORECASE,
)
_ASKS_MORE = re.compile(
    r"\b(?:and|or|are|each|both|values of|solutions|prove|show|sketch|graph|write|explain|why|compare|predict)\b"
    r"|\bvalues\b|\bsolve\b.{0,1000}\^",
    re.IGNORECASE,
)
_HEAD = re.compile(r"(?:\*\*(?P<bold>[^*]{1,60})\*\*|(?P<plain>Solution):) ?")
_BEFORE, _SOLUTION = ("Strategy", "Strategy and Concept"), ("Solution", "Strategy and Solution")
_BEHIND, _CHECK, _CHECK_ANSWER = ("Significance", "Discussion"), "Check Your Learning", "Answer:"


class Example(NamedTuple):
    """A worked example: `problem`, and the `check` exercise ("Question: ... Answer: ...") at its end, "" where there is none."""

    problem: str
    check: str


def worked_exercise(problem: list[str], solution: list[str], remarks: list[str] | None = None) -> str | None:
    """The exercise with its working and answer, as a text; None where they cannot be told apart for sure. `remarks` on the
    result stand at the end of the working."""
    question = re.sub(r"^\*\*[^*]+\*\* ?", "", "\n\n".join(problem).strip())
    reasoning = "\n\n".join([*solution, *(remarks or [])]).strip()
    if not asks_one_thing(question) or _LETTERED.search(reasoning) or _POINTS_AWAY.search(reasoning):
        return None
    if len(_RELATION.findall("".join(solution))) < MIN_RELATIONS or "<<" in question + reasoning:
        return None
    answer = final_value(solution[-1])
    return worked(question, reasoning, answer) if answer else None


def worked_example(blocks: list[str]) -> Example | None:
    """The example with its working and answer; None where it has not one solution, or they cannot be told apart for sure."""
    parts: dict[str, list[str]] = {"": []}
    name = ""
    for block in blocks:
        head = _HEAD.match(block)
        title = (head["bold"] or head["plain"]) if head else None
        if head and title in (*_BEFORE, *_SOLUTION, *_BEHIND, _CHECK, _CHECK_ANSWER):
            name = str(title)
            if name in parts:
                return None
            parts[name] = []
            block = block[head.end() :]
        if block.strip():
            parts[name].append(block)
    solution = [name for name in _SOLUTION if parts.get(name)]
    if len(solution) != 1 or not parts[""]:
        return None
    before, behind = ([block for name in names for block in parts.get(name, [])] for names in (_BEFORE, _BEHIND))
    check, answer = parts.get(_CHECK, []), parts.get(_CHECK_ANSWER, [])
    if bool(check) != bool(answer):
        return None
    text = worked_exercise(parts[""], [*before, *parts[solution[0]]], behind)
    asked = "\n\n".join(check), "\n\n".join(answer)
    return Example(text, f"Question: {asked[0]}\n\nAnswer: {asked[1]}" if check else "") if text else None


def asks_one_thing(question: str) -> bool:
    """Whether one value is asked for, and the question can be understood without what stands around it."""
    if len(question) < MIN_QUESTION_CHARACTERS or not re.search(r"\d", question):
        return False
    if _PARTS.search(question) or _LEANS.search(question):
        return False
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z])", question)
    asking = [match[0] for sentence in sentences if (match := _ASKS.search(sentence))]
    return len(asking) == 1 and _ASKS_MORE.search(asking[0]) is None


def final_value(block: str) -> str | None:
    """The value behind the last relation sign, where the block ends with it, or ends with a remark that holds no other
    number; in brackets of mathematics if it stood in some."""
    block = block.strip().rstrip(".;, ")
    if block.endswith((r"\)", r"\]")):
        opening = max(block.rfind(r"\( "), block.rfind(r"\[ "))
        return _in_brackets(_last_value(block[opening + 3 : -3])) if opening >= 0 else None
    displays = list(_DISPLAY.finditer(block))
    if displays:
        value = _last_value(displays[-1][1])
        behind = re.findall(r"\d[\d.,]*\d|\d", block[displays[-1].end() :])
        return _in_brackets(value) if value and all(number in value for number in behind) else None
    line = block.rpartition("\n")[2]
    return _last_value(line) if "\\" not in line else None


def _in_brackets(value: str | None) -> str | None:
    return markup.inline_maths(value) if value else None


def _last_value(text: str) -> str | None:
    """The value at the end of a chain of equations; of aligned ones, if the last line is of the same chain or names a symbol."""
    text = re.sub(r"\\(?:begin|end)\{[a-z*]{1,12}\}(?:\{[lcr]{1,9}\})?", "", text).strip().rstrip("\\ ")
    rows = re.split(r"\\\\", text)
    row = _REMARK.sub("", rows[-1]).replace("&", "").strip()
    found = list(_RELATION.finditer(row))
    if not found or _SEPARATOR.search(row):
        return None
    left = row[: found[0].start()].strip()
    is_chain = len(found) > 1 or (not left and len(rows) > 1)
    if not is_chain and not _SYMBOL.fullmatch(left):
        return None
    value = re.sub(r"[.,; ]+(\}?)$", r"\1", row[found[-1].end() :].strip())
    value = value.strip()
    fits = len(value) <= _MAX_VALUE_CHARACTERS and _VALUE.fullmatch(value) is not None
    return value if fits and value.count("{") == value.count("}") and value.count("(") == value.count(")") else None
