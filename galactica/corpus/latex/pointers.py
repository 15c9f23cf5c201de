r"""`\ref` and its kin as words: "Section 3" where the label is known, "the section" where it is not, never a hole."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

OPEN, CLOSE = "\ue008", "\ue009"
"""Around the number of a pointer in a text whose labels are not all known yet."""


class Target(NamedTuple):
    """What a label stands at: "Lemma", "Section", "Equation", ...; its number as printed, its title."""

    kind: str
    number: str
    title: str = ""


class Pointer(NamedTuple):
    """A reference in the text: its labels and the manner in which it shows them (`commands.REFERENCES`)."""

    labels: tuple[str, ...]
    manner: str


_PLACE = rf"{OPEN}\d+{CLOSE}"
_ANY = re.compile(rf"{OPEN}(\d+){CLOSE}")
_NOUNS = {
    "section": r"(?:[Ss]ub)*[Ss]ect?(?:ion|ions|s|\.)?\.?|[Ss]ecs\.|§§?",
    "appendix": r"[Aa]pp(?:endix|endices|\.)",
    "chapter": r"[Cc]hap(?:ter|ters|\.)|[Cc]h\.",
    "part": r"[Pp]arts?",
    "equation": r"[Ee]q(?:uation|uations|n|ns|s|\.|n\.|s\.|ns\.)?\.?|[Ff]ormulas?|[Ii]nequalit(?:y|ies)|[Ee]xpressions?",
    "figure": r"[Ff]ig(?:ure|ures|s|\.|s\.)?\.?",
    "table": r"[Tt]ab(?:le|les|\.|s\.|l\.)",
    "algorithm": r"[Aa]lg(?:orithm|orithms|\.)",
    "theorem": r"[Tt]h(?:eorem|eorems|m|m\.|ms\.)",
    "lemma": r"[Ll]em(?:ma|mas|\.)",
    "proposition": r"[Pp]rop(?:osition|ositions|\.)",
    "corollary": r"[Cc]or(?:ollary|ollaries|\.)",
    "definition": r"[Dd]ef(?:inition|initions|n|\.|n\.)",
    "remark": r"[Rr]em(?:ark|arks|\.)",
    "example": r"[Ee]x(?:ample|amples|\.)",
    "exercise": r"[Ee]xercises?",
    "problem": r"[Pp]roblems?",
    "conjecture": r"[Cc]onj(?:ecture|ectures|\.)",
    "claim": r"[Cc]laims?",
    "assumption": r"[Aa]ssumptions?",
    "condition": r"[Cc]onditions?",
    "item": r"[Ii]tems?",
    "step": r"[Ss]teps?",
    "situation": r"[Ss]ituations?",
    "footnote": r"[Ff]ootnotes?",
    "supplement": r"[Ss]uppl(?:ements?|\.)",
    "fact": r"[Ff]acts?",
    "construction": r"[Cc]onstructions?",
    "observation": r"[Oo]bservations?",
    "property": r"[Pp]ropert(?:y|ies)",
}
_LIST = rf"\(?{_PLACE}\)?(?:\s*(?:,|;|and|or|to|through|–|-|&|,\s*and)\s*\(?{_PLACE}\)?)*"
_ANY_NOUN = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _NOUNS.items())
_NOUN_AND_PLACES = re.compile(rf"(?:\b[Tt]he\s+)?(?<!\w)(?:{_ANY_NOUN})[\s~]*(?:no\.\s*)?(?P<places>{_LIST})")
_IN_PARENTHESIS = re.compile(rf"(?<!\s)\s*\((?:[^()]{{0,40}}\s)?{_PLACE}[^()]{{0,40}}\)")
_PAGE = rf"(?:(?:on|see|at)\s+)?(?:[Pp]ages?|pp?\.)\s*{_PLACE}(?:\s*(?:and|–|-|,)\s*{_PLACE})*"
_PAGES = re.compile(rf"(?<!\s)\s*\({_PAGE}\)|(?<!\s)\s*[,;]?\s{{0,9}}{_PAGE}")
PLACES = re.compile(_LIST)
"""A list of pointers."""
_GUESSES = (
    ("sec", "section"), ("ssec", "section"), ("sub", "section"), ("app", "appendix"), ("ch", "chapter"), ("eq", "equation"),
    ("fig", "figure"), ("tab", "table"), ("alg", "algorithm"), ("th", "theorem"), ("lem", "lemma"), ("prop", "proposition"),
    ("cor", "corollary"), ("def", "definition"), ("rem", "remark"), ("exer", "exercise"), ("ex", "example"), ("conj", "conjecture"),
    ("claim", "claim"), ("ass", "assumption"), ("part", "part"), ("it", "item"), ("f", "figure"), ("t", "table"), ("e", "equation"),
    ("s", "section"),
)  # fmt: skip
"""How labels begin, and what they are of."""
_PLURALS = {"appendix": "appendices", "lemma": "lemmas", "corollary": "corollaries", "property": "properties"}
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s|\n)$")


def point(text: str, pointers: list[Pointer], find: Callable[[str], Target | None]) -> str:
    """The text with every pointer in words; `find` knows the labels."""
    if OPEN not in text:
        return text
    text = _PAGES.sub(_without_pages(pointers), text)
    text = _ANY.sub(lambda match: _known(match, pointers, find), text)
    if OPEN not in text:
        return text
    text = _IN_PARENTHESIS.sub("", named(text))
    return PLACES.sub(lambda match: _bare(match, pointers), text)


def named(text: str, takes_article: Callable[[re.Match[str]], bool] = lambda match: True) -> str:
    """The text with each noun and the pointers that it leads in words: "Lemmas [unknown] and [unknown]" -> "the lemmas"; without
    the article where the match, of noun and pointers, does not take one ("our lemmas")."""

    def words(match: re.Match[str]) -> str:
        return in_words(match, next(name for name in _NOUNS if match[name]), takes_article(match))

    return _NOUN_AND_PLACES.sub(words, text)


def in_words(match: re.Match[str], name: str, has_article: bool = True) -> str:
    """What a list of pointers to something of this name reads as, a capital at a sentence's beginning: "the lemmas"."""
    n_places = match[0].count(OPEN)
    if not has_article:
        return _plural(name) if n_places > 1 else name
    starts = _SENTENCE_START.search(match.string[max(0, match.start() - 3) : match.start()])
    return f"{'The' if starts else 'the'} {_plural(name) if n_places > 1 else name}"


