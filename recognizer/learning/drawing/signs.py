"""Scribbles, and invented signs of the kinds of strokes that alphabets consist of.

Omniglot's authors (Lake, Salakhutdinov, Tenenbaum 2015) compose new characters from a
few kinds of strokes. Santoro et al. 2016 use turned characters as other characters.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.strokes import MIRROR, smooth, transform

UPRIGHT = np.array(((1, 0), (0, 1)))
QUARTER_TURN = np.array(((0, -1), (1, 0)))

# A stroke is made of equal steps. These are the angles, in radians, by which it turns
# after each step; `_plain_stroke` reverses them at random.
LINE = (0.0,)
BOW = (0.5, 0.5, 0.5)
HOOK = (0.0, 0.0, 1.1, 1.1)
WAVE = (0.9, -0.9, -0.9, 0.9)
LOOP = (1.2, 1.2, 1.2, 1.2, 1.2)
ANGLE = (2.0,)
ZIGZAG = (2.2, -2.2)
WITH_CORNERS = (ANGLE, ZIGZAG)
CURVED = (BOW, HOOK, WAVE, LOOP, ANGLE, ZIGZAG)


def scribble(rng: Generator) -> list[Stroke]:
    """Return one to four random strokes, curved or angular, that depict nothing."""
    return [_random_stroke(rng) for _ in range(rng.integers(1, 5))]


def sign(rng: Generator) -> list[Stroke]:
    """Return two to six plain strokes. Most are connected, some are mirrored."""
    # The first is not a line: two lines would be a 1, a 4 or a 7.
    strokes = [_plain_stroke(CURVED, rng)]
    for _ in range(rng.integers(1, 4)):
        earlier = strokes[rng.integers(len(strokes))]
        if rng.random() < 0.8:
            start = earlier[rng.integers(len(earlier))]
        else:
            start = rng.uniform(-0.7, 0.7, 2).astype(np.float32)
        # Lines are twice as frequent as each of the others.
        strokes.append(_plain_stroke((LINE, LINE, *CURVED), rng) + start)
    if rng.random() < 0.2:
        strokes += [transform(stroke, MIRROR) for stroke in strokes[1:]]
    return strokes


def turn_or_mirror(strokes: Sequence[Stroke], rng: Generator) -> list[Stroke]:
    """Return strokes turned by 0, 90, 180 or 270 degrees and mirrored or not.

    All eight results are equally likely.
    """
    turn = (UPRIGHT, QUARTER_TURN)[rng.integers(2)]
    matrix = turn @ np.diag(rng.choice((-1.0, 1.0), 2))
    return [transform(stroke, matrix) for stroke in strokes]


def _random_stroke(rng: Generator) -> Stroke:
    points = rng.uniform(0, 1, (rng.integers(3, 8), 2))
    has_corners = rng.random() < 0.4
    return smooth(np.repeat(points, 2, axis=0) if has_corners else points)


def _plain_stroke(kinds: Sequence[tuple[float, ...]], rng: Generator) -> Stroke:
    """Return a stroke of a random kind, size and direction through (0, 0)."""
    kind = kinds[int(rng.integers(len(kinds)))]
    turns = rng.choice((-1, 1)) * np.array(kind) * rng.uniform(0.6, 1.3)
    angles = rng.uniform(0, 2 * np.pi) + np.cumsum([0, *turns])
    directions = np.stack([np.cos(angles), np.sin(angles)], 1)
    steps = directions * rng.uniform(0.5, 1.5, (len(angles), 1))
    points = np.vstack([[0, 0], steps.cumsum(axis=0)])
    points *= rng.uniform(0.3, 1) / np.ptp(points, axis=0).max()
    has_corners = kind in WITH_CORNERS
    stroke = smooth(np.repeat(points, 2, axis=0) if has_corners else points)
    # It starts in (0, 0), or passes through it.
    return stroke - stroke[rng.integers(len(stroke))] if rng.random() < 0.3 else stroke
