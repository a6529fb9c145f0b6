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


def check_shapes(architecture: str, arrays: Arrays) -> None:
    """Raise ModelError unless the parameters are those of the architecture, in their right shapes."""
    if architecture not in _SHAPES:
        raise ModelError(f"The model's architecture {architecture!r} is not known here.")
    try:
        expected = _SHAPES[architecture](arrays)
    except (KeyError, TypeError) as error:  # a parameter is missing, or a bias is a single number
        raise ModelError(f"The model lacks parameters of its architecture {architecture!r}.") from error
    if expected != {name: array.shape for name, array in arrays.items()}:
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


def write_model(path: Path, arrays: Arrays, metadata: dict[str, Any]) -> None:
    """Write a model file whole or not at all, so that a site never meets half of one."""
    notes = np.frombuffer(json.dumps(metadata, ensure_ascii=False).encode(), np.uint8)
    half_written = path.with_suffix(".part")
    with half_written.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **(arrays | {_METADATA: notes}))
    half_written.replace(path)
