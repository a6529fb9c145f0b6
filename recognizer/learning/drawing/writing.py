"""Strokes on a board or a sheet of paper, with a pen of random width."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from recognizer.learning import recipe
from recognizer.learning.data.stroke_files import Stroke
from recognizer.learning.drawing.photographs import PAPERS, photograph
from recognizer.learning.drawing.strokes import draw, place
from recognizer.reading.pictures import Grey

MARGIN_PEN = 6  # px: a sheet's margins are those of a pen of this width


def write(strokes: Sequence[Stroke], rng: Generator) -> Grey:
    """Return a picture of strokes on a board or, sometimes, a photographed sheet.

    The boards are recipe.BOARD_SIDE px wide and high, the sheets recipe.SHEET_SIDE.
    """
    if rng.random() < recipe.PHOTOGRAPHED:
        return _on_paper(strokes, rng)
    side = recipe.BOARD_SIDE
    thinnest, thickest = recipe.PENS
    pen = side * np.exp(rng.uniform(np.log(thinnest), np.log(thickest)))
    return draw(place(strokes, pen, recipe.DRAWN_HEIGHT, side=side), pen, side)


def _on_paper(strokes: Sequence[Stroke], rng: Generator) -> Grey:
    side = recipe.SHEET_SIDE
    height = rng.uniform(*recipe.SHEET_HEIGHTS)
    placed = place(strokes, MARGIN_PEN, height, side=side)
    sheet = draw(placed, rng.uniform(*recipe.SHEET_PENS), side)
    paper = PAPERS[rng.integers(len(PAPERS))]
    return photograph(sheet, paper, rng)
