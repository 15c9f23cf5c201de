"""One HTML page of a built corpus: what went in, what was left out and why, and documents to read.

Everything shown comes from raw files and is hostile: it is escaped, the page holds no script and asks no other host.
"""

from __future__ import annotations

import html
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from galactica import files
from galactica.corpus.pipeline import DROPS, LEAKAGE, SAMPLE_FILE, STATISTICS
from galactica.errors import BadData

CITATION_COLUMNS = ("source", "marks", "resolved by the list", "by the library", "share", "why not")

CountTokens = Callable[[str], int]
_EXCERPT = 2500

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #777; --bar: #4a7ab5; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child, td.text { text-align: left; }
thead th { position: sticky; top: 0; background: Canvas; }
tr.group td { font-weight: 600; background: #8881; }
.bar { display: inline-block; height: .7rem; background: var(--bar); }
.quiet { color: var(--quiet); font-size: .9rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; background: #8881; padding: .7rem; }
pre { max-height: 26rem; overflow: auto; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
@media (max-width: 50rem) { .pair { grid-template-columns: 1fr; } }
summary { cursor: pointer; padding: .2rem 0; }
"""


def write_report(corpus: Path, output: Path, count_tokens: CountTokens | None = None) -> None:
    """Write the page about the corpus in a folder. `count_tokens` measures the tokens of a text; without it shares are of
    characters. Raises BadData where the folder is no built corpus."""
    try:
        statistics, drops, samples = (
            json.loads((corpus / name).read_text(encoding="utf-8")) for name in (STATISTICS, DROPS, SAMPLE_FILE)
        )
    except (OSError, ValueError) as error:
        raise BadData(
            f"{str(corpus)!r} is not a built corpus ({error}). Give the --output of `galactica corpus build`."
        ) from None
    leakage = json.loads((corpus / LEAKAGE).read_text(encoding="utf-8")) if (corpus / LEAKAGE).exists() else {}
    files.write_file(output, page(statistics, drops, samples, leakage, count_tokens))


def citation_rows(sources: Mapping[str, Any]) -> list[list[str]]:
    """A row of `CITATION_COLUMNS` for each source that has citation marks, from what a build counted. A mark resolves to a work
    of the paper's own list, or to one of the library that fits what the list says."""
    rows = []
    for name, row in sorted(sources.items()):
        if marks := row.get("marks"):
            by_library = row.get("resolved_by_library", 0)
            share = f"{100 * row['resolved'] / marks:.1f} %"
            reasons = ", ".join(f"{reason} {_n(count)}" for reason, count in sorted(row["unresolved"].items()))
            rows.append([name, _n(marks), _n(row["resolved"] - by_library), _n(by_library), share, reasons])
    return rows


def page(
    statistics: Mapping[str, Any],
    drops: Sequence[Mapping[str, Any]],
    samples: Mapping[str, Sequence[Mapping[str, str]]],
    leakage: Mapping[str, Sequence[Sequence[Any]]],
    count_tokens: CountTokens | None,
) -> str:
    """The page, from what a build wrote of itself."""
    sources: Mapping[str, Any] = statistics["sources"]
    tokens = {name: _tokens(row, samples.get(name, ()), count_tokens) for name, row in sources.items()}
    parts = [
        f"<h1>Corpus</h1><p>{_n(sum(row['documents'] for row in sources.values()))} documents of {len(sources)} sources, "
        f"{_n(sum(tokens.values()))} {'tokens (measured on the documents below)' if count_tokens else 'characters'}, "
        f"{_n(sum(row.get('citations', 0) for row in sources.values()))} citations; {_n(sum(row['count'] for row in drops))} "
        "records left out.</p>",
        _sources_table(sources, tokens, drops, "tokens" if count_tokens else "characters"),
        _citations_table(sources),
        _licences(sources),
        _leakage(leakage),
        "<h2>Left out, and why</h2>",
        *(_drops_of(name, rows) for name, rows in _by_source(drops).items()),
        "<h2>Documents chosen by chance, before and after</h2>",
        *(_samples_of(name, rows) for name, rows in sorted(samples.items())),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Corpus report</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"
    )


def _tokens(row: Mapping[str, Any], samples: Iterable[Mapping[str, str]], count_tokens: CountTokens | None) -> int:
    characters = int(row.get("characters", 0))
    texts = [sample["after"] for sample in samples if sample["after"]]
    if count_tokens is None or not texts:
        return characters if count_tokens is None else 0
    return round(characters * sum(map(count_tokens, texts)) / sum(map(len, texts)))


def _sources_table(
    sources: Mapping[str, Any], tokens: Mapping[str, int], drops: Sequence[Mapping[str, Any]], unit: str
) -> str:
    dropped: dict[str, int] = defaultdict(int)
    for row in drops:
        dropped[row["source"]] += row["count"]
    total = max(1, sum(tokens.values()))
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sources:
        groups[sources[name]["group"]].append(name)
    rows = []
    for group, names in sorted(groups.items(), key=lambda item: -sum(tokens[name] for name in item[1])):
        n = sum(tokens[name] for name in names)
        rows.append(
            f'<tr class="group"><td>{_e(group)}<td>{_n(sum(sources[name]["documents"] for name in names))}<td>{_n(n)}'
            f"<td>{_share(n, total)}<td><td><td><td></tr>"
        )
        for name in sorted(names, key=lambda name: -tokens[name]):
            row = sources[name]
            rows.append(
                f"<tr><td>{_e(name)}<td>{_n(row['documents'])}<td>{_n(tokens[name])}<td>{_share(tokens[name], total)}"
                f"<td>{_n(row.get('validation', 0))}<td>{_n(row.get('citations', 0))}<td>{_n(row.get('span_bytes_removed', 0))}"
                f"<td>{_n(dropped[name])}</tr>"
            )
    head = f"<th>source<th>documents<th>{unit}<th>share<th>held out<th>citations<th>repeated bytes removed<th>left out"
    return f"<h2>Sources</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _citations_table(sources: Mapping[str, Any]) -> str:
    rows = [
        f"<tr><td>{_e(name)}{''.join(f'<td>{cell}' for cell in cells)}<td>{_n(sources[name].get('known', 0))}"
        f'<td class="text">{_e(reasons)}</tr>'
        for name, *cells, reasons in citation_rows(sources)
    ]
    if not rows:
        return ""
    head = f"<th>{'<th>'.join(CITATION_COLUMNS[:-1])}<th>known to the library<th>{CITATION_COLUMNS[-1]}"
    return f"<h2>Citations</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _licences(sources: Mapping[str, Any]) -> str:
    rows = [
        f'<tr><td>{_e(name)}<td class="text">'
        + ", ".join(
            f"{_e(kind)} {_n(count)}" for kind, count in sorted(row["licences"].items(), key=lambda item: -item[1])
        )
        + "</tr>"
        for name, row in sources.items()
    ]
    return f"<h2>Licences</h2><table><tbody>{''.join(rows)}</tbody></table>"


def _leakage(leakage: Mapping[str, Sequence[Sequence[Any]]]) -> str:
    rows = [
        f'<tr><td>{_e(source)}<td class="text">{_e(identifier)}<td>{_n(n)}</tr>'
        for source, found in leakage.items()
        for identifier, n in found[:50]
    ]
    if not rows:
        return ""
    head = "<th>source<th>document<th>runs of 13 words shared with an evaluation"
    return f"<h2>Evaluation text</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _by_source(drops: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in drops:
        found[row["source"]].append(row)
    return found


def _drops_of(source: str, rows: Sequence[Mapping[str, Any]]) -> str:
    inside = []
    for row in rows:
        shown = "".join(
            f'<p class="quiet">{_e(where)}</p>{f"<pre>{_e(text)}</pre>" if text else ""}'
            for where, text in row["samples"]
        )
        inside.append(f"<details><summary>{_n(row['count'])} · {_e(row['reason'])}</summary>{shown}</details>")
    total = sum(row["count"] for row in rows)
    return f"<h3>{_e(source)} <span class=quiet>{_n(total)}</span></h3>{''.join(inside)}"


def _samples_of(source: str, rows: Sequence[Mapping[str, str]]) -> str:
    shown = "".join(
        f"<details><summary>{_e(row['id'])}</summary><div class=pair><pre>{_e(row['before'][:_EXCERPT])}</pre>"
        f"<pre>{_e(row['after'][:_EXCERPT])}</pre></div></details>"
        for row in rows
    )
    return f"<h3>{_e(source)}</h3>{shown}"


def _share(n: int, total: int) -> str:
    return f'<span class=bar style="width:{60 * n / total:.1f}px"></span> {100 * n / total:.1f} %'


def _n(number: int) -> str:
    return f"{number:,}"


def _e(text: object) -> str:
    return html.escape(str(text))
