"""Model files: NumPy's .npz with a network's parameters and, as JSON, all that inference needs besides.

No Django, no Chainer, and nothing is ever unpickled.
"""

import io
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]
_METADATA = "metadata"


class ModelError(Exception):
    """Why a model file cannot be used, as a sentence."""


def read_model(data: bytes) -> tuple[Arrays, dict[str, Any]]:
    """Return the float32 parameters by name and the metadata; the metadata of a bare parameter file is {}.

    Raises ModelError where the bytes are no such file.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        metadata = json.loads(arrays.pop(_METADATA).tobytes()) if _METADATA in arrays else {}
        parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    except Exception as error:  # zipfile, zlib, NumPy and JSON each have their own for damaged bytes
        raise ModelError("The file is not a model file, or it is damaged.") from error
    if not isinstance(metadata, dict) or not all(np.isfinite(a).all() for a in parameters.values()):
        raise ModelError("The model file holds numbers or notes that no model has.")
    return parameters, metadata


def check_metadata(metadata: dict[str, Any]) -> None:
    """Raise ModelError unless what inference takes from the metadata makes sense."""
    thresholds = metadata.get("thresholds", {})
    if not isinstance(metadata.get("architecture", "mlp"), str) or not isinstance(thresholds, dict):
        raise ModelError("The model's notes are not those of a model.")
    temperature = metadata.get("temperature", 1.0)
    if not _is_between(temperature, 0.01, 100) or not all(_is_between(t, 0, 1) for t in thresholds.values()):
        raise ModelError(f"The model's calibration makes no sense: {temperature!r}, {thresholds!r}.")


def _is_between(number: object, low: float, high: float) -> bool:
    return isinstance(number, int | float) and low <= number <= high


def check_shapes(architecture: str, arrays: Arrays) -> None:
    """Raise ModelError unless the parameters are those of the architecture, in their right shapes."""
    if architecture not in _SHAPES:
        raise ModelError(f"The model's architecture {architecture!r} is not known here.")
    try:
        expected = _SHAPES[architecture](arrays)
    except (KeyError, TypeError) as error:  # a parameter is missing, or a bias is a single number
        raise ModelError(f"The model lacks parameters of its architecture {architecture!r}.") from error
    if expected != {name: array.shape for name, array in arrays.items()} or not all(
        array.size for array in arrays.values()
    ):
        raise ModelError(
            f"The model's parameters do not have the shapes of its architecture {architecture!r}."
        )


def _mlp_shapes(arrays: Arrays) -> Shapes:
    units = len(arrays["l1/b"])
    weights = {"l1/W": (units, 784), "l2/W": (units, units), "l3/W": (10, units)}
    return weights | {"l1/b": (units,), "l2/b": (units,), "l3/b": (10,)}


def _cnn_shapes(arrays: Arrays) -> Shapes:
    widths = [len(arrays[f"blocks/{i}/b"]) for i in range(6)]
    weights = {f"blocks/{i}/W": (w, 9 * v) for i, (v, w) in enumerate(pairwise([1, *widths]))}
    biases = {f"blocks/{i}/b": (w, 1) for i, w in enumerate(widths)}
    return weights | biases | {"out/W": (12, 16 * widths[-1]), "out/b": (12,)}


_SHAPES: dict[str, Callable[[Arrays], Shapes]] = {"mlp": _mlp_shapes, "cnn": _cnn_shapes}


def pack_model(arrays: Arrays, metadata: dict[str, Any]) -> bytes:
    """Return a model file's bytes. TypeError: the metadata hold what JSON has no word for."""
    notes = np.frombuffer(json.dumps(metadata, ensure_ascii=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **(arrays | {_METADATA: notes}))
    return file.getvalue()


def write_model(path: Path, arrays: Arrays, metadata: dict[str, Any]) -> None:
    """Write a model file whole or not at all, so that a site never meets half of one.

    Raises OSError where it cannot be written, TypeError as `pack_model` does.
    """
    half_written = path.with_suffix(".part")
    half_written.write_bytes(pack_model(arrays, metadata))
    half_written.replace(path)
