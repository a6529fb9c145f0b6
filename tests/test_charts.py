"""Shapes of charts: where shares are drawn, and which axis they get."""

import pytest

from recognizer.reviewing.charts import (
    Scale,
    chart_columns,
    chart_reliability,
    chart_rows,
)
from recognizer.statistics import Bin, Share

ENOUGH = 30


@pytest.mark.parametrize("tenths", range(10))
def test_an_axis_has_few_ticks_inside_it_and_ends_at_one(tenths: int) -> None:
    ticks = Scale(0, 100, tenths / 10).ticks
    assert ticks[0] == 1
    assert 3 <= len(ticks) <= 6
    assert min(ticks) >= tenths / 10 - 1e-9


def test_every_row_has_its_name_and_each_that_is_not_empty_a_dot() -> None:
    rows = [("one", Share(97, 100)), ("two", Share(0, 0)), ("three", Share(1, 2))]
    chart = chart_rows(rows, ENOUGH)
    words = [text.words for text in chart.texts]
    assert {"one", "two", "three", "100 %"} <= set(words)
    assert [dot.kind for dot in chart.dots] == ["many", "few"]


def test_a_small_group_does_not_stretch_the_axis_with_its_interval() -> None:
    large, small = Share(990, 1000), Share(9, 10)
    chart = chart_rows([("large", large), ("small", small)], ENOUGH)
    words = {text.words for text in chart.texts}
    assert "80 %" in words
    assert "60 %" not in words  # the small group's interval starts at 59.6 %
    assert all(line.x1 >= 96 for line in chart.lines)


def test_nothing_is_drawn_outside_the_chart() -> None:
    columns = [(0.0, Share(0, 50)), (7.0, Share(50, 50)), (700.0, Share(1, 2))]
    bins = [Bin(0, Share(0, 40), 0.0), Bin(9, Share(40, 40), 1.0)]
    for chart in (
        chart_columns(columns, ("first", "last"), ENOUGH),
        chart_columns(columns[:1], ("first", "first"), ENOUGH),
        chart_reliability(bins, ENOUGH),
    ):
        for dot in chart.dots:
            assert 4 <= dot.x <= chart.width - 4
            assert 4 <= dot.y <= chart.height - 4
