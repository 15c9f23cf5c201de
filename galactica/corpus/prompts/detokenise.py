"""Tokens of an annotated sentence -> the sentence as it was written, as far as spacing can be told from the tokens alone."""

from __future__ import annotations

import re

_ATTACH_LEFT = frozenset([",", ".", ";", ":", "!", "?", ")", "]", "}", "%", "’", "”", "'s", "n't", "'", "…", "®", "™"])
_ATTACH_RIGHT = frozenset(["(", "[", "{", "$", "£", "€", "~", "“", "‘", "#", "@"])
_JOIN = frozenset(["/", "\\", "_", "^", "°", "*"])
_OPERATORS = frozenset(["=", "<", ">", "≤", "≥", "≈", "±", "×", "(", "[", ",", ":", "+"])
_SPACED = frozenset(["=", "<", ">", "≤", "≥", "≈", "±", "×", "&", "|", "--", "—"])
_HANGING = frozenset(["and", "or", "to", "versus", "vs", "but"])
_AFTER_DASH = frozenset(
    [
        "the",
        "a",
        "an",
        "is",
        "are",
        "was",
        "were",
        "we",
        "which",
        "this",
        "these",
        "that",
        "it",
        "not",
        "has",
        "have",
        "but",
    ]
)
_APOSTROPHE_S = frozenset(["s", "t", "re", "ve", "ll", "d"])
_ABBREVIATIONS = frozenset(
    [("e", "g"), ("i", "e"), ("a", "m"), ("p", "m"), ("U", "S"), ("U", "K"), ("i", "v"), ("i", "p"), ("s", "c")]
)
_QUOTES = frozenset(['"', "``", "''", "`"])
_GREEK = frozenset(["alpha", "beta", "gamma", "delta", "kappa", "epsilon"])
_UNITS = frozenset(
    [
        "fold",
        "day",
        "days",
        "year",
        "years",
        "week",
        "weeks",
        "month",
        "months",
        "hour",
        "min",
        "mg",
        "kDa",
        "bp",
        "kb",
        "mm",
        "kb",
    ]
)
_ELEMENT = re.compile(r"[A-Z][A-Za-z]?\d?")
_WORD = re.compile(r"\w")


def sentence(tokens: list[str]) -> tuple[str, list[int]]:
    """The sentence, and where each token begins in it."""
    starts: list[int] = []
    length = 0
    parts: list[str] = []
    inside_quotes = False
    for index, token in enumerate(tokens):
        is_quote = token in _QUOTES
        closes = is_quote and inside_quotes
        if index and not closes and _is_spaced(tokens, index, inside_quotes):
            parts.append(" ")
            length += 1
        starts.append(length)
        parts.append(token)
        length += len(token)
        if is_quote:
            inside_quotes = not inside_quotes
    return "".join(parts), starts


def _is_spaced(tokens: list[str], index: int, inside_quotes: bool) -> bool:
    """Whether a space stands between a token and the one before it."""
    before, token = tokens[index - 1], tokens[index]
    earlier = tokens[index - 2] if index > 1 else ""
    if before in _ATTACH_RIGHT or before in _JOIN or token in _JOIN or (before in _QUOTES and inside_quotes):
        return False
    if token == "-" or before == "-":
        return _dash(tokens, index)
    if token in _SPACED or before in _SPACED:
        return before not in "([{" and token not in ")]}"
    if token == "+" or before == "+":
        return token != "+" and token[0].isalpha() and not len(earlier) == len(token) == 1
    if (token == "(" and _is_script(tokens, index)) or (
        before == ")" and _is_element(token) and _closes_script(tokens, index)
    ):
        return False
    if before == "'":
        return not (_WORD.match(earlier[-1:]) and (token in _APOSTROPHE_S or (earlier[-1:].isdigit() and token == "'")))
    if token in _ATTACH_LEFT:
        return False
    if before == ":":
        return not _is_ratio(earlier, token)
    if before in (".", ",") and token.isdigit() and earlier[-1:].isdigit():
        return not (before == "." or token == "000" or _are_locants(tokens, index))
    if before == "." and token.isdigit() and (earlier in _SPACED or earlier in "(["):  # "P < .01"
        return False
    return not (before == "." and (earlier, token) in _ABBREVIATIONS)


def _is_ratio(before: str, after: str) -> bool:
    """1:10, A13:A22, I:C; not "METHODS: Fifty"."""
    return (before[-1:].isdigit() and after[-1:].isdigit()) or (len(before) == len(after) == 1 and before.isalnum())


def _are_locants(tokens: list[str], index: int) -> bool:
    """Whether the number belongs to a chemical name, 1,4,5-trisphosphate; not "10, 20-fold"."""
    while (
        index + 2 < len(tokens)
        and tokens[index + 1] == ","
        and len(tokens[index + 2]) < 3
        and tokens[index + 2].isdigit()
    ):
        index += 2
    hyphen, name = tokens[index + 1 : index + 2], tokens[index + 2 : index + 3]
    return hyphen == ["-"] and name != [] and len(name[0]) > 1 and name[0].isalpha() and name[0] not in _UNITS


def _is_script(tokens: list[str], opening: int) -> bool:
    """Whether brackets hold what stood high or low, as MEDLINE writes it: min(-1), CO(2), beta(1)."""
    before, inside = tokens[opening - 1], tokens[opening + 1 : opening + 5]
    if inside in (["-", "/", "-", ")"], ["+", "/", "+", ")"], ["+", "/", "-", ")"]):
        return True
    if inside[2:3] == [")"] and {inside[0], inside[1]} & {"-", "+"} and (inside[0] + inside[1]).strip("+-").isdigit():
        return before[-1:].isalnum()
    is_short = len(inside) > 1 and inside[1] == ")" and len(inside[0]) < 3
    return is_short and ((inside[0].isdigit() and (_is_element(before) or before in _GREEK)) or inside[0] in ("+", "-"))


def _closes_script(tokens: list[str], index: int) -> bool:
    return index > 3 and tokens[index - 3] == "(" and _is_script(tokens, index - 3)


def _is_element(token: str) -> bool:
    return _ELEMENT.fullmatch(token) is not None


def _dash(tokens: list[str], index: int) -> bool:
    """Whether a space stands before a hyphen, or behind it: "IL-10", "pre- and post-", "= -5", "cells - the"."""
    at = index if tokens[index] == "-" else index - 1
    before = tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    behind = tokens[at + 2] if at + 2 < len(tokens) else ""
    if before == "/" and at > 1 and tokens[at - 2] in ("+", "-"):  # a genotype: "Runx3-/- cells"
        return index != at and after not in _ATTACH_LEFT and not after.isdigit()
    if before in _OPERATORS or before in _SPACED or not before:  # a sign
        return index == at and before not in ("(", "[", "", "+")
    if before in _HANGING and after.isdigit() and (at < 2 or tokens[at - 2] != "-"):  # "-5 to -3"
        return index == at
    if after in _HANGING and behind != "-":
        return index != at
    if after == "a" and before.isupper():  # "TNF-a"
        return False
    return after in _AFTER_DASH and behind != "-" and (at < 2 or tokens[at - 2] != "-")
