"""Pictures drawn from strokes, for tests of the recogniser."""

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
    """Draw a digit in black on a white board of 280 px."""
    return draw(place(strokes_of(PLAIN[digit][0]), pen, height, position), pen)


def glyph_of(picture: Grey) -> Glyph:
    glyph = make_glyph(picture)
    assert glyph is not None
    return glyph


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the correlation of two blurred glyphs, 1 when they are the same.

    They can be a pixel apart.
    """
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    blurred_one, blurred_other = _blur(one, shifts), _blur(other, shifts)
    best = -1.0
    for shift in shifts:
        moved = np.roll(blurred_one, shift, (0, 1))
        correlations = np.corrcoef(moved.ravel(), blurred_other.ravel())
        best = max(best, float(correlations[0, 1]))
    return best


def _blur(
    glyph: NDArray[np.uint8], shifts: list[tuple[int, int]]
) -> NDArray[np.float64]:
    blurred = np.zeros(glyph.shape)
    for shift in shifts:
        blurred += np.roll(glyph, shift, (0, 1))
    return blurred
