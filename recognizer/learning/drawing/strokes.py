"""Strokes: placed on a board, transformed, and drawn as the board draws them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from recognizer.learning.data.stroke_files import Points, Stroke
from recognizer.reading.pictures import Grey

BOARD = 280  # px, as in the browser
MIRROR = np.diag([-1.0, 1.0])  # for `transform`: left and right exchanged


def draw(strokes: Sequence[Stroke], pen: float, side: int = BOARD) -> Grey:
    """Draw strokes (in px) in black with a round pen on a white board.

    `pen` is the pen's width in px. Returns side x side px.
    """
    canvas = Image.new("L", (2 * side, 2 * side), 255)
    brush = ImageDraw.Draw(canvas)
    for stroke in strokes:
        _draw_stroke(brush, stroke * 2, pen)  # the radius at twice the size
    return np.asarray(canvas.reduce(2))


def place(
    strokes: Sequence[Stroke],
    pen: float,
    height: float,
    position: tuple[float, float] = (0.5, 0.5),
    side: int = BOARD,
) -> list[Stroke]:
    """Scale strokes so that, drawn with the pen, they fill `height` of the board.

    A drawing that would be too wide fills 98 % of the width instead. `position` is its
    place on the board: (0, 0) top left, (1, 1) bottom right, (0.5, 0.5) the middle.
    """
    low, size = bounding_box(strokes)
    by_height = max(height * side - pen, 1) / max(size[1], 1e-6)
    by_width = max(0.98 * side - pen, 1) / max(size[0], 1e-6)
    scale = min(by_height, by_width)
    corner = (side - pen - size * scale) * np.array(position) + pen / 2
    return [((s - low) * scale + corner).astype(np.float32) for s in strokes]


def tilt(strokes: Sequence[Stroke], degrees: float) -> list[Stroke]:
    """Turn strokes clockwise."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = np.array([[cos, -sin], [sin, cos]])
    return [transform(stroke, matrix) for stroke in strokes]


def transform(stroke: NDArray[np.floating], matrix: NDArray[np.floating]) -> Stroke:
    """Apply a 2 x 2 matrix to every point."""
    return (stroke @ matrix.T).astype(np.float32)


def bounding_box(strokes: Sequence[Stroke]) -> tuple[Stroke, Stroke]:
    """Return the top left corner and the width and height of the points, two arrays."""
    points = np.concatenate(list(strokes))
    return points.min(axis=0), np.ptp(points, axis=0)


def smooth(points: Points | NDArray[np.floating], steps: int = 8) -> Stroke:
    """Return a smooth curve through points (Catmull, Rom 1974).

    A point that is given twice becomes a corner. `steps`: points from one to the next.
    """
    p = np.array([points[0], *points, points[-1]], np.float32)
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    cubic = 3 * (b - c) + d - a
    square = 2 * a - 5 * b + 4 * c - d
    curve = b + t * (c - a + t * (square + t * cubic)) / 2
    return np.vstack([curve.transpose(1, 0, 2).reshape(-1, 2), p[-1:]])


def _draw_stroke(brush: ImageDraw.ImageDraw, points: Stroke, radius: float) -> None:
    # Wide segments with a disc at every joint: round caps and joints.
    corners = [(float(x), float(y)) for x, y in points]
    brush.line(corners, fill=0, width=max(1, round(2 * radius)))
    disc = radius - 0.5  # Pillow includes the pixel at either end
    for x, y in corners:
        brush.ellipse((x - disc, y - disc, x + disc, y + disc), fill=0)
