"""Several digits on one board: side by side like a number, or scattered."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.stroke_files import Stroke


def side_by_side(drawings: Sequence[Sequence[Stroke]], rng: Generator) -> list[Stroke]:
    """Put drawings of a box of 1 x 1 beside each other, like the digits of a number."""
    written: list[Stroke] = []
    for strokes in drawings:
        right = max((stroke[:, 0].max() for stroke in written), default=0)
        start = right + rng.uniform(0.08, 0.6)
        left = min(stroke[:, 0].min() for stroke in strokes)
        for stroke in strokes:
            move = np.array([start - left, rng.normal(0, 0.08)], np.float32)
            written.append(stroke + move)
    return written


def scatter(drawings: Sequence[Sequence[Stroke]], rng: Generator) -> list[Stroke]:
    """Put each drawing of a box of 1 x 1 below the last or beside it, in any size."""
    written: list[Stroke] = []
    for strokes in drawings:
        size = rng.uniform(0.5, 1)
        corner = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
        start = np.zeros(2)
        if written:
            start = np.max([stroke.max(axis=0) for stroke in written], axis=0)
        start = start + rng.uniform((0.1, -0.2), (0.5, 0.4))
        for stroke in strokes:
            written.append(((stroke - corner) * size + start).astype(np.float32))
    return written
