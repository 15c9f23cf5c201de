"""Files of code: which of them are worth reading, in which language, and why the others are left out."""

from __future__ import annotations

import re
import string
from pathlib import PurePosixPath

from galactica import markup
from galactica.corpus.notebooks import notebook_script
from galactica.corpus.veil import SPELLS

MAX_BYTES = 400_000
MIN_CHARACTERS = 40
MAX_LINE, MAX_MEAN_LINE = 2_000, 160
MIN_LETTERS, MAX_DIGITS = 0.3, 0.4
"""Shares of the characters that are not white space: code has about 0.7 letters and 0.05 digits, tables of numbers neither."""

LANGUAGES = {
    ".py": "python", ".pyi": "python", ".pyx": "cython", ".pxd": "cython", ".ipynb": "python", ".c": "c", ".h": "c",
    ".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".hpp": "cpp", ".hh": "cpp", ".cu": "cuda", ".cuh": "cuda", ".jl": "julia",
    ".r": "r", ".f": "fortran", ".f90": "fortran", ".f95": "fortran", ".for": "fortran", ".m": "matlab", ".java": "java",
    ".scala": "scala", ".kt": "kotlin", ".go": "go", ".rs": "rust", ".js": "javascript", ".ts": "typescript", ".lua": "lua",
    ".pl": "perl", ".pm": "perl", ".rb": "ruby", ".sh": "bash", ".sql": "sql", ".hs": "haskell", ".ml": "ocaml",
    ".lean": "lean", ".agda": "agda", ".thy": "isabelle", ".stan": "stan", ".swift": "swift", ".cs": "csharp",
    ".cmake": "cmake", ".proto": "protobuf", ".toml": "toml", ".cfg": "ini", ".gp": "gp", ".sage": "python", ".nim": "nim",
    ".d": "d", ".pas": "pascal", ".wl": "mathematica",
}  # fmt: skip
"""Ending -> the name of the language in a fence."""

_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_SETTINGS = frozenset((".toml", ".cfg", ".cmake"))
_VENDORED = re.compile(
    r"(?:^|/)(?:vendors?|_vendor|vendored|third[_-]?party|3rdparty|externals?|extern|node_modules|bower_components|site-packages|deps|"
    r"contrib/eigen|dist|build|_build|__pycache__|[^/]+\.egg-info|\.[^/]+|cextern|bundled|packages/six)/",
    re.IGNORECASE,
)
_GENERATED_NAME = re.compile(
    r"(?:_pb2(?:_grpc)?\.pyi?|\.pb\.(?:h|cc|go)|\.min\.js|[-.]bundle\.js|parsetab\.py|lextab\.py|versioneer\.py|_version\.py|moc_.*\.cpp|"
    r"ui_.*\.py|_rc\.py)$",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"(?:this|the) (?:file|module|code|source|script) (?:is|was|has been)\b.{0,40}\bgenerated\b|@generated\b|"
    r"\bdo not (?:edit|modify)(?: this file| by hand|:|!|\.|$)|"
    r"^\W{0,6}(?:auto(?:matically|-)?\s*generated|generated (?:automatically|by|from|with))\b",
    re.IGNORECASE | re.MULTILINE,
)


def language_of(path: str) -> str | None:
    """The language that a file's ending tells; None for what is no code."""
    return LANGUAGES.get(PurePosixPath(path).suffix.lower())


def is_program(path: str) -> bool:
    """Whether a file is code, not a setting of the tools around it."""
    suffix = PurePosixPath(path).suffix.lower()
    return suffix in LANGUAGES and suffix not in _SETTINGS


def is_vendored(path: str) -> bool:
    """Whether a path lies in a folder of other people's code, of tools or of what was built."""
    return _VENDORED.search(path) is not None


def code_of(path: str, data: bytes) -> tuple[str, str] | str:
    """(text, language) of a file, or why it is left out."""
    if is_vendored(path):
        return "of others or built"
    if _GENERATED_NAME.search(path):
        return "generated"
    is_notebook = path.lower().endswith(".ipynb")
    if len(data) > MAX_BYTES and not is_notebook:  # what pictures take in a notebook is no code
        return f"larger than {MAX_BYTES} bytes"
    language = language_of(path) or ""
    if is_notebook:
        script = notebook_script(data)
        if script is None:
            return "not a notebook"
        text, language = script
        if len(text) > MAX_BYTES:
            return f"larger than {MAX_BYTES} bytes"
    elif (decoded := _decoded(data)) is None:
        return "binary"
    else:
        text = decoded
    return _fault(text) or (_tidied(text), language)


def _decoded(data: bytes) -> str | None:
    """The text of a file; None for one that is binary or of an encoding that cannot be told."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
        odd = sum("\x7f" <= sign <= "\x9f" or (sign < " " and sign not in "\t\n\r\f") for sign in text)
        return None if odd > 0.01 * len(text) else text


def _fault(text: str) -> str | None:
    if markup.control_tokens(text):
        return SPELLS
    solid = "".join(text.split())
    if len(solid) < MIN_CHARACTERS:
        return "next to empty"
    head = text[:1_500]
    if _GENERATED.search(head) is not None:
        return "generated"
    lines = text.count("\n") + 1
    if len(text) / lines > MAX_MEAN_LINE or max(map(len, text.split("\n"))) > MAX_LINE:
        return "minified, or data in long lines"
    letters = _count(solid, _LETTERS) if solid.isascii() else sum(map(str.isalpha, solid))
    digits = _count(solid, _DIGITS)
    if letters < MIN_LETTERS * len(solid) or digits > MAX_DIGITS * len(solid):
        return "data in the form of code"
    return None


def _count(text: str, signs: bytes) -> int:
    """How many characters of the text are among these ASCII signs."""
    data = text.encode("utf-8", "replace")
    return len(data) - len(data.translate(None, signs))


def _tidied(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")
