"""Remove from an ink image what is not part of the drawing: the edge of the sheet, stray dots, dust."""

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.ink import Ink, Mask, grow

SIDE = 70  # px: the resolution at which the parts of a drawing are told apart
_Labels = NDArray[
    np.intp
]  # H x W: the number of the component that a cell belongs to, -1 for none
_Bounds = tuple[int, int, int, int]  # first and last row, first and last column


def remove_specks(ink: Ink) -> Ink:
    """Return the ink image (H x W uint8) with everything set to 0 that is not part of the drawing.

    There must be some ink.
    """
    scale = -(-max(ink.shape) // SIDE)
    strong = ink > 127
    labels = _label_components(_pool(strong if strong.any() else ink > 0, scale))
    keep = _find_drawing(_without_rim(labels))
    fine = keep.repeat(scale, axis=0).repeat(scale, axis=1)[
        : ink.shape[0], : ink.shape[1]
    ]
    return np.where(fine, ink, 0)


def _pool(mask: Mask, scale: int) -> Mask:
    """Return a mask `scale` times smaller, true where any pixel of the block is."""
    height, width = (-(-extent // scale) for extent in mask.shape)
    padded = np.pad(
        mask, ((0, height * scale - mask.shape[0]), (0, width * scale - mask.shape[1]))
    )
    return np.asarray(padded.reshape(height, scale, width, scale).any((1, 3)), np.bool_)


def _label_components(mask: Mask) -> _Labels:
    """Label the 8-connected components of a mask: equal labels are connected, -1 is outside the mask.

    Each cell takes the smallest label among its neighbours until nothing changes (Shiloach, Vishkin 1982,
    in NumPy).
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
    """Drop components that run along the rim (table, thumb, shadow), unless nothing else is left."""
    along_rim = []
    for rim in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        for label in np.unique(rim[rim >= 0]):
            if (rim == label).mean() > 1 / 3:
                along_rim.append(label)
    inner = np.where(np.isin(labels, along_rim), -1, labels)
    return inner if (inner >= 0).sum() > labels.size / 500 else labels


def _find_drawing(labels: _Labels) -> Mask:
    """Return the cells of the drawing: its largest component, and others that are large or near enough."""
    names, areas = np.unique(labels[labels >= 0], return_counts=True)
    main = _bounds(labels == names[areas.argmax()])
    reach = max(main[1] - main[0], main[3] - main[2]) + 1
    keep = np.zeros(labels.shape, bool)
    for name, area in zip(names, areas, strict=True):
        part = labels == name
        is_near = _gap(main, _bounds(part)) < 0.2 * reach
        share = area / areas.max()
        if share > 0.06 or (is_near and share > 0.01):
            keep |= part
    return grow(keep)


def _bounds(mask: Mask) -> _Bounds:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def _gap(a: _Bounds, b: _Bounds) -> int:
    return max(b[0] - a[1], a[0] - b[1], b[2] - a[3], a[2] - b[3], 0)
