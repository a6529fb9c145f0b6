"""Charts of shares as shapes, for a template that writes them as SVG. It imports no Django.

Coordinates are those of the chart's viewBox, y downwards. Kinds are names of CSS classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor

from recognizer.statistics import Bin, Share

WIDTH = 360
NAMES = 96  # the width of the names at the left
NUMBERS = 48  # the same for percentages
RIGHT = 20  # the margin at the right
TOP = 10
BOTTOM = 24  # the height of the percentages below
ROW = 24
PLOT = 200  # the height of a chart that has its percentages at the left


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    kind: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    words: str
    anchor: str  # start, middle or end


@dataclass
class Chart:
    height: int
    width: int = WIDTH
    lines: list[Line] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class Scale:
    """Places shares from `lowest` to 1 between two coordinates."""

    start: float
    end: float
    lowest: float = 0.0

    def place(self, share: float) -> float:
        """Return the coordinate of a share. Lower ones than `lowest` are put there."""
        part = (max(share, self.lowest) - self.lowest) / (1 - self.lowest)
        return round(self.start + part * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[float]:
        """The shares at the axis, from 1 downwards, four to six of them."""
        percents = round(100 * (1 - self.lowest))
        step = next(step for step in (2, 5, 10, 20) if 5 * step >= percents)
        return [1 - below / 100 for below in range(0, percents + 1, step)]


def chart_rows(rows: Sequence[tuple[str, Share]], enough: int) -> Chart:
    """Draw each share and its interval as a row, from left to right.

    Groups of fewer than `enough` answers are drawn as 'few'; empty ones have no dot.
    """
    chart = Chart(height=TOP + ROW * len(rows) + BOTTOM)
    lowest = _lowest([share for _name, share in rows], enough)
    scale = Scale(NAMES, WIDTH - RIGHT, lowest)
    bottom = chart.height - BOTTOM
    for tick in scale.ticks:
        x = scale.place(tick)
        chart.lines.append(Line(x, TOP, x, bottom, "grid"))
        chart.texts.append(Text(x, bottom + 16, f"{100 * tick:.0f} %", "middle"))
    for number, (name, share) in enumerate(rows):
        y = TOP + ROW * number + ROW / 2
        chart.texts.append(Text(NAMES - 8, y + 4, name, "end"))
        if share.value is not None:
            low, high = map(scale.place, share.interval)
            kind = _kind(share, enough)
            chart.lines.append(Line(low, y, high, y, kind))
            chart.dots.append(Dot(scale.place(share.value), y, kind))
    return chart


def chart_columns(
    columns: Sequence[tuple[float, Share]], ends: tuple[str, str], enough: int
) -> Chart:
    """Draw shares and their intervals from left to right, at positions of any unit.

    `ends` are the words below the first and the last position.
    """
    lowest = _lowest([share for _position, share in columns], enough)
    chart, scale = _upright(lowest)
    left, right = NUMBERS + RIGHT, WIDTH - 2 * RIGHT
    first, last = columns[0][0], columns[-1][0]
    for position, share in columns:
        part = (position - first) / (last - first) if last > first else 0.0
        x = round(left + part * (right - left), 1)
        _draw_upright(chart, scale, x, share, enough)
    y = chart.height - 8
    chart.texts.append(Text(NUMBERS, y, ends[0], "start"))
    if last > first:
        chart.texts.append(Text(WIDTH - RIGHT, y, ends[1], "end"))
    return chart


def chart_reliability(bins: Sequence[Bin], enough: int) -> Chart:
    """Draw the share that is right (upwards) over the mean confidence of each bin.

    On the diagonal, confidence is just what it claims to be.
    """
    chart, scale = _upright(0.0)
    across = Scale(NUMBERS, WIDTH - RIGHT)
    for tick in across.ticks:
        x = across.place(tick)
        chart.texts.append(Text(x, chart.height - 8, f"{100 * tick:.0f} %", "middle"))
    left, right = across.place(0), across.place(1)
    bottom, top = scale.place(0), scale.place(1)
    chart.lines.append(Line(left, bottom, right, top, "diagonal"))
    for each in bins:
        x = across.place(each.confidence)
        _draw_upright(chart, scale, x, each.share, enough)
    return chart


def _upright(lowest: float) -> tuple[Chart, Scale]:
    """Return a chart with its percentages at the left, and their scale."""
    chart = Chart(height=TOP + PLOT + BOTTOM)
    scale = Scale(TOP + PLOT, TOP, lowest)
    for tick in scale.ticks:
        y = scale.place(tick)
        chart.lines.append(Line(NUMBERS, y, WIDTH - RIGHT, y, "grid"))
        chart.texts.append(Text(NUMBERS - 6, y + 4, f"{100 * tick:.0f} %", "end"))
    return chart, scale


def _draw_upright(
    chart: Chart, scale: Scale, x: float, share: Share, enough: int
) -> None:
    if share.value is not None:
        low, high = map(scale.place, share.interval)
        kind = _kind(share, enough)
        chart.lines.append(Line(x, low, x, high, kind))
        chart.dots.append(Dot(x, scale.place(share.value), kind))


def _kind(share: Share, enough: int) -> str:
    return "many" if share.total >= enough else "few"


def _lowest(shares: Sequence[Share], enough: int) -> float:
    """Return where the axis starts: a multiple of ten percent.

    It has room for every dot and for the intervals of the groups that are large enough.
    """
    wanted = [share.value for share in shares if share.value is not None]
    wanted += [share.interval[0] for share in shares if share.total >= enough]
    # Just above a multiple, rounding must not take away the room for the last dot.
    tenths = floor(10 * min(wanted, default=0.0) - 1e-9)
    return min(max(tenths, 0), 9) / 10
