"""Pictures of our own strokes, for tests of the recogniser."""

import numpy as np
from numpy.typing import NDArray

from recognizer.learning.drawing.shapes import PLAIN, strokes_of
from recognizer.learning.drawing.strokes import draw, place
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.reading.pictures import Grey


def board(
    digit: str = "7",
    pen: float = 12,
    height: float = 0.7,
    position: tuple[float, float] = (0.5, 0.5),
) -> Grey:
    """A digit in black on the white board of 280 px."""
    return draw(place(strokes_of(PLAIN[digit][0]), pen, height, position), pen)


def glyph_of(picture: Grey) -> Glyph:
    glyph = make_glyph(picture)
    assert glyph is not None
    return glyph


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Correlation of two glyphs, a little out of focus and up to a pixel apart: 1 for the same."""
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    blurred = [
        np.sum([np.roll(g.astype(float), s, (0, 1)) for s in shifts], axis=0)
        for g in (one, other)
    ]
    return max(
        float(
            np.corrcoef(np.roll(blurred[0], s, (0, 1)).ravel(), blurred[1].ravel())[
                0, 1
            ]
        )
        for s in shifts
    )
