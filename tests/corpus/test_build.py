"""`galactica corpus build` around the pipeline: what makes it run again, what it refuses before it begins, and builds at URLs."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path

import fsspec
import platformdirs
import pytest

from galactica import files, stages
from galactica.corpus.decontamination import write_fingerprint
from galactica.corpus.holdout import HoldoutConfig
from galactica.corpus.jobs import JobsConfig
from galactica.corpus.pipeline import CorpusConfig, sample_folder
from galactica.errors import BadConfig, BadData, BadInput
from galactica.manifest import Manifest

REPOSITORY = Path(__file__).parents[2]
SOME = CorpusConfig(sources=("reasoning", "proteins"))


def build(
    output: str | Path,
    config: CorpusConfig = SOME,
    *,
    raw: str | Path | None = None,
    library: Path | None = None,
    jobs: JobsConfig | None = None,
    work: Path | None = None,
    said: list[str] | None = None,
) -> tuple[Manifest, bool]:
    say = (said if said is not None else []).append
    return stages.build_corpus(
        str(raw or sample_folder()),
        str(output),
        config,
        library or files.asset("library"),
        jobs or JobsConfig(workers=1),
        work,
        say,
    )


def test_a_file_that_the_section_names_is_part_of_the_input(tmp_path: Path) -> None:
    """Red where its path alone counts."""
    targets = tmp_path / "targets.fasta"
    targets.write_text(">a\nMKVLAAGITGAGKTRWDFEY\n")
    write_fingerprint(tmp_path / "f", ["one two three four five six seven eight nine ten eleven twelve thirteen"])
    config = CorpusConfig(
        ("proteins",), fingerprint=str(tmp_path / "f"), holdout=HoldoutConfig(protein_targets=str(targets))
    )
    assert [build(tmp_path / "out", config)[1] for _ in range(2)] == [True, False]
    write_fingerprint(
        tmp_path / "f", ["something else that an evaluation asks, in as many words as are looked for here"]
    )
    assert [build(tmp_path / "out", config)[1] for _ in range(2)] == [True, False]
    targets.write_text(">a\nMSTNPKPQRKTKRNTNRRPQ\n")
    assert [build(tmp_path / "out", config)[1] for _ in range(2)] == [True, False]
    targets.unlink()
    with pytest.raises(BadConfig, match=r"protein_targets .*targets.fasta', which is no file"):
        build(tmp_path / "out", config)
    with pytest.raises(BadConfig, match="fingerprint 'absent', which is no file"):
        build(tmp_path / "out", CorpusConfig(fingerprint="absent"))


def test_a_named_file_that_is_none_of_its_kind_is_refused_before_reading(tmp_path: Path) -> None:
    """Red where it is opened at the end of the build only."""
    (tmp_path / "items.jsonl").write_text('{"question": "why"}\n')
    for config, why in (
        (CorpusConfig(fingerprint=str(tmp_path / "items.jsonl")), "is not a fingerprint"),
        (CorpusConfig(holdout=HoldoutConfig(protein_targets=str(tmp_path / "items.jsonl"))), "holds no FASTA record"),
    ):
        said: list[str] = []
        with pytest.raises(BadData, match=why):
            build(tmp_path / "out", config, said=said)
        assert not said
    assert [path.name for path in tmp_path.iterdir()] == ["items.jsonl"]


def test_refused_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "a.smi").write_text("CCO ethanol\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    slurm = JobsConfig(executor="slurm", slurm_partition="cpu")
    with pytest.raises(BadInput, match=r"--output .* holds the input"):
        build(tmp_path, raw=raw)
    with pytest.raises(BadInput, match=r"--work .* lies in the input"):
        build(tmp_path / "out", raw=raw, work=raw / "w")
    with pytest.raises(BadInput, match=r"--work .* lies in the output"):
        build(tmp_path / "out", raw=raw, work=tmp_path / "out/w")
    with pytest.raises(BadInput, match=r"--library .* lies in the output"):
        build(tmp_path / "out", raw=raw, library=tmp_path / "out/library")
    with pytest.raises(BadConfig, match="no sbatch here"):
        build(tmp_path / "out", raw=raw, jobs=slurm)
    monkeypatch.setattr(stages, "require", lambda jobs: None)
    with pytest.raises(BadConfig, match="give --work"):
        build("memory://nowhere", raw=raw, jobs=slurm)
    with pytest.raises(BadData, match=r"ftp://127.0.0.1:9/x' cannot be reached"):
        build(tmp_path / "out", raw="ftp://127.0.0.1:9/x")
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["raw", "a.smi"]


def test_a_run_refuses_its_input_as_output(tmp_path: Path) -> None:
    config = stages.load_run(REPOSITORY / "runs/tiny.toml", [])
    for output in (tmp_path, tmp_path / "out", tmp_path.parent):
        with pytest.raises(BadInput, match=r"--output"):
            stages.Run(config, tmp_path, output, 1, lambda line: None)


def test_a_given_work_folder_is_shared_by_builds_and_stays(tmp_path: Path) -> None:
    """Red where unfinished work of another config is taken for this one's, or the user's folder is removed."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "mine").write_text("x")
    other = work / "0123456789abcdef" / "read"
    other.mkdir(parents=True)
    said: list[str] = []
    found, _ = build(tmp_path / "out", work=work, said=said)
    assert found.counts["sources"].keys() == {"reasoning", "proteins"}
    assert sorted(path.name for path in work.iterdir()) == ["0123456789abcdef", "mine"]


def test_a_build_at_a_url(tmp_path: Path) -> None:
    """Found again there, replaced whole, and nothing of it kept here."""
    fs = fsspec.filesystem("memory")
    root = f"/{uuid.uuid4().hex}/corpus"
    url = f"memory:/{root}"
    cache = Path(platformdirs.user_cache_dir("galactica")) / "corpus"
    for config, sources in ((SOME, {"reasoning", "proteins"}), (CorpusConfig(("proteins",)), {"proteins"})):
        first, is_new = build(url, config)
        again, is_new_again = build(url, config)
        assert (is_new, is_new_again) == (True, False)
        assert again.key == first.key
        there = {name.removeprefix(f"{root}/") for name in fs.find(root)}
        assert there == {*first.counts["files"], "manifest.json"}
        assert {Path(name).name.partition(".")[0] for name in there if name.startswith("train")} == sources
        assert not any(cache.iterdir())
    build(url, work=tmp_path / "work")
    assert not any((tmp_path / "work").iterdir())


def test_a_library_of_the_input_is_among_the_files_of_the_manifest(tmp_path: Path) -> None:
    found, _ = stages.build_corpus(
        str(sample_folder()), str(tmp_path / "out"), CorpusConfig(("jats",)), None, JobsConfig(workers=1), None, print
    )
    listed = found.counts["files"]
    assert "library/records.bin" in listed
    there = files.digests(tmp_path / "out", tmp_path / "out")
    assert there.pop("manifest.json")
    assert listed == there


def test_the_sources_are_whole_lines_in_a_pipe_that_may_end_early() -> None:
    command = [sys.executable, "-m", "galactica", "corpus", "sources"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "…" not in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.split()[:1] == ["wikipathways"])
    assert "https://github.com/wikipathways/wikipathways-database" in line
    rows = json.loads(subprocess.run([*command, "--json"], cwd=REPOSITORY, capture_output=True, check=True).stdout)
    assert len(done.stdout.splitlines()) == len(rows) + 1
    ended = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ended.stdout is not None
    assert ended.stderr is not None
    ended.stdout.close()
    assert ended.stderr.read() == b""
    ended.wait()
