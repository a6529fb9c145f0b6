"""Signs of no alphabet, made up of strokes such as alphabets are made of; and scribbles.

That new characters come of a few kinds of strokes put together is the idea of Omniglot's authors (Lake,
Salakhutdinov, Tenenbaum 2015); that a character turned or mirrored is another one, of Santoro et al. 2016.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.strokes import smooth, transform

QUARTERS = [np.array(((1, 0), (0, 1))), np.array(((0, -1), (1, 0)))]
# By how many radians a stroke of equal steps turns after each: to the left or, turned round, to the right
LINE, BOW, HOOK, WAVE, LOOP = (
    (0,),
    (0.5, 0.5, 0.5),
    (0, 0, 1.1, 1.1),
    (0.9, -0.9, -0.9, 0.9),
    (1.2,) * 5,
)
ANGLE, ZIGZAG = (2,), (2.2, -2.2)  # with corners
KINDS = (LINE, BOW, HOOK, WAVE, LOOP, ANGLE, ZIGZAG)


def scribble(rng: Generator) -> list[Stroke]:
    """Return one to four random strokes, curved or angular: nothing that anyone has a name for."""
    return [_random_stroke(rng) for _ in range(rng.integers(1, 5))]


def sign(rng: Generator) -> list[Stroke]:
    """Return two to six plain strokes, most of them hanging together, some of them mirrored."""
    strokes = [_plain_stroke(KINDS[1:], rng)]  # two lines would be a 1, a 4 or a 7
    for _ in range(rng.integers(1, 4)):
        before = strokes[rng.integers(len(strokes))]
        joint = (
            before[rng.integers(len(before))]
            if rng.random() < 0.8
            else rng.uniform(-0.7, 0.7, 2)
        )
        strokes.append(_plain_stroke((LINE, *KINDS), rng) + joint.astype(np.float32))
    if rng.random() < 0.2:
        strokes += [transform(stroke, np.diag([-1.0, 1.0])) for stroke in strokes[1:]]
    return strokes


def turn_or_mirror(strokes: Sequence[Stroke], rng: Generator) -> list[Stroke]:
    """Return the strokes turned by 0, 90, 180 or 270 degrees, mirrored or not, all equally likely."""
    matrix = QUARTERS[rng.integers(2)] @ np.diag(rng.choice((-1.0, 1.0), 2))
    return [transform(stroke, matrix) for stroke in strokes]


def _random_stroke(rng: Generator) -> Stroke:
    points = rng.uniform(0, 1, (rng.integers(3, 8), 2))
    corners = rng.random() < 0.4
    return smooth(np.repeat(points, 2, axis=0) if corners else points)  # type: ignore[arg-type]


def _plain_stroke(kinds: Sequence[tuple[float, ...]], rng: Generator) -> Stroke:
    """Return a stroke of one of the kinds, of any size and direction, through (0, 0)."""
    kind = kinds[int(rng.integers(len(kinds)))]
    turns = rng.choice((-1, 1)) * np.array(kind) * rng.uniform(0.6, 1.3)
    angles = rng.uniform(0, 2 * np.pi) + np.cumsum([0, *turns])
    steps = np.stack([np.cos(angles), np.sin(angles)], 1) * rng.uniform(
        0.5, 1.5, (len(angles), 1)
    )
    points = np.vstack([[0, 0], steps.cumsum(axis=0)])
    points *= rng.uniform(0.3, 1) / np.ptp(points, axis=0).max()
    stroke = smooth(np.repeat(points, 2, axis=0) if kind in (ANGLE, ZIGZAG) else points)  # type: ignore[arg-type]
    return stroke - stroke[rng.integers(len(stroke))] if rng.random() < 0.3 else stroke
