"""MNIST, read from a folder of IDX files or downloaded once from a public mirror."""

import gzip
import hashlib
import os
import urllib.request
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recognizer.learning.data.labelled import (
    DatasetError,
    Labelled,
    MissingDatasetError,
)

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# md5 of the unpacked files, which does not depend on how they were packed
FILES = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
TIMEOUT = 30  # seconds without a byte from a mirror


def cache_folder() -> Path:
    """Return the folder where downloaded data sets are kept."""
    caches = os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")
    return Path(caches) / "draw-a-digit"


def load_mnist(folder: Path) -> tuple[Labelled, Labelled]:
    """Return MNIST's 60,000 training and 10,000 test digits.

    They are read from the folder `mnist` in `folder`, or from `folder` itself.
    If `folder` is the cache, missing files are downloaded first. Raises
    DatasetError as `download_mnist` and `read_mnist` do.
    """
    if folder == cache_folder():
        download_mnist(folder / "mnist")
    return read_mnist(folder / "mnist" if (folder / "mnist").is_dir() else folder)


def read_mnist(folder: Path) -> tuple[Labelled, Labelled]:
    """Return MNIST's training and test digits from its four IDX files, gzipped or not.

    Format: http://yann.lecun.com/exdb/mnist/. Raises DatasetError when a file is
    missing, damaged or altered.
    """
    arrays = [_parse(_unpacked(folder, name)) for name in FILES]
    train_images, train_labels, test_images, test_labels = arrays
    return (
        Labelled(train_images, train_labels.astype(np.int32)),
        Labelled(test_images, test_labels.astype(np.int32)),
    )


def download_mnist(folder: Path, mirrors: Sequence[str] = MIRRORS) -> None:
    """Download those of MNIST's four files that are not in the folder yet.

    The first mirror that has a file serves it. A file appears in the folder
    complete and with the right md5, or not at all. Raises DatasetError when no
    mirror serves it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        target = folder / f"{name}.gz"
        if not target.exists():
            _fetch_from_any([f"{mirror}{target.name}" for mirror in mirrors], target)


def _fetch_from_any(addresses: Sequence[str], target: Path) -> None:
    reasons = []
    for address in addresses:
        try:
            _fetch(address, target)
        except (OSError, DatasetError) as error:
            reasons.append(f"{address}: {error}")
        else:
            return
    raise MissingDatasetError("MNIST could not be downloaded. " + "; ".join(reasons))


def _fetch(address: str, target: Path) -> None:
    half_written = target.with_suffix(".part")
    try:
        _download(address, half_written, target.name)
        _check(half_written, half_written.read_bytes(), target.stem)
        half_written.replace(target)
    finally:
        half_written.unlink(missing_ok=True)


def _download(address: str, target: Path, name: str) -> None:
    response = urllib.request.urlopen(address, timeout=TIMEOUT)  # noqa: S310
    with response, target.open("wb") as file:
        size = int(response.headers.get("Content-Length", 0))
        with tqdm(total=size, unit="B", unit_scale=True, desc=name) as bar:
            while block := response.read(1 << 16):
                bar.update(file.write(block))


def _unpacked(folder: Path, name: str) -> bytes:
    packed = folder / f"{name}.gz"
    path = packed if packed.exists() else folder / name
    try:
        return _check(path, path.read_bytes(), name)
    except FileNotFoundError as error:
        raise MissingDatasetError(
            f"{packed} is missing: MNIST's four files are expected in {folder}."
        ) from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.") from error


def _check(path: Path, data: bytes, name: str) -> bytes:
    """Return a file's content, unpacked, or raise DatasetError if it is not MNIST's."""
    try:
        content = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(
            f"{path} is damaged or incomplete. Download it again."
        ) from error
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != FILES[name]:
        raise DatasetError(
            f"{path} is not the file that MNIST's authors published: its md5 differs."
        )
    return content


def _parse(content: bytes) -> NDArray[np.uint8]:
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, 4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
