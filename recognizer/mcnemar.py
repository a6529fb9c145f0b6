"""McNemar's exact test: two models on the same pictures. No Django."""

from fractions import Fraction
from math import comb


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
