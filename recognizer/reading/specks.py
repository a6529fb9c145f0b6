"""Remove the edge of the sheet, stray dots and dust from an ink image."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.ink import Ink, Mask, grow

SIDE = 70  # px: the resolution at which the parts of a drawing are separated
_Labels = NDArray[np.intp]  # H x W: the number of each cell's component, -1 for none
_Bounds = tuple[int, int, int, int]  # first and last row, first and last column


def remove_specks(ink: Ink) -> Ink:
    """Return the ink image, H x W uint8, with everything but the drawing set to 0.

    There must be some ink.
    """
    height, width = ink.shape
    scale = ceil(max(height, width) / SIDE)
    strong = ink > 127
    mask = strong if strong.any() else ink > 0
    labels = _label_components(_pool(mask, scale))
    keep = _find_drawing(_without_rim(labels))
    fine = keep.repeat(scale, axis=0).repeat(scale, axis=1)
    return np.where(fine[:height, :width], ink, 0)


def _pool(mask: Mask, scale: int) -> Mask:
    """Return a mask `scale` times smaller, true where any pixel of a block is."""
    height = ceil(mask.shape[0] / scale)
    width = ceil(mask.shape[1] / scale)
    padded = np.zeros((height * scale, width * scale), np.bool_)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    blocks = padded.reshape(height, scale, width, scale)
    return np.asarray(blocks.any(axis=(1, 3)), np.bool_)


def _label_components(mask: Mask) -> _Labels:
    """Label the 8-connected components of a mask; -1 is outside the mask.

    Each cell takes the smallest label among its neighbours until nothing changes
    (Shiloach and Vishkin, 'An O(log n) parallel connectivity algorithm', 1982).
    """
    first, second = _connected_pairs(mask)
    labels = np.arange(mask.size)
    while (labels[first] != labels[second]).any():
        one, other = labels[first], labels[second]
        np.minimum.at(labels, one, other)
        np.minimum.at(labels, other, one)
        labels = labels[labels]
    return np.where(mask, labels.reshape(mask.shape), -1)


def _connected_pairs(mask: Mask) -> tuple[_Labels, _Labels]:
    """Return the positions of all pairs of neighbouring cells of the mask."""
    positions = np.where(mask, np.arange(mask.size).reshape(mask.shape), -1)
    padded = np.pad(positions, 1, constant_values=-1)
    right, below_left = padded[1:-1, 2:], padded[2:, :-2]
    below, below_right = padded[2:, 1:-1], padded[2:, 2:]
    first, second = [], []
    for neighbour in (right, below_left, below, below_right):
        both = mask & (neighbour >= 0)
        first.append(positions[both])
        second.append(neighbour[both])
    return np.concatenate(first), np.concatenate(second)


def _without_rim(labels: _Labels) -> _Labels:
    """Remove components along the rim (table, thumb, shadow), unless all would go."""
    along_rim = []
    for rim in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        for label in np.unique(rim[rim >= 0]):
            if (rim == label).mean() > 1 / 3:
                along_rim.append(label)
    inner = np.where(np.isin(labels, along_rim), -1, labels)
    return inner if (inner >= 0).sum() > labels.size / 500 else labels


def _find_drawing(labels: _Labels) -> Mask:
    """Return the cells of the drawing, and those next to them.

    The drawing consists of the largest component and of others that are large enough,
    or near enough to it.
    """
    names, areas = np.unique(labels[labels >= 0], return_counts=True)
    main = _bounds(labels == names[areas.argmax()])
    top, bottom, left, right = main
    reach = max(bottom - top, right - left) + 1
    keep = np.zeros(labels.shape, bool)
    for name, area in zip(names, areas, strict=True):
        part = labels == name
        is_near = _gap(main, _bounds(part)) < 0.2 * reach
        share = area / areas.max()
        if share > 0.06 or (is_near and share > 0.01):
            keep |= part
    return grow(keep)


def _bounds(mask: Mask) -> _Bounds:
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def _gap(a: _Bounds, b: _Bounds) -> int:
    """Return the distance between two boxes on the axis where it is larger."""
    return max(b[0] - a[1], a[0] - b[1], b[2] - a[3], a[2] - b[3], 0)
