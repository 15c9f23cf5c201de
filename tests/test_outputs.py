"""Outputs that would cost their own input are refused, and a build at a URL is whole or said not to be one."""

from __future__ import annotations

import json
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fsspec
import pytest

from galactica import manifest, outputs
from galactica.errors import BadData, BadInput, MissingExtra


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("raw", "is the input"),
        ("link", "is the input"),
        ("raw/../raw/", "is the input"),
        ("file://{}/raw", "is the input"),
        (".", "holds the input"),
        ("link/..", "holds the input"),
        ("raw/out", "lies in the input"),
        ("link/sub/out", "lies in the input"),
    ],
)
def test_what_would_replace_or_feed_its_input_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, words: str
) -> None:
    """Red where paths are compared as they are written."""
    (tmp_path / "a/raw/sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a")
    Path("link").symlink_to(tmp_path / "a/raw")
    with pytest.raises(BadInput, match=f"--output .* {words}"):
        outputs.check_apart("raw", {"--output": output.format(tmp_path / "a")})


def test_places_apart_are_allowed_however_alike_their_names(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    places: dict[str, str | Path | None] = {
        "--output": tmp_path / "raw2", "--work": None, "a": "memory://raw", "b": tmp_path / "raw/../out",
    }  # fmt: skip
    outputs.check_apart(tmp_path / "raw", places)
    with pytest.raises(BadInput, match="lies in the input 'memory://x/raw'"):
        outputs.check_apart("memory://x/raw", {"--output": "memory://x/raw/out"})


def test_what_the_output_would_take_along_is_refused(tmp_path: Path) -> None:
    for name in ("out", "out/library"):
        with pytest.raises(BadInput, match="is or lies in the output"):
            outputs.check_outside(tmp_path / "out", {"--library": tmp_path / name})
    outputs.check_outside(tmp_path / "out", {"--work": tmp_path, "--library": tmp_path / "out2"})


@pytest.mark.parametrize(("url", "package"), [("gs://bucket/x", "gcsfs"), ("sftp://host/x", "paramiko")])
def test_a_url_that_needs_a_package_says_which(url: str, package: str) -> None:
    if find_spec(package):
        pytest.skip(f"{package} is installed")
    with pytest.raises(MissingExtra, match=f"pip install {package}"):
        outputs.is_remote(url)


def test_an_unknown_protocol_is_said() -> None:
    with pytest.raises(BadData, match="Protocol not known: nosuch"):
        outputs.is_remote("nosuch://x/y")


@pytest.fixture
def place() -> str:
    """A folder of the memory file system."""
    return f"memory://{uuid.uuid4().hex}/corpus"


def made(folder: Path, *names: str) -> Path:
    """A finished build of these files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{folder.name} {name}")
    counts = {"files": dict.fromkeys(names, "")}
    manifest.write(folder, manifest.Manifest("corpus", folder.name, {}, {}, counts, {}, 0.0))
    return folder


def at(place: str) -> set[str]:
    fs, root = fsspec.core.url_to_fs(place)
    return {name.removeprefix(f"{root}/") for name in fs.find(root)}


def test_what_only_the_build_before_consisted_of_goes_and_a_strangers_file_stays(tmp_path: Path, place: str) -> None:
    fs, root = fsspec.core.url_to_fs(place)
    assert outputs.prepare(place) is None
    outputs.publish(made(tmp_path / "one", "train/a.jsonl.zst", "train/b.jsonl.zst", "leakage.json"), place)
    fs.pipe(f"{root}/notes.txt", b"mine")
    standing = outputs.prepare(place)
    assert standing is not None
    assert standing.key == "one"
    outputs.publish(made(tmp_path / "two", "train/a.jsonl.zst", "statistics.json"), place)
    assert at(place) == {"manifest.json", "train/a.jsonl.zst", "statistics.json", "notes.txt"}
    assert fs.cat(f"{root}/train/a.jsonl.zst") == b"two train/a.jsonl.zst"


@pytest.mark.parametrize("n_before", range(4))
def test_a_copy_that_is_cut_off_is_no_build_and_the_next_one_clears_it(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch, n_before: int
) -> None:
    """Red where the old manifest stands while files are copied, or where the next copy forgets the old files."""
    fs, _ = fsspec.core.url_to_fs(place)
    outputs.publish(made(tmp_path / "one", "train/a", "train/b"), place)
    put, n_put = type(fs).put_file, 0

    def cut(self: Any, *arguments: Any, **options: Any) -> None:
        nonlocal n_put
        if n_put == n_before:
            raise ConnectionResetError("the network is gone")
        n_put += 1
        put(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(fs), "put_file", cut)
        with pytest.raises(BadData, match=r"the network is gone .*What was built is kept in .*two"):
            outputs.publish(made(tmp_path / "two", "train/a", "train/c", "train/d"), place)
    assert outputs.prepare(place) is None
    outputs.publish(made(tmp_path / "three", "train/e"), place)
    assert at(place) == {"manifest.json", "train/e"}


def test_the_manifest_is_written_last(tmp_path: Path, place: str) -> None:
    fs, root = fsspec.core.url_to_fs(place)
    outputs.publish(made(tmp_path / "one", "a.json", "train/z.jsonl.zst"), place)
    found = sorted(fs.find(root, detail=True).values(), key=lambda info: info["created"])
    assert found[-1]["name"] == f"{root}/manifest.json"


def test_what_no_build_put_there_is_left_alone(place: str) -> None:
    fs, root = fsspec.core.url_to_fs(place)
    fs.pipe(f"{root}/thesis.txt", b"years of work")
    with pytest.raises(BadData, match="something else"):
        outputs.prepare(place)
    assert at(place) == {"thesis.txt"}


def test_a_manifest_of_anyones_making_deletes_nothing_outside(tmp_path: Path) -> None:
    """At a place that follows `..`, which the memory file system does not. Red where names are taken as they stand."""
    (tmp_path / "other.txt").write_text("x")
    folder, place = tmp_path / "place", f"file://{tmp_path}/place"
    outputs.publish(made(tmp_path / "one", "a"), place)
    tree = json.loads((folder / "manifest.json").read_text())
    tree["counts"]["files"] |= dict.fromkeys(("../other.txt", f"{tmp_path}/other.txt", "", "a/../../other.txt"), "")
    (folder / "manifest.json").write_text(json.dumps(tree))
    outputs.publish(made(tmp_path / "two", "b"), place)
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "b"}
    assert (tmp_path / "other.txt").exists()


def test_a_place_that_cannot_be_written_to_is_said_before_the_work(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fs, _ = fsspec.core.url_to_fs(place)

    def refuse(self: Any, *arguments: Any, **options: Any) -> None:
        raise PermissionError("Access Denied")

    for action in ("pipe_file", "rm_file"):
        with monkeypatch.context() as patch:
            patch.setattr(type(fs), action, refuse)
            with pytest.raises(BadData, match="cannot be written to: Access Denied"):
                outputs.prepare(place)
