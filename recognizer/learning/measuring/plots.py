"""Pictures of a training run and of an evaluation, drawn with matplotlib without a display."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def plot_log(log: Path, target: Path) -> None:
    """Draw loss and accuracy by epoch, from the log that Chainer's LogReport wrote, as a PNG."""
    rows = json.loads(log.read_text())
    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        axes.plot(
            epochs, [row[f"main/{name}"] for row in rows], marker="o", label="training"
        )
        axes.plot(
            epochs,
            [row[f"validation/main/{name}"] for row in rows],
            marker="o",
            label="held out",
        )
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(target)


def plot_confusion(
    counts: NDArray[np.integer], columns: Sequence[str], title: str, target: Path
) -> None:
    """Draw a confusion matrix as a PNG: what was drawn in the rows, what was read in the columns."""
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(counts), cmap="Greys")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 4
            axes.text(
                column,
                row,
                str(count),
                ha="center",
                va="center",
                color="white" if dark else "black",
            )
    axes.set(title=title, xlabel="read", ylabel="drawn", yticks=range(len(counts)))
    axes.set_xticks(range(len(columns)), columns)
    figure.savefig(target)
