"""Model files: NumPy's .npz with a network's parameters and, as JSON, all that inference needs besides.

No Django, no Chainer, and nothing is ever unpickled.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
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


def write_model(path: Path, arrays: Arrays, metadata: dict[str, Any]) -> None:
    """Write a model file whole or not at all, so that a site never meets half of one."""
    notes = np.frombuffer(json.dumps(metadata, ensure_ascii=False).encode(), np.uint8)
    half_written = path.with_suffix(".part")
    with half_written.open("wb") as file:
        np.savez_compressed(file, **arrays, **{_METADATA: notes})
    half_written.replace(path)
