"""Statistics of counted answers, as plain functions. It imports no Django."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, comb, sqrt

from recognizer.reading.constants import CLASSES

Z_95 = 1.959963984540054  # the standard normal distribution's 97.5 % point
BINS = 10


@dataclass(frozen=True)
class Share:
    """A part of `total` answers, such as those that are right."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1. None when there are no answers."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return wilson_interval(self.count, self.total)


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies in one of BINS intervals of equal width."""

    number: int  # from 0
    share: Share
    confidence: float  # the mean, 0 to 1

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest confidence of the bin and that of the next bin."""
        return self.number / BINS, (self.number + 1) / BINS


def wilson_interval(right: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), lower bound first.

    `right` of `total` independent answers are right. `z` sets the level: 1.96 for 95 %.
    Without any answer nothing is known, and the interval is (0, 1). Raises ValueError
    unless 0 <= right <= total.

    E. B. Wilson, 'Probable inference, the law of succession, and statistical inference',
    Journal of the American Statistical Association 22 (1927), pages 209-212.
    """
    if not 0 <= right <= total:
        raise ValueError(f"{right} of {total} is not a share.")
    if total == 0:
        return 0.0, 1.0
    share = right / total
    scale = 1 + z**2 / total
    centre = (share + z**2 / (2 * total)) / scale
    spread = share * (1 - share) / total + z**2 / (4 * total**2)
    half = z * sqrt(spread) / scale
    # Rounding must not leave 0 and 1, which are the exact bounds there.
    lower = 0.0 if right == 0 else max(0.0, centre - half)
    upper = 1.0 if right == total else min(1.0, centre + half)
    return lower, upper


def labels_needed(share: float, width: float, z: float = Z_95) -> int:
    """Return how many answers it takes for a Wilson interval at most `width` wide.

    `share` is the expected share of right answers. `width` is the distance between the
    two bounds, 0 to 1 exclusive. Raises ValueError for other values.

    The interval's width, set equal to `width`, is a quadratic equation in the number of
    answers; this is its positive solution, rounded up.
    """
    if not (0 <= share <= 1 and 0 < width < 1):
        raise ValueError(f"No interval of width {width} around {share} can be wanted.")
    linear = z**2 * (2 * share * (1 - share) - width**2)
    root = sqrt(linear**2 + width**2 * z**4 * (1 - width**2))
    return ceil((linear + root) / width**2)


def confusion(counts: Iterable[tuple[int, int, int]]) -> list[list[int]]:
    """Return the CLASSES x CLASSES confusion matrix of (label, read as, count).

    Rows are labels and columns what was read. Pairs that occur several times are added.
    """
    matrix = [[0] * CLASSES for _ in range(CLASSES)]
    for label, read_as, count in counts:
        matrix[label][read_as] += count
    return matrix


def reliability_bins(rows: Iterable[tuple[int, int, int, float]]) -> list[Bin]:
    """Return the bins that hold answers, in order, for a reliability curve.

    Each row has a bin's number (0 to BINS - 1), how many answers it holds, how many of
    them are right, and their mean confidence. The method is that of DeGroot and Fienberg,
    'The comparison and evaluation of forecasters', The Statistician 32 (1983).
    """
    bins = []
    for number, total, right, confidence in sorted(rows):
        if total:
            bins.append(Bin(number, Share(right, total), confidence))
    return bins


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of McNemar's exact test (McNemar 1947; binomial).

    `only_first` and `only_second`: how many pictures only one of two models read right.
    """
    total, fewer = only_first + only_second, min(only_first, only_second)
    if total == 0:
        return 1.0
    return min(1.0, 2 * _share_of_outcomes(total, range(fewer + 1)))


def fall_p(broken: int, mended: int) -> float:
    """Return the one-sided p-value of McNemar's exact test: that chance breaks as many."""
    total = broken + mended
    return _share_of_outcomes(total, range(broken, total + 1))


def _share_of_outcomes(total: int, counts: range) -> float:
    """Return how likely `total` fair coins show one of these numbers of heads."""
    outcomes = sum(comb(total, count) for count in counts)
    return float(Fraction(outcomes, 2**total))
