"""Model files: NumPy's .npz with a network's parameters and metadata as JSON.

Nothing is ever unpickled. Checking a file does not need Chainer.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognizer.reading.constants import BARE_ARCHITECTURE, CLASSES, DIGITS
from recognizer.reading.glyphs import GLYPH_SIDE, PREPROCESSING_VERSION

Arrays = dict[str, NDArray[Any]]
Shapes = dict[str, tuple[int, ...]]
_METADATA = "metadata"


class ModelError(Exception):
    """The reason why a model file cannot be used, as a sentence."""


@dataclass(frozen=True)
class Model:
    """The float32 parameters of a network by name, and its metadata (may be empty)."""

    parameters: Arrays
    metadata: dict[str, Any]

    @property
    def architecture(self) -> str:
        """The name of the network: one of constants.ARCHITECTURES."""
        return str(self.metadata.get("architecture", BARE_ARCHITECTURE))


def read_model(data: bytes) -> Model:
    """Return the model in a file's bytes. A model that passes all checks can be served.

    Raises ModelError when the bytes are damaged, are not a model file, or hold a model
    that this version cannot use.
    """
    model = _unpack(data)
    _check_parameters(model)
    _check_metadata(model.metadata)
    _check_shapes(model)
    return model


def pack_model(parameters: Arrays, metadata: dict[str, Any]) -> bytes:
    """Return the bytes of a model file.

    Raises TypeError when JSON cannot represent the metadata.
    """
    text = np.frombuffer(json.dumps(metadata, ensure_ascii=False).encode(), np.uint8)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **(parameters | {_METADATA: text}))
    return file.getvalue()


def write_model(path: Path, parameters: Arrays, metadata: dict[str, Any]) -> None:
    """Write a model file completely or not at all: a site may read it at any moment.

    Raises OSError when it cannot be written, and TypeError as `pack_model` does.
    """
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(pack_model(parameters, metadata))
    unfinished.replace(path)


def _unpack(data: bytes) -> Model:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        text = arrays.pop(_METADATA, None)
        metadata = {} if text is None else json.loads(text.tobytes())
        parameters = {name: array.astype(np.float32) for name, array in arrays.items()}
    except Exception as error:  # zipfile, zlib, NumPy and JSON each raise their own
        raise ModelError("The file is not a model file, or it is damaged.") from error
    return Model(parameters, metadata)


def _check_parameters(model: Model) -> None:
    if not all(np.isfinite(array).all() for array in model.parameters.values()):
        raise ModelError("The model file has non-finite parameters.")


def _check_metadata(metadata: object) -> None:
    """Raise ModelError unless inference can use the metadata."""
    if not isinstance(metadata, dict):
        raise ModelError("The model file has malformed metadata.")
    architecture = metadata.get("architecture", BARE_ARCHITECTURE)
    thresholds = metadata.get("thresholds", {})
    if not isinstance(architecture, str) or not isinstance(thresholds, dict):
        raise ModelError("The model file has malformed metadata.")
    _check_calibration(metadata.get("temperature", 1.0), thresholds)
    version = metadata.get("preprocessing_version", PREPROCESSING_VERSION)
    if version != PREPROCESSING_VERSION:
        raise ModelError(
            "The model was trained with another preprocessing version. Train it again."
        )


def _check_calibration(temperature: object, thresholds: dict[str, Any]) -> None:
    are_shares = all(_is_between(threshold, 0, 1) for threshold in thresholds.values())
    if not _is_between(temperature, 0.01, 100) or not are_shares:
        raise ModelError(
            "The model's calibration is out of range: "
            f"temperature {temperature!r}, thresholds {thresholds!r}."
        )


def _is_between(number: object, low: float, high: float) -> bool:
    return isinstance(number, int | float) and low <= number <= high


def _check_shapes(model: Model) -> None:
    """Raise ModelError unless the parameters have the shapes of the architecture."""
    name = model.architecture
    if name not in _SHAPES:
        raise ModelError(f"The model's architecture {name!r} is not known.")
    try:
        expected = _SHAPES[name](model.parameters)
    except (KeyError, TypeError) as error:  # TypeError: a bias is a single number
        raise ModelError(
            f"The model file lacks parameters of the architecture {name!r}."
        ) from error
    actual = {name: array.shape for name, array in model.parameters.items()}
    has_empty = any(0 in shape for shape in actual.values())
    if actual != expected or has_empty:
        raise ModelError(
            "The model's parameters do not have the shapes of the architecture "
            f"{name!r}."
        )


def _mlp_shapes(arrays: Arrays) -> Shapes:
    units = len(arrays["l1/b"])
    return {
        "l1/W": (units, GLYPH_SIDE**2),
        "l1/b": (units,),
        "l2/W": (units, units),
        "l2/b": (units,),
        "l3/W": (DIGITS, units),
        "l3/b": (DIGITS,),
    }


def _cnn_shapes(arrays: Arrays) -> Shapes:
    widths = [len(arrays[f"blocks/{i}/b"]) for i in range(6)]
    # Three of the six convolutions have stride 2, which leaves 4 x 4 pixels.
    shapes: Shapes = {"out/W": (CLASSES, 4 * 4 * widths[-1]), "out/b": (CLASSES,)}
    for i, (inputs, outputs) in enumerate(pairwise([1, *widths])):
        shapes[f"blocks/{i}/W"] = (outputs, 9 * inputs)
        shapes[f"blocks/{i}/b"] = (outputs, 1)
    return shapes


_SHAPES: dict[str, Callable[[Arrays], Shapes]] = {
    "mlp": _mlp_shapes,
    "cnn": _cnn_shapes,
}
