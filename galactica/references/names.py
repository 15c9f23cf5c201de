"""Names of people and bodies in one field or before a title -> "Family, Given", whichever way the list is written."""

from __future__ import annotations

import re
from collections.abc import Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_NAMES = 30
_MAX_LIST = 2000
_COLLECTIVE = _words(
    "academy administration agency archive archives association authority bank board branch bureau center centre church college "
    "collaborators commission committee company consortium corporation council department dictionary division embassy encyclopedia "
    "encyclopaedia federation foundation government group institute institution journal laboratory library limited ltd ministry "
    "museum national network news office organisation organization parliament party press project programme program publishers "
    "secretariat service society staff survey team times union university website the of for international inc portal"
)
_ALSO_FAMILIES = _words("bank board branch church college group park")
"""Words that are surnames too: "Alonzo Church"."""
_NOT_NAMES = re.compile(
    r"et\.?\s?al\.?|others|various(?: authors)?|\(?eds?\.?\)?|\(?editors?\)?|\(?trans\.?\)?|anonymous|"
    r"anon\.?|staff.*|n\.?\s?n\.?|the|unknown|"
    r"admin(?:istrator)?|authors?|jr\.?|sr\.?|i{2,3}|ph\.?\s?d\.?|m\.?\s?d\.?",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"[A-Z](?:[.\-]?\s?[A-Z]){0,3}\.?")
PARTICLES = _words("van von de der den del della di da d' dos du la le ter ten al el bin ibn zu af")
"""Words in lower case that a family name may begin with."""
_BETWEEN_NAMES = PARTICLES | _words("and et with y e und v vd i")
_SPLIT_NAMES = re.compile(r"\s*;\s*|\s*,?\s+(?:and|&|with)\s+|\s*/\s*")
_ROLE = re.compile(
    r"^(?:(?:edited|written|translated|compiled)\s+)?by\s+|(?:(?<!\s)\s+)?\([^()]{0,60}\)|\bet\.?\s?al\b\.?|,?\s(?:translated|edited)\s+by\s.*$",
    re.IGNORECASE,
)
"""What stands beside names and is none."""
_MAX_PEOPLE = 200
_MAX_WORDS = 7


def listed(text: str) -> Iterator[str]:
    """The people of a list in one field, whichever way it is written. A body is one name, also where "and" is part of it."""
    for whole in text[:_MAX_LIST].split(";")[:MAX_NAMES]:
        if names_collective(whole):
            yield from (name for part in re.split(r",\s*|\s*/\s*", _ROLE.sub(" ", whole)) if (name := _body(part)))
        else:
            yield from _group(whole)


def _group(text: str) -> Iterator[str]:
    for group in _SPLIT_NAMES.split(_ROLE.sub(" ", text))[:MAX_NAMES]:
        parts = [
            part.strip(" ()*.") if len(part.strip(" ()*")) > 4 else part.strip(" ()*") for part in group.split(",")
        ]
        parts = [part for part in parts if part and not _NOT_NAMES.fullmatch(part)]
        if len(parts) == 2 and not _is_vancouver(parts[0]) and not _has_given_name(parts[0]):
            yield from person(f"{parts[0]}, {parts[1]}")
        elif len(parts) == 2 and _INITIALS.fullmatch(parts[1]):
            yield f"{parts[0]}, {parts[1]}"
        else:
            yield from _in_turn(parts[:MAX_NAMES])


def _in_turn(parts: list[str]) -> Iterator[str]:
    """Names between commas: "Roe, J. M." where initials follow a family name alone, "Jane Roe" else."""
    skip = False
    for part, after in zip(parts, [*parts[1:], ""], strict=False):
        if skip:
            skip = False
        elif after and _INITIALS.fullmatch(after) and not _has_given_name(part):
            yield f"{part}, {after}"
            skip = True
        else:
            yield from person(part)


def _has_given_name(name: str) -> bool:
    first, *rest = name.split()
    return bool(rest) and first.lower() not in PARTICLES


