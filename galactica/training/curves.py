"""Loss against epochs, overall and per source, drawn from a run's own metrics file (the paper's figures 6 and 7)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from galactica.errors import BadData, missing_extra

FORMATS = ("png", "svg")


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


def draw(metrics: Path, output: Path) -> list[Path]:
    """Write `output` with the endings .png and .svg; the paths written. Needs the extra `plots`."""
    try:
        import matplotlib as mpl
    except ImportError:
        raise missing_extra("matplotlib", "plots") from None
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    records = read_metrics(metrics)
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
