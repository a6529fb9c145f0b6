"""Turn, slant and bend a picture. recipe.py says how much."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recognizer.learning import recipe
from recognizer.reading.pictures import Grey

_Floats = NDArray[np.floating]
ZOOM = 1.05  # of the grid: keeps strokes that are turned from leaving the picture


def warp(picture: Grey, rng: Generator) -> Grey:
    """Turn, slant, stretch and bend a square uint8 picture with a black background.

    A grid of 3 x 3 points is moved, and the picture with it. Sometimes, strokes become
    thicker or thinner. Returns a picture twice as wide and high.
    """
    side = 2 * len(picture)
    corners = _random_grid(rng) * len(picture) / 2
    tiles = []
    for row in (0, 1):
        for column in (0, 1):
            tiles.append(_tile(corners, row, column, side // 2))
    image = Image.fromarray(picture).transform(
        (side, side), Image.Transform.MESH, tiles, Image.Resampling.BICUBIC
    )
    fatter, thinner = rng.random(2) < (recipe.FATTER, recipe.THINNER)
    if fatter:
        image = image.filter(ImageFilter.MaxFilter(3))
    elif thinner:
        image = image.filter(ImageFilter.MinFilter(3))
    return np.asarray(image)


def _random_grid(rng: Generator) -> _Floats:
    """Return the 3 x 3 points, x and y, moved: from about 0 to about 2."""
    straight = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), -1)
    grid = straight @ _random_matrix(rng).T
    return np.asarray(grid + rng.normal(0, recipe.WARP_BEND, grid.shape) + 1)


def _random_matrix(rng: Generator) -> _Floats:
    stretch = recipe.WARP_STRETCH
    deviations = (recipe.WARP_TURN, recipe.WARP_SLANT, stretch, stretch)
    numbers = rng.normal(0, deviations).clip(-recipe.WARP_MOST, recipe.WARP_MOST)
    angle, slant, wide, high = numbers
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(ZOOM * turn @ [[np.exp(wide), slant], [0, np.exp(high)]])


def _tile(
    grid: _Floats, row: int, column: int, side: int
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return a quarter of the new picture and the corners of its source, for MESH."""
    box = (column * side, row * side, (column + 1) * side, (row + 1) * side)
    rows = [row, row + 1, row + 1, row]
    columns = [column, column, column + 1, column + 1]
    return box, tuple(grid[rows, columns].ravel().tolist())
