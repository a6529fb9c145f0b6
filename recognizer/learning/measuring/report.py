"""The results of an evaluation as text, JSON and pictures."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.learning.measuring import tables
from recognizer.learning.measuring.evaluation import COLUMNS, Result
from recognizer.learning.measuring.plots import plot_confusion
from recognizer.learning.measuring.statistics import mcnemar
from recognizer.learning.measuring.tables import Rows


def as_json(names: Sequence[str], results: Rows) -> str:
    """Return JSON objects, one per line.

    Each test set has one for each model and, with two models, one for the difference.
    """
    objects: list[dict[str, Any]] = []
    for row in results:
        for name, result in zip(names, row, strict=True):
            objects.append({"model": name} | result.as_dict())
        if len(row) == 2 and row[0].has_digits:
            objects.append({"models": list(names)} | _difference(*row))
    return "\n".join(map(json.dumps, objects))


def as_text(names: Sequence[str], results: Rows) -> str:
    """Return tables of digits, non-digits and confusion, and of the difference."""
    digits = [row for row in results if row[0].has_digits]
    others = [row for row in results if not row[0].has_digits]
    parts = []
    if digits:
        parts.append(tables.digits_table(names, digits))
        parts.append(tables.accuracy_table(names, digits))
    if others:
        parts.append(tables.others_table(names, others))
    for name, group, counts in _confusions(names, digits):
        title = f"{name}, {group}: drawn (down) and read (across)\n"
        parts.append(title + tables.confusion_table(counts))
    if digits and len(names) == 2:
        parts.append(tables.difference_table(names, digits))
    return "\n\n".join(parts)


def plot(names: Sequence[str], results: Rows, folder: Path) -> None:
    """Write a PNG of the confusion matrix of each model and set of digits."""
    digits = [row for row in results if row[0].has_digits]
    for name, group, counts in _confusions(names, digits):
        target = folder / f"{name}-{group}.png"
        plot_confusion(counts, COLUMNS, f"{name}: {group}", target)


def _difference(first: Result, second: Result) -> dict[str, Any]:
    only_first, only_second, p = mcnemar(first.right, second.right)
    return {
        "set": first.test.name,
        "condition": first.test.condition,
        "only_first_right": only_first,
        "only_second_right": only_second,
        "mcnemar_p": p,
    }


def _confusions(
    names: Sequence[str], results: Rows
) -> list[tuple[str, str, NDArray[np.int64]]]:
    """Return model, set and confusion matrix, summed over the set's conditions."""
    confusions = []
    for index, name in enumerate(names):
        sums: dict[str, NDArray[np.int64]] = {}
        for row in results:
            result = row[index]
            group = result.test.name
            sums[group] = sums.get(group, 0) + result.confusion
        for group, counts in sums.items():
            confusions.append((name, group, counts))
    return confusions
