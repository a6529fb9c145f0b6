"""Glyphs to train on, fresh for every epoch: drawings varied stroke by stroke, pictures warped.

Everything is drawn as a picture and goes through `make_glyph`, the one way to a glyph.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFilter

from recognizer.learning.data.mnist import Labelled
from recognizer.learning.data.splits import Part
from recognizer.learning.data.stroke_files import Drawing, Stroke
from recognizer.learning.drawing import fonts, shapes
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.signs import scribble, sign, turn_or_mirror
from recognizer.learning.drawing.strokes import draw, place, tilt, transform, vary
from recognizer.reading.constants import NOT_A_DIGIT, SEVERAL
from recognizer.reading.glyphs import make_glyph
from recognizer.reading.pictures import Grey

SIDE = 112  # px: boards to train on are smaller than the site's 280, and four times as fast
PHOTOGRAPHED = 0.04
Example = tuple[int, Grey]


def render_epoch(part: Part, size: int, seed: Sequence[int], /) -> Labelled:
    """Render an epoch of about `size` glyphs from a part of the data, in random order.

    The same seed gives the same glyphs.
    """
    rng = np.random.default_rng(seed)
    kinds = [
        make
        for make, percent in RECIPE.items()
        for _ in range(round(size * percent / 100))
    ]
    examples = [kinds[i](part, rng) for i in rng.permutation(len(kinds))]
    pairs = [(make_glyph(picture), label) for label, picture in examples]
    glyphs, labels = zip(
        *((glyph, label) for glyph, label in pairs if glyph is not None), strict=True
    )
    return Labelled(np.array(glyphs), np.array(labels, np.int32))


def write(strokes: Sequence[Stroke], rng: Generator) -> Grey:
    """Draw strokes with a pen of random width on a board of 112 px, or photograph one of 160 px."""
    if rng.random() < PHOTOGRAPHED:
        sheet = draw(
            place(strokes, 6, rng.uniform(0.4, 0.8), side=160), rng.uniform(3, 8), 160
        )
        return photograph(sheet, PAPERS[rng.integers(len(PAPERS))], rng)
    pen = SIDE * np.exp(rng.uniform(np.log(0.012), np.log(0.125)))
    return draw(place(strokes, pen, 0.8, side=SIDE), pen, SIDE)


def warp(picture: Grey, rng: Generator) -> Grey:
    """Turn, slant, stretch and bend a square picture (black background) by moving a grid of 3 x 3 points.

    What comes back is twice as wide and high.
    """
    side = 2 * len(picture)
    grid = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), -1) @ _matrix(rng).T
    grid = (grid + rng.normal(0, 0.05, grid.shape) + 1) * len(picture) / 2
    tiles = [_tile(grid, row, column, side // 2) for row in (0, 1) for column in (0, 1)]
    image = Image.fromarray(picture).transform(
        (side, side), Image.Transform.MESH, tiles, Image.Resampling.BICUBIC
    )
    fatter, thinner = rng.random(2) < (0.15, 0.10)
    if fatter or thinner:
        image = image.filter(
            ImageFilter.MaxFilter(3) if fatter else ImageFilter.MinFilter(3)
        )
    return np.asarray(image)


def side_by_side(drawings: Sequence[Sequence[Stroke]], rng: Generator) -> list[Stroke]:
    """Put drawings of a box of 1 x 1 beside each other, as one writes a number."""
    written: list[Stroke] = []
    for strokes in drawings:
        start = max((s[:, 0].max() for s in written), default=0) + rng.uniform(
            0.08, 0.6
        )
        left = min(s[:, 0].min() for s in strokes)
        written += [
            s + np.array([start - left, rng.normal(0, 0.08)], np.float32)
            for s in strokes
        ]
    return written


def strew(drawings: Sequence[Sequence[Stroke]], rng: Generator) -> list[Stroke]:
    """Put drawings of a box of 1 x 1 one below and beside the other, each of another size."""
    written: list[Stroke] = []
    for strokes in drawings:
        size, corner = (
            rng.uniform(0.5, 1),
            np.min([s.min(axis=0) for s in strokes], axis=0),
        )
        start = (
            np.max([s.max(axis=0) for s in written], axis=0) if written else np.zeros(2)
        )
        start = start + rng.uniform((0.1, -0.2), (0.5, 0.4))
        written += [((s - corner) * size + start).astype(np.float32) for s in strokes]
    return written


def _matrix(rng: Generator) -> np.ndarray:
    angle, slant, wide, high = rng.normal(0, (0.12, 0.12, 0.1, 0.1)).clip(-0.3, 0.3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(1.05 * turn @ [[np.exp(wide), slant], [0, np.exp(high)]])


def _tile(
    grid: np.ndarray, row: int, column: int, side: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    box = (column * side, row * side, (column + 1) * side, (row + 1) * side)
    corners = grid[
        [row, row + 1, row + 1, row], [column, column, column + 1, column + 1]
    ]
    return box, tuple(corners.ravel().tolist())


def _any(drawings: Sequence[Drawing], rng: Generator) -> Drawing:
    return drawings[int(rng.integers(len(drawings)))]


def _mnist(part: Part, rng: Generator) -> Example:
    i = rng.integers(len(part.mnist.labels))
    picture = part.mnist.images[i]
    return int(part.mnist.labels[i]), warp(
        picture, rng
    ) if rng.random() < 0.7 else picture


def _digit(part: Part, rng: Generator) -> Example:
    drawing = _any(part.digits, rng)
    return int(drawing.label), write(vary(drawing.strokes, rng), rng)


def _style(part: Part, rng: Generator) -> Example:
    style = list(shapes.STYLES)[rng.integers(len(shapes.STYLES))]
    return int(style[0]), write(shapes.draw_style(style, rng, part.shapes), rng)


def _plain(_part: Part, rng: Generator) -> Example:
    digit = int(rng.integers(10))
    return digit, write(shapes.draw_plain(str(digit), rng), rng)


def _doodle(part: Part, rng: Generator) -> Example:
    return NOT_A_DIGIT, write(vary(_any(part.doodles, rng).strokes, rng), rng)


def _character(part: Part, rng: Generator) -> Example:
    """A character as it is, or one of an alphabet that might be: turned, with strokes of another."""
    strokes = list(_any(part.characters, rng).strokes)
    if rng.random() < 0.6:
        strokes = turn_or_mirror(
            _crossed(strokes, _any(part.characters, rng).strokes, rng), rng
        )
    return NOT_A_DIGIT, write(vary(strokes, rng), rng)


def _crossed(
    one: list[Stroke], other: Sequence[Stroke], rng: Generator
) -> list[Stroke]:
    """Put one of the other's strokes in the place of one of three or more, now and then."""
    if len(one) > 2 and rng.random() < 0.5:
        one[rng.integers(len(one))] = other[int(rng.integers(len(other)))]
    return one


