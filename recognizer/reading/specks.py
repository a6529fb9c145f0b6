"""Remove the edge of the sheet, stray dots and dust from an ink image."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.ink import Ink, Mask, bounds, grow

SIDE = 70  # px: the resolution at which the parts of a drawing are separated
_Numbers = NDArray[np.intp]
_Labels = _Numbers  # H x W: the number of each cell's component, -1 for none
_Bounds = tuple[slice, slice]  # rows and columns


def remove_specks(ink: Ink) -> Ink:
    """Return the ink image, H x W uint8, with everything but the drawing set to 0.

    There must be some ink.
    """
    height, width = ink.shape
    scale = ceil(max(height, width) / SIDE)
    cells = _pool(ink, scale)
    strong = cells > 127
    labels = _label_components(strong if strong.any() else cells > 0)
    keep = _find_drawing(_without_rim(labels))
    # Columns first: the rows are then copied whole.
    fine = keep.repeat(scale, axis=1).repeat(scale, axis=0)
    return ink * fine[:height, :width]


def _pool(ink: Ink, scale: int) -> Ink:
    """Return the ink image `scale` times smaller: the maximum of each block."""
    for _axis in (0, 1):
        height, width = ink.shape
        blocks = np.zeros((ceil(height / scale), scale, width), np.uint8)
        blocks.reshape(-1, width)[:height] = ink
        ink = blocks.max(axis=1).T
    return ink


def _label_components(mask: Mask) -> _Labels:
    """Number the 8-connected components of a mask from 0; -1 is outside the mask.

    The cells of a row that follow each other form a run, and each run joins the runs
    that it touches in the row above (Rosenfeld and Pfaltz, 'Sequential Operations in
    Digital Picture Processing', 1966).
    """
    # Cells outside the mask separate the rows.
    row = mask.shape[1] + 2
    cells = np.zeros((len(mask), row), np.bool_)
    cells[:, 1:-1] = mask
    flat = cells.ravel()
    starts, ends = np.flatnonzero(flat[1:] != flat[:-1]).reshape(-1, 2).T
    first = np.searchsorted(ends, starts - row - 1, "right")
    behind_last = np.searchsorted(starts, ends - row + 1, "left")
    components = _join(first.tolist(), behind_last.tolist())
    labels = np.full(mask.shape, -1)
    labels[mask] = np.repeat(components, ends - starts)
    return labels


def _join(first: list[int], behind_last: list[int]) -> list[int]:
    """Return the component of each run, given the range of runs that it touches.

    Union-find: a run names an earlier one of its component, or itself.
    """
    names = list(range(len(first)))
    for run, touched in enumerate(map(range, first, behind_last)):
        for other in touched:
            name, own = _first_of(names, other), names[run]
            names[max(name, own)] = names[run] = min(name, own)
    numbers: dict[int, int] = {}
    for run, name in enumerate(names):
        names[run] = names[name]
    return [numbers.setdefault(name, len(numbers)) for name in names]


def _first_of(names: list[int], run: int) -> int:
    while names[run] != run:
        names[run] = names[names[run]]
        run = names[run]
    return run


def _without_rim(labels: _Labels) -> _Labels:
    """Remove components along the rim (table, thumb, shadow), unless all would go."""
    inner = labels
    for rim in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        if rim.max() < 0:
            continue
        counts = np.bincount(rim[rim >= 0])
        for label in np.flatnonzero(counts > len(rim) / 3):
            inner = np.where(labels == label, -1, inner)
    return inner if (inner >= 0).sum() > labels.size / 500 else labels


def _find_drawing(labels: _Labels) -> Mask:
    """Return the cells of the drawing, and those next to them.

    The drawing consists of the largest component and of others that are large enough,
    or near enough to it.
    """
    areas = np.bincount(labels[labels >= 0])
    largest = areas.argmax()
    keep = labels == largest
    main = bounds(keep)
    reach = max(side.stop - side.start for side in main)
    shares = areas / areas.max()
    shares[largest] = 0
    for name in np.flatnonzero(shares > 0.01):
        part = labels == name
        is_near = _gap(main, bounds(part)) < 0.2 * reach
        if is_near or shares[name] > 0.06:
            keep |= part
    return grow(keep)


def _gap(one: _Bounds, other: _Bounds) -> int:
    """Return the distance between two boxes on the axis where it is larger."""
    gap = 0
    for a, b in zip(one, other, strict=True):
        gap = max(gap, max(a.start, b.start) - min(a.stop, b.stop) + 1)
    return gap
