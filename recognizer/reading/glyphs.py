"""From a picture to a glyph, the 28 x 28 pixels that the network reads. Every caller uses `make_glyph`.

The steps are those of MNIST's authors (http://yann.lecun.com/exdb/mnist/): cut the margin, fit into 20 x 20
pixels keeping the proportions, centre by the centre of mass in 28 x 28. Before them, ink is separated from
the paper, specks are removed and thin strokes are thickened, because people send more than clean scans.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognizer.reading.ink import Ink, find_ink, stretch
from recognizer.reading.pictures import Grey
from recognizer.reading.specks import remove_specks

Glyph = NDArray[np.uint8]  # 28 x 28, 0 paper to 255 ink

PREPROCESSING_VERSION = 1
GLYPH_SIDE = 28  # px
BOX_SIDE = 20  # px
FINE = 4  # strokes are thickened on a grid this much finer than the box
THINNEST = 1.8  # px of the box: thinner strokes are thickened to it. MNIST's thinnest are about as wide


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
    """Return the 28 x 28 uint8 glyph (0 paper, 255 ink) of an H x W grey picture, None without ink."""
    ink = find_ink(picture)
    return centre(fit(cut_margin(remove_specks(ink)))) if ink.any() else None


def cut_margin(ink: Ink) -> Ink:
    """Cut off the rows and columns around the drawing that hold no ink. There must be some ink."""
    rows, columns = (np.flatnonzero((ink > 0).any(axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(ink: Ink) -> Ink:
    """Fit a drawing without margin into 20 x 20, keeping its proportions and thickening thin strokes.

    There must be some ink.
    """
    side = BOX_SIDE * FINE
    width = stroke_width(ink) * side / max(ink.shape)
    radius = max(0, round((THINNEST * FINE - width) / 2))
    fine = np.zeros((side, side), np.uint8)
    drawing = _resize(ink, side - 2 * radius)
    top, left = ((side - extent) // 2 for extent in drawing.shape)
    fine[top : top + drawing.shape[0], left : left + drawing.shape[1]] = drawing
    thick = _thicken(fine, radius)
    return stretch(thick.reshape(BOX_SIDE, FINE, BOX_SIDE, FINE).mean((1, 3)))


def centre(box: Ink) -> Glyph:
    """Place the 20 x 20 box in 28 x 28 so that the centre of mass of its ink is in the middle."""
    glyph = np.zeros((GLYPH_SIDE, GLYPH_SIDE), np.uint8)
    top, left = (_offset(box.sum(axis, dtype=np.int64)) for axis in (1, 0))
    glyph[top : top + BOX_SIDE, left : left + BOX_SIDE] = box
    return glyph


def stroke_width(ink: Ink) -> float:
    """Return the mean width of the strokes in pixels: twice the area divided by the length of the outline.

    The length of a soft outline is the total variation of the ink (coarea formula).
    """
    levels = np.pad(ink.astype(np.float32), 1)
    outline = np.hypot(
        np.diff(levels, axis=0)[:, :-1], np.diff(levels, axis=1)[:-1]
    ).sum()
    return float(2 * levels.sum() / outline)


def _resize(ink: Ink, longest: int) -> Ink:
    scale = longest / max(ink.shape)
    height, width = (max(1, round(extent * scale)) for extent in ink.shape)
    return np.asarray(
        Image.fromarray(ink).resize((width, height), Image.Resampling.BOX)
    )


def _thicken(ink: Ink, radius: int) -> Ink:
    """Dilate with a disc: each pixel becomes the maximum of those within the radius."""
    padded = np.pad(ink, radius)
    height, width = ink.shape
    thick = ink.copy()
    limit = radius * (
        radius + 0.5
    )  # of the squared distance: a rounder disc than radius squared
    for dy in range(-radius, radius + 1):
        reach = int(max(limit - dy * dy, 0) ** 0.5)
        for dx in range(-reach, reach + 1):
            y, x = radius + dy, radius + dx
            np.maximum(thick, padded[y : y + height, x : x + width], out=thick)
    return thick


def _offset(profile: NDArray[np.int64]) -> int:
    middle = float((profile * np.arange(BOX_SIDE)).sum() / profile.sum())
    return int(
        np.clip(round(GLYPH_SIDE / 2 - middle), 0, GLYPH_SIDE - BOX_SIDE)
    )  # as in MNIST itself
