"""Shapes of our own drawing, as strokes: ways of writing digits that data sets hardly have, and non-digits.

A shape is written as strokes separated by '|', a stroke as points 'x,y' on a grid of 10 x 10, y downwards,
through which `smooth` lays a curve; a point with '!' is a corner. 'o x,y,rx,ry,from,to' is an elliptic arc,
in degrees clockwise from three o'clock.
"""

from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recognizer.learning.drawings import Stroke
from recognizer.learning.strokes import smooth, vary

# style -> its shapes. Each style's last shape is kept for the final measurement, the one before for choosing.
STYLES: dict[str, tuple[str, ...]] = {
    "0 slashed": (
        "o 5,5,3.5,5,-90,280|8,1! 2,9!",
        "o 5,5,4,5,-60,300|9.5,-0.3! 0.5,10.3!",
        "o 5,5,2.8,5,-100,265|7.2,2! 2.8,8!",
        "o 5,5,4.5,4.8,-80,285|8.6,1.6! 1.4,8.4!",
        "o 5,5,3.2,5,-90,270|8.6,0.4! 5,5 1.4,9.8!",
    ),
    "1 with flag": (
        "1.5,3! 5,0! 5,10!",
        "2.5,2.2! 5,0! 5.2,10!",
        "0.8,4.5! 5,0! 5,10!",
        "2,2.6! 3.6,1.6 5,0! 4.8,10!",
        "1,3.2! 4.6,0.3! 4.6,10!|4.6,0.3! 4.6,1!",
    ),
    "1 with foot": (
        "2,2.5! 5,0! 5,10!|2,10! 8,10!",
        "5,0! 5,10!|2.4,10! 7.6,10!",
        "3,1.6! 5,0! 5,10!|3,10! 7.2,10!",
        "1.5,3! 5,0! 5,9.8!|1.5,9.8! 8.5,9.8!",
        "2.6,2! 5,0! 5,9.7! 2.6,10! 7.6,9.8!",
    ),
    "7 crossed": (
        "1,0! 8,0! 4,10!|2.8,5! 7.6,5!",
        "1,0.5! 8.4,0! 5.5,5 4.6,10!|3,5.4! 8,4.6!",
        "1,1! 1.4,0.2 4,0.6 8,0! 5,5 3.8,10!|3.2,4.8! 7.8,4.8!",
        "0.6,0! 8,0! 5,10!|4,5.6! 8.4,5!",
        "1,0.2! 8,0! 6,3.5 4.6,7 4.2,10!|2.6,6! 7.4,5.6!",
    ),
    "7 hooked": (
        "1.2,3! 1.2,0! 8,0! 4.4,10!",
        "1.5,2.6! 1.3,0.2!|1.3,0.2! 8.2,0! 6,4 5,10!",
        "0.8,3.6! 1,0! 8,0.2! 7,4 4,10!",
        "1,2.4! 1,0! 7.6,0! 5,5 4.6,10!",
        "1.6,3.4! 1.2,0.1! 8.4,0! 5.6,4.5 5.2,10!",
    ),
    "4 open": (
        "2.5,0! 1,6! 9,6!|7,1.5! 6.6,10!",
        "3,0.4! 0.6,6.4! 8.4,6.2!|6.4,3! 6,10!",
        "1.8,0! 1.4,4 2.6,5.6 6,5.4 7.4,4!|7.6,0! 7.4,10!",
        "2,0.3! 1.8,5.6! 8.8,5.6!|6.8,0! 6.8,10!",
        "2,0! 1.2,3.6 2,5.4 5,5.6 7.6,5!|7.8,0.2! 7.2,5 6.8,10!",
    ),
    "9 curled": (
        "7.6,1.6! 5.4,0 2.4,0.8 2,3.4 4,5.2 6.8,4.4 7.8,1.8 7.9,6 6.4,9.4 3.6,10 1.8,8.6!",
        "7.8,2.4! 6.6,0.4 3.8,0 2,2.2 3,4.8 5.8,5 7.8,2.8! 8,6.5 6.6,9.6 4,9.9 2.6,9!",
        "8,2.6! 7,0.2 4,-0.1 2.2,2 2.6,4.4 5,5.2 7.6,4 8,2.6! 7.8,7 5.6,9.8 2.2,9.2!",
        "o 4.8,2.6,2.8,2.6,-20,335|7.6,1.6! 7.9,5 7.3,8.4 5,10 2.4,9.4!",
        "7.4,1! 4.6,0 2.2,1.8 2.6,4.6 5.2,5 7.4,2.6! 7.6,6 7,8.8 4.8,9.8 2.4,8.2!",
    ),
    "9 straight": (
        "7.6,2! 5.4,0 2.4,0.8 2,3.4 4,5.2 6.8,4.4 7.6,2! 7.4,10!",
        "7.4,2.4! 5,0 2.2,1.4 2.6,4.4 5.2,4.8 7.4,2.4! 5,10!",
        "o 4.6,2.8,3,2.8,-10,350|7.6,0.4! 7.6,10!",
        "7.8,1.4! 4.8,0 2,2 2.8,4.8 6,4.6 7.8,1.4! 6.6,10!",
        "o 4.8,2.6,2.6,2.6,0,360|7.4,2.4! 6.8,10!",
    ),
}
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
    "9": ("7.6,2! 5.4,0 2.4,0.8 2,3.4 4,5.2 6.8,4.4 7.6,2! 7,6.4 5.6,10!",),
}
# Letters that nobody takes for a digit, as they are printed by hand
LETTERS: dict[str, str] = {
    "A": "0.8,10! 5,0! 9.2,10!|2.6,6.4! 7.4,6.4!",
    "E": "8,0! 2,0! 2,10! 8,10!|2,5! 7,5!",
    "F": "8,0! 2,0! 2,10!|2,5! 7,5!",
    "H": "1.6,0! 1.6,10!|8.4,0! 8.4,10!|1.6,5! 8.4,5!",
    "K": "2,0! 2,10!|8,0! 2,5.6! 8.2,10!",
    "M": "1,10! 1.4,0! 5,7! 8.6,0! 9,10!",
    "N": "1.6,10! 1.6,0! 8.4,10! 8.4,0!",
    "P": "2,10! 2,0! 6.4,0.2 8,2.6 6.4,5 2,5.4!",
    "R": "2,10! 2,0! 6.4,0.2 8,2.6 6.4,5 2,5.4! 8.4,10!",
    "T": "0.8,0! 9.2,0!|5,0! 5,10!",
    "U": "1.6,0! 1.8,7.6 5,10 8.2,7.6 8.4,0!",
    "V": "1,0! 5,10! 9,0!",
    "W": "0.4,0! 2.8,10! 5,3! 7.2,10! 9.6,0!",
    "X": "1.2,0! 8.8,10!|8.8,0! 1.2,10!",
    "Y": "1.2,0! 5,5! 8.8,0!|5,5! 5,10!",
    "a": "8,3.4! 5,2.4 2,5 2.6,9 5,9.8 8,7!|8,2.6! 8,8.4 9.2,10!",
    "e": "2,6! 8,6! 7.4,3 5,2 2,4 1.8,8 4.6,10 8.2,8.8!",
    "f": "8,1! 6,0 4.4,2 4.4,10!|1.8,4! 7.2,4!",
    "h": "2,0! 2,10!|2,6! 5,3.6 7.8,5.6 7.8,10!",
    "k": "2,0! 2,10!|7.4,3.6! 2,7! 7.6,10!",
    "m": "0.6,3! 0.6,10!|0.6,5! 2.6,3 4.8,5 4.8,10!|4.8,5! 7,3 9.2,5 9.2,10!",
    "n": "2,3! 2,10!|2,5.4! 5,3 7.8,5.2 7.8,10!",
    "r": "3,3! 3,10!|3,6! 5,3.4 7.4,3.4!",
    "t": "4.6,0! 4.6,8.4 6,10 7.8,9!|2,3! 7.4,3!",
    "u": "2,3! 2,8 4.6,10 7.6,7.6!|7.8,3! 7.8,10!",
    "w": "0.6,3! 3,10! 5,4.4! 7,10! 9.4,3!",
    "x": "2,3! 8,10!|8,3! 2,10!",
    "j": "6,3! 6,9 4,11 2,10!|6,0.6! 6,0.9!",
    "i": "5,3! 5,10!|5,0! 5,0.3!",
    "?": "2,2! 5,0 8,2.4 5,5 5,7!|5,9.4! 5,9.7!",
    "&": "8.6,10! 2.6,2.6 4,0 6,1.6 2,6.4 3.6,10 8.6,6!",
    "+": "5,1! 5,9!|1,5! 9,5!",
    "=": "1,3.6! 9,3.6!|1,6.4! 9,6.4!",
    "-": "0.5,5! 9.5,5!",
    "#": "3.4,0! 2.6,10!|7.4,0! 6.6,10!|0.6,3.4! 9.4,3.4!|0.4,6.8! 9.2,6.8!",
    "*": "5,1! 5,9!|1.4,3! 8.6,7!|8.6,3! 1.4,7!",
    "tick": "1,5.6! 3.8,9.4! 9.2,0.6!",
    "heart": "5,9.6! 0.8,4.4 1.4,1 4,0.8 5,3! 6,0.8 8.6,1 9.2,4.4 5,9.6!",
    "arrow": "0.6,5! 9.4,5!|6.6,2.4! 9.4,5! 6.6,7.6!",
    "square": "1,1! 9,1! 9,9! 1,9! 1,1!",
    "triangle": "5,0.6! 9.4,9! 0.6,9! 5,0.6!",
}


