"""The table of docs/architecture.md, held to the code by reading the imports."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "galactica"
WIRING = {"stages.py", "encoding.py", "trainings.py", "__init__.py", "__main__.py"}


def _allowed() -> dict[str, set[str]]:
    """Room -> rooms it may import, from the table on the page."""
    table: dict[str, set[str]] = {}
    above: list[str] = []
    for line in (ROOT / "docs/architecture.md").read_text().splitlines():
        match = re.match(r"\| (\w+) \| ([^|]*) \|", line)
        if match and match[1] != "room":
            rooms = match[2].strip()
            if rooms.startswith("all above but"):
                table[match[1]] = set(above) - set(re.findall(r"\w+", rooms.removeprefix("all above but")))
            else:
                table[match[1]] = set(re.findall(r"\w+", rooms))
            above.append(match[1])
    return table


ALLOWED = _allowed()
FILES = sorted(path for path in PACKAGE.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            found.add(module)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def _room(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else ""


def test_page_names_every_room() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert rooms <= set(ALLOWED), f"not on the page: {rooms - set(ALLOWED)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports(path: Path) -> None:
    room = _room(path)
    rooms = {name.split(".")[1] for name in _imports(path) if name.startswith("galactica.")} & set(ALLOWED)
    if room:
        assert rooms <= ALLOWED[room] | {room}
    elif path.name not in WIRING:
        assert not rooms, f"root file {path.name} imports rooms {rooms}"


@pytest.mark.parametrize("room", ["modalities", "references", "corpus", "tokenizer", "papers", "serving"])
def test_no_torch(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        assert not any(name.split(".")[0] == "torch" for name in _imports(path)), path


def test_model_knows_nothing_of_distribution_or_files() -> None:
    for path in (PACKAGE / "model").glob("*.py"):
        names = _imports(path)
        assert not any(name.startswith("torch.distributed") for name in names), path
        if path.name not in ("convert.py", "weight_files.py"):
            assert not names & {"safetensors", "safetensors.torch", "galactica.files"}, path
            assert "open(" not in path.read_text(), path


def test_only_references_construct_a_reference() -> None:
    for path in FILES:
        if _room(path) == "references":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                assert name != "Reference", f"{path}:{node.lineno} constructs a Reference"


def test_only_markup_spells_a_token() -> None:
    token = re.compile(r"\[(START|END)_(REF|SUP|SUB|DNA|AMINO|SMILES|I_SMILES)\]|</?work>|</?fragments>|SPL1T")
    for path in FILES:
        if path.name == "markup.py" or "sample" in path.parts:
            continue
        tree = ast.parse(path.read_text())
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                assert not token.search(node.value), f"{path}:{node.lineno} spells {node.value!r}"


def test_importing_the_package_is_light() -> None:
    import subprocess
    import sys

    code = "import galactica, sys; print([m for m in ('torch', 'tokenizers', 'rdkit', 'numpy') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_print_longest_files(capsys: pytest.CaptureFixture[str]) -> None:
    lengths = sorted(((len(path.read_text().splitlines()), path) for path in FILES), reverse=True)
    with capsys.disabled():
        print("\nlongest: " + ", ".join(f"{path.relative_to(PACKAGE)} {n}" for n, path in lengths[:5]))
    assert lengths[0][0] < 700, "a file that one cannot hold in mind"
