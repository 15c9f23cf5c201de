"""What a template is: a formula, its quantities with ranges, wordings, a program, and the solution it must give."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

Field = Literal["astronomy", "chemistry", "electronics", "mathematics", "physics", "statistics"]
Value = float | int | str | list[float] | list[int]


class Quantity(Protocol):
    """Something that a template draws."""

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """Names and their values. A string is for the question's wording alone; the rest goes into the program."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A quantity drawn evenly between `low` and `high` with so many decimals (0: a whole number)."""

    name: str
    low: float
    high: float
    decimals: int = 0

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """One value."""
        return {self.name: _draw(rng, self.low, self.high, self.decimals)}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of `least` to `most` numbers, drawn as a Variable's."""

    name: str
    low: float
    high: float
    least: int
    most: int
    decimals: int = 0

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """One list."""
        return {
            self.name: [
                _draw(rng, self.low, self.high, self.decimals) for _ in range(rng.randint(self.least, self.most))
            ]
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """Coefficients with their ranges, each before its symbol, and under `name` their sum as it is written: `3 x^2 - x + 7`."""

    name: str
    coefficients: tuple[tuple[str, int, int], ...]
    symbols: tuple[str, ...]

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """The coefficients and the text."""
        drawn = {name: rng.randint(low, high) for name, low, high in self.coefficients}
        parts = []
        for value, symbol in zip(drawn.values(), self.symbols, strict=True):
            if value:
                size = "" if abs(value) == 1 and symbol else str(abs(value))
                parts.append(f"{'-' if value < 0 else '+'} {' '.join(filter(None, (size, symbol)))}")
        text = " ".join(parts).removeprefix("+ ").replace("- ", "-", 1 if parts and parts[0][0] == "-" else 0)
        return {**drawn, self.name: text or "0"}


@dataclass(frozen=True, slots=True)
class Multiples:
    """Two multiples of a number between 2 and `largest_factor` that is not told."""

    first: str
    second: str
    largest_factor: int
    least: int
    most: int

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """Two numbers."""
        factor = rng.randint(2, self.largest_factor)
        return {name: factor * rng.randint(self.least, self.most) for name in (self.first, self.second)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a table, e.g. a substance and its molar mass, under the names of its columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[float | int | str, ...], ...]

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """One row."""
        return dict(zip(self.names, rng.choice(self.rows), strict=True))


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of problem. `lines` compute the variable `result` from the quantities by name; `solve` says independently of them
    what it must be, in `unit`; `quantity` is its name in a sentence, `form` how the number is written. Quantities are drawn again
    until the size of the solution lies within `between` (by default, what `form` writes without an exponent)."""

    name: str
    field: Field
    variables: tuple[Quantity, ...]
    questions: tuple[str, ...]
    explanation: str
    formula: str
    lines: tuple[str, ...]
    result: str
    quantity: str
    unit: str
    solve: Callable[..., float]
    imports: tuple[str, ...] = ()
    form: str = ".4g"
    between: tuple[float, float] = (1e-3, 9999)


MATH = ("import math",)


def _draw(rng: random.Random, low: float, high: float, decimals: int) -> float | int:
    return rng.randint(int(low), int(high)) if decimals == 0 else round(rng.uniform(low, high), decimals)
