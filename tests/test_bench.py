"""The table of `make bench`."""

from benchmarks.bench.rows import Row


def test_a_row_above_its_limit_says_so() -> None:
    assert str(Row("a", 1.5, 1.0)) == "| a | 1.5 ms | 1 ms | 150%, above |"
    assert Row("a", 1.5, 1.0).is_above


def test_a_row_at_its_limit_is_not_above() -> None:
    assert str(Row("b", 4, 4, "")) == "| b | 4 | 4 | 100% |"
    assert not Row("b", 4, 4, "").is_above
