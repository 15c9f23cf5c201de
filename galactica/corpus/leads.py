"""The paragraph over a run of exercises that says what is asked for in all of them, or holds their data."""

from __future__ import annotations

import re

_TASKS = (
    r"(?:Find|Solve|Determine|Graph|Write|Perform|Simplify|Evaluate|Identify|Give|State|Decide|Compute|Factor|Divide|Multiply|Convert"
    r"|Describe|Explain|Sketch|Rewrite)\b"
)
_TASK = re.compile(_TASKS)
_LED = r"\b(?:following|next)\b[^.:]{0,60}\b(?:exercises?|problems?|questions?)\b"
_LEAD = re.compile(rf"(?=[^:]{{0,200}}{_LED})|Use\b|{_TASKS}")
_LEAD_WORDS = re.compile(rf"(?:For|In|Use|Answer) [^,.:]{{0,60}}{_LED}\s*[,:.]?\s*")
_MAX_LEAD_BLOCKS = 3
_ALL_OF_THEM = 10**6
_NEXT = re.compile(r"\bnext ([\w-]+) (?:exercises|problems|questions)")
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def take_lead(out: list[str]) -> tuple[list[str], int]:
    """Takes from the end of `out` what leads in the exercises behind it, without the words that only say so; for how many."""
    for n in range(1, min(_MAX_LEAD_BLOCKS, len(out)) + 1):
        if _LEAD.match(out[-n]):
            first, *rest = out[-n:]
            del out[-n:]
            number = match[1] if (match := _NEXT.search(first)) else ""
            n_led = int(number) if number.isdecimal() else _NUMBERS.index(number) if number in _NUMBERS else 0
            first = _LEAD_WORDS.sub("", first, count=1) if _LEAD_WORDS.match(first) else first
            return [block for block in (first[:1].upper() + first[1:], *rest) if block], n_led or _ALL_OF_THEM
    return [], 0


def is_task(text: str) -> bool:
    """Whether a text asks for something by its first word."""
    return _TASK.match(text) is not None