def _letter(_part: Part, rng: Generator) -> Example:
    letter = list(shapes.LETTERS)[rng.integers(len(shapes.LETTERS))]
    return NOT_A_DIGIT, write(shapes.draw_letter(letter, rng), rng)


def _printed(_part: Part, rng: Generator) -> Example:
    return NOT_A_DIGIT, 255 - warp(
        255 - fonts.print_any(fonts.TRAINING, rng, SIDE // 2), rng
    )


def _scribble(_part: Part, rng: Generator) -> Example:
    return NOT_A_DIGIT, write(scribble(rng), rng)


def _sign(_part: Part, rng: Generator) -> Example:
    return NOT_A_DIGIT, write(sign(rng), rng)


def _turned(part: Part, rng: Generator) -> Example:
    """A digit lying on its side or seen in a mirror, where that makes no other digit."""
    drawing = _any(part.digits, rng)
    lying = [s for degrees in (-90, 90) for s in [tilt(drawing.strokes, degrees)]]
    mirrored = [transform(s, np.diag([-1.0, 1.0])) for s in drawing.strokes]
    choices = {
        "1": lying,
        "2": lying,
        "3": [*lying, mirrored],
        "4": lying,
        "5": lying,
        "7": [*lying, mirrored],
    }
    turned = choices.get(drawing.label, [scribble(rng)])
    return NOT_A_DIGIT, write(vary(turned[rng.integers(len(turned))], rng, 0.7), rng)


def _several(part: Part, rng: Generator) -> Example:
    count = 2 if rng.random() < 0.75 else 3
    drawings = [vary(_any(part.digits, rng).strokes, rng, 0.7) for _ in range(count)]
    arrange = side_by_side if rng.random() < 0.75 else strew
    return SEVERAL, write(arrange(drawings, rng), rng)


def _sheet(_part: Part, rng: Generator) -> Example:
    """Ruled paper on which nothing is written."""
    bare = np.full((160, 160), 255, np.uint8)
    return NOT_A_DIGIT, photograph(bare, PAPERS[rng.integers(1, len(PAPERS))], rng)


# How many of a hundred glyphs are of each kind
RECIPE: dict[Callable[[Part, Generator], Example], float] = {
    _mnist: 43,
    _digit: 20.5,
    _style: 4,
    _plain: 1.5,
    _doodle: 7.5,
    _character: 7.5,
    _letter: 1.5,
    _printed: 3,
    _scribble: 0.5,
    _sign: 5.5,
    _turned: 1.5,
    _several: 3.5,
    _sheet: 0.5,
}
