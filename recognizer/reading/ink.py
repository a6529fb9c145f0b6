"""Separate ink from paper of any shade: a grey picture -> an ink image."""

from bisect import bisect_left
from itertools import accumulate
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recognizer.reading.pictures import Grey

Ink = NDArray[np.uint8]  # H x W, 0 paper to 255 ink
Mask = NDArray[np.bool_]
_Levels = NDArray[np.float32]

FAINTEST = 0.12  # ink reflects at least this much less light than paper
# Share of the strongest ink. Less is paper, ruled lines or blur.
EDGE = 0.3
WORKING_SIDE = 512  # px
PAPER_SIDE = 64  # px: the resolution at which the light on the paper is measured
DARKEST_PAPER = 110  # grey level: anything darker may be a blackboard
LIGHT_INK = 40  # grey levels by which light ink is lighter than its paper


def find_ink(picture: Grey) -> Ink:
    """Return the ink of an H x W uint8 picture, 0 black to 255 white.

    The ink image is uint8: 0 for paper of any shade, 255 for the strongest ink, with
    soft edges. It has the picture's proportions and at most 512 px a side. Without ink
    it is 0 everywhere.
    """
    light = _reduce(_dark_on_light(picture))
    paper = _paper_light(light)
    ink = np.zeros(light.shape, np.uint8)
    darker = light < paper
    if darker.any():
        # Most of a board is bare paper, which needs no more work. The margin of one
        # pixel is for the blur.
        part = bounds(darker, margin=1)
        ink[part] = _strong_ink(np.maximum(1 - light[part] / paper[part], 0))
    return ink


def bounds(mask: NDArray[Any], margin: int = 0) -> tuple[slice, slice]:
    """Return the rows and columns between the first and the last pixel of a mask.

    `margin` adds as many pixels on each side where the picture has them. The mask must
    not be empty.
    """
    slices = []
    for axis in (1, 0):
        inside = np.flatnonzero(mask.any(axis=axis))
        first = max(int(inside[0]) - margin, 0)
        slices.append(slice(first, int(inside[-1]) + 1 + margin))
    rows, columns = slices
    return rows, columns


def grow(mask: Mask) -> Mask:
    """Return the mask with the eight neighbours of each of its pixels."""
    rows = mask.copy()
    rows[1:] |= mask[:-1]
    rows[:-1] |= mask[1:]
    grown = rows.copy()
    grown[:, 1:] |= rows[:, :-1]
    grown[:, :-1] |= rows[:, 1:]
    return grown


def stretch(levels: NDArray[np.floating]) -> Ink:
    """Scale levels of ink so that the 90th percentile of those above 0 becomes 255."""
    inked = levels[levels > 0]
    full = _percentile(inked, 90) if inked.size else 1
    shares = levels / full
    np.minimum(shares, 1, out=shares)
    shares *= 255
    return shares.round(out=shares).astype(np.uint8)


def _percentile(levels: NDArray[np.floating], percent: int) -> Any:
    # np.percentile gives the same and takes six times as long.
    position = percent / 100 * (levels.size - 1)
    below = int(position)
    above = min(below + 1, levels.size - 1)
    ordered = np.partition(levels, (below, above))
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _strong_ink(contrast: _Levels) -> Ink:
    """Return the ink, given the share of the paper's light that each pixel lacks."""
    smooth = _blur(contrast)
    strongest = float(smooth.max())
    if strongest < FAINTEST:
        return np.zeros(contrast.shape, np.uint8)
    near_ink = grow(smooth > EDGE * strongest)
    return stretch(contrast * near_ink)


def _dark_on_light(picture: Grey) -> Grey:
    """Return the picture with dark ink on light paper, inverted where necessary."""
    if np.count_nonzero(picture == 255) > picture.size / 2:
        return picture  # a board: nothing is lighter than its paper
    rim = max(1, min(picture.shape) // 16)
    sides = (picture[:rim], picture[-rim:], picture[:, :rim], picture[:, -rim:])
    edge = np.concatenate([side.ravel() for side in sides])
    dark, middle, light = _percentiles(picture, 1, 50, 99)
    (edge_middle,) = _percentiles(edge[None], 50)
    # The larger one: a sheet on a dark table is not a blackboard.
    ground = max(middle, edge_middle)
    lighter, darker = light - ground, ground - dark
    if ground >= DARKEST_PAPER:
        # White ink on grey or brown paper: some pixels are lighter than the paper, and
        # none are darker.
        is_inverted = lighter > LIGHT_INK and darker < FAINTEST * ground
    else:
        # A picture that is black everywhere is dark paper.
        is_inverted = lighter >= darker
    return 255 - picture if is_inverted else picture


def _percentiles(levels: Grey, *percents: int) -> list[int]:
    # Counting the 256 levels is much faster than sorting the pixels.
    counts = list(accumulate(Image.fromarray(levels).histogram()))
    return [bisect_left(counts, counts[-1] * percent / 100) for percent in percents]


def _reduce(picture: Grey) -> Grey:
    scale = ceil(max(picture.shape) / WORKING_SIDE)
    if scale == 1:
        return picture
    return np.asarray(Image.fromarray(picture).reduce(scale))


def _paper_light(light: Grey) -> _Levels:
    """Return the light that bare paper would reflect at each pixel, without strokes.

    A grey closing (maximum, then minimum) with a window wider than any stroke removes
    the strokes and leaves the edge of a shadow in its place.
    """
    scale = ceil(max(light.shape) / PAPER_SIDE)
    small = np.asarray(Image.fromarray(light).convert("F").reduce(scale))
    window = max(small.shape) // 8 * 2 + 1
    # Continue the light beyond the rim. Otherwise a darker corner would look like ink.
    continued = np.pad(small, window - 1, "reflect", reflect_type="odd")
    lightest = small.max()
    dilated = _extreme(continued.clip(0, lightest), window, np.maximum)
    if dilated.min() == lightest:  # the same everywhere, as on a board
        return np.broadcast_to(np.maximum(lightest, 1), light.shape)
    closed = _extreme(dilated, window, np.minimum)
    darkest = max(1.0, 0.4 * float(np.median(closed)))
    paper = np.maximum(closed, darkest)
    size = light.shape[1], light.shape[0]
    return np.asarray(Image.fromarray(paper).resize(size, Image.Resampling.BILINEAR))


def _extreme(levels: _Levels, window: int, choose: np.ufunc) -> _Levels:
    """Return the extreme of each window of window x window px.

    Each axis becomes `window - 1` px shorter. The window grows by doubling: the extreme
    of 2n neighbours is that of two runs of n.
    """
    for _axis in (0, 1):
        run, length = levels, 1
        while length < window:
            step = min(length, window - length)
            run, length = choose(run[:-step], run[step:]), length + step
        levels = run.T
    return levels


def _blur(levels: _Levels) -> _Levels:
    """Return the mean of each pixel and its eight neighbours.

    Beyond the rim, the pixels of the rim are continued.
    """
    for _axis in (0, 1):
        sums = levels.copy()
        sums[1:] += levels[:-1]
        sums[0] += levels[0]
        sums[:-1] += levels[1:]
        sums[-1] += levels[-1]
        levels = sums.T
    levels /= 9
    return levels
