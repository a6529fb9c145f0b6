"""A random example of each kind that the network learns from: a picture and its class.

EXAMPLES maps the names in recipe.KINDS to the functions that make them.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from recognizer.learning import recipe
from recognizer.learning.data.labelled import Example
from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import Stroke, StrokeDrawing
from recognizer.learning.drawing import fonts, shapes
from recognizer.learning.drawing.arranging import scatter, side_by_side
from recognizer.learning.drawing.letters import LETTERS
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.signs import scribble, sign, turn_or_mirror
from recognizer.learning.drawing.strokes import MIRROR, tilt, transform
from recognizer.learning.drawing.styles import STYLES
from recognizer.learning.drawing.variation import vary
from recognizer.learning.drawing.warping import warp
from recognizer.learning.drawing.writing import write
from recognizer.reading.constants import DIGITS, NOT_A_DIGIT, SEVERAL


def _mnist(part: Part, rng: Generator) -> Example:
    i = rng.integers(len(part.mnist.labels))
    picture = part.mnist.images[i]
    if rng.random() < recipe.WARPED:
        picture = warp(picture, rng)
    return Example(picture, int(part.mnist.labels[i]))


def _digit(part: Part, rng: Generator) -> Example:
    drawing = _choose(part.digits, rng)
    return Example(write(vary(drawing.strokes, rng), rng), int(drawing.label))


def _style(part: Part, rng: Generator) -> Example:
    style = list(STYLES)[rng.integers(len(STYLES))]
    strokes = shapes.draw_style(style, rng, part.shapes)
    return Example(write(strokes, rng), int(style[0]))


def _plain(_part: Part, rng: Generator) -> Example:
    digit = int(rng.integers(DIGITS))
    return Example(write(shapes.draw_plain(str(digit), rng), rng), digit)


def _doodle(part: Part, rng: Generator) -> Example:
    strokes = vary(_choose(part.doodles, rng).strokes, rng)
    return Example(write(strokes, rng), NOT_A_DIGIT)


def _character(part: Part, rng: Generator) -> Example:
    """A character, unchanged or turned and mixed like one of another alphabet."""
    strokes = list(_choose(part.characters, rng).strokes)
    if rng.random() < recipe.CHARACTERS_TURNED:
        other = _choose(part.characters, rng).strokes
        _exchange_stroke(strokes, other, rng)
        strokes = turn_or_mirror(strokes, rng)
    return Example(write(vary(strokes, rng), rng), NOT_A_DIGIT)


def _exchange_stroke(
    strokes: list[Stroke], other: Sequence[Stroke], rng: Generator
) -> None:
    """Sometimes replace one of three or more strokes by one of another character."""
    if len(strokes) > 2 and rng.random() < recipe.STROKES_EXCHANGED:
        replacement = other[int(rng.integers(len(other)))]
        strokes[rng.integers(len(strokes))] = replacement


def _letter(_part: Part, rng: Generator) -> Example:
    letter = list(LETTERS)[rng.integers(len(LETTERS))]
    return Example(write(shapes.draw_letter(letter, rng), rng), NOT_A_DIGIT)


def _printed(_part: Part, rng: Generator) -> Example:
    printed = fonts.print_any(fonts.TRAINING, rng, recipe.BOARD_SIDE // 2)
    return Example(255 - warp(255 - printed, rng), NOT_A_DIGIT)


def _scribble(_part: Part, rng: Generator) -> Example:
    return Example(write(scribble(rng), rng), NOT_A_DIGIT)


def _sign(_part: Part, rng: Generator) -> Example:
    return Example(write(sign(rng), rng), NOT_A_DIGIT)


def _turned(part: Part, rng: Generator) -> Example:
    """A digit lying on its side or mirrored, unless that makes another digit."""
    drawing = _choose(_digits_of(part), rng)
    left, right = tilt(drawing.strokes, -90), tilt(drawing.strokes, 90)
    mirrored = [transform(stroke, MIRROR) for stroke in drawing.strokes]
    instead = scribble(rng)  # for 0, 6, 8 and 9, which become digits when turned
    if drawing.label in {"1", "2", "4", "5"}:
        choices = [left, right]
    elif drawing.label in {"3", "7"}:
        choices = [left, right, mirrored]
    else:
        choices = [instead]
    strokes = choices[rng.integers(len(choices))]
    return Example(write(vary(strokes, rng, recipe.CALM), rng), NOT_A_DIGIT)


def _several(part: Part, rng: Generator) -> Example:
    count = 2 if rng.random() < recipe.TWO_DIGITS else 3
    drawings = []
    for _ in range(count):
        digit = _choose(_digits_of(part), rng)
        drawings.append(vary(digit.strokes, rng, recipe.CALM))
    arrange = side_by_side if rng.random() < recipe.SIDE_BY_SIDE else scatter
    return Example(write(arrange(drawings, rng), rng), SEVERAL)


def _sheet(_part: Part, rng: Generator) -> Example:
    bare = np.full((recipe.SHEET_SIDE, recipe.SHEET_SIDE), 255, np.uint8)
    ruled = PAPERS[rng.integers(1, len(PAPERS))]
    return Example(photograph(bare, ruled, rng), NOT_A_DIGIT)


def _choose(drawings: Sequence[StrokeDrawing], rng: Generator) -> StrokeDrawing:
    return drawings[int(rng.integers(len(drawings)))]


def _digits_of(part: Part) -> Sequence[StrokeDrawing]:
    """Return the part's drawings of digits, or the project's own if it has none."""
    return part.digits or shapes.plain_digits()


EXAMPLES: dict[str, Callable[[Part, Generator], Example]] = {
    "mnist": _mnist,
    "digit": _digit,
    "style": _style,
    "plain": _plain,
    "doodle": _doodle,
    "character": _character,
    "letter": _letter,
    "printed": _printed,
    "scribble": _scribble,
    "sign": _sign,
    "turned": _turned,
    "several": _several,
    "sheet": _sheet,
}
# The kinds that are made of one data set and cannot be made without it
NEEDED = {
    "mnist": "mnist",
    "digit": "pendigits",
    "doodle": "doodles",
    "character": "characters",
}
