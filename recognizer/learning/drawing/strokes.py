"""Strokes: placed and drawn as the board draws them (round pen), and varied as hands vary them."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from recognizer.learning.data.stroke_files import Stroke
from recognizer.reading.pictures import Grey

BOARD = 280  # px, as in the browser


def draw(strokes: Sequence[Stroke], pen: float, side: int = BOARD) -> Grey:
    """Draw strokes (in px) in black with a round pen `pen` px wide on a white board of side x side px."""
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
    """Scale strokes so that, drawn, they are `height` of the board high (or nearly as wide as it).

    `position` tells where on the board: (0, 0) top left, (1, 1) bottom right, (0.5, 0.5) in the middle.
    """
    low, size = _box(strokes)
    scale = min(
        max(height * side - pen, 1) / max(size[1], 1e-6),
        max(0.98 * side - pen, 1) / max(size[0], 1e-6),
    )
    corner = (side - pen - size * scale) * np.array(position) + pen / 2
    return [((s - low) * scale + corner).astype(np.float32) for s in strokes]


def tilt(strokes: Sequence[Stroke], degrees: float) -> list[Stroke]:
    """Turn strokes clockwise."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return [transform(s, np.array([[cos, -sin], [sin, cos]])) for s in strokes]


def transform(stroke: NDArray[np.floating], matrix: NDArray[np.floating]) -> Stroke:
    """Apply a 2 x 2 matrix to every point."""
    return (stroke @ matrix.T).astype(np.float32)


def vary(
    strokes: Sequence[Stroke], rng: Generator, amount: float = 1.0
) -> list[Stroke]:
    """Write the same thing as another hand would: slant, proportions, bends and the strokes' own places.

    `amount` scales the variation; 1 keeps digits legible. Returns strokes in a box of about 1 x 1.
    """
    low, size = _box(strokes)
    unit = [(s - low) / max(size.max(), 1e-6) for s in strokes]
    matrix, bend = _random_matrix(rng, amount), _random_bend(rng, amount)
    return [
        transform(bend(_ends(s, rng, amount)) + _shift(rng, amount), matrix)
        for s in unit
    ]


def smooth(points: Sequence[Sequence[float]], steps: int = 8) -> Stroke:
    """Lay a smooth curve through points (Catmull, Rom 1974); a point given twice is a corner."""
    p = np.array([points[0], *points, points[-1]], np.float32)
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    curve = (
        b
        + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))) / 2
    )
    return np.vstack([curve.transpose(1, 0, 2).reshape(-1, 2), p[-1:]])


def _draw_stroke(brush: ImageDraw.ImageDraw, points: Stroke, radius: float) -> None:
    # Wide segments with a disc at every joint: round caps and joints.
    corners = [(float(x), float(y)) for x, y in points]
    brush.line(corners, fill=0, width=max(1, round(2 * radius)))
    disc = radius - 0.5  # Pillow counts the pixel at either end
    for x, y in corners:
        brush.ellipse((x - disc, y - disc, x + disc, y + disc), fill=0)


def _box(strokes: Sequence[Stroke]) -> tuple[Stroke, Stroke]:
    points = np.concatenate(list(strokes))
    return points.min(axis=0), np.ptp(points, axis=0)


def _random_matrix(rng: Generator, amount: float) -> NDArray[np.floating]:
    angle, shear, stretch = rng.normal(0, amount * np.array([0.13, 0.13, 0.15])).clip(
        -0.4, 0.4
    )
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ [[np.exp(stretch), shear], [0, 1]])


def _random_bend(
    rng: Generator, amount: float
) -> Callable[[Stroke], NDArray[np.floating]]:
    """Return a function that moves points by three slow waves, so that neighbours move alike."""
    waves, phases = rng.normal(0, 4, (2, 3)), rng.uniform(0, 2 * np.pi, 3)
    sizes = rng.normal(0, 0.025 * amount, (3, 2))
    return lambda stroke: np.asarray(stroke + np.sin(stroke @ waves + phases) @ sizes)


def _ends(stroke: Stroke, rng: Generator, amount: float) -> Stroke:
    """Begin a little later, stop a little earlier."""
    spare = int(len(stroke) * 0.06 * amount)
    first, last = rng.integers(0, spare + 1, 2)
    return stroke[first : len(stroke) - last]


def _shift(rng: Generator, amount: float) -> NDArray[np.floating]:
    return rng.normal(0, 0.02 * amount, 2)
