"""A tiny MNIST: the four files, with a few digits of the project's own drawing."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognizer.learning.data import mnist
from tests.drawings import board, glyph_of

NAMES = list(mnist.FILES)


def idx(array: NDArray[np.uint8]) -> bytes:
    """Return an array in MNIST's own format."""
    return (
        struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        + array.tobytes()
    )


def write_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch, copies: int = 2) -> Path:
    """Write tiny files into a folder, and have them accepted as MNIST's own."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.array(
        [glyph_of(board(digit, pen)) for digit in "0123456789" for pen in (10, 16)]
    )
    images, labels = (
        np.tile(images, (copies, 1, 1)),
        np.tile(np.arange(10, dtype=np.uint8).repeat(2), copies),
    )
    contents = dict(
        zip(NAMES, map(idx, (images, labels, images[:20], labels[:20])), strict=True)
    )
    for name, content in contents.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    md5 = {name: hashlib.md5(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(mnist, "FILES", md5)
    return folder
