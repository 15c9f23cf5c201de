"""The YAML at the head of a Markdown file, and other small YAML files, as plain values. Nothing is raised for bad YAML."""

from __future__ import annotations

import re
from typing import Any

import yaml

MAX_YAML = 100_000
MAX_NESTING = 40

_HEAD = re.compile(r"\ufeff?\s*---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The values at the head of the file and the text after them; ({}, text) where it has none."""
    match = _HEAD.match(text[: MAX_YAML + 10])
    if match is None:
        return {}, text
    return read_yaml(match[1]), text[match.end() :]


def read_yaml(text: str) -> dict[str, Any]:
    """The top mapping; of YAML that is not well-formed the title alone."""
    if len(text) <= MAX_YAML and not _is_deep(text):
        try:
            values = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            values = None
        if isinstance(values, dict):
            return {str(key): value for key, value in values.items()}
    match = _TITLE.search(text[:MAX_YAML])
    return {"title": match[1].strip().strip("\"'")} if match else {}


def string(value: object) -> str:
    """A value that should be text, on one line; "" for lists and mappings."""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def names(value: object) -> list[str]:
    """The authors as "Given Family": a list of names or of mappings with one, or one string."""
    if isinstance(value, str):
        return [name for part in re.split(r"\s*(?:,|;|\band\b|&)\s+", value) if (name := part.strip())]
    if isinstance(value, dict):
        value = [value]
    found = []
    for item in value if isinstance(value, list) else []:
        name = (
            string(item.get("name") or " ".join(map(string, (item.get("given-names"), item.get("surname")))))
            if isinstance(item, dict)
            else string(item)
        )
        if not name and isinstance(item, dict) and isinstance(item.get("name"), dict):
            name = " ".join(string(part) for part in item["name"].values())
        if name.strip(" ."):
            found.append(name.strip())
    return found


def family_first(name: str) -> str:
    """ "Given Family" as "Family, Given": a particle belongs to the family name, a footnote's mark goes."""
    name = re.sub(r"[\^\[].*$|[*†‡\d]+$|<[^<>]*>", "", name).strip(" ,*")
    match = re.fullmatch(r"(.+?)\s+((?:(?:van|von|der|den|de|del|della|di|da|la|le|ter|ten|dos|bin|al)\s+)*\S+)", name)
    return f"{match[2]}, {match[1]}" if match and "," not in name else name


def _is_deep(text: str) -> bool:
    """Whether values are nested so deep that a reader which calls itself would break. Brackets in text count too."""
    depth = deepest = 0
    for sign in text:
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    steps = max((len(line) - len(line.lstrip(" -?")) for line in text.split("\n")), default=0)
    return deepest > MAX_NESTING or steps > 8 * MAX_NESTING
