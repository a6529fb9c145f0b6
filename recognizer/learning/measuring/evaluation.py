"""How well a model reads: accuracy, refusals, calibration, confusion; two models compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier, Reading
from recognizer.learning.measuring.test_sets import TestSet
from recognizer.mcnemar import mcnemar_p

BINS = 15
COLUMNS = (*map(str, range(10)), "not a digit", "several", "blank")
_Bools = NDArray[np.bool_]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """What a model made of a test set."""

    test: TestSet
    predictions: list[Reading]

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The digits drawn, -1 for what is none."""
        return np.array([-1 if label is None else label for label in self.test.labels])

    @cached_property
    def right(self) -> _Bools:
        """Whether the most probable digit is the one drawn, whatever the verdict."""
        return np.asarray(
            np.array([_likeliest(p) for p in self.predictions]) == self.labels, np.bool_
        )

    @cached_property
    def accepted(self) -> _Bools:
        """Whether the verdict is 'digit'."""
        return np.array([p.verdict == "digit" for p in self.predictions])

    @property
    def has_digits(self) -> bool:
        """Whether digits were drawn, or things that are none."""
        return bool((self.labels >= 0).any())

    @property
    def accuracy(self) -> float:
        """The share of digits read right."""
        return float(self.right.mean())

    @property
    def accuracy_by_digit(self) -> dict[int, float]:
        """The same for each digit that was drawn."""
        return {
            int(d): float(self.right[self.labels == d].mean())
            for d in np.unique(self.labels)
        }

    @property
    def refused(self) -> float:
        """The share given any verdict but 'digit'."""
        return float(1 - self.accepted.mean())

    @property
    def calibration_error(self) -> float:
        """The expected calibration error of the ten probabilities."""
        read = np.array([p.probabilities is not None for p in self.predictions])
        top = np.array(
            [max(p.probabilities) for p in self.predictions if p.probabilities]
        )
        return calibration_error(top, self.right[read])

    @property
    def verdicts(self) -> dict[str, int]:
        """How often each verdict was given."""
        names, counts = np.unique(
            [p.verdict for p in self.predictions], return_counts=True
        )
        return dict(zip(names.tolist(), counts.tolist(), strict=True))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Counts, 10 x 13: the digit drawn by what was read (COLUMNS), 'unsure' read as its digit."""
        counts = np.zeros((10, len(COLUMNS)), np.int64)
        for label, prediction in zip(self.labels, self.predictions, strict=True):
            counts[label, _column(prediction)] += 1
        return counts

    def as_dict(self) -> dict[str, Any]:
        """Return every figure under its name, ready for JSON."""
        figures: dict[str, Any] = {
            "set": self.test.name,
            "condition": self.test.condition,
        }
        figures |= {
            "count": len(self.labels),
            "refused": self.refused,
            "verdicts": self.verdicts,
        }
        if self.has_digits:
            figures |= {
                "accuracy": self.accuracy,
                "accuracy_by_digit": self.accuracy_by_digit,
            }
            figures |= {
                "calibration_error": self.calibration_error,
                "confusion": self.confusion.tolist(),
            }
        return figures


def evaluate(classifier: Classifier, test: TestSet) -> Result:
    """Read a test set."""
    return Result(test, classifier.read(test.glyphs))


def calibration_error(confidences: _Floats, right: _Bools, bins: int = BINS) -> float:
    """Return the expected calibration error with bins of equal width (Guo et al. 2017).

    `confidences`: N probabilities of what was read; `right`: whether it was.
    """
    number = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = np.bincount(number, confidences, bins) - np.bincount(number, right, bins)
    return float(np.abs(gaps).sum() / max(len(confidences), 1))


def mcnemar(first: _Bools, second: _Bools) -> tuple[int, int, float]:
    """Compare two models on the same pictures, exactly (McNemar 1947; binomial).

    Returns how many only the first and only the second read right, and the two-sided p-value.
    """
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    return only_first, only_second, mcnemar_p(only_first, only_second)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows of text in columns, the first two flush left, the others flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(w) if i < 2 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _likeliest(prediction: Reading) -> int:
    return int(np.argmax(prediction.probabilities)) if prediction.probabilities else -2


def _column(prediction: Reading) -> int:
    if prediction.digit is not None:
        return prediction.digit
    return {"not_a_digit": 10, "several": 11, "blank": 12}[prediction.verdict]
