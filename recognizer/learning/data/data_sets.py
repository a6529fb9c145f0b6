"""The data sets: whom to credit, and what a model trained without one does less well.

sources.md beside this file says where they come from and what is in them.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class DataSet:
    """A folder of the data, named by its key in DATA_SETS."""

    credit: str
    cost: str  # what happens without it; the end of a sentence


DATA_SETS = {
    "mnist": DataSet(
        "MNIST (LeCun, Cortes, Burges)",
        "scanned digits will be read less well",
    ),
    "pendigits": DataSet(
        "Pen-Based Recognition of Handwritten Digits "
        "(Alpaydin, Alimoglu 1998), UCI, CC BY 4.0",
        "digits drawn on a screen will be read less well",
    ),
    "doodles": DataSet(
        "Quick, Draw! (Google), CC BY 4.0",
        "more doodles will be taken for digits",
    ),
    "characters": DataSet(
        "Omniglot (Lake, Salakhutdinov, Tenenbaum 2015), MIT",
        "more letters and foreign characters will be taken for digits",
    ),
}


def costs_of(missing: Iterable[str]) -> list[str]:
    """Return a sentence about each missing data set and its effect on the model."""
    return [f"{name}/ is missing: {DATA_SETS[name].cost}." for name in missing]
