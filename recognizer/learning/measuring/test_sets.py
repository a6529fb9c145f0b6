"""What a model is measured on: glyphs with their classes, by set and condition.

The names of the sets are constants.TEST_SETS.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from recognizer.learning.data.labelled import Example
from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import Stroke, StrokeDrawing
from recognizer.learning.drawing import fonts, shapes
from recognizer.learning.drawing.arranging import side_by_side
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.strokes import BOARD
from recognizer.learning.drawing.styles import STYLES
from recognizer.learning.drawing.variation import vary
from recognizer.learning.measuring.conditions import AVERAGE, CONDITIONS, Condition
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import Glyph, make_glyph
from recognizer.reading.pictures import Grey

MADE = 400  # pictures for a condition, where no data set determines the number

Conditions = Iterator[tuple[str, Iterable[Example]]]


@dataclass(frozen=True)
class TestSet:
    """N glyphs drawn under one condition, None where nothing is left, and N classes."""

    __test__ = False  # pytest: not a class of tests

    name: str
    condition: str
    glyphs: list[Glyph | None]
    labels: list[int]


def make_sets(part: Part, names: Iterable[str], seed: int = 0) -> Iterator[TestSet]:
    """Make the named sets (of SETS) from a part of the data, condition by condition.

    The same seed makes the same pictures. The part must have the data sets that they
    need: see `available_sets`.
    """
    for name in names:
        for condition, examples in SETS[name](part, default_rng(seed)):
            glyphs, labels = [], []
            for picture, label in examples:
                glyphs.append(make_glyph(picture))
                labels.append(label)
            yield TestSet(name, condition, glyphs, labels)


def available_sets(part: Part, names: Iterable[str]) -> list[str]:
    """Return those of the named sets that can be made from the part's data."""
    return [name for name in names if NEEDED.get(name) not in part.missing]


def sets_without_data(part: Part, names: Iterable[str]) -> list[str]:
    """Return those of the named sets that need data that the part does not have."""
    return [name for name in names if NEEDED.get(name) in part.missing]


def _mnist(part: Part, _rng: Generator) -> Conditions:
    labels = map(int, part.mnist.labels)
    yield "as published", map(Example, part.mnist.images, labels)


def _writers(part: Part, rng: Generator) -> Conditions:
    for name, condition in CONDITIONS.items():
        yield name, _digits(part.digits, condition, rng)


def _digits(
    drawings: Sequence[StrokeDrawing], condition: Condition, rng: Generator
) -> Iterator[Example]:
    for drawing in drawings:
        yield Example(condition.picture(drawing.strokes, rng), int(drawing.label))


def _styles(part: Part, rng: Generator) -> Conditions:
    for style in STYLES:
        drawings = [shapes.draw_style(style, rng, part.shapes) for _ in range(MADE)]
        yield style, _drawn(drawings, int(style[0]), rng)


def _photographs(part: Part, rng: Generator) -> Conditions:
    for paper in PAPERS:
        chosen = rng.permutation(len(part.digits))[:MADE]
        drawings = [part.digits[i] for i in chosen]
        yield f"{paper} paper", _on_paper(drawings, paper, rng)


def _on_paper(
    drawings: Sequence[StrokeDrawing], paper: str, rng: Generator
) -> Iterator[Example]:
    for drawing in drawings:
        photographed = _photograph(drawing.strokes, paper, rng)
        yield Example(photographed, int(drawing.label))


def _photograph(strokes: Sequence[Stroke], paper: str, rng: Generator) -> Grey:
    condition = Condition(
        pen=rng.uniform(5, 14), height=rng.uniform(0.35, 0.85), anywhere=True, tilt=5
    )
    return photograph(condition.picture(strokes, rng), paper, rng)


def _doodles(part: Part, rng: Generator) -> Conditions:
    drawings = [drawing.strokes for drawing in part.doodles]
    yield "of categories not learnt", _drawn(drawings, NOT_A_DIGIT, rng)


def _characters(part: Part, rng: Generator) -> Conditions:
    drawings = [drawing.strokes for drawing in part.characters]
    yield "of characters not learnt", _drawn(drawings, NOT_A_DIGIT, rng)


def _letters(_part: Part, _rng: Generator) -> Conditions:
    for font, letters in fonts.FINAL.items():
        printed = [fonts.print_one(font, letter, BOARD) for letter in letters]
        yield font, [Example(picture, NOT_A_DIGIT) for picture in printed]


def _several(part: Part, rng: Generator) -> Conditions:
    for count in (2, 3):
        chosen = rng.integers(len(part.digits), size=(MADE, count))
        numbers = _numbers(part.digits, chosen, rng)
        yield f"{count} digits", _drawn(numbers, SEVERAL, rng)


def _numbers(
    digits: Sequence[StrokeDrawing], chosen: NDArray[np.integer], rng: Generator
) -> Iterator[list[Stroke]]:
    """Yield the digits of each row of `chosen` side by side."""
    for row in chosen:
        drawings = [vary(digits[i].strokes, rng, amount=0) for i in row]
        yield side_by_side(drawings, rng)


def _drawn(
    drawings: Iterable[Sequence[Stroke]], label: int, rng: Generator
) -> Iterator[Example]:
    for strokes in drawings:
        yield Example(AVERAGE.picture(strokes, rng), label)


SETS: dict[str, Callable[[Part, Generator], Conditions]] = {
    "mnist": _mnist,
    "writers": _writers,
    "styles": _styles,
    "photographs": _photographs,
    "doodles": _doodles,
    "characters": _characters,
    "letters": _letters,
    "several": _several,
}
# The sets that are made of a data set, with its name
NEEDED = {
    "mnist": "mnist",
    "writers": "pendigits",
    "photographs": "pendigits",
    "several": "pendigits",
    "doodles": "doodles",
    "characters": "characters",
}
