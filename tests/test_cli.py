"""The verbs as a user meets them: in a process of their own, with what goes wrong in one line and the right exit status."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from galactica.references.record import make_reference
from galactica.references.store import Library, build
from galactica.tokenizer.tokenizer import Tokenizer


def galactica(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "galactica", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120, check=False)


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


def test_tokenizer_show(checkpoint: Path, tokenizer: Tokenizer) -> None:
    text = "a [START_AMINO]MKV[END_AMINO]\n</s>"
    for flags, data in (([], False), (["--data"], True)):
        done = galactica("tokenizer", "show", "--tokenizer", checkpoint, "--json", *flags, text)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"ids": tokenizer.encode(text, data), "pieces": tokenizer.pieces(text, data)}


def test_generate_and_cite(checkpoint: Path, library: Library) -> None:
    done = galactica(
        "generate", "Deep learning", "--model", checkpoint, "--library", library.folder, "--max-new-tokens", "5"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Deep learning")
    done = galactica(
        "cite", "The structure of DNA", "-n", "3", "--json", "--model", checkpoint, "--library", library.folder
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == 3
    assert {row["id"] for row in rows} <= {work.id for work in library}


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", ["title", "names nothing"]),
        ("  \n ", ["title", "names nothing"]),
        ("x" * 10_000, ["10,000", "300"]),
        ("What </s> means", ["</s>"]),
        ("On [START_REF] and others", ["[START_REF]"]),
    ],
)
def test_titles_that_are_refused(title: str, words: list[str], tmp_path: Path) -> None:
    refused(galactica("write", "--", title, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_a_title_is_only_characters(tmp_path: Path, checkpoint: Path, library: Library) -> None:
    """To TeX, to HTML and to the shell, in the files, in their names and on the terminal."""
    title = r"On \(E = mc^2\) & \input{/etc/passwd}, <script>alert(1)</script> of $(touch hacked); `touch hacked`"
    arguments = ["--model", checkpoint, "--library", library.folder, "--output", tmp_path / "paper", "--", title]
    done = galactica("write", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]
    assert sorted(path.suffix for path in (tmp_path / "paper").iterdir()) == [".bib", ".docx", ".md", ".pdf", ".tex"]
    assert "each a record of the reference library" in done.stdout.splitlines()[-1]


def test_a_title_that_looks_like_an_option(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(galactica("write", "--output", tmp_path / "file", "--", "-n"), "file")


def test_checkpoints_that_are_refused(tmp_path: Path, checkpoint: Path) -> None:
    refused(galactica("generate", "x", "--model", tmp_path / "absent"), "absent", "Give a folder")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for path in checkpoint.iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    (damaged / "model.safetensors").write_bytes((checkpoint / "model.safetensors").read_bytes()[:1000])
    refused(galactica("generate", "x", "--model", damaged), "model.safetensors")


def test_a_title_is_only_characters_to_make(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("needs make")
    program = tmp_path / "venv" / "bin" / "galactica"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s" "$3" > given\n')
    program.chmod(0o755)
    (program.parent / "python").touch()
    root = Path(__file__).parents[1]
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    (tmp_path / "venv" / ".installed").touch()
    title = "On $x$, $(shell touch hacked) `touch hacked` \"and\" '$$' #1"
    for arguments, environment in (([f"TITLE={title}"], {}), ([], {"TITLE": title})):
        subprocess.run(
            ["make", "-f", root / "Makefile", "paper", f"VENV={tmp_path / 'venv'}", *arguments],
            cwd=tmp_path,
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )
        assert (tmp_path / "given").read_text() == title
        assert not (tmp_path / "hacked").exists()


def test_brackets_of_a_title_are_only_characters(tmp_path: Path) -> None:
    reference = make_reference("Synthesis of [n]paracyclophanes and [/b] others", ["Cram, Donald"], 1951, None, None)
    assert reference is not None
    build(tmp_path / "works", [reference], "test")
    done = galactica("references", "search", "paracyclophanes", "--library", tmp_path / "works")
    assert done.returncode == 0, done.stderr
    assert reference.title in done.stdout


def test_a_title_that_is_no_text(tmp_path: Path) -> None:
    refused(galactica("write", "--", "\udcff and others", cwd=tmp_path), "UTF-8")


def test_a_corpus_without_readable_files(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "photo.jpg").write_bytes(b"\xff\xd8")
    run_file = Path(__file__).parents[1] / "runs/tiny.toml"
    done = galactica("run", run_file, "--corpus", tmp_path / "raw", "--output", tmp_path / "out")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: ")
    assert str(tmp_path / "raw") in last


def test_run_files_that_are_refused(tmp_path: Path) -> None:
    refused(galactica("run", tmp_path / "no.toml"), "no run file")
    run_file = Path(__file__).parents[1] / "runs/tiny.toml"
    refused(galactica("run", run_file, "--set", "model.d_modle=3"), "did you mean 'd_model'")
    refused(galactica("run", run_file, "--corpus", tmp_path / "absent", "--output", tmp_path / "out"), "does not exist")


def test_a_wrong_verb_is_one_line() -> None:
    refused(galactica("wirte"), "wirte")
    refused(galactica("generate", "x", "--max-new-tokens", "many"), "many")


def test_an_output_that_cannot_be_written(checkpoint: Path, library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for output in (tmp_path / "file" / "paper", tmp_path / "file"):
        refused(galactica("write", "T", "--model", checkpoint, "--library", library.folder, "--output", output), "file")
    (tmp_path / "here").mkdir()
    refused(galactica("write", "T", "--model", checkpoint, "--output", ".", cwd=tmp_path / "here"), "Give a folder")


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    """In the middle of a run: it says so in one line; the stage under way leaves no folder but that of its unfinished work."""
    run_file = Path(__file__).parents[1] / "runs/tiny.toml"
    command = [sys.executable, "-m", "galactica", "run", run_file, "--output", "out", "--workers", "1"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("corpus ..."):
            process.send_signal(signal.SIGINT)
            break
    said += process.stderr.readlines()
    assert process.wait(timeout=60) == 2, said
    assert said[-1].startswith("error: interrupted")
    assert {path.name for path in (tmp_path / "out").iterdir()} <= {"library", "reading"}


def test_help_lists_the_verbs() -> None:
    done = galactica("--help")
    assert done.returncode == 0
    for verb in ("write", "generate", "cite", "run", "tokenizer", "references", "corpus"):
        assert verb in done.stdout


LOADED = """
import sys
from galactica.cli import app
app(sys.argv[1:], standalone_mode=False)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "transformers"}))
"""


def test_a_corpus_is_built_without_torch(tmp_path: Path) -> None:
    """It takes seconds to read in. Red where stages.py, or what it takes from a room, imports it before a verb needs it."""
    run_file = Path(__file__).parents[1] / "runs/tiny.toml"
    raw = Path(__file__).parents[1] / "galactica/corpus/sample"
    for arguments in (
        ["build", run_file, "--input", raw, "--output", tmp_path / "out", "--set", 'corpus.sources=["compounds"]'],
        ["sources", "--json"],
    ):
        command = [sys.executable, "-c", LOADED, "corpus", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "[]"