def _without_pages(pointers: list[Pointer]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        places = [pointers[int(place)] for place in _ANY.findall(match[0])]
        return "" if all(pointer.manner == "pageref" for pointer in places) else match[0]

    return replace


def _known(match: re.Match[str], pointers: list[Pointer], find: Callable[[str], Target | None]) -> str:
    """What a pointer shows whose labels are all known and have numbers; the placeholder as it is for others."""
    labels, manner = pointers[int(match[1])]
    targets = [find(label) for label in labels]
    found = [target for target in targets if target is not None]
    if len(found) < len(targets) or manner == "pageref":
        return match[0]
    if manner == "nameref":
        return _listed([target.title for target in found]) if all(target.title for target in found) else match[0]
    if not all(target.number for target in found):
        return _without_number(found, manner, match) if manner in ("cref", "Cref") else match[0]
    is_bracketed = manner == "eqref" or (manner != "ref" and found[0].kind == "Equation")
    numbers = [f"({target.number})" if is_bracketed else target.number for target in found]
    if manner not in ("cref", "Cref"):
        return _listed(numbers)
    kinds = list(dict.fromkeys(target.kind for target in found))
    if len(kinds) > 1:
        return _listed([f"{target.kind} {number}" for target, number in zip(found, numbers, strict=True)])
    return f"{_plural(kinds[0]) if len(found) > 1 else kinds[0]} {_listed(numbers)}"


def _without_number(found: list[Target], manner: str, match: re.Match[str]) -> str:
    words = _listed([f"the {target.kind.lower()}" for target in found])
    starts = _SENTENCE_START.search(match.string[max(0, match.start() - 3) : match.start()])
    return words[0].upper() + words[1:] if starts else words


def _bare(match: re.Match[str], pointers: list[Pointer]) -> str:
    labels = [label for place in _ANY.findall(match[0]) for label in pointers[int(place)].labels]
    label = labels[0].lower() if labels else ""
    name = next((word for start, word in _GUESSES if re.match(rf"(?:\w+-)?{start}", label)), "result")
    starts = _SENTENCE_START.search(match.string[max(0, match.start() - 3) : match.start()])
    return f"{'The' if starts else 'the'} {_plural(name) if len(labels) > 1 else name}"


def _plural(word: str) -> str:
    return _PLURALS.get(word.lower(), f"{word.lower()}s") if word.islower() else _plural(word.lower()).capitalize()


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
