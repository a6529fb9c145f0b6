"""Two statistics: the calibration error, and a test of whether two models differ."""

import numpy as np
from numpy.typing import NDArray

from recognizer.statistics import mcnemar_p

BINS = 15
_Bools = NDArray[np.bool_]


def calibration_error(
    confidences: NDArray[np.floating], right: _Bools, bins: int = BINS
) -> float:
    """Return the expected calibration error with bins of equal width (Guo et al. 2017).

    `confidences`: N, the probability of the digit that was read; `right`: N, whether
    it was the right one.
    """
    number = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = np.bincount(number, confidences, bins) - np.bincount(number, right, bins)
    return float(np.abs(gaps).sum() / max(len(confidences), 1))


def mcnemar(first: _Bools, second: _Bools) -> tuple[int, int, float]:
    """Compare two models on the same N pictures by McNemar's exact test (1947).

    `first` and `second`: N, whether each model was right. Returns how many pictures
    only the first and only the second read right, and the two-sided p-value.
    """
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    return only_first, only_second, mcnemar_p(only_first, only_second)