def _body(name: str) -> str:
    name = name.strip(" ()*.")
    return "" if _NOT_NAMES.fullmatch(name) or not any(map(str.isalpha, name)) else name


def names_collective(text: str) -> bool:
    """Whether the text names a body and no people: "National Institute of Standards and Technology"."""
    words = [word.lower().strip(".,'’()").removesuffix("'s").removesuffix("’s") for word in text.split()]
    found = _COLLECTIVE.intersection(words)
    return bool(found) and not (len(words) < 4 and found <= _ALSO_FAMILIES)


def reads_as_people(text: str) -> bool:
    """Whether the text is a list of names: capitals, initials, "and", no figures and no sentence."""
    text = " ".join(_ROLE.sub(" ", text).split()).strip(" ,.;:")
    if not text or len(text) > _MAX_PEOPLE or (text.isascii() and text.islower()) or re.search(r"[\d{}|=!?“”\"]", text):
        return False
    for name in re.split(r"[,;/&]| and | with ", text):
        words = name.split()
        if len(words) > _MAX_WORDS and not names_collective(name):
            return False
        if re.search(r"[^\W\d_]{3,}\. [^\W\d_]{2,} ", f"{name} ") and not re.match(r" ?(?:St|Dr|Sir|Prof|Rev)\.", name):
            return False  # "Jane Roe. The growth"
        lower = [word for word in words if word[0].isalpha() and word[0].islower() and word not in _BETWEEN_NAMES]
        if lower and not (names_collective(name) and not set(lower) - {"of", "the", "for", "on", "in", "to"}):
            return False
    return True


def _is_vancouver(name: str) -> bool:
    family, _, initials = name.rpartition(" ")
    return bool(family) and initials.isupper() and len(initials) <= 3 and not names_collective(name)


def person(name: str) -> Iterator[str]:
    """The name as "Family, Given", a body as it is; nothing for what stands for a name ("staff", "et al.")."""
    name = name.strip(" ;*")
    if not name or _NOT_NAMES.fullmatch(name) or not any(map(str.isalpha, name)):
        return
    if "," in name:
        yield name
        return
    words = name.split()
    if len(words) == 1 or len(words) > 5 or names_collective(name):
        yield name
    elif _is_vancouver(name) and (len(words) == 2 or not _NOT_NAMES.fullmatch(words[-1])):  # "Roe MD" is Roe either way
        yield f"{' '.join(words[:-1])}, {words[-1]}"
    else:
        while len(words) > 2 and _NOT_NAMES.fullmatch(words[-1].strip(".")):
            words.pop()  # "F. Kent Reilly III"
        start = len(words) - 1
        while start > 1 and words[start - 1].lower() in PARTICLES:
            start -= 1
        yield f"{' '.join(words[start:])}, {' '.join(words[:start])}"


def written_apart(family: str, given: str) -> Iterator[str]:
    """The people of a template's fields for one family name and one given name, which some editors fill with more than one."""
    whole = f"{given} {family}".strip()
    if _NOT_NAMES.fullmatch(family) or _NOT_NAMES.fullmatch(whole):
        yield from listed(given) if given and " " in given.strip(" ,") else ()
    elif names_collective(whole) and ("," in given or not given):
        yield from listed(whole)
    elif not given and ("," in family or re.search(r"\s[A-Z]\.\s", family)):
        yield from listed(family)  # "last=Jane M. Roe"
    elif (
        re.search(r"[^\W\d_]{3,},\s+[A-Z]", given)
        and not re.search(r",\s+(?:Jr|Sr|I{2,3}\b|Ph\.? ?D|M\.? ?D)", given)
        and "," not in family
    ):
        yield from listed(whole)  # "first=Leon Speroff, Philip D.", "last=Darney"
    else:
        family = family.partition(",")[0].strip("()")
        given = re.sub(r"^(?:and|&)\s+", "", given.strip(" ,"))
        yield f"{family}, {given}" if given else family
