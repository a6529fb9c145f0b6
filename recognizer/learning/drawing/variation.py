"""Vary strokes, as if another person had drawn them. recipe.py says how much."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from recognizer.learning import recipe
from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.strokes import bounding_box, transform


def vary(
    strokes: Sequence[Stroke], rng: Generator, amount: float = 1.0
) -> list[Stroke]:
    """Vary the slant, the proportions, the bends and the place of each stroke.

    `amount` scales the variation; with 1 digits stay legible. Returns strokes in a
    box of about 1 x 1.
    """
    low, size = bounding_box(strokes)
    side = max(size.max(), 1e-6)
    matrix, bend = _random_matrix(rng, amount), _random_bend(rng, amount)
    varied = []
    for stroke in strokes:
        shortened = _shorten((stroke - low) / side, rng, amount)
        moved = bend(shortened) + rng.normal(0, recipe.SHIFT * amount, 2)
        varied.append(transform(moved, matrix))
    return varied


def _random_matrix(rng: Generator, amount: float) -> NDArray[np.floating]:
    deviations = amount * np.array([recipe.TURN, recipe.SLANT, recipe.STRETCH])
    numbers = rng.normal(0, deviations).clip(-recipe.MOST, recipe.MOST)
    angle, slant, stretch = numbers
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ [[np.exp(stretch), slant], [0, 1]])


def _random_bend(
    rng: Generator, amount: float
) -> Callable[[Stroke], NDArray[np.floating]]:
    """Return a function that moves points by slow waves: neighbours move alike."""
    waves, phases = rng.normal(0, 4, (2, 3)), rng.uniform(0, 2 * np.pi, 3)
    sizes = rng.normal(0, recipe.BEND * amount, (3, 2))
    return lambda stroke: np.asarray(stroke + np.sin(stroke @ waves + phases) @ sizes)


def _shorten(stroke: Stroke, rng: Generator, amount: float) -> Stroke:
    """Remove some points at both ends."""
    spare = int(len(stroke) * recipe.SHORTEN * amount)
    first, last = rng.integers(0, spare + 1, 2)
    return stroke[first : len(stroke) - last]
