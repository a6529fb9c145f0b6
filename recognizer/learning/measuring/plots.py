"""Pictures of a training run and of an evaluation: matplotlib without a display."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

CURVES = {"training": "main", "held out": "validation/main"}  # names in Chainer's log


def plot_log(log: Path, target: Path) -> None:
    """Draw loss and accuracy by epoch as a PNG, from the log of Chainer's LogReport."""
    rows = json.loads(log.read_text())
    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for label, prefix in CURVES.items():
            values = [row[f"{prefix}/{name}"] for row in rows]
            axes.plot(epochs, values, marker="o", label=label)
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(target)


def plot_confusion(
    counts: NDArray[np.integer], columns: Sequence[str], title: str, target: Path
) -> None:
    """Draw a confusion matrix as a PNG: digits drawn in rows, readings in columns.

    `counts` has as many columns as `columns` has names.
    """
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(counts), cmap="Greys")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if count > counts.max() / 4 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=color)
    axes.set(title=title, xlabel="read", ylabel="drawn", yticks=range(len(counts)))
    axes.set_xticks(range(len(columns)), columns)
    figure.savefig(target)
