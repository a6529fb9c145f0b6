"""From a picture to a glyph, the 28 x 28 pixels that the network reads.

Web pages, commands and training all use `make_glyph`. The steps are those of MNIST's
authors (http://yann.lecun.com/exdb/mnist/): cut off the margin, fit the
digit into 20 x 20 pixels in its proportions, and place its centre of mass in the middle
of 28 x 28. Before that, ink is separated from the paper, and specks are removed. Thin
strokes are thickened.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognizer.reading.ink import Ink, bounds, find_ink, stretch
from recognizer.reading.pictures import Grey
from recognizer.reading.specks import remove_specks

Glyph = NDArray[np.uint8]  # 28 x 28, 0 paper to 255 ink

PREPROCESSING_VERSION = 1
GLYPH_SIDE = 28  # px
BOX_SIDE = 20  # px
FINE = 4  # strokes are thickened on a grid that is four times finer than the box
# px of the box: thinner strokes are thickened to this, about as wide as MNIST's
# thinnest.
THINNEST = 1.8


@dataclass(frozen=True)
class Drawing:
    """A picture and its glyph, which is None when the picture is blank."""

    picture: Grey
    glyph: Glyph | None

    @classmethod
    def from_picture(cls, picture: Grey) -> "Drawing":
        """Make the glyph of an H x W grey picture."""
        return cls(picture, make_glyph(picture))


def make_glyph(picture: Grey) -> Glyph | None:
    """Return the glyph of an H x W uint8 picture, or None when there is no ink.

    The glyph is 28 x 28 uint8, 0 for paper and 255 for ink.
    """
    ink = find_ink(picture)
    if not ink.any():
        return None
    drawing = cut_margin(remove_specks(ink))
    return centre(fit(drawing))


def cut_margin(ink: Ink) -> Ink:
    """Cut off the rows and columns without ink around the drawing.

    There must be some ink.
    """
    return ink[bounds(ink > 0)]


def fit(ink: Ink) -> Ink:
    """Fit a drawing without margin into 20 x 20 pixels, and thicken thin strokes.

    The proportions stay the same. There must be some ink.
    """
    side = BOX_SIDE * FINE
    stroke = stroke_width(ink) * side / max(ink.shape)
    radius = max(0, round((THINNEST * FINE - stroke) / 2))
    fine = np.zeros((side, side), np.uint8)
    drawing = _resize(ink, side - 2 * radius)
    height, width = drawing.shape
    top, left = (side - height) // 2, (side - width) // 2
    fine[top : top + height, left : left + width] = drawing
    blocks = _thicken(fine, radius).reshape(BOX_SIDE, FINE, BOX_SIDE, FINE)
    return stretch(blocks.sum(axis=1).sum(axis=2) / FINE**2)


def centre(box: Ink) -> Glyph:
    """Place the 20 x 20 box in 28 x 28, with the centre of mass in the middle."""
    glyph = np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    top = _offset(box.sum(axis=1, dtype=np.int64))
    left = _offset(box.sum(axis=0, dtype=np.int64))
    glyph[top : top + BOX_SIDE, left : left + BOX_SIDE] = box
    return glyph


def stroke_width(ink: Ink) -> float:
    """Return the mean width of the strokes in pixels: twice the area per outline.

    The length of a soft outline is the total variation of the ink (coarea formula).
    """
    height, width = ink.shape
    levels = np.zeros((height + 2, width + 2), np.float32)
    levels[1:-1, 1:-1] = ink
    down = levels[1:, :-1] - levels[:-1, :-1]
    across = levels[:-1, 1:] - levels[:-1, :-1]
    down *= down
    across *= across
    outline = np.sqrt(down + across).sum()  # hypot takes longer
    return float(2 * levels.sum() / outline)


def _resize(ink: Ink, longest: int) -> Ink:
    scale = longest / max(ink.shape)
    height = max(1, round(ink.shape[0] * scale))
    width = max(1, round(ink.shape[1] * scale))
    resized = Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)
    return np.asarray(resized)


def _thicken(ink: Ink, radius: int) -> Ink:
    """Dilate with a disc: each pixel becomes the maximum of those within the radius."""
    height, width = ink.shape
    padded = np.zeros((height + 2 * radius, width + 2 * radius), np.uint8)
    padded[radius : radius + height, radius : radius + width] = ink
    thick = ink.copy()
    # The limit of the squared distance: it gives a rounder disc than the radius
    # squared.
    limit = radius * (radius + 0.5)
    for dy in range(-radius, radius + 1):
        reach = int(max(limit - dy * dy, 0) ** 0.5)
        for dx in range(-reach, reach + 1):
            y, x = radius + dy, radius + dx
            np.maximum(thick, padded[y : y + height, x : x + width], out=thick)
    return thick


def _offset(profile: NDArray[np.int64]) -> int:
    """Return where the box begins on one axis, given the ink of its rows or columns.

    The box stays inside the glyph, as in MNIST.
    """
    mass_centre = float(profile @ np.arange(BOX_SIDE) / profile.sum())
    offset = round(GLYPH_SIDE / 2 - mass_centre)
    return min(max(offset, 0), GLYPH_SIDE - BOX_SIDE)
