"""Loss against epochs, overall and per source, drawn from a run's own metrics file (the paper's figures 6 and 7)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from galactica.errors import BadData, missing_extra

FORMATS = ("png", "svg")
_DRAWN = {"train": ("epoch", "loss"), "validation": ("epoch", "loss", "sources")}
"""Kind of a record -> what is drawn of it."""


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The records of a metrics file, in order, but for a last line that is still being written. Raises BadData where it is
    missing or damaged."""
    try:
        text = path.read_text(encoding="utf-8")
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    except FileNotFoundError:
        raise BadData(f"no metrics at {str(path)!r}. Give the folder of a training run.") from None
    except ValueError as error:
        raise BadData(f"{path} is damaged: {error}") from None


def _complete(records: list[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """The records, each known to hold what is drawn of its kind. Raises BadData by line, and where nothing can be drawn."""
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
            raise BadData(
                f"{path}, line {number}: not a record of a training. Give metrics.jsonl as the training wrote it."
            )
        if missing := [key for key in _DRAWN.get(record["kind"], ()) if key not in record]:
            raise BadData(f"{path}, line {number}: a record of kind {record['kind']!r} without {missing[0]!r}.")
    if not any(record["kind"] in _DRAWN for record in records):
        raise BadData(f"{path} holds no losses yet. Give it when the training has made its first steps.")
    return records


def draw(metrics: Path, output: Path) -> list[Path]:
    """Write `output` with the endings .png and .svg; the paths written. Needs the extra `plots`."""
    try:
        import matplotlib as mpl
    except ImportError:
        raise missing_extra("matplotlib", "plots") from None
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    records = _complete(read_metrics(metrics), metrics)
    train = [record for record in records if record["kind"] == "train"]
    validation = [record for record in records if record["kind"] == "validation"]
    figure, (overall, by_source) = plt.subplots(1, 2, figsize=(11, 4.2), constrained_layout=True)
    overall.plot([r["epoch"] for r in train], [r["loss"] for r in train], color="0.7", linewidth=0.8, label="training")
    overall.plot(
        [r["epoch"] for r in validation], [r["loss"] for r in validation], "o-", markersize=3, label="validation"
    )
    overall.set(xlabel="epochs of the mixture", ylabel="loss (nats per token)", title="Loss")
    overall.legend(frameon=False)
    for source in sorted({source for record in validation for source in record["sources"]}):
        rows = [(r["epoch"], r["sources"][source]["loss"]) for r in validation if source in r["sources"]]
        by_source.plot(*zip(*rows, strict=True), "o-", markersize=2.5, linewidth=1, label=source)
    by_source.set(xlabel="epochs of the mixture", title="Validation loss by source")
    by_source.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    for axes in (overall, by_source):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    output.parent.mkdir(parents=True, exist_ok=True)
    paths = [output.with_suffix(f".{ending}") for ending in FORMATS]
    for path in paths:
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)
    return paths
