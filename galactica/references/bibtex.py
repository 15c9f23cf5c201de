"""BibTeX and BibLaTeX databases as records, and LaTeX in their fields as Unicode text."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from functools import cache

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import names
from pylatexenc.latex2text import LatexNodes2Text

from galactica.references.record import clean_doi, first_page, make_reference
from galactica.types import Reference, UntitledEntry

MAX_FIELD = 20_000
"""Characters of a field that are read: the LaTeX reader is quadratic in the worst case, an abstract has a tenth of this."""

_LATEX = re.compile(r"[\\{}$~]|--|``|''")
_COMMANDS = re.compile(r"[\\$%]")
_TYPED = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "), ("{", ""), ("}", ""))
_MATHS = re.compile(r"\$([^$]{1,500})\$")
_SCRIPT = re.compile(r"[_^](?=[\w{\\+*′'-])")
_BARE_PERCENT = re.compile(r"(?<!\\)%")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_ARXIV = re.compile(r"(?:arxiv[:/. ]|abs/|pdf/)\s*(\d{4}\.\d{4,5})", re.IGNORECASE)
_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}")
_VENUES = ("journal", "journaltitle", "booktitle", "school", "institution", "howpublished", "publisher", "organization")
_WITHOUT_KEY = re.compile(
    r"@(?!(?:string|preamble|comment)\b)(\w{1,20})\s*\{\s*(?:([^\s,={}\"]{1,100})\s+)?(\w{1,20}\s*=)", re.IGNORECASE
)
"""An entry without a key, or without the comma after it: the two slips that hand-written files have."""
_MAX_DEPTH = 40
MAX_ENTRY = 60_000
_ENTRY = re.compile(r"@(\w{1,20})[ \t]*\n?[ \t]*[{(]\s*([^\s,={}\"]{1,200})?(?=\s*[,=])")
_BRACE = re.compile(r"(?<!\\)[{}]")


def bibtex_references(text: str) -> Iterator[Reference | str]:
    """Each entry's record, or the reason why it has none. A duplicate key or field keeps its entry."""
    # It reports each bad block on standard error; ours are counted as Drops.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string(_WITHOUT_KEY.sub(_with_key, text))
    entries = list(library.entries)
    for block in library.failed_blocks:
        entry = getattr(block, "ignore_error_block", None)
        if entry is None or not hasattr(entry, "fields"):
            yield "not a well-formed BibTeX entry"
        else:
            entries.append(entry)
    for entry in entries:
        fields: dict[str, str] = {}
        for field in entry.fields:
            fields.setdefault(str(field.key).lower(), str(field.value)[:MAX_FIELD])
        yield _record(fields) or "no title"


def keyed_references(text: str, keys: Collection[str]) -> dict[str, Reference | None]:
    """The records of the entries with these keys, None where an entry has no title; the rest of the file is not parsed.
    A key that BibTeX would find in another case is found."""
    found: dict[str, Reference | None] = {}
    for key, fields in _keyed_fields(text, keys):
        if found.get(key) is None:
            fields.pop("abstract", None)
            found[key] = _record(fields)
    return found


def keyed_untitled(text: str, keys: Collection[str]) -> dict[str, UntitledEntry]:
    """What the entries with these keys say of works whose titles they leave out."""
    found: dict[str, UntitledEntry] = {}
    for key, fields in _keyed_fields(text, keys):
        if _record(fields) is None:
            found.setdefault(key, _untitled(fields))
    return found


def _untitled(fields: dict[str, str]) -> UntitledEntry:
    authors = split_authors(fields.get("author") or fields.get("editor", ""))
    year = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    volume, pages = (plain_text(fields.get(name, "")) for name in ("volume", "pages"))
    shown = [
        *(author.replace(",", "") for author in authors),
        *(plain_text(fields.get(name, "")) for name in ("journal", "note")),
    ]
    return UntitledEntry(
        text=", ".join(part for part in (*shown, volume, pages, f"({year[0]})" if year else "") if part),
        surname=authors[0].partition(",")[0] if authors else "",
        year=int(year[0]) if year else None,
        volume=volume,
        page=first_page(pages or fields.get("eid")),
        doi=_doi(fields),
    )


