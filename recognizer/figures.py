"""A model's measured figures, as the About page shows them: a row per test set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The sets of constants.TEST_SETS, in their order
SET_TITLES = {
    "mnist": _("MNIST's test digits"),
    "writers": _("digits drawn on a screen"),
    "styles": _("rare ways of writing digits"),
    "photographs": _("digits on photographed paper"),
    "doodles": _("doodles of other things"),
    "characters": _("characters of another alphabet"),
    "letters": _("Latin letters"),
    "several": _("several digits at once"),
}


@dataclass(frozen=True)
class Figure:
    """The means over a test set's conditions.

    `accuracy` is None for a set without digits. Both shares are from 0 to 1.
    """

    name: str | Promise
    count: int
    accuracy: float | None
    refused: float


def figures_by_set(rows: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """Return a figure for each set. The rows of a set must be adjacent."""
    figures = []
    for name, group in groupby(rows, lambda row: str(row["set"])):
        figures.append(_mean_figure(name, list(group)))
    return figures


def _mean_figure(name: str, rows: list[Mapping[str, Any]]) -> Figure:
    has_accuracy = all(row.get("accuracy") is not None for row in rows)
    return Figure(
        name=SET_TITLES.get(name, name),
        count=sum(row["count"] for row in rows),
        accuracy=_mean(rows, "accuracy") if has_accuracy else None,
        refused=_mean(rows, "refused"),
    )


def _mean(rows: list[Mapping[str, Any]], field: str) -> float:
    """Return the mean of a field, weighted by each row's number of drawings."""
    total = sum(row["count"] * row[field] for row in rows)
    return float(total / sum(row["count"] for row in rows))
