"""A tiny MNIST: the four files, with a few digits that the tests draw."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognizer.learning.data import mnist
from recognizer.reading.constants import DIGITS
from tests.drawings import board, glyph_of

NAMES = list(mnist.FILES)


def idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array in MNIST's own format."""
    return (
        struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        + array.tobytes()
    )


def some_digits(copies: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return two glyphs of each digit, repeated, and their labels."""
    glyphs, labels = [], []
    for digit in range(DIGITS):
        for pen in (10, 16):
            glyphs.append(glyph_of(board(str(digit), pen)))
            labels.append(digit)
    return np.array(glyphs * copies), np.array(labels * copies, np.uint8)


def write_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch, copies: int = 2) -> Path:
    """Write tiny files into a folder, and patch the checksums that MNIST must have."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = some_digits(copies)
    arrays = (images, labels, images[:20], labels[:20])
    contents = dict(zip(NAMES, map(idx, arrays), strict=True))
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(mnist, "FILES", md5)
    return folder
