r"""The first pass over Markdown: what is not running text (code, formulas, comments, scripts, roles) is held or goes.

It comes before blocks and lines are told apart, because a `#`, a `*` or a blank line means something else inside.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from galactica.corpus.html_maths import is_prose
from galactica.corpus.marks import HOLE
from galactica.corpus.prose import PRIVATE, Prose

BLOCK_OPEN, BLOCK_CLOSE = "\ue020", "\ue021"
BLOCK = re.compile(rf"{BLOCK_OPEN}(\d+){BLOCK_CLOSE}")
"""A line of its own that stands for blocks which are finished."""

MAX_CODE_SPAN = 2_000
MAX_INLINE, MAX_DISPLAY, MAX_ELEMENT = 3_000, 16_000, 200_000

_FENCE = re.compile(
    r"([ \t]{0,24}(?:[-*+][ \t]{1,4}|\d{1,3}[.)][ \t]{1,4})?(?:>[ \t]?)*)(`{3,}|~{3,})[ \t]*([^`\n]{0,500})$"
)
_LIST_ITEM = re.compile(
    r"\s*(?:[-*+]|\d{1,4}[.)]|\(?[a-z]{1,4}[.)]|:|\[\^[^\]]{1,50}\]:)(?:\s|$)|(?:!!!|\?\?\?\+?|===)\s"
)
_LANGUAGE = re.compile(r"[a-zA-Z][\w+#-]{0,20}")
_LANGUAGE_BRACED = re.compile(r"\{[\s.=]*([a-zA-Z][\w+#-]{0,20})")
_TOKEN = re.compile(
    r"\\begin\{([a-zA-Z]{1,20}\*?)\}|\\\\?[(\[]|\\.|`+|\$\$?"
    r"|<!--|<(script|style|iframe|svg|video|audio|noscript|object|canvas|form|select|button|textarea|pre|table)(?=[\s>/])"
    r"|<d-footnote>"
    r"|:([a-z_]{2,20}):`",
    re.IGNORECASE | re.DOTALL,
)
_MATHS = frozenset(
    [
        "equation",
        "align",
        "alignat",
        "eqnarray",
        "gather",
        "multline",
        "flalign",
        "displaymath",
        "aligned",
        "split",
        "gathered",
        "array",
    ]
)
_FLOATS = frozenset(["figure", "table", "tabular", "longtable", "center", "footnotesize", "landscape", "tikzpicture"])
"""Environments of LaTeX itself, which pandoc lets through for print: pictures and tables that are not read."""
_TAG = re.compile(r"<[^<>]{0,1000}>")
_CALL = re.compile(r"[\w()\[\],;+*/ .-]*[a-zA-Z]\([\w(), ]{1,60}\)[\w()\[\],;+*/ .-]*")
_NOT_MATHS = re.compile(r"(?![^$]*\\[a-zA-Z]{2})[^\s$][^$]*\s\Z|[^$]*\\[(\[]")
"""An amount before the next one, or before a formula in other delimiters."""
_BLANK = re.compile(r"\n[ \t]*\n")


class Scanner:
    """Scans one text. Finished blocks go to `stored`; `role` writes d2l's `:name:`content`` and `table` an HTML table;
    `code` turns (language, attributes, code) of a fence into blocks."""

    def __init__(
        self,
        prose: Prose,
        role: Callable[[str, str], str],
        table: Callable[[str], list[str]],
        code: Callable[[str, str, str], list[str]],
    ) -> None:
        self.prose = prose
        self.stored: list[list[str]] = []
        self._role, self._table, self._code = role, table, code
        self._nearest: dict[str, tuple[str, int]] = {}

    def scan(self, text: str) -> str:
        """The text with placeholders for what was found."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(PRIVATE).expandtabs(4)
        return self._running(self._without_code_blocks(text))

    def store(self, blocks: list[str]) -> str:
        """The placeholder of finished blocks."""
        self.stored.append(blocks)
        return f"{BLOCK_OPEN}{len(self.stored) - 1}{BLOCK_CLOSE}"

    # --- code that stands on lines of its own ---------------------------------------------------------------------------

    def _without_code_blocks(self, text: str) -> str:
        lines = text.split("\n")
        out: list[str] = []
        at, end = 0, len(lines)
        in_list, after_blank = False, True
        while at < end:
            line = lines[at]
            if ("`" in line or "~" in line) and (match := _FENCE.match(line)) is not None:
                at = self._fenced(lines, at, match, out)
                after_blank = False
                continue
            indent = len(line) - len(line.lstrip(" "))
            if not line.strip():
                after_blank = True
            elif after_blank and indent >= 4 and not in_list and line[indent] != "<" and not _LIST_ITEM.match(line):
                at = self._indented(lines, at, out)
                continue
            else:
                if _LIST_ITEM.match(line):
                    in_list = True
                elif after_blank and indent < 2:
                    in_list = False
                after_blank = False
            out.append(line)
            at += 1
        return "\n".join(out)

    def _fenced(self, lines: list[str], at: int, match: re.Match[str], out: list[str]) -> int:
        prefix, fence, info = match.groups()
        inside: list[str] = []
        at += 1
        while at < len(lines):
            bare = lines[at].lstrip(" >")
            if bare.startswith(fence) and not bare.strip(" " + fence[0]):
                at += 1
                break
            inside.append(lines[at])
            at += 1
        if ">" in prefix:
            inside = [re.sub(r"^\s*(?:>\s?)+", "", line) for line in inside]
        info = info.strip()
        language = _LANGUAGE_BRACED.match(info) or _LANGUAGE.match(info)
        name = language[language.lastindex or 0].lower() if language else ""
        out.append(prefix + self.store(self._code(name, info, dedented(inside))))
        return at

    def _indented(self, lines: list[str], at: int, out: list[str]) -> int:
        start = at
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith("    ")):
            at += 1
        out += [self.store(self._code("", "", dedented(lines[start:at]))), ""]
        return at

    # --- what stands in running text ------------------------------------------------------------------------------------

    def _next(self, text: str, closing: str, start: int, limit: int) -> int:
        """Where `closing` comes next within `limit` characters; -1 where it does not. What was found is kept, so that a text of
        openings alone is searched once."""
        key, found = self._nearest.get(closing, ("", 0))
        if key is not text or (found != -1 and found < start):
            found = text.find(closing, start)
            self._nearest[closing] = (text, found)
        return found if 0 <= found - start <= limit else -1

    def _running(self, text: str) -> str:
        out: list[str] = []
        at = done = 0
        while (match := _TOKEN.search(text, at)) is not None:
            written, end = self._found(text, match)
            if written is None:
                at = match.end()
                continue
            out += [text[done : match.start()], written]
            at = done = end
        out.append(text[done:])
        return "".join(out)

    def _found(self, text: str, match: re.Match[str]) -> tuple[str | None, int]:
        """What is written in place of what starts here, and where the text goes on; None where nothing starts."""
        token = match[0]
        if token[0] == "`":
            return self._code_span(text, match)
        if token[0] == "$":
            return self._dollars(text, match)
        if token[0] == "<":
            return self._element(text, match)
        if match[1]:
            return self._environment(text, match)
        if match[3]:
            end = self._next(text, "`", match.end(), 1000)
            return (None, 0) if end < 0 else (self._role(match[3], text[match.end() : end]), end + 1)
        if token[-1] in "([" and token[0] == "\\":
            closing = token[:-1] + {"(": ")", "[": "]"}[token[-1]]
            end = self._next(text, closing, match.end(), MAX_DISPLAY)
            inside = text[match.end() : end]
            if end < 0 or _BLANK.search(inside) or is_prose(inside):
                return (self.prose.marks.hold(token[-1]), match.end()) if len(token) == 2 else (None, 0)
            return self._formula(text, match.start(), end + len(closing), inside, is_display=token[-1] == "[")
        if token in ("\\$", "\\`", "\\<"):
            return self.prose.marks.hold(token[1]), match.end()
        return None, 0

    def _code_span(self, text: str, match: re.Match[str]) -> tuple[str | None, int]:
        ticks, start = match[0], match.end()
        end = self._next(text, ticks, start, MAX_CODE_SPAN)
        while end >= 0 and text[end + len(ticks) : end + len(ticks) + 1] == "`":
            after = end
            while text[after : after + 1] == "`":
                after += 1
            end = self._next(text, ticks, after, MAX_CODE_SPAN)
        if end < 0 or _BLANK.search(text, start, end):
            return None, 0
        inside = text[start:end]
        if inside.startswith("r ") and len(ticks) == 1:  # knitr puts a result here
            return HOLE, end + len(ticks)
        if inside.startswith("$") and inside.endswith("$") and len(inside) > 2:  # GitLab's $`x`$ the other way round
            return self.prose.inline_maths(inside), end + len(ticks)
        return self.prose.code(inside), end + len(ticks)

    def _dollars(self, text: str, match: re.Match[str]) -> tuple[str | None, int]:
        dollars, start = match[0], match.end()
        is_display = len(dollars) == 2
        limit = MAX_DISPLAY if is_display else MAX_INLINE
        end = self._next(text, dollars, start, limit)
        while not is_display and end > 0 and text[end - 1] == "\\" and end - start < limit:
            end = self._next(text, dollars, end + 1, limit)
        inside = text[start:end]
        if end <= start or not inside.strip() or (not is_display and _NOT_MATHS.match(inside)):
            return None, 0
        if (blank := _BLANK.search(inside)) and (not is_display or "#" in inside[blank.start() :]):
            return None, 0
        if not is_display and is_prose(inside) and not _CALL.fullmatch(inside):
            return None, 0
        return self._formula(text, match.start(), end + len(dollars), inside, is_display)

    def _environment(self, text: str, match: re.Match[str]) -> tuple[str | None, int]:
        name = match[1].rstrip("*")
        if name not in _MATHS and name not in _FLOATS:
            return None, 0
        closing = rf"\end{{{match[1]}}}"
        end = self._next(text, closing, match.end(), MAX_DISPLAY)
        if end < 0:
            return None, 0
        end += len(closing)
        if name in _FLOATS:
            return "", end
        return self._formula(text, match.start(), end, text[match.start() : end], is_display=True)

    def _formula(self, text: str, start: int, end: int, inside: str, is_display: bool) -> tuple[str, int]:
        """A formula that stands between blank lines or on lines of its own is displayed; kramdown's `$$x$$` in a line is not."""
        inside = re.sub(r"\n\s*>", "\n", inside)
        if not is_display:
            return self.prose.inline_maths(inside), end
        line_start = text.rfind("\n", max(0, start - 2000), start) + 1
        before = text[line_start:start]
        line_end = text.find("\n", end, end + 400)
        after = text[end : line_end if line_end >= 0 else end + 400]
        is_alone = not before.strip(" >") and not re.sub(r"[.,;:]|\{[#:][^{}]*\}|\([\d.]+\)|\\\\", "", after).strip()
        if not is_alone and "\n" not in inside.strip() and "\\begin" not in inside:
            return self.prose.inline_maths(inside), end
        point = re.match(r"\s*([.,;])", after) if is_alone else None
        blocks = self.prose.display_maths(inside + point[1] if point and inside.strip()[-1:] not in ".,;" else inside)
        indent = re.match(r"[ >]*", before)[0]  # type: ignore[index]  # it matches everywhere
        next_at = end + len(after) if is_alone else end
        return f"\n{indent}{self.store(blocks)}\n{indent if not is_alone else ''}", next_at

    def _element(self, text: str, match: re.Match[str]) -> tuple[str | None, int]:
        name = (match[2] or "").lower()
        closing = "-->" if match[0] == "<!--" else f"</{name}>" if name else "</d-footnote>"
        end = self._next(text, closing, match.end(), MAX_ELEMENT)
        if end < 0 and name:
            end = self._next(text, closing.upper(), match.end(), MAX_ELEMENT)
        if end < 0:
            return ("", match.end()) if match[0] == "<!--" else (None, 0)
        inside = text[match.end() : end]
        end += len(closing)
        if name == "pre":
            code = html.unescape(_TAG.sub("", inside.partition(">")[2]))
            return f"\n\n{self.store(self._code('', '', code))}\n\n", end
        if name == "table":
            return f"\n\n{self.store(self._table(inside.partition('>')[2]))}\n\n", end
        return "", end


def dedented(lines: list[str]) -> str:
    """The lines without the indentation that they share."""
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:].rstrip() for line in lines)