def draw_style(style: str, rng: Generator, kept: slice) -> list[Stroke]:
    """Return one drawing in a style of STYLES, after one of its shapes in the slice `kept`, varied."""
    shapes = STYLES[style][kept]
    return vary(strokes_of(shapes[rng.integers(len(shapes))]), rng)


def draw_plain(digit: str, rng: Generator) -> list[Stroke]:
    """Return one plainly written digit, varied."""
    return vary(strokes_of(PLAIN[digit][rng.integers(len(PLAIN[digit]))]), rng)


def draw_letter(letter: str, rng: Generator) -> list[Stroke]:
    """Return one letter or sign of LETTERS, varied."""
    return vary(strokes_of(LETTERS[letter]), rng)


def scribble(rng: Generator) -> list[Stroke]:
    """Return one to four random strokes, curved or angular: nothing that anyone has a name for."""
    return [_random_stroke(rng) for _ in range(rng.integers(1, 5))]


@cache
def strokes_of(shape: str) -> tuple[Stroke, ...]:
    """Turn a shape's text into strokes."""
    return tuple(_arc(text) if text.startswith("o ") else _curve(text) for text in shape.split("|"))


def _curve(text: str) -> Stroke:
    points = []
    for word in text.split():
        x, y = word.rstrip("!").split(",")
        points += [(float(x), float(y))] * (2 if word.endswith("!") else 1)
    return smooth(points)


