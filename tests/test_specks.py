"""Parts of finding ink and specks, against slower code that does the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from recognizer.reading.ink import Ink, Mask, _percentile, grow
from recognizer.reading.specks import _label_components, _pool

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))
INKS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12))


@given(MASKS)
def test_components_are_numbered_in_reading_order(mask: Mask) -> None:
    expected = np.full(mask.shape, -1)
    count = 0
    for cell in zip(*np.nonzero(mask), strict=True):
        if expected[cell] < 0:
            expected[flood(mask, cell)] = count
            count += 1
    np.testing.assert_array_equal(_label_components(mask), expected)


def flood(mask: Mask, cell: tuple[int, ...]) -> Mask:
    """Return the component of a cell: it grows until it stays the same."""
    component = np.zeros_like(mask)
    component[cell] = True
    while not (component == (larger := grow(component) & mask)).all():
        component = larger
    return component


@given(MASKS)
def test_a_mask_grows_by_the_neighbours_of_its_pixels(mask: Mask) -> None:
    padded = np.pad(mask, 1)
    for y, x in np.ndindex(mask.shape):
        assert grow(mask)[y, x] == padded[y : y + 3, x : x + 3].any()


@given(INKS, st.integers(1, 5))
def test_a_block_is_as_dark_as_its_darkest_pixel(ink: Ink, scale: int) -> None:
    cells = _pool(ink, scale)
    for y, x in np.ndindex(cells.shape):
        block = ink[y * scale : (y + 1) * scale, x * scale : (x + 1) * scale]
        assert cells[y, x] == block.max()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50))
def test_the_percentile_is_that_of_numpy(kind: type, numbers: list[float]) -> None:
    levels: NDArray[np.floating] = np.array(numbers, kind)
    expected = np.percentile(levels, 90)
    assert _percentile(levels, 90) == pytest.approx(expected, rel=1e-6, abs=1e-30)