def _keyed_fields(text: str, keys: Collection[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The fields of each entry with one of these keys, duplicates among them."""
    wanted = {key.lower(): key for key in keys}
    text = _WITHOUT_KEY.sub(_with_key, text)
    entries = list(_ENTRY.finditer(text))
    parts: list[str] = []
    for index, match in enumerate(entries):
        end = entries[index + 1].start() if index + 1 < len(entries) else len(text)
        if match[1].lower() == "string":
            parts.append(text[match.start() : end])
        elif match[1].lower() not in ("comment", "preamble") and (match[2] or "").strip().lower() in wanted:
            parts.append(_closed(text[match.start() : min(end, match.start() + MAX_ENTRY)]))
    if not parts:
        return
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = parse_string("\n".join(parts))
    for entry in [*library.entries, *(getattr(block, "ignore_error_block", None) for block in library.failed_blocks)]:
        key = wanted.get(str(getattr(entry, "key", "")).strip().lower())
        if key is not None:
            fields: dict[str, str] = {}
            for field in getattr(entry, "fields", []):
                fields.setdefault(str(field.key).lower(), str(field.value)[:MAX_FIELD])
            yield key, fields


def _closed(entry: str) -> str:
    """The entry up to the brace that closes it: what people write between entries would spoil the next one."""
    level = 0
    for match in _BRACE.finditer(entry):
        level += 1 if match[0] == "{" else -1
        if not level:
            return entry[: match.end()]
    return entry


def _with_key(match: re.Match[str]) -> str:
    return f"@{match[1]}{{{match[2] or 'nokey'},\n{match[3]}"


def _record(fields: dict[str, str]) -> Reference | None:
    title = plain_text(fields.get("title", ""))
    if subtitle := plain_text(fields.get("subtitle", "")):
        title = f"{title}: {subtitle}"
    year = _YEAR.search(fields.get("year", "")) or _YEAR.search(fields.get("date", ""))
    venue = next((text for name in _VENUES if (text := plain_text(fields.get(name, "")))), None)
    if venue and venue.lower().startswith(("http", "www.")):
        venue = None
    return make_reference(
        title=title,
        authors=split_authors(fields.get("author") or fields.get("editor", "")),
        year=int(year[0]) if year else None,
        venue=venue,
        doi=_doi(fields),
        abstract=plain_text(fields["abstract"]) if fields.get("abstract") else None,
        volume=fields.get("volume"),
        page=first_page(fields.get("pages") or fields.get("eid")),
    )


def _doi(fields: dict[str, str]) -> str | None:
    """The stated DOI, else the one of a DOI link, else the one that arXiv registers for each of its papers."""
    for name in ("doi", "url", "ee", "note"):
        if doi := clean_doi(fields.get(name, "").replace("\\_", "_")):
            return doi
    for name in ("eprint", "url", "journal", "note"):
        value = fields.get(name, "")
        match = _ARXIV.search(value)
        if match:
            return f"10.48550/arxiv.{match[1]}"
        if name == "eprint" and (bare := _ARXIV_ID.fullmatch(value.strip())):
            return f"10.48550/arxiv.{bare[0]}"
    return None


def split_authors(field: str) -> list[str]:
    """ "A. Family and Family, Jr, B." as "Family, Given" each; a name wholly in braces is a collective."""
    found = []
    for name in names.split_multiple_persons_names(" ".join(field.split())):
        if name.strip().lower() == "others":
            continue
        if _is_braced(name.strip()):
            inside = name.strip()[1:-1].split(" and ")
            if len(inside) > 1 and all(
                part.count(",") == 1 for part in inside
            ):  # some programs put the whole list in braces
                found += split_authors(" and ".join(inside))
                continue
            found.append(plain_text(name).replace(",", " "))
            continue
        parts = names.parse_single_name_into_parts(name, strict=False)
        family = " ".join([*parts.von, *parts.last])
        given = " ".join([*parts.first, *parts.jr])
        family, given = plain_text(family).replace(",", " "), plain_text(given).replace(",", " ")
        found.append(f"{family}, {given}" if given else family)
    return found


def _is_braced(text: str) -> bool:
    """Whether the first brace closes at the very end, as in {World Health Organization}."""
    if not (text.startswith("{") and text.endswith("}")):
        return False
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return index == len(text) - 1
    return False


def plain_text(latex: str) -> str:
    """The text of a BibTeX field in Unicode: accents and symbols resolved, braces gone, mathematics as plain characters."""
    text = latex[:MAX_FIELD]
    if not _LATEX.search(text):
        return " ".join(text.split())
    if not _COMMANDS.search(
        text
    ):  # most fields; the LaTeX reader gives the same for them, and takes twenty times as long
        for typed, character in _TYPED:
            text = text.replace(typed, character)
        return " ".join(text.split())
    # Databases write a bare percent sign in titles; to LaTeX it would hide the rest of the line.
    text = _BARE_PERCENT.sub(r"\\%", text)
    text = _MATHS.sub(lambda match: "$" + _SCRIPT.sub("", match[1]) + "$", text)
    if _depth(text) > _MAX_DEPTH:
        text = text.replace("{", "").replace("}", "")
    return " ".join(_converter().latex_to_text(text, tolerant_parsing=True).split())


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


@cache
def _converter() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", strict_latex_spaces=False, keep_comments=True)
