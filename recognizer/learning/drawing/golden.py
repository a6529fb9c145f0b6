"""Draw the golden glyphs, which every model must read before it can serve.

python -m recognizer.learning.drawing.golden    writes data/golden.npz

The same version of the project always draws the same glyphs. Draw them again when the
preprocessing changes.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.arranging import side_by_side
from recognizer.learning.drawing.letters import LETTERS
from recognizer.learning.drawing.shapes import PLAIN, strokes_of
from recognizer.learning.drawing.strokes import draw, place
from recognizer.learning.drawing.variation import vary
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.rollout.golden import GOLDEN_FILE, Golden

PENS = (8, 14, 22)  # px
HEIGHT = 0.7  # of the board
# Nobody takes these for a digit.
NON_DIGITS = ("A", "H", "K", "M", "R", "#", "heart", "arrow", "triangle", "tick")
NUMBERS = ("27", "35", "408")


def golden_glyphs() -> Golden:
    """Draw plain digits with three pens, letters, signs and numbers of several digits."""
    glyphs, labels = zip(*[*_digits(), *_non_digits(), *_numbers()], strict=True)
    return Golden(np.stack(glyphs), np.array(labels, np.int64))


def _digits() -> Iterator[tuple[Glyph, int]]:
    for digit, shapes in PLAIN.items():
        for shape in shapes:
            for pen in PENS:
                yield _glyph(strokes_of(shape), pen), int(digit)


def _non_digits() -> Iterator[tuple[Glyph, int]]:
    for name in NON_DIGITS:
        yield _glyph(strokes_of(LETTERS[name]), PENS[1]), NOT_A_DIGIT


def _numbers() -> Iterator[tuple[Glyph, int]]:
    rng = np.random.default_rng(0)
    for number in NUMBERS:
        digits = [vary(strokes_of(PLAIN[digit][0]), rng, 0) for digit in number]
        yield _glyph(side_by_side(digits, rng), PENS[1]), SEVERAL


def _glyph(strokes: Sequence[Stroke], pen: float) -> Glyph:
    glyph = make_glyph(draw(place(strokes, pen, HEIGHT), pen))
    if glyph is None:
        raise ValueError("Nothing was drawn.")
    return glyph


if __name__ == "__main__":
    golden = golden_glyphs()
    np.savez_compressed(GOLDEN_FILE, glyphs=golden.glyphs, labels=golden.labels)
