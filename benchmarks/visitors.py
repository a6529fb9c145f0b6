"""Visitors to learn from, who can be set apart: people of pendigits with a manner.

A group of visitors shares a manner: some digits are of a form that the model has not
learnt, and all are slanted and turned in the group's way. Half of a writer's drawings
are for learning, and the other half for measuring.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.labelled import Labelled
from recognizer.learning.data.stroke_files import Stroke, StrokeDrawing
from recognizer.learning.drawing.shapes import strokes_of
from recognizer.learning.drawing.strokes import draw, place, tilt, transform
from recognizer.learning.drawing.variation import vary
from recognizer.reading.constants import DIGITS
from recognizer.reading.glyphs import Glyph, make_glyph

IN_FORM = 0.8  # share of the digits with a form of the group that have this form
COARSE = 0.3  # share drawn with a device that knows few positions
COARSE_STEP = 6  # px of the board


@dataclass(frozen=True)
class Manner:
    """How a group writes. `forms` are in the notation of drawing/shapes.py."""

    slant: float  # horizontal shift per unit of height, to the right
    turn: float  # degrees, clockwise
    forms: dict[str, tuple[str, ...]]


SLASHED = Manner(
    slant=0.55,
    turn=0,
    forms={
        "0": (
            "o 5,5,4,4.6,-60,300|10.2,-1.6! -0.2,11.6!",
            "o 5,5,3.2,5,-80,280|9.6,-0.8! 0.6,10.8!",
        ),
        "8": (
            "7.6,1.6! 5,0 2.6,1.8 4.4,4.4 7.2,7 5.6,9.8 2.6,8.6! 7.4,2.2!",
            "7.4,2.6! 5.4,0.2 2.6,1.6 4,4.2 7,6.6 6.4,9.6 3,9.4 2.6,7 5.2,4.6 7.6,1!",
        ),
        "1": ("5,0! 5,8.6 3.2,10 1.6,8.6!", "5,0! 5,9 6.4,10 8,9!"),
    },
)
LOOPED = Manner(
    slant=0.2,
    turn=-20,
    forms={
        "2": (
            "1.8,2.4! 4,0 7.4,1.2 6.8,4.4 3,8.6 1.4,9.6 2.2,7.6 4.2,8 4,9.8 6.4,10 "
            "9,8.6!",
        ),
        "3": (
            "1.6,0! 8,0! 4.4,4! 7.6,5.2 8,8.2 5,10 1.6,8.8!",
            "1.8,1.2! 5,0 7.6,1.8 6,4.4 4.2,4.4 4.4,5.6 5.6,4.8 7.8,7 5.6,10 1.6,8.8!",
        ),
        "6": ("3.4,6.8! 5.8,5.2 7.8,7 6.4,9.8 3.4,9.6 2.4,7 3.2,3 6.6,0!",),
    },
)
CONTINENTAL = Manner(
    slant=-0.25,
    turn=14,
    forms={
        "4": (
            "2.4,0! 1.6,6! 8.6,6!|9.4,1.5! 8.8,10!",
            "3,0! 1.4,5.4! 8,5.8!|6.2,2.4! 5.2,11!",
        ),
        "5": (
            "2.6,0.8! 2.2,4.6! 5.6,3.8 8,6.6 6.2,9.8 1.8,9.2!|3.4,-0.6! 8.4,-1!",
            "7.8,0! 3,0.4 2.4,2.4 4,4.4 7.4,6 7.6,8.6 5,10 2,9!",
        ),
        "7": (
            "1,2.4! 1.2,0.6! 3,0 5,1 7,0.2 8.4,0! 5,5 4,10!|2.4,5.4! 7.4,4.8!",
            "0.6,1.6! 2.6,-0.2 5,1.2 8.4,-0.2! 5,10!|3.4,5.6! 7.8,4.4!",
        ),
        "9": ("7.6,1.6! 5,0 2.4,1.4 2.6,4.2 5.4,5 7.6,2! 7.6,8 6,11 3,11 2,9.4!",),
    },
)
PLAINER = Manner(
    slant=-0.5,
    turn=0,
    forms={
        "0": ("7,1.4! 4,0.2 1.6,4 2.4,8.6 5,10 8,7.6 8,3 6.2,1.6!",),
        "1": ("7.5,0! 2.5,10!",),
        "4": ("6.4,0! 1,6.6! 9,6.6!|6.6,3.4! 6.6,10!",),
        "9": ("7.4,0.6! 4.4,0 2.4,2.4 4,4.8 7,4!|7.6,0! 7.2,10!",),
    },
)
SAME_GROUPS = (SLASHED, LOOPED)  # learnt from, and measured on other drawings
OTHER_GROUPS = (CONTINENTAL, PLAINER)  # only measured


def halves(
    drawings: Sequence[StrokeDrawing],
) -> tuple[list[StrokeDrawing], list[StrokeDrawing]]:
    """Split drawings in two: every other one of each writer's drawings of a digit."""
    ordered = sorted(drawings, key=lambda drawing: (drawing.writer, drawing.label))
    return ordered[::2], ordered[1::2]


def visit(
    manners: Sequence[Manner],
    drawings: Sequence[StrokeDrawing],
    count: int,
    seed: int,
) -> Labelled:
    """Return `count` drawings by each of some groups of visitors, in random order."""
    rng = np.random.default_rng(seed)
    glyphs: list[Glyph] = []
    labels: list[int] = []
    for manner in manners:
        for _ in range(count):
            digit = int(rng.integers(DIGITS))
            glyph = make_glyph(_picture(manner, str(digit), drawings, rng))
            if glyph is not None:
                glyphs.append(glyph)
                labels.append(digit)
    order = rng.permutation(len(glyphs))
    return Labelled(np.array(glyphs)[order], np.array(labels, np.int32)[order])


def _picture(
    manner: Manner, digit: str, drawings: Sequence[StrokeDrawing], rng: Generator
) -> Glyph:
    pen = rng.uniform(5, 18)
    height = rng.uniform(0.35, 0.9)
    strokes = _slanted(_strokes(manner, digit, drawings, rng), manner, rng)
    strokes = place(strokes, pen, height, tuple(rng.random(2)))
    if rng.random() < COARSE:
        strokes = [_coarse(stroke, rng) for stroke in strokes]
    return draw(strokes, pen)


def _strokes(
    manner: Manner, digit: str, drawings: Sequence[StrokeDrawing], rng: Generator
) -> Sequence[Stroke]:
    """Return a digit in a form of the group, or as a writer wrote it."""
    forms = manner.forms.get(digit, ())
    if forms and rng.random() < IN_FORM:
        form = forms[int(rng.integers(len(forms)))]
        return vary(strokes_of(form), rng, 0.8)
    written = [drawing for drawing in drawings if drawing.label == digit]
    return vary(written[int(rng.integers(len(written)))].strokes, rng, 0.5)


def _slanted(strokes: Sequence[Stroke], manner: Manner, rng: Generator) -> list[Stroke]:
    slant = manner.slant + rng.normal(0, 0.05)
    matrix = np.array([[1, -slant], [0, 1]])
    slanted = [transform(stroke, matrix) for stroke in strokes]
    return tilt(slanted, manner.turn + rng.normal(0, 3))


def _coarse(stroke: Stroke, rng: Generator) -> Stroke:
    steps = np.round(stroke / COARSE_STEP) * COARSE_STEP
    return (steps + rng.normal(0, 1, stroke.shape)).astype(np.float32)
