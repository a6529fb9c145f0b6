"""Shapes that the project draws itself: plain digits here, others in styles, letters.

A shape is a text: strokes separated by '|'. A stroke is a row of points 'x,y' on a
grid of 10 x 10, y downwards, through which `smooth` puts a curve; a point with '!' is
a corner. 'o x,y,rx,ry,from,to' is an elliptic arc, with its centre, its radii and its
angles in degrees clockwise from three o'clock.
"""

from functools import cache

import numpy as np
from numpy.random import Generator

from recognizer.learning.data.stroke_files import Stroke, StrokeDrawing
from recognizer.learning.drawing.letters import LETTERS
from recognizer.learning.drawing.strokes import smooth
from recognizer.learning.drawing.styles import STYLES
from recognizer.learning.drawing.variation import vary

PLAIN: dict[str, tuple[str, ...]] = {
    "0": ("o 5,5,3.6,5,-90,275", "o 5,5,2.8,5,-60,305", "o 5,5,4.6,4.8,-100,262"),
    "1": ("5,0! 5,10!", "5.6,0! 4.6,10!"),
    "2": (
        "1.6,2.6! 3,0.4 6,0 8,2 6.8,5 1.4,10! 8.6,10!",
        "1.4,2! 4,0 7.6,1.4 6.6,5 3,8.8 1.6,9.6 2,8.2 4,8.8 6,10 8.8,9.2!",
        "1.8,1.4! 5,0 7.6,2.4 5,7 1.6,9.8! 5,9.4 8.6,9.9!",
    ),
    "3": (
        "1.6,1.4! 5,0 7.8,2 6.6,4.2 3.8,4.8! 7,5.4 8.4,7.6 5.4,10 1.4,8.8!",
        "1.6,0! 8,0! 4.2,4.2! 7.4,5.2 8,8 5,10 1.4,8.8!",
    ),
    "4": ("6.4,0! 1,6.6! 9,6.6!|6.6,3.4! 6.6,10!", "6.6,10! 6.6,0! 1,6.8! 9,6.8!"),
    "5": (
        "2.4,0! 2,4.4! 5.4,3.6 8.2,6.4 6.4,9.6 1.6,9.2!|2.4,0! 7.8,0!",
        "7.8,0! 2.6,0.2! 2.2,4.4! 5.6,4 8,6.6 5.8,9.8 1.6,9!",
    ),
    "6": (
        "7,0! 3.6,2.6 2,6.8 4,9.8 7.4,9 7.8,6.4 5.4,5 2.4,6.8!",
        "6,0! 2.4,5 2.6,9 5.6,10 7.8,8 6.4,5.6 3.6,6 2.4,8!",
    ),
    "7": ("1,0! 8.4,0! 4,10!", "1.2,0.6! 8,0! 6,4 4.8,10!"),
    "8": (
        "7.4,1.6! 5,0 2.6,1.6 4,4 7,6 7.8,8.4 5,10 2.4,8.4 3.4,6 6.4,4 7.4,1.6!",
        "o 5,2.4,2.2,2.4,90,450|o 5,7.4,2.9,2.6,-90,270",
    ),
    "9": (
        "7.2,1.6! 4.8,0.2 2.3,1.5 2.5,4.1 5,5.4 7.1,3.6 7.3,1.2! 7,5.6 6.2,10!",
        "o 4.9,2.9,2.7,2.9,-40,330|7.5,1.2! 7.4,6 6.6,10!",
    ),
}


def draw_style(style: str, rng: Generator, kept: slice) -> list[Stroke]:
    """Return a varied drawing of one of the shapes `kept` of a style of STYLES."""
    return _draw_one(STYLES[style][kept], rng)


def draw_plain(digit: str, rng: Generator) -> list[Stroke]:
    """Return a varied drawing of a plain digit."""
    return _draw_one(PLAIN[digit], rng)


def draw_letter(letter: str, rng: Generator) -> list[Stroke]:
    """Return a varied drawing of a letter or sign of LETTERS."""
    return vary(strokes_of(LETTERS[letter]), rng)


@cache
def plain_digits() -> tuple[StrokeDrawing, ...]:
    """Return the plain digits as drawings, as a data set would have them."""
    drawings = []
    for digit, shapes in PLAIN.items():
        for shape in shapes:
            drawings.append(StrokeDrawing(digit, strokes_of(shape)))
    return tuple(drawings)


@cache
def strokes_of(shape: str) -> tuple[Stroke, ...]:
    """Return the strokes of a shape's text, on its grid of 10 x 10."""
    strokes = []
    for text in shape.split("|"):
        is_arc = text.startswith("o ")
        strokes.append(_arc(text) if is_arc else _curve(text))
    return tuple(strokes)


def _draw_one(shapes: tuple[str, ...], rng: Generator) -> list[Stroke]:
    shape = shapes[rng.integers(len(shapes))]
    return vary(strokes_of(shape), rng)


def _curve(text: str) -> Stroke:
    points = []
    for word in text.split():
        x, y = word.rstrip("!").split(",")
        point = float(x), float(y)
        is_corner = word.endswith("!")
        points += [point, point] if is_corner else [point]
    return smooth(points)


def _arc(text: str) -> Stroke:
    numbers = text.removeprefix("o ").split(",")
    x, y, width, height, first, last = map(float, numbers)
    angles = np.deg2rad(np.linspace(first, last, 40))
    points = np.stack([x + width * np.cos(angles), y + height * np.sin(angles)], 1)
    return points.astype(np.float32)
