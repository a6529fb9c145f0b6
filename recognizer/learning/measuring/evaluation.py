"""How well a model reads a test set: accuracy, refusals, calibration, confusion."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.inference import Classifier, Reading
from recognizer.learning.measuring.statistics import calibration_error
from recognizer.learning.measuring.test_sets import TestSet
from recognizer.reading.constants import DIGITS

# The columns of a confusion matrix: the digit that was read, or why none was
REFUSALS = {"not_a_digit": "not a digit", "several": "several", "blank": "blank"}
COLUMNS = (*map(str, range(DIGITS)), *REFUSALS.values())
NO_DIGIT = -1  # the likeliest digit of a blank picture


@dataclass(frozen=True)
class Result:
    """What a model read in a test set."""

    test: TestSet
    readings: list[Reading]

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The N classes that were drawn."""
        return np.array(self.test.labels)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """N: whether the likeliest digit was drawn, regardless of the verdict."""
        likeliest = np.array([_likeliest(reading) for reading in self.readings])
        return np.asarray(likeliest == self.labels, np.bool_)

    @cached_property
    def accepted(self) -> NDArray[np.bool_]:
        """N: whether the verdict is 'digit'."""
        return np.array([reading.verdict == "digit" for reading in self.readings])

    @property
    def has_digits(self) -> bool:
        """Whether digits were drawn, rather than something else."""
        return bool((self.labels < DIGITS).any())

    @property
    def accuracy(self) -> float:
        """The share of digits that were read correctly."""
        return float(self.right.mean())

    @property
    def accuracy_by_digit(self) -> dict[int, float]:
        """The same for each digit that was drawn."""
        shares = {}
        for digit in np.unique(self.labels):
            shares[int(digit)] = float(self.right[self.labels == digit].mean())
        return shares

    @property
    def refused(self) -> float:
        """The share given any verdict other than 'digit'."""
        return float(1 - self.accepted.mean())

    @property
    def calibration_error(self) -> float:
        """The expected calibration error of the ten probabilities, without blanks."""
        confidences, right = [], []
        for reading, is_right in zip(self.readings, self.right, strict=True):
            if reading.probabilities:
                confidences.append(max(reading.probabilities))
                right.append(is_right)
        return calibration_error(np.array(confidences), np.array(right, np.bool_))

    @property
    def verdicts(self) -> dict[str, int]:
        """The number of readings with each verdict."""
        verdicts = [reading.verdict for reading in self.readings]
        names, counts = np.unique(verdicts, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """10 x 13 counts: the digit drawn by what was read (COLUMNS).

        An 'unsure' reading counts as its digit.
        """
        counts = np.zeros((DIGITS, len(COLUMNS)), np.int64)
        for label, reading in zip(self.labels, self.readings, strict=True):
            counts[label, _column(reading)] += 1
        return counts

    def as_dict(self) -> dict[str, Any]:
        """Return every figure under its name, ready for JSON."""
        figures = {
            "set": self.test.name,
            "condition": self.test.condition,
            "count": len(self.labels),
            "refused": self.refused,
            "verdicts": self.verdicts,
        }
        if self.has_digits:
            figures |= {
                "accuracy": self.accuracy,
                "accuracy_by_digit": self.accuracy_by_digit,
                "calibration_error": self.calibration_error,
                "confusion": self.confusion.tolist(),
            }
        return figures


def evaluate(classifier: Classifier, test: TestSet) -> Result:
    """Read a test set."""
    return Result(test, classifier.read(test.glyphs))


def _likeliest(reading: Reading) -> int:
    if reading.probabilities is None:
        return NO_DIGIT
    return int(np.argmax(reading.probabilities))


def _column(reading: Reading) -> int:
    if reading.digit is not None:
        return reading.digit
    return COLUMNS.index(REFUSALS[reading.verdict])
