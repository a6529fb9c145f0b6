"""What a model is measured on: glyphs by set and condition, each with the digit it is (or None)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import Drawing, Stroke
from recognizer.learning.drawing import fonts, shapes
from recognizer.learning.drawing.examples import side_by_side
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.strokes import draw, place, tilt, vary
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.reading.pictures import Grey

Example = tuple[Grey, int | None]
MADE = 400  # pictures made for a condition, where no data set says how many


@dataclass(frozen=True)
class TestSet:
    """Glyphs drawn under one condition; `labels` has None for what is no (single) digit."""

    __test__ = False  # not a class of tests

    name: str
    condition: str
    glyphs: list[Glyph | None]
    labels: list[int | None]


@dataclass(frozen=True)
class Condition:
    """How a drawing stands on the board; the defaults are a middling one."""

    pen: float = 12  # px
    height: float = 0.7  # of the board
    anywhere: bool = False  # or in the middle
    tilt: float = 0  # at most so many degrees
    both_ends: bool = False  # exactly so many, to the left or to the right

    def picture(self, strokes: Sequence[Stroke], rng: Generator) -> Grey:
        """Draw strokes on a white board of 280 px."""
        angle = self.tilt * (
            rng.choice((-1, 1)) if self.both_ends else rng.uniform(-1, 1)
        )
        x, y = rng.random(2) if self.anywhere else (0.5, 0.5)
        return draw(
            place(tilt(strokes, angle), self.pen, self.height, (x, y)), self.pen
        )


CONDITIONS = {
    "12 px pen, 70 %": Condition(),
    "4 px pen": Condition(pen=4),
    "26 px pen": Condition(pen=26),
    "95 % high": Condition(height=0.95),
    "22 %, 6 px pen, anywhere": Condition(pen=6, height=0.22, anywhere=True),
    "tilted up to 15 degrees": Condition(tilt=15),
    "tilted 15 degrees": Condition(tilt=15, both_ends=True),
}
DRAWN = CONDITIONS["12 px pen, 70 %"]


def make_sets(part: Part, names: Sequence[str], seed: int = 0) -> Iterator[TestSet]:
    """Make the named sets (of SETS) from a part of the data, condition by condition.

    The same seed makes the same pictures.
    """
    for name in names:
        for condition, examples in SETS[name](part, np.random.default_rng(seed)):
            pairs = [(make_glyph(picture), label) for picture, label in examples]
            yield TestSet(
                name,
                condition,
                [glyph for glyph, _ in pairs],
                [label for _, label in pairs],
            )


Conditions = Iterator[tuple[str, Iterator[Example]]]


def _mnist(part: Part, _rng: Generator) -> Conditions:
    yield (
        "as published",
        zip(part.mnist.images, map(int, part.mnist.labels), strict=True),
    )


def _writers(part: Part, rng: Generator) -> Conditions:
    for name, condition in CONDITIONS.items():
        yield (
            name,
            ((condition.picture(d.strokes, rng), int(d.label)) for d in part.digits),
        )


def _styles(part: Part, rng: Generator) -> Conditions:
    for style in shapes.STYLES:
        drawings = [shapes.draw_style(style, rng, part.shapes) for _ in range(MADE)]
        yield (
            style,
            ((DRAWN.picture(strokes, rng), int(style[0])) for strokes in drawings),
        )


def _photographs(part: Part, rng: Generator) -> Conditions:
    for paper in PAPERS:
        chosen = [part.digits[i] for i in rng.permutation(len(part.digits))[:MADE]]
        yield (
            f"{paper} paper",
            ((_photograph(d, paper, rng), int(d.label)) for d in chosen),
        )


def _photograph(drawing: Drawing, paper: str, rng: Generator) -> Grey:
    condition = Condition(
        pen=rng.uniform(5, 14), height=rng.uniform(0.35, 0.85), anywhere=True, tilt=5
    )
    return photograph(condition.picture(drawing.strokes, rng), paper, rng)


def _doodles(part: Part, rng: Generator) -> Conditions:
    yield (
        "of categories not learnt",
        ((DRAWN.picture(d.strokes, rng), None) for d in part.doodles),
    )


def _characters(part: Part, rng: Generator) -> Conditions:
    yield (
        "of characters not learnt",
        ((DRAWN.picture(d.strokes, rng), None) for d in part.characters),
    )


def _letters(_part: Part, _rng: Generator) -> Conditions:
    for name in fonts.FINAL:
        letters = fonts.FINAL[name]
        yield name, ((fonts.print_one(name, letter, 280), None) for letter in letters)


def _several(part: Part, rng: Generator) -> Conditions:
    for count in (2, 3):
        numbers = [
            [part.digits[i].strokes for i in rng.integers(len(part.digits), size=count)]
            for _ in range(MADE)
        ]
        rows = (
            side_by_side([vary(s, rng, 0) for s in number], rng) for number in numbers
        )
        yield f"{count} digits", ((DRAWN.picture(row, rng), None) for row in rows)


SETS: dict[str, Callable[[Part, Generator], Any]] = {
    "mnist": _mnist,
    "writers": _writers,
    "styles": _styles,
    "photographs": _photographs,
    "doodles": _doodles,
    "characters": _characters,
    "letters": _letters,
    "several": _several,
}
