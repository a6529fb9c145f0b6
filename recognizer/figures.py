"""A model's measured figures, as the About page shows them: a line for each set of drawings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SETS = {
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
    """The mean over the conditions of a set; `accuracy` is None where nothing is a digit."""

    name: str | Promise
    count: int
    accuracy: float | None
    refused: float


def by_set(rows: Iterable[Mapping[str, Any]]) -> list[Figure]:
    return [
        _mean(name, list(group))
        for name, group in groupby(rows, lambda row: str(row["set"]))
    ]


def _mean(name: str, rows: list[Mapping[str, Any]]) -> Figure:
    count = sum(row["count"] for row in rows)

    def mean(field: str) -> float:
        return float(sum(row["count"] * row[field] for row in rows) / count)

    measured = all(row.get("accuracy") is not None for row in rows)
    return Figure(
        SETS.get(name, name),
        count,
        mean("accuracy") if measured else None,
        mean("refused"),
    )
