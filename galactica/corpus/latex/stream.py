"""Tokens that are read from a stack: arguments as TeX takes them, and a budget that everything is paid from."""

from __future__ import annotations

from collections.abc import Sequence

from galactica.corpus.latex.definitions import FALSE, TRUE, Parameter

END_OF_FILE = "\x01"
_MAX_OPTION = 5000
"""Tokens that an argument in brackets may have; a bracket that closes later is a bracket of the text."""


class TooLongError(Exception):
    """The macros of a document expand without end, or to more than it may cost."""


class Stream:
    """Tokens that are read from a stack, and the arguments that macros take from it."""

    def __init__(self, budget: int) -> None:
        self.stack: list[str] = []
        self.budget = budget

    def push(self, tokens: Sequence[str]) -> None:
        """Puts tokens before what comes next."""
        self.pay(sum(map(len, tokens)) + len(tokens))
        self.stack.extend(reversed(tokens))

    def pay(self, cost: int) -> None:
        """Takes a cost from the budget; raises TooLongError where it is spent."""
        self.budget -= cost
        if self.budget < 0:
            raise TooLongError

    def skip_spaces(self) -> None:
        """Passes over white space, paragraph ends included."""
        while self.stack and self.stack[-1].isspace():
            self.stack.pop()
        if self.stack and self.stack[-1][0].isspace():
            self.stack[-1] = self.stack[-1].lstrip()

    def peek(self) -> str:
        """The next token or, of a run of text, its first character; "" at the end."""
        self.skip_spaces()
        if not self.stack:
            return ""
        token = self.stack[-1]
        return token if token[0] in "\\\x00\x01\x02#" else token[0]

    def argument(self) -> list[str]:
        """A group without its braces, or a single token."""
        self.skip_spaces()
        if not self.stack or self.stack[-1][0] == END_OF_FILE:
            return []
        token = self.stack.pop()
        if token == "{":
            return self._group()
        if token[0] in "\\\x00\x02#" or len(token) == 1:
            return [token]
        self.stack.append(token[1:])
        return [token[0]]

    def _group(self) -> list[str]:
        found: list[str] = []
        level = 0
        while self.stack:
            token = self.stack.pop()
            if token == "{":
                level += 1
            elif token == "}":
                if not level:
                    break
                level -= 1
            found.append(token)
        self.pay(len(found))
        return found

    def option(self) -> list[str] | None:
        """What stands in brackets; None where no bracket is next."""
        if self.peek() != "[":
            return None
        level = brackets = 0
        lowest = max(0, len(self.stack) - _MAX_OPTION)
        for at in range(len(self.stack) - 2, lowest - 1, -1):
            token = self.stack[at]
            level += (token == "{") - (token == "}")
            if level < 0:
                break
            brackets += (token == "[") - (token == "]") if not level else 0
            if brackets < 0:
                found = self.stack[-2:at:-1]
                del self.stack[at:]
                self.pay(len(found))
                return found
        self.pay(_MAX_OPTION)
        return None

    def until(self, ends: Sequence[str]) -> list[str]:
        """The tokens before `ends`, which is passed over. A run of text is cut where the end stands in it."""
        found: list[str] = []
        level = 0
        end = ends[0]
        while self.stack:
            token = self.stack.pop()
            level += (token == "{") - (token == "}")
            if level < 0:
                self.stack.append(token)
                break
            if not level and token[0] != "\\" and end[0] != "\\" and end in token:
                before, _, after = token.partition(end)
                self.stack += [after] if after else []
                found += [before] if before else []
                break
            if not level and token == end:
                break
            found.append(token)
        for other in ends[1:]:
            self.literal((other,))
        self.pay(len(found) + 1)
        if len(found) > 1 and found[0] == "{" and found[-1] == "}" and _is_one_group(found):
            found = found[1:-1]
        return found

    def literal(self, expected: Sequence[str]) -> None:
        """Passes over tokens that have to stand here, as far as they do."""
        for part in expected:
            if not self.stack:
                return
            token = self.stack[-1]
            if token == part:
                self.stack.pop()
            elif token[0] != "\\" and token.lstrip().startswith(part):
                self.stack[-1] = token.lstrip()[len(part) :]
                if not self.stack[-1]:
                    self.stack.pop()

    def arguments(self, parameters: Sequence[Parameter]) -> list[Sequence[str]]:
        """The arguments for these parameters, in order."""
        found: list[Sequence[str]] = []
        for kind, value in parameters:
            if kind == "mandatory":
                found.append(self.argument())
            elif kind == "optional":
                option = self.option()
                found.append(value if option is None else option)
            elif kind == "until":
                found.append(self.until(value))
            elif kind == "literal":
                self.literal(value)
            else:
                is_there = self.peek() == value[0][0] if value else False
                if is_there:
                    self.literal(value)
                found.append((TRUE if is_there else FALSE,))
        return found


def _is_one_group(tokens: Sequence[str]) -> bool:
    level = 0
    for index, token in enumerate(tokens):
        level += (token == "{") - (token == "}")
        if not level:
            return index == len(tokens) - 1
    return False


def substituted(body: Sequence[str], arguments: Sequence[Sequence[str]]) -> list[str]:
    """The body with its parameters replaced."""
    if not arguments:
        return [token[1:] if token.startswith("##") else token for token in body]
    out: list[str] = []
    for token in body:
        if token[0] != "#":
            out.append(token)
        elif len(token) == 2 and token[1].isdigit():
            number = int(token[1])
            out.extend(arguments[number - 1] if 0 < number <= len(arguments) else ())
        else:
            out.append(token[1:] or token)
    return out
