"""The arguments of a template, joined when they are asked for: those of a template that shows nothing are never looked at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

_MAX_NUMBER = 6


class Arguments:
    """The arguments between the bars; each is a list of parts whose first is text of the page, where the name before "=" is."""

    def __init__(self, raw: Sequence[Sequence[str]]) -> None:
        self._raw = raw

    @cached_property
    def _read(self) -> tuple[dict[int, str], dict[str, str]]:
        positional: dict[int, str] = {}
        named: dict[str, str] = {}
        number = 0
        for parts in self._raw:
            name, equals, value = (parts[0] if parts else "").partition("=")
            rest = "".join(parts[1:])
            if not equals:
                number += 1
                positional[number] = f"{name}{rest}"
                continue
            name = name.strip()
            if len(name) <= _MAX_NUMBER and name.isascii() and name.isdigit():
                positional[int(name)] = f"{value}{rest}".strip()
            else:
                named[name.lower()] = f"{value}{rest}".strip()
        return positional, named

    @property
    def named(self) -> dict[str, str]:
        """Name (lower case) -> value."""
        return self._read[1]

    @property
    def positional(self) -> list[str]:
        """The values without a name, stripped, up to the first number that is missing."""
        found = self._read[0]
        out: list[str] = []
        while len(out) + 1 in found:
            out.append(found[len(out) + 1].strip())
        return out

    def at(self, number: int) -> str:
        """The value of this number, counted from 1; "" where there is none."""
        return self._read[0].get(number, "").strip()

    def get(self, *names: str) -> str:
        """The first value among these names that is not empty."""
        return next((value for name in names if (value := self.named.get(name, ""))), "")

    def __len__(self) -> int:
        return len(self._raw)