def _arc(text: str) -> Stroke:
    x, y, width, height, first, last = map(float, text[2:].split(","))
    angles = np.deg2rad(np.linspace(first, last, 40))
    return np.stack([x + width * np.cos(angles), y + height * np.sin(angles)], 1).astype(np.float32)


def _random_stroke(rng: Generator) -> Stroke:
    points = rng.uniform(0, 1, (rng.integers(3, 8), 2))
    corners = rng.random() < 0.4
    return smooth(np.repeat(points, 2, axis=0) if corners else points)  # type: ignore[arg-type]


def sign(rng: Generator) -> list[Stroke]:
    """Return two to five plain strokes, hanging together like those of a character of no known alphabet."""
    strokes = [_plain_stroke(rng, rng.uniform(0, 1, 2))]
    for _ in range(rng.integers(1, 5)):
        before = strokes[int(rng.integers(len(strokes)))]
        strokes.append(_plain_stroke(rng, before[rng.integers(len(before))]))
    return strokes


def _plain_stroke(rng: Generator, start: NDArray[np.floating]) -> Stroke:
    """Return a line, a bow or a hook from `start`."""
    angle, turn, length = rng.uniform(0, 2 * np.pi), rng.normal(0, 1.6), rng.uniform(0.3, 1)
    angles = angle + turn * np.linspace(0, 1, 4) * (rng.random() < 0.6)
    steps = length / 4 * np.stack([np.cos(angles), np.sin(angles)], 1)
    return smooth(np.vstack([start, start + steps.cumsum(axis=0)]))  # type: ignore[arg-type]
