"""Conditions of a test set: the pen of a drawing, its size, its position and tilt."""

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.strokes import draw, place, tilt
from recognizer.reading.pictures import Grey


@dataclass(frozen=True)
class Condition:
    """How a drawing is placed on the board. The defaults are an average drawing's."""

    pen: float = 12  # px
    height: float = 0.7  # share of the board's height
    anywhere: bool = False  # at a random position instead of in the middle
    tilt: float = 0  # degrees, the largest random tilt
    fully_tilted: bool = False  # by exactly `tilt`, to the left or to the right

    def picture(self, strokes: Sequence[Stroke], rng: Generator) -> Grey:
        """Return the strokes drawn on a white board of 280 x 280 px."""
        share = rng.choice((-1, 1)) if self.fully_tilted else rng.uniform(-1, 1)
        tilted = tilt(strokes, self.tilt * share)
        x, y = rng.random(2) if self.anywhere else (0.5, 0.5)
        return draw(place(tilted, self.pen, self.height, (x, y)), self.pen)


CONDITIONS = {
    "12 px pen, 70 %": Condition(),
    "4 px pen": Condition(pen=4),
    "26 px pen": Condition(pen=26),
    "95 % high": Condition(height=0.95),
    "22 %, 6 px pen, anywhere": Condition(pen=6, height=0.22, anywhere=True),
    "tilted up to 15 degrees": Condition(tilt=15),
    "tilted 15 degrees": Condition(tilt=15, fully_tilted=True),
}
AVERAGE = Condition()
