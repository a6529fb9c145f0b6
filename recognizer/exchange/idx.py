"""IDX, the format of MNIST's files (http://yann.lecun.com/exdb/mnist/), for bytes alone."""

import struct
from math import prod

import numpy as np
from numpy.typing import NDArray

from recognizer.exchange.errors import ExchangeError

_BYTES = 8  # the type of the values: unsigned bytes


def idx_header(*shape: int) -> bytes:
    """Return what stands before the values of an array with this shape."""
    return struct.pack(f">HBB{len(shape)}I", 0, _BYTES, len(shape), *shape)


def read_idx(data: bytes, *shape: int) -> NDArray[np.uint8]:
    """Return the uint8 array in an IDX file. Raises ExchangeError unless it has this shape."""
    header = idx_header(*shape)
    if not data.startswith(header) or len(data) != len(header) + prod(shape):
        raise ExchangeError(
            f"An IDX file does not hold {' x '.join(map(str, shape))} bytes."
        )
    return np.frombuffer(data, np.uint8, offset=len(header)).reshape(shape)
