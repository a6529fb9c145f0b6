"""McNemar's exact test, held to numbers that can be computed by hand."""

import pytest

from recognizer.statistics import fall_p, mcnemar_p


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
