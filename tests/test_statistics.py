"""Intervals, sample sizes and tables of counts, against published and worked values."""

from math import isclose

import pytest

from recognizer.statistics import (
    Share,
    confusion,
    fall_p,
    labels_needed,
    mcnemar_p,
    reliability_bins,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("right", "total", "lower", "upper"),
    [
        # Newcombe 1998, 'Two-sided confidence intervals for the single proportion', table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # Worked by hand
        (45, 50, 0.7864, 0.9565),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_intervals_have_their_published_values(
    right: int, total: int, lower: float, upper: float
) -> None:
    assert wilson_interval(right, total) == pytest.approx((lower, upper), abs=0.00005)


def test_without_answers_the_interval_is_everything() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert Share(0, 0).value is None
    assert Share(0, 0).interval == (0.0, 1.0)


def test_all_right_and_all_wrong_reach_their_exact_bounds() -> None:
    for total in range(1, 200):
        assert wilson_interval(0, total)[0] == 0.0
        assert wilson_interval(total, total)[1] == 1.0


@pytest.mark.parametrize(("right", "total"), [(-1, 5), (6, 5), (0, -1)])
def test_an_impossible_share_is_refused(right: int, total: int) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        wilson_interval(right, total)


@pytest.mark.parametrize("wrong", [0, 1, 2, 5, 10])
@pytest.mark.parametrize("width", [0.01, 0.05, 0.2])
def test_as_many_labels_as_needed_give_the_width_and_one_fewer_does_not(
    wrong: int, width: float
) -> None:
    share = 1 - wrong / 20
    needed = labels_needed(share, width)
    assert width_at(share, needed) <= width + 1e-9
    assert width_at(share, needed - 1) > width


def width_at(share: float, total: int) -> float:
    """The width of the interval, from its formula, for a share that need not be whole."""
    z = 1.959963984540054
    spread = share * (1 - share) / total + z**2 / (4 * total**2)
    return float(2 * z * spread**0.5 / (1 + z**2 / total))


def test_the_width_formula_of_these_tests_is_that_of_the_interval() -> None:
    lower, upper = wilson_interval(45, 50)
    assert isclose(width_at(0.9, 50), upper - lower)


@pytest.mark.parametrize(
    ("share", "width"), [(-0.1, 0.1), (1.1, 0.1), (0.5, 0), (0.5, 1)]
)
def test_an_impossible_interval_is_refused(share: float, width: float) -> None:
    with pytest.raises(ValueError, match="No interval"):
        labels_needed(share, width)


def test_the_confusion_matrix_has_labels_in_rows_and_readings_in_columns() -> None:
    matrix = confusion([(4, 9, 2), (11, 10, 1), (4, 9, 3)])
    assert (len(matrix), {len(row) for row in matrix}) == (12, {12})
    assert matrix[4][9] == 5
    assert matrix[11][10] == 1
    assert sum(map(sum, matrix)) == 6


def test_reliability_bins_are_in_order_and_empty_ones_are_left_out() -> None:
    rows = [(9, 4, 3, 0.97), (2, 1, 0, 0.25), (5, 0, 0, 0.0)]
    low, high = reliability_bins(rows)
    assert (low.bounds, low.share, low.confidence) == ((0.2, 0.3), Share(0, 1), 0.25)
    assert (high.bounds, high.share, high.confidence) == ((0.9, 1), Share(3, 4), 0.97)


def test_without_a_difference_nothing_is_told_apart() -> None:
    assert mcnemar_p(0, 0) == 1
    assert mcnemar_p(9, 9) == 1
    assert fall_p(0, 0) == 1


@pytest.mark.parametrize(
    ("broken", "mended", "p"),
    [(1, 0, 1.0), (5, 0, 2 / 32), (0, 5, 2 / 32), (6, 0, 2 / 64), (7, 1, 18 / 256)],
)
def test_the_two_sided_test_counts_both_tails(
    broken: int, mended: int, p: float
) -> None:
    assert mcnemar_p(broken, mended) == pytest.approx(p)


@pytest.mark.parametrize(
    ("broken", "mended", "p"),
    [(5, 0, 1 / 32), (0, 5, 1.0), (7, 1, 9 / 256), (1, 1, 3 / 4)],
)
def test_the_one_sided_test_counts_what_is_broken(
    broken: int, mended: int, p: float
) -> None:
    assert fall_p(broken, mended) == pytest.approx(p)


def test_thousands_of_differences_do_not_overflow() -> None:
    assert mcnemar_p(3000, 3000) == pytest.approx(1)
    assert 0 <= mcnemar_p(4000, 1000) < 1e-100
